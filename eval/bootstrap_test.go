package eval_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// simulated makes a sample of n examples in clusters of the given size, with a
// classifier that is right with the given probability. Sentences of a cluster
// share a lean, in the gold labels and in the errors.
func simulated(n, size int, accuracy float64, seed uint64) *eval.Sample {
	rng := rand.New(rand.NewPCG(seed, 1))
	examples := make([]stance.Example, n)
	predictions := make([]stance.Prediction, n)
	for i := range examples {
		examples[i] = stance.Example{
			Group:  fmt.Sprint("passage ", i/size),
			Label:  stance.Labels()[rng.IntN(3)],
			Target: fmt.Sprint(i / size % 3),
		}
		if i > 0 && examples[i].Group == examples[i-1].Group && rng.Float64() < 0.5 {
			examples[i].Label = examples[i-1].Label
		}
		p := stance.Values{0.2 * rng.Float64(), 0.2 * rng.Float64(), 0.2 * rng.Float64()}
		l := int(examples[i].Label - stance.Favor)
		if rng.Float64() >= accuracy {
			l = rng.IntN(3)
		}
		p[l] = 1 - p[(l+1)%3] - p[(l+2)%3]
		predictions[i] = stance.Prediction{Label: p.Max(), Probabilities: p}
	}
	s, err := eval.NewSample(examples, predictions)
	if err != nil {
		panic(err)
	}
	return s
}

func allMetrics() []eval.Metric {
	return slices.Concat(eval.Metrics(), eval.ProbabilityMetrics(), []eval.Metric{eval.FAvgOverTargets})
}

// Every resample must be what drawing rows and computing the figure anew from
// them gives, for every figure.
func TestBootstrapByDefinition(t *testing.T) {
	s := simulated(60, 4, 0.6, 1)
	examples, predictions := s.Rows()
	for _, m := range allMetrics() {
		t.Run(m.Name, func(t *testing.T) {
			const seed, resamples, groups = 7, 40, 15
			values := make([]float64, resamples)
			for r := range values {
				rng := rand.New(rand.NewPCG(seed, uint64(r)))
				var drawn []stance.Example
				var said []stance.Prediction
				for range groups {
					g := rng.IntN(groups)
					drawn = append(drawn, examples[4*g:4*g+4]...)
					said = append(said, predictions[4*g:4*g+4]...)
				}
				other, err := eval.NewSample(drawn, said)
				require.NoError(t, err)
				values[r] = value(t, m, other)
			}
			slices.Sort(values)
			got, err := eval.Bootstrap(s, m, eval.BootstrapOptions{Resamples: resamples, Seed: seed, Level: 1 - 2.0/(resamples-1)})
			require.NoError(t, err)
			// At this level the quantiles are the second least and the second
			// greatest value.
			assert.InDelta(t, min(values[1], got.Estimate), got.Low, 1e-9)
			assert.InDelta(t, max(values[resamples-2], got.Estimate), got.High, 1e-9)
			assert.Equal(t, value(t, m, s), got.Estimate)
		})
	}
}

func TestIntervalsContainTheEstimate(t *testing.T) {
	metrics := allMetrics()
	rapid.Check(t, func(t *rapid.T) {
		s := probable(rapid.IntRange(2, 30).Draw(t, "n")).Draw(t, "sample")
		m := metrics[rapid.IntRange(0, len(metrics)-1).Draw(t, "metric")]
		o := eval.BootstrapOptions{
			Resamples: 50,
			Level:     rapid.SampledFrom([]float64{0.1, 0.8, 0.95, 0.999}).Draw(t, "level"),
			Method:    rapid.SampledFrom([]eval.IntervalMethod{eval.Percentile, eval.BCa}).Draw(t, "method"),
			Seed:      rapid.Uint64().Draw(t, "seed"),
		}
		i, err := eval.Bootstrap(s, m, o)
		require.NoError(t, err)
		assert.LessOrEqual(t, i.Low, i.Estimate)
		assert.GreaterOrEqual(t, i.High, i.Estimate)

		n := rapid.IntRange(0, 100).Draw(t, "trials")
		w := eval.Wilson(rapid.IntRange(0, n).Draw(t, "successes"), n, o.Level)
		assert.True(t, 0 <= w.Low && w.Low <= w.Estimate && w.Estimate <= w.High && w.High <= 1, "%+v", w)
	})
}

