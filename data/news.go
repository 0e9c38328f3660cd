package data

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"example.org/metoostance/stance"
)

var (
	//go:embed news/documents.tsv
	newsDocumentsTSV string
	//go:embed news/labels.tsv
	newsLabelsTSV string
)

// NewsPiece is a news article, or an opinion piece of a newspaper, of which the
// headline and up to 13 consecutive sentences are labelled.
//
// Of the [Document], ID is the piece ("n01", "t001"); Text is put together as
// that of a passage: the headline, a blank line, and the labelled sentences
// with one space between them, each with its white space folded. Sentences have
// three votes in the development split and two in the training split, all of
// annotators blind to each other; where there is no majority the label is NONE.
// One vote is [stance.Unlabelled]: an annotator skipped n25-05.
// Genre is empty and Lean is [stance.Unlabelled].
type NewsPiece struct {
	Document
	// Source is the publisher or author, as the public data set names it.
	Source string
	// Date is the day of publication, as in 2020-05-31, or empty where the
	// public data set does not have it.
	Date string
}

// NewsSplit is one part of the labelled news.
type NewsSplit []NewsPiece

// Examples returns the sentences of all pieces, as [Document.Examples] gives
// them: Group and Document are the piece.
func (s NewsSplit) Examples() []stance.Example {
	var examples []stance.Example
	for _, p := range s {
		examples = append(examples, p.Examples()...)
	}
	return examples
}

// NewsCorpus is the labelled news in its two splits, which have no piece and no
// sentence in common.
type NewsCorpus struct {
	// Dev are 23 pieces, 307 sentences, to see whether an idea carries over to
	// text that nobody wrote for this project. Do not train on them.
	Dev NewsSplit
	// Train are 168 pieces, 2,059 sentences, to learn from.
	Train NewsSplit
}

// maxNewsBytes bounds one JSON file, of which an article takes some thousand
// bytes: what is longer is another file.
const maxNewsBytes = 1 << 24

// News returns the labels of 191 pieces of news and opinion of the years 2017
// to 2020, joined with their texts, which belong to their publishers and are
// not part of this package. fsys is your own copy of the public data set from
// which they are: a clone of github.com/ramybaly/Article-Bias-Prediction at
// commit ced8111a, for example os.DirFS("Article-Bias-Prediction"), in which
// each article is a file data/jsons/ID.json.
//
// A headline is the value of the key "title". Any other sentence is a range of
// characters (Unicode code points, which is how Python counts) of the value of
// "content_original". Of either the normal form is taken: every run of white
// space, as [unicode.IsSpace] has it, becomes one space, and none is left at
// the ends. The SHA-256 of its UTF-8 is recorded for every sentence, so what is
// returned has the same bytes whoever joins it.
//
// A file that is missing, too large or no such JSON, and each sentence that is
// not the recorded one, is a [*ParseError] that names file, piece and sentence;
// all are reported together (joined as by [errors.Join]). Unlike [Articles],
// News then also returns what could be joined, without the sentences that the
// error names and without pieces that have none left, for callers who choose to
// go on with it. The corpus is never nil, and whole if and only if the error is
// nil.
func News(fsys fs.FS) (*NewsCorpus, error) {
	labels, err := parseNews("news/documents.tsv", newsDocumentsTSV, "news/labels.tsv", newsLabelsTSV)
	if err != nil {
		panic("data: the embedded labels are damaged: " + err.Error())
	}
	// Without this a wrong folder would be an error for each of its files.
	if _, err := fs.Stat(fsys, "data/jsons"); err != nil {
		return new(NewsCorpus), fmt.Errorf("%w (want a clone of github.com/ramybaly/Article-Bias-Prediction at commit ced8111a)", err)
	}
	return joinNews(labels, fsys)
}

// newsLabels is what is recorded of a piece.
type newsLabels struct {
	id, file, source, date string
	train                  bool
	sentences              []newsSentence
}

type newsSentence struct {
	id         string
	title      bool
	start, end int // characters of content_original, unless it is the title
	sha256     string
	label      stance.Label
	votes      []stance.Label
}

