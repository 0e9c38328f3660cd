package stance

import (
	_ "embed"
	"sync"

	"example.org/metoostance/features"
)

//go:generate go run example.org/metoostance/examples/train -gold -press -o default.model

//go:embed default.model
var defaultModel []byte

// Default returns the embedded model: trained with [DefaultOptions] on the
// gold corpus of package data, on passages and lone sentences alike. The first
// call decodes it; all calls return the same model.
func Default() *Model { return loadDefault() }

var loadDefault = sync.OnceValue(func() *Model {
	m, err := decodeModel(defaultModel)
	if err != nil {
		// The file is part of this package, and a test loads it.
		panic("stance: the embedded model is broken: " + err.Error())
	}
	return m
})

// DefaultOptions returns the settings of the embedded model: [PlainOptions], the
// classes of [Lexicon] and documents in context. The lexicon is about the
// movement; for another target begin with PlainOptions.
func DefaultOptions() Options {
	o := PlainOptions()
	o.Features.Blocks = append(o.Features.Blocks,
		features.Block{Analyzer: features.LexiconClasses, TF: features.SublinearTF, IDF: features.NoIDF})
	o.Features.Lexicon = Lexicon()
	o.Context = Context{Others: 0.5, First: 0.3, None: 0.3}
	return o
}

// PlainOptions returns settings that suit any target: logistic regression on
// words, pairs of words and two to five characters within words, every label
// weighed alike, each sentence by itself.
func PlainOptions() Options {
	return Options{
		Features: features.Options{Blocks: []features.Block{
			{Analyzer: features.Words, MinN: 1, MaxN: 2, TF: features.SublinearTF},
			{Analyzer: features.CharsWB, MinN: 2, MaxN: 5, TF: features.SublinearTF},
		}},
		C:        1,
		Balanced: true,
	}
}
