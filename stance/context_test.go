package stance_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.org/metoostance/data"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// someContext has weights of which none is another's, or its negative.
var someContext = stance.Context{Others: 0.5, First: -0.25, None: 0.375}

// passages returns gold passages, from one up to another.
func passages(from, to int) (documents []data.Document, examples []stance.Example) {
	documents = data.Gold().Passages[from:to]
	for _, d := range documents {
		examples = append(examples, d.Examples()...)
	}
	return documents, examples
}

// inDocuments has learnt sixty passages in someContext, with words alone, which
// is soon done. Its two temperatures differ.
var inDocuments = sync.OnceValue(func() *stance.Model {
	_, examples := passages(0, 60)
	m, err := stance.Train(background, examples, stance.Options{Context: someContext, Balanced: true})
	if err != nil {
		panic(err)
	}
	return m
})

// requireNear checks that two values are equal to rounding: to 1e-12 of what was
// added up on the way to them. Infinite ones must be the same.
func requireNear(t require.TestingT, want, got stance.Values, size float64) {
	for k := range want {
		if math.IsInf(want[k], 0) {
			require.Equal(t, want[k], got[k])
			continue
		}
		require.InDelta(t, want[k], got[k], 1e-12*size)
	}
}

// directly puts the scores that the sentences of a document have alone into
// their context, by the definition, in the order in which it is written.
func directly(c stance.Context, alone []stance.Values) (inContext []stance.Values, size float64) {
	inContext, size = slices.Clone(alone), 1
	if len(alone) < 2 {
		return inContext, size
	}
	for i := range alone {
		for k := range alone[i] {
			mean := 0.0
			for j := range alone {
				if j != i {
					mean += alone[j][k] / float64(len(alone)-1)
				}
			}
			inContext[i][k] += c.Others*mean + c.First*alone[0][k]
			size = max(size, math.Abs(alone[i][k]))
		}
		inContext[i][stance.None-stance.Favor] += c.None
	}
	return inContext, size * (1 + math.Abs(c.Others) + math.Abs(c.First)) * float64(len(alone))
}

// softmax is that of scores over a temperature.
func softmax(scores stance.Values, temperature float64) (p stance.Values) {
	sum := 0.0
	for k, s := range scores {
		p[k] = math.Exp((s - scores.Of(scores.Max())) / temperature)
		sum += p[k]
	}
	for k := range p {
		p[k] /= sum
	}
	return p
}

func TestZeroContextIsNone(t *testing.T) {
	m := train(t, tram, stance.Options{})
	assert.Zero(t, m.Report().DocumentTemperature)
	assert.NotContains(t, string(file(t, m)), "Context", "the file is as if there were no such option")
	assert.NotContains(t, string(file(t, m)), "DocumentTemperature")

	var texts []string
	var examples []stance.Example
	for _, e := range tram {
		texts = append(texts, strings.ToUpper(e.Text[:1])+e.Text[1:]+".")
		examples = append(examples, stance.Example{Text: texts[len(texts)-1], Document: "all"})
	}
	text := strings.Join(texts, "\n")
	sentences, explanations := m.ClassifyDocument(text), m.ExplainDocument(text)
	require.Len(t, sentences, len(texts))
	together, ofExamples := m.ClassifySentences(texts), m.ClassifyExamples(examples)
	for i, s := range sentences {
		require.Equal(t, texts[i], s.Text)
		want := m.Explain(s.Text)
		require.Equal(t, want.Prediction, m.Classify(s.Text))
		assert.Equal(t, want.Prediction, s.Prediction)
		assert.Equal(t, want.Prediction, together[i])
		assert.Equal(t, want.Prediction, ofExamples[i])
		assert.Equal(t, want, explanations[i])
	}
}

