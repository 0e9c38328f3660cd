package eval

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"example.org/metoostance/stance"
)

// An Interval is an estimate with its confidence interval.
type Interval struct {
	Estimate  float64
	Low, High float64
	// Level is the nominal coverage, 0.95 for example.
	Level float64
	// StandardError is the standard deviation of the estimate over the
	// resamples.
	StandardError float64
	// Warnings are those of the estimate, and what the resamples met.
	Warnings []string
}

// SmallestDetectable returns the smallest true difference that a two-sided
// test at significance 1-Level would find with the given power on data like
// these: (z of 1-(1-Level)/2 + z of power) times the standard error (Bland
// 2015, chapter 18). On an interval of [PairedBootstrap] it says which
// difference between two models a test set of this size could show; 0.8 is the
// usual power. A power outside 0 to 1 panics.
func (i Interval) SmallestDetectable(power float64) float64 {
	if !(power > 0 && power < 1) {
		panic(fmt.Sprintf("eval: power %v", power))
	}
	return (quantileNormal(1-(1-i.Level)/2) + quantileNormal(power)) * i.StandardError
}

// An IntervalMethod is a way to make an interval from bootstrap resamples.
type IntervalMethod uint8

const (
	// Percentile takes the quantiles of the resampled figures (Efron and
	// Tibshirani 1993, chapter 13), interpolated linearly.
	Percentile IntervalMethod = iota
	// BCa corrects the quantiles for bias and for skewness, the latter by
	// leaving out each cluster in turn (Efron 1987).
	BCa
)

// BootstrapOptions says how to resample. The zero value is good for most uses.
type BootstrapOptions struct {
	// Resamples is the number of resamples; 0 means 2000.
	Resamples int
	// Level is the nominal coverage of the interval; 0 means 0.95.
	Level float64
	// Method makes the interval; the zero value is Percentile.
	Method IntervalMethod
	// Cluster names what is drawn as a whole: examples with the same name
	// stand or fall together, "" is a cluster of its own. Sentences of one
	// passage or author are alike, and drawing them singly would make the
	// interval too narrow. Nil keeps examples together that share a Group or a
	// Document; [Singly] draws each alone.
	Cluster func(stance.Example) string
	// Seed chooses the resamples. Every value is as good as another.
	Seed uint64
}

// Singly is a [BootstrapOptions.Cluster] for the plain bootstrap, in which
// every example is drawn alone.
func Singly(stance.Example) string { return "" }

func (o BootstrapOptions) withDefaults() (BootstrapOptions, error) {
	if o.Resamples == 0 {
		o.Resamples = 2000
	}
	if o.Level == 0 {
		o.Level = 0.95
	}
	if o.Resamples < 0 {
		return o, fmt.Errorf("eval: %d resamples", o.Resamples)
	}
	if !(o.Level > 0 && o.Level < 1) {
		return o, fmt.Errorf("eval: level %v, want one between 0 and 1", o.Level)
	}
	if o.Method > BCa {
		return o, fmt.Errorf("eval: interval method %d is unknown", o.Method)
	}
	return o, nil
}

// clusters numbers the examples by cluster.
func clusters(examples []stance.Example, by func(stance.Example) string) (unit []int, n int) {
	if by == nil {
		return units(examples)
	}
	names := make([]string, len(examples))
	for i, e := range examples {
		names[i] = by(e)
	}
	return numbered(names)
}

// numbered gives equal names equal numbers, from 0 in the order of first
// occurrence, and every "" a number of its own.
func numbered(names []string) (unit []int, n int) {
	seen := map[string]int{}
	unit = make([]int, len(names))
	for i, name := range names {
		u, ok := seen[name]
		if !ok || name == "" {
			u = n
			seen[name] = u
			n++
		}
		unit[i] = u
	}
	return unit, n
}

// Bootstrap returns the figure of a sample with a confidence interval.
// Clusters are drawn with replacement, as many as there are, and the figure is
// computed anew from everything that was drawn: it is never a mean of figures
// of parts.
//
// The result depends on nothing but the arguments; resample r is drawn with
// rand.NewPCG(seed, r). The interval always contains the estimate: where a
// biased figure puts it outside, the interval is extended to it, with a
// warning. Fewer than two clusters, impossible options, and probabilities that
// are needed and missing are errors.
func Bootstrap(s *Sample, m Metric, o BootstrapOptions) (Interval, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Interval{}, err
	}
	unit, n := clusters(s.examples, o.Cluster)
	evaluate, err := m.on(s, unit)
	if err != nil {
		return Interval{}, err
	}
	return bootstrap(n, evaluate, o)
}

