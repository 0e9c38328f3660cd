package stance

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"example.org/metoostance/features"
	"example.org/metoostance/features/detmath"
	"example.org/metoostance/stance/internal/linear"
)

// Algorithm is a way to learn a linear classifier.
type Algorithm uint8

const (
	// LogisticRegression is multinomial logistic regression with an L2
	// penalty on the weights and none on the intercepts.
	LogisticRegression Algorithm = iota
	// LogisticOneVsRest is one L2-regularised logistic regression for each
	// label against the others; as in LIBLINEAR the intercept is penalised.
	LogisticOneVsRest
	// LinearSVM is one L2-regularised support vector machine with squared
	// hinge loss for each label against the others (scikit-learn's LinearSVC).
	LinearSVM
	// LinearSVMHinge is the same with the hinge loss.
	LinearSVMHinge
	// Ridge is L2-regularised least squares on targets of 1 for the label and
	// -1 for the others (scikit-learn's RidgeClassifier with alpha = 1/C).
	Ridge
	// MultinomialBayes is multinomial naive Bayes. C has no part in it.
	MultinomialBayes
	// ComplementBayes is naive Bayes on the complements of the labels (Rennie
	// et al. 2003). C has no part in it.
	ComplementBayes
	// NBSVM is LinearSVM on rows multiplied by the log-count ratios of naive
	// Bayes, a quarter of it interpolated (Wang and Manning 2012). It is made
	// for rows of ones and zeros (BinaryTF, NoIDF, NoNorm).
	NBSVM

	numAlgorithms
)

var algorithmNames = [numAlgorithms]string{
	LogisticRegression: "logistic-regression",
	LogisticOneVsRest:  "logistic-one-vs-rest",
	LinearSVM:          "linear-svm",
	LinearSVMHinge:     "linear-svm-hinge",
	Ridge:              "ridge",
	MultinomialBayes:   "multinomial-bayes",
	ComplementBayes:    "complement-bayes",
	NBSVM:              "nb-svm",
}

// Algorithms returns all algorithms.
func Algorithms() []Algorithm {
	all := make([]Algorithm, numAlgorithms)
	for i := range all {
		all[i] = Algorithm(i)
	}
	return all
}

// String returns the algorithm's name, such as "logistic-regression".
func (a Algorithm) String() string {
	if a < numAlgorithms {
		return algorithmNames[a]
	}
	return fmt.Sprintf("Algorithm(%d)", uint8(a))
}

// MarshalText returns the algorithm's name.
func (a Algorithm) MarshalText() ([]byte, error) {
	if a >= numAlgorithms {
		return nil, fmt.Errorf("stance: unknown algorithm %d", uint8(a))
	}
	return []byte(algorithmNames[a]), nil
}

// UnmarshalText reads an algorithm's name.
func (a *Algorithm) UnmarshalText(text []byte) error {
	for i, name := range algorithmNames {
		if name == string(text) {
			*a = Algorithm(i)
			return nil
		}
	}
	return fmt.Errorf("stance: unknown algorithm %q", text)
}

// Options say how to train. The zero value trains multinomial logistic
// regression with C = 1 on words and pairs of words.
type Options struct {
	// Features says how texts become rows. Without blocks it means TF-IDF of
	// words and pairs of words.
	Features features.Options
	// Algorithm is what to learn. Zero means LogisticRegression.
	Algorithm Algorithm
	// C is the weight of the losses against the penalty: the greater, the
	// closer the model follows the training data. Zero means 1.
	C float64
	// Smoothing is added to the total of each term in each label by the
	// algorithms that count: MultinomialBayes, ComplementBayes and NBSVM. Zero
	// means 1.
	Smoothing float64
	// Balanced weighs every label as if it were equally frequent, by n/(3 n_k)
	// for a label with n_k of n examples. Zero means each example counts 1.
	Balanced bool
	// CalibrationFolds is the number of folds, at least 2, on whose held-out
	// scores the temperature is fitted that turns scores into probabilities.
	// Zero means 5. A negative number means no calibration: probabilities are
	// the softmax of the scores as they are.
	CalibrationFolds int
	// Tolerance is the relative gap to the minimum of the objective at which
	// training stops. Zero means 1e-9.
	Tolerance float64
	// MaxIterations bounds the solver's passes over the data. Zero means 1000.
	MaxIterations int
	// Context says how the sentences of a document speak for one another. Zero
	// means not at all. It has no part in training but for the calibration of
	// documents.
	Context Context `json:",omitzero"`
	// MinConfidence is the probability below which the model abstains: a
	// prediction whose greatest probability is less has the label
	// [Unlabelled]. Zero means never to abstain. It has no part in training;
	// [Model.WithMinConfidence] sets another for a trained model.
	MinConfidence float64 `json:",omitzero"`
	// Seed decides the order in which coordinate descent visits the examples.
	// Nothing else in training is random.
	Seed uint64
	// Command says how the model was made, for those who find its file: the
	// command that was given, for example. It must be UTF-8 and has no part in
	// training.
	Command string `json:",omitempty"`
}

