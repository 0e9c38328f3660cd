package data

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/stance"
)

const (
	semEvalPlain = "ID\tTarget\tTweet\tStance\r\n" +
		"7\tPublic Parks\t\"Plant\" one tree each. #SemST\tFAVOR\r\n" +
		"8\tPublic Parks\tNobody walks there \x96 ever \x85 #SemST\tAGAINST\r\n" +
		"9\tPublic Parks\tMonday. #SemST \tNONE\r\n"
	semEvalExtra = "ID\tTarget\tTweet\tStance\tOpinion towards\tSentiment\r\n" +
		"1\tNew Roads\t#SemST is what this begins with\tNONE\tNO ONE\tNEITHER\r\n"
)

func TestReadSemEval(t *testing.T) {
	for _, c := range []struct {
		name, file, content string
		o                   SemEvalOptions
		want                []stance.Example
	}{
		{name: "plain layout", file: "x.txt", content: semEvalPlain, want: []stance.Example{
			{ID: "7", Target: "Public Parks", Text: `"Plant" one tree each. #SemST`, Label: stance.Favor},
			{ID: "8", Target: "Public Parks", Text: "Nobody walks there – ever … #SemST", Label: stance.Against},
			{ID: "9", Target: "Public Parks", Text: "Monday. #SemST ", Label: stance.None},
		}},
		{name: "hashtag stripped", file: "x.txt.gz", content: gzipped(semEvalPlain), o: SemEvalOptions{StripHashtag: true}, want: []stance.Example{
			{ID: "7", Target: "Public Parks", Text: `"Plant" one tree each.`, Label: stance.Favor},
			{ID: "8", Target: "Public Parks", Text: "Nobody walks there – ever …", Label: stance.Against},
			{ID: "9", Target: "Public Parks", Text: "Monday.", Label: stance.None},
		}},
		{name: "further columns; a hashtag elsewhere stays", file: "x", content: semEvalExtra, o: SemEvalOptions{StripHashtag: true}, want: []stance.Example{
			{ID: "1", Target: "New Roads", Text: "#SemST is what this begins with", Label: stance.None},
		}},
		{name: "UTF-8 by itself", file: "x", content: "ID\tTarget\tTweet\tStance\n1\tA\tcafé 😀\tNONE\n", want: []stance.Example{
			{ID: "1", Target: "A", Text: "café 😀", Label: stance.None}}},
		{name: "UTF-8 read as Windows-1252 on request", file: "x", o: SemEvalOptions{Encoding: Windows1252}, content: "ID\tTarget\tTweet\tStance\n1\tA\tcafé\tNONE\n", want: []stance.Example{
			{ID: "1", Target: "A", Text: "cafÃ©", Label: stance.None}}},
		{name: "not yet labelled", file: "x", o: SemEvalOptions{AllowUnlabelled: true}, content: "ID\tTarget\tTweet\tStance\n1\tA\tb\tUNKNOWN\n", want: []stance.Example{
			{ID: "1", Target: "A", Text: "b"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadSemEval(strings.NewReader(c.content), c.file, c.o)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestReadSemEvalErrors(t *testing.T) {
	for _, c := range []struct {
		name, content string
		o             SemEvalOptions
		want          string
	}{
		{name: "no target", content: "ID\tTweet\tStance\n", want: `x:1: no column "Target" in the header (it has ["ID" "Tweet" "Stance"])`},
		{name: "not labelled", content: "ID\tTarget\tTweet\tStance\n1\tA\tb\tUNKNOWN\n", want: `x:2:4: unknown label "UNKNOWN" (want FAVOR, AGAINST or NONE)`},
		{name: "hashtag alone", content: "ID\tTarget\tTweet\tStance\n1\tA\t#SemST\tNONE\n", o: SemEvalOptions{StripHashtag: true}, want: "x:2:3: empty text"},
		{name: "UTF-8 wanted", content: semEvalPlain, o: SemEvalOptions{Encoding: UTF8}, want: "x:3:3: byte 20 of the field (0x96) is not valid UTF-8"},
		{name: "a tab too many", content: "ID\tTarget\tTweet\tStance\n1\tA\tb\tc\tNONE\n", want: "x:2:5: row of 5 fields, want 4 as in the first row"},
		{name: "duplicate", content: "ID\tTarget\tTweet\tStance\n1\tA\tb\tNONE\n1\tA\tb\tNONE\n", want: `x:3:1: duplicate id "1" (first in line 2)`},
		{name: "UTF-16", content: "\xFF\xFEI\x00D\x00", want: "x:1: byte-order mark of UTF-16, little-endian; save the file as UTF-8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := ReadSemEval(strings.NewReader(c.content), "x", c.o)
			assert.Nil(t, got)
			assert.EqualError(t, err, c.want)
		})
	}
}

func FuzzReadSemEval(f *testing.F) {
	for _, s := range append(worstCases, semEvalPlain, semEvalExtra) {
		f.Add(s, true, uint8(0))
		f.Add(s, false, uint8(1))
		f.Add(s, true, uint8(2))
	}
	f.Fuzz(func(t *testing.T, content string, strip bool, encoding uint8) {
		o := SemEvalOptions{StripHashtag: strip, AllowUnlabelled: true, Encoding: Encoding(encoding % 3)}
		examples, err := ReadSemEval(strings.NewReader(content), "x", o)
		if err != nil {
			var p *ParseError
			require.ErrorAs(t, err, &p)
			return
		}
		var labels []stance.Label
		for _, e := range examples {
			labels = append(labels, e.Label)
		}
		var b strings.Builder
		if err := WriteSemEval(&b, examples, labels); err == nil {
			again, err := ReadSemEval(strings.NewReader(b.String()), "x", SemEvalOptions{})
			require.NoError(t, err)
			require.Equal(t, examples, again)
		}
	})
}

// Counts as in the set's published description; the two files are the published
// training set of 2,914 tweets.
func TestSemEvalFiles(t *testing.T) {
	ids := map[string]bool{}
	targets := map[string]int{}
	for _, c := range []struct {
		file   string
		rows   int
		counts [stance.NumLabels]int
	}{
		{"trainingdata-all-annotations.txt", 2814, [stance.NumLabels]int{731, 1342, 741}},
		{"trialdata-all-annotations.txt", 100, [stance.NumLabels]int{22, 53, 25}},
	} {
		f, err := os.Open(shared(t, "semeval2016", c.file))
		require.NoError(t, err)
		defer f.Close()
		examples, err := ReadSemEval(f, c.file, SemEvalOptions{StripHashtag: true})
		require.NoError(t, err)
		assert.Len(t, examples, c.rows)
		assert.Equal(t, c.counts, counts(examples))
		for _, e := range examples {
			assert.NotContains(t, e.Text, "#SemST", e.ID)
			assert.False(t, ids[e.ID], "id %s twice", e.ID)
			ids[e.ID] = true
			targets[e.Target]++
		}
	}
	assert.Equal(t, map[string]int{
		"Atheism": 513, "Climate Change is a Real Concern": 395, "Feminist Movement": 664,
		"Hillary Clinton": 639 + 50, "Legalization of Abortion": 603 + 50,
	}, targets)
}