// PairedBootstrap returns the difference of a figure between two classifiers
// on the same examples, a less b, with a confidence interval: in each resample
// both are evaluated on the same clusters. The samples must hold the same
// examples in the same order. In all else it is as [Bootstrap].
func PairedBootstrap(a, b *Sample, m Metric, o BootstrapOptions) (Interval, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Interval{}, err
	}
	if err := checkPaired(a, b); err != nil {
		return Interval{}, err
	}
	unit, n := clusters(a.examples, o.Cluster)
	evaluateA, err := m.on(a, unit)
	if err != nil {
		return Interval{}, err
	}
	evaluateB, err := m.on(b, unit)
	if err != nil {
		return Interval{}, err
	}
	return bootstrap(n, func(weights []int32) Figure {
		fa, fb := evaluateA(weights), evaluateB(weights)
		return Figure{Value: fa.Value - fb.Value, Warnings: merge(fa.Warnings, fb.Warnings)}
	}, o)
}

// checkPaired returns an error unless two samples are of the same examples.
func checkPaired(a, b *Sample) error {
	if a.Len() != b.Len() {
		return fmt.Errorf("eval: samples of %d and of %d examples cannot be compared", a.Len(), b.Len())
	}
	for i := range a.examples {
		if a.examples[i] != b.examples[i] {
			return fmt.Errorf("eval: samples differ at %s and cannot be compared", describe(a.examples, i))
		}
	}
	return nil
}

// fewClusters is the number below which a bootstrap interval comes with a
// warning.
const fewClusters = 10

// bootstrap resamples n units.
func bootstrap(n int, evaluate evaluator, o BootstrapOptions) (Interval, error) {
	if n < 2 {
		return Interval{}, fmt.Errorf("eval: %d cluster cannot be resampled, want at least 2", n)
	}
	estimate := evaluate(ones(n))
	values, met := resample(o.Resamples, func(r int, scratch []int32) Figure {
		clear(scratch)
		rng := rand.New(rand.NewPCG(o.Seed, uint64(r)))
		for range n {
			scratch[rng.IntN(n)]++
		}
		return evaluate(scratch)
	}, n)

	result := Interval{
		Estimate:      estimate.Value,
		Level:         o.Level,
		StandardError: deviation(values),
		Warnings:      estimate.Warnings,
	}
	if n < fewClusters {
		result.Warnings = append(result.Warnings, fmt.Sprintf("only %d clusters: the interval is too narrow", n))
	}
	result.Warnings = append(result.Warnings, met...)

	slices.Sort(values)
	low, high := (1-o.Level)/2, 1-(1-o.Level)/2
	if o.Method == BCa {
		var warning string
		low, high, warning = bca(values, estimate.Value, low, n, evaluate)
		if warning != "" {
			result.Warnings = append(result.Warnings, warning)
		}
	}
	result.Low, result.High = quantile(values, low), quantile(values, high)
	if estimate.Value < result.Low || estimate.Value > result.High {
		result.Low = min(result.Low, estimate.Value)
		result.High = max(result.High, estimate.Value)
		result.Warnings = append(result.Warnings, "the estimate lies outside the interval of the resamples, which is extended to it: the figure is biased in samples of this size")
	}
	return result, nil
}

// resample returns do(r, scratch) for r from 0 to n-1, computed concurrently,
// and the warnings met, each with the number of resamples that met it.
func resample(n int, do func(r int, scratch []int32) Figure, scratchLen int) (values []float64, warnings []string) {
	const block = 64
	values = make([]float64, n)
	counts := make([]map[string]int, (n+block-1)/block)
	_ = parallel(context.Background(), len(counts), func(b int) error {
		scratch := make([]int32, scratchLen)
		for r := b * block; r < min(n, (b+1)*block); r++ {
			f := do(r, scratch)
			values[r] = f.Value
			for _, w := range f.Warnings {
				if counts[b] == nil {
					counts[b] = map[string]int{}
				}
				counts[b][w]++
			}
		}
		return nil // nothing fails
	})
	total := map[string]int{}
	var names []string
	for _, c := range counts {
		for w, k := range c {
			if total[w] == 0 {
				names = append(names, w)
			}
			total[w] += k
		}
	}
	slices.Sort(names)
	for _, w := range names {
		warnings = append(warnings, fmt.Sprintf("in %d of %d resamples: %s", total[w], n, w))
	}
	return values, warnings
}

