package main

import (
	"context"
	"fmt"

	"example.org/metoostance/data"
	"example.org/metoostance/eval"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

// An input is something that a table needs and the user may not have given.
type input uint8

const (
	noInput input = iota
	articleTexts
	semEvalFiles
	meTooMAFiles
	newsTexts
)

// flag names the option that gives the input.
func (i input) flag() string {
	return [...]string{noInput: "", articleTexts: "-articles", semEvalFiles: "-semeval-train", meTooMAFiles: "-metooma", newsTexts: "-news"}[i]
}

// word is what tables say of the input that they had.
func (i input) word() string {
	return [...]string{noInput: "", articleTexts: "articles", semEvalFiles: "semeval", meTooMAFiles: "metooma", newsTexts: newsModelName}[i]
}

// A lab holds the data that tables are made from, the seeds, and what has been
// computed for one table and serves others too.
type lab struct {
	corpus *data.Corpus
	gold   []stance.Example

	articles                  []data.Document  // nil: not given
	news                      *data.NewsCorpus // nil: not given
	semEvalTrain, semEvalTest []stance.Example
	published, realigned      *data.MeTooMA

	foldSeed, resampleSeed uint64
	resamples, rounds      int // of bootstrap and randomisation

	progress *program.Progress

	validated map[string]*eval.CVResult
	nestedBy  map[string]*eval.NestedResult
	trained   map[string]stance.Classifier
	learning  map[string][]learningPoint
}

func newLab(c *data.Corpus) *lab {
	return &lab{
		corpus: c, gold: c.Examples(),
		foldSeed: 1, resampleSeed: 1, resamples: 2000, rounds: 10000,
		validated: map[string]*eval.CVResult{},
		nestedBy:  map[string]*eval.NestedResult{},
		trained:   map[string]stance.Classifier{},
		learning:  map[string][]learningPoint{},
	}
}

// say shows what is being done.
func (l *lab) say(what string) { l.progress.Sayf("tables: %s ...", what) }

// has says whether an input was given.
func (l *lab) has(i input) bool {
	switch i {
	case articleTexts:
		return l.articles != nil
	case semEvalFiles:
		return l.semEvalTrain != nil
	case meTooMAFiles:
		return l.published != nil
	case newsTexts:
		return l.news != nil
	}
	return true
}

const (
	outerFolds = 5
	innerFolds = 3
)

func (l *lab) goldFolds() ([]int, error) {
	return eval.GroupedStratifiedFolds(l.gold, outerFolds, l.foldSeed)
}

// crossValidated is the model's cross-validation on the gold corpus.
func (l *lab) crossValidated(ctx context.Context, m model) (*eval.CVResult, error) {
	if r, ok := l.validated[m.id()]; ok {
		return r, nil
	}
	l.say("cross-validating " + m.name)
	folds, err := l.goldFolds()
	if err != nil {
		return nil, err
	}
	r, err := eval.CrossValidate(ctx, l.gold, folds, m.train)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.name, err)
	}
	l.validated[m.id()] = r
	return r, nil
}

// onGold is the model trained on the whole gold corpus.
func (l *lab) onGold(ctx context.Context, m model) (stance.Classifier, error) {
	if c, ok := l.trained[m.id()]; ok {
		return c, nil
	}
	l.say("training " + m.name)
	c, err := m.train(ctx, l.gold)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.name, err)
	}
	l.trained[m.id()] = c
	return c, nil
}

func (l *lab) bootstrap() eval.BootstrapOptions {
	return eval.BootstrapOptions{Resamples: l.resamples, Seed: l.resampleSeed}
}

// bootstrapSingly is for examples that come without groups.
func (l *lab) bootstrapSingly() eval.BootstrapOptions {
	o := l.bootstrap()
	o.Cluster = eval.Singly
	return o
}

// interval returns a figure with its interval as a cell.
func (l *lab) interval(s *eval.Sample, m eval.Metric, o eval.BootstrapOptions) (cell, error) {
	i, err := eval.Bootstrap(s, m, o)
	if err != nil {
		return cell{}, err
	}
	return estimate(i), nil
}
