package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// procedure is equal for models that differ in nothing but C, which nested
// cross-validation chooses.
func (m model) procedure() string {
	if m.opts == nil {
		return m.id()
	}
	return m.withC(1).id()
}

// nested is the nested cross-validation of a model on the gold corpus.
func (l *lab) nested(ctx context.Context, m model) (*eval.NestedResult, error) {
	if r, ok := l.nestedBy[m.procedure()]; ok {
		return r, nil
	}
	l.say("nested cross-validation of " + m.name)
	folds, err := l.goldFolds()
	if err != nil {
		return nil, err
	}
	var r *eval.NestedResult
	if m.opts == nil {
		// There is nothing to choose.
		plain, err := l.crossValidated(ctx, m)
		if err != nil {
			return nil, err
		}
		r = &eval.NestedResult{CVResult: *plain}
	} else {
		r, err = eval.NestedCrossValidate(ctx, l.gold, folds, innerFolds, l.foldSeed, m.settings(nestedC(m.opts.Algorithm)), eval.MacroF1)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", m.name, err)
		}
	}
	l.nestedBy[m.procedure()] = r
	return r, nil
}

// chosenC lists what was chosen in each fold.
func (m model) chosenC(r *eval.NestedResult) string {
	var chosen []string
	for _, s := range r.Selections {
		chosen = append(chosen, fmt.Sprint(nestedC(m.opts.Algorithm)[s.Best]))
	}
	return strings.Join(chosen, " ")
}

// holm fills a column with p-values of the paired tests of all samples against
// the reference, adjusted together.
func (l *lab) holm(samples []*eval.Sample, reference int, m eval.Metric, cluster func(stance.Example) string) ([]cell, error) {
	var p []float64
	for i, s := range samples {
		if i == reference {
			continue
		}
		test, err := eval.Randomization(s, samples[reference], m, eval.RandomizationOptions{
			Rounds: l.rounds, Seed: l.resampleSeed, Cluster: cluster})
		if err != nil {
			return nil, err
		}
		p = append(p, test.P)
	}
	p = eval.Holm(p)
	cells := make([]cell, len(samples))
	for i := range samples {
		if i == reference {
			cells[i] = text("reference")
			continue
		}
		cells[i], p = number(p[0]), p[1:]
	}
	return cells, nil
}

func (l *lab) clusterNote() string {
	return fmt.Sprintf("Intervals are 95 %% percentile bootstrap intervals (%d resamples) that draw whole passages and contrast groups, "+
		"with the figure computed anew from the pooled counts of each resample.", l.resamples)
}

func (l *lab) holmNote(figure, whole string) string {
	return fmt.Sprintf("p: paired approximate randomisation of %s against the reference (%d rounds, exchanging %s), "+
		"adjusted by Holm over the models; the smallest p that is possible before the adjustment is 1/%d.",
		figure, l.rounds, whole, l.rounds+1)
}

// pColumn holds p-values.
func pColumn() column {
	return column{head: "p", metric: "Holm-adjusted p of macro-F1 against the reference", digits: 4}
}

func alone(e stance.Example) bool     { return e.Document == "" }
func inPassage(e stance.Example) bool { return e.Document != "" }