// bca returns the quantiles to take in place of alpha and 1-alpha (Efron 1987;
// Efron and Tibshirani 1993, equation 14.10). Resamples equal to the estimate
// count half below it, as in scipy.stats.bootstrap.
func bca(sorted []float64, estimate, alpha float64, n int, evaluate evaluator) (low, high float64, warning string) {
	below, _ := slices.BinarySearch(sorted, estimate)
	upTo := below
	for upTo < len(sorted) && sorted[upTo] == estimate {
		upTo++
	}
	part := float64(below+upTo) / float64(2*len(sorted))
	if part == 0 || part == 1 {
		return alpha, 1 - alpha, "all resamples lie on one side of the estimate: percentile interval in place of BCa"
	}
	z0 := quantileNormal(part)

	// The acceleration from the figures without each cluster.
	left, _ := resample(n, func(r int, weights []int32) Figure {
		for i := range weights {
			weights[i] = 1
		}
		weights[r] = 0
		return evaluate(weights)
	}, n)
	centre := mean(left)
	square, cube := 0.0, 0.0
	for _, v := range left {
		d := centre - v
		square += float64(d * d)
		cube += float64(float64(d*d) * d)
	}
	acceleration := 0.0
	if square > 0 {
		acceleration = cube / (6 * square * math.Sqrt(square))
	}
	adjust := func(p float64) float64 {
		z := z0 + quantileNormal(p)
		return cumulativeNormal(z0 + z/(1-float64(acceleration*z)))
	}
	return adjust(alpha), adjust(1 - alpha), ""
}

// quantile returns the p-quantile of sorted values, interpolated linearly
// between the order statistics (type 7 of Hyndman and Fan 1996, the default of
// NumPy and R).
func quantile(sorted []float64, p float64) float64 {
	at := float64(p * float64(len(sorted)-1))
	i := min(max(int(at), 0), len(sorted)-1)
	if i+1 == len(sorted) || sorted[i] == sorted[i+1] {
		return sorted[i]
	}
	return sorted[i] + float64((at-float64(i))*(sorted[i+1]-sorted[i]))
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// deviation returns the standard deviation with n-1 in the denominator, and 0
// of fewer than two values.
func deviation(values []float64) float64 {
	if len(values) < 2 {
		return 0
	}
	centre, sum := mean(values), 0.0
	for _, v := range values {
		sum += float64((v - centre) * (v - centre))
	}
	return math.Sqrt(sum / float64(len(values)-1))
}

func quantileNormal(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }

func cumulativeNormal(z float64) float64 { return math.Erfc(-z/math.Sqrt2) / 2 }

// Wilson returns the interval of a proportion, successes of n, by Wilson's
// (1927) score method: for accuracy, precision and recall it needs no
// resampling, where the examples are independent. The level is the nominal
// coverage, 0.95 for example. With n = 0 the estimate is 0 with a warning, and
// the interval is everything.
//
// It panics unless 0 <= successes <= n and 0 < level < 1.
func Wilson(successes, n int, level float64) Interval {
	if successes < 0 || successes > n || !(level > 0 && level < 1) {
		panic(fmt.Sprintf("eval: Wilson interval of %d of %d at level %v", successes, n, level))
	}
	f := ratio(float64(successes), float64(n), warnEmpty)
	result := Interval{Estimate: f.Value, High: 1, Level: level, Warnings: f.Warnings}
	if n == 0 {
		return result
	}
	p, count := f.Value, float64(n)
	z := quantileNormal(1 - (1-level)/2)
	zz := float64(z * z)
	variance := p * (1 - p) / count
	centre := (p + zz/(2*count)) / (1 + zz/count)
	half := z * math.Sqrt(variance+zz/(4*count*count)) / (1 + zz/count)
	// At 0 and n of n the bound is 0 and 1 exactly; rounding must not say
	// otherwise.
	result.Low, result.High = max(0, min(centre-half, p)), min(1, max(centre+half, p))
	if successes == 0 {
		result.Low = 0
	}
	if successes == n {
		result.High = 1
	}
	result.StandardError = math.Sqrt(variance)
	return result
}
