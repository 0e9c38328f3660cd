package data

import (
	"slices"
	"strings"
	"testing"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func recombined(n int, seed uint64) []string {
	var texts []string
	for e := range Recombined(n, seed) {
		texts = append(texts, e.Text)
	}
	return texts
}

func TestRecombined(t *testing.T) {
	one := slices.Collect(Recombined(2000, 1))
	require.Len(t, one, 2000)
	assert.Equal(t, one, slices.Collect(Recombined(2000, 1)))
	assert.Equal(t, one[:70], slices.Collect(Recombined(70, 1)), "fewer are the beginning of more")
	assert.NotEqual(t, one[:70], slices.Collect(Recombined(70, 2)))
	sum := 0
	labels := map[stance.Label]int{}
	for _, e := range one {
		sum += len(e.Text)
		labels[e.Label]++
	}
	assert.InDelta(t, 115, float64(sum)/2000, 10)
	for _, l := range stance.Labels() {
		assert.Greater(t, labels[l], 2000/5, l.String())
	}
	for range Recombined(5, 1) {
		break // stopping early is allowed
	}
}

// pseudoWords counts the words of texts that no gold sentence has.
func pseudoWords(texts []string) (counts map[string]int, all int) {
	tokenizer := features.Tokenizer{Rules: features.ScikitLearnRules}
	gold := map[string]bool{}
	for _, e := range Gold().Examples() {
		tokenizer.ForEachIn(e.Text, func(w string) { gold[w] = true })
	}
	counts = map[string]int{}
	for _, text := range texts {
		all += len(strings.Fields(text))
		tokenizer.ForEachIn(text, func(w string) {
			if !gold[w] {
				counts[w]++
			}
		})
	}
	return counts, all
}

func TestPseudoWordsAreATail(t *testing.T) {
	texts := recombined(8000, 1)
	before := 0
	for _, n := range []int{500, 2000, 8000} {
		counts, words := pseudoWords(texts[:n])
		total := 0
		for _, c := range counts {
			total += c
		}
		// Words without letters are not replaced, and the tokenizer drops
		// none of the pseudo-words.
		assert.InDelta(t, 0.05, float64(total)/float64(words), 0.005)
		assert.Greater(t, len(counts), 3*before/2, "the vocabulary grows with the corpus")
		before = len(counts)
	}
	counts, _ := pseudoWords(texts)
	rare, most := 0, 0
	for _, c := range counts {
		if c <= 2 {
			rare++
		}
		most = max(most, c)
	}
	assert.Greater(t, float64(rare)/float64(len(counts)), 0.5, "most pseudo-words occur once or twice")
	assert.Greater(t, most, 10, "and some often")
}

func TestPseudoWordsOfOtherSeedsAreNew(t *testing.T) {
	a, _ := pseudoWords(recombined(4000, 1))
	b, _ := pseudoWords(recombined(4000, 2))
	shared := 0
	for w := range b {
		if a[w] > 0 {
			shared++
		}
	}
	assert.LessOrEqual(t, shared, starters+10, "the starters, and hardly any other by chance")
	assert.Greater(t, shared, starters/2)
	assert.Greater(t, len(b)-shared, 300)
}

func TestReplaceKeepsPunctuation(t *testing.T) {
	for _, tt := range []struct{ word, before, after string }{
		{"plain", "", ""},
		{"“don’t,”", "“", ",”"},
		{"#MeToo.", "#", "."},
		{"(well-known)", "(", ")"},
		{"naïveté!", "", "!"},
		{"é", "", ""},
	} {
		g := newGenerator(1)
		got := string(g.replace([]byte("before "), tt.word))
		core := strings.TrimSuffix(strings.TrimPrefix(got, "before "+tt.before), tt.after)
		assert.Regexp(t, `^([a-z]{6}|[a-z]{8})$`, core, "%q became %q", tt.word, got)
	}
	g := newGenerator(1)
	for _, word := range []string{"2017", "—", "£1,000", "\xff"} {
		assert.Equal(t, word, string(g.replace(nil, word)), "a word without letters stays")
	}
}

func TestPseudoWordSpelling(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := rapid.Uint32().Draw(t, "w")
		assert.Regexp(t, `^([bdfghjklmnprstvwyz][aeiou]){3,4}$`, string(appendPseudoWord(nil, w)))
	})
}
