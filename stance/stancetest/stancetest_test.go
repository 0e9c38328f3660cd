package stancetest

import (
	"context"
	"errors"
	"io"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var examples = []stance.Example{
	{Text: "yes to the tram", Label: stance.Favor}, {Text: "I support the tram", Label: stance.Favor},
	{Text: "no to the tram", Label: stance.Against}, {Text: "stop this tram", Label: stance.Against},
	{Text: "the meeting starts at seven", Label: stance.None}, {Text: "a map of the route", Label: stance.None},
}

func model(t *testing.T, o stance.Options) *stance.Model {
	t.Helper()
	m, err := stance.Train(context.Background(), examples, o)
	require.NoError(t, err)
	return m
}

func TestEveryClassifierOfThisModule(t *testing.T) {
	news := map[string]func(*testing.T) stance.Classifier{
		"majority": func(t *testing.T) stance.Classifier {
			c, err := stance.TrainMajority(examples)
			require.NoError(t, err)
			return c
		},
		"keywords": func(t *testing.T) stance.Classifier {
			c, err := stance.TrainKeywords(context.Background(), examples, 5)
			require.NoError(t, err)
			return c
		},
		"default":   func(*testing.T) stance.Classifier { return stance.Default() },
		"abstainer": func(*testing.T) stance.Classifier { return stance.Default().WithMinConfidence(0.9) },
	}
	for _, a := range stance.Algorithms() {
		news[a.String()] = func(t *testing.T) stance.Classifier {
			o := stance.DefaultOptions()
			o.Algorithm = a
			return model(t, o)
		}
	}
	for name, new := range news {
		t.Run(name, func(t *testing.T) { TestClassifier(t, new) })
	}
}

// broken is a model of which each test breaks one promise.
type broken struct {
	*stance.Model
	classify func(*stance.Model, string) stance.Prediction
	document func(*stance.Model, string) []stance.Sentence
	explain  func(*stance.Model, string) stance.Explanation
	// explainDocument is ExplainDocument.
	explainDocument func(*stance.Model, string) []stance.Explanation

	all  func(*stance.Model, context.Context, []string) ([]stance.Prediction, error)
	save func(*stance.Model, io.Writer) error
}

func (b broken) Classify(text string) stance.Prediction {
	if b.classify != nil {
		return b.classify(b.Model, text)
	}
	return b.Model.Classify(text)
}

func (b broken) ClassifyDocument(text string) []stance.Sentence {
	if b.document != nil {
		return b.document(b.Model, text)
	}
	return b.Model.ClassifyDocument(text)
}

func (b broken) Explain(text string) stance.Explanation {
	if b.explain != nil {
		return b.explain(b.Model, text)
	}
	return b.Model.Explain(text)
}

func (b broken) ExplainDocument(text string) []stance.Explanation {
	if b.explainDocument != nil {
		return b.explainDocument(b.Model, text)
	}
	return b.Model.ExplainDocument(text)
}

func (b broken) ClassifyAll(ctx context.Context, texts []string) ([]stance.Prediction, error) {
	if b.all != nil {
		return b.all(b.Model, ctx, texts)
	}
	return b.Model.ClassifyAll(ctx, texts)
}

func (b broken) Save(w io.Writer) error {
	if b.save != nil {
		return b.save(b.Model, w)
	}
	return b.Model.Save(w)
}

// late returns a Classify that does as promised until all checks with one
// goroutine are done, which call it twice for each text: a fault that only
// concurrency shows, made to show itself every time.
func late(change func(stance.Prediction) stance.Prediction) func(*stance.Model, string) stance.Prediction {
	var calls atomic.Int64
	return func(m *stance.Model, s string) stance.Prediction {
		p := m.Classify(s)
		if calls.Add(1) > int64(2*len(Texts())) {
			return change(p)
		}
		return p
	}
}

// A classifier may have a Save that writes what only it can read.
func TestOwnFormat(t *testing.T) {
	m := model(t, stance.Options{})
	own := broken{Model: m, save: func(_ *stance.Model, w io.Writer) error {
		_, err := io.WriteString(w, "a format of its own")
		return err
	}}
	for promise, errs := range check(own, m) {
		assert.NotEqual(t, "file", promise)
		assert.Empty(t, errs, promise)
	}
	checked := false
	for promise := range check(m, m) {
		checked = checked || promise == "file"
	}
	assert.True(t, checked, "the file of a model is checked")
}

// What the check of a model's file finds. A model that breaks it cannot be made
// from outside.
func TestFileCheckFindsFaults(t *testing.T) {
	m, other := model(t, stance.Options{}), model(t, stance.Options{C: 5})
	calls := 0
	for want, save := range map[string]func(*stance.Model, io.Writer) error{
		"Load of what Save wrote": func(_ *stance.Model, w io.Writer) error {
			_, err := io.WriteString(w, "no model")
			return err
		},
		"Save: disk full": func(*stance.Model, io.Writer) error { return errors.New("disk full") },
		"Save writes other bytes the second time": func(m *stance.Model, w io.Writer) error {
			if calls++; calls == 2 {
				m = other
			}
			return m.Save(w)
		},
		"the model that was saved and loaded gives": func(_ *stance.Model, w io.Writer) error { return other.Save(w) },
	} {
		c := checks{c: m, texts: Texts()}
		c.predictions()
		c.saved(broken{Model: m, save: save})
		require.NotEmpty(t, c.errs, want)
		assert.ErrorContains(t, c.errs[0], want)
	}
}

func TestBrokenPromisesAreFound(t *testing.T) {
	var calls atomic.Int64
	tests := []struct {
		name, promise, want string
		c                   broken
	}{
		{"no label of ours", "predictions", "label of", broken{classify: func(m *stance.Model, s string) stance.Prediction {
			p := m.Classify(s)
			p.Label = 9
			return p
		}}},
		{"nothing", "predictions", "sum to 0", broken{classify: func(*stance.Model, string) stance.Prediction { return stance.Prediction{} }}},
		{"sum", "predictions", "sum to", broken{classify: func(m *stance.Model, s string) stance.Prediction {
			p := m.Classify(s)
			p.Probabilities[0] /= 2
			return p
		}}},
		{"other label", "predictions", "greater probability", broken{classify: func(m *stance.Model, s string) stance.Prediction {
			p := m.Classify(s)
			p.Label = 1 + p.Label%3
			return p
		}}},
		{"changes", "predictions", "then", broken{classify: func(m *stance.Model, s string) stance.Prediction {
			p := m.Classify(s)
			p.Scores[0] = float64(calls.Add(1))
			return p
		}}},
		{"order", "batch", "ClassifyAll gives", broken{all: func(m *stance.Model, ctx context.Context, texts []string) ([]stance.Prediction, error) {
			p, err := m.ClassifyAll(ctx, texts)
			if err == nil {
				p[0], p[len(p)-1] = p[len(p)-1], p[0]
			}
			return p, err
		}}},
		{"cancel", "batch", "canceled", broken{all: func(m *stance.Model, _ context.Context, texts []string) ([]stance.Prediction, error) {
			return m.ClassifyAll(context.Background(), texts)
		}}},
		{"score", "predictions", "score 2 of", broken{classify: func(m *stance.Model, s string) stance.Prediction {
			p := m.Classify(s)
			p.Scores[2] = math.NaN()
			return p
		}}},
		{"panic", "predictions", `Classify panics on "": runtime error: index out of range [0]`, broken{classify: func(m *stance.Model, s string) stance.Prediction {
			_ = s[0]
			return m.Classify(s)
		}}},
		{"concurrency", "concurrency", "gives another prediction when many goroutines classify", broken{classify: late(func(p stance.Prediction) stance.Prediction {
			p.Scores[0]++
			return p
		})}},
		{"panic under concurrency", "concurrency", `Classify, called by many goroutines, panics on "`, broken{classify: late(func(stance.Prediction) stance.Prediction {
			panic("concurrent map writes")
		})}},
		{"panic of all", "batch", "ClassifyAll panics on", broken{all: func(*stance.Model, context.Context, []string) ([]stance.Prediction, error) {
			panic("no")
		}}},
		{"panic of document", "documents", "ClassifyDocument panics on", broken{document: func(*stance.Model, string) []stance.Sentence {
			panic("no")
		}}},
		{"panic of explanation", "explanations", `Explain panics on "a\x00b": no`, broken{explain: func(m *stance.Model, s string) stance.Explanation {
			if s == "a\x00b" {
				panic("no")
			}
			return m.Explain(s)
		}}},
		{"lost sentence", "documents", "no sentence holds", broken{document: func(m *stance.Model, s string) []stance.Sentence {
			d := m.ClassifyDocument(s)
			return d[:max(0, len(d)-1)]
		}}},
		{"offsets", "documents", "out of place", broken{document: func(m *stance.Model, s string) []stance.Sentence {
			d := m.ClassifyDocument(s)
			for i := range d {
				d[i].Start++
			}
			return d
		}}},
		{"sentence without a prediction", "documents", "sum to 0", broken{document: func(m *stance.Model, s string) []stance.Sentence {
			d := m.ClassifyDocument(s)
			for i := range d {
				d[i].Prediction = stance.Prediction{}
			}
			return d
		}}},
		{"other sentences", "documents", "the second time", broken{document: func(m *stance.Model, s string) []stance.Sentence {
			d := m.ClassifyDocument(s)
			for i := range d {
				d[i].Scores[0] = float64(calls.Add(1))
			}
			return d
		}}},
		{"panic of explained document", "explained documents", "ExplainDocument panics on", broken{explainDocument: func(*stance.Model, string) []stance.Explanation {
			panic("no")
		}}},
		{"lost explanation", "explained documents", "explains 0 of the 1 sentences", broken{explainDocument: func(*stance.Model, string) []stance.Explanation {
			return nil
		}}},
		{"explanation of another sentence", "explained documents", "ExplainDocument gives", broken{explainDocument: func(m *stance.Model, s string) []stance.Explanation {
			e := m.ExplainDocument(s)
			for i := range e {
				e[i].Scores[2]--
			}
			return e
		}}},
		{"explanation out of the text", "explained documents", "ExplainDocument of", broken{explainDocument: func(m *stance.Model, s string) []stance.Explanation {
			e := m.ExplainDocument(s)
			for i := range e {
				for j := range e[i].Terms {
					e[i].Terms[j].Spans = []features.Span{{Start: 0, End: len(s) + 1}}
				}
			}
			return e
		}}},
		{"context out of the text", "explained documents", "ExplainDocument of", broken{explainDocument: func(m *stance.Model, s string) []stance.Explanation {
			e := m.ExplainDocument(s)
			for i := range e {
				e[i].Context = append(e[i].Context, stance.ContextContribution{Name: "x", Span: features.Span{Start: -1}})
			}
			return e
		}}},
		{"context that is not explained", "explained documents", "sums to", broken{explainDocument: func(m *stance.Model, s string) []stance.Explanation {
			e := m.ExplainDocument(s)
			for i := range e {
				e[i].Context = append(e[i].Context, stance.ContextContribution{Name: "x", Scores: stance.Values{1}})
			}
			return e
		}}},
		{"sum of parts", "explanations", "sums to", broken{explain: func(m *stance.Model, s string) stance.Explanation {
			e := m.Explain(s)
			e.Bias[1] += 0.1
			return e
		}}},
	}
	m := model(t, stance.Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.c.Model = m
			found := map[string]string{}
			for promise, errs := range check(tt.c, m) {
				for _, err := range errs {
					found[promise] += err.Error() + "\n"
				}
			}
			assert.Contains(t, found[tt.promise], tt.want)
		})
	}
	for promise, errs := range check(m, model(t, stance.Options{C: 5})) {
		assert.Equal(t, promise == "determinism", len(errs) > 0, "%s: %v", promise, errs)
	}
	assert.Equal(t, `"`+strings.Repeat("x", 40)+`"... (50 bytes)`, clip(strings.Repeat("x", 50)))
	assert.Equal(t, `"`+strings.Repeat("x", 39)+`"... (42 bytes)`, clip(strings.Repeat("x", 39)+"’"), "not cut inside a character")
}
