package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// server is a running server.
type server struct {
	*service
	url  string
	addr string
	log  *logBuffer
	stop context.CancelFunc
	done chan error // what serve returned
}

// start starts a server on the loopback interface that stops with the test.
func start(t testing.TB, grace time.Duration, change func(*limits)) *server {
	t.Helper()
	s, logs := testService(t, change)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	srv := &server{s, "http://" + l.Addr().String(), l.Addr().String(), logs, stop, make(chan error, 1)}
	go func() {
		srv.done <- serve(ctx, l, s, grace, slog.NewLogLogger(slog.NewTextHandler(logs, nil).WithAttrs(nil), slog.LevelError))
	}()
	t.Cleanup(func() {
		stop()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	return srv
}

// dial opens a connection to a server and sends the beginning of a request.
func (s *server) dial(t testing.TB, request string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", s.addr)
	require.NoError(t, err)
	t.Cleanup(func() { c.Close() })
	require.NoError(t, c.SetDeadline(time.Now().Add(30*time.Second)))
	_, err = io.WriteString(c, request)
	require.NoError(t, err)
	return c
}

func header(contentType, more string) string {
	return "POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + contentType + "\r\n" + more + "\r\n"
}

// respond reads an answer to its end.
func respond(t testing.TB, c io.Reader) (*http.Response, string) {
	t.Helper()
	r, err := http.ReadResponse(bufio.NewReader(c), nil)
	require.NoError(t, err)
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r, string(body)
}

func (s *server) post(t testing.TB, contentType string, body io.Reader) (*http.Response, string) {
	t.Helper()
	r, err := http.Post(s.url+"/v1/classify", contentType, body)
	require.NoError(t, err)
	defer r.Body.Close()
	raw, err := io.ReadAll(r.Body)
	require.NoError(t, err)
	return r, string(raw)
}

// free waits until no request is being answered.
func (s *server) free(t testing.TB) {
	t.Helper()
	require.Eventually(t, func() bool { return len(s.slots) == 0 }, 20*time.Second, time.Millisecond)
}

// Each line is answered before the next one is sent.
func TestConversation(t *testing.T) {
	s := start(t, time.Second, nil)
	out, in := io.Pipe()
	first := make(chan struct{})
	go func() {
		<-first
		fmt.Fprintln(in, `{"text":"line 1"}`)
	}()
	close(first)
	r, err := http.Post(s.url+"/v1/classify", jsonLines, out)
	require.NoError(t, err)
	defer r.Body.Close()
	answers := bufio.NewReader(r.Body)
	for i := 1; i <= 20; i++ {
		got, err := answers.ReadString('\n')
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(got, fmt.Sprintf(`{"line":%d,"label":`, i)), got)
		fmt.Fprintf(in, "{\"text\":\"line %d\"}\n", i+1)
	}
	in.Close()
	rest, err := io.ReadAll(answers)
	require.NoError(t, err)
	assert.Equal(t, 1, bytes.Count(rest, []byte("\n")))
	s.free(t)
}

// watchHeap measures the greatest heap, over what it is now, until it is told to
// end.
func watchHeap() (most func() uint64) {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	var greatest atomic.Uint64
	end, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			if m.HeapAlloc > before {
				greatest.Store(max(greatest.Load(), m.HeapAlloc-before))
			}
			select {
			case <-end:
				return
			case <-time.After(5 * time.Millisecond):
			}
		}
	}()
	return func() uint64 {
		close(end)
		<-ended
		return greatest.Load()
	}
}

