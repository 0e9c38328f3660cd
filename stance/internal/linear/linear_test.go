package linear

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/features"
	"example.org/metoostance/features/detmath"
)

// iterative are the solvers that iterate.
var iterative = []struct {
	name  string
	solve func(context.Context, *Problem, Options) (*Result, error)
}{
	{"MultinomialLogistic", MultinomialLogistic},
	{"LogisticOvR", LogisticOvR},
	{"SVM squared hinge", func(ctx context.Context, p *Problem, o Options) (*Result, error) {
		return SVM(ctx, p, SquaredHinge, o)
	}},
	{"SVM hinge", func(ctx context.Context, p *Problem, o Options) (*Result, error) {
		return SVM(ctx, p, Hinge, o)
	}},
	{"Ridge", Ridge},
	{"NBSVM", func(ctx context.Context, p *Problem, o Options) (*Result, error) {
		return NBSVM(ctx, p, NBSVMOptions{Options: o})
	}},
}

// anyProblem draws a small problem, with rows that have no elements, columns
// that no row has, and rows that occur twice.
func anyProblem(t *rapid.T) *Problem {
	p := &Problem{
		X:       &features.Matrix{Cols: rapid.IntRange(0, 8).Draw(t, "cols"), Starts: []int{0}},
		Classes: rapid.IntRange(2, 5).Draw(t, "classes"),
	}
	n := rapid.IntRange(p.Classes, 14).Draw(t, "rows")
	value := rapid.SampledFrom([]float64{0, 0, 0, 1, 0.5, 2, 0.1, 3})
	for i := range n {
		var r features.Row
		for j := range p.X.Cols {
			if v := value.Draw(t, "value"); v != 0 {
				r.Indices = append(r.Indices, int32(j))
				r.Values = append(r.Values, v)
			}
		}
		p.X.AppendRow(r)
		y := i // every class occurs
		if i >= p.Classes {
			y = rapid.IntRange(0, p.Classes-1).Draw(t, "class")
		}
		p.Y = append(p.Y, y)
	}
	if rapid.Bool().Draw(t, "weighted") {
		p.Weights = rapid.SliceOfN(rapid.SampledFrom([]float64{0.5, 1, 3}), p.Classes, p.Classes).Draw(t, "weights")
	}
	if rapid.Bool().Draw(t, "rows weighted") {
		p.RowWeights = rapid.SliceOfN(rapid.SampledFrom([]float64{0.25, 1, 2}), n, n).Draw(t, "row weights")
	}
	return p
}

// randomProblem makes a problem of many rows of a few elements each, whose
// classes have columns that they favour.
func randomProblem(n, cols, perRow, classes int) *Problem {
	rng := rand.New(rand.NewPCG(11, 12))
	p := &Problem{X: &features.Matrix{Cols: cols, Starts: []int{0}}, Classes: classes}
	for i := range n {
		y := rng.IntN(classes)
		if i < classes {
			y = i
		}
		seen := map[int32]bool{}
		var r features.Row
		for len(r.Indices) < perRow {
			// Low columns are frequent, as words are.
			u := rng.Float64()
			j := int32(float64(cols) * u * u * u)
			if rng.IntN(3) == 0 {
				j = j/int32(classes)*int32(classes) + int32(y)
			}
			if j < int32(cols) && !seen[j] {
				seen[j] = true
				r.Indices = append(r.Indices, j)
				r.Values = append(r.Values, 0.1+rng.Float64())
			}
		}
		slices.Sort(r.Indices)
		p.X.AppendRow(r)
		p.Y = append(p.Y, y)
	}
	return p
}

// denseProblem makes a noisy problem of far more rows than columns.
func denseProblem(n, cols int) *Problem {
	rng := rand.New(rand.NewPCG(1, 2))
	p := &Problem{X: &features.Matrix{Cols: cols, Starts: []int{0}}, Classes: 3}
	for range n {
		var r features.Row
		y := rng.IntN(3)
		for j := range cols {
			v := rng.NormFloat64()
			if j%3 == y {
				v += 0.3
			}
			r.Indices = append(r.Indices, int32(j))
			r.Values = append(r.Values, v)
		}
		p.X.AppendRow(r)
		p.Y = append(p.Y, y)
	}
	return p
}

// definition computes the objective of a result and its gradient (columns x
// classes, then the intercepts) from the formulae of the package documentation,
// with package math.
type definition func(p *Problem, c float64, r *Result) (objective float64, gradient []float64)

// scoreGradient adds the penalty and takes the derivatives of the loss of row i
// by its scores back to the coefficients.
func scoreGradient(p *Problem, r *Result, penaliseIntercept bool, loss func(i int, z []float64) (float64, []float64)) (float64, []float64) {
	k := p.Classes
	g := append(slices.Clone(r.Coef), make([]float64, k)...)
	f := 0.0
	for _, w := range r.Coef {
		f += w * w / 2
	}
	if penaliseIntercept {
		copy(g[len(r.Coef):], r.Intercept)
		for _, b := range r.Intercept {
			f += b * b / 2
		}
	}
	for i := range p.Y {
		x := p.X.Row(i)
		z := slices.Clone(r.Intercept)
		for t, j := range x.Indices {
			for c := range z {
				z[c] += x.Values[t] * r.Coef[int(j)*k+c]
			}
		}
		v, d := loss(i, z)
		f += v
		for c := range d {
			g[len(r.Coef)+c] += d[c]
			for t, j := range x.Indices {
				g[int(j)*k+c] += x.Values[t] * d[c]
			}
		}
	}
	return f, g
}

func defineMultinomial(p *Problem, c float64, r *Result) (float64, []float64) {
	return scoreGradient(p, r, false, func(i int, z []float64) (float64, []float64) {
		sum := 0.0
		for _, s := range z {
			sum += math.Exp(s)
		}
		v := c * p.weight(p.Y[i]) * p.rowWeight(i)
		d := make([]float64, len(z))
		for k, s := range z {
			d[k] = v * math.Exp(s) / sum
		}
		d[p.Y[i]] -= v
		return v * (math.Log(sum) - z[p.Y[i]]), d
	})
}

func defineRidge(p *Problem, c float64, r *Result) (float64, []float64) {
	return scoreGradient(p, r, false, func(i int, z []float64) (float64, []float64) {
		v := c * p.weight(p.Y[i]) * p.rowWeight(i)
		f, d := 0.0, make([]float64, len(z))
		for k, s := range z {
			target := -1.0
			if k == p.Y[i] {
				target = 1
			}
			f += v / 2 * (s - target) * (s - target)
			d[k] = v * (s - target)
		}
		return f, d
	})
}

