package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// words are the features of the rows without characters: those of
// scikit-learn's TfidfVectorizer(ngram_range=(1, 2)).
func words() features.Options {
	return features.Options{
		Tokenizer: features.Tokenizer{Rules: features.ScikitLearnRules},
		Blocks:    []features.Block{{MinN: 1, MaxN: 2}},
	}
}

// wordsAndCharacters are those of a FeatureUnion of
// TfidfVectorizer(ngram_range=(1, 3)) and
// TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5)).
func wordsAndCharacters() features.Options {
	return features.Options{
		Tokenizer: features.Tokenizer{Rules: features.ScikitLearnRules},
		Blocks: []features.Block{
			{MinN: 1, MaxN: 3},
			{Analyzer: features.CharsWB, MinN: 2, MaxN: 5},
		},
	}
}

const (
	// warmUp and latencies are the numbers of sentences that are classified one
	// by one before the clock runs, and with it: those of sklearn_bench.py.
	warmUp    = 200
	latencies = 2000
	// leastTime is how long a stage that is short runs at least, again and
	// again, for one measurement.
	leastTime = 200 * time.Millisecond
)

// stageOptions are the flags of a stage.
type stageOptions struct {
	corpus     string
	text       string // a corpus to classify
	output     string
	model      string
	loss       loss
	n          int
	seed       uint64
	characters bool
	rows       bool // time training on rows that were made before
	algorithm  stance.Algorithm
	tolerance  float64
	runs       int
	library    string
	fold       int
	files      []string // what is left: models
}

func (o *stageOptions) features() features.Options {
	if o.characters {
		return wordsAndCharacters()
	}
	return words()
}

// stageResult is what a stage prints as JSON. A stage fills in what it measures.
type stageResult struct {
	Sentences int
	Bytes     int64 `json:",omitempty"` // of the texts, with line ends
	Columns   int   `json:",omitempty"`
	NonZeros  int   `json:",omitempty"`
	// Seconds are of the whole stage, one for each run.
	Seconds []float64 `json:",omitempty"`
	// FitTransformSeconds and TransformSeconds are of vectorisation, one for
	// each run: of fitting and transforming the same texts, and of transforming
	// them alone.
	FitTransformSeconds []float64 `json:",omitempty"`
	TransformSeconds    []float64 `json:",omitempty"`
	// TrainSeconds and ClassifySeconds are of learning from a fold's training
	// examples and of labelling its test sentences.
	TrainSeconds    float64 `json:",omitempty"`
	ClassifySeconds float64 `json:",omitempty"`
	// Accuracy is the share of the texts whose label was predicted.
	Accuracy float64 `json:",omitempty"`
	// P50, P90 and P99 are quantiles in microseconds of the time that one
	// sentence takes, and Allocations how often memory was allocated for each.
	P50, P90, P99 float64 `json:",omitempty"`
	Allocations   float64 `json:",omitempty"`
	// Objective and Iterations are those that training reports.
	Objective  float64  `json:",omitempty"`
	Iterations int      `json:",omitempty"`
	Warnings   []string `json:",omitempty"`
	// Objectives are those of the models that were passed, in their order.
	Objectives []float64 `json:",omitempty"`
	// Corpus describes the corpus that was made.
	Corpus *corpusStats `json:",omitempty"`

	// Peak is the greatest resident memory of the process in bytes. It is
	// measured from outside.
	Peak int64 `json:"-"`
}

var stages = map[string]func(context.Context, *stageOptions) (*stageResult, error){
	"corpus":    stageCorpus,
	"vectorise": stageVectorise,
	"train":     stageTrain,
	"classify":  stageClassify,
	"file":      stageFile,
	"latency":   stageLatency,
	"matrix":    stageMatrix,
	"objective": stageObjective,
	"folds":     stageFolds,
	"library":   stageLibrary,
	"rows":      stageRows,
}

// parseStage reads the flags of a stage, which are the same for all.
func parseStage(args []string) (func(context.Context) (*stageResult, error), error) {
	if len(args) == 0 {
		return nil, errors.New("stage: which one?")
	}
	f, ok := stages[args[0]]
	if !ok {
		return nil, fmt.Errorf("stage: there is none with the name %q", args[0])
	}
	o := &stageOptions{algorithm: stance.LogisticOneVsRest}
	fs := flag.NewFlagSet("stage", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&o.corpus, "corpus", "", "")
	fs.StringVar(&o.text, "text", "", "")
	fs.StringVar(&o.output, "o", "", "")
	fs.StringVar(&o.model, "model", "", "")
	fs.TextVar(&o.loss, "loss", o.loss, "")
	fs.IntVar(&o.n, "n", 0, "")
	fs.Uint64Var(&o.seed, "seed", 1, "")
	fs.BoolVar(&o.characters, "characters", false, "")
	fs.BoolVar(&o.rows, "rows", false, "")
	fs.TextVar(&o.algorithm, "algorithm", o.algorithm, "")
	fs.Float64Var(&o.tolerance, "tolerance", enough, "")
	fs.IntVar(&o.runs, "runs", 1, "")
	fs.StringVar(&o.library, "library", "", "")
	fs.IntVar(&o.fold, "fold", 0, "")
	if err := fs.Parse(args[1:]); err != nil {
		return nil, err
	}
	if o.runs < 1 {
		return nil, fmt.Errorf("-runs is %d, want at least 1", o.runs)
	}
	o.files = fs.Args()
	return func(ctx context.Context) (*stageResult, error) { return f(ctx, o) }, nil
}

