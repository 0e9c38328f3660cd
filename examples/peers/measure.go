package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.org/metoostance/stance"
)

const (
	// enough is the relative gap to the minimum of the objective to which both
	// sides train.
	enough = 1e-3
	// nearOptimum is the gap to which the minimum itself is computed.
	nearOptimum = 1e-6
	// heldOutSentences is the size of the corpus of fresh text.
	heldOutSentences = 20_000
	// innerRuns is how often a stage that takes a second or less is measured
	// within one process; the median counts.
	innerRuns = 5
	// solverRuns is how often training and vectorising are measured within one
	// process when one is to be subtracted from the other. The least counts:
	// what else the machine does would else show in their difference.
	solverRuns = 3
)

// runner measures. It runs every stage in a process of its own, and never holds
// a corpus itself.
type runner struct {
	scripts, dir string // absolute
	python       string
	self         string // this program
	sizes        []int
	seed         uint64
	runs         int // turns
	innerRuns    int
	peers        [numPeers]installation
	log          io.Writer

	stats map[string]corpusStats // by file
	made  map[string]bool        // what make made
	fresh map[int]*freshText
}

// small is the size of the corpus of the costly rows, and main that of the rest.
func (r *runner) small() int { return r.sizes[0] }
func (r *runner) main() int  { return r.sizes[min(1, len(r.sizes)-1)] }

func (r *runner) have(p peer) bool { return len(r.peers[p].missing) == 0 }