// The scores in a document are what the definition makes of those that its
// sentences have alone, and the probabilities those of its temperature.
func TestContextIsItsDefinition(t *testing.T) {
	texts := make([]string, len(tram))
	for i, e := range tram {
		texts[i] = e.Text
	}
	v, rows, err := features.FitTransform(background, texts, features.Options{})
	require.NoError(t, err)
	alone, err := stance.TrainRows(background, v, rows, tram, stance.Options{CalibrationFolds: -1})
	require.NoError(t, err)
	weight := rapid.OneOf(rapid.Float64Range(-2, 2), rapid.Float64Range(-1e6, 1e6), rapid.SampledFrom([]float64{0, 1, -1, 1e6, -1e6, 5e-324}))
	rapid.Check(t, func(t *rapid.T) {
		c := stance.Context{Others: weight.Draw(t, "others"), First: weight.Draw(t, "first"), None: weight.Draw(t, "none")}
		m, err := stance.TrainRows(background, v, rows, tram, stance.Options{CalibrationFolds: -1, Context: c})
		require.NoError(t, err)
		sentences := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(texts), rapid.SampledFrom([]string{"", "the tram, again", "unseen"})), 0, 12).Draw(t, "sentences")
		var scores []stance.Values
		for _, s := range sentences {
			p := m.Classify(s)
			require.Equal(t, alone.Classify(s), p, "a text by itself has no context")
			scores = append(scores, p.Scores)
		}
		want, size := directly(c, scores)
		size += math.Abs(c.None)
		got := m.ClassifySentences(sentences)
		require.Len(t, got, len(sentences))
		for i, p := range got {
			requireNear(t, want[i], p.Scores, size)
			requireNear(t, softmax(p.Scores, 1), p.Probabilities, 1)
			require.Equal(t, p.Scores.Max(), p.Label)
		}
	})
}

func TestDocumentOfOneSentenceHasNoContext(t *testing.T) {
	m := inDocuments()
	require.NotEqual(t, m.Report().Temperature, m.Report().DocumentTemperature)
	for _, text := range []string{"The trial opens on Monday.", "They have been silenced for far too long.", "zyzzyva", "\xff"} {
		want := m.Explain(text)
		require.Equal(t, want.Prediction, m.Classify(text))
		assert.Equal(t, []stance.Prediction{want.Prediction}, m.ClassifySentences([]string{text}))
		assert.Equal(t, []stance.Explanation{want}, m.ExplainDocument(text))
		assert.Empty(t, want.Context)
		sentences := m.ClassifyDocument(text)
		require.Len(t, sentences, 1)
		assert.Equal(t, want.Prediction, sentences[0].Prediction)
		for _, document := range []string{"", "d"} {
			assert.Equal(t, []stance.Prediction{want.Prediction}, m.ClassifyExamples([]stance.Example{{Text: text, Document: document, Group: "g"}}))
		}
		// Two sentences are a document, even if one says nothing.
		two := m.ClassifySentences([]string{text, ""})
		assert.NotEqual(t, want.Prediction, two[0])
		requireNear(t, softmax(two[0].Scores, m.Report().DocumentTemperature), two[0].Probabilities, 1)
	}
	assert.Empty(t, m.ClassifyDocument(""))
	assert.Empty(t, m.ClassifySentences(nil))
	assert.Empty(t, m.ClassifyExamples(nil))
	assert.Empty(t, m.ExplainDocument(" \n"))
}