// wordFeatures are the features that Options without any stand for.
func wordFeatures() []features.Block { return []features.Block{{MinN: 1, MaxN: 2}} }

// The values that the zero values of Options stand for.
const (
	defaultC             = 1
	defaultSmoothing     = 1
	defaultFolds         = 5
	defaultTolerance     = 1e-9
	defaultMaxIterations = 1000
)

// maxBlockWeight is the greatest weight of a block of features, by amount. With
// it, and weights and intercepts that are finite as float32, no score can leave
// the range of float64: a score is a sum of at most 2^63 terms, whose values
// are at most 2^63 times an idf below 23 times the block's weight.
const maxBlockWeight = 1e100

// checkBlockWeights returns an error if scores could become infinite.
func checkBlockWeights(o features.Options) error {
	for i, b := range o.Blocks {
		if !(math.Abs(b.Weight) <= maxBlockWeight) {
			return fmt.Errorf("stance: Weight of block %d of the features is %v, want an amount of at most %v", i, b.Weight, maxBlockWeight)
		}
	}
	return nil
}

// normalized returns the options with every default written out but those of
// the features, which the vectorizer writes out, or an error.
func (o Options) normalized() (Options, error) {
	if len(o.Features.Blocks) == 0 {
		o.Features.Blocks = wordFeatures()
	}
	if o.C == 0 {
		o.C = defaultC
	}
	if o.Smoothing == 0 {
		o.Smoothing = defaultSmoothing
	}
	if o.CalibrationFolds == 0 {
		o.CalibrationFolds = defaultFolds
	}
	if o.Tolerance == 0 {
		o.Tolerance = defaultTolerance
	}
	if o.MaxIterations == 0 {
		o.MaxIterations = defaultMaxIterations
	}
	switch {
	case o.Algorithm >= numAlgorithms:
		return o, fmt.Errorf("stance: unknown algorithm %d", o.Algorithm)
	case !(o.C > 0) || math.IsInf(o.C, 0):
		return o, fmt.Errorf("stance: C is %v, want a positive number", o.C)
	case !(o.Smoothing > 0) || math.IsInf(o.Smoothing, 0):
		return o, fmt.Errorf("stance: smoothing is %v, want a positive number", o.Smoothing)
	case o.CalibrationFolds == 1:
		return o, errors.New("stance: calibration needs at least 2 folds, or a negative number for none")
	case !(o.Tolerance > 0) || math.IsInf(o.Tolerance, 0):
		return o, fmt.Errorf("stance: tolerance is %v, want a positive number", o.Tolerance)
	case o.MaxIterations < 0:
		return o, fmt.Errorf("stance: maximum of iterations is %d, want a positive number", o.MaxIterations)
	case !o.Context.valid():
		return o, fmt.Errorf("stance: %v, want numbers of at most %v by amount", o.Context, maxContext)
	case !validConfidence(o.MinConfidence):
		return o, fmt.Errorf("stance: least confidence is %v, want a probability", o.MinConfidence)
	case !utf8.ValidString(o.Command):
		return o, fmt.Errorf("stance: command %q is not UTF-8", o.Command)
	}
	return o, checkBlockWeights(o.Features)
}

func validConfidence(p float64) bool { return p >= 0 && p <= 1 }

