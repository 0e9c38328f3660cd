package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// fakeScripts makes a directory of scripts that print what the peers' would,
// with invented figures.
func fakeScripts(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	script(t, filepath.Join(dir, sklearnScript), `case $1 in
predict) echo '{"predict": {"median_s": 200.0}, "heldout_acc": 0.5, "latency1_us": {"p50": 500, "p99": 900}, "peak_rss_MiB": 100}';;
vec:*) echo '{"fit_transform": {"median_s": 4.0}, "transform": {"median_s": 2.0}, "shape": [600, '"${COLUMNS_FOUND:-1}"'], "peak_rss_MiB": 100000}';;
fit:*) echo '{"fit": {"median_s": 100.0}, "warnings": ["ConvergenceWarning"], "peak_rss_MiB": 90000}';;
prep) echo '{}';;
*) echo "unknown task" >&2; exit 1;;
esac`)
	script(t, filepath.Join(dir, libLinearScript), `printf '%s' "$LIBLINEAR_SAMPLE" >>"$2"`)
	script(t, filepath.Join(dir, fastTextScript), `printf '%s' "$FASTTEXT_SAMPLE" >>"$3"`)
	limit := filepath.Join(dir, limitDir)
	require.NoError(t, os.MkdirAll(limit, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(limit, "go.mod"), []byte("module golimit\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(limit, "main.go"),
		[]byte("package main\n\nimport \"os\"\n\nconst table = `"+limitSample+"`\n\nfunc main() { os.Stdout.WriteString(table) }\n"), 0o644))
	return dir
}

// fakeRunner measures tiny corpora against fake peers.
func fakeRunner(t *testing.T) *runner {
	t.Helper()
	t.Setenv(asProgram, "1")
	t.Setenv("LIBLINEAR_SAMPLE", libLinearSample)
	t.Setenv("FASTTEXT_SAMPLE", fastTextSample)
	self, err := os.Executable()
	require.NoError(t, err)
	return &runner{
		scripts: fakeScripts(t), dir: t.TempDir(), python: "/bin/sh", self: self,
		sizes: []int{300, 600}, seed: 1, runs: 1, innerRuns: 1, log: io.Discard,
		stats: map[string]corpusStats{}, made: map[string]bool{}, fresh: map[int]*freshText{},
	}
}

func rowsOf(t *testing.T, r *runner, keys ...string) map[string]row {
	t.Helper()
	only := map[string]bool{}
	for _, k := range keys {
		only[k] = true
	}
	require.NoError(t, r.corpora(context.Background()))
	rows, err := r.measure(context.Background(), only)
	require.NoError(t, err)
	byWhat := map[string]row{}
	for _, w := range rows {
		byWhat[w.What] = w
		assert.NotEmpty(t, w.Ours, w.What)
		assert.Empty(t, w.Failed)
	}
	return byWhat
}

// what returns the name of a row.
func what(key string) string {
	for _, f := range rowFuncs {
		if f.key == key {
			return f.what
		}
	}
	return ""
}

func TestRowsOfClassification(t *testing.T) {
	if testing.Short() {
		t.Skip("runs real stages for some seconds")
	}
	rows := rowsOf(t, fakeRunner(t), "classify", "file", "limit", "threads", "latency")
	w := rows[what("classify")]
	// 2,200 fresh sentences in 200 seconds: whatever else the machine does, ours
	// takes less.
	assert.Contains(t, w.Reference[0], "scikit-learn 11 sentences/s")
	assert.Contains(t, w.Reference[1], "accuracy 0.500")
	assert.Equal(t, yes, w.Reached)
	w = rows[what("file")]
	assert.Contains(t, w.Reference[0], "1,000 sentences/s")
	assert.Contains(t, w.Reference[1], "800 sentences/s")
	assert.Equal(t, yes, w.Reached)
	w = rows[what("limit")]
	assert.Contains(t, w.Reference[0], "stage 6f 1,000,000 sentences/s")
	assert.NotEqual(t, notMeasured, w.Reached)
	w = rows[what("threads")]
	assert.Len(t, w.Ratio, 1)
	w = rows[what("latency")]
	require.Len(t, w.Reference, 2)
	assert.Contains(t, w.Reference[0], "p50 500 µs, p99 900 µs at ")
	assert.Contains(t, w.Ours[0], " allocations at ")
	assert.NotEqual(t, notMeasured, w.Reached)
}

// fakeStages replaces our own stages by invented figures too, so that ratios are
// known: 600 sentences, trained on in 3 seconds from texts and 1 from rows.
func fakeStages(t *testing.T, r *runner) {
	t.Helper()
	r.self = script(t, filepath.Join(t.TempDir(), "self"), `objective=100.05
for a; do [ -f "$a" ] && grep -q bad "$a" && objective=150; done
case "$*" in *optimum.model*) objective=100;; esac
seconds=3
case "$*" in *-rows*) seconds=1;; esac
cat <<END
{"Sentences": 600, "Bytes": 60000, "Columns": 7000, "NonZeros": 20000, "Seconds": [$seconds], "FitTransformSeconds": [2],
 "TransformSeconds": [0.5], "Accuracy": 0.9, "P50": 1, "P90": 2, "P99": 3, "Objective": 1, "Objectives": [$objective],
 "Corpus": {"Sentences": 600, "MeanBytes": 99, "Tokens": 9000, "Vocabulary": 7000}}
END`)
	t.Setenv("COLUMNS_FOUND", "7000")
}

func TestRowsOfTraining(t *testing.T) {
	r := fakeRunner(t)
	fakeStages(t, r)
	r.runs = 2
	// LIBLINEAR's model at its default tolerance is far from the optimum, and
	// at the next one it is near enough.
	bin := t.TempDir()
	script(t, filepath.Join(bin, "liblinear-train"), `content=bad
for a; do [ "$a" = -e ] && content=good; to=$a; done
echo $content >"$to"`)
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))

	rows := rowsOf(t, r, "vectorise", "logistic", "svm", "multinomial", "memory")
	w := rows[what("logistic")]
	assert.Equal(t, []string{
		"LIBLINEAR -s 7 -e 0.03 2.75 s, objective 100.05, gap 5.0e-04",
		"LIBLINEAR -s 7 2.75 s, objective 150.00, gap 5.0e-01",
		"scikit-learn lr_liblinear_dual 100 s, stopped before it converged",
	}, w.Reference)
	assert.Equal(t, []string{"1 s", "on two threads 1 s", "objective 100.05, gap 5.0e-04", "optimum 100.00"}, w.Ours)
	assert.Equal(t, []string{"0.364 of LIBLINEAR -s 7 -e 0.03", "on two threads 0.364"}, w.Ratio) // 1/2.75
	assert.NotEqual(t, no, w.Reached)
	w = rows[what("svm")]
	assert.Contains(t, w.Reference[0], "LIBLINEAR -s 1 -e 0.03 ")
	w = rows[what("multinomial")]
	assert.Equal(t, []string{"0.01", "on two threads 0.01"}, w.Ratio)
	assert.Empty(t, w.Reach)
	w = rows[what("vectorise")]
	assert.Equal(t, []string{"scikit-learn, fit_transform, 150 sentences/s, 0.015 MB/s", "7,000 columns"}, w.Reference)
	assert.Equal(t, "300 sentences/s, 0.03 MB/s", w.Ours[0])
	assert.Equal(t, "2 times", w.Ratio[0])
	assert.Equal(t, no, w.Reached)
	w = rows[what("memory")]
	assert.Equal(t, []string{"scikit-learn 100,000 MiB to vectorise", "scikit-learn 90,000 MiB to fit", "LIBLINEAR 200 MiB to fit"}, w.Reference)
	assert.Len(t, w.Ratio, 3)
	assert.Equal(t, yes, w.Reached)
}

