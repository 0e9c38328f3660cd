package stance

import (
	"fmt"
	"math"

	"example.org/metoostance/features"
)

// Context says how the sentences of a document speak for one another: to the
// scores of each of them are added
//
//	Others * the mean scores of all other sentences
//	First  * the scores of the first sentence
//
// and the number None to the score of [None]. All of it is linear in the terms
// of the document. The zero value is no context. A document of one sentence has
// none, whatever the weights.
type Context struct {
	// Others is the weight of the drift of the whole document.
	Others float64
	// First is the weight of the first sentence, which is the headline where
	// there is one.
	First float64
	// None moves sentences from FAVOR and AGAINST to NONE if it is positive.
	None float64
}

// maxContext is the greatest weight in a Context, by amount: scores stay finite.
const maxContext = 1e6

func (c Context) valid() bool {
	for _, w := range [...]float64{c.Others, c.First, c.None} {
		if !(math.Abs(w) <= maxContext) {
			return false
		}
	}
	return true
}

// contextParts are what a document adds to the scores of one sentence.
type contextParts struct{ others, first Values }

// drift holds what the sentences of a document need of all the others.
type drift struct {
	n            int // sentences
	total, first Values
}

// parts returns what the document adds to the scores of one of its sentences
// but for c.None. A label that a model never saw has the score -Inf, which
// nothing is added to.
func (c Context) parts(d drift, scores Values) contextParts {
	var p contextParts
	for k, s := range scores {
		if math.IsInf(s, 0) {
			continue
		}
		p.others[k] = float64(c.Others * ((d.total[k] - s) / float64(d.n-1)))
		p.first[k] = float64(c.First * d.first[k])
	}
	return p
}

// none reports whether the sentences of a document of n have no context.
func (c Context) none(n int) bool { return c == (Context{}) || n < 2 }

// apply puts the scores of a document's n sentences in their context. scores
// returns the place of those of a sentence.
func (c Context) apply(n int, scores func(i int) *Values) {
	if c.none(n) {
		return
	}
	d := drift{n: n, first: *scores(0)}
	for i := range n {
		for k, s := range scores(i) {
			d.total[k] += s
		}
	}
	for i := range n {
		s := scores(i)
		*s = c.in(d, *s)
	}
}

// in returns the scores of a sentence in its context.
func (c Context) in(d drift, scores Values) Values {
	p := c.parts(d, scores)
	for k := range scores {
		scores[k] += p.others[k] + p.first[k]
	}
	scores[None-Favor] += c.None
	return scores
}

// Sentence is a sentence of a document with its prediction.
type Sentence struct {
	features.Span        // the bytes of the document that it occupies
	Text          string // those bytes
	Prediction
}

// ClassifyDocument splits a text into sentences, as [features.Sentences] does,
// and labels each in the context that [Options].Context asks for. Sentences
// come in the order of the text; what stands between them is white space.
func (m *Model) ClassifyDocument(text string) []Sentence {
	spans := features.Sentences(text)
	sentences := make([]Sentence, len(spans))
	for i, span := range spans {
		sentences[i] = Sentence{Span: span, Text: span.Of(text)}
	}
	m.classifyTogether(len(sentences),
		func(i int) string { return sentences[i].Text },
		func(i int) *Prediction { return &sentences[i].Prediction })
	return sentences
}

// ClassifySentences labels the sentences of one document, given in order. It is
// [Model.ClassifyDocument] for a text that has been split already.
func (m *Model) ClassifySentences(sentences []string) []Prediction {
	predictions := make([]Prediction, len(sentences))
	m.classifyTogether(len(sentences),
		func(i int) string { return sentences[i] },
		func(i int) *Prediction { return &predictions[i] })
	return predictions
}

// classifyTogether labels the n sentences of a document. It needs no memory for
// each of them: a document may be a book.
func (m *Model) classifyTogether(n int, text func(i int) string, to func(i int) *Prediction) {
	for i := range n {
		to(i).Scores = m.scores(text(i))
	}
	m.opts.Context.apply(n, func(i int) *Values { return &to(i).Scores })
	t := m.temperatureOf(n)
	for i := range n {
		*to(i) = m.predict(to(i).Scores, t)
	}
}

// temperatureOf returns the temperature for a sentence of a document of n.
func (m *Model) temperatureOf(n int) float64 {
	if m.opts.Context.none(n) {
		return m.report.Temperature
	}
	return m.report.DocumentTemperature
}

// ClassifyExamples labels each example: those that share a Document as its
// sentences, in the order in which they are given, all others alone. The labels
// of the examples have no part in it.
func (m *Model) ClassifyExamples(examples []Example) []Prediction {
	predictions := make([]Prediction, len(examples))
	for _, members := range documentsOf(examples) {
		m.classifyTogether(len(members),
			func(i int) string { return examples[members[i]].Text },
			func(i int) *Prediction { return &predictions[members[i]] })
	}
	return predictions
}

// documentsOf returns the indices of the examples of each document, documents
// in the order of their first example. An example without one stands alone.
func documentsOf(examples []Example) [][]int {
	var documents [][]int
	place := map[string]int{}
	for i, e := range examples {
		at, ok := place[e.Document]
		if e.Document == "" || !ok {
			at = len(documents)
			documents = append(documents, nil)
			if e.Document != "" {
				place[e.Document] = at
			}
		}
		documents[at] = append(documents[at], i)
	}
	return documents
}

// ContextContribution is what a part of the document adds to the scores of one
// of its sentences.
type ContextContribution struct {
	// Name is "other sentences" or "first sentence".
	Name string
	// Span are the bytes of the document that the part occupies. That of the
	// other sentences runs from the first to the last sentence.
	features.Span
	// Scores are what it adds.
	Scores Values
}

// The names of what [ContextContribution] tells of.
const (
	OtherSentences = "other sentences"
	FirstSentence  = "first sentence"
)

// ExplainDocument explains the prediction of every sentence that
// [Model.ClassifyDocument] finds, in the same order. The spans of the terms are
// places in the sentence, those of the context places in the document.
func (m *Model) ExplainDocument(text string) []Explanation {
	spans := features.Sentences(text)
	explanations := make([]Explanation, len(spans))
	for i, span := range spans {
		explanations[i] = m.Explain(span.Of(text))
	}
	c, n := m.opts.Context, len(spans)
	if c.none(n) {
		return explanations
	}
	d := drift{n: n, first: explanations[0].Prediction.Scores}
	for _, e := range explanations {
		for k, s := range e.Prediction.Scores {
			d.total[k] += s
		}
	}
	whole := features.Span{Start: spans[0].Start, End: spans[n-1].End}
	for i := range explanations {
		e := &explanations[i]
		alone := e.Prediction.Scores
		p := c.parts(d, alone)
		e.Prediction = m.predict(c.in(d, alone), m.temperatureOf(n))
		e.Bias[None-Favor] += c.None
		e.Context = []ContextContribution{
			{Name: OtherSentences, Span: whole, Scores: p.others},
			{Name: FirstSentence, Span: spans[0], Scores: p.first},
		}
	}
	return explanations
}

// String writes the weights, for messages and tables.
func (c Context) String() string {
	if c == (Context{}) {
		return "no context"
	}
	return fmt.Sprintf("context: others %v, first %v, none %v", c.Others, c.First, c.None)
}
