package main

import (
	"context"
	"fmt"
	"slices"

	"example.org/metoostance/data"
	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

const newsModelName = "model news"

// newsModel learns as the default model does, from the training split of the
// news beside what it is given.
func newsModel(news data.NewsSplit) model {
	m := defaultModel().with(&extra{name: "press and news", examples: slices.Concat(press().examples, news.Examples())})
	m.name = newsModelName
	return m
}

// compared are the models that the tables compare, and the index of the default
// model. Model news is the last if there is one.
func (l *lab) compared() (all []model, reference int) {
	all = models()
	reference = len(all) - 1
	return append(all, l.besideDefault()...), reference
}

// besideDefault is model news, if there is one: it stands wherever the default
// model does.
func (l *lab) besideDefault() []model {
	if l.news == nil {
		return nil
	}
	return []model{newsModel(l.news.Train)}
}

// defaults are the default model and, if there is one, model news.
func (l *lab) defaults() []model { return append([]model{defaultModel()}, l.besideDefault()...) }

// about says that a table is about a model. One about several gets a column that
// names them. It returns what adds a model's row.
func (t *table) about(all []model) (add func(m model, row ...cell)) {
	if len(all) == 1 {
		t.model = all[0].name
		t.title += ": " + t.model
		return func(_ model, row ...cell) { t.add(row...) }
	}
	t.columns = slices.Insert(t.columns, 0, textColumn("model", "model"))
	return func(m model, row ...cell) { t.add(slices.Insert(row, 0, text(m.name))...) }
}

// exceptNews qualifies "trained on the gold corpus" where there is model news.
func (l *lab) exceptNews() string {
	if l.news == nil {
		return ""
	}
	return " (model news: and on the news)"
}

// newsModelNote says what model news is, where there is one.
func (l *lab) newsModelNote() []string {
	if l.news == nil {
		return nil
	}
	return []string{fmt.Sprintf("Model news learns with the settings of the default model from the gold corpus, the press passages and the training split of the news, "+
		"%d sentences of %d pieces.", len(l.news.Train.Examples()), len(l.news.Train))}
}

const (
	developmentSplit = "development"
	trainingSplit    = "training"
)

type newsSplit struct {
	name  string
	split data.NewsSplit
}

func (l *lab) newsSplits() []newsSplit {
	return []newsSplit{{developmentSplit, l.news.Dev}, {trainingSplit, l.news.Train}}
}

// onNews is what the model says of the news after training on the gold corpus
// and what else it learns from.
func (l *lab) onNews(ctx context.Context, m model, split data.NewsSplit) (*eval.Sample, error) {
	c, err := l.onGold(ctx, m)
	if err != nil {
		return nil, err
	}
	return predicted(c, m.name, split.Examples())
}

// predicted is what a classifier says of examples.
func predicted(c stance.Classifier, name string, examples []stance.Example) (*eval.Sample, error) {
	predictions, err := eval.Predict(c, examples)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return eval.NewSample(examples, predictions)
}

// newsTable has the default model and model news on the development split, with
// the annotators below, and the default model on the training split.
func newsTable(ctx context.Context, l *lab) (*table, error) {
	means := []eval.Metric{eval.MacroF1, eval.FAvg}
	perClass := classColumns()
	t := &table{
		title: "News: development figures",
		columns: append(append([]column{textColumn("split", "split"), textColumn("model", "model"), counts("sentences", "sentences")},
			perClass[:len(perClass)-len(means)]...), estimates("macro-F1", eval.MacroF1.Name), estimates("F_avg", eval.FAvg.Name)),
	}
	def, news := defaultModel(), newsModel(l.news.Train)
	samples := make([]*eval.Sample, 0, 3)
	for _, r := range []struct {
		name  string
		split data.NewsSplit
		model model
	}{
		{developmentSplit, l.news.Dev, def},
		{developmentSplit, l.news.Dev, news},
		{trainingSplit, l.news.Train, def},
	} {
		s, err := l.onNews(ctx, r.model, r.split)
		if err != nil {
			return nil, err
		}
		samples = append(samples, s)
		classes := classCells(s.Confusion())
		row := append([]cell{text(r.name), text(r.model.name), count(s.Len())}, classes[:len(classes)-len(means)]...)
		for _, metric := range means {
			c, err := l.interval(s, metric, l.bootstrap())
			if err != nil {
				return nil, err
			}
			row = append(row, c)
		}
		t.add(row...)
		if r.model.name == news.name {
			if row, err = l.newsCeiling(r.name, r.split, means); err != nil {
				return nil, err
			}
			t.add(row...)
		}
	}
	d, err := eval.PairedBootstrap(samples[1], samples[0], eval.MacroF1, l.bootstrap())
	if err != nil {
		return nil, err
	}
	p, err := eval.Randomization(samples[1], samples[0], eval.MacroF1, eval.RandomizationOptions{Rounds: l.rounds, Seed: l.resampleSeed})
	if err != nil {
		return nil, err
	}
	t.notes = append([]string{
		averagesNote,
		"The default model is trained on the gold corpus and the press passages, which are embedded."},
		l.newsModelNote()...)
	t.notes = append(t.notes,
		fmt.Sprintf("The development split, %d pieces, is there to be looked at while models are made, so these are no test figures. "+
			"The annotators' row counts every ordered pair of the three, one as gold and the other as prediction.", len(l.news.Dev)),
		fmt.Sprintf("Intervals are 95 %% percentile bootstrap intervals (%d resamples) that draw whole pieces. On the development split macro-F1 of model news "+
			"less that of the default model is %+.3f, interval %+.3f to %+.3f; p = %.4f by paired approximate randomisation (%d rounds, exchanging whole pieces).",
			l.resamples, d.Estimate, d.Low, d.High, p.P, l.rounds))
	return t, nil
}

// newsCeiling is the row of the annotators. As prediction and as gold they give
// the same counts, so precision and recall are F1 and left empty.
func (l *lab) newsCeiling(name string, split data.NewsSplit, means []eval.Metric) ([]cell, error) {
	examples := split.Examples()
	var votes [][]stance.Label
	for _, p := range split {
		for _, s := range p.Sentences {
			votes = append(votes, s.Votes)
		}
	}
	row := []cell{text(name), text("annotators, one against another"), count(len(examples))}
	for _, label := range stance.Labels() {
		c, err := eval.Ceiling(examples, votes, eval.F1Of(label), l.bootstrap())
		if err != nil {
			return nil, err
		}
		row = append(row, cell{}, cell{}, number(c.Estimate))
	}
	for _, metric := range means {
		c, err := eval.Ceiling(examples, votes, metric, l.bootstrap())
		if err != nil {
			return nil, err
		}
		row = append(row, estimate(c))
	}
	return row, nil
}
