package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSeries(t *testing.T) {
	assert.Equal(t, 2.0, median([]float64{3, 1, 2}))
	assert.Equal(t, 2.5, median([]float64{4, 1, 2, 3}))
	s := series{3, 1, 2}
	s.median()
	assert.Equal(t, series{3, 1, 2}, s, "the order of the turns stays")
	assert.Equal(t, series{2, 0.5}, over(series{2, 1, 9}, series{1, 2}))
	assert.Empty(t, over(nil, series{1}))
	assert.Equal(t, "not measured", series(nil).text(speed))
	assert.Equal(t, "45,500 sentences/s", series{45_512}.text(speed))
	assert.Equal(t, "2 s (1 to 3)", s.text(inSeconds))
	assert.Equal(t, "2 s", series{2.0001, 2}.text(inSeconds), "no range of equal numbers")
}

func TestNumbers(t *testing.T) {
	for _, tt := range []struct {
		format func(float64) string
		x      float64
		want   string
	}{
		{thousands, 0, "0"}, {thousands, 999.4, "999"}, {thousands, 999.5, "1,000"},
		{thousands, 1_234_567, "1,234,567"}, {thousands, -1_234, "-1,234"}, {thousands, -123, "-123"},
		{speed, 1_054_321, "1,050,000 sentences/s"}, {speed, 12.34, "12 sentences/s"},
		{inSeconds, 12.345, "12.3 s"}, {inSeconds, 0.00012345, "0.000123 s"},
		{micro, 954.4, "954 µs"}, {mebibytes, 1234.5, "1,235 MiB"}, {times, 16.04, "16 times"}, {share, 0.4567, "0.457"},
	} {
		assert.Equal(t, tt.want, tt.format(tt.x))
	}
	assert.Equal(t, ", 5.75 MB/s", bandwidth(series{50_000}, 115))
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(-1e9, 1e9).Draw(t, "n")
		s := thousands(float64(n))
		assert.Regexp(t, `^-?\d{1,3}(,\d{3})*$`, s)
	})
}

func TestVerdict(t *testing.T) {
	for _, tt := range []struct {
		row  row
		want string
	}{
		{row{Reach: "x", Reached: reached(true)}, "yes"},
		{row{Reach: "x", Reached: reached(false)}, "no"},
		{row{Reach: "x"}, "not measured"},
		{row{}, "–"},
		{row{Reach: "x", Reached: yes, Failed: "broken"}, "failed: broken"},
	} {
		assert.Equal(t, tt.want, tt.row.verdict())
	}
}

func TestWithoutKeepsTheOriginal(t *testing.T) {
	lines := make([]string, 1, 4)
	a := row{Reference: lines}
	b, c := a.without(fastText), a.without(libLinear)
	assert.Equal(t, []string{"", "fastText: not installed"}, b.Reference)
	assert.Equal(t, []string{"", "LIBLINEAR: not installed"}, c.Reference)
}

var sampleReport = report{
	title:   "Measured on a day.",
	corpora: []string{"10 sentences", "20 sentences"},
	rows: []row{
		{What: "classify", Reference: []string{"peer 1", "accuracy | 2"}, Ours: []string{"16"}, Ratio: []string{"16 times"}, Reach: "at least 16 times", Reached: yes},
		{What: "train", Reference: []string{"peer: not installed"}, Ours: []string{"2 s"}, Reach: "at most 0.5"},
		{What: "more", Failed: "it broke"},
	},
	missing: []string{"Not installed: peer"},
}

func TestText(t *testing.T) {
	var b strings.Builder
	require.NoError(t, sampleReport.text(&b))
	assert.Equal(t, `Measured on a day.

10 sentences
20 sentences

classify
  reference  peer 1
             accuracy | 2
  ours       16
  ratio      16 times
  reach      at least 16 times
  reached    yes

train
  reference  peer: not installed
  ours       2 s
  reach      at most 0.5
  reached    not measured

more
  reached    failed: it broke

Not installed: peer
`, b.String())
	assert.Error(t, sampleReport.text(brokenWriter{}))
}

func TestMarkdown(t *testing.T) {
	var b strings.Builder
	require.NoError(t, sampleReport.markdown(&b))
	assert.Equal(t, `Measured on a day.

- 10 sentences
- 20 sentences

| what | reference | ours | ratio | reach | reached |
| --- | --- | --- | --- | --- | --- |
| classify | peer 1<br>accuracy \| 2 | 16 | 16 times | at least 16 times | yes |
| train | peer: not installed | 2 s |  | at most 0.5 | not measured |
| more |  |  |  |  | failed: it broke |

- Not installed: peer
`, b.String())
	assert.Error(t, sampleReport.markdown(brokenWriter{}))
}

func TestFillReadme(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	write := func(s string) { require.NoError(t, os.WriteFile(path, []byte(s), 0o644)) }
	read := func() string {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		return string(raw)
	}
	write("# Peers\n\n" + speedMarks.Begin + "old\n" + speedMarks.End + "after\n")
	require.NoError(t, speedMarks.Fill(path, "new\n"))
	want := "# Peers\n\n" + speedMarks.Begin + "\nnew\n\n" + speedMarks.End + "after\n"
	assert.Equal(t, want, read())
	require.NoError(t, speedMarks.Fill(path, "new\n"))
	assert.Equal(t, want, read(), "filling twice changes nothing")

	for _, broken := range []string{"no marks\n", speedMarks.Begin + "no end\n", speedMarks.End + speedMarks.Begin} {
		write(broken)
		assert.ErrorContains(t, speedMarks.Fill(path, "new"), path)
		assert.Equal(t, broken, read())
	}
	assert.ErrorIs(t, speedMarks.Fill(path+".none", "new"), os.ErrNotExist)
}

func TestReadmeHasThePlace(t *testing.T) {
	raw, err := os.ReadFile("README.md")
	require.NoError(t, err)
	assert.NoError(t, speedMarks.Check("README.md"))
	assert.NoError(t, qualityMarks.Check("README.md"))
	for _, f := range rowFuncs {
		assert.Contains(t, string(raw), "`"+f.key+"`", "the method of each row is explained")
		assert.Contains(t, manual.String(), f.key)
	}
	for p := range numPeers {
		if packages := peerInfos[p].packages; packages != nil {
			assert.Contains(t, string(raw), packages[0])
		}
	}
}
