package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/core"

	"example.org/metoostance/data"
	"example.org/metoostance/examples/beam/stancebeam"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

// bench is what the flags of bench ask for.
type bench struct {
	n       int
	workers []int
	runs    int
	readme  string
	quiet   bool
}

func parseBench(args []string) (*bench, error) {
	b := &bench{workers: []int{1, 2, 4}}
	fs := flag.NewFlagSet("bench", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.IntVar(&b.n, "n", 1_000_000, "")
	fs.IntVar(&b.runs, "runs", 3, "")
	fs.StringVar(&b.readme, "readme", "", "")
	fs.BoolVar(&b.quiet, "quiet", false, "")
	fs.Func("workers", "", func(s string) error {
		b.workers = nil
		for _, f := range strings.Split(s, ",") {
			w, err := strconv.Atoi(f)
			if err != nil || w < 1 || w > maxBundles {
				return fmt.Errorf("want numbers from 1 to %d with commas between them", maxBundles)
			}
			b.workers = append(b.workers, w)
		}
		if b.workers[0] != 1 {
			return errors.New("the first must be 1, to which the others are compared")
		}
		return nil
	})
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	switch {
	case fs.NArg() > 0:
		return nil, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case b.n < 1:
		return nil, fmt.Errorf("-n is %d, want at least 1", b.n)
	case b.runs < 1:
		return nil, fmt.Errorf("-runs is %d, want at least 1", b.runs)
	}
	return b, nil
}

// run measures and prints the table.
func (b *bench) run(ctx context.Context, stdout, stderr io.Writer, terminal bool) (err error) {
	if b.readme != "" {
		// Better now than when all is measured.
		if err := readmeMarks.Check(b.readme); err != nil {
			return err
		}
	}
	dir, err := os.MkdirTemp("", "beam")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	p := program.NewProgress(stderr, terminal && !b.quiet)
	defer p.Clear()
	t := table{bench: b, title: title(b.runs), withWorkers: make([][]measurement, len(b.workers))}
	p.Sayf("making %d sentences", b.n)
	corpus := filepath.Join(dir, "corpus.jsonl")
	if err := program.WriteFile(corpus, func(w io.Writer) error { return writeCorpus(w, b.n) }); err != nil {
		return err
	}
	// In turn, so that a machine that grows slower does so for all.
	for turn := range b.runs {
		p.Sayf("turn %d of %d: without Beam", turn+1, b.runs)
		m, err := measureWithoutBeam(ctx, corpus, filepath.Join(dir, "plain.jsonl"))
		if err != nil {
			return err
		}
		t.withoutBeam = append(t.withoutBeam, m)
		for i, w := range b.workers {
			p.Sayf("turn %d of %d: %s", turn+1, b.runs, plural(w, "worker"))
			m, err := measure(ctx, w, corpus, filepath.Join(dir, "out"))
			if err != nil {
				return err
			}
			t.withWorkers[i] = append(t.withWorkers[i], m)
		}
	}
	if t.inputBytes, err = sizeOf(corpus); err != nil {
		return err
	}
	if t.outputBytes, err = sizeOf(filepath.Join(dir, "out", resultsFile)); err != nil {
		return err
	}
	text := t.markdown()
	if _, err := io.WriteString(stdout, text); err != nil || b.readme == "" {
		return err
	}
	return readmeMarks.Fill(b.readme, text)
}

func sizeOf(file string) (int64, error) {
	info, err := os.Stat(file)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// writeCorpus writes n sentences of a year.
func writeCorpus(w io.Writer, n int) error {
	first := time.Date(2018, time.January, 1, 12, 0, 0, 0, time.UTC)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	i := 0
	for s := range data.Recombined(n, 1) {
		err := e.Encode(struct {
			ID   int    `json:"id"`
			Time string `json:"time"`
			Text string `json:"text"`
		}{i, first.AddDate(0, 0, i%365).Format(time.RFC3339), s.Text})
		if err != nil {
			return err
		}
		i++
	}
	return nil
}

// measurement is one run.
type measurement struct {
	wall   time.Duration
	cpu    time.Duration // of all processors together; 0 if it was not measured
	memory int64         // at its peak, in bytes; 0 if it is not known
}

// measure runs the program in a process of its own, with as many processors as
// workers.
func measure(ctx context.Context, workers int, corpus, output string) (measurement, error) {
	self, err := os.Executable()
	if err != nil {
		return measurement{}, err
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, self, "-quiet", "-workers", strconv.Itoa(workers), "-o", output, corpus)
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+strconv.Itoa(workers))
	cmd.Stderr = &stderr
	start := time.Now()
	err = cmd.Run()
	m := measurement{wall: time.Since(start)}
	if err != nil {
		return m, fmt.Errorf("with %s: %w: %s", plural(workers, "worker"), err, strings.TrimSpace(stderr.String()))
	}
	m.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	m.memory = program.PeakMemory(cmd.ProcessState)
	return m, nil
}

// measureWithoutBeam does the same with the same functions, called in turn by one
// goroutine on one processor: what Beam and Prism take comes on top of that.
func measureWithoutBeam(ctx context.Context, corpus, output string) (m measurement, err error) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	stance.Default() // which the bench shares with the turn before
	start := time.Now()
	in, err := inspect(ctx, corpus, jsonLines, 1<<20)
	if err != nil {
		return m, err
	}
	f, err := os.Create(output)
	if err != nil {
		return m, err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<16)
	e := json.NewEncoder(w)
	model := stance.Default()
	var failed error
	label := func(r stancebeam.Record) {
		p := model.Classify(r.Text)
		failed = cmp.Or(failed, e.Encode(resultLine(&stancebeam.Result{
			ID: r.ID, Source: r.Source, Line: r.Line, Day: r.Day, Label: p.Label, Probabilities: p.Probabilities,
		})))
	}
	read := readFn{MaxLine: 1 << 20}
	plan := planFn{Branches: 1}
	err = plan.ProcessElement(ctx, in, func(b block) {
		failed = cmp.Or(failed, read.ProcessElement(ctx, b, label, func(part) {}))
	}, func(part) {})
	m.wall = time.Since(start)
	return m, cmp.Or(err, failed, w.Flush())
}

