package main

import (
	"bufio"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"example.org/metoostance/examples/beam/stancebeam"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

func init() {
	register.DoFn3x1[context.Context, stancebeam.Result, func(part), error](&writeResultsFn{})
	register.DoFn3x1[context.Context, stancebeam.Failure, func(part), error](&writeFailuresFn{})
	register.DoFn4x1[context.Context, []byte, func(*part) bool, func(*stancebeam.Count) bool, error](&commitFn{})
	register.Iter1[part]()
	register.Iter1[stancebeam.Count]()
}

// The files that are written.
const (
	resultsFile  = "results.jsonl"
	failuresFile = "failures.jsonl"
	countsFile   = "counts.tsv"
)

// The kinds of parts.
const (
	planParts    = "blocks"  // one for each source: no file, only the number of blocks
	recordParts  = "records" // one for each block: no file, only the number of records
	resultParts  = "results"
	failureParts = "failures"
)

// part is a piece of the output, of the lines of one block. All that is to be
// said of a collection passes through the workers as parts, so that the
// collection itself never has to.
type part struct {
	Kind   string
	Source string
	Line   int    // number of the first line
	Path   string // of the file
	N      int64  // of elements
}

// partWriter writes elements to files, a new one for each block. Elements come
// in the order of their blocks unless the runner puts another stage in between;
// then the files are more and smaller.
type partWriter struct {
	Dir  string
	Kind string

	file   io.WriteCloser
	buffer *bufio.Writer
	json   *json.Encoder
	part   part
}

// write writes an element that comes from a line of a source.
func (w *partWriter) write(ctx context.Context, source string, line int, element any, emit func(part)) error {
	if w.file == nil || w.part.Source != source || blockOf(w.part.Line) != blockOf(line) {
		if err := w.close(emit); err != nil {
			return err
		}
		// The name has never been used, not even by an earlier attempt at the same
		// bundle, whose files nobody hears of.
		w.part = part{Kind: w.Kind, Source: source, Line: line, Path: w.Dir + "/" + w.Kind + "-" + rand.Text()}
		var err error
		if w.file, err = create(ctx, w.part.Path); err != nil {
			return err
		}
		w.buffer = bufio.NewWriterSize(w.file, 1<<16)
		w.json = json.NewEncoder(w.buffer)
		w.json.SetEscapeHTML(false) // the output is no HTML, and people may read it
	}
	w.part.N++
	return w.json.Encode(element)
}

// create makes a file. A local one is not made by Beam, which would make the
// directory again if it is gone since the program was interrupted.
func create(ctx context.Context, path string) (io.WriteCloser, error) {
	if !isURL(path) {
		return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	}
	fs, err := filesystem.New(ctx, path)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	return fs.OpenWrite(ctx, path)
}

// close ends the file, if there is one, and emits its part.
func (w *partWriter) close(emit func(part)) error {
	if w.file == nil {
		return nil
	}
	err := w.buffer.Flush()
	if e := w.file.Close(); err == nil {
		err = e
	}
	w.file = nil
	if err == nil {
		emit(w.part)
	}
	return err
}

// jsonResult is a line of results.
type jsonResult struct {
	Source   string       `json:"source"`
	Line     int          `json:"line"`
	ID       string       `json:"id"`
	Day      string       `json:"day"`
	Label    stance.Label `json:"label"`
	PFavor   float64      `json:"p_favor"`
	PAgainst float64      `json:"p_against"`
	PNone    float64      `json:"p_none"`
	Text     string       `json:"text,omitempty"`
}

func resultLine(r *stancebeam.Result) jsonResult {
	p := r.Probabilities
	return jsonResult{
		r.Source, r.Line, r.ID, r.Day, r.Label,
		p.Of(stance.Favor), p.Of(stance.Against), p.Of(stance.None), r.Text,
	}
}

// jsonFailure is a line of failures.
type jsonFailure struct {
	Source string `json:"source"`
	Line   int    `json:"line"`
	ID     string `json:"id"`
	Day    string `json:"day"`
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

// writeResultsFn writes results.
type writeResultsFn struct {
	Parts partWriter
}

// StartBundle forgets a file that a failed bundle has left open.
func (f *writeResultsFn) StartBundle(func(part)) { f.Parts.file = nil }

// ProcessElement writes a result.
func (f *writeResultsFn) ProcessElement(ctx context.Context, r stancebeam.Result, emit func(part)) error {
	return f.Parts.write(ctx, r.Source, r.Line, resultLine(&r), emit)
}

// FinishBundle ends the last file.
func (f *writeResultsFn) FinishBundle(emit func(part)) error { return f.Parts.close(emit) }

// writeFailuresFn writes failures.
type writeFailuresFn struct {
	Parts partWriter
}

// StartBundle forgets a file that a failed bundle has left open.
func (f *writeFailuresFn) StartBundle(func(part)) { f.Parts.file = nil }

// ProcessElement writes a failure.
func (f *writeFailuresFn) ProcessElement(ctx context.Context, r stancebeam.Failure, emit func(part)) error {
	return f.Parts.write(ctx, r.Source, r.Line, jsonFailure{
		r.Source, r.Line, r.ID, r.Day, r.Reason, excerpt(r.Text),
	}, emit)
}

// FinishBundle ends the last file.
func (f *writeFailuresFn) FinishBundle(emit func(part)) error { return f.Parts.close(emit) }

// commit lets the program stop a commitFn of its own process, and wait until it
// has stopped, so that nothing unfinished is left when the process ends.
var commit struct {
	sync.Mutex // held while the output is put together
	stopped    atomic.Bool
}

// commitFn makes the output of the parts, if they are complete.
type commitFn struct {
	Dir     string
	Sources []string // in the order of the output
}

// The counters that tell the program how many elements there are.
var (
	resultCounter  = beam.NewCounter(counterNamespace, resultParts)
	failureCounter = beam.NewCounter(counterNamespace, failureParts)
	labelCounters  = [...]beam.Counter{
		stance.Unlabelled: beam.NewCounter(counterNamespace, abstained),
		stance.Favor:      beam.NewCounter(counterNamespace, stance.Favor.String()),
		stance.Against:    beam.NewCounter(counterNamespace, stance.Against.String()),
		stance.None:       beam.NewCounter(counterNamespace, stance.None.String()),
	}
)

const (
	counterNamespace = "metoostance"
	abstained        = "abstained"
)

// ProcessElement is called once for the whole pipeline.
func (f *commitFn) ProcessElement(ctx context.Context, _ []byte, parts func(*part) bool, counts func(*stancebeam.Count) bool) error {
	byKind := map[string][]part{}
	n := map[string]int64{}
	for p := (part{}); parts(&p); {
		byKind[p.Kind] = append(byKind[p.Kind], p)
		n[p.Kind] += p.N
	}
	var table []stancebeam.Count
	counted := int64(0)
	for c := (stancebeam.Count{}); counts(&c); {
		table = append(table, c)
		counted += c.N
	}
	// When a bundle fails a runner may still go on with what does not depend on
	// it. So it is not enough that what has arrived adds up.
	if len(byKind[planParts]) != len(f.Sources) || n[planParts] != int64(len(byKind[recordParts])) {
		return fmt.Errorf("only %d of %d files and %d of %d blocks were read",
			len(byKind[planParts]), len(f.Sources), len(byKind[recordParts]), n[planParts])
	}
	if n[recordParts] != n[resultParts]+n[failureParts] || counted != n[resultParts] {
		return fmt.Errorf("%d sentences were read, but there are %d results, of which %d are counted, and %d failures",
			n[recordParts], n[resultParts], counted, n[failureParts])
	}
	commit.Lock()
	defer commit.Unlock()
	f.sort(byKind[resultParts])
	f.sort(byKind[failureParts])
	slices.SortFunc(table, func(a, b stancebeam.Count) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Label, b.Label))
	})
	// Each file is complete before the one around it takes its name, and none
	// takes it before all are written.
	err := writeFile(ctx, f.Dir, resultsFile, func(w io.Writer) error {
		if err := copyParts(ctx, w, byKind[resultParts]); err != nil {
			return err
		}
		return writeFile(ctx, f.Dir, failuresFile, func(w io.Writer) error {
			if err := copyParts(ctx, w, byKind[failureParts]); err != nil {
				return err
			}
			return writeFile(ctx, f.Dir, countsFile, func(w io.Writer) error { return writeCounts(w, table) })
		})
	})
	if err != nil {
		return err
	}
	resultCounter.Inc(ctx, n[resultParts])
	failureCounter.Inc(ctx, n[failureParts])
	for _, c := range table {
		labelCounters[c.Label].Inc(ctx, c.N)
	}
	return nil
}

