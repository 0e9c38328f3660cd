package linear

import (
	"context"
	"math"
	"slices"

	"example.org/metoostance/features/detmath"
)

// MultinomialLogistic minimises
//
//	1/2 sum_j,k W_jk^2 + C sum_i v_i (log sum_k e^z_ik - z_iy),  z_i = W' x_i + b
//
// where y is the class of row i and v_i its class's weight times its own. The
// intercepts b are not penalised; of the solutions, which differ by a constant
// added to all intercepts, the one with sum 0 is returned. Softmax of the scores
// gives the probabilities. It is scikit-learn's
// LogisticRegression(multi_class="multinomial").
//
// The method is dual coordinate descent, see [softmaxDescent]; where that is
// slow, it is followed by Newton's, see [newton].
func MultinomialLogistic(ctx context.Context, p *Problem, o Options) (*Result, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := p.validate(); err != nil {
		return nil, err
	}
	// Start at the optimum of the intercepts alone, the log frequencies.
	k := p.Classes
	w := make([]float64, (p.X.Cols+1)*k)
	start := w[p.X.Cols*k:]
	for i, y := range p.Y {
		start[y] += float64(p.weight(y) * p.rowWeight(i))
	}
	for c, n := range start {
		start[c] = detmath.Log(n)
	}
	center(start)

	l := &softmaxLoss{y: p.Y, k: k, costs: rowCosts(p, o.C)}
	r, passes, err := newSoftmaxDescent(p, o, l, w).solve(ctx)
	if err != nil {
		return nil, err
	}
	if r == nil {
		r = &Result{Classes: k, Cols: p.X.Cols, Coef: w[: len(w)-k : len(w)-k], Intercept: w[len(w)-k:]}
		var warning string
		r.Report, warning, err = newton(ctx, p.X, l, k, o, w, false, passes)
		if err != nil {
			return nil, err
		}
		if warning != "" {
			r.Warnings = append(r.Warnings, warning)
		}
	}
	center(r.Intercept)
	return r, nil
}

// center subtracts the mean of v from its elements.
func center(v []float64) {
	mean := 0.0
	for _, x := range v {
		mean += x
	}
	mean /= float64(len(v))
	for i := range v {
		v[i] -= mean
	}
}

// softmaxLoss is the loss of multinomial logistic regression.
type softmaxLoss struct {
	y     []int
	k     int
	costs costs
	probs []float64 // rows x k, at the last call of gradient
}

func (l *softmaxLoss) value(z, u []float64, t float64, lo, hi int) float64 {
	sum := 0.0
	s := make([]float64, l.k)
	for i := lo; i < hi; i++ {
		for c := range s {
			s[c] = z[i*l.k+c] + float64(t*u[i*l.k+c])
		}
		y := l.y[i]
		sum += float64(l.costs.of(i, y) * (detmath.LogSumExp(s) - s[y]))
	}
	return sum
}

func (l *softmaxLoss) gradient(z, q []float64, lo, hi int) float64 {
	sum := 0.0
	for i := lo; i < hi; i++ {
		s, p, g := z[i*l.k:i*l.k+l.k], l.probs[i*l.k:i*l.k+l.k], q[i*l.k:i*l.k+l.k]
		y := l.y[i]
		w := l.costs.of(i, y)
		sum += float64(w * (detmath.SoftmaxLogSumExp(p, s) - s[y]))
		rest := 0.0
		for c, x := range p {
			g[c] = w * x
			if c != y {
				rest += x
			}
		}
		g[y] = -w * rest // p_y - 1 without cancellation
	}
	return sum
}

func (l *softmaxLoss) curvature(u []float64, lo, hi int) float64 {
	sum := 0.0
	for i := lo; i < hi; i++ {
		p, v := l.probs[i*l.k:i*l.k+l.k], u[i*l.k:i*l.k+l.k]
		w := l.costs.of(i, l.y[i])
		mean := 0.0
		for c, x := range p {
			mean += float64(x * v[c])
		}
		for c, x := range p {
			d := v[c] - mean
			v[c] = float64(w*x) * d
			sum += float64(v[c] * d)
		}
	}
	return sum
}

func (l *softmaxLoss) diagonal(q []float64, lo, hi int) {
	for i := lo; i < hi; i++ {
		w := l.costs.of(i, l.y[i])
		for c, x := range l.probs[i*l.k : i*l.k+l.k] {
			q[i*l.k+c] = float64(w*x) * (1 - x)
		}
	}
}

func (l *softmaxLoss) quadratic() bool { return false }

