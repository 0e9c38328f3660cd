package stance_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
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
	block := func(weight float64) features.Options {
		return features.Options{Blocks: []features.Block{{Weight: weight}}}
	}
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
		{"tolerance", tram, stance.Options{Tolerance: -1}, "stance: tolerance is -1"},
		{"iterations", tram, stance.Options{MaxIterations: -1, Algorithm: stance.MultinomialBayes}, "stance: maximum of iterations is -1"},
		{"block weight", tram, stance.Options{Features: block(1e101)}, "Weight of block 0 of the features is 1e+101, want an amount of at most 1e+100"},
		{"block weight that is no number", tram, stance.Options{Features: block(math.NaN())}, "Weight of block 0 of the features is NaN"},
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

// Settings that are in range but extreme give a model whose numbers are finite,
// or an error that names them.
func TestExtremeSettings(t *testing.T) {
	extremes := map[string]stance.Options{}
	for _, x := range []float64{5e-324, 1e-300, 1e-30, 1e30, 1e150, 1e300, math.MaxFloat64} {
		extremes[fmt.Sprint("C ", x)] = stance.Options{C: x}
		extremes[fmt.Sprint("Smoothing ", x)] = stance.Options{Smoothing: x}
	}
	for _, x := range []float64{5e-324, 1e-100, -1, 1e30, -1e100, 1e100} {
		extremes[fmt.Sprintf("Weight %v of block 0", x)] = stance.Options{Features: features.Options{Blocks: []features.Block{{Weight: x, Norm: features.NoNorm}}}}
	}
	// These were not finite, without an error.
	wrong := map[stance.Algorithm]string{
		stance.LogisticRegression: "C 5e-324",
		stance.LogisticOneVsRest:  "C 1e+300",
		stance.LinearSVM:          "C 1e+300",
		stance.MultinomialBayes:   "Smoothing 1.7976931348623157e+308",
		stance.ComplementBayes:    "Smoothing 1.7976931348623157e+308",
		stance.NBSVM:              "Smoothing 1.7976931348623157e+308",
	}
	for _, a := range stance.Algorithms() {
		for name, o := range extremes {
			o.Algorithm = a
			o.MaxIterations = 50
			m, err := stance.Train(background, tram, o)
			if wrong[a] == name {
				require.Error(t, err, "%v %s", a, name)
			}
			if err != nil {
				if !strings.Contains(err.Error(), "naive Bayes wants counts") {
					require.ErrorContains(t, err, name, a)
					require.ErrorContains(t, err, a.String()+" with ", name)
				}
				continue
			}
			for col := range m.Vectorizer().Cols() {
				for _, w := range m.Weights(col) {
					require.Zero(t, w-w, "%v %s", a, name)
				}
			}
			r := m.Report().Solver
			require.Zero(t, r.Objective-r.Objective, "%v %s", a, name)
			require.Zero(t, r.GradientNorm-r.GradientNorm, "%v %s", a, name)
			for _, e := range tram {
				p := m.Classify(e.Text)
				for k := range p.Probabilities {
					require.GreaterOrEqual(t, p.Probabilities[k], 0.0, "%v %s", a, name)
					require.Zero(t, p.Scores[k]-p.Scores[k], "%v %s", a, name)
				}
			}
		}
	}
}

func TestOptionsAndReportAreCopies(t *testing.T) {
	o := stance.Options{C: 1000, Features: features.Options{Blocks: []features.Block{{MinN: 1, MaxN: 2}},
		Tokenizer: features.Tokenizer{StopWords: map[string]bool{"the": true}}}}
	m := train(t, tram, o) // with warnings: three groups are few
	before := file(t, m)
	p := m.Classify("the tram")
	change := func(o stance.Options) {
		o.Features.Blocks[0].MaxN = 5
		o.Features.Tokenizer.StopWords["tram"] = true
	}
	change(o)
	change(m.Options())
	r := m.Report()
	r.Labels[stance.Favor] = 99
	require.NotEmpty(t, r.Warnings)
	r.Warnings[0] = "changed"
	assert.Equal(t, before, file(t, m))
	assert.Equal(t, p, m.Classify("the tram"))
	assert.Equal(t, 2, m.Options().Features.Blocks[0].MaxN)
	assert.Equal(t, 6, m.Report().Labels[stance.Favor])
}

