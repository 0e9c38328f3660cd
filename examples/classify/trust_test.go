package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/data"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

func TestFormulasAreText(t *testing.T) {
	for in, want := range map[string]string{
		"=cmd()": "'=cmd()", "+1": "'+1", "-1": "'-1", "@all": "'@all", "＝1": "'＝1", "＋1": "'＋1", "－1": "'－1", "＠all": "'＠all",
		`"=1"`: `'"=1"`, `""=1`: `'""=1`, "'=1": "''=1", "'tis": "'tis", "1=1": "1=1", `"Why?"`: `"Why?"`, "": "", "'": "'",
	} {
		assert.Equal(t, want, escapeFormula(in))
	}
	got := classify("=HYPERLINK(\"https://example.org\")\n<b>x</b>\n\\input{x}\n- a list\n", environment{}, "-model", modelFile(t), "-lines", "-format", "tsv")
	require.Zero(t, got.status, got.stderr)
	var texts []string
	for _, line := range strings.Split(strings.TrimSpace(got.stdout), "\n")[1:] {
		assert.True(t, strings.HasPrefix(line, "-\t"), "the name of standard input is no formula")
		texts = append(texts, line[strings.LastIndexByte(line, '\t')+1:])
	}
	assert.Equal(t, []string{`'=HYPERLINK("https://example.org")`, "<b>x</b>", `\\input{x}`, "'- a list"}, texts)
}

// FuzzTSVCells writes any text and any name of a file: they are one row, of
// which no cell is a formula, and package data reads both back.
func FuzzTSVCells(f *testing.F) {
	for _, s := range []string{"=cmd()", "+1", "-1", "@a", "＝1", `"=1"`, `""=1`, "'=1", "'tis", "\t=1", "\n=1", "\r=1", "\xff=1", "\\=1", "\x00", "-", ""} {
		f.Add(s, "x"+s)
		f.Add("x"+s, s)
	}
	f.Fuzz(func(t *testing.T, file, text string) {
		var b bytes.Buffer
		w := bufio.NewWriter(&b)
		p := newTSVPrinter(w)
		require.NoError(t, p.print(&record{File: file, N: 1, End: len(text), Text: text, Prediction: stance.Prediction{Label: stance.None}}))
		require.NoError(t, w.Flush())
		rows := strings.Split(b.String(), "\n")
		require.Len(t, rows, 3)
		cells := strings.Split(rows[1], "\t")
		require.Len(t, cells, 9)
		for _, i := range []int{0, 8} {
			if cells[i] == standardInput && i == 0 {
				continue
			}
			bare := strings.TrimLeft(cells[i], `"`) // which spreadsheets take away
			r, _ := utf8.DecodeRuneInString(bare)
			require.False(t, strings.ContainsRune("=+-@＝＋－＠", r), "%q", cells[i])
		}
		if !utf8.ValidString(file+"|"+text) || strings.Contains(file+text, "\x00") || strings.TrimSpace(text) == "" {
			return // what package data refuses
		}
		examples, err := data.Read(&b, "x", data.ReadOptions{Format: data.TSV, Columns: data.Columns{Document: "file"}, UnescapeFormulas: true})
		require.NoError(t, err)
		require.Len(t, examples, 1)
		require.Equal(t, text, unescape(t, examples[0].Text))
		require.Equal(t, file, unescape(t, examples[0].Document))
	})
}

// FuzzRun labels any bytes in every format: there is a row for each sentence or
// line, offsets are those of the bytes, and a terminal is not commanded.
func FuzzRun(f *testing.F) {
	for _, s := range []string{
		"", "\uFEFF", "\xff\xfe", "\xfe\xff\x00a", "Yes. No!\n\nWhy?", "=cmd()\n\"=1\"\n", "\x1b[31mred\x1b[0m\x07\n", "\u202ex\u202c", "\x00\xff\xc0", "e\u0301\u0301",
		"\r\n \r\n\r", "a\\t\tb", "\u200b\ufeff", "\xef\xbb", "I.\u2028II.", "<script>", "\xed\xa0\x80", "\x1f\x8b\x08", "%PDF-1.7", "PK\x03",
	} {
		f.Add(s)
	}
	path := filepath.Join(f.TempDir(), "tiny.model")
	m, err := tinyModel()
	require.NoError(f, err)
	require.NoError(f, m.SaveFile(path))
	f.Fuzz(func(t *testing.T, content string) {
		for _, lines := range []string{"-lines=false", "-lines"} {
			text := classify(content, environment{}, "-model", path, lines)
			for _, r := range text.stdout + text.stderr {
				require.True(t, r == '\n' || program.Printable(string(r)) == string(r), "%q in %q", r, text.stdout)
			}
			require.True(t, utf8.ValidString(text.stdout+text.stderr))
			tsv := classify(content, environment{}, "-model", path, lines, "-format", "tsv")
			jsonl := classify(content, environment{}, "-model", path, lines, "-format", "jsonl")
			require.Equal(t, text.status, tsv.status)
			require.Equal(t, text.stderr, tsv.stderr)
			require.Equal(t, text.stderr, jsonl.stderr)
			if _, problem := program.CheckText([]byte(content)); problem != nil {
				require.Equal(t, 1, text.status)
				require.Contains(t, text.stderr, problem.Error())
				continue
			}
			require.Zero(t, text.status, text.stderr)
			objects := strings.SplitAfter(jsonl.stdout, "\n")
			rows := strings.SplitAfter(tsv.stdout, "\n")[1:]
			require.Len(t, rows, len(objects))
			require.Len(t, strings.Split(text.stdout, "\n"), len(objects))
			end := 0
			for i, object := range objects[:len(objects)-1] {
				var r struct {
					Start, End int
					Text       string
				}
				require.NoError(t, json.Unmarshal([]byte(object), &r))
				require.True(t, end <= r.Start && r.Start < r.End && r.End <= len(content))
				require.True(t, blank(strings.TrimPrefix(content[end:r.Start], "\uFEFF")), "%q is in no row", content[end:r.Start])
				sentence := content[r.Start:r.End]
				require.Equal(t, strings.ToValidUTF8(sentence, "\uFFFD") == sentence, r.Text == sentence)
				cells := strings.Split(strings.TrimSuffix(rows[i], "\n"), "\t")
				require.Len(t, cells, 9)
				cell := cells[8]
				if escapeFormula(escape(sentence)) != escape(sentence) {
					require.Equal(t, byte('\''), cell[0])
					cell = cell[1:]
				}
				require.Equal(t, sentence, unescape(t, cell))
				end = r.End
			}
			require.True(t, blank(content[end:]), "%q is in no row", content[end:])
		}
	})
}
