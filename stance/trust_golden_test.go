package stance_test

import (
	"encoding/binary"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.org/metoostance/data"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// After the default model, the golden file of its scores is written anew.
//
//go:generate go test -run ^TestGoldenScores$ -update .

var update = flag.Bool("update", false, "write the golden files anew; a kept model of an older format never")

// hex writes numbers so that every bit of them is there.
func hex(v stance.Values) string {
	var s []string
	for _, x := range v {
		s = append(s, strconv.FormatFloat(x, 'x', -1, 64))
	}
	return strings.Join(s, " ")
}

// scoreLine is a line of a golden file: all that a prediction holds.
func scoreLine(name string, p stance.Prediction) string {
	return fmt.Sprintf("%s\t%v\t%s\t%s\n", name, p.Label, hex(p.Scores), hex(p.Probabilities))
}

// golden compares got with a file of testdata, line by line, or writes it.
func golden(t *testing.T, name, got string, write bool) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if write {
		require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	wantLines, gotLines := strings.Split(string(want), "\n"), strings.Split(got, "\n")
	for i := range min(len(wantLines), len(gotLines)) {
		require.Equal(t, wantLines[i], gotLines[i], "%s, line %d", path, i+1)
	}
	require.Len(t, gotLines, len(wantLines), path)
}

// The default model gives these scores, to the last bit, on every platform: of
// 200 sentences of the gold corpus by themselves, and of 10 of its passages as
// documents.
func TestGoldenScores(t *testing.T) {
	var b strings.Builder
	m := stance.Default()
	corpus := data.Gold()
	const sentences, passages = 200, 10
	examples := corpus.Examples()
	for i := range sentences {
		e := examples[len(examples)*i/sentences]
		b.WriteString(scoreLine(e.ID, m.Classify(e.Text)))
	}
	for i := range passages {
		d := corpus.Passages[len(corpus.Passages)*i/passages]
		for _, s := range m.ClassifyDocument(d.Text) {
			b.WriteString(scoreLine(fmt.Sprintf("%s %d-%d", d.ID, s.Start, s.End), s.Prediction))
		}
	}
	golden(t, "default.golden", b.String(), *update)
}

// keptTexts are what a kept model is asked about.
var keptTexts = []string{
	"", "We believe her, and it is long overdue.", "It has become a witch hunt without due process!",
	"The hearing begins on Monday at nine.", "Don't call #MeToo a “mob”, never.", "#BelieveWomen #MeTooNOW @someone https://example.org",
	"She did not say that “nobody believed me”, he said.", "caf\xe9 \x00 \u202eabc\u202c e\u0301\u0301 😡", "no", strings.Repeat("women speak out, ", 300),
}

// describeModel says what a kept model must still be after loading. It names
// fields one by one: a later library may have more of them.
func describeModel(m *stance.Model) string {
	var b strings.Builder
	o, r, v := m.Options(), m.Report(), m.Vectorizer()
	fmt.Fprintf(&b, "training: %v C=%v smoothing=%v balanced=%v folds=%d tolerance=%v iterations=%d seed=%d\n",
		o.Algorithm, o.C, o.Smoothing, o.Balanced, o.CalibrationFolds, o.Tolerance, o.MaxIterations, o.Seed)
	k := o.Features.Tokenizer
	fmt.Fprintf(&b, "tokenizer: rules=%d case=%v stop=%v hashtags=%v negation=%v quotation=%v\n", k.Rules, k.KeepCase,
		slices.Sorted(maps.Keys(k.StopWords)), k.SplitHashtags, k.MarkNegation, k.MarkQuotation)
	for _, x := range o.Features.Blocks {
		fmt.Fprintf(&b, "block: analyzer=%d n=%d-%d tf=%d idf=%d norm=%d df=%d-%d shares=%v-%v most=%d weight=%v\n", x.Analyzer, x.MinN, x.MaxN,
			x.TF, x.IDF, x.Norm, x.MinDF, x.MaxDF, x.MinDFShare, x.MaxDFShare, x.MaxFeatures, x.Weight)
	}
	fmt.Fprintf(&b, "data: %s, %d examples, %v, %d documents, %d columns\n", r.Data, r.Examples, r.Labels, v.Docs(), r.Features)
	fmt.Fprintf(&b, "solver: %d iterations, objective %x, gradient %x, converged %v, temperature %x, warnings %q\n",
		r.Solver.Iterations, r.Solver.Objective, r.Solver.GradientNorm, r.Solver.Converged, r.Temperature, r.Warnings)
	fmt.Fprintf(&b, "intercepts: %s\n", hex(m.Intercepts()))
	for col := 0; col < v.Cols(); col += 1 + v.Cols()/20 {
		fmt.Fprintf(&b, "column %d: block %d, %q, in %d, idf %x, weights %s\n", col, v.Block(col), v.Term(col), v.DF(col), v.IDF(col), hex(m.Weights(col)))
	}
	for i, text := range keptTexts {
		b.WriteString(scoreLine(fmt.Sprintf("text %d", i), m.Classify(text)))
	}
	// What format 1 did not have.
	if o.MinConfidence != 0 || o.Context != (stance.Context{}) || o.Features.Lexicon != nil {
		fmt.Fprintf(&b, "confidence: %v, others %v, first %v, none %v, temperature in documents %x\n", o.MinConfidence, o.Context.Others, o.Context.First, o.Context.None, r.DocumentTemperature)
		for _, phrase := range slices.Sorted(maps.Keys(o.Features.Lexicon)) {
			fmt.Fprintf(&b, "lexicon: %q %q\n", phrase, o.Features.Lexicon[phrase])
		}
		for _, s := range m.ClassifyDocument(strings.Join(keptTexts, "\n\n")) {
			b.WriteString(scoreLine(fmt.Sprintf("sentence %d-%d", s.Start, s.End), s.Prediction))
		}
	}
	return b.String()
}

// modelsToKeep makes, from options that are not the defaults, the models of
// which a file is kept for each format: one with all labels, one with two, and
// one with what is about documents.
func modelsToKeep(t *testing.T) map[string]*stance.Model {
	o := stance.Options{
		Features: features.Options{
			Tokenizer: features.Tokenizer{StopWords: map[string]bool{"the": true, "of": true}, SplitHashtags: true, MarkNegation: true, MarkQuotation: true},
			Blocks: []features.Block{
				{MaxN: 2, MinDF: 2, MaxDFShare: 0.5, TF: features.BinaryTF, IDF: features.PlainIDF},
				{Analyzer: features.CharsWB, MinN: 2, MaxN: 4, MinDF: 5, MaxFeatures: 1500, TF: features.SublinearTF, Weight: 0.5},
				{Analyzer: features.Chars, MinN: 3, MinDF: 6, Norm: features.L1},
			},
		},
		C: 0.5, Balanced: true, CalibrationFolds: 3, Tolerance: 1e-6, MaxIterations: 100, Seed: 1017,
	}
	var three, two []stance.Example
	for _, s := range data.Gold().Lone[:150] {
		e := stance.Example{ID: s.ID, Text: s.Text, Label: s.Label, Group: s.Group}
		three = append(three, e)
		if s.Label != stance.Against {
			two = append(two, e)
		}
	}
	svm := stance.Options{Features: features.Options{Tokenizer: features.Tokenizer{Rules: features.ScikitLearnRules}, Blocks: []features.Block{{MinDF: 3}}},
		Algorithm: stance.LinearSVM, Smoothing: 2, Seed: 3, CalibrationFolds: -1}
	documents := stance.Options{
		Features: features.Options{
			Blocks:  []features.Block{{MinDF: 3}, {Analyzer: features.LexiconClasses, IDF: features.NoIDF}},
			Lexicon: features.Lexicon{"witch hunt": {"charge"}, "believ*": {"trust", "mind"}, "due process": {"law"}},
		},
		MinConfidence: 0.45, Context: stance.Context{Others: 0.5, First: 0.25, None: -0.125},
	}
	var passages []stance.Example
	for _, d := range data.Gold().Passages[:20] {
		passages = append(passages, d.Examples()...)
	}
	return map[string]*stance.Model{"three": train(t, three, o), "two": train(t, two, svm), "documents": train(t, passages, documents)}
}

// Every format that ever was is still read, and its models say what they said.
// For each, files are kept that the library of its time has written; -update
// writes those of the current format that are missing.
func TestEveryFormatIsRead(t *testing.T) {
	current := binary.LittleEndian.Uint32(file(t, train(t, tram, stance.Options{}))[8:])
	if *update {
		for name, m := range modelsToKeep(t) {
			path := filepath.Join("testdata", fmt.Sprintf("format%d-%s.model", current, name))
			if _, err := os.Stat(path); err == nil {
				continue
			}
			require.NoError(t, m.SaveFile(path))
			golden(t, strings.TrimSuffix(filepath.Base(path), ".model")+".golden", describeModel(m), true)
		}
	}
	for version := range current {
		paths, err := filepath.Glob(filepath.Join("testdata", fmt.Sprintf("format%d-*.model", version+1)))
		require.NoError(t, err)
		assert.GreaterOrEqual(t, len(paths), 2, "keep files of format %d: go test ./stance -run TestEveryFormatIsRead -update", version+1)
		for _, path := range paths {
			name := strings.TrimSuffix(filepath.Base(path), ".model")
			t.Run(name, func(t *testing.T) {
				b, err := os.ReadFile(path)
				require.NoError(t, err)
				require.Equal(t, version+1, binary.LittleEndian.Uint32(b[8:]))
				m, err := stance.LoadFile(path)
				require.NoError(t, err)
				golden(t, name+".golden", describeModel(m), false)
				// It is the same model when this library writes it.
				again, err := stance.Load(strings.NewReader(string(file(t, m))))
				require.NoError(t, err)
				assert.Equal(t, describeModel(m), describeModel(again))
			})
		}
	}
}
