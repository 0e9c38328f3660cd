package eval_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/data"
	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

var update = flag.Bool("update", false, "write the golden file anew")

// drawn returns a sample of what an imperfect classifier might say.
func drawn(t *testing.T, n int, seed uint64) *eval.Sample {
	rng := rand.New(rand.NewPCG(seed, 20171015))
	examples, predictions := make([]stance.Example, n), make([]stance.Prediction, n)
	for i := range examples {
		examples[i] = stance.Example{ID: fmt.Sprint(i), Label: stance.Label(1 + rng.IntN(3)), Group: fmt.Sprint(i / 5), Target: fmt.Sprint(i % 3)}
		p, sum := &predictions[i], 0.0
		for k, l := range stance.Labels() {
			p.Probabilities[k] = 0.05 + rng.Float64()
			if l == examples[i].Label {
				p.Probabilities[k] += 0.5
			}
			sum += p.Probabilities[k]
		}
		for k := range p.Probabilities {
			p.Probabilities[k] /= sum
		}
		p.Label = p.Probabilities.Max()
	}
	s, err := eval.NewSample(examples, predictions)
	require.NoError(t, err)
	return s
}

// Figures of counts, and percentiles of them, have these bits on every platform.
func TestGoldenFigures(t *testing.T) {
	var b strings.Builder
	for _, n := range []int{7, 300} {
		s := drawn(t, n, uint64(n))
		for _, m := range append(eval.Metrics(), eval.FAvgOverTargets, eval.MeanOverTargets(eval.MCC)) {
			f, err := m.On(s)
			require.NoError(t, err)
			i, err := eval.Bootstrap(s, m, eval.BootstrapOptions{Resamples: 200, Seed: 5})
			require.NoError(t, err)
			fmt.Fprintf(&b, "%d\t%s\t%x\t%x\t%x\t%x\n", n, m.Name, f.Value, i.Estimate, i.Low, i.High)
		}
		test, err := eval.Randomization(s, drawn(t, n, uint64(n)), eval.FAvg, eval.RandomizationOptions{Rounds: 200, Seed: 5})
		require.NoError(t, err)
		fmt.Fprintf(&b, "%d\trandomisation\t%x\t%x\n", n, test.Statistic, test.P)
	}
	path := filepath.Join("testdata", "figures.golden")
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), b.String())
}

// requireCancels runs f with contexts that end after several times: f returns
// their error, soon, and leaves no goroutine behind.
func requireCancels(t *testing.T, f func(context.Context) error) {
	t.Helper()
	const soon = 2 * time.Second // milliseconds where nothing else runs
	for _, after := range []time.Duration{0, 5 * time.Millisecond, 60 * time.Millisecond} {
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan time.Time, 1)
		time.AfterFunc(after, func() { cancel(); ended <- time.Now() })
		err := f(ctx)
		returned := time.Now()
		require.ErrorIs(t, err, context.Canceled, "after %v", after)
		assert.Less(t, returned.Sub(<-ended), soon, "after %v", after)
		for wait := 0; runtime.NumGoroutine() > before; wait++ {
			require.Less(t, wait, 500, "goroutines are left: %d, before %d", runtime.NumGoroutine(), before)
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func TestCancelEvaluation(t *testing.T) {
	examples := data.Gold().Examples()
	folds, err := eval.GroupedStratifiedFolds(examples, 3, 1)
	require.NoError(t, err)
	train := func(ctx context.Context, examples []stance.Example) (stance.Classifier, error) {
		return stance.Train(ctx, examples, stance.Options{})
	}
	settings := []eval.Setting{{Name: "one", Train: train}, {Name: "two", Train: train}}
	for name, f := range map[string]func(context.Context) error{
		"CrossValidate": func(ctx context.Context) error { _, err := eval.CrossValidate(ctx, examples, folds, train); return err },
		"RepeatedCrossValidate": func(ctx context.Context) error {
			_, err := eval.RepeatedCrossValidate(ctx, examples, 3, 2, 1, train)
			return err
		},
		"LeaveOneSourceOut": func(ctx context.Context) error {
			_, _, err := eval.LeaveOneSourceOut(ctx, examples, func(e stance.Example) string { return e.ID[:2] }, train)
			return err
		},
		"Select": func(ctx context.Context) error {
			_, err := eval.Select(ctx, examples, folds, settings, eval.MacroF1)
			return err
		},
		"NestedCrossValidate": func(ctx context.Context) error {
			_, err := eval.NestedCrossValidate(ctx, examples, folds, 2, 1, settings, eval.MacroF1)
			return err
		},
		"LearningCurve": func(ctx context.Context) error {
			_, err := eval.LearningCurve(ctx, examples, folds, []float64{0.5, 1}, 1, train)
			return err
		},
		"LabelAlignment": func(ctx context.Context) error { _, err := eval.LabelAlignment(ctx, examples); return err },
	} {
		t.Run(name, func(t *testing.T) { requireCancels(t, f) })
	}
}

// FuzzAudit audits sets of any texts: nothing panics, every row that is named is
// one of the set, and the same set has the same audit.
func FuzzAudit(f *testing.F) {
	f.Add("a\nb\nA\n#a\n\xff", uint8(1))
	f.Add("", uint8(0))
	f.Add(strings.Repeat("she spoke\nnobody listened\n", 60), uint8(3))
	f.Add("e\u0301\u0301\u0301\n\x00\n\u202e\n"+strings.Repeat("x", 3000), uint8(7))
	f.Fuzz(func(t *testing.T, texts string, seed uint8) {
		var examples []stance.Example
		for i, text := range strings.Split(texts, "\n") {
			examples = append(examples, stance.Example{Text: text, Label: stance.Label((i*int(seed|1) + len(text)) % 4)})
		}
		splits := make([]int, len(examples))
		for i := range splits {
			splits[i] = i % 2
		}
		a, err := eval.NewAudit(context.Background(), examples, eval.AuditOptions{Splits: splits})
		require.NoError(t, err)
		for _, sets := range [][][]int{a.Duplicates, a.Leaks, a.Contradictions} {
			for _, set := range sets {
				require.Greater(t, len(set), 1)
				for i, row := range set {
					require.True(t, row >= 0 && row < len(examples) && (i == 0 || row > set[i-1]))
				}
			}
		}
		for _, b := range a.Alignment.Blocks {
			require.True(t, 0 <= b.From && b.From < b.To && b.To <= len(examples), "%+v", b)
			require.True(t, b.From+b.Shift >= 0 && b.To+b.Shift <= len(examples), "%+v", b)
		}
		require.True(t, utf8.ValidString(strings.Join(a.Findings(), "\n")))
		again, err := eval.NewAudit(context.Background(), examples, eval.AuditOptions{Splits: splits})
		require.NoError(t, err)
		require.Equal(t, a, again)
	})
}
