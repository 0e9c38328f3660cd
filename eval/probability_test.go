package eval_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// newSample makes a sample of lone examples from gold labels and probabilities.
func newSample(t require.TestingT, gold []stance.Label, probabilities []stance.Values) *eval.Sample {
	examples := make([]stance.Example, len(gold))
	predictions := make([]stance.Prediction, len(gold))
	for i := range gold {
		examples[i] = stance.Example{Label: gold[i]}
		predictions[i] = stance.Prediction{Label: probabilities[i].Max(), Probabilities: probabilities[i]}
	}
	s, err := eval.NewSample(examples, predictions)
	require.NoError(t, err)
	return s
}

func value(t require.TestingT, m eval.Metric, s *eval.Sample) float64 {
	f, err := m.On(s)
	require.NoError(t, err)
	return f.Value
}

// probable draws a sample with probabilities on a coarse grid, so that ties
// occur.
func probable(n int) *rapid.Generator[*eval.Sample] {
	return rapid.Custom(func(t *rapid.T) *eval.Sample {
		gold := labels(n).Draw(t, "gold")
		probabilities := make([]stance.Values, n)
		for i := range probabilities {
			a := rapid.IntRange(0, 8).Draw(t, "a")
			b := rapid.IntRange(0, 8-a).Draw(t, "b")
			probabilities[i] = stance.Values{float64(a) / 8, float64(b) / 8, float64(8-a-b) / 8}
		}
		return newSample(t, gold, probabilities)
	})
}

func TestNewSampleErrors(t *testing.T) {
	good := stance.Prediction{Label: F, Probabilities: stance.Values{1, 0, 0}}
	for _, test := range []struct {
		name        string
		examples    []stance.Example
		predictions []stance.Prediction
		want        string
	}{
		{"empty", nil, nil, "eval: a sample without examples"},
		{"lengths", []stance.Example{{Label: F}}, nil, "eval: 1 examples but 0 predictions"},
		{"unlabelled", []stance.Example{{ID: "x"}}, []stance.Prediction{good}, "eval: example 0 (x) is not labelled"},
		{"no prediction", []stance.Example{{Label: F}}, []stance.Prediction{{}}, `eval: prediction of example 0 is "", want one of FAVOR, AGAINST and NONE`},
		{"some without probabilities", []stance.Example{{Label: F}, {Label: F}}, []stance.Prediction{{Label: F}, good}, "eval: probabilities of example 0 sum to 0, want 1"},
		{"negative", []stance.Example{{Label: F}}, []stance.Prediction{{Label: F, Probabilities: stance.Values{2, -1, 0}}}, "eval: probabilities of example 0 are [2 -1 0]"},
		{"NaN", []stance.Example{{Label: F}}, []stance.Prediction{{Label: F, Probabilities: stance.Values{math.NaN(), 0, 1}}}, "eval: probabilities of example 0 are [NaN 0 1]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := eval.NewSample(test.examples, test.predictions)
			assert.EqualError(t, err, test.want)
		})
	}
	without, err := eval.NewSample([]stance.Example{{Label: F}}, []stance.Prediction{{Label: F}})
	require.NoError(t, err)
	for _, m := range eval.ProbabilityMetrics() {
		_, err := m.On(without)
		assert.EqualError(t, err, "eval: "+m.Name+" needs probabilities, and the predictions carry none")
	}
	_, err = eval.RiskCoverage(without)
	assert.ErrorContains(t, err, "needs probabilities")
	_, err = eval.Reliability(without, 10)
	assert.ErrorContains(t, err, "needs probabilities")
	_, err = eval.PrecisionRecall(without, F)
	assert.ErrorContains(t, err, "needs probabilities")
	_, err = without.Where(func(stance.Example) bool { return false })
	assert.EqualError(t, err, "eval: a part of a sample without examples")
}

