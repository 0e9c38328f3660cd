package linear

import (
	"context"
	"fmt"
	"math"

	"example.org/metoostance/features"
	"example.org/metoostance/features/detmath"
)

// BayesOptions says how naive Bayes counts.
type BayesOptions struct {
	// Alpha is added to the total of each column in each class (Lidstone
	// smoothing). 0 stands for 1. It must not be negative.
	Alpha float64
	// Normalise divides the weights of each class by their sum; only
	// [ComplementNB] uses it (the WCNB of Rennie et al. 2003).
	Normalise bool
}

func (o BayesOptions) withDefaults() (BayesOptions, error) {
	if !(o.Alpha >= 0) || math.IsInf(o.Alpha, 0) {
		return o, fmt.Errorf("linear: alpha is %v, want a positive number", o.Alpha)
	}
	if o.Alpha == 0 {
		o.Alpha = 1
	}
	return o, nil
}

// MultinomialNB trains multinomial naive Bayes: with N_jk the total of column j
// in the rows of class k and n_k the number of its rows, both times the class's
// weight, and each row times its own,
//
//	W_jk = log((N_jk + alpha) / sum_j (N_jk + alpha)),  b_k = log(n_k / sum_k n_k)
//
// and the scores are the joint log-likelihoods. Values must not be negative. It
// is scikit-learn's MultinomialNB (McCallum and Nigam 1998).
func MultinomialNB(ctx context.Context, p *Problem, o BayesOptions) (*Result, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := p.validateCounts(ctx); err != nil {
		return nil, err
	}
	total, rows := p.totals(p.weight)
	r := &Result{Classes: p.Classes, Cols: p.X.Cols, Coef: total, Intercept: rows}
	r.Converged = true
	all := 0.0
	for _, n := range rows {
		all += n
	}
	for k, n := range rows {
		sum := 0.0
		for at := k; at < len(total); at += p.Classes {
			total[at] += o.Alpha
			sum += total[at]
		}
		for at := k; at < len(total); at += p.Classes {
			total[at] = detmath.Log(total[at]) - detmath.Log(sum)
		}
		rows[k] = detmath.Log(n) - detmath.Log(all)
	}
	return r, nil
}

// ComplementNB trains complement naive Bayes: with N_jk as in [MultinomialNB]
// and M_jk = sum_l N_jl - N_jk the total of column j outside class k,
//
//	W_jk = -log((M_jk + alpha) / sum_j (M_jk + alpha)),  b_k = 0
//
// with [BayesOptions.Normalise] divided by their sum over j. The highest score
// wins. Values must not be negative. It is scikit-learn's ComplementNB (Rennie,
// Shih, Teevan and Karger 2003).
func ComplementNB(ctx context.Context, p *Problem, o BayesOptions) (*Result, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := p.validateCounts(ctx); err != nil {
		return nil, err
	}
	total, _ := p.totals(p.weight)
	k := p.Classes
	r := &Result{Classes: k, Cols: p.X.Cols, Coef: total, Intercept: make([]float64, k)}
	r.Converged = true
	for at := 0; at < len(total); at += k {
		column := total[at : at+k]
		all := 0.0
		for _, n := range column {
			all += n
		}
		for c, n := range column {
			// Rounding must not make a total of nothing negative.
			column[c] = max(0, all-n) + o.Alpha
		}
	}
	for c := range k {
		sum := 0.0
		for at := c; at < len(total); at += k {
			sum += total[at]
		}
		logs := 0.0
		for at := c; at < len(total); at += k {
			total[at] = -detmath.Log(total[at] / sum)
			logs += total[at]
		}
		if o.Normalise && logs > 0 {
			for at := c; at < len(total); at += k {
				total[at] /= logs
			}
		}
	}
	return r, nil
}

// validateCounts is validate for naive Bayes: no value may be negative.
func (p *Problem) validateCounts(ctx context.Context) error {
	if err := p.validate(); err != nil {
		return err
	}
	for i := range p.X.Rows() {
		r := p.X.Row(i)
		for t, v := range r.Values {
			if v < 0 {
				return fmt.Errorf("linear: row %d: column %d holds %v; naive Bayes wants counts", i, r.Indices[t], v)
			}
		}
	}
	return canceled(ctx)
}

