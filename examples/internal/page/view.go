package page

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"example.org/metoostance/stance"
)

// labels are those of a page: what a sentence can have, in the order of the
// page. Their keys are classes of the stylesheet.
var labels = [...]labelName{
	{stance.Favor, "favor", "FAVOR", "▲"},
	{stance.Against, "against", "AGAINST", "▼"},
	{stance.None, "none", "NONE", "○"},
	{stance.Unlabelled, "unlabelled", "no label", "?"},
}

// A labelName is a label as it is shown.
type labelName struct {
	label           stance.Label
	Key, Name, Sign string
}

func nameOf(l stance.Label) labelName {
	for _, n := range labels {
		if n.label == l {
			return n
		}
	}
	panic(fmt.Sprintf("page: label %d is none of package stance", l))
}

// steps are the steps of a label's colour. Of three labels the most probable
// has a probability of 1/3 at least.
var steps = [...]step{
	{1, 0, "below 0.50"},
	{2, 0.5, "0.50 to 0.74"},
	{3, 0.75, "0.75 to 1"},
}

// A step is a strength of a colour for a range of probabilities.
type step struct {
	Step  int // from 1
	from  float64
	Range string
}

// strength returns the step of a probability.
func strength(p float64) int {
	i := len(steps) - 1
	for i > 0 && p < steps[i].from {
		i--
	}
	return steps[i].Step
}

// decimal writes a probability.
func decimal(p float64) string { return fmt.Sprintf("%.2f", p) }

// probabilityOf writes a probability of a sentence. Where the model abstains, as
// all of them are below least, one that would be rounded up to least is cut off
// instead: else the page would say that 0.50 does not reach 0.50.
func probabilityOf(s stance.Sentence, l stance.Label, least float64) string {
	p := s.Probabilities.Of(l)
	if s.Label == stance.Unlabelled && p < least && math.Round(100*p)/100 >= least {
		p = math.Floor(100*p) / 100
	}
	return decimal(p)
}

// thresholdOf writes the least probability of a label, with all its digits.
func thresholdOf(least float64) string {
	if s := strconv.FormatFloat(least, 'f', -1, 64); len(s) > len("0.00") {
		return s
	}
	return decimal(least)
}

// view is what the templates are given.
type view struct {
	Title      []piece
	PlainTitle string
	Policy     string
	Style      template.CSS
	Model      []piece
	Threshold  string // of abstention, "" if there is none
	Total      int
	Counts     []count
	Filters    []filter
	Strengths  []strengthSample
	Explained  bool
	InContext  bool // whether sentences speak for the labels of others
	Paragraphs [][]sentence
	Course     *course
	Gold       *comparison
}

// A count is the number of sentences with a label.
type count struct {
	labelName
	N       int
	Percent int
}

// A filter is one of the choices of what to show.
type filter struct {
	Key, Name, Sign string
	N               int
	Shown           string // what is shown when it is chosen
}

// A strengthSample shows the steps of a label's colour.
type strengthSample struct {
	labelName
	Steps []step
}

// A sentence is a sentence as it is shown.
type sentence struct {
	labelName
	N       int // from 1
	P       string
	Step    int    // of the colour
	WouldBe string // the most probable label of an abstention
	Text    []piece
	Verdict *verdict // nil if there is no gold
	Panel   *panel   // nil if there is no explanation
}

// A panel tells what spoke for and against a label.
type panel struct {
	Label         string
	Probabilities []probability
	reckoning
	Lead string // of the label, "" if it is infinite
}

type probability struct {
	labelName
	P       string
	Percent int
}

func newView(d Document) *view {
	check(d)
	v := &view{
		Title:     pieces(d.Title),
		Policy:    Policy,
		Style:     template.CSS(style),
		Model:     pieces(d.Model),
		Total:     len(d.Sentences),
		Explained: len(d.Explanations) > 0,
	}
	if strings.TrimSpace(d.Title) == "" {
		v.Title = []piece{{Text: "Untitled text"}}
	}
	for _, p := range v.Title {
		v.PlainTitle += p.Text
	}
	if d.MinConfidence > 0 {
		v.Threshold = thresholdOf(d.MinConfidence)
	}
	verdicts, comparison := compare(d)
	v.Gold = comparison
	v.count(d)
	v.Course = newCourse(d, verdicts)
	v.paragraphs(d, verdicts)
	return v
}