func TestOptionsHaveTheirDefaultsWrittenOut(t *testing.T) {
	zero := train(t, tram, stance.Options{})
	o := zero.Options()
	assert.Equal(t, stance.Options{
		Features: features.Options{Blocks: []features.Block{{MinN: 1, MaxN: 2, Weight: 1}}},
		C:        1, Smoothing: 1, CalibrationFolds: 5, Tolerance: 1e-9, MaxIterations: 1000,
	}, o)
	assert.Equal(t, file(t, zero), file(t, train(t, tram, o)))
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

	with := func(change func(i int, e *stance.Example)) []stance.Example {
		examples := slices.Clone(tram)
		for i := range examples {
			change(i, &examples[i])
		}
		return examples
	}
	many := slices.Concat(tram, tram) // 36 examples, with 18 groups
	for i := range many {
		many[i].Group = fmt.Sprint(i % len(tram))
	}
	const uncalibrated = "probabilities are not calibrated: all examples belong to one group"
	for _, tt := range []struct {
		name     string
		examples []stance.Example
		o        stance.Options
		want     []string
	}{
		{"nothing to say", many, stance.Options{}, nil},
		{"one group", with(func(_ int, e *stance.Example) { e.Group = "all" }), stance.Options{}, []string{uncalibrated}},
		{"one document", with(func(_ int, e *stance.Example) { e.Group, e.Document = "", "all" }), stance.Options{}, []string{uncalibrated}},
		{"one document of many groups", with(func(i int, e *stance.Example) { e.Document = "all" }), stance.Options{}, []string{uncalibrated}},
		{"chained groups and documents", with(func(i int, e *stance.Example) {
			e.Group, e.Document = fmt.Sprint("g", (i+1)/2), fmt.Sprint("d", i/2)
		}), stance.Options{}, []string{uncalibrated}},
		{"group and document of one name", with(func(i int, e *stance.Example) {
			e.Group, e.Document = "", ""
			if i < 9 {
				e.Group = "same"
			} else {
				e.Document = "same"
			}
		}), stance.Options{CalibrationFolds: 2}, []string{"the calibrated temperature rests on 18 examples in 2 groups"}},
		{"few groups", tram, stance.Options{}, []string{"the calibrated temperature rests on 18 examples in 3 groups"}},
		{"few examples", with(func(_ int, e *stance.Example) { e.Group = "" }), stance.Options{}, []string{"the calibrated temperature rests on 18 examples in 18 groups"}},
		{"no term", many, stance.Options{Features: features.Options{Blocks: []features.Block{{MinDF: 1000}}}, CalibrationFolds: -1},
			[]string{"no term is left: the model predicts the same label for every text"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := train(t, tt.examples, tt.o)
			var got []string
			for _, w := range m.Report().Warnings {
				if w != "the calibrated temperature is at the end of its range" {
					got = append(got, w)
				}
			}
			assert.Equal(t, tt.want, got)
			if len(tt.want) > 0 && tt.want[0] == uncalibrated {
				assert.Equal(t, 1.0, m.Report().Temperature)
			}
		})
	}
	m = train(t, many, stance.Options{Algorithm: stance.LinearSVM, MaxIterations: 1, C: 1000})
	assert.Contains(t, m.Report().Warnings, "the solver stopped early in 5 of the 5 folds of the calibration")
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
	require.NoError(t, os.Mkdir(target, 0o755))
	assert.EqualError(t, m.SaveFile(target), "stance: saving model: "+target+" is no regular file")
	assert.ErrorIs(t, m.SaveFile(filepath.Join(dir, "absent", "x.model")), os.ErrNotExist)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2)

	_, err = stance.LoadFile(filepath.Join(dir, "none.model"))
	assert.ErrorIs(t, err, os.ErrNotExist)
	assert.ErrorContains(t, err, "stance: reading model: ")
	require.NoError(t, os.WriteFile(path, []byte("FAVOR\tnot a model"), 0o644))
	_, err = stance.LoadFile(path)
	assert.EqualError(t, err, "stance: model file "+path+", byte 0: this is not a model file")
	var e *stance.FileError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, path, e.Path)
}