// TrainingReport says what a model was trained on and how training ended.
type TrainingReport struct {
	Examples int           // number of examples
	Labels   map[Label]int // number of examples with each label
	Features int           // number of columns of the rows
	Data     string        // SHA-256 of the examples, in hexadecimal
	Solver   SolverReport  // of the final fit to all examples
	// Temperature divides the scores before the softmax that turns them into
	// probabilities. 1 if there was no calibration.
	Temperature float64
	// DocumentTemperature is the same for sentences in a document, whose scores
	// are greater. 0 if the model has no [Context].
	DocumentTemperature float64 `json:",omitzero"`
	// Warnings say what the model's user should know, such as that the solver
	// stopped early. Nil if there is nothing to say.
	Warnings []string `json:",omitempty"`
}

// SolverReport says how far the solver came.
type SolverReport struct {
	Iterations   int     // passes over the examples, or Newton steps
	Objective    float64 // value of the objective at the end
	GradientNorm float64 // Euclidean norm of its gradient
	Converged    bool    // whether the tolerance was reached
}

// Train learns a model from labelled examples. At least two labels must occur;
// a label that does not occur is never predicted. The model depends on the
// examples, their order and the options alone: it has the same bits whatever
// GOMAXPROCS and on every platform. Group and Document keep examples together
// when the probabilities are calibrated; Target is not used.
//
// Train fails if an option is out of range or so extreme that the model's
// numbers are not finite, if an example has no label (the error names it), and
// with ctx's error soon after ctx ends. What is no failure but should be known,
// such as that no term is left, is in the Warnings of the report.
func Train(ctx context.Context, examples []Example, opts Options) (*Model, error) {
	o, err := opts.normalized()
	if err != nil {
		return nil, err
	}
	// Faults of the examples are found before the work on their texts.
	if _, err := labelsOf(examples); err != nil {
		return nil, err
	}
	texts := make([]string, len(examples))
	for i, e := range examples {
		texts[i] = e.Text
	}
	vectorizer, rows, err := features.FitTransform(ctx, texts, o.Features)
	if err != nil {
		return nil, err
	}
	return TrainRows(ctx, vectorizer, rows, examples, opts)
}

// TrainRows is Train for examples whose texts have been turned into rows: rows
// is what v.Transform gives of them. It serves to try many settings on the same
// rows. Options.Features has no effect: the model's are those of v.
//
// It fails as Train does, and panics if there are more or fewer rows than
// examples or if the rows are not as wide as those of v.
func TrainRows(ctx context.Context, v *features.Vectorizer, rows *features.Matrix, examples []Example, opts Options) (*Model, error) {
	o, err := opts.normalized()
	if err != nil {
		return nil, err
	}
	o.Features = v.Options()
	if err := checkBlockWeights(o.Features); err != nil {
		return nil, err
	}
	labels, err := labelsOf(examples)
	if err != nil {
		return nil, err
	}
	if rows.Rows() != len(examples) || rows.Cols != v.Cols() {
		panic(fmt.Sprintf("stance: %d x %d rows for %d examples and %d columns", rows.Rows(), rows.Cols, len(examples), v.Cols()))
	}
	fit, err := fitLinear(ctx, rows, labels, nil, o)
	if err != nil {
		return nil, err
	}
	m := newModel(v, o, fit, examples, labels)
	if o.CalibrationFolds > 0 {
		if err := m.calibrate(ctx, examples, rows, labels); err != nil {
			return nil, err
		}
	}
	m.finish()
	return m, nil
}

// newModel returns the model of a fit, not calibrated and not finished.
func newModel(v *features.Vectorizer, o Options, fit *linearFit, examples []Example, labels []Label) *Model {
	counts := map[Label]int{}
	for _, l := range labels {
		counts[l]++
	}
	m := &Model{
		opts:       o,
		vectorizer: v,
		weights:    fit.weights,
		intercepts: fit.intercepts,
		report: TrainingReport{
			Examples: len(examples), Labels: counts, Features: v.Cols(), Data: fingerprint(examples),
			Solver: fit.report, Temperature: 1, Warnings: fit.warnings,
		},
	}
	if o.Context != (Context{}) {
		m.report.DocumentTemperature = 1
	}
	if v.Cols() == 0 {
		m.report.Warnings = append(m.report.Warnings, "no term is left: the model predicts the same label for every text")
	}
	return m
}

// labelsOf returns the labels of the examples, all valid and at least one.
func labelsOf(examples []Example) ([]Label, error) {
	if len(examples) == 0 {
		return nil, errors.New("stance: there are no examples to train on")
	}
	labels := make([]Label, len(examples))
	for i, e := range examples {
		if !e.Label.Valid() {
			return nil, fmt.Errorf("stance: example %d (ID %q): label is %q, want FAVOR, AGAINST or NONE", i, e.ID, e.Label)
		}
		labels[i] = e.Label
	}
	return labels, nil
}

