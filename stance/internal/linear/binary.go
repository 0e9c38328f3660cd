package linear

import (
	"context"
	"fmt"

	"example.org/metoostance/features"
	"example.org/metoostance/features/detmath"
)

// Loss is what a linear support vector machine pays for a row of margin m, its
// score times 1 or -1: see [SVM].
type Loss int

const (
	// SquaredHinge is max(0, 1-m)^2.
	SquaredHinge Loss = iota
	// Hinge is max(0, 1-m).
	Hinge
	// logistic is log(1 + e^-m).
	logistic
	// square is (1-m)^2/2.
	square
)

// SVM trains linear support vector machines, one for each class against the
// rest: each minimises
//
//	1/2 (|w|^2 + b^2) + sum_i C_i loss(m_i),  m_i = s_i (w'x_i + b)
//
// where s_i is 1 for the rows of the class and -1 for the others. As in
// LIBLINEAR (whose -s 1 and -s 3, with -B 1, these are) and scikit-learn's
// LinearSVC, the intercept b is penalised like a coefficient. C_i is C times the
// class's weight for its own rows and C for the rest, times the row's weight;
// only with two classes are both sides weighted by class. With two classes there
// is one problem, and the scores of the two are each other's negatives.
//
// The method is dual coordinate descent, see [descend]; where that is slow and
// the loss is SquaredHinge, Newton's, see [newton].
func SVM(ctx context.Context, p *Problem, loss Loss, o Options) (*Result, error) {
	if loss != SquaredHinge && loss != Hinge {
		return nil, fmt.Errorf("linear: unknown loss %d", loss)
	}
	return oneVsRest(ctx, p, loss, o)
}

// LogisticOvR trains logistic regression, one for each class against the rest:
// each minimises
//
//	1/2 (|w|^2 + b^2) + sum_i C_i log(1 + e^-m_i),  m_i = s_i (w'x_i + b)
//
// with signs, intercept and weights as in [SVM]. It is LIBLINEAR's -s 0 and -s 7
// with -B 1 and scikit-learn's LogisticRegression(solver="liblinear"). The
// sigmoid of a score is the probability of the class against the rest.
//
// The method is dual coordinate descent, see [descend]; where that is slow,
// Newton's, see [newton].
func LogisticOvR(ctx context.Context, p *Problem, o Options) (*Result, error) {
	return oneVsRest(ctx, p, logistic, o)
}

// Ridge minimises
//
//	1/2 sum_j,k W_jk^2 + C/2 sum_i,k v_i (z_ik - t_ik)^2,  z_i = W' x_i + b
//
// where t_ik is 1 for the class of row i and -1 for the others, and v_i is its
// class's weight times its own. The intercepts b are not penalised. It is scikit-learn's
// RidgeClassifier with alpha = 1/C, except that two classes have a column of
// coefficients each, which are each other's negatives.
//
// The method is that of conjugate gradients on the normal equations, as one step
// of [newton].
func Ridge(ctx context.Context, p *Problem, o Options) (*Result, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	k := p.Classes
	problems := make([]binary, k)
	for c := range problems {
		problems[c] = binary{class: c, costs: rowCosts(p, o.C)}
	}
	r := &Result{Classes: k, Cols: p.X.Cols}
	w := make([]float64, (p.X.Cols+1)*k)
	l := newMarginLoss(square, p.Y, problems)
	var warning string
	r.Report, warning, err = newton(ctx, p.X, l, k, o, w, false, 0)
	if err != nil {
		return nil, err
	}
	if warning != "" {
		r.Warnings = append(r.Warnings, warning)
	}
	r.Coef, r.Intercept = w[:len(w)-k:len(w)-k], w[len(w)-k:]
	return r, nil
}

// rowCosts returns the costs when each row counts with its own weight and that
// of its class.
func rowCosts(p *Problem, c float64) costs {
	class := make([]float64, p.Classes)
	for k := range class {
		class[k] = c * p.weight(k)
	}
	return costs{class: class, row: p.RowWeights}
}

// oneVsRest solves one binary problem for each class.
func oneVsRest(ctx context.Context, p *Problem, loss Loss, o Options) (*Result, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	r := newResult(p)
	problems := binaries(p, o.C)
	if err := solve(ctx, p.X, p.Y, loss, o, problems, r); err != nil {
		return nil, err
	}
	r.mirror(len(problems))
	r.summarise(len(problems))
	return r, nil
}

// binary is the problem of one class against the rest.
type binary struct {
	class int
	costs costs
}

// side returns the sign of row i, which is of class y, and its cost.
func (b *binary) side(i, y int) (sign, cost float64) {
	cost = b.costs.of(i, y)
	if y == b.class {
		return 1, cost
	}
	return -1, cost
}

