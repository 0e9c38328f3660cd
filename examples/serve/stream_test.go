package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLines(t *testing.T) {
	const most = 700
	s, _ := testService(t, func(l *limits) { l.line = most })
	object := func(text string) string { return `{"text":"` + text + `"}` }
	exact := object(strings.Repeat("x", most-len(object(""))))
	require.Len(t, exact, most)
	var bad []string
	for _, q := range badQuestions {
		bad = append(bad, q.body)
	}
	for name, lines := range map[string][]string{
		"nothing":          nil,
		"one":              {object("I believe.")},
		"all kinds":        {object("a"), `{"texts":["a","b"]}`, `{"document":"A b.\nC <d>."}`, `{"texts":[]}`},
		"bad ones between": {object("a"), "secretword", object("b"), "", " \t", "\"\xFF\"", object("c")},
		"all bad":          bad,
		"the longest":      {exact, exact + " ", object("a"), exact + "\r"},
		"gigantic":         {object("a"), strings.Repeat("x", 300_000), object("b"), strings.Repeat("y", 150_000)},
		"nothing in lines": {"", "", "", object("a"), "", strings.Repeat(" ", most), strings.Repeat(" ", most+1)},
		"much nothing":     append(slicesOf("", 200_000), object("a")),
		"several batches":  slicesOf(object("It ruins decent men."), 3000),
	} {
		for _, end := range []string{"\n", "\r\n"} {
			for _, last := range []string{"", end} {
				t.Run(fmt.Sprintf("%s%q%q", name, end, last), func(t *testing.T) {
					body := strings.Join(lines, end) + last
					w := post(s, jsonLines, body)
					require.Equal(t, http.StatusOK, w.Code)
					require.Equal(t, jsonLines, w.Header().Get("Content-Type"))
					checkLines(t, s.model, body, most, w.Body.String())
					assert.NotContains(t, w.Body.String(), "secret")
				})
			}
		}
	}
	w := post(s, "application/jsonl; charset=utf-8", object("a")+"\nsecretword\n")
	assert.Regexp(t, `^{"line":1,"label":"[A-Z]+","probabilities":{"FAVOR":[0-9.]+,"AGAINST":[0-9.]+,"NONE":[0-9.]+}}
{"title":"Bad Request","status":400,"detail":"not JSON: this byte cannot stand here","line":2,"offset":0}
$`, w.Body.String())
}

func slicesOf(s string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = s
	}
	return all
}

// readLines reads all batches of a body.
func readLines(t require.TestingT, r io.Reader, most int) ([]line, error) {
	waits := 0
	l := &lineReader{r: r, most: most, wait: func() { waits++ }}
	var all []line
	for {
		batch, err := l.next()
		for _, b := range batch {
			b.text = []byte(string(b.text))
			all = append(all, b)
		}
		require.LessOrEqual(t, cap(l.buf), max(leastBuffer, most+1))
		if err != nil {
			_, again := l.next()
			require.Equal(t, err, again, "the error stays")
			require.Positive(t, waits)
			return all, err
		}
		require.NotEmpty(t, batch)
	}
}

// However a body is cut into reads, its lines are the same.
func TestLineReader(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.SampledFrom([]int{1, 5, 100, leastBuffer - 1, leastBuffer, leastBuffer + 1, 3 * leastBuffer}).Draw(t, "most")
		var body strings.Builder
		for range rapid.IntRange(0, 20).Draw(t, "lines") {
			length := rapid.SampledFrom([]int{0, 1, 2, most - 1, most, most + 1, 2 * leastBuffer}).Draw(t, "length")
			body.WriteString(strings.Repeat(rapid.SampledFrom([]string{"x", " "}).Draw(t, "byte"), length) + "\n")
		}
		body.WriteString(strings.Repeat("z", rapid.IntRange(0, 8).Draw(t, "rest")))

		var want []line
		text := strings.TrimSuffix(body.String(), "\n")
		for i, s := range strings.Split(text, "\n") {
			switch {
			case len(s) > most:
				want = append(want, line{number: i + 1})
			case strings.TrimSpace(s) != "":
				want = append(want, line{number: i + 1, text: []byte(s)})
			}
		}
		var r io.Reader = strings.NewReader(body.String())
		switch rapid.IntRange(0, 3).Draw(t, "cut") {
		case 1:
			r = iotest.HalfReader(r)
		case 2:
			r = iotest.DataErrReader(r)
		case 3:
			rng := rand.New(rand.NewPCG(1, rapid.Uint64().Draw(t, "seed")))
			r = &randomReader{r, rng}
		}
		got, err := readLines(t, r, most)
		require.Equal(t, io.EOF, err)
		require.Len(t, got, len(want))
		for i := range got {
			require.Equal(t, want[i].number, got[i].number)
			require.Equal(t, string(want[i].text), string(got[i].text))
			require.Equal(t, want[i].text == nil, got[i].problem != nil)
		}
	})
}

// randomReader reads up to some hundred bytes at a time, now and then none.
type randomReader struct {
	io.Reader
	rng *rand.Rand
}

func (r *randomReader) Read(p []byte) (int, error) {
	return r.Reader.Read(p[:min(len(p), r.rng.IntN(20_000))])
}

func TestLineReaderError(t *testing.T) {
	failure := errors.New("gone")
	for _, tt := range []struct {
		body    string
		lines   int
		pending int // the line that has not arrived
	}{
		{"", 0, 1}, {"a", 0, 1}, {"a\n", 1, 2}, {"a\nb", 1, 2}, {"\n\na\n\n", 1, 5},
	} {
		l := &lineReader{r: io.MultiReader(strings.NewReader(tt.body), iotest.ErrReader(failure)), most: 10, wait: func() {}}
		n := 0
		for {
			batch, err := l.next()
			n += len(batch)
			if err != nil {
				assert.Equal(t, failure, err)
				break
			}
		}
		assert.Equal(t, tt.lines, n, tt.body)
		assert.Equal(t, tt.pending, l.number+1, tt.body)
	}
}

// What of a gigantic line is read gets more time for each buffer, not for each
// byte.
func TestTimeOfGiganticLine(t *testing.T) {
	waits := 0
	l := &lineReader{r: iotest.OneByteReader(strings.NewReader(strings.Repeat("x", 10*leastBuffer))), most: 10, wait: func() { waits++ }}
	for {
		if _, err := l.next(); err != nil {
			break
		}
	}
	assert.Equal(t, 1+1+9, waits, "before the first line, after its problem, and for each whole buffer of its rest")
}
