package features

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// Sentences splits a text into sentences. The spans are in order, do not
// overlap, are not empty, and neither begin nor end in white space; what lies
// between them, before the first and after the last is white space only, so
// that spans and gaps together are the text, byte for byte. White space is
// Unicode's White_Space and the two invisible characters U+FEFF (the byte
// order mark) and U+200B (the zero-width space); every other byte, NUL and
// invalid UTF-8 included, belongs to a sentence.
//
// The rules are those of Unicode Standard Annex #29 (sentence boundaries) with
// the exceptions that prose, news pages and posts need:
//
//   - abbreviations and initials do not end a sentence ("Mr. Ito", "J. K.
//     Okafor", "U.S. Senate"), unless what follows begins one ("in the U.S.
//     They left.");
//   - an ellipsis ends one only before a capital ("Well… maybe");
//   - closing quotation marks, brackets, emoji, links and final hashtags stay
//     with the stop before them, and a quoted question stays with the verb
//     after it ("“Why?” she asked.");
//   - text that has lost its spaces is split where the evidence is strong
//     ("attacks.The next", "in 2018If"), and names (iPhone, #MeToo) are not;
//   - posts that begin in lower case are split too ("i said no. he laughed.");
//   - a line of its own is a sentence of its own (byline, list item), unless
//     the paragraph looks wrapped at a fixed width; a blank line always ends a
//     sentence, and the headline of an article is one sentence whatever stops
//     are in it.
//
// The rules know English abbreviations; the stops of other scripts are those
// of Unicode. Where a stop could be read either way (“by Acme Inc. Women ...”)
// the rules go by the next word, and are sometimes wrong. A sentence taken out
// of its text need not be one sentence by itself, as lines and quotation marks
// are read in their paragraph.
//
// The same text gives the same spans, always and everywhere. Time is linear in
// the length of the text, whatever it is.
func Sentences(text string) []Span { return slices.Collect(SentenceSeq(text)) }

// SentenceSeq iterates over the spans that [Sentences] returns, finding each
// when it is asked for. It allocates a fixed amount of memory per iteration
// over a text, nothing per sentence.
func SentenceSeq(text string) iter.Seq[Span] {
	return func(yield func(Span) bool) {
		s := newSegmenter(text)
		for j := s.next(); j != nil; j = s.next() {
			if split, _ := s.judge(j); !split {
				s.join(j)
				continue
			}
			if !yield(Span{s.from, j.end}) {
				return
			}
			s.begin(j)
		}
		if end := len(text) - segTrailingSpace(text); end > s.from {
			yield(Span{s.from, end})
		}
	}
}

// Bounds on how far the rules look, in bytes. They keep the work per byte
// constant; nothing that the rules look for is longer.
const (
	segMaxWord = 32 // the longest word that is examined
	segMaxRun  = 64 // the longest run of marks given to the Unicode rules
)

// Limits in characters.
const (
	segMinWidth    = 40  // the least width at which prose is taken to be wrapped
	segMaxWidth    = 120 // the greatest
	segMaxHeadline = 160 // the longest headline
)

// segMinArticle is the least length, in bytes, of the text below a headline.
// Posts are shorter, and their first line is a sentence like any other.
const segMinArticle = 600

// segmenter reads a text from left to right. It stops at each joint, a place
// where a sentence may end, and the rules say whether one does.
type segmenter struct {
	text  string
	pos   int      // the next byte to read
	joint segJoint // the last joint read
	uax   segBoundaries

	from  int      // start of the sentence being read
	words bool     // it has a letter or a digit
	lower bool     // its first letter is a lower-case one
	last  segClass // class of the character before pos
	word  int      // start of the word being read, or -1
	prev  Span     // the word before it, in the same sentence

	headline  int     // end of the headline, or 0
	quoted    bool    // a straight quotation mark is open
	line      int     // start of the line being read
	paragraph int     // start of its paragraph
	wrap      segWrap // how the paragraph is wrapped, once that was asked
}

// segStop is the kind of stop at a joint.
type segStop uint8

const (
	segNoStop   segStop = iota
	segPeriod           // one full stop
	segMark             // question or exclamation marks, with or without others
	segEllipsis         // several full stops, or U+2026
	segForeign          // a stop of another script
)

