package page

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

func TestReckon(t *testing.T) {
	const text = "We believe believe-ish women, don't we?"
	at := func(s string) features.Span {
		i := strings.Index(text, s)
		require.GreaterOrEqual(t, i, 0)
		return features.Span{Start: i, End: i + len(s)}
	}
	term := func(favor float64, spans ...features.Span) stance.Contribution {
		return stance.Contribution{Spans: spans, Scores: stance.Values{favor, -favor, 0}}
	}
	// The case for FAVOR is 1.5 times what stands here, for AGAINST the same
	// with the other sign.
	e := stance.Explanation{
		Terms: []stance.Contribution{
			term(0.4, at("women")),
			term(0.2, at("believe"), at("believe-")), // one half each, for the same word
			term(0.4, at("women, don't")),            // one half for each of two words
			term(-0.2, at(",")),                      // touches none
			term(-0.12, at("we?")),                   // the same word as "We"
			term(-0.04, at("ish")),
		},
		Bias: stance.Values{-0.08, 0.08, 0},
		Context: []stance.ContextContribution{
			{Name: "other sentences", Scores: stance.Values{0.8, -0.8, 0}},
			{Name: "first sentence", Scores: stance.Values{-0.32, 0.32, 0}},
		},
	}
	shown := func(words []word) (all []string) {
		for _, w := range words {
			require.Len(t, w.Text, 1)
			all = append(all, fmt.Sprintf("%s %s %d", w.Text[0].Text, w.Value(), w.Bar))
		}
		return all
	}
	r := reckon(text, e, stance.Favor)
	assert.Equal(t, []string{"women +0.90 75", "believe +0.30 25", "don't +0.30 25"}, shown(r.For))
	assert.Equal(t, []string{"punctuation −0.30 25", "We −0.18 15", "ish −0.06 5"}, shown(r.Against))
	assert.Equal(t, []string{"other words +0.00 0", "other sentences +1.20 100", "first sentence −0.48 40", "before any word −0.12 10"}, shown(r.Beside))

	e.Terms[5] = term(-0.002, at("ish")) // too little to be shown
	r = reckon(text, e, stance.Against)
	assert.Equal(t, []string{"punctuation +0.30 25", "We +0.18 15"}, shown(r.For))
	assert.Equal(t, []string{"women −0.90 75", "don't −0.30 25", "believe −0.30 25"}, shown(r.Against))
	assert.InDelta(t, 0.003, r.Beside[0].sum, 1e-15)

	// A label that the model never saw leaves no case to reckon with.
	e.Bias[1] = math.Inf(-1)
	assert.Len(t, reckon(text, e, stance.Favor).Beside, 3)

	r = reckon("", stance.Explanation{}, stance.None)
	assert.Empty(t, r.For)
	assert.Empty(t, r.Against)
	assert.Equal(t, []string{"other words +0.00 0", "before any word +0.00 0"}, shown(r.Beside))
}

// However the words are put together, they sum to the lead of the label, with
// what the rest of the text adds.
func TestWordsSumToTheLead(t *testing.T) {
	m, err := tiny()
	require.NoError(t, err)
	check := func(t require.TestingT, text string, e stance.Explanation) {
		for _, l := range stance.Labels() {
			r := reckon(text, e, l)
			require.LessOrEqual(t, len(r.For), wordsFor)
			require.LessOrEqual(t, len(r.Against), wordsAgainst)
			for _, w := range slices.Concat(r.For, r.Against) {
				require.GreaterOrEqual(t, math.Abs(w.sum), 0.005)
			}
			sum, longest := 0.0, 0
			for _, w := range slices.Concat(r.For, r.Against, r.Beside) {
				sum += w.sum
				longest = max(longest, w.Bar)
				require.True(t, w.Bar >= 0 && w.Bar <= 100)
			}
			require.Equal(t, 100, longest)
			require.InDelta(t, advantage(e.Scores, l), sum, 1e-9)
			require.Len(t, r.Beside, 2+len(e.Context))
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{
			"the", "women", "It", "ruins", "decent", "men", "they", "They", "brave", "hunt", "!", ".", ",", "🎶", "https://page.example/x", "\xFF", "zz", "\u202E", ". It", "\n\n",
		})).Draw(t, "words"), rapid.SampledFrom([]string{" ", "", "\n"}).Draw(t, "separator"))
		check(t, text, m.Explain(text))
		sentences := m.ClassifyDocument(text)
		for i, e := range m.ExplainDocument(text) {
			if len(sentences) > 1 {
				require.Len(t, e.Context, 2)
			}
			check(t, sentences[i].Text, e)
		}
	})
}

