// Tables measures the library's models and prints the results as tables.
//
//	tables [-table NAME,...] [-format text|markdown|csv|latex|json] [-articles DIR]
//	       [-semeval-train FILE,FILE [-semeval-test FILE]] [-metooma DIR]
//	tables -readme FILE [-check] [-table NAME,...] [-articles DIR] ...
//
// Without arguments it prints all tables that need nothing but the embedded
// gold corpus. Tables of other sets are added when their files are given; the
// texts of those sets are read and never printed. A name stands for one table
// (models/gold) or for all below it (models):
//
//	models/gold            every model, grouped cross-validation, fixed settings: quick
//	models/articles        trained on the gold corpus, tested on the three articles
//	gold/models            nested cross-validation, intervals, paired tests
//	gold/parts             the reference model by register, genre, and lone or in a passage
//	gold/sources           leave-one-source-out: what a new register or genre costs
//	articles/models        the articles with intervals and the annotators as ceiling
//	semeval/models         SemEval-2016 Task 6 A beside published figures
//	metooma/models         MeTooMA, labels as published and realigned
//	curves/learning        quality by the amount of training data
//	curves/calibration     ECE, Brier score and log loss, before and after calibration
//	curves/reliability     accuracy by confidence
//	curves/risk-coverage   errors when the unsure answers are left out
//	curves/agreement       agreement of the annotators
//	speed/models           training time and throughput: differs from run to run
//	selection/settings     the choice of the fixed settings: takes long
//
// The last two are printed only when they are named. Every table but speed is
// the same to the last byte on every run, whatever GOMAXPROCS.
//
// # Formats
//
// Text and markdown are for reading; latex writes table environments that need
// no package. In csv every table has a header of its own, its name in the first
// column and a blank line before it, and an interval takes two further columns;
// a text that a spreadsheet would take for a formula has a single quote in
// front. In json every figure is an object on a line of its own, with at least
// "table", "model", "metric" and "value".
//
// # Tables in a document
//
// With -readme the tables between the lines
//
//	<!-- tables: NAME NAME ... -->
//	<!-- /tables -->
//
// of a Markdown file are written anew, and the file is replaced as a whole or
// not at all. With -check nothing is written, and it is a failure when a table
// is not what the program makes. With -table only the tables of those names are
// looked at. Where a table needs files that are not given, all between its
// lines stays as it is, which is said on standard error.
//
// The exit status is 0, 1 after a failure or a failed check, and 2 for wrong
// usage.
package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"

	"example.org/metoostance/data"
	"example.org/metoostance/stance"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// A producer makes the table of a name.
type producer struct {
	name  string
	needs input
	// onDemand tables are made only when they are named.
	onDemand bool
	// unsteady tables differ from run to run.
	unsteady bool
	measure  func(context.Context, *lab) (*table, error)
}

// producers are all tables, in the order of printing.
var producers = []producer{
	{name: "models/gold", measure: modelsOnGold},
	{name: "models/articles", needs: articleTexts, measure: modelsOnArticles},
	{name: "gold/models", measure: nestedOnGold},
	{name: "gold/parts", measure: partsOfGold},
	{name: "gold/sources", measure: sourcesOfGold},
	{name: "articles/models", needs: articleTexts, measure: articlesTable},
	{name: "semeval/models", needs: semEvalFiles, measure: semEval},
	{name: "metooma/models", needs: meTooMAFiles, measure: meTooMA},
	{name: "curves/learning", measure: learningCurve},
	{name: "curves/calibration", measure: calibration},
	{name: "curves/reliability", measure: reliability},
	{name: "curves/risk-coverage", measure: riskCoverage},
	{name: "curves/agreement", measure: agreement},
	{name: "speed/models", onDemand: true, unsteady: true, measure: speed},
	{name: "selection/settings", onDemand: true, measure: selection},
}

