package data

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/stance"
)

// shared returns the path of a file or folder of data that is not part of the
// repository, and skips the test where it is missing.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	path := filepath.Join(append([]string{"..", "..", "shared", "data"}, elem...)...)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs data that is not in the repository: %v", err)
	}
	return path
}

// counts are the numbers of FAVOR, AGAINST and NONE.
func counts(examples []stance.Example) [stance.NumLabels]int {
	var n [stance.NumLabels]int
	for _, e := range examples {
		n[e.Label-stance.Favor]++
	}
	return n
}

// majority returns the label that has more votes than each other, or NONE.
func majority(votes []stance.Label) stance.Label {
	var v stance.Values
	for _, l := range votes {
		v[l-stance.Favor]++
	}
	best, tie := stance.None, false
	for _, l := range stance.Labels() {
		if l != stance.None && v.Of(l) > v.Of(best) {
			best = l
		}
	}
	for _, l := range stance.Labels() {
		tie = tie || l != best && v.Of(l) == v.Of(best)
	}
	if tie {
		return stance.None
	}
	return best
}

// alpha is Krippendorff's alpha for nominal data, by the coincidence matrix
// (K. Krippendorff, Content Analysis, 3rd ed., 2013, section 12.3).
func alpha(units [][]stance.Label) float64 {
	var o [stance.NumLabels][stance.NumLabels]float64
	for _, votes := range units {
		for i, a := range votes {
			for j, b := range votes {
				if i != j {
					o[a-stance.Favor][b-stance.Favor] += 1 / float64(len(votes)-1)
				}
			}
		}
	}
	var n [stance.NumLabels]float64
	var total, observed, expected float64
	for a := range o {
		for b := range o[a] {
			n[a] += o[a][b]
			if a != b {
				observed += o[a][b]
			}
		}
		total += n[a]
	}
	for a := range n {
		for b := range n {
			if a != b {
				expected += float64(n[a] * n[b])
			}
		}
	}
	return 1 - observed*(total-1)/expected
}

func TestAlphaOfTheTextbook(t *testing.T) {
	// Ten units, two observers, two values: alpha = 0.095
	// (K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011,
	// section A).
	a := []stance.Label{1, 2, 1, 1, 1, 1, 1, 1, 2, 1}
	b := []stance.Label{2, 2, 2, 1, 1, 2, 1, 1, 1, 1}
	var units [][]stance.Label
	for i := range a {
		units = append(units, []stance.Label{a[i], b[i]})
	}
	assert.InDelta(t, 0.095, alpha(units), 0.0005)
}

// The figures of the next three tests are those under which the corpus was
// published; the datasheet repeats them.

func TestGoldCounts(t *testing.T) {
	c := Gold()
	lone := (&Corpus{Lone: c.Lone}).Examples()
	passages := (&Corpus{Passages: c.Passages}).Examples()
	assert.Len(t, lone, 2000)
	assert.Equal(t, [stance.NumLabels]int{686, 609, 705}, counts(lone))
	assert.Len(t, c.Passages, 549)
	assert.Len(t, passages, 6630)
	assert.Equal(t, [stance.NumLabels]int{1426, 1147, 4057}, counts(passages))
	assert.Equal(t, append(lone, passages...), c.Examples(), "lone sentences come first")
}

func TestGoldLabelsAreTheMajority(t *testing.T) {
	c := Gold()
	third := 0
	var torn []string
	check := func(s Sentence) {
		assert.Equal(t, majority(s.Votes), s.Label, s.ID)
		if len(s.Votes) == 3 && s.Votes[0] != s.Votes[1] && s.Votes[1] != s.Votes[2] && s.Votes[0] != s.Votes[2] {
			torn = append(torn, s.ID)
		}
	}
	for _, s := range c.Lone {
		check(s.Sentence)
		assert.Len(t, s.Votes, 3, s.ID)
	}
	for _, d := range c.Passages {
		for _, s := range d.Sentences {
			check(s)
			differ := s.Votes[0] != s.Votes[1]
			assert.Equal(t, differ, len(s.Votes) == 3, "%s: a third vote if and only if the first two differ", s.ID)
			if differ {
				third++
			}
		}
	}
	assert.Equal(t, 178, third)
	assert.Equal(t, []string{"p6-037-11"}, torn, "the one sentence with three different votes")
}

