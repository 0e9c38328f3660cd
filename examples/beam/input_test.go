package main

import (
	"bufio"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/examples/beam/stancebeam"
)

func TestFormatOf(t *testing.T) {
	for name, want := range map[string]string{
		"a.jsonl": jsonLines, "dir.txt/A.NDJSON": jsonLines, "gs://b/a.tsv": tsv, "a.tab": tsv, "a.txt": plainText,
		"a": "", "a.json": "", "a.csv": "", "a.jsonl.gz": "", "txt": "", "": "",
	} {
		assert.Equal(t, want, formatOf(name), name)
	}
}

func TestDayOf(t *testing.T) {
	for s, want := range map[string]string{
		"":                               "",
		"2018-01-31":                     "2018-01-31",
		"2020-02-29":                     "2020-02-29",
		"2018-01-31 23:59:59":            "2018-01-31",
		"2018-01-31T15:04:05Z":           "2018-01-31",
		"2018-01-31T15:04:05.123456Z":    "2018-01-31",
		"2018-01-31T23:30:00-05:00":      "2018-02-01",
		"2018-01-31T00:30:00+01:00":      "2018-01-30",
		"Wed Jan 31 15:04:05 +0000 2018": "2018-01-31",
		"Wed Jan 31 23:04:05 -0800 2018": "2018-02-01",
	} {
		got, err := dayOf(s)
		assert.NoError(t, err, s)
		assert.Equal(t, want, got, s)
	}
	for _, s := range []string{
		"2018-02-29", "2018-13-01", "2018-1-31", "31.01.2018", "01/31/2018", "1517411045", "yesterday",
		"2018-01-31T25:00:00Z", "2018-01-31T15:04:05", " 2018-01-31", "\x00", strings.Repeat("9", 1000),
	} {
		day, err := dayOf(s)
		assert.ErrorContains(t, err, "is no time", s)
		assert.Empty(t, day)
		assert.Less(t, len(err.Error()), 4*excerptBytes)
	}
}

func TestDayOfAnyTime(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(rt, "seconds"), 0)
		zone := time.FixedZone("", 60*rapid.IntRange(-12*60, 14*60).Draw(rt, "minutes"))
		for _, layout := range []string{time.RFC3339, time.RubyDate} {
			day, err := dayOf(at.In(zone).Format(layout))
			assert.NoError(rt, err)
			assert.Equal(rt, at.UTC().Format(time.DateOnly), day)
		}
	})
}

func TestReadLine(t *testing.T) {
	long := strings.Repeat("x", 100)
	// 16 is the size of the smallest buffer, so that lines need several.
	r := bufio.NewReaderSize(strings.NewReader("one\n\r\n"+long+"\r\n"+long+"y\n"+long+"yz1234\nlast"), 16)
	for _, want := range []struct {
		line string
		size int64
	}{{"one\n", 4}, {"\r\n", 2}, {long + "\r\n", 102}, {long + "y\n", 102}, {long + "yz", 107}, {"last", 4}} {
		line, size, err := readLine(r, 100)
		require.NoError(t, err)
		assert.Equal(t, want.line, string(line))
		assert.Equal(t, want.size, size)
	}
	_, _, err := readLine(r, 100)
	assert.Equal(t, io.EOF, err)
}

// read reads a file without Beam.
func read(t testing.TB, path, format string, maxLine int) (records []stancebeam.Record, blocks []block, err error) {
	ctx := context.Background()
	in, err := inspect(ctx, path, format, maxLine)
	if err != nil {
		return nil, nil, err
	}
	n, planned := int64(0), 0
	plan, reader := planFn{Branches: 3}, readFn{MaxLine: maxLine}
	require.NoError(t, plan.ProcessElement(ctx, in, func(b block) {
		blocks = append(blocks, b)
		require.NoError(t, reader.ProcessElement(ctx, b,
			func(r stancebeam.Record) { records = append(records, r) },
			func(p part) {
				assert.Equal(t, part{Kind: recordParts, Source: path, Line: b.Line, N: p.N}, p)
				n += p.N
			}))
	}, func(p part) {
		assert.Equal(t, part{Kind: planParts, Source: path, N: int64(len(blocks))}, p)
		planned++
	}))
	assert.Equal(t, 1, planned)
	assert.EqualValues(t, len(records), n)
	return records, blocks, nil
}

