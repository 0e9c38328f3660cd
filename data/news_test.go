package data

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/stance"
)

// inventedNews is a public data set of invented articles and the two tables of
// labels that belong to it.
type inventedNews struct {
	documents, labels string
	fsys              fstest.MapFS
}

const (
	titleOne = "  Choir returns\tto the square "
	// Letters outside the Basic Multilingual Plane, which are one character and
	// four bytes, and white space of several kinds.
	contentOne = "𝔄 fanfare 🎺 opened the évening.\n\nThey were right to speak,\u00A0she\n wrote. – Enough  of the whispering, he says. Subscribe!"
	titleTwo   = "The hearing"
	contentTwo = "It began at nine. The hashtag has become a court without a judge."
)

// span returns where a part of a content stands, in characters.
func span(content, part string) string {
	before, _, ok := strings.Cut(content, part)
	if !ok {
		panic(part)
	}
	start := len([]rune(before))
	return fmt.Sprintf("%d:%d", start, start+len([]rune(part)))
}

// articleJSON writes an article as the public data set does.
func articleJSON(title, content string) []byte {
	b, err := json.Marshal(map[string]any{"ID": "x", "bias": 1, "title": title, "content": "tokens", "content_original": content})
	if err != nil {
		panic(err)
	}
	return b
}

func newInventedNews() inventedNews {
	c := inventedNews{
		documents: "piece\tsplit\tfile\tsource\tdate\tsentences\n" +
			"n1\tdev\tdata/jsons/one.json\tThe Lantern\t2018-02-03\t4\n" +
			"t1\ttrain\tdata/jsons/two.json\tHarbour Post - Opinion\t-\t3\n",
		labels: "id\tpiece\tspan\tsha256\tlabel\tvotes\n",
		fsys: fstest.MapFS{
			"data/jsons/one.json": {Data: articleJSON(titleOne, contentOne)},
			"data/jsons/two.json": {Data: articleJSON(titleTwo, contentTwo)},
		},
	}
	for _, s := range []struct{ id, piece, span, text, label, votes string }{
		{"n1-00", "n1", "title", "Choir returns to the square", "NONE", "NONE NONE NONE"},
		{"n1-01", "n1", span(contentOne, "𝔄 fanfare 🎺 opened the évening."), "𝔄 fanfare 🎺 opened the évening.", "NONE", "NONE NONE NONE"},
		{"n1-02", "n1", span(contentOne, "They were right to speak,\u00A0she\n wrote."), "They were right to speak, she wrote.", "FAVOR", "FAVOR FAVOR NONE"},
		{"n1-04", "n1", span(contentOne, "Enough  of the whispering, he says."), "Enough of the whispering, he says.", "NONE", "NONE SKIP NONE"},
		{"t1-00", "t1", "title", "The hearing", "NONE", "NONE NONE"},
		{"t1-01", "t1", span(contentTwo, "It began at nine."), "It began at nine.", "NONE", "NONE NONE"},
		{"t1-02", "t1", span(contentTwo, "The hashtag has become a court without a judge."), "The hashtag has become a court without a judge.", "AGAINST", "AGAINST AGAINST"},
	} {
		c.labels += strings.Join([]string{s.id, s.piece, s.span, fingerprint([]byte(s.text)), s.label, s.votes}, "\t") + "\n"
	}
	return c
}

func (c inventedNews) parse() ([]newsLabels, error) {
	return parseNews("documents.tsv", c.documents, "labels.tsv", c.labels)
}

func (c inventedNews) read(t testing.TB) (*NewsCorpus, error) {
	t.Helper()
	labels, err := c.parse()
	require.NoError(t, err)
	return joinNews(labels, c.fsys)
}

// ids are those of all sentences.
func (c *NewsCorpus) ids() []string {
	var ids []string
	for _, e := range append(c.Dev.Examples(), c.Train.Examples()...) {
		ids = append(ids, e.ID)
	}
	return ids
}

