package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"example.org/metoostance/examples/internal/program"
)

const (
	openMarker  = "<!-- tables:"
	closeMarker = "<!-- /tables -->"
)

// A block is a place in a Markdown file that tables are written to.
type block struct {
	line       int // of the opening marker, from 1
	names      string
	tables     []producer
	start, end int // bytes between the lines of the two markers
}

// findBlocks returns the blocks of a Markdown file, in order. Markers stand on
// lines of their own; what looks like one in a fenced code block is none.
func findBlocks(file string, content []byte) ([]block, error) {
	var blocks []block
	open, fence := false, ""
	offset, number := 0, 0
	for line := range bytes.Lines(content) {
		number++
		begin := offset
		offset += len(line)
		s := strings.TrimSpace(string(line))
		if fence != "" {
			// A fence is closed by one of the same kind, at least as long.
			if strings.HasPrefix(s, fence) && strings.Trim(s, fence[:1]) == "" {
				fence = ""
			}
			continue
		}
		if !open && (strings.HasPrefix(s, "```") || strings.HasPrefix(s, "~~~")) {
			fence = s[:len(s)-len(strings.TrimLeft(s, s[:1]))]
			continue
		}
		switch {
		case strings.HasPrefix(s, openMarker):
			names, ok := strings.CutSuffix(strings.TrimPrefix(s, openMarker), "-->")
			if !ok {
				return nil, fmt.Errorf("%s:%d: the marker does not end in -->", file, number)
			}
			if open {
				return nil, fmt.Errorf("%s:%d: tables within tables: %q is missing above", file, number, closeMarker)
			}
			b := block{line: number, start: offset}
			fields := strings.FieldsFunc(names, func(r rune) bool { return r == ' ' || r == ',' })
			if len(fields) == 0 {
				return nil, fmt.Errorf("%s:%d: the marker names no table", file, number)
			}
			b.names = strings.Join(fields, " ")
			var err error
			if b.tables, err = resolve(fields); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, number, err)
			}
			for _, p := range b.tables {
				if p.unsteady {
					return nil, fmt.Errorf("%s:%d: table %s differs from run to run and cannot stand in a file", file, number, p.name)
				}
			}
			blocks = append(blocks, b)
			open = true
		case s == closeMarker:
			if !open {
				return nil, fmt.Errorf("%s:%d: %q without tables to end", file, number, closeMarker)
			}
			blocks[len(blocks)-1].end = begin
			open = false
		}
	}
	if open {
		return nil, fmt.Errorf("%s:%d: %q is missing", file, blocks[len(blocks)-1].line, closeMarker)
	}
	return blocks, nil
}

// lacks returns an input that the tables of a block need and that was not given,
// or noInput. What is there decides whether rows and columns are needed that the
// tables can do without.
func (l *lab) lacks(b block, old []byte) input {
	for _, p := range b.tables {
		if !l.has(p.needs) {
			return p.needs
		}
		for _, i := range p.more {
			if !l.has(i) && bytes.Contains(bytes.ToLower(old), []byte(i.word())) {
				return i
			}
		}
	}
	return noInput
}

// document writes the tables of a Markdown file anew, or with check says which
// are stale. wanted are the tables to look at; nil means all.
func (l *lab) document(ctx context.Context, file string, wanted []producer, check bool, stderr io.Writer) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	blocks, err := findBlocks(file, content)
	if err != nil {
		return err
	}
	if len(blocks) == 0 {
		return fmt.Errorf("%s: there is no line %q", file, openMarker+" NAME -->")
	}
	crlf := bytes.Contains(content, []byte("\r\n"))
	var stale []error
	var b bytes.Buffer
	done := 0 // bytes of content that b has
	for _, block := range blocks {
		if wanted != nil && slices.ContainsFunc(block.tables, func(p producer) bool { return !slices.ContainsFunc(wanted, p.is) }) {
			continue
		}
		if needs := l.lacks(block, content[block.start:block.end]); needs != noInput {
			did := "left as it is"
			if check {
				did = "left unchecked"
			}
			fmt.Fprintf(stderr, "tables: %s:%d: %s %s: it needs %s\n", file, block.line, block.names, did, needs.flag())
			continue
		}
		made, err := l.render(ctx, block.tables, renderMarkdown)
		if err != nil {
			return err
		}
		made = slices.Concat([]byte("\n"), made, []byte("\n"))
		if crlf {
			made = bytes.ReplaceAll(made, []byte("\n"), []byte("\r\n"))
		}
		if !bytes.Equal(made, content[block.start:block.end]) {
			stale = append(stale, fmt.Errorf("%s:%d: %s is stale", file, block.line, block.names))
		}
		b.Write(content[done:block.start])
		b.Write(made)
		done = block.end
	}
	if len(stale) == 0 {
		return nil
	}
	if check {
		return fmt.Errorf("%w\nwrite the tables anew without -check", errors.Join(stale...))
	}
	b.Write(content[done:])
	return program.WriteFile(file, func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	})
}
