package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"example.org/metoostance/data"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	// A second signal ends the program at once, also where it reads.
	context.AfterFunc(ctx, stop)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr, program.IsTerminal(os.Stderr))
	stop()
	os.Exit(status)
}

// command is what the flags ask for.
type command struct {
	gold       bool
	press      bool
	news       string // directory of the public data set; empty for none
	incomplete bool   // go on without what of the news cannot be joined
	format     data.Format
	target     string
	targets    sharing
	options    stance.Options
	folds      int // of cross-validation; 0 for none
	grid       bool
	quiet      bool
	output     string
	files      []string
}

// parse reads the flags. The error is flag.ErrHelp when the manual is wanted.
func parse(args []string) (*command, error) {
	c := &command{options: stance.DefaultOptions()}
	fs := flag.NewFlagSet("train", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.BoolVar(&c.gold, "gold", false, "")
	fs.BoolVar(&c.press, "press", false, "")
	fs.StringVar(&c.news, "news", "", "")
	fs.BoolVar(&c.incomplete, "incomplete", false, "")
	named := map[string]string{} // values of flags that cannot tell them
	fs.Func("format", "", func(name string) (err error) {
		named["format"] = name
		c.format, err = parseFormat(name)
		return err
	})
	fs.StringVar(&c.target, "target", "", "")
	fs.Func("targets", "", func(name string) (err error) {
		named["targets"] = name
		c.targets, err = parseSharing(name)
		return err
	})
	fs.TextVar(&c.options.Algorithm, "algorithm", c.options.Algorithm, "")
	fs.Float64Var(&c.options.C, "C", c.options.C, "")
	fs.BoolVar(&c.options.Balanced, "balanced", c.options.Balanced, "")
	fs.IntVar(&c.folds, "cv", 0, "")
	fs.BoolVar(&c.grid, "grid", false, "")
	fs.BoolVar(&c.quiet, "quiet", false, "")
	fs.StringVar(&c.output, "o", "", "")
	var err error
	if c.files, err = program.ParseArgs(fs, args); err != nil {
		return nil, err
	}
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	switch {
	case c.output == "":
		return nil, errors.New("-o is missing: where should the model be written?")
	case set["news"] && c.news == "":
		return nil, errors.New("-news needs the name of a directory")
	case c.incomplete && c.news == "":
		return nil, errors.New("-incomplete needs -news")
	case !c.gold && !c.press && c.news == "" && len(c.files) == 0:
		return nil, errors.New("nothing to train on: want -gold, -press, -news or files")
	case (c.gold || c.press || c.news != "") && set["target"]:
		return nil, errors.New("-target cannot be used with -gold, -press or -news: all of their sentences have one target")
	case !(c.options.C > 0) || math.IsInf(c.options.C, 0):
		return nil, fmt.Errorf("-C is %v, want a positive number", c.options.C)
	case set["cv"] && c.folds < 2:
		return nil, fmt.Errorf("-cv is %d, want at least 2 folds", c.folds)
	case c.grid && (set["C"] || set["balanced"]):
		return nil, errors.New("-grid chooses C and -balanced; leave them out")
	}
	c.options.Command = provenance(fs, named, c.grid, c.files)
	return c, nil
}

// provenance is the command that the model file remembers: the flags that were
// given, in the order of the alphabet, and the files. Left out are -o, -quiet and
// -cv without -grid, which have no part in the model, and where the files were:
// that is nobody's business.
func provenance(fs *flag.FlagSet, named map[string]string, grid bool, files []string) string {
	words := []string{fs.Name()}
	add := func(word string) {
		plain := func(r rune) bool {
			return unicode.In(r, unicode.L, unicode.M, unicode.N) || strings.ContainsRune("-_=.,:/+@%*~", r)
		}
		if word == "" || !utf8.ValidString(word) || strings.ContainsFunc(word, func(r rune) bool { return !plain(r) }) {
			word = strconv.Quote(word)
		}
		words = append(words, word)
	}
	fs.Visit(func(f *flag.Flag) {
		value := f.Value.String()
		if name, ok := named[f.Name]; ok {
			value = name
		}
		boolean, ok := f.Value.(interface{ IsBoolFlag() bool })
		switch {
		case f.Name == "o" || f.Name == "quiet" || f.Name == "cv" && !grid:
		case ok && boolean.IsBoolFlag() && value == "true", f.Name == "news":
			add("-" + f.Name)
		default:
			add("-" + f.Name + "=" + value)
		}
	})
	if slices.ContainsFunc(files, func(f string) bool { return strings.HasPrefix(filepath.Base(f), "-") }) {
		add("--")
	}
	for _, f := range files {
		add(filepath.Base(f))
	}
	return strings.Join(words, " ")
}

func parseFormat(name string) (data.Format, error) {
	switch name {
	case "csv":
		return data.CSV, nil
	case "tsv":
		return data.TSV, nil
	case "jsonl":
		return data.JSONLines, nil
	}
	return 0, errors.New("want csv, tsv or jsonl")
}

// run is the program. terminal says whether stderr is one.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, terminal bool) int {
	c, err := parse(args)
	if err != nil {
		return manual.Refuse(err, stdout, stderr)
	}
	p := program.NewProgress(stderr, terminal && !c.quiet)
	summary, err := c.train(ctx, stdout, stderr, p)
	p.Clear()
	if err != nil && ctx.Err() != nil {
		fmt.Fprintln(stderr, "train: interrupted")
		return program.StatusFailure
	}
	if err != nil {
		// Each joined error stands on a line of its own, those of files as
		// they are, so that an editor can jump to the place.
		for line := range strings.SplitSeq(err.Error(), "\n") {
			fmt.Fprintln(stderr, program.Printable(line))
		}
		return program.StatusFailure
	}
	fmt.Fprintln(stderr, summary)
	return program.StatusDone
}

