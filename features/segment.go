package features

import (
	"iter"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
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
