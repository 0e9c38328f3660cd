package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

var update = flag.Bool("update", false, "write the golden files anew")

// tinyModel learns a dozen sentences, which is enough to tell the labels of
// sentences that are much like them.
var tinyModel = sync.OnceValues(func() (*stance.Model, error) {
	var examples []stance.Example
	for i, texts := range [stance.NumLabels][]string{
		{
			"#MeToo gave me courage to speak.", "I believe the women who spoke.",
			"I am grateful to them, they were brave.", "It was time that somebody said it.",
		},
		{
			"This is a witch hunt.", "It ruins decent men.",
			"An accusation is not a proof, stop this mob.", "The movement went too far!",
		},
		{
			"The hall opens at seven.", "Tickets cost ten pounds.",
			"The council votes on Friday.", "More on our page https://page.example",
		},
	} {
		for _, text := range texts {
			examples = append(examples, stance.Example{Text: text, Label: stance.Labels()[i]})
		}
	}
	// The tolerance brings the four decimals of the golden files to the exact
	// minimum, whatever way the solver takes there.
	return stance.Train(context.Background(), examples, stance.Options{C: 10, CalibrationFolds: -1, Tolerance: 1e-14})
})

// modelFile writes the tiny model to a file of the test.
func modelFile(t testing.TB) string {
	m, err := tinyModel()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "tiny.model")
	require.NoError(t, m.SaveFile(path))
	return path
}

// outcome is what a run of the program leaves.
type outcome struct {
	status         int
	stdout, stderr string
}

// classify runs the program.
func classify(stdin string, env environment, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := run(args, strings.NewReader(stdin), &stdout, &stderr, env)
	return outcome{status, stdout.String(), stderr.String()}
}

func TestGolden(t *testing.T) {
	model := modelFile(t)
	tests := []struct {
		golden string
		args   []string
	}{
		{"article.text.golden", []string{"testdata/article.txt"}},
		{"article.tsv.golden", []string{"-format", "tsv", "testdata/article.txt"}},
		{"lines.text.golden", []string{"-lines", "testdata/lines.txt"}},
		{"lines.tsv.golden", []string{"-lines", "-format", "tsv", "testdata/lines.txt"}},
		{"both.text.golden", []string{"testdata/article.txt", "testdata/lines.txt"}},
		{"both.tsv.golden", []string{"-format", "tsv", "testdata/article.txt", "testdata/lines.txt"}},
	}
	for _, tt := range tests {
		t.Run(tt.golden, func(t *testing.T) {
			got := classify("", environment{}, append([]string{"-model", model}, tt.args...)...)
			require.Zero(t, got.status, got.stderr)
			path := filepath.Join("testdata", tt.golden)
			if *update {
				require.NoError(t, os.WriteFile(path, []byte(got.stdout+got.stderr), 0o644))
			}
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			assert.Equal(t, string(want), got.stdout+got.stderr)
		})
	}
}

func TestStatus(t *testing.T) {
	model := modelFile(t)
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		return path
	}
	whole, err := os.ReadFile(model)
	require.NoError(t, err)
	cut := write("cut.model", string(whole[:len(whole)/2]))
	empty := write("empty.model", "")
	text := write("text.model", "This is no model.")
	packed := write("packed.txt", "\x1F\x8B\x08\x00")
	pdf := write("letter.pdf", "%PDF-1.7\n")

	const input = "It ruins decent men."
	tests := []struct {
		name   string
		args   []string
		status int
		stderr []string // parts of it
	}{
		{"standard input", []string{"-model", model}, 0, []string{"1 sentence: FAVOR 0, AGAINST 1, NONE 0\n"}},
		{"standard input by name", []string{"-model", model, "-"}, 0, []string{"1 sentence:"}},
		{"unknown flag", []string{"-color"}, 2, []string{"classify: flag provided but not defined: -color\n", "usage:", "classify [-lines]"}},
		{"flag that commands the terminal", []string{"-\x1b[2J"}, 2, []string{"classify: flag provided but not defined: -\uFFFD[2J\n", "usage:"}},
		{"unknown format", []string{"-format", "xml"}, 2, []string{`invalid value "xml" for flag -format: want text, tsv or jsonl`, "usage:"}},
		{"format without value", []string{"-format"}, 2, []string{"flag needs an argument: -format", "usage:"}},
		{"flags after files", []string{"-", "-model", model, "-format", "tsv"}, 0, []string{"1 sentence:"}},
		{"compressed", []string{"-model", model, packed}, 1, []string{"packed.txt: this is compressed by gzip", "0 sentences:"}},
		{"PDF", []string{"-model", model, "-lines", pdf}, 1, []string{"letter.pdf: this is a PDF file", "0 sentences:"}},
		{"no such file", []string{"-model", model, "missing.txt"}, 1, []string{"classify: open missing.txt: no such file", "0 sentences:"}},
		{"directory", []string{"-model", model, dir}, 1, []string{dir, "is a directory", "0 sentences:"}},
		{"no such model", []string{"-model", "missing.model"}, 1, []string{"missing.model", "no such file"}},
		{"model is a directory", []string{"-model", dir}, 1, []string{dir, "is a directory"}},
		{"model cut short", []string{"-model", cut}, 1, []string{cut, "byte"}},
		{"empty model", []string{"-model", empty}, 1, []string{empty, "not a model file"}},
		{"model of text", []string{"-model", text}, 1, []string{text, "not a model file"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := classify(input, environment{}, tt.args...)
			assert.Equal(t, tt.status, got.status)
			for _, part := range tt.stderr {
				assert.Contains(t, got.stderr, part)
			}
			if tt.status != 0 {
				assert.Empty(t, got.stdout)
			}
		})
	}
}

