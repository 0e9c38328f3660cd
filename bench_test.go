// Package metoostance_test compares the models of this module:
//
//	go test -bench . -run '^$' -count 10 | tee new.txt
//	benchstat new.txt
//	benchstat -col /model new.txt
//
// Each model is trained and classifies in turn; Quality reports its macro-F1 in
// grouped five-fold cross-validation on the gold corpus, on a scale of 0 to
// 100, which benchstat compares like any other unit.
package metoostance_test

import (
	"context"
	"fmt"
	"os"
	"slices"
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

var models = []model{
	{"majority", func(_ context.Context, e []stance.Example) (stance.Classifier, error) { return stance.TrainMajority(e) }},
	{"keywords", func(ctx context.Context, e []stance.Example) (stance.Classifier, error) {
		return stance.TrainKeywords(ctx, e, 25)
	}},
	linear("logistic-words", stance.Options{Balanced: true, CalibrationFolds: -1}),
	linear("svm-words", stance.Options{Algorithm: stance.LinearSVM, C: 0.1, Balanced: true, CalibrationFolds: -1}),
	linear("default", stance.DefaultOptions()),
}

func linear(name string, o stance.Options) model {
	return model{name, func(ctx context.Context, e []stance.Example) (stance.Classifier, error) {
		return stance.Train(ctx, e, o)
	}}
}

var gold = sync.OnceValue(func() []stance.Example { return data.Gold().Examples() })

func TestMain(m *testing.M) {
	// benchstat must know that a greater macro-F1 is better, and that it is
	// exact: without -count it has no variation to estimate.
	if slices.ContainsFunc(os.Args, func(a string) bool { return len(a) > 11 && a[:11] == "-test.bench" }) {
		fmt.Println("Unit macroF1% better=higher assume=exact")
		fmt.Println("Unit sentences/s better=higher")
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

// BenchmarkSentences splits the gold passages into sentences.
func BenchmarkSentences(b *testing.B) {
	passages := data.Gold().Passages
	n := int64(0)
	for _, d := range passages {
		n += int64(len(d.Text))
	}
	b.SetBytes(n)
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range passages {
			features.Sentences(d.Text)
		}
	}
}

// BenchmarkDocument classifies the gold passages as documents.
func BenchmarkDocument(b *testing.B) {
	passages := data.Gold().Passages
	m := stance.Default()
	n := int64(0)
	for _, d := range passages {
		n += int64(len(d.Text))
	}
	b.SetBytes(n)
	b.ReportAllocs()
	for b.Loop() {
		for _, d := range passages {
			m.ClassifyDocument(d.Text)
		}
	}
}