// train does what the flags ask for and returns what it trained, in a line.
func (c *command) train(ctx context.Context, stdout, stderr io.Writer, p *program.Progress) (string, error) {
	// Better now than when all is trained.
	if err := program.CheckOutput(c.output, c.files...); err != nil {
		return "", fmt.Errorf("train: %w", err)
	}
	if len(c.files) > 0 {
		p.Sayf("reading the examples")
	}
	examples, err := c.examples(stderr)
	if err != nil {
		return "", err
	}
	if slices.ContainsFunc(examples, func(e stance.Example) bool { return e.Target != "" }) {
		c.options = withoutLexicon(c.options)
	}
	r := newRecipe(examples, c.targets)
	if c.grid {
		if c.options, err = r.search(ctx, stdout, p, examples, c.options, c.gridFolds()); err != nil {
			return "", err
		}
	}
	if c.folds > 0 {
		if err := r.validate(ctx, stdout, p, examples, c.options, c.folds); err != nil {
			return "", err
		}
	}
	p.Sayf("training %s%v on %d examples", settings(c.options), r, len(examples))
	m, err := r.train(ctx, examples, c.options)
	if err != nil {
		return "", err
	}
	if err := m.SaveFile(c.output); err != nil {
		return "", err
	}
	return r.describe(m, examples), nil
}

// describe says in one line what t was trained on and how.
func (r recipe) describe(t trained, examples []stance.Example) string {
	all, targets := models(t)
	labels, size := map[stance.Label]int{}, map[string]int{}
	for _, e := range examples {
		labels[e.Label]++
		size[e.Target]++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "trained %s%v on %d examples (", settings(all[0].Options()), r, len(examples))
	for i, l := range stance.Labels() {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%v %d", l, labels[l])
	}
	fmt.Fprintf(&b, "): %d features", all[0].Report().Features)
	for i, m := range all {
		report := m.Report()
		if targets != nil {
			fmt.Fprintf(&b, "; %q: %d examples", targets[i], size[targets[i]])
		}
		fmt.Fprintf(&b, ", %d iterations, temperature %.4f", report.Solver.Iterations, report.Temperature)
	}
	for _, w := range warnings(all, targets) {
		b.WriteString("; warning: " + w)
	}
	return b.String()
}

// settings names the settings that flags can change.
func settings(o stance.Options) string {
	balanced := "balanced"
	if !o.Balanced {
		balanced = "not balanced"
	}
	return fmt.Sprintf("%v (C %v, %s)", o.Algorithm, o.C, balanced)
}
