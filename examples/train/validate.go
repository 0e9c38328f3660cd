package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"example.org/metoostance/eval"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

const (
	// foldSeed deals the groups to folds, so that a table can be printed again.
	foldSeed = 1
	// defaultGridFolds is the number of folds of -grid without -cv.
	defaultGridFolds = 5
)

// gridC are the values of C that -grid tries, half a decade apart.
var gridC = []float64{0.1, 0.3, 1, 3, 10}

func (c *command) gridFolds() int {
	if c.folds > 0 {
		return c.folds
	}
	return defaultGridFolds
}

// crossValidate returns the pooled counts of grouped k-fold cross-validation.
func crossValidate(ctx context.Context, p *program.Progress, examples []stance.Example, o stance.Options, k int) (*eval.Confusion, error) {
	folds, err := eval.GroupedStratifiedFolds(examples, k, foldSeed)
	if err != nil {
		return nil, err
	}
	// Calibration changes probabilities and never a label, and only labels are
	// counted here.
	o.CalibrationFolds = -1
	var started atomic.Int64
	r, err := eval.CrossValidate(ctx, examples, folds, func(ctx context.Context, train []stance.Example) (stance.Classifier, error) {
		p.Sayf("cross-validation of %s: fold %d of %d", settings(o), started.Add(1), k)
		return stance.Train(ctx, train, o)
	})
	if err != nil {
		return nil, err
	}
	return r.Confusion(), nil
}

// search prints the macro-F1 of every point of the grid and returns o with the
// best, of equal ones the first.
func search(ctx context.Context, stdout io.Writer, p *program.Progress, examples []stance.Example, o stance.Options, k int) (stance.Options, error) {
	best, bestF1 := o, -1.0
	p.Clear()
	if _, err := fmt.Fprintf(stdout, "%d-fold cross-validation of %v\n%8s  %-8s  %s\n", k, o.Algorithm, "C", "balanced", eval.MacroF1.Name); err != nil {
		return o, err
	}
	for _, o.Balanced = range []bool{false, true} {
		for _, o.C = range gridC {
			counts, err := crossValidate(ctx, p, examples, o, k)
			if err != nil {
				return o, err
			}
			f1 := counts.MacroF1().Value
			if f1 > bestF1 {
				best, bestF1 = o, f1
			}
			p.Clear()
			if _, err := fmt.Fprintf(stdout, "%8g  %-8t  %.4f\n", o.C, o.Balanced, f1); err != nil {
				return o, err
			}
		}
	}
	_, err := fmt.Fprintf(stdout, "chosen: %s\n\n", settings(best))
	return best, err
}

// validate prints the table of one choice of settings.
func validate(ctx context.Context, stdout io.Writer, p *program.Progress, examples []stance.Example, o stance.Options, k int) error {
	counts, err := crossValidate(ctx, p, examples, o, k)
	if err != nil {
		return err
	}
	p.Clear()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d-fold cross-validation of %s\n", k, settings(o))
	fmt.Fprintf(&b, "%-8s %9s %9s %9s %9s\n", "", "precision", "recall", "F1", "examples")
	for _, l := range stance.Labels() {
		fmt.Fprintf(&b, "%-8v %9.4f %9.4f %9.4f %9d\n", l,
			counts.Precision(l).Value, counts.Recall(l).Value, counts.F1(l).Value, counts.Support(l))
	}
	for _, m := range []eval.Metric{eval.MacroF1, eval.FAvg} {
		fmt.Fprintf(&b, "%-28s %9.4f\n", m.Name, m.Of(counts).Value)
	}
	// The mean over all classes carries the warnings of each.
	for _, w := range counts.MacroF1().Warnings {
		fmt.Fprintf(&b, "warning: %s\n", w)
	}
	_, err = stdout.Write(b.Bytes())
	return err
}
