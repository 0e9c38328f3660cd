package eval_test

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// shared opens a file of the data that does not belong to this repository, and
// skips the test where it is not to be had.
func shared(t *testing.T, name string) *os.File {
	f, err := os.Open(filepath.Join("..", "..", "shared", "data", name))
	if os.IsNotExist(err) {
		t.Skipf("%s is not there", name)
	}
	require.NoError(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

// meTooMA reads the rows as published, training before test, with the texts
// that are there.
func meTooMA(t *testing.T) []stance.Example {
	texts := map[string]string{}
	lines := bufio.NewScanner(shared(t, "metooma/tweets.jsonl"))
	for lines.Scan() {
		var tweet struct{ ID, Text string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &tweet))
		texts[tweet.ID] = tweet.Text
	}
	require.NoError(t, lines.Err())
	var examples []stance.Example
	for _, name := range []string{"metooma/MeTooMMD_train.csv", "metooma/MeTooMMD_test.csv"} {
		rows, err := csv.NewReader(shared(t, name)).ReadAll()
		require.NoError(t, err)
		for _, row := range rows {
			e := stance.Example{ID: row[0], Text: texts[row[0]], Label: stance.None}
			switch {
			case row[9] == "1": // Support
				e.Label = stance.Favor
			case row[10] == "1": // Oppose
				e.Label = stance.Against
			}
			examples = append(examples, e)
		}
	}
	return examples
}

// tabSeparated reads a label and a text from each line but the first.
func tabSeparated(t *testing.T, name string, label, text int) []stance.Example {
	var examples []stance.Example
	lines := bufio.NewScanner(shared(t, name))
	for row := 0; lines.Scan(); row++ {
		if row == 0 {
			continue
		}
		columns := strings.Split(lines.Text(), "\t")
		l, err := stance.ParseLabel(columns[label])
		require.NoError(t, err)
		examples = append(examples, stance.Example{Label: l, Text: strings.ReplaceAll(columns[text], "#SemST", "")})
	}
	require.NoError(t, lines.Err())
	return examples
}

// The published label files of MeTooMA carry most labels thousands of rows away
// from their tweets. Where they are was first established by other means
// (conservative edges): rows 0 to 819 at 0, 920 to 1099 at +4869, 1420 to 4692
// at +5280, 4693 to 9039 at -3837. The audit is told none of this.
func TestAlignmentFindsMeTooMA(t *testing.T) {
	a, err := eval.LabelAlignment(context.Background(), meTooMA(t))
	require.NoError(t, err)
	want := []eval.Block{
		{From: 0, To: 820, Shift: 0},
		{From: 920, To: 1100, Shift: 4869},
		{From: 1420, To: 4693, Shift: 5280},
		{From: 4693, To: 9040, Shift: -3837},
	}
	require.Len(t, a.Blocks, len(want))
	for i, b := range a.Blocks {
		assert.Equal(t, want[i].Shift, b.Shift)
		assert.InDelta(t, want[i].From, b.From, 150, "shift %d", b.Shift)
		assert.InDelta(t, want[i].To, b.To, 150, "shift %d", b.Shift)
		assert.Greater(t, b.Score, 10.0)
	}
	assert.Len(t, a.Displaced(), 3)
}

// Sets whose labels stand where they belong: the audit must see that they do,
// and report nothing. Labels dealt at random must not be found anywhere.
func TestAlignmentOfSoundSets(t *testing.T) {
	for _, test := range []struct {
		name string
		load func(t *testing.T) []stance.Example
	}{
		{"SemEval-2016", func(t *testing.T) []stance.Example {
			return tabSeparated(t, "semeval2016/trainingdata-all-annotations.txt", 3, 2)
		}},
		{"gold sentences", func(t *testing.T) []stance.Example { return tabSeparated(t, "gold/sentences.tsv", 1, 6) }},
		{"gold corpus", func(t *testing.T) []stance.Example {
			return append(tabSeparated(t, "gold/sentences.tsv", 1, 6), tabSeparated(t, "gold/passages.tsv", 1, 5)...)
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			examples := test.load(t)
			a, err := eval.LabelAlignment(context.Background(), examples)
			require.NoError(t, err)
			assert.Empty(t, a.Displaced())
			aligned := 0
			for _, b := range a.Blocks {
				aligned += b.To - b.From
			}
			assert.Greater(t, aligned, len(examples)*9/10)

			if len(examples) > 3000 {
				return // the smaller sets show it as well
			}
			rand.New(rand.NewPCG(1, 1)).Shuffle(len(examples), func(i, j int) {
				examples[i].Label, examples[j].Label = examples[j].Label, examples[i].Label
			})
			a, err = eval.LabelAlignment(context.Background(), examples)
			require.NoError(t, err)
			assert.Empty(t, a.Blocks)
		})
	}
}

// telling makes texts of invented words in which some words go with a label.
func telling(n int, seed uint64) []stance.Example {
	rng := rand.New(rand.NewPCG(seed, 0))
	examples := make([]stance.Example, n)
	for i := range examples {
		l := rng.IntN(3)
		var words []string
		for range 12 {
			w := rng.IntN(150)
			if rng.IntN(4) == 0 {
				w = w/3*3 + l // one word in four goes with the label
			}
			words = append(words, fmt.Sprint("w", w))
		}
		examples[i] = stance.Example{Label: stance.Labels()[l], Text: strings.Join(words, " ")}
	}
	return examples
}

// displace moves the labels of rows from row from to row to by shift; those
// that are run over are lost, and rows left without any get one by chance.
func displace(examples []stance.Example, from, to, shift int) []stance.Example {
	moved := slices.Clone(examples)
	rng := rand.New(rand.NewPCG(9, 9))
	for i := from; i < to; i++ {
		moved[i].Label = stance.Labels()[rng.IntN(3)]
	}
	for i := from; i < to; i++ {
		moved[i+shift].Label = examples[i].Label
	}
	return moved
}

func TestAlignmentOfInventedSets(t *testing.T) {
	whole := telling(3000, 1)
	// Sorted by target: labels and words differ from target to target, but
	// within a target words tell nothing of labels.
	sorted := telling(3000, 2)
	// The same, but words tell something beside.
	both := telling(3000, 4)
	rng := rand.New(rand.NewPCG(3, 3))
	for i := range sorted {
		target := i / 100
		topic := fmt.Sprintf("t%d t%d t%d", 10*(target%3)+rng.IntN(10), 10*(target%3)+rng.IntN(10), rng.IntN(60))
		sorted[i].Text = topic
		sorted[i].Label = stance.Labels()[(target+rng.IntN(5)/4)%3]
		both[i] = telling(1, uint64(i))[0]
		for j := uint64(1); both[i].Label != sorted[i].Label; j++ {
			both[i] = telling(1, uint64(i)+3000*j)[0]
		}
		both[i].Text += " " + topic
	}
	empty := slices.Clone(whole)
	for i := range empty {
		if i%5 == 0 {
			empty[i].Text = ""
		}
		if i%7 == 0 {
			empty[i].Label = stance.Unlabelled
		}
	}
	for _, test := range []struct {
		name     string
		examples []stance.Example
		want     []eval.Block
	}{
		{"in place", whole, []eval.Block{{From: 0, To: 3000}}},
		{"with holes", empty, []eval.Block{{From: 0, To: 3000}}},
		{"off by one", displace(whole, 0, 2999, 1), []eval.Block{{From: 0, To: 2999, Shift: 1}}},
		{"off by one from the middle", displace(whole, 1501, 3000, -1), []eval.Block{{From: 0, To: 1500}, {From: 1501, To: 3000, Shift: -1}}},
		{"a part far away", displace(whole, 0, 700, 2000), []eval.Block{{From: 0, To: 700, Shift: 2000}, {From: 700, To: 2000}, {From: 2700, To: 3000}}},
		{"sorted by target", sorted, nil},
		{"sorted by target, with words", both, []eval.Block{{From: 0, To: 3000}}},
		{"nothing", nil, nil},
		{"one row", whole[:1], nil},
		{"few rows", whole[:40], nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			a, err := eval.LabelAlignment(context.Background(), test.examples)
			require.NoError(t, err)
			require.Len(t, a.Blocks, len(test.want), "%+v", a.Blocks)
			for i, b := range a.Blocks {
				assert.Equal(t, test.want[i].Shift, b.Shift)
				assert.InDelta(t, test.want[i].From, b.From, 40)
				assert.InDelta(t, test.want[i].To, b.To, 40)
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			again, err := eval.LabelAlignment(context.Background(), test.examples)
			require.NoError(t, err)
			assert.Equal(t, a, again)
		})
	}

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := eval.LabelAlignment(ctx, whole)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestNearDuplicates(t *testing.T) {
	var examples []stance.Example
	for _, text := range []string{
		"It took years before anybody listened to the cleaners.",
		"@someone It took YEARS before anybody listened to the cleaners! https://example.org/1",
		"The committee will publish its report in the spring.",
		"",
		"!!!",
		"It took years before anybody listened to the cleaner.",
		"Yes.",
		"yes",
		"No.",
		"The committee will publish its report on harassment in the spring.",
	} {
		examples = append(examples, stance.Example{Text: text})
	}
	sets, err := eval.NearDuplicates(examples, 0.8)
	require.NoError(t, err)
	assert.Equal(t, [][]int{{0, 1, 5}, {6, 7}}, sets)
	sets, err = eval.NearDuplicates(examples, 1)
	require.NoError(t, err)
	assert.Equal(t, [][]int{{0, 1}, {6, 7}}, sets)
	sets, err = eval.NearDuplicates(examples, 0.6)
	require.NoError(t, err)
	assert.Equal(t, [][]int{{0, 1, 5}, {2, 9}, {6, 7}}, sets)
	for _, similarity := range []float64{0, -1, 1.1} {
		_, err := eval.NearDuplicates(examples, similarity)
		assert.ErrorContains(t, err, "want one above 0 and up to 1")
	}
}

// The index must not miss a pair: all pairs are compared, as the definition
// says.
func TestNearDuplicatesByDefinition(t *testing.T) {
	pieces := func(text string) map[string]bool {
		set := map[string]bool{}
		for i := 0; i+5 <= len(text); i++ {
			set[text[i:i+5]] = true
		}
		if len(text) < 5 && text != "" {
			set[text] = true
		}
		return set
	}
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("ab")), 0, 14, -1), 2, 14).Draw(t, "texts")
		similarity := float64(rapid.IntRange(1, 10).Draw(t, "tenths")) / 10
		examples := make([]stance.Example, len(texts))
		set := make([]int, len(texts))
		for i, text := range texts {
			examples[i].Text = text
			set[i] = i
		}
		for i := range texts {
			for j := range i {
				a, b := pieces(texts[i]), pieces(texts[j])
				shared := 0
				for p := range a {
					if b[p] {
						shared++
					}
				}
				if shared > 0 && float64(shared) >= similarity*float64(len(a)+len(b)-shared)-1e-9 {
					from, to := set[i], set[j]
					for k := range set {
						if set[k] == from {
							set[k] = to
						}
					}
				}
			}
		}
		var want [][]int
		for i := range set {
			var rows []int
			first := true
			for j := range set {
				if set[j] == set[i] {
					rows = append(rows, j)
					first = first && j >= i
				}
			}
			if first && len(rows) > 1 {
				want = append(want, rows)
			}
		}
		got, err := eval.NearDuplicates(examples, similarity)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	})
}

