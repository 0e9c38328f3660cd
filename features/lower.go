package features

import (
	"unicode"
	"unicode/utf8"
)

// byteClass says what an ASCII byte can be part of.
type byteClass uint8

const (
	classOther   byteClass = iota // separates tokens
	classLetter                   // a-z, A-Z
	classDigit                    // 0-9
	classUnder                    // _
	classUnicode                  // part of a multi-byte sequence, or an invalid byte
)

var (
	classOf [256]byteClass
	lowerOf [256]byte // ASCII letters in lower case, every other byte as it is

	spaceASCII [256]bool // what isSpace says of ASCII
)

func init() {
	for i := range 256 {
		b := byte(i)
		lowerOf[i] = b
		spaceASCII[i] = b < utf8.RuneSelf && isSpace(rune(b))
		switch {
		case b >= 'a' && b <= 'z':
			classOf[i] = classLetter
		case b >= 'A' && b <= 'Z':
			classOf[i] = classLetter
			lowerOf[i] = b + ('a' - 'A')
		case b >= '0' && b <= '9':
			classOf[i] = classDigit
		case b == '_':
			classOf[i] = classUnder
		case b >= utf8.RuneSelf:
			classOf[i] = classUnicode
		}
	}
}

const (
	dottedI      = '\u0130' // LATIN CAPITAL LETTER I WITH DOT ABOVE
	combiningDot = '\u0307'
	sigma        = '\u03a3' // GREEK CAPITAL LETTER SIGMA
	smallSigma   = '\u03c3'
	finalSigma   = '\u03c2'
)

// appendLower appends the full Unicode lower case of r, which stands at
// text[i:]. It differs from unicode.ToLower in the two letters whose lower
// case is not one rune or depends on the context (Unicode, SpecialCasing.txt):
// the dotted capital I and the Greek sigma. It is what Python's str.lower does,
// which scikit-learn uses.
func appendLower(dst []byte, text string, i int, r rune) []byte {
	switch r {
	case dottedI:
		dst = append(dst, 'i')
		return utf8.AppendRune(dst, combiningDot)
	case sigma:
		if isFinalSigma(text, i) {
			return utf8.AppendRune(dst, finalSigma)
		}
		return utf8.AppendRune(dst, smallSigma)
	}
	return utf8.AppendRune(dst, unicode.ToLower(r))
}

// isFinalSigma reports whether the capital sigma at text[i:] ends its word: a
// cased letter stands before it, none after it, case-ignorable characters
// between them left out (the condition Final_Sigma of the Unicode standard,
// section 3.13). The search stops after maxIgnorable characters, so that marks
// without end cannot make the whole text quadratic.
func isFinalSigma(text string, i int) bool {
	const maxIgnorable = 32
	before := false
	for n, j := 0, i; j > 0 && n < maxIgnorable; n++ {
		r, size := utf8.DecodeLastRuneInString(text[:j])
		j -= size
		if isCaseIgnorable(r) {
			continue
		}
		before = isCased(r)
		break
	}
	if !before {
		return false
	}
	for n, j := 0, i+utf8.RuneLen(sigma); j < len(text) && n < maxIgnorable; n++ {
		r, size := utf8.DecodeRuneInString(text[j:])
		j += size
		if isCaseIgnorable(r) {
			continue
		}
		return !isCased(r)
	}
	return true
}

func isCased(r rune) bool {
	return unicode.IsUpper(r) || unicode.IsLower(r) || unicode.IsTitle(r) ||
		unicode.Is(unicode.Other_Lowercase, r) || unicode.Is(unicode.Other_Uppercase, r)
}

func isCaseIgnorable(r rune) bool {
	switch r {
	case '\'', '.', ':', '\u00b7', '\u2018', '\u2019', '\u2024', '\u2027':
		return true
	}
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk)
}

// isWordRune reports whether r belongs to \w as Python's re module defines it
// for text: a letter, a number of any kind, or the underscore.
func isWordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsNumber(r) || r == '_'
}

// isSpace reports whether r is white space as Python's str.isspace defines it:
// Unicode's White_Space and the four ASCII separators 0x1C to 0x1F.
func isSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
}
