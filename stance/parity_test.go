package stance_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// From text to decision values: on sentences written for the purpose, a trained
// model gives the decision values, probabilities and labels of scikit-learn
// 1.2.1 on its own features. Weights are kept as float32; what that costs is
// all of the difference, less than a part in a million of the largest value.
func TestScoresEqualScikitLearns(t *testing.T) {
	fixture := func(name string, v any) {
		b, err := os.ReadFile(filepath.Join("internal", "linear", "testdata", name))
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(b, v))
	}
	var toy struct {
		Texts     []string       `json:"texts"`
		Labels    []stance.Label `json:"labels"`
		TestTexts []string       `json:"test_texts"`
	}
	fixture("toy_data.json", &toy)
	var examples []stance.Example
	for i, text := range toy.Texts {
		examples = append(examples, stance.Example{Text: text, Label: toy.Labels[i]})
	}
	for _, tt := range []struct {
		algorithm stance.Algorithm
		file      string
	}{
		{stance.LogisticRegression, "model_lr_multinomial_newton.json"},
		{stance.LogisticOneVsRest, "model_lr_ovr_liblinear.json"},
		{stance.LinearSVM, "model_linsvc_sqhinge_dual.json"},
		{stance.LinearSVMHinge, "model_linsvc_hinge_dual.json"},
		{stance.Ridge, "model_ridge.json"},
	} {
		t.Run(tt.algorithm.String(), func(t *testing.T) {
			var want struct {
				Classes  []stance.Label `json:"classes"`
				Decision [][]float64    `json:"test_decision"`
				Proba    [][]float64    `json:"test_proba"`
				Pred     []stance.Label `json:"test_pred"`
			}
			fixture(tt.file, &want)
			m := train(t, examples, stance.Options{
				Features: features.Options{
					Tokenizer: features.Tokenizer{Rules: features.ScikitLearnRules},
					Blocks:    []features.Block{{MinN: 1, MaxN: 2}},
				},
				Algorithm: tt.algorithm, Tolerance: 1e-12, CalibrationFolds: -1,
			})
			for i, text := range toy.TestTexts {
				p := m.Classify(text)
				largest := 0.0
				for _, d := range want.Decision[i] {
					largest = max(largest, math.Abs(d))
				}
				for k, l := range want.Classes {
					assert.InDelta(t, want.Decision[i][k], p.Scores.Of(l), 1e-6*max(1, largest), "%q, %v", text, l)
					if tt.algorithm == stance.LogisticRegression {
						assert.InDelta(t, want.Proba[i][k], p.Probabilities.Of(l), 1e-6)
					}
				}
				assert.Equal(t, want.Pred[i], p.Label, "%q", text)
			}
		})
	}
}
