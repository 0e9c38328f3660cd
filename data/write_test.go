package data

import (
	"bytes"
	"encoding/csv"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/stance"
)

var formats = map[string]Format{"CSV": CSV, "TSV": TSV, "QuotedTSV": QuotedTSV, "JSONLines": JSONLines}

func TestWritePredictions(t *testing.T) {
	examples := []stance.Example{
		{ID: "1", Text: `@all: "never", they said`, Label: stance.Favor, Group: "g", Target: "t", Document: "d"},
		{ID: "2", Text: "'=SUM(A1) & <b>", Group: "-g"},
	}
	predictions := []stance.Prediction{
		{Label: stance.Against, Probabilities: stance.Values{0.25, 0.5, 0.25}},
		{Label: stance.None, Probabilities: stance.Values{1e-9, 0, 0.1}},
	}
	for format, want := range map[Format]string{
		CSV: "id,document,group,target,text,label,predicted,favor,against,none\n" +
			"1,d,g,t,\"'@all: \"\"never\"\", they said\",FAVOR,AGAINST,0.25,0.5,0.25\n" +
			"2,,'-g,,''=SUM(A1) & <b>,,NONE,1e-09,0,0.1\n",
		TSV: "id\tdocument\tgroup\ttarget\ttext\tlabel\tpredicted\tfavor\tagainst\tnone\n" +
			"1\td\tg\tt\t'@all: \"never\", they said\tFAVOR\tAGAINST\t0.25\t0.5\t0.25\n" +
			"2\t\t'-g\t\t''=SUM(A1) & <b>\t\tNONE\t1e-09\t0\t0.1\n",
		QuotedTSV: "id\tdocument\tgroup\ttarget\ttext\tlabel\tpredicted\tfavor\tagainst\tnone\n" +
			"1\td\tg\tt\t\"'@all: \"\"never\"\", they said\"\tFAVOR\tAGAINST\t0.25\t0.5\t0.25\n" +
			"2\t\t'-g\t\t''=SUM(A1) & <b>\t\tNONE\t1e-09\t0\t0.1\n",
		JSONLines: `{"id":"1","document":"d","group":"g","target":"t","text":"@all: \"never\", they said","label":"FAVOR","predicted":"AGAINST","favor":0.25,"against":0.5,"none":0.25}` + "\n" +
			`{"id":"2","document":"","group":"-g","target":"","text":"'=SUM(A1) & <b>","label":"","predicted":"NONE","favor":1e-9,"against":0,"none":0.1}` + "\n",
	} {
		var b bytes.Buffer
		require.NoError(t, WritePredictions(&b, format, examples, predictions))
		assert.Equal(t, want, b.String())
	}
}

func TestWritePredictionsErrors(t *testing.T) {
	good := stance.Example{ID: "1", Text: "fine"}
	for _, c := range []struct {
		name    string
		format  Format
		example stance.Example
		p       stance.Prediction
		want    string
	}{
		{"tab", TSV, stance.Example{ID: "7", Text: "a\tb"}, stance.Prediction{}, `example 2 (id "7"): text holds a tab or a line end, which TSV without quotes cannot hold`},
		{"line end in group", TSV, stance.Example{Group: "a\nb"}, stance.Prediction{}, `example 2 (id ""): group holds a tab or a line end, which TSV without quotes cannot hold`},
		{"NUL", QuotedTSV, stance.Example{ID: "7", Text: "a\x00"}, stance.Prediction{}, `example 2 (id "7"): text holds a NUL byte, which a table cannot hold`},
		{"not UTF-8", JSONLines, stance.Example{ID: "7", Target: "a\xFF"}, stance.Prediction{}, `example 2 (id "7"): target is not valid UTF-8`},
		{"label", CSV, stance.Example{ID: "7", Label: 9}, stance.Prediction{}, `example 2 (id "7"): Label(9) is no label`},
		{"prediction", CSV, stance.Example{ID: "7"}, stance.Prediction{Label: 4}, `example 2 (id "7"): Label(4) is no label`},
		{"not a number", CSV, stance.Example{ID: "7"}, stance.Prediction{Probabilities: stance.Values{0, math.NaN(), 0}}, `example 2 (id "7"): probability NaN`},
		{"infinite", JSONLines, stance.Example{ID: "7"}, stance.Prediction{Probabilities: stance.Values{math.Inf(-1), 0, 0}}, `example 2 (id "7"): probability -Inf`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			err := WritePredictions(&b, c.format, []stance.Example{good, c.example}, []stance.Prediction{{}, c.p})
			assert.EqualError(t, err, c.want)
			assert.Empty(t, b.String(), "nothing is written")
		})
	}
}

