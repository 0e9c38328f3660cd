package data

import (
	_ "embed"
	"sync"

	"example.org/metoostance/stance"
)

//go:embed press/passages.tsv
var pressTSV string

var decodePress = sync.OnceValues(func() ([]Document, error) {
	return parsePassages("press/passages.tsv", pressTSV, 1, 2)
})

// Press returns 300 passages, 4,122 sentences, that were written to read as the
// press does: wire copy, court and business reports, partisan and other opinion,
// reviews, interviews. They are there to be trained on beside the gold corpus.
// Do not measure on them: only their writer has labelled them, as the first of
// Votes. A second vote, of an annotator who did not see the first, stands at the
// sentences of 36 passages and decides nothing.
//
// They are decoded once; every call returns a copy of its own.
func Press() []Document {
	passages, err := decodePress()
	if err != nil {
		panic("data: the embedded passages are damaged: " + err.Error())
	}
	return (&Corpus{Passages: passages}).clone().Passages
}

// TrainingExamples returns what the embedded model of package stance is trained
// on: the examples of [Gold], then those of [Press].
func TrainingExamples() []stance.Example {
	examples := Gold().Examples()
	for _, d := range Press() {
		examples = append(examples, d.Examples()...)
	}
	return examples
}
