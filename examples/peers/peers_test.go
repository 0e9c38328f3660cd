package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The samples are invented, in the form that the scripts write.

func TestParseSklearn(t *testing.T) {
	r, err := parseSklearn([]byte(`{"task": "predict", "import_s": 1.5, "predict": {"median_s": 0.5, "min_s": 0.4, "runs": 5},
		"heldout_acc": 0.75, "latency1_us": {"p50": 510.5, "p90": 600.0, "p99": 720.25, "n": 2000}, "peak_rss_MiB": 321.5}`))
	require.NoError(t, err)
	require.NotNil(t, r.Predict)
	assert.Equal(t, 0.5, r.Predict.Median)
	require.NotNil(t, r.Latency)
	assert.Equal(t, 510.5, r.Latency.P50)
	assert.Equal(t, 720.25, r.Latency.P99)
	assert.Equal(t, 0.75, r.Accuracy)
	assert.Equal(t, 321.5, r.PeakMiB)
	assert.Nil(t, r.Fit)
	assert.Empty(t, r.stopped())

	r, err = parseSklearn([]byte(`{"task": "fit:lsvc_dual", "fit": {"median_s": 2}, "shape": [10, 20], "nnz": 30, "warnings": ["ConvergenceWarning"]}`))
	require.NoError(t, err)
	assert.Equal(t, 2.0, r.Fit.Median)
	assert.Equal(t, []int{10, 20}, r.Shape)
	assert.NotEmpty(t, r.stopped())

	_, err = parseSklearn([]byte("Traceback"))
	assert.ErrorContains(t, err, sklearnScript)
}

const libLinearSample = "file\twhat\twall_s\tuser_s\tsys_s\tpeak_KiB\tlast_line\n" +
	"c.svm\tread\t1.50\t1.40\t0.10\t100000\t\n" +
	"c.svm\ttrain -s 7 -e 0.01\t4.25\t4.20\t0.05\t204800\t\n" +
	"c.svm\tpredict -s 7 -e 0.01\t2.00\t1.90\t0.10\t90000\tAccuracy = 90% (9/10)\n"

func TestParseLIBLINEAR(t *testing.T) {
	r, err := parseLIBLINEAR([]byte(libLinearSample))
	require.NoError(t, err)
	assert.Equal(t, &libLinearResult{Read: 1.5, Train: 4.25, PeakBytes: 200 << 20}, r)
}

const fastTextSample = "corpus\twhat\tthreads\tdim\twall_s\tuser_s\tsys_s\tpeak_KiB\tlines\tbytes\tnote\n" +
	"c.tsv\ttrain\t1\t10\t3.50\t3.40\t0.10\t200000\t1000\t115000\tmodel 5 bytes; heldout P@1\t0.7\n" +
	"c.tsv\tpredict 1 line (load)\t1\t10\t0.25\t0.20\t0.05\t100000\t1000\t115000\t\n" +
	"c.tsv\tpredict\t1\t10\t1.25\t1.20\t0.05\t100000\t1000\t115000\t\n"

func TestParseFastText(t *testing.T) {
	r, err := parseFastText([]byte(fastTextSample))
	require.NoError(t, err)
	assert.Equal(t, &fastTextResult{Load: 0.25, Predict: 1.25, Lines: 1000}, r)
}

func TestParseTablesErrors(t *testing.T) {
	lib := func(raw []byte) error { _, err := parseLIBLINEAR(raw); return err }
	fast := func(raw []byte) error { _, err := parseFastText(raw); return err }
	for _, tt := range []struct {
		name            string
		parse           func([]byte) error
		sample          string
		old, new, wants string
	}{
		{"another header", lib, libLinearSample, "wall_s", "wall_ms", "the header is"},
		{"too few fields", lib, libLinearSample, "\t1.40\t0.10\t100000\t", "", "line 2: 3 fields, want 7"},
		{"no number", lib, libLinearSample, "4.25", "long", "line 3: "},
		{"no memory", lib, libLinearSample, "204800", "much", "line 3: "},
		{"failed", lib, libLinearSample, "204800\t", "204800\tfail", "train -s 7 -e 0.01 failed"},
		{"no training", lib, libLinearSample, "train", "strain", "no line on training"},
		{"another header", fast, fastTextSample, "dim", "dims", "the header is"},
		{"no number", fast, fastTextSample, "1.25", "long", "line 4: "},
		{"no prediction", fast, fastTextSample, "predict\t", "predicts\t", "no line on prediction"},
		{"empty", fast, fastTextSample, fastTextSample, "", "the header is"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			broken := strings.Replace(tt.sample, tt.old, tt.new, 1)
			require.NotEqual(t, tt.sample, broken)
			assert.ErrorContains(t, tt.parse([]byte(broken)), tt.wants)
		})
	}
}

const limitSample = `corpus: 10 sentences, 1150 bytes (115.0 each); go1.26, GOMAXPROCS=1

| stage | sentences/s | MB/s | ns/sentence | min-max ns/sentence |
|---|---:|---:|---:|---|
| 6 exact vocabulary (min df 1 over first 10: 20 n-grams, 1 MiB) + tf-idf + L2 + 3 scores | 800000 | 92.0 | 1250.0 | 1200.0-1300.0 |
| 6f SWAR + filter dedupe + exact vocabulary (min df 1) | 1000000 | 115.0 | 1000.0 | 990.0-1010.0 |
| 6f SWAR + filter dedupe + exact vocabulary (min df 2) | 1100000 | 126.5 | 909.1 | 900.0-920.0 |
`

