// Package program is what the example programs have in common: the manual made
// from the package comment, exit statuses, text that does nothing to a terminal,
// the line that shows progress, and files that are replaced as a whole or not at
// all.
//
// Nothing here reads the arguments or exits: each program has a function run
// that does what main would do and returns the exit status, so that tests can
// call it.
package program

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// The exit statuses.
const (
	StatusDone    = 0
	StatusFailure = 1 // the program was called rightly and could not do it all
	StatusUsage   = 2 // the program was called in a wrong way
)

// A Manual is what a program says about its use.
type Manual struct{ name, text, usage string }

// NewManual makes the manual of a program from its package comment, which is
// thereby the only place where the use is described. source is the Go file that
// begins with the comment; go:embed puts it into the program. The comment must
// have a paragraph "Usage:" with an indented block below it: without one
// NewManual panics.
func NewManual(name, source string) *Manual {
	var b strings.Builder
	for line := range strings.Lines(source) {
		text, ok := strings.CutPrefix(line, "//")
		if !ok {
			break
		}
		b.WriteString(strings.TrimPrefix(text, " "))
	}
	m := &Manual{name: name, text: b.String()}
	_, usage, _ := strings.Cut(m.text, "\nUsage:\n\n")
	m.usage, _, _ = strings.Cut(usage, "\n\n")
	if !strings.HasPrefix(m.usage, "\t") {
		panic(fmt.Sprintf("program: the package comment of %s does not tell the usage", name))
	}
	return m
}

// String returns the whole manual.
func (m *Manual) String() string { return m.text }

// Synopsis returns the lines on usage alone.
func (m *Manual) Synopsis() string {
	return "usage:\n" + m.usage + "\n\t" + m.name + " -h prints the manual\n"
}

// Refuse answers arguments that the program does not run with. For
// [flag.ErrHelp] it prints the manual to stdout, for any other error the error,
// on one line, and the synopsis to stderr. It returns the exit status.
func (m *Manual) Refuse(err error, stdout, stderr io.Writer) int {
	if !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintf(stderr, "%s: %s\n%s", m.name, Printable(err.Error()), m.Synopsis())
		return StatusUsage
	}
	if _, err := io.WriteString(stdout, m.text); err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", m.name, err)
		return StatusFailure
	}
	return StatusDone
}

// IsTerminal reports whether what is written to w is shown at once and to a
// person: whether it is a file that is a character device other than
// [os.DevNull].
func IsTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return false
	}
	null, err := os.Stat(os.DevNull)
	return err != nil || !os.SameFile(info, null)
}

// A Progress shows what is being done on one line of a terminal, each message
// in place of the one before. It is safe for concurrent use, and a nil one
// shows nothing.
type Progress struct {
	mu sync.Mutex
	w  io.Writer
}

// NewProgress returns a progress that is shown on w if it is a terminal.
func NewProgress(w io.Writer, terminal bool) *Progress {
	if !terminal {
		return nil
	}
	return &Progress{w: w}
}

// EraseLine goes to the beginning of the line and erases it (ECMA-48: CR, EL).
const EraseLine = "\r\x1b[K"

// Sayf shows a message, which must have no line end.
func (p *Progress) Sayf(format string, args ...any) {
	if p != nil {
		p.mu.Lock()
		defer p.mu.Unlock()
		fmt.Fprintf(p.w, EraseLine+format, args...)
	}
}

// Clear takes the message away, so that other output finds a line of its own.
func (p *Progress) Clear() { p.Sayf("") }

// WriteFile makes a file of what write writes, or replaces one as a whole: when
// write or the disk fails, what was there before stays as it was. It follows
// symbolic links. A new file can be read by all (0o644), one that is replaced
// keeps its permissions; what is no regular file is not replaced.
func WriteFile(path string, write func(io.Writer) error) (err error) {
	mode := os.FileMode(0o644)
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		if !info.Mode().IsRegular() {
			// A directory cannot be replaced, and a device must not be.
			return fmt.Errorf("%s is no regular file", path)
		}
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		// What the temporary file would have been called says nothing to anybody.
		if e := (*os.PathError)(nil); errors.As(err, &e) {
			e.Path = path
		}
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriter(f)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if err := f.Chmod(mode); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