func FuzzNearDuplicates(f *testing.F) {
	f.Add("It took years.", "IT TOOK YEARS")
	f.Add("\xff\xfe", "é\u0301")
	f.Add("https://", "@")
	f.Fuzz(func(t *testing.T, a, b string) {
		examples := []stance.Example{{Text: a}, {Text: b}, {Text: a + " https://example.org"}}
		sets, err := eval.NearDuplicates(examples, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		// A copy with an address is found, unless there is nothing to compare.
		var has bool
		for _, field := range strings.Fields(strings.ToLower(a)) {
			has = has || !strings.HasPrefix(field, "@") && !strings.HasPrefix(field, "http") &&
				strings.ContainsFunc(field, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
		}
		found := slices.ContainsFunc(sets, func(set []int) bool { return set[0] == 0 && set[len(set)-1] == 2 })
		if has && !found {
			t.Fatalf("a copy of %q was not found: %v", a, sets)
		}
		if _, err := eval.LabelAlignment(context.Background(), examples); err != nil {
			t.Fatal(err)
		}
	})
}

func TestNewAudit(t *testing.T) {
	examples := []stance.Example{
		{Text: "Nobody should have to choose between silence and a job.", Label: F},
		{Text: "Nobody should have to choose between silence and a job!", Label: N},
		{Text: "The hearing lasted for four hours on Tuesday.", Label: N},
		{Text: "The hearing lasted for four hours on Tuesday", Label: N},
		// A contrast pair, which is written to be alike.
		{Text: "For once the accusation was taken seriously by the board.", Label: F, Group: "pair"},
		{Text: "For once the accusation was not taken seriously by the board.", Label: A, Group: "pair"},
		// The same words about two targets.
		{Text: "I have supported this from the very first day.", Label: F, Target: "x"},
		{Text: "I have supported this from the very first day.", Label: A, Target: "y"},
	}
	a, err := eval.NewAudit(context.Background(), examples, eval.AuditOptions{Splits: []int{0, 0, 0, 1, 0, 0, 1, 1}})
	require.NoError(t, err)
	assert.Equal(t, [][]int{{0, 1}, {2, 3}, {4, 5}, {6, 7}}, a.Duplicates)
	assert.Equal(t, [][]int{{2, 3}}, a.Leaks)
	assert.Equal(t, [][]int{{0, 1}}, a.Contradictions)
	assert.Equal(t, []string{
		"2 of 8 rows are near-duplicates of one another across splits",
		"2 of 8 rows are near-duplicates of one another with different labels",
	}, a.Findings())

	a, err = eval.NewAudit(context.Background(), examples[2:4], eval.AuditOptions{})
	require.NoError(t, err)
	assert.Empty(t, a.Findings())
	_, err = eval.NewAudit(context.Background(), examples, eval.AuditOptions{Splits: []int{1}})
	assert.EqualError(t, err, "eval: 8 examples but 1 splits")
	_, err = eval.NewAudit(context.Background(), examples, eval.AuditOptions{Similarity: 80})
	assert.EqualError(t, err, "eval: similarity 80, want one above 0 and up to 1")
}

func ExampleNewAudit() {
	// 2,000 invented posts, of which somebody lost the first label and put the
	// others beside the texts before.
	examples := telling(2000, 1)
	for i := range examples[:1999] {
		examples[i].Label = examples[i+1].Label
	}
	a, err := eval.NewAudit(context.Background(), examples, eval.AuditOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, finding := range a.Findings() {
		fmt.Println(finding)
	}
	// Output: the labels of rows 1 to 1999 stand -1 rows from their texts
}