func TestLIBLINEARMayNotConverge(t *testing.T) {
	r := fakeRunner(t)
	fakeStages(t, r)
	bin := t.TempDir()
	script(t, filepath.Join(bin, "liblinear-train"), `for a; do to=$a; done; echo bad >"$to"`)
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	_, err := r.measure(context.Background(), map[string]bool{"logistic": true})
	assert.ErrorContains(t, err, "with no tolerance does LIBLINEAR come within 0.001 of the optimum")
}

func TestRowsThatGrow(t *testing.T) {
	if testing.Short() {
		t.Skip("runs real stages for some seconds")
	}
	r := fakeRunner(t)
	rows := rowsOf(t, r, "chars", "growth", "memory")
	assert.Len(t, rows, 5)
	w := rows[what("memory")]
	mib, err := strconv.ParseFloat(bare(w.Ours[0]), 64)
	require.NoError(t, err)
	assert.Greater(t, mib, 5.0, "less a Go program never takes")
	w = rows[what("chars")]
	assert.Contains(t, w.Reference[0], "150 sentences/s") // 300 in two seconds
	assert.Equal(t, yes, w.Reached)
	w = rows[what("growth")+": vectorise"]
	assert.Len(t, w.Reference, 2)
	assert.Len(t, w.Ours, 2)
	assert.Len(t, w.Ratio, 1)
	assert.NotEqual(t, notMeasured, w.Reached)
}