// oneVsRestCost returns C_i of the package documentation.
func oneVsRestCost(p *Problem, c float64, class, i int) float64 {
	c *= p.rowWeight(i)
	if y := p.Y[i]; p.Classes == 2 || class == y {
		return c * p.weight(y)
	}
	return c
}

// defineBinary defines the sum of the one-vs-rest problems with a loss of the
// margin; with two classes, that of the two mirrored ones.
func defineBinary(loss func(m float64) (value, slope float64)) definition {
	return func(p *Problem, c float64, r *Result) (float64, []float64) {
		return scoreGradient(p, r, true, func(i int, z []float64) (float64, []float64) {
			f, d := 0.0, make([]float64, len(z))
			for k, s := range z {
				sign := -1.0
				if k == p.Y[i] {
					sign = 1
				}
				v, slope := loss(sign * s)
				cost := oneVsRestCost(p, c, k, i)
				f += cost * v
				d[k] = cost * sign * slope
			}
			return f, d
		})
	}
}

func logisticLoss(m float64) (float64, float64) {
	return math.Log(1 + math.Exp(-m)), -1 / (1 + math.Exp(m))
}

func squaredHingeLoss(m float64) (float64, float64) {
	h := max(0, 1-m)
	return h * h, -2 * h
}

func norm(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x * x
	}
	return math.Sqrt(sum)
}

// TestOptimality checks that the gradient of the definition vanishes at the
// result, that the reports are true, and that the gap is what it says.
func TestOptimality(t *testing.T) {
	cases := []struct {
		name   string
		solve  solver
		define definition
		binary bool
	}{
		{"multinomial", solveMultinomial, defineMultinomial, false},
		{"logistic", solveOvR, defineBinary(logisticLoss), true},
		{"squared hinge", solveSVM(SquaredHinge), defineBinary(squaredHingeLoss), true},
		{"ridge", solveRidge, defineRidge, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := anyProblem(t)
				cost := rapid.SampledFrom([]float64{0.001, 0.1, 1, 10, 300}).Draw(t, "C")
				o := Options{C: cost, Tolerance: 1e-13, Seed: rapid.Uint64().Draw(t, "seed")}
				r, err := c.solve(p, o)
				require.NoError(t, err)
				require.True(t, r.Converged, "%v", r.Warnings)
				require.Empty(t, r.Warnings)

				f, g := c.define(p, cost, r)
				// With L a bound of the second derivatives, |g|^2 is at most
				// 2 L times the gap.
				l := 1.0
				for i, y := range p.Y {
					s := 1.0
					for _, v := range p.X.Row(i).Values {
						s += v * v
					}
					l += 2 * cost * max(1, p.weight(y)) * p.rowWeight(i) * s
				}
				limit := math.Sqrt(2*l*r.Gap) + 1e-12*l
				assert.LessOrEqual(t, norm(g), 2*limit)

				problems := 1.0
				if c.binary && p.Classes == 2 {
					problems = 2 // the definition adds up two mirrored ones
				}
				assert.InEpsilon(t, f, problems*r.Objective, 1e-12)
				assert.InDelta(t, norm(g), math.Sqrt(problems)*r.GradientNorm, 1e-12*l)
				assert.LessOrEqual(t, r.Gap, o.Tolerance*r.Objective)
				assert.GreaterOrEqual(t, r.Gap, 0.0)

				// A rough solution is as far from this one as it says, or less.
				rough, err := c.solve(p, Options{C: cost, Tolerance: 1e-2, Seed: o.Seed})
				require.NoError(t, err)
				assert.LessOrEqual(t, rough.Objective-r.Objective, rough.Gap+1e-9*r.Objective)
				assert.GreaterOrEqual(t, rough.Objective, r.Objective*(1-1e-12))
			})
		})
	}
}

// TestHingeOptimality certifies the hinge loss, which has no gradient, by the
// dual objective of a point found by projected gradient descent on the dual.
func TestHingeOptimality(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := anyProblem(t)
		cost := rapid.SampledFrom([]float64{0.001, 0.1, 1, 10}).Draw(t, "C")
		r, err := SVM(context.Background(), p, Hinge, Options{C: cost, Tolerance: 1e-6, MaxIterations: 100000})
		require.NoError(t, err)
		require.True(t, r.Converged, "%v", r.Warnings)

		total := 0.0
		for class, rep := range r.PerClass {
			// The objective by the definition.
			f := r.Intercept[class] * r.Intercept[class] / 2
			for j := range p.X.Cols {
				w := r.Coef[j*p.Classes+class]
				f += w * w / 2
			}
			for i, y := range p.Y {
				z := r.Scores(p.X.Row(i), make([]float64, p.Classes))[class]
				if y != class {
					z = -z
				}
				f += oneVsRestCost(p, cost, class, i) * max(0, 1-z)
			}
			assert.InEpsilon(t, f, rep.Objective, 1e-12)
			total += rep.Objective

			bound := hingeDual(p, cost, class)
			assert.LessOrEqual(t, f-bound, 1e-4*f, "class %d", class)
			assert.GreaterOrEqual(t, f-bound, -1e-9*f, "class %d", class)
		}
		if p.Classes == 2 {
			total /= 2
		}
		assert.InEpsilon(t, total, r.Objective, 1e-12)
	})
}

// hingeDual returns a lower bound of the objective of a class against the rest:
// the dual objective after accelerated projected gradient steps.
func hingeDual(p *Problem, cost float64, class int) float64 {
	n := len(p.Y)
	rows := make([][]float64, n)
	upper := make([]float64, n)
	l := 0.0
	for i, y := range p.Y {
		x := make([]float64, p.X.Cols+1)
		x[p.X.Cols] = 1
		r := p.X.Row(i)
		for t, j := range r.Indices {
			x[j] = r.Values[t]
		}
		if y != class {
			for j := range x {
				x[j] = -x[j]
			}
		}
		rows[i] = x
		upper[i] = oneVsRestCost(p, cost, class, i)
		l += norm(x) * norm(x)
	}
	sum := func(a []float64) []float64 {
		w := make([]float64, p.X.Cols+1)
		for i, x := range rows {
			for j, v := range x {
				w[j] += a[i] * v
			}
		}
		return w
	}
	value := func(a []float64) float64 {
		w := norm(sum(a))
		f := -w * w / 2
		for _, v := range a {
			f += v
		}
		return f
	}
	a, v := make([]float64, n), make([]float64, n)
	best := 0.0
	for step := range 3000 {
		w := sum(v)
		next := make([]float64, n)
		for i, x := range rows {
			m := 0.0
			for j := range x {
				m += w[j] * x[j]
			}
			next[i] = min(max(v[i]+(1-m)/l, 0), upper[i])
		}
		momentum := float64(step) / float64(step+3)
		for i := range v {
			v[i] = next[i] + momentum*(next[i]-a[i])
		}
		a = next
		best = max(best, value(a))
	}
	return best
}

