package features

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/clipperhouse/uax29/v2/sentences"
	"github.com/stretchr/testify/require"
)

// segCounts are the pooled counts of a comparison of found with gold spans.
//
// A boundary is the offset at which a sentence starts; the first sentence of a
// text starts wherever the text does and is not counted. A boundary is right if
// a gold sentence starts at the same byte. A span is right if a gold sentence
// starts and ends at the same bytes.
type segCounts struct {
	boundariesRight, boundariesFound, boundariesGold int
	spansRight, spansFound, spansGold                int
}

// add compares the spans found in one text with its gold spans.
func (c *segCounts) add(found, gold []Span) {
	starts := make(map[int]bool)
	spans := make(map[Span]bool)
	for i, g := range gold {
		spans[g] = true
		if i > 0 {
			starts[g.Start] = true
		}
	}
	for i, f := range found {
		if spans[f] {
			c.spansRight++
		}
		if i > 0 && starts[f.Start] {
			c.boundariesRight++
		}
	}
	c.boundariesFound += max(0, len(found)-1)
	c.boundariesGold += max(0, len(gold)-1)
	c.spansFound += len(found)
	c.spansGold += len(gold)
}

// plus returns the sum of two counts.
func (c segCounts) plus(d segCounts) segCounts {
	return segCounts{
		c.boundariesRight + d.boundariesRight, c.boundariesFound + d.boundariesFound, c.boundariesGold + d.boundariesGold,
		c.spansRight + d.spansRight, c.spansFound + d.spansFound, c.spansGold + d.spansGold,
	}
}

// segScores are precision, recall and F1; a ratio without denominator is 0.
type segScores struct{ precision, recall, f1 float64 }

func segScoresOf(right, found, gold int) segScores {
	ratio := func(a, b int) float64 {
		if b == 0 {
			return 0
		}
		return float64(a) / float64(b)
	}
	return segScores{ratio(right, found), ratio(right, gold), ratio(2*right, found+gold)}
}

func (c segCounts) boundaries() segScores {
	return segScoresOf(c.boundariesRight, c.boundariesFound, c.boundariesGold)
}

func (c segCounts) spans() segScores {
	return segScoresOf(c.spansRight, c.spansFound, c.spansGold)
}

func (c segCounts) String() string {
	b, s := c.boundaries(), c.spans()
	return fmt.Sprintf("boundaries (%d gold) P %.3f R %.3f F1 %.3f; exact spans (%d gold) P %.3f R %.3f F1 %.3f",
		c.boundariesGold, b.precision, b.recall, b.f1, c.spansGold, s.precision, s.recall, s.f1)
}

func TestSegCounts(t *testing.T) {
	var c segCounts
	// Gold starts 0, 4, 9, 12. Found 4 and 10: one of two boundaries is right,
	// one of three spans (4 to 8 has the wrong start, 0 to 3 is right).
	c.add([]Span{{0, 3}, {4, 9}, {10, 15}}, []Span{{0, 3}, {4, 8}, {9, 11}, {12, 15}})
	require.Equal(t, segCounts{1, 2, 3, 1, 3, 4}, c)
	require.InDelta(t, 0.5, c.boundaries().precision, 1e-12)
	require.InDelta(t, 1./3, c.boundaries().recall, 1e-12)
	require.InDelta(t, 0.4, c.boundaries().f1, 1e-12)
	require.Equal(t, segScores{}, segCounts{}.spans(), "0/0 is 0")
}

// segUnicodeBoundaries returns the boundaries of UAX #29, without the first.
func segUnicodeBoundaries(text string) (ends []int) {
	for it := sentences.FromString(text); it.Next(); {
		ends = append(ends, it.End())
	}
	return ends
}

// segUnicode splits a text by UAX #29 alone, as the baseline.
func segUnicode(text string) (spans []Span) {
	start := 0
	for _, end := range segUnicodeBoundaries(text) {
		start = segSkipSpace(text, start)
		if trimmed := end - segTrailingSpace(text[:end]); trimmed > start {
			spans = append(spans, Span{start, trimmed})
		}
		start = end
	}
	return spans
}