func nestedOnGold(ctx context.Context, l *lab) (*table, error) {
	all, reference := l.compared()
	t := &table{
		title: fmt.Sprintf("Gold corpus, nested grouped cross-validation (%d folds, C chosen anew in each by %d folds of the rest)", outerFolds, innerFolds),
		columns: []column{
			textColumn("model", "model"), textColumn("C of each fold", "C"),
			estimates("macro-F1", eval.MacroF1.Name), estimates("F_avg", eval.FAvg.Name),
			figures("macro-F1, lone", eval.MacroF1.Name+", lone sentences"),
			figures("macro-F1, in passages", eval.MacroF1.Name+", sentences in passages"),
			pColumn(),
		},
		notes: []string{
			"macro-F1 is the unweighted mean of F1 of FAVOR, AGAINST and NONE; F_avg is the mean of F1 of FAVOR and AGAINST only. " +
				"Both come from the counts of all folds pooled. No C was chosen by the sentences that it is measured on; class weights are as in table models/gold.",
			l.clusterNote(),
			l.holmNote("macro-F1", "the predictions of whole passages and contrast groups") +
				" The reference is the default model.",
		},
	}
	t.notes = append(t.notes, l.newsModelNote()...)
	samples := make([]*eval.Sample, len(all))
	for i, m := range all {
		r, err := l.nested(ctx, m)
		if err != nil {
			return nil, err
		}
		if samples[i], err = r.Sample(); err != nil {
			return nil, err
		}
	}
	l.say("intervals and paired tests")
	p, err := l.holm(samples, reference, eval.MacroF1, nil)
	if err != nil {
		return nil, err
	}
	for i, m := range all {
		s := samples[i]
		chosen := "" // a baseline has no C
		if m.opts != nil {
			r, err := l.nested(ctx, m)
			if err != nil {
				return nil, err
			}
			chosen = m.chosenC(r)
		}
		row := []cell{text(m.name), text(chosen)}
		for _, metric := range []eval.Metric{eval.MacroF1, eval.FAvg} {
			c, err := l.interval(s, metric, l.bootstrap())
			if err != nil {
				return nil, err
			}
			row = append(row, c)
		}
		for _, part := range []func(stance.Example) bool{alone, inPassage} {
			sub, err := s.Where(part)
			if err != nil {
				return nil, err
			}
			row = append(row, figure(sub.Confusion().MacroF1()))
		}
		t.add(append(row, p[i])...)
	}
	return t, nil
}

// A part is a set of sentences of the gold corpus.
type part struct {
	name string
	in   func(stance.Example) bool
}

// source names the register of a lone sentence and the genre of a passage's.
func (l *lab) source() func(stance.Example) string {
	of := map[string]string{}
	for _, s := range l.corpus.Lone {
		of[s.ID] = "lone: " + s.Register
	}
	for _, d := range l.corpus.Passages {
		for _, s := range d.Sentences {
			of[s.ID] = "passages: " + d.Genre
		}
	}
	return func(e stance.Example) string { return of[e.ID] }
}

// kind tells the two halves of the corpus apart.
func kind(e stance.Example) string {
	if alone(e) {
		return "lone sentences"
	}
	return "passages"
}

