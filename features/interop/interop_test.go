package interop_test

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"example.org/metoostance/features"
	"example.org/metoostance/features/interop"
	"github.com/james-bowman/nlp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// nlpOptions are the settings under which our weights are those of nlp: its
// formula ln((1+n)/(1+df)) times the raw count, without a norm.
func nlpOptions() features.Options {
	return features.Options{
		Tokenizer: features.Tokenizer{},
		Blocks:    []features.Block{{IDF: features.UnshiftedIDF, Norm: features.NoNorm}},
	}
}

// Under nlp's own formula, on the same tokens, every weight equals that of nlp
// to the last bit.
func TestWeightsEqualNLPBitForBit(t *testing.T) {
	words := []string{"the", "#metoo", "don't", "court", "case", "movement", "she", "he", "said", "2018"}
	rapid.Check(t, func(t *rapid.T) {
		docs := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 1, 12).Draw(t, "words"), " ")
		}), 1, 20).Draw(t, "docs")

		counter := nlp.NewCountVectoriser()
		counter.Tokeniser = features.Tokenizer{}
		theirs, err := nlp.NewPipeline(counter, nlp.NewTfidfTransformer()).FitTransform(docs...)
		require.NoError(t, err)

		v := interop.NewVectoriser(nlpOptions())
		ours, err := v.FitTransform(docs...)
		require.NoError(t, err)

		rows, cols := ours.Dims()
		require.Equal(t, len(counter.Vocabulary), rows)
		require.Equal(t, len(docs), cols)
		// Our terms are in byte order, theirs in the order of appearance.
		var terms []string
		for term := range counter.Vocabulary {
			terms = append(terms, term)
		}
		slices.Sort(terms)
		for i, term := range terms {
			for j := range cols {
				want := theirs.At(counter.Vocabulary[term], j)
				require.Equal(t, math.Float64bits(want), math.Float64bits(ours.At(i, j)), "%q in document %d", term, j)
			}
		}
	})
}

func TestVectoriserReportsErrors(t *testing.T) {
	v := interop.NewVectoriser(features.Options{Blocks: []features.Block{{MinN: 3, MaxN: 2}}})
	_, err := v.Transform("a")
	assert.ErrorContains(t, err, "Transform before Fit")
	_, err = v.FitTransform("a")
	assert.ErrorContains(t, err, "want 1 <= MinN <= MaxN")
}

func TestCSRHoldsTheSameElements(t *testing.T) {
	m := &features.Matrix{Cols: 3}
	m.AppendRow(features.Row{Indices: []int32{0, 2}, Values: []float64{1, 2}})
	m.AppendRow(features.Row{})
	want := mat.NewDense(2, 3, []float64{1, 0, 2, 0, 0, 0})
	assert.True(t, mat.Equal(want, interop.CSR(m)))
}

func ExampleVectoriser() {
	docs := []string{
		"She spoke out and was heard.",
		"He spoke of a witch hunt.",
		"The court heard the case.",
	}
	lsa := nlp.NewPipeline(interop.NewVectoriser(features.Options{}), nlp.NewTruncatedSVD(2))
	m, err := lsa.FitTransform(docs...)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Dims())
	// Output: 2 3
}