func TestRowsWithoutPeers(t *testing.T) {
	r := fakeRunner(t)
	fakeStages(t, r)
	r.runs, r.sizes = 2, []int{600}
	for p := range numPeers {
		r.peers[p].missing = []string{"it"}
	}
	rows := rowsOf(t, r, "classify", "file", "limit", "latency", "chars", "vectorise", "svm", "multinomial", "memory", "growth")
	for name, w := range rows {
		assert.Empty(t, w.Reached, name)
		for _, line := range w.Reference {
			assert.Contains(t, line, "not installed", name)
		}
	}
	assert.Equal(t, []string{"LIBLINEAR: not installed"}, rows[what("svm")].Reference)
	assert.Equal(t, []string{"fastText: not installed"}, rows[what("file")].Reference)
	assert.Equal(t, []string{"the limit program: not installed"}, rows[what("limit")].Reference)
	assert.Equal(t, []string{"LIBLINEAR: not installed", "scikit-learn: not installed"}, rows[what("memory")].Reference)
}

func TestAFailingRowLeavesTheOthers(t *testing.T) {
	r := fakeRunner(t)
	require.NoError(t, r.corpora(context.Background()))
	t.Setenv("FASTTEXT_SAMPLE", "nothing")
	rows, err := r.measure(context.Background(), map[string]bool{"file": true, "threads": true, "vectorise": true})
	assert.ErrorContains(t, err, "file: fastText")
	assert.ErrorContains(t, err, "scikit-learn finds 1 columns and we find")
	require.Len(t, rows, 3)
	assert.Contains(t, rows[0].verdict(), "failed: ")
	assert.Empty(t, rows[1].Failed)
	assert.NotEmpty(t, rows[1].Ours)
	assert.Contains(t, rows[2].verdict(), "not the same work")
}

func TestMeasuringStops(t *testing.T) {
	r := fakeRunner(t)
	ctx, cancel := context.WithCancel(context.Background())
	require.NoError(t, r.corpora(ctx))
	cancel()
	rows, err := r.measure(ctx, nil)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Nil(t, rows)
}

// The whole program, where nothing is installed: what is missing is named, and
// the README is filled.
func TestRunWithoutPeers(t *testing.T) {
	t.Setenv(asProgram, "1")
	scripts := fakeScripts(t)
	empty := t.TempDir()
	t.Setenv("PATH", empty)
	readme := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(readme, []byte("# Peers\n\n"+speedMarks.Begin+speedMarks.End), 0o644))
	args := []string{"run", "-scripts", scripts, "-sizes", "300", "-only", "vectorise", "-runs", "1", "-python", "no-such-python", "-readme", readme}
	status, stdout, stderr := try(args...)
	require.Equal(t, program.StatusDone, status, stderr)
	for _, remedy := range []string{"apt-get install python3-sklearn", "apt-get install liblinear-tools time", "apt-get install fasttext time"} {
		assert.Contains(t, stderr, remedy)
		assert.Contains(t, stdout, remedy)
	}
	assert.Contains(t, stdout, "scikit-learn: not installed")
	assert.Contains(t, stdout, stance.Version)
	raw, err := os.ReadFile(readme)
	require.NoError(t, err)
	assert.Contains(t, string(raw), "| fit the vectorizer and transform | scikit-learn: not installed |")
	assert.True(t, strings.HasSuffix(string(raw), speedMarks.End))

	work := filepath.Join(t.TempDir(), "work")
	status, stdout, stderr = try(append(args, "-format", "markdown", "-dir", work)...)
	require.Equal(t, program.StatusDone, status, stderr)
	assert.Contains(t, stdout, "| fit the vectorizer and transform | scikit-learn: not installed |")
	assert.FileExists(t, filepath.Join(work, "c300.tsv"))
}
