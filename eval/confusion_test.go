package eval_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

const (
	F = stance.Favor
	A = stance.Against
	N = stance.None
)

// matrix makes a confusion matrix from counts, rows gold.
func matrix(counts [3][3]int) *eval.Confusion {
	c := new(eval.Confusion)
	for i, gold := range stance.Labels() {
		for j, predicted := range stance.Labels() {
			for range counts[i][j] {
				c.Add(gold, predicted)
			}
		}
	}
	return c
}

// labels draws n labels.
func labels(n int) *rapid.Generator[[]stance.Label] {
	return rapid.SliceOfN(rapid.SampledFrom([]stance.Label{F, A, N}), n, n)
}

func TestNewConfusionErrors(t *testing.T) {
	for _, test := range []struct {
		name            string
		gold, predicted []stance.Label
		want            string
	}{
		{"lengths", []stance.Label{F, A}, []stance.Label{F}, "eval: 2 gold labels but 1 predicted"},
		{"gold unlabelled", []stance.Label{F, 0}, []stance.Label{F, A}, `eval: gold label 1 is "", want one of FAVOR, AGAINST and NONE`},
		{"predicted unknown", []stance.Label{F, A}, []stance.Label{9, A}, `eval: predicted label 0 is "Label(9)", want one of FAVOR, AGAINST and NONE`},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := eval.NewConfusion(test.gold, test.predicted)
			assert.EqualError(t, err, test.want)
		})
	}
	assert.PanicsWithValue(t, `eval: "" is no label to count`, func() { new(eval.Confusion).Add(F, stance.Unlabelled) })
}

// The figures of published examples. The classes 0, 1, 2 of the sources are
// FAVOR, AGAINST, NONE here.
func TestKnownFigures(t *testing.T) {
	// scikit-learn, classification_report, first example of its docstring:
	// y_true [0 1 2 2 2], y_pred [0 0 2 2 1].
	report := matrix([3][3]int{{1, 0, 0}, {1, 0, 0}, {0, 1, 2}})
	// scikit-learn, f1_score docstring: y_true [0 1 2 0 1 2], y_pred
	// [0 2 1 0 0 1]; per class 0.8, 0, 0.
	f1 := matrix([3][3]int{{2, 0, 0}, {1, 0, 1}, {0, 2, 0}})
	// scikit-learn, matthews_corrcoef docstring: y_true [+1 +1 +1 -1],
	// y_pred [+1 -1 +1 +1].
	mcc := matrix([3][3]int{{2, 1, 0}, {1, 0, 0}, {0, 0, 0}})

	for _, test := range []struct {
		name string
		got  eval.Figure
		want float64
	}{
		{"report precision 0", report.Precision(F), 0.5},
		{"report recall 0", report.Recall(F), 1},
		{"report F1 0", report.F1(F), 2.0 / 3},
		{"report F1 1", report.F1(A), 0},
		{"report precision 2", report.Precision(N), 1},
		{"report recall 2", report.Recall(N), 2.0 / 3},
		{"report F1 2", report.F1(N), 0.8},
		{"report macro precision", report.MacroPrecision(), 0.5},
		{"report macro recall", report.MacroRecall(), 5.0 / 9},
		{"report macro F1", report.MacroF1(), 22.0 / 45},
		{"report weighted precision", report.WeightedPrecision(), 0.7},
		{"report weighted recall", report.WeightedRecall(), 0.6},
		{"report weighted F1", report.WeightedF1(), 46.0 / 75},
		{"f1 macro", f1.MacroF1(), 0.8 / 3},
		{"f1 micro", f1.MicroF1(), 1.0 / 3},
		{"f1 weighted", f1.WeightedF1(), 0.8 / 3},
		{"f1 F_avg", f1.FAvg(), 0.4},
		{"mcc", mcc.MCC(), -1.0 / 3},

		// Cohen's kappa of two raters and two classes: agreement 0.70 where
		// chance gives 0.50, and 0.70 where it gives 0.54. The first is the
		// example of Wikipedia's article on the coefficient.
		{"kappa 50", matrix([3][3]int{{20, 5, 0}, {10, 15, 0}, {}}).Kappa(), 0.4},
		{"kappa 100", matrix([3][3]int{{20, 20, 0}, {10, 50, 0}, {}}).Kappa(), 16.0 / 46},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.InDelta(t, test.want, test.got.Value, 1e-12)
		})
	}
}

