package stance

import (
	"encoding/json"
	"fmt"
	"math"
)

// Example is a labelled text: what a classifier is trained on or tested with.
type Example struct {
	// ID names the example in errors and reports. It may be empty.
	ID string
	// Text is the sentence, as it stands in its source.
	Text string
	// Label is the gold label; [Unlabelled] cannot be trained on.
	Label Label
	// Group names the examples that must never be split between training and
	// test data: the sentences of one passage, the two halves of a contrast
	// pair. An empty Group stands for a group of its own.
	Group string
	// Document names the text that the sentence stands in, whose sentences
	// follow one another in order. It is empty for a sentence that stands
	// alone.
	Document string
	// Target names what the stance is toward, for sets with more than one
	// target. It is empty for the #MeToo movement.
	Target string
}

// Values holds a number for each label, in the order of [Labels]: FAVOR,
// AGAINST, NONE. In JSON it is an array in which null stands for -Inf.
type Values [NumLabels]float64

// Of returns the number that belongs to l, and 0 when l is no valid label.
func (v Values) Of(l Label) float64 {
	if !l.Valid() {
		return 0
	}
	return v[l-Favor]
}

// Max returns the label with the greatest value. Ties go to NONE first, then
// to FAVOR, so that a text of which nothing is known takes no side.
func (v Values) Max() Label {
	best := None
	for _, l := range Labels() {
		if v.Of(l) > v.Of(best) {
			best = l
		}
	}
	return best
}

// MarshalJSON returns an array of three numbers. The score of a label that a
// model never saw, -Inf, is null, as JSON has no infinity. NaN and +Inf are
// errors.
func (v Values) MarshalJSON() ([]byte, error) {
	var numbers [NumLabels]*float64
	for k, x := range v {
		if !math.IsInf(x, -1) {
			numbers[k] = &x
		}
	}
	return json.Marshal(numbers)
}

// UnmarshalJSON reads an array of three numbers, null standing for -Inf.
func (v *Values) UnmarshalJSON(b []byte) error {
	var numbers []*float64
	if err := json.Unmarshal(b, &numbers); err != nil {
		return err
	}
	if numbers == nil { // null, which by convention changes nothing
		return nil
	}
	if len(numbers) != NumLabels {
		return fmt.Errorf("stance: %d numbers, want one for each of %d labels", len(numbers), NumLabels)
	}
	for k, x := range numbers {
		if x == nil {
			v[k] = math.Inf(-1)
		} else {
			v[k] = *x
		}
	}
	return nil
}

// Prediction is what a classifier says of a text.
type Prediction struct {
	// Label is the predicted label, or [Unlabelled] if the classifier
	// abstains: Probabilities tell what it would have said.
	Label Label
	// Probabilities sum to 1. They are in the order of [Labels].
	Probabilities Values
	// Scores are the classifier's raw decision values, before they are turned
	// into probabilities: for a linear model, intercept plus weighted terms.
	Scores Values
}

// Classifier labels single texts. Implementations must be safe for concurrent
// use, deterministic, and must accept any bytes as text.
type Classifier interface {
	Classify(text string) Prediction
}
