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
// every label weighed alike. C and the weighing are those with the greatest
// macro-F1 in grouped five-fold cross-validation on the gold corpus alone:
//
//	C              0.1    0.3    1      3      10
//	balanced       0.663  0.675  0.685  0.684  0.681
//	not balanced   0.514  0.632  0.673  0.682  0.683
//
// The program train reproduces these figures with -gold -grid -cv 5, the program
// tables with -table selection.
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