func TestNewsJoined(t *testing.T) {
	corpus, err := newInventedNews().read(t)
	require.NoError(t, err)
	require.Len(t, corpus.Dev, 1)
	require.Len(t, corpus.Train, 1)
	one, two := corpus.Dev[0], corpus.Train[0]
	assert.Equal(t, "n1", one.ID)
	assert.Equal(t, "The Lantern", one.Source)
	assert.Equal(t, "2018-02-03", one.Date)
	assert.Equal(t, "Harbour Post - Opinion", two.Source)
	assert.Empty(t, two.Date)
	assert.Equal(t, "Choir returns to the square\n\n𝔄 fanfare 🎺 opened the évening. They were right to speak, she wrote. Enough of the whispering, he says.", one.Text)
	for _, p := range []NewsPiece{one, two} {
		assert.True(t, p.Headline)
		assert.Equal(t, stance.Unlabelled, p.Lean)
		for _, s := range p.Sentences {
			assert.Equal(t, p.Text[s.Start:s.End], s.Text)
		}
	}
	assert.Equal(t, []stance.Label{stance.None, stance.Unlabelled, stance.None}, one.Sentences[3].Votes)
	assert.Equal(t, []stance.Example{
		{ID: "t1-00", Text: "The hearing", Label: stance.None, Group: "t1", Document: "t1"},
		{ID: "t1-01", Text: "It began at nine.", Label: stance.None, Group: "t1", Document: "t1"},
		{ID: "t1-02", Text: "The hashtag has become a court without a judge.", Label: stance.Against, Group: "t1", Document: "t1"},
	}, corpus.Train.Examples())
}

// The text of a piece is put together as that of a passage.
func TestNewsTextIsAPassage(t *testing.T) {
	for _, passage := range Gold().Passages[:50] {
		d := Document{Headline: true}
		for _, s := range passage.Sentences {
			d.add(s)
		}
		assert.Equal(t, passage.Text, d.Text)
		assert.Equal(t, passage.Sentences, d.Sentences)
	}
}

