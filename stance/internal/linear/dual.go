package linear

import (
	"context"
	"math"
	"slices"

	"example.org/metoostance/features"
	"example.org/metoostance/features/detmath"
)

// descend solves binary problems, with penalised intercepts, by dual coordinate
// descent and puts the coefficients and reports into r. It says which problems
// it gave up because Newton's method promises to be faster.
//
// The dual problem of one of them is to minimise over a, one number for each
// row,
//
//	1/2 |sum_i a_i s_i (x_i, 1)|^2 + sum_i conj_i(-a_i)
//
// where conj_i is the convex conjugate of C_i loss; the sum in bars is (w, b).
// Coordinate descent takes the rows in random order and minimises over one a_i
// at a time, keeping w up to date. For the hinge losses (Hsieh, Chang, Lin,
// Keerthi and Sundararajan 2008) the minimum is in closed form, and rows at a
// bound that will hardly leave it are not visited (shrinking). For the logistic
// loss (Yu, Huang and Lin 2011) it is found by Newton's method, here over the
// margin rather than over a_i: no logarithm is needed, and a_i cannot leave its
// range.
//
// Any a bounds the minimum from below, so that with the margins m of its w the
// gap is at most
//
//	sum_i C_i loss(m_i) + conj_i(-a_i) + a_i m_i
//
// whose terms are never negative. They are added up as the rows are visited; as
// soon as their sum suggests that the tolerance is met, the true gap is
// computed.
//
// All problems visit the rows in the same order, so that several can be solved
// in one sweep over the matrix, which costs little more than one of them alone;
// the groups are solved in parallel.
func descend(ctx context.Context, x *features.Matrix, y []int, loss Loss, o Options, problems []binary, r *Result) (slow []bool, err error) {
	squares, _ := squaredNorms(x, 1)
	slow = make([]bool, len(problems))
	n := (len(problems) + maxGroup - 1) / maxGroup
	errs := make([]error, n)
	parallel(n, func(g int) {
		lo, hi := g*len(problems)/n, (g+1)*len(problems)/n
		d := newDescent(x, y, squares, loss, o, problems[lo:hi], slow[lo:hi])
		errs[g] = d.solve(ctx, r)
	})
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return slow, nil
}

// maxGroup is the number of problems that are solved together at most.
const maxGroup = 3

// sums are what check adds up over the rows, for each open problem.
type sums struct{ losses, gap, projected [maxGroup]float64 }

// descent solves a few binary problems together.
type descent struct {
	x       *features.Matrix
	y       []int
	squares []float64
	loss    Loss
	o       Options
	open    []*openProblem // those that have not converged
	// w, b and alpha hold the coefficients (columns x k), the intercepts (k)
	// and the dual variables (rows x k) of the k open problems, interleaved;
	// shrunk marks dual variables that are not to be visited.
	w, b, alpha []float64
	shrunk      []bool
}

// openProblem is the state of a problem.
type openProblem struct {
	binary
	// slow is set if the problem is given up.
	slow *bool
	// estimate is the sum of the terms of the gap, each as it was when its row
	// was last visited; history holds those of past passes.
	estimate float64
	history  []float64
	// checkBelow is the estimate at which the gap is to be computed.
	checkBelow float64
	// For shrinking: the extremes of the projected gradient in the last pass
	// and in this one, and whether any row is shrunk.
	high, low         float64
	nextHigh, nextLow float64
	anyShrunk         bool
}

func newDescent(x *features.Matrix, y []int, squares []float64, loss Loss, o Options, problems []binary, slow []bool) *descent {
	n, k := x.Rows(), len(problems)
	d := &descent{
		x: x, y: y, squares: squares, loss: loss, o: o,
		w:     make([]float64, x.Cols*k),
		b:     make([]float64, k),
		alpha: make([]float64, n*k),
	}
	if loss != logistic {
		d.shrunk = make([]bool, n*k)
	}
	for c, b := range problems {
		d.open = append(d.open, &openProblem{
			binary: b,
			slow:   &slow[c],
			high:   math.Inf(1), low: math.Inf(-1),
			checkBelow: o.Tolerance * b.objectiveAtZero(loss, y),
		})
	}
	return d
}