// The label counts of the SemEval-2016 Task 6 A test set follow from Mohammad
// et al. (2016), who print them in per cent of 220, 169, 285, 295 and 280
// tweets. The same paper gives the baseline that predicts the majority class of
// each target as 65.22, with 52.01 for FAVOR and 78.44 for AGAINST.
func semEvalMajority() []*eval.Confusion {
	return []*eval.Confusion{
		matrix([3][3]int{{0, 32, 0}, {0, 160, 0}, {0, 28, 0}}), // atheism
		matrix([3][3]int{{123, 0, 0}, {11, 0, 0}, {35, 0, 0}}), // climate change
		matrix([3][3]int{{0, 58, 0}, {0, 183, 0}, {0, 44, 0}}), // feminist movement
		matrix([3][3]int{{0, 45, 0}, {0, 172, 0}, {0, 78, 0}}), // Hillary Clinton
		matrix([3][3]int{{0, 46, 0}, {0, 189, 0}, {0, 45, 0}}), // legalisation of abortion
	}
}

func TestSemEvalMajorityBaseline(t *testing.T) {
	pooled := new(eval.Confusion)
	for _, c := range semEvalMajority() {
		pooled.Merge(c)
	}
	require.Equal(t, 1249, pooled.Total())
	assert.InDelta(t, 52.01, 100*pooled.F1(F).Value, 0.005)
	assert.InDelta(t, 78.44, 100*pooled.F1(A).Value, 0.005)
	assert.InDelta(t, 65.22, 100*pooled.FAvg().Value, 0.005)
	assert.Empty(t, pooled.FAvg().Warnings)
	assert.Equal(t, []string{"class NONE was never predicted"}, pooled.MacroF1().Warnings)
}

