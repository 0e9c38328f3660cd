package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

// record is a sentence to be printed.
type record struct {
	File       string
	N          int // of the sentence or line, from 1
	Start, End int // byte offsets into the file
	Text       string
	stance.Prediction
}

// printer writes sentences in a format.
type printer interface {
	begin(file string) error // before the sentences of each file
	print(r *record) error
}

type printerOptions struct {
	color    bool // whether text may be coloured
	headings bool // whether text names the files
}

// newPrinter makes the printer of each format.
var newPrinter = map[string]func(w *bufio.Writer, o printerOptions) printer{
	"text": func(w *bufio.Writer, o printerOptions) printer { return &textPrinter{w: w, printerOptions: o} },
	"tsv":  func(w *bufio.Writer, _ printerOptions) printer { return newTSVPrinter(w) },
	"jsonl": func(w *bufio.Writer, _ printerOptions) printer {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false) // the output is no HTML, and people may read it
		return jsonPrinter{e}
	},
}

// textPrinter writes for people.
type textPrinter struct {
	printerOptions
	w     *bufio.Writer
	files int // begun
}

// colors are the parameters of the control sequence that sets the colour of a
// label (ECMA-48, SGR): green, red and faint.
var colors = [stance.None + 1]string{stance.Favor: "32", stance.Against: "31", stance.None: "2"}

func (p *textPrinter) begin(file string) error {
	p.files++
	if !p.headings {
		return nil
	}
	if p.files > 1 {
		p.w.WriteByte('\n')
	}
	_, err := fmt.Fprintf(p.w, "==> %s <==\n", program.Printable(file))
	return err
}

func (p *textPrinter) print(r *record) error {
	name, likeliest := r.Label.String(), r.Label
	if r.Label == stance.Unlabelled {
		name, likeliest = "?", r.Probabilities.Max()
	}
	label := fmt.Sprintf("%-7s", name)
	if p.color && r.Label != stance.Unlabelled {
		label = "\x1b[" + colors[r.Label] + "m" + label + "\x1b[0m"
	}
	_, err := fmt.Fprintf(p.w, "%s  %.2f  %s\n", label, r.Probabilities.Of(likeliest), strings.TrimSpace(program.Printable(r.Text)))
	return err
}

// tsvPrinter writes tab-separated values.
type tsvPrinter struct {
	w   *bufio.Writer
	row []byte // reused
}

func newTSVPrinter(w *bufio.Writer) *tsvPrinter {
	w.WriteString("file\tn\tstart\tend\tlabel\tp_favor\tp_against\tp_none\ttext\n")
	return &tsvPrinter{w: w}
}

func (p *tsvPrinter) begin(string) error { return nil }

func (p *tsvPrinter) print(r *record) error {
	b := p.row[:0]
	if r.File == standardInput { // a sign alone, and no formula
		b = append(b, r.File...)
	} else {
		b = append(b, escapeFormula(escape(r.File))...)
	}
	for _, n := range []int{r.N, r.Start, r.End} {
		b = append(b, '\t')
		b = strconv.AppendInt(b, int64(n), 10)
	}
	b = append(b, '\t')
	b = append(b, r.Label.String()...)
	for _, v := range r.Probabilities {
		b = append(b, '\t')
		b = strconv.AppendFloat(b, v, 'f', 4, 64)
	}
	b = append(b, '\t')
	b = append(b, escapeFormula(escape(r.Text))...)
	p.row = append(b, '\n')
	_, err := p.w.Write(p.row)
	return err
}

// escaper writes what would end a field or a row as two characters, and the
// backslash twice so that this can be undone.
var escaper = strings.NewReplacer("\\", `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`)

func escape(s string) string { return escaper.Replace(s) }

// escapeFormula puts a single quote before a cell that a spreadsheet would take
// for a formula, as WritePredictions of package data does.
func escapeFormula(s string) string {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(s, `'"`))
	if strings.ContainsRune("=+-@＝＋－＠", r) {
		return "'" + s
	}
	return s
}

// jsonPrinter writes JSON Lines.
type jsonPrinter struct{ e *json.Encoder }

// jsonRecord has the columns of tsv in their order.
type jsonRecord struct {
	File     string       `json:"file"`
	N        int          `json:"n"`
	Start    int          `json:"start"`
	End      int          `json:"end"`
	Label    stance.Label `json:"label"`
	PFavor   float64      `json:"p_favor"`
	PAgainst float64      `json:"p_against"`
	PNone    float64      `json:"p_none"`
	Text     string       `json:"text"`
}

func (p jsonPrinter) begin(string) error { return nil }

func (p jsonPrinter) print(r *record) error {
	return p.e.Encode(jsonRecord{
		r.File, r.N, r.Start, r.End, r.Label,
		r.Probabilities.Of(stance.Favor), r.Probabilities.Of(stance.Against), r.Probabilities.Of(stance.None), r.Text,
	})
}