// softmaxDescent is dual coordinate descent for multinomial logistic regression
// (after Yu, Huang and Lin 2011, section 5, with another way of solving for a
// row and of treating the intercept).
//
// The dual variables are a distribution q_i over the classes for each row. With
// a_i = C_i (e_y - q_i), e_y being 1 for the row's class and 0 elsewhere, the
// coefficients are W = sum_i x_i a_i', and at the optimum q_i is the softmax of
// the row's scores. Coordinate descent takes one row at a time and replaces
// its q_i by the one that minimises the dual objective while the other rows
// stay, which is the softmax of the scores that come of it:
//
//	q = softmax(z + s C_i (q_i - q)),  s = |x_i|^2
//
// solved for the scores by Newton's method. (No logarithm of q_i is needed, and
// q_i cannot leave the simplex.)
//
// That an intercept is not penalised means in the dual that the a_i sum to 0,
// which no change of a single row can respect. So the intercepts b are given a
// penalty |b - c|^2 / (2 v) that pulls them to where they were, c, which makes
// b = c + v sum_i a_i, and c is moved to b after each pass (the proximal point
// method; in the dual, the method of multipliers). When it comes to rest the
// sum is 0.
//
// With p_i the softmax of the scores and KL the relative entropy,
//
//	sum_i C_i KL(q_i, p_i)
//
// is the gap between the primal and the dual objective. As long as the a_i do not
// sum to 0 they must be changed for the dual constraint to hold; to second order
// this adds to the square root of the gap at most that of
//
//	1/2 sum_k s_k^2 (max_i |x_i|^2 + 1/h_k),  s = sum_i a_i
//
// where h_k is the second derivative by an intercept.
type softmaxDescent struct {
	p       *Problem
	o       Options
	l       *softmaxLoss
	k       int
	squares []float64 // s, with v for the intercept
	largest float64   // the greatest of squares
	v       float64
	w, b    []float64 // coefficients and intercepts
	c       []float64 // what the intercepts are pulled to
	q       []float64 // rows x k
	// estimate is the sum of the terms of the gap, each roughly as it was when
	// its row was last visited.
	estimate float64

	z, t, soft, f, step []float64 // scratch, k each
}

func newSoftmaxDescent(p *Problem, o Options, l *softmaxLoss, w []float64) *softmaxDescent {
	k, n := p.Classes, p.X.Rows()
	d := &softmaxDescent{p: p, o: o, l: l, k: k, q: make([]float64, n*k)}
	d.w, d.b = w[:p.X.Cols*k:p.X.Cols*k], w[p.X.Cols*k:]
	d.c = append(d.c, d.b...)
	total := 0.0
	for i, y := range p.Y {
		d.q[i*k+y] = 1
		total += l.costs.of(i, y)
	}
	// The weaker the pull, the fewer passes until the intercepts come to rest,
	// but the more a row's visit moves them. Measured, these constants do well
	// from tens to hundreds of thousands of rows and from small to large C.
	d.v = max(0.1, 40/total)
	d.squares, d.largest = squaredNorms(p.X, d.v)
	d.z, d.t, d.soft = make([]float64, k), make([]float64, k), make([]float64, k)
	d.f, d.step = make([]float64, k), make([]float64, k)
	return d
}

// solve runs the descent. It returns the number of passes made, and no result
// if the problem is one for Newton's method, which may start from d.w and d.b.
func (d *softmaxDescent) solve(ctx context.Context) (*Result, int, error) {
	order := newOrder(len(d.p.Y), d.o.Seed)
	start := slices.Clone(d.b)
	atStart, logSum := 0.0, detmath.LogSumExp(start) // all rows have the same scores
	for i, y := range d.p.Y {
		atStart += float64(d.l.costs.of(i, y) * (logSum - start[y]))
	}
	checkBelow := d.o.Tolerance * atStart
	var history []float64 // of the estimates
	for pass := 1; ; pass++ {
		if err := canceled(ctx); err != nil {
			return nil, 0, err
		}
		d.estimate = 0
		order.pass(d.visit)
		last := pass == d.o.MaxIterations
		if d.estimate <= checkBelow || last {
			r := d.check(pass)
			if r.Converged || last {
				d.finish(r)
				return r, pass, nil
			}
			checkBelow = nextCheck(d.o.Tolerance*r.Objective, d.estimate)
		}
		history = append(history, d.estimate)
		if slow(history, checkBelow) {
			if d.check(pass).Objective >= atStart {
				clear(d.w)
				copy(d.b, start)
			}
			return nil, pass, nil
		}
		for c, b := range d.b {
			d.b[c] += b - d.c[c]
			d.c[c] = b
		}
	}
}

