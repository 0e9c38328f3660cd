package eval_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// sample draws examples, some alone, some in groups and some in documents.
func sample(minLen int) *rapid.Generator[[]stance.Example] {
	one := rapid.Custom(func(t *rapid.T) stance.Example {
		e := stance.Example{Label: rapid.SampledFrom([]stance.Label{F, A, N}).Draw(t, "label")}
		switch rapid.IntRange(0, 3).Draw(t, "kind") {
		case 0:
			e.Group = fmt.Sprint("g", rapid.IntRange(0, 9).Draw(t, "group"))
		case 1:
			e.Document = fmt.Sprint("d", rapid.IntRange(0, 9).Draw(t, "document"))
		}
		return e
	})
	return rapid.Map(rapid.SliceOfN(one, minLen, 80), func(examples []stance.Example) []stance.Example {
		for i := range examples {
			examples[i].ID = fmt.Sprint(i)
			examples[i].Text = fmt.Sprint("text ", i)
		}
		return examples
	})
}

func TestGroupedStratifiedFoldsErrors(t *testing.T) {
	examples := []stance.Example{
		{ID: "a", Label: F, Group: "1"}, {ID: "b", Label: A, Group: "1"}, {ID: "c", Label: N},
	}
	for _, test := range []struct {
		name     string
		examples []stance.Example
		k        int
		want     string
	}{
		{"one fold", examples, 1, "eval: 1 folds, want at least 2"},
		{"too few groups", examples, 3, "eval: 3 examples in 2 groups cannot fill 3 folds"},
		{"no examples", nil, 2, "eval: 0 examples in 0 groups cannot fill 2 folds"},
		{"unlabelled", []stance.Example{{Label: F}, {ID: "x"}}, 2, "eval: example 1 (x) is not labelled"},
		{"unlabelled without ID", []stance.Example{{Label: F}, {}}, 2, "eval: example 1 is not labelled"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := eval.GroupedStratifiedFolds(test.examples, test.k, 1)
			assert.EqualError(t, err, test.want)
		})
	}
}

func TestGroupedStratifiedFoldsProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		examples := sample(30).Draw(t, "examples")
		k := rapid.IntRange(2, 5).Draw(t, "k")
		seed := rapid.Uint64().Draw(t, "seed")
		folds, err := eval.GroupedStratifiedFolds(examples, k, seed)
		if err != nil {
			t.Skip(err) // too few groups
		}
		sizes := make([]int, k)
		where := map[string]int{}
		for i, f := range folds {
			sizes[f]++
			for _, name := range []string{examples[i].Group, examples[i].Document} {
				if name == "" {
					continue
				}
				if other, ok := where[name]; ok {
					assert.Equal(t, other, f, "%s is split", name)
				}
				where[name] = f
			}
		}
		assert.NotContains(t, sizes, 0)
		again, err := eval.GroupedStratifiedFolds(examples, k, seed)
		require.NoError(t, err)
		assert.Equal(t, folds, again)
	})
}

// Without groups the counts of every label must differ by at most one between
// folds; with groups of up to ten sentences they must stay close.
func TestGroupedStratifiedFoldsBalance(t *testing.T) {
	for _, test := range []struct {
		name  string
		group int // examples in a group
		slack int // greatest difference allowed between two folds
	}{
		{"alone", 1, 1},
		{"passages of ten", 10, 5},
	} {
		t.Run(test.name, func(t *testing.T) {
			var examples []stance.Example
			for i := range 1000 {
				// About one in five FAVOR, one in seven AGAINST, clumped as
				// passages with a lean are.
				label := N
				switch g := i / test.group; {
				case (g*7+i)%5 == 0:
					label = F
				case (g*3+i)%6 == 0:
					label = A
				}
				examples = append(examples, stance.Example{Label: label, Group: fmt.Sprint(i / test.group)})
			}
			folds, err := eval.GroupedStratifiedFolds(examples, 5, 1)
			require.NoError(t, err)
			var counts [4][5]int
			for i, f := range folds {
				counts[examples[i].Label][f]++
			}
			for _, l := range stance.Labels() {
				low, high := counts[l][0], counts[l][0]
				for _, c := range counts[l] {
					low, high = min(low, c), max(high, c)
				}
				assert.LessOrEqual(t, high-low, test.slack, "%v: %v", l, counts[l])
			}
			other, err := eval.GroupedStratifiedFolds(examples, 5, 2)
			require.NoError(t, err)
			assert.NotEqual(t, folds, other, "the seed must matter")
		})
	}
}

