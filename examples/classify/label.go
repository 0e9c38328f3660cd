package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
	"unicode"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

// standardInput is the name of standard input.
const standardInput = "-"

// labeller labels the sentences of one file after the other.
type labeller struct {
	model  *stance.Model
	lines  bool
	out    printer
	w      *bufio.Writer // what out writes to
	counts [stance.None + 1]int

	progress *program.Progress // nil for none
	done     int               // sentences or lines, which are counted for it
	next     time.Time         // when the count may be shown again
}

// betweenCounts is the time for which a count stands at least: nobody reads
// more than ten in a second.
const betweenCounts = time.Second / 10

// outputError says that the sentences could not be written.
type outputError struct{ err error }

func (e *outputError) Error() string { return "writing: " + e.err.Error() }
func (e *outputError) Unwrap() error { return e.err }

// file labels the sentences of a file; the last of them may remain in l.w. The
// error names the file.
func (l *labeller) file(name string, stdin io.Reader) error {
	in := stdin
	if name != standardInput {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		defer f.Close()
		in = f
	}
	// The larger the buffer, the more lines make up a batch.
	r := bufio.NewReaderSize(in, 1<<18)
	offset, err := skipMark(r)
	if err != nil {
		return named(name, err)
	}
	if err := l.out.begin(name); err != nil {
		return &outputError{err}
	}
	if l.lines {
		return l.readLines(r, name, offset)
	}
	return l.readDocument(r, name, offset)
}

// named puts a file's name before an error that does not hold it yet.
func named(name string, err error) error {
	if errors.As(err, new(*os.PathError)) {
		return err
	}
	if name == standardInput {
		name = "standard input"
	}
	return fmt.Errorf("%s: %w", name, err)
}

// byteOrderMark is that of UTF-8.
const byteOrderMark = "\uFEFF"

// skipMark skips a byte-order mark of UTF-8 and returns its length. A file that
// begins like one of another kind is an error.
func skipMark(r *bufio.Reader) (int, error) {
	// Byte by byte, for a line of one character has no third one to wait for.
	for n := 1; ; n++ {
		begin, err := r.Peek(n)
		if err != nil && err != io.EOF {
			return 0, err
		}
		undecided, problem := program.CheckText(begin)
		switch {
		case problem != nil:
			return 0, problem
		case string(begin) == byteOrderMark:
			return r.Discard(len(begin))
		case err == io.EOF, !undecided && !strings.HasPrefix(byteOrderMark, string(begin)):
			return 0, nil
		}
	}
}

// readDocument labels the sentences of a text. offset is where r begins in the
// file.
func (l *labeller) readDocument(r io.Reader, name string, offset int) error {
	var text strings.Builder
	if _, err := io.Copy(&text, r); err != nil {
		return named(name, err)
	}
	l.progress.Sayf("labelling the sentences of %d bytes", text.Len())
	for i, s := range l.model.ClassifyDocument(text.String()) {
		err := l.print(&record{
			File: name, N: i + 1, Start: offset + s.Start, End: offset + s.End, Text: s.Text, Prediction: s.Prediction,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// readLines labels each line as it is. It labels the complete lines that have
// arrived as one batch, on all processors, and writes them before it waits for
// more.
func (l *labeller) readLines(r *bufio.Reader, name string, offset int) error {
	var batch []record
	for n := 1; ; n++ {
		line, err := r.ReadString('\n')
		if err != nil && err != io.EOF {
			err = named(name, err)
			// What was read before the failure is still labelled.
			return errors.Join(l.batch(batch), err)
		}
		text := strings.TrimSuffix(line, "\n")
		text = strings.TrimSuffix(text, "\r")
		if !blank(text) {
			batch = append(batch, record{File: name, N: n, Start: offset, End: offset + len(text), Text: text})
		}
		offset += len(line)
		if err == io.EOF {
			return l.batch(batch)
		}
		arrived, _ := r.Peek(r.Buffered())
		if bytes.IndexByte(arrived, '\n') < 0 {
			if err := l.batch(batch); err != nil {
				return err
			}
			if err := l.flush(); err != nil {
				return err
			}
			batch = batch[:0]
		}
	}
}

// batch labels and prints the records.
func (l *labeller) batch(records []record) error {
	texts := make([]string, len(records))
	for i := range records {
		texts[i] = records[i].Text
	}
	predictions, err := l.model.ClassifyAll(context.Background(), texts)
	if err != nil {
		return err
	}
	for i := range records {
		records[i].Prediction = predictions[i]
		if err := l.print(&records[i]); err != nil {
			return err
		}
	}
	return nil
}

func (l *labeller) print(r *record) error {
	l.counts[r.Prediction.Label]++
	if err := l.out.print(r); err != nil {
		return &outputError{err}
	}
	if l.progress != nil {
		l.count(time.Now())
	}
	return nil
}

// count counts a sentence that is done, and shows how many are if it is time.
func (l *labeller) count(now time.Time) {
	if l.done++; now.Before(l.next) {
		return
	}
	l.next = now.Add(betweenCounts)
	noun := "sentences"
	if l.lines {
		noun = "lines"
	}
	l.progress.Sayf("%s labelled: %d", noun, l.done)
}

func (l *labeller) flush() error {
	if err := l.w.Flush(); err != nil {
		return &outputError{err}
	}
	return nil
}

// blank reports whether s is nothing but what [features.Sentences] takes for
// white space.
func blank(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool {
		return !unicode.IsSpace(r) && r != '\uFEFF' && r != '\u200B'
	}) < 0
}
