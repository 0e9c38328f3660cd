package stance

import (
	"example.org/metoostance/features"
)

// Contribution is what one term of a text adds to the scores.
type Contribution struct {
	// Term is the term as the vocabulary has it, and Block the index of its
	// block in [features.Options].
	Term  string
	Block int
	// Spans are the places in the text where the term occurs, in order.
	Spans []features.Span
	// Value is the term's TF-IDF value in the text's row.
	Value float64
	// Scores are Value times the term's weight for each label.
	Scores Values
}

// Explanation takes a prediction apart: Bias and the Scores of all Terms and of
// the Context sum to the prediction's scores, to rounding.
type Explanation struct {
	Prediction
	// Bias is the part that nothing in the text adds: the intercepts, and for a
	// sentence in a document the number None of [Context].
	Bias Values
	// Context is what the document around the sentence adds. A text that
	// stands alone has none.
	Context []ContextContribution
	// Terms are the text's terms that the model knows, block after block, in
	// the order of their first appearance.
	Terms []Contribution
}

// Explain classifies a text as [Model.Classify] does and says what each of its
// terms added to the scores.
//
// An explanation holds every place of every term. With the features of
// [DefaultOptions] that is 100 to 200 bytes for each character of the text, and
// a few times as much while it is made: explain sentences rather than books.
func (m *Model) Explain(text string) Explanation {
	e := Explanation{Prediction: m.Classify(text), Bias: m.intercepts}
	place := map[int32]int{} // column: index in e.Terms
	for _, o := range m.vectorizer.Occurrences(text) {
		i, ok := place[int32(o.Col)]
		if !ok {
			i = len(e.Terms)
			place[int32(o.Col)] = i
			e.Terms = append(e.Terms, Contribution{Term: m.vectorizer.Term(o.Col), Block: m.vectorizer.Block(o.Col)})
		}
		e.Terms[i].Spans = append(e.Terms[i].Spans, o.Span)
	}
	row := m.vectorizer.Row(text)
	for i, col := range row.Indices {
		t := &e.Terms[place[col]]
		t.Value = row.Values[i]
		for k, w := range m.Weights(int(col)) {
			t.Scores[k] = float64(t.Value * w)
		}
	}
	return e
}
