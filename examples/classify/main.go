package main

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, environment{
		terminal: program.IsTerminal(os.Stdout),
		progress: program.IsTerminal(os.Stderr),
		noColor:  os.Getenv("NO_COLOR"),
	}))
}

// environment is what the program knows of the world beside its arguments.
type environment struct {
	terminal bool   // whether standard output is a terminal
	progress bool   // whether standard error is one
	noColor  string // the variable NO_COLOR (https://no-color.org)
}

// command is what the flags ask for.
type command struct {
	lines  bool
	format string
	model  string
	target *string // of a file with several; nil if none is named
	least  float64 // confidence; negative: that of the model
	quiet  bool
	files  []string
}

// parse reads the flags. The error is flag.ErrHelp when the manual is wanted.
func parse(args []string) (*command, error) {
	c := &command{format: "text", least: -1}
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
	fs.Func("target", "", func(name string) error {
		c.target = &name
		return nil
	})
	fs.Func("min-confidence", "", func(s string) (err error) {
		if c.least, err = strconv.ParseFloat(s, 64); err != nil || !(c.least >= 0 && c.least <= 1) {
			return errors.New("want a probability")
		}
		return nil
	})
	fs.BoolVar(&c.quiet, "quiet", false, "")
	var err error
	if c.files, err = program.ParseArgs(fs, args); err != nil {
		return nil, err
	}
	if c.target != nil && c.model == "" {
		return nil, errors.New("-target needs -model: the model of the library has one target")
	}
	if len(c.files) == 0 {
		c.files = []string{standardInput}
	}
	return c, nil
}

// run is the program.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, env environment) int {
	c, err := parse(args)
	if err != nil {
		return manual.Refuse(err, stdout, stderr)
	}
	// On one terminal the sentences are the progress, and would mix with it.
	l := &labeller{
		lines: c.lines, w: bufio.NewWriter(stdout),
		progress: program.NewProgress(stderr, env.progress && !env.terminal && !c.quiet),
	}
	complain := func(err error) {
		l.progress.Clear()
		fmt.Fprintf(stderr, "classify: %s\n", program.Printable(err.Error()))
	}
	if l.model, err = c.load(); err != nil {
		complain(err)
		return program.StatusFailure
	}
	if c.least >= 0 {
		l.model = l.model.WithMinConfidence(c.least)
	}
	l.out = newPrinter[c.format](l.w, printerOptions{
		color:    env.terminal && env.noColor == "",
		headings: len(c.files) > 1,
	})
	status := program.StatusDone
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
		status = program.StatusFailure
		if errors.As(err, new(*outputError)) {
			break // there is nowhere to write the rest
		}
	}
	l.progress.Clear()
	if !c.quiet {
		fmt.Fprintln(stderr, l.summary())
	}
	return status
}

// load returns the model that labels.
func (c *command) load() (*stance.Model, error) {
	if c.model == "" {
		return stance.Default(), nil
	}
	m, err := stance.LoadFile(c.model)
	if errors.Is(err, stance.ErrTargetsFile) {
		return c.loadTarget()
	}
	if err == nil && c.target != nil {
		return nil, fmt.Errorf("%s holds a single model; leave -target out", c.model)
	}
	return m, err
}

// loadTarget returns the model of a target from a file with several.
func (c *command) loadTarget() (*stance.Model, error) {
	t, err := stance.LoadTargetsFile(c.model)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, name := range t.Names() {
		names = append(names, strconv.Quote(name))
	}
	all := strings.Join(names, ", ")
	if c.target == nil {
		return nil, fmt.Errorf("%s holds the models of several targets; choose one with -target: %s", c.model, all)
	}
	m, ok := t.Model(*c.target)
	if !ok {
		return nil, fmt.Errorf("%s has no model of the target %q; it has %s", c.model, *c.target, all)
	}
	return m, nil
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
	if n := l.counts[stance.Unlabelled]; n > 0 {
		total += n
		counts = append(counts, fmt.Sprintf("without label %d", n))
	}
	noun := "sentences"
	if total == 1 {
		noun = "sentence"
	}
	return fmt.Sprintf("%d %s: %s", total, noun, strings.Join(counts, ", "))
}
