package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/memfs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// Beam has a flag -update of its own.
var update = flag.Bool("update-readme", false, "write anew what the README shows")

// asProgram makes the test binary be the program, so that bench can run it in
// processes of their own.
const asProgram = "BEAM_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr, false))
	}
	flag.Parse()
	os.Exit(m.Run())
}

// outcome is what a run of the program leaves.
type outcome struct {
	status         int
	stdout, stderr string
}

// try runs the program within the test.
func try(args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := run(context.Background(), args, &stdout, &stderr, false)
	return outcome{status, stdout.String(), stderr.String()}
}

// files writes files into a directory of the test and returns their paths in
// the order of the arguments, which are names and contents in turn.
func files(t testing.TB, namesAndContents ...string) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for i := 0; i < len(namesAndContents); i += 2 {
		path := filepath.Join(dir, namesAndContents[i])
		require.NoError(t, os.WriteFile(path, []byte(namesAndContents[i+1]), 0o644))
		paths = append(paths, path)
	}
	return paths
}

// output is what the program has written.
type output struct {
	results  []jsonResult
	failures []jsonFailure
	counts   string
}

// label runs the program, which must succeed and leave its three files and
// nothing else.
func label(t testing.TB, args ...string) output {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	got := try(append([]string{"-o", dir}, args...)...)
	require.Equal(t, program.StatusDone, got.status, got.stderr)
	assert.Empty(t, got.stdout)
	return readOutput(t, dir)
}

func readOutput(t testing.TB, dir string) output {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	require.Equal(t, []string{countsFile, failuresFile, resultsFile}, names)
	raw, err := os.ReadFile(filepath.Join(dir, countsFile))
	require.NoError(t, err)
	return output{
		readLines[jsonResult](t, filepath.Join(dir, resultsFile)),
		readLines[jsonFailure](t, filepath.Join(dir, failuresFile)),
		string(raw),
	}
}

func readLines[T any](t testing.TB, path string) []T {
	t.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	var all []T
	for line := range strings.Lines(string(raw)) {
		var v T
		d := json.NewDecoder(strings.NewReader(line))
		d.DisallowUnknownFields()
		require.NoError(t, d.Decode(&v), line)
		all = append(all, v)
	}
	return all
}

// want is the result of a sentence, by the library.
func want(m *stance.Model, source string, line int, id, day, text string) jsonResult {
	p := m.Classify(text)
	return jsonResult{
		Source: source, Line: line, ID: id, Day: day, Label: p.Label,
		PFavor: p.Probabilities[0], PAgainst: p.Probabilities[1], PNone: p.Probabilities[2],
	}
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"", "-o is missing"},
		{"a.jsonl", "-o is missing"},
		{"-o", "flag needs an argument: -o"},
		{"-o out", "which files should be labelled?"},
		{"-o out a.jsonl b.tsv a.jsonl", "a.jsonl is named twice"},
		{"-o out a.csv", "a.csv: its name does not tell its format"},
		{"-o out -", "-: its name does not tell its format"},
		{"-o out a.jsonl -color", "flag provided but not defined: -color"},
		{"-o out a.jsonl -format xml", "want jsonl, tsv or text"},
		{"-o out a.jsonl -min-confidence 1.1", "-min-confidence is 1.1, want a probability"},
		{"-o out a.jsonl -min-confidence NaN", "-min-confidence is NaN, want a probability"},
		{"-o out a.jsonl -max-line 0", "-max-line is 0, want at least 1"},
		{"-o out a.jsonl -workers 0", "-workers is 0, want at least 1"},
		{"-o out a.jsonl -runner nobody", `-runner is "nobody", want one of prism`},
		{"bench all", `bench: unexpected argument "all"`},
		{"bench -n 0", "bench: -n is 0"},
		{"bench -runs 0", "bench: -runs is 0"},
		{"bench -workers 1,x", "bench: invalid value"},
		{"bench -workers 1,9", "want numbers from 1 to 8"},
		{"bench -workers 2,1", "the first must be 1"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Cleanup(func() { require.NoError(t, flag.Set("runner", "")) })
			got := try(strings.Fields(tt.args)...)
			assert.Equal(t, program.StatusUsage, got.status)
			assert.Empty(t, got.stdout)
			assert.Contains(t, got.stderr, tt.want)
			assert.Contains(t, got.stderr, "beam [flags] -o DIR FILE ...")
		})
	}
}

