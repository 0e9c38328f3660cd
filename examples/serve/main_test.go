package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

func TestUsage(t *testing.T) {
	for _, tt := range []struct{ args, want string }{
		{"article.txt", `unexpected argument "article.txt"`},
		{"-port 80", "flag provided but not defined"},
		{"-max-body 0", "-max-body is 0, want at least 1"},
		{"-max-body 1MB", "invalid value"},
		{"-max-line -1", "-max-line is -1"},
		{"-max-requests 0", "-max-requests is 0"},
		{"-timeout 0s", "-timeout is 0s, want a time"},
		{"-timeout 5", "invalid value"},
		{"-max-stream -1s", "-max-stream is -1s"},
		{"-grace 0s", "-grace is 0s"},
		{"-min-confidence 1.1", "-min-confidence is 1.1, want a probability"},
		{"-min-confidence -0.1", "-min-confidence is -0.1"},
		{"-min-confidence NaN", "-min-confidence is NaN"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			assert.Equal(t, program.StatusUsage, run(context.Background(), strings.Fields(tt.args), &stdout, &stderr))
			assert.Empty(t, stdout.String())
			assert.Contains(t, stderr.String(), tt.want)
			assert.Contains(t, stderr.String(), "serve [-addr HOST:PORT]")
		})
	}
}

func TestManual(t *testing.T) {
	var stdout, stderr bytes.Buffer
	assert.Equal(t, program.StatusDone, run(context.Background(), []string{"-h"}, &stdout, &stderr))
	assert.Equal(t, manual.String(), stdout.String())
	assert.Empty(t, stderr.String())
	c, err := parse(nil)
	require.NoError(t, err)
	for flag, value := range map[string]any{
		"addr": c.addr, "max-body": c.limits.body, "max-line": c.limits.line, "max-requests": c.limits.requests,
		"timeout": "30s", "max-stream": "1h", "grace": "10s",
	} {
		_, text, found := strings.Cut(manual.String(), "\n\t-"+flag)
		require.True(t, found, flag)
		text, _, _ = strings.Cut(text, "\n\t-")
		assert.Contains(t, strings.Join(strings.Fields(text), " "), fmt.Sprintf("Without it %v", value))
	}
	assert.Equal(t, []time.Duration{30 * time.Second, time.Hour, 10 * time.Second}, []time.Duration{c.limits.timeout, c.limits.stream, c.grace})
	assert.Contains(t, manual.String(), `"version": "`+stance.Version+`"`)
	for _, status := range []int{400, 404, 405, 408, 413, 415, 503} {
		assert.Contains(t, manual.String(), fmt.Sprintf("\n\t%d  ", status))
	}
}

func TestFailures(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	broken := filepath.Join(t.TempDir(), "broken.model")
	require.NoError(t, os.WriteFile(broken, []byte("This is no model."), 0o644))
	for want, args := range map[string][]string{
		"address already in use": {"-addr", taken.Addr().String()},
		"missing port":           {"-addr", "localhost"},
		"no such file":           {"-model", broken + ".none"},
		broken:                   {"-model", broken},
	} {
		var stdout, stderr bytes.Buffer
		assert.Equal(t, program.StatusFailure, run(context.Background(), args, &stdout, &stderr))
		assert.Empty(t, stdout.String())
		assert.Contains(t, stderr.String(), "serve: ")
		assert.Contains(t, stderr.String(), want)
	}
}

// running runs the program and returns its address and what it says, and a
// function that ends it and returns its status.
func running(t *testing.T, args ...string) (url string, stderr *logBuffer, end func() int) {
	ctx, cancel := context.WithCancel(context.Background())
	t.Cleanup(cancel)
	stderr = &logBuffer{}
	status := make(chan int, 1)
	go func() {
		status <- run(ctx, append([]string{"-addr", "127.0.0.1:0"}, args...), new(bytes.Buffer), stderr)
	}()
	address := regexp.MustCompile(`^serve: listening on (http://127\.0\.0\.1:\d+)/\n`)
	require.Eventually(t, func() bool { return address.MatchString(stderr.String()) }, 20*time.Second, time.Millisecond, stderr)
	return address.FindStringSubmatch(stderr.String())[1], stderr, func() int {
		cancel()
		return <-status
	}
}

func TestRun(t *testing.T) {
	model := filepath.Join(t.TempDir(), "tiny.model")
	require.NoError(t, theModel(t).SaveFile(model))
	const text = "It ruins decent men."
	for _, tt := range []struct {
		args []string
		want stance.Prediction
		logs int
	}{
		{nil, stance.Default().Classify(text), 1},
		{[]string{"-model", model}, theModel(t).Classify(text), 1},
		{[]string{"-model", model, "-min-confidence", "1", "-quiet"}, theModel(t).WithMinConfidence(1).Classify(text), 0},
		{[]string{"-model", model, "-min-confidence", "0"}, theModel(t).Classify(text), 1},
	} {
		t.Run(strings.Join(tt.args, " "), func(t *testing.T) {
			url, stderr, end := running(t, tt.args...)
			r, err := http.Post(url+"/v1/classify", oneObject, strings.NewReader(`{"text":"`+text+`"}`))
			require.NoError(t, err)
			defer r.Body.Close()
			var body bytes.Buffer
			_, err = body.ReadFrom(r.Body)
			require.NoError(t, err)
			sameAs(t, tt.want, decode(t, body.Bytes()))
			assert.Equal(t, program.StatusDone, end())
			assert.Equal(t, tt.logs, strings.Count(stderr.String(), "msg=request"), stderr)
		})
	}
}

func TestRunThatCutsOff(t *testing.T) {
	url, stderr, end := running(t, "-grace", "10ms", "-quiet")
	c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	require.NoError(t, err)
	defer c.Close()
	fmt.Fprint(c, header(jsonLines, "Content-Length: 100\r\nExpect: 100-continue\r\n"))
	_, err = c.Read(make([]byte, 1)) // it reads the body
	require.NoError(t, err)
	assert.Equal(t, program.StatusFailure, end())
	assert.Contains(t, stderr.String(), "serve: requests that had not ended after 10ms were cut off")
}
