package main

import (
	"context"
	"fmt"
	"slices"

	"example.org/metoostance/eval"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// steps are the default model and others that each lack something of it or have
// something more, in the order in which they were tried. The first is where the
// default model began.
func steps() []model {
	final := stance.DefaultOptions()
	var all []model
	add := func(name string, withPress bool, change func(o *stance.Options)) {
		o := final
		o.Features.Blocks = slices.Clone(final.Features.Blocks)
		change(&o)
		m := linear(name, o)
		if withPress {
			m = m.with(press())
		}
		all = append(all, m)
	}
	none := func(o *stance.Options) { o.Context = stance.Context{} }
	noLexicon := func(o *stance.Options) { o.Features = wordsAndCharacters }
	all = append(all, linear("words + characters, gold alone", stance.PlainOptions()))
	add("and press passages", true, func(o *stance.Options) { none(o); noLexicon(o) })
	add("and lexicon", true, none)
	add("and context: the default model", true, func(*stance.Options) {})
	add("default without press passages", false, func(*stance.Options) {})
	add("default without lexicon", true, noLexicon)
	add("default without characters", true, func(o *stance.Options) { o.Features.Blocks = slices.Delete(o.Features.Blocks, 1, 2) })
	add("default, lexicon alone", true, func(o *stance.Options) { o.Features.Blocks = o.Features.Blocks[2:] })
	add("default, context of other sentences alone", true, func(o *stance.Options) { o.Context = stance.Context{Others: 0.5, None: 0.3} })
	add("default, context of first sentence alone", true, func(o *stance.Options) { o.Context = stance.Context{First: 0.3, None: 0.3} })
	add("default, twice the context", true, func(o *stance.Options) { o.Context = stance.Context{Others: 1, First: 0.6, None: 0.6} })
	add("default, words to three", true, func(o *stance.Options) { o.Features.Blocks[0].MaxN = 3 })
	add("default, C = 0.3", true, func(o *stance.Options) { o.C = 0.3 })
	add("default, C = 3", true, func(o *stance.Options) { o.C = 3 })
	add("default, equal class weights", true, func(o *stance.Options) { o.Balanced = false })
	add("default, one label against the rest", true, func(o *stance.Options) { o.Algorithm = stance.LogisticOneVsRest })
	add("default, linear SVM, C = 0.1", true, func(o *stance.Options) { o.Algorithm, o.C = stance.LinearSVM, 0.1 })
	add("default, NB-SVM on words that occur", true, func(o *stance.Options) {
		o.Algorithm = stance.NBSVM
		o.Features = features.Options{Blocks: []features.Block{
			{Analyzer: features.Words, MinN: 1, MaxN: 2, TF: features.BinaryTF, IDF: features.NoIDF, Norm: features.NoNorm},
		}}
	})
	add("default, negation marked", true, func(o *stance.Options) { o.Features.Tokenizer.MarkNegation = true })
	add("default, quotations marked", true, func(o *stance.Options) { o.Features.Tokenizer.MarkQuotation = true })
	add("default, hashtags split", true, func(o *stance.Options) { o.Features.Tokenizer.SplitHashtags = true })
	add("default, terms of 2 documents or more", true, func(o *stance.Options) {
		for i := range o.Features.Blocks {
			o.Features.Blocks[i].MinDF = 2
		}
	})
	add("default, characters across words", true, func(o *stance.Options) { o.Features.Blocks[1].Analyzer = features.Chars })
	return all
}

// stepsTable measures each of the steps on the gold corpus, on the news and on
// the articles.
func stepsTable(ctx context.Context, l *lab) (*table, error) {
	const final = 3
	all := slices.Insert(steps(), final+1, l.besideDefault()...)
	t := &table{
		title: "Steps to the default model, and from it",
		columns: []column{
			textColumn("model", "model"),
			figures("gold", "gold macro-F1"), figures("lone", "lone sentences macro-F1"), estimates("passages", "passages macro-F1"),
			estimates("passages, less default", "passages macro-F1 less default"),
		},
		notes: []string{fmt.Sprintf("macro-F1 of three classes. Gold, lone sentences and passages: grouped %d-fold cross-validation on the gold corpus.", outerFolds)},
	}
	if l.news != nil {
		t.columns = append(t.columns, figures("news, development", "news development macro-F1"), figures("news, training", "news training macro-F1"))
		t.notes = append(t.notes, l.newsModelNote()...)
		t.notes = append(t.notes, "News: the model of the gold corpus and the press passages, if any; but for model news no model of this table has learnt from news. "+
			"The settings of the context and the choice of the features looked at both splits, so these are development figures.")
	}
	if l.articles != nil {
		t.columns = append(t.columns, estimates("articles", "articles macro-F1"))
		t.notes = append(t.notes, "Articles: the same model. Nothing was chosen by these figures.")
	}
	inPassages := kinds()[1].in
	samples := make([]*eval.Sample, len(all))
	for i, m := range all {
		r, err := l.crossValidated(ctx, m)
		if err != nil {
			return nil, err
		}
		if samples[i], err = r.Sample(); err != nil {
			return nil, err
		}
	}
	passagesOfFinal, err := samples[final].Where(inPassages)
	if err != nil {
		return nil, err
	}
	for i, m := range all {
		lone, err := samples[i].Where(kinds()[0].in)
		if err != nil {
			return nil, err
		}
		passages, err := samples[i].Where(inPassages)
		if err != nil {
			return nil, err
		}
		p, err := l.interval(passages, eval.MacroF1, l.bootstrap())
		if err != nil {
			return nil, err
		}
		row := []cell{text(m.name), figure(samples[i].Confusion().MacroF1()), figure(lone.Confusion().MacroF1()), p, {}}
		if i != final {
			d, err := eval.PairedBootstrap(passages, passagesOfFinal, eval.MacroF1, l.bootstrap())
			if err != nil {
				return nil, err
			}
			row[len(row)-1] = estimate(d)
		}
		if l.news != nil {
			for _, n := range l.newsSplits() {
				if m.name == newsModelName && n.name == trainingSplit {
					row = append(row, cell{}) // it has learnt from them
					continue
				}
				s, err := l.onNews(ctx, m, n.split)
				if err != nil {
					return nil, err
				}
				row = append(row, figure(s.Confusion().MacroF1()))
			}
		}
		if l.articles != nil {
			s, err := l.onArticles(ctx, m)
			if err != nil {
				return nil, err
			}
			c, err := l.interval(s, eval.MacroF1, l.bootstrapSingly())
			if err != nil {
				return nil, err
			}
			row = append(row, c)
		}
		t.add(row...)
	}
	return t, nil
}
