package eval_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// corpus makes n examples in groups of three, of four sources.
func corpus(n int) []stance.Example {
	examples := make([]stance.Example, n)
	for i := range examples {
		examples[i] = stance.Example{
			ID:    fmt.Sprint(i),
			Text:  fmt.Sprint("text ", i),
			Label: stance.Labels()[i*i%7%3],
			Group: fmt.Sprint("g", i/3),
		}
	}
	return examples
}

func source(e stance.Example) string { return "source " + e.Group[len(e.Group)-1:] }

func TestRepeatedCrossValidate(t *testing.T) {
	examples := corpus(90)
	results, err := eval.RepeatedCrossValidate(context.Background(), examples, 5, 3, 7, majority)
	require.NoError(t, err)
	require.Len(t, results, 3)
	folds, err := eval.GroupedStratifiedFolds(examples, 5, 7)
	require.NoError(t, err)
	assert.Equal(t, folds, results[0].Folds)
	assert.NotEqual(t, results[0].Folds, results[1].Folds)
	assert.NotEqual(t, results[1].Folds, results[2].Folds)

	sum := 0.0
	for _, r := range results {
		sum += r.Confusion().Accuracy().Value
	}
	mean, sd, err := eval.MeanOver(results, eval.Accuracy)
	require.NoError(t, err)
	assert.InDelta(t, sum/3, mean, 1e-12)
	assert.GreaterOrEqual(t, sd, 0.0)
	_, sd, err = eval.MeanOver(results[:1], eval.Accuracy)
	require.NoError(t, err)
	assert.Zero(t, sd)

	_, err = eval.RepeatedCrossValidate(context.Background(), examples, 5, 0, 7, majority)
	assert.EqualError(t, err, "eval: 0 repeats, want at least 1")
	_, _, err = eval.MeanOver(nil, eval.Accuracy)
	assert.EqualError(t, err, "eval: a mean over no results")
	_, _, err = eval.MeanOver(results, eval.LogLoss)
	assert.ErrorContains(t, err, "needs probabilities")
}

// No example of the held-out source, and none that shares a group with one, may
// be trained on.
func TestLeaveOneSourceOut(t *testing.T) {
	examples := corpus(60)
	// A contrast pair of which the halves are in different sources.
	examples[0].Group, examples[59].Group = "pair 1", "pair 2"
	examples[10].Group = "pair 1" // joins sources 1 and 3
	bySource := func(e stance.Example) string {
		if e.ID == "10" {
			return "source 3"
		}
		return source(e)
	}
	groups := map[string][]string{}
	for _, e := range examples {
		groups[e.Group] = append(groups[e.Group], bySource(e))
	}
	var mu sync.Mutex
	var trained [][]stance.Example
	r, sources, err := eval.LeaveOneSourceOut(context.Background(), examples, bySource,
		func(_ context.Context, train []stance.Example) (stance.Classifier, error) {
			mu.Lock()
			defer mu.Unlock()
			trained = append(trained, slices.Clone(train))
			return constant(N), nil
		})
	require.NoError(t, err)
	require.Len(t, trained, len(sources))
	assert.Equal(t, "source 1", sources[0])
	for i, e := range examples {
		assert.Equal(t, bySource(e), sources[r.Folds[i]])
	}
	for _, train := range trained {
		in := map[string]bool{}
		for _, e := range train {
			in[bySource(e)] = true
		}
		var held []string
		for _, s := range sources {
			if !in[s] {
				held = append(held, s)
			}
		}
		require.Len(t, held, 1)
		for _, e := range train {
			assert.NotContains(t, groups[e.Group], held[0], "%s was trained on without %s", e.ID, held[0])
		}
	}
}

func TestLeaveOneSourceOutErrors(t *testing.T) {
	bySource := func(e stance.Example) string { return e.ID[:1] }
	for _, test := range []struct {
		name     string
		examples []stance.Example
		want     string
	}{
		{"one source", []stance.Example{{ID: "a1", Label: F}}, "eval: 1 sources, want at least 2"},
		{"unlabelled", []stance.Example{{ID: "a1"}}, "eval: example 0 (a1) is not labelled"},
		{"split document", []stance.Example{{ID: "a1", Label: F, Document: "d"}, {ID: "b1", Label: F, Document: "d"}},
			`eval: document "d" is in source "a" and in source "b" (example 1 (b1))`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, _, err := eval.LeaveOneSourceOut(context.Background(), test.examples, bySource, majority)
			assert.EqualError(t, err, test.want)
		})
	}
}

