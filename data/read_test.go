package data

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/stance"
)

func gzipped(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	z.Write([]byte(s))
	z.Close()
	return b.String()
}

func utf16le(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		b.WriteByte(byte(u))
		b.WriteByte(byte(u >> 8))
	}
	return b.String()
}

func TestRead(t *testing.T) {
	believe := stance.Example{Text: "Believe her.", Label: stance.Favor}
	enough := stance.Example{Text: "Enough.", Label: stance.Against}
	huge := strings.Repeat("x", 1<<22)
	for _, c := range []struct {
		name, file, content string
		o                   ReadOptions
		want                []stance.Example
	}{
		{name: "csv", file: "x.csv", content: "text,label\nBelieve her.,FAVOR\nEnough.,against\n", want: []stance.Example{believe, enough}},
		{name: "no line end at the end", file: "x.csv", content: "text,label\nBelieve her.,FAVOR", want: []stance.Example{believe}},
		{name: "blank lines at the end", file: "x.csv", content: "text,label\nBelieve her.,FAVOR\n\r\n\n", want: []stance.Example{believe}},
		{name: "CRLF", file: "x.CSV", content: "text,label\r\nBelieve her.,FAVOR\r\nEnough.,AGAINST\r\n", want: []stance.Example{believe, enough}},
		{name: "byte-order mark", file: "x.csv", content: "\uFEFFtext,label\nBelieve her.,FAVOR\n", want: []stance.Example{believe}},
		{name: "gzip", file: "x.csv.gz", content: gzipped("text,label\nBelieve her.,FAVOR\n"), want: []stance.Example{believe}},
		{name: "header only", file: "x.csv", content: "text,label\n"},
		{name: "empty JSON Lines", file: "x.jsonl"},
		{name: "all columns", file: "x.tsv", content: "extra\tdocument\ttarget\tgroup\tid\tlabel\ttext\n?\td\tt\tg\t1\tNONE\tIt rained.\n",
			want: []stance.Example{{ID: "1", Text: "It rained.", Label: stance.None, Group: "g", Document: "d", Target: "t"}}},
		{name: "named columns", file: "x.csv", content: "Tweet,Stance,No,text\nEnough.,con,7,other\n",
			o:    ReadOptions{Columns: Columns{Text: "Tweet", Label: "Stance", ID: "No"}},
			want: []stance.Example{{ID: "7", Text: "Enough.", Label: stance.Against}}},
		{name: "a document is a group", file: "x.csv", content: "text,label,document\nEnough.,con,d\n",
			want: []stance.Example{{Text: "Enough.", Label: stance.Against, Group: "d", Document: "d"}}},
		{name: "unless there are groups", file: "x.csv", content: "text,label,document,group\nEnough.,con,d,\n",
			want: []stance.Example{{Text: "Enough.", Label: stance.Against, Document: "d"}}},
		{name: "quotes, commas and line ends", file: "x.csv", content: "label,text\nFAVOR,\"She said \"\"no\"\",\r\nand\nmeant\rit.\"\n",
			want: []stance.Example{{Text: "She said \"no\",\r\nand\nmeant\rit.", Label: stance.Favor}}},
		{name: "white space is kept", file: "x.csv", content: "text,label\n  Enough. , AGAINST \n",
			want: []stance.Example{{Text: "  Enough. ", Label: stance.Against}}},
		{name: "quotes in TSV are characters", file: "x.tab", content: "text\tlabel\n\"Me, too\"\tFAVOR\n5\" of snow\tNONE\n",
			want: []stance.Example{{Text: `"Me, too"`, Label: stance.Favor}, {Text: `5" of snow`, Label: stance.None}}},
		{name: "quoted TSV", file: "x.tsv", o: ReadOptions{Format: QuotedTSV}, content: "text\tlabel\n\"Me,\ttoo\"\tFAVOR\n",
			want: []stance.Example{{Text: "Me,\ttoo", Label: stance.Favor}}},
		{name: "format stronger than name", file: "x.csv", o: ReadOptions{Format: TSV}, content: "text\tlabel\nBelieve her.\tFAVOR\n", want: []stance.Example{believe}},
		{name: "gigantic field", file: "x.csv", content: "text,label\n" + huge + ",NONE\n", want: []stance.Example{{Text: huge, Label: stance.None}}},
		{name: "unlabelled cell", file: "x.csv", o: ReadOptions{AllowUnlabelled: true}, content: "text,label\nEnough.,\n", want: []stance.Example{{Text: "Enough."}}},
		{name: "no label column", file: "x.csv", o: ReadOptions{AllowUnlabelled: true}, content: "text\nEnough.\n", want: []stance.Example{{Text: "Enough."}}},
		{name: "empty IDs are no duplicates", file: "x.csv", content: "id,text,label\n,Believe her.,FAVOR\n,Enough.,AGAINST\n", want: []stance.Example{believe, enough}},
		{name: "codes as labels", file: "x.jsonl", content: `{"text":"Enough.","label":2}`,
			o: ReadOptions{ParseLabel: func(s string) (stance.Label, error) {
				return map[string]stance.Label{"2": stance.Against}[s], nil
			}}, want: []stance.Example{enough}},
		{name: "Windows-1252", file: "x.csv", o: ReadOptions{Encoding: Windows1252}, content: "text,label\n\x93Enough\x94 \x96 caf\xE9 \x81,AGAINST\n",
			want: []stance.Example{{Text: "“Enough” – café \u0081", Label: stance.Against}}},
		{name: "formulas are left alone", file: "x.csv", content: "text,label\n'=1+1,NONE\n=1+1,NONE\n",
			want: []stance.Example{{Text: "'=1+1", Label: stance.None}, {Text: "=1+1", Label: stance.None}}},
		{name: "formulas unescaped", file: "x.csv", o: ReadOptions{UnescapeFormulas: true},
			content: "text,label\n'=1+1,NONE\n''=1+1,NONE\n'quoted' words,NONE\n=1+1,NONE\n",
			want: []stance.Example{{Text: "=1+1", Label: stance.None}, {Text: "'=1+1", Label: stance.None},
				{Text: "'quoted' words", Label: stance.None}, {Text: "=1+1", Label: stance.None}}},
		{name: "JSON Lines", file: "x.ndjson", content: "{\"text\":\"Believe her.\",\"label\":\"FAVOR\",\"more\":[1,{\"text\":2}]}\r\n {\"label\":\"con\" , \"text\":\"Enough.\"} \n\n",
			want: []stance.Example{believe, enough}},
		{name: "JSON escapes and numbers", file: "x.jsonl.gz", content: gzipped(`{"text":"\ud83d\ude00 \\ud83d \u0022","label":"NONE","id":1052237153789390853,"group":null}`),
			want: []stance.Example{{ID: "1052237153789390853", Text: "😀 \\ud83d \"", Label: stance.None}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(strings.NewReader(c.content), c.file, c.o)
			require.NoError(t, err)
			if c.name == "gigantic field" {
				assert.True(t, len(got) == 1 && got[0] == c.want[0])
				return
			}
			assert.Equal(t, c.want, got)
		})
	}
}

