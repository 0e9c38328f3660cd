package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/data"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

// corpus is a small table of invented sentences, three topics of each label
// for each of eight groups.
func corpus() string {
	topics := [stance.NumLabels][]string{
		{"I believe the women of the %s", "the brave %s spoke and I am grateful", "#MeToo gave the %s courage"},
		{"this is a witch hunt against the %s", "the mob ruins the decent men of the %s", "the movement went too far with the %s"},
		{"the %s opens at seven", "tickets for the %s cost ten pounds", "the %s is on the second page"},
	}
	var b strings.Builder
	b.WriteString("id\tlabel\tgroup\ttarget\ttext\n")
	for g, place := range []string{"choir", "theatre", "court", "school", "newsroom", "kitchen", "studio", "club"} {
		for l, label := range stance.Labels() {
			for i, topic := range topics[l] {
				target := "movement"
				if i == 2 {
					target = "march"
				}
				fmt.Fprintf(&b, "%s-%v-%d\t%v\tg%d\t%s\t%s\n", place, label, i, label, g, target, fmt.Sprintf(topic, place))
			}
		}
	}
	return b.String()
}

// untargeted is the same without targets.
func untargeted() string {
	return strings.NewReplacer("\tmarch\t", "\t\t", "\tmovement\t", "\t\t").Replace(corpus())
}

func write(t *testing.T, dir, name, content string) string {
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	return path
}

// outcome is what a run of the program leaves.
type outcome struct {
	status         int
	stdout, stderr string
}

func train(args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := run(context.Background(), args, &stdout, &stderr, false)
	return outcome{status, stdout.String(), stderr.String()}
}

func TestTrain(t *testing.T) {
	dir := t.TempDir()
	tsv := write(t, dir, "corpus.tsv", corpus())
	untold := write(t, dir, "untold.tsv", untargeted())
	csv := write(t, dir, "corpus.csv", strings.ReplaceAll(untargeted(), "\t", ","))
	unnamed := write(t, dir, "corpus.txt", untargeted())
	jsonl := write(t, dir, "more.jsonl",
		`{"text":"the %s is closed","label":"neutral"}`+"\n"+`{"text":"I believe her","label":"pro"}`+"\n")
	d := stance.DefaultOptions()
	tests := []struct {
		name   string
		args   []string
		counts string
		check  func(t *testing.T, o stance.Options)
	}{
		{"settings of the default model", []string{untold}, "72 examples (FAVOR 24, AGAINST 24, NONE 24)", func(t *testing.T, o stance.Options) {
			assert.Equal(t, d.C, o.C)
			assert.Equal(t, d.Balanced, o.Balanced)
			assert.Equal(t, d.Algorithm, o.Algorithm)
			assert.Equal(t, len(d.Features.Blocks), len(o.Features.Blocks))
			assert.NotEmpty(t, o.Features.Lexicon)
		}},
		{"settings for another target", []string{"-target", "march", tsv}, "24 examples (FAVOR 8, AGAINST 8, NONE 8)", func(t *testing.T, o stance.Options) {
			assert.Equal(t, d.C, o.C)
			assert.Equal(t, len(d.Features.Blocks)-1, len(o.Features.Blocks))
			assert.Empty(t, o.Features.Lexicon)
		}},
		{"flags override", []string{"-C", "0.25", "-balanced=false", "-algorithm", "linear-svm", csv}, "72 examples (FAVOR 24, AGAINST 24, NONE 24)", func(t *testing.T, o stance.Options) {
			assert.Equal(t, 0.25, o.C)
			assert.False(t, o.Balanced)
			assert.Equal(t, stance.LinearSVM, o.Algorithm)
		}},
		{"balanced", []string{"-balanced", csv}, "72 examples (FAVOR 24, AGAINST 24, NONE 24)", func(t *testing.T, o stance.Options) { assert.True(t, o.Balanced) }},
		{"format", []string{"-format", "tsv", unnamed}, "72 examples (FAVOR 24, AGAINST 24, NONE 24)", nil},
		{"two files", []string{csv, jsonl}, "74 examples (FAVOR 25, AGAINST 24, NONE 25)", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			output := filepath.Join(t.TempDir(), "new.model")
			got := train(append([]string{"-o", output}, tt.args...)...)
			require.Zero(t, got.status, got.stderr)
			assert.Empty(t, got.stdout)
			assert.Regexp(t, `^trained [a-z-]+ \(C [0-9.]+, (not )?balanced\) on .*: \d+ features, \d+ iterations, temperature \d+\.\d{4}.*\n$`, got.stderr)
			assert.Contains(t, got.stderr, " on "+tt.counts+":")
			m, err := stance.LoadFile(output)
			require.NoError(t, err)
			assert.Equal(t, stance.Favor, m.Classify("#MeToo gave the choir courage").Label)
			assert.Equal(t, stance.Against, m.Classify("the movement went too far with the choir").Label)
			assert.Equal(t, stance.None, m.Classify("the choir is on the second page").Label)
			if tt.check != nil {
				tt.check(t, m.Options())
			}
		})
	}
}