func TestManual(t *testing.T) {
	for _, args := range []string{"-h", "-help", "bench -h", "-o out a.jsonl -h"} {
		got := try(strings.Fields(args)...)
		assert.Equal(t, program.StatusDone, got.status)
		assert.Equal(t, manual.String(), got.stdout)
		assert.Empty(t, got.stderr)
	}
	// Every flag stands in the manual.
	for _, name := range []string{"o", "format", "model", "min-confidence", "max-line", "text", "workers", "quiet", "verbose", "runner", "endpoint", "environment_type", "environment_config"} {
		assert.Contains(t, manual.String(), "\t-"+name, name)
	}
}

func TestBeamsFlags(t *testing.T) {
	t.Cleanup(func() { require.NoError(t, errors.Join(flag.Set("runner", ""), flag.Set("async", "false"))) })
	c, err := parseCommand([]string{"a.jsonl", "-runner", "flink", "-o", "out/", "--beam_strict=false", "--", "-b.tsv"})
	require.NoError(t, err)
	assert.Equal(t, "flink", c.runner)
	assert.Equal(t, 1, c.workers, "the runner decides")
	assert.Equal(t, "out", c.output)
	assert.Equal(t, []string{"a.jsonl", "-b.tsv"}, c.files)
	_, err = parseCommand([]string{"-o", "out", "a.jsonl", "-async"})
	assert.ErrorContains(t, err, "-async is not possible")
}

func TestLabel(t *testing.T) {
	const favor, none = "I believe the women who spoke, and I am grateful that they did.", "The vote is on Tuesday."
	paths := files(t,
		"b.jsonl", `{"id":7,"time":"2018-01-31T23:30:00-05:00","text":"`+favor+`"}`+"\r\n"+
			`{"text":"`+none+`","time":"","id":"x","label":{"not":"read"}}`,
		"a.tsv", "time\ttext\tmore\n2018-01-31\t"+none+"\t1\n2018-02-30\t"+none+"\t2\n",
		"c.txt", "A headline about the vote\n\n"+favor+" "+none+"\nAnd so on.\n")
	b, a, c := paths[0], paths[1], paths[2]
	m := stance.Default()
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	got := label(t, paths...)
	left, err := os.ReadDir(temporary)
	require.NoError(t, err)
	assert.Empty(t, left)
	wantResults := []jsonResult{
		want(m, b, 1, "7", "2018-02-01", favor),
		want(m, b, 2, "x", "", none),
		want(m, a, 2, "", "2018-01-31", none),
		want(m, c, 1, "1", "", "A headline about the vote"),
		want(m, c, 3, "2", "", favor),
		want(m, c, 3, "3", "", none),
		want(m, c, 4, "4", "", "And so on."),
	}
	assert.Equal(t, wantResults, got.results)
	assert.Equal(t, []jsonFailure{{
		Source: a, Line: 3, Reason: `"2018-02-30" is no time, want one like 2018-01-31 or 2018-01-31T15:04:05Z`, Text: none,
	}}, got.failures)
	assert.Equal(t, countsOf(got.results), got.counts)
}