// A million sentences go through a service that holds only some of them.
func TestMillionLines(t *testing.T) {
	n := 1_000_000
	if testing.Short() {
		n = 20_000
	}
	s := start(t, time.Second, nil)
	heap := watchHeap()
	out, in := io.Pipe()
	go func() {
		w := bufio.NewWriterSize(in, 1<<16)
		for i := range n {
			if i%1000 == 999 {
				fmt.Fprintf(w, "{\"text\":%d}\n", i)
			} else {
				fmt.Fprintf(w, "{\"text\":\"Hall %d opens.\"}\n", i)
			}
		}
		w.Flush()
		in.Close()
	}()
	r, err := http.Post(s.url+"/v1/classify", jsonLines, out)
	require.NoError(t, err)
	defer r.Body.Close()
	lines, problems := 0, 0
	for answers := bufio.NewScanner(r.Body); answers.Scan(); {
		lines++
		if bytes.HasPrefix(answers.Bytes(), []byte(`{"title"`)) {
			problems++
			require.Contains(t, answers.Text(), fmt.Sprintf(`"line":%d,`, lines))
		} else if !bytes.HasPrefix(answers.Bytes(), fmt.Appendf(nil, `{"line":%d,"label":`, lines)) {
			t.Fatalf("line %d is answered by %s", lines, answers.Text())
		}
	}
	assert.Equal(t, n, lines)
	assert.Equal(t, n/1000, problems)
	// A stream holds a buffer of lines and the answers to them, some
	// megabytes; the rest is garbage that is not collected yet.
	assert.Less(t, heap(), uint64(64<<20))
}

// endless is text without a space and without an end.
type endless struct{ left int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left == 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), e.left))
	for i := range p[:n] {
		p[i] = 'x'
	}
	e.left -= int64(n)
	return n, nil
}

func TestHundredMegabytes(t *testing.T) {
	const size = 100 << 20
	s := start(t, time.Second, nil)
	heap := watchHeap()
	for _, kind := range []string{plainText, oneObject} {
		// With a length it is refused unread, without one when it is too long.
		for _, length := range []string{fmt.Sprintf("Content-Length: %d\r\n", size), "Transfer-Encoding: chunked\r\n"} {
			c := s.dial(t, header(kind, length))
			go func() {
				chunk := strings.Repeat("x", 1<<16)
				for range size >> 16 {
					if strings.HasPrefix(length, "Transfer") {
						fmt.Fprintf(c, "%x\r\n", len(chunk))
					}
					if _, err := io.WriteString(c, chunk); err != nil {
						return
					}
					if strings.HasPrefix(length, "Transfer") {
						io.WriteString(c, "\r\n")
					}
				}
			}()
			r, body := respond(t, c)
			assert.Equal(t, http.StatusRequestEntityTooLarge, r.StatusCode)
			assert.Contains(t, body, "longer than 1048576 bytes")
			c.Close()
		}
	}
	_, body := s.post(t, jsonLines, io.MultiReader(strings.NewReader("{\"text\":\"a\"}\n\""), &endless{size}, strings.NewReader("\n{\"text\":\"b\"}")))
	lines := strings.Split(body, "\n")
	require.Len(t, lines, 4)
	assert.Contains(t, lines[0], `{"line":1,"label"`)
	assert.Contains(t, lines[1], `the line is longer than 262144 bytes","line":2}`)
	assert.Contains(t, lines[2], `{"line":3,"label"`)
	assert.Less(t, heap(), uint64(64<<20))
	s.free(t)
}

