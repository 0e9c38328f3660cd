package data

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/stance"
)

// invented is a stand-off corpus of two texts with their own checksums.
type invented struct {
	documents, labels string
	fsys              fstest.MapFS
}

const (
	textOne = "OPINIONHeadline without a stop\n\nThe hearing began at nine. “They were right to speak,” she wrote — and so they were."
	textTwo = "Enough.\nThe hashtag has become a court without a judge.\n"
)

func newInvented() invented {
	fsys := fstest.MapFS{
		"one.txt": {Data: []byte(textOne)},
		"two.txt": {Data: []byte(textTwo)},
	}
	documents := "doc\tbytes\tsha256\tsentences\n"
	labels := "id\tdoc\tstart\tend\tsha256\tlabel\tvotes\n"
	for _, d := range []struct {
		id, name, text string
		sentences      [][2]string
	}{
		{"1", "one.txt", textOne, [][2]string{
			{"Headline without a stop", "NONE"},
			{"The hearing began at nine.", "NONE"},
			{"“They were right to speak,” she wrote — and so they were.", "FAVOR"},
		}},
		{"2", "two.txt", textTwo, [][2]string{
			{"Enough.", "AGAINST"},
			{"The hashtag has become a court without a judge.", "AGAINST"},
		}},
	} {
		documents += fmt.Sprintf("%s\t%d\t%s\t%d\n", d.name, len(d.text), fingerprint([]byte(d.text)), len(d.sentences))
		for i, s := range d.sentences {
			start := strings.Index(d.text, s[0])
			labels += fmt.Sprintf("%s-%02d\t%s\t%d\t%d\t%s\t%s\t%s NONE %s\n", d.id, i+1, d.name,
				start, start+len(s[0]), fingerprint([]byte(s[0])), s[1], s[1], s[1])
		}
	}
	return invented{documents, labels, fsys}
}

func (c invented) read() ([]Document, error) {
	set, err := parseStandOff("documents.tsv", c.documents, "labels.tsv", c.labels)
	if err != nil {
		return nil, err
	}
	return set.join(c.fsys)
}

func TestStandOff(t *testing.T) {
	documents, err := newInvented().read()
	require.NoError(t, err)
	require.Len(t, documents, 2)
	assert.Equal(t, "one.txt", documents[0].ID)
	assert.Equal(t, textOne, documents[0].Text)
	assert.False(t, documents[0].Headline)
	assert.Equal(t, stance.Unlabelled, documents[0].Lean)
	for _, d := range documents {
		for _, s := range d.Sentences {
			assert.Equal(t, d.Text[s.Start:s.End], s.Text)
		}
	}
	assert.Equal(t, []stance.Example{
		{ID: "2-01", Text: "Enough.", Label: stance.Against, Group: "two.txt", Document: "two.txt"},
		{ID: "2-02", Text: "The hashtag has become a court without a judge.", Label: stance.Against, Group: "two.txt", Document: "two.txt"},
	}, documents[1].Examples())
	assert.Equal(t, []stance.Label{stance.Favor, stance.None, stance.Favor}, documents[0].Sentences[2].Votes)
}

