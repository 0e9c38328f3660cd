package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/cdipaolo/goml/base"
	"github.com/cdipaolo/goml/text"
	"github.com/james-bowman/nlp"
	"github.com/jbrukh/bayesian"
	"gonum.org/v1/gonum/mat"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// A labeller labels texts.
type labeller func(texts []string) ([]stance.Label, error)

// libraries are the Go libraries whose quality is measured. Each learns from
// examples.
var libraries = map[string]func(context.Context, []stance.Example) (labeller, error){
	"default":        learnDefault,
	"bayesian":       learnBayesian,
	"bayesian-tfidf": learnBayesianTfIdf,
	"goml":           learnGoml,
	"nlp":            learnNLP,
}

// uncalibrated are the settings of the default model without the temperature of
// its probabilities, which changes no label and takes a training for each of its
// folds. The others give no calibrated probabilities either.
func uncalibrated() stance.Options {
	o := stance.DefaultOptions()
	o.CalibrationFolds = -1
	return o
}

func learnDefault(ctx context.Context, train []stance.Example) (labeller, error) {
	m, err := stance.Train(ctx, train, uncalibrated())
	if err != nil {
		return nil, err
	}
	return func(texts []string) ([]stance.Label, error) {
		predictions, err := m.ClassifyAll(ctx, texts)
		labels := make([]stance.Label, len(predictions))
		for i, p := range predictions {
			labels[i] = p.Label
		}
		return labels, err
	}, nil
}

// Bayesian leaves it to its user to split texts into words. It is given ours.

func learnBayesian(_ context.Context, train []stance.Example) (labeller, error) {
	return learnWith(bayesian.NewClassifier(classes()...), train), nil
}

func learnBayesianTfIdf(_ context.Context, train []stance.Example) (labeller, error) {
	c := bayesian.NewClassifierTfIdf(classes()...)
	label := learnWith(c, train)
	c.ConvertTermsFreqToTfIdf()
	return label, nil
}

func classes() []bayesian.Class {
	var all []bayesian.Class
	for _, l := range stance.Labels() {
		all = append(all, bayesian.Class(l.String()))
	}
	return all
}

func learnWith(c *bayesian.Classifier, train []stance.Example) labeller {
	var tokenizer features.Tokenizer
	for _, e := range train {
		c.Learn(tokenizer.Tokenise(e.Text), bayesian.Class(e.Label.String()))
	}
	return func(texts []string) ([]stance.Label, error) {
		labels := make([]stance.Label, len(texts))
		for i, t := range texts {
			_, best, _ := c.LogScores(tokenizer.Tokenise(t))
			labels[i] = stance.Labels()[best]
		}
		return labels, nil
	}
}

func learnGoml(_ context.Context, train []stance.Example) (labeller, error) {
	stream, errs := make(chan base.TextDatapoint, 100), make(chan error)
	m := text.NewNaiveBayes(stream, stance.NumLabels, base.OnlyWordsAndNumbers)
	m.Output = io.Discard
	go m.OnlineLearn(errs)
	all := stance.Labels()
	for _, e := range train {
		stream <- base.TextDatapoint{X: e.Text, Y: uint8(slices.Index(all[:], e.Label))}
	}
	close(stream)
	for err := range errs {
		return nil, err
	}
	return func(texts []string) ([]stance.Label, error) {
		labels := make([]stance.Label, len(texts))
		for i, t := range texts {
			labels[i] = all[m.Predict(t)]
		}
		return labels, nil
	}, nil
}

// learnNLP trains our classifier on the rows of nlp's pipeline.
func learnNLP(ctx context.Context, train []stance.Example) (labeller, error) {
	counter := nlp.NewCountVectoriser()
	pipeline := nlp.NewPipeline(counter, nlp.NewTfidfTransformer())
	m, err := pipeline.FitTransform(textsOf(train)...)
	if err != nil {
		return nil, err
	}
	rows := documentRows(m)
	columns, err := namedColumns(ctx, rows.Cols)
	if err != nil {
		return nil, err
	}
	model, err := stance.TrainRows(ctx, columns, rows, train, uncalibrated())
	if err != nil {
		return nil, err
	}
	return func(texts []string) ([]stance.Label, error) {
		m, err := pipeline.Transform(texts...)
		if err != nil {
			return nil, err
		}
		rows := documentRows(m)
		labels := make([]stance.Label, len(texts))
		for i := range labels {
			labels[i] = linearScores(model, rows.Row(i)).Max()
		}
		return labels, nil
	}, nil
}

// linearScores are the scores that a model gives to a row.
func linearScores(m *stance.Model, row features.Row) stance.Values {
	scores := m.Intercepts()
	for j, column := range row.Indices {
		w := m.Weights(int(column))
		for k := range scores {
			scores[k] += float64(row.Values[j] * w[k])
		}
	}
	return scores
}

// documentRows returns a matrix of nlp, terms by documents, as rows. The order in
// which it stores its elements comes from a map.
func documentRows(m mat.Matrix) *features.Matrix {
	terms, documents := m.Dims()
	type element struct {
		column int32
		value  float64
	}
	rows := make([][]element, documents)
	m.(mat.NonZeroDoer).DoNonZero(func(i, j int, v float64) { rows[j] = append(rows[j], element{int32(i), v}) })
	out := &features.Matrix{Cols: terms, Starts: []int{0}}
	for _, elements := range rows {
		slices.SortFunc(elements, func(a, b element) int { return int(a.column - b.column) })
		var row features.Row
		for _, e := range elements {
			row.Indices, row.Values = append(row.Indices, e.column), append(row.Values, e.value)
		}
		out.AppendRow(row)
	}
	return out
}

// namedColumns returns a vectorizer of n columns. Training on rows wants to know
// what their columns are; here it is told no more than that they are there.
func namedColumns(ctx context.Context, n int) (*features.Vectorizer, error) {
	var names strings.Builder
	for i := range n {
		fmt.Fprintf(&names, "c%09d ", i) // in the order of bytes
	}
	return features.Fit(ctx, []string{names.String()}, features.Options{Tokenizer: features.Tokenizer{Rules: features.ScikitLearnRules}})
}
