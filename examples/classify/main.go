package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"example.org/metoostance/stance"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, environment{
		terminal: isTerminal(os.Stdout),
		noColor:  os.Getenv("NO_COLOR"),
	}))
}

// environment is what the program knows of the world beside its arguments.
type environment struct {
	terminal bool   // whether standard output is a terminal
	noColor  string // the variable NO_COLOR (https://no-color.org)
}

// isTerminal reports whether f is a terminal, or another device that shows or
// swallows one character after the other.
func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// The exit statuses.
const (
	statusDone    = 0
	statusFailure = 1
	statusUsage   = 2
)

// command is what the flags ask for.
type command struct {
	lines  bool
	format string
	model  string
	files  []string
}

// parse reads the flags. The error is flag.ErrHelp when the manual is wanted.
func parse(args []string) (*command, error) {
	c := &command{format: "text"}
	fs := flag.NewFlagSet("classify", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.BoolVar(&c.lines, "lines", false, "")
	fs.Func("format", "", func(name string) error {
		if newPrinter[name] == nil {
			return errors.New("want text, tsv or jsonl")
		}
		c.format = name
		return nil
	})
	fs.StringVar(&c.model, "model", "", "")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if c.files = fs.Args(); len(c.files) == 0 {
		c.files = []string{standardInput}
	}
	return c, nil
}

// run is the program.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, env environment) int {
	// Messages may hold the names of files, which are as little to be trusted
	// with a terminal as their content.
	complain := func(err error) { fmt.Fprintf(stderr, "classify: %s\n", printable(err.Error())) }

	c, err := parse(args)
	if errors.Is(err, flag.ErrHelp) {
		if _, err := io.WriteString(stdout, manual()); err != nil {
			complain(err)
			return statusFailure
		}
		return statusDone
	}
	if err != nil {
		complain(err)
		io.WriteString(stderr, synopsis())
		return statusUsage
	}
	l := &labeller{lines: c.lines, w: bufio.NewWriter(stdout)}
	if l.model, err = c.load(); err != nil {
		complain(err)
		return statusFailure
	}
	l.out = newPrinter[c.format](l.w, printerOptions{
		color:    env.terminal && env.noColor == "",
		headings: len(c.files) > 1,
	})
	status := statusDone
	for _, name := range c.files {
		err := l.file(name, stdin)
		// What there is of this file comes before the complaint about it. When
		// it cannot be written, that is all there is to say.
		if flushErr := l.flush(); flushErr != nil {
			err = flushErr
		}
		if err == nil {
			continue
		}
		complain(err)
		status = statusFailure
		if errors.As(err, new(*outputError)) {
			break // there is nowhere to write the rest
		}
	}
	fmt.Fprintln(stderr, l.summary())
	return status
}

// load returns the model that labels.
func (c *command) load() (*stance.Model, error) {
	if c.model == "" {
		return stance.Default(), nil
	}
	return stance.LoadFile(c.model)
}

// summary says how many sentences have each label.
func (l *labeller) summary() string {
	total := 0
	var counts []string
	for _, label := range stance.Labels() {
		n := l.counts[label]
		total += n
		counts = append(counts, fmt.Sprintf("%v %d", label, n))
	}
	noun := "sentences"
	if total == 1 {
		noun = "sentence"
	}
	return fmt.Sprintf("%d %s: %s", total, noun, strings.Join(counts, ", "))
}
