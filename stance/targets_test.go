package stance_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"example.org/metoostance/eval"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"example.org/metoostance/stance/stancetest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var _ eval.ExampleClassifier = (*stance.Targets)(nil)

// town is what people say of two plans, in groups of two: whoever is for the
// tunnel is likely to be against the tram.
var town = func() []stance.Example {
	swapped := map[stance.Label]stance.Label{stance.Favor: stance.Against, stance.Against: stance.Favor, stance.None: stance.None}
	var examples []stance.Example
	for _, e := range tram {
		examples = append(examples, e)
		last := &examples[len(examples)-1]
		last.Target = "Tram"
		other := e
		other.ID += "b"
		other.Group += "b"
		other.Label = swapped[e.Label]
		other.Target = "Tunnel"
		examples = append(examples, other)
	}
	return examples
}()

// about returns the examples of a target.
func about(target string, examples []stance.Example) []stance.Example {
	return slices.DeleteFunc(slices.Clone(examples), func(e stance.Example) bool { return e.Target != target })
}

func trainTargets(t testing.TB, examples []stance.Example, o stance.TargetsOptions) *stance.Targets {
	t.Helper()
	m, err := stance.TrainTargets(background, examples, o)
	require.NoError(t, err)
	return m
}

func targetsFile(t testing.TB, m *stance.Targets) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, m.Save(&b))
	return b.Bytes()
}

// modelOf returns the model of a target.
func modelOf(t testing.TB, m *stance.Targets, target string) *stance.Model {
	t.Helper()
	one, ok := m.Model(target)
	require.True(t, ok, target)
	return one
}

// general returns the model that targets share.
func general(t testing.TB, m *stance.Targets) *stance.Model {
	t.Helper()
	one, ok := m.General()
	require.True(t, ok)
	return one
}

// What is for one target is against the other: each model knows its own.
func TestTargetsFitTheirData(t *testing.T) {
	for _, a := range stance.Algorithms() {
		for _, shared := range []bool{false, true} {
			t.Run(fmt.Sprintf("%v, shared %v", a, shared), func(t *testing.T) {
				m := trainTargets(t, town, stance.TargetsOptions{Options: stance.Options{Algorithm: a, C: 100, CalibrationFolds: -1}, Shared: shared})
				assert.Equal(t, []string{"Tram", "Tunnel"}, m.Names())
				for i, p := range m.ClassifyExamples(town) {
					e := town[i]
					assert.Equal(t, e.Label, p.Label, "%s: %s", e.Target, e.Text)
					assert.Equal(t, modelOf(t, m, e.Target).Classify(e.Text), p)
				}
				_, ok := m.General()
				assert.Equal(t, shared, ok)
				_, ok = m.Model("Bridge")
				assert.False(t, ok)
			})
		}
	}
}

// A separate model is what TrainRows makes of the target's examples with the
// vocabulary of all.
func TestSeparateTargetsAreModelsOfTheirExamples(t *testing.T) {
	o := stance.Options{Features: stance.DefaultOptions().Features, C: 3, Balanced: true, Context: stance.Context{Others: 0.5}}
	examples := append(slices.Clone(town), stance.Example{Text: "one more for the tunnel", Label: stance.Favor, Target: "Tunnel"})
	m := trainTargets(t, examples, stance.TargetsOptions{Options: o})
	var texts []string
	for _, e := range examples {
		texts = append(texts, e.Text)
	}
	v, _, err := features.FitTransform(background, texts, o.Features)
	require.NoError(t, err)
	for _, name := range m.Names() {
		own := about(name, examples)
		texts = texts[:0]
		for _, e := range own {
			texts = append(texts, e.Text)
		}
		rows, err := v.Transform(background, texts)
		require.NoError(t, err)
		want, err := stance.TrainRows(background, v, rows, own, o)
		require.NoError(t, err)
		assert.Equal(t, file(t, want), file(t, modelOf(t, m, name)), name)
	}
}

