package eval

import (
	"fmt"
	"math"
	"slices"

	"example.org/metoostance/stance"
)

// Ratings holds the values that raters gave to units: Ratings[u] are those of
// unit u, one for each rater, NaN where one gave none.
type Ratings [][]float64

// LabelRatings turns votes into ratings: votes[u] are the labels that unit u
// got, one for each annotator, [stance.Unlabelled] where one gave none. For
// the coefficients that use an order, AGAINST is -1, NONE is 0 and FAVOR is 1.
// A label that is none of these is an error.
func LabelRatings(votes [][]stance.Label) (Ratings, error) {
	r := make(Ratings, len(votes))
	for u, vote := range votes {
		r[u] = make([]float64, len(vote))
		for i, l := range vote {
			switch l {
			case stance.Favor:
				r[u][i] = 1
			case stance.Against:
				r[u][i] = -1
			case stance.None:
				r[u][i] = 0
			case stance.Unlabelled:
				r[u][i] = math.NaN()
			default:
				return nil, fmt.Errorf("eval: vote %d of unit %d is %v", i, u, l)
			}
		}
	}
	return r, nil
}

// A Coefficient is a measure of the agreement of raters beyond chance: 1 is
// perfect, 0 is chance.
type Coefficient uint8

const (
	// NominalAlpha is Krippendorff's alpha (2011) for values without an order.
	// All alphas take any number of raters and missing values; a unit with
	// fewer than two values does not count.
	NominalAlpha Coefficient = iota
	// OrdinalAlpha is Krippendorff's alpha for values with an order.
	OrdinalAlpha
	// IntervalAlpha is Krippendorff's alpha for values with distances.
	IntervalAlpha
	// FleissKappa is Fleiss' kappa (1971). Every unit must have the same number
	// of values, at least two, from whatever raters.
	FleissKappa
	// CohenKappa is Cohen's kappa (1960) of two raters. A unit that lacks one
	// value does not count. On labels it is [Confusion.Kappa] of one rater
	// against the other.
	CohenKappa
)

// String returns the name of the coefficient.
func (c Coefficient) String() string {
	switch c {
	case NominalAlpha:
		return "Krippendorff's alpha (nominal)"
	case OrdinalAlpha:
		return "Krippendorff's alpha (ordinal)"
	case IntervalAlpha:
		return "Krippendorff's alpha (interval)"
	case FleissKappa:
		return "Fleiss' kappa"
	case CohenKappa:
		return "Cohen's kappa"
	}
	return fmt.Sprintf("Coefficient(%d)", uint8(c))
}

// Agreement returns a coefficient of agreement. Where all values are the same
// it is 0/0, and so 0 with a warning. Infinite values, ratings that do not
// have the form that the coefficient needs, and no unit to compute it from are
// errors that name the unit.
func Agreement(r Ratings, c Coefficient) (Figure, error) {
	t, err := tabulate(r, c)
	if err != nil {
		return Figure{}, err
	}
	return t.evaluator(alone(len(r)))(ones(len(r))), nil
}

// AgreementInterval returns a coefficient of agreement with its bootstrap
// interval, for which units are drawn with replacement. clusters names what is
// drawn as a whole, one name for each unit, "" for a unit drawn alone; nil
// draws each alone. o.Cluster is not used and must be nil.
func AgreementInterval(r Ratings, c Coefficient, clusters []string, o BootstrapOptions) (Interval, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Interval{}, err
	}
	if o.Cluster != nil {
		panic("eval: AgreementInterval takes the names of clusters, not BootstrapOptions.Cluster")
	}
	t, err := tabulate(r, c)
	if err != nil {
		return Interval{}, err
	}
	unit, n := alone(len(r)), len(r)
	if clusters != nil {
		if len(clusters) != len(r) {
			return Interval{}, fmt.Errorf("eval: %d units but %d names of clusters", len(r), len(clusters))
		}
		unit, n = numbered(clusters)
	}
	return bootstrap(n, t.evaluator(unit), o)
}

