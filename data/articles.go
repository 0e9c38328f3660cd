package data

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"

	"example.org/metoostance/stance"
)

var (
	//go:embed articles/documents.tsv
	articleDocumentsTSV string
	//go:embed articles/labels.tsv
	articleLabelsTSV string
)

// TextError says that a file is missing or is not, byte for byte, the text
// that stand-off labels were made for.
type TextError struct {
	// File is the name under which the text was looked for.
	File string
	// WantBytes and WantSHA256 (hexadecimal) describe the text that is wanted.
	WantBytes  int
	WantSHA256 string
	// Err says what is the matter. It wraps the error of the file system when
	// the file could not be read, so that errors.Is(err, fs.ErrNotExist) works.
	Err error
}

func (e *TextError) Error() string {
	return fmt.Sprintf("%s: %v (want the text of %d bytes with SHA-256 %s)", e.File, e.Err, e.WantBytes, e.WantSHA256)
}

func (e *TextError) Unwrap() error { return e.Err }

// Articles returns the gold labels of three published opinion articles, joined
// with their texts, which belong to the newspapers and are not part of this
// package. fsys is the folder in which you keep them, for example
// os.DirFS("articles"), under these names:
//
//	000_757f0f3c47ae9802.txt
//	001_d9f360e35e23f00d.txt
//	002_16052e783ff02079.txt
//
// The labels hold byte offsets into the files as they were when they were
// labelled. Each file must therefore have the recorded length and SHA-256, and
// each sentence the recorded SHA-256 of its own. A text that is missing or
// altered is a [*TextError]; all that are wrong are reported together (joined
// as by [errors.Join]) and no document is returned.
//
// The articles are test data: look at figures on them last.
func Articles(fsys fs.FS) ([]Document, error) {
	set, err := parseStandOff("articles/documents.tsv", articleDocumentsTSV, "articles/labels.tsv", articleLabelsTSV)
	if err != nil {
		panic("data: the embedded labels are damaged: " + err.Error())
	}
	return set.join(fsys)
}

// standOff are labels that point into texts kept elsewhere.
type standOff struct {
	documents []standOffDocument
}

type standOffDocument struct {
	name   string
	bytes  int
	sha256 string
	spans  []standOffSpan
}

type standOffSpan struct {
	id         string
	start, end int
	sha256     string
	label      stance.Label
	votes      []stance.Label
	// place is where sha256 stands in the label file, for errors.
	place ParseError
}

// parseStandOff reads the two tables of stand-off labels and checks that they
// agree: every span belongs to a document and lies in it, spans follow one
// another without overlap, and there are as many as the document says.
func parseStandOff(documentsFile, documents, labelsFile, labels string) (*standOff, error) {
	t, err := parseOwn(documentsFile, documents, "doc", "bytes", "sha256", "sentences")
	if err != nil {
		return nil, err
	}
	set := &standOff{}
	index := make(map[string]int)
	want := make([]int, 0, t.rows()-1)
	for i := 1; i < t.rows(); i++ {
		row := t.row(i)
		if !fs.ValidPath(row[0].text) {
			return nil, t.errorAt(i, 0, fmt.Errorf("%q is not a file name", row[0].text))
		}
		size, err := t.number(i, 1)
		if err != nil {
			return nil, err
		}
		if err := t.checkSHA256(i, 2); err != nil {
			return nil, err
		}
		sentences, err := t.number(i, 3)
		if err != nil {
			return nil, err
		}
		index[row[0].text] = len(set.documents)
		want = append(want, sentences)
		set.documents = append(set.documents, standOffDocument{name: row[0].text, bytes: size, sha256: row[2].text})
	}
	l, err := parseOwn(labelsFile, labels, "id", "doc", "start", "end", "sha256", "label", "votes")
	if err != nil {
		return nil, err
	}
	for i := 1; i < l.rows(); i++ {
		row := l.row(i)
		k, ok := index[row[1].text]
		if !ok {
			return nil, l.errorAt(i, 1, fmt.Errorf("document %q is not in %s", row[1].text, documentsFile))
		}
		d := &set.documents[k]
		s := standOffSpan{id: row[0].text, sha256: row[4].text,
			place: ParseError{File: labelsFile, Line: row[4].line, Column: 5}}
		if s.start, err = l.number(i, 2); err != nil {
			return nil, err
		}
		if s.end, err = l.number(i, 3); err != nil {
			return nil, err
		}
		if n := len(d.spans); n > 0 && s.start < d.spans[n-1].end {
			return nil, l.errorAt(i, 2, fmt.Errorf("start %d before the end of the sentence before it, %d", s.start, d.spans[n-1].end))
		}
		if s.end <= s.start || s.end > d.bytes {
			return nil, l.errorAt(i, 3, fmt.Errorf("end %d, want more than %d and at most %d", s.end, s.start, d.bytes))
		}
		if err := l.checkSHA256(i, 4); err != nil {
			return nil, err
		}
		if s.label, err = l.label(i, 5); err != nil {
			return nil, err
		}
		if s.votes, err = l.votes(i, 6, 3, 3); err != nil {
			return nil, err
		}
		d.spans = append(d.spans, s)
	}
	for i, d := range set.documents {
		if len(d.spans) != want[i] {
			return nil, t.errorAt(i+1, 3, fmt.Errorf("%d sentences, but %s has %d", want[i], labelsFile, len(d.spans)))
		}
	}
	return set, nil
}

