package data

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"

	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// referenceTable reads a table in another way than parseTable does: byte by
// byte, as an automaton of RFC 4180 without any leniency. It says whether
// the content is a table, and gives all of its cells.
func referenceTable(content string, separator byte, quotes bool) (rows [][]string, ok bool) {
	const (
		fieldStart = iota
		plain
		quoted
		closed // a quote within a quoted field: its end, or half of an escaped one
	)
	if !utf8.ValidString(content) || strings.ContainsRune(content, 0) {
		return nil, false
	}
	// Blank lines are allowed at the end.
	for {
		rest, found := strings.CutSuffix(content, "\n")
		rest = strings.TrimSuffix(rest, "\r")
		if !found || !(rest == "" || strings.HasSuffix(rest, "\n")) {
			break
		}
		content = rest
	}
	state := fieldStart
	var row []string
	var cell []byte
	endCell := func() { row, cell, state = append(row, string(cell)), nil, fieldStart }
	for i := 0; i < len(content); i++ {
		c := content[i]
		lineEnd := c == '\n'
		if c == '\r' && i+1 < len(content) && content[i+1] == '\n' && state != quoted {
			lineEnd = true
			i++
		}
		switch {
		case state == quoted && c == '"':
			state = closed
		case state == quoted:
			cell = append(cell, c)
		case state == closed && c == '"':
			cell = append(cell, c)
			state = quoted
		case lineEnd:
			if state == fieldStart && row == nil {
				return nil, false // a blank line between rows
			}
			endCell()
			rows, row = append(rows, row), nil
		case c == separator:
			endCell()
			if row == nil {
				row = []string{}
			}
		case state == closed, c == '\r', quotes && c == '"' && state == plain:
			return nil, false
		case quotes && c == '"':
			state = quoted
		default:
			cell = append(cell, c)
			state = plain
		}
	}
	if state == quoted {
		return nil, false
	}
	if state != fieldStart || row != nil {
		endCell()
		rows = append(rows, row)
	}
	for _, r := range rows {
		if len(r) != len(rows[0]) {
			return nil, false
		}
	}
	return rows, true
}

// FuzzNothingIsDropped holds the readers against other ones: what Read accepts
// has an example for every row, with the row's very text, and what a table
// cannot be is an error with its place.
func FuzzNothingIsDropped(f *testing.F) {
	for _, s := range worstCases {
		for format := range uint8(4) {
			f.Add(s, format)
		}
	}
	f.Add("text,label\r\n\"a\r\nb\",NONE\r\n\r\n\r\n", uint8(0))
	f.Add("text\tlabel\n\"a\"\"\tb\"\tNONE\n", uint8(2))
	f.Fuzz(func(t *testing.T, content string, n uint8) {
		format := CSV + Format(n%4)
		examples, err := Read(strings.NewReader(content), "x", ReadOptions{Format: format, AllowUnlabelled: true})
		requirePlaced(t, err)
		content = strings.TrimPrefix(content, "\uFEFF")
		if format == JSONLines {
			if err != nil {
				return
			}
			i := 0
			for _, line := range strings.Split(content, "\n") {
				if line = strings.TrimSuffix(line, "\r"); line == "" {
					continue
				}
				var object struct{ Text, Label any }
				require.NoError(t, json.Unmarshal([]byte(line), &object))
				require.Less(t, i, len(examples))
				// encoding/json knows keys in any letter case; only those in
				// lower case were read, if they are there.
				if strings.Count(strings.ToLower(line), `"text"`) == 1 && strings.Contains(line, `"text"`) && !strings.Contains(line, `\u`) {
					require.Equal(t, object.Text, examples[i].Text)
				}
				i++
			}
			require.Len(t, examples, i)
			return
		}
		separator, quotes := byte('\t'), format != TSV
		if format == CSV {
			separator = ','
		}
		want, ok := referenceTable(content, separator, quotes)
		got, tableErr := parseTable("x", content, dialect{separator, quotes})
		requirePlaced(t, tableErr)
		require.Equal(t, ok, tableErr == nil, "%v", tableErr)
		if !ok {
			require.Error(t, err)
			return
		}
		require.Equal(t, len(want), got.rows())
		for i, row := range want {
			for j, text := range row {
				require.Equal(t, text, got.row(i)[j].text)
			}
		}
		if err != nil {
			return
		}
		require.Len(t, examples, len(want)-1)
		for j, name := range want[0] {
			for i, row := range want[1:] {
				switch name {
				case "text":
					require.Equal(t, row[j], examples[i].Text)
				case "id":
					require.Equal(t, row[j], examples[i].ID)
				case "target":
					require.Equal(t, row[j], examples[i].Target)
				}
			}
		}
	})
}

