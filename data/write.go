package data

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.org/metoostance/stance"
)

// predictionColumns are the columns, or keys, of what WritePredictions writes.
var predictionColumns = []string{
	"id", "document", "group", "target", "text", "label", "predicted", "favor", "against", "none",
}

// jsonPrediction is a line of JSON Lines; its keys are predictionColumns.
type jsonPrediction struct {
	ID        string       `json:"id"`
	Document  string       `json:"document"`
	Group     string       `json:"group"`
	Target    string       `json:"target"`
	Text      string       `json:"text"`
	Label     stance.Label `json:"label"`
	Predicted stance.Label `json:"predicted"`
	Favor     float64      `json:"favor"`
	Against   float64      `json:"against"`
	None      float64      `json:"none"`
}

// WritePredictions writes a header and a row for each example and its
// prediction: id, document, group, target, text, label (the gold label, empty
// when there is none), predicted, and the probabilities favor, against and
// none. [Read] reads the file back, the examples as they are, or with
// Columns{Label: "predicted"} the predictions in place of the gold labels.
//
// In CSV, TSV and QuotedTSV a cell of text that a spreadsheet would take for a
// formula is given a single quote in front: one that begins with =, +, -, @,
// their full-width forms, a tab, a carriage return or a line feed, or with such
// a sign after quotes, single or double. (Spreadsheets take the double quotes of
// TSV for those of CSV, and away.) Tweets often begin with @. Set
// [ReadOptions.UnescapeFormulas] to have exactly these quotes taken away again;
// a program that reads the file otherwise has to do so itself, or use
// JSONLines, which has none. A spreadsheet that is told of another separator
// than the file's finds other cells, which nothing can make safe.
//
// What the format cannot hold is an error that names the example, and nothing
// is replaced: text that is not valid UTF-8, a NUL byte in a table, a tab or
// line end in TSV, a probability that is not finite. All examples are checked
// before the first is written.
//
// The two slices must be of the same length, and f must be one of the four
// formats.
func WritePredictions(w io.Writer, f Format, examples []stance.Example, predictions []stance.Prediction) error {
	if len(examples) != len(predictions) {
		panic(fmt.Sprintf("data: %d examples, but %d predictions", len(examples), len(predictions)))
	}
	for i, x := range examples {
		if err := checkPrediction(x, predictions[i], f); err != nil {
			return exampleError(i, x, err)
		}
	}
	// A bufio.Writer keeps its first error and returns it from Flush, and so
	// does a csv.Writer.
	switch f {
	case CSV, QuotedTSV:
		c := csv.NewWriter(w)
		if f == QuotedTSV {
			c.Comma = '\t'
		}
		c.Write(predictionColumns)
		for i, x := range examples {
			c.Write(cells(x, predictions[i]))
		}
		c.Flush()
		return c.Error()
	case TSV:
		b := bufio.NewWriter(w)
		fmt.Fprintln(b, strings.Join(predictionColumns, "\t"))
		for i, x := range examples {
			fmt.Fprintln(b, strings.Join(cells(x, predictions[i]), "\t"))
		}
		return b.Flush()
	case JSONLines:
		b := bufio.NewWriter(w)
		e := json.NewEncoder(b)
		e.SetEscapeHTML(false)
		for i, x := range examples {
			p := predictions[i]
			err := e.Encode(jsonPrediction{
				ID: x.ID, Document: x.Document, Group: x.Group, Target: x.Target, Text: x.Text,
				Label: x.Label, Predicted: p.Label,
				Favor: p.Probabilities[0], Against: p.Probabilities[1], None: p.Probabilities[2],
			})
			if err != nil {
				return exampleError(i, x, err)
			}
		}
		return b.Flush()
	}
	panic(fmt.Sprintf("data: cannot write format %d", f))
}

// exampleError says which example err is about.
func exampleError(i int, x stance.Example, err error) error {
	return fmt.Errorf("example %d (id %q): %w", i+1, x.ID, err)
}

