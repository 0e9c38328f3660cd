package features_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.org/metoostance/features"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var (
	background = context.Background()
	twoBlocks  = features.Options{Blocks: []features.Block{
		{MinN: 1, MaxN: 2},
		{Analyzer: features.CharsWB, MinN: 2, MaxN: 5, TF: features.SublinearTF, Weight: 0.5},
	}}
	sentences = []string{
		"She spoke out, and nobody listened.",
		"He calls it a witch hunt; nobody believes him.",
		"The hearing begins on Monday.",
		"#MeToo is not a witch hunt.",
	}
)

func fit(t testing.TB, docs []string, o features.Options) *features.Vectorizer {
	t.Helper()
	v, err := features.Fit(background, docs, o)
	require.NoError(t, err)
	return v
}

func vocabulary(v *features.Vectorizer) []string {
	terms := make([]string, v.Cols())
	for col := range terms {
		terms[col] = v.Term(col)
	}
	return terms
}

func TestDocumentFrequencyLimits(t *testing.T) {
	docs := []string{"a b c d", "a b c", "a b", "a a a a e"}
	tests := []struct {
		name  string
		block features.Block
		want  string
	}{
		{"none", features.Block{}, "a b c d e"},
		{"min", features.Block{MinDF: 2}, "a b c"},
		{"max", features.Block{MaxDF: 2}, "c d e"},
		{"min share", features.Block{MinDFShare: 0.6}, "a b"},
		{"max share", features.Block{MaxDFShare: 0.75}, "b c d e"},
		{"most frequent in the corpus", features.Block{MaxFeatures: 2}, "a b"},
		{"ties by byte order", features.Block{MaxFeatures: 4}, "a b c d"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := fit(t, docs, features.Options{Blocks: []features.Block{tt.block}})
			assert.Equal(t, tt.want, strings.Join(vocabulary(v), " "))
		})
	}
}

func TestBlocksStandSideBySide(t *testing.T) {
	v := fit(t, sentences, twoBlocks)
	words := fit(t, sentences, features.Options{Blocks: twoBlocks.Blocks[:1]})
	chars := fit(t, sentences, features.Options{Blocks: twoBlocks.Blocks[1:]})
	require.Equal(t, append(vocabulary(words), vocabulary(chars)...), vocabulary(v))
	for _, s := range sentences {
		both, w, c := v.Row(s), words.Row(s), chars.Row(s)
		for i := range c.Indices {
			c.Indices[i] += int32(words.Cols())
		}
		require.Equal(t, append(w.Indices, c.Indices...), both.Indices)
		require.Equal(t, append(w.Values, c.Values...), both.Values)
	}
	col, ok := v.Column(0, "witch hunt")
	require.True(t, ok)
	assert.Equal(t, "witch hunt", v.Term(col))
	assert.Equal(t, 0, v.Block(col))
	col, ok = v.Column(1, "witch")
	require.True(t, ok)
	assert.Equal(t, 1, v.Block(col))
	_, ok = v.Column(0, "absent")
	assert.False(t, ok)
}

func TestNorms(t *testing.T) {
	for norm, length := range map[features.Norm]func(features.Row) float64{
		features.L2: func(r features.Row) float64 {
			sum := 0.0
			for _, x := range r.Values {
				sum += x * x
			}
			return math.Sqrt(sum)
		},
		features.L1: func(r features.Row) float64 {
			sum := 0.0
			for _, x := range r.Values {
				sum += math.Abs(x)
			}
			return sum
		},
	} {
		v := fit(t, sentences, features.Options{Blocks: []features.Block{{MaxN: 2, Norm: norm, Weight: 3}}})
		assert.InDelta(t, 3, length(v.Row(sentences[0])), 1e-12)
		assert.Zero(t, v.Row("quite unseen").Len())
	}
}

