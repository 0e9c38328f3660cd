package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// hostileNames are names that want to be more than text.
var hostileNames = []string{
	"", "plain", "=cmd()", `"=1"`, "@x", "＝1", "-1", "\t=1", "\r\n=1", "a,b", `a"b`, `\input{/etc/passwd}`, `\\`, `\`, "^^5cinput", "%", "$x$", "{", "}", "&", "#1",
	"[1]", "]", "~", "_", "`", "``", "|", "a|b", "<script>alert(1)</script>", "&lt;", "![x](y)", "*x*", "\n\n# x", "\x1b[31m", "\u009b", "\x00", "\f", "\u2028", "\u202ex",
	"\xff", "\u0301", "\ufffd", "\\\n",
}

// readTeX reads what escapeLaTeX has written as TeX would, and fails on
// whatever is not plain text.
func readTeX(t require.TestingT, s string) string {
	named := map[string]string{
		"textbackslash": `\`, "textasciicircum": "^", "textasciitilde": "~", "textless": "<", "textgreater": ">", "textbar": "|", "textquotedbl": `"`,
	}
	var b strings.Builder
	for len(s) > 0 {
		switch c := s[0]; c {
		case '\\':
			n := 1
			for n < len(s) && (s[n]|0x20 >= 'a' && s[n]|0x20 <= 'z') {
				n++
			}
			if n == 1 {
				require.Greater(t, len(s), 1, "a backslash at the end")
				require.Contains(t, "{}$&#%_", s[1:2])
				b.WriteByte(s[1])
				s = s[2:]
				continue
			}
			require.Contains(t, named, s[1:n])
			require.True(t, strings.HasPrefix(s[n:], "{}"), "%q", s)
			b.WriteString(named[s[1:n]])
			s = s[n+2:]
		case '{':
			require.True(t, strings.HasPrefix(s, "{[}") || strings.HasPrefix(s, "{]}"), "%q", s)
			b.WriteByte(s[1])
			s = s[3:]
		default:
			require.NotContains(t, "}$&#^_~%[]\"<>|", string(c))
			require.False(t, c < ' ' || c == 0x7f, "%q", s)
			b.WriteByte(c)
			s = s[1:]
		}
	}
	return b.String()
}

// readMarkdown undoes escapeMarkdown and fails on what Markdown or HTML would
// take for a sign.
func readMarkdown(t require.TestingT, s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '\\':
			i++
			require.Less(t, i, len(s), "a backslash at the end")
			require.True(t, s[i] > ' ' && s[i] < 0x7f && !unicode.IsLetter(rune(s[i])) && !unicode.IsDigit(rune(s[i])), "%q", s[i:])
			b.WriteByte(s[i])
		case '&':
			require.True(t, strings.HasPrefix(s[i:], "&amp;"), "%q", s[i:])
			b.WriteByte(c)
			i += len("amp;")
		default:
			require.NotContains(t, "|`*_<>[]#~\r\n", string(c))
			b.WriteByte(c)
		}
	}
	return b.String()
}

// FuzzEscapes escapes any text: it is on one line, has no meaning but its own to
// TeX, Markdown, HTML or a terminal, and reads as it was.
func FuzzEscapes(f *testing.F) {
	for _, s := range hostileNames {
		f.Add(s)
		f.Add("a " + s + s + " b")
	}
	f.Fuzz(func(t *testing.T, s string) {
		line := oneLine(s)
		require.True(t, utf8.ValidString(line))
		for _, r := range line {
			require.False(t, unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) && r != '\u200e' && r != '\u200f' && r != '\u061c', "%q", line)
		}
		require.Equal(t, utf8.RuneCountInString(s), utf8.RuneCountInString(line))
		require.Equal(t, line, oneLine(line))
		require.Equal(t, strings.ReplaceAll(line, "\ufffd", "?"), readTeX(t, escapeLaTeX(s)))
		require.Equal(t, line, readMarkdown(t, escapeMarkdown(s)))
	})
}

// FuzzRenderers puts any text wherever a table has texts: the table has the same
// cells as with a harmless one, and the text is read out of them again.
func FuzzRenderers(f *testing.F) {
	for _, s := range hostileNames {
		f.Add(s)
	}
	make := func(s string) *table {
		t := &table{name: "sample/any", title: "Of " + s, model: "m" + s, columns: []column{textColumn("head "+s, "key"), figures("n", "metric")}, notes: []string{"Note: " + s}}
		t.add(text(s), cell{numeric: true, value: 0.5, warnings: []string{"warning " + s}})
		t.add(text("next"), number(0.25))
		return t
	}
	render := func(t *testing.T, format, s string) string {
		var b bytes.Buffer
		require.NoError(t, renderers[format](&b, make(s), true))
		return b.String()
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, format := range []string{"latex", "markdown"} {
			harmless := strings.Split(render(t, format, "x"), "\n")
			lines := strings.Split(render(t, format, s), "\n")
			require.Len(t, lines, len(harmless), format)
		}
		// Wherever the text stands, it is escaped.
		const mark = "QXQ"
		escapes := map[string]func(string) string{"latex": escapeLaTeX, "markdown": escapeMarkdown}
		for format, escape := range escapes {
			want := strings.ReplaceAll(render(t, format, mark), mark, escape(s))
			require.Equal(t, want, render(t, format, s), format)
		}
		for _, r := range render(t, "text", s) {
			require.True(t, r == '\n' || !unicode.IsControl(r), "%q", r)
		}

		records, err := csv.NewReader(strings.NewReader(render(t, "csv", s))).ReadAll()
		require.NoError(t, err)
		require.Len(t, records, 3)
		for _, record := range records {
			require.Len(t, record, 4)
			for _, x := range record {
				r, _ := utf8.DecodeRuneInString(x)
				require.False(t, strings.ContainsRune("=+-@\t\r\n＝＋－＠", r), "%q", x)
			}
		}
		// encoding/csv reads CR LF as LF.
		require.Equal(t, strings.ReplaceAll(escapeFormula(s), "\r\n", "\n"), records[1][2])

		for _, line := range strings.Split(strings.TrimSuffix(render(t, "json", s), "\n"), "\n") {
			var object map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &object))
			require.Equal(t, "m"+string([]rune(s)), object["model"])
		}
	})
}