// segJoint is a place where a sentence may end: after a stop, at the end of a
// line, or where two words are glued together.
type segJoint struct {
	stop   segStop
	at     int  // where the stops begin
	after  int  // where they end
	end    int  // where the sentence would end: closers and tail included
	next   int  // where the next would begin
	breaks int  // line breaks between end and next; two for a blank line
	closed bool // closing marks follow the stop
	quote  bool // there is a quotation mark among them
	tail   bool // emoji, links or hashtags follow the stop
	glued  bool // no stop and no space: two words run together

	// What follows, behind opening marks and signs such as # and $.
	look   int      // where it begins
	class  segClass // its class
	sign   rune     // the last of the opening marks and signs, or 0
	first  string   // its first word, if it begins with a letter
	gapped bool     // there is white space before it
}

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

// newSegmenter returns a segmenter at the beginning of a text.
func newSegmenter(text string) *segmenter {
	s := &segmenter{text: text, uax: segBoundaries{text: text}, word: -1}
	s.begin(&segJoint{breaks: 2, next: segSkipSpace(text, 0)})
	s.headline = segHeadline(text, s.from)
	return s
}

// begin starts a sentence at j.
func (s *segmenter) begin(j *segJoint) {
	s.join(j)
	s.from, s.words, s.lower, s.last = j.next, false, false, segOther
	s.word, s.prev = -1, Span{}
	if j.breaks > 0 {
		s.quoted = false
	}
}

// join carries the sentence over j.
func (s *segmenter) join(j *segJoint) {
	for i := j.at; i < j.end; i++ {
		if s.text[i] == '"' {
			s.quoted = segOpens(s.text, i, s.quoted)
		}
	}
	if j.gapped || j.closed || j.tail {
		s.endWord(j.at)
		s.last = segOther
	} else {
		s.last = segStopper
	}
	if j.breaks > 0 {
		s.last = segSpace
		s.line = segLineStart(s.text, j.end, j.next)
	} else if j.gapped {
		s.last = segSpace
	}
	if j.breaks > 1 {
		s.paragraph = s.line
	}
	s.pos = j.next
}

// endWord ends the word being read, if any, at byte i.
func (s *segmenter) endWord(i int) {
	if s.word >= 0 {
		s.prev = Span{s.word, i}
		s.word = -1
	}
}

// next reads up to the next joint and returns it; it is valid until the next
// call. At the end of the text there is none, and next returns nil.
func (s *segmenter) next() *segJoint {
	j := &s.joint
	for s.pos < len(s.text) {
		r, size := segRune(s.text, s.pos)
		class := segClassOf(r)
		switch class {
		case segStopper:
			s.readStop(j)
			return s.unlessLast(j)
		case segSpace:
			s.endWord(s.pos)
			*j = segJoint{at: s.pos, after: s.pos, end: s.pos}
			s.space(j)
			if j.breaks > 0 {
				s.lookAt(j)
				return s.unlessLast(j)
			}
			s.pos, s.last = j.next, segSpace
			continue
		case segUpper, segLower, segLetter, segDigit:
			if s.glued(class) {
				*j = segJoint{at: s.pos, after: s.pos, end: s.pos, next: s.pos, glued: true}
				return j
			}
			if end := segURL(s.text, s.pos, s.last); end > s.pos {
				s.endWord(s.pos)
				s.words, s.pos, s.last = true, end, segOther
				continue
			}
			if !s.words {
				s.words, s.lower = true, class == segLower
			}
			if s.word < 0 {
				s.word = s.pos
			}
		case segMarking:
			// Marks belong to the character before them.
			s.pos += size
			continue
		default:
			if r == '"' {
				if s.quoted = segOpens(s.text, s.pos, s.quoted); !s.quoted {
					class = segCloser
				}
			}
			if !segInWord(r) {
				s.endWord(s.pos)
			} else if s.word < 0 && !segIsApostrophe(r) {
				s.word = s.pos
			}
		}
		s.pos += size
		s.last = class
		if class == segLower {
			// Within a word nothing but the scheme of a link matters.
			for s.pos < len(s.text) && 'a' <= s.text[s.pos] && s.text[s.pos] <= 'z' && s.text[s.pos] != 'h' {
				s.pos++
			}
		}
	}
	return nil
}

// unlessLast returns j, or nil if no sentence can follow it.
func (s *segmenter) unlessLast(j *segJoint) *segJoint {
	if j.next == len(s.text) {
		return nil
	}
	return j
}

