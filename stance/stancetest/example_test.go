package stancetest_test

import (
	"strings"
	"testing"

	"example.org/metoostance/stance"
	"example.org/metoostance/stance/stancetest"
)

// yesNo is a classifier of one's own: it counts two words.
type yesNo struct{}

func (yesNo) Classify(text string) stance.Prediction {
	var p stance.Prediction
	for _, word := range strings.Fields(strings.ToLower(text)) {
		switch strings.Trim(word, ".,!?") {
		case "yes":
			p.Scores[0]++
		case "no":
			p.Scores[1]++
		}
	}
	p.Label = p.Scores.Max()
	for i, l := range stance.Labels() {
		if l == p.Label {
			p.Probabilities[i] = 1
		}
	}
	return p
}

// In a test file of the package that has the classifier, this function is
// TestConformance.
func testConformance(t *testing.T) {
	stancetest.TestClassifier(t, func(*testing.T) stance.Classifier { return yesNo{} })
}

func ExampleTestClassifier() {
	_ = testConformance
}
