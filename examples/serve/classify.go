package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"example.org/metoostance/stance"
)

// classify answers POST /v1/classify.
func (s *service) classify(w http.ResponseWriter, r *http.Request) {
	kind, p := bodyType(w, r, plainText, oneObject, jsonLines)
	if p != nil {
		refuse(w, p)
		return
	}
	if kind == jsonLines {
		s.stream(w, r)
		return
	}
	body, p := s.readBody(w, r, s.limits.body)
	if p != nil {
		refuse(w, p)
		return
	}
	var q *question
	if kind == oneObject {
		q, p = parseQuestion(body)
	} else if p = checkUTF8(body); p == nil {
		q = &question{kind: documentKey, text: string(body)}
	}
	if p != nil {
		refuse(w, p)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	b := bufio.NewWriterSize(w, 1<<16)
	newAnswers(s.model, b).write(q, 0)
	b.Flush()
}

// checkUTF8 says where a body is not UTF-8. The classifier takes any bytes, but
// a text in another encoding would be labelled by half of its words, and nobody
// would know.
func checkUTF8(body []byte) *problem {
	if utf8.Valid(body) {
		return nil
	}
	i := 0
	for {
		r, size := utf8.DecodeRune(body[i:])
		if r == utf8.RuneError && size == 1 {
			return problemf(http.StatusBadRequest, "not UTF-8").at(i)
		}
		i += size
	}
}

// The keys of a question, of which it has exactly one.
const (
	textKey     = "text"
	textsKey    = "texts"
	documentKey = "document"
)

// question is what a JSON object asks for.
type question struct {
	kind  string // its key
	text  string // of textKey and documentKey
	texts []string
}

// parseQuestion reads the object of application/json and of each line of JSON
// Lines. Unlike json.Unmarshal it takes no key for another that differs in case,
// none twice and none that it does not know: what is not answered is a problem.
func parseQuestion(raw []byte) (*question, *problem) {
	if p := checkUTF8(raw); p != nil {
		return nil, p
	}
	if p := checkJSON(raw); p != nil {
		return nil, p
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	// next returns the next token, which is there as the JSON is valid, and
	// where it begins.
	next := func() (json.Token, int) {
		at := int(d.InputOffset())
		for strings.IndexByte(" \t\r\n:,", raw[at]) >= 0 {
			at++
		}
		token, _ := d.Token()
		return token, at
	}
	wrong := func(at int, format string, args ...any) (*question, *problem) {
		return nil, problemf(http.StatusBadRequest, format, args...).at(at)
	}
	const keys = "\"text\", \"texts\" or \"document\""
	token, at := next()
	if token != json.Delim('{') {
		return wrong(at, "want an object with the key %s", keys)
	}
	token, at = next()
	key, ok := token.(string)
	if !ok {
		return wrong(at, "want the key %s", keys)
	}
	q := &question{kind: key}
	switch key {
	case textKey, documentKey:
		if token, at = next(); !isString(token, &q.text) {
			return wrong(at, "want a string as %q", key)
		}
	case textsKey:
		if token, at = next(); token != json.Delim('[') {
			return wrong(at, "want an array of strings as %q", key)
		}
		for d.More() {
			var text string
			if token, at = next(); !isString(token, &text) {
				return wrong(at, "want a string in %q, number %d of them is none", key, len(q.texts)+1)
			}
			q.texts = append(q.texts, text)
		}
		next()
	default:
		return wrong(at, "want the key %s", keys)
	}
	if token, at = next(); token != json.Delim('}') {
		return wrong(at, "want one key alone, %s", keys)
	}
	return q, nil
}

func isString(token json.Token, s *string) (ok bool) {
	*s, ok = token.(string)
	return ok
}

// checkJSON says where something is not one JSON value. encoding/json says it
// too, but with the character that it found.
func checkJSON(raw []byte) *problem {
	if json.Valid(raw) {
		return nil
	}
	var value json.RawMessage
	var syntax *json.SyntaxError
	if err := json.Unmarshal(raw, &value); !errors.As(err, &syntax) {
		return problemf(http.StatusBadRequest, "not JSON") // there is no other error of a RawMessage
	}
	// Offset counts the bytes read before the error, the wrong one among them
	// unless all were read.
	end := len(raw)
	switch {
	case len(bytes.TrimSpace(raw)) == 0:
		return problemf(http.StatusBadRequest, "want a JSON object, there is nothing").at(end)
	case syntax.Error() == "unexpected end of JSON input",
		// Package json puts a space behind the end to see whether a literal ends.
		strings.HasPrefix(syntax.Error(), "invalid character ' ' in literal") && raw[end-1] != ' ' && int(syntax.Offset) == end:
		return problemf(http.StatusBadRequest, "the JSON breaks off").at(end)
	case strings.HasSuffix(syntax.Error(), "exceeded max depth"):
		return problemf(http.StatusBadRequest, "the JSON is nested too deeply").at(int(syntax.Offset) - 1)
	}
	return problemf(http.StatusBadRequest, "not JSON: this byte cannot stand here").at(int(syntax.Offset) - 1)
}

// probabilities are keyed by the names of the labels.
type probabilities struct {
	Favor   float64 `json:"FAVOR"`
	Against float64 `json:"AGAINST"`
	None    float64 `json:"NONE"`
}

// prediction is the answer to one text.
type prediction struct {
	Label         *stance.Label `json:"label"` // nil: the model abstains
	Probabilities probabilities `json:"probabilities"`
}

func predictionOf(p *stance.Prediction) prediction {
	out := prediction{Probabilities: probabilities{
		p.Probabilities.Of(stance.Favor), p.Probabilities.Of(stance.Against), p.Probabilities.Of(stance.None),
	}}
	if p.Label.Valid() {
		out.Label = &p.Label
	}
	return out
}

// sentence is a sentence of the answer to a document.
type sentence struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
	prediction
}

// answers writes the answers to questions, a line for each.
type answers struct {
	model   *stance.Model
	w       answerWriter
	scratch bytes.Buffer
	json    *json.Encoder // writes to scratch
}

// answerWriter is what bufio.Writer and bytes.Buffer have in common. Answers are
// written piece by piece, as they can be many times as long as what is
// asked. A bufio.Writer keeps the error until it is flushed.
type answerWriter interface {
	io.Writer
	io.ByteWriter
	io.StringWriter
}

func newAnswers(m *stance.Model, w answerWriter) *answers {
	a := &answers{model: m, w: w}
	a.json = json.NewEncoder(&a.scratch)
	a.json.SetEscapeHTML(false) // the answer is no HTML, and people may read it
	return a
}

// value writes a value without the line end that an encoder puts after it.
func (a *answers) value(v any) {
	a.scratch.Reset()
	if err := a.json.Encode(v); err != nil {
		panic("serve: " + err.Error()) // numbers are finite and labels have names
	}
	a.w.Write(bytes.TrimSuffix(a.scratch.Bytes(), []byte("\n")))
}

// write answers a question. line is its number in JSON Lines, or 0.
func (a *answers) write(q *question, line int) {
	switch q.kind {
	case textKey:
		p := a.model.Classify(q.text)
		a.value(struct {
			Line int `json:"line,omitempty"`
			prediction
		}{line, predictionOf(&p)})
	case textsKey:
		a.open(line, "predictions")
		// The only error is that of the context.
		predictions, _ := a.model.ClassifyAll(context.Background(), q.texts)
		for i := range predictions {
			a.element(i, predictionOf(&predictions[i]))
		}
		a.w.WriteString("]}")
	case documentKey:
		a.open(line, "sentences")
		for i, s := range a.model.ClassifyDocument(q.text) {
			a.element(i, sentence{s.Start, s.End, s.Text, predictionOf(&s.Prediction)})
		}
		a.w.WriteString("]}")
	}
	a.w.WriteByte('\n')
}

// open begins an object with an array.
func (a *answers) open(line int, key string) {
	a.w.WriteByte('{')
	if line > 0 {
		fmt.Fprintf(a.w, `"line":%d,`, line)
	}
	fmt.Fprintf(a.w, `%q:[`, key)
}

// element writes element i of an array.
func (a *answers) element(i int, v any) {
	if i > 0 {
		a.w.WriteByte(',')
	}
	a.value(v)
}

// problem answers a line that is no question.
func (a *answers) problem(p *problem, line int) {
	p.Line = line
	a.value(p)
	a.w.WriteByte('\n')
}
