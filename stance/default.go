package stance

import (
	_ "embed"
	"sync"

	"example.org/metoostance/features"
)

//go:generate go run example.org/metoostance/examples/train -gold -o default.model

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

// DefaultOptions returns the settings of the embedded model: logistic
// regression on words, pairs of words and two to five characters within words,
// every label weighed alike. They were chosen by grouped five-fold
// cross-validation on the gold corpus alone, among these features with and
// without trigrams, pruning and characters across words, C from 1 to 30, and
// both weightings: macro-F1 0.685, where the best of 40 settings had 0.687, a
// difference far within the spread between folds, and the strongest
// regularisation of those that came so near.
func DefaultOptions() Options {
	return Options{
		Features: features.Options{Blocks: []features.Block{
			{Analyzer: features.Words, MinN: 1, MaxN: 2, TF: features.SublinearTF},
			{Analyzer: features.CharsWB, MinN: 2, MaxN: 5, TF: features.SublinearTF},
		}},
		C:        1,
		Balanced: true,
	}
}