// What a client must not be able to do is to keep a place for ever.
func TestSlowClients(t *testing.T) {
	const timeout = 300 * time.Millisecond
	s := start(t, time.Second, func(l *limits) { l.timeout = timeout; l.requests = 1 })
	for _, kind := range []string{plainText, oneObject} {
		begin := time.Now()
		c := s.dial(t, header(kind, "Content-Length: 100\r\n")+"{")
		r, body := respond(t, c)
		assert.Equal(t, http.StatusRequestTimeout, r.StatusCode)
		assert.Contains(t, body, "the body did not arrive within 300ms")
		assert.True(t, r.Close, "the rest is not waited for")
		assert.GreaterOrEqual(t, time.Since(begin), timeout)
		s.free(t)
	}
	t.Run("a line that does not end", func(t *testing.T) {
		c := s.dial(t, header(jsonLines, "Content-Length: 1000\r\n")+"{\"text\":\"a\"}\n\n{\"text\":\"b")
		r, body := respond(t, c)
		assert.Equal(t, http.StatusOK, r.StatusCode)
		lines := strings.Split(body, "\n")
		require.Len(t, lines, 3)
		assert.Contains(t, lines[0], `{"line":1,"label"`)
		assert.Contains(t, lines[1], `"status":408,"detail":"the line did not arrive within 300ms; it and what follows was not read","line":3}`)
		s.free(t)
	})
	t.Run("a byte now and then", func(t *testing.T) {
		c := s.dial(t, header(jsonLines, "Content-Length: 100000\r\n"))
		begin := time.Now()
		go func() {
			for {
				if _, err := io.WriteString(c, "x"); err != nil {
					return
				}
				time.Sleep(timeout / 30)
			}
		}()
		_, body := respond(t, c)
		assert.Contains(t, body, `"status":408`)
		assert.GreaterOrEqual(t, time.Since(begin), timeout)
		s.free(t)
	})
	t.Run("a header that does not end", func(t *testing.T) {
		c := s.dial(t, "POST /v1/classify HTTP/1.1\r\nHost: loc")
		_, err := io.ReadAll(c)
		assert.NoError(t, err, "the server closes the connection")
	})
	t.Run("answers that nobody takes", func(t *testing.T) {
		c := s.dial(t, header(jsonLines, "Transfer-Encoding: chunked\r\n"))
		require.NoError(t, c.(*net.TCPConn).SetReadBuffer(4096))
		chunk := strings.Repeat("{\"text\":\"a\"}\n", 5000)
		var err error
		for err == nil {
			_, err = fmt.Fprintf(c, "%x\r\n%s\r\n", len(chunk), chunk)
		}
		s.free(t)
	})
	_, body := s.post(t, plainText, strings.NewReader("Yes."))
	assert.Contains(t, body, "sentences", "the place is free again")
}

func TestLongestStream(t *testing.T) {
	s := start(t, time.Second, func(l *limits) { l.stream = 300 * time.Millisecond })
	out, in := io.Pipe()
	go func() {
		for {
			if _, err := fmt.Fprintln(in, `{"text":"a"}`); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	}()
	_, body := s.post(t, jsonLines, out)
	lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	assert.Greater(t, len(lines), 1)
	assert.Contains(t, lines[len(lines)-1], `"status":408,"detail":"the body lasted longer than 300ms; this line and what follows was not read"`)
	s.free(t)
}

// The deadlines of one request do not reach into the next on its connection.
func TestDeadlinesEndWithTheRequest(t *testing.T) {
	const timeout = 300 * time.Millisecond
	s := start(t, time.Second, func(l *limits) { l.timeout = timeout })
	c := s.dial(t, "")
	answers := bufio.NewReader(c)
	for _, kind := range []string{plainText, jsonLines, oneObject} {
		fmt.Fprint(c, header(kind, "Content-Length: 12\r\n"), `{"text":"a"}`)
		r, err := http.ReadResponse(answers, nil)
		require.NoError(t, err)
		_, err = io.Copy(io.Discard, r.Body)
		require.NoError(t, err)
		assert.Equal(t, http.StatusOK, r.StatusCode)
		time.Sleep(timeout * 9 / 4)
	}
}

func TestAbortedConnections(t *testing.T) {
	s := start(t, time.Second, func(l *limits) { l.requests = 2 })
	for _, kind := range []string{plainText, oneObject, jsonLines} {
		for _, begun := range []string{"", "{", "{\"text\":\"secretword\"}\n{\"te"} {
			// At the end of what was sent, as by a client that was ended, ...
			c := s.dial(t, header(kind, "Content-Length: 100\r\n")+begun)
			require.NoError(t, c.(*net.TCPConn).CloseWrite())
			r, body := respond(t, c)
			assert.Contains(t, body, "broke off")
			if kind != jsonLines {
				assert.Equal(t, http.StatusBadRequest, r.StatusCode)
			}
			// ... and of everything.
			c = s.dial(t, header(kind, "Content-Length: 100\r\n")+begun)
			require.NoError(t, c.(*net.TCPConn).SetLinger(0))
			require.NoError(t, c.Close())
			s.free(t)
		}
	}
	c := s.dial(t, header(jsonLines, "Transfer-Encoding: chunked\r\n")+"5\r\n{\"tex\r\nnothing\r\n")
	_, body := respond(t, c)
	assert.Contains(t, body, "not sent as HTTP wants it")
	s.free(t)
	assert.NotContains(t, s.log.String(), "secret")
}

func TestContinue(t *testing.T) {
	s := start(t, time.Second, func(l *limits) { l.body = 100 })
	expect := "Expect: 100-continue\r\n"
	for _, kind := range []string{plainText, jsonLines} {
		c := s.dial(t, header(kind, expect+"Content-Length: 12\r\n"))
		answers := bufio.NewReader(c)
		status, err := answers.ReadString('\n')
		require.NoError(t, err)
		assert.Equal(t, "HTTP/1.1 100 Continue\r\n", status)
		_, err = answers.ReadString('\n')
		require.NoError(t, err)
		_, err = io.WriteString(c, `{"text":"a"}`)
		require.NoError(t, err)
		r, _ := respond(t, answers)
		assert.Equal(t, http.StatusOK, r.StatusCode)
	}
	// What is not wanted is refused before it is sent.
	for more, status := range map[string]int{"Content-Length: 101\r\n": 413, "Content-Length: 5\r\nContent-Encoding: gzip\r\n": 415} {
		r, _ := respond(t, s.dial(t, header(plainText, expect+more)))
		assert.Equal(t, status, r.StatusCode)
	}
}

// What net/http refuses by itself has a status and a reason too, and no log.
func TestWrongHTTP(t *testing.T) {
	s := start(t, time.Second, nil)
	for request, status := range map[string]int{
		"secretword\r\n\r\n":                                   400,
		"GET / HTTP/9.9\r\n\r\n":                               505,
		"GET / HTTP/1.1\r\n\r\n":                               400, // without a host
		"\x16\x03\x01\x02\x00\x01\x00":                         400, // TLS
		header(plainText, "Content-Length: -1\r\n"):            400,
		header(plainText, "Transfer-Encoding: secretword\r\n"): 501,
		"GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("secretword", 5000) + "\r\n\r\n": 431,
	} {
		c := s.dial(t, request)
		require.NoError(t, c.(*net.TCPConn).CloseWrite())
		r, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err, "%.60q", request)
		assert.Equal(t, status, r.StatusCode, "%.60q", request)
	}
	assert.NotContains(t, s.log.String(), "secret")
}