func TestStandOffAlteredTexts(t *testing.T) {
	want := fmt.Sprintf("(want the text of %d bytes with SHA-256 %s)", len(textOne), fingerprint([]byte(textOne)))
	altered := func(old, new string) string { return strings.Replace(textOne, old, new, 1) }
	for _, c := range []struct{ name, text, want string }{
		{"altered byte", altered("nine", "nime"),
			"one.txt: altered: the length is right but the SHA-256 is " + fingerprint([]byte(altered("nine", "nime"))) + " " + want},
		{"truncated", textOne[:20], fmt.Sprintf("one.txt: altered: 20 bytes, SHA-256 %s %s", fingerprint([]byte(textOne[:20])), want)},
		{"empty", "", fmt.Sprintf("one.txt: altered: 0 bytes, SHA-256 %s %s", fingerprint(nil), want)},
		{"quotes made straight", altered("“", `"`), "one.txt: altered: "},
		{"replaced by a long file", strings.Repeat("x", 1<<16), fmt.Sprintf("one.txt: another file: more than %d bytes %s", 2*len(textOne)+3, want)},
		{"CRLF", strings.ReplaceAll(textOne, "\n", "\r\n"), "one.txt: altered: it has CRLF line ends; without that it is the text " + want},
		{"byte-order mark", "\uFEFF" + textOne, "one.txt: altered: it has a byte-order mark; without that it is the text " + want},
		{"CRLF and byte-order mark", "\uFEFF" + strings.ReplaceAll(textOne, "\n", "\r\n"),
			"one.txt: altered: it has CRLF line ends and a byte-order mark; without that it is the text " + want},
		{"line end at the end", textOne + "\n", "one.txt: altered: it has a line end added at its end; without that it is the text " + want},
		{"CRLF at the end", textOne + "\r\n", "one.txt: altered: it has a line end added at its end; without that it is the text " + want},
	} {
		t.Run(c.name, func(t *testing.T) {
			corpus := newInvented()
			corpus.fsys["one.txt"] = &fstest.MapFile{Data: []byte(c.text)}
			documents, err := corpus.read()
			assert.Nil(t, documents)
			assert.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, want)
			var e *TextError
			require.ErrorAs(t, err, &e)
			assert.Equal(t, "one.txt", e.File)
			assert.Equal(t, len(textOne), e.WantBytes)
			assert.Equal(t, fingerprint([]byte(textOne)), e.WantSHA256)
		})
	}
}

func TestStandOffReportsAllTexts(t *testing.T) {
	corpus := newInvented()
	delete(corpus.fsys, "one.txt")
	corpus.fsys["two.txt"] = &fstest.MapFile{Data: []byte("another")}
	_, err := corpus.read()
	assert.ErrorContains(t, err, "one.txt: open one.txt: file does not exist (want the text of ")
	assert.ErrorContains(t, err, "two.txt: altered: 7 bytes")
	assert.ErrorIs(t, err, fs.ErrNotExist)
}

func TestStandOffFolderInPlaceOfAFile(t *testing.T) {
	corpus := newInvented()
	delete(corpus.fsys, "one.txt")
	corpus.fsys["one.txt/x"] = &fstest.MapFile{}
	_, err := corpus.read()
	var e *TextError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, "one.txt", e.File)
}

// A right text with a wrong label file is found by the sentences' checksums.
func TestStandOffSentenceChecksum(t *testing.T) {
	corpus := newInvented()
	wrong := fingerprint([]byte("Enough!"))
	corpus.labels = strings.Replace(corpus.labels, fingerprint([]byte("Enough.")), wrong, 1)
	documents, err := corpus.read()
	assert.Nil(t, documents)
	assert.EqualError(t, err, fmt.Sprintf("labels.tsv:5:5: bytes 0 to 7 of two.txt have SHA-256 %s, want %s",
		fingerprint([]byte("Enough.")), wrong))
}