// countsOf counts results in another way than the pipeline.
func countsOf(results []jsonResult) string {
	days := map[string]map[stance.Label]int{}
	for _, r := range results {
		if days[r.Day] == nil {
			days[r.Day] = map[stance.Label]int{}
		}
		days[r.Day][r.Label]++
	}
	var b strings.Builder
	b.WriteString("day\tlabel\tcount\n")
	for _, day := range slices.Sorted(maps.Keys(days)) {
		for _, l := range []stance.Label{stance.Unlabelled, stance.Favor, stance.Against, stance.None} {
			if n := days[day][l]; n > 0 {
				fmt.Fprintf(&b, "%s\t%v\t%d\n", day, l, n)
			}
		}
	}
	return b.String()
}

func TestModelTextAndAbstention(t *testing.T) {
	m, err := stance.Train(context.Background(), []stance.Example{
		{Text: "We stand with the women who spoke.", Label: stance.Favor},
		{Text: "It is a witch hunt and nothing else.", Label: stance.Against},
		{Text: "The hall opens at seven.", Label: stance.None},
	}, stance.Options{CalibrationFolds: -1})
	require.NoError(t, err)
	model := filepath.Join(t.TempDir(), "tiny.model")
	require.NoError(t, m.SaveFile(model))
	const text = "The hall opens at seven, they say."
	path := files(t, "a.jsonl", `{"time":"2018-01-31","text":"`+text+`"}`+"\n")[0]

	got := label(t, path, "-model", model, "-text")
	r := want(m, path, 1, "", "2018-01-31", text)
	r.Text = text
	assert.Equal(t, []jsonResult{r}, got.results)

	got = label(t, path, "-model", model, "-min-confidence", "1")
	r.Text, r.Label = "", stance.Unlabelled
	assert.Equal(t, []jsonResult{r}, got.results)
	assert.Equal(t, "day\tlabel\tcount\n2018-01-31\t\t1\n", got.counts)

	dir := t.TempDir()
	assert.Equal(t, "1 sentences labelled, 0 failures: FAVOR 0, AGAINST 0, NONE 0, abstained 1\n",
		try("-o", dir, path, "-model", model, "-min-confidence", "1").stderr)
	assert.Empty(t, try("-o", dir, path, "-quiet").stderr)
	assert.Contains(t, try("-o", dir, path, "-verbose").stderr, "level=INFO")
}

func TestNothingToLabel(t *testing.T) {
	got := label(t, files(t, "a.jsonl", "", "b.tsv", "", "c.txt", "", "d.tsv", "text\ttime\n", "e.txt", "\n \n", "f.jsonl", "\uFEFF")...)
	assert.Equal(t, output{counts: "day\tlabel\tcount\n"}, got)
}

// Lines of several blocks come out in order, and the same whatever the number
// of workers and the runner.
func TestManyBlocks(t *testing.T) {
	const n = 2*blockLines + 17
	var b strings.Builder
	for i := range n {
		if i%1000 == 3 {
			b.WriteString("ragged\n")
		} else {
			fmt.Fprintf(&b, "%d\t%s\tNo. %d\n", i, []string{"2018-01-31", "", "2018-02-01"}[i%3], i)
		}
	}
	paths := files(t, "many.tsv", "id\ttime\ttext\n"+b.String(), "few.jsonl", `{"time":"","text":"One."}`)
	first := label(t, append(paths, "-workers", "1")...)
	const failures = 21 // lines 3, 1003, ... 20003
	require.Len(t, first.results, n+1-failures)
	require.Len(t, first.failures, failures)
	line := 1
	for _, r := range first.results[:n-failures] {
		if line++; (line-2)%1000 == 3 {
			line++
		}
		require.Equal(t, line, r.Line)
		require.Equal(t, fmt.Sprint(line-2), r.ID)
	}
	for i, f := range first.failures {
		require.Equal(t, 1000*i+5, f.Line)
	}
	assert.Equal(t, countsOf(first.results), first.counts)
	// Not assert.Equal, which would print all of them.
	same := func(args ...string) {
		assert.True(t, reflect.DeepEqual(first, label(t, append(paths, args...)...)), args)
	}
	same("-workers", "3")
	t.Cleanup(func() { require.NoError(t, flag.Set("runner", "")) })
	same("-runner", "direct")
}

