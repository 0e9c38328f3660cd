package linear

import (
	"context"
	"math"

	"example.org/metoostance/features"
)

// loss is a sum over the rows of convex functions of a row's scores, of which
// there are k to a row. Its methods work on rows lo to hi.
type loss interface {
	// value returns the loss at scores z + t u.
	value(z, u []float64, t float64, lo, hi int) float64
	// gradient puts the derivatives by the scores into q, and notes what
	// curvature and diagonal need. It returns the loss.
	gradient(z, q []float64, lo, hi int) float64
	// curvature replaces u, numbers for each score, by the product of the
	// second derivatives with them, and returns the inner product of the two.
	curvature(u []float64, lo, hi int) float64
	// diagonal puts the second derivatives by each score into q.
	diagonal(q []float64, lo, hi int)
	// quadratic reports whether the second derivatives are constant.
	quadratic() bool
}

const (
	// roundoff bounds the relative error of an objective.
	roundoff = 1e-14
	// maxIdle is the number of Newton steps that may leave the objective as it
	// was, up to rounding, before newton gives up.
	maxIdle = 8
)

// newton minimises 1/2 |W|^2 + loss(X W + b) by a truncated Newton method: the
// Newton equations are solved by conjugate gradients, preconditioned by the
// diagonal, to an accuracy that grows as the solution is approached (Dembo,
// Eisenstat and Steihaug 1982), and the step is halved until the objective
// falls enough (Armijo). A product with the matrix of second derivatives costs
// two passes over the rows.
//
// The gap that it reports is that between the objective and the dual one at the
// dual variables that belong to the scores. If the intercepts are penalised it is
// half the squared norm of the gradient. If they are not, the dual variables
// must sum to 0, but they sum to minus the gradient by the intercepts, h; to
// second order, it costs
//
//	1/2 (|g| + |h| max_i |x_i|)^2 + 1/2 sum_k h_k^2 / d_k
//
// to meet the constraint too, where g is the gradient by the coefficients and
// d_k the second derivative by an intercept.
//
// w holds the coefficients and intercepts to start from and is overwritten with
// those found. done is the number of iterations made before. If newton stops
// early it returns a warning.
func newton(ctx context.Context, x *features.Matrix, l loss, k int, o Options, w []float64, penaliseIntercept bool, done int) (Report, string, error) {
	n := x.Rows()
	size := x.Cols * k // number of coefficients; the intercepts follow them
	full := size + k
	penalised := size
	if penaliseIntercept {
		penalised = full
	}
	var (
		step  = make([]float64, full)
		resid = make([]float64, full)
		dir   = make([]float64, full)
		prod  = make([]float64, full)
		diag  = make([]float64, full)
		z     = make([]float64, n*k) // scores
		u     = make([]float64, n*k) // change of scores, or derivatives by scores
	)
	t := newTransposer(x)
	_, largest := squaredNorms(x, 0)

	// scores puts X v + b into z for every row.
	scores := func(v, z []float64) {
		blocks(n, func(lo, hi int) float64 {
			for i := lo; i < hi; i++ {
				s := z[i*k : i*k+k]
				copy(s, v[size:])
				r := x.Row(i)
				addScores(r.Indices, r.Values, v, s)
			}
			return 0
		})
	}
	// sumRows adds the rows of q, n x k, to dst.
	sumRows := func(q, dst []float64) {
		for i := range n {
			for c := range k {
				dst[c] += q[i*k+c]
			}
		}
	}
	scores(w, z)
	rep := Report{Iterations: done}
	firstNorm := 0.0
	idle, small := 0, false
	for {
		if err := canceled(ctx); err != nil {
			return rep, "", err
		}
		// The gradient, and minus it as the residual of the Newton equations.
		// u holds the derivatives of the loss by the scores.
		lossValue := blocks(n, func(lo, hi int) float64 { return l.gradient(z, u, lo, hi) })
		rep.Objective = float64(dot(w[:penalised], w[:penalised])/2) + lossValue
		copy(resid[:penalised], w)
		clear(resid[penalised:])
		t.add(addRow, u, resid, k)
		sumRows(u, resid[size:])

		// The diagonal of the second derivatives.
		blocks(n, func(lo, hi int) float64 { l.diagonal(u, lo, hi); return 0 })
		for j := range diag[:penalised] {
			diag[j] = 1
		}
		clear(diag[penalised:])
		t.add(addSquares, u, diag, k)
		sumRows(u, diag[size:])

		norm := dot(resid[:penalised], resid[:penalised])
		free, cost := 0.0, 0.0
		for c, g := range resid[penalised:] {
			free += float64(g * g)
			cost += float64(g / diag[penalised+c] * g / 2)
		}
		rep.GradientNorm = math.Sqrt(norm + free)
		bound := math.Sqrt(norm) + math.Sqrt(float64(free*largest))
		rep.Gap = cost + float64(bound*bound/2)
		if rep.Gap <= o.Tolerance*rep.Objective {
			rep.Converged = true
			return rep, "", nil
		}
		if rep.Iterations >= o.MaxIterations {
			return rep, stopped(rep), nil
		}
		rep.Iterations++

		// Solve the Newton equations for step.
		scaled := blocks(full, func(lo, hi int) float64 {
			sum := 0.0
			for j := lo; j < hi; j++ {
				resid[j] = -resid[j]
				step[j] = 0
				dir[j] = resid[j] / diag[j]
				sum += float64(resid[j] * dir[j])
			}
			return sum
		})
		if firstNorm == 0 {
			firstNorm = math.Sqrt(scaled)
		}
		forcing := min(0.3, math.Sqrt(math.Sqrt(scaled)/firstNorm))
		goal := forcing * forcing * scaled
		slope := 0.0 // the derivative of the objective along step
		if l.quadratic() {
			// One step is enough if it is accurate enough.
			goal = min(goal, o.Tolerance*rep.Objective/2)
		}
		for inner := 0; scaled > goal && inner < 1000; inner++ {
			if err := canceled(ctx); err != nil {
				return rep, "", err
			}
			scores(dir, u)
			curvature := dot(dir[:penalised], dir[:penalised]) + blocks(n, func(lo, hi int) float64 { return l.curvature(u, lo, hi) })
			copy(prod[:penalised], dir)
			clear(prod[penalised:])
			t.add(addRow, u, prod, k)
			sumRows(u, prod[size:])
			if !(curvature > 0) {
				break // the residual is rounding error
			}
			alpha := scaled / curvature
			slope -= float64(alpha * scaled)
			next := blocks(full, func(lo, hi int) float64 {
				sum := 0.0
				for j := lo; j < hi; j++ {
					step[j] += float64(alpha * dir[j])
					r := resid[j] - float64(alpha*prod[j])
					resid[j] = r
					sum += float64(r / diag[j] * r)
				}
				return sum
			})
			beta := next / scaled
			scaled = next
			blocks(full, func(lo, hi int) float64 {
				for j := lo; j < hi; j++ {
					dir[j] = resid[j]/diag[j] + float64(beta*dir[j])
				}
				return 0
			})
		}

		// Search along the step; u is the change of the scores.
		scores(step, u)
		wStep, stepStep := dot(w[:penalised], step[:penalised]), dot(step[:penalised], step[:penalised])
		length, found := 1.0, false
		for range 40 {
			change := float64(length*wStep) + float64(length*length*stepStep/2) - lossValue +
				blocks(n, func(lo, hi int) float64 { return l.value(z, u, length, lo, hi) })
			// Near the optimum the change is lost in rounding; the step is
			// right there.
			if change <= 1e-4*length*slope || math.Abs(change) <= roundoff*rep.Objective {
				found = true
				small = math.Abs(change) <= roundoff*rep.Objective
				break
			}
			length /= 2
		}
		if small {
			idle++
		}
		if !found || idle > maxIdle {
			return rep, stopped(rep) + ": rounding errors allow no further progress", nil
		}
		blocks(full, func(lo, hi int) float64 {
			for j := lo; j < hi; j++ {
				w[j] += float64(length * step[j])
			}
			return 0
		})
		blocks(n*k, func(lo, hi int) float64 {
			for j := lo; j < hi; j++ {
				z[j] += float64(length * u[j])
			}
			return 0
		})
	}
}