// always returns a setting whose classifier says l.
func always(l stance.Label) eval.Setting {
	return eval.Setting{Name: l.String(), Train: func(context.Context, []stance.Example) (stance.Classifier, error) {
		return constant(l), nil
	}}
}

func TestSelect(t *testing.T) {
	examples := corpus(60)
	folds, err := eval.GroupedStratifiedFolds(examples, 3, 1)
	require.NoError(t, err)
	settings := []eval.Setting{always(F), always(A), always(N), always(A)}
	s, err := eval.Select(context.Background(), examples, folds, settings, eval.Accuracy)
	require.NoError(t, err)
	require.Len(t, s.Figures, 4)
	for _, f := range s.Figures {
		assert.LessOrEqual(t, f.Value, s.Figures[s.Best].Value)
	}
	assert.Equal(t, 1, s.Best, "AGAINST is most frequent, and the first of equals wins")

	worst := eval.Metric{Name: "error rate", LowerIsBetter: true, Of: func(c *eval.Confusion) eval.Figure {
		return eval.Figure{Value: 1 - c.Accuracy().Value}
	}}
	s, err = eval.Select(context.Background(), examples, folds, settings, worst)
	require.NoError(t, err)
	assert.Equal(t, 1, s.Best)

	_, err = eval.Select(context.Background(), examples, folds, nil, eval.Accuracy)
	assert.EqualError(t, err, "eval: no settings to choose from")
	broken := errors.New("no convergence")
	_, err = eval.Select(context.Background(), examples, folds, []eval.Setting{{Name: "C=1", Train: func(context.Context, []stance.Example) (stance.Classifier, error) {
		return nil, broken
	}}}, eval.Accuracy)
	assert.ErrorIs(t, err, broken)
	assert.ErrorContains(t, err, `setting "C=1"`)
}

// What is chosen for a fold must not depend on the labels of that fold.
func TestNestedCrossValidateDoesNotPeek(t *testing.T) {
	examples := corpus(60)
	folds, err := eval.GroupedStratifiedFolds(examples, 4, 1)
	require.NoError(t, err)
	settings := []eval.Setting{always(F), always(A), always(N)}
	run := func(examples []stance.Example) *eval.NestedResult {
		r, err := eval.NestedCrossValidate(context.Background(), examples, folds, 3, 1, settings, eval.Accuracy)
		require.NoError(t, err)
		return r
	}
	before := run(examples)
	require.Len(t, before.Selections, 4)
	for i, p := range before.Predictions {
		assert.Equal(t, stance.Labels()[before.Selections[folds[i]].Best], p.Label)
	}
	changed := slices.Clone(examples)
	for i := range changed {
		if folds[i] == 2 {
			changed[i].Label = A
		}
	}
	after := run(changed)
	assert.Equal(t, before.Selections[2], after.Selections[2])
	assert.NotEqual(t, before.Selections[0].Figures, after.Selections[0].Figures)

	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	assert.Equal(t, before, run(examples))

	_, err = eval.NestedCrossValidate(context.Background(), examples, folds, 50, 1, settings, eval.Accuracy)
	assert.EqualError(t, err, "eval: training for fold 0 of 4: eval: 45 examples in 15 groups cannot fill 50 folds")
}