func TestShutdown(t *testing.T) {
	s := start(t, 20*time.Second, nil)
	out, in := io.Pipe()
	go fmt.Fprintln(in, `{"text":"a"}`)
	r, err := http.Post(s.url+"/v1/classify", jsonLines, out)
	require.NoError(t, err)
	defer r.Body.Close()
	answers := bufio.NewReader(r.Body)
	_, err = answers.ReadString('\n')
	require.NoError(t, err)

	s.stop()
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", s.addr)
		if err == nil {
			c.Close()
		}
		return err != nil
	}, 10*time.Second, time.Millisecond, "nothing new is taken")
	fmt.Fprintln(in, `{"text":"b"}`)
	got, err := answers.ReadString('\n')
	require.NoError(t, err)
	assert.Contains(t, got, `{"line":2,"label"`, "what runs may end")
	in.Close()
	_, err = io.ReadAll(answers)
	require.NoError(t, err)
	assert.NoError(t, <-s.done)
}

func TestShutdownThatCutsOff(t *testing.T) {
	s := start(t, 50*time.Millisecond, nil)
	c := s.dial(t, header(jsonLines, "Transfer-Encoding: chunked\r\n")+"d\r\n{\"text\":\"a\"}\n\r\n")
	answers := bufio.NewReader(c)
	for line := ""; !strings.HasPrefix(line, "{"); {
		var err error
		line, err = answers.ReadString('\n')
		require.NoError(t, err)
	}
	s.stop()
	assert.EqualError(t, <-s.done, "requests that had not ended after 50ms were cut off")
	rest, _ := io.ReadAll(answers)
	assert.NotContains(t, string(rest), "0\r\n\r\n", "the client is not told that this is the end")
	s.free(t)
}

func TestServeFails(t *testing.T) {
	s, _ := testService(t, nil)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	assert.Error(t, serve(context.Background(), l, s, time.Second, log.New(io.Discard, "", 0)))
}
