package linear

import (
	"context"
	"errors"
	"fmt"
	"math"

	"example.org/metoostance/features"
)

// Problem is what there is to learn from: n rows of numbers and the class of
// each.
type Problem struct {
	// X holds the rows. Values must be finite; columns must increase strictly
	// within a row.
	X *features.Matrix
	// Y holds the class of each row, 0 to Classes-1. Every class must occur.
	Y []int
	// Classes is the number of classes, at least 2.
	Classes int
	// Weights multiplies the loss of the rows of each class; see the package
	// documentation for how each solver uses it. nil stands for ones;
	// [BalancedWeights] gives the usual choice. Weights must be positive.
	Weights []float64
	// RowWeights multiplies the loss of each row, beside Weights: a row of
	// weight 2 counts as two equal rows do. nil stands for ones. Weights must be
	// positive.
	RowWeights []float64
}

// BalancedWeights returns the weights n/(classes * count) that make every class
// count the same in total (scikit-learn's class_weight="balanced"). A class
// that does not occur has weight 0, which no solver accepts. It panics if a
// class is out of range.
func BalancedWeights(y []int, classes int) []float64 {
	count := make([]float64, classes)
	for _, c := range y {
		count[c]++
	}
	for c, n := range count {
		if n > 0 {
			count[c] = float64(len(y)) / (float64(classes) * n)
		}
	}
	return count
}

// Options says how to solve a problem. The zero value is C = 1 to the default
// tolerance.
type Options struct {
	// C is the weight of the losses against the penalty, the inverse of the
	// strength of regularisation. 0 stands for 1. It must not be negative.
	C float64
	// Tolerance is the relative gap to stop at: the solver has converged when
	// [Report.Gap] is at most Tolerance times the objective. 0 stands for 1e-9, with which about four digits of the
	// coefficients are right; 1e-3 takes about a third of the passes.
	//
	// All objectives are strongly convex in the coefficients, hence the
	// coefficients W lie within sqrt(2 Tolerance objective) of the optimum in
	// Euclidean norm.
	Tolerance float64
	// MaxIterations bounds the passes over the rows (coordinate descent) and
	// the Newton steps, taken together. 0 stands for 1000. A solver that stops
	// here says so in [Result.Warnings].
	MaxIterations int
	// Seed decides the order in which coordinate descent visits the rows.
	// Newton's method ignores it.
	Seed uint64
}

const (
	defaultTolerance     = 1e-9
	defaultMaxIterations = 1000
)

// withDefaults checks o and replaces its zero values.
func (o Options) withDefaults() (Options, error) {
	switch {
	case !(o.C >= 0) || math.IsInf(o.C, 0):
		return o, fmt.Errorf("linear: C is %v, want a positive number", o.C)
	case !(o.Tolerance >= 0) || math.IsInf(o.Tolerance, 0):
		return o, fmt.Errorf("linear: tolerance is %v, want a positive number", o.Tolerance)
	case o.MaxIterations < 0:
		return o, fmt.Errorf("linear: maximum of iterations is %d, want a positive number", o.MaxIterations)
	}
	if o.C == 0 {
		o.C = 1
	}
	if o.Tolerance == 0 {
		o.Tolerance = defaultTolerance
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = defaultMaxIterations
	}
	return o, nil
}

// Report says how far a solver came.
type Report struct {
	// Iterations is the number of passes over the rows (coordinate descent)
	// and of Newton steps, taken together; 0 for a closed form.
	Iterations int
	// Objective is the value of the objective in the package documentation at
	// the returned coefficients; 0 for naive Bayes, which minimises none.
	Objective float64
	// Gap bounds Objective minus the minimum from above: see Methods in the
	// package documentation.
	Gap float64
	// GradientNorm is the Euclidean norm of the gradient of the objective. The
	// hinge loss has no gradient everywhere: there it is the norm of the
	// projected gradient of the dual problem.
	GradientNorm float64
	// Converged reports whether Gap is within the tolerance.
	Converged bool
}

// Result is a linear model: the score of class k for a row x is
//
//	Intercept[k] + sum over j of x[j] * Coef[j*Classes+k]
//
// and the predicted class is the one with the highest score.
type Result struct {
	Classes int
	Cols    int
	// Coef holds Cols x Classes coefficients, those of one column side by side,
	// so that one look-up serves all classes.
	Coef []float64
	// Intercept holds a number for each class.
	Intercept []float64

	// Report is on the problem as a whole. Where the classes are independent
	// problems (one-vs-rest), Iterations is the largest of theirs, Objective and
	// Gap are sums, and GradientNorm is the norm over all.
	Report
	// PerClass reports on each class's own problem. It is nil where there is
	// but one problem for all classes. With two classes, one-vs-rest solves
	// one problem and reports it for both.
	PerClass []Report
	// Warnings says, in sentences, what the reader of the result should know:
	// above all, that a solver stopped before it converged.
	Warnings []string
}

// Scores puts the score of each class for a row into dst, which has length
// Classes, and returns it. It panics if a column of the row is out of range.
func (r *Result) Scores(row features.Row, dst []float64) []float64 {
	copy(dst, r.Intercept)
	addScores(row.Indices, row.Values, r.Coef, dst)
	return dst
}

// newResult returns a result for one-vs-rest with zero coefficients.
func newResult(p *Problem) *Result {
	return &Result{
		Classes:   p.Classes,
		Cols:      p.X.Cols,
		Coef:      make([]float64, p.X.Cols*p.Classes),
		Intercept: make([]float64, p.Classes),
		PerClass:  make([]Report, p.Classes),
	}
}

