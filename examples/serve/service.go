package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"example.org/metoostance/stance"
)

// service answers the requests. It keeps nothing of one for another.
type service struct {
	model  *stance.Model
	name   string // of the model, for people
	limits limits

	minConfidence float64 // of the model
	log           *slog.Logger
	mux           *http.ServeMux
	slots         chan struct{} // holds one for each request that is being answered
}

// newService makes the handler of all paths.
func newService(model *stance.Model, name string, l limits, log *slog.Logger) *service {
	s := &service{
		model: model, name: name, limits: l, log: log, minConfidence: model.Options().MinConfidence,
		mux: http.NewServeMux(), slots: make(chan struct{}, l.requests),
	}
	s.handle("/{$}", map[string]http.HandlerFunc{"GET": s.getPage, "POST": s.limited(s.postPage)})
	s.handle("/healthz", map[string]http.HandlerFunc{"GET": s.health})
	s.handle("/v1/classify", map[string]http.HandlerFunc{"POST": s.limited(s.classify)})
	s.mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, problemf(http.StatusNotFound, "there is no such path; there are /, /healthz and /v1/classify"))
	})
	return s
}

// handle registers the methods of a path. ServeMux would answer others too, but
// not with a problem in JSON.
func (s *service) handle(path string, methods map[string]http.HandlerFunc) {
	var allowed []string
	for method, h := range methods {
		s.mux.HandleFunc(method+" "+path, h)
		allowed = append(allowed, method)
		if method == http.MethodGet {
			allowed = append(allowed, http.MethodHead)
		}
	}
	slices.Sort(allowed)
	allow := strings.Join(allowed, ", ")
	s.mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Allow", allow)
		refuse(w, problemf(http.StatusMethodNotAllowed, "the path has no such method, only %s", allow))
	})
}

// ServeHTTP answers a request and logs that it did.
func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	start := time.Now()
	in, out := &countingBody{ReadCloser: r.Body}, &recorder{ResponseWriter: w, status: http.StatusOK}
	// A copy, for net/http looks into the body of its own request to see whether
	// the client was told to send it.
	r = r.WithContext(r.Context())
	r.Body = in
	h := w.Header()
	for _, field := range securityFields {
		h.Set(field[0], field[1])
	}
	// Deadlines are errors only where there is no connection, in tests.
	controller := http.NewResponseController(w)
	_ = controller.SetReadDeadline(start.Add(s.limits.timeout))
	_ = controller.SetWriteDeadline(start.Add(2 * s.limits.timeout))
	defer func() {
		s.log.LogAttrs(r.Context(), slog.LevelInfo, "request",
			slog.String("method", methodForLog(r)), slog.String("path", pathForLog(r)), slog.Int("status", out.status),
			slog.Int64("in", in.n), slog.Int64("out", out.n), slog.Duration("duration", time.Since(start)))
	}()
	s.mux.ServeHTTP(out, r)
}

// securityFields keep a page that shows somebody's text from being anything
// else: no scripts, nothing fetched, no frames, no copies kept, no address told
// to others.
var securityFields = [][2]string{
	{"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"},
	{"X-Content-Type-Options", "nosniff"},
	{"Cache-Control", "no-store"},
	{"Referrer-Policy", "no-referrer"},
}

// knownMethods are those that are logged by their names. Others are chosen by
// the client, and could be anything.
var knownMethods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE"}

const other = "other" // in logs, what is not named

func methodForLog(r *http.Request) string {
	if slices.Contains(knownMethods, r.Method) {
		return r.Method
	}
	return other
}

// pathForLog is the path by which the request was routed, not the one that was
// asked for, which may be anything, with a query behind it.
func pathForLog(r *http.Request) string {
	_, path, found := strings.Cut(r.Pattern, " ")
	if !found {
		path = r.Pattern
	}
	if path == "/" { // which catches all
		path = ""
	}
	return cmp.Or(strings.TrimSuffix(path, "{$}"), other)
}

// recorder remembers what is logged of an answer.
type recorder struct {
	http.ResponseWriter
	status int
	n      int64
}

// Unwrap serves http.ResponseController.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *recorder) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	n, err := w.ResponseWriter.Write(b)
	w.n += int64(n)
	return n, err
}

// countingBody counts what was read of a request.
type countingBody struct {
	io.ReadCloser
	n int64
}

func (b *countingBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.n += int64(n)
	return n, err
}

// limited lets only so many requests be answered at once.
func (s *service) limited(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		select {
		case s.slots <- struct{}{}:
			defer func() { <-s.slots }()
			h(w, r)
		default:
			w.Header().Set("Retry-After", "1")
			refuse(w, problemf(http.StatusServiceUnavailable, "%d requests are being answered and there may not be more; try again later", s.limits.requests))
		}
	}
}

func (s *service) health(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(struct {
		Status  string `json:"status"`
		Version string `json:"version"`
	}{"ok", stance.Version})
}

// The types of bodies.
const (
	plainText = "text/plain"
	oneObject = "application/json"
	jsonLines = "application/x-ndjson"
	urlForm   = "application/x-www-form-urlencoded"
)

// bodyType returns the type of a request's body. It must be one of those
// wanted, in UTF-8, and not compressed.
func bodyType(w http.ResponseWriter, r *http.Request, wanted ...string) (string, *problem) {
	for _, encoding := range r.Header.Values("Content-Encoding") {
		if encoding != "" && !strings.EqualFold(encoding, "identity") {
			w.Header().Set("Accept-Encoding", "identity") // RFC 9110, section 15.5.16
			return "", problemf(http.StatusUnsupportedMediaType, "the body is compressed; send it as it is")
		}
	}
	kind, parameters, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "application/jsonl" { // there is no registered name
		kind = jsonLines
	}
	if err != nil || !slices.Contains(wanted, kind) {
		return "", problemf(http.StatusUnsupportedMediaType, "Content-Type has to be %s", strings.Join(wanted, " or "))
	}
	switch strings.ToLower(parameters["charset"]) {
	case "", "utf-8", "us-ascii":
		return kind, nil
	}
	return "", problemf(http.StatusUnsupportedMediaType, "the charset of the body has to be utf-8")
}

// readBody reads a body of at most limit bytes.
func (s *service) readBody(w http.ResponseWriter, r *http.Request, limit int) ([]byte, *problem) {
	if r.ContentLength > int64(limit) {
		return nil, tooLong(limit)
	}
	if rec, ok := w.(*recorder); ok {
		w = rec.ResponseWriter // which MaxBytesReader tells to end the connection
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(limit)))
	if err != nil {
		if errors.As(err, new(*http.MaxBytesError)) {
			return nil, tooLong(limit)
		}
		return nil, s.readProblem(err)
	}
	s.arrived(w)
	return body, nil
}

func tooLong(limit int) *problem {
	return problemf(http.StatusRequestEntityTooLarge, "the body is longer than %d bytes; send more as JSON Lines", limit)
}

// readProblem says why a body could not be read to its end.
func (s *service) readProblem(err error) *problem {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return problemf(http.StatusRequestTimeout, "the body did not arrive within %v", s.limits.timeout)
	}
	return problemf(http.StatusBadRequest, "the body broke off, or is not sent as HTTP wants it")
}

// arrived sets the deadlines that hold once the body is there: none to read, as
// net/http takes one that passes for the end of the client.
func (s *service) arrived(w http.ResponseWriter) {
	controller := http.NewResponseController(w)
	_ = controller.SetReadDeadline(time.Time{})
	_ = controller.SetWriteDeadline(time.Now().Add(s.limits.timeout))
}