func TestGoldAgreement(t *testing.T) {
	c := Gold()
	var all, blind, passages [][]stance.Label
	for _, s := range c.Lone {
		all = append(all, s.Votes)
		blind = append(blind, s.Votes[1:])
	}
	for _, d := range c.Passages {
		for _, s := range d.Sentences {
			passages = append(passages, s.Votes[:2])
		}
	}
	assert.InDelta(t, 0.988, alpha(blind), 0.0005)
	assert.InDelta(t, 0.985, alpha(all), 0.0005)
	assert.InDelta(t, 0.950, alpha(passages), 0.0005)

	readme, err := os.ReadFile("../README.md")
	require.NoError(t, err)
	assert.Contains(t, strings.Join(strings.Fields(string(readme)), " "),
		fmt.Sprintf("(Krippendorff's alpha %.3f on lone sentences, %.3f on passages)", alpha(all), alpha(passages)), "the README's figures are stale")
}

func TestGoldStructure(t *testing.T) {
	c := Gold()
	registers := []string{"column", "comment", "essay", "news", "post", "professional", "speech"}
	genres := []string{"blog", "column", "editorial", "explainer", "letter", "news", "panel", "student"}
	groups := map[string]int{}
	seen := map[string]bool{}
	for _, e := range c.Examples() {
		assert.False(t, seen[e.ID], "id %s twice", e.ID)
		seen[e.ID] = true
		assert.NotEmpty(t, e.Group, e.ID)
		assert.Equal(t, strings.TrimSpace(e.Text), e.Text, e.ID)
		assert.NotEmpty(t, e.Text, e.ID)
		assert.True(t, e.Label.Valid(), e.ID)
		assert.Empty(t, e.Target, e.ID)
	}
	for _, s := range c.Lone {
		groups[s.Group]++
		assert.Contains(t, registers, s.Register, s.ID)
		assert.NotEmpty(t, s.Theme, s.ID)
		assert.Equal(t, s.Text, s.Text[s.Start:s.End], s.ID)
	}
	assert.Len(t, groups, 1794)
	for _, d := range c.Passages {
		assert.Zero(t, groups[d.ID], "%s is also a group of lone sentences", d.ID)
		assert.Contains(t, genres, d.Genre, d.ID)
		assert.True(t, d.Lean.Valid(), d.ID)
		assert.True(t, d.Headline, d.ID)
		assert.GreaterOrEqual(t, len(d.Sentences), 1+8, d.ID)
		assert.LessOrEqual(t, len(d.Sentences), 1+14, d.ID)
		var texts []string
		for i, s := range d.Sentences {
			assert.Equal(t, fmt.Sprintf("%s-%02d", d.ID, i), s.ID)
			assert.Equal(t, s.Text, d.Text[s.Start:s.End], s.ID)
			texts = append(texts, s.Text)
		}
		assert.Equal(t, texts[0]+"\n\n"+strings.Join(texts[1:], " "), d.Text, d.ID)
		for _, e := range d.Examples() {
			assert.Equal(t, d.ID, e.Document)
			assert.Equal(t, d.ID, e.Group)
		}
	}
}

func TestGoldReturnsACopy(t *testing.T) {
	c := Gold()
	want := fmt.Sprint(*c)
	c.Lone[0].Label = stance.Unlabelled
	c.Lone[1].Votes[0] = stance.Unlabelled
	c.Passages[0].ID = "x"
	c.Passages[1].Sentences[0].Label = stance.Unlabelled
	c.Passages[1].Sentences[1].Votes[0] = stance.Unlabelled
	_ = append(c.Lone[2].Votes, stance.Unlabelled)
	assert.Equal(t, want, fmt.Sprint(*Gold()))
}

