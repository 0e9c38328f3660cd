package stance_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"example.org/metoostance/stance/stancetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everything is a model that uses every analyzer and every option of the
// tokenizer.
var everything = sync.OnceValue(func() *stance.Model {
	m, err := stance.Train(background, tram, stance.Options{Features: features.Options{
		Tokenizer: features.Tokenizer{SplitHashtags: true, MarkNegation: true, MarkQuotation: true, StopWords: map[string]bool{"a": true}},
		Blocks: []features.Block{
			{MinN: 1, MaxN: 3, TF: features.SublinearTF},
			{Analyzer: features.CharsWB, MinN: 1, MaxN: 5},
			{Analyzer: features.Chars, MinN: 1, MaxN: 4, Norm: features.NoNorm},
			{Analyzer: features.LexiconClasses},
		},
		Lexicon: features.Lexicon{"tram*": {"tram"}, "waste of money": {"against", "money"}, "quiet": {"favor"}, "a": {"letter"}, "\u4e0d": {"not"}, "e\u0301*": {"mark"}},
	}, Context: stance.Context{Others: 0.5, First: -0.25, None: 0.125}})
	if err != nil {
		panic(err)
	}
	return m
})

// fuzzModels are the models that the fuzz targets ask. None of them abstains.
func fuzzModels() []*stance.Model {
	return []*stance.Model{everything(), stance.Default().WithMinConfidence(0)}
}

// fuzzTexts are the seeds of the fuzz targets: texts on which classifiers and
// readers of text have failed, the long ones cut.
func fuzzTexts() []string {
	texts := []string{
		tram[0].Text, tram[3].Text + ". " + tram[4].Text + "!\n\n" + tram[2].Text,
		"#", "#\u0301", "@\xff", "“ “ ”", `" "`, "not \" no. n't ”", "#MeTooNOW2018_x", "👩\u200d\xff", "a\u0301\u0301", "İİ ΣΣ Σ.", "ﬀ",
		"\ud7ff\ue000", "\xed\xa0\x80\xed\xb0\x80", "\xf4\x90\x80\x80", "\xc0\x80", "\u2028\u2029\u0085", "\u200b\ufeff", "1,2.3.4,5",
		"http://" + strings.Repeat("a", 100), "U.S. Senate. J. K. Mr. No.", "it said.He left in 2018If",
	}
	for _, text := range stancetest.Texts() {
		texts = append(texts, text[:min(len(text), 500)])
	}
	return texts
}

// requirePrediction checks what holds for every prediction of a model that does
// not abstain.
func requirePrediction(t testing.TB, p stance.Prediction) {
	sum := 0.0
	for k, x := range p.Probabilities {
		require.True(t, x >= 0 && x <= 1, "%v", p)
		require.Zero(t, p.Scores[k]-p.Scores[k], "%v", p)
		sum += x
	}
	require.InDelta(t, 1, sum, 1e-9, "%v", p)
	require.True(t, p.Label.Valid())
	require.Equal(t, p.Scores.Max(), p.Label)
}

// boundaries says of every index of a text, its length included, whether a
// character, or a byte that is part of none, begins or the text ends there.
func boundaries(text string) []bool {
	all := make([]bool, len(text)+1)
	for i := range text {
		all[i] = true
	}
	all[len(text)] = true
	return all
}

// requireExplanation checks that the parts of the explanation of a sentence sum
// to its scores, and that spans lie on the boundaries of characters: those of
// terms in the sentence, those of the context in the document. The bound on
// rounding is that on a sum of so many terms.
func requireExplanation(t testing.TB, text, document string, e stance.Explanation) {
	at := boundaries(text)
	sum, size := e.Bias, 1.0
	add := func(scores stance.Values) {
		for k, x := range scores {
			sum[k] += x
			size += math.Abs(x)
		}
	}
	for _, term := range e.Terms {
		require.NotEmpty(t, term.Spans, "%q", term.Term)
		for _, s := range term.Spans {
			require.True(t, 0 <= s.Start && s.Start <= s.End && s.End <= len(text) && at[s.Start] && at[s.End], "%q at %v", term.Term, s)
		}
		add(term.Scores)
	}
	for _, c := range e.Context {
		require.True(t, 0 <= c.Start && c.Start < c.End && c.End <= len(document), "%+v", c)
		add(c.Scores)
	}
	for k := range sum {
		require.InDelta(t, e.Scores[k], sum[k], 1e-12*size)
	}
}

func FuzzClassify(f *testing.F) {
	for _, text := range fuzzTexts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range fuzzModels() {
			p := m.Classify(text)
			requirePrediction(t, p)
			require.Equal(t, p, m.Classify(strings.Clone(text)))
			all, err := m.ClassifyAll(background, []string{"", text, text})
			require.NoError(t, err)
			require.Equal(t, []stance.Prediction{m.Classify(""), p, p}, all)
			abstaining := m.WithMinConfidence(1).Classify(text)
			require.Equal(t, p.Probabilities, abstaining.Probabilities)
		}
	})
}