// Blocks cover a file without gap and end at line ends, and so do the records.
func TestBlocks(t *testing.T) {
	for _, tt := range []struct {
		name    string
		content string
		records int
		blocks  int
	}{
		{"a.jsonl", "", 0, 0},
		{"b.jsonl", "x", 1, 1},
		{"c.jsonl", strings.Repeat("x\n", blockLines-1) + "x", blockLines, 1},
		{"d.jsonl", strings.Repeat("x\n", blockLines), blockLines, 1},
		{"e.jsonl", strings.Repeat("x\n", blockLines) + "x", blockLines + 1, 2},
		{"f.jsonl", "\uFEFF" + strings.Repeat("\n", 2*blockLines+1), 2*blockLines + 1, 3},
		// The header is a line of the first block.
		{"g.tsv", "text\ttime\n" + strings.Repeat("x\n", blockLines-1), blockLines - 1, 1},
		{"h.tsv", "text\ttime\r\n" + strings.Repeat("x\n", blockLines), blockLines, 2},
		{"i.txt", strings.Repeat("A line of its own.\n", 50), 50, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := files(t, tt.name, tt.content)[0]
			records, blocks, err := read(t, path, formatOf(tt.name), 100)
			require.NoError(t, err)
			assert.Len(t, records, tt.records)
			assert.Len(t, blocks, tt.blocks)
			in, err := inspect(context.Background(), path, formatOf(tt.name), 100)
			require.NoError(t, err)
			line := in.Line
			for _, r := range records {
				require.Equal(t, line, r.Line)
				require.Equal(t, path, r.Source)
				line++
			}
			at := in.Start
			for i, b := range blocks {
				assert.Equal(t, at, b.Start)
				assert.Equal(t, i%3, b.Branch)
				assert.Equal(t, i, blockOf(b.Line))
				at = b.End
			}
			assert.EqualValues(t, len(tt.content), max(at, in.Start))
		})
	}
}

func TestFileThatChanges(t *testing.T) {
	path := files(t, "a.jsonl", "one\ntwo\n")[0]
	fn := readFn{MaxLine: 100}
	b := block{Path: path, Format: jsonLines, End: 8, Line: 1, Lines: 3}
	drop := func(stancebeam.Record) {}
	err := fn.ProcessElement(context.Background(), b, drop, func(part) { t.Error("nothing was read") })
	assert.EqualError(t, err, path+": the file was changed while it was read")
	require.NoError(t, os.Remove(path))
	err = fn.ProcessElement(context.Background(), b, drop, func(part) { t.Error("nothing was read") })
	assert.ErrorIs(t, err, os.ErrNotExist)
	err = (&planFn{Branches: 1}).ProcessElement(context.Background(), input{Path: path},
		func(block) { t.Error("there is no block") }, func(part) { t.Error("nothing was read") })
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// Whether lines are parsed together or one by one makes no difference.
func TestLinesTogetherAndOneByOne(t *testing.T) {
	line := rapid.SampledFrom([]string{
		`{"time":"","text":"One."}`, `{"time":"2018-01-31","text":"Two.","id":2}`, `{"time":"2018-01-31","text":"Twice.","id":2}`,
		"", "\r", " ", "{}", `{"time":""}`, "\uFEFF" + `{"time":"","text":"Mark."}`, `{"time":"x","text":"x"}`, "\x1f\x8b", "\xff",
		"text\ttime", "a\t2018-01-31", "\t", "\t\t", "a", "a\tb\tc", "a\rb\t",
	})
	rapid.Check(t, func(rt *rapid.T) {
		lines := rapid.SliceOfN(line, 1, 8).Draw(rt, "lines")
		for i := range lines {
			lines[i] += "\n"
		}
		b := block{Path: "a", Format: jsonLines}
		if rapid.Bool().Draw(rt, "table") {
			b.Format, b.Header = tsv, "text\ttime\n"
		}
		var together, oneByOne []stancebeam.Record
		b.parseLines(lines, 7, func(r stancebeam.Record) { together = append(together, r) })
		for i := range lines {
			b.parseLines(lines[i:i+1], 7+i, func(r stancebeam.Record) { oneByOne = append(oneByOne, r) })
		}
		assert.Equal(rt, oneByOne, together)
		assert.Len(rt, together, len(lines))
	})
}

// Whatever a file holds, every line of it becomes one record.
func FuzzRead(f *testing.F) {
	f.Add(`{"time":"2018-01-31","text":"One.","id":1}`+"\n\n{", 0)
	f.Add("text\ttime\nOne.\t2018-01-31\nragged\n", 1)
	f.Add("A headline\n\nOne. Two \xff three.\n", 2)
	f.Add("\uFEFFtext\ttime\r\n"+strings.Repeat("x", 200), 1)
	f.Add("\n\x00\n\r\n", 0)
	f.Fuzz(func(t *testing.T, content string, kind int) {
		format := []string{jsonLines, tsv, plainText}[uint(kind)%3]
		path := filepath.Join(t.TempDir(), "file")
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		const maxLine = 100
		records, _, err := read(t, path, format, maxLine)
		if err != nil {
			assert.Contains(t, err.Error(), path)
			return
		}
		rest := strings.TrimPrefix(content, "\uFEFF")
		line := 1
		if format == tsv {
			_, rest, _ = strings.Cut(rest, "\n")
			line = 2
		}
		if format != plainText {
			n := strings.Count(rest, "\n")
			if rest != "" && !strings.HasSuffix(rest, "\n") {
				n++
			}
			require.Len(t, records, n)
		}
		for _, r := range records {
			if format == plainText {
				assert.Contains(t, content, r.Text)
				assert.GreaterOrEqual(t, r.Line, line)
				line = r.Line
				continue
			}
			assert.Equal(t, line, r.Line)
			line++
			if r.Err == "" {
				assert.True(t, utf8.ValidString(r.Text))
				assert.NotEmpty(t, strings.TrimSpace(r.Text))
			} else {
				assert.LessOrEqual(t, len(r.Text), excerptBytes)
			}
		}
	})
}