// sharedByHand trains on rows that are written out in full: behind the shared
// columns each target has as many of its own and a constant. It returns the
// scores of a text by the weights of a target, or of -1 by the shared ones
// alone. Terms must count 1, whatever their number.
func sharedByHand(t *testing.T, examples []stance.Example, names []string, o stance.Options) func(target int, text string) stance.Values {
	var texts []string
	for _, e := range examples {
		texts = append(texts, e.Text)
	}
	v, rows, err := features.FitTransform(background, texts, o.Features)
	require.NoError(t, err)
	// Train makes rows of texts: these have an invented word for each column.
	word := func(block, col int) string { return fmt.Sprintf("w%dx%d", block, col) }
	var docs []string
	for i, e := range examples {
		var words []string
		block := 1 + slices.Index(names, e.Target)
		for _, col := range rows.Row(i).Indices {
			words = append(words, word(0, int(col)), word(block, int(col)))
		}
		words = append(words, word(block, v.Cols()))
		docs = append(docs, strings.Join(words, " "))
	}
	plain := features.Options{Blocks: []features.Block{{TF: features.BinaryTF, IDF: features.NoIDF, Norm: features.NoNorm}}}
	copies := slices.Clone(examples)
	for i := range copies {
		copies[i].Text = docs[i]
	}
	o.Features = plain
	m := train(t, copies, o)
	weights := func(block, col int) stance.Values {
		at, ok := m.Vectorizer().Column(0, word(block, col))
		if !ok {
			return stance.Values{}
		}
		return m.Weights(at)
	}
	return func(target int, text string) stance.Values {
		scores := m.Intercepts()
		add := func(block, col int) {
			for k, w := range weights(block, col) {
				scores[k] += w
			}
		}
		for _, col := range v.Row(text).Indices {
			add(0, int(col))
			if target >= 0 {
				add(1+target, int(col))
			}
		}
		if target >= 0 {
			add(1+target, v.Cols())
		}
		return scores
	}
}

// Shared weights are those of one problem in which every term stands twice, as
// Train solves it.
func TestSharedTargetsAreOneProblem(t *testing.T) {
	binary := features.Options{Blocks: []features.Block{{MaxN: 2, TF: features.BinaryTF, IDF: features.NoIDF, Norm: features.NoNorm}}}
	for _, a := range stance.Algorithms() {
		t.Run(a.String(), func(t *testing.T) {
			o := stance.Options{Features: binary, Algorithm: a, C: 0.7, CalibrationFolds: -1, Tolerance: 1e-14, MaxIterations: 20_000}
			within := 1e-5
			if a == stance.LinearSVMHinge { // which comes no closer in reasonable time
				o.Tolerance, within = 1e-8, 1e-2
			}
			m := trainTargets(t, town, stance.TargetsOptions{Options: o, Shared: true})
			want := sharedByHand(t, town, m.Names(), o)
			for _, text := range []string{"", tram[0].Text, tram[4].Text, "yes to the money", "the vote on every shop"} {
				assert.InDeltaSlice(t, slice(want(-1, text)), slice(general(t, m).Classify(text).Scores), within, text)
				assert.Equal(t, general(t, m).Classify(text), m.Classify(text))
				for k, name := range m.Names() {
					assert.InDeltaSlice(t, slice(want(k, text)), slice(modelOf(t, m, name).Classify(text).Scores), within, "%s: %s", name, text)
				}
			}
		})
	}
}

func slice(v stance.Values) []float64 { return v[:] }

// Balanced labels are balanced within each target: weights of the examples are
// copies of them.
func TestSharedTargetsAreBalancedWithin(t *testing.T) {
	var examples, copies []stance.Example
	put := func(target string, l stance.Label, n, times int) {
		for i := range n {
			e := stance.Example{Text: tram[3*i+int(l)-1].Text, Label: l, Target: target}
			examples = append(examples, e)
			for range times {
				copies = append(copies, e)
			}
		}
	}
	// Of the first target 12 examples have three labels, of the second 8 two: the
	// weights are 12/(3*6), 12/(3*2), 12/(3*4), 8/(2*2) and 8/(2*6). Six times as
	// many copies go with a sixth of C.
	put("Tram", stance.Favor, 6, 4)
	put("Tram", stance.Against, 2, 12)
	put("Tram", stance.None, 4, 6)
	put("Tunnel", stance.Favor, 2, 12)
	put("Tunnel", stance.None, 6, 4)
	o := stance.Options{
		Features:         features.Options{Blocks: []features.Block{{IDF: features.NoIDF}}},
		CalibrationFolds: -1, Tolerance: 1e-14,
	}
	for _, a := range []stance.Algorithm{stance.LogisticRegression, stance.LogisticOneVsRest, stance.LinearSVM, stance.Ridge} {
		o.Algorithm = a
		o.C, o.Balanced = 6, true
		balanced := trainTargets(t, examples, stance.TargetsOptions{Options: o, Shared: true})
		o.C, o.Balanced = 1, false
		same := trainTargets(t, copies, stance.TargetsOptions{Options: o, Shared: true})
		for _, name := range balanced.Names() {
			for _, text := range []string{"", tram[0].Text, tram[1].Text, "the tram"} {
				assert.InDeltaSlice(t, slice(modelOf(t, same, name).Classify(text).Scores), slice(modelOf(t, balanced, name).Classify(text).Scores), 1e-5, "%v, %s: %s", a, name, text)
			}
		}
	}
}