func TestFitDoesNotDependOnOrderOrProcessors(t *testing.T) {
	var docs []string
	for i := range 1500 {
		docs = append(docs, fmt.Sprintf("%s number %d of %d", sentences[i%4], i, i%7))
	}
	reference := fit(t, docs, twoBlocks)
	want, err := reference.Transform(background, docs)
	require.NoError(t, err)
	slices.Reverse(docs)
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	for _, procs := range []int{1, 2, 5} {
		runtime.GOMAXPROCS(procs)
		v := fit(t, docs, twoBlocks)
		require.Equal(t, vocabulary(reference), vocabulary(v))
		got, err := v.Transform(background, docs)
		require.NoError(t, err)
		require.Equal(t, want.Rows(), got.Rows())
		for i := range got.Rows() {
			require.Equal(t, want.Row(want.Rows()-1-i), got.Row(i))
		}
	}
}

func TestFitTransformIsFitThenTransform(t *testing.T) {
	var docs []string
	for i := range 700 {
		docs = append(docs, fmt.Sprintf("%s Nº %d “of” %d", sentences[i%4], i, i%7))
	}
	for _, o := range []features.Options{twoBlocks, encodable, {Blocks: []features.Block{{MinN: 2, MaxN: 3, MaxFeatures: 20}}}} {
		v := fit(t, docs, o)
		want, err := v.Transform(background, docs)
		require.NoError(t, err)
		again, got, err := features.FitTransform(background, docs, o)
		require.NoError(t, err)
		require.Equal(t, vocabulary(v), vocabulary(again))
		require.Equal(t, want, got)
	}
}

func TestFitRefusesBadOptions(t *testing.T) {
	for want, b := range map[string]features.Block{
		"n-grams of 3 to 2":    {MinN: 3, MaxN: 2},
		"n-grams of 1 to 17":   {MaxN: 17},
		"n-grams of -1 to -1":  {MinN: -1},
		"unknown analyzer":     {Analyzer: 9},
		"negative limit":       {MinDF: -1},
		"outside [0, 1]":       {MaxDFShare: math.NaN()},
		"block 0: weight +Inf": {Weight: math.Inf(1)},
	} {
		_, err := features.Fit(background, sentences, features.Options{Blocks: []features.Block{b}})
		assert.ErrorContains(t, err, want)
	}
	_, err := features.Fit(background, sentences, features.Options{Tokenizer: features.Tokenizer{Rules: 7}})
	assert.ErrorContains(t, err, "unknown tokenizer rules")
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err := features.Fit(ctx, sentences, features.Options{})
	assert.ErrorIs(t, err, context.Canceled)
	_, _, err = features.FitTransform(ctx, sentences, features.Options{})
	assert.ErrorIs(t, err, context.Canceled)
	_, err = fit(t, sentences, features.Options{}).Transform(ctx, sentences)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestEmptyCorpus(t *testing.T) {
	v := fit(t, nil, features.Options{})
	assert.Zero(t, v.Cols())
	assert.Zero(t, v.Row("anything at all").Len())
	m, err := v.Transform(background, nil)
	require.NoError(t, err)
	assert.Zero(t, m.Rows())
}

// A text longer than the analyzers' batches gives the same counts as its terms
// counted one by one.
func TestLongText(t *testing.T) {
	text := strings.Repeat("one two three two one ", 30000)
	for _, b := range []features.Block{
		{MinN: 1, MaxN: 3, Norm: features.NoNorm, IDF: features.NoIDF},
		{Analyzer: features.CharsWB, MinN: 2, MaxN: 4, Norm: features.NoNorm, IDF: features.NoIDF},
		{Analyzer: features.Chars, MinN: 2, MaxN: 4, Norm: features.NoNorm, IDF: features.NoIDF},
	} {
		v := fit(t, []string{text[:44]}, features.Options{Blocks: []features.Block{b}})
		counts := make([]float64, v.Cols())
		for _, o := range v.Occurrences(text) {
			counts[o.Col]++
			if b.Analyzer != features.CharsWB {
				require.Equal(t, v.Term(o.Col), o.Of(text))
			}
		}
		r := v.Row(text)
		require.Equal(t, v.Cols(), r.Len())
		for i, col := range r.Indices {
			require.Equal(t, counts[col], r.Values[i], "%q", v.Term(int(col)))
		}
	}
}

// The scorer gives the inner products of the row.
func TestScorerEqualsRow(t *testing.T) {
	for _, block := range []features.Block{
		{MaxN: 2}, {MaxN: 3, TF: features.BinaryTF, Norm: features.L1}, {TF: features.SublinearTF, Norm: features.NoNorm, Weight: 2},
		{Analyzer: features.Chars, MinN: 2, MaxN: 5},
	} {
		o := features.Options{Blocks: []features.Block{block, {Analyzer: features.CharsWB, MinN: 3, MaxN: 4}}}
		v := fit(t, sentences, o)
		weights := make([]float32, v.Cols()*features.Outputs)
		for i := range weights {
			weights[i] = float32(math.Sin(float64(i)))
		}
		s := features.NewScorer(v, weights)
		rapid.Check(t, func(t *rapid.T) {
			text := strings.Join(rapid.SliceOf(rapid.OneOf(rapid.SampledFrom(sentences), rapid.String())).Draw(t, "text"), " ")
			r := v.Row(text)
			var want [features.Outputs]float64
			for i, col := range r.Indices {
				for k := range want {
					want[k] += r.Values[i] * float64(weights[int(col)*features.Outputs+k])
				}
			}
			got := s.Scores(text)
			for k := range want {
				require.InDelta(t, want[k], got[k], 1e-10)
			}
			require.Equal(t, got, s.Scores(text))
		})
	}
}

func TestScorerNeedsNoAllocation(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool allocate")
	}
	v := fit(t, sentences, twoBlocks)
	s := features.NewScorer(v, make([]float32, v.Cols()*features.Outputs))
	text := sentences[1] + " Quite unseen words, and É, follow."
	s.Scores(text)
	assert.Zero(t, testing.AllocsPerRun(200, func() { s.Scores(text) }))
}