// TestSameBytes also stands for -gold, of which TestGold checks that it differs
// in the examples alone.
func TestSameBytes(t *testing.T) {
	var first []byte
	for i, threads := range []int{1, 3} {
		dir := t.TempDir() // which must not matter, nor the name of the output
		tsv := write(t, dir, "corpus.tsv", corpus())
		output := filepath.Join(dir, fmt.Sprintf("%d.model", i))
		before := runtime.GOMAXPROCS(threads)
		got := train("-o", output, tsv)
		runtime.GOMAXPROCS(before)
		require.Zero(t, got.status, got.stderr)
		b, err := os.ReadFile(output)
		require.NoError(t, err)
		if first == nil {
			first = b
		}
		assert.True(t, bytes.Equal(first, b), "run %d", i)
		assert.NotContains(t, string(b), dir)
	}
}

func TestGold(t *testing.T) {
	c, err := parse([]string{"-gold", "-o", "default.model"})
	require.NoError(t, err)
	want := stance.DefaultOptions()
	want.Command = "train -gold"
	assert.Equal(t, want, c.options)
	examples, err := c.examples(io.Discard)
	require.NoError(t, err)
	assert.Equal(t, data.Gold().Examples(), examples)

	tsv := write(t, t.TempDir(), "corpus.tsv", corpus())
	c, err = parse([]string{"-gold", "-o", "default.model", tsv})
	require.NoError(t, err)
	both, err := c.examples(io.Discard)
	require.NoError(t, err)
	assert.Equal(t, examples, both[:len(examples)])
	assert.Len(t, both, len(examples)+72)
}

// The model file remembers what its content depends on, and no directory.
func TestProvenance(t *testing.T) {
	for args, want := range map[string]string{
		"-gold -press -o out/default.model":                               "train -gold -press",
		"-quiet -o=m -news some/where/articles -gold -incomplete -cv 5":   "train -gold -incomplete -news",
		"a/b.csv -balanced=false -C 0.3 -o m c\"d.tsv":                    `train -C=0.3 -balanced=false b.csv "c\"d.tsv"`,
		"-format tsv -targets shared -algorithm linear-svm -o m -- -x é%": "train -algorithm=linear-svm -format=tsv -targets=shared -- -x é%",
		"-cv 3 -grid -target Tram\u00a0line -o m x\xff":                   `train -cv=3 -grid "-target=Tram\u00a0line" "x\xff"`,
	} {
		c, err := parse(strings.Split(args, " "))
		require.NoError(t, err, args)
		assert.Equal(t, want, c.options.Command)
	}
}

func TestUsage(t *testing.T) {
	tests := []struct {
		name, args, want string
	}{
		{"nothing", "", "-o is missing"},
		{"no output", "-gold", "-o is missing"},
		{"no output and a file", "corpus.tsv -cv 2", "-o is missing"},
		{"no data", "-o m", "nothing to train on"},
		{"no data behind two dashes", "-o m --", "nothing to train on"},
		{"gold and target", "-gold -target march -o m", "-target cannot be used with -gold, -press or -news"},
		{"press and target", "-press -target march -o m", "-target cannot be used with -gold, -press or -news"},
		{"news and target", "-news dir -target march -o m", "-target cannot be used with -gold, -press or -news"},
		{"targets", "-gold -targets apart -o m", `invalid value "apart" for flag -targets: want shared, separate or ignored`},
		{"news of no name", "-gold -news= -o m", "-news needs the name of a directory"},
		{"incomplete without news", "-gold -incomplete -o m", "-incomplete needs -news"},
		{"flag after a file", "f -o m -verbose", "flag provided but not defined: -verbose"},
		{"C of zero", "-gold -C 0 -o m", "-C is 0, want a positive number"},
		{"negative C", "-gold -C -1 -o m", "-C is -1, want"},
		{"infinite C", "-gold -C Inf -o m", "-C is +Inf, want"},
		{"C that is no number", "-gold -C NaN -o m", "-C is NaN, want"},
		{"C of letters", "-gold -C much -o m", `invalid value "much" for flag -C`},
		{"one fold", "-gold -cv 1 -o m", "-cv is 1, want at least 2 folds"},
		{"no fold", "-gold -cv 0 -o m", "-cv is 0, want at least 2 folds"},
		{"grid and C", "-gold -grid -C 1 -o m", "-grid chooses C and -balanced"},
		{"grid and balanced", "-gold -grid -balanced=false -o m", "-grid chooses C and -balanced"},
		{"algorithm", "-gold -algorithm forest -o m", `unknown algorithm "forest"`},
		{"format", "-format xml -o m f", `invalid value "xml" for flag -format: want csv, tsv or jsonl`},
		{"flag", "-verbose", "flag provided but not defined: -verbose"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := train(strings.Fields(tt.args)...)
			assert.Equal(t, 2, got.status)
			assert.Empty(t, got.stdout)
			assert.Contains(t, got.stderr, "train: ")
			assert.Contains(t, got.stderr, tt.want)
			assert.True(t, strings.HasSuffix(got.stderr, "\n"+manual.Synopsis()), got.stderr)
		})
	}
}

