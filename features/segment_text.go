package features

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/sentences"
)

// Characters and words as the segmenter sees them.

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
