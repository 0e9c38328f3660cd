package features

import (
	"strings"
)

// The rules that judge a joint, in the order in which they are asked.

// segVerdict is what a rule says of a joint.
type segVerdict uint8

const (
	segPass segVerdict = iota // the rule does not apply
	segJoin
	segSplit
)

// segRule is a named rule. Rules are asked in order; the first that does not
// pass decides.
type segRule struct {
	name  string
	judge func(*segmenter, *segJoint) segVerdict
}

var segRules = [...]segRule{
	{"run-together words", (*segmenter).ruleGlued},
	{"headline", (*segmenter).ruleHeadline},
	{"paragraph", (*segmenter).ruleParagraph},
	{"line", (*segmenter).ruleLine},
	{"leading stop", (*segmenter).ruleLeadingStop},
	{"stop in a word", (*segmenter).ruleInWord},
	{"run-together sentences", (*segmenter).ruleRunTogether},
	{"ellipsis", (*segmenter).ruleEllipsis},
	{"name with mark", (*segmenter).ruleNameWithMark},
	{"attribution", (*segmenter).ruleAttribution},
	{"list number", (*segmenter).ruleListNumber},
	{"abbreviation", (*segmenter).ruleAbbreviation},
	{"weak start", (*segmenter).ruleWeakStart},
	{"separator", (*segmenter).ruleSeparator},
	{"tail", (*segmenter).ruleTail},
	{"UAX #29", (*segmenter).ruleUnicode},
}

// judge reports whether a sentence ends at j, and the index of the rule that
// decided.
func (s *segmenter) judge(j *segJoint) (split bool, rule int) {
	for i := range segRules {
		if v := segRules[i].judge(s, j); v != segPass {
			return v == segSplit, i
		}
	}
	panic("features: no rule of segmentation applies")
}

// ruleGlued: glued words are joints only if they pass for two sentences (see
// glued).
func (s *segmenter) ruleGlued(j *segJoint) segVerdict {
	if j.glued {
		return segSplit
	}
	return segPass
}

// ruleHeadline: a headline is one sentence, whatever stops are in it ("Gone too
// far? Ask the cooks").
func (s *segmenter) ruleHeadline(j *segJoint) segVerdict {
	if j.next < s.headline {
		return segJoin
	}
	return segPass
}

// ruleParagraph: a blank line ends the sentence.
func (s *segmenter) ruleParagraph(j *segJoint) segVerdict {
	if j.breaks > 1 {
		return segSplit
	}
	return segPass
}

// ruleLine: the end of a line ends the sentence, unless the line looks wrapped.
// Then it counts as a space.
func (s *segmenter) ruleLine(j *segJoint) segVerdict {
	switch {
	case j.breaks == 1 && !s.wraps(j):
		return segSplit
	case j.stop == segNoStop:
		return segJoin
	}
	return segPass
}

// ruleLeadingStop: what has no letter or digit yet is not a sentence ("...and
// then", ".@user").
func (s *segmenter) ruleLeadingStop(j *segJoint) segVerdict {
	if !s.words {
		return segJoin
	}
	return segPass
}

// ruleInWord: a stop directly before a letter may be part of a word: "sh!t"
// and "don?t" (a lost apostrophe), ".NET".
func (s *segmenter) ruleInWord(j *segJoint) segVerdict {
	if j.gapped || j.closed || j.tail || j.sign != 0 {
		return segPass
	}
	single := j.after-j.at == 1
	switch {
	case j.stop == segMark && single && s.last.isLetter() && j.class == segLower:
		return segJoin
	case j.stop == segPeriod && s.word < 0 && len(j.first) > 1 && !segIsCapitalised(j.first):
		return segJoin
	}
	return segPass
}

// ruleRunTogether: a full stop directly before a capital ends the sentence if
// a word of two letters or a number stands before it and a capitalised word
// after ("attacks.The"); otherwise it is an abbreviation or a name ("U.S",
// "Ph.D", "Mr.Ito").
func (s *segmenter) ruleRunTogether(j *segJoint) segVerdict {
	if j.stop != segPeriod || j.gapped || j.closed || j.tail || j.sign != 0 || j.class != segUpper {
		return segPass
	}
	switch s.abbreviation(j) {
	case segNoAbbreviation, segNumbered, segState:
		word := s.wordAt(j)
		if s.word == s.from && segIsListNumber(word) || len(word) == 1 && segASCII[word[0]&0x7f].isLetter() {
			return segJoin
		}
		var buf [segMaxWord]byte
		if s.startsSentence(j) && !segDomains[string(segFold(buf[:0], j.first))] {
			return segSplit
		}
	case segAmbiguous, segTime, segFinal:
		if segStarters[j.first] && s.startsSentence(j) {
			return segSplit
		}
	}
	return segJoin
}

// startsSentence reports whether the word at the right of j, which begins with
// a capital, looks like the first of a sentence: a capital and a lower-case
// letter, one of the words "A" and "I", or, after a plain word, an initial or
// an acronym ("attacks.R. Kelly", "attacks.NBC").
func (s *segmenter) startsSentence(j *segJoint) bool {
	if j.first == "" {
		return false // too long for a word
	}
	plain := segIsPlain(s.wordAt(j))
	_, size := segRune(j.first, 0)
	switch second, _ := segRune(j.first, size); {
	case size == len(j.first):
		return s.standsAlone(j.look) || plain && strings.HasPrefix(s.text[j.look+size:], ".")
	case segClassOf(second) == segLower:
		return true
	}
	return plain
}

