package data

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// ParseError says where in a file something is wrong.
type ParseError struct {
	// File is the name of the file as the reader was given it.
	File string
	// Line counts from 1; it is 0 when the error belongs to no line.
	Line int
	// Column counts from 1; it is 0 when the error belongs to no column. In a
	// table (CSV, TSV) it is the number of the field in its row, in JSON Lines
	// the number of the byte in its line.
	Column int
	// Err says what is wrong.
	Err error
}

func (e *ParseError) Error() string {
	place := e.File
	if e.Line > 0 {
		place = fmt.Sprintf("%s:%d", place, e.Line)
		if e.Column > 0 {
			place = fmt.Sprintf("%s:%d", place, e.Column)
		}
	}
	return place + ": " + e.Err.Error()
}

func (e *ParseError) Unwrap() error { return e.Err }

var (
	errBareCR    = errors.New("carriage return that is not part of a line end")
	errNUL       = errors.New("NUL byte (is the file UTF-16 or binary? save it as UTF-8)")
	errBareQuote = errors.New(`quote inside an unquoted field (quote the whole field and double the quotes in it)`)
	errAfter     = errors.New("text after the closing quote of a field")
	errUnclosed  = errors.New("quoted field that is never closed")
	errBlank     = errors.New("blank line between rows")
	errNoHeader  = errors.New("no header: the file is empty")
)

// cell is one field of a table and the line on which it begins.
type cell struct {
	text string
	line int
}

// table is a parsed file whose rows all have as many fields as its first.
type table struct {
	file  string
	width int
	cells []cell // row by row
}

// dialect says how the fields of a table are written.
type dialect struct {
	separator byte
	// quotes lets a field stand in double quotes, doubled within (RFC 4180).
	// Without it a quote is a character like any other.
	quotes bool
}

var (
	commaSeparated     = dialect{separator: ',', quotes: true}
	tabSeparated       = dialect{separator: '\t'}
	quotedTabSeparated = dialect{separator: '\t', quotes: true}
)

// parseTable reads content. Lines end in LF or CRLF, the last one optionally;
// blank lines are allowed at the end only. Nothing is trimmed, converted or
// skipped: what does not fit is an error. It differs from encoding/csv, which
// drops blank lines and turns CRLF within a quoted field into LF.
func parseTable(file, content string, d dialect) (*table, error) {
	t := &table{file: file}
	// No more cells than these; the few too many that quotes hide are room.
	t.cells = make([]cell, 0, 1+strings.Count(content, string(d.separator))+strings.Count(content, "\n"))
	p := scanner{file: file, s: content, line: 1, dialect: d}
	for {
		blank := p.blankLine()
		if p.pos == len(p.s) {
			return t, nil
		}
		if blank > 0 {
			return nil, &ParseError{File: file, Line: blank, Column: 1, Err: errBlank}
		}
		start := p.line
		n := 0
		for more := true; more; n++ {
			var c cell
			var err error
			if c, more, err = p.field(n + 1); err != nil {
				return nil, err
			}
			t.cells = append(t.cells, c)
		}
		if t.width == 0 {
			t.width = n
		}
		if n != t.width {
			return nil, &ParseError{File: file, Line: start, Column: min(n, t.width) + 1,
				Err: fmt.Errorf("row of %d fields, want %d as in the first row", n, t.width)}
		}
	}
}

// rows is the number of rows, the header included.
func (t *table) rows() int {
	if t.width == 0 {
		return 0
	}
	return len(t.cells) / t.width
}

// row returns the cells of row i, which counts from 0.
func (t *table) row(i int) []cell { return t.cells[i*t.width : (i+1)*t.width] }

// errorAt places err at field column, counted from 0, of row i.
func (t *table) errorAt(i, column int, err error) error {
	return &ParseError{File: t.file, Line: t.row(i)[column].line, Column: column + 1, Err: err}
}

// requireHeader checks that the first row is exactly names.
func (t *table) requireHeader(names ...string) error {
	if t.rows() == 0 {
		return &ParseError{File: t.file, Err: errNoHeader}
	}
	header := t.header()
	if len(header) != len(names) {
		return &ParseError{File: t.file, Line: 1, Column: min(len(header), len(names)) + 1,
			Err: fmt.Errorf("%d columns, want %d: %s", len(header), len(names), strings.Join(names, ", "))}
	}
	for i, name := range names {
		if header[i] != name {
			return t.errorAt(0, i, fmt.Errorf("column %q, want %q", header[i], name))
		}
	}
	return nil
}