func TestManual(t *testing.T) {
	got := train("-h")
	assert.Zero(t, got.status)
	assert.Empty(t, got.stderr)
	assert.Equal(t, manual.String(), got.stdout)
	assert.True(t, strings.HasPrefix(got.stdout, "Train trains a stance classifier"))
	for _, flag := range []string{"-gold", "-press", "-news DIR", "-incomplete", "-quiet", "-format csv|tsv|jsonl", "-target NAME", "-targets shared|separate|ignored", "-algorithm NAME", "-C X", "-balanced", "-cv K", "-grid", "-o MODEL"} {
		assert.Contains(t, got.stdout, "\n\t"+flag+"\n")
	}
	for _, a := range stance.Algorithms() {
		assert.Contains(t, got.stdout, a.String())
	}
	_, grid, _ := strings.Cut(got.stdout, "Choose C from ")
	grid, _, _ = strings.Cut(grid, ", and -balanced")
	for _, c := range gridC {
		assert.Contains(t, strings.Fields(strings.ReplaceAll(grid, ",", "")), strconv.FormatFloat(c, 'g', -1, 64))
	}
	assert.NotContains(t, got.stdout, "package main")
	assert.Equal(t, "usage:\n\ttrain [flags] -gold -o MODEL\n\ttrain [flags] -gold -press -news DIR -o MODEL\n\ttrain [flags] -o MODEL FILE ...\n\ttrain -h prints the manual\n", manual.Synopsis())
	assert.Equal(t, 1, run(context.Background(), []string{"-h"}, failingWriter{}, io.Discard, false))
}

func TestFailures(t *testing.T) {
	dir := t.TempDir()
	good := write(t, dir, "good.tsv", corpus())
	label := write(t, dir, "label.tsv", "text\tlabel\nYes.\tFAVOR\nNo.\tPRO?\n")
	object := write(t, dir, "object.jsonl", "{\"text\":\"Yes.\",\"label\":7}\n")
	empty := write(t, dir, "empty.csv", "text,label\n")
	alike := write(t, dir, "alike.csv", "text,label\nYes.,FAVOR\nYes!,FAVOR\n")
	tests := []struct {
		name string
		args []string
		want []string
	}{
		{"place of an unknown label", []string{label}, []string{label + `:3:2: unknown label "PRO?"`}},
		{"every file", []string{label, good, object}, []string{label + ":3:2: ", "\n" + object + ":1:24: "}},
		{"no such file", []string{"missing.tsv"}, []string{"missing.tsv: no such file"}},
		{"directory", []string{"-format", "tsv", dir}, []string{dir, "is a directory"}},
		{"unknown ending", []string{"corpus.doc"}, []string{"corpus.doc"}},
		{"no examples", []string{empty}, []string{"there are no examples to train on"}},
		{"one label", []string{alike}, []string{"nothing to tell apart"}},
		{"no such target", []string{"-target", "parade", good}, []string{`no example has the target "parade": the files have "movement", "march"`}},
		{"target of no examples", []string{"-target", "parade", empty}, []string{"the files have no examples"}},
		{"more folds than groups", []string{"-cv", "9", good}, []string{"in 8 groups cannot fill 9 folds"}},
		{"grid of more folds than groups", []string{"-grid", "-cv", "9", good}, []string{"in 8 groups cannot fill 9 folds"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			output := write(t, t.TempDir(), "old.model", "what was there before")
			got := train(append([]string{"-o", output}, tt.args...)...)
			assert.Equal(t, 1, got.status)
			for _, part := range tt.want {
				assert.Contains(t, got.stderr, part)
			}
			old, err := os.ReadFile(output)
			require.NoError(t, err)
			assert.Equal(t, "what was there before", string(old))
			left, err := os.ReadDir(filepath.Dir(output))
			require.NoError(t, err)
			assert.Len(t, left, 1, "nothing else is left behind")
		})
	}
}

