package main

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/stance"
)

// numbers parses the fields as numbers.
func numbers(t *testing.T, fields []string) []float64 {
	values := make([]float64, len(fields))
	for i, f := range fields {
		var err error
		values[i], err = strconv.ParseFloat(f, 64)
		require.NoError(t, err)
	}
	return values
}

func TestCrossValidationTable(t *testing.T) {
	dir := t.TempDir()
	tsv := write(t, dir, "corpus.tsv", untargeted())
	got := train("-cv", "4", "-C", "0.5", "-algorithm", "logistic-one-vs-rest", "-balanced=false", "-o", filepath.Join(dir, "new.model"), tsv)
	require.Zero(t, got.status, got.stderr)
	lines := strings.Split(got.stdout, "\n")
	require.Len(t, lines, 8, got.stdout)
	assert.Equal(t, "4-fold cross-validation of logistic-one-vs-rest (C 0.5, not balanced)", lines[0])
	assert.Equal(t, []string{"precision", "recall", "F1", "examples"}, strings.Fields(lines[1]))
	var f1 [stance.NumLabels]float64
	for i, l := range stance.Labels() {
		fields := strings.Fields(lines[2+i])
		require.Len(t, fields, 5)
		assert.Equal(t, l.String(), fields[0])
		v := numbers(t, fields[1:])
		// F1 is the harmonic mean; the four decimals of each leave an error.
		assert.InDelta(t, 2*v[0]*v[1]/(v[0]+v[1]), v[2], 2e-4)
		assert.Greater(t, v[2], 0.5, "these sentences are easy to tell apart")
		assert.Equal(t, 24.0, v[3])
		f1[i] = v[2]
	}
	macro, ok := strings.CutPrefix(lines[5], "macro-F1 of three classes ")
	require.True(t, ok, lines[5])
	assert.InDelta(t, (f1[0]+f1[1]+f1[2])/3, numbers(t, strings.Fields(macro))[0], 2e-4)
	avg, ok := strings.CutPrefix(lines[6], "F_avg pooled ")
	require.True(t, ok, lines[6])
	assert.InDelta(t, (f1[0]+f1[1])/2, numbers(t, strings.Fields(avg))[0], 2e-4)
	assert.Empty(t, lines[7])
}

// TestWarnings trains on two labels, so that the third is neither there nor
// predicted.
func TestWarnings(t *testing.T) {
	dir := t.TempDir()
	var two strings.Builder
	for line := range strings.Lines(untargeted()) {
		if !strings.Contains(line, "\tNONE\t") {
			two.WriteString(line)
		}
	}
	tsv := write(t, dir, "two.tsv", two.String())
	got := train("-cv", "2", "-o", filepath.Join(dir, "new.model"), tsv)
	require.Zero(t, got.status, got.stderr)
	assert.Contains(t, got.stdout, "\nwarning: class NONE was never predicted\nwarning: class NONE does not occur in the gold labels\n")
}

func TestGrid(t *testing.T) {
	dir := t.TempDir()
	tsv := write(t, dir, "corpus.tsv", untargeted())
	for _, folds := range []int{0, 2} {
		t.Run(fmt.Sprint(folds), func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "new.model")
			args, title := []string{"-grid", "-o", output, tsv}, "5-fold cross-validation of logistic-regression"
			if folds > 0 {
				args = append([]string{"-cv", fmt.Sprint(folds)}, args...)
				title = "2-fold cross-validation of logistic-regression"
			}
			got := train(args...)
			require.Zero(t, got.status, got.stderr)
			grid, table, _ := strings.Cut(got.stdout, "\n\n")
			lines := strings.Split(grid, "\n")
			require.Len(t, lines, 13, got.stdout)
			assert.Equal(t, title, lines[0])
			assert.Equal(t, "C balanced macro-F1 of three classes", strings.Join(strings.Fields(lines[1]), " "))
			best, bestF1, seen := "", -1.0, map[string]bool{}
			for _, line := range lines[2:12] {
				fields := strings.Fields(line)
				require.Len(t, fields, 3)
				choice := "logistic-regression (C " + fields[0] + ", balanced)"
				if fields[1] == "false" {
					choice = "logistic-regression (C " + fields[0] + ", not balanced)"
				}
				seen[choice] = true
				if f1 := numbers(t, fields[2:])[0]; f1 > bestF1 {
					best, bestF1 = choice, f1
				}
			}
			assert.Len(t, seen, 10)
			assert.Equal(t, "chosen: "+best, lines[12])
			assert.Contains(t, got.stderr, "trained "+best+" on 72 examples")
			m, err := stance.LoadFile(output)
			require.NoError(t, err)
			assert.Equal(t, best, settings(m.Options()))
			if folds == 0 {
				assert.Empty(t, table)
			} else {
				assert.True(t, strings.HasPrefix(table, "2-fold cross-validation of "+best+"\n"), table)
				assert.Contains(t, table, fmt.Sprintf("%.4f\nF_avg pooled", bestF1), "both are of the same folds")
			}
		})
	}
}