// parseNews reads the two tables of the news and checks that they agree: every
// sentence belongs to a piece, there are as many as the piece says, and they
// follow one another without overlap, the headline first.
func parseNews(documentsFile, documents, labelsFile, labels string) ([]newsLabels, error) {
	t, err := parseOwn(documentsFile, documents, "piece", "split", "file", "source", "date", "sentences")
	if err != nil {
		return nil, err
	}
	var pieces []newsLabels
	index := make(map[string]int)
	want := make([]int, 0, t.rows()-1)
	for i := 1; i < t.rows(); i++ {
		row := t.row(i)
		p := newsLabels{id: row[0].text, file: row[2].text, source: row[3].text, date: row[4].text}
		switch row[1].text {
		case "dev":
		case "train":
			p.train = true
		default:
			return nil, t.errorAt(i, 1, fmt.Errorf("split %q, want dev or train", row[1].text))
		}
		if !fs.ValidPath(p.file) {
			return nil, t.errorAt(i, 2, fmt.Errorf("%q is not a file name", p.file))
		}
		if p.date == "-" {
			p.date = ""
		}
		sentences, err := t.number(i, 5)
		if err != nil {
			return nil, err
		}
		index[p.id] = len(pieces)
		want = append(want, sentences)
		pieces = append(pieces, p)
	}
	l, err := parseOwn(labelsFile, labels, "id", "piece", "span", "sha256", "label", "votes")
	if err != nil {
		return nil, err
	}
	for i := 1; i < l.rows(); i++ {
		row := l.row(i)
		k, ok := index[row[1].text]
		if !ok {
			return nil, l.errorAt(i, 1, fmt.Errorf("piece %q is not in %s", row[1].text, documentsFile))
		}
		p := &pieces[k]
		s := newsSentence{id: row[0].text, sha256: row[3].text}
		if err := s.parseSpan(row[2].text); err != nil {
			return nil, l.errorAt(i, 2, err)
		}
		if n := len(p.sentences); n > 0 && (s.title || s.start < p.sentences[n-1].end) {
			return nil, l.errorAt(i, 2, fmt.Errorf("span %s is not behind the sentence before it", row[2].text))
		}
		if err := l.checkSHA256(i, 3); err != nil {
			return nil, err
		}
		if s.label, err = l.label(i, 4); err != nil {
			return nil, err
		}
		if s.votes, err = parseNewsVotes(row[5].text); err != nil {
			return nil, l.errorAt(i, 5, err)
		}
		p.sentences = append(p.sentences, s)
	}
	for i, p := range pieces {
		if len(p.sentences) != want[i] {
			return nil, t.errorAt(i+1, 5, fmt.Errorf("%d sentences, but %s has %d", want[i], labelsFile, len(p.sentences)))
		}
	}
	return pieces, nil
}

// parseSpan reads "title" or "START:END".
func (s *newsSentence) parseSpan(text string) error {
	if text == "title" {
		s.title = true
		return nil
	}
	a, b, _ := strings.Cut(text, ":")
	start, errStart := strconv.ParseUint(a, 10, 31)
	end, errEnd := strconv.ParseUint(b, 10, 31)
	if errStart != nil || errEnd != nil || start >= end {
		return fmt.Errorf("span %q, want title or START:END", text)
	}
	s.start, s.end = int(start), int(end)
	return nil
}

// parseNewsVotes reads labels with one space between them, or SKIP where an
// annotator gave none.
func parseNewsVotes(text string) ([]stance.Label, error) {
	names := strings.Split(text, " ")
	votes := make([]stance.Label, len(names))
	for i, name := range names {
		if name == "SKIP" {
			continue
		}
		var err error
		if votes[i], err = stance.ParseLabel(name); err != nil {
			return nil, fmt.Errorf("vote %d: %w", i+1, err)
		}
	}
	return votes, nil
}

// joinNews reads the texts and returns the pieces with their sentences.
func joinNews(labels []newsLabels, fsys fs.FS) (*NewsCorpus, error) {
	corpus := new(NewsCorpus)
	var wrong []error
	for _, l := range labels {
		p, errs := l.join(fsys)
		wrong = append(wrong, errs...)
		switch {
		case len(p.Sentences) == 0:
		case l.train:
			corpus.Train = append(corpus.Train, p)
		default:
			corpus.Dev = append(corpus.Dev, p)
		}
	}
	return corpus, errors.Join(wrong...)
}