// readStop reads the joint whose stops begin at pos.
func (s *segmenter) readStop(j *segJoint) {
	i := s.pos
	*j = segJoint{at: i}
	periods, marks := 0, 0
	for {
		r, size := segRune(s.text, i)
		if segClassOf(r) != segStopper {
			break
		}
		switch r {
		case '.', '\u2024', '\ufe52', '\uff0e': // ATerm of UAX #29
			periods++
		case '…':
			periods += 3
		case '!', '?', '‼', '⁇', '⁈', '⁉':
			marks++
		}
		i = segSkipMarks(s.text, i+size)
		if segSpacedDot(s.text, i) {
			i++
		}
	}
	j.after = i
	switch {
	case marks > 0:
		j.stop = segMark
	case periods > 1:
		j.stop = segEllipsis
	case periods == 1:
		j.stop = segPeriod
	default:
		j.stop = segForeign
	}
	s.closers(j)
	s.tail(j)
	s.space(j)
	s.lookAt(j)
}

// closers reads the closing marks behind the stops of j: quotation marks and
// brackets, the marks of emphasis, and references to notes.
func (s *segmenter) closers(j *segJoint) {
	j.end = j.after
	quoted := s.quoted
	for {
		end, quote := segCloserAt(s.text, j.end, quoted)
		if end == j.end {
			return
		}
		j.quote = j.quote || quote
		quoted = quoted && s.text[end-1] != '"'
		j.end, j.closed = segSkipMarks(s.text, end), true
	}
}

// segCloserAt returns the end of the closing mark at byte i, or i if there is
// none, and whether it is a quotation mark. It is given whether a straight
// quotation mark is open.
func segCloserAt(text string, i int, quoted bool) (end int, quote bool) {
	at := i
	r, size := segRune(text, at)
	if segIsSpace(r) {
		// French sets its closing marks off by a space.
		at = segSkipBlanks(text, at)
		if r, size = segRune(text, at); segClassOf(r) != segCloser || segIsApostrophe(r) {
			return i, false
		}
	}
	switch {
	case r == '"':
		if segOpens(text, at, quoted) {
			return i, false
		}
		return at + size, true
	case r == '\'': // even before a letter: "the U.S.'s"
		return at + size, true
	case r == '“' || r == '‘' || r == '*' || r == '_':
		// These open more often; the two quotation marks close in German.
		if !segEndsAt(text, at+size) {
			return i, false
		}
		return at + size, true
	case r == '[':
		return segReference(text, at), false
	case segClassOf(r) == segCloser:
		return at + size, !segIsBracket(r)
	case unicode.Is(unicode.No, r): // the superscript number of a note
		return at + size, false
	}
	return i, false
}

// tail reads what belongs to the sentence although it stands behind its stop:
// emoji and links, and hashtags and mentions up to the end of the line.
func (s *segmenter) tail(j *segJoint) {
	for i := j.end; ; {
		i = segSkipBlanks(s.text, i)
		r, size := segRune(s.text, i)
		switch {
		case isPictograph(r):
			i = segSkipMarks(s.text, i+size)
		default:
			end := segURL(s.text, i, segOther)
			if end == i {
				if end = segFinalTags(s.text, i); end > i {
					j.end, j.tail = end, true
				}
				return
			}
			i = end
		}
		j.end, j.tail = i, true
	}
}

// space reads the white space behind j.end.
func (s *segmenter) space(j *segJoint) {
	i := j.end
	for i < len(s.text) {
		if n, paragraph := segLineBreak(s.text, i); n > 0 {
			i += n
			j.breaks++
			if paragraph {
				j.breaks++
			}
			continue
		}
		r, size := segRune(s.text, i)
		if !segIsSpace(r) {
			break
		}
		i += size
	}
	j.next = i
	j.gapped = i > j.end
}

// lookAt finds out what follows j, in sight of it.
func (s *segmenter) lookAt(j *segJoint) {
	i := j.next
	for range segMaxRun {
		r, size := segRune(s.text, i)
		class := segClassOf(r)
		switch {
		case class == segOpener || strings.ContainsRune("\"'’*_#@$¿¡", r) || unicode.Is(unicode.Sc, r):
			j.sign = r
			i += size
			continue
		case size == 0 || class == segSpace:
			j.sign = 0 // the marks open nothing
		case segContinues(r):
			j.look, j.class = i, segContinue
			return
		case class.isLetter():
			j.look, j.class, j.first = i, class, segWordFrom(s.text, i)
			if j.sign == '@' {
				j.class = segUpper // whatever its case, it is a name
			}
			return
		default:
			j.look, j.class = i, class
			return
		}
		break
	}
	j.look, j.class = j.next, segOther
}