func TestReadErrors(t *testing.T) {
	const ok = "Enough.,AGAINST\n"
	for _, c := range []struct {
		name, file, content string
		o                   ReadOptions
		want                string
	}{
		{name: "unknown ending", file: "x.txt", want: `x.txt: no format is known by the ending ".txt" (want .csv, .tsv or .jsonl; or set Format)`},
		{name: "empty file", file: "x.csv", want: "x.csv:1: no header: the file is empty"},
		{name: "no text column", file: "x.csv", content: "tweet,label\n", want: `x.csv:1: no column "text" in the header (it has ["tweet" "label"])`},
		{name: "no label column", file: "x.csv", content: "text\n", want: `x.csv:1: no column "label" in the header (it has ["text"])`},
		{name: "no column of that name", file: "x.csv", o: ReadOptions{Columns: Columns{Group: "pair"}}, content: "text,label,group\n",
			want: `x.csv:1: no column "pair" in the header (it has ["text" "label" "group"])`},
		{name: "named label column missing", file: "x.csv", o: ReadOptions{Columns: Columns{Label: "gold"}, AllowUnlabelled: true}, content: "text,label\n",
			want: `x.csv:1: no column "gold" in the header (it has ["text" "label"])`},
		{name: "column twice", file: "x.csv", content: "text,label,text\n", want: `x.csv:1:3: second column "text"`},
		{name: "ragged, short", file: "x.csv", content: "text,label\n" + ok + "Enough.\n", want: "x.csv:3:2: row of 1 fields, want 2 as in the first row"},
		{name: "ragged, long", file: "x.csv", content: "text,label\nNo, not now.,NONE\n", want: "x.csv:2:3: row of 3 fields, want 2 as in the first row"},
		{name: "line after a field of two lines", file: "x.csv", content: "text,label\n\"a\nb\",NONE\nc\n", want: "x.csv:4:2: row of 1 fields, want 2 as in the first row"},
		{name: "unknown label", file: "x.csv", content: "text,label\n" + ok + "Enough.,PRO1\n", want: `x.csv:3:2: unknown label "PRO1" (want FAVOR, AGAINST or NONE)`},
		{name: "line of a later field", file: "x.csv", content: "text,label\n\"a\nb\",X\n", want: `x.csv:3:2: unknown label "X" (want FAVOR, AGAINST or NONE)`},
		{name: "empty label", file: "x.csv", content: "text,label\nEnough.,\n", want: "x.csv:2:2: empty label (set AllowUnlabelled to read unlabelled examples)"},
		{name: "label of its own", file: "x.csv", content: "text,label\n" + ok,
			o: ReadOptions{ParseLabel: func(string) (stance.Label, error) { return 9, nil }}, want: `x.csv:2:2: ParseLabel returned Label(9) for "AGAINST"`},
		{name: "empty text", file: "x.csv", content: "text,label\n,NONE\n", want: "x.csv:2:1: empty text"},
		{name: "blank text", file: "x.csv", content: "text,label\n \u00a0,NONE\n", want: "x.csv:2:1: empty text"},
		{name: "duplicate id", file: "x.csv", content: "id,text,label\n7," + ok + "8," + ok + "7," + ok, want: `x.csv:4:1: duplicate id "7" (first in line 2)`},
		{name: "blank line between", file: "x.csv", content: "text,label\n\n\n" + ok, want: "x.csv:2:1: blank line between rows"},
		{name: "blank line first", file: "x.csv", content: "\ntext,label\n" + ok, want: "x.csv:1:1: blank line between rows"},
		{name: "quote within", file: "x.csv", content: "text,label\nShe said \"no\",NONE\n", want: "x.csv:2:1: quote inside an unquoted field (quote the whole field and double the quotes in it)"},
		{name: "text after quote", file: "x.csv", content: "text,label\n\"no\" she said,NONE\n", want: "x.csv:2:1: text after the closing quote of a field"},
		{name: "quote never closed", file: "x.csv", content: "text,label\n" + ok + "\"no,NONE\n" + ok, want: "x.csv:3:1: quoted field that is never closed"},
		{name: "carriage return", file: "x.csv", content: "text,label\rEnough.,NONE\r", want: "x.csv:1:2: carriage return that is not part of a line end"},
		{name: "carriage return in TSV", file: "x.tsv", content: "text\tlabel\nA\rB\tNONE\n", want: "x.tsv:2:1: carriage return that is not part of a line end"},
		{name: "NUL", file: "x.csv", content: "text,label\nA\x00,NONE\n", want: "x.csv:2:1: NUL byte (is the file UTF-16 or binary? save it as UTF-8)"},
		{name: "not UTF-8", file: "x.csv", content: "text,label\ncaf\xE9,NONE\n", want: "x.csv:2:1: byte 4 of the field (0xE9) is not valid UTF-8"},
		{name: "UTF-16 LE", file: "x.csv", content: "\xFF\xFE" + utf16le("text,label\n"), want: "x.csv:1: byte-order mark of UTF-16, little-endian; save the file as UTF-8"},
		{name: "UTF-16 BE", file: "x.csv", content: "\xFE\xFF\x00t", want: "x.csv:1: byte-order mark of UTF-16, big-endian; save the file as UTF-8"},
		{name: "UTF-16 without mark", file: "x.csv", content: utf16le("text,label\n"), want: "x.csv:1:1: NUL byte (is the file UTF-16 or binary? save it as UTF-8)"},
		{name: "UTF-16 JSON without mark", file: "x.jsonl", content: utf16le("{}\n"), want: "x.jsonl:1:2: NUL byte (is the file UTF-16 or binary? save it as UTF-8)"},
		{name: "UTF-8 mark, other encoding", file: "x.csv", o: ReadOptions{Encoding: Windows1252}, content: "\uFEFFtext,label\n",
			want: "x.csv:1: byte-order mark of UTF-8 in a file that is to be read as Windows-1252"},
		{name: "gzip without the name", file: "x.csv", content: gzipped("text,label\n"), want: "x.csv: the file is compressed by gzip, but its name does not end in .gz"},
		{name: "the name without gzip", file: "x.csv.gz", content: "text,label\n" + ok, want: "x.csv.gz: decompressing: gzip: invalid header"},
		{name: "empty gzip", file: "x.csv.gz", want: "x.csv.gz: decompressing: unexpected EOF"},
		{name: "gzip with something after it", file: "x.csv.gz", content: gzipped("text,label\n") + "something after it", want: "x.csv.gz:2: decompressing: gzip: invalid header"},
		{name: "too large", file: "x.csv.gz", o: ReadOptions{MaxBytes: 20}, content: gzipped("text,label\n" + strings.Repeat(ok, 1000)), want: "x.csv.gz:2: decompressing: more than 20 bytes"},
		{name: "array", file: "x.jsonl", content: "[]", want: "x.jsonl:1:1: want a JSON object"},
		{name: "nested too deep", file: "x.jsonl", content: `{"a":` + strings.Repeat("[", 20000), want: "x.jsonl:1:10005: invalid character '[' exceeded max depth"},
		{name: "blank line in JSON Lines", file: "x.jsonl", content: `{"text":"a","label":"NONE"}` + "\n\n{}", want: "x.jsonl:2:1: blank line between rows"},
		{name: "object over two lines", file: "x.jsonl", content: "{\"text\":\n\"a\"}", want: "x.jsonl:1:9: the JSON value does not end on its line"},
		{name: "two objects", file: "x.jsonl", content: `{"text":"a","label":"NONE"}{}`, want: "x.jsonl:1:28: invalid character '{' after top-level value"},
		{name: "syntax", file: "x.jsonl", content: `{"text" "a"}`, want: `x.jsonl:1:9: invalid character '"' after object key`},
		{name: "comma too many", file: "x.jsonl", content: `{"text":"a",}`, want: `x.jsonl:1:13: invalid character '}' looking for beginning of object key string`},
		{name: "key twice", file: "x.jsonl", content: `{"text":"a", "label":"NONE", "text":"b"}`, want: `x.jsonl:1:30: second key "text"`},
		{name: "keys are exact", file: "x.jsonl", content: `{"Text":"a","label":"NONE"}`, want: `x.jsonl:1:1: no key "text"`},
		{name: "no label", file: "x.jsonl", content: `{"text":"a"}`, want: `x.jsonl:1:1: no key "label"`},
		{name: "empty label in JSON Lines", file: "x.jsonl", content: `{"text":"a","label":null}`, want: `x.jsonl:1:21: empty label (set AllowUnlabelled to read unlabelled examples)`},
		{name: "wrong label in JSON Lines", file: "x.jsonl", content: `{"text":"a", "label": "X"}`, want: `x.jsonl:1:23: unknown label "X" (want FAVOR, AGAINST or NONE)`},
		{name: "number as text", file: "x.jsonl", content: `{"text":7,"label":"NONE"}`, want: `x.jsonl:1:9: "text": want a string`},
		{name: "null as text", file: "x.jsonl", content: `{"text":null,"label":"NONE"}`, want: `x.jsonl:1:9: "text": want a string`},
		{name: "object as label", file: "x.jsonl", content: `{"text":"a","label":{}}`, want: `x.jsonl:1:21: "label": want a string or a number`},
		{name: "true as id", file: "x.jsonl", content: `{"text":"a","label":"NONE","id":true}`, want: `x.jsonl:1:33: "id": want a string or a number`},
		{name: "half a surrogate pair", file: "x.jsonl", content: `{"text":"a \ud83d","label":"NONE"}`, want: `x.jsonl:1:12: \ud83d is half a surrogate pair and no character`},
		{name: "the other half", file: "x.jsonl", content: `{"text":"\uDE00\ud83d","label":"NONE"}`, want: `x.jsonl:1:10: \uDE00 is half a surrogate pair and no character`},
		{name: "JSON not UTF-8", file: "x.jsonl", content: "{\"text\":\"a\xE9\"}", want: "x.jsonl:1:11: byte 0xE9 is not valid UTF-8"},
		{name: "duplicate id in JSON Lines", file: "x.jsonl", content: `{"text":"a","label":"NONE","id":1}` + "\n" + `{"id":"1","text":"a","label":"NONE"}`, want: `x.jsonl:2:7: duplicate id "1" (first in line 1)`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(strings.NewReader(c.content), c.file, c.o)
			assert.Nil(t, got)
			assert.EqualError(t, err, c.want)
			var p *ParseError
			assert.ErrorAs(t, err, &p)
		})
	}
}

