package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
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

// asProgram makes the test binary be the program, so that stages can be run in
// processes of their own.
const asProgram = "PEERS_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// try runs the program within the test.
func try(args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(context.Background(), args, &out, &err)
	return status, out.String(), err.String()
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args string
		want string
	}{
		{"", "want corpus, run, quality or stage"},
		{"walk", `unknown command "walk"`},
		{"-quiet", "want corpus, run, quality or stage"},
		{"-quiet walk", `unknown command "walk"`},
		{"-silent corpus", "flag provided but not defined: -silent"},
		{"corpus -o f", "-n is 0"},
		{"corpus -n -3 -o f", "-n is -3"},
		{"corpus -n 3", "-o is missing"},
		{"corpus -n 3 -o f g", `unexpected argument "g"`},
		{"corpus -n many", "invalid value"},
		{"run", "-scripts is missing"},
		{"run -scripts d e", `unexpected argument "e"`},
		{"run -scripts d -runs 0", "-runs is 0"},
		{"run -scripts d -sizes 10,x", `"x" is no number of sentences`},
		{"run -scripts d -sizes 0", `"0" is no number of sentences`},
		{"run -scripts d -sizes 10,10", "10 does not exceed the size before it"},
		{"run -scripts d -only classify,sing", `there is no row "sing"`},
		{"run -scripts d -format html", "want text or markdown"},
		{"run -scripts d -speed", "flag provided but not defined"},
		{"quality all", `unexpected argument "all"`},
		{"quality -only goml,sing", `there is no library "sing", only default, bayesian`},
		{"quality -format html", "want text or markdown"},
		{"quality -runs 2", "flag provided but not defined"},
		{"stage", "which one?"},
		{"stage sing", `none with the name "sing"`},
		{"stage train -runs 0", "-runs is 0"},
		{"stage train -loss hinge", "invalid value"},
		{"stage train -algorithm guess", "invalid value"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			status, stdout, stderr := try(strings.Fields(tt.args)...)
			assert.Equal(t, program.StatusUsage, status)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, tt.want)
			assert.Contains(t, stderr, "peers [-quiet] run -scripts DIR [flags]")
		})
	}
}

func TestManual(t *testing.T) {
	for _, args := range []string{"-h", "--help", "-quiet -h", "help", "run -h", "quality -h", "corpus -help", "stage train -h"} {
		status, stdout, stderr := try(strings.Fields(args)...)
		assert.Equal(t, program.StatusDone, status)
		assert.True(t, strings.HasPrefix(stdout, "Peers measures"), stdout)
		assert.Empty(t, stderr)
	}
}

func TestFailures(t *testing.T) {
	dir := t.TempDir()
	none := filepath.Join(dir, "none")
	broken := filepath.Join(dir, "broken.tsv")
	require.NoError(t, os.WriteFile(broken, []byte("FAVOR\tone\nno tab\n"), 0o644))
	scripts := fakeScripts(t)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"corpus", "-n", "3", "-o", filepath.Join(none, "c.tsv")}, "no such file"},
		{[]string{"run", "-scripts", none}, "-scripts " + none},
		{[]string{"run", "-scripts", scripts, "-readme", none}, "no such file"},
		{[]string{"run", "-scripts", scripts, "-readme", broken}, "there is no line <!-- peers:begin -->"},
		{[]string{"run", "-scripts", scripts, "-dir", filepath.Join(broken, "dir")}, "not a directory"},
		{[]string{"stage", "vectorise", "-corpus", broken}, broken + ":2: no tab"},
		{[]string{"stage", "train", "-corpus", none}, "no such file"},
		{[]string{"stage", "classify", "-model", none}, "no such file"},
		{[]string{"stage", "latency", "-model", broken}, "model"},
		{[]string{"stage", "objective", "-corpus", none}, "no such file"},
		{[]string{"quality", "-readme", none}, "no such file"},
		{[]string{"quality", "-readme", broken}, "there is no line <!-- quality:begin -->"},
		{[]string{"quality", "-dir", filepath.Join(broken, "dir")}, "not a directory"},
		{[]string{"stage", "library", "-library", "sing"}, `there is no library "sing"`},
		{[]string{"stage", "library", "-library", "goml", "-fold", "5"}, "-fold is 5, want 0 to 4"},
		{[]string{"stage", "folds", "-fold", "-1"}, "-fold is -1, want 0 to 4"},
		{[]string{"stage", "folds", "-o", filepath.Join(broken, "dir")}, "not a directory"},
		{[]string{"stage", "rows", "-o", none}, "no such file"},
	} {
		t.Run(strings.Join(tt.args[:2], " "), func(t *testing.T) {
			status, stdout, stderr := try(tt.args...)
			assert.Equal(t, program.StatusFailure, status)
			assert.Empty(t, stdout)
			assert.Contains(t, stderr, tt.want)
		})
	}
}

