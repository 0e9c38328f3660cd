package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/data"
	"example.org/metoostance/stance"
)

// bothWays is the corpus twice: for the target "march" as it is, and for the
// target "boycott" with the sides changed.
func bothWays() string {
	var b strings.Builder
	b.WriteString("text\tlabel\tgroup\ttarget\n")
	other := strings.NewReplacer("FAVOR", "AGAINST", "AGAINST", "FAVOR")
	for line := range strings.Lines(corpus()) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if f[0] != "id" {
			fmt.Fprintf(&b, "%s\t%s\t%s\tmarch\n%[1]s\t%[4]s\t%[3]s\tboycott\n", f[4], f[1], f[2], other.Replace(f[1]))
		}
	}
	return b.String()
}

// Sentences of several targets make a file of models, one for each.
func TestTargets(t *testing.T) {
	tsv := write(t, t.TempDir(), "both.tsv", bothWays())
	for _, tt := range []struct {
		flags   []string
		what    string
		general bool
	}{
		{nil, ", 2 targets that share weights", true},
		{[]string{"-targets", "shared"}, ", 2 targets that share weights", true},
		{[]string{"-targets=separate"}, ", 2 separate targets", false},
	} {
		output := filepath.Join(t.TempDir(), "new.model")
		got := train(append(tt.flags, "-o", output, tsv)...)
		require.Zero(t, got.status, got.stderr)
		assert.Empty(t, got.stdout)
		assert.Regexp(t, `^trained logistic-regression \(C 1, balanced\)`+tt.what+` on 144 examples \(FAVOR 48, AGAINST 48, NONE 48\): \d+ features`+
			`; "march": 72 examples, \d+ iterations, temperature \d+\.\d{4}; "boycott": 72 examples, \d+ iterations, temperature \d+\.\d{4}.*\n$`, got.stderr)
		m, err := stance.LoadTargetsFile(output)
		require.NoError(t, err)
		assert.Equal(t, []string{"march", "boycott"}, m.Names())
		_, general := m.General()
		assert.Equal(t, tt.general, general)
		for name, want := range map[string]stance.Label{"march": stance.Favor, "boycott": stance.Against} {
			one, ok := m.Model(name)
			require.True(t, ok)
			assert.Equal(t, want, one.Classify("#MeToo gave the choir courage").Label, name)
			assert.Equal(t, stance.None, one.Classify("the choir is on the second page").Label, name)
			assert.Empty(t, one.Options().Features.Lexicon)
		}
	}
	// One model, where targets are ignored or there is only one.
	for _, flags := range [][]string{{"-targets", "ignored"}, {"-target", "march"}, {"-target", "march", "-targets", "separate"}} {
		output := filepath.Join(t.TempDir(), "new.model")
		got := train(append(flags, "-o", output, tsv)...)
		require.Zero(t, got.status, got.stderr)
		assert.NotContains(t, got.stderr, "targets")
		_, err := stance.LoadFile(output)
		assert.NoError(t, err)
	}
}

// The movement is a target without a name.
func TestGoldBesideAnotherTarget(t *testing.T) {
	tsv := write(t, t.TempDir(), "both.tsv", bothWays())
	c, err := parse([]string{"-gold", "-o", "m", "-target=", tsv})
	assert.Error(t, err)
	assert.Nil(t, c)
	c, err = parse([]string{"-gold", "-o", "m", tsv})
	require.NoError(t, err)
	examples, err := c.examples(nil)
	require.NoError(t, err)
	r := newRecipe(examples, c.targets)
	assert.Equal(t, recipe{shared, []string{"", "march", "boycott"}}, r)
	assert.Equal(t, recipe{sharing: ignored}, newRecipe(data.Gold().Examples(), separate), "one target is none")
}

