package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLoss(t *testing.T) {
	for _, tt := range []struct {
		loss         loss
		margin, want float64
	}{
		{logisticLoss, 0, math.Ln2},
		{logisticLoss, 1, 0.31326168751822286}, // log(1 + 1/e)
		{logisticLoss, -1, 1.3132616875182228}, // the same and 1
		{logisticLoss, -1000, 1000},            // no overflow
		{logisticLoss, 1000, 0},
		{squaredHingeLoss, 1, 0},
		{squaredHingeLoss, 2, 0},
		{squaredHingeLoss, 0, 1},
		{squaredHingeLoss, -1, 4},
	} {
		assert.InDelta(t, tt.want, tt.loss.of(tt.margin), 1e-15, "%v of %v", lossNames[tt.loss], tt.margin)
	}
}

func TestLossNames(t *testing.T) {
	for _, l := range []loss{logisticLoss, squaredHingeLoss} {
		text, err := l.MarshalText()
		require.NoError(t, err)
		got := loss(99)
		require.NoError(t, got.UnmarshalText(text))
		assert.Equal(t, l, got)
	}
	assert.Error(t, new(loss).UnmarshalText([]byte("hinge")))
}

// sampleModel is an invented model file of two columns, its labels in an order
// of their own.
const sampleModel = `solver_type L2R_LR_DUAL
nr_class 3
label 2 1 3
nr_feature 2
bias 1
w
0.5 -1 0 
-2.5e-1 2 1 
0.125 0.25 -3 
`

func TestParseLIBLINEARModel(t *testing.T) {
	w, err := parseLIBLINEARModel(strings.NewReader(sampleModel), "m")
	require.NoError(t, err)
	// In the order FAVOR (1), AGAINST (2), NONE (3).
	assert.Equal(t, []stance.Values{{-1, 0.5, 0}, {2, -0.25, 1}}, w.columnWeights)
	assert.Equal(t, stance.Values{0.25, 0.125, -3}, w.intercepts)
}

func TestParseLIBLINEARModelErrors(t *testing.T) {
	for _, tt := range []struct{ name, old, new, want string }{
		{"header cut off", "w\n0.5 -1 0 \n-2.5e-1 2 1 \n0.125 0.25 -3 \n", "", "m:6: the header of LIBLINEAR's model breaks off"},
		{"two classes", "nr_class 3", "nr_class 2", `nr_class is "2", want 3`},
		{"no bias", "bias 1", "bias -1", `bias is "-1", want 1`},
		{"a label twice", "label 2 1 3", "label 2 1 2", `label "2", want 1, 2 and 3`},
		{"a label of another's", "label 2 1 3", "label 2 1 4", `label "4"`},
		{"a label too few", "label 2 1 3", "label 2 1", "2 labels, want 3"},
		{"a weight too few", "0.5 -1 0", "0.5 -1", "m:7: 2 weights, want 3"},
		{"no number", "-2.5e-1", "x", `m:8: "x" is no weight`},
		{"not finite", "-2.5e-1", "nan", `m:8: "nan" is no weight`},
		{"a line too few", "-2.5e-1 2 1 \n", "", "2 lines of weights"},
		{"no features", "nr_feature 2", "nr_feature", "3 lines of weights"},
		{"no weights", "w\n0.5 -1 0 \n-2.5e-1 2 1 \n0.125 0.25 -3 \n", "w\n", "0 lines of weights"},
		{"empty line", "nr_class", "\nnr_class", "m:2: an empty line"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			broken := strings.Replace(sampleModel, tt.old, tt.new, 1)
			require.NotEqual(t, sampleModel, broken)
			_, err := parseLIBLINEARModel(strings.NewReader(broken), "m")
			assert.ErrorContains(t, err, tt.want)
		})
	}
}

