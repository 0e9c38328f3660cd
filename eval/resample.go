package eval

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"example.org/metoostance/stance"
)

// RepeatedCrossValidate cross-validates several times, each time with other
// folds of [GroupedStratifiedFolds], and returns one result for each repeat.
// The folds of the first repeat are those that the seed gives there. See
// [MeanOver] for what to do with them.
func RepeatedCrossValidate(ctx context.Context, examples []stance.Example, k, repeats int, seed uint64, train Trainer) ([]*CVResult, error) {
	if repeats < 1 {
		return nil, fmt.Errorf("eval: %d repeats, want at least 1", repeats)
	}
	results := make([]*CVResult, repeats)
	for r := range results {
		folds, err := stratify(examples, k, seed, uint64(r))
		if err != nil {
			return nil, err
		}
		if results[r], err = CrossValidate(ctx, examples, folds, train); err != nil {
			return nil, fmt.Errorf("repeat %d of %d: %w", r, repeats, err)
		}
	}
	return results, nil
}

// MeanOver returns the mean and the standard deviation of a figure over
// repeats of cross-validation. The deviation tells how much the figure owes to
// the choice of folds. It says nothing about other test sentences, which is
// what the interval of [Bootstrap] is for.
func MeanOver(results []*CVResult, m Metric) (average, sd float64, err error) {
	if len(results) == 0 {
		return 0, 0, fmt.Errorf("eval: a mean over no results")
	}
	values := make([]float64, len(results))
	for i, r := range results {
		f, err := r.figure(m)
		if err != nil {
			return 0, 0, err
		}
		values[i] = f.Value
	}
	return mean(values), deviation(values), nil
}

// figure computes a metric on the pooled predictions.
func (r *CVResult) figure(m Metric) (Figure, error) {
	s, err := r.Sample()
	if err != nil {
		return Figure{}, err
	}
	return m.On(s)
}

// LeaveOneSourceOut holds out each source in turn, trains on the others and
// predicts it: what a classifier is worth on a writer, a register or a
// newspaper that it has never seen. source names the source of an example.
// Fold f of the result is sources[f], in the order of first occurrence.
//
// Examples that share a Group with one of the held-out source are not trained
// on. It is an error when a Document is split between sources, when there are
// fewer than two sources, when an example is not labelled, and when train
// fails.
func LeaveOneSourceOut(ctx context.Context, examples []stance.Example, source func(stance.Example) string, train Trainer) (r *CVResult, sources []string, err error) {
	if err := checkLabelled(examples); err != nil {
		return nil, nil, err
	}
	folds := make([]int, len(examples))
	seen := map[string]int{}
	sourceOf := map[string]int{} // of documents
	for i, e := range examples {
		name := source(e)
		f, ok := seen[name]
		if !ok {
			f = len(sources)
			seen[name] = f
			sources = append(sources, name)
		}
		folds[i] = f
		if e.Document == "" {
			continue
		}
		if other, ok := sourceOf[e.Document]; ok && other != f {
			return nil, nil, fmt.Errorf("eval: document %q is in source %q and in source %q (%s)",
				e.Document, sources[other], name, describe(examples, i))
		}
		sourceOf[e.Document] = f
	}
	if len(sources) < 2 {
		return nil, nil, fmt.Errorf("eval: %d sources, want at least 2", len(sources))
	}
	r, err = crossValidate(ctx, examples, folds, len(sources), func(ctx context.Context, _ int, in []int) (stance.Classifier, error) {
		return train(ctx, pick(examples, in))
	})
	if err != nil {
		return nil, nil, err
	}
	return r, sources, nil
}

// A Setting is one of several ways to train between which data must decide:
// a regularisation strength, a set of features.
type Setting struct {
	Name  string
	Train Trainer
}

// A Selection is the outcome of comparing settings on the same folds.
type Selection struct {
	Best    int      // index of the best setting; the first of equals
	Figures []Figure // of each setting, by cross-validation
}

// Select cross-validates every setting on the same folds and chooses the one
// with the best figure, the first of equals: list the simplest first. The
// figure of the chosen one is too good, since it was chosen for it; report
// that of [NestedCrossValidate].
func Select(ctx context.Context, examples []stance.Example, folds []int, settings []Setting, m Metric) (*Selection, error) {
	if len(settings) == 0 {
		return nil, fmt.Errorf("eval: no settings to choose from")
	}
	s := &Selection{Figures: make([]Figure, len(settings))}
	for i, setting := range settings {
		r, err := CrossValidate(ctx, examples, folds, setting.Train)
		if err != nil {
			return nil, fmt.Errorf("setting %q: %w", setting.Name, err)
		}
		if s.Figures[i], err = r.figure(m); err != nil {
			return nil, fmt.Errorf("setting %q: %w", setting.Name, err)
		}
		if better(m, s.Figures[i].Value, s.Figures[s.Best].Value) {
			s.Best = i
		}
	}
	return s, nil
}