// header returns the fields of the first row.
func (t *table) header() []string {
	names := make([]string, t.width)
	for i, c := range t.row(0) {
		names[i] = c.text
	}
	return names
}

// column returns the index of the column that is called name, or -1. A name
// that stands in the header twice is an error.
func (t *table) column(name string) (int, error) {
	header := t.row(0)
	named := func(c cell) bool { return c.text == name }
	i := slices.IndexFunc(header, named)
	if i >= 0 {
		if again := slices.IndexFunc(header[i+1:], named); again >= 0 {
			return 0, t.errorAt(0, i+1+again, fmt.Errorf("second column %q", name))
		}
	}
	return i, nil
}

// scanner walks over the fields of a table.
type scanner struct {
	file string
	s    string
	pos  int
	line int
	dialect
}

// blankLine skips blank lines and returns the number of the first of them, or
// 0 when there was none.
func (p *scanner) blankLine() int {
	first := 0
	for p.pos < len(p.s) {
		n := p.lineEnd(p.pos)
		if n == 0 {
			break
		}
		if first == 0 {
			first = p.line
		}
		p.pos += n
		p.line++
	}
	return first
}

// lineEnd returns the length of the line end at i, 0 when there is none.
func (p *scanner) lineEnd(i int) int {
	switch {
	case p.s[i] == '\n':
		return 1
	case p.s[i] == '\r' && i+1 < len(p.s) && p.s[i+1] == '\n':
		return 2
	}
	return 0
}

// field reads the field that begins at pos, the separator or line end after
// it, and says whether the row goes on.
func (p *scanner) field(column int) (c cell, more bool, err error) {
	fail := func(line int, err error) (cell, bool, error) {
		return cell{}, false, &ParseError{File: p.file, Line: line, Column: column, Err: err}
	}
	c.line = p.line
	if p.quotes && p.pos < len(p.s) && p.s[p.pos] == '"' {
		if c.text, err = p.quoted(); err != nil {
			return fail(c.line, err)
		}
	} else if c.text, err = p.plain(); err != nil {
		return fail(c.line, err)
	}
	if strings.IndexByte(c.text, 0) >= 0 {
		return fail(c.line, errNUL)
	}
	if i := invalidUTF8(c.text); i >= 0 {
		return fail(c.line, fmt.Errorf("byte %d of the field (0x%02X) is not valid UTF-8", i+1, c.text[i]))
	}
	if p.pos == len(p.s) {
		return c, false, nil
	}
	if p.s[p.pos] == p.separator {
		p.pos++
		return c, true, nil
	}
	if n := p.lineEnd(p.pos); n > 0 {
		p.pos += n
		p.line++
		return c, false, nil
	}
	// plain stops at nothing else, so this follows a closing quote.
	return fail(p.line, errAfter)
}

// plain reads an unquoted field up to what ends it.
func (p *scanner) plain() (string, error) {
	start := p.pos
	for ; p.pos < len(p.s); p.pos++ {
		switch b := p.s[p.pos]; {
		case b == p.separator || p.lineEnd(p.pos) > 0:
			return p.s[start:p.pos], nil
		case b == '\r':
			return "", errBareCR
		case b == '"' && p.quotes:
			return "", errBareQuote
		}
	}
	return p.s[start:], nil
}

// quoted reads a field in quotes and leaves pos behind the closing one. Line
// ends within it are kept as they are.
func (p *scanner) quoted() (string, error) {
	p.pos++
	start := p.pos
	var b strings.Builder
	for {
		i := strings.IndexByte(p.s[p.pos:], '"')
		if i < 0 {
			return "", errUnclosed
		}
		end := p.pos + i
		b.WriteString(p.s[p.pos:end])
		p.pos = end + 1
		if p.pos == len(p.s) || p.s[p.pos] != '"' {
			p.line += strings.Count(p.s[start:end], "\n")
			return b.String(), nil
		}
		b.WriteByte('"')
		p.pos++
	}
}

// invalidUTF8 returns the index of the first byte of s that is not part of
// valid UTF-8, or -1.
func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}