// linearFit is a linear model of the labels. Its weights are laid out as
// [features.NewScorer] wants them: three for each column, in the order of
// Labels. They are rounded to float32, which is what models are stored in, so
// that a model is the same before it was saved and after.
type linearFit struct {
	weights    []float32
	intercepts Values // -Inf for a label that did not occur
	report     SolverReport
	warnings   []string
}

// fitLinear learns from rows and their labels. weights, one for each row, stand
// in place of those that o.Balanced asks for; nil means none.
func fitLinear(ctx context.Context, rows *features.Matrix, labels []Label, weights []float64, o Options) (*linearFit, error) {
	// Solvers want the classes that occur, numbered from 0.
	var classOf [None + 1]int
	var present []Label
	for _, l := range Labels() {
		classOf[l] = -1
		for _, k := range labels {
			if k == l {
				classOf[l] = len(present)
				present = append(present, l)
				break
			}
		}
	}
	if len(present) < 2 {
		return nil, fmt.Errorf("stance: all examples are %v: there is nothing to tell apart", present[0])
	}
	y := make([]int, len(labels))
	for i, l := range labels {
		y[i] = classOf[l]
	}
	problem := &linear.Problem{X: rows, Y: y, Classes: len(present), RowWeights: weights}
	if o.Balanced && weights == nil {
		problem.Weights = linear.BalancedWeights(y, len(present))
	}
	options := linear.Options{C: o.C, Tolerance: o.Tolerance, MaxIterations: o.MaxIterations, Seed: o.Seed}
	var result *linear.Result
	var err error
	switch o.Algorithm {
	case LogisticRegression:
		result, err = linear.MultinomialLogistic(ctx, problem, options)
	case LogisticOneVsRest:
		result, err = linear.LogisticOvR(ctx, problem, options)
	case LinearSVM:
		result, err = linear.SVM(ctx, problem, linear.SquaredHinge, options)
	case LinearSVMHinge:
		result, err = linear.SVM(ctx, problem, linear.Hinge, options)
	case Ridge:
		result, err = linear.Ridge(ctx, problem, options)
	case MultinomialBayes:
		result, err = linear.MultinomialNB(ctx, problem, linear.BayesOptions{Alpha: o.Smoothing})
	case ComplementBayes:
		result, err = linear.ComplementNB(ctx, problem, linear.BayesOptions{Alpha: o.Smoothing})
	case NBSVM:
		result, err = linear.NBSVM(ctx, problem, linear.NBSVMOptions{Options: options, Alpha: o.Smoothing})
	}
	if err != nil {
		return nil, fmt.Errorf("stance: %w", err)
	}
	fit := &linearFit{
		weights:    make([]float32, rows.Cols*NumLabels),
		intercepts: Values{math.Inf(-1), math.Inf(-1), math.Inf(-1)},
		report: SolverReport{Iterations: result.Iterations, Objective: result.Objective,
			GradientNorm: result.GradientNorm, Converged: result.Converged},
		warnings: result.Warnings,
	}
	for class, l := range present {
		fit.intercepts[l-Favor] = result.Intercept[class]
		for col := range rows.Cols {
			fit.weights[col*NumLabels+int(l-Favor)] = float32(result.Coef[col*len(present)+class])
		}
	}
	if fault := fit.fault(present); fault != "" {
		return nil, fmt.Errorf("stance: %v with %s: %s is no finite number of float32's range; take less extreme settings",
			o.Algorithm, o.extremes(), fault)
	}
	return fit, nil
}

// isFinite reports whether x is a number and neither infinite nor beyond the
// range of float32, in which models are stored.
func isFinite(x float64) bool { return math.Abs(x) <= math.MaxFloat32 }

// fault names the first number of the fit that is not finite, or returns "".
// Such numbers come from options with which the solver's sums overflow.
func (f *linearFit) fault(present []Label) string {
	for _, l := range present {
		if x := f.intercepts.Of(l); !isFinite(x) {
			return fmt.Sprintf("the intercept %v of %v", x, l)
		}
	}
	for i, w := range f.weights {
		if !isFinite(float64(w)) {
			return fmt.Sprintf("the weight %v of column %d for %v", w, i/NumLabels, Labels()[i%NumLabels])
		}
	}
	// These two may be greater than what a model stores.
	for _, x := range [...]struct {
		name  string
		value float64
	}{{"objective", f.report.Objective}, {"norm of the gradient", f.report.GradientNorm}} {
		if x.value-x.value != 0 {
			return fmt.Sprintf("the %s, %v,", x.name, x.value)
		}
	}
	return ""
}