func TestDatasheetNamesTheFilesChecksums(t *testing.T) {
	for file, content := range map[string]string{
		"gold/sentences.tsv":     sentencesTSV,
		"gold/passages.tsv":      passagesTSV,
		"articles/documents.tsv": articleDocumentsTSV,
		"articles/labels.tsv":    articleLabelsTSV,
	} {
		row := fmt.Sprintf("| `%s` | `%s` |", file, fingerprint([]byte(content)))
		assert.Contains(t, Datasheet(), row)
	}
}

func TestDatasheetSaysHowTheCorpusWasMade(t *testing.T) {
	for _, s := range []string{
		"No person has labelled any of it",
		"overstate what independent people would reach",
		"CC BY 4.0",
		"## What it is not good for",
	} {
		assert.Contains(t, Datasheet(), s)
	}
	for _, l := range stance.Labels() {
		assert.Contains(t, Guidelines(), "| "+l.String()+" | ")
	}
}

func TestFilesAreThePublishedOnes(t *testing.T) {
	for file, content := range map[string]string{
		"gold/sentences.tsv":     sentencesTSV,
		"gold/passages.tsv":      passagesTSV,
		"gold/GUIDELINES.md":     guidelines,
		"articles/documents.tsv": articleDocumentsTSV,
		"articles/labels.tsv":    articleLabelsTSV,
	} {
		b, err := os.ReadFile(shared(t, filepath.FromSlash(file)))
		require.NoError(t, err)
		assert.True(t, string(b) == content, "%s differs from the original", file)
	}
}

// repositoryFiles calls f with every file of the module except Git's own.
func repositoryFiles(t *testing.T, f func(path string)) {
	t.Helper()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist): // removed since its folder was read
			return nil
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".git":
			return fs.SkipDir
		case d.Type().IsRegular():
			f(path)
		}
		return nil
	})
	require.NoError(t, err)
}

// No text of an article may come into the repository, under its own name ...
func TestNoArticleInTheRepository(t *testing.T) {
	set, err := parseStandOff("documents", articleDocumentsTSV, "labels", articleLabelsTSV)
	require.NoError(t, err)
	require.Len(t, set.documents, 3)
	repositoryFiles(t, func(path string) {
		for _, d := range set.documents {
			assert.NotEqual(t, d.name, filepath.Base(path), "%s is the text of an article", path)
		}
	})
}

// ... or as a sentence quoted in any file.
func TestNoSentenceOfAnArticleInTheRepository(t *testing.T) {
	articles, err := Articles(os.DirFS(shared(t, "articles", "texts")))
	require.NoError(t, err)
	var sentences []Sentence
	for _, d := range articles {
		for _, s := range d.Sentences {
			// Shorter sentences ("It does not.") can be anybody's.
			if len(strings.Fields(s.Text)) >= 8 {
				sentences = append(sentences, s)
			}
		}
	}
	require.NotEmpty(t, sentences)
	repositoryFiles(t, func(path string) {
		b, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		require.NoError(t, err)
		for _, s := range sentences {
			if bytes.Contains(b, []byte(s.Text)) {
				assert.Fail(t, "text of an article in the repository", "%s holds sentence %s", path, s.ID)
			}
		}
	})
}

