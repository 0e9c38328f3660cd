package main

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// sklearnQuality is the program that trains and labels with scikit-learn.
//
//go:embed quality.py
var sklearnQuality []byte

// qualityCommand is what the flags of quality ask for.
type qualityCommand struct {
	dir, python, readme string
	only                map[string]bool // nil for all
	markdown            bool
}

func parseQuality(args []string) (*qualityCommand, error) {
	c := &qualityCommand{}
	fs := flag.NewFlagSet("quality", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.dir, "dir", "", "")
	fs.StringVar(&c.python, "python", "/usr/bin/python3", "")
	fs.StringVar(&c.readme, "readme", "", "")
	fs.Func("only", "", func(s string) (err error) {
		var keys []string
		for _, c := range contenders {
			keys = append(keys, c.key)
		}
		c.only, err = parseKeys(s, "library", keys)
		return err
	})
	fs.Func("format", "", func(s string) (err error) {
		c.markdown, err = parseFormat(s)
		return err
	})
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("quality: unexpected argument %q", fs.Arg(0))
	}
	return c, nil
}

func (c *qualityCommand) run(ctx context.Context, stdout, stderr io.Writer) (err error) {
	if c.readme != "" {
		if err := qualityMarks.Check(c.readme); err != nil {
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
	r := &runner{dir: dir, python: c.python, self: self, peers: detect(ctx, c.python), log: stderr}
	q := &quality{title: r.measured(), missing: r.missing(scikitLearn, libLinear, fastText)}
	failed := r.contest(ctx, q, c.only)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	r.say("intervals and paired tests")
	if err := q.judge(); err != nil {
		return errors.Join(failed, err)
	}
	write := q.text
	if c.markdown {
		write = q.markdown
	}
	if err := write(stdout); err != nil {
		return errors.Join(failed, err)
	}
	// A table with a library that failed is not one to keep.
	if c.readme != "" && failed == nil {
		var b bytes.Buffer
		if err := q.markdown(&b); err != nil {
			return err
		}
		return qualityMarks.Fill(c.readme, b.String())
	}
	return failed
}

// trial is what a contender did in a fold.
type trial struct {
	labels          []stance.Label // of the sentences held out
	train, classify float64        // seconds
	peak            int64          // bytes of memory
	warnings        []string
}

// contender is a library with fixed settings.
type contender struct {
	key, name, settings string
	needs               peer // numPeers: nothing
	try                 func(r *runner, ctx context.Context, c contender, fold int) (*trial, error)
	args                []string // of its program
}

// contenders are in the order of the table. The first is the reference.
var contenders = []contender{
	{key: "default", name: "metoostance", settings: "the default model", needs: numPeers, try: (*runner).tryLibrary},
	{key: "bayesian", name: "jbrukh/bayesian", settings: "NewClassifier, our tokens", needs: numPeers, try: (*runner).tryLibrary},
	{key: "bayesian-tfidf", name: "jbrukh/bayesian", settings: "NewClassifierTfIdf, our tokens", needs: numPeers, try: (*runner).tryLibrary},
	{key: "goml", name: "cdipaolo/goml", settings: "text.NaiveBayes, OnlyWordsAndNumbers", needs: numPeers, try: (*runner).tryLibrary},
	{key: "nlp", name: "james-bowman/nlp", settings: "CountVectoriser, TfidfTransformer; classifier and settings of the default model", needs: numPeers, try: (*runner).tryLibrary},
	{key: "sklearn-logistic", name: "scikit-learn", settings: "TfidfVectorizer(), LogisticRegression()", needs: scikitLearn, try: (*runner).trySklearn},
	{key: "sklearn-svm", name: "scikit-learn", settings: "TfidfVectorizer(), LinearSVC()", needs: scikitLearn, try: (*runner).trySklearn},
	{key: "sklearn-pairs", name: "scikit-learn", settings: "words and pairs, sublinear; LogisticRegression(C=10, balanced)", needs: scikitLearn, try: (*runner).trySklearn},
	{key: "sklearn-characters", name: "scikit-learn", settings: "words and pairs, char_wb 2-5, sublinear; LogisticRegression(C=1, balanced)", needs: scikitLearn, try: (*runner).trySklearn},
	{key: "liblinear-svm", name: "LIBLINEAR", settings: "rows of the default model; -s 1, its default", needs: libLinear, try: (*runner).tryLIBLINEAR, args: []string{"-s", "1"}},
	{key: "liblinear-logistic", name: "LIBLINEAR", settings: "rows of the default model; -s 0 -B 1", needs: libLinear, try: (*runner).tryLIBLINEAR, args: []string{"-s", "0", "-B", "1"}},
	{key: "fasttext", name: "fastText", settings: "its defaults", needs: fastText, try: (*runner).tryFastText},
	{key: "fasttext-tutorial", name: "fastText", settings: "its tutorial's: " + strings.Join(fastTextTutorial, " "), needs: fastText, try: (*runner).tryFastText, args: fastTextTutorial},
}

// fastTextTutorial are the settings at which fastText's tutorial on text
// classification ends, but for its loss, which is one for many labels.
var fastTextTutorial = []string{"-lr", "1.0", "-epoch", "25", "-wordNgrams", "2", "-bucket", "200000", "-dim", "50"}

func (r *runner) foldDir(fold int) string { return r.path("fold" + strconv.Itoa(fold)) }

// labelsPath is where a contender's labels of a fold are put.
func (r *runner) labelsPath(c contender, fold int) string {
	return filepath.Join(r.foldDir(fold), c.key+".labels")
}

// foldFiles writes the files of a fold once.
func (r *runner) foldFiles(ctx context.Context, fold int) error {
	_, err := r.ours(ctx, 1, "folds", "-fold", strconv.Itoa(fold), "-o", r.foldDir(fold))
	return err
}

func (r *runner) tryLibrary(ctx context.Context, c contender, fold int) (*trial, error) {
	path := r.labelsPath(c, fold)
	s, err := r.ours(ctx, 1, "library", "-library", c.key, "-fold", strconv.Itoa(fold), "-o", path)
	if err != nil {
		return nil, err
	}
	labels, err := readLabels(path, stance.ParseLabel)
	return &trial{labels: labels, train: s.TrainSeconds, classify: s.ClassifySeconds, peak: s.Peak}, err
}

func (r *runner) trySklearn(ctx context.Context, c contender, fold int) (*trial, error) {
	script := r.path("quality.py")
	if err := os.WriteFile(script, sklearnQuality, 0o644); err != nil {
		return nil, err
	}
	dir, path := r.foldDir(fold), r.labelsPath(c, fold)
	out, peak, err := command(ctx, oneThread, "", r.python, script, c.key, filepath.Join(dir, trainFile), filepath.Join(dir, testFile), path)
	if err != nil {
		return nil, err
	}
	var took struct {
		TrainSeconds, ClassifySeconds float64
		Warnings                      []string
	}
	if err := json.Unmarshal(out, &took); err != nil {
		return nil, fmt.Errorf("what quality.py printed: %w", err)
	}
	labels, err := readLabels(path, stance.ParseLabel)
	t := &trial{labels: labels, train: took.TrainSeconds, classify: took.ClassifySeconds, peak: peak}
	for _, w := range took.Warnings {
		t.warnings = append(t.warnings, "it warned: "+w)
	}
	return t, err
}

// timed is command with the time that the program took.
func timed(ctx context.Context, name string, args ...string) (out []byte, took float64, peak int64, err error) {
	start := time.Now()
	out, peak, err = command(ctx, oneThread, "", name, args...)
	return out, time.Since(start).Seconds(), peak, err
}

func (r *runner) tryLIBLINEAR(ctx context.Context, c contender, fold int) (*trial, error) {
	dir, path := r.foldDir(fold), r.labelsPath(c, fold)
	rows, err := r.ours(ctx, 1, "rows", "-fold", strconv.Itoa(fold), "-o", dir)
	if err != nil {
		return nil, err
	}
	model := filepath.Join(dir, "liblinear.model")
	_, train, trainPeak, err := timed(ctx, "liblinear-train", append(slices.Clone(c.args), "-q", filepath.Join(dir, rowsTrainFile), model)...)
	if err != nil {
		return nil, err
	}
	_, classify, classifyPeak, err := timed(ctx, "liblinear-predict", "-q", filepath.Join(dir, rowsTestFile), model, path)
	if err != nil {
		return nil, err
	}
	labels, err := readLabels(path, func(s string) (stance.Label, error) {
		n, err := strconv.ParseUint(s, 10, 8)
		if err == nil && !stance.Label(n).Valid() {
			err = fmt.Errorf("label %d is none", n)
		}
		return stance.Label(n), err
	})
	return &trial{
		labels: labels, train: rows.TrainSeconds + train, classify: rows.ClassifySeconds + classify,
		peak: max(rows.Peak, trainPeak, classifyPeak),
	}, err
}

func (r *runner) tryFastText(ctx context.Context, c contender, fold int) (*trial, error) {
	dir, path := r.foldDir(fold), r.labelsPath(c, fold)
	model := filepath.Join(dir, "fasttext") // to which it adds .bin and .vec
	args := append([]string{"supervised", "-input", filepath.Join(dir, fastTextTrainFile), "-output", model, "-thread", "1", "-verbose", "0"}, c.args...)
	_, train, trainPeak, err := timed(ctx, "fasttext", args...)
	if err != nil {
		return nil, err
	}
	out, classify, classifyPeak, err := timed(ctx, "fasttext", "predict", model+".bin", filepath.Join(dir, fastTextTestFile))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, out, 0o644); err != nil {
		return nil, err
	}
	labels, err := readLabels(path, func(s string) (stance.Label, error) {
		return stance.ParseLabel(strings.TrimPrefix(s, fastTextLabel))
	})
	return &trial{labels: labels, train: train, classify: classify, peak: max(trainPeak, classifyPeak)}, err
}

// readLabels reads a file with a label on each line.
func readLabels(path string, parse func(string) (stance.Label, error)) ([]stance.Label, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var labels []stance.Label
	for line := range strings.Lines(string(raw)) {
		label, err := parse(strings.TrimSuffix(line, "\n"))
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, len(labels)+1, err)
		}
		labels = append(labels, label)
	}
	return labels, nil
}

