package stance

import (
	"cmp"
	"context"
	"slices"

	"example.org/metoostance/features"
	"example.org/metoostance/features/detmath"
)

var (
	_ Classifier = (*Majority)(nil)
	_ Classifier = (*Keywords)(nil)
)

// Majority is the baseline that predicts the most frequent label of its
// training data for every text, with the labels' shares as probabilities.
type Majority struct{ prediction Prediction }

// TrainMajority counts the labels of the examples.
func TrainMajority(examples []Example) (*Majority, error) {
	labels, err := labelsOf(examples)
	if err != nil {
		return nil, err
	}
	var counts Values
	for _, l := range labels {
		counts[l-Favor]++
	}
	m := &Majority{Prediction{Label: counts.Max(), Scores: counts}}
	for k, n := range counts {
		m.prediction.Probabilities[k] = n / float64(len(examples))
	}
	return m, nil
}

// Classify returns the same prediction for every text.
func (m *Majority) Classify(string) Prediction { return m.prediction }

// Keywords is the baseline that looks for a few telling words: the label whose
// keywords occur more often in the text wins, and NONE if neither FAVOR's nor
// AGAINST's do.
type Keywords struct {
	keywords map[string]Label
}

// TrainKeywords takes as keywords of FAVOR and AGAINST the n words each by
// which the label's sentences differ most from all others in the training
// data: by the log-odds ratio with an informative Dirichlet prior, as a z-score
// (Monroe, Colaresi and Quinn 2008, "Fightin' Words", equations 16 to 22), with
// the counts of all examples as prior.
func TrainKeywords(ctx context.Context, examples []Example, n int) (*Keywords, error) {
	labels, err := labelsOf(examples)
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(examples))
	for i, e := range examples {
		texts[i] = e.Text
	}
	v, rows, err := features.FitTransform(ctx, texts, features.Options{Blocks: []features.Block{
		{IDF: features.NoIDF, Norm: features.NoNorm, MinDF: 2}}})
	if err != nil {
		return nil, err
	}
	in := make([]Values, v.Cols()) // occurrences of each word by label
	var total Values
	for i, l := range labels {
		r := rows.Row(i)
		for j, col := range r.Indices {
			in[col][l-Favor] += r.Values[j]
			total[l-Favor] += r.Values[j]
		}
	}
	all := total[0] + total[1] + total[2]
	k := &Keywords{keywords: map[string]Label{}}
	for _, l := range []Label{Favor, Against} {
		type scored struct {
			col int
			z   float64
		}
		var words []scored
		for col, counts := range in {
			prior := counts[0] + counts[1] + counts[2]
			mine, mineTotal := counts.Of(l)+prior, total.Of(l)+all
			rest, restTotal := 2*prior-counts.Of(l), 2*all-total.Of(l)
			delta := detmath.Log(mine/(mineTotal-mine)) - detmath.Log(rest/(restTotal-rest))
			if delta > 0 {
				// z squared, which orders as z does where z is positive
				words = append(words, scored{col, float64(delta*delta) / (1/mine + 1/rest)})
			}
		}
		slices.SortFunc(words, func(a, b scored) int { return cmp.Or(cmp.Compare(b.z, a.z), cmp.Compare(a.col, b.col)) })
		for _, w := range words[:min(n, len(words))] {
			k.keywords[v.Term(w.col)] = l
		}
	}
	return k, nil
}

// Words returns the keywords of a label in byte order.
func (k *Keywords) Words(l Label) []string {
	var words []string
	for w, label := range k.keywords {
		if label == l {
			words = append(words, w)
		}
	}
	slices.Sort(words)
	return words
}

// Classify counts keywords. The scores are the counts, where a tie counts one
// more for NONE; the probabilities are the scores' shares.
func (k *Keywords) Classify(text string) Prediction {
	var p Prediction
	features.Tokenizer{}.ForEachIn(text, func(word string) {
		if l := k.keywords[word]; l.Valid() {
			p.Scores[l-Favor]++
		}
	})
	if p.Scores.Of(Favor) == p.Scores.Of(Against) {
		p.Scores[None-Favor] = 1 + p.Scores.Of(Favor)
	}
	sum := 0.0
	for i, s := range p.Scores {
		p.Probabilities[i] = s
		sum += s
	}
	for i := range p.Probabilities {
		p.Probabilities[i] /= sum
	}
	p.Label = p.Scores.Max()
	return p
}