// summarise fills the overall report from PerClass, each report counted once
// for problems solved, and warns of those that did not converge.
func (r *Result) summarise(problems int) {
	r.Report = Report{Converged: true}
	norm := 0.0
	for c, q := range r.PerClass[:problems] {
		r.Iterations = max(r.Iterations, q.Iterations)
		r.Objective += q.Objective
		r.Gap += q.Gap
		norm += float64(q.GradientNorm * q.GradientNorm)
		if !q.Converged {
			r.Converged = false
			r.Warnings = append(r.Warnings, fmt.Sprintf("class %d: %s", c, stopped(q)))
		}
	}
	r.GradientNorm = math.Sqrt(norm)
}

// stopped says that a solver stopped before it converged.
func stopped(r Report) string {
	return fmt.Sprintf("stopped after %d iterations with a relative gap of %.2g", r.Iterations, r.Gap/r.Objective)
}

// weight returns the weight of class c.
func (p *Problem) weight(c int) float64 {
	if p.Weights == nil {
		return 1
	}
	return p.Weights[c]
}

// rowWeight returns the weight that row i has beside that of its class.
func (p *Problem) rowWeight(i int) float64 {
	if p.RowWeights == nil {
		return 1
	}
	return p.RowWeights[i]
}

// costs are what the losses of the rows are multiplied by: a number for each
// class and one for each row.
type costs struct {
	class []float64
	row   []float64 // nil stands for ones
}

// of returns the cost of row i, which is of class y.
func (c *costs) of(i, y int) float64 {
	if c.row == nil {
		return c.class[y]
	}
	return float64(c.class[y] * c.row[i])
}

// validate returns an error that names the place of the first fault.
func (p *Problem) validate() error {
	if p.X == nil || p.X.Rows() == 0 {
		return errors.New("linear: there are no rows")
	}
	n := p.X.Rows()
	if len(p.Y) != n {
		return fmt.Errorf("linear: %d rows but %d classes of rows", n, len(p.Y))
	}
	if err := checkMatrix(p.X); err != nil {
		return err
	}
	if p.Classes < 2 {
		return fmt.Errorf("linear: number of classes is %d, want at least 2", p.Classes)
	}
	count := make([]int, p.Classes)
	for i, c := range p.Y {
		if c < 0 || c >= p.Classes {
			return fmt.Errorf("linear: row %d: class %d is out of range 0 to %d", i, c, p.Classes-1)
		}
		count[c]++
	}
	for c, k := range count {
		if k == n {
			return fmt.Errorf("linear: all rows are of class %d: there is nothing to tell apart", c)
		}
	}
	for c, k := range count {
		if k == 0 {
			return fmt.Errorf("linear: no row is of class %d", c)
		}
	}
	if err := checkWeights(p.Weights, p.Classes); err != nil {
		return err
	}
	if p.RowWeights != nil && len(p.RowWeights) != n {
		return fmt.Errorf("linear: %d weights for %d rows", len(p.RowWeights), n)
	}
	for i, w := range p.RowWeights {
		if !(w > 0) || math.IsInf(w, 0) {
			return fmt.Errorf("linear: weight of row %d is %v, want a positive number", i, w)
		}
	}
	return nil
}

// checkWeights returns an error if weights are there but not one for each class.
func checkWeights(weights []float64, classes int) error {
	if weights != nil && len(weights) != classes {
		return fmt.Errorf("linear: %d weights for %d classes", len(weights), classes)
	}
	for c, w := range weights {
		if !(w > 0) || math.IsInf(w, 0) {
			return fmt.Errorf("linear: weight of class %d is %v, want a positive number", c, w)
		}
	}
	return nil
}

// checkMatrix returns an error that names the row of the first fault.
func checkMatrix(x *features.Matrix) error {
	if x.Cols < 0 {
		return fmt.Errorf("linear: number of columns is %d", x.Cols)
	}
	if len(x.Indices) != len(x.Values) {
		return fmt.Errorf("linear: %d indices but %d values", len(x.Indices), len(x.Values))
	}
	if x.Starts[0] != 0 || x.Starts[len(x.Starts)-1] != len(x.Indices) {
		return fmt.Errorf("linear: rows span elements %d to %d of %d", x.Starts[0], x.Starts[len(x.Starts)-1], len(x.Indices))
	}
	for i, a := range x.Starts[:len(x.Starts)-1] {
		b := x.Starts[i+1]
		if b < a || b > len(x.Indices) {
			return fmt.Errorf("linear: row %d spans elements %d to %d of %d", i, a, b, len(x.Indices))
		}
		last := -1
		for t, j := range x.Indices[a:b] {
			if int(j) >= x.Cols || j < 0 {
				return fmt.Errorf("linear: row %d: column %d is out of range 0 to %d", i, j, x.Cols-1)
			}
			if int(j) <= last {
				return fmt.Errorf("linear: row %d: column %d follows column %d", i, j, last)
			}
			last = int(j)
			if v := x.Values[a+t]; v-v != 0 { // NaN and both infinities
				return fmt.Errorf("linear: row %d: column %d holds %v", i, j, v)
			}
		}
	}
	return nil
}

// canceled returns the error of a context that is done.
func canceled(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("linear: %w", err)
	}
	return nil
}