// Groups that share a document belong together, however long the chain.
func TestFoldsJoinGroupsAndDocuments(t *testing.T) {
	examples := []stance.Example{
		{Label: F, Group: "a", Document: "1"},
		{Label: A, Group: "b", Document: "2"},
		{Label: N, Group: "c"},
		{Label: F, Group: "b", Document: "1"}, // joins a and b
		{Label: N},
	}
	folds, err := eval.GroupedStratifiedFolds(examples, 3, 1)
	require.NoError(t, err)
	assert.Equal(t, folds[0], folds[1])
	assert.Equal(t, folds[0], folds[3])
	_, err = eval.GroupedStratifiedFolds(examples, 4, 1)
	assert.EqualError(t, err, "eval: 5 examples in 3 groups cannot fill 4 folds")
}

// Where labels leave the choice open, the smallest fold is filled: the three
// sentences of NONE must not join the ten of AGAINST.
func TestFoldsOfEqualSpreadAreFilledBySize(t *testing.T) {
	var examples []stance.Example
	for i := range 14 {
		switch {
		case i < 10:
			examples = append(examples, stance.Example{Label: A, Group: "a"})
		case i < 13:
			examples = append(examples, stance.Example{Label: N, Group: "n"})
		default:
			examples = append(examples, stance.Example{Label: F})
		}
	}
	folds, err := eval.GroupedStratifiedFolds(examples, 2, 1)
	require.NoError(t, err)
	assert.NotEqual(t, folds[0], folds[10])
	assert.Equal(t, folds[10], folds[13])
}

// constant predicts one label always.
type constant stance.Label

func (c constant) Classify(string) stance.Prediction {
	return stance.Prediction{Label: stance.Label(c)}
}

// majority trains the classifier that predicts the most frequent label.
func majority(_ context.Context, train []stance.Example) (stance.Classifier, error) {
	var counts stance.Values
	for _, e := range train {
		counts[e.Label-stance.Favor]++
	}
	return constant(counts.Max()), nil
}

// memory knows the labels of the texts it was trained on, and says NONE of
// others.
type memory map[string]stance.Label

func (m memory) Classify(text string) stance.Prediction {
	if l, ok := m[text]; ok {
		return stance.Prediction{Label: l}
	}
	return stance.Prediction{Label: stance.None}
}

func memorize(_ context.Context, train []stance.Example) (stance.Classifier, error) {
	m := memory{}
	for _, e := range train {
		m[e.Text] = e.Label
	}
	return m, nil
}

// Every example is predicted by a classifier that has not seen it: one that
// only remembers must fail on all that is not NONE.
func TestCrossValidateHoldsOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		examples := sample(20).Draw(t, "examples")
		folds, err := eval.GroupedStratifiedFolds(examples, 2, 1)
		if err != nil {
			t.Skip(err)
		}
		r, err := eval.CrossValidate(context.Background(), examples, folds, memorize)
		require.NoError(t, err)
		assert.Equal(t, folds, r.Folds)
		for i, p := range r.Predictions {
			assert.Equal(t, stance.None, p.Label, "example %d was trained on", i)
		}
		assert.Equal(t, len(examples), r.Confusion().Total())
	})
}

func TestCrossValidateIsTheSameWhateverGOMAXPROCS(t *testing.T) {
	examples := sample(60).Example(3)
	folds, err := eval.GroupedStratifiedFolds(examples, 5, 1)
	require.NoError(t, err)
	run := func(procs int) *eval.CVResult {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		r, err := eval.CrossValidate(context.Background(), examples, folds, majority)
		require.NoError(t, err)
		return r
	}
	assert.Equal(t, run(1), run(8))
}

