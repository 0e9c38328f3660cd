package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"example.org/metoostance/data"
	"example.org/metoostance/examples/internal/page"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// readGold reads the gold labels of a text, the document of that name. What is
// wrong with the file is a [data.ParseError].
func readGold(file, document, text string) ([]page.Gold, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return parseGold(file, string(content), document, text)
}

// goldColumns are the names of the columns that are read, in the order of
// goldRow. The first three must exist.
var goldColumns = [...]string{"start", "end", "label", "doc", "sha256"}

const requiredColumns = 3

// goldTable reads the rows of one file.
type goldTable struct {
	file  string
	width int                   // number of columns
	place [len(goldColumns)]int // of each column in a row, -1 if it is missing
	line  int                   // that is being read
}

// goldRow holds the fields of a row. Those of missing columns are empty.
type goldRow [len(goldColumns)]string

// errorAt is an error in a field, by the index of its column in goldColumns.
func (t *goldTable) errorAt(column int, format string, args ...any) error {
	return &data.ParseError{File: t.file, Line: t.line, Column: t.place[column] + 1, Err: fmt.Errorf(format, args...)}
}

func parseGold(file, content, document, text string) ([]page.Gold, error) {
	t := &goldTable{file: file, line: 1}
	var gold []page.Gold
	content = strings.TrimPrefix(content, "\uFEFF")
	if content == "" {
		return nil, &data.ParseError{File: file, Err: errors.New("no header: the file is empty")}
	}
	for line := range strings.Lines(content) {
		line = strings.TrimSuffix(strings.TrimSuffix(line, "\n"), "\r")
		fields := strings.Split(line, "\t")
		if t.line == 1 {
			if err := t.header(fields); err != nil {
				return nil, err
			}
			t.line++
			continue
		}
		if len(fields) != t.width {
			return nil, &data.ParseError{File: file, Line: t.line, Err: fmt.Errorf("row of %d fields, want %d as in the header", len(fields), t.width)}
		}
		var row goldRow
		for i, place := range t.place {
			if place >= 0 {
				row[i] = fields[place]
			}
		}
		if t.place[3] < 0 || row[3] == document {
			end := 0
			if len(gold) > 0 {
				end = gold[len(gold)-1].End
			}
			g, err := t.label(row, end, text)
			if err != nil {
				return nil, err
			}
			gold = append(gold, g)
		}
		t.line++
	}
	if len(gold) == 0 {
		err := errors.New("no row but the header")
		if t.line > 2 {
			err = fmt.Errorf("no row is of the document %q: the column doc has other names", document)
		}
		return nil, &data.ParseError{File: file, Err: err}
	}
	return gold, nil
}

// header finds the columns.
func (t *goldTable) header(fields []string) error {
	t.width = len(fields)
	for i, name := range goldColumns {
		t.place[i] = slices.Index(fields, name)
		if t.place[i] < 0 && i < requiredColumns {
			return &data.ParseError{File: t.file, Line: t.line, Err: fmt.Errorf("no column %q, want tab-separated values with the columns start, end and label", name)}
		}
	}
	return nil
}

// label reads a row. before is the end of the row before it.
func (t *goldTable) label(row goldRow, before int, text string) (page.Gold, error) {
	var g page.Gold
	var offsets [2]int
	for i := range offsets {
		n, err := strconv.ParseUint(row[i], 10, 31)
		if err != nil {
			return g, t.errorAt(i, "%q is not a whole number", row[i])
		}
		offsets[i] = int(n)
	}
	g.Span = features.Span{Start: offsets[0], End: offsets[1]}
	switch {
	case g.Start < before:
		return g, t.errorAt(0, "start %d before the end of the row before it, %d", g.Start, before)
	case g.End <= g.Start:
		return g, t.errorAt(1, "end %d, want more than the start, %d", g.End, g.Start)
	case g.End > len(text):
		return g, t.errorAt(1, "end %d, but the text has %d bytes", g.End, len(text))
	}
	var err error
	if g.Label, err = stance.ParseLabel(row[2]); err != nil {
		return g, t.errorAt(2, "%w", err)
	}
	if t.place[4] >= 0 {
		sum := sha256.Sum256([]byte(g.Of(text)))
		if got := hex.EncodeToString(sum[:]); got != row[4] {
			return g, t.errorAt(4, "bytes %d to %d of the text have SHA-256 %s, want %s: these labels are of another text", g.Start, g.End, got, row[4])
		}
	}
	return g, nil
}
