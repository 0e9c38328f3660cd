package stance_test

import (
	"context"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.org/metoostance/data"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A thousand goroutines that share a model get the answers that one gets, of
// every method, each beginning with another text.
func TestThousandGoroutines(t *testing.T) {
	const goroutines = 1000
	m := stance.Default()
	corpus := data.Gold()
	type answers struct {
		text         string
		prediction   stance.Prediction
		explanation  stance.Explanation
		sentences    []stance.Sentence
		explanations []stance.Explanation
	}
	ask := func(text string) answers {
		return answers{text, m.Classify(text), m.Explain(text), m.ClassifyDocument(text), m.ExplainDocument(text)}
	}
	var want []answers
	for i := range 20 {
		want = append(want, ask(corpus.Lone[100*i].Text), ask(corpus.Passages[25*i].Text[:150]))
	}
	before := runtime.NumGoroutine()
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			w := want[g%len(want)]
			assert.Equal(t, w, ask(w.text))
		})
	}
	wg.Wait()
	requireNoLeak(t, before)
}

// requireNoLeak waits for the number of goroutines to be what it was. One that
// has done its work may still be about to end.
func requireNoLeak(t *testing.T, before int) {
	t.Helper()
	for range 500 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	stacks := make([]byte, 1<<16)
	require.Fail(t, "goroutines are left", "%d, before %d\n%s", runtime.NumGoroutine(), before, stacks[:runtime.Stack(stacks, true)])
}

// prompt is how soon after its context ends a function must return. It is
// milliseconds on a machine that is not busy with anything else.
const prompt = 2 * time.Second

// requireCancels runs f, which would take far longer, with contexts that end
// after several times, by cancellation and by deadline. f must return their
// error, promptly, and leave no goroutine behind.
func requireCancels(t *testing.T, f func(context.Context) error) {
	t.Helper()
	for _, after := range []time.Duration{0, 2 * time.Millisecond, 100 * time.Millisecond} {
		before := runtime.NumGoroutine()
		ctx, cancel := context.WithCancel(background)
		ended := make(chan time.Time, 1)
		time.AfterFunc(after, func() { cancel(); ended <- time.Now() })
		err := f(ctx)
		returned := time.Now()
		require.ErrorIs(t, err, context.Canceled, "after %v", after)
		assert.Less(t, returned.Sub(<-ended), prompt, "after %v", after)
		requireNoLeak(t, before)
	}
	ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, f(ctx), context.DeadlineExceeded)
}

// many returns n examples, of which the same come again and again.
func many(n int) []stance.Example {
	gold := data.Gold().Examples()
	all := make([]stance.Example, n)
	for i := range all {
		all[i] = gold[i%len(gold)]
	}
	return all
}

// Training stops while it reads texts, and while it solves.
func TestCancelTraining(t *testing.T) {
	examples := many(20_000)
	gold := data.Gold().Examples()
	v, rows, err := features.FitTransform(background, textsOf(gold), stance.DefaultOptions().Features)
	require.NoError(t, err)
	for _, a := range stance.Algorithms() {
		if testing.Short() && a != stance.LogisticRegression && a != stance.LinearSVM {
			continue
		}
		o := stance.DefaultOptions()
		o.Algorithm = a
		t.Run(a.String(), func(t *testing.T) {
			requireCancels(t, func(ctx context.Context) error {
				m, err := stance.Train(ctx, examples, o)
				assert.Nil(t, m)
				return err
			})
		})
		if a == stance.MultinomialBayes || a == stance.ComplementBayes {
			continue // solving is counting, and soon done
		}
		t.Run(a.String()+" on rows", func(t *testing.T) {
			o.C, o.Tolerance = 1e4, 1e-14
			requireCancels(t, func(ctx context.Context) error {
				m, err := stance.TrainRows(ctx, v, rows, gold, o)
				assert.Nil(t, m)
				return err
			})
		})
	}
	t.Run("keywords", func(t *testing.T) {
		examples := many(500_000)
		requireCancels(t, func(ctx context.Context) error {
			_, err := stance.TrainKeywords(ctx, examples, 25)
			return err
		})
	})
}

func textsOf(examples []stance.Example) []string {
	all := make([]string, len(examples))
	for i, e := range examples {
		all[i] = e.Text
	}
	return all
}

// lookedAt is a context that counts how often it is looked at.
type lookedAt struct {
	context.Context
	times atomic.Int64
}

func (c *lookedAt) Err() error {
	c.times.Add(1)
	return c.Context.Err()
}

// Between two texts, which may be long, the context is looked at.
func TestClassifyAllLooksBetweenTexts(t *testing.T) {
	ctx := &lookedAt{Context: t.Context()}
	_, err := stance.Default().ClassifyAll(ctx, make([]string, 100))
	require.NoError(t, err)
	assert.GreaterOrEqual(t, ctx.times.Load(), int64(100))
}

func TestCancelClassifyAll(t *testing.T) {
	gold := data.Gold().Examples()
	short, long := make([]string, 1_000_000), make([]string, 5_000)
	for i := range short {
		short[i] = gold[i%len(gold)].Text
	}
	for i := range long {
		long[i] = strings.Repeat(short[i]+" ", 20)
	}
	for name, texts := range map[string][]string{"sentences": short, "pages": long} {
		t.Run(name, func(t *testing.T) {
			requireCancels(t, func(ctx context.Context) error {
				p, err := stance.Default().ClassifyAll(ctx, texts)
				assert.Nil(t, p)
				return err
			})
		})
	}
}
