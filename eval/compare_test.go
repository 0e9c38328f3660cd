package eval_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

func TestMcNemarKnown(t *testing.T) {
	// The two tables of the documentation of mlxtend and statsmodels:
	// [[101, 121], [59, 33]] and [[9959, 11], [1, 29]].
	corrected := eval.McNemarCorrected(121, 59)
	assert.InDelta(t, 20.672, corrected.Statistic, 0.0005)
	// The upper tail of chi-squared with one degree of freedom at 20.672.
	assert.InDelta(t, 5.4500e-06, corrected.P, 1e-9)
	exact := eval.McNemar(121, 59)
	assert.InDelta(t, 4.434e-06, exact.P, 5e-10)
	assert.InDelta(t, 59, exact.Statistic, 0)
	assert.InDelta(t, 0.0063477, eval.McNemar(11, 1).P, 5e-8)

	for _, test := range []struct {
		name string
		got  eval.Test
		want eval.Test
	}{
		{"none", eval.McNemar(0, 0), eval.Test{P: 1, Warnings: []string{"no example is labelled right by only one of the two"}}},
		{"even", eval.McNemar(4, 4), eval.Test{Statistic: 4, P: 1}},
		{"one", eval.McNemar(1, 0), eval.Test{P: 1}},
		{"corrected even", eval.McNemarCorrected(20, 20), eval.Test{P: 1}},
		{"corrected few", eval.McNemarCorrected(1, 2), eval.Test{P: 1, Warnings: []string{"only 3 discordant examples: use the exact test"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			assert.InDelta(t, test.want.P, test.got.P, 1e-12)
			assert.InDelta(t, test.want.Statistic, test.got.Statistic, 1e-12)
			assert.Equal(t, test.want.Warnings, test.got.Warnings)
		})
	}
	assert.Panics(t, func() { eval.McNemar(-1, 2) })
}

// Holm's adjustment of (0.01, 0.04, 0.03, 0.005): 4 x 0.005, 3 x 0.01, 2 x 0.03
// and then no less than that. R's p.adjust(c(.01,.04,.03,.005), "holm") is
// 0.03 0.06 0.06 0.02.
func TestHolm(t *testing.T) {
	got := eval.Holm([]float64{0.01, 0.04, 0.03, 0.005})
	want := []float64{0.03, 0.06, 0.06, 0.02}
	for i := range want {
		assert.InDelta(t, want[i], got[i], 1e-12)
	}
	assert.Equal(t, []float64{1, 1}, eval.Holm([]float64{0.7, 0.9}))
	assert.Empty(t, eval.Holm(nil))
	assert.Panics(t, func() { eval.Holm([]float64{math.NaN()}) })
}

func TestHolmProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOf(rapid.Float64Range(0, 1)).Draw(t, "p")
		adjusted := eval.Holm(p)
		for i := range p {
			assert.GreaterOrEqual(t, adjusted[i], p[i])
			assert.LessOrEqual(t, adjusted[i], 1.0)
			for j := range p {
				if p[i] < p[j] {
					assert.LessOrEqual(t, adjusted[i], adjusted[j])
				}
			}
		}
	})
}

// degrade returns the sample of a classifier that errs where s does and on a
// part of the rest.
func degrade(s *eval.Sample, part float64) *eval.Sample {
	examples, predictions := s.Rows()
	worse := slices.Clone(predictions)
	rng := rand.New(rand.NewPCG(5, 5))
	for i := range worse {
		if rng.Float64() < part {
			p := stance.Values{0.1, 0.1, 0.1}
			l := rng.IntN(3)
			p[l] = 0.8
			worse[i] = stance.Prediction{Label: stance.Labels()[l], Probabilities: p}
		}
	}
	other, err := eval.NewSample(examples, worse)
	if err != nil {
		panic(err)
	}
	return other
}

func TestModelAgainstItself(t *testing.T) {
	s := simulated(120, 3, 0.7, 1)
	for _, m := range allMetrics() {
		test, err := eval.Randomization(s, s, m, eval.RandomizationOptions{Rounds: 200, Seed: 1})
		require.NoError(t, err)
		assert.Equal(t, 1.0, test.P, m.Name)
		assert.Zero(t, test.Statistic, m.Name)
		i, err := eval.PairedBootstrap(s, s, m, eval.BootstrapOptions{Resamples: 200})
		require.NoError(t, err)
		assert.Equal(t, [3]float64{}, [3]float64{i.Low, i.Estimate, i.High}, m.Name)
	}
	a, b, err := eval.Discordant(s, s)
	require.NoError(t, err)
	assert.Equal(t, 1.0, eval.McNemar(a, b).P)
}

func TestRandomizationByDefinition(t *testing.T) {
	a := simulated(40, 2, 0.8, 3)
	b := degrade(a, 0.3)
	examples, predictionsA := a.Rows()
	_, predictionsB := b.Rows()
	for _, m := range allMetrics() {
		t.Run(m.Name, func(t *testing.T) {
			const seed, rounds = 11, 60
			observed := value(t, m, a) - value(t, m, b)
			atLeast := 0
			for r := range rounds {
				pcg := rand.NewPCG(seed, uint64(r))
				bits := pcg.Uint64() // twenty clusters need one word
				x, y := slices.Clone(predictionsA), slices.Clone(predictionsB)
				for i := range examples {
					if bits>>(i/2)&1 == 0 {
						x[i], y[i] = y[i], x[i]
					}
				}
				sx, err := eval.NewSample(examples, x)
				require.NoError(t, err)
				sy, err := eval.NewSample(examples, y)
				require.NoError(t, err)
				if math.Abs(value(t, m, sx)-value(t, m, sy)) >= math.Abs(observed)-1e-9 {
					atLeast++
				}
			}
			got, err := eval.Randomization(a, b, m, eval.RandomizationOptions{Rounds: rounds, Seed: seed})
			require.NoError(t, err)
			assert.InDelta(t, observed, got.Statistic, 1e-12)
			assert.InDelta(t, float64(1+atLeast)/(1+rounds), got.P, 1e-12)
		})
	}
}

