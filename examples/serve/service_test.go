package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/stance"
)

// tinyModel learns a dozen sentences, which is enough to tell the labels of
// sentences that are much like them.
var tinyModel = sync.OnceValues(func() (*stance.Model, error) {
	var examples []stance.Example
	for i, texts := range [stance.NumLabels][]string{
		{
			"#MeToo gave me courage to speak.", "I believe the women who spoke.",
			"I am grateful to them, they were brave.", "It was time that somebody said it.",
		},
		{
			"This is a witch hunt.", "It ruins decent men.",
			"An accusation is not a proof, stop this mob.", "The movement went too far!",
		},
		{
			"The hall opens at seven.", "Tickets cost ten pounds.",
			"The council votes on Friday.", "More on our page https://page.example",
		},
	} {
		for _, text := range texts {
			examples = append(examples, stance.Example{Text: text, Label: stance.Labels()[i]})
		}
	}
	return stance.Train(context.Background(), examples, stance.Options{C: 10, CalibrationFolds: -1})
})

// theModel returns the tiny model.
func theModel(t testing.TB) *stance.Model {
	m, err := tinyModel()
	require.NoError(t, err)
	return m
}

// logBuffer is a log that may be read while it is written.
type logBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// service makes a service of the tiny model and its log.
func testService(t testing.TB, change func(*limits)) (*service, *logBuffer) {
	log := &logBuffer{}
	l := defaultLimits()
	if change != nil {
		change(&l)
	}
	return newService(theModel(t), "the tiny model", l, slog.New(slog.NewTextHandler(log, nil))), log
}

// post sends a body to a handler without a connection.
func post(h http.Handler, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/v1/classify", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// answered is an answer to a text, and what JSON Lines add to it.
type answered struct {
	Line          int                `json:"line"`
	Start         int                `json:"start"`
	End           int                `json:"end"`
	Text          string             `json:"text"`
	Label         *string            `json:"label"`
	Probabilities map[string]float64 `json:"probabilities"`
	Predictions   []answered         `json:"predictions"`
	Sentences     []answered         `json:"sentences"`
	// Of a problem:
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Offset *int   `json:"offset"`
}

func decode(t testing.TB, body []byte) answered {
	t.Helper()
	var a answered
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&a))
	_, err := d.Token()
	require.Equal(t, io.EOF, err, "one value alone")
	return a
}

// sameAs checks that an answer is a prediction.
func sameAs(t testing.TB, want stance.Prediction, got answered) {
	t.Helper()
	if want.Label == stance.Unlabelled {
		assert.Nil(t, got.Label)
	} else if assert.NotNil(t, got.Label) {
		assert.Equal(t, want.Label.String(), *got.Label)
	}
	// Full precision: what is read is what was computed.
	assert.Equal(t, map[string]float64{
		"FAVOR": want.Probabilities[0], "AGAINST": want.Probabilities[1], "NONE": want.Probabilities[2],
	}, got.Probabilities)
}

func sameSentences(t testing.TB, m *stance.Model, text string, got []answered) {
	t.Helper()
	want := m.ClassifyDocument(text)
	require.Len(t, got, len(want))
	for i, s := range want {
		assert.Equal(t, []any{s.Start, s.End, s.Text}, []any{got[i].Start, got[i].End, got[i].Text})
		sameAs(t, s.Prediction, got[i])
	}
}

const article = "The women speak\n\nI believe <the women> who spoke & others.  It ruins decent men.\r\n\r\nDoors open at seven… “Why?” she asked.\x00"

func TestText(t *testing.T) {
	s, _ := testService(t, nil)
	for _, text := range []string{article, "", " \n", "\uFEFFYes. No.", "\x00", strings.Repeat("x", 1<<20)} {
		for _, kind := range []string{"text/plain", "text/plain; charset=UTF-8", `Text/Plain;charset="us-ascii"`} {
			w := post(s, kind, text)
			require.Equal(t, http.StatusOK, w.Code, w.Body)
			assert.Equal(t, "application/json", w.Header().Get("Content-Type"))
			a := decode(t, w.Body.Bytes())
			require.NotNil(t, a.Sentences)
			sameSentences(t, s.model, text, a.Sentences)
		}
	}
	assert.Contains(t, post(s, plainText, article).Body.String(), "<the women> who spoke & others", "no escapes as for HTML")
}

