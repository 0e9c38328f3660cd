package main

import (
	"context"
	"testing"

	"github.com/james-bowman/nlp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// easy are sentences whose labels have no word in common.
var easy = []stance.Example{
	{Text: "Survivors deserve thanks, courage deserves thanks.", Label: stance.Favor},
	{Text: "Brave survivors, thanks!", Label: stance.Favor},
	{Text: "Thanks: courage helped brave survivors.", Label: stance.Favor},
	{Text: "This mob hunts decent men.", Label: stance.Against},
	{Text: "Another witch hunt, another mob.", Label: stance.Against},
	{Text: "The mob ruins decent men.", Label: stance.Against},
	{Text: "Tickets cost seven pounds.", Label: stance.None},
	{Text: "Doors open before seven.", Label: stance.None},
	{Text: "Seven tickets were sold, doors open late.", Label: stance.None},
}

func TestLibrariesLearn(t *testing.T) {
	var want []stance.Label
	for _, e := range easy {
		want = append(want, e.Label)
	}
	for key, learn := range libraries {
		t.Run(key, func(t *testing.T) {
			for range 2 {
				label, err := learn(context.Background(), easy)
				require.NoError(t, err)
				got, err := label(textsOf(easy))
				require.NoError(t, err)
				if key != "bayesian-tfidf" { // whose weights are too small beside its smoothing
					assert.Equal(t, want, got)
				}
				// Texts without a known word have a label too.
				got, err = label([]string{"", "zyx", "!", "\x00\xFF"})
				require.NoError(t, err)
				require.Len(t, got, 4)
				for _, l := range got {
					assert.True(t, l.Valid())
				}
			}
		})
	}
}

func TestLibrariesThatFail(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, key := range []string{"default", "nlp"} {
		_, err := libraries[key](ctx, easy)
		assert.ErrorIs(t, err, context.Canceled)
	}
}

// What a library is given is what it says of itself: rows are nlp's matrix, and
// scores those of the model.
func TestDocumentRows(t *testing.T) {
	texts := append(textsOf(easy), "", "seven seven mob")
	m, err := nlp.NewPipeline(nlp.NewCountVectoriser(), nlp.NewTfidfTransformer()).FitTransform(texts...)
	require.NoError(t, err)
	rows := documentRows(m)
	terms, documents := m.Dims()
	require.Equal(t, len(texts), documents)
	require.Equal(t, documents, rows.Rows())
	require.Equal(t, terms, rows.Cols)
	for j := range documents {
		dense := make([]float64, terms)
		row := rows.Row(j)
		for k, column := range row.Indices {
			dense[column] = row.Values[k]
			if k > 0 {
				assert.Less(t, row.Indices[k-1], column)
			}
		}
		for i := range terms {
			assert.Equal(t, m.At(i, j), dense[i])
		}
	}
}

func TestLinearScores(t *testing.T) {
	m, err := stance.Train(context.Background(), easy, stance.Options{CalibrationFolds: -1})
	require.NoError(t, err)
	for _, e := range easy {
		got, want := linearScores(m, m.Vectorizer().Row(e.Text)), m.Classify(e.Text).Scores
		assert.InDeltaSlice(t, want[:], got[:], 1e-12)
	}
}

func TestNamedColumns(t *testing.T) {
	v, err := namedColumns(context.Background(), 1234)
	require.NoError(t, err)
	require.Equal(t, 1234, v.Cols())
	assert.Equal(t, "c000000007", v.Term(7))
	assert.Equal(t, "c000001233", v.Term(1233))
	assert.IsType(t, features.Row{}, v.Row("c000000007"))
}