func FuzzExplain(f *testing.F) {
	for _, text := range fuzzTexts() {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, m := range fuzzModels() {
			e := m.Explain(text)
			require.Equal(t, m.Classify(text), e.Prediction)
			require.Empty(t, e.Context)
			requireExplanation(t, text, text, e)
		}
	})
}

func FuzzDocument(f *testing.F) {
	texts := fuzzTexts()
	for _, text := range texts {
		f.Add(text)
	}
	f.Add(strings.Join(texts, "\n\n"))
	f.Fuzz(func(t *testing.T, text string) {
		at := boundaries(text)
		for _, m := range fuzzModels() {
			sentences := m.ClassifyDocument(text)
			explanations := m.ExplainDocument(text)
			require.Len(t, explanations, len(sentences))
			end := 0
			for i, s := range sentences {
				require.True(t, end <= s.Start && s.Start < s.End && s.End <= len(text), "%v after %d", s.Span, end)
				require.Equal(t, text[s.Start:s.End], s.Text)
				require.True(t, at[s.Start] && at[s.End], "%v", s.Span)
				requireGap(t, text[end:s.Start])
				requirePrediction(t, s.Prediction)
				require.Equal(t, s.Prediction, explanations[i].Prediction)
				requireExplanation(t, s.Text, text, explanations[i])
				end = s.End
			}
			requireGap(t, text[end:])
			require.Equal(t, sentences, m.ClassifyDocument(text))
		}
	})
}

// requireGap checks that nothing but white space is in no sentence.
func requireGap(t testing.TB, gap string) {
	require.Empty(t, strings.TrimFunc(gap, func(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' }))
}

// peak returns by how much the heap exceeds, while f runs, what it was before.
// The collector is made to run often, so that little of it is garbage.
func peak(f func()) int64 {
	defer debug.SetGCPercent(debug.SetGCPercent(10))
	runtime.GC()
	heap := func() int64 {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	before, most := heap(), int64(0)
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			case <-time.After(time.Millisecond):
				most = max(most, heap()-before)
			}
		}
	}()
	f()
	most = max(most, heap()-before)
	close(done)
	<-stopped
	return most
}

// A text of 100 MB that has no space is one sentence of one word, and costs a
// few times its length.
func TestHundredMegabytesWithoutASpace(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("100 MB")
	}
	text := strings.Repeat("nospace", 100_000_000/7)
	m := stance.Default()
	for name, f := range map[string]func(){
		"ClassifyDocument": func() {
			sentences := m.ClassifyDocument(text)
			if assert.Len(t, sentences, 1) {
				assert.Equal(t, features.Span{Start: 0, End: len(text)}, sentences[0].Span)
				requirePrediction(t, sentences[0].Prediction)
			}
		},
		"Tokens": func() {
			tokens := (features.Tokenizer{}).Tokens(text)
			if assert.Len(t, tokens, 1) {
				assert.Equal(t, features.Span{Start: 0, End: len(text)}, tokens[0].Span)
			}
		},
	} {
		most := float64(peak(f)) / float64(len(text))
		t.Logf("%s: %.2f times the text", name, most)
		assert.Less(t, most, 6.0, name)
	}
}

// Of texts of the worst kinds, all that is allocated on the way to a result,
// most of it garbage at once, is within these multiples of the text.
func TestHostileTextsCostInProportion(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("takes seconds")
	}
	const n = 150_000
	rng := rand.New(rand.NewPCG(7, 7))
	random := func(size, from, span int) string {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(from + rng.IntN(span))
		}
		return string(b)
	}
	pieces := map[string]string{"letters": random(n, 'a', 26), "bytes": random(n, 0, 256)}
	for _, piece := range []string{
		"nospace", "e\u0301", "👩\u200d", "\xff", "\u202e", "#", "“", "a ", "漢", "I. ", "\n", "a\n", "İ", "the ", "#aB", "http://a ", "not \"a ",
	} {
		pieces[piece] = strings.Repeat(piece, n/len(piece))
	}
	m := stance.Default()
	marked := features.Tokenizer{SplitHashtags: true, MarkNegation: true, MarkQuotation: true}
	most := map[string]float64{}
	for name, text := range pieces {
		for _, step := range []struct {
			name  string
			limit float64
			run   func()
		}{
			{"Classify", 32, func() { m.Classify(text) }},
			{"ClassifyDocument", 128, func() { m.ClassifyDocument(text) }},
			{"Explain", 1000, func() { m.Explain(text) }},
			{"ExplainDocument", 1000, func() { m.ExplainDocument(text) }},
			{"Sentences", 64, func() { features.Sentences(text) }},
			{"Tokens", 160, func() { marked.Tokens(text) }},
			{"Row", 32, func() { m.Vectorizer().Row(text) }},
			{"Fit", 800, func() {
				_, err := features.Fit(background, []string{text}, m.Options().Features)
				require.NoError(t, err)
			}},
		} {
			factor := float64(allocated(step.run)) / n
			most[step.name] = max(most[step.name], factor)
			assert.Less(t, factor, step.limit, "%s of %q", step.name, name)
		}
	}
	t.Log(fmt.Sprint("greatest multiples: ", most))
}
