package stance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"unicode/utf8"

	"example.org/metoostance/features"
)

var _ Classifier = (*Targets)(nil)

// Targets is one [Model] for each target that its training data name: what is
// for one target may be against another, so that the words of both must not be
// mixed. The models have one vocabulary. A Targets is immutable and safe for
// concurrent use. [TrainTargets] and [LoadTargets] make one.
type Targets struct {
	names   []string
	models  []*Model // of names
	general *Model   // of the shared weights; nil if the models share none
	place   map[string]int
}

// TargetsOptions say how to train a [Targets]. The zero value trains separate
// models with the zero value of [Options].
type TargetsOptions struct {
	// Options are those of every model.
	Options
	// Shared lets the targets learn from one another: the weight of a term is
	// the sum of one that all targets share and one of the target's own, and all
	// of them are learnt from the examples of all targets together (the feature
	// augmentation of Daumé III 2007, "Frustratingly Easy Domain Adaptation").
	// The same holds of a constant, by which the targets' intercepts differ. It
	// serves targets with few examples, and texts about targets that are new.
	// False means that every target learns from its own examples alone.
	Shared bool
}

// ErrTargetsFile is the error, wrapped in a [FileError], that [Load] and
// [LoadFile] return for a file that [Targets.Save] has written.
var ErrTargetsFile = errors.New("this file holds the models of several targets: read it with LoadTargets or LoadTargetsFile")

var errModelFile = errors.New("this file holds a single model: read it with Load or LoadFile")

// TrainTargets trains a model for each [Example.Target] of the examples; the
// empty string is one like any other. The vocabulary and the idf weights are
// those of the texts of all targets. What [Train] says of determinism, errors
// and warnings holds here too.
//
// Without Shared each model is what [TrainRows] makes of the target's examples,
// of which two labels must occur. With Shared two labels must occur in all, and
// a model may predict a label that no example of its target has. The classes
// are then balanced ([Options].Balanced) within each target, for all algorithms
// by weights of the examples, and probabilities are calibrated for each target
// on its held-out examples; a target with fewer than 30 takes the temperatures
// of all together. The [Model.Report] of a model that shares is on the examples
// of all targets. Naive Bayes, which counts, counts every term twice.
func TrainTargets(ctx context.Context, examples []Example, opts TargetsOptions) (*Targets, error) {
	o, err := opts.normalized()
	if err != nil {
		return nil, err
	}
	labels, err := labelsOf(examples)
	if err != nil {
		return nil, err
	}
	names, members := byTarget(examples)
	for t, name := range names {
		if !utf8.ValidString(name) { // a file could not hold it
			return nil, fmt.Errorf("stance: target %q is not valid UTF-8", name)
		}
		own := pick(labels, members[t])
		if !opts.Shared && !slices.ContainsFunc(own, func(l Label) bool { return l != own[0] }) {
			return nil, fmt.Errorf("stance: all examples of target %q are %v: there is nothing to tell apart", name, own[0])
		}
	}
	texts := make([]string, len(examples))
	for i, e := range examples {
		texts[i] = e.Text
	}
	v, rows, err := features.FitTransform(ctx, texts, o.Features)
	if err != nil {
		return nil, err
	}
	t := &Targets{names: names, models: make([]*Model, len(names))}
	t.finish()
	if opts.Shared {
		if err := t.trainShared(ctx, v, rows, examples, members, o); err != nil {
			return nil, err
		}
		return t, nil
	}
	for i, own := range members {
		if t.models[i], err = TrainRows(ctx, v, rows.Select(own), pick(examples, own), opts.Options); err != nil {
			return nil, fmt.Errorf("%w (target %q)", err, names[i])
		}
	}
	return t, nil
}

// byTarget returns the targets of the examples in the order of first occurrence,
// and the indices of the examples of each.
func byTarget(examples []Example) (names []string, members [][]int) {
	place := map[string]int{}
	for i, e := range examples {
		t, ok := place[e.Target]
		if !ok {
			t = len(names)
			place[e.Target] = t
			names = append(names, e.Target)
			members = append(members, nil)
		}
		members[t] = append(members[t], i)
	}
	return names, members
}

// finish computes what follows from the names.
func (t *Targets) finish() {
	t.place = make(map[string]int, len(t.names))
	for i, name := range t.names {
		t.place[name] = i
	}
}

