package eval

import (
	"fmt"

	"example.org/metoostance/stance"
)

// A Metric is a figure with the name it is printed under. Bootstrap, paired
// tests, model selection and tables take one, so that every figure can have an
// interval. Those of this package come from its variables and functions; a
// literal with Name and Of makes another one of a confusion matrix.
type Metric struct {
	// Name says which figure it is, and of which average.
	Name string
	// Of computes the figure from pooled counts. It is nil for figures that
	// need more than counts: use On for those. It must be safe for concurrent
	// use.
	Of func(*Confusion) Figure
	// LowerIsBetter is set for losses and errors.
	LowerIsBetter bool

	// evaluator is set instead of Of when the figure needs more than counts.
	evaluator func(s *Sample, unit []int) evaluator
	// probable says that the figure needs probabilities.
	probable bool
}

// On computes the figure on a sample. It is an error when the figure needs
// probabilities and the predictions carry none.
func (m Metric) On(s *Sample) (Figure, error) {
	evaluate, err := m.on(s, alone(s.Len()))
	if err != nil {
		return Figure{}, err
	}
	return evaluate(ones(s.Len())), nil
}

// on returns the evaluator of the figure for the given units of a sample.
func (m Metric) on(s *Sample, unit []int) (evaluator, error) {
	switch {
	case m.probable && !s.probable:
		return nil, fmt.Errorf("eval: %s needs probabilities, and the predictions carry none", m.Name)
	case m.evaluator != nil:
		return m.evaluator(s, unit), nil
	case m.Of != nil:
		return s.countsEvaluator(unit, m.Of), nil
	}
	panic(fmt.Sprintf("eval: metric %q has no function", m.Name))
}

// MeanOverTargets returns the metric "m, mean over targets": m of the examples
// of each [stance.Example.Target], and the unweighted mean of these. Papers on
// SemEval-2016 Task 6 print it beside or in place of the official pooled
// figure, from which it differs by several points. It panics when m is not
// computed from counts.
func MeanOverTargets(m Metric) Metric {
	if m.Of == nil {
		panic(fmt.Sprintf("eval: %s is not computed from counts", m.Name))
	}
	of := m.Of
	m.Name += ", mean over targets"
	m.Of = nil
	m.evaluator = func(s *Sample, unit []int) evaluator { return s.targetsEvaluator(unit, of) }
	return m
}

// The figures most often reported. Each name says which of the field's
// averages it is.
var (
	// FAvg is [Confusion.FAvg] of counts pooled over all targets, the official
	// score of SemEval-2016 Task 6.
	FAvg = Metric{Name: "F_avg pooled", Of: (*Confusion).FAvg}
	// FAvgOverTargets is the unweighted mean over the targets of
	// [Confusion.FAvg].
	FAvgOverTargets = named("F_avg mean over targets", MeanOverTargets(FAvg))
	// MacroF1 is [Confusion.MacroF1], with NONE as the third class.
	MacroF1  = Metric{Name: "macro-F1 of three classes", Of: (*Confusion).MacroF1}
	Accuracy = Metric{Name: "accuracy", Of: (*Confusion).Accuracy}
	MCC      = Metric{Name: "Matthews correlation", Of: (*Confusion).MCC}
	Kappa    = Metric{Name: "Cohen's kappa", Of: (*Confusion).Kappa}
)

func named(name string, m Metric) Metric {
	m.Name = name
	return m
}

// PrecisionOf returns the metric "precision of l".
func PrecisionOf(l stance.Label) Metric {
	i := index(l)
	return Metric{Name: "precision of " + l.String(), Of: func(c *Confusion) Figure { return c.precision(i) }}
}

// RecallOf returns the metric "recall of l".
func RecallOf(l stance.Label) Metric {
	i := index(l)
	return Metric{Name: "recall of " + l.String(), Of: func(c *Confusion) Figure { return c.recall(i) }}
}

// F1Of returns the metric "F1 of l".
func F1Of(l stance.Label) Metric {
	i := index(l)
	return Metric{Name: "F1 of " + l.String(), Of: func(c *Confusion) Figure { return c.f1(i) }}
}

// Metrics returns every metric that is computed from one confusion matrix,
// those of single classes last.
func Metrics() []Metric {
	all := []Metric{
		FAvg,
		MacroF1,
		{Name: "weighted F1", Of: (*Confusion).WeightedF1},
		{Name: "micro-F1", Of: (*Confusion).MicroF1},
		{Name: "macro precision", Of: (*Confusion).MacroPrecision},
		{Name: "macro recall", Of: (*Confusion).MacroRecall},
		{Name: "weighted precision", Of: (*Confusion).WeightedPrecision},
		{Name: "weighted recall", Of: (*Confusion).WeightedRecall},
		Accuracy,
		{Name: "balanced accuracy", Of: (*Confusion).BalancedAccuracy},
		MCC,
		Kappa,
	}
	for _, l := range stance.Labels() {
		all = append(all, PrecisionOf(l), RecallOf(l), F1Of(l))
	}
	return all
}

// ProbabilityMetrics returns every metric that is computed from predicted
// probabilities, those of single classes last.
func ProbabilityMetrics() []Metric {
	all := []Metric{LogLoss, Brier, CalibrationError, MacroAUC, MacroAveragePrecision, RiskCoverageArea}
	for _, l := range stance.Labels() {
		all = append(all, AUCOf(l), AveragePrecisionOf(l))
	}
	return all
}
