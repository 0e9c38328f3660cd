package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/metrics"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/options/jobopts"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/runners"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/x/beamx" // all runners and file systems

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr, program.IsTerminal(os.Stderr))
	stop()
	os.Exit(status)
}

// prism is the runner that is used unless another is named.
const prism = "prism"

// knownRunners are those that the program has in it. Beam ends the process when
// it is asked for another one.
var knownRunners = []string{prism, "flink", "spark", "universal", "dataflow", "direct"}

// maxBundles is how many bundles Prism works on at the same time.
const maxBundles = 8

// action is what the arguments ask for.
type action func(ctx context.Context, stdout, stderr io.Writer, terminal bool) error

// run is the program. terminal says whether stderr is one.
func run(ctx context.Context, args []string, stdout, stderr io.Writer, terminal bool) int {
	do, err := parseArguments(args)
	if err != nil {
		return manual.Refuse(err, stdout, stderr)
	}
	if err := do(ctx, stdout, stderr, terminal); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted")
		}
		fmt.Fprintf(stderr, "beam: %s\n", program.Printable(err.Error()))
		return program.StatusFailure
	}
	return program.StatusDone
}

// command is what the flags ask for.
type command struct {
	output        string
	format        string // empty to tell by the name
	model         string
	minConfidence float64
	maxLine       int
	text          bool
	workers       int
	quiet         bool
	verbose       bool
	runner        string
	files         []string
}

// parseArguments reads the arguments. The error is flag.ErrHelp when the manual
// is wanted.
func parseArguments(args []string) (action, error) {
	if len(args) > 0 && args[0] == "bench" {
		b, err := parseBench(args[1:])
		if err != nil {
			return nil, fmt.Errorf("bench: %w", err)
		}
		return b.run, nil
	}
	c, err := parseCommand(args)
	if err != nil {
		return nil, err
	}
	return c.run, nil
}

// parseCommand reads the flags of the program and those of Beam.
func parseCommand(args []string) (*command, error) {
	c := &command{}
	fs := flag.NewFlagSet("beam", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.output, "o", "", "")
	fs.Func("format", "", func(s string) error {
		if s != jsonLines && s != tsv && s != plainText {
			return errors.New("want jsonl, tsv or text")
		}
		c.format = s
		return nil
	})
	fs.StringVar(&c.model, "model", "", "")
	fs.Float64Var(&c.minConfidence, "min-confidence", 0, "")
	fs.IntVar(&c.maxLine, "max-line", 1<<20, "")
	fs.BoolVar(&c.text, "text", false, "")
	fs.IntVar(&c.workers, "workers", 0, "")
	fs.BoolVar(&c.quiet, "quiet", false, "")
	fs.BoolVar(&c.verbose, "verbose", false, "")
	beamFlags(fs)
	var err error
	if c.files, err = program.ParseArgs(fs, args); err != nil {
		return nil, err
	}
	set := map[string]bool{}
	fs.Visit(func(f *flag.Flag) { set[f.Name] = true })
	if set["worker"] {
		// This process was started by Beam, to work on the bundles of a pipeline
		// that another one has made. Init does that and does not return.
		beam.Init()
	}
	c.runner = cmp.Or(*runners.Runner, prism)
	c.output = strings.TrimSuffix(c.output, "/")
	if !set["workers"] {
		c.workers = 1
		if c.runner == prism {
			c.workers = min(runtime.GOMAXPROCS(0), maxBundles)
		}
	}
	seen := map[string]bool{}
	for _, file := range c.files {
		switch {
		case seen[file]:
			return nil, fmt.Errorf("%s is named twice", file)
		case c.format == "" && formatOf(file) == "":
			return nil, fmt.Errorf("%s: its name does not tell its format: want .jsonl, .tsv or .txt, or -format", file)
		}
		seen[file] = true
	}
	switch {
	case c.output == "":
		return nil, errors.New("-o is missing: into which directory should the output be written?")
	case len(c.files) == 0:
		return nil, errors.New("which files should be labelled?")
	case !(c.minConfidence >= 0 && c.minConfidence <= 1):
		return nil, fmt.Errorf("-min-confidence is %v, want a probability", c.minConfidence)
	case c.maxLine < 1:
		return nil, fmt.Errorf("-max-line is %d, want at least 1", c.maxLine)
	case c.workers < 1:
		return nil, fmt.Errorf("-workers is %d, want at least 1", c.workers)
	case !slices.Contains(knownRunners, c.runner):
		return nil, fmt.Errorf("-runner is %q, want one of %s", c.runner, strings.Join(knownRunners, ", "))
	case *jobopts.Async:
		return nil, errors.New("-async is not possible: the output is put together in the end")
	}
	return c, nil
}

// beamFlags makes a flag set understand the flags that Beam has defined for the
// whole process.
func beamFlags(fs *flag.FlagSet) {
	flag.VisitAll(func(f *flag.Flag) {
		if fs.Lookup(f.Name) != nil {
			return
		}
		set := func(value string) error { return flag.Set(f.Name, value) }
		if b, ok := f.Value.(interface{ IsBoolFlag() bool }); ok && b.IsBoolFlag() {
			fs.BoolFunc(f.Name, f.Usage, set)
		} else {
			fs.Func(f.Name, f.Usage, set)
		}
	})
}