func TestSaveFilePermissions(t *testing.T) {
	m := train(t, tram, stance.Options{})
	mode := func(path string) os.FileMode {
		info, err := os.Lstat(path)
		require.NoError(t, err)
		return info.Mode()
	}
	dir := t.TempDir()
	// A new file has what the system gives to new files, whatever the umask is.
	plain := filepath.Join(dir, "plain")
	f, err := os.Create(plain)
	require.NoError(t, err)
	require.NoError(t, f.Close())
	path := filepath.Join(dir, "tram.model")
	require.NoError(t, m.SaveFile(path))
	assert.Equal(t, mode(plain), mode(path))
	// One that is replaced keeps its own.
	for _, perm := range []os.FileMode{0o600, 0o666, 0o640} {
		require.NoError(t, os.Chmod(path, perm))
		kept := mode(path) // what a system without all of these makes of it
		require.NoError(t, m.SaveFile(path))
		assert.Equal(t, kept, mode(path))
	}
}

func TestSaveFileFollowsLinks(t *testing.T) {
	m := train(t, tram, stance.Options{})
	dir := t.TempDir()
	at := func(names ...string) string { return filepath.Join(append([]string{dir}, names...)...) }
	require.NoError(t, os.MkdirAll(at("models", "inner"), 0o755))
	if err := os.Symlink(filepath.Join("models", "inner"), at("dir")); err != nil {
		t.Skip("no symbolic links here")
	}
	// The ".." leads from models/inner to models, and not back to where "dir" is.
	require.NoError(t, os.Symlink("dir/../tram.model", at("second")))
	require.NoError(t, os.Symlink(at("second"), at("first")))
	for range 2 { // the file at the end does not exist, then it does
		require.NoError(t, m.SaveFile(at("first")))
		b, err := os.ReadFile(at("models", "tram.model"))
		require.NoError(t, err)
		assert.Equal(t, file(t, m), b)
		for _, link := range []string{"first", "second"} {
			info, err := os.Lstat(at(link))
			require.NoError(t, err)
			assert.NotZero(t, info.Mode()&os.ModeSymlink, "%s is still a link", link)
		}
	}
	for where, want := range map[string]int{"models": 2, ".": 4} {
		entries, err := os.ReadDir(at(where))
		require.NoError(t, err)
		assert.Len(t, entries, want, "nothing is left in %s", where)
	}
	require.NoError(t, os.Symlink("loop", at("loop")))
	assert.Error(t, m.SaveFile(at("loop")))
	require.NoError(t, os.Symlink(os.DevNull, at("null")))
	assert.ErrorContains(t, m.SaveFile(at("null")), "is no regular file")
}

// The parts of a model file: its head, and the contents of its sections.
const (
	headLen    = 12 // magic number and version
	sectionTop = 12 // tag and length
)

var sectionTags = [...]string{"META", "VECT", "WGHT"}

// sections takes a model file apart.
func sections(t testing.TB, b []byte) (contents [len(sectionTags)][]byte) {
	b = b[headLen:]
	for i, tag := range sectionTags {
		require.Equal(t, tag, string(b[:4]))
		n := int(binary.LittleEndian.Uint64(b[4:]))
		contents[i] = b[sectionTop : sectionTop+n]
		b = b[sectionTop+n+sha256.Size:]
	}
	require.Empty(t, b)
	return contents
}