// visit improves the dual variables of row i.
func (d *softmaxDescent) visit(i int) {
	k := d.k
	from, to := d.p.X.Starts[i], d.p.X.Starts[i+1]
	indices, values := d.p.X.Indices[from:to], d.p.X.Values[from:to]
	z, t, p, f, step := d.z, d.t[:k], d.soft[:k], d.f[:k], d.step[:k]
	copy(z, d.b)
	addScores(indices, values, d.w, z)

	q := d.q[i*k : i*k+k]
	cost := d.l.costs.of(i, d.p.Y[i])
	stiffness := cost * d.squares[i]
	// The scores t to find are the root of f(t) = t - z - stiffness (q -
	// softmax(t)), the gradient of a strictly convex function.
	evaluate := func() {
		detmath.Softmax(p, t)
		for c, s := range t {
			f[c] = s - z[c] - float64(stiffness*(q[c]-p[c]))
		}
	}
	copy(t, z)
	evaluate()
	chi := 0.0
	for c, s := range p {
		if s > 0 {
			chi += float64((q[c] - s) / s * (q[c] - s))
		}
	}
	d.estimate += float64(cost * chi / 2)
	for range 100 {
		// The Newton step solves (I + stiffness (diag p - p p')) step = -f by the
		// formula of Sherman and Morrison.
		num, den := 0.0, 0.0
		for c, s := range p {
			h := 1 + float64(stiffness*s)
			num += float64(s / h * f[c])
			den += s / h
			step[c] = -f[c] / h
		}
		slope, size, way := 0.0, 0.0, 0.0
		for c, s := range p {
			step[c] -= stiffness * num / den * s / (1 + float64(stiffness*s))
			slope += float64(step[c] * f[c])
			size = max(size, math.Abs(step[c]))
			way = max(way, math.Abs(t[c]-z[c]))
		}
		if size <= inexact*min(1, way) {
			break
		}
		// Halve the step until it does not lead past the minimum along it to
		// where the function rises as steeply.
		for length := 1.0; length > 1e-6; length /= 2 {
			for c := range t {
				t[c] += float64(length * step[c])
			}
			evaluate()
			there := 0.0
			for c := range t {
				there += float64(step[c] * f[c])
			}
			if there <= -slope {
				break
			}
			for c := range t {
				t[c] -= float64(length * step[c])
			}
		}
	}
	for c, s := range p {
		change := float64(cost * (q[c] - s))
		f[c] = change
		d.b[c] += float64(d.v * change)
		q[c] = s
	}
	addRow(indices, values, d.w, f)
}

// check computes the objective and the gap.
func (d *softmaxDescent) check(pass int) *Result {
	n, k := len(d.p.Y), d.k
	x := d.p.X
	if d.l.probs == nil {
		d.l.probs = make([]float64, n*k)
	}
	probs := d.l.probs
	loss := blocks(n, func(lo, hi int) float64 {
		sum := 0.0
		for i := lo; i < hi; i++ {
			z := probs[i*k : i*k+k]
			copy(z, d.b)
			row := x.Row(i)
			addScores(row.Indices, row.Values, d.w, z)
			y := d.p.Y[i]
			s := z[y]
			sum += float64(d.l.costs.of(i, y) * (detmath.SoftmaxLogSumExp(z, z) - s))
		}
		return sum
	})
	gap := blocks(n, func(lo, hi int) float64 {
		sum := 0.0
		for i := lo; i < hi; i++ {
			cost := d.l.costs.of(i, d.p.Y[i])
			for c, q := range d.q[i*k : i*k+k] {
				// The terms of KL with sum q - sum p, which is 0, taken
				// from it: none is negative.
				if s := probs[i*k+c]; q > tiny {
					sum += float64(float64(cost*q) * slack((s-q)/q))
				} else {
					sum += float64(cost * s)
				}
			}
		}
		return sum
	})
	spread := 0.0
	for c, b := range d.b {
		h := 0.0
		for i, y := range d.p.Y {
			s := probs[i*k+c]
			h += float64(d.l.costs.of(i, y) * float64(s*(1-s)))
		}
		if sum := (b - d.c[c]) / d.v; sum != 0 {
			spread += float64(sum * sum * (d.largest - d.v + 1/h) / 2)
		}
	}
	root := math.Sqrt(gap) + math.Sqrt(spread)
	gap = float64(root * root)
	r := &Result{Classes: k, Cols: x.Cols, Coef: d.w, Intercept: d.b}
	r.Iterations = pass
	r.Objective = float64(dot(d.w, d.w)/2) + loss
	r.Gap = gap
	r.Converged = gap <= d.o.Tolerance*r.Objective
	return r
}

// finish completes the report with what only a final one needs.
func (d *softmaxDescent) finish(r *Result) {
	n, k := len(d.p.Y), d.k
	q := d.l.probs
	for i, y := range d.p.Y {
		g := q[i*k : i*k+k]
		cost := d.l.costs.of(i, y)
		for c := range g {
			g[c] = float64(cost * g[c])
		}
		g[y] -= cost
	}
	g := append([]float64(nil), d.w...)
	newTransposer(d.p.X).add(addRow, q, g, k)
	norm := dot(g, g)
	for c := range k {
		s := 0.0
		for i := range n {
			s += q[i*k+c]
		}
		norm += float64(s * s)
	}
	r.GradientNorm = math.Sqrt(norm)
	if !r.Converged {
		r.Warnings = append(r.Warnings, stopped(r.Report))
	}
}
