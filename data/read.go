package data

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"example.org/metoostance/stance"
)

// Format is a way of writing examples in a file.
type Format uint8

const (
	// FormatByName tells the format by the file's name: .csv, .tsv (or .tab),
	// .jsonl (or .ndjson), whatever the case, each with .gz after it or not.
	FormatByName Format = iota
	// CSV is comma-separated values as in RFC 4180, with a header. Fields may
	// stand in double quotes and then hold commas, line ends and doubled
	// quotes.
	CSV
	// TSV is tab-separated values as registered with IANA, with a header: no
	// quoting, so a quote is a character like any other, and no field can hold
	// a tab or a line end.
	TSV
	// QuotedTSV is TSV with the quotes of CSV, as spreadsheets and pandas
	// write it. It is never told by name.
	QuotedTSV
	// JSONLines is one JSON object per line.
	JSONLines
)

// formatOf tells the format by a file's name.
func formatOf(name string) (Format, error) {
	lower := strings.TrimSuffix(strings.ToLower(name), ".gz")
	switch ext := path.Ext(lower); ext {
	case ".csv":
		return CSV, nil
	case ".tsv", ".tab":
		return TSV, nil
	case ".jsonl", ".ndjson":
		return JSONLines, nil
	default:
		return 0, fmt.Errorf("no format is known by the ending %q (want .csv, .tsv or .jsonl; or set Format)", ext)
	}
}

// Columns names the columns of a table, or the keys of JSON objects, that hold
// the parts of an example. Names are compared exactly. Other columns are not
// read.
//
// A column that is named here must exist. One whose name is left empty is
// looked for under the name given below, and need not exist, except Text and
// Label.
type Columns struct {
	Text     string // "text"
	Label    string // "label"
	ID       string // "id"
	Group    string // "group"
	Target   string // "target"
	Document string // "document"
}

// ReadOptions says how to read examples. The zero value reads labelled UTF-8
// text in the format that the file's name tells.
type ReadOptions struct {
	// Format is the file's format; zero tells it by the name.
	Format Format
	// Columns names the columns.
	Columns Columns
	// Encoding is the file's encoding; zero is UTF-8.
	Encoding Encoding
	// ParseLabel reads a label; nil is [stance.ParseLabel]. It is needed for
	// labels in code ("0", "1", "2").
	ParseLabel func(string) (stance.Label, error)
	// AllowUnlabelled accepts empty labels, and files without a column of
	// labels, as [stance.Unlabelled]. Otherwise they are errors.
	AllowUnlabelled bool
	// UnescapeFormulas takes away the single quote that [WritePredictions] puts
	// before cells that a spreadsheet would take for a formula. It has no
	// effect on JSON Lines.
	UnescapeFormulas bool
	// MaxBytes bounds the size of the file after decompression, for all of it
	// is held in memory; zero is 256 MiB.
	MaxBytes int64
}

// ReadFile reads the examples in the file at path; see [Read].
func ReadFile(path string, o ReadOptions) ([]stance.Example, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return Read(f, path, o)
}

// Read reads examples. name tells the format unless o.Format does; when it
// ends in .gz, r is decompressed. It also stands in errors.
//
// Reading is strict. Everything in the file is either read or an error: a row
// with more or fewer fields than the header, an unknown or empty label, an
// empty text (or one of white space alone), an ID that occurs twice, a key that
// occurs twice in an object, a blank line between rows, a stray quote or
// carriage return, bytes that are not valid UTF-8, half a surrogate pair in
// JSON, another encoding, a compressed file that breaks off. The first one is
// returned, as a [*ParseError] with file, line and column, and no examples.
//
// Nothing is trimmed or normalised. An empty ID is no ID. When the file has no
// column of groups (no such key in a JSON object), a sentence's group is its
// document.
func Read(r io.Reader, name string, o ReadOptions) ([]stance.Example, error) {
	format := o.Format
	if format == FormatByName {
		var err error
		if format, err = formatOf(name); err != nil {
			return nil, &ParseError{File: name, Err: err}
		}
	}
	content, err := load(r, name, o.Encoding, false, o.MaxBytes)
	if err != nil {
		return nil, err
	}
	b := exampleBuilder{file: name, o: o, columns: o.columns()}
	return b.read(content, format)
}

// The parts of an example, as indices of record.
const (
	partText = iota
	partLabel
	partID
	partGroup
	partTarget
	partDocument
	numParts
)

// namedColumn is a column to be looked for; without a name it is none.
type namedColumn struct {
	name     string
	required bool
}

