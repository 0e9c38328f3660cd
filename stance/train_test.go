package stance_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var background = context.Background()

// tram is a small set about something harmless, with groups of two.
var tram = func() []stance.Example {
	texts := map[stance.Label][]string{
		stance.Favor: {"we need the tram line soon", "yes to the tram and yes to quiet streets", "I support the tram",
			"the tram is worth every penny", "glad the council backs the tram", "trams carry more people than cars"},
		stance.Against: {"the tram is a waste of money", "no tram through our street", "stop the tram before it ruins us",
			"I will never support this tram", "nobody asked for a tram", "the works will close every shop"},
		stance.None: {"the meeting starts at seven", "what colour will the tram be", "the report has ninety pages",
			"is there a map of the route", "the vote takes place in May", "the tram runs on electricity"},
	}
	var examples []stance.Example
	for i := range 6 {
		for _, l := range stance.Labels() {
			examples = append(examples, stance.Example{ID: fmt.Sprint(len(examples)), Text: texts[l][i], Label: l, Group: fmt.Sprint(i / 2)})
		}
	}
	return examples
}()

func train(t testing.TB, examples []stance.Example, o stance.Options) *stance.Model {
	t.Helper()
	m, err := stance.Train(background, examples, o)
	require.NoError(t, err)
	return m
}

func file(t testing.TB, m *stance.Model) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, m.Save(&b))
	return b.Bytes()
}

func TestTrainedModelsFitTheirData(t *testing.T) {
	for _, a := range stance.Algorithms() {
		t.Run(a.String(), func(t *testing.T) {
			m := train(t, tram, stance.Options{Algorithm: a, C: 100, CalibrationFolds: -1})
			for _, e := range tram {
				assert.Equal(t, e.Label, m.Classify(e.Text).Label, e.Text)
			}
			r := m.Report()
			assert.Equal(t, len(tram), r.Examples)
			assert.Equal(t, map[stance.Label]int{stance.Favor: 6, stance.Against: 6, stance.None: 6}, r.Labels)
			assert.True(t, r.Solver.Converged)
			assert.Positive(t, r.Temperature)
			assert.Empty(t, r.Warnings)
		})
	}
}

// A prediction is intercept plus weighted row, its probabilities the softmax
// of the scores over the temperature.
func TestPredictionIsWhatTheModelSays(t *testing.T) {
	m := train(t, tram, stance.Options{})
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.SampledFrom([]string{tram[0].Text, tram[1].Text, "the tram, again", ""}), rapid.String()).Draw(t, "text")
		p := m.Classify(text)
		r := m.Vectorizer().Row(text)
		var exps stance.Values
		sum := 0.0
		for k, want := range m.Intercepts() {
			for i, col := range r.Indices {
				want += r.Values[i] * m.Weights(int(col))[k]
			}
			require.InDelta(t, want, p.Scores[k], 1e-12)
			exps[k] = math.Exp(want / m.Report().Temperature)
			sum += exps[k]
		}
		total := 0.0
		for k := range exps {
			require.InDelta(t, exps[k]/sum, p.Probabilities[k], 1e-12)
			total += p.Probabilities[k]
		}
		require.InDelta(t, 1, total, 1e-15)
		require.Equal(t, p.Scores.Max(), p.Label)
		require.Equal(t, p.Probabilities.Max(), p.Label)
	})
}

func TestALabelThatDoesNotOccurIsNeverPredicted(t *testing.T) {
	var two []stance.Example
	for _, e := range tram {
		if e.Label != stance.None {
			two = append(two, e)
		}
	}
	for _, a := range stance.Algorithms() {
		m := train(t, two, stance.Options{Algorithm: a})
		again, err := stance.Load(bytes.NewReader(file(t, m)))
		require.NoError(t, err)
		for _, c := range []*stance.Model{m, again} {
			p := c.Classify("the meeting starts at seven")
			assert.Zero(t, p.Probabilities.Of(stance.None))
			assert.True(t, math.IsInf(p.Scores.Of(stance.None), -1))
			assert.InDelta(t, 1, p.Probabilities.Of(stance.Favor)+p.Probabilities.Of(stance.Against), 1e-15)
		}
	}
}