func TestHostileInput(t *testing.T) {
	huge := files(t, "huge.jsonl", "", "huge.txt", "")
	for _, path := range huge {
		require.NoError(t, os.Truncate(path, 100_000_000)) // a hole, which reads as NUL
	}
	long := strings.Repeat("x", 1<<20+1)
	rest := files(t,
		"a.jsonl", "{\"time\":\"\",\"text\":\"\xff\"}\n{\"time\":\"\",\"text\":\"\x00\"}\n\n[]\n{}\n"+
			`{"time":"","text":"a","text":"b"}`+"\n"+`{"time":"","text":"\ud800"}`+"\n"+`{"time":"now","text":"a"}`+"\n"+
			`{"time":"","text":"`+long+`"}`+"\n"+`{"time":"","text":"The vote is on Tuesday."}`+"\n{",
		"b.tsv", "text\ttime\none\none\t2018-01-31\tthree\n\t\n\"\t2019-02-29\n\xe2\x80\t\nThe vote is on Tuesday.\t\n\n",
		"c.txt", long+". The vote is on Tuesday. A \xff byte.")
	got := label(t, append(huge, rest...)...)
	var lines []string
	for _, f := range got.failures {
		lines = append(lines, fmt.Sprintf("%s:%d: %s", filepath.Base(f.Source), f.Line, f.Reason))
		assert.LessOrEqual(t, len(f.Text), 3*excerptBytes)
	}
	assert.Equal(t, []string{
		"huge.jsonl:1: line of 100000000 bytes, more than 1048576",
		"huge.txt:1: plain text of 100000000 bytes, more than 67108864",
		"a.jsonl:1: byte 20: byte 0xFF is not valid UTF-8",
		"a.jsonl:2: byte 20: NUL byte (is the file UTF-16 or binary? save it as UTF-8)",
		"a.jsonl:3: blank line",
		"a.jsonl:4: byte 1: want a JSON object",
		`a.jsonl:5: byte 1: no key "text"`,
		`a.jsonl:6: byte 23: second key "text"`,
		`a.jsonl:7: byte 20: \ud800 is half a surrogate pair and no character`,
		`a.jsonl:8: "now" is no time, want one like 2018-01-31 or 2018-01-31T15:04:05Z`,
		"a.jsonl:9: line of 1048599 bytes, more than 1048576",
		"a.jsonl:11: byte 2: the JSON value does not end on its line",
		"b.tsv:2: field 2: row of 1 fields, want 2 as in the first row",
		"b.tsv:3: field 3: row of 3 fields, want 2 as in the first row",
		"b.tsv:4: field 1: empty text",
		`b.tsv:5: "2019-02-29" is no time, want one like 2018-01-31 or 2018-01-31T15:04:05Z`,
		"b.tsv:6: field 1: byte 1 of the field (0xE2) is not valid UTF-8",
		"b.tsv:8: blank line",
		"c.txt:1: text of 1048578 bytes, more than 1048576",
		"c.txt:1: the text is not valid UTF-8 from byte 2 on",
	}, lines)
	require.Len(t, got.results, 3)
	for i, r := range got.results {
		assert.Equal(t, rest[i], r.Source)
	}
}

