package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

func TestGoldFold(t *testing.T) {
	all, folds, err := gold()
	require.NoError(t, err)
	tested := 0
	for fold := range numFolds {
		train, test, err := goldFold(fold)
		require.NoError(t, err)
		assert.Len(t, train, len(all)-len(test))
		assert.InDelta(t, len(all)/numFolds, len(test), float64(len(all))/100)
		tested += len(test)
		groups := map[string]bool{}
		for _, e := range train {
			groups[e.Group] = e.Group != ""
		}
		for _, e := range test {
			assert.False(t, groups[e.Group], "no group is split")
		}
	}
	assert.Equal(t, len(all), tested)
	assert.Len(t, folds, len(all))
}

func lineCount(t *testing.T, path string) int {
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	return bytes.Count(raw, []byte("\n"))
}

func TestFoldFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "fold")
	s := stage(t, "folds", "-fold", "1", "-o", dir)
	train, test, err := goldFold(1)
	require.NoError(t, err)
	assert.Equal(t, len(train)+len(test), s.Sentences)
	path := func(name string) string { return filepath.Join(dir, name) }
	for _, name := range []string{trainFile, fastTextTrainFile} {
		assert.Equal(t, len(train), lineCount(t, path(name)))
	}
	examples, err := readCorpus(path(trainFile))
	require.NoError(t, err)
	for i, e := range examples {
		assert.Equal(t, []any{train[i].Text, train[i].Label}, []any{e.Text, e.Label})
	}
	raw, err := os.ReadFile(path(testFile))
	require.NoError(t, err)
	assert.Equal(t, strings.Join(textsOf(test), "\n")+"\n", string(raw), "the sentences, and no labels")
	raw, err = os.ReadFile(path(fastTextTestFile))
	require.NoError(t, err)
	assert.Equal(t, len(test), bytes.Count(raw, []byte("\n")))
	assert.NotContains(t, string(raw), fastTextLabel)
	raw, err = os.ReadFile(path(fastTextTrainFile))
	require.NoError(t, err)
	assert.True(t, strings.HasPrefix(string(raw), fastTextLabel+train[0].Label.String()+" "+fastTextWords(train[0].Text)+"\n"))

	r := stage(t, "rows", "-fold", "1", "-o", dir)
	assert.Greater(t, r.Columns, 10_000)
	assert.Positive(t, r.TrainSeconds)
	assert.Positive(t, r.ClassifySeconds)
	assert.Equal(t, len(train), lineCount(t, path(rowsTrainFile)))
	raw, err = os.ReadFile(path(rowsTestFile))
	require.NoError(t, err)
	assert.Equal(t, len(test), bytes.Count(raw, []byte("\n")))
	for line := range strings.Lines(string(raw)) {
		require.True(t, strings.HasPrefix(line, "0 "), "no label")
	}

	l := stage(t, "library", "-library", "bayesian", "-fold", "1", "-o", path("labels"))
	assert.Equal(t, len(test), l.Sentences)
	assert.Positive(t, l.TrainSeconds)
	assert.Positive(t, l.ClassifySeconds)
	labels, err := readLabels(path("labels"), stance.ParseLabel)
	require.NoError(t, err)
	require.Len(t, labels, len(test))
	right := 0
	for i, e := range test {
		if labels[i] == e.Label {
			right++
		}
	}
	assert.Greater(t, float64(right)/float64(len(test)), 0.6, "more than the most frequent label gets")
}

func TestFastTextWords(t *testing.T) {
	assert.Equal(t, "don ' t stop ,  she said  ( twice )  .  #metoo", fastTextWords("Don't stop, she said (twice). #MeToo"))
}

func TestContendersAreExplained(t *testing.T) {
	for i, c := range contenders {
		if i > 0 {
			assert.Regexp(t, `\b`+c.key+`[,.]`, manual.String())
		}
		if c.needs == scikitLearn {
			assert.Contains(t, string(sklearnQuality), strconv.Quote(c.key)+": lambda")
		}
		if c.needs == numPeers {
			assert.Contains(t, libraries, c.key)
		}
	}
}

// fakeContest is a runner whose programs label every sentence with one label.
func fakeContest(t *testing.T) *runner {
	t.Helper()
	t.Setenv(asProgram, "1")
	self, err := os.Executable()
	require.NoError(t, err)
	bin := t.TempDir()
	r := &runner{dir: t.TempDir(), log: io.Discard}
	// The folds are real; each library takes two seconds, the default model one.
	r.self = script(t, filepath.Join(bin, "self"), `case "$2" in
folds) exec `+self+` "$@";;
rows) for f in train test; do echo >"$6/$f.svm"; done; echo '{"TrainSeconds": 3, "ClassifySeconds": 0.5}'; exit;;
esac
label=FAVOR seconds=2
case "$4" in default) label=NONE seconds=1;; esac
sed "s/.*/$label/" "$(dirname "$8")/test.txt" >"$8"
echo "{\"TrainSeconds\": $seconds, \"ClassifySeconds\": $seconds}"`)
	r.python = script(t, filepath.Join(bin, "python"), `sed 's/.*/AGAINST/' "$4" >"$5"
echo '{"TrainSeconds": 10, "ClassifySeconds": 20, "Warnings": ["ConvergenceWarning"]}'`)
	script(t, filepath.Join(bin, "liblinear-train"), `for a; do to=$a; done; echo "$*" >"$to"`)
	script(t, filepath.Join(bin, "liblinear-predict"), `sed 's/.*/3/' "$(dirname "$2")/test.txt" >"$4"`)
	script(t, filepath.Join(bin, "fasttext"), `case $1 in
supervised) echo "$*" >"$5.bin";;
predict) sed 's/.*/__label__FAVOR/' "$3";;
esac`)
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	return r
}

