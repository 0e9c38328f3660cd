package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// row is a row of tsv, undone.
type row struct {
	file          string
	n, start, end int
	label         string
	probabilities [3]float64
	text          string
}

// parseTSV reads what -format tsv has written, strictly.
func parseTSV(t testing.TB, s string) []row {
	lines := strings.SplitAfter(s, "\n")
	require.Equal(t, "file\tn\tstart\tend\tlabel\tp_favor\tp_against\tp_none\ttext\n", lines[0])
	require.Empty(t, lines[len(lines)-1], "the last row ends like all others")
	var rows []row
	for _, line := range lines[1 : len(lines)-1] {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		require.Len(t, fields, 9)
		r := row{file: unescape(t, fields[0]), label: fields[4], text: unescape(t, fields[8])}
		for i, v := range []*int{&r.n, &r.start, &r.end} {
			var err error
			*v, err = strconv.Atoi(fields[1+i])
			require.NoError(t, err)
		}
		for i := range r.probabilities {
			var err error
			r.probabilities[i], err = strconv.ParseFloat(fields[5+i], 64)
			require.NoError(t, err)
			require.Regexp(t, `^[01]\.[0-9]{4}$`, fields[5+i])
		}
		rows = append(rows, r)
	}
	return rows
}

// checkRows checks that the rows are of the bytes that they say they are of,
// and that their labels are those of the greatest probability.
func checkRows(t testing.TB, content string, rows []row) {
	end, n := 0, 0
	for _, r := range rows {
		require.LessOrEqual(t, end, r.start)
		require.Less(t, r.start, r.end)
		require.LessOrEqual(t, r.end, len(content))
		require.Equal(t, content[r.start:r.end], r.text)
		require.Less(t, n, r.n)
		end, n = r.end, r.n
		greatest := 0
		for i, l := range stance.Labels() {
			if r.probabilities[i] > r.probabilities[greatest] {
				greatest = i
			}
			if l.String() == r.label {
				require.InDelta(t, max(r.probabilities[0], r.probabilities[1], r.probabilities[2]), r.probabilities[i], 1e-4)
			}
		}
		require.InDelta(t, 1, r.probabilities[0]+r.probabilities[1]+r.probabilities[2], 2e-4)
		require.Contains(t, []string{"FAVOR", "AGAINST", "NONE"}, r.label)
	}
}