// A target without a label has it from the others, if they share.
func TestTargetOfOneLabel(t *testing.T) {
	examples := append(slices.Clone(town),
		stance.Example{Text: "yes to the ferry", Label: stance.Favor, Target: "Ferry"},
		stance.Example{Text: "the ferry is worth it", Label: stance.Favor, Target: "Ferry"})
	_, err := stance.TrainTargets(background, examples, stance.TargetsOptions{})
	assert.EqualError(t, err, `stance: all examples of target "Ferry" are FAVOR: there is nothing to tell apart`)

	m := trainTargets(t, examples, stance.TargetsOptions{Shared: true})
	ferry := modelOf(t, m, "Ferry")
	for _, s := range ferry.Intercepts() {
		assert.False(t, math.IsInf(s, 0))
	}
	assert.Greater(t, ferry.Intercepts().Of(stance.Favor), modelOf(t, m, "Tram").Intercepts().Of(stance.Favor))

	// Calibrated with all others, with a word of warning; the others too, of which
	// there are not 30 either.
	r := ferry.Report()
	assert.Equal(t, general(t, m).Report().Temperature, r.Temperature)
	assert.Contains(t, r.Warnings, "probabilities are calibrated on all targets: this one has 2 examples")
	assert.Contains(t, modelOf(t, m, "Tram").Report().Warnings, "probabilities are calibrated on all targets: this one has 18 examples")
	// The report is on what the weights are from.
	assert.Equal(t, len(examples), r.Examples)
	assert.Equal(t, map[stance.Label]int{stance.Favor: 14, stance.Against: 12, stance.None: 12}, r.Labels)
	assert.Equal(t, train(t, examples, stance.Options{}).Report().Data, r.Data)
	assert.Equal(t, m.Names(), []string{"Tram", "Tunnel", "Ferry"})

	// A label that no target has stays unknown to all.
	two := slices.DeleteFunc(slices.Clone(town), func(e stance.Example) bool { return e.Label == stance.None })
	m = trainTargets(t, two, stance.TargetsOptions{Shared: true})
	for _, one := range []*stance.Model{general(t, m), modelOf(t, m, "Tram"), modelOf(t, m, "Tunnel")} {
		assert.Equal(t, math.Inf(-1), one.Intercepts().Of(stance.None))
		assert.Zero(t, one.Classify("the meeting").Probabilities.Of(stance.None))
	}
	again, err := stance.LoadTargets(bytes.NewReader(targetsFile(t, m)))
	require.NoError(t, err)
	assert.Equal(t, targetsFile(t, m), targetsFile(t, again))
}

// noisy has n examples of each of two targets; of the second, half of the labels
// are drawn, so that its model must be less sure.
func noisy(n int) []stance.Example {
	rng := rand.New(rand.NewPCG(5, 6))
	var examples []stance.Example
	for i := range n {
		e := tram[i%len(tram)]
		e.ID, e.Group, e.Document = "", "", ""
		e.Target = "Tram"
		examples = append(examples, e)
		e.Target = "Tunnel"
		if i%2 == 0 {
			e.Label = stance.Labels()[rng.IntN(stance.NumLabels)]
		}
		examples = append(examples, e)
	}
	return examples
}

// Probabilities are calibrated target by target, on examples that were held
// out.
func TestSharedTargetsAreCalibrated(t *testing.T) {
	examples := noisy(180)
	m := trainTargets(t, examples, stance.TargetsOptions{Options: stance.Options{C: 10}, Shared: true})
	sure, unsure := modelOf(t, m, "Tram").Report(), modelOf(t, m, "Tunnel").Report()
	assert.Empty(t, sure.Warnings)
	assert.Greater(t, unsure.Temperature, 2*sure.Temperature)
	between := general(t, m).Report().Temperature
	assert.Greater(t, between, sure.Temperature)
	assert.Positive(t, between)

	off := trainTargets(t, examples, stance.TargetsOptions{Options: stance.Options{C: 10, CalibrationFolds: -1}, Shared: true})
	for _, name := range m.Names() {
		assert.Equal(t, 1.0, modelOf(t, off, name).Report().Temperature)
		one, other := modelOf(t, m, name), modelOf(t, off, name)
		assert.Equal(t, other.Classify(tram[0].Text).Scores, one.Classify(tram[0].Text).Scores, "a temperature changes no score")
	}

	// When folds are impossible nothing is calibrated, and all models say so.
	together := slices.Clone(town)
	for i := range together {
		together[i].Group = "one"
	}
	m = trainTargets(t, together, stance.TargetsOptions{Shared: true})
	for _, one := range []*stance.Model{general(t, m), modelOf(t, m, "Tram"), modelOf(t, m, "Tunnel")} {
		assert.Equal(t, 1.0, one.Report().Temperature)
		assert.Equal(t, []string{"probabilities are not calibrated: all examples belong to one group"}, one.Report().Warnings)
	}
}