// solve passes over the rows until all problems have converged.
func (d *descent) solve(ctx context.Context, r *Result) error {
	order := newOrder(len(d.y), d.o.Seed)
	for pass := 1; len(d.open) > 0; pass++ {
		if err := canceled(ctx); err != nil {
			return err
		}
		d.pass(order)
		d.check(pass, r)
	}
	return nil
}

// pass visits every row that is not shrunk once.
func (d *descent) pass(order *order) {
	k := len(d.open)
	for _, p := range d.open {
		p.estimate = 0
		p.nextHigh, p.nextLow = math.Inf(-1), math.Inf(1)
	}
	var scores, delta [maxGroup]float64
	z, dz := scores[:k], delta[:k]
	order.pass(func(i int) { d.visit(i, z, dz) })
}

// visit improves the dual variables of row i. z and dz are scratch space.
func (d *descent) visit(i int, z, dz []float64) {
	k := len(d.open)
	if d.shrunk != nil && !slices.Contains(d.shrunk[i*k:i*k+k], false) {
		return
	}
	a, e := d.x.Starts[i], d.x.Starts[i+1]
	indices, values := d.x.Indices[a:e], d.x.Values[a:e]
	copy(z, d.b)
	addScores(indices, values, d.w, z)
	changed := false
	for c, p := range d.open {
		at := i*k + c
		dz[c] = 0
		if d.shrunk != nil && d.shrunk[at] {
			continue
		}
		sign, cost := p.side(i, d.y[i])
		old := d.alpha[at]
		var alpha float64
		switch d.loss {
		case logistic:
			alpha = p.logisticStep(float64(sign*z[c]), old, cost, d.squares[i])
		case Hinge:
			alpha = p.hingeStep(float64(sign*z[c]), old, cost, 0, d.squares[i], &d.shrunk[at])
		default:
			alpha = p.hingeStep(float64(sign*z[c]), old, math.Inf(1), 1/(2*cost), d.squares[i], &d.shrunk[at])
		}
		if alpha != old {
			d.alpha[at] = alpha
			dz[c] = float64(sign * (alpha - old))
			d.b[c] += dz[c]
			changed = true
		}
	}
	if changed {
		addRow(indices, values, d.w, dz)
	}
}

// hingeStep returns the dual variable that minimises the dual objective over
// it: the variable lies between 0 and upper, and diagonal times half its square
// is added to the objective.
func (p *openProblem) hingeStep(margin, alpha, upper, diagonal, square float64, shrunk *bool) float64 {
	g := margin - 1 + float64(diagonal*alpha)
	switch {
	case alpha == 0 && g >= 0:
		if g > p.high {
			*shrunk = true
			p.anyShrunk = true
			return alpha
		}
		p.nextHigh, p.nextLow = max(p.nextHigh, 0), min(p.nextLow, 0)
		return alpha
	case alpha == upper && g <= 0:
		if g < p.low {
			*shrunk = true
			p.anyShrunk = true
			return alpha
		}
		p.nextHigh, p.nextLow = max(p.nextHigh, 0), min(p.nextLow, 0)
		return alpha
	}
	p.nextHigh, p.nextLow = max(p.nextHigh, g), min(p.nextLow, g)
	cost := upper
	if diagonal > 0 {
		cost = 1 / (2 * diagonal)
	}
	p.estimate += hingeGap(margin, alpha, cost, diagonal > 0)
	return min(max(alpha-g/(square+diagonal), 0), upper)
}

// hingeGap returns a row's term of the gap.
func hingeGap(margin, alpha, cost float64, squared bool) float64 {
	h := 1 - margin
	if squared {
		if h > 0 {
			t := float64(2*cost*h) - alpha
			return t * t / (4 * cost)
		}
		return alpha*alpha/(4*cost) - float64(alpha*h)
	}
	if h > 0 {
		return float64((cost - alpha) * h)
	}
	return float64(-alpha * h)
}

