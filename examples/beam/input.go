package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"example.org/metoostance/data"
	"example.org/metoostance/examples/beam/stancebeam"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

func init() {
	register.DoFn4x1[context.Context, input, func(block), func(part), error](&planFn{})
	register.DoFn4x1[context.Context, block, func(stancebeam.Record), func(part), error](&readFn{})
	register.Emitter1[block]()
	register.Emitter1[stancebeam.Record]()
	register.Emitter1[part]()
}

// The formats of files.
const (
	jsonLines = "jsonl"
	tsv       = "tsv"
	plainText = "text"
)

// formatOf tells the format of a file by its name, or returns "".
func formatOf(name string) string {
	switch strings.ToLower(path.Ext(name)) {
	case ".jsonl", ".ndjson":
		return jsonLines
	case ".tsv", ".tab":
		return tsv
	case ".txt":
		return plainText
	}
	return ""
}

// input is a file to be read.
type input struct {
	Path   string
	Format string
	Index  int // among the files, from 0
	// Header is the first line of a table, with its line end.
	Header string
	// Start is the offset at which the lines begin that hold sentences, and Line
	// the number of the first of them.
	Start int64
	Line  int
}

// block is a part of a file that one worker reads.
type block struct {
	Path, Format, Header string
	Start, End           int64 // offsets in the file
	Line                 int   // number of the first line
	Lines                int   // 0 if they are not counted
	Branch               int   // of the pipeline
}

const (
	// blockLines is the number of lines in a block. Of sentences that is a
	// megabyte or so, work for a fraction of a second: small enough to be spread
	// evenly, and great enough that a block costs nothing.
	blockLines = 10_000
	// maxText is the size of the greatest plain text, which is read as a whole.
	maxText = 64 << 20
	// excerptBytes is how much of a text stands among the failures.
	excerptBytes = 200
)

// blockOf returns the number of the block in which a line is, from 0.
func blockOf(line int) int { return (line - 1) / blockLines }

// isURL reports whether a path names a file system other than the local one.
func isURL(path string) bool { return strings.Contains(path, "://") }

// open opens a file at an offset.
func open(ctx context.Context, path string, offset int64) (io.ReadCloser, error) {
	fs, err := filesystem.New(ctx, path)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	r, err := fs.OpenRead(ctx, path)
	if err != nil {
		return nil, err
	}
	if offset == 0 {
		return r, nil
	}
	if s, ok := r.(io.Seeker); ok {
		_, err = s.Seek(offset, io.SeekStart)
	} else {
		_, err = io.CopyN(io.Discard, r, offset)
	}
	if err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// inspect looks at the beginning of a file, so that what is wrong with a whole
// file is found before anything is done.
func inspect(ctx context.Context, name, format string, maxLine int) (input, error) {
	in := input{Path: name, Format: format, Line: 1}
	if !isURL(name) {
		info, err := os.Stat(name)
		if err != nil {
			return in, err
		}
		if !info.Mode().IsRegular() {
			return in, fmt.Errorf("%s is no regular file; it could not be read in parts", name)
		}
	}
	file, err := open(ctx, name, 0)
	if err != nil {
		return in, err
	}
	defer file.Close()
	r := bufio.NewReader(file)
	begin, err := r.Peek(3)
	if err != nil && err != io.EOF {
		return in, fmt.Errorf("%s: %w", name, err)
	}
	switch {
	case bytes.HasPrefix(begin, []byte("\xFF\xFE")), bytes.HasPrefix(begin, []byte("\xFE\xFF")):
		return in, fmt.Errorf("%s: this is UTF-16; convert it to UTF-8", name)
	case bytes.HasPrefix(begin, []byte("\x1F\x8B")):
		return in, fmt.Errorf("%s: this is compressed; decompress it, as it could not be read in parts", name)
	case bytes.HasPrefix(begin, []byte("\uFEFF")):
		in.Start = 3
		r.Discard(3)
	}
	if format != tsv {
		return in, nil
	}
	header, size, err := readLine(r, maxLine)
	switch {
	case err == io.EOF:
		return in, nil // an empty file has no line that could be lost
	case err != nil:
		return in, fmt.Errorf("%s: %w", name, err)
	case int64(len(header)) < size:
		return in, fmt.Errorf("%s:1: header of %d bytes, more than %d", name, size, maxLine)
	}
	in.Header = strings.TrimRight(string(header), "\r\n") + "\n"
	in.Start += size
	in.Line = 2
	if _, err := parse(tsv, in.Header); err != nil {
		return in, fmt.Errorf("%s:1: %w", name, reason(tsv, err))
	}
	return in, nil
}

// readLine reads a line with its end. Of a line that is longer than limit, less
// its end, it returns the beginning; size is the size of the whole line. The
// error is io.EOF if there is no line left.
func readLine(r *bufio.Reader, limit int) (line []byte, size int64, err error) {
	for {
		piece, err := r.ReadSlice('\n')
		size += int64(len(piece))
		// Room for a line end of two bytes.
		line = append(line, piece[:min(len(piece), limit+2-len(line))]...)
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err == io.EOF && size > 0:
			return line, size, nil
		}
		return line, size, err
	}
}