// However the sentences of a document come, they get the same predictions: as a
// text, as sentences, and as examples among those of others.
func TestDocumentsInEveryWay(t *testing.T) {
	m := inDocuments()
	rng := rand.New(rand.NewPCG(7, 1))
	documents, _ := passages(300, 320)
	type expected struct {
		example stance.Example
		want    stance.Prediction
	}
	var queues [][]expected
	for i, d := range documents {
		sentences := m.ClassifyDocument(d.Text)
		require.Greater(t, len(sentences), 1)
		var texts []string
		var queue []expected
		for j, s := range sentences {
			texts = append(texts, s.Text)
			// Labels have no part in it, nor has the group.
			e := stance.Example{Text: s.Text, Document: d.ID, Label: stance.Label(j % 4), Group: fmt.Sprint(j % 3)}
			queue = append(queue, expected{e, s.Prediction})
		}
		queues = append(queues, queue)
		together := m.ClassifySentences(texts)
		explanations := m.ExplainDocument(d.Text)
		require.Len(t, explanations, len(sentences))
		for j, s := range sentences {
			require.Equal(t, s.Prediction, together[j], "%s, sentence %d", d.ID, j)
			require.Equal(t, s.Prediction, explanations[j].Prediction, "%s, sentence %d", d.ID, j)
		}
		// One that stands alone, though its group is that of others.
		lone := stance.Example{Text: texts[i%len(texts)], Group: "0"}
		queues = append(queues, []expected{{lone, m.Classify(lone.Text)}})
	}
	var examples []stance.Example
	var want []stance.Prediction
	for len(queues) > 0 {
		i := rng.IntN(len(queues))
		examples = append(examples, queues[i][0].example)
		want = append(want, queues[i][0].want)
		if queues[i] = queues[i][1:]; len(queues[i]) == 0 {
			queues = slices.Delete(queues, i, i+1)
		}
	}
	assert.Equal(t, want, m.ClassifyExamples(examples))

	// The order within a document matters: its first sentence is another one.
	d := documents[0].Examples()
	before := m.ClassifyExamples(d)
	slices.Reverse(d)
	after := m.ClassifyExamples(d)
	slices.Reverse(after)
	assert.NotEqual(t, before, after)
}

// Explanations sum to the scores: what stands before any term, the terms, and
// the two parts of the context, each of which is what its definition says.
func TestExplainDocumentSums(t *testing.T) {
	m := inDocuments()
	documents, _ := passages(320, 340)
	for _, d := range documents {
		text := "\ufeff \n" + d.Text + "\n\n"
		spans := features.Sentences(text)
		require.Greater(t, len(spans), 1)
		var alone []stance.Values
		var lone []stance.Explanation
		for _, s := range spans {
			lone = append(lone, m.Explain(s.Of(text)))
			alone = append(alone, lone[len(lone)-1].Scores)
		}
		want, size := directly(someContext, alone)
		explanations := m.ExplainDocument(text)
		require.Len(t, explanations, len(spans))
		for i, e := range explanations {
			assert.Equal(t, lone[i].Terms, e.Terms, "the terms are those of the sentence alone")
			bias := m.Intercepts()
			bias[stance.None-stance.Favor] += someContext.None
			assert.Equal(t, bias, e.Bias)
			requireNear(t, want[i], e.Scores, size)

			require.Len(t, e.Context, 2)
			others, first := e.Context[0], e.Context[1]
			assert.Equal(t, "other sentences", others.Name)
			assert.Equal(t, features.Span{Start: spans[0].Start, End: spans[len(spans)-1].End}, others.Span)
			assert.Equal(t, "first sentence", first.Name)
			assert.Equal(t, spans[0], first.Span)
			onlyOthers, _ := directly(stance.Context{Others: someContext.Others}, alone)
			onlyFirst, _ := directly(stance.Context{First: someContext.First}, alone)
			for k := range alone[i] {
				assert.InDelta(t, onlyOthers[i][k]-alone[i][k], others.Scores[k], 1e-12*size)
				assert.InDelta(t, onlyFirst[i][k]-alone[i][k], first.Scores[k], 1e-12*size)
			}

			sum, parts := e.Bias, 1.0
			add := func(scores stance.Values) {
				for k, s := range scores {
					sum[k] += s
					parts += math.Abs(s)
				}
			}
			for _, term := range e.Terms {
				add(term.Scores)
			}
			for _, c := range e.Context {
				add(c.Scores)
			}
			requireNear(t, e.Scores, sum, parts)
		}
	}
}

