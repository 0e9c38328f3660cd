package data

import (
	_ "embed"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"example.org/metoostance/stance"
)

var (
	//go:embed gold/sentences.tsv
	sentencesTSV string
	//go:embed gold/passages.tsv
	passagesTSV string
	//go:embed gold/GUIDELINES.md
	guidelines string
	//go:embed DATASHEET.md
	datasheet string
)

// Guidelines returns the annotation guidelines, in Markdown: what every
// annotator of the gold corpus worked from, and the definition of the labels.
func Guidelines() string { return guidelines }

// Datasheet returns the datasheet of the gold corpus, in Markdown: how it was
// made and labelled, how far annotators agreed, its licence, and what it must
// not be used for.
func Datasheet() string { return datasheet }

// Sentence is a labelled sentence.
type Sentence struct {
	// ID is unique within its corpus.
	ID string
	// Label is the gold label: what most of the annotators chose. Where no
	// label has more votes than every other it is NONE, as the guidelines say
	// (one sentence of the gold corpus, none of the articles).
	Label stance.Label
	// Votes are the annotators' labels. Lone sentences have three: author,
	// blind annotator A, blind annotator B. Sentences of passages have those of
	// author and blind annotator and, only where the two differed, that of a
	// third. Sentences of articles have three, of annotators blind to each
	// other.
	Votes []stance.Label
	// Text is the sentence as it stands in its source.
	Text string
	// Start and End are the byte offsets of Text in [Document.Text]; a lone
	// sentence has 0 and its length.
	Start, End int
}

// LoneSentence is a sentence of the gold corpus that stands in no text.
type LoneSentence struct {
	Sentence
	// Group is shared by contrast pairs and near-duplicates and is never
	// empty. A group must not be split between training and test data.
	Group string
	// Register is the kind of writing: column, post, comment, news,
	// professional, essay or speech.
	Register string
	// Theme is a free keyword of the author's ("workplace", "due-process").
	// Spellings were not harmonised.
	Theme string
}

// Document is a text with its labelled sentences.
type Document struct {
	// ID is unique within its corpus. For an article it is the file's name.
	ID string
	// Text is the whole text. Of a passage it is the headline, a blank line,
	// and the sentences with one space between them; of an article the file,
	// byte for byte.
	Text string
	// Headline reports whether Sentences[0] is known to be the headline. It is
	// true of every passage and false of the articles, in which headlines are
	// not marked.
	Headline bool
	// Genre is the kind of text: column, news, blog, letter, editorial,
	// explainer, student or panel, and of [Press] also feature, interview,
	// review and speech. Articles have none.
	Genre string
	// Lean is the stance of the whole passage. Articles are [stance.Unlabelled].
	Lean stance.Label
	// Sentences are in the order of the text and do not overlap. In articles
	// not every byte belongs to a sentence.
	Sentences []Sentence
}

// Examples returns the sentences as examples, in order. Group and Document
// are the document's ID, for a text must not be split between training and
// test data.
func (d Document) Examples() []stance.Example {
	examples := make([]stance.Example, len(d.Sentences))
	for i, s := range d.Sentences {
		examples[i] = stance.Example{ID: s.ID, Text: s.Text, Label: s.Label, Group: d.ID, Document: d.ID}
	}
	return examples
}

// Corpus is the gold corpus.
type Corpus struct {
	// Lone are the 2,000 sentences that stand alone, written to be hard.
	Lone []LoneSentence
	// Passages are the 549 passages, 6,630 sentences, written to be natural.
	Passages []Document
}

// Examples returns all sentences as examples: the lone ones in order, whose
// Group is [LoneSentence.Group], then those of the passages as
// [Document.Examples] gives them.
func (c *Corpus) Examples() []stance.Example {
	n := len(c.Lone)
	for _, d := range c.Passages {
		n += len(d.Sentences)
	}
	examples := make([]stance.Example, 0, n)
	for _, s := range c.Lone {
		examples = append(examples, stance.Example{ID: s.ID, Text: s.Text, Label: s.Label, Group: s.Group})
	}
	for _, d := range c.Passages {
		examples = append(examples, d.Examples()...)
	}
	return examples
}

// clone returns a copy that shares no slice with c.
func (c *Corpus) clone() *Corpus {
	k := &Corpus{Lone: slices.Clone(c.Lone), Passages: slices.Clone(c.Passages)}
	for i := range k.Lone {
		k.Lone[i].Votes = slices.Clone(k.Lone[i].Votes)
	}
	for i := range k.Passages {
		k.Passages[i].Sentences = slices.Clone(k.Passages[i].Sentences)
		for j := range k.Passages[i].Sentences {
			s := &k.Passages[i].Sentences[j]
			s.Votes = slices.Clone(s.Votes)
		}
	}
	return k
}

var decodeGold = sync.OnceValues(func() (*Corpus, error) {
	lone, err := parseLone("gold/sentences.tsv", sentencesTSV)
	if err != nil {
		return nil, err
	}
	passages, err := parsePassages("gold/passages.tsv", passagesTSV, 2, 3)
	if err != nil {
		return nil, err
	}
	return &Corpus{Lone: lone, Passages: passages}, nil
})

// Gold returns the gold corpus. It is decoded once; every call returns a copy
// of its own, which the caller may change.
func Gold() *Corpus {
	c, err := decodeGold()
	if err != nil {
		panic("data: the embedded corpus is damaged: " + err.Error())
	}
	return c.clone()
}

