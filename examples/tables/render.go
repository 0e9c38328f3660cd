package main

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A renderer writes one table. first says that none was written before it.
type renderer func(w io.Writer, t *table, first bool) error

var renderers = map[string]renderer{
	"text":     renderText,
	"markdown": renderMarkdown,
	"csv":      renderCSV,
	"latex":    renderLaTeX,
	"json":     renderJSON,
}

// formats names the renderers in the order of the documentation.
var formats = []string{"text", "markdown", "csv", "latex", "json"}

// format writes a number with the column's decimals. A value that rounds to
// zero has no sign.
func (c column) format(v float64) string {
	s := strconv.FormatFloat(v, 'f', c.digits, 64)
	if strings.Trim(s, "-0.") == "" {
		s = strings.TrimPrefix(s, "-")
	}
	return s
}

// show returns a cell for people, without the mark of a warning.
func (c column) show(x cell) string {
	switch {
	case !x.numeric:
		return x.text
	case x.hasRange:
		return fmt.Sprintf("%s [%s, %s]", c.format(x.value), c.format(x.low), c.format(x.high))
	}
	return c.format(x.value)
}

func renderText(w io.Writer, t *table, first bool) error {
	out := bufio.NewWriter(w)
	if !first {
		fmt.Fprintln(out)
	}
	for _, line := range wrap(oneLine(t.name+": "+t.title+"."), textWidth) {
		fmt.Fprintln(out, line)
	}
	fmt.Fprintln(out)
	lines := make([][]string, len(t.rows)+1)
	widths := make([]int, len(t.columns))
	for j, c := range t.columns {
		lines[0] = append(lines[0], oneLine(c.head))
		for i, row := range t.rows {
			s := oneLine(c.show(row[j]))
			if len(row[j].warnings) > 0 {
				s += "*"
			} else if c.key == "" && marked(t, j) {
				s += " " // so that digits stand below one another
			}
			lines[i+1] = append(lines[i+1], s)
		}
		for _, line := range lines {
			widths[j] = max(widths[j], utf8.RuneCountInString(line[j]))
		}
	}
	for i, line := range lines {
		var b strings.Builder
		for j, s := range line {
			if j > 0 {
				b.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[j]-utf8.RuneCountInString(s))
			if t.columns[j].key != "" {
				b.WriteString(s + pad)
			} else {
				b.WriteString(pad + s)
			}
		}
		fmt.Fprintln(out, strings.TrimRight(b.String(), " "))
		if i == 0 {
			rule := 2 * (len(widths) - 1)
			for _, n := range widths {
				rule += n
			}
			fmt.Fprintln(out, strings.Repeat("-", rule))
		}
	}
	for i, note := range t.remarks() {
		if i == 0 {
			fmt.Fprintln(out)
		}
		for _, line := range wrap(oneLine(note), textWidth) {
			fmt.Fprintln(out, line)
		}
	}
	return out.Flush()
}

// oneLine returns s as one line that commands neither a terminal nor TeX: line
// ends and tabs become a space, other control characters, what turns the
// direction of writing, and invalid bytes become U+FFFD. Names in tables may
// come from files.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) && (unicode.IsControl(r) || r == '\u2028' || r == '\u2029'):
			return ' '
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return utf8.RuneError
		}
		return r // U+FFFD of an invalid byte
	}, s)
}

// marked says whether a cell of column j has a warning.
func marked(t *table, j int) bool {
	return slices.ContainsFunc(t.rows, func(row []cell) bool { return len(row[j].warnings) > 0 })
}

const textWidth = 88

// wrap breaks a text into lines of at most width characters, between words.
func wrap(s string, width int) []string {
	var lines []string
	line, length := "", 0
	for _, word := range strings.Fields(s) {
		n := utf8.RuneCountInString(word)
		if length > 0 && length+1+n > width {
			lines = append(lines, line)
			line, length = "", 0
		}
		if length > 0 {
			line += " "
			length++
		}
		line += word
		length += n
	}
	return append(lines, line)
}

func renderMarkdown(w io.Writer, t *table, first bool) error {
	out := bufio.NewWriter(w)
	if !first {
		fmt.Fprintln(out)
	}
	fmt.Fprintf(out, "**%s.**\n\n", escapeMarkdown(t.title))
	heads, rules := make([]string, len(t.columns)), make([]string, len(t.columns))
	for j, c := range t.columns {
		heads[j] = escapeMarkdown(c.head)
		rules[j] = "---"
		if c.key == "" {
			rules[j] = "---:"
		}
	}
	fmt.Fprintf(out, "| %s |\n| %s |\n", strings.Join(heads, " | "), strings.Join(rules, " | "))
	for _, row := range t.rows {
		cells := make([]string, len(row))
		for j, x := range row {
			cells[j] = t.columns[j].show(x)
			if !x.numeric {
				cells[j] = escapeMarkdown(cells[j])
			}
			if len(x.warnings) > 0 {
				cells[j] += `\*`
			}
		}
		fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
	}
	for _, note := range t.remarks() {
		fmt.Fprintf(out, "\n%s\n", escapeMarkdown(note))
	}
	return out.Flush()
}

var markdownSpecials = strings.NewReplacer(
	`\`, `\\`, `|`, `\|`, "`", "\\`", `*`, `\*`, `_`, `\_`, `<`, `\<`, `>`, `\>`,
	`[`, `\[`, `]`, `\]`, `#`, `\#`, `~`, `\~`, `&`, `&amp;`,
)

func escapeMarkdown(s string) string { return markdownSpecials.Replace(oneLine(s)) }