func TestTrainRefuses(t *testing.T) {
	unlabelled := append([]stance.Example{{ID: "x7", Text: "no label"}}, tram...)
	one := []stance.Example{tram[0], tram[3]}
	tests := []struct {
		name     string
		examples []stance.Example
		o        stance.Options
		want     string
	}{
		{"nothing", nil, stance.Options{}, "no examples"},
		{"no label", unlabelled, stance.Options{}, `example 0 (ID "x7")`},
		{"one label", one, stance.Options{}, "all examples are FAVOR"},
		{"C", tram, stance.Options{C: -1}, "C is -1"},
		{"C is no number", tram, stance.Options{C: math.NaN()}, "C is NaN"},
		{"smoothing", tram, stance.Options{Smoothing: -1}, "smoothing is -1"},
		{"algorithm", tram, stance.Options{Algorithm: 99}, "unknown algorithm 99"},
		{"one fold", tram, stance.Options{CalibrationFolds: 1}, "at least 2 folds"},
		{"features", tram, stance.Options{Features: features.Options{Blocks: []features.Block{{MinN: 2, MaxN: 1}}}}, "features: block 0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := stance.Train(background, tt.examples, tt.o)
			assert.ErrorContains(t, err, tt.want)
		})
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err := stance.Train(ctx, tram, stance.Options{})
	assert.ErrorIs(t, err, context.Canceled)
}

func TestTrainRowsIsTrain(t *testing.T) {
	o := stance.DefaultOptions()
	var texts []string
	for _, e := range tram {
		texts = append(texts, e.Text)
	}
	v, rows, err := features.FitTransform(background, texts, o.Features)
	require.NoError(t, err)
	for _, c := range []float64{1, 10} {
		o.C = c
		m, err := stance.TrainRows(background, v, rows, tram, o)
		require.NoError(t, err)
		assert.Equal(t, file(t, train(t, tram, o)), file(t, m))
	}
	assert.Panics(t, func() { _, _ = stance.TrainRows(background, v, rows, tram[1:], o) })
}

func TestWarnings(t *testing.T) {
	m := train(t, tram, stance.Options{Algorithm: stance.LinearSVM, MaxIterations: 1, C: 1000, CalibrationFolds: -1})
	assert.False(t, m.Report().Solver.Converged)
	assert.NotEmpty(t, m.Report().Warnings)

	same := append([]stance.Example(nil), tram...)
	for i := range same {
		same[i].Group = "all"
	}
	m = train(t, same, stance.Options{})
	assert.Equal(t, 1.0, m.Report().Temperature)
	assert.Contains(t, m.Report().Warnings[0], "probabilities are not calibrated: all examples belong to one group")
}

func TestTrainingIsDeterministic(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, a := range stance.Algorithms() {
		o := stance.DefaultOptions()
		o.Algorithm = a
		want := file(t, train(t, tram, o))
		for _, procs := range []int{1, 2, 7} {
			runtime.GOMAXPROCS(procs)
			require.Equal(t, want, file(t, train(t, tram, o)), a)
		}
	}
}

func TestConcurrentClassify(t *testing.T) {
	m := train(t, tram, stance.DefaultOptions())
	want := m.Classify(tram[4].Text)
	var wg sync.WaitGroup
	for range 1000 {
		wg.Go(func() { assert.Equal(t, want, m.Classify(tram[4].Text)) })
	}
	wg.Wait()
}

func TestClassifyAll(t *testing.T) {
	m := train(t, tram, stance.Options{})
	var texts []string
	for i := range 500 {
		texts = append(texts, tram[i%len(tram)].Text)
	}
	got, err := m.ClassifyAll(background, texts)
	require.NoError(t, err)
	for i, p := range got {
		require.Equal(t, m.Classify(texts[i]), p)
	}
	got, err = m.ClassifyAll(background, nil)
	require.NoError(t, err)
	assert.Empty(t, got)
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err = m.ClassifyAll(ctx, texts)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestClassifyDocument(t *testing.T) {
	m := train(t, tram, stance.Options{})
	text := "A tram, at last?\n\nI support the tram. “It is a waste of money,” says Mr. Smith."
	var got []string
	for _, s := range m.ClassifyDocument(text) {
		assert.Equal(t, text[s.Start:s.End], s.Text)
		assert.Equal(t, m.Classify(s.Text), s.Prediction)
		got = append(got, s.Text)
	}
	assert.Equal(t, []string{"A tram, at last?", "I support the tram.", "“It is a waste of money,” says Mr. Smith."}, got)
	assert.Empty(t, m.ClassifyDocument(" \n\r\n "))
}

func TestClassifyNeedsNoAllocation(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool allocate")
	}
	m := train(t, tram, stance.DefaultOptions())
	assert.Zero(t, testing.AllocsPerRun(100, func() { m.Classify(tram[5].Text) }))
}

func TestSaveAndLoad(t *testing.T) {
	o := stance.DefaultOptions()
	o.Features.Tokenizer.StopWords = map[string]bool{"the": true, "a": true}
	m := train(t, tram, o)
	again, err := stance.Load(bytes.NewReader(file(t, m)))
	require.NoError(t, err)
	assert.Equal(t, m.Options(), again.Options())
	assert.Equal(t, m.Report(), again.Report())
	for _, e := range tram {
		assert.Equal(t, m.Classify(e.Text), again.Classify(e.Text))
	}
	assert.Equal(t, file(t, m), file(t, again))
}