// wordAt returns the word before the stops of j, or "" if there is none or it
// is too long to matter.
func (s *segmenter) wordAt(j *segJoint) string {
	if s.word < 0 || j.at-s.word > segMaxWord {
		return ""
	}
	return s.text[s.word:j.at]
}

// abbreviation returns the kind of the word before j.
func (s *segmenter) abbreviation(j *segJoint) segAbbreviation {
	word := s.wordAt(j)
	compound := strings.LastIndexByte(word, '-') + 1
	kind := segAbbreviationOf(word[compound:])
	if kind != segState {
		return kind
	}
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRight(s.text[s.from:s.word], " "))
	if s.capitalAt(s.word+compound) && (compound > 0 || before == ',' || before == '(') {
		return segFinal
	}
	return segNoAbbreviation
}

// capitalAt reports whether there is a capital at byte i.
func (s *segmenter) capitalAt(i int) bool {
	r, _ := segRune(s.text, i)
	return segClassOf(r) == segUpper
}

// standsAlone reports whether the letter at byte i is a word of one letter
// that may begin a sentence: "A" or "I".
func (s *segmenter) standsAlone(i int) bool {
	if c := s.text[i]; c != 'A' && c != 'I' || i+1 == len(s.text) {
		return false
	}
	r, _ := segRune(s.text, i+1)
	return r == ' ' || segIsApostrophe(r) && s.text[i] == 'I'
}

// speaks reports whether a name of at most three words and a verb of speech
// follow j: "Ms. Ito asked", "I said".
func (s *segmenter) speaks(j *segJoint) bool {
	if j.class != segUpper || segStarters[j.first] && len(j.first) > 1 && segAbbreviationOf(j.first) != segTitle {
		return false
	}
	i := j.look
	for range 4 {
		word := segWordFrom(s.text, i)
		if segSpeechVerbs[word] {
			return i > j.look
		}
		if word == "" || !s.capitalAt(i) {
			return false
		}
		i += len(word)
		if i < len(s.text) && s.text[i] == '.' {
			i++
		}
		i = segSkipBlanks(s.text, i)
	}
	return false
}

// glued reports whether one sentence ends and another begins at pos, between
// two characters that nothing separates: a headline, a standfirst, a date and
// a first sentence that lost their line breaks.
func (s *segmenter) glued(class segClass) bool {
	if class == segDigit {
		return s.last == segLower && s.gluedDate()
	}
	if class != segUpper || !s.last.isLetter() && s.last != segDigit && s.last != segCloser {
		return false
	}
	right := segWordFrom(s.text, s.pos)
	if r, _ := segRune(s.text, s.pos+len(right)); right == "" || segClassOf(r) == segDigit {
		return false
	}
	left, hump := segWordUpTo(s.text, s.from, s.pos)
	start := s.pos - len(left)
	tag, _ := utf8.DecodeLastRuneInString(s.text[s.from:start])
	lower := segIsLower(left)
	single := len(right) == 1
	starts := segStarters[right] || segDates[right]
	switch {
	case tag == '@', single && !s.standsAlone(s.pos):
		return false
	case !single && !segIsCapitalised(right):
		// Words that go on in capitals are names (#MeToo, McCarthy), except
		// long ones in capitals throughout: the place in a dateline.
		return lower && len(left) > 3 && len(right) > 3 && segIsUpper(right)
	case s.last == segCloser:
		return starts && s.gluedCloser(right)
	case s.last == segDigit:
		if segIsYear(left) && tag != '.' && tag != '#' {
			return true
		}
		return starts && len(right) > 2
	case tag == '#' && segTags[left]:
		return starts
	case left == "" || right == "A" && !(lower && len(left) > 2): // not "SerieA"
		return false
	case tag == '#' || hump:
		// Tags and names are written like this; they end before a dependent
		// word only.
		return segDependents[right] && !segCamelNames[left+right]
	case start == s.from && segKickers[left]:
		return true
	case lower:
		return len(left) > 3 || len(left) > 1 && starts
	case segIsCapitalised(left):
		return len(left) > 2 && starts && !segCamelNames[left+right]
	case single:
		return false
	case segZones[left]:
		return true
	}
	return len(left) > 1 && starts && len(right) > 2
}