func FuzzParseLIBLINEARModel(f *testing.F) {
	f.Add(sampleModel)
	f.Add("solver_type L2R_LR\nw\n")
	f.Add("nr_class 3\nbias 1\nlabel 1 2 3\nnr_feature -1\nw\n")
	f.Fuzz(func(t *testing.T, raw string) {
		w, err := parseLIBLINEARModel(strings.NewReader(raw), "m")
		if err != nil {
			assert.True(t, strings.HasPrefix(err.Error(), "m:"), err)
			return
		}
		for _, v := range append(w.columnWeights, w.intercepts) {
			for _, x := range v {
				assert.False(t, math.IsNaN(x) || math.IsInf(x, 0))
			}
		}
	})
}

func TestObjectiveByHand(t *testing.T) {
	// One column, two sentences with the values 1 and 2.
	m := &features.Matrix{Cols: 1, Starts: []int{0, 1, 2}, Indices: []int32{0, 0}, Values: []float64{1, 2}}
	examples := []stance.Example{{Label: stance.Favor}, {Label: stance.None}}
	w := &weights{columnWeights: []stance.Values{{1, 0, -1}}, intercepts: stance.Values{0.5, 0, 0}}
	// Penalty: (1 + 1/4)/2 + 0 + 1/2 = 1.125.
	// Scores: {1.5, 0, -1} and {2.5, 0, -2}; margins {1.5, 0, 1} and {-2.5, 0, -2}.
	// Squared hinge: 0 + 1 + 0, and 3.5² + 1 + 3² = 22.25.
	assert.InDelta(t, 1.125+1+22.25, w.objective(m, examples, squaredHingeLoss), 1e-12)
	logistic := func(m float64) float64 { return math.Log(1 + math.Exp(-m)) }
	assert.InDelta(t, 1.125+logistic(1.5)+logistic(0)+logistic(1)+logistic(-2.5)+logistic(0)+logistic(-2),
		w.objective(m, examples, logisticLoss), 1e-12)
}

// trainOn trains on a small corpus to a tolerance.
func trainOn(t testing.TB, examples []stance.Example, a stance.Algorithm, tolerance float64) *stance.Model {
	t.Helper()
	m, err := stance.Train(context.Background(), examples, stance.Options{
		Features: words(), Algorithm: a, C: regularisation, Tolerance: tolerance, CalibrationFolds: -1,
	})
	require.NoError(t, err)
	return m
}

var solvers = []struct {
	algorithm stance.Algorithm
	loss      loss
	libLinear string
}{
	{stance.LogisticOneVsRest, logisticLoss, "7"},
	{stance.LinearSVM, squaredHingeLoss, "1"},
}

// What we compute is what the solver reports, but for the rounding of weights
// to float32, which at the minimum counts in second order only.
func TestObjectiveIsTheSolvers(t *testing.T) {
	examples := examplesOf(t, 300, 1)
	for _, s := range solvers {
		t.Run(s.algorithm.String(), func(t *testing.T) {
			m := trainOn(t, examples, s.algorithm, 1e-9)
			path := filepath.Join(t.TempDir(), "m")
			require.NoError(t, m.SaveFile(path))
			w, err := readWeights(path)
			require.NoError(t, err)
			rows, err := m.Vectorizer().Transform(context.Background(), textsOf(examples))
			require.NoError(t, err)
			assert.InEpsilon(t, m.Report().Solver.Objective, w.objective(rows, examples, s.loss), 1e-7)
		})
	}
}

// writeLIBLINEAR writes a model as liblinear-train would.
func writeLIBLINEAR(t testing.TB, path string, m *stance.Model) {
	t.Helper()
	var b bytes.Buffer
	fmt.Fprintf(&b, "solver_type L2R_LR_DUAL\nnr_class 3\nlabel 1 2 3\nnr_feature %d\nbias 1\nw\n", m.Vectorizer().Cols())
	line := func(v stance.Values) { fmt.Fprintf(&b, "%.17g %.17g %.17g \n", v[0], v[1], v[2]) }
	for col := range m.Vectorizer().Cols() {
		line(m.Weights(col))
	}
	line(m.Intercepts())
	require.NoError(t, os.WriteFile(path, b.Bytes(), 0o644))
}

