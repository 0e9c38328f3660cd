package data

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/metoostance/stance"
	"github.com/stretchr/testify/require"
)

// spreadsheetCells reads a table as spreadsheets do, which know no TSV without
// quotes: a quote at the beginning of a cell opens a quotation that may hold
// separators and line ends, and what follows its end belongs to the cell.
func spreadsheetCells(content string, separator byte) []string {
	var cells []string
	for i := 0; i < len(content); i++ {
		var cell []byte
		if content[i] == '"' {
			for i++; i < len(content); i++ {
				if content[i] == '"' {
					if i++; i == len(content) || content[i] != '"' {
						break
					}
				}
				cell = append(cell, content[i])
			}
		}
		for ; i < len(content) && content[i] != separator && content[i] != '\n'; i++ {
			cell = append(cell, content[i])
		}
		cells = append(cells, string(cell))
	}
	return cells
}

var formulas = []string{
	"=cmd()", "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠x", `"=1+1"`, `""=1+1`, `"""=1`, `'"=1`,
	`"',=1`, `a","=1`, "a\t=1", "a\n=1", "'=1", "''=1", `"'=1"`, "<script>alert(1)</script>", `\input{x}`, "\ufeff=1", " =1", "a;=1", "\x00=1", "\xff=1", "",
}

// FuzzWritePredictions writes any text in any format: either nothing is written
// and the error names the example, or what is written reads back as it was, and
// a spreadsheet finds no formula in it.
func FuzzWritePredictions(f *testing.F) {
	for i, text := range formulas {
		for format := range uint8(4) {
			f.Add(text, "x", format)
			f.Add(text, formulas[(i+7)%len(formulas)], format)
		}
	}
	f.Fuzz(func(t *testing.T, one, two string, n uint8) {
		format := CSV + Format(n%4)
		examples := []stance.Example{
			{ID: "1" + two, Text: one, Label: stance.Favor, Group: two, Document: one, Target: two},
			{ID: "2" + one, Text: two, Group: one},
		}
		predictions := []stance.Prediction{
			{Label: stance.None, Probabilities: stance.Values{0.25, 0.25, 0.5}},
			{Probabilities: stance.Values{0.4, 0.3, 0.3}}, // abstained
		}
		var b bytes.Buffer
		if err := WritePredictions(&b, format, examples, predictions); err != nil {
			require.Empty(t, b.String())
			require.Regexp(t, `^example [12] \(id "`, err.Error())
			both := one + " " + two
			held := utf8.ValidString(both)
			if format != JSONLines {
				held = held && !strings.Contains(both, "\x00")
			}
			if format == TSV {
				held = held && !strings.ContainsAny(both, "\t\r\n")
			}
			require.False(t, held, "%v", err)
			return
		}
		content := b.String()
		if format != JSONLines {
			separator := byte('\t')
			if format == CSV {
				separator = ','
			}
			for _, cell := range spreadsheetCells(content, separator) {
				if format == TSV {
					// A quotation that is not closed has swallowed the cells
					// that follow; those begin with no sign either.
					cell = strings.TrimLeft(cell, "\t\r\n")
				}
				r, _ := utf8.DecodeRuneInString(cell)
				require.False(t, strings.ContainsRune("=+-@\t\r\n＝＋－＠", r), "%q in %q", cell, content)
			}
		}
		got, err := Read(&b, "x", ReadOptions{Format: format, AllowUnlabelled: true, UnescapeFormulas: true})
		if strings.TrimSpace(one) == "" || strings.TrimSpace(two) == "" {
			require.ErrorIs(t, err, errEmptyText)
			return
		}
		require.NoError(t, err, "%q", content)
		require.Equal(t, examples, got)
	})
}