// contest lets the contenders train and label in every fold, one after the
// other, so that what else the machine does falls on all of them alike. Those
// that fail have no more trials; the error has them all.
func (r *runner) contest(ctx context.Context, q *quality, only map[string]bool) error {
	for i, c := range contenders {
		if i > 0 && only != nil && !only[c.key] || c.needs != numPeers && !r.have(c.needs) {
			continue
		}
		q.rows = append(q.rows, &qualityRow{contender: c})
	}
	var failed error
	for fold := range numFolds {
		if err := r.foldFiles(ctx, fold); err != nil {
			return errors.Join(failed, err)
		}
		for _, row := range q.rows {
			if row.failed != nil {
				continue
			}
			r.say("%s (fold %d of %d)", row.key, fold+1, numFolds)
			t, err := row.try(r, ctx, row.contender, fold)
			if err != nil {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				row.failed = err
				failed = errors.Join(failed, fmt.Errorf("%s: %w", row.key, err))
				continue
			}
			row.add(t)
		}
		// The models and rows of a fold may take hundreds of megabytes.
		if err := r.removeAllBut(fold, ".labels"); err != nil {
			return errors.Join(failed, err)
		}
	}
	return failed
}

// removeAllBut removes the files of a fold but for those of an ending.
func (r *runner) removeAllBut(fold int, ending string) error {
	entries, err := os.ReadDir(r.foldDir(fold))
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ending) {
			err = errors.Join(err, os.Remove(filepath.Join(r.foldDir(fold), e.Name())))
		}
	}
	return err
}