var errEmptyField = errors.New("empty field")

// parseOwn reads a file of this package's own making: tab-separated, with
// exactly these columns, no field empty, no ID (the first column) twice.
func parseOwn(file, content string, columns ...string) (*table, error) {
	t, err := parseTable(file, content, tabSeparated)
	if err != nil {
		return nil, err
	}
	if err := t.requireHeader(columns...); err != nil {
		return nil, err
	}
	seen := newIDs()
	for i := 1; i < t.rows(); i++ {
		row := t.row(i)
		for j, c := range row {
			if c.text == "" {
				return nil, t.errorAt(i, j, errEmptyField)
			}
		}
		if err := seen.add(row[0].text, row[0].line); err != nil {
			return nil, t.errorAt(i, 0, err)
		}
	}
	return t, nil
}

// ids remembers the line on which each ID stood first.
type ids map[string]int

func newIDs() ids { return make(ids) }

func (s ids) add(id string, line int) error {
	if first, ok := s[id]; ok {
		return fmt.Errorf("duplicate id %q (first in line %d)", id, first)
	}
	s[id] = line
	return nil
}

// label reads the label in field column, counted from 0, of row i.
func (t *table) label(i, column int) (stance.Label, error) {
	l, err := stance.ParseLabel(t.row(i)[column].text)
	if err != nil {
		return stance.Unlabelled, t.errorAt(i, column, err)
	}
	return l, nil
}

// votes reads least to most labels with one space between them.
func (t *table) votes(i, column, least, most int) ([]stance.Label, error) {
	names := strings.Split(t.row(i)[column].text, " ")
	if len(names) < least || len(names) > most {
		want := strconv.Itoa(least)
		if most != least {
			want += " or " + strconv.Itoa(most)
		}
		return nil, t.errorAt(i, column, fmt.Errorf("%d votes, want %s", len(names), want))
	}
	votes := make([]stance.Label, len(names))
	for j, name := range names {
		l, err := stance.ParseLabel(name)
		if err != nil {
			return nil, t.errorAt(i, column, fmt.Errorf("vote %d: %w", j+1, err))
		}
		votes[j] = l
	}
	return votes, nil
}

func parseLone(file, content string) ([]LoneSentence, error) {
	t, err := parseOwn(file, content, "id", "label", "votes", "group", "register", "theme", "text")
	if err != nil {
		return nil, err
	}
	lone := make([]LoneSentence, 0, t.rows()-1)
	for i := 1; i < t.rows(); i++ {
		row := t.row(i)
		label, err := t.label(i, 1)
		if err != nil {
			return nil, err
		}
		votes, err := t.votes(i, 2, 3, 3)
		if err != nil {
			return nil, err
		}
		text := row[6].text
		lone = append(lone, LoneSentence{
			Sentence: Sentence{ID: row[0].text, Label: label, Votes: votes, Text: text, End: len(text)},
			Group:    row[3].text, Register: row[4].text, Theme: row[5].text,
		})
	}
	return lone, nil
}

// parsePassages reads passages whose sentences have least to most votes.
func parsePassages(file, content string, least, most int) ([]Document, error) {
	t, err := parseOwn(file, content, "id", "label", "votes", "genre", "lean", "text")
	if err != nil {
		return nil, err
	}
	var passages []Document
	seen := newIDs()
	for i := 1; i < t.rows(); i++ {
		row := t.row(i)
		id := row[0].text
		dash := strings.LastIndexByte(id, '-')
		if dash < 1 {
			return nil, t.errorAt(i, 0, fmt.Errorf("id %q, want passage-NN", id))
		}
		lean, err := t.label(i, 4)
		if err != nil {
			return nil, err
		}
		n := len(passages)
		if n == 0 || passages[n-1].ID != id[:dash] {
			if err := seen.add(id[:dash], row[0].line); err != nil {
				return nil, t.errorAt(i, 0, fmt.Errorf("the sentences of a passage must follow one another: %w", err))
			}
			passages = append(passages, Document{ID: id[:dash], Headline: true, Genre: row[3].text, Lean: lean})
			n++
		}
		d := &passages[n-1]
		if want := fmt.Sprintf("%s-%02d", d.ID, len(d.Sentences)); id != want {
			return nil, t.errorAt(i, 0, fmt.Errorf("id %q, want %q", id, want))
		}
		if row[3].text != d.Genre {
			return nil, t.errorAt(i, 3, fmt.Errorf("genre %q, want %q as in the passage's first row", row[3].text, d.Genre))
		}
		if lean != d.Lean {
			return nil, t.errorAt(i, 4, fmt.Errorf("lean %v, want %v as in the passage's first row", lean, d.Lean))
		}
		label, err := t.label(i, 1)
		if err != nil {
			return nil, err
		}
		votes, err := t.votes(i, 2, least, most)
		if err != nil {
			return nil, err
		}
		d.Sentences = append(d.Sentences, Sentence{ID: id, Label: label, Votes: votes, Text: row[5].text})
	}
	for i := range passages {
		passages[i].join()
	}
	return passages, nil
}

// join makes Text of the sentences and sets their offsets.
func (d *Document) join() {
	var b strings.Builder
	for i := range d.Sentences {
		switch i {
		case 0:
		case 1:
			b.WriteString("\n\n")
		default:
			b.WriteByte(' ')
		}
		s := &d.Sentences[i]
		s.Start = b.Len()
		b.WriteString(s.Text)
		s.End = b.Len()
	}
	d.Text = b.String()
}