func TestManual(t *testing.T) {
	got := classify("", environment{}, "-h")
	assert.Zero(t, got.status)
	assert.Empty(t, got.stderr)
	assert.Equal(t, manual.String(), got.stdout)
	assert.True(t, strings.HasPrefix(got.stdout, "Classify labels every sentence"))
	for _, part := range []string{
		"\tclassify [-lines] [-format text|tsv|jsonl] [-min-confidence P]\n\t\t[-model FILE [-target NAME]] [-quiet] [FILE ...]\n",
		"\t-lines\n", "\t-format text|tsv|jsonl\n", "\t-model FILE\n", "\t-target NAME\n", "\t-quiet\n",
		"file n start end label p_favor p_against p_none text",
		"NO_COLOR", "U+FFFD", `\t`, `\n`, `\r`, `\\`, "exit status is 0,",
	} {
		assert.Contains(t, got.stdout, part)
	}
	assert.NotContains(t, got.stdout, "package main")
	assert.Equal(t, "usage:\n\tclassify [-lines] [-format text|tsv|jsonl] [-min-confidence P]\n\t\t[-model FILE [-target NAME]] [-quiet] [FILE ...]\n\tclassify -h prints the manual\n", manual.Synopsis())
}

// A file with the models of several targets needs the name of one.
func TestTarget(t *testing.T) {
	var examples []stance.Example
	for i, text := range []string{"We need the tram.", "It ruins our street.", "Yes to the tram.", "The tram is a waste."} {
		sides := []stance.Label{stance.Favor, stance.Against}
		examples = append(examples,
			stance.Example{Text: text, Label: sides[i%2], Target: "Tram"},
			stance.Example{Text: text, Label: sides[1-i%2], Target: "Bus \x1b[2J"})
	}
	targets, err := stance.TrainTargets(context.Background(), examples, stance.TargetsOptions{Options: stance.Options{CalibrationFolds: -1}})
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "targets.model")
	require.NoError(t, targets.SaveFile(path))
	single := modelFile(t)
	for _, tt := range []struct {
		name   string
		args   []string
		status int
		stderr string
	}{
		{"one", []string{"-model", path, "-target", "Tram"}, 0, "1 sentence: FAVOR 0, AGAINST 1, NONE 0\n"},
		{"the other", []string{"-target", "Bus \x1b[2J", "-model", path}, 0, "1 sentence: FAVOR 1, AGAINST 0, NONE 0\n"},
		{"none", []string{"-model", path}, 1, "holds the models of several targets; choose one with -target: "},
		{"unknown", []string{"-model", path, "-target", "Train"}, 1, `has no model of the target "Train"; it has `},
		{"empty", []string{"-model", path, "-target="}, 1, `has no model of the target ""; it has `},
		{"of a single model", []string{"-model", single, "-target", "Tram"}, 1, single + " holds a single model; leave -target out"},
		{"without a file", []string{"-target", "Tram"}, 2, "-target needs -model"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := classify("It ruins our street.", environment{}, tt.args...)
			assert.Equal(t, tt.status, got.status)
			assert.Contains(t, got.stderr, tt.stderr)
			assert.NotContains(t, got.stderr, "\x1b")
			if tt.name == "none" || tt.name == "unknown" {
				assert.Contains(t, got.stderr, `"Tram"`)
				assert.Contains(t, got.stderr, `"Bus \x1b[2J"`, "as it can be read")
			}
		})
	}
	whole, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, whole[:len(whole)-1], 0o644))
	got := classify("", environment{}, "-model", path, "-target", "Tram")
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stderr, path+", byte ")
}