// What a panel shows of a sentence in its document: a line for each part.
func TestPanelShowsTheContext(t *testing.T) {
	const text = "I believe the women who spoke. Tickets cost ten pounds."
	d := documentOf(t, "", text, 0)
	root := parsePage(t, rendered(t, d))
	panels := root.all(class("why"))
	require.Len(t, panels, 2)
	for i, p := range panels {
		e := d.Explanations[i]
		beside := p.all(class("beside"))
		require.Len(t, beside, 1)
		var lines []string
		for _, row := range beside[0].all(class("row")) {
			lines = append(lines, strings.Join(strings.Fields(row.text()), " "))
		}
		require.Len(t, lines, 5)
		assert.Regexp(t, `^other words [+−][0-9.]+$`, lines[0])
		assert.Equal(t, []string{
			"other sentences " + signed(advantage(e.Context[0].Scores, e.Label)),
			"first sentence " + signed(advantage(e.Context[1].Scores, e.Label)),
			"before any word " + signed(advantage(e.Bias, e.Label)),
			"together " + signed(advantage(e.Scores, e.Label)),
		}, lines[1:])
	}
	assert.Contains(t, root.text(), "with what the other sentences of the text and its first one add,")
	assert.Contains(t, root.text(), "The sentences of a text speak for one another.")

	// A sentence that is the whole text has no other.
	page := rendered(t, documentOf(t, "", "I believe the women who spoke.", 0))
	assert.NotContains(t, page, "other sentences")
	assert.NotContains(t, page, "first sentence")
	assert.NotContains(t, page, "speak for one another")
	assert.Contains(t, page, "before any word")
}

// Of two labels one is infinitely ahead of the third, and no number is shown
// for it.
func TestUnseenLabel(t *testing.T) {
	d := documentOf(t, "", "I believe the women who spoke. Tickets cost ten pounds.", 0)
	for i := range d.Explanations {
		e := &d.Explanations[i]
		e.Bias[1], e.Scores[1] = math.Inf(-1), math.Inf(-1)
	}
	page := rendered(t, d)
	checkPage(t, page)
	assert.NotContains(t, page, "before any word <")
	assert.NotContains(t, page, "together</span>")
	assert.NotContains(t, page, "Inf")
	assert.NotContains(t, page, "NaN")
}

func TestLongWordIsCut(t *testing.T) {
	assert.Equal(t, "short", shorten("short"))
	assert.Equal(t, strings.Repeat("é", wordLength), shorten(strings.Repeat("é", wordLength)))
	assert.Equal(t, strings.Repeat("é", wordLength)+"…", shorten(strings.Repeat("é", wordLength+1)))
}

func TestStrength(t *testing.T) {
	for _, tt := range []struct {
		p    float64
		want int
	}{{0.34, 1}, {0.4999, 1}, {0.5, 2}, {0.7499, 2}, {0.75, 3}, {1, 3}, {0, 1}} {
		assert.Equal(t, tt.want, strength(tt.p), "%v", tt.p)
	}
}

func TestSigned(t *testing.T) {
	for v, want := range map[float64]string{0.5: "+0.50", -0.5: "−0.50", 0: "+0.00", -0.001: "+0.00", math.Copysign(0, -1): "+0.00"} {
		assert.Equal(t, want, signed(v), "%v", v)
	}
}

// plainDocument has the sentences that the text is split into, all NONE, and no
// explanations.
func plainDocument(text string) Document {
	d := Document{Text: text}
	for _, span := range features.Sentences(text) {
		d.Sentences = append(d.Sentences, stance.Sentence{Span: span, Text: span.Of(text),
			Prediction: stance.Prediction{Label: stance.None, Probabilities: stance.Values{0.25, 0.25, 0.5}}})
	}
	return d
}

