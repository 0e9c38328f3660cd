package main

import (
	"fmt"
	"slices"
	"strings"

	"example.org/metoostance/eval"
)

// A table is what a run measured, as data: renderers decide how it looks.
type table struct {
	name  string // as -table, README markers and JSON call it
	title string // one sentence, without the full stop
	// model is what the whole table is about where no column names models.
	model   string
	columns []column
	rows    [][]cell
	notes   []string // what the figures are and what they are not
}

// A column of a table holds either texts that say what a row is about, or
// figures of one kind.
type column struct {
	head string // heading for people
	// key is the name of a column of texts in JSON; empty for figures.
	key string
	// metric is the unabridged name of the figure, with the average that it
	// is; empty for texts.
	metric string
	digits int // decimals that are printed; counts have none
	// interval says that the figures stand with confidence intervals.
	interval bool
}

// textColumn is a column of texts: of models, articles, settings.
func textColumn(head, key string) column { return column{head: head, key: key} }

// figures is a column of figures with three decimals.
func figures(head, metric string) column { return column{head: head, metric: metric, digits: 3} }

// estimates is a column of figures with intervals.
func estimates(head, metric string) column {
	return column{head: head, metric: metric, digits: 3, interval: true}
}

// counts is a column of whole numbers.
func counts(head, metric string) column { return column{head: head, metric: metric} }

// A cell is a text, a figure, or (the zero value) empty.
type cell struct {
	text      string
	numeric   bool
	value     float64
	low, high float64 // where the column has intervals
	hasRange  bool
	warnings  []string
}

func text(s string) cell { return cell{text: s} }

func number(v float64) cell { return cell{numeric: true, value: v} }

func count(n int) cell { return number(float64(n)) }

func figure(f eval.Figure) cell {
	return cell{numeric: true, value: f.Value, warnings: f.Warnings}
}

// estimate is a figure with its interval. Warnings of resamples that only
// repeat one of the estimate are left out.
func estimate(i eval.Interval) cell {
	c := cell{numeric: true, value: i.Estimate, low: i.Low, high: i.High, hasRange: true}
	for _, w := range i.Warnings {
		if _, repeated, ok := strings.Cut(w, " resamples: "); ok && slices.Contains(c.warnings, repeated) {
			continue
		}
		c.warnings = append(c.warnings, w)
	}
	return c
}

// scaled multiplies a figure, to print it as papers on a set do.
func (c cell) scaled(by float64) cell {
	c.value *= by
	c.low *= by
	c.high *= by
	return c
}

// add appends a row.
func (t *table) add(cells ...cell) {
	if len(cells) != len(t.columns) {
		panic("tables: a row of " + t.name + " has the wrong number of cells")
	}
	t.rows = append(t.rows, cells)
}

// A remark is a warning with the rows that it is about.
type remark struct {
	warning string
	rows    []string
	// most is the greatest number of resamples that a row's warning speaks
	// of; 0 when the warning is about the figure itself.
	most, resamples int
}

// remarks returns the notes, and below them the warnings of the cells, which
// are marked by an asterisk. Each warning is named once: warnings of resamples
// that differ in nothing but the number of resamples are one.
func (t *table) remarks() []string {
	var all []*remark
	find := func(warning string, resampled bool) *remark {
		for _, r := range all {
			if r.warning == warning && (r.resamples > 0) == resampled {
				return r
			}
		}
		all = append(all, &remark{warning: warning})
		return all[len(all)-1]
	}
	for _, row := range t.rows {
		name := t.nameOf(row)
		for _, c := range row {
			for _, w := range c.warnings {
				var n, of int
				if _, err := fmt.Sscanf(w, "in %d of %d resamples:", &n, &of); err == nil {
					_, w, _ = strings.Cut(w, " resamples: ")
				}
				r := find(w, of > 0)
				r.most, r.resamples = max(r.most, n), of
				if !slices.Contains(r.rows, name) {
					r.rows = append(r.rows, name)
				}
			}
		}
	}
	notes := slices.Clone(t.notes)
	const named = 3
	for _, r := range all {
		s := "* "
		if r.resamples > 0 {
			s += fmt.Sprintf("in at most %d of %d resamples: ", r.most, r.resamples)
		}
		s += r.warning + ": " + strings.Join(r.rows[:min(named, len(r.rows))], "; ")
		if more := len(r.rows) - named; more > 0 {
			s += fmt.Sprintf("; and %d more", more)
		}
		notes = append(notes, s+".")
	}
	return notes
}

// nameOf says what a row is about, by its first two texts.
func (t *table) nameOf(row []cell) string {
	var names []string
	for j, c := range row {
		if t.columns[j].key != "" && c.text != "" && len(names) < 2 {
			names = append(names, c.text)
		}
	}
	return strings.Join(names, ", ")
}