// columns returns the columns to look for, by part.
func (o *ReadOptions) columns() [numParts]namedColumn {
	c := [numParts]namedColumn{
		{o.Columns.Text, true},
		{o.Columns.Label, o.Columns.Label != "" || !o.AllowUnlabelled},
		{o.Columns.ID, o.Columns.ID != ""},
		{o.Columns.Group, o.Columns.Group != ""},
		{o.Columns.Target, o.Columns.Target != ""},
		{o.Columns.Document, o.Columns.Document != ""},
	}
	for i, name := range [numParts]string{"text", "label", "id", "group", "target", "document"} {
		if c[i].name == "" {
			c[i].name = name
		}
	}
	return c
}

// value is the content of one part of an example and its place.
type value struct {
	text         string
	line, column int
	present      bool
}

// record is what a row says of an example, by part.
type record [numParts]value

// exampleBuilder turns records into examples and checks them.
type exampleBuilder struct {
	file     string
	o        ReadOptions
	columns  [numParts]namedColumn
	clean    func(string) string // what is done to a text, or nil
	seen     ids
	examples []stance.Example
}

var (
	errEmptyText  = errors.New("empty text")
	errEmptyLabel = errors.New("empty label (set AllowUnlabelled to read unlabelled examples)")
)

// add checks rec and appends its example.
func (b *exampleBuilder) add(rec record) error {
	fail := func(v value, err error) error {
		return &ParseError{File: b.file, Line: v.line, Column: v.column, Err: err}
	}
	text := rec[partText].text
	if b.clean != nil {
		text = b.clean(text)
	}
	if strings.TrimSpace(text) == "" {
		return fail(rec[partText], errEmptyText)
	}
	label, err := b.label(rec[partLabel].text)
	if err != nil {
		return fail(rec[partLabel], err)
	}
	if id := rec[partID]; id.text != "" {
		if err := b.seen.add(id.text, id.line); err != nil {
			return fail(id, err)
		}
	}
	e := stance.Example{
		ID: rec[partID].text, Text: text, Label: label,
		Group: rec[partGroup].text, Document: rec[partDocument].text, Target: rec[partTarget].text,
	}
	if !rec[partGroup].present {
		e.Group = e.Document
	}
	b.examples = append(b.examples, e)
	return nil
}

// label reads a label by the options.
func (b *exampleBuilder) label(s string) (stance.Label, error) {
	parse := b.o.ParseLabel
	if parse == nil {
		parse = stance.ParseLabel
	}
	var l stance.Label
	if s != "" {
		var err error
		if l, err = parse(s); err != nil {
			return stance.Unlabelled, err
		}
	}
	switch {
	case l.Valid(), l == stance.Unlabelled && b.o.AllowUnlabelled:
		return l, nil
	case l == stance.Unlabelled:
		return stance.Unlabelled, errEmptyLabel
	}
	return stance.Unlabelled, fmt.Errorf("ParseLabel returned %v for %q", l, s)
}

// read reads content, which is in UTF-8 unless it has errors, in a format.
func (b *exampleBuilder) read(content string, format Format) ([]stance.Example, error) {
	b.seen = newIDs()
	var err error
	switch format {
	case CSV:
		err = b.readTable(content, commaSeparated)
	case TSV:
		err = b.readTable(content, tabSeparated)
	case QuotedTSV:
		err = b.readTable(content, quotedTabSeparated)
	case JSONLines:
		err = b.readJSONLines(content)
	default:
		panic(fmt.Sprintf("data: unknown format %d", format))
	}
	if err != nil {
		return nil, err
	}
	return b.examples, nil
}

// readTable adds the rows of a table with a header.
func (b *exampleBuilder) readTable(content string, d dialect) error {
	t, err := parseTable(b.file, content, d)
	if err != nil {
		return err
	}
	if t.rows() == 0 {
		return &ParseError{File: b.file, Line: 1, Err: errNoHeader}
	}
	var at [numParts]int
	for part, c := range b.columns {
		if c.name == "" {
			at[part] = -1
			continue
		}
		if at[part], err = t.column(c.name); err != nil {
			return err
		}
		if at[part] < 0 && c.required {
			has := t.header()
			more := ""
			if most := 20; len(has) > most {
				has, more = has[:most], fmt.Sprintf(" and %d more", len(has)-most)
			}
			return &ParseError{File: b.file, Line: 1,
				Err: fmt.Errorf("no column %q in the header (it has %q%s)", c.name, has, more)}
		}
	}
	if t.rows() > 1 { // nil otherwise, as of an empty file in another format
		b.examples = make([]stance.Example, 0, t.rows()-1)
	}
	for i := 1; i < t.rows(); i++ {
		var rec record
		for part, column := range at {
			if column < 0 {
				continue
			}
			c := t.row(i)[column]
			if b.o.UnescapeFormulas {
				c.text = unescapeFormula(c.text)
			}
			rec[part] = value{text: c.text, line: c.line, column: column + 1, present: true}
		}
		if err := b.add(rec); err != nil {
			return err
		}
	}
	return nil
}