// A table is ratings sorted by pattern: units that got the same values add the
// same to every coefficient, so that a resample needs only to count patterns.
type table struct {
	coefficient Coefficient
	values      []float64 // the distinct values, ascending
	pattern     []int     // of each unit; -1 for a unit that does not count
	patterns    [][]int   // the values of each pattern, as indices, raters in order
}

func tabulate(r Ratings, c Coefficient) (*table, error) {
	if c > CohenKappa {
		return nil, fmt.Errorf("eval: %v is unknown", c)
	}
	t := &table{coefficient: c, pattern: make([]int, len(r))}
	for u, row := range r {
		for i, v := range row {
			if math.IsInf(v, 0) {
				return nil, fmt.Errorf("eval: value %d of unit %d is %v", i, u, v)
			}
			if !math.IsNaN(v) {
				t.values = append(t.values, v)
			}
		}
	}
	slices.Sort(t.values)
	t.values = slices.Compact(t.values)

	seen := map[string]int{}
	need, count := 0, 0
	for u, row := range r {
		var pattern []int
		var key []byte
		for _, v := range row {
			if !math.IsNaN(v) {
				i, _ := slices.BinarySearch(t.values, v)
				pattern = append(pattern, i)
				key = fmt.Append(key, i, ",")
			}
		}
		switch c {
		case CohenKappa:
			if len(row) != 2 {
				return nil, fmt.Errorf("eval: %v of unit %d with %d raters, want 2", c, u, len(row))
			}
		case FleissKappa:
			if u == 0 {
				need = len(pattern)
			}
			if len(pattern) != need || need < 2 {
				return nil, fmt.Errorf("eval: %v of unit %d with %d values, want the same number of each unit, at least 2", c, u, len(pattern))
			}
		}
		if len(pattern) < 2 {
			t.pattern[u] = -1
			continue
		}
		count++
		p, ok := seen[string(key)]
		if !ok {
			p = len(t.patterns)
			seen[string(key)] = p
			t.patterns = append(t.patterns, pattern)
		}
		t.pattern[u] = p
	}
	if count == 0 {
		return nil, fmt.Errorf("eval: %v: no unit has two values", c)
	}
	return t, nil
}

func (t *table) evaluator(unit []int) evaluator {
	of := t.alpha
	switch t.coefficient {
	case FleissKappa:
		of = t.fleiss
	case CohenKappa:
		of = t.cohen
	}
	return func(weights []int32) Figure {
		counts := make([]int, len(t.patterns))
		for u, p := range t.pattern {
			if p >= 0 {
				counts[p] += int(weights[unit[u]])
			}
		}
		return of(counts)
	}
}

const warnOneValue = "all values are the same, so that there is no agreement beyond chance"

// alpha computes 1 - (n-1) sum(o_ck d_ck) / sum(n_c n_k d_ck) from the matrix
// of coincidences o, where d is the squared difference of the level of
// measurement (Krippendorff 2011, "Computing Krippendorff's alpha-reliability",
// section E).
func (t *table) alpha(counts []int) Figure {
	k := len(t.values)
	coincidences := make([]float64, k*k)
	for p, pattern := range t.patterns {
		if counts[p] == 0 {
			continue
		}
		share := float64(counts[p]) / float64(len(pattern)-1)
		for i, c := range pattern {
			for j, d := range pattern {
				if i != j {
					coincidences[c*k+d] += share
				}
			}
		}
	}
	marginals := make([]float64, k)
	n := 0.0
	for c := range marginals {
		for d := range k {
			marginals[c] += coincidences[c*k+d]
		}
		n += marginals[c]
	}
	observed, expected := 0.0, 0.0
	for c := range k {
		between := marginals[c] // of the values from c to d, for the ordinal level
		for d := c + 1; d < k; d++ {
			between += marginals[d]
			distance := 1.0
			switch t.coefficient {
			case OrdinalAlpha:
				distance = between - (marginals[c]+marginals[d])/2
			case IntervalAlpha:
				distance = t.values[d] - t.values[c]
			}
			square := float64(distance * distance)
			observed += float64(coincidences[c*k+d] * square)
			expected += float64(float64(marginals[c]*marginals[d]) * square)
		}
	}
	return ratio(expected-float64((n-1)*observed), expected, warnOneValue)
}