// resolve returns the producers that names stand for, each once.
func resolve(names []string) ([]producer, error) {
	var found []producer
	for _, name := range names {
		known := false
		for _, p := range producers {
			if p.name != name && !strings.HasPrefix(p.name, name+"/") {
				continue
			}
			known = true
			if !slices.ContainsFunc(found, p.is) {
				found = append(found, p)
			}
		}
		if !known {
			return nil, fmt.Errorf("unknown table %q", name)
		}
	}
	return found, nil
}

func (p producer) is(q producer) bool { return p.name == q.name }

// render measures the tables and returns them in a format.
func (l *lab) render(ctx context.Context, chosen []producer, format renderer) ([]byte, error) {
	var b bytes.Buffer
	for i, p := range chosen {
		if err := l.renderOne(ctx, &b, p, format, i == 0); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), nil
}

func (l *lab) renderOne(ctx context.Context, w io.Writer, p producer, format renderer, first bool) error {
	t, err := p.measure(ctx, l)
	l.progress("")
	if err != nil {
		return fmt.Errorf("table %s: %w", p.name, err)
	}
	t.name = p.name
	return format(w, t, first)
}

// list is a flag that holds comma-separated values and may be repeated.
type list []string

func (l *list) String() string { return strings.Join(*l, ",") }

func (l *list) Set(s string) error {
	for v := range strings.SplitSeq(s, ",") {
		if v = strings.TrimSpace(v); v == "" {
			return errors.New("an empty name")
		}
		*l = append(*l, v)
	}
	return nil
}

// A usageError says that the program was called in a wrong way.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

// run is the program: it returns the exit status.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := tables(ctx, args, stdout, stderr)
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "tables: %v\nRun tables -help for usage.\n", err)
		return 2
	}
	fmt.Fprintf(stderr, "tables: %v\n", err)
	return 1
}

// command is what the flags say.
type command struct {
	names, semEvalTrain           list
	format, articles, semEvalTest string
	meTooMA, readme               string
	check                         bool
	foldSeed, resampleSeed        uint64
}

