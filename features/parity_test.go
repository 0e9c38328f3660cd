package features_test

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"example.org/metoostance/features"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The fixtures were computed by scikit-learn 1.2.1 on sentences written for
// the purpose.

func readJSON(t *testing.T, path string, v any) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(b, v))
}

type parityTfidf struct {
	Settings struct {
		UseIDF      bool    `json:"use_idf"`
		Norm        *string `json:"norm"`
		SmoothIDF   bool    `json:"smooth_idf"`
		SublinearTF bool    `json:"sublinear_tf"`
		Analyzer    string  `json:"analyzer"`
		NGramRange  [2]int  `json:"ngram_range"`
		MinDF       int     `json:"min_df"`
		Binary      bool    `json:"binary"`
	} `json:"settings"`
	Docs       []string       `json:"docs"`
	Vocabulary []string       `json:"vocabulary"`
	IDF        []float64      `json:"idf"`
	Rows       [][][2]float64 `json:"rows"`
	UnseenDocs []string       `json:"unseen_docs"`
	UnseenRows [][][2]float64 `json:"unseen_rows"`
}

func (p *parityTfidf) options() features.Options {
	s := p.Settings
	b := features.Block{MinN: s.NGramRange[0], MaxN: s.NGramRange[1], MinDF: s.MinDF}
	switch s.Analyzer {
	case "char":
		b.Analyzer = features.Chars
	case "char_wb":
		b.Analyzer = features.CharsWB
	}
	switch {
	case s.SublinearTF:
		b.TF = features.SublinearTF
	case s.Binary:
		b.TF = features.BinaryTF
	}
	if !s.SmoothIDF {
		b.IDF = features.PlainIDF
	}
	if s.Norm == nil {
		b.Norm = features.NoNorm
	}
	return features.Options{
		Tokenizer: features.Tokenizer{Rules: features.ScikitLearnRules},
		Blocks:    []features.Block{b},
	}
}

func TestTFIDFEqualsScikitLearn(t *testing.T) {
	files, err := filepath.Glob("testdata/parity/tfidf_*.json")
	require.NoError(t, err)
	require.Len(t, files, 7)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			var p parityTfidf
			readJSON(t, file, &p)
			v, err := features.Fit(context.Background(), p.Docs, p.options())
			require.NoError(t, err)
			var terms []string
			for col := range v.Cols() {
				terms = append(terms, v.Term(col))
			}
			require.Equal(t, p.Vocabulary, terms)
			for col, want := range p.IDF {
				assert.InEpsilon(t, want, v.IDF(col), 1e-12)
			}
			check := func(docs []string, rows [][][2]float64) {
				m, err := v.Transform(context.Background(), docs)
				require.NoError(t, err)
				require.Equal(t, len(rows), m.Rows())
				for i, want := range rows {
					got := m.Row(i)
					require.Equal(t, len(want), got.Len(), "row of %q", docs[i])
					for k, w := range want {
						require.Equal(t, int32(w[0]), got.Indices[k])
						require.InEpsilon(t, w[1], got.Values[k], 1e-12)
					}
				}
			}
			check(p.Docs, p.Rows)
			check(p.UnseenDocs, p.UnseenRows)
		})
	}
}

func TestTokensEqualScikitLearn(t *testing.T) {
	var p struct {
		Cases []struct {
			Text   string   `json:"text"`
			Tokens []string `json:"tokens"`
			CharWB []string `json:"char_wb_2_3"`
		} `json:"cases"`
	}
	readJSON(t, "testdata/parity/tokens_edge.json", &p)
	require.NotEmpty(t, p.Cases)
	tok := features.Tokenizer{Rules: features.ScikitLearnRules}
	for _, c := range p.Cases {
		assert.Equal(t, c.Tokens, append([]string{}, tok.Tokenise(c.Text)...), "tokens of %q", c.Text)
		v, err := features.Fit(context.Background(), []string{c.Text}, features.Options{
			Blocks: []features.Block{{Analyzer: features.CharsWB, MinN: 2, MaxN: 3}},
		})
		require.NoError(t, err)
		var got []string
		for _, o := range v.Occurrences(c.Text) {
			got = append(got, v.Term(o.Col))
		}
		assert.ElementsMatch(t, c.CharWB, got, "characters of %q", c.Text)
	}
}