func TestResamplingIsTheSameWhateverGOMAXPROCS(t *testing.T) {
	a, b := simulated(300, 5, 0.7, 1), simulated(300, 5, 0.7, 1)
	examples, predictions := b.Rows()
	worse := slices.Clone(predictions)
	for i := range worse {
		if i%7 == 0 {
			worse[i] = predictions[0]
		}
	}
	b, err := eval.NewSample(examples, worse)
	require.NoError(t, err)
	run := func(procs int, m eval.Metric) []any {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		one, err := eval.Bootstrap(a, m, eval.BootstrapOptions{Resamples: 300, Method: eval.BCa, Seed: 3})
		require.NoError(t, err)
		two, err := eval.PairedBootstrap(a, b, m, eval.BootstrapOptions{Resamples: 300, Seed: 3})
		require.NoError(t, err)
		three, err := eval.Randomization(a, b, m, eval.RandomizationOptions{Rounds: 300, Seed: 3})
		require.NoError(t, err)
		return []any{one, two, three}
	}
	for _, m := range allMetrics() {
		assert.Equal(t, run(1, m), run(7, m), m.Name)
	}
}

// A 95 % interval must cover the truth in 93 to 97 of 100 simulated test sets:
// by passage where the rows are correlated, and by row where they are not.
// Drawing correlated rows one by one must fall short, or the test would not
// tell the two apart.
func TestCoverage(t *testing.T) {
	const resamples = 400
	for _, test := range []struct {
		name        string
		simulations int
		size        int
		cluster     func(stance.Example) string
		method      eval.IntervalMethod
		low, high   float64
	}{
		{"rows", 1200, 1, eval.Singly, eval.Percentile, 0.93, 0.97},
		{"rows BCa", 1200, 1, eval.Singly, eval.BCa, 0.93, 0.97},
		{"passages", 1200, 5, nil, eval.Percentile, 0.93, 0.97},
		{"passages drawn by row", 200, 5, eval.Singly, eval.Percentile, 0, 0.85},
	} {
		t.Run(test.name, func(t *testing.T) {
			// Accuracy of passages whose classifier is right with a
			// probability that varies from passage to passage, 0.4 or 1.
			const truth = 0.7
			covered := 0
			for simulation := range test.simulations {
				rng := rand.New(rand.NewPCG(uint64(simulation), 99))
				examples := make([]stance.Example, 100*test.size)
				predictions := make([]stance.Prediction, len(examples))
				p := 0.0
				for i := range examples {
					if i%test.size == 0 {
						p = 0.4 + 0.6*float64(rng.IntN(2))
					}
					examples[i] = stance.Example{Label: stance.None, Group: fmt.Sprint(i / test.size)}
					predictions[i].Label = stance.Favor
					if rng.Float64() < p {
						predictions[i].Label = stance.None
					}
				}
				s, err := eval.NewSample(examples, predictions)
				require.NoError(t, err)
				interval, err := eval.Bootstrap(s, eval.Accuracy, eval.BootstrapOptions{
					Resamples: resamples, Cluster: test.cluster, Method: test.method, Seed: uint64(simulation),
				})
				require.NoError(t, err)
				if interval.Low <= truth && truth <= interval.High {
					covered++
				}
			}
			rate := float64(covered) / float64(test.simulations)
			assert.True(t, test.low <= rate && rate <= test.high, "coverage %.3f", rate)
		})
	}
}

// Wilson's interval: the examples of Newcombe (1998), table I, method 3.
func TestWilson(t *testing.T) {
	for _, test := range []struct {
		successes, n int
		low, high    float64
	}{
		{81, 263, 0.2553, 0.3662},
		{15, 148, 0.0624, 0.1605},
		{0, 20, 0.0000, 0.1611},
		{1, 29, 0.0061, 0.1718},
	} {
		i := eval.Wilson(test.successes, test.n, 0.95)
		assert.InDelta(t, test.low, i.Low, 0.00005, "%d of %d", test.successes, test.n)
		assert.InDelta(t, test.high, i.High, 0.00005, "%d of %d", test.successes, test.n)
	}
	assert.Equal(t, eval.Interval{High: 1, Level: 0.9, Warnings: []string{"there are no examples"}}, eval.Wilson(0, 0, 0.9))
	assert.Panics(t, func() { eval.Wilson(3, 2, 0.95) })
}