// A document is a document for each target by itself.
func TestTargetsInContext(t *testing.T) {
	for _, shared := range []bool{false, true} {
		o := stance.TargetsOptions{Options: stance.Options{Context: stance.Context{Others: 0.7, First: 0.2, None: 0.1}}, Shared: shared}
		m := trainTargets(t, noisy(60), o)
		assert.Equal(t, o.Context, modelOf(t, m, "Tram").Options().Context)
		var mixed []stance.Example
		for i, e := range town[:12] {
			e.Document = []string{"letter", "speech"}[i/2%2]
			mixed = append(mixed, e)
		}
		got := m.ClassifyExamples(mixed)
		for _, name := range m.Names() {
			own := about(name, mixed)
			want := modelOf(t, m, name).ClassifyExamples(own)
			for i, e := range mixed {
				if e.Target == name {
					assert.Equal(t, want[0], got[i])
					assert.NotEqual(t, modelOf(t, m, name).Classify(e.Text), got[i])
					want = want[1:]
				}
			}
		}
		assert.Positive(t, modelOf(t, m, "Tram").Report().DocumentTemperature)
	}
}

// Separate models say nothing of another target, and package eval says so.
// Shared ones have an answer.
func TestUnknownTarget(t *testing.T) {
	strange := []stance.Example{{Text: "yes to the bridge", Label: stance.Favor, Target: "Bridge"}, town[0]}
	m := trainTargets(t, town, stance.TargetsOptions{})
	third := 1.0 / 3
	for _, p := range []stance.Prediction{m.Classify("yes to the bridge"), m.ClassifyExamples(strange)[0]} {
		assert.Equal(t, stance.Prediction{Label: stance.Unlabelled, Probabilities: stance.Values{third, third, third}}, p)
	}
	assert.Equal(t, modelOf(t, m, "Tram").Classify(town[0].Text), m.ClassifyExamples(strange)[1])
	_, err := eval.Predict(m, strange)
	assert.ErrorContains(t, err, `classifier predicted "" for `)

	m = trainTargets(t, town, stance.TargetsOptions{Shared: true})
	predictions, err := eval.Predict(m, strange)
	require.NoError(t, err)
	assert.Equal(t, general(t, m).Classify(strange[0].Text), predictions[0])
}

func TestTargetsAreClassifiers(t *testing.T) {
	for _, shared := range []bool{false, true} {
		for name, pick := range map[string]func(t *testing.T, m *stance.Targets) stance.Classifier{
			"any target": func(t *testing.T, m *stance.Targets) stance.Classifier { return m },
			"Tram":       func(t *testing.T, m *stance.Targets) stance.Classifier { return modelOf(t, m, "Tram") },
		} {
			t.Run(fmt.Sprintf("%s, shared %v", name, shared), func(t *testing.T) {
				stancetest.TestClassifier(t, func(t *testing.T) stance.Classifier {
					return pick(t, trainTargets(t, town, stance.TargetsOptions{Shared: shared}))
				})
			})
		}
	}
}