func TestNewsAlteredTexts(t *testing.T) {
	all := []string{"n1-00", "n1-01", "n1-02", "n1-04", "t1-00", "t1-01", "t1-02"}
	const file = "data/jsons/two.json"
	n1 := all[:4]
	wrong := func(text string) string { return fingerprint([]byte(text)) }
	encode := func(title, content string) string { return string(articleJSON(title, content)) }
	good := encode(titleTwo, contentTwo)
	for _, c := range []struct {
		name, content string // of two.json
		joined        []string
		want          []string // one error each
	}{
		{"unaltered", good, all, nil},
		{"byte-order mark", "\uFEFF" + good, all, nil},
		{"white space in another form", encode(" The\n\thearing\u00A0", contentTwo), all, nil},
		{"escapes", strings.NewReplacer(`"The hearing"`, `"\u0054he \u0068earing"`).Replace(good), all, nil},
		{"a value that is no text", strings.Replace(good, `"bias":1`, `"bias":[1,{"title":"x"}]`, 1), all, nil},
		{"another key that differs in case", strings.Replace(good, `"ID":"x"`, `"Title":"x"`, 1), all, nil},
		{"on several lines", strings.ReplaceAll(good, `,"`, ",\r\n\""), all, nil},
		{"headline", encode("The trial", contentTwo), append(slices.Clone(n1), "t1-01", "t1-02"), []string{
			file + ": piece t1, sentence t1-00: the title: the SHA-256 with white space folded is " + wrong("The trial") + ", want " + wrong(titleTwo)}},
		{"no headline", strings.Replace(good, `"title"`, `"headline"`, 1), append(slices.Clone(n1), "t1-01", "t1-02"), []string{
			file + `: piece t1, sentence t1-00: no key "title"`}},
		{"empty headline", encode("", contentTwo), append(slices.Clone(n1), "t1-01", "t1-02"), []string{
			file + ": piece t1, sentence t1-00: the title: the SHA-256 with white space folded is " + wrong("") + ", want " + wrong(titleTwo)}},
		{"headline of null", strings.Replace(good, `"The hearing"`, `null`, 1), append(slices.Clone(n1), "t1-01", "t1-02"), []string{
			file + `: piece t1, sentence t1-00: the value of "title" is not a string`}},
		{"one sentence", encode(titleTwo, strings.Replace(contentTwo, "nine", "five", 1)), append(slices.Clone(n1), "t1-00", "t1-02"), []string{
			file + ": piece t1, sentence t1-01: characters 0 to 17 of content_original: the SHA-256 with white space folded is " + wrong("It began at five.") + ", want " + wrong("It began at nine.")}},
		{"moved", encode(titleTwo, " "+contentTwo), append(slices.Clone(n1), "t1-00"), []string{
			file + ": piece t1, sentence t1-01: characters 0 to 17 of content_original: the SHA-256 with white space folded is " + wrong("It began at nine"),
			file + ": piece t1, sentence t1-02: characters 18 to 65 of content_original: the SHA-256"}},
		{"cut off", encode(titleTwo, contentTwo[:64]), append(slices.Clone(n1), "t1-00", "t1-01"), []string{
			file + ": piece t1, sentence t1-02: want characters 18 to 65 of content_original, which has 64"}},
		{"no content", strings.Replace(good, `"content_original"`, `"text"`, 1), append(slices.Clone(n1), "t1-00"), []string{
			file + `: piece t1, sentence t1-01: no key "content_original"`, file + `: piece t1, sentence t1-02: no key "content_original"`}},
		{"content that is no text", `{"title":"The hearing","content_original":["It began at nine."]}`, append(slices.Clone(n1), "t1-00"), []string{
			file + `: piece t1, sentence t1-01: the value of "content_original" is not a string`, file + ": piece t1, sentence t1-02: "}},
		{"truncated", "{\n\"title\": \"The hea", n1, []string{file + ":2:18: piece t1: unexpected end of JSON input"}},
		{"two objects", good + good, n1, []string{
			fmt.Sprintf("%s:1:%d: piece t1: invalid character '{' after top-level value", file, len(good)+1)}},
		{"not JSON", "{\n  The hearing", n1, []string{file + ":2:3: piece t1: invalid character 'T' looking for beginning of object key string"}},
		{"another value", `["The hearing"]`, n1, []string{file + ":1:1: piece t1: want a JSON object"}},
		{"null", `null`, n1, []string{file + `: piece t1, sentence t1-00: no key "title"`, file + ": piece t1, sentence t1-01: ", file + ": piece t1, sentence t1-02: "}},
		{"empty", "", n1, []string{file + ":1:1: piece t1: unexpected end of JSON input"}},
		{"not UTF-8", "{\n\"\xff\"", n1, []string{file + ":2:2: piece t1: byte 0xFF is not valid UTF-8"}},
		{"UTF-16", "\xff\xfe{\x00", n1, []string{file + ":1: piece t1: byte-order mark of UTF-16, little-endian; save the file as UTF-8"}},
		{"gigantic", strings.Repeat(" ", maxNewsBytes) + good, n1, []string{fmt.Sprintf("%s:1: piece t1: more than %d bytes", file, maxNewsBytes)}},
		{"as large as may be", strings.Repeat(" ", maxNewsBytes-len(good)) + good, all, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			news := newInventedNews()
			news.fsys[file] = &fstest.MapFile{Data: []byte(c.content)}
			corpus, err := news.read(t)
			assert.Equal(t, c.joined, corpus.ids())
			if len(c.want) == 0 {
				assert.NoError(t, err)
				return
			}
			var joined interface{ Unwrap() []error }
			require.ErrorAs(t, err, &joined)
			require.Len(t, joined.Unwrap(), len(c.want), "%v", err)
			for i, want := range c.want {
				e := joined.Unwrap()[i]
				assert.True(t, strings.HasPrefix(e.Error(), want), "%v\nwant %s", e, want)
				var p *ParseError
				require.ErrorAs(t, e, &p)
				assert.Equal(t, file, p.File)
			}
		})
	}
}