func better(m Metric, a, b float64) bool {
	if m.LowerIsBetter {
		return a < b
	}
	return a > b
}

// A NestedResult is the outcome of [NestedCrossValidate].
type NestedResult struct {
	CVResult
	// Selections[f] is what was chosen for fold f, without looking at it.
	Selections []Selection
}

// NestedCrossValidate estimates how well the whole procedure does that chooses
// a setting and trains with it. For each fold it chooses between the settings
// by cross-validation with innerFolds folds on the other folds alone (as
// [Select] does, by metric m), trains the chosen one on all of them, and
// predicts the fold. No figure of the result was selected on.
func NestedCrossValidate(ctx context.Context, examples []stance.Example, folds []int, innerFolds int, seed uint64, settings []Setting, m Metric) (*NestedResult, error) {
	k, err := checkFolds(examples, folds)
	if err != nil {
		return nil, err
	}
	selections := make([]Selection, k)
	r, err := crossValidate(ctx, examples, folds, k, func(ctx context.Context, fold int, in []int) (stance.Classifier, error) {
		training := pick(examples, in)
		inner, err := stratify(training, innerFolds, seed, uint64(fold))
		if err != nil {
			return nil, err
		}
		s, err := Select(ctx, training, inner, settings, m)
		if err != nil {
			return nil, err
		}
		selections[fold] = *s
		return settings[s.Best].Train(ctx, training)
	})
	if err != nil {
		return nil, err
	}
	return &NestedResult{CVResult: *r, Selections: selections}, nil
}

// A LearningPoint is one point of a learning curve.
type LearningPoint struct {
	Fraction float64   // of the training examples that were used
	Examples float64   // training examples used, mean over the folds
	Result   *CVResult // predictions of all examples by classifiers trained on as many
}

// LearningCurve cross-validates with a part of the training examples of each
// fold, for every fraction given, from above 0 to 1. Whole groups and
// documents are taken, until the fraction is reached; those of a smaller
// fraction are among those of a greater one, and every part has labels in
// about the proportions of the whole. The seed chooses them. Test examples are
// all those of the fold, always.
func LearningCurve(ctx context.Context, examples []stance.Example, folds []int, fractions []float64, seed uint64, train Trainer) ([]LearningPoint, error) {
	k, err := checkFolds(examples, folds)
	if err != nil {
		return nil, err
	}
	for _, f := range fractions {
		if !(f > 0 && f <= 1) {
			return nil, fmt.Errorf("eval: fraction %v of the training examples, want one above 0 and up to 1", f)
		}
	}
	unit, place := drawingOrder(examples, seed)
	points := make([]LearningPoint, len(fractions))
	for p, fraction := range fractions {
		used := make([]int, k)
		r, err := crossValidate(ctx, examples, folds, k, func(ctx context.Context, fold int, in []int) (stance.Classifier, error) {
			// In the order of drawing, then cut behind the unit that reaches
			// the fraction, then in their own order again.
			drawn := slices.Clone(in)
			slices.SortStableFunc(drawn, func(a, b int) int { return cmp.Compare(place[unit[a]], place[unit[b]]) })
			n := 0
			for n < len(drawn) && (float64(n) < fraction*float64(len(drawn)) || unit[drawn[n]] == unit[drawn[n-1]]) {
				n++
			}
			drawn = drawn[:n]
			slices.Sort(drawn)
			used[fold] = n
			return train(ctx, pick(examples, drawn))
		})
		if err != nil {
			return nil, fmt.Errorf("fraction %v: %w", fraction, err)
		}
		points[p] = LearningPoint{Fraction: fraction, Result: r}
		for _, n := range used {
			points[p].Examples += float64(n) / float64(k)
		}
	}
	return points, nil
}

// drawingOrder numbers the units of the examples and gives each a place in an
// order in which every beginning has the labels in about the proportions of
// the whole: units are shuffled, and then dealt evenly from each of the
// sets that share their most frequent label.
func drawingOrder(examples []stance.Example, seed uint64) (unit, place []int) {
	unit, n := units(examples)
	counts := make([][stance.NumLabels]int, n)
	for i, u := range unit {
		counts[u][index(examples[i].Label)]++
	}
	var strata [stance.NumLabels][]int
	for _, u := range rand.New(rand.NewPCG(seed, 0)).Perm(n) {
		most := 0
		for l, c := range counts[u] {
			if c > counts[u][most] {
				most = l
			}
		}
		strata[most] = append(strata[most], u)
	}
	type card struct {
		unit int
		at   float64 // the middle of its share of the stratum, from 0 to 1
	}
	var deck []card
	for _, stratum := range strata {
		for i, u := range stratum {
			deck = append(deck, card{u, (float64(i) + 0.5) / float64(len(stratum))})
		}
	}
	slices.SortStableFunc(deck, func(a, b card) int { return cmp.Compare(a.at, b.at) })
	place = make([]int, n)
	for i, c := range deck {
		place[c.unit] = i
	}
	return unit, place
}