func TestContest(t *testing.T) {
	r := fakeContest(t)
	q := &quality{title: "Measured on a day.", missing: []string{"Not installed: a peer"}, resamples: 100, rounds: 1000}
	only := map[string]bool{"goml": true, "sklearn-svm": true, "liblinear-logistic": true, "fasttext-tutorial": true}
	require.NoError(t, r.contest(context.Background(), q, only))
	require.Len(t, q.rows, 5)
	wantLabels := []stance.Label{stance.None, stance.Favor, stance.Against, stance.None, stance.Favor}
	for i, w := range q.rows {
		require.Len(t, w.labels, numFolds, w.key)
		for fold, labels := range w.labels {
			_, test, err := goldFold(fold)
			require.NoError(t, err)
			require.Len(t, labels, len(test))
			assert.Equal(t, wantLabels[i], labels[0])
		}
		assert.Len(t, w.train, numFolds)
		assert.Len(t, w.classify, numFolds)
	}
	assert.Equal(t, series{1, 1, 1, 1, 1}, q.rows[0].train)
	assert.Equal(t, series{2, 2, 2, 2, 2}, q.rows[1].classify)
	assert.Equal(t, series{10, 10, 10, 10, 10}, q.rows[2].train)
	assert.Equal(t, []string{"it warned: ConvergenceWarning"}, q.rows[2].warnings)
	assert.Greater(t, q.rows[3].train.median(), 3.0, "with the time of making the rows")
	entries, err := os.ReadDir(r.foldDir(0))
	require.NoError(t, err)
	for _, e := range entries {
		assert.True(t, strings.HasSuffix(e.Name(), ".labels"), "%s is not kept", e.Name())
	}
	assert.Len(t, entries, len(q.rows))

	require.NoError(t, q.judge())
	// 0.552 of the labels are NONE: F1 is 2*0.552/1.552, and 0 of the others.
	assert.InDelta(t, 0.711/3, q.rows[0].macroF1.Estimate, 1e-3)
	assert.Zero(t, q.rows[0].fAvg.Estimate)
	assert.Equal(t, 1.0, q.rows[3].p, "the same labels")
	assert.InDelta(t, 4.0/1001, q.rows[2].p, 1e-9, "the least of four tests that is possible")
	var b strings.Builder
	require.NoError(t, q.markdown(&b))
	for _, want := range []string{
		"Measured on a day.\n\n| library | settings | macro-F1 | F\\_avg | p | train | classify | peak memory |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n",
		"\n| metoostance | the default model | 0.237 (0.2", " | 0.000 (0.000 to 0.000) | reference | 1 s | 1 s | ",
		"\n| cdipaolo/goml | text.NaiveBayes, OnlyWordsAndNumbers | 0.", " | 2 s, 2 times | 2 s, 2 times | ",
		" | 10 s, 10 times | 20 s, 20 times | ",
		"\n- scikit-learn, TfidfVectorizer(), LinearSVC(): it warned: ConvergenceWarning\n",
		"\n- metoostance, the default model: class FAVOR was never predicted\n",
		"\n- Not installed: a peer\n",
	} {
		assert.Contains(t, b.String(), want)
	}
	b.Reset()
	require.NoError(t, q.text(&b))
	assert.Contains(t, b.String(), "\nfastText: its tutorial's: -lr 1.0")
	assert.Contains(t, b.String(), "\n  train       10 s, 10 times\n")
	assert.Error(t, q.text(brokenWriter{}))
	assert.Error(t, q.markdown(brokenWriter{}))
}

// What fails is in the table, and the others go on.
func TestContestWithFailures(t *testing.T) {
	r := fakeContest(t)
	r.python = script(t, filepath.Join(t.TempDir(), "python"), `echo "no module" >&2; exit 1`)
	r.peers[libLinear].missing = []string{"liblinear-train"}
	q := &quality{resamples: 100, rounds: 100}
	only := map[string]bool{"sklearn-svm": true, "liblinear-svm": true, "goml": true}
	err := r.contest(context.Background(), q, only)
	assert.ErrorContains(t, err, "sklearn-svm: ")
	assert.ErrorContains(t, err, "no module")
	require.Len(t, q.rows, 3, "what is not installed is left out")
	require.NoError(t, q.judge())
	assert.Contains(t, q.rows[2].cells(q.rows[0])[0], "failed: ")
	assert.Len(t, q.rows[1].labels, numFolds)

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	assert.ErrorIs(t, r.contest(ctx, &quality{}, nil), context.Canceled)

	q = &quality{rows: []*qualityRow{{contender: contenders[0], failed: errors.New("broken")}}}
	assert.ErrorContains(t, q.judge(), "nothing to compare with")
}