func TestBootstrapWarnings(t *testing.T) {
	// One AGAINST in twenty: about a third of the resamples have none.
	examples := make([]stance.Example, 20)
	predictions := make([]stance.Prediction, 20)
	for i := range examples {
		examples[i].Label, predictions[i].Label = F, F
	}
	examples[3].Label, predictions[3].Label = A, A
	s, err := eval.NewSample(examples, predictions)
	require.NoError(t, err)
	i, err := eval.Bootstrap(s, eval.F1Of(A), eval.BootstrapOptions{Resamples: 1000})
	require.NoError(t, err)
	require.Len(t, i.Warnings, 2)
	assert.Regexp(t, `^in 3\d\d of 1000 resamples: class AGAINST does not occur in the gold labels$`, i.Warnings[0])
	assert.Equal(t, 0.0, i.Low)

	i, err = eval.Bootstrap(s, eval.Accuracy, eval.BootstrapOptions{
		Cluster: func(e stance.Example) string { return e.Label.String() },
	})
	require.NoError(t, err)
	assert.Equal(t, []string{"only 2 clusters: the interval is too narrow"}, i.Warnings)

	// The calibration error of resamples is greater than that of the sample.
	i, err = eval.Bootstrap(simulated(40, 1, 0.9, 2), eval.CalibrationError, eval.BootstrapOptions{Level: 0.2})
	require.NoError(t, err)
	assert.Equal(t, i.Low, i.Estimate)
	assert.Len(t, i.Warnings, 1)
	assert.Contains(t, i.Warnings[0], "the figure is biased")
}

func TestBootstrapErrors(t *testing.T) {
	s := simulated(20, 2, 0.8, 1)
	for _, test := range []struct {
		name string
		o    eval.BootstrapOptions
		want string
	}{
		{"resamples", eval.BootstrapOptions{Resamples: -1}, "eval: -1 resamples"},
		{"level", eval.BootstrapOptions{Level: 95}, "eval: level 95, want one between 0 and 1"},
		{"method", eval.BootstrapOptions{Method: 9}, "eval: interval method 9 is unknown"},
		{"one cluster", eval.BootstrapOptions{Cluster: func(stance.Example) string { return "x" }}, "eval: 1 cluster cannot be resampled, want at least 2"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := eval.Bootstrap(s, eval.FAvg, test.o)
			assert.EqualError(t, err, test.want)
			_, err = eval.PairedBootstrap(s, s, eval.FAvg, test.o)
			assert.EqualError(t, err, test.want)
		})
	}
	_, err := eval.PairedBootstrap(s, simulated(18, 2, 0.8, 1), eval.FAvg, eval.BootstrapOptions{})
	assert.EqualError(t, err, "eval: samples of 20 and of 18 examples cannot be compared")
	_, err = eval.PairedBootstrap(s, simulated(20, 2, 0.8, 2), eval.FAvg, eval.BootstrapOptions{})
	assert.ErrorContains(t, err, "eval: samples differ at example")
}

func ExampleBootstrap() {
	// 100 passages of three sentences, labelled right four times in five.
	var examples []stance.Example
	var predictions []stance.Prediction
	for i := range 300 {
		gold := stance.Labels()[i%3]
		predicted := gold
		if i%5 == 0 {
			predicted = stance.None
		}
		examples = append(examples, stance.Example{Label: gold, Group: fmt.Sprint("passage ", i/3)})
		predictions = append(predictions, stance.Prediction{Label: predicted})
	}
	s, err := eval.NewSample(examples, predictions)
	if err != nil {
		fmt.Println(err)
		return
	}
	i, err := eval.Bootstrap(s, eval.FAvg, eval.BootstrapOptions{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s %.2f, %.0f %% interval %.2f to %.2f\n", eval.FAvg.Name, i.Estimate, 100*i.Level, i.Low, i.High)
	// Output: F_avg pooled 0.89, 95 % interval 0.86 to 0.92
}