// The expected numbers were computed with scikit-learn 1.2.1 on toy_data.json
// with class_weight {0: 0.5, 1: 2, 2: 3} and C = 2 (alpha = 0.5): columns 0, 1,
// 2, 100 and 300 of the first class's coefficients, the norm of all
// coefficients, and the intercepts.
func TestClassWeights(t *testing.T) {
	cases := []struct {
		name       string
		solve      solver
		first      []float64
		norm       float64
		intercepts []float64
	}{
		{"LogisticRegression(solver=liblinear, tol=1e-13)", solveOvR,
			[]float64{-0.23777702001420578, -0.23777702001420578, 0.1556415663515156, -0.14441649824348163, 0.1834687688552748},
			10.375165332092056, []float64{-1.1321474460698024, -0.2788370563615841, -0.17268121378825588}},
		{"LogisticRegression(solver=newton-cg, multi_class=multinomial, tol=1e-10)", solveMultinomial,
			[]float64{-0.23625369549413983, -0.23625369549413983, 0.1657256404165218, -0.13448040083616633, 0.1948279555228886},
			8.865322076089377, []float64{-0.640883697493439, 0.2709892567365355, 0.36989444075690747}},
		{"RidgeClassifier(solver=cholesky)", solveRidge,
			[]float64{-0.21935102703172982, -0.21935102703172982, 0.20125278685682654, -0.19994515074945765, 0.22518580421135664},
			8.73124148771773, []float64{-0.4846596628058212, -0.2422890818954362, -0.27305125529874175}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, _ := toyProblem(t)
			p.Weights = []float64{0.5, 2, 3}
			r, err := c.solve(p, Options{C: 2, Tolerance: 1e-17})
			require.NoError(t, err)
			for i, j := range []int{0, 1, 2, 100, 300} {
				assert.InDelta(t, c.first[i], r.Coef[j*3], 1e-6)
			}
			assert.InEpsilon(t, c.norm, norm(r.Coef), 1e-6)
			for k, b := range c.intercepts {
				assert.InDelta(t, b, r.Intercept[k], 1e-6)
			}
		})
	}
}

// TestTwoClasses checks the one case in which both sides are weighted, against
// scikit-learn 1.2.1: LinearSVC(C=2, dual=False, tol=1e-10, class_weight={0: 0.5,
// 1: 2}) on the rows of the first two classes. Its coefficients are those of
// class 1.
func TestTwoClasses(t *testing.T) {
	p, _ := toyProblem(t)
	var keep, y []int
	for i, c := range p.Y {
		if c < 2 {
			keep = append(keep, i)
			y = append(y, c)
		}
	}
	p = &Problem{X: p.X.Select(keep), Y: y, Classes: 2, Weights: []float64{0.5, 2}}
	r, err := SVM(context.Background(), p, SquaredHinge, Options{C: 2, Tolerance: 1e-17})
	require.NoError(t, err)
	want := []float64{0, 0, -0.2339286727158106, 0.33102153338037676, -0.21791157104956144}
	for i, j := range []int{0, 1, 2, 100, 300} {
		assert.InDelta(t, want[i], r.Coef[j*2+1], 1e-6)
		assert.Equal(t, r.Coef[j*2+1], -r.Coef[j*2])
	}
	assert.InEpsilon(t, 4.7961007475102395, norm(r.Coef)/math.Sqrt2, 1e-6)
	assert.InDelta(t, 0.10927810886395385, r.Intercept[1], 1e-6)
	assert.Equal(t, -r.Intercept[0], r.Intercept[1])
	assert.Equal(t, r.PerClass[0], r.PerClass[1])
	assert.Equal(t, r.PerClass[0].Objective, r.Objective)
}

// TestWeightsAreCopies: where every row counts with its class's weight, a weight
// of 2 is the same as every row of the class twice.
func TestWeightsAreCopies(t *testing.T) {
	nb := func(f func(context.Context, *Problem, BayesOptions) (*Result, error)) solver {
		return func(p *Problem, _ Options) (*Result, error) { return f(context.Background(), p, BayesOptions{}) }
	}
	solvers := map[string]solver{
		"multinomial": solveMultinomial, "ridge": solveRidge, "MultinomialNB": nb(MultinomialNB), "ComplementNB": nb(ComplementNB),
	}
	for name, solve := range solvers {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				p := anyProblem(t)
				p.RowWeights = nil
				p.Weights = make([]float64, p.Classes)
				var rows, y []int
				for c := range p.Weights {
					p.Weights[c] = float64(rapid.IntRange(1, 3).Draw(t, "weight"))
				}
				for i, c := range p.Y {
					for range int(p.Weights[c]) {
						rows = append(rows, i)
						y = append(y, c)
					}
				}
				copies := &Problem{X: p.X.Select(rows), Y: y, Classes: p.Classes}
				a, err := solve(p, Options{Tolerance: 1e-16})
				require.NoError(t, err)
				b, err := solve(copies, Options{Tolerance: 1e-16})
				require.NoError(t, err)
				assert.InDeltaSlice(t, a.Coef, b.Coef, 1e-5)
				assert.InDeltaSlice(t, a.Intercept, b.Intercept, 1e-5)
				assert.InDelta(t, a.Objective, b.Objective, 1e-9*math.Abs(a.Objective))
			})
		})
	}
}

