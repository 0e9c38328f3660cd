package page

import (
	"fmt"
	"math"
	"strings"

	"example.org/metoostance/stance"
)

// A course is the plot of a document: for each sentence, in order, how much
// more probable FAVOR is than AGAINST.
type course struct {
	Width, Height int // of the plot, in its own units
	Sentences     int
	Marked        bool // whether bars have marks of gold labels
	Bars          []bar
	Line          string // the points of the moving mean, "" if there are too few bars
	Window        int    // number of bars that are averaged
	PerBar        int    // sentences
	Points        []coursePoint
	Mean          string // over all sentences
	MostFavor     *extreme
	MostAgainst   *extreme
}

// A bar is a rectangle of the plot.
type bar struct {
	X, Y, W, H string
	Key        string // class
	Gold       string // Y of the gold label's mark, "" if there is none
}

// A coursePoint is a row of the table that stands for the plot.
type coursePoint struct {
	First, Last int // sentences
	Label       string
	P           [stance.NumLabels]string
	Difference  string
}

// An extreme is the bar that is farthest from the middle to one side.
type extreme struct {
	Name  string
	Value string
}

const (
	mostBars     = 200  // more than that and bars become hairs on a phone
	courseWidth  = 1000 // stretched to the width of the page
	courseHeight = 200
	courseWindow = 5 // sentences of the moving mean, the middle one and two to each side
)

// newCourse makes the plot, or returns nil if there is nothing to be seen in
// one: it takes two sentences to have a course.
func newCourse(d Document, verdicts []verdict) *course {
	n := len(d.Sentences)
	if n < 2 {
		return nil
	}
	c := &course{Width: courseWidth, Height: courseHeight, Sentences: n, PerBar: (n + mostBars - 1) / mostBars}
	step := float64(courseWidth) / float64((n+c.PerBar-1)/c.PerBar)
	var values []float64
	total := 0.0
	least, greatest := math.Inf(1), math.Inf(-1)
	for first := 0; first < n; first += c.PerBar {
		group := d.Sentences[first:min(first+c.PerBar, n)]
		var mean stance.Values
		for _, s := range group {
			for k, p := range s.Probabilities {
				mean[k] += p
			}
		}
		for k := range mean {
			mean[k] /= float64(len(group))
		}
		value := mean.Of(stance.Favor) - mean.Of(stance.Against)
		total += float64(value * float64(len(group)))
		point := coursePoint{First: first + 1, Last: first + len(group), Difference: signed(value)}
		for k, l := range stance.Labels() {
			point.P[k] = decimal(mean.Of(l))
			if c.PerBar == 1 {
				point.P[k] = probabilityOf(group[0], l, d.MinConfidence)
			}
		}
		b := bar{X: coordinate(float64(step * float64(len(values)))), W: coordinate(0.8 * step)}
		b.Y, b.H = coordinate(height(max(value, 0))), coordinate(math.Abs(value)*courseHeight/2)
		switch {
		case c.PerBar == 1:
			name := nameOf(group[0].Label)
			b.Key, point.Label = name.Key, name.Name
			if verdicts != nil && verdicts[first].Compared {
				c.Marked = true
				b.Gold = coordinate(goldHeight(verdicts[first].Gold))
			}
		case value > 0:
			b.Key = "favor"
		default:
			b.Key = "against"
		}
		if value > greatest {
			greatest, c.MostFavor = value, point.extreme()
		}
		if value < least {
			least, c.MostAgainst = value, point.extreme()
		}
		c.Bars = append(c.Bars, b)
		c.Points = append(c.Points, point)
		values = append(values, value)
	}
	c.Mean = signed(total / float64(n))
	if len(values) >= 2*courseWindow {
		c.Window = courseWindow
		c.Line = movingMean(values, step)
	}
	return c
}

// extreme names a row of the table in words.
func (p coursePoint) extreme() *extreme {
	name := fmt.Sprintf("sentence %d", p.First)
	if p.Last > p.First {
		name = fmt.Sprintf("sentences %d to %d", p.First, p.Last)
	}
	return &extreme{name, p.Difference}
}

// movingMean returns the points of the mean of courseWindow bars around each,
// of fewer at the two ends.
func movingMean(values []float64, step float64) string {
	var b strings.Builder
	for i := range values {
		around := values[max(i-courseWindow/2, 0):min(i+courseWindow/2+1, len(values))]
		sum := 0.0
		for _, v := range around {
			sum += v
		}
		if i > 0 {
			b.WriteByte(' ')
		}
		x := float64(step * (float64(i) + 0.4)) // the middle of the bar
		b.WriteString(coordinate(x) + "," + coordinate(height(sum/float64(len(around)))))
	}
	return b.String()
}

// height is where in the plot a difference of probabilities is, from -1 at the
// bottom to 1 at the top.
func height(difference float64) float64 { return float64((1 - difference) * (courseHeight / 2)) }

// goldHeight is where the mark of a gold label is drawn.
func goldHeight(label string) float64 {
	switch label {
	case nameOf(stance.Favor).Name:
		return 3
	case nameOf(stance.Against).Name:
		return courseHeight - 3
	}
	return courseHeight / 2
}

// coordinate writes a length of the plot.
func coordinate(v float64) string { return fmt.Sprintf("%.1f", v) }