// logisticStep returns the dual variable that minimises the dual objective over
// it. With the row left to itself the variable is cost times the sigmoid of
// minus the margin, and the margin moves by square times the variable's change:
// this is solved for the margin.
func (p *openProblem) logisticStep(margin, alpha, cost, square float64) float64 {
	s := detmath.Sigmoid(-margin)
	diff := float64(cost*s) - alpha
	curve := float64(s * (1 - s)) // of the loss over cost
	if curve > 0 {
		p.estimate += diff * diff / (2 * cost * curve)
	}
	if diff == 0 {
		return alpha
	}
	// f(m) = m - margin - square (cost sigmoid(-m) - alpha) increases with m
	// and changes sign between the margin and where it would be if the
	// variable went to the end that the loss draws it to.
	f := -float64(square * diff)
	lo, hi := margin, margin-f
	if lo > hi {
		lo, hi = hi, lo
	}
	m := margin
	for range 100 {
		step := f / (1 + float64(float64(square*cost)*curve))
		if math.Abs(step) <= inexact*min(1, math.Abs(m-margin)) {
			break
		}
		if m -= step; !(m > lo && m < hi) {
			m = lo + float64((hi-lo)/2)
		}
		s = detmath.Sigmoid(-m)
		curve = float64(s * (1 - s))
		if f = m - margin - float64(square*(float64(cost*s)-alpha)); f > 0 {
			hi = m
		} else {
			lo = m
		}
	}
	return cost * s
}

// inexact is how small a Newton step for a single row must be, relative to the
// way from the start and to 1, to be left undone. The sigmoid and the softmax
// vary over distances of about 1; and the row will be visited again.
const inexact = 0.01

// logisticGap returns a row's term of the gap: cost times the relative entropy
// of alpha/cost and the sigmoid of minus the margin.
func logisticGap(margin, alpha, cost float64) float64 {
	q := alpha / cost
	s, t := detmath.Sigmoid(-margin), detmath.Sigmoid(margin)
	if q < tiny {
		return -float64(cost * detmath.Log(t))
	}
	if q >= 1 {
		return -float64(cost * detmath.Log(s))
	}
	u, v := (s-q)/q, (q-s)/(1-q)
	return float64(cost * (float64(q*slack(u)) + float64((1-q)*slack(v))))
}

// tiny is a probability that relative entropies take for 0, lest a quotient
// overflow.
const tiny = 1e-300

// slack returns u - log(1+u), which is never negative.
func slack(u float64) float64 {
	if math.Abs(u) < 1e-4 {
		// The series; the next term is u^5/5.
		return u * u * (0.5 - float64(u*(1.0/3-float64(u*0.25))))
	}
	return u - detmath.Log1p(u)
}

// check computes the gap of the problems that seem to have converged, and takes
// those out that have or that are given up, or all if this was the last pass.
func (d *descent) check(pass int, r *Result) {
	last := pass == d.o.MaxIterations
	var due []int
	for c, p := range d.open {
		p.history = append(p.history, p.estimate)
		*p.slow = d.loss != Hinge && slow(p.history, p.checkBelow)
		if p.estimate <= p.checkBelow || *p.slow || last {
			due = append(due, c)
		}
		if p.high = p.nextHigh; p.high <= 0 {
			p.high = math.Inf(1)
		}
		if p.low = p.nextLow; p.low >= 0 {
			p.low = math.Inf(-1)
		}
	}
	if len(due) == 0 {
		return
	}
	k, n := len(d.open), len(d.y)
	first := make([]float64, n*k) // derivatives by the scores
	partial := make([]sums, (n+block-1)/block)
	parallel(len(partial), func(i int) {
		d.measure(i*block, min(n, (i+1)*block), due, first, &partial[i])
	})
	var total sums
	for i := range partial {
		for _, c := range due {
			total.losses[c] += partial[i].losses[c]
			total.gap[c] += partial[i].gap[c]
			total.projected[c] += partial[i].projected[c]
		}
	}
	var done []int
	for _, c := range due {
		p := d.open[c]
		norm := float64(d.b[c] * d.b[c])
		for j := c; j < len(d.w); j += k {
			norm += float64(d.w[j] * d.w[j])
		}
		rep := &r.PerClass[p.class]
		*rep = Report{Iterations: pass, Objective: total.losses[c] + float64(norm/2), Gap: total.gap[c], GradientNorm: math.Sqrt(total.projected[c])}
		limit := d.o.Tolerance * rep.Objective
		rep.Converged = rep.Gap <= limit
		if rep.Converged || *p.slow || last {
			*p.slow = *p.slow && !rep.Converged && !last
			done = append(done, c)
			continue
		}
		if !p.anyShrunk {
			p.checkBelow = nextCheck(limit, p.estimate)
		} else {
			// The estimate was of some of the rows; from now on it is of all.
			p.checkBelow = limit
			p.anyShrunk = false
			p.high, p.low = math.Inf(1), math.Inf(-1)
			for at := c; at < len(d.shrunk); at += k {
				d.shrunk[at] = false
			}
		}
	}
	d.finish(done, first, r)
	d.drop(done)
}

