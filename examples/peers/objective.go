package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// regularisation is C in all training.
const regularisation = 1

// loss is what a one-vs-rest classifier pays for a sentence.
type loss uint8

const (
	logisticLoss     loss = iota // log(1 + e^-m), of LIBLINEAR's -s 0 and -s 7
	squaredHingeLoss             // max(0, 1-m)^2, of -s 1 and -s 2
)

var lossNames = [...]string{logisticLoss: "logistic", squaredHingeLoss: "squared-hinge"}

func (l loss) MarshalText() ([]byte, error) { return []byte(lossNames[l]), nil }

func (l *loss) UnmarshalText(text []byte) error {
	for i, name := range lossNames {
		if name == string(text) {
			*l = loss(i)
			return nil
		}
	}
	return fmt.Errorf("unknown loss %q", text)
}

// of returns the loss of a margin.
func (l loss) of(margin float64) float64 {
	if l == squaredHingeLoss {
		if margin >= 1 {
			return 0
		}
		return float64((1 - margin) * (1 - margin))
	}
	// Written so that the exponential cannot overflow.
	return max(0, -margin) + math.Log1p(math.Exp(-math.Abs(margin)))
}

// weights is a one-vs-rest linear classifier of the three labels.
type weights struct {
	columnWeights []stance.Values
	intercepts    stance.Values
}

func (w *weights) columns() int { return len(w.columnWeights) }

// objective returns the sum over the labels of
//
//	1/2 (|w|^2 + b^2) + C sum_i loss(m_i),  m_i = s_i (w'x_i + b)
//
// with s_i = 1 for the sentences of the label and -1 for the others: what
// LIBLINEAR minimises with -B 1 (Fan, Chang, Hsieh, Wang and Lin 2008), where
// the intercept is the weight of a column of ones and penalised like any other.
func (w *weights) objective(m *features.Matrix, examples []stance.Example, l loss) float64 {
	var penalty, losses stance.Values
	for k, b := range w.intercepts {
		penalty[k] = float64(b * b)
	}
	for _, v := range w.columnWeights {
		for k := range v {
			penalty[k] += float64(v[k] * v[k])
		}
	}
	for i, e := range examples {
		row := m.Row(i)
		scores := w.intercepts
		for j, column := range row.Indices {
			v := &w.columnWeights[column]
			for k := range scores {
				scores[k] += float64(row.Values[j] * v[k])
			}
		}
		for k, label := range stance.Labels() {
			if e.Label == label {
				losses[k] += l.of(scores[k])
			} else {
				losses[k] += l.of(-scores[k])
			}
		}
	}
	sum := 0.0
	for k := range losses {
		sum += float64(penalty[k]/2) + float64(regularisation*losses[k])
	}
	return sum
}

// libLinearMagic is how LIBLINEAR's model files begin.
const libLinearMagic = "solver_type "

// readWeights reads a model file of LIBLINEAR or of this library.
func readWeights(path string) (*weights, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(raw, []byte(libLinearMagic)) {
		return parseLIBLINEARModel(bytes.NewReader(raw), path)
	}
	m, err := stance.Load(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	w := &weights{intercepts: m.Intercepts(), columnWeights: make([]stance.Values, m.Vectorizer().Cols())}
	for j := range w.columnWeights {
		w.columnWeights[j] = m.Weights(j)
	}
	return w, nil
}

// parseLIBLINEARModel reads a model that liblinear-train wrote, of three classes
// with the numbers that writeSVMLight gives them and with a bias of 1. path
// stands in errors.
//
// The file is a header of lines of a key and values, "w", and a line for each
// column, and one for the bias, with a weight for each class in the order of
// the header's "label".
func parseLIBLINEARModel(r io.Reader, path string) (*weights, error) {
	s := bufio.NewScanner(r)
	line := 0
	fail := func(format string, args ...any) (*weights, error) {
		return nil, fmt.Errorf("%s:%d: "+format, append([]any{path, line}, args...)...)
	}
	header := map[string][]string{}
	for {
		line++
		if !s.Scan() {
			return fail("the header of LIBLINEAR's model breaks off")
		}
		f := strings.Fields(s.Text())
		if len(f) == 0 {
			return fail("an empty line in the header")
		}
		if f[0] == "w" {
			break
		}
		header[f[0]] = f[1:]
	}
	if got := strings.Join(header["nr_class"], " "); got != strconv.Itoa(stance.NumLabels) {
		return fail("nr_class is %q, want %d", got, stance.NumLabels)
	}
	if got := strings.Join(header["bias"], " "); got != "1" {
		return fail("bias is %q, want 1", got)
	}
	order := make([]int, 0, stance.NumLabels) // index in stance.Values
	seen := [stance.NumLabels]bool{}
	for _, f := range header["label"] {
		n, err := strconv.Atoi(f)
		if err != nil || n < 1 || n > stance.NumLabels || seen[n-1] {
			return fail("label %q, want 1, 2 and 3", f)
		}
		seen[n-1] = true
		order = append(order, n-1)
	}
	if len(order) != stance.NumLabels {
		return fail("%d labels, want %d", len(order), stance.NumLabels)
	}
	w := &weights{}
	for s.Scan() {
		line++
		f := strings.Fields(s.Text())
		if len(f) != len(order) {
			return fail("%d weights, want %d", len(f), len(order))
		}
		var v stance.Values
		for i, number := range f {
			x, err := strconv.ParseFloat(number, 64)
			if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
				return fail("%q is no weight", number)
			}
			v[order[i]] = x
		}
		w.columnWeights = append(w.columnWeights, v)
	}
	line++
	if err := s.Err(); err != nil {
		return fail("%w", err)
	}
	want := strings.Join(header["nr_feature"], " ")
	if len(w.columnWeights) == 0 || strconv.Itoa(len(w.columnWeights)-1) != want {
		return fail("%d lines of weights, want one more than nr_feature, %q", len(w.columnWeights), want)
	}
	last := len(w.columnWeights) - 1
	w.intercepts, w.columnWeights = w.columnWeights[last], w.columnWeights[:last]
	return w, nil
}

// writeSVMLight writes rows in the format that LIBLINEAR reads: the label's
// number, and the columns, counted from 1, with their values, in the shortest
// form that reads back as the same float64.
func writeSVMLight(w io.Writer, m *features.Matrix, examples []stance.Example) error {
	var line []byte
	for i, e := range examples {
		line = strconv.AppendInt(line[:0], int64(e.Label), 10)
		row := m.Row(i)
		for j, column := range row.Indices {
			line = append(line, ' ')
			line = strconv.AppendInt(line, int64(column)+1, 10)
			line = append(line, ':')
			line = strconv.AppendFloat(line, row.Values[j], 'g', -1, 64)
		}
		if _, err := w.Write(append(line, '\n')); err != nil {
			return err
		}
	}
	return nil
}