// requirePlaced checks that an error, if there is one, says where.
func requirePlaced(t require.TestingT, err error) {
	if err == nil {
		return
	}
	var p *ParseError
	require.ErrorAs(t, err, &p)
	require.Equal(t, "x", p.File)
	// What is compressed has no lines.
	require.True(t, p.Line >= 1 && p.Column >= 0 || p.Err == errGzipName, "%#v", p)
	require.True(t, utf8.ValidString(err.Error()), "%q", err)
}

// FuzzArticles reads anything as the texts of articles: either they are the
// labelled ones, byte for byte, or each of them is an error.
func FuzzArticles(f *testing.F) {
	c := newInvented()
	for name := range c.fsys {
		f.Add(name, c.fsys[name].Data)
		f.Add(name, append([]byte("\uFEFF"), c.fsys[name].Data...))
		f.Add(name, bytes.ReplaceAll(c.fsys[name].Data, []byte("\n"), []byte("\r\n")))
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		c := newInvented()
		set, err := parseStandOff("documents.tsv", c.documents, "labels.tsv", c.labels)
		require.NoError(t, err)
		old, there := c.fsys[name]
		if !there {
			return
		}
		same := bytes.Equal(old.Data, content)
		c.fsys[name] = &fstest.MapFile{Data: content}
		documents, err := set.join(c.fsys)
		require.Equal(t, same, err == nil)
		if err != nil {
			var e *TextError
			require.ErrorAs(t, err, &e)
			require.Equal(t, name, e.File)
			require.Nil(t, documents)
		}
	})
}

// allocated returns the bytes that f allocates in all, freed or not: more than
// it ever holds at once.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// Of files of the worst kinds, all that is allocated while they are read, most
// of it garbage at once, is a small multiple of the file. A file that is
// compressed counts as what it holds, up to MaxBytes.
func TestReadCostsInProportion(t *testing.T) {
	const n = 1 << 20
	most := map[string]float64{}
	for _, c := range []struct {
		name, head, row string
		format          Format
	}{
		{"columns", "", ",", CSV},
		{"empty cells", "text,label\n", ",\n", CSV},
		{"quotes", "text,label\n\"", `""`, CSV},
		{"empty quoted cells", "", `"",`, CSV},
		{"short rows", "text,label\n", "a,con\n", CSV},
		{"short rows with columns that are not read", "text,label,,,,,,,,,\n", "a,con,,,,,,,,,\n", CSV},
		{"lines", "", "\n", CSV},
		{"tabs", "", "\t", TSV},
		{"objects", "", `{"text":"a","label":"con"}` + "\n", JSONLines},
		{"keys", `{"text":"a","label":"con"`, `,"":0`, JSONLines},
		{"escapes", `{"text":"`, `\u0041`, JSONLines},
		{"braces", "", `{"a":`, JSONLines},
		{"brackets", `{"text":`, `[`, JSONLines},
		{"Windows-1252", "text,label\n", "\x80", CSV},
	} {
		content := c.head + strings.Repeat(c.row, n/len(c.row))
		o := ReadOptions{Format: c.format, AllowUnlabelled: true}
		if c.name == "Windows-1252" {
			o.Encoding = Windows1252
		}
		var examples []stance.Example
		factor := float64(allocated(func() { examples, _ = Read(strings.NewReader(content), "x", o) })) / n
		most[c.name] = factor
		assert.Less(t, factor, 128.0, "%s, %d examples", c.name, len(examples))
	}
	t.Log("multiples: ", most)

	// A compressed file of a thousandth of its content costs no more than the
	// limit allows.
	var bomb bytes.Buffer
	z := gzip.NewWriter(&bomb)
	_, err := io.Copy(z, io.LimitReader(endless{}, 64<<20))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	size := allocated(func() {
		_, err = Read(bytes.NewReader(bomb.Bytes()), "x.csv.gz", ReadOptions{MaxBytes: n})
	})
	assert.EqualError(t, err, "x.csv.gz:1: decompressing: more than 1048576 bytes")
	assert.Less(t, size, int64(16*n))
	// A file that never ends does.
	_, err = Read(endless{}, "x.csv", ReadOptions{MaxBytes: n})
	assert.EqualError(t, err, "x.csv:1: more than 1048576 bytes")
}

// endless is a reader that goes on for ever.
type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'a'
	}
	return len(b), nil
}