// parse reads the flags. It returns nil when they ask for help, which it
// writes to stdout.
func parse(args []string, stdout io.Writer) (*command, error) {
	var c command
	flags := flag.NewFlagSet("tables", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Var(&c.names, "table", "`NAME` of a table or of a group of them; may be repeated, or a comma-separated list")
	flags.StringVar(&c.format, "format", "text", strings.Join(formats, ", "))
	flags.StringVar(&c.articles, "articles", "", "`DIR` with the texts of the three articles")
	flags.Var(&c.semEvalTrain, "semeval-train", "training `FILE` of SemEval-2016 Task 6 A; may be repeated, or a comma-separated list")
	flags.StringVar(&c.semEvalTest, "semeval-test", "", "test `FILE` of SemEval-2016 Task 6 A")
	flags.StringVar(&c.meTooMA, "metooma", "", "`DIR` with the label files and tweets of MeTooMA")
	flags.StringVar(&c.readme, "readme", "", "write the tables into this Markdown `FILE`")
	flags.BoolVar(&c.check, "check", false, "with -readme: write nothing, fail when a table is stale")
	flags.Uint64Var(&c.foldSeed, "fold-seed", 1, "seed of the folds")
	flags.Uint64Var(&c.resampleSeed, "resample-seed", 1, "seed of intervals and paired tests")
	if err := flags.Parse(args); err != nil {
		if !errors.Is(err, flag.ErrHelp) {
			return nil, usageError{err}
		}
		flags.SetOutput(stdout)
		fmt.Fprintln(stdout, "usage: tables [flags]\n\nPrints tables of how well the models do. Tables:")
		for _, p := range producers {
			fmt.Fprintf(stdout, "  %s", p.name)
			switch {
			case p.needs != noInput:
				fmt.Fprintf(stdout, " (needs %s)", p.needs.flag())
			case p.onDemand:
				fmt.Fprint(stdout, " (only when named)")
			}
			fmt.Fprintln(stdout)
		}
		fmt.Fprintln(stdout, "\nflags:")
		flags.PrintDefaults()
		return nil, nil
	}
	formatSet := false
	flags.Visit(func(f *flag.Flag) { formatSet = formatSet || f.Name == "format" })
	switch {
	case flags.NArg() > 0:
		return nil, usagef("unexpected argument %q", flags.Arg(0))
	case renderers[c.format] == nil:
		return nil, usagef("unknown format %q, want one of %s", c.format, strings.Join(formats, ", "))
	case c.semEvalTest != "" && len(c.semEvalTrain) == 0:
		return nil, usagef("-semeval-test needs -semeval-train")
	case c.check && c.readme == "":
		return nil, usagef("-check needs -readme")
	case c.readme != "" && formatSet && c.format != "markdown":
		return nil, usagef("-readme writes Markdown, not %s", c.format)
	}
	return &c, nil
}

func tables(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parse(args, stdout)
	if c == nil || err != nil {
		return err
	}
	wanted, err := resolve(c.names)
	if err != nil {
		return usageError{err}
	}
	l := newLab(data.Gold())
	l.foldSeed, l.resampleSeed = c.foldSeed, c.resampleSeed
	l.progress = progress(stderr)
	if err := l.load(c); err != nil {
		return err
	}
	if c.readme != "" {
		return l.document(ctx, c.readme, wanted, c.check, stderr)
	}
	var chosen []producer
	if len(c.names) == 0 {
		for _, p := range producers {
			if !p.onDemand && l.has(p.needs) {
				chosen = append(chosen, p)
			}
		}
	}
	for _, p := range wanted {
		switch {
		case l.has(p.needs):
			chosen = append(chosen, p)
		case slices.Contains(c.names, p.name):
			return usagef("table %s needs %s", p.name, p.needs.flag())
		default:
			fmt.Fprintf(stderr, "tables: left out table %s: it needs %s\n", p.name, p.needs.flag())
		}
	}
	if len(chosen) == 0 {
		return usagef("there is no table left to print")
	}
	for i, p := range chosen {
		// One at a time, for the later ones take a while.
		var b bytes.Buffer
		if err := l.renderOne(ctx, &b, p, renderers[c.format], i == 0); err != nil {
			return err
		}
		if _, err := stdout.Write(b.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// load reads the files that the flags name.
func (l *lab) load(c *command) error {
	if c.articles != "" {
		var err error
		if l.articles, err = data.Articles(os.DirFS(c.articles)); err != nil {
			return err
		}
	}
	for _, file := range c.semEvalTrain {
		tweets, err := readSemEval(file)
		if err != nil {
			return err
		}
		l.semEvalTrain = append(l.semEvalTrain, tweets...)
	}
	if c.semEvalTest != "" {
		var err error
		if l.semEvalTest, err = readSemEval(c.semEvalTest); err != nil {
			return err
		}
		known := targets(l.semEvalTrain)
		for _, t := range targets(l.semEvalTest) {
			if !slices.Contains(known, t) {
				return fmt.Errorf("%s: target %q is not among those of the training files", c.semEvalTest, t)
			}
		}
	}
	if c.meTooMA != "" {
		var err error
		if l.published, err = data.ReadMeTooMA(os.DirFS(c.meTooMA), data.MeTooMAOptions{}); err != nil {
			return err
		}
		if l.realigned, err = data.ReadMeTooMA(os.DirFS(c.meTooMA), data.MeTooMAOptions{Realign: true}); err != nil {
			return err
		}
	}
	return nil
}

func readSemEval(file string) ([]stance.Example, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return data.ReadSemEval(f, file, data.SemEvalOptions{StripHashtag: true})
}

// progress returns a function that shows what is being done on a line of its
// own, and takes it away for the empty text. It shows nothing unless w is a
// terminal.
func progress(w io.Writer) func(string) {
	f, ok := w.(*os.File)
	if !ok {
		return func(string) {}
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(string) {}
	}
	const clearLine = "\r\x1b[K"
	return func(s string) {
		if s != "" {
			s = "tables: " + s + " ..."
		}
		fmt.Fprint(f, clearLine+s)
	}
}
