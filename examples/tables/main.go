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
	"example.org/metoostance/examples/internal/program"
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
	// more are inputs that add rows or columns to the table.
	more []input
	// onDemand tables are made only when they are named.
	onDemand bool
	// unsteady tables differ from run to run.
	unsteady bool
	measure  func(context.Context, *lab) (*table, error)
}

// producers are all tables, in the order of printing.
var producers = []producer{
	{name: "models/gold", more: []input{newsTexts}, measure: modelsOnGold},
	{name: "models/articles", needs: articleTexts, more: []input{newsTexts}, measure: modelsOnArticles},
	{name: "models/domains", more: []input{newsTexts, articleTexts, semEvalFiles, meTooMAFiles}, measure: domainsTable},
	{name: "gold/models", more: []input{newsTexts}, measure: nestedOnGold},
	{name: "gold/parts", more: []input{newsTexts}, measure: partsOfGold},
	{name: "gold/sources", more: []input{newsTexts}, measure: sourcesOfGold},
	{name: "gold/steps", more: []input{newsTexts, articleTexts}, onDemand: true, measure: stepsTable},
	{name: "articles/models", needs: articleTexts, more: []input{newsTexts}, measure: articlesTable},
	{name: "news/models", needs: newsTexts, measure: newsTable},
	{name: "semeval/models", needs: semEvalFiles, measure: semEval},
	{name: "metooma/models", needs: meTooMAFiles, measure: meTooMA},
	{name: "curves/learning", more: []input{newsTexts}, measure: learningCurve},
	{name: "curves/calibration", more: []input{newsTexts, articleTexts}, measure: calibration},
	{name: "curves/reliability", more: []input{newsTexts}, measure: reliability},
	{name: "curves/risk-coverage", more: []input{newsTexts}, measure: riskCoverage},
	{name: "curves/agreement", measure: agreement},
	{name: "speed/models", more: []input{newsTexts}, onDemand: true, unsteady: true, measure: speed},
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
	l.progress.Clear()
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
	switch {
	case err == nil:
		return program.StatusDone
	case errors.Is(err, flag.ErrHelp), errors.As(err, new(usageError)):
		return manual.Refuse(err, stdout, stderr)
	}
	fmt.Fprintf(stderr, "tables: %v\n", err)
	return program.StatusFailure
}

// command is what the flags say.
type command struct {
	names, semEvalTrain           list
	format, articles, semEvalTest string
	meTooMA, news, readme, plots  string
	check, quiet                  bool
	foldSeed, resampleSeed        uint64
}

// parse reads the flags. The error is flag.ErrHelp when the manual is wanted.
func parse(args []string) (*command, error) {
	var c command
	flags := flag.NewFlagSet("tables", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Var(&c.names, "table", "")
	flags.StringVar(&c.format, "format", "text", "")
	flags.StringVar(&c.plots, "plots", "", "")
	flags.StringVar(&c.readme, "readme", "", "")
	flags.BoolVar(&c.check, "check", false, "")
	flags.Uint64Var(&c.foldSeed, "fold-seed", 1, "")
	flags.Uint64Var(&c.resampleSeed, "resample-seed", 1, "")
	flags.StringVar(&c.articles, "articles", "", "")
	flags.Var(&c.semEvalTrain, "semeval-train", "")
	flags.StringVar(&c.semEvalTest, "semeval-test", "", "")
	flags.StringVar(&c.meTooMA, "metooma", "", "")
	flags.StringVar(&c.news, "news", "", "")
	flags.BoolVar(&c.quiet, "quiet", false, "")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil, err
		}
		return nil, usageError{err}
	}
	set := map[string]bool{}
	flags.Visit(func(f *flag.Flag) { set[f.Name] = true })
	switch {
	case flags.NArg() > 0:
		return nil, usagef("unexpected argument %q", flags.Arg(0))
	case renderers[c.format] == nil:
		return nil, usagef("unknown format %q, want one of %s", c.format, strings.Join(formats, ", "))
	case c.semEvalTest != "" && len(c.semEvalTrain) == 0:
		return nil, usagef("-semeval-test needs -semeval-train")
	case c.check && c.readme == "":
		return nil, usagef("-check needs -readme")
	case c.check && set["plots"]:
		return nil, usagef("-check writes nothing, and -plots does")
	case set["plots"] && c.plots == "":
		return nil, usagef("-plots needs the name of a directory")
	case c.readme != "" && set["format"] && c.format != "markdown":
		return nil, usagef("-readme writes Markdown, not %s", c.format)
	}
	return &c, nil
}

// tables does what the arguments ask for.
func tables(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	c, err := parse(args)
	if err != nil {
		return err
	}
	wanted, err := resolve(c.names)
	if err != nil {
		return usageError{err}
	}
	if c.plots != "" {
		// Better now than when all is measured.
		if err := makeDirectory(c.plots); err != nil {
			return err
		}
	}
	l := newLab(data.Gold())
	l.foldSeed, l.resampleSeed = c.foldSeed, c.resampleSeed
	l.progress = c.progress(stderr, program.IsTerminal(stderr))
	if err := l.load(c); err != nil {
		return err
	}
	switch {
	case c.readme != "":
		err = l.document(ctx, c.readme, wanted, c.check, stderr)
	case c.plots == "" || len(c.names) > 0:
		err = l.print(ctx, c, wanted, stdout, stderr)
	}
	if err != nil || c.plots == "" {
		return err
	}
	if c.quiet {
		stderr = io.Discard // it would only hear what is written
	}
	return l.plot(ctx, plots, c.plots, stderr)
}

// progress shows what is being measured, which takes from seconds to minutes,
// to whoever wants to see it.
func (c *command) progress(stderr io.Writer, terminal bool) *program.Progress {
	return program.NewProgress(stderr, terminal && !c.quiet)
}

// print prints the wanted tables, or without names all that can be made.
func (l *lab) print(ctx context.Context, c *command, wanted []producer, stdout, stderr io.Writer) error {
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
	if c.news != "" {
		news, err := data.News(os.DirFS(c.news))
		if err != nil {
			return err
		}
		l.news = news
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