func (r *runner) say(format string, args ...any) {
	fmt.Fprintf(r.log, "%s "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}

func (r *runner) path(name string) string    { return filepath.Join(r.dir, name) }
func (r *runner) corpus(n int) string        { return r.path(fmt.Sprintf("c%d.tsv", n)) }
func (r *runner) heldOut() string            { return r.path("heldout.tsv") }
func (r *runner) matrixPath(n int) string    { return r.path(fmt.Sprintf("c%d.svm", n)) }
func (r *runner) scriptPath(n string) string { return filepath.Join(r.scripts, n) }

// ours runs a stage of this library in a process of its own.
func (r *runner) ours(ctx context.Context, threads int, stage string, args ...string) (*stageResult, error) {
	out, peak, err := command(ctx, []string{"GOMAXPROCS=" + strconv.Itoa(threads)}, "", r.self,
		append([]string{"stage", stage}, args...)...)
	if err != nil {
		return nil, err
	}
	result := &stageResult{Peak: peak}
	if err := json.Unmarshal(out, result); err != nil {
		return nil, fmt.Errorf("what stage %s printed: %w", stage, err)
	}
	return result, nil
}

// sklearn runs a task of sklearn_bench.py on one thread.
func (r *runner) sklearn(ctx context.Context, task string, n, runs int) (*sklearnResult, error) {
	out, _, err := command(ctx, oneThread, "", r.python, r.scriptPath(sklearnScript), task,
		"--corpus", r.corpus(n), "--heldout", r.heldOut(), "--cache", r.dir,
		"--runs", strconv.Itoa(runs), "--C", strconv.Itoa(regularisation))
	if err != nil {
		return nil, err
	}
	return parseSklearn(out)
}

// output runs a script that appends to a file, whose path it takes at the place
// of the empty argument, and returns what it wrote.
func (r *runner) output(ctx context.Context, script string, args ...string) ([]byte, error) {
	dir, err := os.MkdirTemp(r.dir, "script")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	out := filepath.Join(dir, "out.tsv")
	for i, a := range args {
		if a == "" {
			args[i] = out
			break
		}
	}
	env := append([]string{"TMPDIR=" + dir}, oneThread...)
	if _, _, err := command(ctx, env, "", "bash", append([]string{r.scriptPath(script)}, args...)...); err != nil {
		return nil, err
	}
	return os.ReadFile(out)
}

// libLinear runs one solver of LIBLINEAR once. An empty tolerance stands for
// its default.
func (r *runner) libLinear(ctx context.Context, solver, tolerance string) (*libLinearResult, error) {
	raw, err := r.output(ctx, libLinearScript, r.matrixPath(r.main()), "", "1", solver, strconv.Itoa(regularisation), tolerance)
	if err != nil {
		return nil, err
	}
	return parseLIBLINEAR(raw)
}

// make does something once in all.
func (r *runner) make(key string, f func() error) error {
	if r.made[key] {
		return nil
	}
	r.say("preparing %s", key)
	if err := f(); err != nil {
		return err
	}
	r.made[key] = true
	return nil
}

// corpora makes the corpora, in processes of their own.
func (r *runner) corpora(ctx context.Context) error {
	one := func(path string, n int, seed uint64) error {
		return r.make(filepath.Base(path), func() error {
			result, err := r.ours(ctx, runtime.NumCPU(), "corpus", "-n", strconv.Itoa(n), "-o", path, "-seed", strconv.FormatUint(seed, 10))
			if err != nil {
				return err
			}
			if result.Corpus == nil {
				return errors.New("stage corpus printed nothing of the corpus")
			}
			r.stats[path] = *result.Corpus
			return nil
		})
	}
	for _, n := range r.sizes {
		if err := one(r.corpus(n), n, r.seed); err != nil {
			return err
		}
	}
	// Its seed only has to be another one, so that the pseudo-words are others.
	return one(r.heldOut(), min(heldOutSentences, max(r.main(), warmUp+latencies)), ^r.seed)
}

// model trains a model for the rows that classify. Its weights do not matter
// for speed; they are those of scikit-learn's classifier, so that accuracies
// can be compared.
func (r *runner) model(ctx context.Context, n int, characters bool) (string, error) {
	name := fmt.Sprintf("c%d.model", n)
	if characters {
		name = fmt.Sprintf("c%d.characters.model", n)
	}
	return r.path(name), r.make(name, func() error {
		_, err := r.ours(ctx, runtime.NumCPU(), "train", "-corpus", r.corpus(n), "-characters="+strconv.FormatBool(characters), "-o", r.path(name))
		return err
	})
}

// matrix writes the rows of the main corpus for LIBLINEAR.
func (r *runner) matrix(ctx context.Context) error {
	return r.make(filepath.Base(r.matrixPath(r.main())), func() error {
		_, err := r.ours(ctx, runtime.NumCPU(), "matrix", "-corpus", r.corpus(r.main()), "-o", r.matrixPath(r.main()))
		return err
	})
}

// prepare makes scikit-learn write its rows of the main corpus for itself.
func (r *runner) prepare(ctx context.Context) error {
	return r.make("scikit-learn's matrix", func() error {
		_, err := r.sklearn(ctx, "prep", r.main(), 1)
		return err
	})
}

// limit builds the limit program.
func (r *runner) limit(ctx context.Context) (string, error) {
	path := r.path("golimit")
	return path, r.make("the limit program", func() error {
		_, _, err := command(ctx, []string{"GOWORK=off"}, filepath.Join(r.scripts, limitDir), "go", "build", "-o", path, ".")
		return err
	})
}

// side is one of those that are measured in turn.
type side struct {
	name string
	run  func() error
}

// peerSide is a side that is left out when the peer is not installed.
func (r *runner) peerSide(p peer, what string, run func() error) side {
	if !r.have(p) {
		return side{}
	}
	return side{p.String() + ": " + what, run}
}

// turns runs the sides in turn, A B A B, so that what else the machine does
// falls on all of them alike.
func (r *runner) turns(runs int, sides ...side) error {
	for i := range runs {
		for _, s := range sides {
			if s.run == nil {
				continue
			}
			r.say("%s (%d of %d)", s.name, i+1, runs)
			if err := s.run(); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
		}
	}
	return nil
}

// rowFunc measures one or more rows of the table, given one that has a name and
// nothing else. With an error too it returns at least one.
type rowFunc func(*runner, context.Context, row) ([]row, error)

// rowFuncs are in the order of the table.
var rowFuncs = []struct {
	key  string
	what string
	run  rowFunc
}{
	{"classify", "classify fresh sentences end to end, words and pairs of words, TF-IDF with L2 norm, 3 classes", (*runner).rowClassify},
	{"file", "classify a file and write a file of labels, same features", (*runner).rowFile},
	{"limit", "classify the corpus itself from memory, same features, beside the limit program", (*runner).rowLimit},
	{"threads", "classify the corpus itself on two threads, same features", (*runner).rowThreads},
	{"latency", "classify one sentence at a time, same features", (*runner).rowLatency},
	{"chars", "classify, words 1-3 and characters 2-5 within words", (*runner).rowChars},
	{"vectorise", "fit the vectorizer and transform", (*runner).rowVectorise},
	{"logistic", "train logistic regression, one-vs-rest", (*runner).rowLogistic},
	{"svm", "train linear SVM, squared hinge loss, one-vs-rest", (*runner).rowSVM},
	{"multinomial", "train multinomial logistic regression", (*runner).rowMultinomial},
	{"memory", "peak memory of training", (*runner).rowMemory},
	{"growth", "time a sentence as the corpus grows", (*runner).rowGrowth},
}

// freshText is what was measured of classifying sentences that were not trained
// on, with a model of one size.
type freshText struct {
	columns                    int
	bytes                      float64 // a sentence
	reference, ours            series  // sentences a second
	referenceRight, right      float64 // accuracy
	referenceP50, referenceP99 series  // microseconds
	p50, p99                   series
	allocations                float64
}

// classifyFresh measures throughput and latency together, since the same
// process of scikit-learn measures both.
func (r *runner) classifyFresh(ctx context.Context, n int) (*freshText, error) {
	if f := r.fresh[n]; f != nil {
		return f, nil
	}
	model, err := r.model(ctx, n, false)
	if err != nil {
		return nil, err
	}
	f := &freshText{}
	sentences := thousands(float64(n)) + " sentences"
	err = r.turns(r.runs,
		r.peerSide(scikitLearn, "predict, vocabulary of "+sentences, func() error {
			s, err := r.sklearn(ctx, "predict", n, r.innerRuns)
			if err != nil {
				return err
			}
			if s.Predict == nil || s.Latency == nil {
				return errors.New("it printed no prediction")
			}
			f.reference = append(f.reference, float64(r.stats[r.heldOut()].Sentences)/s.Predict.Median)
			f.referenceP50, f.referenceP99 = append(f.referenceP50, s.Latency.P50), append(f.referenceP99, s.Latency.P99)
			f.referenceRight = s.Accuracy
			return nil
		}),
		side{"ours: classify, vocabulary of " + sentences, func() error {
			s, err := r.ours(ctx, 1, "classify", "-model", model, "-text", r.heldOut(), "-runs", strconv.Itoa(r.innerRuns))
			if err != nil {
				return err
			}
			f.ours = append(f.ours, float64(s.Sentences)/median(s.Seconds))
			f.right, f.columns, f.bytes = s.Accuracy, s.Columns, float64(s.Bytes)/float64(s.Sentences)
			return nil
		}},
		side{"ours: latency, vocabulary of " + sentences, func() error {
			s, err := r.ours(ctx, 1, "latency", "-model", model, "-text", r.heldOut())
			if err != nil {
				return err
			}
			f.p50, f.p99 = append(f.p50, s.P50), append(f.p99, s.P99)
			f.allocations = max(f.allocations, s.Allocations)
			return nil
		}})
	if err != nil {
		return nil, err
	}
	r.fresh[n] = f
	return f, nil
}

func (r *runner) rowClassify(ctx context.Context, w row) ([]row, error) {
	const least = 16
	w.Reach = fmt.Sprintf("at least %d times scikit-learn", least)
	f, err := r.classifyFresh(ctx, r.main())
	if err != nil {
		return []row{w}, err
	}
	w.Ours = []string{f.ours.text(speed) + bandwidth(f.ours, f.bytes),
		fmt.Sprintf("%s columns, accuracy %.3f", thousands(float64(f.columns)), f.right)}
	if !r.have(scikitLearn) {
		return []row{w.without(scikitLearn)}, nil
	}
	w.Reference = []string{"scikit-learn " + f.reference.text(speed) + bandwidth(f.reference, f.bytes),
		fmt.Sprintf("accuracy %.3f", f.referenceRight)}
	ratio := over(f.ours, f.reference)
	w.Ratio = []string{ratio.text(times)}
	w.Reached = reached(ratio.median() >= least)
	return []row{w}, nil
}

// rowFile classifies the corpus itself, as fasttext.sh does.
func (r *runner) rowFile(ctx context.Context, w row) ([]row, error) {
	const least = 3.5
	w.Reach = fmt.Sprintf("at least %g times fastText", least)
	model, err := r.model(ctx, r.main(), false)
	if err != nil {
		return []row{w}, err
	}
	var reference, gross, ours series
	err = r.turns(r.runs,
		r.peerSide(fastText, "predict", func() error {
			raw, err := r.output(ctx, fastTextScript, r.corpus(r.main()), r.heldOut(), "", "1", "10")
			if err != nil {
				return err
			}
			f, err := parseFastText(raw)
			if err != nil {
				return err
			}
			if f.Predict <= f.Load {
				return fmt.Errorf("%d lines are too few to be timed", f.Lines)
			}
			reference = append(reference, float64(f.Lines)/(f.Predict-f.Load))
			gross = append(gross, float64(f.Lines)/f.Predict)
			return nil
		}),
		side{"ours: classify a file", func() error {
			s, err := r.ours(ctx, 1, "file", "-model", model, "-text", r.corpus(r.main()), "-o", r.path("labels.txt"), "-runs", strconv.Itoa(r.innerRuns))
			if err != nil {
				return err
			}
			ours = append(ours, float64(s.Sentences)/median(s.Seconds))
			return nil
		}})
	if err != nil {
		return []row{w}, err
	}
	w.Ours = []string{ours.text(speed)}
	if !r.have(fastText) {
		return []row{w.without(fastText)}, nil
	}
	w.Reference = []string{"fastText, 10 dimensions, " + reference.text(speed), "with loading its model " + gross.text(speed)}
	ratio := over(ours, reference)
	w.Ratio = []string{ratio.text(times)}
	w.Reached = reached(ratio.median() >= least)
	return []row{w}, nil
}

// throughput measures the classification of the main corpus from memory and
// returns sentences a second.
func (r *runner) throughput(ctx context.Context, model string, threads int) (float64, error) {
	s, err := r.ours(ctx, threads, "classify", "-model", model, "-text", r.corpus(r.main()), "-runs", strconv.Itoa(r.innerRuns))
	if err != nil {
		return 0, err
	}
	return float64(s.Sentences) / median(s.Seconds), nil
}

func (r *runner) rowLimit(ctx context.Context, w row) ([]row, error) {
	const most = 1.5
	w.Reach = fmt.Sprintf("stage 6f at most %g times as fast", most)
	model, err := r.model(ctx, r.main(), false)
	if err != nil {
		return []row{w}, err
	}
	var program string
	if r.have(limitProgram) {
		if program, err = r.limit(ctx); err != nil {
			return []row{w}, err
		}
	}
	var reference, ours series
	err = r.turns(r.runs,
		r.peerSide(limitProgram, "all stages", func() error {
			out, _, err := command(ctx, []string{"GOMAXPROCS=1"}, "", program, "-corpus", r.corpus(r.main()),
				"-vocab", strconv.Itoa(r.main()), "-runs", "3", "-mintime", leastTime.String(), "-nogomap")
			if err != nil {
				return err
			}
			s, err := parseLimit(out)
			reference = append(reference, s)
			return err
		}),
		side{"ours: classify the corpus", func() error {
			s, err := r.throughput(ctx, model, 1)
			ours = append(ours, s)
			return err
		}})
	if err != nil {
		return []row{w}, err
	}
	w.Ours = []string{ours.text(speed)}
	if !r.have(limitProgram) {
		return []row{w.without(limitProgram)}, nil
	}
	w.Reference = []string{"stage 6f " + reference.text(speed)}
	ratio := over(reference, ours)
	w.Ratio = []string{ratio.text(times)}
	w.Reached = reached(ratio.median() <= most)
	return []row{w}, nil
}

func (r *runner) rowThreads(ctx context.Context, w row) ([]row, error) {
	const least = 1.5
	w.Reach = fmt.Sprintf("at least %g times one thread", least)
	model, err := r.model(ctx, r.main(), false)
	if err != nil {
		return []row{w}, err
	}
	var one, two series
	err = r.turns(r.runs,
		side{"ours: classify the corpus on one thread", func() error {
			s, err := r.throughput(ctx, model, 1)
			one = append(one, s)
			return err
		}},
		side{"ours: classify the corpus on two threads", func() error {
			s, err := r.throughput(ctx, model, 2)
			two = append(two, s)
			return err
		}})
	if err != nil {
		return []row{w}, err
	}
	w.Reference = []string{"ours on one thread " + one.text(speed)}
	w.Ours = []string{two.text(speed)}
	ratio := over(two, one)
	w.Ratio = []string{ratio.text(times)}
	if runtime.NumCPU() > 1 {
		w.Reached = reached(ratio.median() >= least)
	}
	return []row{w}, nil
}

func (r *runner) rowLatency(ctx context.Context, w row) ([]row, error) {
	const (
		mostP99 = 10 // microseconds
		// A greater table misses the processor's caches more often, and
		// nothing else about a look-up changes: what must not happen is a cost
		// in proportion to the vocabulary.
		mostGrowth = 1.5
	)
	w.Reach = fmt.Sprintf("no allocation, p99 below %d µs, p50 at most %g times with the greater vocabulary", mostP99, mostGrowth)
	var p50 []series
	ok := true
	for _, n := range r.sizes[:min(2, len(r.sizes))] {
		f, err := r.classifyFresh(ctx, n)
		if err != nil {
			return []row{w}, err
		}
		at := " at " + thousands(float64(f.columns)) + " columns"
		w.Ours = append(w.Ours, fmt.Sprintf("p50 %s, p99 %s, %.3g allocations%s", f.p50.text(micro), f.p99.text(micro), f.allocations, at))
		if r.have(scikitLearn) {
			w.Reference = append(w.Reference, fmt.Sprintf("scikit-learn p50 %s, p99 %s%s", f.referenceP50.text(micro), f.referenceP99.text(micro), at))
			w.Ratio = append(w.Ratio, over(f.referenceP50, f.p50).text(times)+at)
		}
		p50 = append(p50, f.p50)
		ok = ok && f.allocations == 0 && f.p99.median() < mostP99
	}
	if !r.have(scikitLearn) {
		w = w.without(scikitLearn)
	}
	if len(p50) < 2 {
		return []row{w}, nil
	}
	growth := p50[1].median() / p50[0].median()
	w.Ratio = append(w.Ratio, "p50 with the greater vocabulary "+times(growth))
	w.Reached = reached(ok && growth <= mostGrowth)
	return []row{w}, nil
}

func (r *runner) rowChars(ctx context.Context, w row) ([]row, error) {
	const least = 20
	w.Reach = fmt.Sprintf("at least %d times scikit-learn", least)
	model, err := r.model(ctx, r.small(), true)
	if err != nil {
		return []row{w}, err
	}
	var reference, transform, ours series
	var columns int
	var mean float64
	err = r.turns(r.runs,
		r.peerSide(scikitLearn, "vectorise with characters", func() error {
			s, err := r.sklearn(ctx, "vec:tfidf13cwb25", r.small(), 1)
			if err != nil {
				return err
			}
			if s.Transform == nil {
				return errors.New("it printed no transformation")
			}
			reference = append(reference, float64(r.small())/s.Transform.Median)
			return nil
		}),
		side{"ours: vectorise with characters", func() error {
			s, err := r.ours(ctx, 1, "vectorise", "-characters", "-corpus", r.corpus(r.small()))
			if err != nil {
				return err
			}
			transform = append(transform, float64(s.Sentences)/median(s.TransformSeconds))
			return nil
		}},
		side{"ours: classify with characters", func() error {
			s, err := r.ours(ctx, 1, "classify", "-model", model, "-text", r.corpus(r.small()), "-runs", strconv.Itoa(r.innerRuns))
			if err != nil {
				return err
			}
			columns, mean = s.Columns, float64(s.Bytes)/float64(s.Sentences)
			ours = append(ours, float64(s.Sentences)/median(s.Seconds))
			return nil
		}})
	if err != nil {
		return []row{w}, err
	}
	w.Ours = []string{"classify " + ours.text(speed) + bandwidth(ours, mean), "transform " + transform.text(speed), thousands(float64(columns)) + " columns"}
	if !r.have(scikitLearn) {
		return []row{w.without(scikitLearn)}, nil
	}
	w.Reference = []string{"scikit-learn, transform alone, " + reference.text(speed) + bandwidth(reference, mean)}
	ratio := over(ours, reference)
	w.Ratio = []string{"classify " + ratio.text(times), "transform " + over(transform, reference).text(times)}
	w.Reached = reached(ratio.median() >= least)
	return []row{w}, nil
}

func (r *runner) rowVectorise(ctx context.Context, w row) ([]row, error) {
	const least = 10
	w.Reach = fmt.Sprintf("at least %d times scikit-learn", least)
	var reference, one, two series
	var theirs, columns, nonZeros int
	var mean float64
	ours := func(threads int, to *series) side {
		return side{fmt.Sprintf("ours: vectorise, GOMAXPROCS %d", threads), func() error {
			s, err := r.ours(ctx, threads, "vectorise", "-corpus", r.corpus(r.main()))
			if err != nil {
				return err
			}
			*to = append(*to, float64(s.Sentences)/s.FitTransformSeconds[0])
			columns, nonZeros, mean = s.Columns, s.NonZeros, float64(s.Bytes)/float64(s.Sentences)
			return nil
		}}
	}
	err := r.turns(r.runs,
		r.peerSide(scikitLearn, "vectorise", func() error {
			s, err := r.sklearn(ctx, "vec:tfidf12", r.main(), 1)
			if err != nil {
				return err
			}
			if s.FitTransform == nil || len(s.Shape) != 2 {
				return errors.New("it printed no fit")
			}
			reference = append(reference, float64(r.main())/s.FitTransform.Median)
			theirs = s.Shape[1]
			return nil
		}),
		ours(1, &one), ours(2, &two))
	if err != nil {
		return []row{w}, err
	}
	w.Ours = []string{one.text(speed) + bandwidth(one, mean), "on two threads " + two.text(speed),
		fmt.Sprintf("%s columns, %s non-zeros", thousands(float64(columns)), thousands(float64(nonZeros)))}
	if !r.have(scikitLearn) {
		return []row{w.without(scikitLearn)}, nil
	}
	w.Reference = []string{"scikit-learn, fit_transform, " + reference.text(speed) + bandwidth(reference, mean), thousands(float64(theirs)) + " columns"}
	if theirs != columns {
		return []row{w}, fmt.Errorf("scikit-learn finds %d columns and we find %d: that is not the same work", theirs, columns)
	}
	ratio := over(one, reference)
	w.Ratio = []string{ratio.text(times), "on two threads " + over(two, reference).text(times)}
	w.Reached = reached(ratio.median() >= least)
	return []row{w}, nil
}

// solver is one problem that all sides solve.
type solver struct {
	key       string
	algorithm stance.Algorithm
	loss      loss
	libLinear string // -s of liblinear-train
	sklearn   string // solver of sklearn_bench.py
}

func (r *runner) rowLogistic(ctx context.Context, w row) ([]row, error) {
	return r.rowSolver(ctx, w, solver{"logistic", stance.LogisticOneVsRest, logisticLoss, "7", "lr_liblinear_dual"})
}

func (r *runner) rowSVM(ctx context.Context, w row) ([]row, error) {
	return r.rowSolver(ctx, w, solver{"svm", stance.LinearSVM, squaredHingeLoss, "1", "lsvc_dual"})
}

// tolerances are LIBLINEAR's -e that are tried in turn, from its default on.
// Half a decade apart, none costs it much more time than needed.
var tolerances = []string{"", "0.03", "0.01", "0.003", "0.001", "0.0003", "0.0001", "0.00003", "0.00001"}

// setting says which solver LIBLINEAR runs.
func (s solver) setting(tolerance string) string {
	if tolerance == "" {
		return "LIBLINEAR -s " + s.libLinear
	}
	return "LIBLINEAR -s " + s.libLinear + " -e " + tolerance
}

// libLinearObjectives trains with one tolerance after the other until the
// objective is near enough to the optimum, and returns the objectives, one for
// each of the first tolerances.
func (r *runner) libLinearObjectives(ctx context.Context, s solver, optimum float64) ([]float64, error) {
	var objectives []float64
	model := r.path("liblinear.model")
	for _, tolerance := range tolerances {
		r.say("%s: objective", s.setting(tolerance))
		args := []string{"-s", s.libLinear, "-c", strconv.Itoa(regularisation), "-B", "1", "-q"}
		if tolerance != "" {
			args = append(args, "-e", tolerance)
		}
		if _, _, err := command(ctx, oneThread, "", "liblinear-train", append(args, r.matrixPath(r.main()), model)...); err != nil {
			return nil, err
		}
		o, err := r.objectives(ctx, s, model)
		if err != nil {
			return nil, err
		}
		objectives = append(objectives, o[0])
		if gap(o[0], optimum) < enough {
			return objectives, nil
		}
	}
	return nil, fmt.Errorf("with no tolerance does LIBLINEAR come within %g of the optimum", enough)
}

func (r *runner) objectives(ctx context.Context, s solver, models ...string) ([]float64, error) {
	result, err := r.ours(ctx, runtime.NumCPU(), "objective",
		append([]string{"-corpus", r.corpus(r.main()), "-loss", lossNames[s.loss]}, models...)...)
	if err != nil {
		return nil, err
	}
	if len(result.Objectives) != len(models) {
		return nil, fmt.Errorf("stage objective printed %d objectives, want %d", len(result.Objectives), len(models))
	}
	return result.Objectives, nil
}

func gap(objective, optimum float64) float64 { return (objective - optimum) / optimum }

func objectiveText(objective, optimum float64) string {
	g := gap(objective, optimum)
	if g < nearOptimum { // the optimum is not known better
		return fmt.Sprintf("objective %.2f, gap below %.0e", objective, nearOptimum)
	}
	return fmt.Sprintf("objective %.2f, gap %.1e", objective, g)
}

// train runs the stage of that name on the main corpus. A warning that the
// solver stopped early is an error: what it took is then no time to anything.
func (r *runner) train(ctx context.Context, threads int, algorithm stance.Algorithm, args ...string) (*stageResult, error) {
	s, err := r.ours(ctx, threads, "train", append([]string{"-corpus", r.corpus(r.main()), "-algorithm", algorithm.String()}, args...)...)
	if err == nil && len(s.Warnings) > 0 {
		err = errors.New(strings.Join(s.Warnings, "; "))
	}
	return s, err
}

// solverSeconds returns the least time of training on rows that were made
// before, in one process.
func (r *runner) solverSeconds(ctx context.Context, threads int, algorithm stance.Algorithm, runs int, args ...string) (float64, error) {
	s, err := r.train(ctx, threads, algorithm, append([]string{"-rows", "-runs", strconv.Itoa(runs)}, args...)...)
	if err != nil {
		return 0, err
	}
	return slices.Min(s.Seconds), nil
}

// rowSolver trains on the same matrix to the same objective. Our time is that
// of stance.TrainRows; LIBLINEAR's is that of training less that of reading the
// file. The optimum is the least objective of all, one of them to nearOptimum.
func (r *runner) rowSolver(ctx context.Context, w row, s solver) ([]row, error) {
	const mostOnOne, mostOnTwo = 1, 0.5
	w.Reach = fmt.Sprintf("at most %g of LIBLINEAR's time on two threads, %d on one", mostOnTwo, mostOnOne)
	algorithm := s.algorithm.String()
	best, model := r.path(s.key+".optimum.model"), r.path(s.key+".model")
	if err := r.make("the optimum of "+algorithm, func() error {
		_, err := r.train(ctx, runtime.NumCPU(), s.algorithm, "-o", best, "-tolerance", fmt.Sprint(nearOptimum))
		return err
	}); err != nil {
		return []row{w}, err
	}
	o, err := r.objectives(ctx, s, best)
	if err != nil {
		return []row{w}, err
	}
	optimum := o[0]

	var theirObjectives []float64
	if r.have(libLinear) {
		if err := r.matrix(ctx); err != nil {
			return []row{w}, err
		}
		if theirObjectives, err = r.libLinearObjectives(ctx, s, optimum); err != nil {
			return []row{w}, err
		}
	}
	if r.have(scikitLearn) {
		if err := r.prepare(ctx); err != nil {
			return []row{w}, err
		}
	}
	var atDefault, reference, sklearn, one, two series
	ours := func(threads int, to *series) side {
		return side{fmt.Sprintf("ours: %s, GOMAXPROCS %d", algorithm, threads), func() error {
			t, err := r.solverSeconds(ctx, threads, s.algorithm, solverRuns, "-o", model)
			*to = append(*to, t)
			return err
		}}
	}
	peer := func(i int, to *series) side {
		return side{s.setting(tolerances[i]), func() error {
			result, err := r.libLinear(ctx, s.libLinear, tolerances[i])
			if err != nil {
				return err
			}
			if result.Train <= result.Read {
				return errors.New("the matrix is too small for training to be timed")
			}
			*to = append(*to, result.Train-result.Read)
			return nil
		}}
	}
	var sides []side
	last := len(theirObjectives) - 1
	if last >= 0 {
		sides = append(sides, peer(last, &reference))
	}
	stopped := ""
	sides = append(sides, ours(1, &one), ours(2, &two),
		r.peerSide(scikitLearn, s.sklearn, func() error {
			result, err := r.sklearn(ctx, "fit:"+s.sklearn, r.main(), 1)
			if err != nil {
				return err
			}
			if result.Fit == nil {
				return errors.New("it printed no fit")
			}
			sklearn = append(sklearn, result.Fit.Median)
			stopped = result.stopped()
			return nil
		}))
	if last > 0 {
		sides = append(sides, peer(0, &atDefault))
	}
	if err := r.turns(r.runs, sides...); err != nil {
		return []row{w}, err
	}
	if o, err = r.objectives(ctx, s, model); err != nil {
		return []row{w}, err
	}
	optimum = slices.Min(append([]float64{optimum, o[0]}, theirObjectives...))
	w.Ours = []string{one.text(inSeconds), "on two threads " + two.text(inSeconds), objectiveText(o[0], optimum), fmt.Sprintf("optimum %.2f", optimum)}
	if sklearn != nil {
		w.Reference = append(w.Reference, "scikit-learn "+s.sklearn+" "+sklearn.text(inSeconds)+stopped)
	}
	if !r.have(libLinear) {
		return []row{w.without(libLinear)}, nil
	}
	if last > 0 {
		w.Reference = append([]string{s.setting("") + " " + atDefault.text(inSeconds) + ", " + objectiveText(theirObjectives[0], optimum)}, w.Reference...)
	}
	w.Reference = append([]string{s.setting(tolerances[last]) + " " + reference.text(inSeconds) + ", " + objectiveText(theirObjectives[last], optimum)}, w.Reference...)
	onOne, onTwo := over(one, reference), over(two, reference)
	w.Ratio = []string{onOne.text(share) + " of " + s.setting(tolerances[last]), "on two threads " + onTwo.text(share)}
	ok := onOne.median() <= mostOnOne && onTwo.median() <= mostOnTwo && gap(o[0], optimum) < enough
	if runtime.NumCPU() > 1 || !ok {
		w.Reached = reached(ok)
	}
	return []row{w}, nil
}

// rowMultinomial has nothing to reach. It is measured once, as scikit-learn
// takes long.
func (r *runner) rowMultinomial(ctx context.Context, w row) ([]row, error) {
	if r.have(scikitLearn) {
		if err := r.prepare(ctx); err != nil {
			return []row{w}, err
		}
	}
	var reference, one, two series
	stopped := ""
	ours := func(threads int, to *series) side {
		return side{fmt.Sprintf("ours: %v, GOMAXPROCS %d", stance.LogisticRegression, threads), func() error {
			t, err := r.solverSeconds(ctx, threads, stance.LogisticRegression, 1)
			*to = append(*to, t)
			return err
		}}
	}
	err := r.turns(1,
		r.peerSide(scikitLearn, "lr_lbfgs", func() error {
			s, err := r.sklearn(ctx, "fit:lr_lbfgs", r.main(), 1)
			if err != nil {
				return err
			}
			if s.Fit == nil {
				return errors.New("it printed no fit")
			}
			reference = append(reference, s.Fit.Median)
			stopped = s.stopped()
			return nil
		}),
		ours(1, &one), ours(2, &two))
	if err != nil {
		return []row{w}, err
	}
	w.Ours = []string{one.text(inSeconds), "on two threads " + two.text(inSeconds), fmt.Sprintf("to a gap of %g", enough)}
	if !r.have(scikitLearn) {
		return []row{w.without(scikitLearn)}, nil
	}
	w.Reference = []string{"scikit-learn lr_lbfgs " + reference.text(inSeconds) + " at its default tolerance" + stopped}
	w.Ratio = []string{over(one, reference).text(share), "on two threads " + over(two, reference).text(share)}
	return []row{w}, nil
}

func (r *runner) rowMemory(ctx context.Context, w row) ([]row, error) {
	const most = 0.5
	w.Reach = fmt.Sprintf("at most %g of scikit-learn's", most)
	if r.have(scikitLearn) {
		if err := r.prepare(ctx); err != nil {
			return []row{w}, err
		}
	}
	if r.have(libLinear) {
		if err := r.matrix(ctx); err != nil {
			return []row{w}, err
		}
	}
	var vectorise, fit, lib, ours series
	sklearn := func(task string, to *series) side {
		return r.peerSide(scikitLearn, "memory of "+task, func() error {
			s, err := r.sklearn(ctx, task, r.main(), 1)
			if err != nil {
				return err
			}
			*to = append(*to, s.PeakMiB)
			return nil
		})
	}
	err := r.turns(r.runs,
		sklearn("vec:tfidf12", &vectorise), sklearn("fit:lr_liblinear_dual", &fit),
		r.peerSide(libLinear, "memory of -s 7", func() error {
			s, err := r.libLinear(ctx, "7", "")
			if err != nil {
				return err
			}
			lib = append(lib, float64(s.PeakBytes)/(1<<20))
			return nil
		}),
		side{"ours: memory of training", func() error {
			s, err := r.ours(ctx, 1, "train", "-corpus", r.corpus(r.main()))
			if err != nil {
				return err
			}
			ours = append(ours, float64(s.Peak)/(1<<20))
			return nil
		}})
	if err != nil {
		return []row{w}, err
	}
	w.Ours = []string{ours.text(mebibytes) + " to vectorise and fit"}
	if lib != nil {
		w.Reference = []string{"LIBLINEAR " + lib.text(mebibytes) + " to fit"}
		w.Ratio = []string{over(ours, lib).text(share) + " of LIBLINEAR's to fit"}
	} else {
		w = w.without(libLinear)
	}
	if !r.have(scikitLearn) {
		return []row{w.without(scikitLearn)}, nil
	}
	w.Reference = append([]string{"scikit-learn " + vectorise.text(mebibytes) + " to vectorise", "scikit-learn " + fit.text(mebibytes) + " to fit"}, w.Reference...)
	ratios := []string{over(ours, vectorise).text(share) + " of scikit-learn's to vectorise", over(ours, fit).text(share) + " of scikit-learn's to fit"}
	w.Ratio = append(ratios, w.Ratio...)
	// Training from texts needs both, one after the other.
	both := make(series, len(vectorise))
	for i := range both {
		both[i] = max(vectorise[i], fit[i])
	}
	w.Reached = reached(over(ours, both).median() <= most)
	return []row{w}, nil
}

func (r *runner) rowGrowth(ctx context.Context, w row) ([]row, error) {
	const most = 1.2
	stagesOf := []struct {
		what string
		run  func(n int) (float64, error) // seconds
	}{
		{"vectorise", func(n int) (float64, error) {
			s, err := r.ours(ctx, 1, "vectorise", "-corpus", r.corpus(n))
			if err != nil {
				return 0, err
			}
			return s.FitTransformSeconds[0], nil
		}},
		{"train logistic regression from texts", func(n int) (float64, error) {
			s, err := r.ours(ctx, 1, "train", "-corpus", r.corpus(n))
			if err != nil {
				return 0, err
			}
			return s.Seconds[0], nil
		}},
		{"classify the corpus", func(n int) (float64, error) {
			model, err := r.model(ctx, n, false)
			if err != nil {
				return 0, err
			}
			s, err := r.ours(ctx, 1, "classify", "-model", model, "-text", r.corpus(n))
			if err != nil {
				return 0, err
			}
			return median(s.Seconds), nil
		}},
	}
	reach := fmt.Sprintf("at most %g times that of %s sentences", most, thousands(float64(r.small())))
	var rows []row
	for _, stage := range stagesOf {
		w := row{What: w.What + ": " + stage.what, Reach: reach}
		perSize := make([]series, len(r.sizes)) // microseconds a sentence
		var sides []side
		for i, n := range r.sizes {
			sides = append(sides, side{fmt.Sprintf("ours: %s, %s sentences", stage.what, thousands(float64(n))), func() error {
				s, err := stage.run(n)
				perSize[i] = append(perSize[i], s/float64(n)*1e6)
				return err
			}})
		}
		if err := r.turns(r.runs, sides...); err != nil {
			return append(rows, w), err
		}
		worst := 0.0
		for i, n := range r.sizes {
			w.Ours = append(w.Ours, perSize[i].text(micro)+" at "+thousands(float64(n)))
			if i > 0 {
				ratio := over(perSize[i], perSize[0])
				w.Ratio = append(w.Ratio, ratio.text(times)+" at "+thousands(float64(n)))
				worst = max(worst, ratio.median())
			}
		}
		if len(r.sizes) > 1 {
			w.Reached = reached(worst <= most)
		}
		rows = append(rows, w)
	}
	if !r.have(scikitLearn) {
		rows[0] = rows[0].without(scikitLearn)
		return rows, nil
	}
	for _, n := range r.sizes {
		err := r.turns(1, r.peerSide(scikitLearn, "vectorise "+thousands(float64(n))+" sentences", func() error {
			s, err := r.sklearn(ctx, "vec:tfidf12", n, 1)
			if err != nil {
				return err
			}
			if s.FitTransform == nil {
				return errors.New("it printed no fit")
			}
			rows[0].Reference = append(rows[0].Reference, "scikit-learn "+micro(s.FitTransform.Median/float64(n)*1e6)+" at "+thousands(float64(n)))
			return nil
		}))
		if err != nil {
			return rows, err
		}
	}
	return rows, nil
}

// measure runs the rows that are wanted, all if only is nil. A row that fails
// says so, and the others are measured all the same.
func (r *runner) measure(ctx context.Context, only map[string]bool) ([]row, error) {
	var rows []row
	var errs []error
	for _, f := range rowFuncs {
		if only != nil && !only[f.key] {
			continue
		}
		measured, err := f.run(r, ctx, row{What: f.what})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil {
			err = fmt.Errorf("%s: %w", f.key, err)
			r.say("%v", err)
			errs = append(errs, err)
			measured[len(measured)-1].Failed = err.Error()
		}
		rows = append(rows, measured...)
	}
	return rows, errors.Join(errs...)
}