// planFn divides files into blocks. The second output says into how many.
type planFn struct {
	Branches int
}

// ProcessElement finds where every blockLines-th line ends. That takes a pass
// over the file, but no more than a pass; and it is what makes line numbers
// known wherever a block is read.
func (f *planFn) ProcessElement(ctx context.Context, in input, emit func(block), count func(part)) error {
	file, err := open(ctx, in.Path, in.Start)
	if err != nil {
		return err
	}
	defer file.Close()
	b := block{Path: in.Path, Format: in.Format, Header: in.Header, Start: in.Start, Line: in.Line}
	blocks := 0
	end := func(offset int64) {
		b.End = offset
		b.Branch = (in.Index + blocks) % f.Branches
		blocks++
		progress.planned.Add(b.End - b.Start)
		emit(b)
		b.Start, b.Line, b.Lines = offset, b.Line+b.Lines, 0
	}
	offset := in.Start
	buffer := make([]byte, 1<<18)
	last := byte('\n')
	for {
		n, err := file.Read(buffer)
		chunk := buffer[:n]
		if n > 0 {
			last = chunk[n-1]
		}
		for in.Format != plainText {
			i := bytes.IndexByte(chunk, '\n')
			if i < 0 {
				break
			}
			offset += int64(i) + 1
			chunk = chunk[i+1:]
			b.Lines++
			if next := b.Line + b.Lines; blockOf(next) > blockOf(b.Line) {
				end(offset)
			}
		}
		offset += int64(len(chunk))
		if err == io.EOF {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", in.Path, err)
		}
	}
	if last != '\n' && in.Format != plainText {
		b.Lines++ // the last line has no end
	}
	if offset > b.Start {
		end(offset)
	}
	count(part{Kind: planParts, Source: in.Path, N: int64(blocks)})
	return nil
}

// readFn reads blocks. Every line becomes one record, or every sentence of a
// plain text; the second output says how many they were.
type readFn struct {
	MaxLine int
}

// ProcessElement reads a block.
func (f *readFn) ProcessElement(ctx context.Context, b block, emit func(stancebeam.Record), count func(part)) error {
	file, err := open(ctx, b.Path, b.Start)
	if err != nil {
		return err
	}
	defer file.Close()
	r := bufio.NewReaderSize(io.LimitReader(file, b.End-b.Start), 1<<16)
	n := 0
	counted := func(r stancebeam.Record) {
		n++
		emit(r)
	}
	if b.Format == plainText {
		err = b.readText(r, counted)
	} else if err = b.readLines(r, f.MaxLine, counted); err == nil && n != b.Lines {
		err = errors.New("the file was changed while it was read")
	}
	if err != nil {
		return fmt.Errorf("%s: %w", b.Path, err)
	}
	progress.read.Add(b.End - b.Start)
	progress.records.Add(int64(n))
	count(part{Kind: recordParts, Source: b.Path, Line: b.Line, N: int64(n)})
	return nil
}

// readText splits a whole file into sentences.
func (b *block) readText(r io.Reader, emit func(stancebeam.Record)) error {
	if size := b.End - b.Start; size > maxText {
		emit(stancebeam.Record{Source: b.Path, Line: 1, Err: fmt.Sprintf("plain text of %d bytes, more than %d", size, maxText)})
		return nil
	}
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	text := string(raw)
	line, at := 1, 0
	for i, s := range features.Sentences(text) {
		line += strings.Count(text[at:s.Start], "\n")
		at = s.Start
		emit(stancebeam.Record{ID: strconv.Itoa(i + 1), Source: b.Path, Line: line, Text: s.Of(text)})
	}
	return nil
}