// gluedCloser reports whether the closing mark before pos closes something, so
// that right may begin a sentence behind it, other than in "(s)He" and "Y’All".
func (s *segmenter) gluedCloser(right string) bool {
	mark, size := utf8.DecodeLastRuneInString(s.text[s.from:s.pos])
	at := s.pos - size
	switch {
	case segIsApostrophe(mark):
		word, _ := segWordUpTo(s.text, s.from, at)
		return len(word) > 2
	case segIsBracket(mark) && len(right) < 3:
		return false
	}
	before, _ := utf8.DecodeLastRuneInString(s.text[s.from:at])
	return !segIsSpace(before)
}

// gluedDate reports whether a date ("15 January") begins at pos, glued to the
// lower-case word before it.
func (s *segmenter) gluedDate() bool {
	i := s.pos
	for i < len(s.text) && s.text[i] >= '0' && s.text[i] <= '9' && i-s.pos < 3 {
		i++
	}
	if i-s.pos > 2 || i == len(s.text) || s.text[i] != ' ' || !segDates[segWordFrom(s.text, i+1)] {
		return false
	}
	left, _ := segWordUpTo(s.text, s.from, s.pos)
	return len(left) > 2 && segIsLower(left)
}

// wraps reports whether the line break of j, which is a single one, was made
// by wrapping: the paragraph is of the width of prose, most of its lines are
// full (the first word of the next would not have fitted), this one is, and no
// list item follows a stop. Before a capital, without a stop, that is not
// enough: two headlines of like length look the same, so the paragraph must
// have three full lines, or the line must end in a word that wants another.
func (s *segmenter) wraps(j *segJoint) bool {
	if j.next > s.wrap.end {
		s.wrap = segWrapOf(s.text, s.paragraph)
	}
	w := &s.wrap
	switch {
	case !w.isWrapped():
		return false
	case j.stop == segNoStop:
		if j.class != segLower && j.class != segContinue && w.full < 3 && !segConnectors[s.lastWord(j)] {
			return false
		}
	case segIsListItem(s.text[j.next:]):
		return false
	}
	line := utf8.RuneCountInString(s.text[s.line:j.end])
	return segIsFull(line, s.text[j.next:], w.width)
}

// lastWord returns the word that ends at j.
func (s *segmenter) lastWord(j *segJoint) string {
	word, _ := segWordUpTo(s.text, s.from, j.end)
	return word
}

// segWrap describes a paragraph: the lines up to the next blank one.
type segWrap struct {
	end    int // the offset at which it ends
	width  int // characters in its longest line
	breaks int // line breaks in it
	full   int // those after a line that the next word would not have fitted in
}

// isWrapped reports whether the paragraph is of the width of wrapped prose and
// at least three in four of its lines are full.
func (w *segWrap) isWrapped() bool {
	return segMinWidth <= w.width && w.width <= segMaxWidth && w.full*4 >= w.breaks*3
}

// segWrapOf measures the paragraph that begins at byte i.
func segWrapOf(text string, i int) segWrap {
	w := segWrap{end: i}
	for j := i; j < len(text); {
		end, next := segLine(text, j)
		n := utf8.RuneCountInString(text[j:end])
		if n == 0 {
			break
		}
		w.width = max(w.width, n)
		w.end, j = next, next
	}
	if w.width > segMaxWidth {
		return w // not wrapped; the rest does not matter
	}
	for end, next := segLine(text, i); next < w.end; end, next = segLine(text, i) {
		w.breaks++
		if segIsFull(utf8.RuneCountInString(text[i:end]), text[next:], w.width) {
			w.full++
		}
		i = next
	}
	return w
}

// segHeadline returns the end of the headline that begins at byte i, or 0 if
// there is none: a short line at the beginning of an article, that does not
// begin in lower case nor end in a stop. The first line of a wrapped paragraph
// is none.
func segHeadline(text string, i int) int {
	if len(text)-i < segMinArticle {
		return 0
	}
	start := text[i:min(len(text), i+(segMaxHeadline+1)*utf8.UTFMax)]
	end, next := segLine(start, 0)
	line := start[:end]
	first, _ := segRune(line, 0)
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(line, func(r rune) bool {
		return segClassOf(r) == segCloser || segIsQuote(r)
	}))
	switch {
	case next == len(start), len(text)-i-next < segMinArticle, utf8.RuneCountInString(line) > segMaxHeadline:
		return 0
	case segClassOf(first) == segLower, segClassOf(last) == segStopper:
		return 0
	}
	if w := segWrapOf(text, i); w.breaks > 0 && w.isWrapped() {
		return 0
	}
	return i + end
}