// assemble makes a model file of the contents of its sections, with checksums
// that are right.
func assemble(contents [len(sectionTags)][]byte) []byte {
	b := []byte("\x89MTS\r\n\x1a\n\x02\x00\x00\x00")
	for i, tag := range sectionTags {
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
func TestLoadRefusesWhatNoSaveWrote(t *testing.T) {
	m := train(t, tram, stance.Options{})
	good := file(t, m)
	parts := sections(t, good)
	require.Equal(t, good, assemble(parts))
	meta := string(parts[0])
	replaced := func(old, new string) []byte {
		require.Equal(t, 1, strings.Count(meta, old), "%s in %s", old, meta)
		return []byte(strings.Replace(meta, old, new, 1))
	}
	r := m.Report()
	temperature := fmt.Sprintf(`"Temperature":%v`, r.Temperature)
	intercept, err := json.Marshal(m.Intercepts().Of(stance.Favor))
	require.NoError(t, err)
	for _, tt := range []struct {
		name string
		meta []byte
		want string
	}{
		{"more JSON", []byte(meta + "{}"), "goes on after the JSON"},
		{"white space", []byte(meta + "\n"), "goes on after the JSON"},
		{"unknown field", replaced(`{"Library"`, `{"More":1,"Library"`), "unknown field"},
		{"hot", replaced(temperature, `"Temperature":1024.5`), "temperature is 1024.5"},
		{"cold", replaced(temperature, `"Temperature":0.0009`), "temperature is 0.0009"},
		{"no temperature", replaced(temperature, `"Temperature":0`), "temperature is 0"},
		{"examples", replaced(`"Examples":18`, `"Examples":-18`), "6 of -18 examples"},
		{"other number of examples", replaced(`"Examples":18`, `"Examples":19`), "18 examples of 3 labels"},
		{"negative label count", replaced(`"FAVOR":6`, `"FAVOR":-6`), "-6 of 18 examples are FAVOR"},
		{"huge label count", replaced(`"FAVOR":6`, fmt.Sprintf(`"FAVOR":%d`, math.MaxInt)), "examples are FAVOR"},
		{"label without examples", replaced(`"FAVOR":6,`, ``), "0 of 18 examples are FAVOR"},
		{"examples of a label that is not there", replaced(`"FAVOR":6`, `"":0,"FAVOR":6`), "18 examples of 3 labels"},
		{"features", replaced(fmt.Sprintf(`"Features":%d`, r.Features), `"Features":3`), "3 features reported"},
		{"iterations", replaced(fmt.Sprintf(`"Iterations":%d`, r.Solver.Iterations), `"Iterations":-1`), "-1 iterations"},
		{"gradient", replaced(`"GradientNorm":`, `"GradientNorm":-`), "gradient of norm -"},
		{"data", replaced(`"Data":"`, `"Data":"0`), "checksum of the examples"},
		{"intercept", replaced(`"Intercepts":[`+string(intercept), `"Intercepts":[1e39`), "intercept of FAVOR is 1e+39"},
		{"labels", replaced(`["FAVOR","AGAINST","NONE"]`, `["FAVOR","NONE","AGAINST"]`), "labels are [FAVOR NONE AGAINST]"},
		{"features twice", replaced(`"Blocks":null`, `"Blocks":[{}]`), "features are given twice"},
		{"C", replaced(`"C":1,`, `"C":-1,`), "C is -1"},
		{"tolerance", replaced(`"Tolerance":1e-9`, `"Tolerance":-1`), "tolerance is -1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			changed := parts
			changed[0] = tt.meta
			_, err := stance.Load(bytes.NewReader(assemble(changed)))
			var e *stance.FileError
			require.ErrorAs(t, err, &e)
			assert.Equal(t, headLen+sectionTop, e.Offset)
			assert.ErrorContains(t, err, tt.want)
		})
	}
	t.Run("block weight", func(t *testing.T) {
		o := m.Options().Features
		o.Blocks[0].Weight = 1e308
		var texts []string
		for _, e := range tram {
			texts = append(texts, e.Text)
		}
		v, err := features.Fit(background, texts, o)
		require.NoError(t, err)
		changed := parts
		changed[1], err = v.AppendBinary(nil)
		require.NoError(t, err)
		_, err = stance.Load(bytes.NewReader(assemble(changed)))
		assert.ErrorContains(t, err, "section VECT: stance: Weight of block 0 of the features is 1e+308")
	})
}

// FuzzLoad puts anything into the sections of a file that is otherwise whole:
// what Load accepts is a model in every respect.
func FuzzLoad(f *testing.F) {
	two := tram[:0:0]
	for _, e := range tram {
		if e.Label != stance.None {
			two = append(two, e)
		}
	}
	huge := stance.Options{Algorithm: stance.MultinomialBayes, Features: features.Options{Blocks: []features.Block{{Weight: 1e100, Norm: features.NoNorm}}}}
	for _, m := range []*stance.Model{train(f, tram, stance.Options{}), train(f, two, stance.DefaultOptions()), train(f, tram, huge)} {
		parts := sections(f, file(f, m))
		f.Add(parts[0], parts[1], parts[2])
	}
	f.Fuzz(func(t *testing.T, meta, vectorizer, weights []byte) {
		m, err := stance.Load(bytes.NewReader(assemble([...][]byte{meta, vectorizer, weights})))
		if err != nil {
			var e *stance.FileError
			require.ErrorAs(t, err, &e)
			return
		}
		for _, text := range []string{"", "the tram", tram[0].Text, tram[4].Text} {
			p := m.Classify(text)
			sum := 0.0
			for _, x := range p.Probabilities {
				sum += x
			}
			require.InDelta(t, 1, sum, 1e-9, "%v", p)
			require.Equal(t, p, m.Explain(text).Prediction)
		}
		saved := file(t, m)
		again, err := stance.Load(bytes.NewReader(saved))
		require.NoError(t, err)
		require.Equal(t, saved, file(t, again))
	})
}

// FuzzLoadBytes reads anything as a file.
func FuzzLoadBytes(f *testing.F) {
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
	for _, n := range []int{0, -1} {
		_, err = stance.TrainKeywords(background, words, n)
		assert.EqualError(t, err, fmt.Sprintf("stance: number of keywords is %d, want at least 1", n))
	}

	// One word alone tells nothing: its odds are infinite with every label.
	single := []stance.Example{{Text: "tram", Label: stance.Favor}, {Text: "tram tram", Label: stance.Against}}
	k, err = stance.TrainKeywords(background, single, 2)
	require.NoError(t, err)
	assert.Empty(t, k.Words(stance.Favor))
	assert.Empty(t, k.Words(stance.Against))
}

// A word that both sides use more than the rest counts for the one that uses it
// the more, and makes place for another on neither.
func TestKeywordsBelongToOneLabel(t *testing.T) {
	repeat := func(word string, n int) string { return strings.Repeat(word+" ", n) }
	var examples []stance.Example
	for range 2 { // words that occur in one example only are left out
		examples = append(examples,
			stance.Example{Label: stance.Favor, Text: repeat("women", 30) + repeat("justice", 10) + repeat("brave", 5) + repeat("even", 9)},
			stance.Example{Label: stance.Against, Text: repeat("women", 15) + repeat("justice", 20) + repeat("mob", 10) + repeat("even", 9)},
			stance.Example{Label: stance.None, Text: repeat("monday", 54)})
	}
	k, err := stance.TrainKeywords(background, examples, 3)
	require.NoError(t, err)
	assert.Equal(t, []string{"brave", "women"}, k.Words(stance.Favor), "even is used by both alike")
	assert.Equal(t, []string{"justice", "mob"}, k.Words(stance.Against))
	k, err = stance.TrainKeywords(background, examples, 2)
	require.NoError(t, err)
	assert.Len(t, k.Words(stance.Favor), 2)
	assert.Len(t, k.Words(stance.Against), 2)
}
