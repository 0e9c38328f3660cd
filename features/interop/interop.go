// Package interop lets the features of this module work with
// github.com/james-bowman/nlp and gonum.org/v1/gonum/mat.
//
// A [Vectoriser] is a drop-in nlp.Vectoriser, whose matrices are, as that
// package has them, terms by documents:
//
//	lsa := nlp.NewPipeline(interop.NewVectoriser(features.Options{}), nlp.NewTruncatedSVD(100))
//
// [CSR] turns a [features.Matrix] into a sparse matrix that gonum's functions
// accept. The package stands apart from features so that programs which only
// classify do not link either library.
package interop

import (
	"context"
	"errors"

	"example.org/metoostance/features"
	"github.com/james-bowman/nlp"
	"github.com/james-bowman/sparse"
	"gonum.org/v1/gonum/mat"
)

var (
	_ nlp.Vectoriser = (*Vectoriser)(nil)
	_ nlp.Tokeniser  = features.Tokenizer{}
)

// Vectoriser gives a [features.Vectorizer] the interface nlp.Vectoriser.
// Unlike the vectorizer that it holds it changes when it is fitted, so it must
// not be fitted and used at the same time.
type Vectoriser struct {
	opts   features.Options
	fitted *features.Vectorizer
	err    error // of the last Fit, whose interface has no place for it
}

// NewVectoriser returns a vectoriser that has yet to be fitted.
func NewVectoriser(opts features.Options) *Vectoriser { return &Vectoriser{opts: opts} }

// Wrap returns a vectoriser that is fitted already.
func Wrap(v *features.Vectorizer) *Vectoriser { return &Vectoriser{opts: v.Options(), fitted: v} }

// Fit learns the vocabulary and the weights of docs. The interface leaves no
// way to report an error; Transform returns it.
func (v *Vectoriser) Fit(docs ...string) nlp.Vectoriser {
	v.fitted, v.err = features.Fit(context.Background(), docs, v.opts)
	return v
}

// Transform returns the matrix of docs, Cols terms by len(docs) documents. It
// fails if Fit has not been called or has failed.
func (v *Vectoriser) Transform(docs ...string) (mat.Matrix, error) {
	switch {
	case v.err != nil:
		return nil, v.err
	case v.fitted == nil:
		return nil, errors.New("interop: Transform before Fit")
	}
	m, err := v.fitted.Transform(context.Background(), docs)
	if err != nil {
		return nil, err
	}
	return CSR(m).T(), nil
}

// FitTransform is Fit followed by Transform on the same documents.
func (v *Vectoriser) FitTransform(docs ...string) (mat.Matrix, error) {
	return v.Fit(docs...).Transform(docs...)
}

// CSR returns m, documents by terms, as a sparse matrix. The elements are
// copied. Like every gonum matrix it cannot be empty: a matrix without rows or
// columns makes it panic.
func CSR(m *features.Matrix) *sparse.CSR {
	starts := append([]int(nil), m.Starts...)
	cols := make([]int, len(m.Indices))
	for i, col := range m.Indices {
		cols[i] = int(col)
	}
	values := append([]float64(nil), m.Values...)
	return sparse.NewCSR(m.Rows(), m.Cols, starts, cols, values)
}
