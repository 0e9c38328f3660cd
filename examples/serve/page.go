package main

import (
	"bufio"
	_ "embed"
	"html/template"
	"net/http"
	"net/url"

	"example.org/metoostance/examples/internal/page"
)

const (
	// mostOnPage is the longest text in bytes that is shown on a page, if
	// -max-body does not set less: forty thousand words, and more than a browser
	// shows with ease.
	mostOnPage = 1 << 18
	// mostExplained is the longest text whose labels are explained word by word.
	// Explanations take some hundred times as much memory as the text.
	mostExplained = 1 << 16
)

//go:embed page.gohtml
var pageSource string

//go:embed page.css
var pageStyle string

var pageTemplates = template.Must(template.New("").Parse(pageSource))

// pageFrame is what stands around the form and the view of a text.
type pageFrame struct {
	Problem  *problem // that the text was not labelled
	Labelled bool     // whether the page shows a text
	Most     int      // bytes
}

func (pageFrame) Title() string       { return "Stance toward #MeToo, sentence by sentence" }
func (pageFrame) Style() template.CSS { return template.CSS(page.Style() + pageStyle) }

// mostText is the longest text of the form.
func (s *service) mostText() int { return min(s.limits.body, mostOnPage) }

// getPage answers GET / with the form.
func (s *service) getPage(w http.ResponseWriter, _ *http.Request) {
	s.writePage(w, pageFrame{}, page.Document{})
}

// postPage answers the form with the view of its text.
func (s *service) postPage(w http.ResponseWriter, r *http.Request) {
	text, p := s.formText(w, r)
	if p != nil {
		s.writePage(w, pageFrame{Problem: p}, page.Document{})
		return
	}
	d := page.Document{
		Text: text, Sentences: s.model.ClassifyDocument(text),
		MinConfidence: s.minConfidence, Model: s.name,
	}
	if len(text) <= mostExplained {
		d.Explanations = s.model.ExplainDocument(text)
	}
	s.writePage(w, pageFrame{Labelled: true}, d)
}

// formText returns the text that was posted with the form.
func (s *service) formText(w http.ResponseWriter, r *http.Request) (string, *problem) {
	if _, p := bodyType(w, r, urlForm); p != nil {
		return "", p
	}
	// A byte is written by three at most.
	most := s.mostText()
	body, p := s.readBody(w, r, len("text=")+3*most)
	tooLong := problemf(http.StatusRequestEntityTooLarge, "the text is longer than %d bytes", most)
	switch {
	case p == nil:
	case p.Status == http.StatusRequestEntityTooLarge:
		return "", tooLong
	default:
		return "", p
	}
	form, err := url.ParseQuery(string(body))
	if err != nil || len(form["text"]) != 1 {
		return "", problemf(http.StatusBadRequest, "the body has to be a form with one field text")
	}
	text := form.Get("text")
	if len(text) > most {
		return "", tooLong
	}
	return text, checkUTF8([]byte(text))
}

// writePage writes a page: the view of a text if it has one, and the form.
func (s *service) writePage(w http.ResponseWriter, f pageFrame, d page.Document) {
	f.Most = s.mostText()
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if f.Problem != nil {
		w.WriteHeader(f.Problem.Status)
	}
	b := bufio.NewWriterSize(w, 1<<16) // keeps the error of a client that is gone
	defer b.Flush()
	if pageTemplates.ExecuteTemplate(b, "before", f) != nil {
		return
	}
	if f.Labelled && page.View(b, d) != nil {
		return
	}
	pageTemplates.ExecuteTemplate(b, "after", f)
}
