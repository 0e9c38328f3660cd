package eval

import (
	"fmt"
	"math"

	"example.org/metoostance/stance"
)

// A Figure is the value of one measure, with what a reader must know before
// believing it: that a class was never predicted, for example, so that its
// precision is 0/0. Warnings is nil when there is nothing to say.
type Figure struct {
	Value    float64
	Warnings []string
}

// ratio divides, and is the one place where this package decides what 0/0 is:
// the value 0, with a warning beside it. Every figure that divides goes
// through it.
func ratio(numerator, denominator float64, warning string) Figure {
	if denominator == 0 {
		return Figure{Warnings: []string{warning}}
	}
	return Figure{Value: numerator / denominator}
}

// merge returns the warnings of a and b in order, each once.
func merge(a, b []string) []string {
	if len(b) == 0 {
		return a
	}
	merged := append([]string(nil), a...)
next:
	for _, w := range b {
		for _, seen := range merged {
			if w == seen {
				continue next
			}
		}
		merged = append(merged, w)
	}
	return merged
}

const warnEmpty = "there are no examples"

// Warnings about a class, written once so that a resample which meets them ten
// thousand times formats no text.
var (
	warnNeverPredicted [stance.NumLabels]string
	warnNotInGold      [stance.NumLabels]string
)

func init() {
	for i, l := range stance.Labels() {
		warnNeverPredicted[i] = fmt.Sprintf("class %v was never predicted", l)
		warnNotInGold[i] = fmt.Sprintf("class %v does not occur in the gold labels", l)
	}
}

// A Confusion counts pairs of gold and predicted labels. All figures that need
// no probabilities are computed from it. The zero value is an empty matrix,
// ready to use. Reading is safe for concurrent use, adding is not.
type Confusion struct {
	counts [stance.NumLabels][stance.NumLabels]int // rows gold, columns predicted
}

// NewConfusion counts gold[i] against predicted[i]. Slices of different
// lengths and pairs with an unlabelled member are errors, the latter naming
// the index.
func NewConfusion(gold, predicted []stance.Label) (*Confusion, error) {
	if len(gold) != len(predicted) {
		return nil, fmt.Errorf("eval: %d gold labels but %d predicted", len(gold), len(predicted))
	}
	c := new(Confusion)
	for i, g := range gold {
		if !g.Valid() {
			return nil, fmt.Errorf("eval: gold label %d is %q, want one of FAVOR, AGAINST and NONE", i, g)
		}
		if !predicted[i].Valid() {
			return nil, fmt.Errorf("eval: predicted label %d is %q, want one of FAVOR, AGAINST and NONE", i, predicted[i])
		}
		c.Add(g, predicted[i])
	}
	return c, nil
}

// Add counts one pair. It panics unless both labels are valid: labels are
// checked where they are read, and [NewConfusion] checks whole slices.
func (c *Confusion) Add(gold, predicted stance.Label) {
	c.counts[index(gold)][index(predicted)]++
}

// index returns the place of l in [stance.Labels].
func index(l stance.Label) int {
	if !l.Valid() {
		panic(fmt.Sprintf("eval: %q is no label to count", l))
	}
	return int(l - stance.Favor)
}

// Merge adds the counts of other to c.
func (c *Confusion) Merge(other *Confusion) {
	for i := range c.counts {
		for j := range c.counts[i] {
			c.counts[i][j] += other.counts[i][j]
		}
	}
}

// Count returns how many examples with the given gold label were predicted as
// predicted.
func (c *Confusion) Count(gold, predicted stance.Label) int {
	return c.counts[index(gold)][index(predicted)]
}

// Total returns the number of examples counted.
func (c *Confusion) Total() int {
	n := 0
	for i := range c.counts {
		n += c.support(i)
	}
	return n
}

// Support returns the number of examples whose gold label is l.
func (c *Confusion) Support(l stance.Label) int { return c.support(index(l)) }

// Predicted returns the number of examples that were predicted as l.
func (c *Confusion) Predicted(l stance.Label) int { return c.predicted(index(l)) }

func (c *Confusion) support(i int) int {
	return c.counts[i][0] + c.counts[i][1] + c.counts[i][2]
}

func (c *Confusion) predicted(i int) int {
	return c.counts[0][i] + c.counts[1][i] + c.counts[2][i]
}

func (c *Confusion) correct() int { return c.counts[0][0] + c.counts[1][1] + c.counts[2][2] }

// Precision returns TP/(TP+FP) of l: of the examples predicted as l, the part
// that is l. It is 0 with a warning when l was never predicted.
func (c *Confusion) Precision(l stance.Label) Figure { return c.precision(index(l)) }

func (c *Confusion) precision(i int) Figure {
	return ratio(float64(c.counts[i][i]), float64(c.predicted(i)), warnNeverPredicted[i])
}

// Recall returns TP/(TP+FN) of l: of the examples that are l, the part that
// was predicted as l. It is 0 with a warning when no example is l.
func (c *Confusion) Recall(l stance.Label) Figure { return c.recall(index(l)) }

func (c *Confusion) recall(i int) Figure {
	return ratio(float64(c.counts[i][i]), float64(c.support(i)), warnNotInGold[i])
}