// The table of the targets has the counts of the table above it, taken apart.
func TestCrossValidationOfTargets(t *testing.T) {
	tsv := write(t, t.TempDir(), "both.tsv", bothWays())
	for _, how := range []string{"shared", "separate", "ignored"} {
		t.Run(how, func(t *testing.T) {
			got := train("-cv", "4", "-targets", how, "-o", filepath.Join(t.TempDir(), "m"), tsv)
			require.Zero(t, got.status, got.stderr)
			above, below, ok := strings.Cut(got.stdout, "\n\n")
			title, _, _ := strings.Cut(above, "\n")
			if how == "ignored" {
				assert.False(t, ok, "no targets, no table")
				assert.Equal(t, "4-fold cross-validation of logistic-regression (C 1, balanced)", title)
				return
			}
			assert.Equal(t, "4-fold cross-validation of logistic-regression (C 1, balanced), 2 "+
				map[string]string{"shared": "targets that share weights", "separate": "separate targets"}[how], title)
			rows := strings.Split(strings.TrimSuffix(below, "\n"), "\n")
			require.Len(t, rows, 4)
			assert.Equal(t, "target F1 FAVOR F1 AGAINST F1 NONE macro-F1 F_avg examples", strings.Join(strings.Fields(rows[0]), " "))
			for i, want := range []struct {
				name     string
				examples float64
			}{{`"march"`, 72}, {`"boycott"`, 72}, {"all, pooled", 144}} {
				cells, ok := strings.CutPrefix(rows[1+i], want.name)
				require.True(t, ok, rows[1+i])
				v := numbers(t, strings.Fields(cells))
				require.Len(t, v, 6)
				assert.InDelta(t, (v[0]+v[1]+v[2])/3, v[3], 1e-4)
				assert.InDelta(t, (v[0]+v[1])/2, v[4], 1e-4)
				assert.Greater(t, v[3], 0.5, "these sentences are easy to tell apart")
				assert.Equal(t, want.examples, v[5])
				assert.Equal(t, len(rows[0]), len(rows[1+i]), "columns stand below one another")
			}
			pooled := strings.Fields(strings.TrimPrefix(rows[3], "all, pooled"))
			assert.Contains(t, above, "macro-F1 of three classes       "+pooled[3]+"\n")
			assert.Contains(t, above, "F_avg pooled                    "+pooled[4])
		})
	}
}

func TestGridOfTargets(t *testing.T) {
	tsv := write(t, t.TempDir(), "both.tsv", bothWays())
	output := filepath.Join(t.TempDir(), "m")
	got := train("-grid", "-cv", "2", "-targets", "separate", "-o", output, tsv)
	require.Zero(t, got.status, got.stderr)
	assert.True(t, strings.HasPrefix(got.stdout, "2-fold cross-validation of logistic-regression, 2 separate targets\n"), got.stdout)
	_, chosen, _ := strings.Cut(got.stdout, "\nchosen: ")
	chosen, _, _ = strings.Cut(chosen, "\n")
	m, err := stance.LoadTargetsFile(output)
	require.NoError(t, err)
	for _, name := range m.Names() {
		one, _ := m.Model(name)
		assert.Equal(t, chosen, settings(one.Options()))
	}
}

// A target with too few sentences for models of its own can still share.
func TestSmallTargets(t *testing.T) {
	content := bothWays() + "we like the sit-in\tFAVOR\tg1\tsit-in\nno sit-in, please\tAGAINST\tg2\tsit-in\n"
	tsv := write(t, t.TempDir(), "small.tsv", content)
	output := filepath.Join(t.TempDir(), "m")
	got := train("-cv", "4", "-targets", "separate", "-o", output, tsv)
	assert.Equal(t, 1, got.status)
	assert.Regexp(t, `^train: the examples of target "sit-in" outside of fold \d do not have two labels; take fewer folds, or -targets shared\n$`, got.stderr)
	assert.NoFileExists(t, output)

	got = train("-cv", "4", "-o", output, tsv)
	require.Zero(t, got.status, got.stderr)
	assert.Contains(t, got.stdout, "\n\"sit-in\"")
	assert.Contains(t, got.stderr, `; warning: "sit-in": probabilities are calibrated on all targets: this one has 2 examples`)
	assert.Contains(t, got.stderr, `; warning: "march", "boycott": probabilities of sentences in documents are not calibrated: there are 0 of them`)
	assert.Contains(t, got.stderr, `; warning: the calibrated temperature rests on 146 examples in 8 groups`)

	got = train("-targets", "separate", "-o", output, write(t, t.TempDir(), "one.tsv", bothWays()+"we like the sit-in\tFAVOR\tg1\tsit-in\n"))
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stderr, `all examples of target "sit-in" are FAVOR`)
}
