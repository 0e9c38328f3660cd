package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"
	"sync/atomic"
	"unicode/utf8"

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

// crossValidate returns the predictions of grouped k-fold cross-validation.
func (r recipe) crossValidate(ctx context.Context, p *program.Progress, examples []stance.Example, o stance.Options, k int) (*eval.CVResult, error) {
	folds, err := eval.GroupedStratifiedFolds(examples, k, foldSeed)
	if err != nil {
		return nil, err
	}
	if err := r.checkFolds(examples, folds, k); err != nil {
		return nil, err
	}
	// Calibration changes probabilities and never a label, and only labels are
	// counted here.
	o.CalibrationFolds = -1
	var started atomic.Int64
	return eval.CrossValidate(ctx, examples, folds, func(ctx context.Context, train []stance.Example) (stance.Classifier, error) {
		p.Sayf("cross-validation of %s%v: fold %d of %d", settings(o), r, started.Add(1), k)
		return r.train(ctx, train, o)
	})
}

// search prints the macro-F1 of every point of the grid and returns o with the
// best, of equal ones the first.
func (r recipe) search(ctx context.Context, stdout io.Writer, p *program.Progress, examples []stance.Example, o stance.Options, k int) (stance.Options, error) {
	best, bestF1 := o, -1.0
	p.Clear()
	if _, err := fmt.Fprintf(stdout, "%d-fold cross-validation of %v%v\n%8s  %-8s  %s\n", k, o.Algorithm, r, "C", "balanced", eval.MacroF1.Name); err != nil {
		return o, err
	}
	for _, o.Balanced = range []bool{false, true} {
		for _, o.C = range gridC {
			result, err := r.crossValidate(ctx, p, examples, o, k)
			if err != nil {
				return o, err
			}
			f1 := result.Confusion().MacroF1().Value
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

// validate prints the tables of one choice of settings.
func (r recipe) validate(ctx context.Context, stdout io.Writer, p *program.Progress, examples []stance.Example, o stance.Options, k int) error {
	result, err := r.crossValidate(ctx, p, examples, o, k)
	if err != nil {
		return err
	}
	p.Clear()
	counts := result.Confusion()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d-fold cross-validation of %s%v\n", k, settings(o), r)
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
	if r.targets != nil {
		r.targetTable(&b, result)
	}
	_, err = stdout.Write(b.Bytes())
	return err
}

// targetTable prints a row for each target and one for all together.
func (r recipe) targetTable(b *bytes.Buffer, result *eval.CVResult) {
	const pooled = "all, pooled"
	counts, width := map[string]*eval.Confusion{}, len(pooled)
	for _, t := range r.targets {
		counts[t] = new(eval.Confusion)
		width = max(width, utf8.RuneCountInString(strconv.Quote(t)))
	}
	for i, e := range result.Examples {
		counts[e.Target].Add(e.Label, result.Predictions[i].Label)
	}
	fmt.Fprintf(b, "\n%-*s", width, "target")
	for _, l := range stance.Labels() {
		fmt.Fprintf(b, " %10s", "F1 "+l.String())
	}
	fmt.Fprintf(b, " %10s %10s %10s\n", "macro-F1", "F_avg", "examples")
	row := func(name string, c *eval.Confusion) {
		fmt.Fprintf(b, "%-*s", width, name)
		for _, l := range stance.Labels() {
			fmt.Fprintf(b, " %10.4f", c.F1(l).Value)
		}
		fmt.Fprintf(b, " %10.4f %10.4f %10d\n", c.MacroF1().Value, c.FAvg().Value, c.Total())
	}
	for _, t := range r.targets {
		row(strconv.Quote(t), counts[t])
	}
	row(pooled, result.Confusion())
}