// TestShrunkRowsComeBack: once so many rows were shrunk that those left had no gap
// at all, no later estimate was as small, and the others were never looked at
// again.
func TestShrunkRowsComeBack(t *testing.T) {
	p := &Problem{X: &features.Matrix{Cols: 3, Starts: []int{0}}, Classes: 5, Weights: []float64{1, 3, 0.5, 0.5, 3}}
	add := func(copies, class int, indices []int32, values ...float64) {
		for range copies {
			p.X.AppendRow(features.Row{Indices: indices, Values: values})
			p.Y = append(p.Y, class)
		}
	}
	add(3, 0, []int32{1}, 3)
	add(1, 1, []int32{0}, 0.5)
	add(3, 2, nil)
	add(1, 3, []int32{0, 1}, 2, 2)
	add(1, 4, nil)
	add(2, 1, []int32{1, 2}, 3, 0.1)
	add(3, 1, []int32{0, 1, 2}, 3, 2, 3)
	add(3, 1, []int32{0, 1}, 0.5, 0.1)
	for _, loss := range []Loss{Hinge, SquaredHinge} {
		for seed := range uint64(50) {
			r, err := SVM(context.Background(), p, loss, Options{Tolerance: 1e-4, MaxIterations: 10_000, Seed: seed})
			require.NoError(t, err)
			assert.True(t, r.Converged, "%v, seed %d: %v", loss, seed, r.PerClass)
		}
	}
}

func TestNextCheck(t *testing.T) {
	assert.Equal(t, 0.25, nextCheck(1, 0.5))
	assert.Equal(t, 1.0, nextCheck(1, 5), "what was big enough before is so still")
	assert.Equal(t, 1.0/16, nextCheck(1, 0), "rounding may never give another 0")
}

// TestRowWeightsAreCopies: for every solver a row of weight 2 is two equal rows,
// whatever the weights of the classes.
func TestRowWeightsAreCopies(t *testing.T) {
	nb := func(f func(context.Context, *Problem, BayesOptions) (*Result, error)) solver {
		return func(p *Problem, _ Options) (*Result, error) { return f(context.Background(), p, BayesOptions{}) }
	}
	solvers := map[string]solver{"MultinomialNB": nb(MultinomialNB), "ComplementNB": nb(ComplementNB)}
	for _, s := range iterative {
		solvers[s.name] = func(p *Problem, o Options) (*Result, error) { return s.solve(context.Background(), p, o) }
	}
	for name, solve := range solvers {
		t.Run(name, func(t *testing.T) {
			o := Options{Tolerance: 1e-14, MaxIterations: 100_000}
			rapid.Check(t, func(t *rapid.T) {
				p := anyProblem(t)
				p.RowWeights = make([]float64, len(p.Y))
				var rows, y []int
				for i, c := range p.Y {
					n := rapid.IntRange(1, 3).Draw(t, "copies")
					p.RowWeights[i] = float64(n)
					for range n {
						rows = append(rows, i)
						y = append(y, c)
					}
				}
				copies := &Problem{X: p.X.Select(rows), Y: y, Classes: p.Classes, Weights: p.Weights}
				a, err := solve(p, o)
				require.NoError(t, err)
				b, err := solve(copies, o)
				require.NoError(t, err)
				within, objective := 1e-5, 1e-7*math.Abs(a.Objective)
				if name == "SVM hinge" {
					// Its convergence is no more than linear and can be slow. The gap
					// bounds how far the objective is from its minimum, and, as half
					// the square of all coefficients is part of it, how far these are.
					assert.Less(t, max(a.Gap, b.Gap), 1e-3*a.Objective)
					within += math.Sqrt(2*a.Gap) + math.Sqrt(2*b.Gap)
					objective += a.Gap + b.Gap
				}
				assert.InDeltaSlice(t, a.Coef, b.Coef, within)
				assert.InDeltaSlice(t, a.Intercept, b.Intercept, within)
				assert.InDelta(t, a.Objective, b.Objective, objective)

				// Weights of 1 are none, to the last bit.
				p.RowWeights = slices.Repeat([]float64{1}, len(p.Y))
				a, err = solve(p, o)
				require.NoError(t, err)
				p.RowWeights = nil
				b, err = solve(p, o)
				require.NoError(t, err)
				assert.Equal(t, bits(b), bits(a))
			})
		})
	}
}

// TestIllConditioned: many more rows than columns and a large C, on which
// coordinate descent gives way to Newton's method.
func TestIllConditioned(t *testing.T) {
	p := denseProblem(1000, 12)
	cases := []struct {
		name   string
		solve  solver
		define definition
	}{
		{"multinomial", solveMultinomial, defineMultinomial},
		{"logistic", solveOvR, defineBinary(logisticLoss)},
		{"squared hinge", solveSVM(SquaredHinge), defineBinary(squaredHingeLoss)},
	}
	for _, c := range cases {
		for _, cost := range []float64{1, 100, 1e5} {
			t.Run(fmt.Sprint(c.name, " C=", cost), func(t *testing.T) {
				r, err := c.solve(p, Options{C: cost})
				require.NoError(t, err)
				require.True(t, r.Converged, "%v", r.Warnings)
				assert.Less(t, r.Iterations, 300)
				f, g := c.define(p, cost, r)
				assert.InEpsilon(t, f, r.Objective, 1e-9)
				assert.InDelta(t, norm(g), r.GradientNorm, 1e-9*f)
				// 2 L gap, as in TestOptimality, with |x|^2 of 12 on average.
				assert.Less(t, norm(g), 2*math.Sqrt(2*2*13*1000*cost*1e-9*f))
			})
		}
	}
	r, err := SVM(context.Background(), p, Hinge, Options{C: 100, MaxIterations: 20})
	require.NoError(t, err)
	assert.False(t, r.Converged)
	assert.Len(t, r.Warnings, 3)
	// Nine passes of descent or more, and then Newton steps.
	r, err = solveMultinomial(p, Options{C: 100, MaxIterations: 12})
	require.NoError(t, err)
	assert.False(t, r.Converged)
	require.Len(t, r.Warnings, 1)
	assert.Contains(t, r.Warnings[0], "stopped after 12 iterations")
}

// TestLogisticGap compares with the relative entropy as it is defined, where
// that does not cancel, and at the ends of the range.
func TestLogisticGap(t *testing.T) {
	for _, m := range []float64{-3, -0.5, 0, 1, 4} {
		for _, q := range []float64{0.001, 0.3, 0.9} {
			s := 1 / (1 + math.Exp(m))
			want := q*math.Log(q/s) + (1-q)*math.Log((1-q)/(1-s))
			assert.InEpsilon(t, 5*want, logisticGap(m, 5*q, 5), 1e-9)
			// Near its zero it is (q-s)^2 / (2 s (1-s)).
			assert.InEpsilon(t, 5e-14/(2*s*(1-s)), logisticGap(m, 5*(s+1e-7), 5), 1e-4)
		}
		assert.InEpsilon(t, math.Log(1+math.Exp(-m)), logisticGap(m, 0, 1), 1e-12)
		assert.InEpsilon(t, math.Log(1+math.Exp(m)), logisticGap(m, 1, 1), 1e-12)
	}
	assert.Zero(t, logisticGap(800, 0, 1), "a sigmoid that underflows")
	assert.InEpsilon(t, math.Ln2, logisticGap(0, 1e-320, 1), 1e-12, "a quotient that overflows")
}

