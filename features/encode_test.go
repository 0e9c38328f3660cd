package features_test

import (
	"strings"
	"testing"

	"example.org/metoostance/features"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var encodable = features.Options{
	Tokenizer: features.Tokenizer{StopWords: map[string]bool{"the": true, "of": true}, SplitHashtags: true},
	Blocks: []features.Block{
		{MaxN: 2, MinDF: 1, MaxDFShare: 0.9, IDF: features.PlainIDF},
		{Analyzer: features.CharsWB, MinN: 2, MaxN: 5, TF: features.SublinearTF, Weight: 0.5},
	},
}

func TestDecodeGivesTheSameVectorizer(t *testing.T) {
	for _, docs := range [][]string{nil, sentences} {
		v := fit(t, docs, encodable)
		b, err := v.AppendBinary(nil)
		require.NoError(t, err)
		again, err := features.Decode(b)
		require.NoError(t, err)
		assert.Equal(t, v.Options(), again.Options())
		assert.Equal(t, vocabulary(v), vocabulary(again))
		assert.Equal(t, v.Docs(), again.Docs())
		for _, s := range sentences {
			assert.Equal(t, v.Row(s), again.Row(s))
		}
		bb, err := again.AppendBinary(nil)
		require.NoError(t, err)
		assert.Equal(t, b, bb)
	}
}

func TestDecodeRefusesEveryTruncation(t *testing.T) {
	b, err := fit(t, sentences, encodable).AppendBinary(nil)
	require.NoError(t, err)
	for n := range b {
		_, err := features.Decode(b[:n])
		require.ErrorContains(t, err, "features: vectorizer, byte ")
	}
	_, err = features.Decode(append(b, 0))
	require.ErrorContains(t, err, "data goes on")
}

func FuzzDecode(f *testing.F) {
	for _, o := range []features.Options{{}, encodable} {
		v, err := features.Fit(background, sentences, o)
		require.NoError(f, err)
		b, err := v.AppendBinary(nil)
		require.NoError(f, err)
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := features.Decode(data)
		if err != nil {
			return
		}
		v.Row(sentences[0])
		b, err := v.AppendBinary(nil)
		require.NoError(t, err)
		_, err = features.Decode(b)
		require.NoError(t, err)
	})
}

// Long terms that share long beginnings take little room, and are stored all
// the same; a form that unpacks out of all proportion is refused.
func TestDecodeOfSharedBeginnings(t *testing.T) {
	var docs []string
	for i := range 300 {
		docs = append(docs, strings.Repeat("x", 10_000)+" ab"+strings.Repeat("y", i))
	}
	o := features.Options{Blocks: []features.Block{{MinN: 2}}}
	v := fit(t, docs[:20], o)
	b, err := v.AppendBinary(nil)
	require.NoError(t, err)
	again, err := features.Decode(b)
	require.NoError(t, err)
	assert.Equal(t, vocabulary(v), vocabulary(again))

	b, err = fit(t, docs, o).AppendBinary(nil)
	if err == nil {
		_, err = features.Decode(b)
		assert.NoError(t, err)
	} else {
		assert.ErrorContains(t, err, "cannot be stored")
	}
}

func TestOptionsAreACopy(t *testing.T) {
	v := fit(t, sentences, encodable)
	row := v.Row(sentences[0])
	o := v.Options()
	o.Blocks[0].Weight = 50
	o.Tokenizer.StopWords["she"] = true
	assert.Equal(t, row, v.Row(sentences[0]))
	assert.NotEqual(t, o, v.Options())
}
