package main

import (
	"context"
	"fmt"
	"strings"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// articlesTable has one row for each model on all articles together and on
// each, with the annotators below.
func articlesTable(ctx context.Context, l *lab) (*table, error) {
	t := &table{
		title: "Three articles, trained on the gold corpus alone" + l.exceptNews() + ", with the annotators as ceiling",
		columns: []column{
			textColumn("article", "article"), textColumn("model", "model"), counts("sentences", "sentences"),
			estimates("macro-F1", eval.MacroF1.Name), estimates("F_avg", eval.FAvg.Name), estimates("accuracy", eval.Accuracy.Name),
			pColumn(),
		},
	}
	all, reference := l.compared()
	samples := make([]*eval.Sample, len(all))
	for i, m := range all {
		s, err := l.onArticles(ctx, m)
		if err != nil {
			return nil, err
		}
		samples[i] = s
	}
	l.say("intervals and paired tests")
	p, err := l.holm(samples, reference, eval.MacroF1, eval.Singly)
	if err != nil {
		return nil, err
	}
	metrics := []eval.Metric{eval.MacroF1, eval.FAvg, eval.Accuracy}

	// A scope is all articles or one of them.
	type scope struct {
		name string
		id   string // of the document; empty for all
	}
	scopes := []scope{{"all", ""}}
	for _, d := range l.articles {
		number, _, _ := strings.Cut(d.ID, "_")
		scopes = append(scopes, scope{number, d.ID})
	}
	for _, sc := range scopes {
		in := func(e stance.Example) bool { return sc.id == "" || e.Document == sc.id }
		for i, m := range all {
			s, err := samples[i].Where(in)
			if err != nil {
				return nil, err
			}
			row := []cell{text(sc.name), text(m.name), count(s.Len())}
			for _, metric := range metrics {
				c, err := l.interval(s, metric, l.bootstrapSingly())
				if err != nil {
					return nil, err
				}
				row = append(row, c)
			}
			if sc.id == "" {
				row = append(row, p[i])
			} else {
				row = append(row, cell{})
			}
			t.add(row...)
		}
		examples, votes := l.articleVotes(sc.id)
		row := []cell{text(sc.name), text("annotators, one against another"), count(len(examples))}
		for _, metric := range metrics {
			c, err := eval.Ceiling(examples, votes, metric, l.bootstrapSingly())
			if err != nil {
				return nil, err
			}
			row = append(row, estimate(c))
		}
		t.add(append(row, cell{})...)
	}
	// Any model but the reference will do: the standard error is what counts.
	other := samples[2]
	d, err := eval.PairedBootstrap(samples[reference], other, eval.MacroF1, l.bootstrapSingly())
	if err != nil {
		return nil, err
	}
	t.notes = []string{
		"macro-F1 is the unweighted mean of F1 of FAVOR, AGAINST and NONE; F_avg is the mean of F1 of FAVOR and AGAINST only. " +
			"Nothing was chosen by these figures. The annotators' row counts every ordered pair of the three, one as gold and the other as prediction: " +
			"a classifier as good as an annotator would have these figures.",
		fmt.Sprintf("Intervals are 95 %% percentile bootstrap intervals (%d resamples) that draw single sentences: three articles are too few to draw from. "+
			"They say what other sentences of these articles would give, not what other articles would, and are too narrow for that.", l.resamples),
		l.holmNote("macro-F1", "the predictions of single sentences") + " The reference is the default model.",
		fmt.Sprintf("The smallest true difference in macro-F1 between the reference and %s that a test on sentences like all of these would find with power 0.8 is %.3f.",
			all[2].name, d.SmallestDetectable(0.8)),
	}
	t.notes = append(t.notes, l.newsModelNote()...)
	return t, nil
}

// articleVotes returns the sentences of an article, or of all for the empty
// name, and the annotators' votes on them.
func (l *lab) articleVotes(id string) ([]stance.Example, [][]stance.Label) {
	var examples []stance.Example
	var votes [][]stance.Label
	for _, d := range l.articles {
		if id != "" && d.ID != id {
			continue
		}
		examples = append(examples, d.Examples()...)
		for _, s := range d.Sentences {
			votes = append(votes, s.Votes)
		}
	}
	return examples, votes
}