// trainShared trains the models of targets that share weights.
func (t *Targets) trainShared(ctx context.Context, v *features.Vectorizer, rows *features.Matrix, examples []Example, members [][]int, o Options) error {
	o.Features = v.Options()
	if err := checkBlockWeights(o.Features); err != nil {
		return err
	}
	labels, err := labelsOf(examples)
	if err != nil {
		return err
	}
	target := make([]int, len(examples))
	for k, own := range members {
		for _, i := range own {
			target[i] = k
		}
	}
	a, err := augment(rows, target, members)
	if err != nil {
		return err
	}
	fitTo := func(in []int) (*linearFit, error) {
		own := pick(labels, in)
		var weights []float64
		if o.Balanced {
			weights = balancedWithin(pick(target, in), own, len(members))
		}
		return fitLinear(ctx, a.rows.Select(in), own, weights, o)
	}
	everyone := make([]int, len(examples))
	for i := range everyone {
		everyone[i] = i
	}
	fit, err := fitTo(everyone)
	if err != nil {
		return err
	}
	t.general = newModel(v, o, a.common(fit), examples, labels)
	for k := range members {
		own, err := a.fold(fit, k)
		if err != nil {
			return fmt.Errorf("%w (target %q)", err, t.names[k])
		}
		m := *t.general
		m.weights, m.intercepts = own.weights, own.intercepts
		t.models[k] = &m
	}
	if o.CalibrationFolds > 0 {
		if err := t.calibrate(examples, labels, members, rows, a.rows, fitTo); err != nil {
			return err
		}
	}
	for _, m := range t.all() {
		m.finish()
	}
	return nil
}

// calibrate fits the temperatures of models that share weights. own are the rows
// in the columns of all targets, in which an example has the score that its
// target's model gives it, and rows those of the shared columns alone.
func (t *Targets) calibrate(examples []Example, labels []Label, members [][]int, rows, own *features.Matrix, fitTo func(in []int) (*linearFit, error)) error {
	scores, general := make([]Values, len(examples)), make([]Values, len(examples))
	possible, warnings, err := holdOut(examples, labels, t.general.opts.CalibrationFolds, fitTo, func(i int, fit *linearFit) {
		scores[i], general[i] = fit.scores(own.Row(i)), fit.scores(rows.Row(i))
	})
	if err != nil {
		return err
	}
	for _, m := range t.all() {
		m.report.Warnings = append(slices.Clip(m.report.Warnings), warnings...)
	}
	if !possible {
		return nil
	}
	t.general.fitTemperatures(examples, general, labels)
	for k, m := range t.models {
		at := members[k]
		if len(at) >= minCalibration {
			m.fitTemperatures(pick(examples, at), pick(scores, at), pick(labels, at))
			continue
		}
		r, g := &m.report, &t.general.report
		r.Temperature, r.DocumentTemperature = g.Temperature, g.DocumentTemperature
		r.Warnings = append(r.Warnings, fmt.Sprintf("probabilities are calibrated on all targets: this one has %d examples", len(at)))
	}
	return nil
}

// balancedWithin returns weights of rows that make all labels of a target count
// the same in total, and each target as much as it has examples: n/(k n_l) for
// one of n_l of n examples of the target, of which k labels occur.
func balancedWithin(target []int, labels []Label, targets int) []float64 {
	counts := make([][NumLabels]float64, targets)
	for i, l := range labels {
		counts[target[i]][l-Favor]++
	}
	weights := make([]float64, len(labels))
	for i, l := range labels {
		n, k := 0.0, 0.0
		for _, c := range counts[target[i]] {
			n += c
			if c > 0 {
				k++
			}
		}
		weights[i] = n / (k * counts[target[i]][l-Favor])
	}
	return weights
}

// augmented are rows that have each element twice: in the columns that all
// targets share, which come first, and in those of the row's target, which begin
// with a constant. A target has columns for those terms alone that occur in its
// rows.
type augmented struct {
	rows   *features.Matrix
	shared int // number of columns that all share
	first  []int
	terms  [][]int32 // shared columns of the terms of each target, behind its first column
}