// parts are the sources, those of lone sentences first, each in the order of
// the alphabet.
func (l *lab) parts() []part {
	source := l.source()
	var names []string
	for _, e := range l.gold {
		if name := source(e); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	var parts []part
	for _, name := range names {
		parts = append(parts, part{name, func(e stance.Example) bool { return source(e) == name }})
	}
	return parts
}

// series names the part of the corpus that a passage was written in: what its ID
// begins with. Lone sentences are one series.
func series(e stance.Example) string {
	if alone(e) {
		return "series: lone sentences"
	}
	name, _, _ := strings.Cut(e.ID, "-")
	return "series: " + name
}

// allSeries are the series in the order of the corpus.
func (l *lab) allSeries() []part {
	var parts []part
	seen := map[string]bool{}
	for _, e := range l.gold {
		if name := series(e); !seen[name] && !alone(e) {
			seen[name] = true
			parts = append(parts, part{name, func(e stance.Example) bool { return series(e) == name }})
		}
	}
	return parts
}

// kinds are the two halves of the corpus.
func kinds() []part { return []part{{"lone sentences", alone}, {"passages", inPassage}} }

func partsOfGold(ctx context.Context, l *lab) (*table, error) {
	t := &table{
		title: "Gold corpus by part, nested grouped cross-validation",
		columns: []column{
			textColumn("part", "part"), counts("sentences", "sentences"),
			estimates("macro-F1", eval.MacroF1.Name), estimates("F_avg", eval.FAvg.Name),
			figures("F1 FAVOR", eval.F1Of(stance.Favor).Name), figures("F1 AGAINST", eval.F1Of(stance.Against).Name), figures("F1 NONE", eval.F1Of(stance.None).Name),
		},
		notes: []string{
			"The predictions are those of table gold/models. Lone sentences have a register, passages a genre. " +
				"macro-F1 is over three classes, F_avg the mean of F1 of FAVOR and AGAINST, each of the part's counts pooled.",
			l.clusterNote(),
		},
	}
	t.notes = append(t.notes, l.newsModelNote()...)
	all := l.defaults()
	add := t.about(all)
	for _, m := range all {
		r, err := l.nested(ctx, m)
		if err != nil {
			return nil, err
		}
		s, err := r.Sample()
		if err != nil {
			return nil, err
		}
		l.say("intervals of the parts")
		rows := append([]part{{"all", func(stance.Example) bool { return true }}}, kinds()...)
		for _, p := range append(rows, l.parts()...) {
			sub, err := s.Where(p.in)
			if err != nil {
				return nil, err
			}
			row := []cell{text(p.name), count(sub.Len())}
			for _, metric := range []eval.Metric{eval.MacroF1, eval.FAvg} {
				c, err := l.interval(sub, metric, l.bootstrap())
				if err != nil {
					return nil, fmt.Errorf("%s: %w", p.name, err)
				}
				row = append(row, c)
			}
			c := sub.Confusion()
			for _, label := range stance.Labels() {
				row = append(row, figure(c.F1(label)))
			}
			add(m, row...)
		}
	}
	return t, nil
}

// sourcesOfGold compares cross-validation, in which every source has sentences
// in the training data, with leaving the whole source out.
func sourcesOfGold(ctx context.Context, l *lab) (*table, error) {
	t := &table{
		title: "The cost of a new domain, each source of the gold corpus left out in turn",
		columns: []column{
			textColumn("source left out", "source"), counts("sentences", "sentences"),
			figures("known", eval.MacroF1.Name+", source in the training data"),
			figures("left out", eval.MacroF1.Name+", source left out"),
			estimates("difference", eval.MacroF1.Name+", left out less known"),
		},
		notes: []string{
			fmt.Sprintf("macro-F1 of three classes, of the source's counts pooled. \"Known\" is grouped %d-fold cross-validation, "+
				"\"left out\" the model that was trained on all other sources; settings are the same. "+
				"The first rows leave out one of %d registers and genres at a time, the next one of the %d series in which "+
				"the passages were written (what their IDs begin with), the last two one half of the corpus.",
				outerFolds, len(l.parts()), len(l.allSeries())),
			l.clusterNote() + " Differences are of the same resamples.",
		},
	}
	t.notes = append(t.notes, l.newsModelNote()...)
	all := l.defaults()
	add := t.about(all)
	every := part{"each of these in turn", func(stance.Example) bool { return true }}
	for _, m := range all {
		for _, way := range []struct {
			source func(stance.Example) string
			parts  []part
		}{
			{l.source(), append(l.parts(), every)},
			{series, l.allSeries()},
			{kind, kinds()},
		} {
			if err := l.leaveOut(ctx, m, way.source, way.parts, add); err != nil {
				return nil, err
			}
		}
	}
	return t, nil
}

// leaveOut leaves out one source at a time and adds a row for each of parts.
func (l *lab) leaveOut(ctx context.Context, m model, source func(stance.Example) string, parts []part, add func(model, ...cell)) error {
	r, err := l.crossValidated(ctx, m)
	if err != nil {
		return err
	}
	known, err := r.Sample()
	if err != nil {
		return err
	}
	l.say("leaving out one source at a time: " + m.name)
	if r, _, err = eval.LeaveOneSourceOut(ctx, l.gold, source, m.train); err != nil {
		return err
	}
	left, err := r.Sample()
	if err != nil {
		return err
	}
	for _, p := range parts {
		a, err := left.Where(p.in)
		if err != nil {
			return err
		}
		b, err := known.Where(p.in)
		if err != nil {
			return err
		}
		d, err := eval.PairedBootstrap(a, b, eval.MacroF1, l.bootstrap())
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		add(m, text(p.name), count(a.Len()), figure(b.Confusion().MacroF1()), figure(a.Confusion().MacroF1()), estimate(d))
	}
	return nil
}