// A compressed file that breaks off is an error wherever it does.
func TestReadTruncatedGzip(t *testing.T) {
	content := gzipped("text,label\nEnough.,AGAINST\n")
	for n := range len(content) {
		_, err := Read(strings.NewReader(content[:n]), "x.csv.gz", ReadOptions{})
		assert.ErrorContains(t, err, "unexpected EOF", "%d of %d bytes", n, len(content))
		// Also where all the text is there and only the checksum is missing, at
		// exactly the greatest size that is allowed.
		_, err = Read(strings.NewReader(content[:n]), "x.csv.gz", ReadOptions{MaxBytes: 27})
		assert.Error(t, err, "%d of %d bytes", n, len(content))
	}
	got, err := Read(strings.NewReader(content), "x.csv.gz", ReadOptions{MaxBytes: 27})
	require.NoError(t, err)
	assert.Len(t, got, 1)
}

type brokenReader struct{ r *strings.Reader }

var errBroken = errors.New("the disk is broken")

func (b brokenReader) Read(p []byte) (int, error) {
	if b.r.Len() == 0 {
		return 0, errBroken
	}
	return b.r.Read(p)
}

func TestReadErrorOfTheReader(t *testing.T) {
	_, err := Read(brokenReader{strings.NewReader("text,label\nEnough.,AGAINST\n")}, "x.csv", ReadOptions{})
	assert.EqualError(t, err, "x.csv:3: the disk is broken")
	assert.ErrorIs(t, err, errBroken)
}

