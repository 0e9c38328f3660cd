package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/examples/internal/page"
	"example.org/metoostance/stance"
)

// tinyModel learns a dozen sentences, which is enough to tell the labels of
// sentences that are much like them.
var tinyModel = sync.OnceValues(func() (*stance.Model, error) {
	var examples []stance.Example
	for i, texts := range [stance.NumLabels][]string{
		{"I believe the women who spoke.", "They were brave to speak.", "It was time that somebody said it.", "I am grateful to them."},
		{"It ruins decent men.", "This is a witch hunt.", "Stop this mob.", "The movement went too far!"},
		{"The hall opens at seven.", "Tickets cost ten pounds.", "The council votes on Friday.", "More on our page https://page.example"},
	} {
		for _, text := range texts {
			examples = append(examples, stance.Example{Text: text, Label: stance.Labels()[i]})
		}
	}
	return stance.Train(context.Background(), examples, stance.Options{C: 10, CalibrationFolds: -1, Context: stance.Context{Others: 0.25, First: 0.125, None: 0.0625}})
})

// modelFile writes the tiny model to a file of the test.
func modelFile(t testing.TB) string {
	m, err := tinyModel()
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "tiny.model")
	require.NoError(t, m.SaveFile(path))
	return path
}

// file writes a file of the test.
func file(t testing.TB, name, content string) string {
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
	return path
}

// outcome is what a run of the program leaves.
type outcome struct {
	status         int
	stdout, stderr string
}

// report runs the program.
func report(stdin string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := run(args, strings.NewReader(stdin), &stdout, &stderr, false)
	return outcome{status, stdout.String(), stderr.String()}
}

const letter = "It ruins decent men.\n\nI believe the women who spoke. Tickets cost ten pounds.\n"

func TestStatus(t *testing.T) {
	model := modelFile(t)
	text := file(t, "letter.txt", letter)
	tests := []struct {
		name   string
		args   []string
		status int
		stderr string
	}{
		{"file", []string{"-model", model, text}, 0, "3 sentences: FAVOR 1, AGAINST 1, NONE 1\n"},
		{"standard input", []string{"-model", model, "-"}, 0, "1 sentence: FAVOR 0, AGAINST 1, NONE 0\n"},
		{"abstentions", []string{"-model", model, "-min-confidence", "1", text}, 0, "3 sentences: FAVOR 0, AGAINST 0, NONE 0, no label 3\n"},
		{"never abstain", []string{"-model", model, "-min-confidence", "0", text}, 0, "3 sentences: FAVOR 1, AGAINST 1, NONE 1\n"},
		{"quiet", []string{"-model", model, "-quiet", text}, 0, ""},
		{"default model", []string{text}, 0, "3 sentences: "},
		{"no file", nil, 2, "report: which text should be shown? Name its file, or - for standard input\nusage:\n\treport [-o"},
		{"two files", []string{text, "-quiet", text}, 2, "report: 2 files are named, want one text\nusage:"},
		{"flags after the file", []string{text, "-quiet", "-model", model}, 0, ""},
		{"unknown flag", []string{"-x", text}, 2, "report: flag provided but not defined: -x\nusage:"},
		{"no probability", []string{"-min-confidence", "1.5", text}, 2, "want a probability, from 0 to 1\nusage:"},
		{"not a number", []string{"-min-confidence", "NaN", text}, 2, "want a probability, from 0 to 1\nusage:"},
		{"missing file", []string{"-model", model, "missing.txt"}, 1, "report: open missing.txt: "},
		{"directory", []string{"-model", model, t.TempDir()}, 1, "is a directory\n"},
		{"missing model", []string{"-model", "missing.model", text}, 1, "report: stance: reading model: open missing.model: "},
		{"no model", []string{"-model", text, text}, 1, "this is not a model file\n"},
		{"missing gold", []string{"-model", model, "-gold", "missing.tsv", text}, 1, "report: open missing.tsv: "},
		{"UTF-16", []string{"-model", model, file(t, "wide.txt", "\xFF\xFEI\x00")}, 1, "wide.txt: this is UTF-16, as its byte-order mark says; convert it to UTF-8 first"},
		{"compressed", []string{"-model", model, file(t, "letter.txt.gz", "\x1F\x8B\x08")}, 1, "letter.txt.gz: this is compressed by gzip"},
		{"output over the text", []string{"-model", model, "-o", text, text}, 1, "letter.txt would be written over: -o names a file that is to be read\n"},
		{"output over the model", []string{"-model", model, "-o", model, text}, 1, "tiny.model would be written over: "},
		{"output over the gold", []string{"-gold", text, "-o", text, "-"}, 1, "letter.txt would be written over: "},
		{"output is a directory", []string{"-model", model, "-o", t.TempDir(), text}, 1, "is a directory, want the name of a file\n"},
		{"output nowhere", []string{"-model", model, "-o", filepath.Join("missing", "x.html"), text}, 1, "report: stat missing: no such file"},
		{"terminal commands in a name", []string{"-model", model, "\x1b[31m\u202egone\n"}, 1, "report: open \uFFFD[31m\uFFFDgone : "},
		{"terminal commands in a flag", []string{"-\x1b[31mx\u202e", text}, 2, "report: flag provided but not defined: -\uFFFD[31mx\uFFFD\nusage:"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := report("It ruins decent men.", tt.args...)
			assert.Equal(t, tt.status, got.status)
			assert.Contains(t, got.stderr, tt.stderr)
			if tt.status == 0 {
				assert.True(t, strings.HasPrefix(got.stdout, "<!DOCTYPE html>\n"))
				assert.True(t, strings.HasSuffix(got.stdout, "</html>\n"))
				assert.Equal(t, tt.stderr == "", got.stderr == "")
			} else {
				assert.Empty(t, got.stdout)
			}
			after, err := os.ReadFile(text)
			require.NoError(t, err)
			assert.Equal(t, letter, string(after))
		})
	}
}

