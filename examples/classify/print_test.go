package main

import (
	"bufio"
	"bytes"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

// unescape undoes escape, as the manual describes it.
func unescape(t testing.TB, s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		i++
		require.Less(t, i, len(s), "a lone backslash at the end of %q", s)
		k := strings.IndexByte(`tnr\`, s[i])
		require.GreaterOrEqual(t, k, 0, "unknown escape in %q", s)
		b.WriteByte("\t\n\r\\"[k])
	}
	return b.String()
}

func TestPrinters(t *testing.T) {
	records := []record{
		{"a\tb.txt", 1, 3, 17, "Tab\t\\ and\r\nline", stance.Prediction{Label: stance.Favor, Probabilities: stance.Values{2.0 / 3, 0.25, 1.0 / 12}}},
		{"a\tb.txt", 2, 18, 24, "<é>\xFF", stance.Prediction{Label: stance.Against, Probabilities: stance.Values{0, 1, 0}}},
		{"a\tb.txt", 30, 1 << 30, 1<<30 + 5, "\x1b[2J!", stance.Prediction{Label: stance.None, Probabilities: stance.Values{0.125, 0.125, 0.75}}},
	}
	tests := []struct {
		name, format string
		options      printerOptions
		want         string
	}{
		{"text", "text", printerOptions{}, "" +
			"FAVOR    0.67  Tab \\ and line\n" +
			"AGAINST  1.00  <é>\uFFFD\n" +
			"NONE     0.75  \uFFFD[2J!\n"},
		{"coloured text with headings", "text", printerOptions{color: true, headings: true}, "" +
			"==> a b.txt <==\n" +
			"\x1b[32mFAVOR  \x1b[0m  0.67  Tab \\ and line\n" +
			"\x1b[31mAGAINST\x1b[0m  1.00  <é>\uFFFD\n" +
			"\x1b[2mNONE   \x1b[0m  0.75  \uFFFD[2J!\n"},
		{"tsv", "tsv", printerOptions{color: true, headings: true}, "" +
			"file\tn\tstart\tend\tlabel\tp_favor\tp_against\tp_none\ttext\n" +
			"a\\tb.txt\t1\t3\t17\tFAVOR\t0.6667\t0.2500\t0.0833\tTab\\t\\\\ and\\r\\nline\n" +
			"a\\tb.txt\t2\t18\t24\tAGAINST\t0.0000\t1.0000\t0.0000\t<é>\xFF\n" +
			"a\\tb.txt\t30\t1073741824\t1073741829\tNONE\t0.1250\t0.1250\t0.7500\t\x1b[2J!\n"},
		{"jsonl", "jsonl", printerOptions{color: true, headings: true}, "" +
			`{"file":"a\tb.txt","n":1,"start":3,"end":17,"label":"FAVOR","p_favor":0.6666666666666666,"p_against":0.25,"p_none":0.08333333333333333,"text":"Tab\t\\ and\r\nline"}` + "\n" +
			`{"file":"a\tb.txt","n":2,"start":18,"end":24,"label":"AGAINST","p_favor":0,"p_against":1,"p_none":0,"text":"<é>\ufffd"}` + "\n" +
			`{"file":"a\tb.txt","n":30,"start":1073741824,"end":1073741829,"label":"NONE","p_favor":0.125,"p_against":0.125,"p_none":0.75,"text":"\u001b[2J!"}` + "\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out bytes.Buffer
			w := bufio.NewWriter(&out)
			p := newPrinter[tt.format](w, tt.options)
			require.NoError(t, p.begin("a\tb.txt"))
			for i := range records {
				require.NoError(t, p.print(&records[i]))
			}
			require.NoError(t, w.Flush())
			assert.Equal(t, tt.want, out.String())
		})
	}
}

func TestColor(t *testing.T) {
	model := modelFile(t)
	tests := []struct {
		name   string
		env    environment
		format string
		want   bool
	}{
		{"terminal", environment{terminal: true}, "text", true},
		{"no terminal", environment{}, "text", false},
		{"NO_COLOR", environment{terminal: true, noColor: "1"}, "text", false},
		{"NO_COLOR of any value", environment{terminal: true, noColor: "0"}, "text", false},
		{"tsv", environment{terminal: true}, "tsv", false},
		{"jsonl", environment{terminal: true}, "jsonl", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := classify("It ruins decent men.", tt.env, "-model", model, "-format", tt.format)
			require.Zero(t, got.status, got.stderr)
			assert.Equal(t, tt.want, strings.Contains(got.stdout, "\x1b["))
			assert.NotContains(t, got.stderr, "\x1b")
		})
	}
}

// TestHostileText shows that a text can neither recolour, move the cursor, ring
// nor turn a line around.
func TestHostileText(t *testing.T) {
	model := modelFile(t)
	const content = "\x1b[31mRed\x1b[0m\x07 and \x1b]0;title\x07\x08\x08 back.\n" +
		"C1: \u009b31m and \x9b31m raw.\n" +
		"Turned: \u202egnihton\u202c \u2066x\u2069.\n" +
		"Delete \x7f and \x00 and \v\f.\n"
	for _, args := range [][]string{nil, {"-lines"}} {
		got := classify(content, environment{}, append(args, "-model", model)...)
		require.Zero(t, got.status, got.stderr)
		assert.True(t, utf8.ValidString(got.stdout))
		for _, r := range got.stdout {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)) {
				t.Errorf("%q reaches the terminal:\n%q", r, got.stdout)
			}
		}
		assert.Contains(t, got.stdout, "\uFFFD[31mRed\uFFFD[0m")
	}
}

func FuzzEscape(f *testing.F) {
	for _, s := range []string{"", "plain", "\t\n\r\\", `\t`, `\\t`, "\\\t", "\xFF\x00é", "\\"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e := escape(s)
		assert.False(t, strings.ContainsAny(e, "\t\n\r"), "%q ends a field or row", e)
		assert.Equal(t, s, unescape(t, e))
	})
}

// FuzzPrintable prints names of files and sentences: each is on a line of its
// own, and commands no terminal.
func FuzzPrintable(f *testing.F) {
	for _, s := range []string{"", "plain", "\x1b[31m", "\u009b", "\x9b", "\u202e", "a \t b\r\n", "==> x <=="} {
		f.Add(s, "text of "+s)
		f.Add("name of "+s, s)
	}
	f.Fuzz(func(t *testing.T, file, text string) {
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		p := newPrinter["text"](w, printerOptions{headings: true})
		require.NoError(t, p.begin(file))
		require.NoError(t, p.print(&record{File: file, N: 1, End: len(text), Text: text, Prediction: stance.Prediction{Label: stance.Favor, Probabilities: stance.Values{1, 0, 0}}}))
		require.NoError(t, w.Flush())
		lines := strings.Split(b.String(), "\n")
		require.Len(t, lines, 3)
		require.Equal(t, "==> "+program.Printable(file)+" <==", lines[0])
		require.True(t, strings.HasPrefix(lines[1], "FAVOR    1.00  "), lines[1])
		for _, line := range lines {
			for _, r := range line {
				require.False(t, unicode.IsControl(r) || r >= 0x202A && r <= 0x202E || r >= 0x2066 && r <= 0x2069, "%q in %q", r, line)
			}
		}
	})
}

// A sentence that the model is too unsure of has no label, in every format.
func TestMinConfidence(t *testing.T) {
	const text = "Critics say that the movement has gone too far."
	for format, want := range map[string]string{
		"text":  "?        0.",
		"tsv":   "-\t1\t0\t47\t\t0.",
		"jsonl": `"label":"",`,
	} {
		var stdout, stderr bytes.Buffer
		args := []string{"-lines", "-format", format, "-min-confidence", "0.99"}
		require.Zero(t, run(args, strings.NewReader(text), &stdout, &stderr, environment{}), &stderr)
		assert.Contains(t, stdout.String(), want)
		assert.Contains(t, stderr.String(), "1 sentence")
	}
	for _, p := range []string{"1.5", "-1", "NaN", "x", ""} {
		var stderr bytes.Buffer
		assert.Equal(t, 2, run([]string{"-min-confidence", p}, strings.NewReader(""), &stderr, &stderr, environment{}), p)
		assert.Contains(t, stderr.String(), "want a probability")
	}
}
