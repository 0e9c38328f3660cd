// Package metoostance_test compares the models of this module:
//
//	go test -bench . -run '^$' -count 6 . | tee new.txt
//	benchstat new.txt
//	benchstat -col /model new.txt
//
// Each model is trained and classifies in turn; Quality reports its macro-F1 in
// grouped five-fold cross-validation on the gold corpus, on a scale of 0 to
// 100, which benchstat compares like any other unit.
package metoostance_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.org/metoostance/data"
	"example.org/metoostance/eval"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// model is one line of the comparison.
type model struct {
	name  string
	train eval.Trainer
}

// The settings are those that examples/tables explains and reports on.
var models = []model{
	{"majority", func(_ context.Context, e []stance.Example) (stance.Classifier, error) { return stance.TrainMajority(e) }},
	{"keywords", func(ctx context.Context, e []stance.Example) (stance.Classifier, error) {
		return stance.TrainKeywords(ctx, e, 25)
	}},
	linear("logistic-words", stance.Options{Features: goldWords, C: 10, Balanced: true}),
	linear("logistic-words+characters", stance.Options{Features: goldBoth, C: 3, Balanced: true}),
	linear("svm-words", stance.Options{Algorithm: stance.LinearSVM, Features: goldWords, C: 1}),
	linear("svm-words+characters", stance.Options{Algorithm: stance.LinearSVM, Features: goldBoth, C: 1}),
	linear("default", stance.DefaultOptions()),
}

var (
	wordBlock      = features.Block{Analyzer: features.Words, MinN: 1, MaxN: 2, TF: features.SublinearTF}
	characterBlock = features.Block{Analyzer: features.CharsWB, MinN: 2, MaxN: 5, TF: features.SublinearTF}
	goldWords      = features.Options{Blocks: []features.Block{wordBlock}}
	goldBoth       = features.Options{Blocks: []features.Block{wordBlock, characterBlock}}
)

// linear is a linear model without calibration, which changes no label and
// would train it six times.
func linear(name string, o stance.Options) model {
	o.CalibrationFolds = -1
	return model{name, func(ctx context.Context, e []stance.Example) (stance.Classifier, error) {
		return stance.Train(ctx, e, o)
	}}
}

var gold = sync.OnceValue(func() []stance.Example { return data.Gold().Examples() })

func TestMain(m *testing.M) {
	// benchstat must know that a greater macro-F1 is better, and that it is
	// exact: it is the same on every run.
	if slices.ContainsFunc(os.Args, func(a string) bool { return strings.HasPrefix(a, "-test.bench=") }) {
		fmt.Println("Unit macroF1% better=higher assume=exact")
		fmt.Println("Unit sentences/s better=higher")
		fmt.Println("Unit ns/sentence better=lower")
	}
	os.Exit(m.Run())
}

func each(b *testing.B, run func(b *testing.B, m model)) {
	for _, m := range models {
		b.Run("model="+m.name, func(b *testing.B) { run(b, m) })
	}
}

func trained(b *testing.B, m model) stance.Classifier {
	b.Helper()
	c, err := m.train(context.Background(), gold())
	if err != nil {
		b.Fatal(err)
	}
	return c
}

func bytesOf(examples []stance.Example) int64 {
	n := int64(0)
	for _, e := range examples {
		n += int64(len(e.Text))
	}
	return n
}

// BenchmarkTrain trains on the whole gold corpus.
func BenchmarkTrain(b *testing.B) {
	each(b, func(b *testing.B, m model) {
		b.SetBytes(bytesOf(gold()))
		b.ReportAllocs()
		for b.Loop() {
			trained(b, m)
		}
	})
}

// BenchmarkClassify classifies every sentence of the gold corpus, one at a
// time, on one goroutine.
func BenchmarkClassify(b *testing.B) {
	each(b, func(b *testing.B, m model) {
		c := trained(b, m)
		b.SetBytes(bytesOf(gold()))
		b.ReportAllocs()
		for b.Loop() {
			for _, e := range gold() {
				c.Classify(e.Text)
			}
		}
		b.ReportMetric(float64(len(gold()))*float64(b.N)/b.Elapsed().Seconds(), "sentences/s")
	})
}

