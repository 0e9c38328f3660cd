package linear

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/features"
)

// The reference results in testdata were computed with scikit-learn 1.2.1
// (LIBLINEAR, closed forms) and a dense Newton method in numpy on sixty
// sentences written for the purpose; toy_data.json holds the TF-IDF rows.

// toy is the data that the references were fitted on.
type toy struct {
	Labels   []string    `json:"labels"`
	Classes  []string    `json:"classes"`
	Vocab    []string    `json:"vocabulary"`
	IDF      []float64   `json:"idf"`
	Rows     [][]element `json:"rows"`
	TestRows [][]element `json:"test_rows"`
}

// element is a column and its value.
type element [2]float64

// reference is a fitted model.
type reference struct {
	Settings      string      `json:"settings"`
	Coef          [][]float64 `json:"coef"`
	Intercept     []float64   `json:"intercept"`
	Decision      [][]float64 `json:"test_decision"`
	Objective     any         `json:"objective"` // a number, or one for each class
	LogProb       [][]float64 `json:"feature_log_prob"`
	Prior         []float64   `json:"class_log_prior"`
	JointLogLik   [][]float64 `json:"test_jll"`
	Probabilities [][]float64 `json:"test_proba"`
	LogProba      [][]float64 `json:"test_log_proba"`
}

func read(t testing.TB, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, v))
}

// matrix builds a sparse matrix, the values passed through f.
func matrix(rows [][]element, cols int, f func(j int, v float64) float64) *features.Matrix {
	m := &features.Matrix{Cols: cols, Starts: []int{0}}
	for _, r := range rows {
		var row features.Row
		for _, e := range r {
			j := int(e[0])
			row.Indices = append(row.Indices, int32(j))
			row.Values = append(row.Values, f(j, e[1]))
		}
		m.AppendRow(row)
	}
	return m
}

// toyProblem returns the training problem and the test rows.
func toyProblem(t testing.TB) (*Problem, *features.Matrix) {
	t.Helper()
	var d toy
	read(t, "toy_data", &d)
	same := func(_ int, v float64) float64 { return v }
	p := &Problem{X: matrix(d.Rows, len(d.Vocab), same), Classes: len(d.Classes)}
	for _, l := range d.Labels {
		for c, name := range d.Classes {
			if l == name {
				p.Y = append(p.Y, c)
			}
		}
	}
	return p, matrix(d.TestRows, len(d.Vocab), same)
}

// within fails unless got is within 1e-6 of want, relative to the largest of
// the wanted numbers that it stands among.
func within(t testing.TB, what string, want, got [][]float64) {
	t.Helper()
	require.Len(t, got, len(want), what)
	scale, worst := 0.0, 0.0
	for i := range want {
		require.Len(t, got[i], len(want[i]), what)
		for j := range want[i] {
			scale = max(scale, math.Abs(want[i][j]))
			worst = max(worst, math.Abs(want[i][j]-got[i][j]))
		}
	}
	assert.LessOrEqual(t, worst, 1e-6*scale, "%s: largest difference %.2g, largest value %.3g", what, worst, scale)
	t.Logf("%s: largest difference %.2g, largest value %.3g", what, worst, scale)
}

// byClass returns the coefficients as rows of one class each.
func byClass(r *Result) [][]float64 {
	w := make([][]float64, r.Classes)
	for c := range w {
		for j := range r.Cols {
			w[c] = append(w[c], r.Coef[j*r.Classes+c])
		}
	}
	return w
}

func scores(r *Result, x *features.Matrix) [][]float64 {
	var s [][]float64
	for i := range x.Rows() {
		s = append(s, r.Scores(x.Row(i), make([]float64, r.Classes)))
	}
	return s
}

func TestParity(t *testing.T) {
	// The first 50 rows hold 17, 17 and 16 of each class.
	first50 := func(p *Problem) {
		keep := make([]int, 50)
		for i := range keep {
			keep[i] = i
		}
		p.X, p.Y = p.X.Select(keep), p.Y[:50]
		p.Weights = BalancedWeights(p.Y, p.Classes)
	}
	tight := Options{Tolerance: 1e-18, MaxIterations: 100000}
	// The rounding of the coefficients limits the gap that can be proven where
	// the objective has corners.
	hinge := Options{Tolerance: 1e-14, MaxIterations: 100000}
	svm := func(loss Loss, o Options) func(*Problem) (*Result, error) {
		return func(p *Problem) (*Result, error) { return SVM(context.Background(), p, loss, o) }
	}
	cases := []struct {
		name    string
		prepare func(*Problem)
		solve   func(*Problem) (*Result, error)
	}{
		{name: "lr_multinomial_newton", solve: func(p *Problem) (*Result, error) {
			return MultinomialLogistic(context.Background(), p, tight)
		}},
		{name: "lr_ovr_liblinear", solve: func(p *Problem) (*Result, error) {
			return LogisticOvR(context.Background(), p, tight)
		}},
		{name: "linsvc_sqhinge_dual", solve: svm(SquaredHinge, tight)},
		{name: "linsvc_sqhinge_primal", solve: svm(SquaredHinge, tight)},
		{name: "linsvc_hinge_dual", solve: svm(Hinge, hinge)},
		{name: "linsvc_sqhinge_dual_balanced_first50", prepare: first50, solve: svm(SquaredHinge, tight)},
		{name: "ridge", solve: func(p *Problem) (*Result, error) {
			return Ridge(context.Background(), p, tight)
		}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			p, test := toyProblem(t)
			if c.prepare != nil {
				c.prepare(p)
			}
			var want reference
			read(t, "model_"+c.name, &want)
			got, err := c.solve(p)
			require.NoError(t, err)
			t.Logf("%+v %+v", got.Report, got.PerClass)
			assert.True(t, got.Converged)
			assert.Empty(t, got.Warnings)
			within(t, "coefficients", want.Coef, byClass(got))
			within(t, "intercepts", [][]float64{want.Intercept}, [][]float64{got.Intercept})
			within(t, "decision values", want.Decision, scores(got, test))
			switch o := want.Objective.(type) {
			case float64:
				assert.InEpsilon(t, o, got.Objective, 1e-9)
			case []any:
				sum := 0.0
				for k, v := range o {
					assert.InEpsilon(t, v, got.PerClass[k].Objective, 1e-9)
					sum += v.(float64)
				}
				assert.InEpsilon(t, sum, got.Objective, 1e-9)
			}
		})
	}
}