func TestParseLoneErrors(t *testing.T) {
	const header = "id\tlabel\tvotes\tgroup\tregister\ttheme\ttext\n"
	row := func(s string) string { return header + strings.ReplaceAll(s, "|", "\t") + "\n" }
	const good = "s1|FAVOR|FAVOR FAVOR NONE|g1|column|work|They were right."
	lone, err := parseLone("x.tsv", row(good))
	require.NoError(t, err)
	assert.Equal(t, []LoneSentence{{
		Sentence: Sentence{ID: "s1", Label: stance.Favor, Votes: []stance.Label{stance.Favor, stance.Favor, stance.None},
			Text: "They were right.", End: 16},
		Group: "g1", Register: "column", Theme: "work",
	}}, lone)
	for _, c := range []struct{ name, content, want string }{
		{"empty file", "", "x.tsv: no header: the file is empty"},
		{"other column", strings.Replace(header, "theme", "topic", 1), `x.tsv:1:6: column "topic", want "theme"`},
		{"too few columns", "id\tlabel\n", "x.tsv:1:3: 2 columns, want 7: id, label, votes, group, register, theme, text"},
		{"unknown label", row(strings.Replace(good, "|FAVOR|", "|X|", 1)), `x.tsv:2:2: unknown label "X" (want FAVOR, AGAINST or NONE)`},
		{"two votes", row(strings.Replace(good, "FAVOR NONE", "NONE", 1)), "x.tsv:2:3: 2 votes, want 3"},
		{"unknown vote", row(strings.Replace(good, "FAVOR NONE", "FAVOR PRO1", 1)), `x.tsv:2:3: vote 3: unknown label "PRO1" (want FAVOR, AGAINST or NONE)`},
		{"empty group", row(strings.Replace(good, "g1", "", 1)), "x.tsv:2:4: empty field"},
		{"duplicate", row(good + "\n" + good), `x.tsv:3:1: duplicate id "s1" (first in line 2)`},
		{"ragged", row(good + "|more"), "x.tsv:2:8: row of 8 fields, want 7 as in the first row"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parseLone("x.tsv", c.content)
			assert.EqualError(t, err, c.want)
			var p *ParseError
			assert.ErrorAs(t, err, &p)
		})
	}
}

func TestParsePassagesErrors(t *testing.T) {
	const header = "id\tlabel\tvotes\tgenre\tlean\ttext\n"
	rows := func(s ...string) string {
		return header + strings.ReplaceAll(strings.Join(s, "\n"), "|", "\t") + "\n"
	}
	const (
		a0 = "p1-00|NONE|NONE NONE|news|NONE|The vote"
		a1 = "p1-01|FAVOR|NONE FAVOR FAVOR|news|NONE|It was time."
		b0 = "p2-00|NONE|NONE NONE|column|AGAINST|Enough"
	)
	passages, err := parsePassages("x.tsv", rows(a0, a1, b0), 2, 3)
	require.NoError(t, err)
	require.Len(t, passages, 2)
	assert.Equal(t, "The vote\n\nIt was time.", passages[0].Text)
	assert.Equal(t, "Enough", passages[1].Text)
	for _, c := range []struct{ name, content, want string }{
		{"no number", rows("p1|NONE|NONE NONE|news|NONE|The vote"), `x.tsv:2:1: id "p1", want passage-NN`},
		{"number skipped", rows(a0, strings.Replace(a1, "-01", "-02", 1)), `x.tsv:3:1: id "p1-02", want "p1-01"`},
		{"begins at 01", rows(a1), `x.tsv:2:1: id "p1-01", want "p1-00"`},
		{"interrupted", rows(a0, b0, a1), `x.tsv:4:1: the sentences of a passage must follow one another: duplicate id "p1" (first in line 2)`},
		{"genre changes", rows(a0, strings.Replace(a1, "news", "blog", 1)), `x.tsv:3:4: genre "blog", want "news" as in the passage's first row`},
		{"lean changes", rows(a0, strings.Replace(a1, "news|NONE", "news|FAVOR", 1)), `x.tsv:3:5: lean FAVOR, want NONE as in the passage's first row`},
		{"unknown lean", rows(strings.Replace(a0, "news|NONE", "news|MIXED", 1)), `x.tsv:2:5: unknown label "MIXED" (want FAVOR, AGAINST or NONE)`},
		{"one vote", rows(strings.Replace(a0, "NONE NONE", "NONE", 1)), "x.tsv:2:3: 1 votes, want 2 or 3"},
		{"empty text", rows("p1-00|NONE|NONE NONE|news|NONE|"), "x.tsv:2:6: empty field"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := parsePassages("x.tsv", c.content, 2, 3)
			assert.EqualError(t, err, c.want)
		})
	}
}