func TestReadUnknownFormatPanics(t *testing.T) {
	assert.PanicsWithValue(t, "data: unknown format 99", func() {
		Read(strings.NewReader("x"), "x.csv", ReadOptions{Format: 99})
	})
}

func TestReadFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.tsv.gz")
	require.NoError(t, os.WriteFile(path, []byte(gzipped("text\tlabel\nEnough.\tAGAINST\n")), 0o600))
	got, err := ReadFile(path, ReadOptions{})
	require.NoError(t, err)
	assert.Equal(t, []stance.Example{{Text: "Enough.", Label: stance.Against}}, got)
	_, err = ReadFile(filepath.Join(t.TempDir(), "none.csv"), ReadOptions{})
	assert.ErrorIs(t, err, os.ErrNotExist)
}

// Every byte of Windows-1252 becomes a character of its own, so nothing is
// lost; the 27 that differ from Latin-1 are those of the WHATWG index.
func TestWindows1252(t *testing.T) {
	seen := map[string]int{}
	differ := 0
	for b := range 256 {
		s := fromWindows1252(string([]byte{byte(b)}))
		assert.Equal(t, 1, utf8.RuneCountInString(s), "%#x", b)
		if first, ok := seen[s]; ok {
			assert.Fail(t, "two bytes, one character", "%#x and %#x", first, b)
		}
		seen[s] = b
		if s != string(rune(b)) {
			differ++
		}
	}
	assert.Equal(t, 27, differ)
	for _, b := range []byte{0x81, 0x8D, 0x8F, 0x90, 0x9D} {
		assert.Equal(t, string(rune(b)), fromWindows1252(string([]byte{b})))
	}
	assert.Equal(t, "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ", fromWindows1252(
		"\x80\x82\x83\x84\x85\x86\x87\x88\x89\x8A\x8B\x8C\x8E\x91\x92\x93\x94\x95\x96\x97\x98\x99\x9A\x9B\x9C\x9E\x9F"))
}