// initBeam must be called before a pipeline is made.
var initBeam = sync.OnceFunc(beam.Init)

// run runs the pipeline.
func (c *command) run(ctx context.Context, _, stderr io.Writer, terminal bool) (err error) {
	initBeam() // which sets a logger
	log := slog.DiscardHandler
	if c.verbose {
		log = slog.NewTextHandler(stderr, nil)
	}
	slog.SetDefault(slog.New(log))
	inputs, err := c.inspect(ctx)
	if err != nil {
		return err
	}
	if !isURL(c.output) {
		// The name of an output, too, can be that of an input.
		for _, name := range []string{resultsFile, failuresFile, countsFile} {
			if in, ok := program.Overwritten(filepath.Join(c.output, name), slices.Concat([]string{c.model}, c.files)...); ok {
				return fmt.Errorf("%s would be written over: it is to be read, and -o names its directory", in)
			}
		}
	}
	parts, err := makePartsDir(c.output)
	if err != nil {
		return err
	}
	defer func() {
		// Also when the work was interrupted.
		err = errors.Join(err, removeParts(context.WithoutCancel(ctx), parts))
	}()
	if !isURL(parts) {
		// Beam leaves an empty file among the temporary ones in each run.
		defer setTempDir(parts)()
	}
	progress.planned.Store(0)
	progress.read.Store(0)
	progress.records.Store(0)
	commit.stopped.Store(false)
	stop := c.showProgress(stderr, terminal && !c.quiet)
	result, err := beam.Run(ctx, c.runner, c.pipeline(inputs, parts))
	stop()
	if err != nil {
		commit.stopped.Store(true)
		commit.Lock()
		defer commit.Unlock()
		return rootCause(err)
	}
	if !c.quiet {
		fmt.Fprintln(stderr, c.summary(result.Metrics()))
	}
	return nil
}

// rootCause takes what Beam says of the bundle and the stage that failed off the
// error that made it fail. Errors come from workers as text.
func rootCause(err error) error {
	const failed = " failed:\n"
	text := err.Error()
	i := strings.LastIndex(text, "\nDoFn[")
	if i < 0 {
		return err
	}
	if _, cause, ok := strings.Cut(text[i:], failed); ok {
		return errors.New(strings.TrimSpace(cause))
	}
	return err
}

// inspect looks at all files and the model before anything is done.
func (c *command) inspect(ctx context.Context) ([]input, error) {
	if c.model != "" && !isURL(c.model) {
		if _, err := stance.LoadFile(c.model); err != nil {
			return nil, err
		}
	}
	inputs := make([]input, len(c.files))
	for i, file := range c.files {
		in, err := inspect(ctx, file, cmp.Or(c.format, formatOf(file)), c.maxLine)
		if err != nil {
			return nil, err
		}
		in.Index = i
		inputs[i] = in
	}
	return inputs, nil
}

// setTempDir makes a directory that of temporary files, until the function that
// it returns is called.
func setTempDir(dir string) (restore func()) {
	const name = "TMPDIR"
	old, ok := os.LookupEnv(name)
	os.Setenv(name, dir)
	return func() {
		if ok {
			os.Setenv(name, old)
		} else {
			os.Unsetenv(name)
		}
	}
}

// showProgress shows how far the pipeline is until stop is called.
func (c *command) showProgress(w io.Writer, terminal bool) (stop func()) {
	if !terminal {
		return func() {}
	}
	p := program.NewProgress(w, true)
	done := make(chan struct{})
	var shown sync.WaitGroup
	shown.Go(func() {
		tick := time.NewTicker(200 * time.Millisecond)
		defer tick.Stop()
		for start := time.Now(); ; {
			select {
			case <-done:
				p.Clear()
				return
			case <-tick.C:
			}
			if time.Since(start) >= 2*time.Second {
				p.Sayf("%s", c.progressLine())
			}
		}
	})
	return func() {
		close(done)
		shown.Wait()
	}
}

// progressLine says how far the pipeline is.
func (c *command) progressLine() string {
	read, planned := progress.read.Load(), progress.planned.Load()
	if planned == 0 {
		return "running on " + c.runner // in other processes, or only just begun
	}
	return fmt.Sprintf("%d sentences, %.0f %% of the input", progress.records.Load(), 100*float64(read)/float64(planned))
}

// summary says how many sentences have which label.
func (c *command) summary(m metrics.Results) string {
	n := map[string]int64{}
	counters := m.Query(func(r metrics.SingleResult) bool { return r.Namespace() == counterNamespace }).Counters()
	for _, r := range counters {
		n[r.Name()] += r.Result()
	}
	if len(counters) == 0 {
		return "done; this runner does not say how many sentences there are"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%d sentences labelled, %d failures", n[resultParts], n[failureParts])
	separator := ": "
	for _, l := range stance.Labels() {
		fmt.Fprintf(&b, "%s%v %d", separator, l, n[l.String()])
		separator = ", "
	}
	if k := n[abstained]; k > 0 {
		fmt.Fprintf(&b, ", %s %d", abstained, k)
	}
	return b.String()
}