func TestKnownProbabilityFigures(t *testing.T) {
	// scikit-learn, docstring of log_loss: "spam", "ham", "ham", "spam".
	spam := newSample(t, []stance.Label{A, F, F, A}, []stance.Values{{.1, .9}, {.9, .1}, {.8, .2}, {.35, .65}})
	// scikit-learn, docstrings of roc_auc_score and average_precision_score:
	// y_true [0 0 1 1], y_scores [0.1 0.4 0.35 0.8].
	ranks := newSample(t, []stance.Label{N, N, F, F}, []stance.Values{{.1, 0, .9}, {.4, 0, .6}, {.35, 0, .65}, {.8, 0, .2}})
	// scikit-learn, docstring of brier_score_loss: y_true [0 1 1 0], y_prob
	// [0.1 0.9 0.8 0.3], which is 0.0375; both classes together are twice it.
	squares := newSample(t, []stance.Label{N, F, F, N}, []stance.Values{{.1, 0, .9}, {.9, 0, .1}, {.8, 0, .2}, {.3, 0, .7}})
	// Three of one confidence, of which one is wrong: in a random order a third
	// of those before any point is wrong.
	ties := newSample(t, []stance.Label{F, F, N}, []stance.Values{{.6, .2, .2}, {.6, .4, 0}, {.6, 0, .4}})
	for _, test := range []struct {
		name string
		got  float64
		want float64
	}{
		{"risk-coverage, ties", value(t, eval.RiskCoverageArea, ties), 1.0 / 3},
		{"log loss", value(t, eval.LogLoss, spam), 0.21616187468057912},
		{"ROC AUC", value(t, eval.AUCOf(F), ranks), 0.75},
		{"average precision", value(t, eval.AveragePrecisionOf(F), ranks), 5.0 / 6},
		{"Brier", value(t, eval.Brier, squares), 2 * 0.0375},
		// All four are right, each alone in its bin: the mean of 1-confidence.
		{"calibration", value(t, eval.CalibrationError, squares), (.1 + .1 + .2 + .3) / 4},
		{"risk-coverage, all right", value(t, eval.RiskCoverageArea, squares), 0},
		// Confidences .9 (wrong is the last two): in order .9 right, .8 right,
		// .65 wrong, .6 right gives risks 0, 0, 1/3, 1/4.
		{"risk-coverage", value(t, eval.RiskCoverageArea, ranks), (1.0/3 + 1.0/4) / 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.InDelta(t, test.want, test.got, 1e-12)
		})
	}

	f, err := eval.LogLoss.On(newSample(t, []stance.Label{F}, []stance.Values{{0, 1, 0}}))
	require.NoError(t, err)
	assert.Equal(t, eval.Figure{Value: 52 * math.Ln2, Warnings: []string{"a gold label had probability 0, counted as 2^-52"}}, f)
	f, err = eval.AUCOf(F).On(newSample(t, []stance.Label{F}, []stance.Values{{0, 1, 0}}))
	require.NoError(t, err)
	assert.Equal(t, eval.Figure{Warnings: []string{"ROC AUC of FAVOR needs examples of the class and of others"}}, f)
}

// The figures against their definitions, written as plainly as they can be.
func TestProbabilityFiguresByDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const n = 25
		s := probable(n).Draw(t, "sample")
		examples, predictions := s.Rows()

		// Area under the ROC curve: pairs in the right order.
		for _, l := range stance.Labels() {
			pairs, wins := 0.0, 0.0
			for i := range n {
				for j := range n {
					if examples[i].Label == l && examples[j].Label != l {
						pairs++
						switch a, b := predictions[i].Probabilities.Of(l), predictions[j].Probabilities.Of(l); {
						case a > b:
							wins++
						case a == b:
							wins += 0.5
						}
					}
				}
			}
			if pairs > 0 {
				assert.InDelta(t, wins/pairs, value(t, eval.AUCOf(l), s), 1e-12)
			}
		}

		// Average precision: the area under the steps of the curve.
		for _, l := range stance.Labels() {
			curve, err := eval.PrecisionRecall(s, l)
			if err != nil {
				continue // no example of the class
			}
			area, before := 0.0, 0.0
			for _, p := range curve {
				area += p.Precision * (p.Recall - before)
				before = p.Recall
			}
			assert.InDelta(t, area, value(t, eval.AveragePrecisionOf(l), s), 1e-12)
			assert.Equal(t, 1.0, before)
		}

		// Calibration error from the bins of the diagram.
		bins, err := eval.Reliability(s, 15)
		require.NoError(t, err)
		sum, count := 0.0, 0
		for _, b := range bins {
			sum += float64(b.Count) * math.Abs(b.Confidence-b.Accuracy) / n
			count += b.Count
			if b.Count > 0 {
				assert.True(t, b.Low < b.Confidence && b.Confidence <= b.High+1e-12, "%+v", b)
			}
		}
		assert.Equal(t, n, count)
		assert.InDelta(t, sum, value(t, eval.CalibrationError, s), 1e-12)

		// The risk-coverage curve ends at the error rate of the whole.
		curve, err := eval.RiskCoverage(s)
		require.NoError(t, err)
		last := curve[len(curve)-1]
		assert.Equal(t, 1.0, last.Coverage)
		assert.InDelta(t, 1-s.Confusion().Accuracy().Value, last.Risk, 1e-12)
		for i := 1; i < len(curve); i++ {
			assert.Less(t, curve[i].Threshold, curve[i-1].Threshold)
		}
	})
}