// fleiss computes (P - Pe)/(1 - Pe), P being the mean over the units of the
// part of their pairs of values that agree, Pe the sum of the squared
// proportions of the values (Fleiss 1971).
func (t *table) fleiss(counts []int) Figure {
	totals := make([]int, len(t.values))
	agreeing, pairs, n := 0, 0, 0
	for p, pattern := range t.patterns {
		for i, c := range pattern {
			totals[c] += counts[p]
			for j, d := range pattern {
				if i != j && c == d {
					agreeing += counts[p]
				}
			}
		}
		pairs += counts[p] * len(pattern) * (len(pattern) - 1)
		n += counts[p] * len(pattern)
	}
	chance := 0.0
	for _, c := range totals {
		chance += float64(c) / float64(n) * float64(c) / float64(n)
	}
	if slices.Contains(totals, n) {
		chance = 1 // exactly, where the division may have rounded
	}
	return ratio(float64(agreeing)/float64(pairs)-chance, 1-chance, warnOneValue)
}

// cohen computes (po - pe)/(1 - pe), here in whole numbers (Cohen 1960).
func (t *table) cohen(counts []int) Figure {
	first, second := make([]int, len(t.values)), make([]int, len(t.values))
	n, agreeing := 0, 0
	for p, pattern := range t.patterns {
		first[pattern[0]] += counts[p]
		second[pattern[1]] += counts[p]
		n += counts[p]
		if pattern[0] == pattern[1] {
			agreeing += counts[p]
		}
	}
	chance := 0
	for c := range first {
		chance += first[c] * second[c]
	}
	return ratio(float64(n*agreeing-chance), float64(n*n-chance), warnOneValue)
}

// Ceiling returns how well annotators predict one another, as a metric with
// its interval: the figure of a classifier as good as an annotator. votes[i]
// are the labels that examples[i] got, one for each annotator,
// [stance.Unlabelled] where one gave none. Every ordered pair of annotators is
// counted, the one as gold and the other as predicted, all in one matrix.
//
// A classifier is measured against the gold label, in which every annotator
// has had a say; annotators measured against it would look better than they
// are. The labels of the examples are not used.
func Ceiling(examples []stance.Example, votes [][]stance.Label, m Metric, o BootstrapOptions) (Interval, error) {
	o, err := o.withDefaults()
	if err != nil {
		return Interval{}, err
	}
	if len(examples) != len(votes) {
		return Interval{}, fmt.Errorf("eval: %d examples but votes on %d", len(examples), len(votes))
	}
	whole, n := clusters(examples, o.Cluster)
	var pairs []stance.Example
	var predictions []stance.Prediction
	var unit []int
	for i, vote := range votes {
		for a, gold := range vote {
			if gold > stance.None {
				return Interval{}, fmt.Errorf("eval: vote %d on %s is %v", a, describe(examples, i), gold)
			}
			for b, predicted := range vote {
				if a != b && gold.Valid() && predicted.Valid() {
					e := examples[i]
					e.Label = gold
					pairs = append(pairs, e)
					predictions = append(predictions, stance.Prediction{Label: predicted})
					unit = append(unit, whole[i])
				}
			}
		}
	}
	if len(pairs) == 0 {
		return Interval{}, fmt.Errorf("eval: no example has two votes")
	}
	s, err := NewSample(pairs, predictions)
	if err != nil {
		return Interval{}, err
	}
	evaluate, err := m.on(s, unit)
	if err != nil {
		return Interval{}, err
	}
	return bootstrap(n, evaluate, o)
}