// check panics when a document is not put together as it must be.
func check(d Document) {
	if n := len(d.Explanations); n > 0 && n != len(d.Sentences) {
		panic(fmt.Sprintf("page: %d explanations of %d sentences", n, len(d.Sentences)))
	}
	end := 0
	for i, s := range d.Sentences {
		if s.Start < end || s.End < s.Start || s.End > len(d.Text) {
			panic(fmt.Sprintf("page: sentence %d at bytes %d to %d, after byte %d of %d", i, s.Start, s.End, end, len(d.Text)))
		}
		nameOf(s.Label)
		end = s.End
	}
	end = 0
	for i, g := range d.Gold {
		if g.Start < end || g.End <= g.Start || g.End > len(d.Text) {
			panic(fmt.Sprintf("page: gold label %d at bytes %d to %d, after byte %d of %d", i, g.Start, g.End, end, len(d.Text)))
		}
		if !g.Label.Valid() {
			panic(fmt.Sprintf("page: gold label %d is %q", i, g.Label))
		}
		end = g.End
	}
}

// count counts the labels, and makes the filter of them.
func (v *view) count(d Document) {
	var n [stance.None + 1]int
	for _, s := range d.Sentences {
		n[s.Label]++
	}
	v.Filters = []filter{{Key: "all", Name: "all", N: v.Total, Shown: "all " + sentences(v.Total)}}
	for _, l := range labels {
		c := count{labelName: l, N: n[l.label]}
		if l.label == stance.Unlabelled && c.N == 0 && v.Threshold == "" {
			continue
		}
		if v.Total > 0 {
			c.Percent = int(math.Round(100 * float64(c.N) / float64(v.Total)))
		}
		v.Counts = append(v.Counts, c)
		shown := "with label " + l.Name
		if l.label == stance.Unlabelled {
			shown = "without label"
		} else {
			v.Strengths = append(v.Strengths, strengthSample{l, steps[:]})
		}
		v.Filters = append(v.Filters, filter{l.Key, l.Name, l.Sign, c.N, sentences(c.N) + " " + shown})
	}
	if v.Gold != nil {
		v.Filters = append(v.Filters, filter{"wrong", "errors", "✗", v.Gold.Wrong, sentences(v.Gold.Wrong) + " labelled otherwise than in the gold"})
	}
}

// sentences says how many there are.
func sentences(n int) string {
	if n == 1 {
		return "1 sentence"
	}
	return fmt.Sprintf("%d sentences", n)
}

// paragraphs puts the sentences into paragraphs. A blank line ends a paragraph;
// any line end does where the lines are not those of wrapped text, which is
// wrapped where a sentence has a line end in it.
func (v *view) paragraphs(d Document, verdicts []verdict) {
	for start := 0; start < len(d.Sentences); {
		end, wrapped := start, false
		for ; end < len(d.Sentences); end++ {
			s := d.Sentences[end]
			if end > start && strings.Count(gapBefore(d, end), "\n") > 1 {
				break
			}
			wrapped = wrapped || strings.Contains(s.Of(d.Text), "\n")
		}
		var p []sentence
		for i := start; i < end; i++ {
			if i > start && !wrapped && strings.Contains(gapBefore(d, i), "\n") {
				v.Paragraphs = append(v.Paragraphs, p)
				p = nil
			}
			p = append(p, v.sentence(d, i, verdicts))
		}
		v.Paragraphs = append(v.Paragraphs, p)
		start = end
	}
}

// gapBefore is what stands between a sentence, not the first, and the one
// before it.
func gapBefore(d Document, i int) string { return d.Text[d.Sentences[i-1].End:d.Sentences[i].Start] }

func (v *view) sentence(d Document, i int, verdicts []verdict) sentence {
	s := d.Sentences[i]
	name := nameOf(s.Label)
	// An abstention is explained by the label that it is about.
	of := name
	if s.Label == stance.Unlabelled {
		of = nameOf(s.Probabilities.Max())
	}
	p := s.Probabilities.Of(of.label)
	shown := sentence{
		labelName: name, N: i + 1, P: probabilityOf(s, of.label, d.MinConfidence), Step: strength(p), Text: pieces(s.Of(d.Text)),
	}
	if of != name {
		shown.WouldBe = of.Name
	}
	if verdicts != nil {
		shown.Verdict = &verdicts[i]
	}
	if v.Explained {
		shown.Panel = v.panel(d, i, of)
	}
	return shown
}

// panel explains a sentence. of is the label whose words are shown: that of
// the sentence or, if it has none, the most probable.
func (v *view) panel(d Document, i int, of labelName) *panel {
	s, e := d.Sentences[i], d.Explanations[i]
	p := &panel{Label: of.Name}
	for _, l := range labels[:stance.NumLabels] {
		value := s.Probabilities.Of(l.label)
		p.Probabilities = append(p.Probabilities, probability{l, probabilityOf(s, l.label, d.MinConfidence), int(math.Round(100 * value))})
	}
	p.reckoning = reckon(s.Of(d.Text), e, of.label)
	if lead := advantage(e.Scores, of.label); !math.IsInf(lead, 0) && !math.IsNaN(lead) {
		p.Lead = signed(lead)
	}
	v.InContext = v.InContext || len(e.Context) > 0
	return p
}