// segIsFull reports whether a line of n characters had no room, in a width, for
// the first word of the line that follows.
func segIsFull(n int, following string, width int) bool {
	following = following[segSkipSpace(following, 0):]
	for _, r := range following {
		if n >= width {
			return true
		}
		if segIsSpace(r) {
			return false
		}
		n++
	}
	return n >= width
}

// segLine returns where the line that begins at byte i ends, without the white
// space at its end, and where the next begins.
func segLine(text string, i int) (end, next int) {
	for end = i; i < len(text); {
		if n, _ := segLineBreak(text, i); n > 0 {
			return end, i + n
		}
		r, size := segRune(text, i)
		i += size
		if !segIsSpace(r) {
			end = i
		}
	}
	return end, len(text)
}

// segLineBreak returns the length of the line break at byte i, 0 if there is
// none, and whether it separates paragraphs.
func segLineBreak(text string, i int) (n int, paragraph bool) {
	switch rest := text[i:]; rest[0] {
	case '\n':
		return 1, false
	case '\r':
		if strings.HasPrefix(rest, "\r\n") {
			return 2, false
		}
		return 1, false
	case 0xc2:
		if strings.HasPrefix(rest, "\u0085") {
			return 2, false
		}
	case 0xe2:
		if strings.HasPrefix(rest, "\u2028") {
			return 3, false
		}
		if strings.HasPrefix(rest, "\u2029") {
			return 3, true
		}
	}
	return 0, false
}

// segLineStart returns where the last line that begins in the white space
// text[from:to] begins, or from if none does.
func segLineStart(text string, from, to int) int {
	start := from
	for i := from; i < to; {
		if n, _ := segLineBreak(text, i); n > 0 {
			i += n
			start = i
			continue
		}
		_, size := segRune(text, i)
		i += size
	}
	return start
}

// segListMarks begin a list item or a quotation of mail.
const segListMarks = "-–—*•·‣▪●>"

// segIsListItem reports whether a line begins like a list item: "- ", "• ",
// "3. ", "3) ".
func segIsListItem(line string) bool {
	r, size := segRune(line, 0)
	if strings.ContainsRune(segListMarks, r) {
		return strings.HasPrefix(line[size:], " ") || r == '>'
	}
	n := 0
	for n < len(line) && line[n] >= '0' && line[n] <= '9' {
		n++
	}
	return n > 0 && n < 3 && (strings.HasPrefix(line[n:], ". ") || strings.HasPrefix(line[n:], ") "))
}

// segBoundaries finds the sentence boundaries of UAX #29 in order. The package
// that knows them looks ahead from every mark in a run of marks, so that a
// long run would cost the square of its length. The text is therefore given to
// it in pieces: lines, which are independent of each other by rule SB4, and
// long runs of marks are cut.
type segBoundaries struct {
	text  string
	lines *sentences.Iterator[string]
	start int // of the piece being read
	end   int
	at    int // the last boundary found
}

// between reports whether there is a boundary in [from, to]. From one call to
// the next, from must not decrease.
func (b *segBoundaries) between(from, to int) bool {
	if b.lines == nil {
		b.lines = sentences.FromString("")
	}
	for b.at < from {
		if b.lines.Next() {
			b.at = b.start + b.lines.End()
			continue
		}
		if b.end == len(b.text) {
			return false
		}
		// What lies before the place asked about need not be read, but it is
		// context: skip whole lines only.
		b.start, b.end = b.end, segPieceEnd(b.text, b.end)
		for b.end < from && b.end < len(b.text) {
			b.start, b.end = b.end, segPieceEnd(b.text, b.end)
		}
		b.lines.SetText(b.text[b.start:b.end])
		b.at = b.start
	}
	return b.at <= to
}

// segPieceEnd returns where the piece that begins at byte i ends.
func segPieceEnd(text string, i int) int {
	run := 0
	for i < len(text) {
		if n, _ := segLineBreak(text, i); n > 0 {
			return i + n
		}
		r, size := segRune(text, i)
		i += size
		if c := segClassOf(r); c.isLetter() || c == segDigit {
			run = 0
		} else if run++; run >= segMaxRun {
			return i
		}
	}
	return i
}

// segClass is the class of a character, as far as the rules care.
type segClass uint8