// F1 returns 2TP/(2TP+FP+FN) of l, the harmonic mean of precision and recall.
// It is 0 when there is no true positive. A class that was never predicted, or
// that does not occur in the gold labels, leaves a warning; only a class for
// which both hold makes the fraction 0/0.
func (c *Confusion) F1(l stance.Label) Figure { return c.f1(index(l)) }

func (c *Confusion) f1(i int) Figure {
	predicted, support := c.predicted(i), c.support(i)
	f := ratio(float64(2*c.counts[i][i]), float64(predicted+support), warnNeverPredicted[i])
	if predicted == 0 && support != 0 {
		f.Warnings = []string{warnNeverPredicted[i]}
	}
	if support == 0 {
		f.Warnings = append(f.Warnings, warnNotInGold[i])
	}
	return f
}

// macro returns the unweighted mean of a figure over the given classes.
func (c *Confusion) macro(of func(*Confusion, int) Figure, classes ...int) Figure {
	var mean Figure
	for _, i := range classes {
		f := of(c, i)
		mean.Value += f.Value
		mean.Warnings = merge(mean.Warnings, f.Warnings)
	}
	mean.Value /= float64(len(classes))
	return mean
}

// weighted returns the mean of a figure over the classes, weighted by support.
func (c *Confusion) weighted(of func(*Confusion, int) Figure) Figure {
	var sum float64
	var warnings []string
	for i := range c.counts {
		if n := c.support(i); n > 0 {
			f := of(c, i)
			sum += float64(f.Value * float64(n))
			warnings = merge(warnings, f.Warnings)
		}
	}
	mean := ratio(sum, float64(c.Total()), warnEmpty)
	mean.Warnings = merge(warnings, mean.Warnings)
	return mean
}

// Accuracy returns the part of the examples whose label was predicted.
func (c *Confusion) Accuracy() Figure {
	return ratio(float64(c.correct()), float64(c.Total()), warnEmpty)
}

// FAvg returns the mean of F1 of FAVOR and F1 of AGAINST, the official score
// of SemEval-2016 Task 6 when the counts are pooled over all targets
// (Mohammad et al. 2016). NONE enters through the false positives
// and false negatives of the other two.
func (c *Confusion) FAvg() Figure { return c.macro((*Confusion).f1, 0, 1) }

// MacroF1 returns the unweighted mean of F1 over all three classes, whether
// they occur or not; scikit-learn averages over the classes that occur unless
// labels are given.
func (c *Confusion) MacroF1() Figure { return c.macro((*Confusion).f1, 0, 1, 2) }

// MacroPrecision returns the unweighted mean of precision over all three
// classes.
func (c *Confusion) MacroPrecision() Figure { return c.macro((*Confusion).precision, 0, 1, 2) }

// MacroRecall returns the unweighted mean of recall over all three classes.
func (c *Confusion) MacroRecall() Figure { return c.macro((*Confusion).recall, 0, 1, 2) }

// BalancedAccuracy is the field's other name for [Confusion.MacroRecall]. A
// class that does not occur counts as 0 with a warning here, as everywhere in
// this package; scikit-learn's balanced_accuracy_score leaves it out.
func (c *Confusion) BalancedAccuracy() Figure { return c.MacroRecall() }

// MicroF1 returns F1 of the counts pooled over all three classes. Where every
// example has one label, each error is one false positive and one false
// negative, so that micro-averaged precision, recall and F1 are all equal to
// [Confusion.Accuracy].
func (c *Confusion) MicroF1() Figure { return c.Accuracy() }

// WeightedPrecision returns the mean of precision over the classes, weighted
// by support.
func (c *Confusion) WeightedPrecision() Figure { return c.weighted((*Confusion).precision) }

// WeightedRecall returns the mean of recall over the classes, weighted by
// support. It is equal to [Confusion.Accuracy] up to rounding.
func (c *Confusion) WeightedRecall() Figure { return c.weighted((*Confusion).recall) }

// WeightedF1 returns the mean of F1 over the classes, weighted by support.
func (c *Confusion) WeightedF1() Figure { return c.weighted((*Confusion).f1) }

// chance returns the sum over the classes of support times predicted count,
// the agreement of independent labellers with these margins, times n².
func (c *Confusion) chance() int {
	sum := 0
	for i := range c.counts {
		sum += c.support(i) * c.predicted(i)
	}
	return sum
}

// MCC returns Matthews' correlation coefficient for more than two classes
// (Gorodkin 2004, the R_K statistic; scikit-learn's matthews_corrcoef). It is
// 0 with a warning when all gold or all predicted labels are the same.
func (c *Confusion) MCC() Figure {
	n := c.Total()
	gold, predicted := n*n, n*n
	for i := range c.counts {
		gold -= c.support(i) * c.support(i)
		predicted -= c.predicted(i) * c.predicted(i)
	}
	return ratio(float64(n*c.correct()-c.chance()), math.Sqrt(float64(gold))*math.Sqrt(float64(predicted)),
		"all gold or all predicted labels are the same, so that there is no correlation")
}

// Kappa returns Cohen's kappa (1960) of gold and predicted labels, agreement
// beyond chance. It is 0 with a warning when chance alone agrees everywhere.
func (c *Confusion) Kappa() Figure {
	n, chance := c.Total(), c.chance()
	return ratio(float64(n*c.correct()-chance), float64(n*n-chance),
		"all labels are the same, so that there is no agreement beyond chance")
}
