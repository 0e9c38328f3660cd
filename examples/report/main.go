package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"example.org/metoostance/examples/internal/page"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, program.IsTerminal(os.Stderr)))
}

// standardInput is the name of standard input.
const standardInput = "-"

// The longest text of which the page shows the words, some 45,000 of them: more
// make a page that a browser does not show with ease, and an explanation takes
// hundreds of times as much memory as its text.
const (
	mostBytes     = 1 << 18
	mostSentences = 5000
)

// command is what the flags ask for.
type command struct {
	output        string
	gold          string
	model         string
	minConfidence *float64 // nil for that of the model
	quiet         bool
	file          string
}

// parse reads the flags. The error is flag.ErrHelp when the manual is wanted.
func parse(args []string) (*command, error) {
	c := &command{}
	fs := flag.NewFlagSet("report", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.output, "o", "", "")
	fs.StringVar(&c.gold, "gold", "", "")
	fs.StringVar(&c.model, "model", "", "")
	fs.Func("min-confidence", "", func(s string) error {
		p, err := strconv.ParseFloat(s, 64)
		if err != nil || !(p >= 0 && p <= 1) {
			return errors.New("want a probability, from 0 to 1")
		}
		c.minConfidence = &p
		return nil
	})
	fs.BoolVar(&c.quiet, "quiet", false, "")
	files, err := program.ParseArgs(fs, args)
	if err != nil {
		return nil, err
	}
	switch len(files) {
	case 0:
		return nil, errors.New("which text should be shown? Name its file, or - for standard input")
	case 1:
		c.file = files[0]
		return c, nil
	}
	return nil, fmt.Errorf("%d files are named, want one text", len(files))
}

// run is the program. terminal says whether stderr is one.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, terminal bool) int {
	c, err := parse(args)
	if err != nil {
		return manual.Refuse(err, stdout, stderr)
	}
	p := program.NewProgress(stderr, terminal && !c.quiet)
	summary, err := c.report(stdin, stdout, p)
	p.Clear()
	if err != nil {
		fmt.Fprintf(stderr, "report: %s\n", program.Printable(err.Error()))
		return program.StatusFailure
	}
	if !c.quiet {
		fmt.Fprintln(stderr, summary)
	}
	return program.StatusDone
}

// report writes the page and returns how many sentences have which label.
func (c *command) report(stdin io.Reader, stdout io.Writer, p *program.Progress) (string, error) {
	if c.output != "" {
		// Better now than when all is labelled.
		if err := program.CheckOutput(c.output, c.file, c.gold, c.model); err != nil {
			return "", err
		}
	}
	model, name, err := c.load()
	if err != nil {
		return "", err
	}
	text, err := c.read(stdin)
	if err != nil {
		return "", err
	}
	d := page.Document{
		Title: c.title(), Text: text, Model: name, MinConfidence: model.Options().MinConfidence,
	}
	if c.gold != "" {
		if d.Gold, err = readGold(c.gold, filepath.Base(c.file), text); err != nil {
			return "", err
		}
	}
	p.Sayf("labelling the sentences of %d bytes", len(text))
	d.Sentences = model.ClassifyDocument(text)
	if len(text) <= mostBytes && len(d.Sentences) <= mostSentences {
		p.Sayf("explaining the labels of %s", sentences(len(d.Sentences)))
		d.Explanations = model.ExplainDocument(text)
	}
	p.Sayf("writing the page of %s", sentences(len(d.Sentences)))
	// The page is written at once when it is complete, so that an interruption
	// leaves neither half of it nor a temporary file behind.
	var b bytes.Buffer
	if err := page.Write(&b, d); err != nil {
		return "", err
	}
	write := func(w io.Writer) error {
		_, err := w.Write(b.Bytes())
		return err
	}
	if c.output == "" {
		err = write(stdout)
	} else {
		err = program.WriteFile(c.output, write)
	}
	if err != nil {
		return "", fmt.Errorf("writing: %w", err)
	}
	return summary(d), nil
}

// load returns the model that labels, and what it is called.
func (c *command) load() (m *stance.Model, name string, err error) {
	m, name = stance.Default(), "the default model of version "+stance.Version
	if c.model != "" {
		if m, err = stance.LoadFile(c.model); err != nil {
			return nil, "", err
		}
		name = fmt.Sprintf("the model of the file %s, trained on %s", filepath.Base(c.model), sentences(m.Report().Examples))
	}
	if c.minConfidence != nil {
		m = m.WithMinConfidence(*c.minConfidence)
	}
	return m, name, nil
}

// title is what the page calls the text.
func (c *command) title() string {
	if c.file == standardInput {
		return "Standard input"
	}
	return filepath.Base(c.file)
}

// read reads the text.
func (c *command) read(stdin io.Reader) (string, error) {
	in, name := stdin, "standard input"
	if c.file != standardInput {
		f, err := os.Open(c.file)
		if err != nil {
			return "", err
		}
		defer f.Close()
		in, name = f, c.file
	}
	var b strings.Builder
	if _, err := io.Copy(&b, in); err != nil {
		if errors.As(err, new(*os.PathError)) {
			return "", err // which names the file
		}
		return "", fmt.Errorf("%s: %w", name, err)
	}
	text := b.String()
	if _, err := program.CheckText([]byte(text[:min(len(text), 16)])); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return text, nil
}

// summary says how many sentences have each label.
func summary(d page.Document) string {
	var n [stance.None + 1]int
	for _, s := range d.Sentences {
		n[s.Label]++
	}
	var b strings.Builder
	b.WriteString(sentences(len(d.Sentences)))
	for i, l := range stance.Labels() {
		b.WriteString([]string{": ", ", ", ", "}[i])
		fmt.Fprintf(&b, "%v %d", l, n[l])
	}
	if d.MinConfidence > 0 {
		fmt.Fprintf(&b, ", no label %d", n[stance.Unlabelled])
	}
	return b.String()
}

func sentences(n int) string {
	if n == 1 {
		return "1 sentence"
	}
	return fmt.Sprintf("%d sentences", n)
}