func TestLearningCurve(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		examples := corpus(rapid.IntRange(30, 120).Draw(t, "n"))
		folds, err := eval.GroupedStratifiedFolds(examples, 3, 1)
		require.NoError(t, err)
		var mu sync.Mutex
		used := map[int]map[string]bool{} // training examples by number of them and ID, of fold 0
		fractions := []float64{0.1, 0.35, 1}
		points, err := eval.LearningCurve(context.Background(), examples, folds, fractions, rapid.Uint64().Draw(t, "seed"),
			func(_ context.Context, train []stance.Example) (stance.Classifier, error) {
				in := map[string]bool{}
				groups := map[string]int{}
				for _, e := range train {
					in[e.ID] = true
					groups[e.Group]++
				}
				for _, e := range examples {
					if groups[e.Group] > 0 {
						assert.True(t, in[e.ID], "group %s is cut", e.Group)
					}
				}
				if !in["0"] { // the fold that holds out example 0, or too small a part
					return constant(N), nil
				}
				mu.Lock()
				defer mu.Unlock()
				used[len(train)] = in
				return constant(N), nil
			})
		require.NoError(t, err)
		require.Len(t, points, 3)
		for i, p := range points {
			assert.Equal(t, fractions[i], p.Fraction)
			whole := float64(len(examples)) * 2 / 3
			assert.InDelta(t, fractions[i]*whole, p.Examples, 3)
			assert.Len(t, p.Result.Predictions, len(examples))
		}
		assert.InDelta(t, float64(len(examples))*2/3, points[2].Examples, 1e-9, "the whole")
	})

	_, err := eval.LearningCurve(context.Background(), corpus(9), []int{0, 0, 0, 1, 1, 1, 2, 2, 2}, []float64{1.5}, 1, majority)
	assert.EqualError(t, err, "eval: fraction 1.5 of the training examples, want one above 0 and up to 1")
}

func number(e stance.Example) int {
	n, err := strconv.Atoi(e.ID)
	if err != nil {
		panic(err)
	}
	return n
}

// The training examples of a smaller fraction are among those of a greater one,
// and have labels in the same proportions.
func TestLearningCurveIsNestedAndStratified(t *testing.T) {
	var examples []stance.Example
	for i := range 600 {
		// Sorted by label within each fold, so that only a draw is stratified.
		examples = append(examples, stance.Example{ID: fmt.Sprint(i), Label: []stance.Label{F, A, N, N, N, N}[i%300/50]})
	}
	folds := make([]int, 600)
	for i := range folds {
		folds[i] = i / 300
	}
	var parts []map[string]bool // of the fold that holds out the first half
	_, err := eval.LearningCurve(context.Background(), examples, folds, []float64{0.1, 0.3, 0.5}, 3,
		func(_ context.Context, train []stance.Example) (stance.Classifier, error) {
			in := map[string]bool{}
			var counts [4]int
			for i, e := range train {
				assert.True(t, i == 0 || number(train[i-1]) < number(e), "out of order")
				in[e.ID] = true
				counts[e.Label]++
			}
			assert.InDelta(t, float64(len(train))/6, counts[F], 3)
			assert.InDelta(t, float64(len(train))/6, counts[A], 3)
			if number(train[0]) >= 300 {
				parts = append(parts, in) // once for each fraction, in turn
			}
			return constant(N), nil
		})
	require.NoError(t, err)
	require.Len(t, parts, 3)
	for i, part := range parts {
		assert.Len(t, part, []int{30, 90, 150}[i])
		for id := range parts[0] {
			assert.True(t, part[id], id)
		}
		for id := range parts[1] {
			assert.True(t, i == 0 || part[id], id)
		}
	}
}

func ExampleNestedCrossValidate() {
	var examples []stance.Example
	for i := range 40 {
		examples = append(examples, stance.Example{
			Text:  fmt.Sprint("sentence ", i),
			Label: []stance.Label{stance.None, stance.None, stance.Favor, stance.Against}[i%4],
			Group: fmt.Sprint("passage ", i/4),
		})
	}
	folds, err := eval.GroupedStratifiedFolds(examples, 5, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	// Two settings of a baseline that reads nothing.
	settings := []eval.Setting{always(stance.Favor), always(stance.None)}
	r, err := eval.NestedCrossValidate(context.Background(), examples, folds, 3, 1, settings, eval.Accuracy)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("chosen for fold 0:", settings[r.Selections[0].Best].Name)
	fmt.Printf("accuracy %.2f\n", r.Confusion().Accuracy().Value)
	// Output:
	// chosen for fold 0: NONE
	// accuracy 0.50
}