func augment(rows *features.Matrix, target []int, members [][]int) (*augmented, error) {
	a := &augmented{shared: rows.Cols, first: make([]int, len(members)), terms: make([][]int32, len(members))}
	cols := rows.Cols
	for k, own := range members {
		var terms []int32
		for _, i := range own {
			terms = append(terms, rows.Row(i).Indices...)
		}
		slices.Sort(terms)
		a.first[k], a.terms[k] = cols, slices.Clip(slices.Compact(terms))
		cols += 1 + len(a.terms[k])
	}
	if cols > math.MaxInt32 {
		return nil, fmt.Errorf("stance: %d features of %d targets are more than can be shared", cols, len(members))
	}
	a.rows = &features.Matrix{Cols: cols, Starts: []int{0}}
	var row features.Row
	for i, k := range target {
		r := rows.Row(i)
		row.Indices = append(append(row.Indices[:0], r.Indices...), int32(a.first[k]))
		row.Values = append(append(append(row.Values[:0], r.Values...), 1), r.Values...)
		for _, col := range r.Indices {
			at, _ := slices.BinarySearch(a.terms[k], col)
			row.Indices = append(row.Indices, int32(a.first[k]+1+at))
		}
		a.rows.AppendRow(row)
	}
	return a, nil
}

// common returns the part of a fit to augmented rows that all targets share.
func (a *augmented) common(fit *linearFit) *linearFit {
	c := *fit
	c.weights = slices.Clone(fit.weights[:a.shared*NumLabels])
	return &c
}

// fold returns the fit of a target, shared weights and its own in one.
func (a *augmented) fold(fit *linearFit, target int) (*linearFit, error) {
	f := a.common(fit)
	own := fit.weights[a.first[target]*NumLabels:]
	for k := range NumLabels {
		f.intercepts[k] += float64(own[k])
		for i, col := range a.terms[target] {
			f.weights[int(col)*NumLabels+k] += own[(1+i)*NumLabels+k]
		}
	}
	var known []Label
	for _, l := range Labels() {
		if !math.IsInf(f.intercepts.Of(l), -1) {
			known = append(known, l)
		}
	}
	if fault := f.fault(known); fault != "" {
		return nil, fmt.Errorf("stance: %s is no finite number of float32's range; take less extreme settings", fault)
	}
	return f, nil
}

// Names returns the targets, in the order in which the training data first name
// them.
func (t *Targets) Names() []string { return slices.Clone(t.names) }

// Model returns the model of a target, and whether there is one.
func (t *Targets) Model(target string) (*Model, bool) {
	if i, ok := t.place[target]; ok {
		return t.models[i], true
	}
	return nil, false
}

// General returns the model of the weights that all targets share, which serves
// texts about any target, and whether there is one: whether the targets were
// trained with [TargetsOptions].Shared.
func (t *Targets) General() (*Model, bool) { return t.general, t.general != nil }

// abstention is what separate models say of another target: nothing. What is
// for or against it the words for other targets do not tell.
var abstention = Prediction{Probabilities: Values{1.0 / NumLabels, 1.0 / NumLabels, 1.0 / NumLabels}}

// Classify labels a text of which the target is not known, or none of the
// training data: by the [Targets.General] model. Without one it abstains: the
// label is [Unlabelled] and all probabilities are the same. Use
// [Targets.Model] for texts about a known target.
func (t *Targets) Classify(text string) Prediction {
	if t.general == nil {
		return abstention
	}
	return t.general.Classify(text)
}

// ClassifyExamples labels each example by the model of its Target, and those of
// other targets as [Targets.Classify] does. Those that share a Document and a
// Target are the sentences of one document, in the order in which they are
// given; see [Model.ClassifyExamples]. The labels of the examples have no part
// in it.
//
// Package eval refuses predictions without a label: separate models cannot be
// measured on targets that they were not trained on, those that share can.
func (t *Targets) ClassifyExamples(examples []Example) []Prediction {
	predictions := make([]Prediction, len(examples))
	names, members := byTarget(examples)
	for k, name := range names {
		m, ok := t.Model(name)
		if !ok {
			m, ok = t.General()
		}
		if !ok {
			for _, i := range members[k] {
				predictions[i] = abstention
			}
			continue
		}
		for j, p := range m.ClassifyExamples(pick(examples, members[k])) {
			predictions[members[k][j]] = p
		}
	}
	return predictions
}