// worstCases seed the fuzz targets of everything that reads tables or objects.
var worstCases = []string{
	"", "\n", "\r", "\r\n", "\uFEFF", "\xFF\xFE", "\x1F\x8B", "\x00", "\"", "\"\"", "\"\n", "'=",
	"text,label\nEnough.,AGAINST\n",
	"text\tlabel\nEnough.\tAGAINST\n",
	"text,label,id,document\r\n\"a\"\"\r\nb\",NONE,1,d\r\n\r\n",
	"text,label\n\"a\" ,NONE\n", "text,label\na\"b,NONE\n", "text,label\n\"a,NONE\n", "text,label\na\n",
	"text,text,label\n", "text,label\n\ncaf\xE9,NONE\n", "text,label\n\n",
	`{"text":"a","label":"NONE","id":1}`, `{"text":"\ud83d"}`, `{"text":`, `{`, `{"`, `{"a":}`, `{"a":1,}`, `{}{}`,
	`{"text":"a","text":"b"}`, `{"\ud83d\ude00":[[[[{}]]]],"text":"\\ud83d"}`, `{"a":1 "b":2}`, `{1:2}`, `{,}`, "{\"text\":\"a\"}\r\n\n",
	"ID\tTarget\tTweet\tStance\r\n1\tA\t\"b #SemST\tNONE\r\n", "ID\tTarget\tTweet\tStance\n1\tA\t#SemST\tUNKNOWN\n",
}