func TestTrainTargetsRefuses(t *testing.T) {
	alike := slices.Clone(town)
	for i := range alike {
		alike[i].Label = stance.None
	}
	unlabelled := slices.Clone(town)
	unlabelled[3].Label = stance.Unlabelled
	invalid := slices.Clone(town)
	invalid[5].Target = "Tram\xff"
	heavy := stance.TargetsOptions{Options: stance.Options{Features: features.Options{Blocks: []features.Block{{Weight: 1e101}}}}}
	extreme := stance.TargetsOptions{Options: stance.Options{C: 1e300}}
	for _, tt := range []struct {
		name     string
		examples []stance.Example
		o        stance.TargetsOptions
		want     string
	}{
		{"no examples", nil, stance.TargetsOptions{}, "stance: there are no examples to train on"},
		{"an option", town, stance.TargetsOptions{Options: stance.Options{C: -1}}, "stance: C is -1"},
		{"a block", town, heavy, "stance: Weight of block 0 of the features is 1e+101"},
		{"no label", unlabelled, stance.TargetsOptions{}, `stance: example 3 (ID "1b"): label is ""`},
		{"a name that is no text", invalid, stance.TargetsOptions{}, `stance: target "Tram\xff" is not valid UTF-8`},
		{"extreme settings", town, extreme, "take less extreme settings"},
	} {
		for _, tt.o.Shared = range []bool{false, true} {
			_, err := stance.TrainTargets(background, tt.examples, tt.o)
			assert.ErrorContains(t, err, tt.want, "%s, shared %v", tt.name, tt.o.Shared)
		}
	}
	_, err := stance.TrainTargets(background, alike, stance.TargetsOptions{Shared: true})
	assert.EqualError(t, err, "stance: all examples are NONE: there is nothing to tell apart")
	_, err = stance.TrainTargets(background, town, extreme)
	assert.ErrorContains(t, err, `(target "Tram")`)
	for _, shared := range []bool{false, true} {
		ctx, cancel := context.WithCancel(background)
		cancel()
		_, err = stance.TrainTargets(ctx, town, stance.TargetsOptions{Shared: shared})
		assert.ErrorIs(t, err, context.Canceled)
	}
}

func TestTargetsAreDeterministic(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	examples := noisy(300)
	for _, shared := range []bool{false, true} {
		var first []byte
		for _, procs := range []int{1, 3} {
			runtime.GOMAXPROCS(procs)
			b := targetsFile(t, trainTargets(t, examples, stance.TargetsOptions{Options: stance.Options{Balanced: true}, Shared: shared}))
			if first == nil {
				first = b
			}
			assert.True(t, bytes.Equal(first, b), "shared %v, %d processors", shared, procs)
		}
	}
}

func TestSaveAndLoadTargets(t *testing.T) {
	dir := t.TempDir()
	for _, shared := range []bool{false, true} {
		o := stance.TargetsOptions{Options: stance.DefaultOptions(), Shared: shared}
		o.MinConfidence = 0.4
		examples := append(slices.Clone(town), about("Tram", town)...)
		for i := range examples[len(town):] {
			examples[len(town)+i].Target = "" // a name like any other
		}
		m := trainTargets(t, examples, o)
		path := filepath.Join(dir, "town.targets")
		require.NoError(t, m.SaveFile(path))
		again, err := stance.LoadTargetsFile(path)
		require.NoError(t, err)
		assert.Equal(t, []string{"Tram", "Tunnel", ""}, again.Names())
		assert.Equal(t, m.ClassifyExamples(examples), again.ClassifyExamples(examples))
		assert.Equal(t, m.Classify("the bridge"), again.Classify("the bridge"))
		for _, name := range m.Names() {
			assert.Equal(t, modelOf(t, m, name).Options(), modelOf(t, again, name).Options())
			assert.Equal(t, modelOf(t, m, name).Report(), modelOf(t, again, name).Report())
			assert.Equal(t, file(t, modelOf(t, m, name)), file(t, modelOf(t, again, name)))
			assert.Same(t, modelOf(t, again, "Tram").Vectorizer(), modelOf(t, again, name).Vectorizer())

			// The model of a target is a model like any other.
			one, err := stance.Load(bytes.NewReader(file(t, modelOf(t, m, name))))
			require.NoError(t, err)
			assert.Equal(t, modelOf(t, m, name).Classify(town[0].Text), one.Classify(town[0].Text))
		}
		assert.Equal(t, targetsFile(t, m), targetsFile(t, again))

		// The vocabulary is there once.
		assert.Equal(t, 1, bytes.Count(targetsFile(t, m), []byte("VECT")))
	}
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, left, 1)
}