func TestSampleOfWrongLength(t *testing.T) {
	examples := []stance.Example{{Label: stance.Favor}, {Label: stance.None}, {Label: stance.None}}
	folds := []int{0, 1, 1}
	row := func(labels ...[]stance.Label) *qualityRow {
		w := &qualityRow{}
		for fold := range numFolds {
			var l []stance.Label
			if fold < len(labels) {
				l = labels[fold]
			}
			w.add(&trial{labels: l})
		}
		return w
	}
	one := []stance.Label{stance.Favor}
	s, err := row(one, []stance.Label{stance.Against, stance.None}).sample(examples, folds)
	require.NoError(t, err)
	assert.Equal(t, 1, s.Confusion().Count(stance.None, stance.Against))
	_, err = row(one, one).sample(examples, folds)
	assert.EqualError(t, err, "fold 1: 1 labels are too few")
	_, err = row(one, []stance.Label{1, 2, 3}).sample(examples, folds)
	assert.EqualError(t, err, "fold 1: 3 labels, want 2")
	_, err = row([]stance.Label{stance.Unlabelled}, []stance.Label{1, 2}).sample(examples, folds)
	assert.Error(t, err)
}

func TestReadLabels(t *testing.T) {
	path := filepath.Join(t.TempDir(), "labels")
	require.NoError(t, os.WriteFile(path, []byte("FAVOR\nNONE\nmaybe\n"), 0o644))
	_, err := readLabels(path, stance.ParseLabel)
	assert.ErrorContains(t, err, path+":3: ")
	_, err = readLabels(path+".none", stance.ParseLabel)
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// The whole program, where nothing is installed.
func TestQualityWithoutPeers(t *testing.T) {
	if testing.Short() {
		t.Skip("trains the default model on five folds")
	}
	t.Setenv(asProgram, "1")
	t.Setenv("PATH", t.TempDir())
	readme := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(readme, []byte(qualityMarks.Begin+qualityMarks.End), 0o644))
	status, stdout, stderr := try("quality", "-python", "no-such-python", "-readme", readme, "-only", "goml,sklearn-svm,fasttext")
	require.Equal(t, program.StatusDone, status, stderr)
	assert.Contains(t, stdout, "\nmetoostance: the default model\n")
	assert.Contains(t, stdout, "\ncdipaolo/goml: ")
	assert.NotContains(t, stdout, "scikit-learn: ")
	raw, err := os.ReadFile(readme)
	require.NoError(t, err)
	for _, remedy := range []string{"apt-get install python3-sklearn", "apt-get install liblinear-tools time", "apt-get install fasttext time"} {
		assert.Contains(t, stderr, remedy)
		assert.Contains(t, stdout, remedy)
		assert.Contains(t, string(raw), "\n- Not installed: ")
		assert.Contains(t, string(raw), remedy)
	}
	assert.Contains(t, string(raw), "\n| cdipaolo/goml | ")
}

// The script for scikit-learn, where there is one.
func TestSklearnQuality(t *testing.T) {
	const python = "/usr/bin/python3"
	if testing.Short() {
		t.Skip("takes some seconds to import scikit-learn")
	}
	if err := exec.Command(python, "-c", "import sklearn").Run(); err != nil {
		t.Skip("scikit-learn is not installed")
	}
	r := &runner{dir: t.TempDir(), python: python}
	dir := r.foldDir(0)
	require.NoError(t, os.MkdirAll(dir, 0o755))
	var train, test strings.Builder
	for _, e := range easy {
		// No line end but the last is one.
		fmt.Fprintf(&train, "%v\t%s\u2028 \u0085\n", e.Label, e.Text)
		fmt.Fprintf(&test, "%s\u2028\n", e.Text)
	}
	require.NoError(t, os.WriteFile(filepath.Join(dir, trainFile), []byte(train.String()), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(dir, testFile), []byte(test.String()), 0o644))
	for _, c := range contenders {
		if c.key != "sklearn-svm" && c.key != "sklearn-characters" {
			continue // which differ from these in their arguments alone
		}
		got, err := r.trySklearn(context.Background(), c, 0)
		require.NoError(t, err)
		require.Len(t, got.labels, len(easy))
		for i, e := range easy {
			assert.Equal(t, e.Label, got.labels[i], "%s %d", c.key, i)
		}
		assert.Positive(t, got.train)
		assert.Positive(t, got.classify)
		assert.Greater(t, got.peak, int64(10<<20))
	}
}