func TestParagraphs(t *testing.T) {
	// Sentences and what is between them, separated by bars.
	for _, tt := range []struct {
		name, text string
		want       []string
	}{
		{"one", "One.| |Two.", []string{"One. Two."}},
		{"blank lines", "One.|\n\n|Two.|\r\n\r\n|Three.|\n \t\n|Four.", []string{"One.", "Two.", "Three.", "Four."}},
		{"lines", "One.| |Two.|\n|Three.|\r\n|Four.", []string{"One. Two.", "Three.", "Four."}},
		{"wrapped lines", "One goes\non.| |Two.|\n|Three.|\n\n|A line.|\n|A line.", []string{"One goes on. Two. Three.", "A line.", "A line."}},
		{"no gap", "One.||Two.", []string{"One. Two."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var d Document
			for i, part := range strings.Split(tt.text, "|") {
				span := features.Span{Start: len(d.Text), End: len(d.Text) + len(part)}
				d.Text += part
				if i%2 == 0 {
					d.Sentences = append(d.Sentences, stance.Sentence{Span: span, Text: part, Prediction: stance.Prediction{Label: stance.None}})
				}
			}
			var got []string
			for _, p := range newView(d).Paragraphs {
				var texts []string
				for _, s := range p {
					require.Len(t, s.Text, 1)
					texts = append(texts, s.Text[0].Text)
				}
				got = append(got, strings.Join(texts, " "))
			}
			assert.Equal(t, tt.want, got)
		})
	}
}

func TestCompare(t *testing.T) {
	d := plainDocument("One is here. Two is here. Three is here. Four is here. Five is here.")
	require.Len(t, d.Sentences, 5)
	verdicts, c := compare(d)
	assert.Nil(t, verdicts)
	assert.Nil(t, c, "without gold")

	d.Sentences[3].Label = stance.Unlabelled
	span := func(i int) features.Span { return d.Sentences[i].Span }
	d.Gold = []Gold{
		{span(0), stance.None},
		{span(1), stance.Favor},
		{features.Span{Start: span(2).Start, End: span(2).Start + 5}, stance.Favor},
		{features.Span{Start: span(2).Start + 6, End: span(2).End}, stance.Against},
		{span(3), stance.Against},
	}
	verdicts, c = compare(d)
	assert.Equal(t, []verdict{
		{Compared: true, Gold: "NONE"},
		{Compared: true, Wrong: true, Gold: "FAVOR"},
		{Gold: "FAVOR + AGAINST"},
		{Compared: true, Gold: "AGAINST"},
		{},
	}, verdicts)
	require.Len(t, c.Predicted, 4, "there is an abstention")
	var table [][]int
	for _, row := range c.Confusions {
		var n []int
		for _, cell := range row.N {
			n = append(n, cell.N)
		}
		table = append(table, n)
	}
	assert.Equal(t, [][]int{{0, 0, 1, 0}, {0, 0, 0, 1}, {0, 0, 1, 0}}, table)
	c.Predicted, c.Confusions = nil, nil
	assert.Equal(t, &comparison{Gold: 5, Compared: 3, Right: 1, Wrong: 1, Abstained: 1, Otherwise: 2, Unmatched: 2}, c)

	page := rendered(t, d)
	assert.Equal(t, 1, strings.Count(page, "✗</span> gold: "), "one error is marked")
	assert.Contains(t, page, "✗</span> gold: FAVOR</span>")
	assert.Contains(t, page, "1 of 3 right, <b>1 wrong</b>, 1 without label. A sentence is compared only if a gold label is of exactly its bytes: 2 of the sentences and 2 of the 5 gold labels found no counterpart")
	assert.Contains(t, page, "gold, cut otherwise: FAVOR &#43; AGAINST")
	assert.Contains(t, page, `<span class="chip uncompared">no gold</span>`)

	d.Gold = []Gold{}
	_, c = compare(d)
	assert.Equal(t, 5, c.Otherwise, "gold of no sentence is gold all the same")
	assert.Contains(t, rendered(t, d), "No sentence could be compared.")
}