func TestWritePanics(t *testing.T) {
	assert.PanicsWithValue(t, "data: 1 examples, but 0 predictions", func() {
		WritePredictions(&bytes.Buffer{}, CSV, make([]stance.Example, 1), nil)
	})
	assert.PanicsWithValue(t, "data: cannot write format 0", func() {
		WritePredictions(&bytes.Buffer{}, FormatByName, nil, nil)
	})
	assert.PanicsWithValue(t, "data: 0 examples, but 1 labels", func() {
		WriteSemEval(&bytes.Buffer{}, nil, make([]stance.Label, 1))
	})
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, errBroken }

func TestWriteReturnsTheWritersError(t *testing.T) {
	// More than any buffer between holds, and less.
	for _, text := range []string{"a", strings.Repeat("a", 1<<17)} {
		examples := []stance.Example{{ID: "1", Target: "t", Text: text}, {ID: "2", Target: "t", Text: text}}
		for name, f := range formats {
			err := WritePredictions(brokenWriter{}, f, examples, make([]stance.Prediction, 2))
			assert.True(t, errors.Is(err, errBroken), "%s: %v", name, err)
		}
		assert.ErrorIs(t, WriteSemEval(brokenWriter{}, examples, []stance.Label{stance.None, stance.None}), errBroken)
	}
}

// genExamples draws examples of the nastiest text that a table can hold.
func genExamples(t *rapid.T, alphabet []rune) ([]stance.Example, []stance.Prediction) {
	text := rapid.StringOfN(rapid.SampledFrom(alphabet), 0, 12, -1)
	n := rapid.IntRange(0, 4).Draw(t, "n")
	examples := make([]stance.Example, n)
	predictions := make([]stance.Prediction, n)
	seen := map[string]bool{}
	for i := range examples {
		id := text.Filter(func(s string) bool { return !seen[s] }).Draw(t, "id")
		seen[id] = id != ""
		examples[i] = stance.Example{
			ID: id, Group: text.Draw(t, "group"), Target: text.Draw(t, "target"), Document: text.Draw(t, "document"),
			Text:  text.Filter(func(s string) bool { return strings.TrimSpace(s) != "" }).Draw(t, "text"),
			Label: stance.Label(rapid.IntRange(0, 3).Draw(t, "label")),
		}
		predictions[i].Label = stance.Label(rapid.IntRange(1, 3).Draw(t, "predicted"))
		for j := range predictions[i].Probabilities {
			predictions[i].Probabilities[j] = rapid.Float64Range(0, 1).Draw(t, "p")
		}
	}
	return examples, predictions
}

var (
	nastyInLine = []rune("a '\"=+-@,;\\#é＝😀\uFEFF\u2028\u0085\ufffd")
	nasty       = append([]rune("\t\r\n"), nastyInLine...)
)

