package main

import (
	"context"
	"fmt"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// classColumns are precision, recall and F1 of every class and the two means.
func classColumns() []column {
	var columns []column
	for _, l := range stance.Labels() {
		for _, c := range []struct {
			head   string
			metric eval.Metric
		}{{"P", eval.PrecisionOf(l)}, {"R", eval.RecallOf(l)}, {"F1", eval.F1Of(l)}} {
			columns = append(columns, figures(c.head+" "+l.String(), c.metric.Name))
		}
	}
	return append(columns, figures("macro-F1", eval.MacroF1.Name), figures("F_avg", eval.FAvg.Name))
}

// classCells are the figures of classColumns.
func classCells(c *eval.Confusion) []cell {
	var cells []cell
	for _, l := range stance.Labels() {
		cells = append(cells, figure(c.Precision(l)), figure(c.Recall(l)), figure(c.F1(l)))
	}
	return append(cells, figure(c.MacroF1()), figure(c.FAvg()))
}

const averagesNote = "P is precision, R recall. macro-F1 is the unweighted mean of F1 of FAVOR, AGAINST and NONE; " +
	"F_avg is the mean of F1 of FAVOR and AGAINST only. Both come from the counts of all test sentences pooled. " +
	"What would be 0/0 counts as 0 and is marked."

// modelsOnGold is the quick table: every model with fixed settings.
func modelsOnGold(ctx context.Context, l *lab) (*table, error) {
	t := &table{
		title:   fmt.Sprintf("Gold corpus, grouped %d-fold cross-validation with fixed settings", outerFolds),
		columns: append([]column{textColumn("model", "model")}, classColumns()...),
		notes: []string{
			averagesNote,
			fmt.Sprintf("%d sentences; no passage and no contrast group is split between folds. "+
				"The settings were chosen on this corpus, so the figures are slightly too good: "+
				"table gold/models chooses them anew in every fold.", len(l.gold)),
			settingsNote(),
		},
	}
	t.notes = append(t.notes, l.newsModelNote()...)
	all, _ := l.compared()
	for _, m := range all {
		r, err := l.crossValidated(ctx, m)
		if err != nil {
			return nil, err
		}
		t.add(append([]cell{text(m.name)}, classCells(r.Confusion())...)...)
	}
	return t, nil
}

// modelsOnArticles is the quick table for the articles.
func modelsOnArticles(ctx context.Context, l *lab) (*table, error) {
	examples := l.articleExamples()
	t := &table{
		title:   "Three articles, trained on the whole gold corpus" + l.exceptNews(),
		columns: append([]column{textColumn("model", "model")}, classColumns()...),
		notes: []string{
			averagesNote,
			fmt.Sprintf("%d sentences. Nothing was chosen by these figures: the settings, and what else models are trained on, are those of table models/gold.", len(examples)),
		},
	}
	t.notes = append(t.notes, l.newsModelNote()...)
	all, _ := l.compared()
	for _, m := range all {
		s, err := l.onArticles(ctx, m)
		if err != nil {
			return nil, err
		}
		t.add(append([]cell{text(m.name)}, classCells(s.Confusion())...)...)
	}
	return t, nil
}

func (l *lab) articleExamples() []stance.Example {
	var examples []stance.Example
	for _, d := range l.articles {
		examples = append(examples, d.Examples()...)
	}
	return examples
}

// onArticles is what the model says of the articles after training on the gold
// corpus.
func (l *lab) onArticles(ctx context.Context, m model) (*eval.Sample, error) {
	c, err := l.onGold(ctx, m)
	if err != nil {
		return nil, err
	}
	return predicted(c, m.name, l.articleExamples())
}

// selection compares the settings that those of linearModels were chosen from.
func selection(ctx context.Context, l *lab) (*table, error) {
	t := &table{
		title: fmt.Sprintf("Choice of settings: macro-F1 of three classes on the gold corpus, grouped %d-fold cross-validation", outerFolds),
		columns: []column{
			textColumn("model", "model"), textColumn("C", "C"), textColumn("class weights", "class_weights"),
			figures("macro-F1", eval.MacroF1.Name), figures("F_avg", eval.FAvg.Name),
		},
		notes: []string{"The best of these figures is too good, since it was chosen for it."},
	}
	for _, base := range linearModels() {
		for _, c := range selectionC {
			for _, balanced := range []bool{false, true} {
				o := *base.opts
				o.C, o.Balanced = c, balanced
				m := linear(base.name, o)
				r, err := l.crossValidated(ctx, m)
				if err != nil {
					return nil, err
				}
				weights := "equal"
				if balanced {
					weights = "balanced"
				}
				confusion := r.Confusion()
				t.add(text(m.name), text(fmt.Sprint(c)), text(weights), figure(confusion.MacroF1()), figure(confusion.FAvg()))
			}
		}
	}
	return t, nil
}