// TestLargeValues: rows so large that sigmoids underflow.
func TestLargeValues(t *testing.T) {
	p := randomProblem(60, 30, 4, 3)
	for i := range p.X.Values {
		p.X.Values[i] *= 1e4
	}
	for _, s := range iterative {
		t.Run(s.name, func(t *testing.T) {
			r, err := s.solve(context.Background(), p, Options{C: 100, Tolerance: 1e-4, MaxIterations: 5000})
			require.NoError(t, err)
			if s.name != "SVM hinge" { // it would take millions of passes
				assert.True(t, r.Converged, "%v", r.Warnings)
			}
			for _, w := range append(r.Coef, r.Gap) {
				require.False(t, math.IsNaN(w) || math.IsInf(w, 0))
			}
		})
	}
}

// bits returns the bit patterns of a result, for comparison.
func bits(r *Result) []uint64 {
	var b []uint64
	for _, x := range append(append(slices.Clone(r.Coef), r.Intercept...), r.Objective, r.Gap, r.GradientNorm) {
		b = append(b, math.Float64bits(x))
	}
	for _, q := range r.PerClass {
		b = append(b, math.Float64bits(q.Objective), math.Float64bits(q.Gap), math.Float64bits(q.GradientNorm), uint64(q.Iterations))
	}
	return append(b, uint64(r.Iterations))
}

func TestSameBitsWhateverGOMAXPROCS(t *testing.T) {
	problems := map[string]*Problem{
		"sparse":          randomProblem(2500, 900, 8, 4), // more elements and rows than a part or a block has
		"ill-conditioned": denseProblem(2200, 10),
	}
	for name, p := range problems {
		for _, s := range iterative {
			if name == "ill-conditioned" && s.name == "NBSVM" {
				continue // wants counts
			}
			t.Run(name+" "+s.name, func(t *testing.T) {
				defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
				var want []uint64
				for _, procs := range []int{1, 2, 8} {
					runtime.GOMAXPROCS(procs)
					r, err := s.solve(context.Background(), p, Options{C: 3, Tolerance: 1e-6, MaxIterations: 40, Seed: 5})
					require.NoError(t, err)
					if want == nil {
						want = bits(r)
					}
					require.Equal(t, want, bits(r), "%d processors", procs)
				}
			})
		}
	}
}

// TestPlatformBits pins every bit of some results. The numbers are those of
// this implementation; the tests above hold it to the right ones. If a change
// of the code makes other bits, put the new numbers here; if another platform
// does, something in a sum is not rounded as it should be.
func TestPlatformBits(t *testing.T) {
	want := map[string]uint64{
		"MultinomialLogistic": 0xee3bfdde2de8834a,
		"LogisticOvR":         0x3a533320bac43af7,
		"SVM squared hinge":   0xfe8cad5afbf7fb54,
		"SVM hinge":           0x51d39643ba582401,
		"Ridge":               0xe84cea4c25766d01,
		"NBSVM":               0x7a570e5697a312b4,
	}
	sparse := randomProblem(600, 300, 9, 3)
	for _, s := range iterative {
		r, err := s.solve(context.Background(), sparse, Options{Tolerance: 1e-6})
		require.NoError(t, err)
		hash := uint64(14695981039346656037) // FNV-1a, offset and prime
		for _, b := range bits(r) {
			for i := 0; i < 64; i += 8 {
				hash = (hash ^ (b >> i & 0xff)) * 1099511628211
			}
		}
		assert.Equal(t, want[s.name], hash, "%s: %#x", s.name, hash)
	}
}

// TestSeed: another seed takes another way to the same optimum.
func TestSeed(t *testing.T) {
	p := randomProblem(400, 100, 6, 3)
	for _, s := range iterative {
		if s.name == "Ridge" {
			continue // no coordinates
		}
		t.Run(s.name, func(t *testing.T) {
			one, err := s.solve(context.Background(), p, Options{Seed: 1})
			require.NoError(t, err)
			two, err := s.solve(context.Background(), p, Options{Seed: 2})
			require.NoError(t, err)
			assert.NotEqual(t, bits(one), bits(two))
			assert.InEpsilon(t, one.Objective, two.Objective, 1e-8)
			assert.InDeltaSlice(t, one.Coef, two.Coef, 1e-2)
			again, err := s.solve(context.Background(), p, Options{Seed: 1})
			require.NoError(t, err)
			assert.Equal(t, bits(one), bits(again))
		})
	}
}

func TestStoppedEarly(t *testing.T) {
	p := randomProblem(400, 100, 6, 3)
	for _, s := range iterative {
		t.Run(s.name, func(t *testing.T) {
			o := Options{MaxIterations: 1}
			if s.name == "Ridge" {
				o.Tolerance = 1e-25 // what rounding leaves after one step is more
			}
			r, err := s.solve(context.Background(), p, o)
			require.NoError(t, err)
			assert.False(t, r.Converged)
			assert.Equal(t, 1, r.Iterations)
			require.NotEmpty(t, r.Warnings)
			assert.Contains(t, r.Warnings[0], "stopped after 1 iterations with a relative gap of ")
			assert.Positive(t, r.Gap)
			assert.Positive(t, r.Objective)
			assert.NotZero(t, norm(r.Coef))
			for _, w := range r.Coef {
				require.False(t, math.IsNaN(w) || math.IsInf(w, 0))
			}
		})
	}
	// A tolerance beyond the precision of float64 ends too.
	r, err := Ridge(context.Background(), p, Options{Tolerance: 1e-60})
	require.NoError(t, err)
	assert.Less(t, r.Iterations, 100)
	require.Len(t, r.Warnings, 1)
	assert.Contains(t, r.Warnings[0], "rounding errors")
}