// The order of the rows changes a figure in its last bits at most.
func TestProbabilityFiguresIgnoreOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := probable(20).Draw(t, "sample")
		examples, predictions := s.Rows()
		reversed := make([]stance.Example, len(examples))
		reversedPredictions := make([]stance.Prediction, len(examples))
		for i := range examples {
			j := len(examples) - 1 - i
			reversed[j], reversedPredictions[j] = examples[i], predictions[i]
		}
		other, err := eval.NewSample(reversed, reversedPredictions)
		require.NoError(t, err)
		for _, m := range append(eval.ProbabilityMetrics(), eval.Metrics()...) {
			assert.InDelta(t, value(t, m, s), value(t, m, other), 1e-12, m.Name)
		}
	})
}

// F_avg in its two senses on the published baseline: the mean over targets of
// the same predictions is another number altogether.
func TestMeanOverTargets(t *testing.T) {
	var examples []stance.Example
	var predictions []stance.Prediction
	want := 0.0
	for target, c := range semEvalMajority() {
		for _, gold := range stance.Labels() {
			for _, predicted := range stance.Labels() {
				for range c.Count(gold, predicted) {
					examples = append(examples, stance.Example{Label: gold, Target: fmt.Sprint("target ", target)})
					predictions = append(predictions, stance.Prediction{Label: predicted})
				}
			}
		}
		want += c.FAvg().Value / 5
	}
	s, err := eval.NewSample(examples, predictions)
	require.NoError(t, err)
	assert.Equal(t, []string{"target 0", "target 1", "target 2", "target 3", "target 4"}, s.Targets())
	assert.InDelta(t, 0.6522, value(t, eval.FAvg, s), 0.00005)
	f, err := eval.FAvgOverTargets.On(s)
	require.NoError(t, err)
	assert.InDelta(t, want, f.Value, 1e-12)
	assert.Less(t, f.Value, 0.45, "one class of each target is always missed")
	assert.Contains(t, f.Warnings, `target "target 0": class FAVOR was never predicted`)

	part, err := s.Where(func(e stance.Example) bool { return e.Target == "target 1" })
	require.NoError(t, err)
	assert.Equal(t, 169, part.Len())
	assert.Panics(t, func() { eval.MeanOverTargets(eval.LogLoss) })
}

func ExampleMetric_On() {
	examples := []stance.Example{{Label: stance.Favor}, {Label: stance.Against}, {Label: stance.None}}
	predictions := []stance.Prediction{
		{Label: stance.Favor, Probabilities: stance.Values{0.7, 0.1, 0.2}},
		{Label: stance.None, Probabilities: stance.Values{0.1, 0.4, 0.5}},
		{Label: stance.None, Probabilities: stance.Values{0.2, 0.2, 0.6}},
	}
	s, err := eval.NewSample(examples, predictions)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range []eval.Metric{eval.FAvg, eval.LogLoss, eval.AUCOf(stance.Against)} {
		f, err := m.On(s)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %.3f %s\n", m.Name, f.Value, f.Warnings)
	}
	// Output:
	// F_avg pooled 0.500 [class AGAINST was never predicted]
	// log loss 0.595 []
	// ROC AUC of AGAINST 1.000 []
}