// Half a surrogate pair is one character, as it is for Python.
func TestNewsLoneSurrogates(t *testing.T) {
	news := newInventedNews()
	news.labels = strings.Replace(news.labels, span(contentTwo, "It began at nine."), "0:16", 1)
	for _, escape := range []string{`\ud83d`, `\udc00`, `\ud83d\ude00`} {
		content := `{"title":"The hearing","content_original":"` + escape + strings.Replace(contentTwo, "It", "", 1) + `"}`
		news.fsys["data/jsons/two.json"] = &fstest.MapFile{Data: []byte(content)}
		corpus, err := news.read(t)
		assert.ErrorContains(t, err, "sentence t1-01: characters 0 to 16 ")
		assert.ErrorContains(t, err, "sentence t1-02: ")
		assert.NotContains(t, corpus.ids(), "t1-02", "the text is one character shorter")

		content = strings.Replace(content, escape, escape+" ", 1)
		news.fsys["data/jsons/two.json"] = &fstest.MapFile{Data: []byte(content)}
		corpus, _ = news.read(t)
		assert.Contains(t, corpus.ids(), "t1-02", "escape %s", escape)
	}
}

func TestNewsMissingFiles(t *testing.T) {
	news := newInventedNews()
	delete(news.fsys, "data/jsons/one.json")
	corpus, err := news.read(t)
	assert.EqualError(t, err, "data/jsons/one.json: piece n1: file does not exist")
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.Empty(t, corpus.Dev)
	assert.Equal(t, []string{"t1-00", "t1-01", "t1-02"}, corpus.ids())

	news.fsys["data/jsons/one.json/x"] = &fstest.MapFile{}
	_, err = news.read(t)
	assert.ErrorContains(t, err, "data/jsons/one.json:1: piece n1: ", "a folder in place of the file")

	corpus, err = News(fstest.MapFS{"jsons/one.json": {}})
	assert.EqualError(t, err, "open data/jsons: file does not exist (want a clone of github.com/ramybaly/Article-Bias-Prediction at commit ced8111a)")
	assert.ErrorIs(t, err, fs.ErrNotExist)
	assert.Equal(t, &NewsCorpus{}, corpus)

	corpus, err = News(fstest.MapFS{"data/jsons/other.json": {}})
	var joined interface{ Unwrap() []error }
	require.True(t, errors.As(err, &joined))
	assert.Len(t, joined.Unwrap(), 191, "one for each piece")
	assert.Equal(t, &NewsCorpus{}, corpus)
}