func TestInputs(t *testing.T) {
	model := modelFile(t)
	tests := []struct {
		name      string
		content   string
		sentences []string // that a document is split into
		lines     []string
		numbers   []int // of the lines
	}{
		{"empty", "", nil, nil, nil},
		{"byte-order mark alone", "\uFEFF", nil, nil, nil},
		{"line ends alone", "\n\r\n\n", nil, nil, nil},
		{"white space alone", " \t\u00A0\n\u2028", nil, nil, nil},
		{"no line end", "Yes.", []string{"Yes."}, []string{"Yes."}, []int{1}},
		{"one byte", "x", []string{"x"}, []string{"x"}, []int{1}},
		{"one byte of a mark", "\xEF", []string{"\xEF"}, []string{"\xEF"}, []int{1}},
		{"byte-order mark", "\uFEFFYes.\nNo.", []string{"Yes.", "No."}, []string{"Yes.", "No."}, []int{1, 2}},
		{"line feeds", "Yes.\n\nNo.\n", []string{"Yes.", "No."}, []string{"Yes.", "No."}, []int{1, 3}},
		{"carriage returns and line feeds", "Yes.\r\n\r\nNo.\r\n", []string{"Yes.", "No."}, []string{"Yes.", "No."}, []int{1, 3}},
		{"sentences on a line", "Yes. No!\n", []string{"Yes.", "No!"}, []string{"Yes. No!"}, []int{1}},
		{"blanks around", "  Yes.\t\n", []string{"Yes."}, []string{"  Yes.\t"}, []int{1}},
		{"NUL byte", "\x00\nYes\x00.", []string{"\x00", "Yes\x00."}, []string{"\x00", "Yes\x00."}, []int{1, 2}},
		{"invalid UTF-8", "\xFF\xC0\n\x80Yes.\xE2\x82", []string{"\xFF\xC0", "\x80Yes.\xE2\x82"}, []string{"\xFF\xC0", "\x80Yes.\xE2\x82"}, []int{1, 2}},
		{"backslashes", `\n \\ \`, []string{`\n \\ \`}, []string{`\n \\ \`}, []int{1}},
	}
	for _, tt := range tests {
		for _, mode := range []string{"document", "lines"} {
			t.Run(tt.name+"/"+mode, func(t *testing.T) {
				args, want := []string{"-model", model}, tt.sentences
				if mode == "lines" {
					args, want = append(args, "-lines"), tt.lines
				}
				got := classify(tt.content, environment{}, append(args, "-format", "tsv")...)
				require.Zero(t, got.status, got.stderr)
				rows := parseTSV(t, got.stdout)
				checkRows(t, tt.content, rows)
				var texts []string
				for i, r := range rows {
					texts = append(texts, r.text)
					if mode == "lines" {
						assert.Equal(t, tt.numbers[i], r.n)
					} else {
						assert.Equal(t, i+1, r.n)
					}
				}
				assert.Equal(t, want, texts)
				assert.Regexp(t, fmt.Sprintf(`^%d sentences?: FAVOR \d+, AGAINST \d+, NONE \d+\n$`, len(want)), got.stderr)

				got = classify(tt.content, environment{}, append(args, "-format", "text")...)
				require.Zero(t, got.status, got.stderr)
				assert.Len(t, strings.Split(got.stdout, "\n"), len(want)+1, "one line for each sentence")
				assert.True(t, utf8.ValidString(got.stdout))

				// The same file and standard input differ in their name alone.
				path := filepath.Join(t.TempDir(), "input.txt")
				require.NoError(t, os.WriteFile(path, []byte(tt.content), 0o644))
				fromFile := classify("", environment{}, append(args, "-format", "text", path)...)
				assert.Equal(t, got, fromFile)
			})
		}
	}
}

func TestUTF16(t *testing.T) {
	model := modelFile(t)
	for _, content := range []string{"\xFF\xFEY\x00e\x00s\x00", "\xFE\xFF\x00Y\x00e\x00s", "\xFF\xFE", "\xFE\xFF"} {
		for _, lines := range []string{"-lines=false", "-lines"} {
			got := classify(content, environment{}, "-model", model, lines)
			assert.Equal(t, 1, got.status)
			assert.Empty(t, got.stdout)
			assert.Contains(t, got.stderr, "classify: standard input: this is UTF-16, as its byte-order mark says; convert it to UTF-8 first")
		}
	}
}

func TestJSONLines(t *testing.T) {
	m, err := tinyModel()
	require.NoError(t, err)
	model := modelFile(t)
	const content = "\uFEFFIt ruins <decent> men & women.\nI believe\tthe women.\n\nBad \xFF\xFE bytes, \x1b[31mred\x1b[0m \\ \"quoted\"."
	for _, lines := range []string{"-lines=false", "-lines"} {
		tsv := classify(content, environment{}, "-model", model, lines, "-format", "tsv")
		require.Zero(t, tsv.status, tsv.stderr)
		rows := parseTSV(t, tsv.stdout)
		checkRows(t, content, rows)
		got := classify(content, environment{}, "-model", model, lines, "-format", "jsonl")
		require.Zero(t, got.status, got.stderr)
		assert.True(t, utf8.ValidString(got.stdout))
		objects := strings.SplitAfter(got.stdout, "\n")
		require.Len(t, objects, len(rows)+1)
		for i, r := range rows {
			var o map[string]any
			require.NoError(t, json.Unmarshal([]byte(objects[i]), &o))
			p := m.Classify(r.text).Probabilities
			assert.Equal(t, map[string]any{
				"file": "-", "n": float64(r.n), "start": float64(r.start), "end": float64(r.end), "label": r.label,
				// Full precision: what is read is what was computed.
				"p_favor": p[0], "p_against": p[1], "p_none": p[2],
				"text": strings.ToValidUTF8(strings.ReplaceAll(r.text, "\xFF\xFE", "\uFFFD\uFFFD"), ""),
			}, o)
			for k, v := range r.probabilities {
				assert.LessOrEqual(t, math.Abs(v-p[k]), 0.5e-4+1e-12, "tsv has four decimals of it")
			}
		}
		assert.Contains(t, got.stdout, "<decent> men & women", "no escapes as for HTML")
		assert.NotContains(t, got.stdout, "\x1b")
	}
}

// TestManyLines has several batches, with lines longer than the reader's
// buffer between short ones.
func TestManyLines(t *testing.T) {
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, "Line %d of the hall.\n", i)
		if i%1250 == 7 {
			b.WriteString(strings.Repeat("decent men ", 40000) + "\r\n\n")
		}
	}
	model := modelFile(t)
	got := classify(b.String(), environment{}, "-model", model, "-lines", "-format", "tsv")
	require.Zero(t, got.status, got.stderr)
	rows := parseTSV(t, got.stdout)
	require.Len(t, rows, 5004)
	checkRows(t, b.String(), rows)
	assert.Equal(t, "Line 4999 of the hall.", rows[5003].text)
	assert.Equal(t, 5008, rows[5003].n, "four lines are empty")

	// However the input arrives, the output is the same.
	var slow strings.Builder
	status := run([]string{"-model", model, "-lines", "-format", "tsv"},
		iotest.HalfReader(iotest.DataErrReader(strings.NewReader(b.String()))), &slow, io.Discard, environment{})
	assert.Zero(t, status)
	assert.Equal(t, len(got.stdout), slow.Len())
	assert.True(t, got.stdout == slow.String())
}

// TestLongLine has no line end in 50 MB.
func TestLongLine(t *testing.T) {
	if testing.Short() {
		t.Skip("50 MB take a few seconds")
	}
	const word = "decentmen "
	content := strings.Repeat(word, 50<<20/len(word))
	model := modelFile(t)
	for _, lines := range []string{"-lines=false", "-lines"} {
		var out lengthWriter
		status := run([]string{"-model", model, lines}, strings.NewReader(content), &out, io.Discard, environment{})
		assert.Zero(t, status)
		assert.InDelta(t, len(content), int(out), 40)
	}
}

// lengthWriter counts bytes.
type lengthWriter int

func (w *lengthWriter) Write(b []byte) (int, error) {
	*w += lengthWriter(len(b))
	return len(b), nil
}

// TestFollowsInput waits for the label of each line before it writes the next.
func TestFollowsInput(t *testing.T) {
	in, toProgram := io.Pipe()
	fromProgram, out := io.Pipe()
	status := make(chan int)
	model := modelFile(t)
	go func() {
		status <- run([]string{"-model", model, "-lines"}, in, out, io.Discard, environment{})
	}()
	answers := bufio.NewReader(fromProgram)
	for _, line := range []string{"x", "It ruins decent men.", "I believe the women."} {
		_, err := io.WriteString(toProgram, line+"\n")
		require.NoError(t, err)
		answer, err := answers.ReadString('\n')
		require.NoError(t, err)
		assert.True(t, strings.HasSuffix(answer, "  "+line+"\n"), answer)
	}
	require.NoError(t, toProgram.Close())
	assert.Zero(t, <-status)
}

func TestReadingFails(t *testing.T) {
	model := modelFile(t)
	failing := func() io.Reader {
		return io.MultiReader(strings.NewReader("It ruins decent men.\nIt ru"), iotest.ErrReader(errors.New("the disk is gone")))
	}
	var stdout, stderr strings.Builder
	status := run([]string{"-model", model, "-lines"}, failing(), &stdout, &stderr, environment{})
	assert.Equal(t, 1, status)
	assert.Contains(t, stdout.String(), "It ruins decent men.\n", "what arrived before is labelled")
	assert.Contains(t, stderr.String(), "classify: standard input: the disk is gone\n1 sentence:")

	stdout.Reset()
	stderr.Reset()
	status = run([]string{"-model", model}, failing(), &stdout, &stderr, environment{})
	assert.Equal(t, 1, status)
	assert.Empty(t, stdout.String(), "the sentences of half a document may not be sentences")
	assert.Contains(t, stderr.String(), "classify: standard input: the disk is gone\n0 sentences:")
}

func TestClosedPipe(t *testing.T) {
	model := modelFile(t)
	content := strings.Repeat("It ruins decent men.\n", 10000)
	for _, format := range []string{"text", "tsv", "jsonl"} {
		for _, lines := range []string{"-lines=false", "-lines"} {
			r, w, err := os.Pipe()
			require.NoError(t, err)
			require.NoError(t, r.Close())
			var stderr strings.Builder
			// The second file is not read: there is nowhere to write it.
			status := run([]string{"-model", model, lines, "-format", format, "-", "missing.txt"},
				strings.NewReader(content), w, &stderr, environment{})
			assert.Equal(t, 1, status)
			assert.Contains(t, stderr.String(), "classify: writing: ")
			assert.NotContains(t, stderr.String(), "missing.txt")
			w.Close()
		}
	}
	got := run([]string{"-h"}, strings.NewReader(""), failingWriter{}, io.Discard, environment{})
	assert.Equal(t, 1, got)
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("full") }

// TestArticles labels three published articles, where they are at hand.
func TestArticles(t *testing.T) {
	files, err := filepath.Glob("../../../shared/data/articles/texts/*.txt")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("the articles, whose texts are not part of this repository, are not here")
	}
	model := modelFile(t)
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			content, err := os.ReadFile(file)
			require.NoError(t, err)
			got := classify("", environment{}, "-model", model, "-format", "tsv", file)
			require.Zero(t, got.status, got.stderr)
			rows := parseTSV(t, got.stdout)
			checkRows(t, string(content), rows)
			var spans, want []features.Span
			for i, r := range rows {
				assert.Equal(t, file, r.file)
				assert.Equal(t, i+1, r.n)
				spans = append(spans, features.Span{Start: r.start, End: r.end})
			}
			want = features.Sentences(string(content))
			assert.NotEmpty(t, want)
			assert.Equal(t, want, spans)
		})
	}
}