// binaries returns the problems of each class against the rest, weighted as in
// LIBLINEAR. With two classes it is but one: the other is the same with all
// signs reversed.
func binaries(p *Problem, c float64) []binary {
	if p.Classes == 2 {
		return []binary{{class: 0, costs: rowCosts(p, c)}}
	}
	problems := make([]binary, p.Classes)
	for k := range problems {
		class := make([]float64, p.Classes)
		for y := range class {
			class[y] = c
		}
		class[k] = c * p.weight(k)
		problems[k] = binary{class: k, costs: costs{class: class, row: p.RowWeights}}
	}
	return problems
}

// mirror fills in the second class if one problem was solved for two.
func (r *Result) mirror(problems int) {
	if problems == r.Classes {
		return
	}
	for j := 0; j < len(r.Coef); j += 2 {
		r.Coef[j+1] = -r.Coef[j]
	}
	r.Intercept[1] = -r.Intercept[0]
	r.PerClass[1] = r.PerClass[0]
}

// solve solves binary problems with penalised intercepts by coordinate descent,
// and those on which that is slow by Newton's method, and puts coefficients and
// reports into r.
func solve(ctx context.Context, x *features.Matrix, y []int, loss Loss, o Options, problems []binary, r *Result) error {
	slow, err := descend(ctx, x, y, loss, o, problems, r)
	if err != nil {
		return err
	}
	for i, b := range problems {
		if !slow[i] {
			continue
		}
		// Start where the descent came to, unless zero is better.
		w := make([]float64, x.Cols+1)
		rep := &r.PerClass[b.class]
		if rep.Objective < b.objectiveAtZero(loss, y) {
			for j := range x.Cols {
				w[j] = r.Coef[j*r.Classes+b.class]
			}
			w[x.Cols] = r.Intercept[b.class]
		}
		l := newMarginLoss(loss, y, problems[i:i+1])
		if *rep, _, err = newton(ctx, x, l, 1, o, w, true, rep.Iterations); err != nil {
			return err
		}
		for j := range x.Cols {
			r.Coef[j*r.Classes+b.class] = w[j]
		}
		r.Intercept[b.class] = w[x.Cols]
	}
	return nil
}

// objectiveAtZero returns the objective of zero coefficients.
func (b *binary) objectiveAtZero(loss Loss, y []int) float64 {
	value, _, _ := lossAt(loss, 0)
	sum := 0.0
	for i, c := range y {
		_, cost := b.side(i, c)
		sum += float64(cost * value)
	}
	return sum
}

// lossAt returns the loss at a margin and its first and second derivatives.
// Where there is a choice they are those of the right.
func lossAt(loss Loss, margin float64) (value, first, second float64) {
	h := 1 - margin
	switch loss {
	case logistic:
		s := detmath.Sigmoid(-margin)
		return detmath.Softplus(-margin), -s, float64(s * (1 - s))
	case square:
		return h * h / 2, -h, 1
	case Hinge:
		if h > 0 {
			return h, -1, 0
		}
	default:
		if h > 0 {
			return h * h, -2 * h, 2
		}
	}
	return 0, 0, 0
}

// marginLoss is the loss of k binary problems.
type marginLoss struct {
	loss     Loss
	y        []int
	problems []binary
	second   []float64 // second derivatives at the last call of gradient, rows x k
}

func newMarginLoss(loss Loss, y []int, problems []binary) *marginLoss {
	return &marginLoss{loss: loss, y: y, problems: problems, second: make([]float64, len(y)*len(problems))}
}

func (l *marginLoss) value(z, u []float64, t float64, lo, hi int) float64 {
	sum, k := 0.0, len(l.problems)
	for i := lo; i < hi; i++ {
		for c := range l.problems {
			sign, cost := l.problems[c].side(i, l.y[i])
			v, _, _ := lossAt(l.loss, sign*(z[i*k+c]+float64(t*u[i*k+c])))
			sum += float64(cost * v)
		}
	}
	return sum
}

func (l *marginLoss) gradient(z, q []float64, lo, hi int) float64 {
	sum, k := 0.0, len(l.problems)
	for i := lo; i < hi; i++ {
		for c := range l.problems {
			sign, cost := l.problems[c].side(i, l.y[i])
			v, first, second := lossAt(l.loss, sign*z[i*k+c])
			sum += float64(cost * v)
			q[i*k+c] = sign * cost * first
			l.second[i*k+c] = cost * second
		}
	}
	return sum
}

func (l *marginLoss) curvature(u []float64, lo, hi int) float64 {
	sum, k := 0.0, len(l.problems)
	for j := lo * k; j < hi*k; j++ {
		v := l.second[j] * u[j]
		sum += float64(v * u[j])
		u[j] = v
	}
	return sum
}

func (l *marginLoss) diagonal(q []float64, lo, hi int) {
	k := len(l.problems)
	copy(q[lo*k:hi*k], l.second[lo*k:hi*k])
}

func (l *marginLoss) quadratic() bool { return l.loss == square }