// BenchmarkQuality reports macro-F1 in cross-validation. Its time is that of
// five trainings and of classifying the corpus once.
func BenchmarkQuality(b *testing.B) {
	folds, err := eval.GroupedStratifiedFolds(gold(), 5, 1)
	if err != nil {
		b.Fatal(err)
	}
	each(b, func(b *testing.B, m model) {
		var r *eval.CVResult
		for b.Loop() {
			if r, err = eval.CrossValidate(context.Background(), gold(), folds, m.train); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(100*r.Confusion().MacroF1().Value, "macroF1%")
	})
}

// words are the features of the speed rows: TF-IDF of words and pairs of words,
// split as scikit-learn splits them. characters are what is added to them in
// the rows with characters.
var (
	words = features.Options{
		Tokenizer: features.Tokenizer{Rules: features.ScikitLearnRules},
		Blocks:    []features.Block{{MinN: 1, MaxN: 2}},
	}
	characters = features.Options{
		Tokenizer: words.Tokenizer,
		Blocks:    []features.Block{{MinN: 1, MaxN: 3}, {Analyzer: features.CharsWB, MinN: 2, MaxN: 5}},
	}
)

// corpora are the sentences that speed is measured on, by their number. The
// largest is a tenth of that of examples/peers, which compares with others.
var corpora = sync.OnceValue(func() map[int][]stance.Example {
	all := slices.Collect(data.Recombined(100_000, 1))
	return map[int][]stance.Example{2_000: all[:2_000], 20_000: all[:20_000], 100_000: all}
})

func textsOf(examples []stance.Example) []string {
	texts := make([]string, len(examples))
	for i, e := range examples {
		texts[i] = e.Text
	}
	return texts
}

// perSentence reports the time for each of n sentences, by which corpora of
// different sizes compare.
func perSentence(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/sentence")
}

func sizes(b *testing.B, run func(b *testing.B, examples []stance.Example)) {
	for _, n := range []int{2_000, 20_000, 100_000} {
		b.Run(fmt.Sprintf("sentences=%d", n), func(b *testing.B) {
			b.SetBytes(bytesOf(corpora()[n]))
			b.ReportAllocs()
			run(b, corpora()[n])
		})
	}
}

// BenchmarkLoad reads the default model, as the first call of stance.Default
// does; that one has the file in memory and is spared a copy.
func BenchmarkLoad(b *testing.B) {
	var file bytes.Buffer
	if err := stance.Default().Save(&file); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(file.Len()))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stance.Load(bytes.NewReader(file.Bytes())); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFitTransform learns a vocabulary and makes the rows.
func BenchmarkFitTransform(b *testing.B) {
	sizes(b, func(b *testing.B, examples []stance.Example) {
		texts := textsOf(examples)
		for b.Loop() {
			if _, _, err := features.FitTransform(context.Background(), texts, words); err != nil {
				b.Fatal(err)
			}
		}
		perSentence(b, len(texts))
	})
}

// BenchmarkSolve trains on rows that were made before, to a relative gap of
// 1e-3 to the minimum of the objective.
func BenchmarkSolve(b *testing.B) {
	for _, a := range []stance.Algorithm{stance.LogisticRegression, stance.LogisticOneVsRest, stance.LinearSVM} {
		b.Run("algorithm="+a.String(), func(b *testing.B) {
			sizes(b, func(b *testing.B, examples []stance.Example) {
				v, rows, err := features.FitTransform(context.Background(), textsOf(examples), words)
				if err != nil {
					b.Fatal(err)
				}
				o := stance.Options{Algorithm: a, Tolerance: 1e-3, CalibrationFolds: -1}
				for b.Loop() {
					if _, err := stance.TrainRows(context.Background(), v, rows, examples, o); err != nil {
						b.Fatal(err)
					}
				}
				perSentence(b, len(examples))
			})
		})
	}
}

// fresh are sentences that no model was trained on.
var fresh = sync.OnceValue(func() []string { return textsOf(slices.Collect(data.Recombined(20_000, 2))) })

// BenchmarkFresh classifies fresh sentences with models of small and large
// vocabularies: one at a time on one goroutine, and all on all processors.
func BenchmarkFresh(b *testing.B) {
	for _, f := range []struct {
		name string
		o    features.Options
	}{{"words", words}, {"words+characters", characters}} {
		for _, n := range []int{2_000, 20_000, 100_000} {
			if f.name != "words" && n > 20_000 {
				continue // takes long to train and shows nothing new
			}
			m, err := stance.Train(context.Background(), corpora()[n], stance.Options{Features: f.o, Tolerance: 1e-3, CalibrationFolds: -1})
			if err != nil {
				b.Fatal(err)
			}
			run := func(name string, classify func()) {
				b.Run(fmt.Sprintf("features=%s/trained=%d/mode=%s", f.name, n, name), func(b *testing.B) {
					size := int64(0)
					for _, t := range fresh() {
						size += int64(len(t))
					}
					b.SetBytes(size)
					b.ReportAllocs()
					for b.Loop() {
						classify()
					}
					perSentence(b, len(fresh()))
				})
			}
			run("one", func() {
				for _, t := range fresh() {
					m.Classify(t)
				}
			})
			run("all", func() {
				if _, err := m.ClassifyAll(context.Background(), fresh()); err != nil {
					b.Fatal(err)
				}
			})
		}
	}
}

// BenchmarkSentences splits the gold passages into sentences.
func BenchmarkSentences(b *testing.B) {
	passages(b, func(text string) { features.Sentences(text) })
}

// BenchmarkDocument classifies the gold passages as documents.
func BenchmarkDocument(b *testing.B) {
	m := stance.Default()
	passages(b, func(text string) { m.ClassifyDocument(text) })
}

// passages does the same with each of the gold passages.
func passages(b *testing.B, do func(text string)) {
	all := data.Gold().Passages
	n := int64(0)
	for _, d := range all {
		n += int64(len(d.Text))
	}
	b.SetBytes(n)
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range all {
			do(d.Text)
		}
	}
}