func TestCrossValidateErrors(t *testing.T) {
	examples := []stance.Example{
		{ID: "a", Label: F, Group: "1"}, {ID: "b", Label: A, Group: "1"}, {ID: "c", Label: N}, {Label: N},
	}
	broken := errors.New("no convergence")
	for _, test := range []struct {
		name  string
		folds []int
		train eval.Trainer
		want  string
	}{
		{"length", []int{0, 1}, majority, "eval: 4 examples but 2 fold numbers"},
		{"split group", []int{0, 1, 0, 1}, majority, "eval: example 0 (a) in fold 0 and example 1 (b) in fold 1 belong to one group or document"},
		{"one fold", []int{0, 0, 0, 0}, majority, "eval: 1 folds, want at least 2"},
		{"gap", []int{0, 0, 2, 2}, majority, "eval: fold 1 of 3 is empty"},
		{"negative", []int{0, 0, 1, -1}, majority, "eval: example 3 is in fold -1, want 0 to the number of folds less 1"},
		{"training", []int{0, 0, 1, 2}, func(_ context.Context, train []stance.Example) (stance.Classifier, error) {
			if len(train) == 2 {
				return constant(F), nil
			}
			return nil, broken // folds 1 and 2; the lower one is reported
		}, "eval: training for fold 1 of 3: no convergence"},
		{"prediction", []int{0, 0, 1, 1}, func(context.Context, []stance.Example) (stance.Classifier, error) {
			return constant(stance.Unlabelled), nil
		}, `eval: fold 0 of 2: classifier predicted "" for example 0 (a)`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := eval.CrossValidate(context.Background(), examples, test.folds, test.train)
			assert.EqualError(t, err, test.want)
		})
	}

	ctx, cancel := context.WithCancel(context.Background())
	var calls atomic.Int32
	_, err := eval.CrossValidate(ctx, examples, []int{0, 0, 1, 2}, func(context.Context, []stance.Example) (stance.Classifier, error) {
		calls.Add(1)
		cancel()
		return constant(F), nil
	})
	assert.ErrorIs(t, err, context.Canceled)
	assert.LessOrEqual(t, int(calls.Load()), runtime.GOMAXPROCS(0))
}

// reader labels a sentence by the text that begins its document, which it can
// only do when the sentences of a document come together.
type reader struct{ constant }

func (reader) ClassifyExamples(examples []stance.Example) []stance.Prediction {
	predictions := make([]stance.Prediction, len(examples))
	for i, e := range examples {
		if e.Label != stance.Unlabelled {
			panic("the gold label is shown")
		}
		switch {
		case e.Document == "":
			predictions[i].Label = stance.None
		case i > 0 && examples[i-1].Document == e.Document:
			predictions[i].Label = predictions[i-1].Label
		case strings.HasPrefix(e.Text, "for"):
			predictions[i].Label = stance.Favor
		default:
			predictions[i].Label = stance.Against
		}
	}
	return predictions
}

// short loses a prediction.
type short struct{ constant }

func (short) ClassifyExamples(examples []stance.Example) []stance.Prediction {
	return make([]stance.Prediction, len(examples)-1)
}

func TestPredict(t *testing.T) {
	examples := []stance.Example{
		{Text: "for it", Document: "x", Label: F},
		{Text: "alone", Label: N},
		{Text: "no", Document: "y", Label: A},
		{Text: "second of x", Document: "x", Label: F},
		{Text: "second of y", Document: "y", Label: A},
	}
	predictions, err := eval.Predict(reader{}, examples)
	require.NoError(t, err)
	for i, p := range predictions {
		assert.Equal(t, examples[i].Label, p.Label, examples[i].Text)
	}
	predictions, err = eval.Predict(constant(A), examples)
	require.NoError(t, err)
	assert.Len(t, predictions, len(examples))
	assert.Equal(t, stance.Against, predictions[4].Label)

	_, err = eval.Predict(short{}, examples)
	assert.EqualError(t, err, "classifier made 4 predictions for 5 examples")
}

func ExampleCrossValidate() {
	examples := []stance.Example{
		{Text: "Believe her.", Label: stance.Favor, Group: "pair 1"},
		{Text: "Believe nobody on a hashtag alone.", Label: stance.Against, Group: "pair 1"},
		{Text: "Speaking up took courage.", Label: stance.Favor},
		{Text: "The hearing was adjourned until Monday.", Label: stance.None},
		{Text: "It has become a witch hunt.", Label: stance.Against},
		{Text: "The panel meets twice a year.", Label: stance.None},
	}
	folds, err := eval.GroupedStratifiedFolds(examples, 2, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	// A baseline: the most frequent label of the training examples.
	train := func(_ context.Context, train []stance.Example) (stance.Classifier, error) {
		var counts stance.Values
		for _, e := range train {
			counts[e.Label-stance.Favor]++
		}
		return constant(counts.Max()), nil
	}
	r, err := eval.CrossValidate(context.Background(), examples, folds, train)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("pair 1 together:", r.Folds[0] == r.Folds[1])
	fmt.Println("predictions:", r.Confusion().Total())
	// Output:
	// pair 1 together: true
	// predictions: 6
}