// totals returns the totals of the columns in each class, columns x classes,
// and the numbers of rows, both times the classes' and the rows' weights.
func (p *Problem) totals(weight func(class int) float64) (total, rows []float64) {
	total = make([]float64, p.X.Cols*p.Classes)
	rows = make([]float64, p.Classes)
	for i, y := range p.Y {
		w := float64(weight(y) * p.rowWeight(i))
		rows[y] += w
		r := p.X.Row(i)
		for t, j := range r.Indices {
			total[int(j)*p.Classes+y] += float64(w * r.Values[t])
		}
	}
	return total, rows
}

// NBSVMOptions are the options of [NBSVM].
type NBSVMOptions struct {
	// Options are those of the support vector machine.
	Options
	// Alpha smooths the counts. 0 stands for 1. It must not be negative.
	Alpha float64
	// Interpolation is beta, between 0 and 1: how much the coefficients may
	// differ from their mean magnitude. 0 stands for 0.25, the choice of Wang
	// and Manning; 1 is the support vector machine alone.
	Interpolation float64
}

// NBSVM trains a support vector machine with squared hinge loss for each class
// against the rest on rows multiplied by the log-count ratios of naive Bayes
// (Wang and Manning 2012). For one class, with p_j the total of column j in its
// rows plus alpha, and q_j the same in the other rows,
//
//	r_j = log((p_j / sum_j p_j) / (q_j / sum_j q_j))
//
// and (w, b) minimises the objective of [SVM] on rows with values r_j x_ij. The
// coefficients of the result are r_j ((1-beta) m + beta w_j), m being the mean
// of |w_j|, and the intercept is beta b: without the factor, of which Wang and
// Manning say nothing, it would outweigh what beta has made small, and with
// classes of different size one of them would take all rows. Values must not be
// negative; Wang and Manning use 1 for every column that a row has. The reports are
// those of the support vector machine.
func NBSVM(ctx context.Context, p *Problem, o NBSVMOptions) (*Result, error) {
	so, err := o.Options.withDefaults()
	if err != nil {
		return nil, err
	}
	if !(o.Interpolation >= 0 && o.Interpolation <= 1) {
		return nil, fmt.Errorf("linear: interpolation is %v, want a number from 0 to 1", o.Interpolation)
	}
	if o.Interpolation == 0 {
		o.Interpolation = 0.25
	}
	bo, err := BayesOptions{Alpha: o.Alpha}.withDefaults()
	if err != nil {
		return nil, err
	}
	if err := p.validateCounts(ctx); err != nil {
		return nil, err
	}
	// The classes' weights are for the losses, not for the counts. Those of the
	// rows stand for copies of them, which count.
	total, _ := p.totals(func(int) float64 { return 1 })
	r := newResult(p)
	problems := binaries(p, so.C)
	scaled := &features.Matrix{Cols: p.X.Cols, Starts: p.X.Starts, Indices: p.X.Indices, Values: make([]float64, p.X.NonZeros())}
	for c, b := range problems {
		ratio := logCountRatio(total, p.Classes, b.class, bo.Alpha)
		for t, j := range p.X.Indices {
			scaled.Values[t] = p.X.Values[t] * ratio[j]
		}
		if err := solve(ctx, scaled, p.Y, SquaredHinge, so, problems[c:c+1], r); err != nil {
			return nil, err
		}
		mean := 0.0
		for j := range p.X.Cols {
			mean += math.Abs(r.Coef[j*r.Classes+b.class])
		}
		mean /= float64(max(1, p.X.Cols))
		for j := range p.X.Cols {
			at := j*r.Classes + b.class
			r.Coef[at] = ratio[j] * (float64((1-o.Interpolation)*mean) + float64(o.Interpolation*r.Coef[at]))
		}
		r.Intercept[b.class] *= o.Interpolation
	}
	r.mirror(len(problems))
	r.summarise(len(problems))
	return r, nil
}

// logCountRatio returns r for a class, given the totals of each column in each
// of k classes.
func logCountRatio(total []float64, k, class int, alpha float64) []float64 {
	n := len(total) / k
	in, out := make([]float64, n), make([]float64, n)
	sumIn, sumOut := 0.0, 0.0
	for j := range n {
		in[j], out[j] = alpha, alpha
		for c, v := range total[j*k : j*k+k] {
			if c == class {
				in[j] += v
			} else {
				out[j] += v
			}
		}
		sumIn += in[j]
		sumOut += out[j]
	}
	for j := range n {
		in[j] = detmath.Log(in[j]/sumIn) - detmath.Log(out[j]/sumOut)
	}
	return in
}
