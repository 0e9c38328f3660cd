package data

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/stance"
)

func pressExamples() []stance.Example {
	return (&Corpus{Passages: Press()}).Examples()
}

// The numbers are those under which the passages were published.
func TestPressCounts(t *testing.T) {
	passages := Press()
	examples := pressExamples()
	assert.Len(t, passages, 300)
	assert.Len(t, examples, 4122)
	assert.Equal(t, [stance.NumLabels]int{563, 595, 2964}, counts(examples))
	assert.Equal(t, append(Gold().Examples(), examples...), TrainingExamples(), "the gold corpus comes first")
	assert.Len(t, TrainingExamples(), 2000+6630+4122)
	genres := map[string]int{}
	for _, d := range passages {
		genres[d.Genre]++
	}
	assert.Equal(t, map[string]int{"column": 128, "news": 76, "blog": 20, "editorial": 16, "feature": 15, "interview": 11, "review": 11,
		"explainer": 8, "speech": 8, "letter": 7}, genres)
}

func TestPressStructure(t *testing.T) {
	for _, d := range Press() {
		assert.True(t, d.Lean.Valid(), d.ID)
		assert.True(t, d.Headline, d.ID)
		assert.NotEmpty(t, d.Genre, d.ID)
		require.Greater(t, len(d.Sentences), 1, d.ID)
		var texts []string
		for i, s := range d.Sentences {
			assert.Equal(t, fmt.Sprintf("%s-%02d", d.ID, i), s.ID)
			assert.True(t, s.Label.Valid(), s.ID)
			assert.Equal(t, s.Text, d.Text[s.Start:s.End], s.ID)
			assert.Equal(t, strings.TrimSpace(s.Text), s.Text, s.ID)
			texts = append(texts, s.Text)
		}
		assert.Equal(t, texts[0]+"\n\n"+strings.Join(texts[1:], " "), d.Text, d.ID)
		for _, e := range d.Examples() {
			assert.Equal(t, [2]string{d.ID, d.ID}, [2]string{e.Group, e.Document}, e.ID)
		}
	}
}

// A sentence has its writer's vote, which is its label, and in 36 passages that
// of a second annotator, who had not seen it.
func TestPressVotes(t *testing.T) {
	var both [][]stance.Label
	passages, agreed := 0, 0
	for _, d := range Press() {
		votes := len(d.Sentences[0].Votes)
		if votes == 2 {
			passages++
		}
		for _, s := range d.Sentences {
			require.Len(t, s.Votes, votes, "%s: all of a passage were read, or none", s.ID)
			assert.Equal(t, s.Label, s.Votes[0], s.ID)
			if votes == 2 {
				both = append(both, s.Votes)
				if s.Votes[0] == s.Votes[1] {
					agreed++
				}
			}
		}
	}
	assert.Equal(t, 36, passages)
	assert.Len(t, both, 497)
	assert.Equal(t, 473, agreed, "0.952 of them")
	assert.InDelta(t, 0.898, alpha(both), 0.0005)
}

// plainText is what is left of a text when nothing but its letters and digits
// count.
func plainText(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// The passages have no sentence of the gold corpus, which is there to be
// measured on, and no name of it: an ID, a group or a document of one is none
// of the other.
func TestPressIsApartFromGold(t *testing.T) {
	texts, ids, names := map[string]string{}, map[string]bool{}, map[string]bool{}
	for _, e := range Gold().Examples() {
		texts[plainText(e.Text)] = e.ID
		ids[e.ID] = true
		names[e.Group] = true
		names[e.Document] = true
	}
	var shared []string
	for _, e := range pressExamples() {
		if texts[plainText(e.Text)] != "" {
			shared = append(shared, e.Text)
		}
		assert.False(t, ids[e.ID], "%s is the ID of two sentences", e.ID)
		ids[e.ID] = true
		assert.False(t, names[e.Group] || names[e.Document] || ids[e.Document], "%s is in the gold corpus", e.Document)
	}
	// With which letters to newspapers begin. The gold corpus has a small e.
	assert.Equal(t, []string{"To the Editor:"}, shared)
}

func TestPressIsACopy(t *testing.T) {
	d := Press()
	d[0].Sentences[0].Text = "changed"
	d[0].Sentences[0].Votes[0] = stance.Unlabelled
	d[1].Text = "changed"
	again := Press()
	assert.NotEqual(t, "changed", again[0].Sentences[0].Text)
	assert.True(t, again[0].Sentences[0].Votes[0].Valid())
	assert.NotEqual(t, "changed", again[1].Text)
	assert.Equal(t, again, Press())

	e := TrainingExamples()
	e[len(e)-1].Text = "changed"
	assert.False(t, slices.Equal(e, TrainingExamples()))
	assert.Equal(t, pressExamples(), TrainingExamples()[2000+6630:])
}

// Votes of passages are counted from one here, and not from two.
func TestPressVotesAreBounded(t *testing.T) {
	const header = "id\tlabel\tvotes\tgenre\tlean\ttext\n"
	row := func(votes string) string { return header + "p1-00\tNONE\t" + votes + "\tnews\tNONE\tThe vote\n" }
	for votes, want := range map[string]string{
		"NONE":           "",
		"NONE FAVOR":     "",
		"NONE NONE NONE": "x.tsv:2:3: 3 votes, want 1 or 2",
		"NONE PRO":       "",
		"NONE perhaps":   `x.tsv:2:3: vote 2: unknown label "perhaps" (want FAVOR, AGAINST or NONE)`,
	} {
		_, err := parsePassages("x.tsv", row(votes), 1, 2)
		if want == "" {
			assert.NoError(t, err)
		} else {
			assert.EqualError(t, err, want)
		}
	}
}