func TestConcurrentUse(t *testing.T) {
	v := fit(t, sentences, twoBlocks)
	want := v.Row(sentences[1])
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range 20 {
				assert.Equal(t, want, v.Row(sentences[1]))
			}
		})
	}
	wg.Wait()
}

func FuzzVectorizer(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	o := features.Options{Blocks: []features.Block{
		{MaxN: 2}, {Analyzer: features.CharsWB, MinN: 2, MaxN: 5}, {Analyzer: features.Chars, MinN: 1, MaxN: 3}}}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := features.Fit(background, []string{text}, o)
		require.NoError(t, err)
		r := v.Row(text)
		require.Equal(t, v.Cols(), r.Len(), "every term of the only document is in its row")
		require.True(t, slices.IsSorted(r.Indices))
		for _, x := range v.Occurrences(text) {
			require.True(t, 0 <= x.Start && x.Start <= x.End && x.End <= len(text))
		}
	})
}

func ExampleFit() {
	docs := []string{"She spoke out.", "They called it a witch hunt.", "She calls it justice."}
	v, err := features.Fit(context.Background(), docs, features.Options{Blocks: []features.Block{{MinN: 1, MaxN: 2}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	row := v.Row("She called it out.")
	for i, col := range row.Indices {
		fmt.Printf("%.3f %s\n", row.Values[i], v.Term(int(col)))
	}
	// Output:
	// 0.490 called
	// 0.490 called it
	// 0.373 it
	// 0.490 out
	// 0.373 she
}

// What it costs to score a text does not grow with the vocabulary: a vocabulary
// two hundred times as large costs at most four times as much, which is what
// caches account for. (A look-up in every column would cost two hundred times.)
func TestScoringDoesNotDependOnTheVocabulary(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("measures time")
	}
	scorer := func(words int) *features.Scorer {
		docs := append([]string(nil), sentences...)
		for i := range words / 20 {
			var b strings.Builder
			for k := range 20 {
				fmt.Fprintf(&b, "w%d ", 20*i+k)
			}
			docs = append(docs, b.String())
		}
		v := fit(t, docs, features.Options{Blocks: []features.Block{{MaxN: 2}}})
		return features.NewScorer(v, make([]float32, v.Cols()*features.Outputs))
	}
	least := func(s *features.Scorer) time.Duration {
		best := time.Hour
		for range 30 {
			start := time.Now()
			for range 200 {
				s.Scores(sentences[1])
			}
			best = min(best, time.Since(start))
		}
		return best
	}
	small, large := scorer(500), scorer(100_000)
	require.Greater(t, large.Vectorizer().Cols(), 190*small.Vectorizer().Cols())
	assert.Less(t, least(large), 4*least(small))
}