// parts are the texts of an example by name, in the order of
// predictionColumns.
func parts(x stance.Example) [5]struct{ name, text string } {
	return [5]struct{ name, text string }{
		{"id", x.ID}, {"document", x.Document}, {"group", x.Group}, {"target", x.Target}, {"text", x.Text},
	}
}

// checkPrediction refuses what format f cannot hold.
func checkPrediction(x stance.Example, p stance.Prediction, f Format) error {
	for _, part := range parts(x) {
		switch {
		case !utf8.ValidString(part.text):
			return fmt.Errorf("%s is not valid UTF-8", part.name)
		case f != JSONLines && strings.IndexByte(part.text, 0) >= 0:
			return fmt.Errorf("%s holds a NUL byte, which a table cannot hold", part.name)
		case f == TSV && strings.ContainsAny(part.text, "\t\r\n"):
			return fmt.Errorf("%s holds a tab or a line end, which TSV without quotes cannot hold", part.name)
		}
	}
	for _, l := range []stance.Label{x.Label, p.Label} {
		if !l.Valid() && l != stance.Unlabelled {
			return fmt.Errorf("%v is no label", l)
		}
	}
	for _, q := range p.Probabilities {
		if math.IsNaN(q) || math.IsInf(q, 0) {
			return fmt.Errorf("probability %v", q)
		}
	}
	return nil
}

// cells returns the row of a table for a prediction.
func cells(x stance.Example, p stance.Prediction) []string {
	row := make([]string, 0, len(predictionColumns))
	for _, part := range parts(x) {
		row = append(row, escapeFormula(part.text))
	}
	row = append(row, x.Label.String(), p.Label.String())
	for _, q := range p.Probabilities {
		row = append(row, strconv.FormatFloat(q, 'g', -1, 64))
	}
	return row
}

// WriteSemEval writes predicted labels in the format of the official scorer of
// SemEval-2016 Task 6: tab-separated, with the header ID, Target, Tweet, Stance
// and lines that end in LF. [ReadSemEval] reads it back. Nothing is escaped,
// since the scorer compares the fields as they are: do not open the file in a
// spreadsheet.
//
// Tweets are written as they are in the examples, in UTF-8. An example without
// ID or target, a label that is not one of the three, and what the format
// cannot hold are errors that name the example. The two slices must be of the
// same length.
func WriteSemEval(w io.Writer, examples []stance.Example, labels []stance.Label) error {
	if len(examples) != len(labels) {
		panic(fmt.Sprintf("data: %d examples, but %d labels", len(examples), len(labels)))
	}
	for i, x := range examples {
		err := checkPrediction(x, stance.Prediction{Label: labels[i]}, TSV)
		switch {
		case err != nil:
		case x.ID == "":
			err = errors.New("no id")
		case x.Target == "":
			err = errors.New("no target")
		case !labels[i].Valid():
			err = errors.New("no label")
		}
		if err != nil {
			return exampleError(i, x, err)
		}
	}
	b := bufio.NewWriter(w)
	fmt.Fprintln(b, "ID\tTarget\tTweet\tStance")
	for i, x := range examples {
		fmt.Fprintf(b, "%s\t%s\t%s\t%s\n", x.ID, x.Target, x.Text, labels[i])
	}
	return b.Flush()
}

// isFormula reports whether a spreadsheet may take a cell for a formula. The
// signs are those that OWASP names under "CSV Injection". Single quotes in
// front are looked through, so that escaping can be undone exactly, and double
// ones, because spreadsheets know no TSV without quotes: of ""=1 they leave =1.
func isFormula(cell string) bool {
	r, _ := utf8.DecodeRuneInString(strings.TrimLeft(cell, `'"`))
	return strings.ContainsRune("=+-@\t\r\n＝＋－＠", r)
}

func escapeFormula(cell string) string {
	if isFormula(cell) {
		return "'" + cell
	}
	return cell
}

// unescapeFormula undoes escapeFormula.
func unescapeFormula(cell string) string {
	if strings.HasPrefix(cell, "'") && isFormula(cell) {
		return cell[1:]
	}
	return cell
}