const (
	segOther    segClass = iota
	segSpace             // white space, see Sentences
	segStopper           // stops, of every script, and the ellipsis
	segLower             // lower-case letters
	segUpper             // upper-case and title-case letters
	segLetter            // letters without case
	segDigit             // decimal digits
	segOpener            // opening brackets and quotation marks
	segCloser            // closing ones
	segMarking           // combining and invisible characters
	segContinue          // commas, colons, dashes (only used of what follows a stop)
)

func (c segClass) isLetter() bool { return c == segLower || c == segUpper || c == segLetter }

// segASCII holds the classes of the ASCII characters.
var segASCII = func() (classes [utf8.RuneSelf]segClass) {
	for r := range rune(utf8.RuneSelf) {
		classes[r] = segClassify(r)
	}
	return classes
}()

func segClassOf(r rune) segClass {
	if r < utf8.RuneSelf {
		return segASCII[r]
	}
	return segClassify(r)
}

func segClassify(r rune) segClass {
	switch {
	case unicode.IsLower(r):
		return segLower
	case unicode.IsUpper(r), unicode.IsTitle(r):
		return segUpper
	case unicode.IsLetter(r):
		return segLetter
	case unicode.IsDigit(r):
		return segDigit
	case segIsSpace(r):
		return segSpace
	case r == '…', unicode.Is(unicode.STerm, r):
		return segStopper
	case unicode.In(r, unicode.Ps, unicode.Pi):
		return segOpener
	case unicode.In(r, unicode.Pe, unicode.Pf):
		return segCloser
	case unicode.In(r, unicode.M, unicode.Cf) || r >= 0x1f3fb && r <= 0x1f3ff: // skin tones
		return segMarking
	}
	return segOther
}

func segIsSpace(r rune) bool {
	return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b'
}

// segContinues reports whether a character continues the sentence before it:
// commas, colons, semicolons and dashes (SContinue of UAX #29, in part).
func segContinues(r rune) bool {
	return strings.ContainsRune(",;:-–—\u060c\u3001\uff0c\uff1a\uff1b", r)
}

// segInWord reports whether r, which is no letter or digit, may stand in a word
// or abbreviation.
func segInWord(r rune) bool { return strings.ContainsRune("-'’&@#_$", r) }

func segIsApostrophe(r rune) bool { return r == '\'' || r == '’' }

func segIsBracket(r rune) bool { return unicode.Is(unicode.Pe, r) }

func segIsQuote(r rune) bool {
	return r == '"' || r == '\'' || unicode.In(r, unicode.Pi, unicode.Pf)
}

// segRune decodes the character at byte i. At the end of the text it is
// utf8.RuneError of length 0.
func segRune(text string, i int) (rune, int) {
	if i < len(text) && text[i] < utf8.RuneSelf {
		return rune(text[i]), 1
	}
	return utf8.DecodeRuneInString(text[i:])
}

// segSkipSpace returns the first byte from i on that is not white space.
func segSkipSpace(text string, i int) int {
	for i < len(text) {
		r, size := segRune(text, i)
		if !segIsSpace(r) {
			break
		}
		i += size
	}
	return i
}

// segSkipBlanks is segSkipSpace within a line.
func segSkipBlanks(text string, i int) int {
	for i < len(text) {
		r, size := segRune(text, i)
		if n, _ := segLineBreak(text, i); n > 0 || !segIsSpace(r) {
			break
		}
		i += size
	}
	return i
}

// segSkipMarks skips combining and invisible characters.
func segSkipMarks(text string, i int) int {
	for i < len(text) && text[i] >= utf8.RuneSelf {
		r, size := segRune(text, i)
		if segClassOf(r) != segMarking {
			break
		}
		i += size
	}
	return i
}

// segTrailingSpace returns the length of the white space at the end of a text.
func segTrailingSpace(text string) int {
	return len(text) - len(strings.TrimRightFunc(text, segIsSpace))
}

// segSpacedDot reports whether a space and a full stop that begins no word
// (".NET", ".5") follow, or a space and an ellipsis: stops may be spaced.
func segSpacedDot(text string, i int) bool {
	var size int
	switch rest := text[i:]; {
	case strings.HasPrefix(rest, " ."):
		size = len(" .")
	case strings.HasPrefix(rest, " …"):
		size = len(" …")
	default:
		return false
	}
	return segEndsAt(text, i+size)
}