// Sentences without a label are counted too.
func TestAbstention(t *testing.T) {
	m, err := tinyModel()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "unsure.model")
	require.NoError(t, m.WithMinConfidence(0.9999).SaveFile(path))
	got := classify("It ruins decent men. The hall opens at seven.", environment{}, "-model", path)
	assert.Zero(t, got.status)
	assert.Equal(t, "2 sentences: FAVOR 0, AGAINST 0, NONE 0, without label 2\n", got.stderr)
}

// Progress is shown to a person who does not see the sentences, and leaves
// nothing behind on the line.
func TestProgress(t *testing.T) {
	const letter = "It ruins decent men.\nThe hall opens at seven.\n"
	model := modelFile(t)
	const (
		erase   = program.EraseLine
		summary = "2 sentences: FAVOR 0, AGAINST 1, NONE 1\n"
		missing = "classify: open missing.txt: no such file or directory\n"
	)
	seen := environment{progress: true}
	for _, tt := range []struct {
		name   string
		env    environment
		args   []string
		stderr string
	}{
		{"document", seen, nil, erase + "labelling the sentences of 46 bytes" + erase + "sentences labelled: 1" + erase + summary},
		{"lines", seen, []string{"-lines"}, erase + "lines labelled: 1" + erase + summary},
		{"complaint", seen, []string{"-lines", "-", "missing.txt"}, erase + "lines labelled: 1" + erase + missing + erase + summary},
		{"no terminal", environment{}, nil, summary},
		{"sentences on the terminal", environment{progress: true, terminal: true}, nil, summary},
		{"quiet", seen, []string{"-quiet"}, ""},
		{"quiet without terminal", environment{}, []string{"-quiet", "-lines"}, ""},
		{"quiet complaint", seen, []string{"-quiet", "missing.txt"}, missing},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := classify(letter, tt.env, append([]string{"-model", model}, tt.args...)...)
			// On a slow machine the second sentence comes after its time.
			shown := strings.NewReplacer(erase+"sentences labelled: 2", "", erase+"lines labelled: 2", "").Replace(got.stderr)
			assert.Equal(t, tt.stderr, shown)
			assert.Equal(t, classify(letter, environment{terminal: tt.env.terminal}, append([]string{"-model", model}, tt.args...)...).stdout, got.stdout)
		})
	}
}

// However fast the sentences come, ten counts are shown in a second.
func TestCountsAreShownNowAndThen(t *testing.T) {
	var shown bytes.Buffer
	l := &labeller{progress: program.NewProgress(&shown, true), lines: true}
	start := time.Unix(1, 0)
	for i := range 1000 {
		l.count(start.Add(time.Duration(i) * time.Millisecond))
	}
	counts := strings.Split(shown.String(), program.EraseLine)[1:]
	require.Len(t, counts, 10)
	assert.Equal(t, "lines labelled: 1", counts[0])
	assert.Equal(t, "lines labelled: 901", counts[9])
}

func TestDefaultModel(t *testing.T) {
	const text = "The hall opens at seven."
	got := classify(text, environment{}, "-format", "tsv")
	require.Zero(t, got.status, got.stderr)
	rows := parseTSV(t, got.stdout)
	require.Len(t, rows, 1)
	want := stance.Default().Classify(text)
	assert.Equal(t, want.Label.String(), rows[0].label)
}

func TestRestIsDone(t *testing.T) {
	dir := t.TempDir()
	utf16 := filepath.Join(dir, "utf16.txt")
	require.NoError(t, os.WriteFile(utf16, []byte("\xFF\xFEH\x00i\x00"), 0o644))
	bell := filepath.Join(dir, "\x1b[2J.txt")
	for _, mode := range [][]string{nil, {"-lines"}} {
		args := append([]string{"-model", modelFile(t), "-format", "tsv"}, mode...)
		got := classify("It ruins decent men.", environment{},
			append(args, "missing.txt", utf16, dir, bell, "testdata/lines.txt", "-")...)
		assert.Equal(t, 1, got.status)
		complaints := strings.Split(got.stderr, "\n")
		require.Len(t, complaints, 6, got.stderr)
		assert.Contains(t, complaints[0], "missing.txt")
		assert.Contains(t, complaints[1], utf16+": this is UTF-16")
		assert.Contains(t, complaints[1], "convert it to UTF-8")
		assert.Contains(t, complaints[2], dir)
		assert.Contains(t, complaints[3], "\uFFFD[2J.txt", "control characters in names are not for the terminal")
		assert.Contains(t, complaints[4], "5 sentences: ")
		files := map[string]int{}
		for _, r := range parseTSV(t, got.stdout) {
			files[r.file]++
		}
		assert.Equal(t, map[string]int{"testdata/lines.txt": 4, "-": 1}, files)
	}
}