// qualityRow is a contender with what it did.
type qualityRow struct {
	contender
	failed error

	labels          [][]stance.Label // of each fold
	train, classify series
	peak            int64
	warnings        []string

	macroF1, fAvg eval.Interval
	p             float64 // adjusted; of no meaning in the first row
}

func (w *qualityRow) add(t *trial) {
	w.labels = append(w.labels, t.labels)
	w.train, w.classify = append(w.train, t.train), append(w.classify, t.classify)
	w.peak = max(w.peak, t.peak)
	for _, warning := range t.warnings {
		w.warn(warning)
	}
}

// warn adds a warning unless the row has it.
func (w *qualityRow) warn(warning string) {
	if !slices.Contains(w.warnings, warning) {
		w.warnings = append(w.warnings, warning)
	}
}

// quality is the table.
type quality struct {
	title             string
	missing           []string
	rows              []*qualityRow
	resamples, rounds int // of intervals and tests; 0 means as package eval has it
}

// qualitySeed chooses resamples and exchanges, as in the tables of the README of
// the repository.
const qualitySeed = 1

// judge computes the figures of all rows, and their tests against the first.
func (q *quality) judge() error {
	examples, folds, err := gold()
	if err != nil {
		return err
	}
	var reference *eval.Sample
	var tested []*qualityRow
	var p []float64
	for i, w := range q.rows {
		if w.failed != nil {
			if i == 0 {
				return errors.New("there is nothing to compare with")
			}
			continue
		}
		s, err := w.sample(examples, folds)
		if err != nil {
			return fmt.Errorf("%s: %w", w.key, err)
		}
		for _, figure := range []struct {
			metric eval.Metric
			to     *eval.Interval
		}{{eval.MacroF1, &w.macroF1}, {eval.FAvg, &w.fAvg}} {
			if *figure.to, err = eval.Bootstrap(s, figure.metric, eval.BootstrapOptions{Resamples: q.resamples, Seed: qualitySeed}); err != nil {
				return fmt.Errorf("%s: %w", w.key, err)
			}
		}
		for _, warning := range w.macroF1.Warnings {
			w.warn(warning)
		}
		if i == 0 {
			reference = s
			continue
		}
		test, err := eval.Randomization(s, reference, eval.MacroF1, eval.RandomizationOptions{Rounds: q.rounds, Seed: qualitySeed})
		if err != nil {
			return fmt.Errorf("%s: %w", w.key, err)
		}
		tested, p = append(tested, w), append(p, test.P)
	}
	for i, adjusted := range eval.Holm(p) {
		tested[i].p = adjusted
	}
	return nil
}

