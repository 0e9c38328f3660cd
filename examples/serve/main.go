package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// A second signal ends the program at once.
	context.AfterFunc(ctx, stop)
	status := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// command is what the flags ask for.
type command struct {
	addr          string
	model         string
	minConfidence float64 // below 0: the model's own
	limits        limits
	grace         time.Duration
	quiet         bool
}

// limits keep the service from being held up or filled up.
type limits struct {
	body, line int // bytes
	requests   int // at once
	timeout    time.Duration
	stream     time.Duration
}

func defaultLimits() limits {
	return limits{body: 1 << 20, line: 1 << 18, requests: 16, timeout: 30 * time.Second, stream: time.Hour}
}

// parse reads the flags. The error is flag.ErrHelp when the manual is wanted.
func parse(args []string) (*command, error) {
	c := &command{limits: defaultLimits(), minConfidence: -1}
	fs := flag.NewFlagSet("serve", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&c.addr, "addr", "127.0.0.1:8080", "")
	fs.StringVar(&c.model, "model", "", "")
	minConfidence := fs.Float64("min-confidence", 0, "")
	fs.IntVar(&c.limits.body, "max-body", c.limits.body, "")
	fs.IntVar(&c.limits.line, "max-line", c.limits.line, "")
	fs.IntVar(&c.limits.requests, "max-requests", c.limits.requests, "")
	fs.DurationVar(&c.limits.timeout, "timeout", c.limits.timeout, "")
	fs.DurationVar(&c.limits.stream, "max-stream", c.limits.stream, "")
	fs.DurationVar(&c.grace, "grace", 10*time.Second, "")
	fs.BoolVar(&c.quiet, "quiet", false, "")
	if err := fs.Parse(args); err != nil {
		return nil, err
	}
	if fs.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	fs.Visit(func(f *flag.Flag) {
		if f.Name == "min-confidence" {
			c.minConfidence = *minConfidence
		}
	})
	if !(*minConfidence >= 0 && *minConfidence <= 1) {
		return nil, fmt.Errorf("-min-confidence is %v, want a probability", *minConfidence)
	}
	for _, limit := range []struct {
		name  string
		value int
	}{{"max-body", c.limits.body}, {"max-line", c.limits.line}, {"max-requests", c.limits.requests}} {
		if limit.value < 1 {
			return nil, fmt.Errorf("-%s is %d, want at least 1", limit.name, limit.value)
		}
	}
	for _, limit := range []struct {
		name  string
		value time.Duration
	}{{"timeout", c.limits.timeout}, {"max-stream", c.limits.stream}, {"grace", c.grace}} {
		if limit.value <= 0 {
			return nil, fmt.Errorf("-%s is %v, want a time", limit.name, limit.value)
		}
	}
	return c, nil
}

// run is the program. It ends when ctx does.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	c, err := parse(args)
	if err != nil {
		return manual.Refuse(err, stdout, stderr)
	}
	if err := c.listen(ctx, stderr); err != nil {
		fmt.Fprintf(stderr, "serve: %s\n", program.Printable(err.Error()))
		return program.StatusFailure
	}
	return program.StatusDone
}

// load returns the model that labels, and what it is called.
func (c *command) load() (m *stance.Model, name string, err error) {
	m, name = stance.Default(), "the default model of version "+stance.Version
	if c.model != "" {
		name = "a model of the file " + filepath.Base(c.model)
		if m, err = stance.LoadFile(c.model); err != nil {
			return nil, "", err
		}
	}
	if c.minConfidence >= 0 {
		m = m.WithMinConfidence(c.minConfidence)
	}
	return m, name, nil
}

func (c *command) listen(ctx context.Context, stderr io.Writer) error {
	model, name, err := c.load()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", c.addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(stderr, "serve: listening on http://%v/\n", l.Addr())
	logs := slog.NewTextHandler(stderr, nil)
	requests := slog.New(logs)
	if c.quiet {
		requests = slog.New(slog.DiscardHandler)
	}
	// What net/http says is of connections, not of what they carry.
	return serve(ctx, l, newService(model, name, c.limits, requests), c.grace, slog.NewLogLogger(logs, slog.LevelError))
}

// serve answers the requests of a listener, which it closes, until ctx ends. It
// then waits for those that are running, but not longer than grace.
func serve(ctx context.Context, l net.Listener, s *service, grace time.Duration, errorLog *log.Logger) error {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: s.limits.timeout,
		IdleTimeout:       idleTime,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          errorLog,
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	rest, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	err := server.Shutdown(rest)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("requests that had not ended after %v were cut off", grace)
	}
	return errors.Join(err, server.Close())
}

const (
	// idleTime is how long a connection may wait for its next request.
	idleTime = 2 * time.Minute
	// maxHeader is the greatest header of a request in bytes. No field of it
	// matters here that is long.
	maxHeader = 16 << 10
)