// nextCheck returns the estimate at which to compute the gap again, after an
// estimate that promised a gap below limit in vain: a smaller one, but never so much
// smaller that an estimate of 0 would be waited for.
func nextCheck(limit, estimate float64) float64 {
	return min(limit, max(estimate/2, limit/16))
}

// measure adds up over rows lo to hi for the problems due, and puts the
// derivatives of the losses by the scores into first.
func (d *descent) measure(lo, hi int, due []int, first []float64, t *sums) {
	k := len(d.open)
	for i := lo; i < hi; i++ {
		z := first[i*k : i*k+k]
		copy(z, d.b)
		row := d.x.Row(i)
		addScores(row.Indices, row.Values, d.w, z)
		for _, c := range due {
			sign, cost := d.open[c].side(i, d.y[i])
			m, alpha := float64(sign*z[c]), d.alpha[i*k+c]
			value, slope, _ := lossAt(d.loss, m)
			t.losses[c] += float64(cost * value)
			z[c] = sign * cost * slope
			if d.loss == logistic {
				t.gap[c] += logisticGap(m, alpha, cost)
				continue
			}
			t.gap[c] += hingeGap(m, alpha, cost, d.loss == SquaredHinge)
			if g := m - 1; d.loss == Hinge && !(alpha == 0 && g > 0 || alpha == cost && g < 0) {
				t.projected[c] += float64(g * g)
			}
		}
	}
}

// finish puts the coefficients of problems into the result and completes the
// reports. first holds the derivatives of the losses by the scores.
func (d *descent) finish(done []int, first []float64, r *Result) {
	if len(done) == 0 {
		return
	}
	k := len(d.open)
	for _, c := range done {
		class := d.open[c].class
		r.Intercept[class] = d.b[c]
		for j := range d.x.Cols {
			r.Coef[j*r.Classes+class] = d.w[j*k+c]
		}
	}
	if d.loss == Hinge {
		return // there is no gradient
	}
	g := slices.Clone(d.w)
	b := slices.Clone(d.b)
	for i := range d.y {
		row := d.x.Row(i)
		q := first[i*k : i*k+k]
		addRow(row.Indices, row.Values, g, q)
		for c, v := range q {
			b[c] += v
		}
	}
	for _, c := range done {
		norm := float64(b[c] * b[c])
		for j := c; j < len(g); j += k {
			norm += float64(g[j] * g[j])
		}
		r.PerClass[d.open[c].class].GradientNorm = math.Sqrt(norm)
	}
}

// maxPasses is how many more passes coordinate descent may seem to need before
// it is given up for Newton's method.
const maxPasses = 100

// slow reports whether the estimates of the gap after past passes suggest that
// it would take too many more to reach the goal.
func slow(history []float64, goal float64) bool {
	const span = 4 // passes that the rate is measured over
	n := len(history)
	if n <= 2*span || history[n-1] <= goal {
		return false
	}
	now, then := history[n-1], history[n-1-span]
	return !(now < then) || detmath.Log(now/goal)*span > maxPasses*detmath.Log(then/now)
}

// drop takes problems out.
func (d *descent) drop(done []int) {
	if len(done) == 0 {
		return
	}
	k := len(d.open)
	var keep []int
	for c, t := 0, 0; c < k; c++ {
		if t < len(done) && done[t] == c {
			t++
		} else {
			keep = append(keep, c)
		}
	}
	d.w = compact(d.w, k, keep)
	d.b = compact(d.b, k, keep)
	d.alpha = compact(d.alpha, k, keep)
	d.shrunk = compact(d.shrunk, k, keep)
	d.open = compact(d.open, k, keep)
}

// compact keeps the given elements of every k, in place.
func compact[T any](s []T, k int, keep []int) []T {
	n := 0
	for at := 0; at < len(s); at += k {
		for _, c := range keep {
			s[n] = s[at+c]
			n++
		}
	}
	return s[:n]
}
