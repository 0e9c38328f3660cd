package eval

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/stance"
)

// The variance of the 26 spatial test scores A of Efron and Tibshirani (1993),
// tables 14.1 and 14.2: estimate 171.5, standard 90 % percentile interval 100.8
// to 233.9, BCa interval 115.8 to 259.6, from 2000 resamples, whose quantiles
// have a standard error of about 2.
func TestBCaOfSpatialData(t *testing.T) {
	scores := []float64{48, 36, 20, 29, 42, 42, 20, 42, 22, 41, 45, 14, 6, 0, 33, 28, 34, 4, 32, 24, 47, 41, 24, 26, 30, 41}
	variance := func(weights []int32) Figure {
		n, sum, square := 0.0, 0.0, 0.0
		for i, w := range weights {
			n += float64(w)
			sum += float64(w) * scores[i]
			square += float64(w) * scores[i] * scores[i]
		}
		return Figure{Value: square/n - sum/n*sum/n}
	}
	o := BootstrapOptions{Resamples: 20000, Level: 0.9, Seed: 1}
	got, err := bootstrap(len(scores), variance, o)
	require.NoError(t, err)
	assert.InDelta(t, 171.5, got.Estimate, 0.05)
	assert.InDelta(t, 100.8, got.Low, 5)
	assert.InDelta(t, 233.9, got.High, 5)
	o.Method = BCa
	got, err = bootstrap(len(scores), variance, o)
	require.NoError(t, err)
	assert.InDelta(t, 115.8, got.Low, 5)
	assert.InDelta(t, 259.6, got.High, 5)
}

// NumPy's quantile(range(5), p) and R's quantile(0:4, p).
func TestQuantile(t *testing.T) {
	values := []float64{0, 1, 2, 3, 4}
	for _, test := range []struct{ p, want float64 }{{0, 0}, {0.1, 0.4}, {0.5, 2}, {0.99, 3.96}, {1, 4}} {
		assert.InDelta(t, test.want, quantile(values, test.p), 1e-12)
	}
	assert.Equal(t, 7.0, quantile([]float64{7}, 0.3))
}

// A classifier that has learnt random labels by heart must not believe in them:
// each text is scored by what was learnt from others.
func TestAlignmentScoresAreCrossFitted(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	examples := make([]stance.Example, 1000)
	for i := range examples {
		for range 10 {
			examples[i].Text += fmt.Sprint("w", rng.IntN(400), " ")
		}
		examples[i].Label = stance.Labels()[rng.IntN(3)]
	}
	a := newAligner(examples)
	s := a.fit([]Block{{From: 0, To: len(examples)}})
	evidence := 0.0
	for i := range examples {
		evidence += s.score(i, 0)
	}
	assert.Less(t, evidence, 5.0)
	best := a.bestRun(s, 0, 0, a.n, newFree(a.n))
	assert.Less(t, best.Score, 15.0)
}