// segOpens reports whether the straight quotation mark at byte i opens a
// quotation: by the space at its sides, or, if there is none or as much on
// both, by whether one is open already.
func segOpens(text string, i int, quoted bool) bool {
	before, size := utf8.DecodeLastRuneInString(text[:i])
	class := segClassOf(before)
	open := size == 0 || class == segSpace || class == segOpener || segContinues(before) && before != ','
	if closed := segEndsAt(text, i+1); open == closed {
		return !quoted
	}
	return open
}

// segEndsAt reports whether nothing that could begin a word stands at byte i.
func segEndsAt(text string, i int) bool {
	r, size := segRune(text, i)
	class := segClassOf(r)
	return size == 0 || class == segSpace || class == segStopper || class == segCloser || segContinues(r)
}

// segWordFrom returns the letters at byte i, or "" if there are none or too
// many for a word.
func segWordFrom(text string, i int) string {
	for end := i; end-i <= segMaxWord; {
		r, size := segRune(text, end)
		if !segClassOf(r).isLetter() {
			return text[i:end]
		}
		end += size
	}
	return ""
}

// segWordUpTo returns the letters, or the digits, that end at byte end, with
// the apostrophes among them, or "" if they are too many for a word; and
// whether a capital follows a lower-case letter among them.
func segWordUpTo(text string, from, end int) (word string, hump bool) {
	last, _ := utf8.DecodeLastRuneInString(text[from:end])
	digits := segClassOf(last) == segDigit
	after := segOther // class of the character read before, which stands after
	for i := end; end-i <= segMaxWord; {
		r, size := utf8.DecodeLastRuneInString(text[from:i])
		class := segClassOf(r)
		switch {
		case size > 0 && digits && class == segDigit:
		case size > 0 && !digits && (class.isLetter() || segIsApostrophe(r) && i < end):
			if class == segLower && after == segUpper {
				hump = true
			}
		default:
			return text[i:end], hump
		}
		after = class
		i -= size
	}
	return "", false
}

// segURL returns the end of the link at byte i, without the punctuation behind
// it, or i if there is none. A scheme begins one even in a word, a bare host
// only where a word begins; last is the class of the character before.
func segURL(text string, i int, last segClass) int {
	if i == len(text) {
		return i
	}
	found := false
	switch rest := text[i:]; rest[0] | 0x20 {
	case 'h':
		found = segHasPrefix(rest, "http://") || segHasPrefix(rest, "https://")
	case 'w':
		found = segHasPrefix(rest, "www.")
	case 'p':
		found = segHasPrefix(rest, "pic.twitter.com/")
	}
	if !found || text[i]|0x20 != 'h' && (last.isLetter() || last == segDigit) {
		return i
	}
	end := i
	for end < len(text) {
		r, size := segRune(text, end)
		if segIsSpace(r) || segIsQuote(r) && r != '\'' || strings.ContainsRune("<>{}|\\^`…", r) {
			break
		}
		end += size
	}
	return i + len(strings.TrimRight(text[i:end], ".,;:!?'’\")]"))
}

// segHasPrefix reports whether text begins with an ASCII prefix, given in lower
// case, in whatever case.
func segHasPrefix(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// segReference returns the end of the reference to a note ("[12]") at byte i,
// or i if there is none.
func segReference(text string, i int) int {
	for end := i + 1; end < len(text) && end-i < 5; end++ {
		switch c := text[end]; {
		case c == ']' && end > i+1:
			return end + 1
		case c < '0' || c > '9':
			return i
		}
	}
	return i
}

// segFinalTags returns the end of the hashtags and mentions that stand from
// byte i to the end of the line, or i if anything else does.
func segFinalTags(text string, i int) int {
	for end := i; ; {
		j := segSkipBlanks(text, end)
		r, size := segRune(text, j)
		n, _ := 0, false
		if size > 0 {
			n, _ = segLineBreak(text, j)
		}
		if size == 0 || n > 0 {
			return end
		}
		switch {
		case r == '#' || r == '@':
			tag := j + size
			for tag < len(text) {
				r, size := segRune(text, tag)
				if c := segClassOf(r); !c.isLetter() && c != segDigit && c != segMarking && r != '_' {
					break
				}
				tag += size
			}
			if tag == j+size {
				return i
			}
			end = tag
		case isPictograph(r) && end > i:
			end = segSkipMarks(text, j+size)
		default:
			if end = segURL(text, j, segOther); end == j {
				return i
			}
		}
	}
}