func TestJSON(t *testing.T) {
	s, _ := testService(t, nil)
	w := post(s, "application/json; charset=utf-8", " {\"text\"\t:\r\n\"I believe\\u0020them. No.\"} \n")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	sameAs(t, s.model.Classify("I believe them. No."), decode(t, w.Body.Bytes()))

	texts := []string{"It ruins decent men.", "", "\x00", "The hall opens. It ruins men.", "\uFFFD"}
	w = post(s, oneObject, `{"texts": ["It ruins decent men.", "", "\u0000", "The hall opens. It ruins men.", "\ud800"]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	a := decode(t, w.Body.Bytes())
	require.Len(t, a.Predictions, len(texts))
	for i, text := range texts {
		sameAs(t, s.model.Classify(text), a.Predictions[i])
	}
	assert.Equal(t, "{\"predictions\":[]}\n", post(s, oneObject, `{"texts":[]}`).Body.String())
	assert.Equal(t, "{\"sentences\":[]}\n", post(s, oneObject, `{"document":""}`).Body.String())

	body, err := json.Marshal(map[string]string{"document": article})
	require.NoError(t, err)
	w = post(s, oneObject, string(body))
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	sameSentences(t, s.model, article, decode(t, w.Body.Bytes()).Sentences)
}

func TestAbstention(t *testing.T) {
	s, _ := testService(t, nil)
	s.model = s.model.WithMinConfidence(1)
	w := post(s, oneObject, `{"text":"I believe."}`)
	assert.Contains(t, w.Body.String(), `{"label":null,"probabilities":{"FAVOR":0.`)
	sameAs(t, s.model.Classify("I believe."), decode(t, w.Body.Bytes()))
}

// badQuestions are objects that are none, and where.
var badQuestions = []struct {
	name, body string
	offset     int
	detail     string
}{
	{"nothing", "", 0, "there is nothing"},
	{"white space", " \t ", 3, "there is nothing"},
	{"literal with a gap", `{"text":nu ll}`, 10, "this byte cannot stand here"},
	{"number", " 12", 1, "want an object"},
	{"string", `"secretword"`, 0, "want an object"},
	{"array", `["secretword"]`, 0, "want an object"},
	{"null", "null", 0, "want an object"},
	{"no key", `{ }`, 2, "want the key"},
	{"unknown key", `{"secretword": "a"}`, 1, "want the key"},
	{"key in capitals", `{"Text": "a"}`, 1, "want the key"},
	{"text is a number", `{"text": -120}`, 9, `want a string as "text"`},
	{"text is null", `{"text":null}`, 8, `want a string as "text"`},
	{"text is an object", `{"text":{"secretword":1}}`, 8, `want a string as "text"`},
	{"document is an array", `{"document" : []}`, 14, `want a string as "document"`},
	{"texts is a string", `{"texts":"secretword"}`, 9, `want an array of strings as "texts"`},
	{"texts has a number", `{"texts":["secretword", 3]}`, 24, "number 2 of them is none"},
	{"texts has an array", `{"texts":[["secretword"]]}`, 10, "number 1 of them is none"},
	{"two keys", `{"text":"secretword" , "document":""}`, 23, "one key alone"},
	{"key twice", `{"text":"secretword","text":""}`, 21, "one key alone"},
	{"breaks off", `{"text":"secretwor`, 18, "breaks off"},
	{"breaks off in a literal", `{"text":nul`, 11, "breaks off"},
	{"breaks off after a key", `{"text"`, 7, "breaks off"},
	{"no JSON", `secretword`, 0, "not JSON"},
	{"no JSON later", `{"text":secretword}`, 8, "not JSON"},
	{"two values", `{"text":""} {"text":""}`, 12, "not JSON"},
	{"comma at the end", `{"text":"secretword",}`, 21, "not JSON"},
	{"single quotes", `{'text':'secretword'}`, 1, "not JSON"},
	{"NUL in a string", "{\"text\":\"secretword\x00\"}", 19, "not JSON"},
	{"NUL outside", "{\"text\":\"secretword\"}\x00", 21, "not JSON"},
	{"wrong escape", `{"text":"secretword\x"}`, 20, "not JSON"},
	{"byte-order mark", "\uFEFF{\"text\":\"\"}", 0, "not JSON"},
	{"UTF-16", "\xFF\xFE{\x00}\x00", 0, "not UTF-8"},
	{"Latin-1", "{\"text\":\"secretword caf\xE9\"}", 23, "not UTF-8"},
	{"half a character", "{\"text\":\"secretword\xE2\x82", 19, "not UTF-8"},
	{"surrogate in UTF-8", "{\"text\":\"\xED\xA0\x80\"}", 9, "not UTF-8"},
	{"deep", `{"text":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + "}", 8, "want a string"},
	{"too deep", strings.Repeat("[", 100_000), 10_000, "nested too deeply"}, // encoding/json's limit
	{"deep objects", `{"text":` + strings.Repeat(`{"a":`, 100_000), 8 + 5*9_999, "nested too deeply"},
	{"many keys", "{" + strings.Repeat(`"a":1,`, 10_000) + `"a":1}`, 1, "want the key"},
}

// checkProblem checks an answer that is a problem, and that it tells nothing of
// the body.
func checkProblem(t testing.TB, w *httptest.ResponseRecorder, status int, detail string, offset int) {
	t.Helper()
	require.Equal(t, status, w.Code, w.Body)
	assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	assert.NotContains(t, strings.ToLower(w.Body.String()), "secret")
	p := decode(t, w.Body.Bytes())
	assert.Equal(t, status, p.Status)
	assert.Equal(t, http.StatusText(status), p.Title)
	assert.Contains(t, p.Detail, detail)
	if offset < 0 {
		assert.Nil(t, p.Offset)
	} else if assert.NotNil(t, p.Offset) {
		assert.Equal(t, offset, *p.Offset)
	}
}

func TestBadQuestions(t *testing.T) {
	s, _ := testService(t, nil)
	for _, tt := range badQuestions {
		t.Run(tt.name, func(t *testing.T) {
			checkProblem(t, post(s, oneObject, tt.body), http.StatusBadRequest, tt.detail, tt.offset)
		})
	}
}

func TestTextThatIsNotUTF8(t *testing.T) {
	s, _ := testService(t, nil)
	for body, offset := range map[string]int{
		"\xFF\xFEs\x00": 0, "secretword \xE9t\xE9": 11, "“secretword”\x80": 16, "a\xF5": 1, "\uFFFD\xC0\x80": 3,
	} {
		checkProblem(t, post(s, plainText, body), http.StatusBadRequest, "not UTF-8", offset)
	}
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOf(rapid.Byte()).Draw(t, "body")
		p := checkUTF8(body)
		if utf8.Valid(body) {
			require.Nil(t, p)
			return
		}
		require.True(t, utf8.Valid(body[:*p.Offset]), "what stands before is a text")
		require.False(t, utf8.Valid(body[*p.Offset:]))
		r, size := utf8.DecodeRune(body[*p.Offset:])
		require.Equal(t, utf8.RuneError, r)
		require.Equal(t, 1, size)
	})
}

func TestTypes(t *testing.T) {
	s, _ := testService(t, nil)
	const want = "Content-Type has to be text/plain or application/json or application/x-ndjson"
	for _, tt := range []struct {
		contentType, encoding string
		detail                string
	}{
		{"", "", want},
		{"secretword", "", want},
		{"text/secretword", "", want},
		{"text/html", "", want},
		{"text/plain; charset", "", want},
		{"application/x-www-form-urlencoded", "", want}, // what curl -d says by itself
		{"multipart/form-data; boundary=x", "", want},
		{"text/plain, application/json", "", want},
		{"text/plain; charset=secretword", "", "charset of the body has to be utf-8"},
		{"application/json; charset=iso-8859-1", "", "charset of the body has to be utf-8"},
		{"text/plain", "gzip", "compressed"},
		{"application/json", "br", "compressed"},
		{"application/x-ndjson", "identity, deflate", "compressed"},
		{"application/x-ndjson", "secretword", "compressed"},
	} {
		t.Run(tt.contentType+tt.encoding, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodPost, "/v1/classify", strings.NewReader(`{"text":"secretword"}`))
			r.Header.Set("Content-Type", tt.contentType)
			if tt.encoding != "" {
				r.Header.Set("Content-Encoding", tt.encoding)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			checkProblem(t, w, http.StatusUnsupportedMediaType, tt.detail, -1)
			if tt.encoding != "" {
				assert.Equal(t, "identity", w.Header().Get("Accept-Encoding"))
			}
		})
	}
	r := httptest.NewRequest(http.MethodPost, "/v1/classify", strings.NewReader(`{"text":"a"}`))
	r.Header.Set("Content-Type", oneObject)
	r.Header.Set("Content-Encoding", "Identity")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	assert.Equal(t, http.StatusOK, w.Code)
}

func TestPathsAndMethods(t *testing.T) {
	s, _ := testService(t, nil)
	for _, tt := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/healthz", 200, ""},
		{"HEAD", "/healthz", 200, ""},
		{"POST", "/healthz", 405, "GET, HEAD"},
		{"GET", "/v1/classify", 405, "POST"},
		{"PUT", "/v1/classify", 405, "POST"},
		{"OPTIONS", "/v1/classify", 405, "POST"},
		{"SECRETWORD", "/v1/classify", 405, "POST"},
		{"DELETE", "/", 405, "GET, HEAD, POST"},
		{"TRACE", "/", 405, "GET, HEAD, POST"},
		{"GET", "/secretword", 404, ""},
		{"POST", "/v1/classify/", 404, ""},
		{"POST", "/v1", 404, ""},
		{"GET", "/favicon.ico", 404, ""},
		{"CONNECT", "/secretword", 404, ""},
		{"GET", "/%73ecretword?secretword", 404, ""},
	} {
		t.Run(tt.method+tt.path, func(t *testing.T) {
			w := httptest.NewRecorder()
			s.ServeHTTP(w, httptest.NewRequest(tt.method, tt.path, strings.NewReader("secretword")))
			assert.Equal(t, tt.status, w.Code)
			assert.Equal(t, tt.allow, w.Header().Get("Allow"))
			if tt.status >= 400 {
				checkProblem(t, w, tt.status, "the", -1)
			}
			for _, field := range securityFields {
				assert.Equal(t, field[1], w.Header().Get(field[0]))
			}
		})
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
	assert.JSONEq(t, `{"status":"ok","version":"`+stance.Version+`"}`, w.Body.String())
}

func TestBodyLimit(t *testing.T) {
	const most = 100
	s, _ := testService(t, func(l *limits) { l.body = most })
	for _, kind := range []string{plainText, oneObject} {
		body := `{"text":"` + strings.Repeat("x", most-11) + `"}`
		assert.Equal(t, http.StatusOK, post(s, kind, body).Code)
		checkProblem(t, post(s, kind, body+" "), http.StatusRequestEntityTooLarge, "longer than 100 bytes", -1)

		// A length that is not told is found out.
		for extra, status := range []int{200, 413} {
			r := httptest.NewRequest(http.MethodPost, "/v1/classify", io.MultiReader(strings.NewReader(body), strings.NewReader(strings.Repeat(" ", extra))))
			require.EqualValues(t, -1, r.ContentLength)
			r.Header.Set("Content-Type", kind)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			assert.Equal(t, status, w.Code)
		}
	}
}

// blockingBody holds up whoever reads it until it is closed.
type blockingBody struct{ reading, end chan struct{} }

func (b blockingBody) Read([]byte) (int, error) {
	b.reading <- struct{}{}
	<-b.end
	return 0, io.EOF
}

func TestRequestLimit(t *testing.T) {
	const most = 3
	s, _ := testService(t, func(l *limits) { l.requests = most })
	body := blockingBody{make(chan struct{}), make(chan struct{})}
	var all sync.WaitGroup
	for _, kind := range []string{plainText, oneObject, jsonLines} {
		all.Go(func() {
			r := httptest.NewRequest(http.MethodPost, "/v1/classify", body)
			r.Header.Set("Content-Type", kind)
			s.ServeHTTP(httptest.NewRecorder(), r)
		})
	}
	for range most {
		<-body.reading
	}
	w := post(s, plainText, "secretword")
	checkProblem(t, w, http.StatusServiceUnavailable, "3 requests", -1)
	assert.Equal(t, "1", w.Header().Get("Retry-After"))
	w = httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/healthz", nil))
	assert.Equal(t, http.StatusOK, w.Code, "the service is well, and says so")
	close(body.end)
	all.Wait()
	assert.Equal(t, http.StatusOK, post(s, plainText, "Yes.").Code)
}

func TestLog(t *testing.T) {
	s, log := testService(t, nil)
	post(s, oneObject, `{"text":"Yes."}`)
	assert.Regexp(t, `^time=\S+ level=INFO msg=request method=POST path=/v1/classify status=200 in=15 out=\d+ duration=\S+\n$`, log.String())
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/", "method=GET path=/ status=200"},
		{"HEAD", "/healthz?secretword", "method=HEAD path=/healthz status=200"},
		{"SECRETWORD", "/v1/classify", "method=other path=/v1/classify status=405"},
		{"GET", "/secretword", "method=GET path=other status=404"},
		{"GET", "//secretword", "method=GET path=other status=307"},
	} {
		before := len(log.String())
		s.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(tt.method, tt.path, nil))
		line := log.String()[before:]
		assert.Contains(t, line, tt.want)
		assert.Equal(t, 1, strings.Count(line, "\n"))
	}
	assert.NotContains(t, strings.ToLower(log.String()), "secret")
}

// A word that stands in any input, good or bad, stands in no log and in no
// problem.
func TestNoTextInLogs(t *testing.T) {
	s, log := testService(t, func(l *limits) { l.line = 200 })
	long := strings.Repeat("secretword ", 100)
	bodies := []string{
		"secretword", `{"text":"secretword"}`, `{"texts":["secretword"]}`, `{"document":"secretword"}`,
		long, `{"text":"` + long + `"}`, "secretword\xFF", "text=secretword", "text=%zzsecretword", "text=secretword;", "secretword\x00",
	}
	for _, q := range badQuestions {
		bodies = append(bodies, q.body)
	}
	bodies = append(bodies, strings.Join(bodies, "\n"))
	for _, body := range bodies {
		for _, kind := range []string{plainText, oneObject, jsonLines, urlForm, "text/secretword", "text/plain;charset=secretword", "multipart/form-data; boundary=secretword"} {
			for _, path := range []string{"/", "/v1/classify", "/secretword", "/v1/classify?secretword=secretword#secretword"} {
				r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
				r.Header.Set("Content-Type", kind)
				r.Header.Set("Referer", "http://secretword.example/")
				r.Header.Set("User-Agent", "secretword")
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				if w.Code != http.StatusOK {
					assert.NotContains(t, w.Body.String(), "secretword")
				}
			}
		}
	}
	assert.Equal(t, len(bodies)*7*4, strings.Count(log.String(), "\n"), "one line for each request")
	assert.NotContains(t, strings.ToLower(log.String()), "secret")
}

func FuzzClassify(f *testing.F) {
	kinds := []string{plainText, oneObject, jsonLines}
	for i, q := range badQuestions {
		if len(q.body) < 1000 {
			f.Add(kinds[i%3], []byte(q.body))
			f.Add(jsonLines, []byte("{\"text\":\"a\"}\n"+q.body+"\r\n \n{\"document\":\"A b. C d.\"}"))
		}
	}
	f.Add(plainText, []byte(article))
	f.Add("text/plain; charset=latin1", []byte("Yes."))
	f.Add(oneObject, []byte(`{"texts":["a","\ud83d\ude00"]}`))
	f.Add(jsonLines, []byte("{\"text\":\""+strings.Repeat("x", 600)+"\"}\n{\"texts\":[]}"))
	s, log := testService(f, func(l *limits) { l.line = 500 })
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		w := post(s, kind, string(body))
		require.True(t, w.Code == http.StatusOK || w.Code >= 400 && w.Code < 500, "%d", w.Code)
		if w.Code == http.StatusOK && w.Header().Get("Content-Type") == jsonLines {
			checkLines(t, s.model, string(body), 500, w.Body.String())
			return
		}
		a := decode(t, w.Body.Bytes())
		assert.Equal(t, w.Code >= 400, a.Status != 0)
		if len(log.String()) > 1<<20 {
			log.b.Reset()
		}
	})
}

// checkLines checks the answer to JSON Lines: every line is answered as it
// would be by itself, under its number.
func checkLines(t testing.TB, m *stance.Model, body string, most int, answer string) {
	t.Helper()
	body = strings.TrimSuffix(body, "\n")
	answers := strings.SplitAfter(answer, "\n")
	require.Empty(t, answers[len(answers)-1])
	for i, text := range strings.Split(body, "\n") {
		if strings.Trim(text, " \t\r") == "" && len(text) <= most {
			continue
		}
		require.NotEmpty(t, answers)
		got := decode(t, []byte(answers[0]))
		answers = answers[1:]
		require.Equal(t, i+1, got.Line)
		if len(text) > most {
			require.Equal(t, http.StatusRequestEntityTooLarge, got.Status)
			continue
		}
		q, p := parseQuestion([]byte(text))
		if p != nil {
			require.Equal(t, []any{p.Status, p.Detail, *p.Offset}, []any{got.Status, got.Detail, *got.Offset})
			continue
		}
		require.Zero(t, got.Status)
		switch q.kind {
		case textKey:
			sameAs(t, m.Classify(q.text), got)
		case textsKey:
			require.Len(t, got.Predictions, len(q.texts))
		case documentKey:
			require.Len(t, got.Sentences, len(m.ClassifyDocument(q.text)))
		}
	}
	require.Equal(t, []string{""}, answers, "no line more than were asked for")
}

func TestProblemOfALine(t *testing.T) {
	b, err := json.Marshal(problemf(400, "no").at(0))
	require.NoError(t, err)
	assert.Equal(t, `{"title":"Bad Request","status":400,"detail":"no","offset":0}`, string(b), "the first byte is a place")
}
