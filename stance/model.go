package stance

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"

	"example.org/metoostance/features"
	"example.org/metoostance/features/detmath"
)

var _ Classifier = (*Model)(nil)

// Model is a trained linear classifier. It is immutable and safe for
// concurrent use. [Train], [Load] and [Default] make one.
//
// The score of a label is an intercept plus the weighted TF-IDF of the text's
// terms; the probabilities are the softmax of the scores divided by a
// temperature. In a document the scores of the other sentences are added, with
// the weights of [Options].Context.
type Model struct {
	opts       Options // normalized; the features are the vectorizer's
	vectorizer *features.Vectorizer
	weights    []float32 // three for each column
	intercepts Values
	report     TrainingReport

	scorer *features.Scorer
}

// finish computes what follows from the stored fields.
func (m *Model) finish() { m.scorer = features.NewScorer(m.vectorizer, m.weights) }

// Options returns a copy of the settings that the model was trained with, with
// the defaults written out.
func (m *Model) Options() Options {
	o := m.opts
	o.Features = m.vectorizer.Options() // a copy, down to its slices and maps
	return o
}

// WithMinConfidence returns a model that abstains when its greatest probability
// is below p, and is like m otherwise: [Options.MinConfidence] of a trained
// model. The two share their memory. It panics unless p is between 0 and 1.
func (m *Model) WithMinConfidence(p float64) *Model {
	if !validConfidence(p) {
		panic(fmt.Sprintf("stance: least confidence is %v, want a probability", p))
	}
	c := *m
	c.opts.MinConfidence = p
	return &c
}

// Vectorizer returns what turns texts into the rows that the model weighs.
func (m *Model) Vectorizer() *features.Vectorizer { return m.vectorizer }

// Report says what the model was trained on and how training ended. It is a
// copy.
func (m *Model) Report() TrainingReport {
	r := m.report
	r.Labels = maps.Clone(r.Labels)
	r.Warnings = slices.Clone(r.Warnings)
	return r
}

// Intercepts returns the scores of a text without any known term. A label that
// did not occur in training has -Inf.
func (m *Model) Intercepts() Values { return m.intercepts }

// Weights returns what the term of a column adds to the score of each label
// for each unit of its TF-IDF value.
func (m *Model) Weights(col int) Values {
	var v Values
	for k, w := range m.weights[col*NumLabels : (col+1)*NumLabels] {
		v[k] = float64(w)
	}
	return v
}

// Classify labels one text as a sentence that stands alone. Any bytes will do:
// of a text without a known term, such as an empty one, the prediction is that
// of the intercepts. Time is in proportion to the text. It needs no allocation
// once its buffers, which calls share, have grown to the longest text.
func (m *Model) Classify(text string) Prediction {
	return m.predict(m.scores(text), m.report.Temperature)
}

// scores returns the scores of a text that stands alone.
func (m *Model) scores(text string) Values {
	scores := Values(m.scorer.Scores(text))
	for k, s := range m.intercepts {
		scores[k] += s
	}
	return scores
}

func (m *Model) predict(scores Values, temperature float64) Prediction {
	p := Prediction{Scores: scores}
	var z Values
	for k, s := range scores {
		z[k] = s / temperature
	}
	detmath.Softmax(p.Probabilities[:], z[:])
	p.Label = p.Scores.Max()
	if p.Probabilities.Of(p.Label) < m.opts.MinConfidence {
		p.Label = Unlabelled
	}
	return p
}

// ClassifyAll labels texts and returns the predictions in the order of the
// texts, those that Classify would give. It uses all processors. It fails only
// with ctx's error.
func (m *Model) ClassifyAll(ctx context.Context, texts []string) ([]Prediction, error) {
	predictions := make([]Prediction, len(texts))
	const worth = 64 // texts, for which a goroutine is started
	parts := min(runtime.GOMAXPROCS(0), len(texts)/worth+1)
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() {
			for i := len(texts) * p / parts; i < len(texts)*(p+1)/parts; i++ {
				if ctx.Err() != nil {
					return
				}
				predictions[i] = m.Classify(texts[i])
			}
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return predictions, nil
}
