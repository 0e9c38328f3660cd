package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/eval"
)

var update = flag.Bool("update", false, "write the golden files anew")

// sampleTables have everything that a renderer must cope with.
func sampleTables() []*table {
	first := &table{
		name: "sample/first", title: "A table with 100 % of the_specials & more",
		columns: []column{
			textColumn("model", "model"), textColumn("set", "set"), counts("n", "sentences"),
			estimates("macro-F1", "macro-F1 of three classes"), figures("gain", "gain of F_avg"), pColumn(),
		},
		notes: []string{"A note that is longer than a line of text may be, so that it has to be broken, and that says what every figure is."},
	}
	first.add(text("=SUM(A1) | a"), text("one"), count(1200),
		estimate(eval.Interval{Estimate: 0.5, Low: 0.25, High: 0.75}), number(-0.0625), text("reference"))
	first.add(text(`50 % of #b_c {d} ~^\ "e" <f> $g$ & [h] *i* `+"`j`"), text("two\nlines"), count(7),
		estimate(eval.Interval{Estimate: 0, Low: 0, High: 0.0004, Warnings: []string{
			"class FAVOR was never predicted", "in 40 of 40 resamples: class FAVOR was never predicted", "in 3 of 40 resamples: class NONE was never predicted"}}),
		number(-0.0001), number(0.00009999))
	first.add(text("[bracket"), text(""), cell{},
		estimate(eval.Interval{Estimate: 1, Low: 1, High: 1, Warnings: []string{"in 5 of 40 resamples: class NONE was never predicted"}}),
		cell{}, number(1))
	second := &table{
		name: "sample/second", title: "A table about one model", model: "the only model",
		columns: []column{textColumn("part", "part"), {head: "share", metric: "share, 0 to 100", digits: 1}},
	}
	second.add(text("größer als ½"), figure(eval.Figure{Value: 0.12345}).scaled(100))
	return []*table{first, second}
}

func rendered(t *testing.T, format string) string {
	t.Helper()
	var b bytes.Buffer
	for i, table := range sampleTables() {
		require.NoError(t, renderers[format](&b, table, i == 0))
	}
	return b.String()
}

func TestRenderers(t *testing.T) {
	require.Len(t, renderers, len(formats))
	for _, format := range formats {
		t.Run(format, func(t *testing.T) {
			got := rendered(t, format)
			golden := filepath.Join("testdata", format+".golden")
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o644))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

func TestCSVReadsBack(t *testing.T) {
	for i, part := range strings.Split(rendered(t, "csv"), "\n\n") {
		records, err := csv.NewReader(strings.NewReader(part)).ReadAll()
		require.NoError(t, err, "every table is rectangular")
		assert.Equal(t, "table", records[0][0])
		assert.Equal(t, sampleTables()[i].name, records[1][0])
	}
	records, err := csv.NewReader(strings.NewReader(strings.Split(rendered(t, "csv"), "\n\n")[0])).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"table", "model", "set", "sentences", "macro-F1 of three classes", "macro-F1 of three classes: low", "macro-F1 of three classes: high", "gain of F_avg", pColumn().metric}, records[0])
	assert.Equal(t, "'=SUM(A1) | a", records[1][1], "a formula is not one any more")
	assert.Equal(t, "-0.062", records[1][7], "a negative number is no formula")
}

func TestJSONLines(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(rendered(t, "json"), "\n"), "\n")
	assert.Len(t, lines, 3+4+2+1, "one for each figure")
	for _, line := range lines {
		var object map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &object), line)
		for _, key := range []string{"table", "model", "metric", "value"} {
			assert.Contains(t, object, key, line)
		}
	}
	assert.JSONEq(t, `{"table": "sample/second", "model": "the only model", "part": "größer als ½", "metric": "share, 0 to 100", "value": 12.345}`, lines[len(lines)-1])
}

func TestEscapeFormula(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"text", "linear SVM", "linear SVM"},
		{"equals", "=1+1", "'=1+1"},
		{"mention", "@name", "'@name"},
		{"sign inside", "words + characters", "words + characters"},
		{"quoted once more", "'=1", "''=1"},
		{"quote before text", "'tis", "'tis"},
		{"tab", "\t=1", "'\t=1"},
		{"full width", "＝1", "'＝1"},
	} {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, escapeFormula(c.in)) })
	}
}

func TestFormatHasNoNegativeZero(t *testing.T) {
	c := figures("", "x")
	assert.Equal(t, "0.000", c.format(-0.0001))
	assert.Equal(t, "-0.001", c.format(-0.0006))
	assert.Equal(t, "-10.000", c.format(-10))
	assert.Equal(t, "0", counts("", "x").format(-0.2))
}

// Wrapping loses no word and keeps to the width where words allow it.
func TestWrap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOf(rapid.StringMatching(`[a-zé½]{1,12}`)).Draw(t, "words")
		width := rapid.IntRange(1, 30).Draw(t, "width")
		lines := wrap(strings.Join(words, " "), width)
		if joined := strings.Join(lines, " "); joined != strings.Join(words, " ") {
			t.Fatalf("%q", joined)
		}
		for i, line := range lines {
			if utf8.RuneCountInString(line) > width && strings.Contains(line, " ") {
				t.Fatalf("line %d is too long: %q", i, line)
			}
		}
	})
}

// What LaTeX would take for a command, a comment or an argument is none.
func TestEscapeLaTeX(t *testing.T) {
	for in, want := range map[string]string{
		`50 % & more_`: `50 \% \& more\_`,
		`\input{x}`:    `\textbackslash{}input\{x\}`,
		`[1, 2]`:       `{[}1, 2{]}`,
		`a<b|c>"d"`:    `a\textless{}b\textbar{}c\textgreater{}\textquotedbl{}d\textquotedbl{}`,
		"two\nlines":   "two lines",
	} {
		assert.Equal(t, want, escapeLaTeX(in))
	}
}