func TestZeroByZero(t *testing.T) {
	neverNone := "class NONE was never predicted"
	noNone := "class NONE does not occur in the gold labels"
	empty := new(eval.Confusion)
	for _, test := range []struct {
		name string
		got  eval.Figure
		want eval.Figure
	}{
		{"precision", matrix([3][3]int{{1, 0, 0}, {0, 1, 0}, {1, 0, 0}}).Precision(N), eval.Figure{Warnings: []string{neverNone}}},
		{"recall", matrix([3][3]int{{1, 0, 1}, {0, 1, 0}, {}}).Recall(N), eval.Figure{Warnings: []string{noNone}}},
		{"F1 never predicted", matrix([3][3]int{{1, 0, 0}, {0, 1, 0}, {1, 0, 0}}).F1(N), eval.Figure{Warnings: []string{neverNone}}},
		{"F1 not in gold", matrix([3][3]int{{1, 0, 1}, {0, 1, 0}, {}}).F1(N), eval.Figure{Warnings: []string{noNone}}},
		{"F1 neither", matrix([3][3]int{{1, 0, 0}, {0, 1, 0}, {}}).F1(N), eval.Figure{Warnings: []string{neverNone, noNone}}},
		{"F1 wrong both ways", matrix([3][3]int{{1, 0, 1}, {0, 1, 0}, {1, 0, 0}}).F1(N), eval.Figure{}},
		{"macro", matrix([3][3]int{{1, 0, 0}, {0, 1, 0}, {}}).MacroF1(), eval.Figure{Value: 2.0 / 3, Warnings: []string{neverNone, noNone}}},
		{"F_avg does not look at NONE", matrix([3][3]int{{1, 0, 0}, {0, 1, 0}, {}}).FAvg(), eval.Figure{Value: 1}},
		{"weighted", matrix([3][3]int{{1, 0, 0}, {0, 1, 0}, {2, 0, 0}}).WeightedPrecision(), eval.Figure{Value: 1.0/12 + 1.0/4, Warnings: []string{neverNone}}},
		{"accuracy", empty.Accuracy(), eval.Figure{Warnings: []string{"there are no examples"}}},
		{"weighted of nothing", empty.WeightedF1(), eval.Figure{Warnings: []string{"there are no examples"}}},
		{"mcc", matrix([3][3]int{{5, 0, 0}, {2, 0, 0}, {}}).MCC(), eval.Figure{Warnings: []string{"all gold or all predicted labels are the same, so that there is no correlation"}}},
		{"kappa", matrix([3][3]int{{5, 0, 0}, {}, {}}).Kappa(), eval.Figure{Warnings: []string{"all labels are the same, so that there is no agreement beyond chance"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.InDelta(t, test.want.Value, test.got.Value, 1e-15)
			assert.Equal(t, test.want.Warnings, test.got.Warnings)
		})
	}
}

func TestFigureProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "n")
		gold, predicted := labels(n).Draw(t, "gold"), labels(n).Draw(t, "predicted")
		c, err := eval.NewConfusion(gold, predicted)
		require.NoError(t, err)

		// The order of the rows changes nothing, to the last bit.
		shuffledGold, shuffled := make([]stance.Label, n), make([]stance.Label, n)
		for i, j := range rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0)).Perm(n) {
			shuffledGold[i], shuffled[i] = gold[j], predicted[j]
		}
		other, err := eval.NewConfusion(shuffledGold, shuffled)
		require.NoError(t, err)
		for _, m := range eval.Metrics() {
			assert.Equal(t, m.Of(c), m.Of(other), m.Name)
		}

		// Bounds, and identities between figures.
		for _, m := range eval.Metrics() {
			v := m.Of(c).Value
			low := 0.0
			if m.Name == eval.MCC.Name || m.Name == eval.Kappa.Name {
				low = -1
			}
			assert.True(t, v >= low-1e-12 && v <= 1+1e-12, "%s = %v", m.Name, v)
		}
		assert.InDelta(t, c.Accuracy().Value, c.WeightedRecall().Value, 1e-12)
		for _, l := range stance.Labels() {
			p, r := c.Precision(l).Value, c.Recall(l).Value
			if p+r > 0 {
				assert.InDelta(t, 2*p*r/(p+r), c.F1(l).Value, 1e-12)
			} else {
				assert.Zero(t, c.F1(l).Value)
			}
		}

		// A perfect prediction is perfect.
		perfect, err := eval.NewConfusion(gold, gold)
		require.NoError(t, err)
		assert.Equal(t, 1.0, perfect.Accuracy().Value)
		assert.InDelta(t, 1, perfect.WeightedF1().Value, 1e-12)
	})
}

func TestMetricNamesAreDistinct(t *testing.T) {
	seen := map[string]bool{}
	for _, m := range eval.Metrics() {
		assert.False(t, seen[m.Name], m.Name)
		seen[m.Name] = true
	}
}

func ExampleNewConfusion() {
	gold := []stance.Label{stance.Favor, stance.Favor, stance.Against, stance.None, stance.None}
	predicted := []stance.Label{stance.Favor, stance.None, stance.Against, stance.None, stance.Favor}
	c, err := eval.NewConfusion(gold, predicted)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, l := range stance.Labels() {
		fmt.Printf("%-7v precision %.2f  recall %.2f  F1 %.2f  support %d\n",
			l, c.Precision(l).Value, c.Recall(l).Value, c.F1(l).Value, c.Support(l))
	}
	fmt.Printf("F_avg %.2f, macro-F1 %.2f, accuracy %.2f\n", c.FAvg().Value, c.MacroF1().Value, c.Accuracy().Value)
	// Output:
	// FAVOR   precision 0.50  recall 0.50  F1 0.50  support 2
	// AGAINST precision 1.00  recall 1.00  F1 1.00  support 1
	// NONE    precision 0.50  recall 0.50  F1 0.50  support 2
	// F_avg 0.75, macro-F1 0.67, accuracy 0.60
}

func ExampleFigure() {
	c := new(eval.Confusion)
	c.Add(stance.Favor, stance.Against)
	c.Add(stance.Against, stance.Against)
	f := c.Precision(stance.Favor)
	fmt.Println(f.Value, f.Warnings)
	// Output: 0 [class FAVOR was never predicted]
}