// What no training example had keeps the score -Inf in a document, and nothing
// becomes NaN: neither a score, nor a temperature, nor a part of an explanation.
func TestUnseenLabelInContext(t *testing.T) {
	_, examples := passages(0, 60)
	documents, _ := passages(60, 65)
	for _, unseen := range stance.Labels() {
		var two []stance.Example
		for _, e := range examples {
			if e.Label != unseen {
				two = append(two, e)
			}
		}
		trained := train(t, two, stance.Options{Context: someContext})
		loaded, err := stance.Load(bytes.NewReader(file(t, trained)))
		require.NoError(t, err)
		for _, m := range []*stance.Model{trained, loaded} {
			r := m.Report()
			assert.Positive(t, r.Temperature)
			assert.Positive(t, r.DocumentTemperature)
			assert.Empty(t, r.Warnings)
			for _, d := range documents {
				sentences := m.ClassifyDocument(d.Text)
				for i, e := range m.ExplainDocument(d.Text) {
					require.Equal(t, sentences[i].Prediction, e.Prediction)
					require.NotEqual(t, unseen, e.Label)
					require.Zero(t, e.Probabilities.Of(unseen))
					sum := 0.0
					for _, l := range stance.Labels() {
						sum += e.Probabilities.Of(l)
						require.Equal(t, l == unseen, math.IsInf(e.Scores.Of(l), -1))
						require.Equal(t, l == unseen, math.IsInf(e.Bias.Of(l), -1))
						require.False(t, math.IsNaN(e.Scores.Of(l)) || math.IsNaN(e.Bias.Of(l)))
						for _, c := range e.Context {
							require.Equal(t, l == unseen, c.Scores.Of(l) == 0)
							require.Zero(t, c.Scores.Of(l)-c.Scores.Of(l), "finite")
						}
					}
					require.InDelta(t, 1, sum, 1e-12)
				}
			}
		}
	}
}

func TestContextOutOfRange(t *testing.T) {
	for _, tt := range []struct {
		c    stance.Context
		want string
	}{
		{stance.Context{Others: math.NaN()}, "context: others NaN, first 0, none 0"},
		{stance.Context{First: math.Inf(1)}, "context: others 0, first +Inf, none 0"},
		{stance.Context{None: math.Inf(-1)}, "context: others 0, first 0, none -Inf"},
		{stance.Context{Others: 1e6 + 1}, "context: others 1.000001e+06, first 0, none 0"},
		{stance.Context{First: -1e7}, "context: others 0, first -1e+07, none 0"},
		{stance.Context{Others: 0.5, None: 2e6}, "context: others 0.5, first 0, none 2e+06"},
	} {
		_, err := stance.Train(background, tram, stance.Options{Context: tt.c})
		assert.EqualError(t, err, "stance: "+tt.want+", want numbers of at most 1e+06 by amount")
	}
	m := train(t, tram, stance.Options{Context: stance.Context{Others: 1e6, First: -1e6, None: 1e6}, CalibrationFolds: -1})
	p := m.ClassifySentences([]string{tram[0].Text, tram[3].Text, tram[6].Text})
	for _, p := range p {
		requirePrediction(t, p)
	}
}