// join returns the piece with the sentences that are the recorded ones, and an
// error for each that is not or one for all of them.
func (l *newsLabels) join(fsys fs.FS) (NewsPiece, []error) {
	p := NewsPiece{Document: Document{ID: l.id}, Source: l.source, Date: l.date}
	article, err := readNews(fsys, l.file)
	if err != nil {
		var place *ParseError
		if !errors.As(err, &place) {
			place = &ParseError{File: l.file, Err: err}
		}
		place.Err = fmt.Errorf("piece %s: %w", l.id, place.Err)
		return p, []error{place}
	}
	var wrong []error
	for _, s := range l.sentences {
		text, err := article.sentence(s)
		if err != nil {
			wrong = append(wrong, &ParseError{File: l.file, Err: fmt.Errorf("piece %s, sentence %s: %w", l.id, s.id, err)})
			continue
		}
		if s.title {
			p.Headline = true
		}
		p.add(Sentence{ID: s.id, Label: s.label, Votes: append([]stance.Label(nil), s.votes...), Text: text})
	}
	return p, wrong
}

// add appends a sentence to the text, as join does for passages.
func (d *Document) add(s Sentence) {
	switch {
	case len(d.Sentences) == 0:
	case len(d.Sentences) == 1 && d.Headline:
		d.Text += "\n\n"
	default:
		d.Text += " "
	}
	s.Start = len(d.Text)
	d.Text += s.Text
	s.End = len(d.Text)
	d.Sentences = append(d.Sentences, s)
}

// newsArticle is what is needed of a file of the public data set. A value that
// is missing or no string has an error in its place.
type newsArticle struct {
	title                string
	content              []rune
	titleErr, contentErr error
}

// sentence returns a sentence in its normal form if it is the recorded one.
func (a *newsArticle) sentence(s newsSentence) (string, error) {
	raw, place, err := a.title, "the title", a.titleErr
	if !s.title {
		place, err = fmt.Sprintf("characters %d to %d of content_original", s.start, s.end), a.contentErr
		switch {
		case err != nil:
		case s.end > len(a.content):
			err = fmt.Errorf("want %s, which has %d", place, len(a.content))
		default:
			raw = string(a.content[s.start:s.end])
		}
	}
	if err != nil {
		return "", err
	}
	text := foldSpace(raw)
	if got := fingerprint([]byte(text)); got != s.sha256 {
		return "", fmt.Errorf("%s: the SHA-256 with white space folded is %s, want %s", place, got, s.sha256)
	}
	return text, nil
}

// foldSpace returns the normal form whose SHA-256 is recorded: runs of white
// space as one space, none at the ends.
func foldSpace(s string) string { return strings.Join(strings.Fields(s), " ") }

// readNews reads a file of the public data set. Whatever the JSON decoder makes
// of the rest of the file does no harm, for every sentence has its checksum.
func readNews(fsys fs.FS, name string) (*newsArticle, error) {
	f, err := fsys.Open(name)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err // the name stands before it
		}
		return nil, err
	}
	defer f.Close()
	s, err := load(f, name, UTF8, false, maxNewsBytes)
	if err != nil {
		return nil, err
	}
	return parseNewsArticle(name, s)
}

func parseNewsArticle(name, s string) (*newsArticle, error) {
	fail := func(i int, err error) (*newsArticle, error) {
		line := 1 + strings.Count(s[:i], "\n")
		return nil, &ParseError{File: name, Line: line, Column: i - strings.LastIndexByte(s[:i], '\n'), Err: err}
	}
	if i := invalidUTF8(s); i >= 0 {
		return fail(i, fmt.Errorf("byte 0x%02X is not valid UTF-8", s[i]))
	}
	// A map has the keys as they are; a struct would take "Title" for "title".
	var object map[string]json.RawMessage
	if err := json.Unmarshal([]byte(s), &object); err != nil {
		var syntax *json.SyntaxError
		switch {
		case errors.As(err, &syntax) && strings.HasPrefix(err.Error(), "invalid character"):
			return fail(int(syntax.Offset)-1, err) // the number of bytes read, this one included
		case errors.As(err, &syntax):
			return fail(len(s), err)
		}
		return fail(0, errors.New("want a JSON object"))
	}
	a := new(newsArticle)
	a.title, a.titleErr = textOf(object, "title")
	content, err := textOf(object, "content_original")
	a.content, a.contentErr = []rune(content), err
	return a, nil
}

// textOf returns the string that a key of a JSON object has.
func textOf(object map[string]json.RawMessage, key string) (string, error) {
	raw, ok := object[key]
	if !ok {
		return "", fmt.Errorf("no key %q", key)
	}
	var s string
	if !bytes.HasPrefix(raw, []byte(`"`)) {
		return "", fmt.Errorf("the value of %q is not a string", key)
	}
	err := json.Unmarshal(raw, &s)
	return s, err
}
