package stance_test

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// requireAbstention checks that p is what a model says that abstains below
// least, where one that never does says want.
func requireAbstention(t require.TestingT, least float64, want, p stance.Prediction) {
	require.Equal(t, want.Scores, p.Scores)
	require.Equal(t, want.Probabilities, p.Probabilities)
	greatest := max(p.Probabilities[0], p.Probabilities[1], p.Probabilities[2])
	if greatest < least {
		require.Equal(t, stance.Unlabelled, p.Label, "%v below %v", greatest, least)
	} else {
		require.Equal(t, want.Label, p.Label, "%v not below %v", greatest, least)
		require.True(t, p.Label.Valid())
	}
}

// A model abstains just where its greatest probability is below the least that
// was asked for, and all else is as it was, in every way to ask it.
func TestMinConfidence(t *testing.T) {
	never := inDocuments()
	documents, examples := passages(340, 345)
	check := func(t require.TestingT, least float64) (abstentions int) {
		m := never.WithMinConfidence(least)
		all, err := m.ClassifyAll(background, textsOf(examples))
		require.NoError(t, err)
		want := never.ClassifyExamples(examples)
		for i, p := range m.ClassifyExamples(examples) {
			requireAbstention(t, least, want[i], p)
			if p.Label == stance.Unlabelled {
				abstentions++
			}
			alone := m.Classify(examples[i].Text)
			requireAbstention(t, least, never.Classify(examples[i].Text), alone)
			require.Equal(t, alone, all[i])
			e := m.Explain(examples[i].Text)
			require.Equal(t, alone, e.Prediction)
			require.Equal(t, never.Explain(examples[i].Text).Terms, e.Terms)
		}
		for _, d := range documents {
			want := never.ClassifyDocument(d.Text)
			explanations := m.ExplainDocument(d.Text)
			var texts []string
			for i, s := range m.ClassifyDocument(d.Text) {
				requireAbstention(t, least, want[i].Prediction, s.Prediction)
				require.Equal(t, s.Prediction, explanations[i].Prediction)
				texts = append(texts, s.Text)
			}
			for i, p := range m.ClassifySentences(texts) {
				require.Equal(t, explanations[i].Prediction, p)
			}
		}
		return abstentions
	}
	assert.Zero(t, check(t, 0))
	assert.Zero(t, check(t, 1.0/3), "of three probabilities one is a third at least")
	assert.Equal(t, len(examples), check(t, 1), "no probability is 1")
	some := check(t, 0.6)
	assert.True(t, 0 < some && some < len(examples), "%d of %d", some, len(examples))
	rapid.Check(t, func(t *rapid.T) { check(t, rapid.Float64Range(0, 1).Draw(t, "least")) })
}

// The probability itself is enough, and nothing less.
func TestMinConfidenceToTheBit(t *testing.T) {
	m := train(t, tram, stance.Options{})
	for _, e := range tram {
		want := m.Classify(e.Text)
		p := want.Probabilities.Of(want.Label)
		assert.Equal(t, want, m.WithMinConfidence(p).Classify(e.Text))
		assert.Equal(t, want, m.WithMinConfidence(math.Nextafter(p, 0)).Classify(e.Text))
		assert.Equal(t, stance.Unlabelled, m.WithMinConfidence(math.Nextafter(p, 1)).Classify(e.Text).Label)
	}
	// A probability that is 1 is enough for any model. With scores as these
	// there is no other.
	sure := train(t, tram, stance.Options{C: 1e6, CalibrationFolds: -1, Context: stance.Context{Others: 1e6}})
	for _, p := range sure.WithMinConfidence(1).ClassifySentences([]string{tram[0].Text, tram[3].Text, tram[6].Text}) {
		require.Equal(t, 1.0, p.Probabilities.Of(p.Label))
	}
}

func TestMinConfidenceIsAProbability(t *testing.T) {
	m := train(t, tram, stance.Options{})
	for _, p := range []float64{-1, math.Nextafter(0, -1), math.Nextafter(1, 2), 50, math.NaN(), math.Inf(1), math.Inf(-1)} {
		want := fmt.Sprintf("stance: least confidence is %v, want a probability", p)
		assert.PanicsWithValue(t, want, func() { m.WithMinConfidence(p) })
		_, err := stance.Train(background, tram, stance.Options{MinConfidence: p})
		assert.EqualError(t, err, want)
	}
	parts := sections(t, file(t, m.WithMinConfidence(0.5)))
	const option = `"MinConfidence":0.5`
	require.Equal(t, 1, bytes.Count(parts[0], []byte(option)))
	for _, p := range []string{"1.5", "-0.5", "1e9"} {
		changed := parts
		changed[0] = bytes.Replace(parts[0], []byte(option), []byte(`"MinConfidence":`+p), 1)
		_, err := stance.Load(bytes.NewReader(assemble(changed)))
		var e *stance.FileError
		require.ErrorAs(t, err, &e)
		assert.ErrorContains(t, err, "section META: stance: least confidence is ")
	}
}

// A model that abstains is another one, which trains, and is saved, as such.
func TestMinConfidenceIsKept(t *testing.T) {
	m := train(t, tram, stance.Options{})
	before := file(t, m)
	half := m.WithMinConfidence(0.5)
	assert.Equal(t, 0.5, half.Options().MinConfidence)
	assert.Zero(t, m.Options().MinConfidence, "the first model is what it was")
	assert.Equal(t, before, file(t, m))
	assert.Equal(t, before, file(t, half.WithMinConfidence(0)), "and can be had again")
	assert.Equal(t, 0.75, half.WithMinConfidence(0.75).Options().MinConfidence, "the last one counts")
	assert.Equal(t, m.Report(), half.Report())
	assert.Same(t, m.Vectorizer(), half.Vectorizer(), "memory is shared")

	assert.Equal(t, file(t, half), file(t, train(t, tram, stance.Options{MinConfidence: 0.5})), "it has no part in training")
	again, err := stance.Load(bytes.NewReader(file(t, half)))
	require.NoError(t, err)
	assert.Equal(t, half.Options(), again.Options())
	assert.Equal(t, file(t, half), file(t, again))
	abstained := false
	for _, e := range tram {
		assert.Equal(t, half.Classify(e.Text), again.Classify(e.Text))
		abstained = abstained || again.Classify(e.Text).Label == stance.Unlabelled
	}
	assert.True(t, abstained || again.Classify("zyzzyva").Label == stance.Unlabelled)
}

// A model that says nothing where it is not sure.
func ExampleModel_WithMinConfidence() {
	m := stance.Default().WithMinConfidence(0.9)
	for _, text := range []string{"The hearing begins on Monday at nine.", "They call it a reckoning."} {
		p := m.Classify(text)
		fmt.Println(p.Label == stance.Unlabelled, text)
	}
	// Output:
	// false The hearing begins on Monday at nine.
	// true They call it a reckoning.
}