// Load refuses contexts that Train refuses, and temperatures of documents that
// do not go with the context.
func TestLoadRefusesContexts(t *testing.T) {
	m := train(t, tram, stance.Options{Context: stance.Context{Others: 0.5, First: -0.25, None: 0.375}, CalibrationFolds: -1})
	parts := sections(t, file(t, m))
	const context, temperature = `"Context":{"Others":0.5,"First":-0.25,"None":0.375}`, `"DocumentTemperature":1`
	for _, tt := range []struct{ name, old, new, want string }{
		{"others", `"Others":0.5`, `"Others":1000001`, "stance: context: others 1.000001e+06, first -0.25, none 0.375, want numbers of at most 1e+06 by amount"},
		{"first", `"First":-0.25`, `"First":-1e300`, "stance: context: others 0.5, first -1e+300, none 0.375, want numbers of at most 1e+06 by amount"},
		{"none", `"None":0.375`, `"None":1e7`, "stance: context: others 0.5, first -0.25, none 1e+07, want numbers of at most 1e+06 by amount"},
		{"no number", `"None":0.375`, `"None":"0"`, "json: cannot unmarshal string into Go struct field "},
		{"unknown weight", `"None":0.375`, `"Last":0.375`, `json: unknown field "Last"`},
		{"no temperature", "," + temperature, ``, "temperature is 0, want 1/1024 to 1024"},
		{"hot", temperature, `"DocumentTemperature":1025`, "temperature is 1025, want 1/1024 to 1024"},
		{"cold", temperature, `"DocumentTemperature":-1`, "temperature is -1, want 1/1024 to 1024"},
		{"temperature without a context", context + ",", ``, "a temperature for documents, 1, without a context"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, 1, strings.Count(string(parts[0]), tt.old), "%s", parts[0])
			changed := parts
			changed[0] = []byte(strings.Replace(string(parts[0]), tt.old, tt.new, 1))
			_, err := stance.Load(bytes.NewReader(assemble(changed)))
			var e *stance.FileError
			require.ErrorAs(t, err, &e)
			assert.Contains(t, e.Err.Error(), "section META: "+tt.want)
		})
	}
}

func TestContextString(t *testing.T) {
	assert.Equal(t, "no context", stance.Context{}.String())
	assert.Equal(t, "context: others 0.5, first -0.25, none 0.375", someContext.String())
	assert.Equal(t, "context: others 0, first 0, none -1", fmt.Sprint(stance.Context{None: -1}))
}

// logLoss is the mean of -ln of the probability of the gold label, the scores
// being divided by a temperature.
func logLoss(scores []stance.Values, examples []stance.Example, temperature float64) float64 {
	sum := 0.0
	for i, s := range scores {
		sum -= math.Log(softmax(s, temperature).Of(examples[i].Label))
	}
	return sum / float64(len(scores))
}

func scoresOf(predictions []stance.Prediction) []stance.Values {
	scores := make([]stance.Values, len(predictions))
	for i, p := range predictions {
		scores[i] = p.Scores
	}
	return scores
}