// table is what was measured.
type table struct {
	*bench
	title       string
	withoutBeam []measurement
	withWorkers [][]measurement // by the index of the number of workers
	// inputBytes and outputBytes are the sizes of the corpus and of the results.
	inputBytes, outputBytes int64
}

// series is one figure of several runs.
type series []float64

func seriesOf(runs []measurement, figure func(measurement) float64) series {
	s := make(series, len(runs))
	for i, m := range runs {
		s[i] = figure(m)
	}
	return s
}

// median returns the middle number, or the mean of the middle two.
func (s series) median() float64 {
	v := slices.Sorted(slices.Values(s))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

// String writes the median, and the least and greatest of several, each with
// three significant digits.
func (s series) String() string {
	m, low, high := thousands(s.median()), thousands(slices.Min(s)), thousands(slices.Max(s))
	if low == high {
		return m
	}
	return fmt.Sprintf("%s (%s to %s)", m, low, high)
}

// thousands writes three significant digits, with commas.
func thousands(x float64) string {
	s := strconv.FormatFloat(x, 'g', 3, 64)
	if rounded, err := strconv.ParseFloat(s, 64); err == nil {
		s = strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	whole, fraction, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if fraction != "" {
		fraction = "." + fraction
	}
	return whole + fraction
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

const (
	billion = 1e9
	hour    = 3600 // seconds
)

// markdown writes the table and what follows from it.
func (t *table) markdown() string {
	var b strings.Builder
	rate := func(m measurement) float64 { return float64(t.n) / m.wall.Seconds() }
	fmt.Fprintf(&b, "%s %s sentences of %.0f bytes with their keys in one file.\n\n", t.title, thousands(float64(t.n)), float64(t.inputBytes)/float64(t.n))
	b.WriteString("| workers | sentences a second | times one worker | processor seconds a million | peak memory, MiB | core-hours a billion |\n")
	b.WriteString("| --- | ---: | ---: | ---: | ---: | ---: |\n")
	one := seriesOf(t.withWorkers[0], rate)
	row := func(name string, workers int, runs []measurement) (coreHours float64) {
		rates := seriesOf(runs, rate)
		ratios := make(series, len(runs))
		for i := range runs {
			ratios[i] = rates[i] / one[i]
		}
		cpu, memory := "–", "–"
		if runs[0].cpu > 0 {
			cpu = seriesOf(runs, func(m measurement) float64 { return m.cpu.Seconds() * 1e6 / float64(t.n) }).String()
		}
		if runs[0].memory > 0 {
			memory = seriesOf(runs, func(m measurement) float64 { return math.Round(float64(m.memory) / (1 << 20)) }).String()
		}
		// More workers than processors cost no more processors.
		coreHours = billion / rates.median() / hour * float64(min(workers, runtime.NumCPU()))
		fmt.Fprintf(&b, "| %s | %v | %v | %s | %s | %s |\n", name, rates, ratios, cpu, memory, thousands(coreHours))
		return coreHours
	}
	row("without Beam", 1, t.withoutBeam)
	best, coreHours := 1, 0.0
	for i, w := range t.workers {
		h := row(strconv.Itoa(w), w, t.withWorkers[i])
		if w <= runtime.NumCPU() {
			best, coreHours = w, h
		}
	}
	rates := seriesOf(t.withWorkers[slices.Index(t.workers, best)], rate)
	perSentence := func(n int64) float64 { return float64(n) / float64(t.n) }
	fmt.Fprintf(&b, `
A billion sentences, on paper. With w workers, each on a processor of its own,
that label r sentences a second together,

    hours      = 1,000,000,000 / r / 3600
    core-hours = w × hours
    cost       = p × core-hours, at a price of p for each core-hour

The row of %s gives r = %s, hence %s hours and %s core-hours:
cost = %s p. If more workers scale like these, 100 of them take %s hours.
Storage: %s GB of input, read twice, and %s GB of results, written once as parts and
once put together, while both exist; network traffic of object stores is not
included.
`, plural(best, "worker"), thousands(rates.median()), thousands(coreHours/float64(best)), thousands(coreHours),
		thousands(coreHours), thousands(coreHours/100), thousands(perSentence(t.inputBytes)), thousands(perSentence(t.outputBytes)))
	return b.String()
}

// title says when, with what and on what was measured.
func title(runs int) string {
	turns := fmt.Sprintf("Medians of %d turns, in brackets least and greatest.", runs)
	if runs == 1 {
		turns = "One turn."
	}
	machine := plural(runtime.NumCPU(), "processor")
	if raw, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(raw)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				machine += " (" + strings.Trim(name, ": \t\n") + ")"
				break
			}
		}
	}
	if raw, err := os.ReadFile("/proc/loadavg"); err == nil {
		load, _, _ := strings.Cut(string(raw), " ")
		machine += ", load average " + load + " at the start"
	}
	return fmt.Sprintf("Measured on %s with metoostance %s, Beam %s and %s on %s. %s",
		time.Now().Format("2 January 2006"), stance.Version, core.SdkVersion, runtime.Version(), machine, turns)
}

// readmeMarks are those between which the table stands.
var readmeMarks = program.Marks{Begin: "<!-- beam:begin -->\n", End: "<!-- beam:end -->\n"}
