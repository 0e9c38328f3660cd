package eval

import (
	"fmt"
	"math"

	"example.org/metoostance/stance"
)

// A Sample is a test set with what one classifier said of it. Figures,
// intervals and paired tests are taken on it. It is immutable and safe for
// concurrent use.
type Sample struct {
	examples    []stance.Example
	predictions []stance.Prediction
	probable    bool // the predictions carry probabilities
}

// NewSample puts predictions[i] beside examples[i]. The slices are kept and
// must not be changed afterwards.
//
// Every example must be labelled, and every prediction must have a valid
// label. Either no prediction has probabilities (all are zero: the classifier
// gives none) or each has, none below 0, with a sum of 1 to within 1e-6.
// Errors name the example.
func NewSample(examples []stance.Example, predictions []stance.Prediction) (*Sample, error) {
	if len(examples) != len(predictions) {
		return nil, fmt.Errorf("eval: %d examples but %d predictions", len(examples), len(predictions))
	}
	if len(examples) == 0 {
		return nil, fmt.Errorf("eval: a sample without examples")
	}
	if err := checkLabelled(examples); err != nil {
		return nil, err
	}
	s := &Sample{examples: examples, predictions: predictions}
	for i := range predictions {
		s.probable = s.probable || predictions[i].Probabilities != stance.Values{}
	}
	for i := range predictions {
		p := &predictions[i]
		if !p.Label.Valid() {
			return nil, fmt.Errorf("eval: prediction of %s is %q, want one of FAVOR, AGAINST and NONE", describe(examples, i), p.Label)
		}
		if !s.probable {
			continue
		}
		sum := 0.0
		for _, v := range p.Probabilities {
			if !(v >= 0) { // also true of NaN
				return nil, fmt.Errorf("eval: probabilities of %s are %v", describe(examples, i), p.Probabilities)
			}
			sum += v
		}
		if math.Abs(sum-1) > 1e-6 {
			return nil, fmt.Errorf("eval: probabilities of %s sum to %v, want 1", describe(examples, i), sum)
		}
	}
	return s, nil
}

// Len returns the number of examples.
func (s *Sample) Len() int { return len(s.examples) }

// Rows returns the examples and what was said of them, which must not be
// changed.
func (s *Sample) Rows() ([]stance.Example, []stance.Prediction) { return s.examples, s.predictions }

// Confusion counts the sample.
func (s *Sample) Confusion() *Confusion {
	c := new(Confusion)
	for i := range s.examples {
		c.Add(s.examples[i].Label, s.predictions[i].Label)
	}
	return c
}

// Where returns the part of the sample for which keep is true: one target, one
// register, the lone sentences. No example at all is an error.
func (s *Sample) Where(keep func(stance.Example) bool) (*Sample, error) {
	part := &Sample{probable: s.probable}
	for i, e := range s.examples {
		if keep(e) {
			part.examples = append(part.examples, e)
			part.predictions = append(part.predictions, s.predictions[i])
		}
	}
	if len(part.examples) == 0 {
		return nil, fmt.Errorf("eval: a part of a sample without examples")
	}
	return part, nil
}

// Targets returns the targets of the examples in the order of first
// occurrence.
func (s *Sample) Targets() []string {
	_, names := s.targets()
	return names
}

func (s *Sample) targets() (target []int, names []string) {
	seen := map[string]int{}
	target = make([]int, len(s.examples))
	for i := range s.examples {
		name := s.examples[i].Target
		t, ok := seen[name]
		if !ok {
			t = len(names)
			seen[name] = t
			names = append(names, name)
		}
		target[i] = t
	}
	return target, names
}

// An evaluator computes a figure of a resampled sample, in which unit u of the
// sample occurs weights[u] times. It may be called concurrently.
type evaluator func(weights []int32) Figure

// cell returns the place of example i in a flattened confusion matrix.
func (s *Sample) cell(i int) int {
	return stance.NumLabels*index(s.examples[i].Label) + index(s.predictions[i].Label)
}

// confusion makes the matrix of flattened counts.
func confusion(counts []int32) *Confusion {
	c := new(Confusion)
	for i, n := range counts {
		c.counts[i/stance.NumLabels][i%stance.NumLabels] = int(n)
	}
	return c
}

const cells = stance.NumLabels * stance.NumLabels

// countsEvaluator returns the evaluator of a figure of pooled counts.
func (s *Sample) countsEvaluator(unit []int, of func(*Confusion) Figure) evaluator {
	cell := make([]uint8, s.Len())
	for i := range cell {
		cell[i] = uint8(s.cell(i))
	}
	return func(weights []int32) Figure {
		var counts [16]int32 // a power of two, so that the index needs no check
		for i, c := range cell {
			counts[c&15] += weights[unit[i]]
		}
		return of(confusion(counts[:cells]))
	}
}

// targetsEvaluator returns the evaluator of the unweighted mean over the
// targets of a figure of counts.
func (s *Sample) targetsEvaluator(unit []int, of func(*Confusion) Figure) evaluator {
	target, names := s.targets()
	cell := make([]int, s.Len())
	for i, t := range target {
		cell[i] = cells*t + s.cell(i)
	}
	return func(weights []int32) Figure {
		counts := make([]int32, cells*len(names))
		for i, c := range cell {
			counts[c] += weights[unit[i]]
		}
		var mean Figure
		for t, name := range names {
			f := of(confusion(counts[cells*t : cells*(t+1)]))
			mean.Value += f.Value
			for _, w := range f.Warnings {
				mean.Warnings = append(mean.Warnings, fmt.Sprintf("target %q: %s", name, w))
			}
		}
		mean.Value /= float64(len(names))
		return mean
	}
}

// ones returns n weights of 1: the sample as it is.
func ones(n int) []int32 {
	w := make([]int32, n)
	for i := range w {
		w[i] = 1
	}
	return w
}

// alone numbers n examples so that each is a unit.
func alone(n int) []int {
	unit := make([]int, n)
	for i := range unit {
		unit[i] = i
	}
	return unit
}
