package stance

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Label is a stance toward a target: [Favor], [Against] or [None]. The zero
// value, [Unlabelled], is no label at all; only a classifier that abstains
// predicts it.
type Label uint8

const (
	// Unlabelled is the zero value: nobody has labelled this text.
	Unlabelled Label = iota
	// Favor: the sentence supports the target, directly or indirectly.
	Favor
	// Against: the sentence opposes or criticises the target, directly or
	// indirectly.
	Against
	// None: neither can be inferred from the sentence.
	None
)

// NumLabels is the number of labels that a classifier chooses from.
const NumLabels = 3

// Labels returns the labels that a classifier chooses from, in the order that
// [Values] uses: FAVOR, AGAINST, NONE.
func Labels() [NumLabels]Label { return [NumLabels]Label{Favor, Against, None} }

// Valid reports whether l is one of [Labels].
func (l Label) Valid() bool { return l >= Favor && l <= None }

// String returns "FAVOR", "AGAINST", "NONE", or "" for [Unlabelled].
func (l Label) String() string {
	switch l {
	case Unlabelled:
		return ""
	case Favor:
		return "FAVOR"
	case Against:
		return "AGAINST"
	case None:
		return "NONE"
	}
	return fmt.Sprintf("Label(%d)", uint8(l))
}

// labelNames are the spellings that ParseLabel accepts, in lower case. Beside
// our own they are those of the public stance sets: SemEval-2016 Task 6
// (FAVOR, AGAINST, NONE), VAST and IBM's claim stance (pro, con, neutral),
// Emergent (for, against, observing), MeTooMA (Support, Oppose) and the UKP
// sentential argument corpus (Argument_for, Argument_against, NoArgument).
// Their numeric codes are left out: 0, 1 and 2 mean something else in each.
var labelNames = map[string]Label{
	"favor": Favor, "favour": Favor, "in favor": Favor, "in favour": Favor,
	"for": Favor, "pro": Favor, "support": Favor, "argument for": Favor,
	"against": Against, "con": Against, "anti": Against, "oppose": Against,
	"argument against": Against,
	"none":             None, "neither": None, "neutral": None, "observing": None,
	"noargument": None, "no argument": None,
}

// ParseLabel reads a label. Letter case, surrounding white space, and the
// difference between "_", "-" and a space do not matter; British and American
// spelling and the names used by the public stance sets are understood
// ("favour", "pro", "support"; "con", "oppose"; "neutral", "neither").
// Anything else, the empty string included, is an error of type [LabelError].
func ParseLabel(s string) (Label, error) {
	key := strings.NewReplacer("_", " ", "-", " ").Replace(strings.ToLower(strings.TrimSpace(s)))
	if l, ok := labelNames[key]; ok {
		return l, nil
	}
	return Unlabelled, &LabelError{Text: s}
}

// LabelError says that a text is not the name of a label.
type LabelError struct {
	Text string // what was found
}

func (e *LabelError) Error() string {
	text := e.Text
	if end := 40; len(text) > end { // cut, but not inside a character
		for end > 40-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end] + "..."
	}
	return fmt.Sprintf("unknown label %q (want FAVOR, AGAINST or NONE)", text)
}

// MarshalText returns [Label.String]; a value that is no label of this package
// is an error. With it labels read and write as strings in JSON.
func (l Label) MarshalText() ([]byte, error) {
	if l > None {
		return nil, fmt.Errorf("stance: cannot marshal %v", l)
	}
	return []byte(l.String()), nil
}

// UnmarshalText reads what [ParseLabel] reads, and the empty text as
// [Unlabelled].
func (l *Label) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*l = Unlabelled
		return nil
	}
	p, err := ParseLabel(string(text))
	if err != nil {
		return err
	}
	*l = p
	return nil
}