func TestCourse(t *testing.T) {
	assert.Nil(t, newCourse(plainDocument(""), nil))
	assert.Nil(t, newCourse(plainDocument("One is here."), nil))

	d := plainDocument("One is here. Two is here. Three is here.")
	d.Sentences[0].Probabilities = stance.Values{0.75, 0.25, 0}
	d.Sentences[0].Label = stance.Favor
	d.Sentences[2].Probabilities = stance.Values{0, 1, 0}
	d.Sentences[2].Label = stance.Against
	c := newCourse(d, []verdict{{Compared: true, Gold: "AGAINST"}, {Gold: "FAVOR"}, {Compared: true, Gold: "NONE"}})
	assert.Equal(t, []bar{
		{X: "0.0", Y: "50.0", W: "266.7", H: "50.0", Key: "favor", Gold: "197.0"},
		{X: "333.3", Y: "100.0", W: "266.7", H: "0.0", Key: "none"},
		{X: "666.7", Y: "100.0", W: "266.7", H: "100.0", Key: "against", Gold: "100.0"},
	}, c.Bars)
	assert.Equal(t, []coursePoint{
		{1, 1, "FAVOR", [3]string{"0.75", "0.25", "0.00"}, "+0.50"},
		{2, 2, "NONE", [3]string{"0.25", "0.25", "0.50"}, "+0.00"},
		{3, 3, "AGAINST", [3]string{"0.00", "1.00", "0.00"}, "−1.00"},
	}, c.Points)
	assert.Equal(t, "−0.17", c.Mean)
	assert.Equal(t, &extreme{"sentence 1", "+0.50"}, c.MostFavor)
	assert.Equal(t, &extreme{"sentence 3", "−1.00"}, c.MostAgainst)
	assert.Empty(t, c.Line, "three sentences have no moving mean")

	// A long text is drawn with several sentences to a bar.
	d = plainDocument(strings.Repeat("One is here. ", 2*mostBars+1))
	for i := range d.Sentences {
		d.Sentences[i].Probabilities = stance.Values{0.5, 0.25, 0.25}
	}
	last := &d.Sentences[2*mostBars]
	last.Probabilities = stance.Values{0.125, 0.625, 0.25}
	c = newCourse(d, nil)
	require.Len(t, c.Bars, 134, "three sentences each, the last two")
	assert.Equal(t, 3, c.PerBar)
	assert.Equal(t, coursePoint{400, 401, "", [3]string{"0.31", "0.44", "0.25"}, "−0.12"}, c.Points[133])
	assert.Equal(t, "against", c.Bars[133].Key)
	assert.Equal(t, "favor", c.Bars[0].Key)
	assert.Equal(t, &extreme{"sentences 400 to 401", "−0.12"}, c.MostAgainst)
	assert.Equal(t, "+0.25", c.Mean)
	points := strings.Split(c.Line, " ")
	require.Len(t, points, 134)
	assert.Equal(t, "3.0,75.0", points[0])
	// The mean of two bars of 0.25 and one of -0.125, in the middle of the last.
	assert.Equal(t, "995.5,87.5", points[133])
}

// What abstains is marked, and explained by what it would have been.
func TestAbstention(t *testing.T) {
	d := documentOf(t, "", "I believe the women who spoke.", 1)
	page := rendered(t, d)
	p := d.Sentences[0].Probabilities
	assert.Contains(t, page, fmt.Sprintf(`</span> no label (FAVOR %.2f)</span>`, p.Of(stance.Favor)))
	assert.Contains(t, page, "For FAVOR:")
	assert.Contains(t, page, "Where no label has a probability of 1.00 or more")
	assert.Contains(t, page, "Showing 1 sentence without label.")

	page = rendered(t, documentOf(t, "", "I believe the women who spoke.", 0))
	assert.NotContains(t, page, "no label")
}

// What is shown of an abstention is below what would have made a label.
func TestProbabilitiesBelowTheThreshold(t *testing.T) {
	for _, tt := range []struct {
		p, least        float64
		label           stance.Label
		want, threshold string
	}{
		{0.4996, 0.5, stance.Unlabelled, "0.49", "0.50"},
		{0.4996, 0.5, stance.None, "0.50", "0.50"}, // another model's: nothing to keep apart
		{0.4949, 0.5, stance.Unlabelled, "0.49", "0.50"},
		{0.446, 0.5, stance.Unlabelled, "0.45", "0.50"},
		{0.9941, 0.995, stance.Unlabelled, "0.99", "0.995"},
		{0.9999, 1, stance.Unlabelled, "0.99", "1.00"},
	} {
		s := stance.Sentence{Prediction: stance.Prediction{Label: tt.label, Probabilities: stance.Values{0, 0, tt.p}}}
		assert.Equal(t, tt.want, probabilityOf(s, stance.None, tt.least), "%v", tt)
		assert.Equal(t, tt.threshold, thresholdOf(tt.least))
	}
	for i := 34; i <= 100; i++ {
		least := float64(i) / 100
		s := stance.Sentence{Prediction: stance.Prediction{Label: stance.Unlabelled, Probabilities: stance.Values{0, 0, least - 0.0004}}}
		assert.Equal(t, fmt.Sprintf("%.2f", least-0.01), probabilityOf(s, stance.None, least))
	}
}