// With -quiet standard error has the errors alone.
func TestQuiet(t *testing.T) {
	t.Setenv(asProgram, "1")
	t.Setenv("PATH", t.TempDir())
	args := []string{"run", "-scripts", fakeScripts(t), "-sizes", "300", "-only", "vectorise", "-runs", "1", "-python", "no-such-python"}
	status, _, stderr := try(args...)
	require.Equal(t, program.StatusDone, status, stderr)
	assert.Contains(t, stderr, "preparing ")

	status, stdout, stderr := try(append([]string{"-quiet"}, args...)...)
	require.Equal(t, program.StatusDone, status, stderr)
	assert.Empty(t, stderr)
	assert.Contains(t, stdout, "apt-get install python3-sklearn", "the table names what is missing")

	status, _, stderr = try("-quiet", "stage", "sing")
	assert.Equal(t, program.StatusUsage, status)
	assert.Contains(t, stderr, `none with the name "sing"`)
	status, _, stderr = try("-quiet", "stage", "train", "-corpus", filepath.Join(t.TempDir(), "none"))
	assert.Equal(t, program.StatusFailure, status)
	assert.Contains(t, stderr, "no such file")
}

func TestCorpusCommand(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.tsv")
	status, stdout, stderr := try("corpus", "-n", "20", "-o", path, "-seed", "7")
	assert.Equal(t, program.StatusDone, status, stderr)
	assert.Contains(t, stdout, path+": 20 sentences")
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, corpusOf(t, 20, 7), string(raw))
}

// stage runs a stage within the test and returns what it prints.
func stage(t testing.TB, args ...string) *stageResult {
	t.Helper()
	status, stdout, stderr := try(append([]string{"stage"}, args...)...)
	require.Equal(t, program.StatusDone, status, stderr)
	r := &stageResult{}
	require.NoError(t, json.Unmarshal([]byte(stdout), r))
	return r
}

func TestStages(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(path("c.tsv"), []byte(corpusOf(t, 400, 1)), 0o644))
	const fresh = warmUp + latencies
	require.NoError(t, os.WriteFile(path("f.tsv"), []byte(corpusOf(t, fresh, 2)), 0o644))

	v := stage(t, "vectorise", "-corpus", path("c.tsv"), "-runs", "2")
	assert.Equal(t, 400, v.Sentences)
	assert.Len(t, v.FitTransformSeconds, 2)
	assert.Len(t, v.TransformSeconds, 2)
	assert.Greater(t, v.NonZeros, 400)
	characters := stage(t, "vectorise", "-corpus", path("c.tsv"), "-characters")
	assert.Greater(t, characters.Columns, v.Columns)

	trained := stage(t, "train", "-corpus", path("c.tsv"), "-o", path("m"), "-rows", "-runs", "2")
	assert.Equal(t, v.Columns, trained.Columns)
	assert.Len(t, trained.Seconds, 2)
	assert.Len(t, trained.Seconds, 2)
	assert.Positive(t, trained.Objective)
	assert.Positive(t, trained.Iterations)
	m, err := stance.LoadFile(path("m"))
	require.NoError(t, err)
	assert.Equal(t, stance.LogisticOneVsRest, m.Options().Algorithm)
	require.Len(t, m.Options().Features.Blocks, 1)
	assert.Equal(t, 2, m.Options().Features.Blocks[0].MaxN)

	c := stage(t, "classify", "-model", path("m"), "-text", path("c.tsv"))
	assert.Greater(t, c.Accuracy, 0.9, "of what was trained on")
	assert.Len(t, c.Seconds, 1)
	assert.Equal(t, 400, c.Sentences)

	f := stage(t, "file", "-model", path("m"), "-text", path("c.tsv"), "-o", path("labels"))
	assert.Equal(t, 400, f.Sentences)
	raw, err := os.ReadFile(path("labels"))
	require.NoError(t, err)
	var want strings.Builder
	for _, e := range examplesOf(t, 400, 1) {
		fmt.Fprintln(&want, m.Classify(e.Text).Label)
	}
	assert.Equal(t, want.String(), string(raw))

	l := stage(t, "latency", "-model", path("m"), "-text", path("f.tsv"))
	assert.Less(t, l.Allocations, 50.0, "the race detector allocates; without it there is none")
	assert.LessOrEqual(t, l.P50, l.P90)
	assert.LessOrEqual(t, l.P90, l.P99)
	assert.Positive(t, l.P50)
	status, _, stderr := try("stage", "latency", "-model", path("m"), "-text", path("c.tsv"))
	assert.Equal(t, program.StatusFailure, status)
	assert.Contains(t, stderr, "400 sentences, want at least "+strconv.Itoa(fresh))

	x := stage(t, "matrix", "-corpus", path("c.tsv"), "-o", path("c.svm"))
	assert.Equal(t, v.NonZeros, x.NonZeros)
	o := stage(t, "objective", "-corpus", path("c.tsv"), path("m"))
	require.Len(t, o.Objectives, 1)
	assert.InEpsilon(t, trained.Objective, o.Objectives[0], 1e-5)

	other := stage(t, "train", "-corpus", path("f.tsv"), "-o", path("other"), "-tolerance", "0.1")
	assert.NotEqual(t, v.Columns, other.Columns)
	status, _, stderr = try("stage", "objective", "-corpus", path("c.tsv"), path("other"))
	assert.Equal(t, program.StatusFailure, status)
	assert.Contains(t, stderr, "columns, want")
}

func TestField(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	require.NoError(t, os.WriteFile(path, []byte("a b\t: 1\nc: 2\nc: 3\n"), 0o644))
	assert.Equal(t, "1", field(path, "a b", ":"))
	assert.Equal(t, "2", field(path, "c", ":"))
	assert.Empty(t, field(path, "d", ":"))
	assert.Empty(t, field(path+".none", "c", ":"))
}
