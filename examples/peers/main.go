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
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// action is what the arguments ask for.
type action func(ctx context.Context, stdout, stderr io.Writer) error

// parse reads the arguments. The error is flag.ErrHelp when the manual is
// wanted.
func parse(args []string) (action, error) {
	fs := flag.NewFlagSet("peers", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	quiet := fs.Bool("quiet", false, "")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	do, err := parseCommand(fs.Args())
	if err != nil || !*quiet {
		return do, err
	}
	// Errors are returned, so all that is lost is what is being done.
	return func(ctx context.Context, stdout, _ io.Writer) error { return do(ctx, stdout, io.Discard) }, nil
}

// parseCommand reads what follows the flags of all commands.
func parseCommand(args []string) (action, error) {
	if len(args) == 0 {
		return nil, errors.New("want corpus, run, quality or stage")
	}
	switch args[0] {
	case "help":
		return nil, flag.ErrHelp
	case "corpus":
		return parseCorpusCommand(args[1:])
	case "run":
		c, err := parseRun(args[1:])
		if err != nil {
			return nil, err
		}
		return c.run, nil
	case "quality":
		c, err := parseQuality(args[1:])
		if err != nil {
			return nil, err
		}
		return c.run, nil
	case "stage":
		stage, err := parseStage(args[1:])
		if err != nil {
			return nil, err
		}
		return func(ctx context.Context, stdout, _ io.Writer) error { return runStage(ctx, stdout, stage) }, nil
	}
	return nil, fmt.Errorf("unknown command %q, want corpus, run, quality or stage", args[0])
}

// run is the program.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	do, err := parse(args)
	if err != nil {
		return manual.Refuse(err, stdout, stderr)
	}
	if err := do(ctx, stdout, stderr); err != nil {
		fmt.Fprintf(stderr, "peers: %v\n", err)
		return program.StatusFailure
	}
	return program.StatusDone
}

func parseCorpusCommand(args []string) (action, error) {
	fs := flag.NewFlagSet("corpus", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	n := fs.Int("n", 0, "")
	output := fs.String("o", "", "")
	seed := fs.Uint64("seed", 1, "")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case fs.NArg() > 0:
		return nil, fmt.Errorf("corpus: unexpected argument %q", fs.Arg(0))
	case *n < 1:
		return nil, fmt.Errorf("corpus: -n is %d, want at least 1 sentence", *n)
	case *output == "":
		return nil, errors.New("corpus: -o is missing: where should the corpus be written?")
	}
	return func(ctx context.Context, stdout, stderr io.Writer) error {
		p := program.NewProgress(stderr, program.IsTerminal(stderr))
		p.Sayf("making %d sentences", *n)
		stats, err := makeCorpus(ctx, *output, *n, *seed)
		p.Clear()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(stdout, "%s: %v\n", *output, stats)
		return err
	}, nil
}

// runCommand is what the flags of run ask for.
type runCommand struct {
	scripts, dir, python, readme string
	sizes                        []int
	only                         map[string]bool // nil for all
	runs                         int
	markdown                     bool
	seed                         uint64
}

func parseRun(args []string) (*runCommand, error) {
	c := &runCommand{sizes: []int{20_000, 200_000, 1_000_000}}
	fs := flag.NewFlagSet("run", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.scripts, "scripts", "", "")
	fs.StringVar(&c.dir, "dir", "", "")
	fs.StringVar(&c.python, "python", "/usr/bin/python3", "")
	fs.StringVar(&c.readme, "readme", "", "")
	fs.IntVar(&c.runs, "runs", 3, "")
	fs.Uint64Var(&c.seed, "seed", 1, "")
	fs.Func("sizes", "", func(s string) (err error) {
		c.sizes, err = parseSizes(s)
		return err
	})
	fs.Func("only", "", func(s string) (err error) {
		var keys []string
		for _, f := range rowFuncs {
			keys = append(keys, f.key)
		}
		c.only, err = parseKeys(s, "row", keys)
		return err
	})
	fs.Func("format", "", func(s string) (err error) {
		c.markdown, err = parseFormat(s)
		return err
	})
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case fs.NArg() > 0:
		return nil, fmt.Errorf("run: unexpected argument %q", fs.Arg(0))
	case c.scripts == "":
		return nil, errors.New("run: -scripts is missing: where are the scripts that run the peers?")
	case c.runs < 1:
		return nil, fmt.Errorf("run: -runs is %d, want at least 1", c.runs)
	}
	return c, nil
}

func parseSizes(s string) ([]int, error) {
	var sizes []int
	for _, f := range strings.Split(s, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(f))
		if err != nil || n < 1 {
			return nil, fmt.Errorf("%q is no number of sentences", f)
		}
		if len(sizes) > 0 && n <= sizes[len(sizes)-1] {
			return nil, fmt.Errorf("%d does not exceed the size before it", n)
		}
		sizes = append(sizes, n)
	}
	return sizes, nil
}