func TestFilesThatCannotBeLabelled(t *testing.T) {
	paths := files(t, "good.jsonl", `{"time":"","text":"One."}`,
		"utf16.jsonl", "\xff\xfe{\x00", "packed.jsonl", "\x1f\x8b\x08\x00", "columns.tsv", "id\ttext\n",
		"twice.tsv", "text\ttime\ttext\n", "long.tsv", strings.Repeat("x", 2000)+"\n", "no.model", "no model")
	dir := filepath.Dir(paths[0])
	at := func(name string) string { return filepath.Join(dir, name) }
	old := filepath.Join(t.TempDir(), "out")
	require.Equal(t, program.StatusDone, try("-o", old, paths[0]).status)
	before := readOutput(t, old)
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{at("missing.jsonl")}, "missing.jsonl: no such file"},
		{[]string{at("utf16.jsonl")}, "this is UTF-16; convert it to UTF-8"},
		{[]string{at("packed.jsonl")}, "this is compressed"},
		{[]string{at("columns.tsv")}, `columns.tsv:1: no column "time" in the header`},
		{[]string{at("twice.tsv")}, `twice.tsv:1: field 3: second column "text"`},
		{[]string{at("long.tsv"), "-max-line", "1000"}, "long.tsv:1: header of 2001 bytes, more than 1000"},
		{[]string{dir, "-format", "text"}, "is no regular file"},
		{[]string{"-model", at("no.model")}, "this is not a model file"},
		{[]string{"-model", at("missing.model")}, "no such file"},
		{[]string{"-model", "nowhere://m"}, `scheme "nowhere" not registered`},
		{[]string{"nowhere://a.jsonl"}, `scheme "nowhere" not registered`},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			got := try(append([]string{"-o", old, paths[0]}, tt.args...)...)
			assert.Equal(t, program.StatusFailure, got.status)
			assert.Contains(t, got.stderr, tt.want)
			assert.Equal(t, 1, strings.Count(got.stderr, "\n"), "one line says it: %s", got.stderr)
			assert.Equal(t, before, readOutput(t, old), "the old output stays")
		})
	}
}

// The results of one run can be the input of another, and must survive it.
func TestInputIsNotWrittenOver(t *testing.T) {
	const content = `{"time":"","text":"One."}`
	path := files(t, resultsFile, content)[0]
	got := try("-o", filepath.Dir(path), path)
	assert.Equal(t, program.StatusFailure, got.status)
	assert.Contains(t, got.stderr, "results.jsonl would be written over: it is to be read, and -o names its directory")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, content, string(after))
}

func TestNamesDoNotCommandTheTerminal(t *testing.T) {
	got := try("-o", t.TempDir(), "\x1b[31mgone\u202e.jsonl")
	assert.Equal(t, program.StatusFailure, got.status)
	assert.Contains(t, got.stderr, "\uFFFD[31mgone\uFFFD.jsonl")
	assert.NotContains(t, got.stderr, "\x1b")
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	path := files(t, "a.jsonl", `{"time":"","text":"One."}`)[0]
	assert.Contains(t, try("-o", path, path).stderr, "not a directory")

	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, countsFile), []byte("old"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, resultsFile), 0o755))
	got := try("-o", dir, path)
	assert.Equal(t, program.StatusFailure, got.status)
	assert.Equal(t, "beam: "+filepath.Join(dir, resultsFile)+" is no regular file\n", got.stderr)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2, "no part is left")
	raw, err := os.ReadFile(filepath.Join(dir, countsFile))
	require.NoError(t, err)
	assert.Equal(t, "old", string(raw))
}

func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	path := files(t, "a.jsonl", `{"time":"","text":"One."}`)[0]
	dir := t.TempDir()
	var stdout, stderr bytes.Buffer
	assert.Equal(t, program.StatusFailure, run(ctx, []string{"-o", dir, path}, &stdout, &stderr, true))
	assert.Equal(t, "beam: interrupted\n", strings.TrimPrefix(stderr.String(), program.EraseLine))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
}

