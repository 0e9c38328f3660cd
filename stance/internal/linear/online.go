package linear

import (
	"context"
	"fmt"
	"math"

	"example.org/metoostance/features"
	"example.org/metoostance/features/detmath"
)

// OnlineOptions are the options of [NewOnline].
type OnlineOptions struct {
	// Rate is the learning rate eta. 0 stands for 0.5.
	Rate float64
	// Weights multiplies the loss of the rows of each class. nil stands for
	// ones. Weights must be positive.
	Weights []float64
}

// Online learns multinomial logistic regression from a stream, one row after
// the other, by AdaGrad (Duchi, Hazan and Singer 2011): with p the softmax of a
// row's scores before the row is learned,
//
//	g_jk = v (p_k - [k = y]) x_j,  G_jk += g_jk^2,  W_jk -= eta g_jk / sqrt(G_jk)
//
// and the same for the intercepts with x_j = 1. Columns that a row lacks do not
// change: the cost of a row is that of its stored elements. There is no penalty.
// The rows are learned in the order given, and the way that a stream is cut into
// batches makes no difference. An Online must not be used concurrently.
type Online struct {
	classes, cols int
	rate          float64
	weights       []float64
	w, g          []float64 // coefficients and sums of squares, then those of the intercepts
	rows          int
	loss          float64
}

// NewOnline returns a learner of a number of classes, at least 2, on rows with a
// number of columns, that has not seen anything: all its scores are 0.
func NewOnline(classes, cols int, o OnlineOptions) (*Online, error) {
	switch {
	case classes < 2:
		return nil, fmt.Errorf("linear: number of classes is %d, want at least 2", classes)
	case cols < 0:
		return nil, fmt.Errorf("linear: number of columns is %d", cols)
	case !(o.Rate >= 0) || math.IsInf(o.Rate, 0):
		return nil, fmt.Errorf("linear: learning rate is %v, want a positive number", o.Rate)
	}
	if err := checkWeights(o.Weights, classes); err != nil {
		return nil, err
	}
	if o.Rate == 0 {
		o.Rate = 0.5
	}
	return &Online{
		classes: classes, cols: cols,
		rate:    o.Rate,
		weights: append([]float64(nil), o.Weights...),
		w:       make([]float64, (cols+1)*classes),
		g:       make([]float64, (cols+1)*classes),
	}, nil
}

// PartialFit learns rows and their classes. If any of them is faulty none is
// learned. If ctx is done it stops, with the rows before learned.
func (o *Online) PartialFit(ctx context.Context, x *features.Matrix, y []int) error {
	if x == nil || x.Rows() == 0 {
		return nil
	}
	if x.Cols != o.cols {
		return fmt.Errorf("linear: rows of %d columns, want %d", x.Cols, o.cols)
	}
	if len(y) != x.Rows() {
		return fmt.Errorf("linear: %d rows but %d classes of rows", x.Rows(), len(y))
	}
	if err := checkMatrix(x); err != nil {
		return err
	}
	for i, c := range y {
		if c < 0 || c >= o.classes {
			return fmt.Errorf("linear: row %d: class %d is out of range 0 to %d", i, c, o.classes-1)
		}
	}
	p := make([]float64, o.classes)
	for i, c := range y {
		if i%block == 0 {
			if err := canceled(ctx); err != nil {
				return err
			}
		}
		o.learn(x.Row(i), c, p)
	}
	return nil
}

// learn learns a row; p is scratch space.
func (o *Online) learn(r features.Row, y int, p []float64) {
	k := o.classes
	bias := o.cols * k
	copy(p, o.w[bias:])
	addScores(r.Indices, r.Values, o.w, p)
	score := p[y]
	weight := 1.0
	if len(o.weights) > 0 {
		weight = o.weights[y]
	}
	o.loss += float64(weight * (detmath.SoftmaxLogSumExp(p, p) - score))
	o.rows++
	p[y] -= 1
	for c := range p {
		p[c] *= weight
	}
	for t, j := range r.Indices {
		o.step(int(j)*k, r.Values[t], p)
	}
	o.step(bias, 1, p)
}

// step changes the coefficients of the column at an offset, where the row has
// value x; d is the derivative of the loss by the scores.
func (o *Online) step(at int, x float64, d []float64) {
	for c, s := range d {
		g := s * x
		if g == 0 {
			continue
		}
		o.g[at+c] += float64(g * g)
		o.w[at+c] -= o.rate * g / math.Sqrt(o.g[at+c])
	}
}

// Result returns the model learned so far, which what is learned later does not
// change. Its report gives the rows seen as iterations, and as objective the
// sum of the losses of the rows, each taken before the row was learned
// (progressive validation). It never counts as converged: a stream has no end.
func (o *Online) Result() *Result {
	w := append([]float64(nil), o.w...)
	bias := o.cols * o.classes
	return &Result{
		Classes: o.classes, Cols: o.cols,
		Coef: w[:bias:bias], Intercept: w[bias:],
		Report: Report{Iterations: o.rows, Objective: o.loss},
	}
}