// parseKeys reads some of the keys of a table's rows.
func parseKeys(s, noun string, keys []string) (map[string]bool, error) {
	only := map[string]bool{}
	for _, f := range strings.Split(s, ",") {
		f = strings.TrimSpace(f)
		if !slices.Contains(keys, f) {
			return nil, fmt.Errorf("there is no %s %q, only %s", noun, f, strings.Join(keys, ", "))
		}
		only[f] = true
	}
	return only, nil
}

func parseFormat(s string) (markdown bool, err error) {
	if s != "text" && s != "markdown" {
		return false, errors.New("want text or markdown")
	}
	return s == "markdown", nil
}

func (c *runCommand) run(ctx context.Context, stdout, stderr io.Writer) (err error) {
	scripts, err := filepath.Abs(c.scripts)
	if err != nil {
		return err
	}
	if err := checkScripts(scripts); err != nil {
		return err
	}
	if c.readme != "" {
		if err := speedMarks.Check(c.readme); err != nil {
			return err
		}
	}
	dir, remove, err := workDir(c.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	r := &runner{
		scripts: scripts, dir: dir, python: c.python, self: self,
		sizes: c.sizes, seed: c.seed, runs: c.runs, innerRuns: innerRuns, peers: detect(ctx, c.python), log: stderr,
		stats: map[string]corpusStats{}, made: map[string]bool{}, fresh: map[int]*freshText{},
	}
	p := &report{title: r.title()}
	p.missing = r.missing(scikitLearn, libLinear, fastText, limitProgram)
	if err := r.corpora(ctx); err != nil {
		return err
	}
	for _, n := range r.sizes {
		p.corpora = append(p.corpora, r.stats[r.corpus(n)].String())
	}
	p.corpora = append(p.corpora, "fresh text: "+r.stats[r.heldOut()].String())
	rows, failed := r.measure(ctx, c.only)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	p.rows = rows
	write := p.text
	if c.markdown {
		write = p.markdown
	}
	if err := write(stdout); err != nil {
		return errors.Join(failed, err)
	}
	// A table with a row that failed is not one to keep.
	if c.readme != "" && failed == nil {
		var b bytes.Buffer
		if err := p.markdown(&b); err != nil {
			return err
		}
		return speedMarks.Fill(c.readme, b.String())
	}
	return failed
}

// workDir returns the absolute path of a directory to work in, which it makes:
// a temporary one if the name is empty. remove removes a temporary one.
func workDir(name string) (dir string, remove func() error, err error) {
	if name == "" {
		dir, err = os.MkdirTemp("", "peers")
		return dir, func() error { return os.RemoveAll(dir) }, err
	}
	if err := os.MkdirAll(name, 0o755); err != nil {
		return "", nil, err
	}
	dir, err = filepath.Abs(name)
	return dir, func() error { return nil }, err
}

// missing names those of the peers that are not installed, and how to install
// them.
func (r *runner) missing(peers ...peer) []string {
	var all []string
	for _, p := range peers {
		if missing := r.peers[p].missing; len(missing) > 0 {
			m := fmt.Sprintf("Not installed: %v (not found: %s). To install it: %s", p, strings.Join(missing, ", "), p.remedy())
			all = append(all, m)
			r.say("%s", m)
		}
	}
	return all
}

// title says when, with what and on what was measured, and how often.
func (r *runner) title() string {
	turns := fmt.Sprintf("Medians of %d turns, in brackets least and greatest.", r.runs)
	if r.runs == 1 {
		turns = "One turn."
	}
	return r.measured() + " " + turns
}

// measured says when, with what and on what was measured.
func (r *runner) measured() string {
	var versions []string
	for i, installed := range r.peers {
		if installed.version != "" && len(installed.missing) == 0 {
			versions = append(versions, peer(i).String()+" "+installed.version)
		}
	}
	versions = append(versions, "metoostance "+stance.Version+" with "+runtime.Version())
	return fmt.Sprintf("Measured on %s with %s, on %s.",
		time.Now().Format("2 January 2006"), strings.Join(versions, ", "), machine())
}

// machine describes the machine in words, as far as it is known.
func machine() string {
	parts := []string{fmt.Sprintf("%d processors", runtime.NumCPU())}
	if runtime.NumCPU() == 1 {
		parts[0] = "1 processor"
	}
	if name := field("/proc/cpuinfo", "model name", ":"); name != "" {
		parts[0] += " (" + name + ")"
	}
	if kibibytes, err := strconv.ParseFloat(bare(field("/proc/meminfo", "MemTotal", ":")), 64); err == nil {
		parts = append(parts, fmt.Sprintf("%.0f GiB of memory", kibibytes/(1<<20)))
	}
	if name := field("/etc/os-release", "PRETTY_NAME", "="); name != "" {
		parts = append(parts, strings.Trim(name, `"`))
	}
	parts = append(parts, runtime.GOOS+"/"+runtime.GOARCH)
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		parts = append(parts, "load average "+bare(string(raw))+" at the start")
	}
	return strings.Join(parts, ", ")
}

// field returns the value of the first line of a file that begins with a key,
// or "" if there is none.
func field(path, key, separator string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(raw)) {
		if k, v, ok := strings.Cut(line, separator); ok && strings.TrimSpace(k) == key {
			return strings.TrimSpace(v)
		}
	}
	return ""
}