// countdown is a context that is done after being asked a number of times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestCancel(t *testing.T) {
	// GOMAXPROCS is 1 so that one goroutine asks the context.
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	problems := map[string]*Problem{"descent": randomProblem(400, 100, 6, 3), "newton": denseProblem(500, 10)}
	for name, p := range problems {
		for _, s := range iterative {
			if name == "newton" && s.name == "NBSVM" {
				continue // wants counts
			}
			t.Run(name+" "+s.name, func(t *testing.T) {
				o := Options{C: 100, Tolerance: 1e-13, MaxIterations: 60}
				counter := &countdown{Context: context.Background(), left: math.MaxInt}
				_, err := s.solve(counter, p, o)
				require.NoError(t, err)
				asked := math.MaxInt - counter.left
				require.Greater(t, asked, 3)
				for _, left := range []int{0, 1, asked / 2, asked - 1} {
					r, err := s.solve(&countdown{Context: context.Background(), left: left}, p, o)
					assert.ErrorIs(t, err, context.Canceled, "after %d of %d", left, asked)
					assert.Nil(t, r)
				}
			})
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p := randomProblem(400, 100, 6, 3)
	_, err := MultinomialNB(ctx, p, BayesOptions{})
	assert.ErrorIs(t, err, context.Canceled)
	_, err = ComplementNB(ctx, p, BayesOptions{})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestErrors(t *testing.T) {
	valid := func() *Problem {
		return &Problem{
			X: &features.Matrix{Cols: 3, Starts: []int{0, 2, 3, 4}, Indices: []int32{0, 2, 1, 2}, Values: []float64{1, 2, 3, 4}},
			Y: []int{0, 1, 2}, Classes: 3,
		}
	}
	cases := []struct {
		name   string
		change func(*Problem)
		want   string
	}{
		{"no matrix", func(p *Problem) { p.X = nil }, "linear: there are no rows"},
		{"no rows", func(p *Problem) { p.X = &features.Matrix{Cols: 3}; p.Y = nil }, "linear: there are no rows"},
		{"length of Y", func(p *Problem) { p.Y = p.Y[:2] }, "linear: 3 rows but 2 classes of rows"},
		{"one class", func(p *Problem) { p.Classes = 1; p.Y = []int{0, 0, 0} }, "linear: number of classes is 1, want at least 2"},
		{"all the same", func(p *Problem) { p.Y = []int{2, 2, 2} }, "linear: all rows are of class 2: there is nothing to tell apart"},
		{"class missing", func(p *Problem) { p.Classes = 4 }, "linear: no row is of class 3"},
		{"class too high", func(p *Problem) { p.Y[1] = 3 }, "linear: row 1: class 3 is out of range 0 to 2"},
		{"class negative", func(p *Problem) { p.Y[2] = -1 }, "linear: row 2: class -1 is out of range 0 to 2"},
		{"NaN", func(p *Problem) { p.X.Values[1] = math.NaN() }, "linear: row 0: column 2 holds NaN"},
		{"infinity", func(p *Problem) { p.X.Values[3] = math.Inf(-1) }, "linear: row 2: column 2 holds -Inf"},
		{"columns decrease", func(p *Problem) { p.X.Indices[0] = 2; p.X.Indices[1] = 0 }, "linear: row 0: column 0 follows column 2"},
		{"column twice", func(p *Problem) { p.X.Indices[1] = 0 }, "linear: row 0: column 0 follows column 0"},
		{"column too high", func(p *Problem) { p.X.Indices[2] = 3 }, "linear: row 1: column 3 is out of range 0 to 2"},
		{"column negative", func(p *Problem) { p.X.Indices[0] = -1 }, "linear: row 0: column -1 is out of range 0 to 2"},
		{"columns negative", func(p *Problem) { p.X.Cols = -1 }, "linear: number of columns is -1"},
		{"values missing", func(p *Problem) { p.X.Values = p.X.Values[:3] }, "linear: 4 indices but 3 values"},
		{"starts end early", func(p *Problem) { p.X.Starts[3] = 3 }, "linear: rows span elements 0 to 3 of 4"},
		{"starts begin late", func(p *Problem) { p.X.Starts[0] = 1 }, "linear: rows span elements 1 to 4 of 4"},
		{"starts decrease", func(p *Problem) { p.X.Starts[2] = 1 }, "linear: row 1 spans elements 2 to 1 of 4"},
		{"starts too high", func(p *Problem) { p.X.Starts[1] = 9 }, "linear: row 0 spans elements 0 to 9 of 4"},
		{"weights missing", func(p *Problem) { p.Weights = []float64{1, 2} }, "linear: 2 weights for 3 classes"},
		{"weight zero", func(p *Problem) { p.Weights = []float64{1, 0, 1} }, "linear: weight of class 1 is 0, want a positive number"},
		{"weight NaN", func(p *Problem) { p.Weights = []float64{1, 1, math.NaN()} }, "linear: weight of class 2 is NaN, want a positive number"},
		{"row weights missing", func(p *Problem) { p.RowWeights = []float64{1, 2} }, "linear: 2 weights for 3 rows"},
		{"row weight zero", func(p *Problem) { p.RowWeights = []float64{1, 0, 1} }, "linear: weight of row 1 is 0, want a positive number"},
		{"row weight NaN", func(p *Problem) { p.RowWeights = []float64{1, 1, math.NaN()} }, "linear: weight of row 2 is NaN, want a positive number"},
		{"row weight infinite", func(p *Problem) { p.RowWeights = []float64{math.Inf(1), 1, 1} }, "linear: weight of row 0 is +Inf, want a positive number"},
		{"weight infinite", func(p *Problem) { p.Weights = []float64{math.Inf(1), 1, 1} }, "linear: weight of class 0 is +Inf, want a positive number"},
	}
	ctx := context.Background()
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p := valid()
			c.change(p)
			for _, s := range iterative {
				_, err := s.solve(ctx, p, Options{})
				assert.EqualError(t, err, c.want, s.name)
			}
			_, err := MultinomialNB(ctx, p, BayesOptions{})
			assert.EqualError(t, err, c.want)
			_, err = ComplementNB(ctx, p, BayesOptions{})
			assert.EqualError(t, err, c.want)
		})
	}
	options := []struct {
		o    Options
		want string
	}{
		{Options{C: -1}, "linear: C is -1, want a positive number"},
		{Options{C: math.NaN()}, "linear: C is NaN, want a positive number"},
		{Options{C: math.Inf(1)}, "linear: C is +Inf, want a positive number"},
		{Options{Tolerance: -0.1}, "linear: tolerance is -0.1, want a positive number"},
		{Options{Tolerance: math.NaN()}, "linear: tolerance is NaN, want a positive number"},
		{Options{MaxIterations: -1}, "linear: maximum of iterations is -1, want a positive number"},
	}
	for _, c := range options {
		for _, s := range iterative {
			_, err := s.solve(ctx, valid(), c.o)
			assert.EqualError(t, err, c.want, s.name)
		}
	}
	_, err := SVM(ctx, valid(), Loss(7), Options{})
	assert.EqualError(t, err, "linear: unknown loss 7")
	_, err = SVM(ctx, valid(), logistic, Options{})
	assert.Error(t, err, "the unexported losses are none of a support vector machine's")

	negative := valid()
	negative.X.Values[2] = -3
	for _, alpha := range []float64{-1, math.NaN(), math.Inf(1)} {
		want := fmt.Sprintf("linear: alpha is %v, want a positive number", alpha)
		_, err = MultinomialNB(ctx, valid(), BayesOptions{Alpha: alpha})
		assert.EqualError(t, err, want)
		_, err = ComplementNB(ctx, valid(), BayesOptions{Alpha: alpha})
		assert.EqualError(t, err, want)
		_, err = NBSVM(ctx, valid(), NBSVMOptions{Alpha: alpha})
		assert.EqualError(t, err, want)
	}
	const counts = "linear: row 1: column 1 holds -3; naive Bayes wants counts"
	_, err = MultinomialNB(ctx, negative, BayesOptions{})
	assert.EqualError(t, err, counts)
	_, err = ComplementNB(ctx, negative, BayesOptions{})
	assert.EqualError(t, err, counts)
	_, err = NBSVM(ctx, negative, NBSVMOptions{})
	assert.EqualError(t, err, counts)
	_, err = NBSVM(ctx, valid(), NBSVMOptions{Interpolation: 1.5})
	assert.EqualError(t, err, "linear: interpolation is 1.5, want a number from 0 to 1")
}