func TestManual(t *testing.T) {
	for _, flag := range []string{"-h", "-help", "--help"} {
		got := report("", flag)
		assert.Zero(t, got.status)
		assert.Empty(t, got.stderr)
		assert.Equal(t, manual.String(), got.stdout)
	}
	// The synopsis names exactly the flags that are described.
	named := regexp.MustCompile(`\[(-[a-z-]+)`).FindAllStringSubmatch(manual.Synopsis(), -1)
	described := regexp.MustCompile(`(?m)^\t(-[a-z-]+)`).FindAllStringSubmatch(manual.String(), -1)
	var names [2][]string
	for i, found := range [][][]string{named, described} {
		for _, f := range found {
			names[i] = append(names[i], f[1])
		}
	}
	assert.Equal(t, names[0], names[1])
	assert.Contains(t, manual.String(), fmt.Sprintf("more than %d bytes or %d sentences", mostBytes, mostSentences))
}

func TestOutput(t *testing.T) {
	model := modelFile(t)
	text := file(t, "<letter>.txt", letter)
	want := report("", "-model", model, text)
	require.Zero(t, want.status, want.stderr)
	assert.Contains(t, want.stdout, "<title>&lt;letter&gt;.txt · stance by sentence</title>")
	assert.Contains(t, want.stdout, "Labelled by the model of the file tiny.model, trained on 12 sentences.")

	dir := t.TempDir()
	out := filepath.Join(dir, "page.html")
	holds := func(content string) {
		t.Helper()
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, entries, 1, "no temporary file is left")
		b, err := os.ReadFile(out)
		require.NoError(t, err)
		assert.Equal(t, content, string(b))
	}
	got := report("", "-model", model, "-o", out, text)
	assert.Equal(t, outcome{0, "", want.stderr}, got)
	holds(want.stdout)

	// After a failure the old page is what it was.
	assert.Equal(t, 1, report("", "-model", model, "-o", out, "missing.txt").status)
	holds(want.stdout)
	var stderr bytes.Buffer
	failing := io.MultiReader(strings.NewReader(letter), iotest.ErrReader(errors.New("the disk is gone")))
	assert.Equal(t, 1, run([]string{"-model", model, "-o", out, "-"}, failing, io.Discard, &stderr, false))
	assert.Equal(t, "report: standard input: the disk is gone\n", stderr.String())
	holds(want.stdout)

	got = report("Tickets cost ten pounds.", "-model", model, "-o", out, "-")
	require.Zero(t, got.status, got.stderr)
	fromInput := report("Tickets cost ten pounds.", "-model", model, "-")
	assert.Contains(t, fromInput.stdout, "<title>Standard input · ")
	holds(fromInput.stdout)
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("full") }