// ruleEllipsis: an ellipsis ends a sentence before a capital or a figure, but
// not one of a single word ("Well… Maybe").
func (s *segmenter) ruleEllipsis(j *segJoint) segVerdict {
	if j.stop != segEllipsis {
		return segPass
	}
	switch j.class {
	case segLower, segContinue:
		return segJoin
	case segUpper:
		if s.prev == (Span{}) && s.word >= 0 && !j.closed {
			return segJoin
		}
		if !j.gapped && !s.startsSentence(j) {
			return segJoin
		}
	default:
		if !j.gapped && !j.closed {
			return segJoin
		}
	}
	return segSplit
}

// ruleNameWithMark: some names end in an exclamation mark ("Yahoo! News").
func (s *segmenter) ruleNameWithMark(j *segJoint) segVerdict {
	if j.stop != segMark || j.closed || j.tail || !j.gapped || j.after-j.at != 1 {
		return segPass
	}
	var buf [segMaxWord]byte
	if segNamesWithMark[string(segFold(buf[:0], s.wordAt(j)))] && !segStarters[j.first] && j.sign == 0 {
		return segJoin
	}
	return segPass
}

// ruleAttribution: after a stop and closing marks a lower-case word continues
// the sentence ("“Why?” she asked.", "(and men!) who"), and so does the verb
// of a named speaker ("“Why?” Ms. Ito asked.").
func (s *segmenter) ruleAttribution(j *segJoint) segVerdict {
	if !j.closed || j.tail {
		return segPass
	}
	if j.class == segLower && j.sign == 0 {
		return segJoin
	}
	if j.quote && j.stop == segMark && j.sign == 0 && s.speaks(j) {
		return segJoin
	}
	return segPass
}

// ruleListNumber: a short number or a letter that begins a sentence is that of
// a list item ("1. First", "IV. Remedies").
func (s *segmenter) ruleListNumber(j *segJoint) segVerdict {
	if j.stop != segPeriod || j.closed || !j.gapped || j.tail || s.word != s.from {
		return segPass
	}
	if word := s.wordAt(j); segIsListNumber(word) {
		return segJoin
	}
	return segPass
}

// ruleAbbreviation: see segAbbreviation for what each kind of abbreviation
// says.
func (s *segmenter) ruleAbbreviation(j *segJoint) segVerdict {
	// A bracket may close behind an abbreviation ("(D-Miss.) voted"), but a
	// quotation mark shows that the words quoted end there.
	if j.stop != segPeriod || !j.gapped || j.quote || j.tail {
		return segPass
	}
	kind := s.abbreviation(j)
	if kind == segNoAbbreviation {
		return segPass
	}
	starter := segStarters[j.first]
	if kind == segNumbered {
		if j.class == segDigit && j.sign == 0 {
			return segJoin
		}
		return segPass
	}
	if j.class == segLower || j.class == segContinue || j.sign == '(' && !starter {
		return segJoin
	}
	switch kind {
	case segLink:
		return segJoin
	case segTitle:
		if starter && !s.capitalAt(s.word) {
			return segPass
		}
		return segJoin
	case segTime:
		if segDates[j.first] || segZones[j.first] {
			return segJoin
		}
		return segSplit
	case segFinal:
		return segSplit
	case segInitial:
		// "So should I. Women" is no initial; "Benjamin I. Page" is one.
		if s.wordAt(j) == "I" && s.prev != (Span{}) && !s.capitalAt(s.prev.Start) {
			return segSplit
		}
	}
	switch {
	case starter || segIsQuote(j.sign):
		return segSplit
	case j.class == segUpper, j.class == segDigit && kind != segInitial:
		return segJoin
	}
	return segPass
}

// ruleWeakStart: rule SB8 of UAX #29 never ends a sentence before a lower-case
// word, nor before a figure that one follows, because the stop may be that of
// an abbreviation. Posts begin sentences in lower case, so here the stop ends
// one before such a word if the word before it is a plain one, or if the
// sentence itself began in lower case; and before a figure if any word of two
// letters is before it.
func (s *segmenter) ruleWeakStart(j *segJoint) segVerdict {
	if j.stop != segPeriod || !j.gapped || j.closed {
		return segPass
	}
	word := s.wordAt(j)
	switch {
	case j.class == segLower || j.sign == '@':
		if s.lower || segIsPlain(word) {
			return segSplit
		}
	case j.class == segDigit && len(word) > 1:
		return segSplit
	}
	return segPass
}

// ruleSeparator: a vertical bar continues a line of credits or a title, as the
// dash does by rule SB8a.
func (s *segmenter) ruleSeparator(j *segJoint) segVerdict {
	if j.next < len(s.text) && s.text[j.next] == '|' {
		return segJoin
	}
	return segPass
}

// ruleTail: behind emoji, links or hashtags, and at the end of a wrapped line,
// the Unicode rules cannot be asked, because they see those characters too.
// What they would say otherwise is said here: a comma or a dash continues the
// sentence (SB8a), and so does lower case after a full stop (SB8).
func (s *segmenter) ruleTail(j *segJoint) segVerdict {
	switch {
	case !j.tail && j.breaks == 0:
		return segPass
	case j.class == segContinue, j.class == segLower && j.stop == segPeriod:
		return segJoin
	}
	return segSplit
}

// ruleUnicode: everything else is as UAX #29 has it.
func (s *segmenter) ruleUnicode(j *segJoint) segVerdict {
	if s.uax.between(j.after, j.look) {
		return segSplit
	}
	return segJoin
}