// Both temperatures are those with the least log loss on scores of examples that
// were held out from training: passages are dealt out to the folds in turn.
func TestTemperaturesAreTheBest(t *testing.T) {
	documents, examples := passages(0, 60)
	for i := range 15 { // sentences that stand alone, and in a group each
		d := data.Gold().Lone[i]
		examples = append(examples, stance.Example{Text: d.Text, Label: d.Label})
	}
	fold := func(i int) int { // counts documents, then lone sentences
		unit := len(documents) + i - (len(examples) - 15)
		if examples[i].Document != "" {
			unit = slices.IndexFunc(documents, func(d data.Document) bool { return d.ID == examples[i].Document })
		}
		return unit % 5
	}
	o := stance.Options{Context: someContext, Balanced: true}
	m := train(t, examples, o)
	r := m.Report()
	require.Empty(t, r.Warnings)

	rows, err := m.Vectorizer().Transform(background, textsOf(examples))
	require.NoError(t, err)
	o.CalibrationFolds = -1
	var alone, together []stance.Values
	var lone, inDocument []stance.Example
	for f := range 5 {
		var in []int
		var learnt, held, members []stance.Example
		for i, e := range examples {
			if fold(i) != f {
				in = append(in, i)
				learnt = append(learnt, e)
				continue
			}
			held = append(held, e)
			if e.Document != "" {
				members = append(members, e)
			}
		}
		part, err := stance.TrainRows(background, m.Vectorizer(), rows.Select(in), learnt, o)
		require.NoError(t, err)
		assert.Equal(t, 1.0, part.Report().DocumentTemperature, "not calibrated")
		all, err := part.ClassifyAll(background, textsOf(held))
		require.NoError(t, err)
		alone, lone = append(alone, scoresOf(all)...), append(lone, held...)
		together = append(together, scoresOf(part.ClassifyExamples(members))...)
		inDocument = append(inDocument, members...)
	}
	require.Len(t, alone, len(examples))
	require.Len(t, together, len(examples)-15)
	for _, tt := range []struct {
		name        string
		scores      []stance.Values
		examples    []stance.Example
		temperature float64
	}{
		{"alone", alone, lone, r.Temperature},
		{"in documents", together, inDocument, r.DocumentTemperature},
	} {
		least := logLoss(tt.scores, tt.examples, tt.temperature)
		t.Logf("%s: log loss %.4f at %.4f, %.4f at 1", tt.name, least, tt.temperature, logLoss(tt.scores, tt.examples, 1))
		for _, factor := range []float64{0.5, 0.9, 0.99, 0.999, 1.001, 1.01, 1.1, 2} {
			assert.Less(t, least, logLoss(tt.scores, tt.examples, factor*tt.temperature), "%s, %v times the temperature", tt.name, factor)
		}
	}

	// It pays on passages that nothing was learnt from.
	_, unseen := passages(200, 300)
	got := scoresOf(m.ClassifyExamples(unseen))
	calibrated := logLoss(got, unseen, r.DocumentTemperature)
	t.Logf("unseen: log loss %.4f at %.4f, %.4f at 1", calibrated, r.DocumentTemperature, logLoss(got, unseen, 1))
	assert.Less(t, calibrated, logLoss(got, unseen, 1))
}

func TestFewSentencesInDocuments(t *testing.T) {
	o := stance.Options{Context: someContext}
	examples := slices.Concat(tram, tram) // 36 examples, with 18 groups
	for i := range examples {
		examples[i].Group = fmt.Sprint(i % len(tram))
	}
	const few = "probabilities of sentences in documents are not calibrated: there are %d of them"
	for _, n := range []int{0, 2, 29, 30} {
		// Documents of two sentences, the first of three or four if n asks for it.
		for i := range examples {
			document := i % len(tram)
			examples[i].Document = ""
			if document < min(n/2, 14) {
				examples[i].Document = fmt.Sprint(document)
			}
		}
		for i := 28; i < n; i++ {
			examples[14+len(tram)*(i-28)].Document = "0"
		}
		r := train(t, examples, o).Report()
		if n < 30 {
			assert.Equal(t, 1.0, r.DocumentTemperature)
			assert.Contains(t, r.Warnings, fmt.Sprintf(few, n))
		} else {
			assert.NotEqual(t, 1.0, r.DocumentTemperature)
			assert.NotContains(t, fmt.Sprint(r.Warnings), "not calibrated")
		}
	}
	// Documents of one sentence have no context.
	for i := range examples {
		examples[i].Document = fmt.Sprint(i)
	}
	assert.Contains(t, train(t, examples, o).Report().Warnings, fmt.Sprintf(few, 0))

	// Without folds there is nothing to calibrate on.
	for i := range examples {
		examples[i].Group = "one"
	}
	r := train(t, examples, o).Report()
	assert.Equal(t, 1.0, r.Temperature)
	assert.Equal(t, 1.0, r.DocumentTemperature)
	assert.Equal(t, []string{"probabilities are not calibrated: all examples belong to one group"}, r.Warnings)
}

// Labels that have nothing to do with the texts make both temperatures as high
// as they get, and each warning says which it is about.
func TestTemperaturesAtTheEnd(t *testing.T) {
	var examples []stance.Example
	for i := range 240 {
		examples = append(examples, stance.Example{
			ID: fmt.Sprint(i), Document: fmt.Sprint(i / 4), Text: []string{"aye", "nay"}[i/4%2],
			Label: []stance.Label{stance.Favor, stance.Against}[(i/4%2+i/8%2)%2],
		})
	}
	m := train(t, examples, stance.Options{Context: stance.Context{Others: 0.5}})
	assert.Equal(t, []string{
		"the calibrated temperature is at the end of its range",
		"the calibrated temperature of documents is at the end of its range",
	}, m.Report().Warnings)
}