// segShared returns the path of a file of the data that does not belong to the
// repository, and skips the test if it is absent.
func segShared(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "shared", "data", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("%s is absent: the texts are not part of the repository (%v)", name, err)
	}
	return path
}

// segTable reads a tab-separated file and returns its rows without the header.
func segTable(t *testing.T, path string) [][]string {
	t.Helper()
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(data), "\n"), "\n")
	rows := make([][]string, 0, len(lines))
	for _, line := range lines[1:] {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\r"), "\t"))
	}
	return rows
}

// segDocument is a text with its gold sentences.
type segDocument struct {
	name string
	text string
	gold []Span
}

// write adds a sentence behind a separator.
func (d *segDocument) write(separator, sentence string) {
	if d.text != "" {
		d.text += separator
	}
	d.gold = append(d.gold, Span{len(d.text), len(d.text) + len(sentence)})
	d.text += sentence
}

// segGroups groups rows by the part of the id before its last "-", in order.
func segGroups(rows [][]string) (groups [][][]string) {
	last := ""
	for _, row := range rows {
		name := row[0][:strings.LastIndexByte(row[0], '-')]
		if name != last {
			groups = append(groups, nil)
			last = name
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], row)
	}
	return groups
}

// segWrapped breaks a paragraph into lines of at most width characters.
func segWrapped(d segDocument, width int) segDocument {
	b := []byte(d.text)
	column, space := 0, -1
	for i, r := range d.text {
		switch {
		case r == '\n':
			column, space = 0, -1
			continue
		case r == ' ':
			space = i
		}
		if column++; column > width && space >= 0 {
			b[space] = '\n'
			column = len([]rune(d.text[space+1 : i+1]))
			space = -1
		}
	}
	d.text = string(b)
	return d
}

// segPassages builds documents of the gold passages: the headline on a line of
// its own if headlines is true, and the sentences with a separator between.
func segPassages(rows [][]string, separator string, headlines bool) (documents []segDocument) {
	for _, group := range segGroups(rows) {
		d := segDocument{name: group[0][0]}
		for i, row := range group {
			sep := separator
			if i == 1 && headlines {
				sep = "\n\n"
			}
			d.write(sep, row[len(row)-1])
		}
		documents = append(documents, d)
	}
	return documents
}

// segEvaluate pools the counts over documents.
func segEvaluate(documents []segDocument, split func(string) []Span) (c segCounts) {
	for _, d := range documents {
		c.add(split(d.text), d.gold)
	}
	return c
}

// TestSegmentationOnGold measures on the passages of the gold corpus, laid out
// in the ways in which texts reach us. The rules were developed on it, so that
// these are development figures.
func TestSegmentationOnGold(t *testing.T) {
	path := filepath.Join("..", "data", "gold", "passages.tsv")
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the gold corpus is absent: %v", err)
	}
	rows := segTable(t, path)
	wrapped := segPassages(rows, " ", true)
	for i := range wrapped {
		wrapped[i] = segWrapped(wrapped[i], 72)
	}
	for _, layout := range []struct {
		name      string
		documents []segDocument
		floor     float64 // of the F1 of boundaries
	}{
		{"headline, then prose", segPassages(rows, " ", true), 0.995},
		{"one sentence per line", segPassages(rows, "\n", false), 0.995},
		{"wrapped at 72 columns", wrapped, 0.995},
		{"one paragraph, no spaces between", segPassages(rows, "", false), 0.99},
	} {
		t.Run(layout.name, func(t *testing.T) {
			c := segEvaluate(layout.documents, Sentences)
			t.Log("this package:", c)
			t.Log("UAX #29:     ", segEvaluate(layout.documents, segUnicode))
			require.GreaterOrEqual(t, c.boundaries().f1, layout.floor)
		})
	}
}