const (
	// batchLines is how many lines are parsed at once, which is several times as
	// fast as one by one.
	batchLines = 256
	// batchBytes is how long they may be together, but for the last.
	batchBytes = 1 << 18
)

// readLines makes a record of each line.
func (b *block) readLines(r *bufio.Reader, maxLine int, emit func(stancebeam.Record)) error {
	var lines []string
	size := 0
	number := b.Line // of the first of lines
	flush := func() {
		b.parseLines(lines, number, emit)
		number += len(lines)
		lines, size = lines[:0], 0
	}
	for {
		line, whole, err := readLine(r, maxLine)
		if err == io.EOF {
			flush()
			return nil
		}
		if err != nil {
			return err
		}
		if content := bytes.TrimRight(line, "\r\n"); int64(len(line)) < whole || len(content) > maxLine {
			flush()
			emit(b.failed(number, content, fmt.Errorf("line of %d bytes, more than %d", whole, maxLine)))
			number++
			continue
		}
		lines = append(lines, string(line))
		if size += len(line); len(lines) == batchLines || size >= batchBytes {
			flush()
		}
	}
}

// parseLines makes a record of each line, of which the first has the number
// first.
func (b *block) parseLines(lines []string, first int, emit func(stancebeam.Record)) {
	// Lines that are joined without a blank one and without an error are as
	// many examples. Any other outcome is traced to its line.
	if examples, err := parse(b.Format, b.Header+strings.Join(lines, "")); err == nil && len(examples) == len(lines) {
		for i := range examples {
			emit(b.record(first+i, &examples[i]))
		}
		return
	}
	for i, line := range lines {
		switch examples, err := parse(b.Format, b.Header+line); {
		case err != nil:
			emit(b.failed(first+i, []byte(line), reason(b.Format, err)))
		case len(examples) == 0:
			emit(b.failed(first+i, nil, errors.New("blank line")))
		default:
			emit(b.record(first+i, &examples[0]))
		}
	}
}

// failed is the record of a line that cannot be read.
func (b *block) failed(line int, content []byte, err error) stancebeam.Record {
	return stancebeam.Record{Source: b.Path, Line: line, Text: excerpt(string(bytes.TrimRight(content, "\r\n"))), Err: err.Error()}
}

// record is the record of a line.
func (b *block) record(line int, e *stance.Example) stancebeam.Record {
	r := stancebeam.Record{ID: e.ID, Source: b.Path, Line: line, Text: e.Text}
	day, err := dayOf(e.Document)
	if err != nil {
		r.Err = err.Error()
	}
	r.Day = day
	return r
}

// parse reads what lines hold; those of a table stand below its header. Package
// data is strict: nothing is skipped, altered or replaced. It knows no times, but
// hands on the name of a document as it stands. Label, group and target are set
// to a column that is there, so that others of these names are not looked at.
func parse(format, lines string) ([]stance.Example, error) {
	o := data.ReadOptions{
		Format:          data.JSONLines,
		Columns:         data.Columns{Text: "text", Document: "time", Label: "text", Group: "text", Target: "text"},
		AllowUnlabelled: true,
		ParseLabel:      func(string) (stance.Label, error) { return stance.Unlabelled, nil },
	}
	if format == tsv {
		o.Format = data.TSV
	}
	return data.Read(strings.NewReader(lines), "", o)
}

// reason says what is wrong with a line, for which parse returned err.
func reason(format string, err error) error {
	e := (*data.ParseError)(nil)
	switch {
	case !errors.As(err, &e):
		return err
	case e.Column == 0:
		return e.Err
	case format == tsv:
		return fmt.Errorf("field %d: %w", e.Column, e.Err)
	}
	return fmt.Errorf("byte %d: %w", e.Column, e.Err)
}

// timeLayouts are the ways in which a time may be written. The last is that of
// version 1.1 of the Twitter interface.
var timeLayouts = []string{time.RFC3339, time.DateOnly, time.DateTime, time.RubyDate}

// dayOf returns the day of a time, in UTC, or "" for an empty one.
func dayOf(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	for _, layout := range timeLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC().Format(time.DateOnly), nil
		}
	}
	return "", fmt.Errorf("%q is no time, want one like 2018-01-31 or 2018-01-31T15:04:05Z", excerpt(s))
}

// excerpt returns the beginning of a text.
func excerpt(s string) string { return s[:min(len(s), excerptBytes)] }