// runStage runs a stage and prints its result.
func runStage(ctx context.Context, stdout io.Writer, stage func(context.Context) (*stageResult, error)) error {
	result, err := stage(ctx)
	if err != nil {
		return err
	}
	return json.NewEncoder(stdout).Encode(result)
}

// seconds times f. Garbage of what came before is collected first, so that f
// does not pay for it.
func seconds(f func() error) (float64, error) {
	runtime.GC()
	start := time.Now()
	err := f()
	return time.Since(start).Seconds(), err
}

// repeatedly times f once untimed and then the given number of times. f is
// repeated within a run until leastTime has passed, for a clock to be trusted.
func repeatedly(runs int, f func() error) ([]float64, error) {
	if err := f(); err != nil {
		return nil, err
	}
	var v []float64
	for range runs {
		n := 0
		s, err := seconds(func() error {
			for start := time.Now(); n == 0 || time.Since(start) < leastTime; n++ {
				if err := f(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		v = append(v, s/float64(n))
	}
	return v, nil
}

func stageCorpus(ctx context.Context, o *stageOptions) (*stageResult, error) {
	s, err := makeCorpus(ctx, o.output, o.n, o.seed)
	return &stageResult{Sentences: s.Sentences, Corpus: &s}, err
}

// stageVectorise fits a vectorizer and transforms what it was fitted on.
func stageVectorise(ctx context.Context, o *stageOptions) (*stageResult, error) {
	examples, err := readCorpus(o.corpus)
	if err != nil {
		return nil, err
	}
	texts := textsOf(examples)
	r := &stageResult{Sentences: len(texts), Bytes: bytesOf(texts)}
	for range o.runs {
		if err := r.vectorise(ctx, texts, o.features()); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *stageResult) vectorise(ctx context.Context, texts []string, opts features.Options) error {
	var v *features.Vectorizer
	var m *features.Matrix
	fit, err := seconds(func() (err error) {
		v, m, err = features.FitTransform(ctx, texts, opts)
		return err
	})
	if err != nil {
		return err
	}
	transform, err := seconds(func() (err error) {
		m, err = v.Transform(ctx, texts)
		return err
	})
	if err != nil {
		return err
	}
	r.FitTransformSeconds = append(r.FitTransformSeconds, fit)
	r.TransformSeconds = append(r.TransformSeconds, transform)
	r.Columns, r.NonZeros = m.Cols, m.NonZeros()
	return nil
}

// stageTrain trains a model from texts, and writes it if it is told where. The
// times are those of training; with rows, of training on rows that were made
// before.
func stageTrain(ctx context.Context, o *stageOptions) (*stageResult, error) {
	examples, err := readCorpus(o.corpus)
	if err != nil {
		return nil, err
	}
	r := &stageResult{Sentences: len(examples)}
	opts := stance.Options{
		Features: o.features(), Algorithm: o.algorithm, C: regularisation, Tolerance: o.tolerance, CalibrationFolds: -1,
	}
	train := func() (*stance.Model, error) { return stance.Train(ctx, examples, opts) }
	if o.rows {
		v, m, err := features.FitTransform(ctx, textsOf(examples), opts.Features)
		if err != nil {
			return nil, err
		}
		train = func() (*stance.Model, error) { return stance.TrainRows(ctx, v, m, examples, opts) }
	}
	var m *stance.Model
	for range o.runs {
		m = nil
		s, err := seconds(func() (err error) {
			m, err = train()
			return err
		})
		if err != nil {
			return nil, err
		}
		r.Seconds = append(r.Seconds, s)
	}
	report := m.Report()
	r.Columns = report.Features
	r.Objective, r.Iterations, r.Warnings = report.Solver.Objective, report.Solver.Iterations, report.Warnings
	if o.output != "" {
		return r, m.SaveFile(o.output)
	}
	return r, nil
}

// stageClassify classifies a text from memory.
func stageClassify(ctx context.Context, o *stageOptions) (*stageResult, error) {
	m, err := stance.LoadFile(o.model)
	if err != nil {
		return nil, err
	}
	examples, err := readCorpus(o.text)
	if err != nil {
		return nil, err
	}
	texts := textsOf(examples)
	r := &stageResult{Sentences: len(texts), Bytes: bytesOf(texts), Columns: m.Vectorizer().Cols()}
	var predictions []stance.Prediction
	r.Seconds, err = repeatedly(o.runs, func() (err error) {
		predictions, err = m.ClassifyAll(ctx, texts)
		return err
	})
	if err != nil {
		return nil, err
	}
	right := 0
	for i, p := range predictions {
		if p.Label == examples[i].Label {
			right++
		}
	}
	r.Accuracy = float64(right) / float64(len(examples))
	return r, nil
}

// stageFile classifies a file line by line and writes the labels to another.
func stageFile(ctx context.Context, o *stageOptions) (*stageResult, error) {
	m, err := stance.LoadFile(o.model)
	if err != nil {
		return nil, err
	}
	r := &stageResult{Columns: m.Vectorizer().Cols()}
	for range o.runs {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s, err := seconds(func() (err error) {
			r.Sentences, err = classifyFile(m, o.text, o.output)
			return err
		})
		if err != nil {
			return nil, err
		}
		r.Seconds = append(r.Seconds, s)
	}
	return r, nil
}

func classifyFile(m *stance.Model, from, to string) (lines int, err error) {
	in, err := os.Open(from)
	if err != nil {
		return 0, err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := bufio.NewWriterSize(out, 1<<16)
	classify := func(line string) {
		// What stands before the tab is the label.
		w.WriteString(m.Classify(line[strings.IndexByte(line, '\t')+1:]).Label.String())
		w.WriteByte('\n')
		lines++
	}
	// The file is read a megabyte at a time; each becomes one string, of which
	// the lines are parts. rest is what of a line has been read.
	chunk, rest := make([]byte, 1<<20), ""
	for {
		n, err := io.ReadFull(in, chunk)
		text := rest + string(chunk[:n])
		for {
			end := strings.IndexByte(text, '\n')
			if end < 0 {
				break
			}
			classify(text[:end])
			text = text[end+1:]
		}
		rest = text
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			if rest != "" {
				classify(rest)
			}
			return lines, w.Flush()
		case err != nil:
			return 0, err
		}
	}
}

// stageLatency classifies sentences one at a time, as sklearn_bench.py does.
func stageLatency(_ context.Context, o *stageOptions) (*stageResult, error) {
	m, err := stance.LoadFile(o.model)
	if err != nil {
		return nil, err
	}
	examples, err := readCorpus(o.text)
	if err != nil {
		return nil, err
	}
	if len(examples) < warmUp+latencies {
		return nil, fmt.Errorf("%s: %d sentences, want at least %d", o.text, len(examples), warmUp+latencies)
	}
	texts := textsOf(examples)
	var labels [stance.None + 1]int // keeps the compiler from leaving anything out
	classify := func(text string) { labels[m.Classify(text).Label]++ }
	for _, t := range texts[:warmUp] {
		classify(t)
	}
	texts = texts[warmUp : warmUp+latencies]
	runtime.GC()
	microseconds := make([]float64, 0, latencies)
	for _, t := range texts {
		start := time.Now()
		classify(t)
		microseconds = append(microseconds, float64(time.Since(start).Nanoseconds())/1000)
	}
	slices.Sort(microseconds)
	r := &stageResult{
		Sentences: latencies, Bytes: bytesOf(texts), Columns: m.Vectorizer().Cols(),
		P50: microseconds[latencies/2], P90: microseconds[latencies*9/10], P99: microseconds[latencies*99/100],
	}
	// The runtime allocates now and then on its own: the least of three counts
	// is the classifier's.
	var allocations []uint64
	for range 3 {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for _, t := range texts {
			classify(t)
		}
		runtime.ReadMemStats(&after)
		allocations = append(allocations, after.Mallocs-before.Mallocs)
	}
	r.Allocations = float64(slices.Min(allocations)) / latencies
	return r, nil
}

// stageMatrix writes the rows of a corpus for LIBLINEAR.
func stageMatrix(ctx context.Context, o *stageOptions) (*stageResult, error) {
	examples, m, err := corpusMatrix(ctx, o)
	if err != nil {
		return nil, err
	}
	r := &stageResult{Sentences: len(examples), Columns: m.Cols, NonZeros: m.NonZeros()}
	return r, program.WriteFile(o.output, func(w io.Writer) error { return writeSVMLight(w, m, examples) })
}

func corpusMatrix(ctx context.Context, o *stageOptions) ([]stance.Example, *features.Matrix, error) {
	examples, err := readCorpus(o.corpus)
	if err != nil {
		return nil, nil, err
	}
	texts := textsOf(examples)
	v, err := features.Fit(ctx, texts, o.features())
	if err != nil {
		return nil, nil, err
	}
	m, err := v.Transform(ctx, texts)
	return examples, m, err
}

// stageObjective computes the objective of models, LIBLINEAR's or this
// library's, on the rows of a corpus.
func stageObjective(ctx context.Context, o *stageOptions) (*stageResult, error) {
	examples, m, err := corpusMatrix(ctx, o)
	if err != nil {
		return nil, err
	}
	r := &stageResult{Sentences: len(examples), Columns: m.Cols, NonZeros: m.NonZeros()}
	for _, path := range o.files {
		w, err := readWeights(path)
		if err != nil {
			return nil, err
		}
		if w.columns() != m.Cols {
			return nil, fmt.Errorf("%s: a model of %d columns, want %d", path, w.columns(), m.Cols)
		}
		r.Objectives = append(r.Objectives, w.objective(m, examples, o.loss))
	}
	return r, nil
}
