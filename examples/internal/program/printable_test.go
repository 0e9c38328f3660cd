package program

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
)

func TestPrintable(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"plain", "Don't “stop” #MeToo.", "Don't “stop” #MeToo."},
		{"line ends", "one\r\n  two\tthree\u2028four\u0085five", "one two three four five"},
		{"emoji with joiners", "👩🏽‍⚖️", "👩🏽‍⚖️"},
		{"marks of direction are needed in names", "\u200fשלום", "\u200fשלום"},
		{"controls", "\x00\x1b\x7f\u0080\u009f", strings.Repeat("\uFFFD", 5)},
		{"directions", "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", strings.Repeat("\uFFFD", 9)},
		{"bytes", "\x80\xFF", "\uFFFD\uFFFD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { assert.Equal(t, tt.want, Printable(tt.text)) })
	}
}

func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"", "plain", "\x1b[31m", "\u009b", "\x9b", "\u202e", "a \t b", "\uFFFD"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p := Printable(s)
		assert.True(t, utf8.ValidString(p))
		for _, r := range p {
			assert.False(t, unicode.IsControl(r) || unicode.Is(directional, r), "%q in %q", r, p)
		}
		assert.NotContains(t, p, "  ")
		assert.Equal(t, p, Printable(p), "what is printable stays what it is")
	})
}