// With few clusters the test can be done by enumerating all exchanges; the
// random ones must come near it.
func TestRandomizationAgainstAllExchanges(t *testing.T) {
	a := simulated(10, 1, 0.95, 4)
	b := degrade(a, 0.7)
	examples, predictionsA := a.Rows()
	_, predictionsB := b.Rows()
	observed := value(t, eval.Accuracy, a) - value(t, eval.Accuracy, b)
	require.NotZero(t, observed)
	atLeast := 0
	for bits := range 1 << 10 {
		difference := 0
		for i := range examples {
			x, y := predictionsA[i], predictionsB[i]
			if bits>>i&1 == 1 {
				x, y = y, x
			}
			if x.Label == examples[i].Label {
				difference++
			}
			if y.Label == examples[i].Label {
				difference--
			}
		}
		if math.Abs(float64(difference))/10 >= math.Abs(observed)-1e-9 {
			atLeast++
		}
	}
	got, err := eval.Randomization(a, b, eval.Accuracy, eval.RandomizationOptions{Rounds: 20000})
	require.NoError(t, err)
	// The standard error of 20,000 rounds is below 0.004.
	assert.InDelta(t, float64(atLeast)/(1<<10), got.P, 0.012)
}

func TestRandomizationFindsADifference(t *testing.T) {
	a := simulated(400, 4, 0.9, 5)
	b := degrade(a, 0.2)
	for _, m := range []eval.Metric{eval.FAvg, eval.MacroF1, eval.LogLoss, eval.MacroAUC} {
		test, err := eval.Randomization(a, b, m, eval.RandomizationOptions{Rounds: 999})
		require.NoError(t, err)
		assert.Equal(t, 0.001, test.P, m.Name)
		i, err := eval.PairedBootstrap(a, b, m, eval.BootstrapOptions{Resamples: 500})
		require.NoError(t, err)
		assert.InDelta(t, test.Statistic, i.Estimate, 1e-12)
		assert.False(t, i.Low <= 0 && 0 <= i.High, "%s %+v", m.Name, i)
	}
}

func TestRandomizationErrors(t *testing.T) {
	s := simulated(20, 2, 0.8, 1)
	examples, predictions := s.Rows()
	bare := slices.Clone(predictions)
	for i := range bare {
		bare[i].Probabilities = stance.Values{}
	}
	without, err := eval.NewSample(examples, bare)
	require.NoError(t, err)
	_, err = eval.Randomization(s, without, eval.LogLoss, eval.RandomizationOptions{})
	assert.EqualError(t, err, "eval: log loss needs probabilities, and one classifier gives none")
	_, err = eval.Randomization(without, without, eval.LogLoss, eval.RandomizationOptions{})
	assert.EqualError(t, err, "eval: log loss needs probabilities, and the predictions carry none")
	_, err = eval.Randomization(s, s, eval.FAvg, eval.RandomizationOptions{Rounds: -1})
	assert.EqualError(t, err, "eval: -1 rounds")
	_, err = eval.Randomization(s, simulated(22, 2, 0.8, 1), eval.FAvg, eval.RandomizationOptions{})
	assert.ErrorContains(t, err, "cannot be compared")
	_, err = eval.Randomization(s, without, eval.FAvg, eval.RandomizationOptions{Rounds: 10})
	assert.NoError(t, err, "counts need no probabilities")
}

// The smallest detectable difference of a z-test with standard error 1, level
// 0.95 and power 0.8 is 1.96 + 0.84.
func TestSmallestDetectable(t *testing.T) {
	i := eval.Interval{Level: 0.95, StandardError: 1}
	assert.InDelta(t, 1.959964+0.841621, i.SmallestDetectable(0.8), 1e-6)
	assert.InDelta(t, 1.959964, i.SmallestDetectable(0.5), 1e-6)
	assert.Panics(t, func() { i.SmallestDetectable(80) })
}

func ExampleRandomization() {
	var examples []stance.Example
	var first, second []stance.Prediction
	for i := range 300 {
		gold := stance.Labels()[i%3]
		examples = append(examples, stance.Example{Label: gold, Group: fmt.Sprint("passage ", i/3)})
		a, b := gold, gold
		if i%10 == 0 {
			a = stance.None
		}
		if i%7 == 0 {
			b = stance.Favor
		}
		first = append(first, stance.Prediction{Label: a})
		second = append(second, stance.Prediction{Label: b})
	}
	a, err := eval.NewSample(examples, first)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := eval.NewSample(examples, second)
	if err != nil {
		fmt.Println(err)
		return
	}
	test, err := eval.Randomization(a, b, eval.FAvg, eval.RandomizationOptions{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	i, err := eval.PairedBootstrap(a, b, eval.FAvg, eval.BootstrapOptions{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("difference %+.3f (%+.3f to %+.3f), p = %.2f\n", test.Statistic, i.Low, i.High, test.P)
	fmt.Printf("a difference of %.3f could be shown\n", i.SmallestDetectable(0.8))
	// Output:
	// difference +0.046 (+0.007 to +0.087), p = 0.03
	// a difference of 0.057 could be shown
}