func TestBalancedWeights(t *testing.T) {
	assert.Equal(t, []float64{8.0 / 3 / 5, 8.0 / 3 / 2, 8.0 / 3}, BalancedWeights([]int{0, 0, 0, 0, 0, 1, 1, 2}, 3))
	assert.Equal(t, []float64{0.5, 0}, BalancedWeights([]int{0, 0}, 2), "a class that does not occur")
	assert.Panics(t, func() { BalancedWeights([]int{0, 2}, 2) })
}

// TestOrder: every pass visits every row once, and passes differ.
func TestOrder(t *testing.T) {
	for _, n := range []int{1, 2, 31, 32, 33, 63, 64, 1000} {
		o := newOrder(n, 3)
		var last []int
		for pass := range 3 {
			var rows []int
			o.pass(func(i int) { rows = append(rows, i) })
			if n > 30 {
				assert.NotEqual(t, last, rows, "%d rows, pass %d", n, pass)
			}
			last = slices.Clone(rows)
			slices.Sort(rows)
			for i, row := range rows {
				require.Equal(t, i, row)
			}
			require.Len(t, rows, n)
		}
	}
}

// TestNBSVM computes the ratios by the definition.
func TestNBSVM(t *testing.T) {
	for _, classes := range []int{2, 3} {
		p := randomProblem(200, 40, 5, classes)
		for i := range p.X.Values {
			p.X.Values[i] = 1
		}
		p.Weights = []float64{1, 2, 0.5}[:classes]
		const alpha = 0.7
		o := NBSVMOptions{Options: Options{C: 0.8, Tolerance: 1e-15}, Alpha: alpha, Interpolation: 1}
		alone, err := NBSVM(context.Background(), p, o)
		require.NoError(t, err)
		o.Interpolation = 0 // 0.25
		mixed, err := NBSVM(context.Background(), p, o)
		require.NoError(t, err)
		require.True(t, mixed.Converged)
		for class, b := range alone.Intercept {
			assert.Equal(t, 0.25*b, mixed.Intercept[class])
		}

		for class := range classes {
			in, out := make([]float64, 40), make([]float64, 40)
			var sumIn, sumOut float64
			for i, y := range p.Y {
				for _, j := range p.X.Row(i).Indices {
					if y == class {
						in[j]++
					} else {
						out[j]++
					}
				}
			}
			for j := range in {
				in[j] += alpha
				out[j] += alpha
				sumIn += in[j]
				sumOut += out[j]
			}
			ratio := make([]float64, 40)
			for j := range ratio {
				ratio[j] = math.Log(in[j] / sumIn / (out[j] / sumOut))
			}
			x := &features.Matrix{Cols: 40, Starts: p.X.Starts, Indices: p.X.Indices}
			for _, j := range x.Indices {
				x.Values = append(x.Values, ratio[j])
			}
			svm, err := SVM(context.Background(), &Problem{X: x, Y: p.Y, Classes: classes, Weights: p.Weights}, SquaredHinge, o.Options)
			require.NoError(t, err)
			mean := 0.0
			for j := range ratio {
				mean += math.Abs(svm.Coef[j*classes+class]) / 40
			}
			for j := range ratio {
				w := svm.Coef[j*classes+class]
				assert.InDelta(t, ratio[j]*w, alone.Coef[j*classes+class], 1e-6)
				assert.InDelta(t, ratio[j]*(0.75*mean+0.25*w), mixed.Coef[j*classes+class], 1e-6)
			}
			assert.InDelta(t, 0.25*svm.Intercept[class], mixed.Intercept[class], 1e-6)
			assert.InEpsilon(t, svm.PerClass[class].Objective, mixed.PerClass[class].Objective, 1e-9)
		}
	}
}

func TestScores(t *testing.T) {
	for _, k := range []int{1, 2, 3, 4, 5} {
		r := &Result{Classes: k, Cols: 3, Intercept: make([]float64, k), Coef: make([]float64, 3*k)}
		want := make([]float64, k)
		for c := range k {
			r.Intercept[c] = float64(c + 1)
			r.Coef[0*k+c] = float64(10 * (c + 1))
			r.Coef[2*k+c] = float64(100 * (c + 1))
			want[c] = float64(c+1) * (1 + 2*10 + 3*100)
		}
		dst := make([]float64, k)
		row := features.Row{Indices: []int32{0, 2}, Values: []float64{2, 3}}
		assert.Equal(t, want, r.Scores(row, dst))
		assert.Equal(t, want, dst)
		assert.Zero(t, testing.AllocsPerRun(10, func() { r.Scores(row, dst) }))
	}
}

