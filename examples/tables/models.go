package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"

	"example.org/metoostance/data"
	"example.org/metoostance/eval"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// A model is a way to learn a classifier, with its settings fixed.
type model struct {
	name  string
	opts  *stance.Options // of a linear model; nil for a baseline
	more  *extra          // nil: nothing
	train eval.Trainer
}

// An extra is what a model learns from beside what it is given.
type extra struct {
	name     string
	examples []stance.Example
}

// press are the passages of data.Press.
var press = sync.OnceValue(func() *extra {
	x := extra{name: "press"}
	for _, d := range data.Press() {
		x.examples = append(x.examples, d.Examples()...)
	}
	return &x
})

// id is equal for models that are trained alike, so that none is trained
// twice.
func (m model) id() string {
	if m.opts == nil {
		return m.name
	}
	b, err := json.Marshal(m.opts)
	if err != nil {
		panic("tables: " + err.Error()) // options are plain values
	}
	if m.more != nil {
		return m.more.name + " " + string(b)
	}
	return string(b)
}

// keywordsPerLabel is the size of the keyword baseline's two lists: what a
// person would put together by hand.
const keywordsPerLabel = 25

func majority() model {
	return model{name: "majority", train: func(_ context.Context, train []stance.Example) (stance.Classifier, error) {
		return stance.TrainMajority(train)
	}}
}

func keywords() model {
	return model{name: "keywords", train: func(ctx context.Context, train []stance.Example) (stance.Classifier, error) {
		return stance.TrainKeywords(ctx, train, keywordsPerLabel)
	}}
}

// linear is the linear model of the given options. It is not calibrated: a
// temperature changes no label, and costs a training for each of its folds.
func linear(name string, o stance.Options) model {
	o.CalibrationFolds = -1
	return trained(name, o, nil)
}

// with is the same model, trained on more.
func (m model) with(x *extra) model { return trained(m.name, *m.opts, x) }

// trained is the model that is trained with the options as they are.
func trained(name string, o stance.Options, x *extra) model {
	m := model{name: name, opts: &o, more: x}
	m.train = func(ctx context.Context, train []stance.Example) (stance.Classifier, error) {
		if x != nil {
			train = slices.Concat(train, x.examples)
		}
		return stance.Train(ctx, train, o)
	}
	return m
}

// The two sets of features that every algorithm is tried on. Characters within
// words see endings and parts of compounds and hashtags.
var (
	wordBlock      = features.Block{Analyzer: features.Words, MinN: 1, MaxN: 2, TF: features.SublinearTF}
	characterBlock = features.Block{Analyzer: features.CharsWB, MinN: 2, MaxN: 5, TF: features.SublinearTF}

	wordsOnly          = features.Options{Blocks: []features.Block{wordBlock}}
	wordsAndCharacters = features.Options{Blocks: []features.Block{wordBlock, characterBlock}}
)

// settingsNote says what the models are.
func settingsNote() string {
	s := "Features are TF-IDF (scikit-learn's formula, sublinear term frequency, rows of length 1): " +
		"\"words\" are single words and pairs, \"characters\" 2 to 5 of them within words. " +
		fmt.Sprintf("Keywords are the %d most telling words each of FAVOR and AGAINST, by log-odds with a Dirichlet prior.", keywordsPerLabel)
	for _, m := range append(linearModels(), defaultModel()) {
		s += " " + strings.ToUpper(m.name[:1]) + m.name[1:] + ": " + describe(*m.opts)
		if m.more != nil {
			s += ", trained on the press passages too"
		}
		s += "."
	}
	return s
}

// describe writes the settings of a model, and its features unless they are
// one of the two sets.
func describe(o stance.Options) string {
	var b strings.Builder
	fmt.Fprintf(&b, "C = %v", o.C)
	if o.Balanced {
		b.WriteString(", balanced class weights")
	}
	switch {
	case reflect.DeepEqual(o.Features, wordsOnly), reflect.DeepEqual(o.Features, wordsAndCharacters):
	case reflect.DeepEqual(o.Features, stance.DefaultOptions().Features):
		b.WriteString(", words + characters + classes of a lexicon")
	default:
		j, err := json.Marshal(o.Features.Blocks)
		if err != nil {
			panic("tables: " + err.Error()) // options are plain values
		}
		fmt.Fprintf(&b, ", features %s", j)
	}
	if o.Context != (stance.Context{}) {
		fmt.Fprintf(&b, ", documents in %v", o.Context)
	}
	return b.String()
}

// linearModels are the algorithms on each set of features.
//
// C and the class weights of each were chosen once, by macro-F1 of three
// classes in grouped five-fold cross-validation on the gold corpus alone, from
// C in {0.03, 0.1, 0.3, 1, 3, 10} with and without balanced class weights; among
// equals, to three decimals, the smaller C. The folds were those of seed 2,
// others than the tables use:
//
//	go run ./examples/tables -table selection -fold-seed 2
func linearModels() []model {
	return []model{
		linear("logistic regression, words",
			stance.Options{Algorithm: stance.LogisticRegression, Features: wordsOnly, C: 10, Balanced: true}),
		linear("logistic regression, words + characters",
			stance.Options{Algorithm: stance.LogisticRegression, Features: wordsAndCharacters, C: 3, Balanced: true}),
		linear("linear SVM, words",
			stance.Options{Algorithm: stance.LinearSVM, Features: wordsOnly, C: 1}),
		linear("linear SVM, words + characters",
			stance.Options{Algorithm: stance.LinearSVM, Features: wordsAndCharacters, C: 1}),
	}
}

// defaultModel is trained as the embedded model is, but for the calibration.
func defaultModel() model { return linear("default model", stance.DefaultOptions()).with(press()) }

// models are all that the tables compare, simplest first.
func models() []model {
	all := []model{majority(), keywords()}
	all = append(all, linearModels()...)
	return append(all, defaultModel())
}

// selectionC is the grid that settings were chosen from.
var selectionC = []float64{0.03, 0.1, 0.3, 1, 3, 10}

// nestedC is the grid of nested cross-validation, which chooses anew in every
// fold: the usual range of each algorithm, of which C is on different scales.
func nestedC(a stance.Algorithm) []float64 {
	if a == stance.LinearSVM || a == stance.LinearSVMHinge {
		return []float64{0.1, 0.3, 1}
	}
	return []float64{1, 3, 10}
}

// withC is the same model with another C.
func (m model) withC(c float64) model {
	o := *m.opts
	o.C = c
	return trained(fmt.Sprintf("C = %v", c), o, m.more)
}

// settings are what nested cross-validation chooses between. A baseline has
// nothing to choose.
func (m model) settings(grid []float64) []eval.Setting {
	if m.opts == nil {
		return []eval.Setting{{Name: "none", Train: m.train}}
	}
	all := make([]eval.Setting, len(grid))
	for i, c := range grid {
		variant := m.withC(c)
		all[i] = eval.Setting{Name: variant.name, Train: variant.train}
	}
	return all
}