func TestParseStandOffErrors(t *testing.T) {
	good := newInvented()
	for _, c := range []struct{ name, file, old, new, want string }{
		{"size", "documents", fmt.Sprintf("\t%d\t", len(textTwo)), "\tmany\t", `documents.tsv:3:2: "many" is not a whole number`},
		{"negative size", "documents", fmt.Sprintf("\t%d\t", len(textTwo)), "\t-1\t", `documents.tsv:3:2: "-1" is not a whole number`},
		{"checksum", "documents", fingerprint([]byte(textTwo)), "abc", `documents.tsv:3:3: "abc" is not a SHA-256 in lower-case hexadecimal`},
		{"path", "documents", "two.txt", "../two.txt", `documents.tsv:3:1: "../two.txt" is not a file name`},
		{"count", "documents", "\t2\n", "\t3\n", `documents.tsv:3:4: 3 sentences, but labels.tsv has 2`},
		{"document twice", "documents", "two.txt", "one.txt", `documents.tsv:3:1: duplicate id "one.txt" (first in line 2)`},
		{"unknown document", "labels", "\ttwo.txt", "\tsix.txt", `labels.tsv:5:2: document "six.txt" is not in documents.tsv`},
		{"start", "labels", "\t0\t7\t", "\t0x0\t7\t", `labels.tsv:5:3: "0x0" is not a whole number`},
		{"empty span", "labels", "\t0\t7\t", "\t7\t7\t", `labels.tsv:5:4: end 7, want more than 7 and at most 56`},
		{"past the end", "labels", "\t8\t55\t", "\t8\t57\t", `labels.tsv:6:4: end 57, want more than 8 and at most 56`},
		{"overlap", "labels", "\t8\t55\t", "\t6\t55\t", `labels.tsv:6:3: start 6 before the end of the sentence before it, 7`},
		{"label", "labels", "\tAGAINST\t", "\tCONTRA\t", `labels.tsv:5:6: unknown label "CONTRA" (want FAVOR, AGAINST or NONE)`},
		{"votes", "labels", "AGAINST NONE AGAINST", "AGAINST NONE", `labels.tsv:5:7: 2 votes, want 3`},
	} {
		t.Run(c.name, func(t *testing.T) {
			documents, labels := good.documents, good.labels
			s := &labels
			if c.file == "documents" {
				s = &documents
			}
			require.Contains(t, *s, c.old)
			*s = strings.Replace(*s, c.old, c.new, 1)
			_, err := parseStandOff("documents.tsv", documents, "labels.tsv", labels)
			assert.EqualError(t, err, c.want)
			var p *ParseError
			assert.ErrorAs(t, err, &p)
		})
	}
}

func TestArticlesWithoutTheTexts(t *testing.T) {
	documents, err := Articles(fstest.MapFS{
		// The recorded length with other content.
		"001_d9f360e35e23f00d.txt": {Data: []byte(strings.Repeat("x", 3443))},
	})
	assert.Nil(t, documents)
	assert.ErrorIs(t, err, fs.ErrNotExist)
	for _, want := range []string{
		"000_757f0f3c47ae9802.txt: open 000_757f0f3c47ae9802.txt: file does not exist (want the text of 4432 bytes with SHA-256 825d11d3b54f21bc73b09e43a0ce9b2299d2a0ed8c35b37df58b473e9d267ba9)",
		"001_d9f360e35e23f00d.txt: altered: the length is right but the SHA-256 is ",
		"(want the text of 3443 bytes with SHA-256 dab06bf5646b6362c8d996858d8fb7505a4925413e7338de64be62854d5693ca)",
		"002_16052e783ff02079.txt: ",
	} {
		assert.ErrorContains(t, err, want)
	}
	var joined interface{ Unwrap() []error }
	require.True(t, errors.As(err, &joined))
	assert.Len(t, joined.Unwrap(), 3)
}

func TestArticles(t *testing.T) {
	documents, err := Articles(os.DirFS(shared(t, "articles", "texts")))
	require.NoError(t, err)
	require.Len(t, documents, 3)
	var examples []stance.Example
	var all [][]stance.Label
	for i, d := range documents {
		var votes [][]stance.Label
		for _, s := range d.Sentences {
			assert.Equal(t, d.Text[s.Start:s.End], s.Text, s.ID)
			assert.Equal(t, majority(s.Votes), s.Label, s.ID)
			votes = append(votes, s.Votes)
		}
		// As published with the labels.
		assert.InDelta(t, []float64{0.91, 0.87, 0.73}[i], alpha(votes), 0.005, d.ID)
		all = append(all, votes...)
		examples = append(examples, d.Examples()...)
	}
	assert.InDelta(t, 0.857, alpha(all), 0.0005)
	assert.Equal(t, [stance.NumLabels]int{40, 32, 48}, counts(examples))
}
