package main

import (
	"context"
	"fmt"
	"slices"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// domainsTable has one row for each kind of text, with the default model beside
// where it began and what it was to reach.
func domainsTable(ctx context.Context, l *lab) (*table, error) {
	first, def := steps()[0], defaultModel()
	t := &table{
		title: "The default model by kind of text",
		columns: []column{
			textColumn("texts", "texts"), textColumn("figure", "figure"), counts("sentences", "sentences"),
			figures("majority", "majority"), estimates("words + characters", first.name), estimates("default model", def.name),
			textColumn("aim", "aim"),
		},
		notes: []string{
			"Words + characters is what the default model began as: logistic regression on words, pairs of words and characters, " +
				"trained on the gold corpus alone, each sentence by itself. " +
				"Gold: grouped cross-validation. Other texts: trained on all that is embedded.",
		},
	}
	compared := []model{first, def}
	for _, m := range l.besideDefault() {
		compared = append(compared, m)
		t.columns = slices.Insert(t.columns, len(t.columns)-1, estimates(m.name, m.name))
		t.notes = append(t.notes, l.newsModelNote()...)
	}
	add := func(texts, aim string, o eval.BootstrapOptions, on func(model) (*eval.Sample, error)) error {
		base, err := on(majority())
		if err != nil {
			return err
		}
		row := []cell{text(texts), text("macro-F1"), count(base.Len()), figure(base.Confusion().MacroF1())}
		for _, m := range compared {
			if m.name == newsModelName && texts == "news, "+trainingSplit {
				row = append(row, cell{}) // it was trained on them
				continue
			}
			s, err := on(m)
			if err != nil {
				return err
			}
			c, err := l.interval(s, eval.MacroF1, o)
			if err != nil {
				return err
			}
			row = append(row, c)
		}
		t.add(append(row, text(aim))...)
		return nil
	}
	for _, p := range []struct {
		part
		aim string
	}{{kinds()[1], "0.80"}, {kinds()[0], ""}} {
		if err := add("gold, "+p.name, p.aim, l.bootstrap(), func(m model) (*eval.Sample, error) {
			r, err := l.crossValidated(ctx, m)
			if err != nil {
				return nil, err
			}
			s, err := r.Sample()
			if err != nil {
				return nil, err
			}
			return s.Where(p.in)
		}); err != nil {
			return nil, err
		}
	}
	if l.news != nil {
		for _, n := range l.newsSplits() {
			aim := map[string]string{developmentSplit: "0.60"}[n.name]
			if err := add("news, "+n.name, aim, l.bootstrap(), func(m model) (*eval.Sample, error) { return l.onNews(ctx, m, n.split) }); err != nil {
				return nil, err
			}
		}
		t.notes = append(t.notes, "The settings of the context and the choice of features looked at the news, so theirs are development figures. Intervals draw whole pieces.")
	}
	if l.articles != nil {
		if err := add("three articles", "0.66", l.bootstrapSingly(), func(m model) (*eval.Sample, error) { return l.onArticles(ctx, m) }); err != nil {
			return nil, err
		}
		t.notes = append(t.notes, "Nothing was chosen by the figures of the articles. Their intervals draw single sentences.")
	}
	return t, l.publicSets(ctx, t)
}

// publicSets adds rows of the public sets that were given, with the best models
// of their own tables in place of the default model: other targets, and tweets.
func (l *lab) publicSets(ctx context.Context, t *table) error {
	add := func(texts, what, aim string, scale float64, metric eval.Metric, o eval.BootstrapOptions, samples [3]*eval.Sample) error {
		row := []cell{text(texts), text(what), count(samples[0].Len())}
		for i, s := range samples {
			c, err := l.interval(s, metric, o)
			if err != nil {
				return err
			}
			if i == 0 {
				c = number(c.value)
			}
			row = append(row, c.scaled(scale))
		}
		if l.news != nil {
			row = append(row, cell{}) // model news has nothing to do with these
		}
		t.add(append(row, text(aim))...)
		return nil
	}
	if l.semEvalTrain != nil {
		all := semEvalModels()
		var samples [3]*eval.Sample
		for i, m := range []semEvalModel{all[0], all[semEvalBefore], all[len(all)-1]} {
			l.say("SemEval: " + m.name)
			s, err := l.semEvalValidated(ctx, m)
			if err != nil {
				return err
			}
			samples[i] = s
		}
		if err := add("SemEval-2016 Task 6 A", "F_avg, 0 to 100", "73.5", 100, eval.FAvg, l.bootstrapSingly(), samples); err != nil {
			return err
		}
		t.notes = append(t.notes, fmt.Sprintf("SemEval: nested %d-fold cross-validation on the training tweets; in place of the default model: %s.", outerFolds, all[len(all)-1].name))
	}
	if l.realigned != nil {
		examples, block, err := meTooMAExamples(l.realigned)
		if err != nil {
			return err
		}
		var samples [3]*eval.Sample
		for i, m := range []model{majority(), linearModels()[0], linearModels()[1]} {
			l.say("MeTooMA: " + m.name)
			r, _, err := eval.LeaveOneSourceOut(ctx, examples, func(e stance.Example) string { return block[e.ID] }, m.train)
			if err != nil {
				return err
			}
			if samples[i], err = r.Sample(); err != nil {
				return err
			}
		}
		for _, label := range []stance.Label{stance.Favor, stance.Against} {
			if err := add("MeTooMA, realigned", "AUC of "+label.String(), "0.80", 1, eval.AUCOf(label), l.bootstrap(), samples); err != nil {
				return err
			}
		}
		t.notes = append(t.notes, "MeTooMA: each block of rows left out in turn; "+linearModels()[0].name+", and in place of the default model "+linearModels()[1].name+".")
	}
	return nil
}
