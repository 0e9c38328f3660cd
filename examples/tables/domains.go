package main

import (
	"context"

	"example.org/metoostance/eval"
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
	add := func(texts, aim string, o eval.BootstrapOptions, on func(model) (*eval.Sample, error)) error {
		base, err := on(majority())
		if err != nil {
			return err
		}
		row := []cell{text(texts), text("macro-F1"), count(base.Len()), figure(base.Confusion().MacroF1())}
		for _, m := range []model{first, def} {
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
	return t, nil
}
