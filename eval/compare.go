package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"example.org/metoostance/stance"
)

// A Test is the outcome of a significance test of two classifiers.
type Test struct {
	// Statistic is the observed difference of the figure, a less b, or the
	// test statistic: see the function that made it.
	Statistic float64
	// P is the two-sided p-value.
	P float64
	// Warnings are what a reader must know before believing it.
	Warnings []string
}

// RandomizationOptions says how to randomise. The zero value is good for most
// uses.
type RandomizationOptions struct {
	// Rounds is the number of random exchanges; 0 means 10000.
	Rounds int
	// Cluster names what is exchanged as a whole, as in
	// [BootstrapOptions.Cluster].
	Cluster func(stance.Example) string
	// Seed chooses the exchanges. Every value is as good as another.
	Seed uint64
}

// Randomization tests whether a figure differs between two classifiers on the
// same examples, by paired approximate randomisation (Noreen 1989; Yeh 2000):
// if they are alike, exchanging their predictions on any cluster of examples
// changes nothing, so that the observed difference is one of many that random
// exchanges give. The figure is computed anew from the exchanged predictions
// in every round. P is (1+m)/(1+rounds) where m rounds differ at least as much
// as the observation; Statistic is the figure of a less that of b. A
// classifier against itself has P = 1.
//
// The result depends on nothing but the arguments; round r is drawn with
// rand.NewPCG(seed, r). The samples must hold the same examples in the same
// order.
func Randomization(a, b *Sample, m Metric, o RandomizationOptions) (Test, error) {
	if o.Rounds == 0 {
		o.Rounds = 10000
	}
	if o.Rounds < 0 {
		return Test{}, fmt.Errorf("eval: %d rounds", o.Rounds)
	}
	if err := checkPaired(a, b); err != nil {
		return Test{}, err
	}
	if m.probable && a.probable != b.probable {
		return Test{}, fmt.Errorf("eval: %s needs probabilities, and one classifier gives none", m.Name)
	}
	unit, n := clusters(a.examples, o.Cluster)

	// Both samples in one, cluster u of b numbered n+u: an exchange is a
	// choice of weights 0 and 1.
	both := &Sample{
		examples:    slices.Concat(a.examples, b.examples),
		predictions: slices.Concat(a.predictions, b.predictions),
		probable:    a.probable && b.probable,
	}
	for _, u := range unit[:len(unit):len(unit)] {
		unit = append(unit, n+u)
	}
	evaluate, err := m.on(both, unit)
	if err != nil {
		return Test{}, err
	}
	// difference takes the weights of the one side, a choice of u or n+u for
	// each u, followed by those of the other.
	difference := func(weights []int32) Figure {
		fa, fb := evaluate(weights[:2*n]), evaluate(weights[2*n:])
		return Figure{Value: fa.Value - fb.Value, Warnings: merge(fa.Warnings, fb.Warnings)}
	}
	choose := func(weights []int32, u int, chosen int32) {
		weights[u], weights[n+u] = chosen, 1-chosen
		weights[2*n+u], weights[3*n+u] = 1-chosen, chosen
	}
	observed := make([]int32, 4*n)
	for u := range n {
		choose(observed, u, 1)
	}
	d := difference(observed)

	values, _ := resample(o.Rounds, func(r int, weights []int32) Figure {
		pcg := rand.NewPCG(o.Seed, uint64(r))
		var bits uint64
		for u := range n {
			if u%64 == 0 {
				bits = pcg.Uint64()
			}
			choose(weights, u, int32(bits&1))
			bits >>= 1
		}
		return difference(weights)
	}, 4*n)
	// Sums in another order differ in the last bits; that must not make a tie
	// a smaller difference.
	least := math.Abs(d.Value) - 1e-12
	atLeast := 1
	for _, v := range values {
		if math.Abs(v) >= least {
			atLeast++
		}
	}
	return Test{Statistic: d.Value, P: float64(atLeast) / float64(1+o.Rounds), Warnings: d.Warnings}, nil
}

// Discordant counts the examples that only one of two classifiers labels
// right, for [McNemar]. The samples must hold the same examples in the same
// order.
func Discordant(a, b *Sample) (onlyA, onlyB int, err error) {
	if err := checkPaired(a, b); err != nil {
		return 0, 0, err
	}
	for i := range a.examples {
		switch {
		case a.right(i) && !b.right(i):
			onlyA++
		case b.right(i) && !a.right(i):
			onlyB++
		}
	}
	return onlyA, onlyB, nil
}

// McNemar tests whether two classifiers have the same accuracy, from the
// numbers of examples that only one of them labels right. P is exact: twice
// the smaller tail of the binomial distribution with probability 1/2, at most
// 1. Statistic is the smaller of the two numbers. Negative numbers panic.
//
// The test takes the examples to be independent. Where sentences stand in
// passages, [Randomization] by cluster is the test to use.
func McNemar(onlyA, onlyB int) Test {
	n, k := discordant(onlyA, onlyB)
	if n == 0 {
		return Test{P: 1, Warnings: []string{warnNoDiscordant}}
	}
	// Twice the sum of n!/(i!(n-i)!)/2^n over i from 0 to k.
	p := 0.0
	for i := 0; i <= k; i++ {
		p += math.Exp(logChoose(n, i) - float64(float64(n)*math.Ln2))
	}
	return Test{Statistic: float64(k), P: min(1, 2*p)}
}

// McNemarCorrected is [McNemar] by the chi-squared distribution with one
// degree of freedom, with Edwards' (1948) correction for continuity:
// Statistic is (|a-b|-1)²/(a+b), where the difference is not 0.
func McNemarCorrected(onlyA, onlyB int) Test {
	n, k := discordant(onlyA, onlyB)
	if n == 0 {
		return Test{P: 1, Warnings: []string{warnNoDiscordant}}
	}
	gap := float64(max(n-2*k-1, 0))
	statistic := gap * gap / float64(n)
	t := Test{Statistic: statistic, P: math.Erfc(math.Sqrt(statistic / 2))}
	if n < 25 {
		t.Warnings = []string{fmt.Sprintf("only %d discordant examples: use the exact test", n)}
	}
	return t
}

const warnNoDiscordant = "no example is labelled right by only one of the two"

// discordant returns the sum and the smaller of two counts.
func discordant(a, b int) (n, k int) {
	if a < 0 || b < 0 {
		panic(fmt.Sprintf("eval: McNemar's test of %d and %d", a, b))
	}
	return a + b, min(a, b)
}

func logChoose(n, k int) float64 {
	lgamma := func(x int) float64 {
		v, _ := math.Lgamma(float64(x))
		return v
	}
	return lgamma(n+1) - lgamma(k+1) - lgamma(n-k+1)
}

// Holm adjusts the p-values of several tests so that the probability of any
// false rejection stays below the level at which the adjusted values are read
// (Holm 1979): the i-th smallest of m is multiplied by m-i+1, and none is
// smaller than one before it. The result is in the order of p. A value outside
// 0 to 1 panics.
func Holm(p []float64) []float64 {
	order := alone(len(p))
	for i, v := range p {
		if !(v >= 0 && v <= 1) {
			panic(fmt.Sprintf("eval: p-value %d is %v", i, v))
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	adjusted := make([]float64, len(p))
	least := 0.0
	for rank, i := range order {
		least = max(least, min(1, float64(len(p)-rank)*p[i]))
		adjusted[i] = least
	}
	return adjusted
}
