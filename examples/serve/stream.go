package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"os"
	"runtime"
	"sync"
	"time"
)

// stream answers JSON Lines line by line, while they arrive: it holds the lines
// that have arrived together, and their answers, and nothing else.
func (s *service) stream(w http.ResponseWriter, r *http.Request) {
	controller := http.NewResponseController(w)
	// Without it the rest of the body is lost when the answer begins. HTTP/2
	// has it always, and a recorder of tests never needs it.
	_ = controller.EnableFullDuplex()
	end := time.Now().Add(s.limits.stream)
	lines := &lineReader{
		r: r.Body, most: s.limits.line,
		// No time is set for each read: a client that sends a byte now and then
		// would have all the time there is.
		wait: func() {
			now := time.Now()
			_ = controller.SetReadDeadline(sooner(now.Add(s.limits.timeout), end))
			_ = controller.SetWriteDeadline(now.Add(2 * s.limits.timeout))
		},
	}
	w.Header().Set("Content-Type", jsonLines)
	parts := make([]part, runtime.GOMAXPROCS(0))
	for {
		batch, failure := lines.next()
		s.arrived(w)
		// The status comes with the first answer and not before, as a client
		// that waits for a "100 Continue" would take it for a refusal.
		for _, p := range s.answerLines(parts, batch) {
			if _, err := w.Write(p.out.Bytes()); err != nil {
				return // there is nobody to tell
			}
		}
		if failure != nil {
			if failure != io.EOF {
				last := newPart(s)
				last.problem(s.streamProblem(failure, end), lines.number+1)
				w.Write(last.out.Bytes())
			}
			return
		}
		if controller.Flush() != nil {
			return
		}
	}
}

// streamProblem says why the lines from some one on were not read.
func (s *service) streamProblem(err error, end time.Time) *problem {
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return problemf(http.StatusBadRequest, "the body broke off, or is not sent as HTTP wants it, in this line")
	case !time.Now().Before(end):
		return problemf(http.StatusRequestTimeout, "the body lasted longer than %v; this line and what follows was not read", s.limits.stream)
	}
	return problemf(http.StatusRequestTimeout, "the line did not arrive within %v; it and what follows was not read", s.limits.timeout)
}

func sooner(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// part is what one goroutine answers of a batch of lines.
type part struct {
	*answers
	out *bytes.Buffer
}

func newPart(s *service) part {
	out := new(bytes.Buffer)
	return part{newAnswers(s.model, out), out}
}

const (
	// linesPerPart is how many lines are worth a goroutine.
	linesPerPart = 16
	// keptOutput is the size of the buffer of a part that is kept for the next
	// batch. It holds the answers of all batches but uncommon ones.
	keptOutput = 1 << 20
)

// answerLines answers lines on all processors. What it returns are the answers,
// in as many of the parts as they need.
func (s *service) answerLines(parts []part, batch []line) []part {
	n := min(len(parts), (len(batch)+linesPerPart-1)/linesPerPart)
	var all sync.WaitGroup
	for i := range n {
		p := &parts[i]
		if p.out == nil || p.out.Cap() > keptOutput {
			*p = newPart(s)
		}
		p.out.Reset()
		answer := func() {
			for _, l := range batch[len(batch)*i/n : len(batch)*(i+1)/n] {
				p.line(l)
			}
		}
		if i < n-1 {
			all.Go(answer)
		} else {
			answer()
		}
	}
	all.Wait()
	return parts[:n]
}

// line answers a line.
func (p *part) line(l line) {
	if l.problem != nil {
		p.problem(l.problem, l.number)
		return
	}
	q, wrong := parseQuestion(l.text)
	if wrong != nil {
		p.problem(wrong, l.number)
		return
	}
	p.write(q, l.number)
}

// line is a line of a body.
type line struct {
	number  int      // from 1
	text    []byte   // without its line end; valid until the next batch is read
	problem *problem // that it is too long: text is nil
}

// lineReader reads lines as they arrive, and skips those of nothing but white
// space.
type lineReader struct {
	r    io.Reader
	most int    // bytes of a line
	wait func() // is called before a new line is waited for
	err  error  // of r; nothing is read after it

	number   int    // of the last line that was returned or skipped
	buf      []byte // what was read
	done     int    // what stands before it has been returned or skipped
	scanned  int    // what stands before it has no line end but those before done
	skipping bool   // what comes next is the rest of a line that is too long
	skipped  int    // bytes of that line since wait was called
	batch    []line
}

// leastBuffer is the size of the buffer unless a line is longer. It makes
// batches of some hundred sentences.
const leastBuffer = 1 << 16

// next returns the lines that have arrived, waiting for one if there is none.
// With an error too it may return lines; io.EOF is the end of the body, of
// which the last line needs no line end. After another error the line with the
// number after l.number has not arrived as a whole.
func (l *lineReader) next() ([]line, error) {
	l.batch = l.batch[:0]
	l.wait()
	for len(l.batch) == 0 && l.err == nil {
		l.fill()
		l.split()
	}
	return l.batch, l.err
}

// fill reads once, into a buffer that has room. Lines that were returned are no
// longer valid.
func (l *lineReader) fill() {
	l.buf = l.buf[:copy(l.buf, l.buf[l.done:])]
	l.scanned, l.done = len(l.buf), 0
	if len(l.buf) == cap(l.buf) {
		// A line that is too long is known to be so by one byte more.
		grown := make([]byte, len(l.buf), max(leastBuffer, min(2*len(l.buf), l.most+1)))
		copy(grown, l.buf)
		l.buf = grown
	}
	n, err := l.r.Read(l.buf[len(l.buf):cap(l.buf)])
	l.buf, l.err = l.buf[:len(l.buf)+n], err
}

// split adds the lines of the buffer to the batch.
func (l *lineReader) split() {
	for {
		i := bytes.IndexByte(l.buf[l.scanned:], '\n')
		if i < 0 {
			break
		}
		l.add(l.buf[l.done : l.scanned+i])
		l.scanned += i + 1
		l.done = l.scanned
	}
	switch pending := l.buf[l.done:]; {
	case l.skipping:
		if l.skipped += len(pending); l.skipped >= leastBuffer {
			// The client sends on, so it may have the time of a line again.
			l.skipped = 0
			l.wait()
		}
	case len(pending) > l.most:
		l.add(pending)
		l.skipping = true
	case l.err == io.EOF && len(pending) > 0:
		l.add(pending)
	default:
		return
	}
	l.done = len(l.buf)
}

// add adds a line to the batch.
func (l *lineReader) add(text []byte) {
	if l.skipping {
		l.skipping = false // this is the end of what was reported before
		return
	}
	l.number++
	switch {
	case len(text) > l.most:
		l.batch = append(l.batch, line{
			number:  l.number,
			problem: problemf(http.StatusRequestEntityTooLarge, "the line is longer than %d bytes", l.most),
		})
	case len(bytes.Trim(text, " \t\r")) > 0: // the white space of JSON
		l.batch = append(l.batch, line{number: l.number, text: text})
	}
}