func TestParseNewsErrors(t *testing.T) {
	good := newInventedNews()
	_, err := good.parse()
	require.NoError(t, err)
	first := span(contentTwo, "It began at nine.")
	for _, c := range []struct{ name, table, old, new, want string }{
		{"split", "documents", "\ttrain\t", "\ttest\t", `documents.tsv:3:2: split "test", want dev or train`},
		{"path", "documents", "data/jsons/two.json", "/data/jsons/two.json", `documents.tsv:3:3: "/data/jsons/two.json" is not a file name`},
		{"count", "documents", "\t3\n", "\t4\n", "documents.tsv:3:6: 4 sentences, but labels.tsv has 3"},
		{"count that is none", "documents", "\t3\n", "\tthree\n", `documents.tsv:3:6: "three" is not a whole number`},
		{"no date", "documents", "\t-\t", "\t\t", "documents.tsv:3:5: empty field"},
		{"piece twice", "documents", "\nt1\t", "\nn1\t", `documents.tsv:3:1: duplicate id "n1" (first in line 2)`},
		{"columns of documents", "documents", "\tsource\t", "\tpublisher\t", `documents.tsv:1:4: column "publisher", want "source"`},
		{"unknown piece", "labels", "t1-01\tt1", "t1-01\tt2", `labels.tsv:7:2: piece "t2" is not in documents.tsv`},
		{"sentence twice", "labels", "t1-02\t", "t1-01\t", `labels.tsv:8:1: duplicate id "t1-01" (first in line 7)`},
		{"span", "labels", first, "0-17", `labels.tsv:7:3: span "0-17", want title or START:END`},
		{"empty span", "labels", first, "3:3", `labels.tsv:7:3: span "3:3", want title or START:END`},
		{"negative span", "labels", first, "-1:17", `labels.tsv:7:3: span "-1:17", want title or START:END`},
		{"huge span", "labels", first, "0:4294967296", `labels.tsv:7:3: span "0:4294967296", want title or START:END`},
		{"overlap", "labels", first, "0:19", "labels.tsv:8:3: span 18:65 is not behind the sentence before it"},
		{"headline within", "labels", first, "title", "labels.tsv:7:3: span title is not behind the sentence before it"},
		{"checksum", "labels", fingerprint([]byte(titleTwo)), "ABC", `labels.tsv:6:4: "ABC" is not a SHA-256 in lower-case hexadecimal`},
		{"label", "labels", "\tAGAINST\tAGAINST", "\tCONTRA\tAGAINST", `labels.tsv:8:5: unknown label "CONTRA" (want FAVOR, AGAINST or NONE)`},
		{"vote", "labels", "AGAINST AGAINST", "AGAINST CONTRA", `labels.tsv:8:6: vote 2: unknown label "CONTRA" (want FAVOR, AGAINST or NONE)`},
		{"votes", "labels", "AGAINST AGAINST", "AGAINST  AGAINST", `labels.tsv:8:6: vote 2: unknown label "" (want FAVOR, AGAINST or NONE)`},
		{"columns of labels", "labels", "\tspan\t", "\toffsets\t", `labels.tsv:1:3: column "offsets", want "span"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			news := newInventedNews()
			s := &news.labels
			if c.table == "documents" {
				s = &news.documents
			}
			require.Contains(t, *s, c.old)
			*s = strings.Replace(*s, c.old, c.new, 1)
			_, err := news.parse()
			assert.EqualError(t, err, c.want)
			var p *ParseError
			assert.ErrorAs(t, err, &p)
		})
	}
}

// Whatever the texts, a sentence is joined if it is the recorded one, however
// its white space is written.
func TestNewsJoinProperty(t *testing.T) {
	space := rapid.SampledFrom([]string{" ", "  ", "\n", "\t", "\r\n", "\u00A0", "\u2003 ", "\u0085"})
	word := rapid.StringMatching(`[a-zé🎺𝔄’"\\<&]{1,6}`)
	rapid.Check(t, func(t *rapid.T) {
		var content strings.Builder
		var sentences []newsSentence
		var texts []string
		for i := range rapid.IntRange(1, 5).Draw(t, "sentences") {
			content.WriteString(rapid.StringMatching(`[ 🎺.\n]{0,5}`).Draw(t, "between"))
			words := rapid.SliceOfN(word, 1, 5).Draw(t, "words")
			raw := words[0]
			for _, w := range words[1:] {
				raw += space.Draw(t, "space") + w
			}
			start := len([]rune(content.String()))
			content.WriteString(raw)
			text := strings.Join(words, " ")
			texts = append(texts, text)
			sentences = append(sentences, newsSentence{id: fmt.Sprintf("p-%02d", i+1), start: start, end: start + len([]rune(raw)),
				sha256: fingerprint([]byte(text)), label: stance.None})
		}
		labels := []newsLabels{{id: "p", file: "data/jsons/p.json", sentences: sentences}}
		corpus, err := joinNews(labels, fstest.MapFS{"data/jsons/p.json": {Data: articleJSON("", content.String())}})
		require.NoError(t, err)
		require.Len(t, corpus.Dev, 1)
		assert.False(t, corpus.Dev[0].Headline)
		for i, s := range corpus.Dev[0].Sentences {
			assert.Equal(t, texts[i], s.Text)
		}
		assert.Equal(t, strings.Join(texts, " "), corpus.Dev[0].Text)
	})
}

func FuzzNews(f *testing.F) {
	good := articleJSON(titleTwo, contentTwo)
	for _, seed := range []string{string(good), string(good[:40]), "", "null", `{"title":"The hearing"}`, `{"content_original":"\ud83d It"}`,
		`{"title":["The hearing"],"content_original":"It began at nine."}`, "\uFEFF{}", "\xff\xfe", string(articleJSON(titleOne, contentOne))} {
		f.Add([]byte(seed))
	}
	news := newInventedNews()
	labels, err := news.parse()
	require.NoError(f, err)
	labels = labels[1:]
	want := map[string]string{}
	for _, s := range labels[0].sentences {
		want[s.id] = s.sha256
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		corpus, err := joinNews(labels, fstest.MapFS{"data/jsons/two.json": {Data: content}})
		sum := 0
		for _, p := range corpus.Train {
			for _, s := range p.Sentences {
				assert.Equal(t, want[s.ID], fingerprint([]byte(s.Text)), s.ID)
				assert.Equal(t, p.Text[s.Start:s.End], s.Text)
				sum++
			}
			assert.Equal(t, p.Sentences[0].ID == "t1-00", p.Headline)
		}
		assert.Equal(t, err == nil, sum == len(want))
		if err != nil {
			n := len(err.(interface{ Unwrap() []error }).Unwrap())
			assert.True(t, sum+n == len(want) || sum == 0 && n == 1, "every sentence is joined or named, or the file is")
		}
	})
}

// embeddedNews are the labels that are part of the package.
func embeddedNews(t testing.TB) []newsLabels {
	t.Helper()
	labels, err := parseNews("documents", newsDocumentsTSV, "labels", newsLabelsTSV)
	require.NoError(t, err)
	return labels
}

// The figures are those under which the labels were published; the datasheet
// repeats them.
func TestNewsLabels(t *testing.T) {
	type split struct {
		pieces int
		labels [stance.NumLabels]int
		votes  [][]stance.Label
	}
	var dev, train split
	var skipped []string
	files := map[string]bool{}
	hashes := [2]map[string]bool{{}, {}}
	for _, p := range embeddedNews(t) {
		s, least := &dev, 3
		if p.train {
			s, least = &train, 2
		}
		s.pieces++
		assert.False(t, files[p.file], "%s twice", p.file)
		files[p.file] = true
		assert.Regexp(t, `^data/jsons/[0-9A-Za-z]{16}\.json$`, p.file)
		if p.date != "" {
			day, err := time.Parse(time.DateOnly, p.date)
			require.NoError(t, err, p.id)
			assert.True(t, day.Year() >= 2017 && day.Year() <= 2020, p.date)
		}
		assert.True(t, p.sentences[0].title, "%s has a headline", p.id)
		for _, sentence := range p.sentences {
			assert.Regexp(t, "^"+p.id+`-\d\d$`, sentence.id)
			assert.Equal(t, sentence.title, strings.HasSuffix(sentence.id, "-00"), sentence.id)
			assert.Len(t, sentence.votes, least, sentence.id)
			given := slices.DeleteFunc(slices.Clone(sentence.votes), func(l stance.Label) bool { return l == stance.Unlabelled })
			if len(given) < least {
				skipped = append(skipped, sentence.id)
			}
			assert.Equal(t, majority(given), sentence.label, sentence.id)
			s.labels[sentence.label-stance.Favor]++
			s.votes = append(s.votes, given)
			k := 0
			if p.train {
				k = 1
			}
			hashes[k][sentence.sha256] = true
		}
	}
	assert.Equal(t, 23, dev.pieces)
	assert.Equal(t, 168, train.pieces)
	assert.Equal(t, [stance.NumLabels]int{32, 50, 225}, dev.labels)
	assert.Equal(t, [stance.NumLabels]int{95, 83, 1881}, train.labels)
	assert.Len(t, dev.votes, 307)
	assert.Len(t, train.votes, 2059)
	assert.Equal(t, []string{"n25-05"}, skipped)
	// Published as 0.90 and 0.90; the former counts the missing vote as a label
	// of its own.
	assert.InDelta(t, 0.905, alpha(dev.votes), 0.0005)
	assert.InDelta(t, 0.901, alpha(train.votes), 0.0005)
	for h := range hashes[0] {
		assert.False(t, hashes[1][h], "a sentence in both splits: %s", h)
	}
	for _, row := range []string{
		"| news, development split | 307 | 32 | 50 | 225 | three annotators, blind to each other |",
		"| news, training split | 2,059 | 95 | 83 | 1,881 | two annotators, blind to each other |",
		fmt.Sprintf("| news, development split, three blind annotators | %.3f |", alpha(dev.votes)),
		fmt.Sprintf("| news, training split, two blind annotators | %.3f |", alpha(train.votes)),
		fmt.Sprintf("| `news/documents.tsv` | `%s` |", fingerprint([]byte(newsDocumentsTSV))),
		fmt.Sprintf("| `news/labels.tsv` | `%s` |", fingerprint([]byte(newsLabelsTSV))),
	} {
		assert.True(t, strings.Contains(Datasheet(), row), "the datasheet lacks %s", row)
	}
}

// newsRow is a row of the tables that the labels were published from.
type newsRow struct{ label, votes, source, date, text string }

// sharedNews reads those tables: the rows by ID, and file and spans by piece.
func sharedNews(t testing.TB) (rows map[string]newsRow, places map[string][2]string) {
	t.Helper()
	tableOf := func(name string, columns ...string) *table {
		b, err := os.ReadFile(shared(t, "news", name))
		require.NoError(t, err)
		table, err := parseTable(name, string(b), tabSeparated)
		require.NoError(t, err)
		require.NoError(t, table.requireHeader(columns...))
		return table
	}
	rows, places = map[string]newsRow{}, map[string][2]string{}
	for _, name := range []string{"dev.tsv", "train.tsv"} {
		table := tableOf(name, "id", "label", "votes", "source", "date", "text")
		for i := 1; i < table.rows(); i++ {
			r := table.row(i)
			rows[r[0].text] = newsRow{r[1].text, r[2].text, r[3].text, r[4].text, r[5].text}
		}
	}
	table := tableOf("offsets.tsv", "piece", "file", "sentences (start:end in characters of content_original)")
	for i := 1; i < table.rows(); i++ {
		r := table.row(i)
		places[r[0].text] = [2]string{r[1].text, r[2].text}
	}
	return rows, places
}

// The public data set is not at hand. Its files are made again as far as they
// are known: every sentence at its place, with filling between.
func TestNewsOnTheLabelledTexts(t *testing.T) {
	rows, places := sharedNews(t)
	require.Len(t, rows, 307+2059)
	require.Len(t, places, 191)
	fsys := fstest.MapFS{}
	for piece, place := range places {
		var content []rune
		for i, s := range strings.Fields(place[1]) {
			var n newsSentence
			require.NoError(t, n.parseSpan(s))
			content = append(content, slices.Repeat([]rune("🎺"), n.end-len(content))...)
			if row, ok := rows[fmt.Sprintf("%s-%02d", piece, i+1)]; ok {
				text := []rune(row.text)
				require.Len(t, text, n.end-n.start, "a text is as long as its span")
				copy(content[n.start:], text)
			}
		}
		fsys[place[0]] = &fstest.MapFile{Data: articleJSON(rows[piece+"-00"].text, string(content))}
	}
	corpus, err := News(fsys)
	require.NoError(t, err)
	assert.Len(t, corpus.Dev, 23)
	assert.Len(t, corpus.Train, 168)
	seen := 0
	for _, p := range append(slices.Clone(corpus.Dev), corpus.Train...) {
		for _, s := range p.Sentences {
			seen++
			row := rows[s.ID]
			var votes []string
			for _, v := range s.Votes {
				if v == stance.Unlabelled {
					votes = append(votes, "SKIP")
					continue
				}
				votes = append(votes, v.String())
			}
			assert.Equal(t, row, newsRow{s.Label.String(), strings.Join(votes, " "), p.Source, p.Date, s.Text}, s.ID)
			assert.Equal(t, foldSpace(row.text), row.text, "the labelled text is in the normal form")
		}
	}
	assert.Equal(t, len(rows), seen)
}

// No text of the news may come into the repository.
func TestNoSentenceOfTheNewsInTheRepository(t *testing.T) {
	rows, _ := sharedNews(t)
	// By its first eight bytes a sentence is found in one pass over a file.
	begins := map[uint64][]string{}
	for id, row := range rows {
		// Shorter sentences can be anybody's.
		if len(strings.Fields(row.text)) >= 8 {
			begin := binary.LittleEndian.Uint64([]byte(row.text))
			begins[begin] = append(begins[begin], id)
		}
	}
	require.Greater(t, len(begins), 1000)
	repositoryFiles(t, func(path string) {
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		require.NoError(t, err)
		for ; len(b) >= 8; b = b[1:] {
			for _, id := range begins[binary.LittleEndian.Uint64(b)] {
				if strings.HasPrefix(string(b[:min(len(b), len(rows[id].text))]), rows[id].text) {
					assert.Fail(t, "text of the news in the repository", "%s holds sentence %s", path, id)
				}
			}
		}
	})
}
