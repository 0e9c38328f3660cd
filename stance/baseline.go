package stance

import (
	"cmp"
	"context"
	"fmt"
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
// the counts of all examples as prior. A word that both labels use more than
// the rest belongs to the one with the greater z, and to neither when they are
// equal. There are fewer than n keywords only if there are no more such words.
// It fails if n is less than 1 or an example has no label, and with ctx's error.
func TrainKeywords(ctx context.Context, examples []Example, n int) (*Keywords, error) {
	if n < 1 {
		return nil, fmt.Errorf("stance: number of keywords is %d, want at least 1", n)
	}
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
	// distance returns how far a label's use of a word exceeds that of the
	// others: z squared, which orders as z does where z is positive, or 0.
	distance := func(counts Values, l Label) float64 {
		prior := counts[0] + counts[1] + counts[2]
		mine, mineTotal := counts.Of(l)+prior, total.Of(l)+all
		rest, restTotal := 2*prior-counts.Of(l), 2*all-total.Of(l)
		delta := detmath.Log(mine/(mineTotal-mine)) - detmath.Log(rest/(restTotal-rest))
		if !(delta > 0) { // NaN if there is no other word
			return 0
		}
		return float64(delta*delta) / (1/mine + 1/rest)
	}
	type candidate struct {
		col int
		z   float64
	}
	var candidates [None + 1][]candidate
	for col, counts := range in {
		switch favor, against := distance(counts, Favor), distance(counts, Against); {
		case favor > against:
			candidates[Favor] = append(candidates[Favor], candidate{col, favor})
		case against > favor:
			candidates[Against] = append(candidates[Against], candidate{col, against})
		}
	}
	k := &Keywords{keywords: map[string]Label{}}
	for _, l := range []Label{Favor, Against} {
		words := candidates[l]
		slices.SortFunc(words, func(a, b candidate) int { return cmp.Or(cmp.Compare(b.z, a.z), cmp.Compare(a.col, b.col)) })
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