// Files of other file systems than the local one.
func TestURLs(t *testing.T) {
	ctx := context.Background()
	write := func(path, content string) {
		w, err := create(ctx, path)
		require.NoError(t, err)
		_, err = w.Write([]byte(content))
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	read := func(path string) string {
		r, err := open(ctx, path, 0)
		require.NoError(t, err)
		defer r.Close()
		var b bytes.Buffer
		_, err = b.ReadFrom(r)
		require.NoError(t, err)
		return b.String()
	}
	const in = "text\ttime\nThe vote is on Tuesday.\t2018-01-31\nragged\n"
	write("memfs://in/a.tsv", in)
	got := try("-o", "memfs://out", "memfs://in/a.tsv")
	require.Equal(t, program.StatusDone, got.status, got.stderr)
	local := label(t, files(t, "a.tsv", in)...)
	assert.Equal(t, local.counts, read("memfs://out/"+countsFile))
	assert.Equal(t, 1, strings.Count(read("memfs://out/"+resultsFile), "\n"))
	assert.Equal(t, 1, strings.Count(read("memfs://out/"+failuresFile), "\n"))
	fs, err := filesystem.New(ctx, "memfs://out")
	require.NoError(t, err)
	left, err := fs.List(ctx, "memfs://out/.parts-*/*")
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestProgress(t *testing.T) {
	c := &command{runner: "flink"}
	progress.planned.Store(0)
	assert.Equal(t, "running on flink", c.progressLine())
	progress.planned.Store(200)
	progress.read.Store(50)
	progress.records.Store(12)
	assert.Equal(t, "12 sentences, 25 % of the input", c.progressLine())
	var b bytes.Buffer
	c.showProgress(&b, false)()
	assert.Empty(t, b.String())
	c.showProgress(&b, true)()
	assert.Equal(t, program.EraseLine, b.String(), "nothing within the first two seconds")
}

func TestRootCause(t *testing.T) {
	const beams = "job job-001 failed:\nbundle inst011 failed:process bundle failed\n\tcaused by:\nsource failed\n\tcaused by:\n" +
		"DoFn[UID:2, PID:e28, Name: main.commitFn] failed:\n"
	assert.EqualError(t, rootCause(errors.New(beams+"the disk is full")), "the disk is full")
	assert.EqualError(t, rootCause(errors.New("job job-001 failed:\nno worker")), "job job-001 failed:\nno worker")
}

// The articles, where their texts are present, which are not part of the
// repository.
func TestArticles(t *testing.T) {
	articles, err := filepath.Glob("../../../shared/data/articles/texts/*.txt")
	require.NoError(t, err)
	if len(articles) == 0 {
		t.Skip("the texts are not here")
	}
	m := stance.Default()
	var all []jsonResult
	for _, path := range articles {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		line, at := 1, 0
		for i, s := range features.Sentences(string(raw)) {
			line += strings.Count(string(raw[at:s.Start]), "\n")
			at = s.Start
			all = append(all, want(m, path, line, fmt.Sprint(i+1), "", s.Of(string(raw))))
		}
	}
	got := label(t, articles...)
	assert.True(t, slices.Equal(all, got.results), "not shown, for the texts are not ours")
	assert.Empty(t, got.failures)
}

// What the README shows of its command is what the command writes.
func TestReadme(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	_, after, ok := strings.Cut(string(readme), "    go run . -o /tmp/labelled ")
	require.True(t, ok)
	args, _, _ := strings.Cut(after, "\n")
	got := label(t, strings.Fields(args)...)
	assert.Len(t, got.failures, 3)
	var shown strings.Builder
	for line := range strings.Lines(got.counts) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		fmt.Fprintf(&shown, "        %-12s%-9s%s\n", cells[0], cells[1], cells[2])
	}
	const begin, end = "which label:\n\n", "\n`go run . -h`"
	before, rest, ok := strings.Cut(string(readme), begin)
	require.True(t, ok)
	_, rest, ok = strings.Cut(rest, end)
	require.True(t, ok)
	want := before + begin + shown.String() + end + rest
	if *update {
		require.NoError(t, os.WriteFile("README.md", []byte(want), 0o644))
		return
	}
	assert.Equal(t, want, string(readme), "go test -run TestReadme -update-readme writes it anew")
}