// extremes names the options that decide how large the numbers of a fit
// become.
func (o Options) extremes() string {
	var s string
	switch o.Algorithm {
	case MultinomialBayes, ComplementBayes:
		s = fmt.Sprintf("Smoothing %v", o.Smoothing)
	case NBSVM:
		s = fmt.Sprintf("C %v, Smoothing %v", o.C, o.Smoothing)
	default:
		s = fmt.Sprintf("C %v", o.C)
	}
	for i, b := range o.Features.Blocks {
		s += fmt.Sprintf(", Weight %v of block %d", b.Weight, i)
	}
	return s
}

// scores returns the raw scores of a row.
func (f *linearFit) scores(r features.Row) Values {
	v := f.intercepts
	for i, col := range r.Indices {
		w := f.weights[int(col)*NumLabels:][:NumLabels]
		for k := range v {
			v[k] += float64(r.Values[i] * float64(w[k]))
		}
	}
	return v
}

// minCalibration is the number of examples below which a temperature is fitted
// to too little to be trusted.
const minCalibration = 30

// calibrate fits the numbers that scores are divided by, so that the softmax of
// what results are probabilities (temperature scaling; Guo, Pleiss, Sun and
// Weinberger 2017): one for texts that stand alone and one for sentences in a
// document. They are fitted on scores of examples that were held out from
// training, unit by unit. The vocabulary and the idf weights, which no label
// enters, are those of all examples. When folds are impossible they stay 1.
// What the model's user should know becomes a warning.
func (m *Model) calibrate(ctx context.Context, examples []Example, rows *features.Matrix, labels []Label) error {
	scores := make([]Values, len(examples))
	possible, warnings, err := holdOut(examples, labels, m.opts.CalibrationFolds,
		func(in []int) (*linearFit, error) {
			return fitLinear(ctx, rows.Select(in), pick(labels, in), nil, m.opts)
		},
		func(i int, fit *linearFit) { scores[i] = fit.scores(rows.Row(i)) })
	if err != nil {
		return err
	}
	m.report.Warnings = append(m.report.Warnings, warnings...)
	if possible {
		m.fitTemperatures(examples, scores, labels)
	}
	return nil
}

// pick returns the elements at the given indices.
func pick[T any](of []T, at []int) []T {
	picked := make([]T, len(at))
	for i, j := range at {
		picked[i] = of[j]
	}
	return picked
}

// fitTemperatures fits the temperatures to held-out scores of examples.
func (m *Model) fitTemperatures(examples []Example, scores []Values, labels []Label) {
	r := &m.report
	bounded := func(b bool, of string) {
		if b {
			r.Warnings = append(r.Warnings, "the calibrated temperature"+of+" is at the end of its range")
		}
	}
	inverse, b := inverseTemperature(scores, labels)
	r.Temperature = 1 / inverse
	bounded(b, "")
	if m.opts.Context == (Context{}) {
		return
	}
	var inDocuments []Values
	var theirs []Label
	for _, members := range documentsOf(examples) {
		if len(members) < 2 {
			continue
		}
		from := len(theirs)
		for _, i := range members {
			inDocuments = append(inDocuments, scores[i])
			theirs = append(theirs, labels[i])
		}
		m.opts.Context.apply(len(members), func(i int) *Values { return &inDocuments[from+i] })
	}
	if len(theirs) < minCalibration {
		r.Warnings = append(r.Warnings, fmt.Sprintf("probabilities of sentences in documents are not calibrated: there are %d of them", len(theirs)))
		return
	}
	inverse, b = inverseTemperature(inDocuments, theirs)
	r.DocumentTemperature = 1 / inverse
	bounded(b, " of documents")
}