func TestPredictionsRoundTrip(t *testing.T) {
	for name, f := range formats {
		t.Run(name, func(t *testing.T) {
			alphabet := nasty
			if f == TSV {
				alphabet = nastyInLine
			}
			rapid.Check(t, func(t *rapid.T) {
				examples, predictions := genExamples(t, alphabet)
				var b bytes.Buffer
				require.NoError(t, WritePredictions(&b, f, examples, predictions))
				content := b.String()
				got, err := Read(strings.NewReader(content), "x", ReadOptions{Format: f, AllowUnlabelled: true, UnescapeFormulas: true})
				require.NoError(t, err)
				assert.Equal(t, len(examples), len(got))
				for i := range got {
					assert.Equal(t, examples[i], got[i])
				}
				got, err = Read(strings.NewReader(content), "x", ReadOptions{Format: f, Columns: Columns{Label: "predicted"}})
				require.NoError(t, err)
				for i := range got {
					assert.Equal(t, predictions[i].Label, got[i].Label)
				}
			})
		})
	}
}

// No cell of a table begins with a sign by which spreadsheets know a formula.
func TestNoFormulas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		examples, predictions := genExamples(t, nasty)
		var b bytes.Buffer
		require.NoError(t, WritePredictions(&b, CSV, examples, predictions))
		rows, err := csv.NewReader(&b).ReadAll()
		require.NoError(t, err)
		for _, row := range rows {
			for _, cell := range row {
				assert.False(t, strings.HasPrefix(cell, "=") || strings.HasPrefix(cell, "+") || strings.HasPrefix(cell, "-") ||
					strings.HasPrefix(cell, "@") || strings.HasPrefix(cell, "＝"), "%q", cell)
			}
		}
	})
}

func TestEscapeFormula(t *testing.T) {
	for _, c := range []struct{ cell, want string }{
		{"", ""}, {"'", "'"}, {"words", "words"}, {"'tis", "'tis"}, {" =1", " =1"}, {"1-2", "1-2"},
		{"=1+1", "'=1+1"}, {"+1", "'+1"}, {"-1", "'-1"}, {"@all", "'@all"}, {"\t=1", "'\t=1"}, {"\r=1", "'\r=1"}, {"\n=1", "'\n=1"},
		{"＝1", "'＝1"}, {"＋1", "'＋1"}, {"－1", "'－1"}, {"＠all", "'＠all"},
		{"'=1", "''=1"}, {"''@all", "'''@all"},
	} {
		got := escapeFormula(c.cell)
		assert.Equal(t, c.want, got)
		assert.Equal(t, c.cell, unescapeFormula(got))
	}
}

func TestWriteSemEval(t *testing.T) {
	examples := []stance.Example{
		{ID: "7", Target: "Public Parks", Text: `@all "Plant" – trees #SemST`, Label: stance.Favor},
		{ID: "8", Target: "Public Parks", Text: "Nobody walks there"},
	}
	var b bytes.Buffer
	require.NoError(t, WriteSemEval(&b, examples, []stance.Label{stance.None, stance.Against}))
	assert.Equal(t, "ID\tTarget\tTweet\tStance\n"+
		"7\tPublic Parks\t@all \"Plant\" – trees #SemST\tNONE\n"+
		"8\tPublic Parks\tNobody walks there\tAGAINST\n", b.String())
	got, err := ReadSemEval(&b, "x", SemEvalOptions{})
	require.NoError(t, err)
	examples[0].Label, examples[1].Label = stance.None, stance.Against
	assert.Equal(t, examples, got)

	for _, c := range []struct {
		example stance.Example
		label   stance.Label
		want    string
	}{
		{stance.Example{Target: "t", Text: "a"}, stance.None, `example 1 (id ""): no id`},
		{stance.Example{ID: "1", Text: "a"}, stance.None, `example 1 (id "1"): no target`},
		{stance.Example{ID: "1", Target: "t", Text: "a"}, stance.Unlabelled, `example 1 (id "1"): no label`},
		{stance.Example{ID: "1", Target: "t", Text: "a\r"}, stance.None, `example 1 (id "1"): text holds a tab or a line end, which TSV without quotes cannot hold`},
	} {
		var b bytes.Buffer
		assert.EqualError(t, WriteSemEval(&b, []stance.Example{c.example}, []stance.Label{c.label}), c.want)
		assert.Empty(t, b.String())
	}
}