// Every truncation and every flipped bit is found, and the error says where.
func TestLoadRefusesDamage(t *testing.T) {
	o := stance.Options{Features: features.Options{Blocks: []features.Block{{MinDF: 2}}}}
	good := file(t, train(t, tram, o))
	check := func(b []byte, what string, n int) {
		_, err := stance.Load(bytes.NewReader(b))
		var e *stance.FileError
		require.ErrorAs(t, err, &e, "%s %d", what, n)
		require.LessOrEqual(t, e.Offset, len(good))
	}
	for n := range good {
		check(good[:n], "truncated to", n)
	}
	check(append(bytes.Clone(good), 0), "extended by", 1)
	for bit := range 8 * len(good) {
		good[bit/8] ^= 1 << (bit % 8)
		check(good, "flipped bit", bit)
		good[bit/8] ^= 1 << (bit % 8)
	}
	_, err := stance.Load(bytes.NewReader(good))
	require.NoError(t, err)

	newer := bytes.Clone(good)
	newer[8]++ // the version of the format
	_, err = stance.Load(bytes.NewReader(newer))
	assert.ErrorIs(t, err, stance.ErrNewerFormat)
}

type failingWriter struct{ left int }

func (w *failingWriter) Write(b []byte) (int, error) {
	if len(b) > w.left {
		return w.left, errors.New("disk full")
	}
	w.left -= len(b)
	return len(b), nil
}

func TestSaveFileIsAtomic(t *testing.T) {
	m := train(t, tram, stance.Options{})
	assert.ErrorContains(t, m.Save(&failingWriter{left: 100}), "disk full")

	dir := t.TempDir()
	path := filepath.Join(dir, "tram.model")
	require.NoError(t, m.SaveFile(path))
	again, err := stance.LoadFile(path)
	require.NoError(t, err)
	assert.Equal(t, file(t, m), file(t, again))

	// Where the file cannot be replaced, nothing is left behind.
	target := filepath.Join(dir, "directory")
	require.NoError(t, os.MkdirAll(filepath.Join(target, "inside"), 0o755))
	assert.Error(t, m.SaveFile(target))
	assert.Error(t, m.SaveFile(filepath.Join(dir, "absent", "x.model")))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2)

	_, err = stance.LoadFile(filepath.Join(dir, "none.model"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	require.NoError(t, os.WriteFile(path, []byte("FAVOR\tnot a model"), 0o644))
	_, err = stance.LoadFile(path)
	assert.ErrorContains(t, err, "tram.model: stance: model file, byte 0: this is not a model file")
}

func FuzzLoad(f *testing.F) {
	f.Add(file(f, train(f, tram, stance.Options{})))
	f.Add([]byte("\x89MTS\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		m, err := stance.Load(bytes.NewReader(b))
		if err == nil {
			m.Classify("the tram")
		}
	})
}

func TestBaselines(t *testing.T) {
	m, err := stance.TrainMajority(append([]stance.Example{{Text: "x", Label: stance.Against}}, tram...))
	require.NoError(t, err)
	p := m.Classify("anything")
	assert.Equal(t, stance.Against, p.Label)
	assert.InDelta(t, 7.0/19, p.Probabilities.Of(stance.Against), 1e-15)
	_, err = stance.TrainMajority(nil)
	assert.ErrorContains(t, err, "no examples")
	_, err = stance.TrainMajority([]stance.Example{{ID: "u"}})
	assert.ErrorContains(t, err, `example 0 (ID "u")`)

	var words []stance.Example
	for range 5 {
		words = append(words, stance.Example{Text: "brave brave truth now", Label: stance.Favor},
			stance.Example{Text: "mob hysteria mob now", Label: stance.Against},
			stance.Example{Text: "court now sits", Label: stance.None})
	}
	k, err := stance.TrainKeywords(background, words, 2)
	require.NoError(t, err)
	assert.Equal(t, []string{"brave", "truth"}, k.Words(stance.Favor))
	assert.Equal(t, []string{"hysteria", "mob"}, k.Words(stance.Against))
	assert.Equal(t, stance.Favor, k.Classify("Brave, and truth? A mob!").Label)
	assert.Equal(t, stance.Against, k.Classify("Mob! Mob! The truth").Label)
	assert.Equal(t, stance.Prediction{Label: stance.None, Scores: stance.Values{1, 1, 2}, Probabilities: stance.Values{0.25, 0.25, 0.5}},
		k.Classify("a brave mob"))
	assert.Equal(t, stance.Prediction{Label: stance.None, Scores: stance.Values{0, 0, 1}, Probabilities: stance.Values{0, 0, 1}},
		k.Classify("nothing to see"))
	_, err = stance.TrainKeywords(background, []stance.Example{{ID: "u"}}, 3)
	assert.ErrorContains(t, err, `example 0 (ID "u")`)
}