func TestParseLimit(t *testing.T) {
	speed, err := parseLimit([]byte(limitSample))
	require.NoError(t, err)
	assert.Equal(t, 1e6, speed)
	_, err = parseLimit([]byte(strings.ReplaceAll(limitSample, "6f", "5f")))
	assert.ErrorContains(t, err, "no stage 6f")
	_, err = parseLimit([]byte(strings.ReplaceAll(limitSample, "1000000", "fast")))
	assert.ErrorContains(t, err, "stage 6f")
}

func FuzzParsePeers(f *testing.F) {
	f.Add(libLinearSample)
	f.Add(fastTextSample)
	f.Add(limitSample)
	f.Add(`{"fit": null, "shape": [1]}`)
	f.Fuzz(func(t *testing.T, raw string) {
		// Whatever a program prints is a result that makes sense or an error.
		if r, err := parseLIBLINEAR([]byte(raw)); err == nil {
			assert.NotZero(t, r.Train)
		}
		if r, err := parseFastText([]byte(raw)); err == nil {
			assert.NotZero(t, r.Lines)
		}
		_, _ = parseLimit([]byte(raw))
		if r, err := parseSklearn([]byte(raw)); err == nil {
			assert.NotNil(t, r)
		}
	})
}

func TestDetectSaysWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	found := detect(context.Background(), "no-such-python")
	for p := range numPeers {
		assert.NotEmpty(t, found[p].missing, p)
	}
	assert.Contains(t, found[libLinear].missing, "liblinear-train")
	assert.Contains(t, found[fastText].missing, "fasttext")
	assert.Equal(t, []string{"go"}, found[limitProgram].missing)
	assert.Equal(t, []string{"sklearn for no-such-python"}, found[scikitLearn].missing)

	assert.Equal(t, "apt-get install python3-sklearn", scikitLearn.remedy())
	assert.Equal(t, "apt-get install liblinear-tools time", libLinear.remedy())
	assert.Equal(t, "apt-get install fasttext time", fastText.remedy())
	assert.Contains(t, limitProgram.remedy(), "install Go")
}

func TestDetectFindsWhatIsThere(t *testing.T) {
	bin := t.TempDir()
	for _, name := range []string{"fasttext", "liblinear-train", "liblinear-predict", "go", "bash", "awk", "sed"} {
		script(t, filepath.Join(bin, name), "exit 0")
	}
	script(t, filepath.Join(bin, "dpkg-query"), `case $4 in liblinear-tools) printf 2.3.0+dfsg-5;; fasttext) printf 0.9.2+ds-1+b1;; *) exit 1;; esac`)
	python := script(t, filepath.Join(bin, "python"), "echo 1.2.1")
	t.Setenv("PATH", bin)
	found := detect(context.Background(), python)
	assert.Equal(t, installation{version: "1.2.1"}, found[scikitLearn])
	assert.Equal(t, "2.3.0", found[libLinear].version)
	assert.Equal(t, "0.9.2", found[fastText].version)
	assert.Empty(t, found[limitProgram].missing)
	assert.NotContains(t, found[libLinear].missing, "liblinear-train")
	assert.Empty(t, packageVersion(context.Background(), "unheard-of"))
}

// script writes a shell script and returns its path.
func script(t testing.TB, path, body string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755))
	return path
}

func TestCheckScripts(t *testing.T) {
	dir := t.TempDir()
	assert.ErrorIs(t, checkScripts(filepath.Join(dir, "none")), fs.ErrNotExist)
	for _, name := range []string{sklearnScript, libLinearScript, fastTextScript} {
		script(t, filepath.Join(dir, name), "")
	}
	assert.ErrorContains(t, checkScripts(dir), "main.go")
	script(t, filepath.Join(dir, limitDir, "main.go"), "")
	assert.NoError(t, checkScripts(dir))
}

func TestCommand(t *testing.T) {
	dir := t.TempDir()
	ok := script(t, filepath.Join(dir, "ok"), `echo "$GREETING $1 in $(pwd)"`)
	out, peak, err := command(context.Background(), []string{"GREETING=hello"}, dir, ok, "world")
	require.NoError(t, err)
	resolved, err := filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	assert.Contains(t, []string{"hello world in " + dir + "\n", "hello world in " + resolved + "\n"}, string(out))
	assert.Positive(t, peak)

	broken := script(t, filepath.Join(dir, "broken"), `echo "first line" >&2; echo "KeyError: 'x'" >&2; exit 3`)
	_, _, err = command(context.Background(), nil, "", broken, "task")
	assert.ErrorContains(t, err, "broken task")
	assert.ErrorContains(t, err, "exit status 3")
	assert.ErrorContains(t, err, "KeyError: 'x'")
	assert.NotContains(t, err.Error(), "first line")

	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errors.New("enough"))
	_, _, err = command(ctx, nil, "", ok)
	assert.ErrorIs(t, err, context.Canceled)
}