// sort puts parts into the order of their lines.
func (f *commitFn) sort(parts []part) {
	order := make(map[string]int, len(f.Sources))
	for i, s := range f.Sources {
		order[s] = i
	}
	slices.SortFunc(parts, func(a, b part) int {
		return cmp.Or(cmp.Compare(order[a.Source], order[b.Source]), cmp.Compare(a.Line, b.Line))
	})
}

// copyParts writes what parts hold, one after the other.
func copyParts(ctx context.Context, w io.Writer, parts []part) error {
	for _, p := range parts {
		if err := copyPart(ctx, w, p.Path); err != nil {
			return err
		}
	}
	return nil
}

func copyPart(ctx context.Context, w io.Writer, path string) error {
	if commit.stopped.Load() {
		return errors.New("stopped")
	}
	r, err := open(ctx, path, 0)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(w, r)
	return err
}

// writeCounts writes the table of counts.
func writeCounts(w io.Writer, counts []stancebeam.Count) error {
	var b strings.Builder
	b.WriteString("day\tlabel\tcount\n")
	for _, c := range counts {
		fmt.Fprintf(&b, "%s\t%v\t%d\n", c.Day, c.Label, c.N)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// writeFile makes or replaces a file as a whole: a local one as package program
// does; in object stores a file takes its name when it is closed.
func writeFile(ctx context.Context, dir, name string, write func(io.Writer) error) error {
	file := dir + "/" + name
	if !isURL(file) {
		return program.WriteFile(file, write)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel() // an unfinished file is given up
	w, err := create(ctx, file)
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(w, 1<<16)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	return w.Close()
}

// makePartsDir makes a directory for parts within the output directory.
func makePartsDir(dir string) (string, error) {
	if isURL(dir) {
		return dir + "/.parts-" + rand.Text(), nil // object stores have no directories
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	return os.MkdirTemp(dir, ".parts-")
}

// removeParts removes the directory and what is in it.
func removeParts(ctx context.Context, dir string) error {
	if !isURL(dir) {
		// Under another name no worker that has not heard of the end can put
		// another file into it.
		if err := os.Rename(dir, dir+"-"); err == nil {
			dir += "-"
		}
		return os.RemoveAll(dir)
	}
	fs, err := filesystem.New(ctx, dir)
	if err != nil {
		return err
	}
	defer fs.Close()
	files, err := fs.List(ctx, dir+"/*")
	if err != nil {
		return err
	}
	remover, ok := fs.(filesystem.Remover)
	if !ok {
		return fmt.Errorf("%s: its file system cannot remove files", dir)
	}
	var failed []error
	for _, file := range files {
		failed = append(failed, remover.Remove(ctx, file))
	}
	return errors.Join(failed...)
}