// What Read accepts is whole, and is the same after writing and reading again.
func FuzzRead(f *testing.F) {
	for _, s := range worstCases {
		for format := CSV; format <= JSONLines; format++ {
			f.Add(s, uint8(format), uint8(0))
		}
		f.Add(gzipped(s), uint8(CSV), uint8(1))
		f.Add(s, uint8(CSV), uint8(2+4+8))
	}
	f.Fuzz(func(t *testing.T, content string, format, flags uint8) {
		o := ReadOptions{
			Format:          CSV + Format(format%4),
			AllowUnlabelled: flags&2 != 0, UnescapeFormulas: flags&4 != 0,
			MaxBytes: 1 << 20,
		}
		if flags&8 != 0 {
			o.Encoding = Windows1252
		}
		name := "x"
		if flags&1 != 0 {
			name = "x.gz"
		}
		examples, err := Read(strings.NewReader(content), name, o)
		if err != nil {
			var p *ParseError
			require.ErrorAs(t, err, &p)
			require.Equal(t, name, p.File)
			require.True(t, utf8.ValidString(err.Error()), "%q", err.Error())
			require.Nil(t, examples)
			return
		}
		for _, e := range examples {
			require.NotEmpty(t, strings.TrimSpace(e.Text))
			require.True(t, utf8.ValidString(e.Text))
			require.True(t, e.Label.Valid() || o.AllowUnlabelled && e.Label == stance.Unlabelled)
		}
		if flags&1 == 0 && o.Format == TSV && o.Encoding != Windows1252 {
			lines := strings.FieldsFunc(content, func(r rune) bool { return r == '\n' || r == '\r' })
			require.Len(t, examples, len(lines)-1, "a row for every line but the header")
		}
		var b bytes.Buffer
		require.NoError(t, WritePredictions(&b, JSONLines, examples, make([]stance.Prediction, len(examples))))
		again, err := Read(&b, "x.jsonl", ReadOptions{AllowUnlabelled: true})
		require.NoError(t, err)
		require.Equal(t, examples, again)
	})
}