func TestFilesOfTheOtherKind(t *testing.T) {
	dir := t.TempDir()
	one, many := filepath.Join(dir, "one"), filepath.Join(dir, "many")
	require.NoError(t, train(t, tram, stance.Options{}).SaveFile(one))
	require.NoError(t, trainTargets(t, town, stance.TargetsOptions{}).SaveFile(many))
	_, err := stance.LoadFile(many)
	assert.EqualError(t, err, "stance: model file "+many+", byte 0: this file holds the models of several targets: read it with LoadTargets or LoadTargetsFile")
	assert.ErrorIs(t, err, stance.ErrTargetsFile)
	_, err = stance.LoadTargetsFile(one)
	assert.EqualError(t, err, "stance: model file "+one+", byte 0: this file holds a single model: read it with Load or LoadFile")
	assert.NotErrorIs(t, err, stance.ErrTargetsFile)

	text := filepath.Join(dir, "text")
	require.NoError(t, os.WriteFile(text, []byte("This is no model."), 0o600))
	_, err = stance.LoadTargetsFile(text)
	assert.EqualError(t, err, "stance: model file "+text+", byte 0: this is not a model file")
	_, err = stance.LoadTargetsFile(filepath.Join(dir, "missing"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	_, err = stance.LoadTargetsFile(dir)
	assert.ErrorContains(t, err, "stance: reading model")
}

// SaveFile replaces a file as a whole or not at all, as that of a model.
func TestSaveTargetsFileIsAtomic(t *testing.T) {
	m := trainTargets(t, town, stance.TargetsOptions{})
	dir := t.TempDir()
	assert.ErrorContains(t, m.SaveFile(dir), "stance: saving models: ")
	path := filepath.Join(dir, "x")
	require.NoError(t, os.WriteFile(path, []byte("what was there before"), 0o640))
	require.NoError(t, m.SaveFile(path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	assert.Error(t, m.SaveFile(filepath.Join(dir, "missing", "x")))
	for n := 0; n < len(targetsFile(t, m)); n += 97 {
		assert.ErrorContains(t, m.Save(&failingWriter{left: n}), "disk full")
		assert.ErrorIs(t, m.Save(&lazyWriter{left: n}), io.ErrShortWrite)
	}
}

// small is a file of targets that is small enough to damage it everywhere.
func small(t testing.TB, shared bool) []byte {
	o := stance.Options{Features: features.Options{Blocks: []features.Block{{MinDF: 12}}}, CalibrationFolds: -1}
	return targetsFile(t, trainTargets(t, town, stance.TargetsOptions{Options: o, Shared: shared}))
}

// Every truncation and every flipped bit is an error that says in which part of
// the file it is.
func TestDamageToTargetsIsPlaced(t *testing.T) {
	good := small(t, true)
	starts := fileParts(t, good)
	require.Len(t, starts, 3+2+2*3, "TRGT, VECT and three models")
	damaged := func(b []byte, place int) {
		_, err := stance.LoadTargets(bytes.NewReader(b))
		var e *stance.FileError
		if !errors.As(err, &e) {
			require.Fail(t, "no error that says where", "damage at byte %d: %v", place, err)
		}
		part := 0
		for part+2 < len(starts) && starts[part+1] <= place {
			part++
		}
		if e.Offset < starts[part] || e.Offset > place && e.Offset != len(b) {
			require.Fail(t, "wrong place", "damage at byte %d, of the part that begins at %d: %v", place, starts[part], err)
		}
	}
	for n := range good {
		damaged(good[:n:n], n)
	}
	for bit := range 8 * len(good) {
		good[bit/8] ^= 1 << (bit % 8)
		damaged(good, bit/8)
		good[bit/8] ^= 1 << (bit % 8)
	}
	_, err := stance.LoadTargets(bytes.NewReader(good))
	require.NoError(t, err, "undone")
	_, err = stance.LoadTargets(bytes.NewReader(append(slices.Clone(good), 0)))
	assert.EqualError(t, err, fmt.Sprintf("stance: model file, byte %d: file goes on after its last section", len(good)))

	newer := slices.Clone(good)
	newer[8]++
	_, err = stance.LoadTargets(bytes.NewReader(newer))
	assert.ErrorIs(t, err, stance.ErrNewerFormat)
	newer[8] = 0
	_, err = stance.LoadTargets(bytes.NewReader(newer))
	assert.EqualError(t, err, "stance: model file, byte 8: there is no format 0")
}

// parts takes the sections of a file apart.
func parts(t testing.TB, b []byte) (tags []string, contents [][]byte) {
	starts := fileParts(t, b)
	for i, start := range starts[2 : len(starts)-1] {
		tags = append(tags, string(b[start:start+4]))
		contents = append(contents, b[start+sectionTop:starts[i+3]-sha256.Size])
	}
	return tags, contents
}

// together makes a file of targets of sections, with checksums that are right.
func together(tags []string, contents [][]byte) []byte {
	b := []byte("\x89MTT\r\n\x1a\n\x01\x00\x00\x00")
	for i, tag := range tags {
		start := len(b)
		b = append(b, tag...)
		b = binary.LittleEndian.AppendUint64(b, uint64(len(contents[i])))
		b = append(b, contents[i]...)
		sum := sha256.Sum256(b[start:])
		b = append(b, sum[:]...)
	}
	return b
}

// Sections that no Save wrote are found although their checksums are right.
func TestLoadTargetsRefusesWhatNoSaveWrote(t *testing.T) {
	good := small(t, false)
	tags, contents := parts(t, good)
	require.Equal(t, good, together(tags, contents))
	require.Equal(t, []string{"TRGT", "VECT", "META", "WGHT", "META", "WGHT"}, tags)
	head := func(s string) []byte {
		return together(tags, append([][]byte{[]byte(s)}, contents[1:]...))
	}
	wide := train(t, town, stance.Options{CalibrationFolds: -1})
	other := sections(t, file(t, wide))
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"no targets", head(`{"Library":"x","Targets":[],"Shared":false}`), "section TRGT: there are no targets"},
		{"twice", head(`{"Library":"x","Targets":["a","a"],"Shared":false}`), "section TRGT: a target is named twice"},
		{"unknown field", head(`{"More":1,"Targets":["a","b"]}`), "section TRGT: json: unknown field"},
		{"more JSON", head(`{"Targets":["a","b"]}{}`), "section TRGT: data goes on after the JSON"},
		{"a model less than targets", head(`{"Targets":["a","b","c"]}`), "file ends before section META"},
		{"a model more than targets", head(`{"Targets":["a"]}`), "file goes on after its last section"},
		{"no general model", head(`{"Targets":["a","b"],"Shared":true}`), "file ends before section META"},
		{"model of another vocabulary", together(tags, [][]byte{contents[0], contents[1], other[0], other[2], contents[4], contents[5]}), "features reported, but the vectorizer has"},
		{"weights of another vocabulary", together(tags, [][]byte{contents[0], contents[1], contents[2], contents[3], contents[4], other[2]}), "447 weights, want 6"},
		{"vocabulary of no vectorizer", together(tags, append([][]byte{contents[0], {1, 2, 3}}, contents[2:]...)), "section VECT: "},
		{"order of sections", together([]string{"TRGT", "META"}, [][]byte{contents[0], contents[2]}), `found "META", want section VECT`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := stance.LoadTargets(bytes.NewReader(tt.file))
			var e *stance.FileError
			require.ErrorAs(t, err, &e)
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

// A file that announces what it does not hold costs what it holds.
func TestLoadTargetsBelievesNoLength(t *testing.T) {
	good := small(t, true)
	starts := fileParts(t, good)
	for _, start := range starts[2 : len(starts)-1] {
		for _, length := range []uint64{1 << 20, 1 << 29, 1<<29 + 1, 1 << 40, math.MaxUint64} {
			b := bytes.Clone(good)
			binary.LittleEndian.PutUint64(b[start+4:], length)
			var err error
			size := allocated(func() { _, err = stance.LoadTargets(bytes.NewReader(b)) })
			require.ErrorContains(t, err, fmt.Sprintf("wants %d bytes", length))
			require.Less(t, size, int64(32*len(good)+1<<18), "%d announced", length)
		}
	}
	tags, contents := parts(t, good)
	names := fmt.Appendf(nil, `{"Targets":["name"`)
	for i := range 50_000 {
		names = fmt.Appendf(names, `,"%x"`, i)
	}
	contents[0] = append(names, "]}"...)
	b := together(tags, contents)
	var err error
	size := allocated(func() { _, err = stance.LoadTargets(bytes.NewReader(b)) })
	require.ErrorContains(t, err, "section META")
	assert.Less(t, size, int64(maxLoadFactor*len(b)))
}

// FuzzLoadTargets puts anything into the sections of a file that is otherwise
// whole: what LoadTargets accepts is a Targets in every respect.
func FuzzLoadTargets(f *testing.F) {
	for _, shared := range []bool{false, true} {
		_, c := parts(f, small(f, shared))
		f.Add(c[0], c[1], c[2], c[3], c[4], c[5])
	}
	f.Fuzz(func(t *testing.T, head, vectorizer, meta1, weights1, meta2, weights2 []byte) {
		b := together([]string{"TRGT", "VECT", "META", "WGHT", "META", "WGHT"}, [][]byte{head, vectorizer, meta1, weights1, meta2, weights2})
		var m *stance.Targets
		var err error
		size := allocated(func() { m, err = stance.LoadTargets(bytes.NewReader(b)) })
		require.Less(t, size, int64(maxLoadFactor*len(b)+1<<18), "%v", err)
		if err != nil {
			var e *stance.FileError
			require.ErrorAs(t, err, &e)
			return
		}
		for _, p := range m.ClassifyExamples(town[:4]) {
			require.InDelta(t, 1, p.Probabilities[0]+p.Probabilities[1]+p.Probabilities[2], 1e-9, "%v", p)
		}
		saved := targetsFile(t, m)
		again, err := stance.LoadTargets(bytes.NewReader(saved))
		require.NoError(t, err)
		require.Equal(t, saved, targetsFile(t, again))
	})
}

// FuzzLoadTargetsBytes reads anything as a file.
func FuzzLoadTargetsBytes(f *testing.F) {
	f.Add(small(f, false))
	f.Add([]byte("\x89MTT\r\n\x1a\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := stance.LoadTargets(bytes.NewReader(b)); err == nil {
			m.Classify("the tram")
		}
	})
}

// Of every format of targets a file is kept, which the library of its time has
// written; -update writes that of the current format if it is missing.
func TestEveryFormatOfTargetsIsRead(t *testing.T) {
	const name = "targets1"
	path := filepath.Join("testdata", name+".model")
	describe := func(m *stance.Targets) string {
		var b strings.Builder
		fmt.Fprintf(&b, "general\n%s", describeModel(general(t, m)))
		for _, target := range m.Names() {
			fmt.Fprintf(&b, "target %q\n%s", target, describeModel(modelOf(t, m, target)))
		}
		return b.String()
	}
	if _, err := os.Stat(path); *update && errors.Is(err, os.ErrNotExist) {
		o := stance.Options{
			Features:      features.Options{Blocks: []features.Block{{MaxN: 2, MinDF: 2}, {Analyzer: features.CharsWB, MinN: 3, MinDF: 6}}},
			MinConfidence: 0.35, Context: stance.Context{Others: 0.5}, Balanced: true, CalibrationFolds: 3, Seed: 7,
		}
		m := trainTargets(t, noisy(36), stance.TargetsOptions{Options: o, Shared: true})
		require.NoError(t, m.SaveFile(path))
		golden(t, name+".golden", describe(m), true)
	}
	m, err := stance.LoadTargetsFile(path)
	require.NoError(t, err)
	golden(t, name+".golden", describe(m), false)
	again, err := stance.LoadTargets(bytes.NewReader(targetsFile(t, m)))
	require.NoError(t, err)
	assert.Equal(t, describe(m), describe(again))
}

// What is for a target in one set of letters is against another: a model for
// each.
func ExampleTrainTargets() {
	letters := []stance.Example{
		{Target: "tram", Label: stance.Favor, Text: "We need the tram, and soon."},
		{Target: "tram", Label: stance.Favor, Text: "Yes to quiet streets."},
		{Target: "tram", Label: stance.Against, Text: "No rails through our street."},
		{Target: "tram", Label: stance.Against, Text: "Cars built this town."},
		{Target: "tunnel", Label: stance.Favor, Text: "Cars built this town."},
		{Target: "tunnel", Label: stance.Favor, Text: "The tunnel is overdue."},
		{Target: "tunnel", Label: stance.Against, Text: "Yes to quiet streets, no to the tunnel."},
		{Target: "tunnel", Label: stance.Against, Text: "Nobody needs more cars here."},
	}
	targets, err := stance.TrainTargets(context.Background(), letters, stance.TargetsOptions{
		Options: stance.Options{CalibrationFolds: -1},
		Shared:  true, // the words of one target help the other
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, name := range targets.Names() {
		m, _ := targets.Model(name)
		fmt.Println(name, m.Classify("Cars need this town.").Label)
	}
	// Output:
	// tram AGAINST
	// tunnel FAVOR
}

// The models of all targets in one file.
func ExampleTargets_SaveFile() {
	dir, err := os.MkdirTemp("", "town")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	targets, err := stance.TrainTargets(context.Background(), []stance.Example{
		{Target: "tram", Label: stance.Favor, Text: "Yes to quiet streets."},
		{Target: "tram", Label: stance.Against, Text: "Cars built this town."},
		{Target: "tunnel", Label: stance.Favor, Text: "Cars built this town."},
		{Target: "tunnel", Label: stance.Against, Text: "Yes to quiet streets."},
	}, stance.TargetsOptions{Options: stance.Options{CalibrationFolds: -1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	path := filepath.Join(dir, "town.model")
	if err := targets.SaveFile(path); err != nil {
		fmt.Println(err)
		return
	}
	loaded, err := stance.LoadTargetsFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(loaded.Names())
	_, err = stance.LoadFile(path)
	fmt.Println(errors.Is(err, stance.ErrTargetsFile))
	// Output:
	// [tram tunnel]
	// true
}