// sample puts a contender's labels of all folds beside the examples.
func (w *qualityRow) sample(examples []stance.Example, folds []int) (*eval.Sample, error) {
	next := make([]int, numFolds)
	predictions := make([]stance.Prediction, len(examples))
	for i, fold := range folds {
		if next[fold] == len(w.labels[fold]) {
			return nil, fmt.Errorf("fold %d: %d labels are too few", fold, len(w.labels[fold]))
		}
		predictions[i].Label = w.labels[fold][next[fold]]
		next[fold]++
	}
	for fold, n := range next {
		if n != len(w.labels[fold]) {
			return nil, fmt.Errorf("fold %d: %d labels, want %d", fold, len(w.labels[fold]), n)
		}
	}
	return eval.NewSample(examples, predictions)
}

// The columns after the name and the settings.
var qualityColumns = []string{"macro-F1", "F_avg", "p", "train", "classify", "peak memory"}

// cells are the columns of a row. reference is the first row.
func (w *qualityRow) cells(reference *qualityRow) []string {
	if w.failed != nil {
		return []string{"failed: " + w.failed.Error(), "", "", "", "", ""}
	}
	interval := func(i eval.Interval) string { return fmt.Sprintf("%.3f (%.3f to %.3f)", i.Estimate, i.Low, i.High) }
	p, train, classify := "reference", inSeconds(w.train.median()), inSeconds(w.classify.median())
	if w != reference {
		p = fmt.Sprintf("%.4f", w.p)
		train += ", " + over(w.train, reference.train).text(times)
		classify += ", " + over(w.classify, reference.classify).text(times)
	}
	peak := mebibytes(float64(w.peak) / (1 << 20))
	if w.peak == 0 {
		peak = "not known"
	}
	return []string{interval(w.macroF1), interval(w.fAvg), p, train, classify, peak}
}

// notes are what a reader must know of the rows.
func (q *quality) notes() []string {
	var all []string
	for _, w := range q.rows {
		for _, warning := range w.warnings {
			all = append(all, w.name+", "+w.settings+": "+warning)
		}
	}
	return append(all, q.missing...)
}

// text writes a block of lines for each row, for a terminal.
func (q *quality) text(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n", q.title)
	for _, r := range q.rows {
		fmt.Fprintf(&b, "\n%s: %s\n", r.name, r.settings)
		for i, c := range r.cells(q.rows[0]) {
			if c != "" {
				fmt.Fprintf(&b, "  %-11s %s\n", qualityColumns[i], c)
			}
		}
	}
	if notes := q.notes(); len(notes) > 0 {
		fmt.Fprintf(&b, "\n%s\n", lines(notes))
	}
	_, err := w.Write(b.Bytes())
	return err
}

// markdown writes a table.
func (q *quality) markdown(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n| library | settings ", q.title)
	for _, c := range qualityColumns {
		b.WriteString("| " + strings.ReplaceAll(c, "_", `\_`) + " ")
	}
	b.WriteString("|\n" + strings.Repeat("| --- ", 2+len(qualityColumns)) + "|\n")
	for _, r := range q.rows {
		for _, c := range append([]string{r.name, r.settings}, r.cells(q.rows[0])...) {
			b.WriteString("| " + strings.ReplaceAll(cell(c), "_", `\_`) + " ")
		}
		b.WriteString("|\n")
	}
	if notes := q.notes(); len(notes) > 0 {
		b.WriteByte('\n')
		for _, n := range notes {
			fmt.Fprintf(&b, "- %s\n", strings.ReplaceAll(n, "_", `\_`))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}