func TestReadWeightsOfBothKinds(t *testing.T) {
	m := trainOn(t, examplesOf(t, 100, 1), stance.LogisticOneVsRest, enough)
	dir := t.TempDir()
	ours, theirs := filepath.Join(dir, "ours"), filepath.Join(dir, "theirs")
	require.NoError(t, m.SaveFile(ours))
	writeLIBLINEAR(t, theirs, m)
	a, err := readWeights(ours)
	require.NoError(t, err)
	b, err := readWeights(theirs)
	require.NoError(t, err)
	assert.Equal(t, a, b)

	broken := filepath.Join(dir, "broken")
	require.NoError(t, os.WriteFile(broken, []byte("no model"), 0o644))
	_, err = readWeights(broken)
	assert.ErrorContains(t, err, broken)
	_, err = readWeights(filepath.Join(dir, "none"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// LIBLINEAR itself, where it is installed, has the same minimum on the matrix
// that is written for it, and its model file is read as what it is.
func TestLIBLINEARAgrees(t *testing.T) {
	program, err := exec.LookPath("liblinear-train")
	if err != nil {
		t.Skip("liblinear-train is not installed")
	}
	dir := t.TempDir()
	corpus, matrix, model := filepath.Join(dir, "c.tsv"), filepath.Join(dir, "c.svm"), filepath.Join(dir, "m")
	require.NoError(t, os.WriteFile(corpus, []byte(corpusOf(t, 300, 1)), 0o644))
	_, err = stageMatrix(context.Background(), &stageOptions{corpus: corpus, output: matrix})
	require.NoError(t, err)
	for _, s := range solvers {
		t.Run(s.algorithm.String(), func(t *testing.T) {
			out, err := exec.Command(program, "-s", s.libLinear, "-B", "1", "-e", "1e-6", "-q", matrix, model).CombinedOutput()
			require.NoError(t, err, string(out))
			r, err := stageObjective(context.Background(), &stageOptions{corpus: corpus, loss: s.loss, files: []string{model}})
			require.NoError(t, err)
			require.Len(t, r.Objectives, 1)
			best := trainOn(t, examplesOf(t, 300, 1), s.algorithm, 1e-9)
			assert.InEpsilon(t, best.Report().Solver.Objective, r.Objectives[0], 1e-6)
		})
	}
}

func TestSVMLight(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &features.Matrix{Cols: 50, Starts: []int{0}}
		var examples []stance.Example
		for range rapid.IntRange(0, 5).Draw(t, "rows") {
			var row features.Row
			for col := range int32(50) {
				if rapid.Bool().Draw(t, "there") {
					row.Indices = append(row.Indices, col)
					row.Values = append(row.Values, rapid.Float64Range(1e-9, 1).Draw(t, "value"))
				}
			}
			m.AppendRow(row)
			examples = append(examples, stance.Example{Label: rapid.SampledFrom([]stance.Label{stance.Favor, stance.Against, stance.None}).Draw(t, "label")})
		}
		var b strings.Builder
		require.NoError(t, writeSVMLight(&b, m, examples))
		i := 0
		for line := range strings.Lines(b.String()) {
			f := strings.Fields(line)
			assert.Equal(t, map[stance.Label]string{stance.Favor: "1", stance.Against: "2", stance.None: "3"}[examples[i].Label], f[0])
			row := m.Row(i)
			require.Len(t, f, row.Len()+1)
			for j, cell := range f[1:] {
				column, value, ok := strings.Cut(cell, ":")
				require.True(t, ok)
				assert.Equal(t, strconv.Itoa(int(row.Indices[j])+1), column)
				x, err := strconv.ParseFloat(value, 64)
				require.NoError(t, err)
				assert.Equal(t, row.Values[j], x)
			}
			i++
		}
		assert.Equal(t, m.Rows(), i)
	})
	m := &features.Matrix{Cols: 1, Starts: []int{0, 0}}
	assert.Error(t, writeSVMLight(brokenWriter{}, m, make([]stance.Example, 1)))
}