func TestOutputIsChecked(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "file", "")
	tests := []struct{ name, output, want string }{
		{"directory", dir, "is a directory, want the name of a file"},
		{"no such directory", filepath.Join(dir, "missing", "new.model"), "no such file or directory"},
		{"in a file", filepath.Join(file, "new.model"), "is no directory"},
		{"device", os.DevNull, "is no regular file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// The data would be an error as well: the output comes first.
			got := train("-o", tt.output, "missing.tsv")
			assert.Equal(t, 1, got.status)
			assert.Contains(t, got.stderr, tt.want)
			assert.NotContains(t, got.stderr, "missing.tsv")
		})
	}
}

// A model that takes the place of the corpus would destroy it.
func TestCorpusIsNotWrittenOver(t *testing.T) {
	tsv := write(t, t.TempDir(), "corpus.tsv", corpus())
	got := train("-o", tsv, tsv)
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stderr, "corpus.tsv would be written over: -o names a file that is to be read")
	after, err := os.ReadFile(tsv)
	require.NoError(t, err)
	assert.Equal(t, corpus(), string(after))
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := t.TempDir()
	tsv := write(t, dir, "corpus.tsv", corpus())
	output := filepath.Join(dir, "new.model")
	var stderr bytes.Buffer
	assert.Equal(t, 1, run(ctx, []string{"-o", output, tsv}, io.Discard, &stderr, false))
	assert.Equal(t, "train: interrupted\n", stderr.String())
	assert.NoFileExists(t, output)
}

func TestProgress(t *testing.T) {
	dir := t.TempDir()
	tsv := write(t, dir, "corpus.tsv", corpus())
	args := []string{"-cv", "2", "-o", filepath.Join(dir, "new.model"), tsv}
	for _, terminal := range []bool{false, true} {
		var stdout, stderr bytes.Buffer
		require.Zero(t, run(context.Background(), args, &stdout, &stderr, terminal))
		assert.NotContains(t, stdout.String(), "\x1b")
		assert.Equal(t, terminal, strings.Contains(stderr.String(), "fold 2 of 2"))
		assert.Equal(t, terminal, strings.Contains(stderr.String(), "\x1b"))
		assert.Equal(t, terminal, strings.Contains(stderr.String(), program.EraseLine+"trained "), "the last line stands alone")

		stderr.Reset()
		require.Zero(t, run(context.Background(), append([]string{"-quiet"}, args...), io.Discard, &stderr, terminal))
		assert.Regexp(t, `^trained [^\n]*\n$`, stderr.String(), "-quiet leaves the last line alone")
	}
}

func TestFlagsAndFilesInAnyOrder(t *testing.T) {
	for _, tt := range []struct {
		args  string
		files []string
	}{
		{"-o m -cv 3 a b", []string{"a", "b"}},
		{"a b -cv 3 -o m", []string{"a", "b"}},
		{"a -cv 3 b -o m", []string{"a", "b"}},
		{"-cv=3 a -o=m -- b -grid", []string{"a", "b", "-grid"}},
		{"-cv=3 -o m -- -C", []string{"-C"}},
		{"-cv=3 -o m -- a -- b", []string{"a", "--", "b"}},
	} {
		c, err := parse(strings.Fields(tt.args))
		require.NoError(t, err, tt.args)
		assert.Equal(t, tt.files, c.files, tt.args)
		assert.Equal(t, "m", c.output, tt.args)
		assert.Equal(t, 3, c.folds, tt.args)
		assert.False(t, c.grid, tt.args)
	}
	_, err := parse([]string{"a", "-h"})
	assert.ErrorIs(t, err, flag.ErrHelp)
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestTablesCannotBeWritten(t *testing.T) {
	dir := t.TempDir()
	tsv := write(t, dir, "corpus.tsv", corpus())
	output := filepath.Join(dir, "new.model")
	for _, flag := range []string{"-cv=2", "-grid"} {
		var stderr bytes.Buffer
		assert.Equal(t, 1, run(context.Background(), []string{flag, "-o", output, tsv}, failingWriter{}, &stderr, false))
		assert.Equal(t, "full\n", stderr.String())
		assert.NoFileExists(t, output)
	}
}