func TestWritingFails(t *testing.T) {
	var stderr bytes.Buffer
	assert.Equal(t, 1, run([]string{"-model", modelFile(t), "-"}, strings.NewReader(letter), failingWriter{}, &stderr, false))
	assert.Equal(t, "report: writing: full\n", stderr.String())
	assert.Equal(t, 1, run([]string{"-h"}, nil, failingWriter{}, io.Discard, false))
}

func TestProgress(t *testing.T) {
	model := modelFile(t)
	stderr := func(terminal bool, args ...string) string {
		var b bytes.Buffer
		require.Zero(t, run(append(args, "-model", model, "-"), strings.NewReader(letter), io.Discard, &b, terminal))
		return b.String()
	}
	shown := stderr(true)
	for _, part := range []string{"labelling the sentences of 78 bytes", "explaining the labels of 3 sentences", "writing the page of 3 sentences"} {
		assert.Contains(t, shown, part)
	}
	const end = "\r\x1b[K3 sentences: FAVOR 1, AGAINST 1, NONE 1\n"
	assert.True(t, strings.HasSuffix(shown, end), shown)
	assert.NotContains(t, stderr(false), "\r")
	assert.Empty(t, stderr(true, "-quiet"))
}

// The document that the page is made of is what the model says.
func TestPageIsOfTheModel(t *testing.T) {
	m, err := tinyModel()
	require.NoError(t, err)
	m = m.WithMinConfidence(0.6)
	const text = "I believe the women who spoke. Nobody knows."
	var want bytes.Buffer
	require.NoError(t, page.Write(&want, page.Document{
		Title: "Standard input", Text: text, MinConfidence: 0.6,
		Sentences: m.ClassifyDocument(text), Explanations: m.ExplainDocument(text),
		Model: "the model of the file tiny.model, trained on 12 sentences",
	}))
	got := report(text, "-model", modelFile(t), "-min-confidence", "0.6", "-")
	require.Zero(t, got.status, got.stderr)
	assert.Equal(t, want.String(), got.stdout)
}

func TestHostileInput(t *testing.T) {
	model := modelFile(t)
	for _, tt := range []struct {
		name, text, summary string
		explained           bool
	}{
		{"empty", "", "0 sentences: FAVOR 0, AGAINST 0, NONE 0\n", false},
		{"byte-order mark", "\uFEFF", "0 sentences: ", false},
		{"NUL", "\x00\x00", "1 sentence: ", true},
		{"invalid UTF-8", "\xFF\xC0 It ruins decent men. \xE2\x82", "1 sentence: ", true},
		{"markup", `<script src="https://evil.example/x.js"></script><img src=x onerror=alert(1)>`, "1 sentence: ", true},
		{"direction", "\u202EIt ruins\u202C \u2067decent men.", "1 sentence: ", true},
		{"no space", strings.Repeat("decentmen", 11<<20/9), "1 sentence: ", false},
		{"many sentences", strings.Repeat("It ruins decent men. ", mostSentences+1), fmt.Sprintf("%d sentences: ", mostSentences+1), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if len(tt.text) > 1<<20 && testing.Short() {
				t.Skip("11 MB take a few seconds")
			}
			got := report(tt.text, "-model", model, "-")
			require.Zero(t, got.status, got.stderr)
			assert.Contains(t, got.stderr, tt.summary)
			assert.True(t, utf8.ValidString(got.stdout))
			for _, bad := range []string{"<script", "<img", "\x00", "\u202E", "\u2067"} {
				assert.False(t, strings.Contains(got.stdout, bad), "%q", bad)
			}
			assert.Equal(t, tt.explained, strings.Contains(got.stdout, `role="tooltip"`))
			// A page is some 30 kB and, for each sentence, 2 kB with its words
			// and a few hundred bytes without.
			assert.Less(t, len(got.stdout), 50_000+20*len(tt.text))
		})
	}
}