// holdOut calls visit with every example and a model that fit has trained
// without the example's unit. It reports whether folds are possible (if not,
// what was visited is of no use) and what the model's user should know.
func holdOut(examples []Example, labels []Label, k int,
	fit func(in []int) (*linearFit, error), visit func(i int, fit *linearFit)) (possible bool, warnings []string, err error) {
	const uncalibrated = "probabilities are not calibrated: "
	folds, units := calibrationFolds(examples, k)
	if units < 2 {
		return false, []string{uncalibrated + "all examples belong to one group"}, nil
	}
	used := min(units, k)
	stopped := 0
	for fold := range used {
		var in []int
		missing := map[Label]bool{}
		for i, l := range labels {
			if folds[i] != fold {
				in = append(in, i)
			}
			missing[l] = true
		}
		for _, i := range in {
			delete(missing, labels[i])
		}
		if len(missing) > 0 {
			return false, []string{uncalibrated + "a label has examples in too few groups"}, nil
		}
		f, err := fit(in)
		if err != nil {
			return false, nil, err
		}
		if !f.report.Converged {
			stopped++
		}
		for i := range examples {
			if folds[i] == fold {
				visit(i, f)
			}
		}
	}
	if stopped > 0 {
		warnings = append(warnings, fmt.Sprintf("the solver stopped early in %d of the %d folds of the calibration", stopped, used))
	}
	if len(examples) < minCalibration || units < 2*k {
		warnings = append(warnings, fmt.Sprintf("the calibrated temperature rests on %d examples in %d groups", len(examples), units))
	}
	return true, warnings, nil
}

// calibrationFolds deals the examples out to k folds in turn, in their order,
// and returns the fold of each and the number of units dealt. A unit is what
// must stay together: the examples that share a Group or a Document, directly
// or through others.
func calibrationFolds(examples []Example, k int) (folds []int, units int) {
	// Union-find in which the root of a unit is its first example.
	parent := make([]int, len(examples))
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	groups, documents := map[string]int{}, map[string]int{} // name: an example that has it
	join := func(with map[string]int, name string, i int) {
		if name == "" {
			return
		}
		if j, ok := with[name]; ok {
			a, b := find(i), find(j)
			parent[max(a, b)] = min(a, b)
		} else {
			with[name] = i
		}
	}
	for i, e := range examples {
		parent[i] = i
		join(groups, e.Group, i)
		join(documents, e.Document, i)
	}
	folds = make([]int, len(examples))
	for i := range examples {
		if root := find(i); root != i {
			folds[i] = folds[root]
			continue
		}
		folds[i] = units % k
		units++
	}
	return folds, units
}

// maxTemperature and its inverse bound the range that is searched.
const maxTemperature = 1024

// inverseTemperature returns the b > 0 that minimises the mean log loss of
// softmax(b*scores), a convex function of b, and whether it lies at an end of
// the range searched, 1/maxTemperature to maxTemperature. It bisects the sign of
// the derivative.
func inverseTemperature(scores []Values, labels []Label) (b float64, bounded bool) {
	slope := func(b float64) float64 {
		sum := 0.0
		for i, s := range scores {
			var z, p Values
			for k := range s {
				z[k] = float64(b * s[k])
			}
			detmath.Softmax(p[:], z[:])
			for k, l := range Labels() {
				if p[k] > 0 { // a label that did not occur has the score -Inf
					sum += float64(p[k] * s[k])
				}
				if l == labels[i] {
					sum -= s[k]
				}
			}
		}
		return sum
	}
	lo, hi := -10.0, 10.0 // base-2 logarithm of b
	if slope(maxTemperature) < 0 {
		return maxTemperature, true
	}
	if slope(1.0/maxTemperature) > 0 {
		return 1.0 / maxTemperature, true
	}
	for range 40 {
		mid := (lo + hi) / 2
		if slope(detmath.Exp(float64(mid*math.Ln2))) < 0 {
			lo = mid
		} else {
			hi = mid
		}
	}
	return detmath.Exp(float64((lo + hi) / 2 * math.Ln2)), false
}

// fingerprint returns the SHA-256 of the examples, in hexadecimal. Each field
// is preceded by its length, so that no two sets share a fingerprint by where
// fields begin.
func fingerprint(examples []Example) string {
	h := sha256.New()
	var b []byte
	for _, e := range examples {
		b = b[:0]
		for _, s := range [...]string{e.ID, e.Text, e.Label.String(), e.Group, e.Document, e.Target} {
			b = binary.LittleEndian.AppendUint64(b, uint64(len(s)))
			b = append(b, s...)
		}
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))
}