// A file of targets is a magic number of its own, the version of its format and
// sections, as in the file of a model:
//
//	TRGT  JSON: version of the library, names of the targets, whether they share
//	VECT  the vectorizer of all models
//	META, WGHT  of each model, as in its own file: of the general model if the
//	            targets share, and of each target in the order of the names
//
// Nothing follows the last section.
const (
	targetsMagic   = "\x89MTT\r\n\x1a\n"
	targetsVersion = 1
	tagTargets     = "TRGT"
)

// targetsMeta is the content of the section TRGT.
type targetsMeta struct {
	Library string
	Targets []string
	Shared  bool
}

// all returns the models, in the order in which a file holds them.
func (t *Targets) all() []*Model {
	if t.general == nil {
		return t.models
	}
	return append([]*Model{t.general}, t.models...)
}

// Save writes the models of all targets, with their vocabulary once. The bytes
// are the same for the same models, always.
func (t *Targets) Save(w io.Writer) error {
	b, err := t.appendFile(nil)
	if err != nil {
		return err
	}
	return writeAll(w, b)
}

// SaveFile writes the models of all targets to a file, which is replaced as
// [Model.SaveFile] does it: as a whole or not at all.
func (t *Targets) SaveFile(path string) error {
	b, err := t.appendFile(nil)
	if err != nil {
		return err
	}
	if err := replaceFile(path, b); err != nil {
		return fmt.Errorf("stance: saving models: %w", err)
	}
	return nil
}

func (t *Targets) appendFile(b []byte) ([]byte, error) {
	meta, err := json.Marshal(targetsMeta{Library: Version, Targets: t.names, Shared: t.general != nil})
	if err != nil {
		return nil, fmt.Errorf("stance: %w", err)
	}
	vectorizer, err := t.models[0].vectorizer.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	sections := []section{{tagTargets, meta}, {tagVectorizer, vectorizer}}
	for _, m := range t.all() {
		meta, err := m.metaJSON()
		if err != nil {
			return nil, err
		}
		sections = append(sections, section{tagMeta, meta}, section{tagWeights, m.weightBytes()})
	}
	return appendSections(appendHead(b, targetsMagic, targetsVersion), sections...)
}

// LoadTargets reads what [Targets.Save] wrote, with the promises and errors of
// [Load]. The file of a single model is an error that says so.
func LoadTargets(r io.Reader) (*Targets, error) {
	f := &fileReader{r: r}
	f.head(targetsMagic, targetsVersion, fileMagic, errModelFile)
	meta, metaAt := f.section(tagTargets)
	vectorizer, vectorizerAt := f.section(tagVectorizer)
	if f.failed != nil {
		return nil, f.failed
	}
	t, shared, err := decodeTargets(meta)
	if err != nil {
		return nil, &FileError{Offset: metaAt, Err: fmt.Errorf("section %s: %w", tagTargets, err)}
	}
	v, err := decodeVectorizer(vectorizer, vectorizerAt)
	if err != nil {
		return nil, err
	}
	next := func() (*Model, error) {
		meta, metaAt := f.section(tagMeta)
		weights, weightsAt := f.section(tagWeights)
		if f.failed != nil {
			return nil, f.failed
		}
		m, err := decodeLinear(meta, metaAt, weights, weightsAt)
		if err != nil {
			return nil, err
		}
		return m.join(v, metaAt, weightsAt)
	}
	if shared {
		if t.general, err = next(); err != nil {
			return nil, err
		}
	}
	for range t.names {
		m, err := next()
		if err != nil {
			return nil, err
		}
		t.models = append(t.models, m)
	}
	if err := f.end(); err != nil {
		return nil, err
	}
	return t, nil
}

// LoadTargetsFile reads the models of targets from a file; see [LoadTargets].
func LoadTargetsFile(path string) (*Targets, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("stance: reading models: %w", err)
	}
	defer r.Close()
	t, err := LoadTargets(r)
	return t, inFile(path, err)
}

// decodeTargets reads the content of the section TRGT.
func decodeTargets(b []byte) (t *Targets, shared bool, err error) {
	var meta targetsMeta
	if err := decodeJSON(b, &meta); err != nil {
		return nil, false, err
	}
	if len(meta.Targets) == 0 {
		return nil, false, errors.New("there are no targets")
	}
	t = &Targets{names: meta.Targets}
	t.finish()
	if len(t.place) < len(t.names) {
		return nil, false, errors.New("a target is named twice")
	}
	return t, meta.Shared, nil
}