// number reads a count or an offset.
func (t *table) number(i, column int) (int, error) {
	n, err := strconv.ParseUint(t.row(i)[column].text, 10, 31)
	if err != nil {
		return 0, t.errorAt(i, column, fmt.Errorf("%q is not a whole number", t.row(i)[column].text))
	}
	return int(n), nil
}

// checkSHA256 checks that a field holds a checksum as fingerprint writes it.
func (t *table) checkSHA256(i, column int) error {
	text := t.row(i)[column].text
	sum, err := hex.DecodeString(text)
	if err != nil || len(sum) != sha256.Size || hex.EncodeToString(sum) != text {
		return t.errorAt(i, column, fmt.Errorf("%q is not a SHA-256 in lower-case hexadecimal", text))
	}
	return nil
}

// join reads the texts and returns them with their labelled sentences.
func (set *standOff) join(fsys fs.FS) ([]Document, error) {
	var documents []Document
	var wrong []error
	for _, d := range set.documents {
		text, err := d.read(fsys)
		if err != nil {
			wrong = append(wrong, &TextError{File: d.name, WantBytes: d.bytes, WantSHA256: d.sha256, Err: err})
			continue
		}
		doc := Document{ID: d.name, Text: text, Sentences: make([]Sentence, 0, len(d.spans))}
		for _, s := range d.spans {
			span := text[s.start:s.end]
			if got := fingerprint([]byte(span)); got != s.sha256 {
				place := s.place
				place.Err = fmt.Errorf("bytes %d to %d of %s have SHA-256 %s, want %s", s.start, s.end, d.name, got, s.sha256)
				wrong = append(wrong, &place)
				continue
			}
			doc.Sentences = append(doc.Sentences, Sentence{
				ID: s.id, Label: s.label, Votes: append([]stance.Label(nil), s.votes...),
				Text: span, Start: s.start, End: s.end,
			})
		}
		documents = append(documents, doc)
	}
	if len(wrong) > 0 {
		return nil, errors.Join(wrong...)
	}
	return documents, nil
}

// read returns the text when it is the one that was labelled.
func (d *standOffDocument) read(fsys fs.FS) (string, error) {
	f, err := fsys.Open(d.name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	// CRLF line ends can at most double a text and a byte-order mark adds three
	// bytes; of a file that is longer still nothing more need be known.
	limit := 2*d.bytes + 3
	got, err := io.ReadAll(io.LimitReader(f, int64(limit)+1))
	if err != nil {
		return "", err
	}
	sum := fingerprint(got)
	switch {
	case len(got) == d.bytes && sum == d.sha256:
		return string(got), nil
	case len(got) > limit:
		return "", fmt.Errorf("another file: more than %d bytes", limit)
	case d.repairable(got) != "":
		return "", fmt.Errorf("altered: it has %s; without that it is the text", d.repairable(got))
	case len(got) != d.bytes:
		return "", fmt.Errorf("altered: %d bytes, SHA-256 %s", len(got), sum)
	}
	return "", fmt.Errorf("altered: the length is right but the SHA-256 is %s", sum)
}

// repairable names what an editor or a checkout did to the text when undoing
// it would restore the text, and returns "" when it would not.
func (d *standOffDocument) repairable(got []byte) string {
	bom := []byte("\uFEFF")
	crlf, lf := []byte("\r\n"), []byte("\n")
	for _, r := range []struct {
		name string
		undo func([]byte) []byte
	}{
		{"CRLF line ends", func(b []byte) []byte { return bytes.ReplaceAll(b, crlf, lf) }},
		{"a byte-order mark", func(b []byte) []byte { return bytes.TrimPrefix(b, bom) }},
		{"a line end added at its end", func(b []byte) []byte {
			return bytes.TrimSuffix(bytes.TrimSuffix(b, lf), []byte("\r"))
		}},
		{"CRLF line ends and a byte-order mark", func(b []byte) []byte {
			return bytes.ReplaceAll(bytes.TrimPrefix(b, bom), crlf, lf)
		}},
	} {
		if b := r.undo(got); len(b) == d.bytes && fingerprint(b) == d.sha256 {
			return r.name
		}
	}
	return ""
}

// fingerprint returns the SHA-256 of b in lower-case hexadecimal.
func fingerprint(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
