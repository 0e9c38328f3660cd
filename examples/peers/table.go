package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"example.org/metoostance/examples/internal/program"
)

// series holds one number for each turn.
type series []float64

// median returns the middle number, or the mean of the middle two. It panics if
// there is none.
func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2
}

func (s series) median() float64 { return median(s) }

// text writes the median, and the range of more than one number.
func (s series) text(format func(float64) string) string {
	if len(s) == 0 {
		return "not measured"
	}
	m := format(s.median())
	if len(s) == 1 {
		return m
	}
	// The unit stands once, behind the median.
	low, high := bare(format(slices.Min(s))), bare(format(slices.Max(s)))
	if low == high {
		return m
	}
	return fmt.Sprintf("%s (%s to %s)", m, low, high)
}

// bare returns the number of a number with a unit.
func bare(s string) string {
	number, _, _ := strings.Cut(s, " ")
	return number
}

// over returns the ratios of two series, turn by turn.
func over(a, b series) series {
	r := make(series, min(len(a), len(b)))
	for i := range r {
		r[i] = a[i] / b[i]
	}
	return r
}

// thousands writes a number without decimals, with commas.
func thousands(x float64) string {
	s := strconv.FormatFloat(math.Round(x), 'f', -1, 64)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return sign + s
}

// threeDigits rounds to three significant digits.
func threeDigits(x float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', 3, 64), 64)
	if err != nil {
		return x // infinite or not a number
	}
	return r
}

// plain writes three significant digits without an exponent.
func plain(x float64) string { return strconv.FormatFloat(threeDigits(x), 'f', -1, 64) }

// The ways to write a quantity.
func speed(x float64) string     { return thousands(threeDigits(x)) + " sentences/s" }
func inSeconds(x float64) string { return plain(x) + " s" }
func micro(x float64) string     { return plain(x) + " µs" }
func mebibytes(x float64) string { return thousands(x) + " MiB" }
func times(x float64) string     { return plain(x) + " times" }
func share(x float64) string     { return plain(x) }

// bandwidth writes what a speed in sentences is in bytes, of which a sentence
// has mean.
func bandwidth(s series, mean float64) string {
	return ", " + plain(s.median()*mean/1e6) + " MB/s"
}

// verdict says whether a row's aim is reached.
type verdict int

const (
	notMeasured verdict = iota
	no
	yes
)

func reached(ok bool) verdict {
	if ok {
		return yes
	}
	return no
}

// row is a row of the table.
type row struct {
	What                   string
	Reference, Ours, Ratio []string // figures, one a line
	Reach                  string   // empty if there is nothing to reach
	Reached                verdict
	Failed                 string // why it could not be measured
}

// without notes in the row that a peer is not installed.
func (w row) without(p peer) row {
	w.Reference = append(slices.Clip(w.Reference), p.String()+": not installed")
	return w
}

func (w row) verdict() string {
	switch {
	case w.Failed != "":
		return "failed: " + w.Failed
	case w.Reach == "":
		return "–"
	case w.Reached == yes:
		return "yes"
	case w.Reached == no:
		return "no"
	}
	return "not measured"
}

// report is all that is printed.
type report struct {
	title   string   // when, with what, on what
	corpora []string // what they are
	rows    []row
	missing []string // what is not installed, and how to install it
}

// text writes a block of lines for each row, for a terminal.
func (p *report) text(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n", p.title)
	for _, c := range p.corpora {
		fmt.Fprintf(&b, "%s\n", c)
	}
	for _, r := range p.rows {
		fmt.Fprintf(&b, "\n%s\n", r.What)
		for _, part := range []struct {
			name  string
			lines []string
		}{{"reference", r.Reference}, {"ours", r.Ours}, {"ratio", r.Ratio}, {"reach", []string{r.Reach}}, {"reached", []string{r.verdict()}}} {
			name := part.name
			for _, line := range part.lines {
				if line != "" {
					fmt.Fprintf(&b, "  %-10s %s\n", name, line)
					name = ""
				}
			}
		}
	}
	if len(p.missing) > 0 {
		b.WriteByte('\n')
	}
	for _, m := range p.missing {
		fmt.Fprintf(&b, "%s\n", m)
	}
	_, err := w.Write(b.Bytes())
	return err
}

// markdown writes a table.
func (p *report) markdown(w io.Writer) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s\n\n", p.title)
	for _, c := range p.corpora {
		fmt.Fprintf(&b, "- %s\n", c)
	}
	b.WriteString("\n| what | reference | ours | ratio | reach | reached |\n| --- | --- | --- | --- | --- | --- |\n")
	for _, r := range p.rows {
		cells := []string{r.What, lines(r.Reference), lines(r.Ours), lines(r.Ratio), r.Reach, r.verdict()}
		for _, c := range cells {
			b.WriteString("| " + cell(c) + " ")
		}
		b.WriteString("|\n")
	}
	if len(p.missing) > 0 {
		b.WriteByte('\n')
	}
	for _, m := range p.missing {
		fmt.Fprintf(&b, "- %s\n", m)
	}
	_, err := w.Write(b.Bytes())
	return err
}

func lines(s []string) string { return strings.Join(s, "\n") }

// cell escapes what would end a cell or a row of a Markdown table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", "<br>", "\r", "").Replace(s)
}

// The places of the README in which tables stand.
var (
	speedMarks   = program.Marks{Begin: "<!-- peers:begin -->\n", End: "<!-- peers:end -->\n"}
	qualityMarks = program.Marks{Begin: "<!-- quality:begin -->\n", End: "<!-- quality:end -->\n"}
)