// segNews rebuilds the published pieces from their sentences and the gaps
// between them: one character is a space, more are a blank line. Where a
// sentence is missing a new document begins.
func segNews(t *testing.T, separator string) (documents []segDocument) {
	offsets := make(map[string][]Span)
	for _, row := range segTable(t, segShared(t, "news/offsets.tsv")) {
		for field := range strings.FieldsSeq(row[2]) {
			start, end, _ := strings.Cut(field, ":")
			a, err := strconv.Atoi(start)
			require.NoError(t, err)
			b, err := strconv.Atoi(end)
			require.NoError(t, err)
			offsets[row[0]] = append(offsets[row[0]], Span{a, b})
		}
	}
	for _, name := range []string{"news/train.tsv", "news/dev.tsv"} {
		for _, group := range segGroups(segTable(t, segShared(t, name))) {
			piece, _, _ := strings.Cut(group[0][0], "-")
			d := segDocument{name: piece}
			last := 0
			for _, row := range group {
				n, err := strconv.Atoi(row[0][len(piece)+1:])
				require.NoError(t, err)
				if n == 0 {
					continue // the headline
				}
				sep := separator
				if n != last+1 {
					if len(d.gold) > 0 {
						documents = append(documents, d)
					}
					d = segDocument{name: row[0]}
				} else if o := offsets[piece]; n > 1 && sep != "" && o[n-1].Start-o[n-2].End > 1 {
					sep = "\n\n"
				}
				d.write(sep, row[len(row)-1])
				last = n
			}
			documents = append(documents, d)
		}
	}
	return documents
}

// TestSegmentationOnNews measures on published prose, whose sentences were
// found by a program and not corrected, so that the figures are agreement with
// that program. The rules were developed on it too.
func TestSegmentationOnNews(t *testing.T) {
	for _, layout := range []struct {
		name, separator string
		floor           float64 // of the F1 of boundaries
	}{
		{"as published", " ", 0.99},
		{"no spaces between", "", 0.975},
	} {
		t.Run(layout.name, func(t *testing.T) {
			documents := segNews(t, layout.separator)
			c := segEvaluate(documents, Sentences)
			t.Log("this package:", c)
			t.Log("UAX #29:     ", segEvaluate(documents, segUnicode))
			require.GreaterOrEqual(t, c.boundaries().f1, layout.floor)
		})
	}
}

// segArticles reads the articles with their gold sentences. What a gold
// annotation leaves out of a text belongs to no gold sentence.
func segArticles(t *testing.T) (documents []segDocument) {
	texts := segShared(t, "articles/texts")
	spans := make(map[string][]Span)
	for _, row := range segTable(t, segShared(t, "articles/labels.tsv")) {
		start, err := strconv.Atoi(row[2])
		require.NoError(t, err)
		end, err := strconv.Atoi(row[3])
		require.NoError(t, err)
		spans[row[1]] = append(spans[row[1]], Span{start, end})
	}
	for _, row := range segTable(t, segShared(t, "articles/documents.tsv")) {
		text, err := os.ReadFile(filepath.Join(texts, row[0]))
		require.NoError(t, err)
		require.Equal(t, row[2], fmt.Sprintf("%x", sha256.Sum256(text)), "%s is not the text that was annotated", row[0])
		documents = append(documents, segDocument{row[0], string(text), spans[row[0]]})
	}
	return documents
}

// TestSegmentationOnArticles measures on the articles that are kept apart for
// testing: no rule was made or changed in view of their texts or of the errors
// on them. It was known beforehand that one has lost the line breaks between
// its label, headline, date and first sentence.
func TestSegmentationOnArticles(t *testing.T) {
	documents := segArticles(t)
	var total, unicode segCounts
	for _, d := range documents {
		c := segEvaluate([]segDocument{d}, Sentences)
		t.Log(d.name, c)
		total = total.plus(c)
		unicode = unicode.plus(segEvaluate([]segDocument{d}, segUnicode))
	}
	t.Log("all articles:", total)
	t.Log("UAX #29:     ", unicode)
	require.GreaterOrEqual(t, total.boundaries().f1, 0.98)
	require.GreaterOrEqual(t, total.spans().f1, 0.98)

	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	b, s := total.boundaries(), total.spans()
	require.Contains(t, strings.Join(strings.Fields(string(readme)), " "), fmt.Sprintf(
		"precision %.3f, recall %.3f; spans with both ends right: precision %.3f, recall %.3f. UAX #29 alone has F1 %.3f and %.3f.",
		b.precision, b.recall, s.precision, s.recall, unicode.boundaries().f1, unicode.spans().f1), "the README's figures are stale")
}
