package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/examples/internal/page"
)

// postForm sends a body as that of a form.
func postForm(h http.Handler, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("Content-Type", urlForm)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func textField(text string) string { return url.Values{"text": {text}}.Encode() }

// asks finds what would make a browser ask for something, or run something.
var asks = regexp.MustCompile(`<script|<link|<iframe|\ssrc=|url\([^#]|@import`)

// checkPage checks what holds of all pages, and returns the page.
func checkPage(t testing.TB, w *httptest.ResponseRecorder, status int) string {
	t.Helper()
	assert.Equal(t, status, w.Code)
	assert.Equal(t, "text/html; charset=utf-8", w.Header().Get("Content-Type"))
	assert.Contains(t, w.Header().Get("Content-Security-Policy"), "default-src 'none'")
	html := w.Body.String()
	assert.True(t, strings.HasPrefix(html, "<!DOCTYPE html>\n<html lang=\"en\">"), "%.100s", html)
	assert.True(t, strings.HasSuffix(html, "</html>\n"))
	assert.Contains(t, html, `<form class="enter" method="post" action="/">`)
	assert.Equal(t, 1, strings.Count(html, "</textarea>"))
	assert.False(t, asks.MatchString(html), "a page asks for nothing and runs nothing")
	return html
}

func TestEmptyPage(t *testing.T) {
	s, _ := testService(t, nil)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	html := checkPage(t, w, http.StatusOK)
	assert.Contains(t, html, "up to 262144 bytes")
	assert.NotContains(t, html, `class="stance"`)
	assert.NotContains(t, html, "alert")

	s, _ = testService(t, func(l *limits) { l.body = 1000 })
	w = httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	assert.Contains(t, checkPage(t, w, http.StatusOK), "up to 1000 bytes")
}

func TestPageOfText(t *testing.T) {
	s, _ := testService(t, nil)
	const short = "It ruins decent men."
	longest := short + strings.Repeat(" ", mostExplained-len(short))
	for _, text := range []string{
		article, "", " \r\n", "\x00", "</textarea><script>alert(1)</script> I believe the women.\r\n\r\nIt ruins decent men.",
		longest, longest + " ",
	} {
		html := checkPage(t, postForm(s, textField(text)), http.StatusOK)
		d := page.Document{Text: text, Sentences: s.model.ClassifyDocument(text), Model: "the tiny model"}
		if len(text) <= mostExplained {
			d.Explanations = s.model.ExplainDocument(text)
		} else {
			assert.Contains(t, html, "were left out")
		}
		var view bytes.Buffer
		require.NoError(t, page.View(&view, d))
		assert.True(t, strings.Contains(html, view.String()), "the view of the text stands in the page")
		assert.Contains(t, html, "Another text")
	}
	s.model, s.minConfidence = s.model.WithMinConfidence(1), 1
	assert.Contains(t, checkPage(t, postForm(s, textField("I believe the women.")), http.StatusOK), "no label")
}

func TestPageProblems(t *testing.T) {
	const most = 30
	s, _ := testService(t, func(l *limits) { l.body = most })
	for _, tt := range []struct {
		name, body string
		status     int
		detail     string
	}{
		{"no field", "", 400, "a form with one field text."},
		{"another field", "secretword=secretword", 400, "a form with one field text."},
		{"two fields", "text=secretword&text=", 400, "a form with one field text."},
		{"wrong escape", "text=secretword%zz", 400, "a form with one field text."},
		{"semicolon", "text=secretword;a=b", 400, "a form with one field text."},
		{"not UTF-8", "text=secretword%E9", 400, "not UTF-8 (byte 10)."},
		{"not UTF-8 at the beginning", "text=%E9secretword", 400, "not UTF-8 (byte 0)."},
		{"too long", "text=secretword" + strings.Repeat("x", most), 413, "the text is longer than 30 bytes."},
		{"much too long", "text=secretword" + strings.Repeat("x", 100*most), 413, "the text is longer than 30 bytes."},
	} {
		t.Run(tt.name, func(t *testing.T) {
			html := checkPage(t, postForm(s, tt.body), tt.status)
			assert.Contains(t, html, `<p role="alert"><strong>The text was not labelled: `)
			assert.Contains(t, html, tt.detail)
			assert.NotContains(t, html, "secret")
		})
	}
	checkPage(t, postForm(s, textField(strings.Repeat("\x00", most))), http.StatusOK)

	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("text=a"))
	r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	assert.Contains(t, checkPage(t, w, http.StatusUnsupportedMediaType), "Content-Type has to be application/x-www-form-urlencoded.")
}

func FuzzPage(f *testing.F) {
	for _, text := range []string{article, "", "</textarea><script>", "“A.” B! \u202Ec\x00\r\n\r\nd."} {
		f.Add(textField(text))
	}
	f.Add("text=%zz")
	f.Add("text=%ff")
	s, log := testService(f, func(l *limits) { l.body = 1000 })
	f.Fuzz(func(t *testing.T, body string) {
		w := postForm(s, body)
		require.True(t, w.Code == http.StatusOK || w.Code >= 400 && w.Code < 500, "%d", w.Code)
		checkPage(t, w, w.Code)
		log.b.Reset()
	})
}
