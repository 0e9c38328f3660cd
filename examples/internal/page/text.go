package page

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A piece of a text is shown as it is or, if it is a code, in a frame that
// tells it from the text around it.
type piece struct {
	Text string
	Code bool
}

// pieces returns what is shown of s. White space that HTML or a terminal could
// take for more than a space becomes one; bytes that are not valid UTF-8 become
// U+FFFD; and of control characters and of those that turn the direction of
// writing, which nobody would see, the code points are shown.
func pieces(s string) []piece {
	if s == "" {
		return nil
	}
	if plain(s) {
		return []piece{{Text: s}}
	}
	var all []piece
	var b strings.Builder
	for _, r := range s { // an invalid byte is read as U+FFFD
		switch {
		case unicode.IsSpace(r) && !unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		case hidden(r):
			if b.Len() > 0 {
				all = append(all, piece{Text: b.String()})
				b.Reset()
			}
			all = append(all, piece{Text: fmt.Sprintf("U+%04X", r), Code: true})
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() > 0 {
		all = append(all, piece{Text: b.String()})
	}
	return all
}

// plain reports whether s can be shown as it is, as nearly every sentence can.
func plain(s string) bool {
	for i, r := range s {
		switch {
		case r < ' ' || r >= 0x7F && r < 0xA0 || r == 0x2028 || r == 0x2029 || hidden(r):
			return false
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return false
			}
		}
	}
	return true
}

// hidden reports whether nobody would see a character, or only by what it does
// to others.
func hidden(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(directional, r) || nonCharacter(r)
}

// nonCharacter reports whether r is one of the 66 code points that never will be
// a character (The Unicode Standard, section 23.7). HTML does not allow them.
func nonCharacter(r rune) bool { return r&0xFFFE == 0xFFFE || 0xFDD0 <= r && r <= 0xFDEF }

// directional are the embeddings, overrides and isolates of the Unicode
// bidirectional algorithm (UAX #9, section 2). The three marks that do no more
// than stand for a letter of one direction are left to it: every sentence is
// isolated from the others.
var directional = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x202A, Hi: 0x202E, Stride: 1}, {Lo: 0x2066, Hi: 0x2069, Stride: 1}}}