func TestSaveKeepsTheContext(t *testing.T) {
	_, examples := passages(0, 30)
	m := train(t, examples, stance.Options{
		Features: features.Options{
			Blocks:  []features.Block{{MaxN: 2, MinDF: 2}, {Analyzer: features.LexiconClasses, IDF: features.NoIDF}},
			Lexicon: stance.Lexicon(),
		},
		Context: someContext, MinConfidence: 0.5,
	})
	saved := file(t, m)
	again, err := stance.Load(bytes.NewReader(saved))
	require.NoError(t, err)
	assert.Equal(t, m.Options(), again.Options())
	assert.Equal(t, someContext, again.Options().Context)
	assert.Equal(t, stance.Lexicon(), again.Options().Features.Lexicon)
	assert.Equal(t, m.Report(), again.Report())
	assert.NotEqual(t, 1.0, again.Report().DocumentTemperature)
	assert.Equal(t, saved, file(t, again))
	documents, _ := passages(30, 40)
	for _, d := range documents {
		assert.Equal(t, m.ClassifyDocument(d.Text), again.ClassifyDocument(d.Text))
		assert.Equal(t, m.ExplainDocument(d.Text), again.ExplainDocument(d.Text))
	}
}

func TestContextIsDeterministic(t *testing.T) {
	_, examples := passages(0, 40)
	documents, others := passages(40, 50)
	o := stance.DefaultOptions()
	o.Features.Blocks = []features.Block{{MaxN: 2, MinDF: 2}, {Analyzer: features.LexiconClasses, IDF: features.NoIDF}}
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	type outcome struct {
		file         []byte
		predictions  []stance.Prediction
		explanations [][]stance.Explanation
	}
	run := func(procs int) (out outcome) {
		runtime.GOMAXPROCS(procs)
		m := train(t, examples, o)
		out.file, out.predictions = file(t, m), m.ClassifyExamples(others)
		for _, d := range documents {
			out.explanations = append(out.explanations, m.ExplainDocument(d.Text))
		}
		return out
	}
	one := run(1)
	assert.Equal(t, one, run(8))
}

// What a sentence leaves open the others may tell.
func ExampleModel_ClassifySentences() {
	m, err := stance.Train(background, []stance.Example{
		{Text: "Yes to the tram.", Label: stance.Favor},
		{Text: "We need the tram, and soon.", Label: stance.Favor},
		{Text: "No tram through our street.", Label: stance.Against},
		{Text: "Stop this tram.", Label: stance.Against},
	}, stance.Options{Context: stance.Context{Others: 0.5}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, first := range []string{"We need it soon.", "Stop it."} {
		p := m.ClassifySentences([]string{first, "As everybody knows."})
		fmt.Printf("%s As everybody knows. %v\n", first, p[1].Label)
	}
	// Output:
	// We need it soon. As everybody knows. FAVOR
	// Stop it. As everybody knows. AGAINST
}

func ExampleModel_ExplainDocument() {
	text := "A reckoning, overdue\n\nThe trial opens on Monday. Women have been silenced for far too long."
	for _, e := range stance.Default().ExplainDocument(text) {
		fmt.Print("words and more: ", len(e.Terms) > 0)
		for _, c := range e.Context {
			fmt.Printf(", %s at %v", c.Name, c.Span)
		}
		fmt.Println()
	}
	// Output:
	// words and more: true, other sentences at {0 91}, first sentence at {0 20}
	// words and more: true, other sentences at {0 91}, first sentence at {0 20}
	// words and more: true, other sentences at {0 91}, first sentence at {0 20}
}