func TestOnline(t *testing.T) {
	ctx := context.Background()
	p := randomProblem(500, 60, 5, 3)
	weights := []float64{1, 2, 0.5}
	learn := func(cuts ...int) *Online {
		o, err := NewOnline(3, 60, OnlineOptions{Rate: 0.3, Weights: weights})
		require.NoError(t, err)
		lo := 0
		for _, hi := range append(cuts, 500) {
			rows := make([]int, hi-lo)
			for i := range rows {
				rows[i] = lo + i
			}
			require.NoError(t, o.PartialFit(ctx, p.X.Select(rows), p.Y[lo:hi]))
			lo = hi
		}
		return o
	}
	p.X.Values[7] = 0 // stored, but nothing
	o := learn()
	got := o.Result()

	t.Run("is what the documentation says", func(t *testing.T) {
		const cols = 61
		var w, sq [cols][3]float64
		loss := 0.0
		for i, y := range p.Y {
			x := make([]float64, cols)
			row := p.X.Row(i)
			for t, j := range row.Indices {
				x[j] = row.Values[t]
			}
			x[60] = 1
			var z, prob [3]float64
			for c := range z {
				for j := range x {
					z[c] += x[j] * w[j][c]
				}
			}
			sum := math.Exp(z[0]) + math.Exp(z[1]) + math.Exp(z[2])
			for c := range z {
				prob[c] = math.Exp(z[c]) / sum
			}
			loss -= weights[y] * math.Log(prob[y])
			prob[y]--
			for j := range x {
				for c := range z {
					if g := weights[y] * prob[c] * x[j]; g != 0 {
						sq[j][c] += g * g
						w[j][c] -= 0.3 * g / math.Sqrt(sq[j][c])
					}
				}
			}
		}
		for c := range 3 {
			for j := range 60 {
				assert.InDelta(t, w[j][c], got.Coef[j*3+c], 1e-9)
			}
			assert.InDelta(t, w[60][c], got.Intercept[c], 1e-9)
		}
		assert.InEpsilon(t, loss, got.Objective, 1e-9)
		assert.Equal(t, 500, got.Iterations)
	})
	t.Run("cuts make no difference", func(t *testing.T) {
		assert.Equal(t, bits(got), bits(learn(1, 7, 7, 499).Result()))
	})
	t.Run("learns", func(t *testing.T) {
		right := func(r *Result) (n int) {
			for i, y := range p.Y {
				s := r.Scores(p.X.Row(i), make([]float64, 3))
				if s[y] == slices.Max(s) {
					n++
				}
			}
			return n
		}
		assert.Greater(t, right(got), 250, "of 500; a third would be right by chance")
	})
	t.Run("faulty batches change nothing", func(t *testing.T) {
		before := bits(got)
		bad := p.X.Select([]int{0, 1})
		bad.Values[len(bad.Values)-1] = math.NaN()
		wide := p.X.Select([]int{0})
		wide.Cols++
		for want, err := range map[string]error{
			"linear: row 1: column " + fmt.Sprint(bad.Indices[9]) + " holds NaN": o.PartialFit(ctx, bad, []int{0, 1}),
			"linear: rows of 61 columns, want 60":                                o.PartialFit(ctx, wide, []int{0}),
			"linear: 2 rows but 1 classes of rows":                               o.PartialFit(ctx, p.X.Select([]int{0, 1}), []int{0}),
			"linear: row 1: class 3 is out of range 0 to 2":                      o.PartialFit(ctx, p.X.Select([]int{0, 1}), []int{0, 3}),
		} {
			assert.EqualError(t, err, want)
		}
		assert.NoError(t, o.PartialFit(ctx, nil, nil))
		assert.NoError(t, o.PartialFit(ctx, &features.Matrix{Cols: 60}, nil))
		assert.Equal(t, before, bits(o.Result()))
		canceledCtx, cancel := context.WithCancel(ctx)
		cancel()
		assert.ErrorIs(t, o.PartialFit(canceledCtx, p.X, p.Y), context.Canceled)
		assert.Equal(t, before, bits(o.Result()))
	})
	t.Run("results do not change", func(t *testing.T) {
		before := bits(got)
		require.NoError(t, o.PartialFit(ctx, p.X, p.Y))
		assert.Equal(t, before, bits(got))
		assert.NotEqual(t, before, bits(o.Result()))
	})
	t.Run("options", func(t *testing.T) {
		for want, f := range map[string]func() (*Online, error){
			"linear: number of classes is 1, want at least 2":         func() (*Online, error) { return NewOnline(1, 3, OnlineOptions{}) },
			"linear: number of columns is -1":                         func() (*Online, error) { return NewOnline(2, -1, OnlineOptions{}) },
			"linear: learning rate is -1, want a positive number":     func() (*Online, error) { return NewOnline(2, 3, OnlineOptions{Rate: -1}) },
			"linear: 1 weights for 2 classes":                         func() (*Online, error) { return NewOnline(2, 3, OnlineOptions{Weights: []float64{1}}) },
			"linear: weight of class 1 is -2, want a positive number": func() (*Online, error) { return NewOnline(2, 3, OnlineOptions{Weights: []float64{1, -2}}) },
		} {
			o, err := f()
			assert.EqualError(t, err, want)
			assert.Nil(t, o)
		}
	})
}

func ExampleMultinomialLogistic() {
	// Two columns; the class is that of the larger.
	x := &features.Matrix{Cols: 2}
	for _, v := range [][]float64{{1, 0.2}, {0.1, 1}, {0.9, 0}, {0.3, 0.8}} {
		x.AppendRow(features.Row{Indices: []int32{0, 1}, Values: v})
	}
	p := &Problem{X: x, Y: []int{0, 1, 0, 1}, Classes: 2}
	r, err := MultinomialLogistic(context.Background(), p, Options{C: 10})
	if err != nil {
		panic(err)
	}
	probs := r.Scores(features.Row{Indices: []int32{0, 1}, Values: []float64{0.7, 0.4}}, make([]float64, 2))
	detmath.Softmax(probs, probs)
	fmt.Printf("converged: %v, probabilities: %.2f\n", r.Converged, probs)
	// Output:
	// converged: true, probabilities: [0.64 0.36]
}

func ExampleOnline() {
	o, err := NewOnline(2, 2, OnlineOptions{})
	if err != nil {
		panic(err)
	}
	batch := &features.Matrix{Cols: 2}
	batch.AppendRow(features.Row{Indices: []int32{0}, Values: []float64{1}})
	batch.AppendRow(features.Row{Indices: []int32{1}, Values: []float64{1}})
	for range 3 { // the stream
		if err := o.PartialFit(context.Background(), batch, []int{0, 1}); err != nil {
			panic(err)
		}
	}
	r := o.Result()
	fmt.Printf("rows: %d, scores: %.2f\n", r.Iterations, r.Scores(batch.Row(0), make([]float64, 2)))
	// Output:
	// rows: 6, scores: [0.88 -0.88]
}