// encoding/csv is an oracle where it alters nothing: without carriage returns
// and blank lines it reads the same cells, or both refuse.
func FuzzParseTable(f *testing.F) {
	for _, s := range worstCases {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		if !utf8.ValidString(content) || strings.ContainsAny(content, "\r\x00") || strings.HasPrefix(content, "\n") || strings.Contains(content, "\n\n") {
			return
		}
		r := csv.NewReader(strings.NewReader(content))
		want, wantErr := r.ReadAll()
		got, err := parseTable("x", content, commaSeparated)
		require.Equal(t, wantErr == nil, err == nil, "%v, encoding/csv: %v", err, wantErr)
		if err != nil {
			return
		}
		require.Equal(t, len(want), got.rows())
		for i, row := range want {
			for j, text := range row {
				require.Equal(t, text, got.row(i)[j].text)
			}
		}
	})
}

func FuzzParseOwn(f *testing.F) {
	for _, s := range worstCases {
		f.Add(s, s)
	}
	f.Add(sentencesTSV[:1000], passagesTSV[:1000])
	f.Add(sentencesTSV[:strings.Index(sentencesTSV, "s0003")], passagesTSV[:strings.Index(passagesTSV, "p1-002-02")])
	c := newInvented()
	f.Add(c.documents, c.labels)
	f.Fuzz(func(t *testing.T, a, b string) {
		check := func(err error) {
			var p *ParseError
			if err != nil {
				require.ErrorAs(t, err, &p)
			}
		}
		_, err := parseLone("x", a)
		check(err)
		passages, err := parsePassages("x", b, 2, 3)
		check(err)
		for _, d := range passages {
			for _, s := range d.Sentences {
				require.Equal(t, s.Text, d.Text[s.Start:s.End])
			}
		}
		set, err := parseStandOff("x", a, "y", b)
		check(err)
		if err == nil {
			// Whatever the labels say, joining them fails or fits.
			documents, err := set.join(c.fsys)
			for _, d := range documents {
				for _, s := range d.Sentences {
					require.Equal(t, s.Text, d.Text[s.Start:s.End])
				}
			}
			require.True(t, err == nil || documents == nil)
		}
	})
}

func TestParseErrorPlaces(t *testing.T) {
	err := errors.New("wrong")
	for want, p := range map[string]ParseError{
		"f: wrong":     {File: "f", Column: 2, Err: err},
		"f:3: wrong":   {File: "f", Line: 3, Err: err},
		"f:3:2: wrong": {File: "f", Line: 3, Column: 2, Err: err},
	} {
		assert.EqualError(t, &p, want)
		assert.ErrorIs(t, fmt.Errorf("reading: %w", &p), err)
	}
}