// renderCSV writes a header and rows, with the table's name in the first
// column and a blank line before every table but the first. A figure with an
// interval takes three columns. Figures are written as they are printed.
func renderCSV(w io.Writer, t *table, first bool) error {
	if !first {
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	out := csv.NewWriter(w)
	header, lead := []string{"table"}, []string{t.name}
	if t.model != "" {
		header, lead = append(header, "model"), append(lead, escapeFormula(t.model))
	}
	for _, c := range t.columns {
		switch {
		case c.key != "":
			header = append(header, c.key)
		case c.interval:
			header = append(header, c.metric, c.metric+": low", c.metric+": high")
		default:
			header = append(header, c.metric)
		}
	}
	for i := range header {
		header[i] = escapeFormula(header[i])
	}
	out.Write(header) // errors are kept until Flush
	for _, row := range t.rows {
		record := slices.Clone(lead)
		for j, x := range row {
			c := t.columns[j]
			if x.numeric {
				record = append(record, c.format(x.value))
			} else {
				record = append(record, escapeFormula(x.text))
			}
			switch {
			case c.interval && x.hasRange:
				record = append(record, c.format(x.low), c.format(x.high))
			case c.interval:
				record = append(record, "", "")
			}
		}
		out.Write(record)
	}
	out.Flush()
	return out.Error()
}

// escapeFormula puts a single quote before a text that a spreadsheet would take
// for a formula.
func escapeFormula(s string) string {
	if rest := strings.TrimLeft(s, "'"); rest != "" && strings.ContainsRune("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20", firstRune(rest)) {
		return "'" + s
	}
	return s
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

// renderLaTeX writes a table environment that needs no package.
func renderLaTeX(w io.Writer, t *table, first bool) error {
	out := bufio.NewWriter(w)
	if !first {
		fmt.Fprintln(out)
	}
	spec := ""
	heads := make([]string, len(t.columns))
	for j, c := range t.columns {
		heads[j] = escapeLaTeX(c.head)
		if c.key != "" {
			spec += "l"
		} else {
			spec += "r"
		}
	}
	fmt.Fprintf(out, "\\begin{table}\n\\caption{%s.}\n\\label{tab:%s}\n\\begin{tabular}{%s}\n\\hline\n%s \\\\\n\\hline\n",
		escapeLaTeX(t.title), latexLabel(t.name), spec, strings.Join(heads, " & "))
	for _, row := range t.rows {
		cells := make([]string, len(row))
		for j, x := range row {
			cells[j] = escapeLaTeX(t.columns[j].show(x))
			if x.numeric && strings.HasPrefix(cells[j], "-") {
				cells[j] = "$-$" + cells[j][1:]
			}
			if len(x.warnings) > 0 {
				cells[j] += "*"
			}
		}
		fmt.Fprintf(out, "%s \\\\\n", strings.Join(cells, " & "))
	}
	fmt.Fprint(out, "\\hline\n\\end{tabular}\n")
	for _, note := range t.remarks() {
		fmt.Fprintf(out, "\\par{\\footnotesize %s}\n", escapeLaTeX(note))
	}
	fmt.Fprint(out, "\\end{table}\n")
	return out.Flush()
}

// A bracket is put in braces, for after a line end (\\) it would begin an
// optional argument.
var latexSpecials = strings.NewReplacer(
	`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `$`, `\$`, `&`, `\&`, `#`, `\#`, `%`, `\%`,
	`_`, `\_`, `^`, `\textasciicircum{}`, `~`, `\textasciitilde{}`, `<`, `\textless{}`, `>`, `\textgreater{}`,
	`|`, `\textbar{}`, `"`, `\textquotedbl{}`, `[`, `{[}`, `]`, `{]}`, "\uFFFD", "?",
)

func escapeLaTeX(s string) string { return latexSpecials.Replace(oneLine(s)) }

// latexLabel replaces what is no letter, digit or hyphen.
func latexLabel(name string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '-'
	}, name)
}

// renderJSON writes one object a line for every figure: "table", the texts of
// its row ("model" always among them), "metric", "value", with "low" and
// "high" where it has an interval and "warnings" where there are any. Values
// are rounded to six decimals.
func renderJSON(w io.Writer, t *table, _ bool) error {
	out := bufio.NewWriter(w)
	field := func(name string, v any) error {
		k, err := marshal(name)
		if err != nil {
			return err
		}
		b, err := marshal(v)
		if err != nil {
			return err
		}
		if name != "table" {
			out.WriteByte(',')
		}
		out.Write(k)
		out.WriteByte(':')
		out.Write(b)
		return nil
	}
	for _, row := range t.rows {
		for j, x := range row {
			if !x.numeric {
				continue
			}
			out.WriteByte('{')
			if err := field("table", t.name); err != nil {
				return err
			}
			if t.model != "" {
				if err := field("model", t.model); err != nil {
					return err
				}
			}
			for k, c := range t.columns {
				if c.key == "" || row[k].text == "" {
					continue
				}
				if err := field(c.key, row[k].text); err != nil {
					return err
				}
			}
			type named struct {
				name string
				v    any
			}
			parts := []named{{"metric", t.columns[j].metric}, {"value", rounded(x.value)}}
			if x.hasRange {
				parts = append(parts, named{"low", rounded(x.low)}, named{"high", rounded(x.high)})
			}
			if len(x.warnings) > 0 {
				parts = append(parts, named{"warnings", x.warnings})
			}
			for _, p := range parts {
				if err := field(p.name, p.v); err != nil {
					return fmt.Errorf("table %s, %s: %w", t.name, t.columns[j].metric, err)
				}
			}
			out.WriteString("}\n")
		}
	}
	return out.Flush()
}

// marshal is json.Marshal without the escapes that only web pages need.
func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// rounded rounds to six decimals, and never to a negative zero.
func rounded(v float64) float64 {
	r := math.Round(v*1e6) / 1e6
	if r == 0 {
		return 0
	}
	return r
}
