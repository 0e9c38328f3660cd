package program

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable returns s as one line that has no effect on a terminal but to show
// it. Runs of white space become one space. Control characters, the characters
// that turn the direction of writing, and bytes that are not valid UTF-8 (of
// which some are control characters to terminals that do not expect UTF-8)
// become U+FFFD. It serves what is printed of arguments, names of files and the
// content of files, none of which is to be trusted.
func Printable(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		if unicode.IsSpace(r) {
			if !space {
				b.WriteByte(' ')
			}
			space = true
			continue
		}
		space = false
		if unicode.IsControl(r) || unicode.Is(directional, r) {
			r = utf8.RuneError
		}
		b.WriteRune(r) // an invalid byte is read as U+FFFD
	}
	return b.String()
}

// directional are the embeddings, overrides and isolates of the Unicode
// bidirectional algorithm (UAX #9, section 2), which can make a line read as
// something that it is not.
var directional = &unicode.RangeTable{R16: []unicode.Range16{{Lo: 0x202A, Hi: 0x202E, Stride: 1}, {Lo: 0x2066, Hi: 0x2069, Stride: 1}}}
