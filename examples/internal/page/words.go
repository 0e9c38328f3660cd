package page

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// How many words of a sentence are shown, and how much of a long one.
const (
	wordsFor     = 5
	wordsAgainst = 3
	wordLength   = 40 // characters
)

// A word is what the terms that touch a word of a sentence added, together and
// wherever it stands, to the case for the sentence's label; or what something
// else added.
type word struct {
	Text []piece
	sum  float64
	Bar  int // length in percent of the longest in the panel
}

// Value is the sum with its sign.
func (w word) Value() string { return signed(w.sum) }

// signed writes a number with a sign, in as many decimals as the page has.
func signed(v float64) string {
	s := fmt.Sprintf("%+.2f", v)
	if s == "-0.00" {
		s = "+0.00"
	}
	// U+2212 is as wide as the plus, and is read as "minus".
	return strings.Replace(s, "-", "\u2212", 1)
}

// A reckoning takes the case for a label apart. A case is the score of the label
// minus the mean of the other scores, so that a positive number speaks for the
// label. The numbers of all words sum to the case, unless a label that the model
// never saw makes it infinite.
type reckoning struct {
	For, Against []word
	Beside       []word // of the case what is of none of these words
}

// reckon splits the case for a label into words. Terms are pieces of words, words
// and groups of words, too many and too odd to be read. What a term adds is
// divided evenly among the places where it stands, and there among the words that
// it touches; a term that touches none stands for punctuation marks.
func reckon(text string, e stance.Explanation, label stance.Label) reckoning {
	tokens := features.Tokenizer{}.Tokens(text)
	index := make(map[string]int, len(tokens)+1)
	ids := make([]int, len(tokens)) // of each token, its place in all
	var all []word
	for i, t := range tokens {
		id, ok := index[t.Text]
		if !ok {
			id = len(all)
			index[t.Text] = id
			all = append(all, word{Text: pieces(shorten(t.Of(text)))})
		}
		ids[i] = id
	}
	marks := len(all)
	all = append(all, word{Text: pieces("punctuation")})
	for _, term := range e.Terms {
		share := advantage(term.Scores, label) / float64(len(term.Spans))
		for _, span := range term.Spans {
			first := sort.Search(len(tokens), func(i int) bool { return tokens[i].End > span.Start })
			last := first
			for last < len(tokens) && tokens[last].Start < span.End {
				last++
			}
			if first == last {
				all[marks].sum += share
				continue
			}
			for _, id := range ids[first:last] {
				all[id].sum += share / float64(last-first)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b word) int { return cmp.Compare(b.sum, a.sum) })
	var r reckoning
	rest := 0.0
	take := func(w word, shown []word, most int, sign float64) []word {
		// What would be shown as nothing is left to the rest.
		if len(shown) == most || sign*w.sum < 0.005 {
			rest += w.sum
			return shown
		}
		return append(shown, w)
	}
	positive := sort.Search(len(all), func(i int) bool { return !(all[i].sum > 0) })
	for _, w := range all[:positive] {
		r.For = take(w, r.For, wordsFor, 1)
	}
	for _, w := range slices.Backward(all[positive:]) {
		r.Against = take(w, r.Against, wordsAgainst, -1)
	}
	r.Beside = append(r.Beside, word{Text: pieces("other words"), sum: rest})
	for _, c := range e.Context {
		r.Beside = append(r.Beside, word{Text: pieces(c.Name), sum: advantage(c.Scores, label)})
	}
	if bias := advantage(e.Bias, label); !math.IsInf(bias, 0) && !math.IsNaN(bias) {
		r.Beside = append(r.Beside, word{Text: pieces("before any word"), sum: bias})
	}
	r.draw()
	return r
}

// draw gives the words their bars.
func (r reckoning) draw() {
	longest := 0.0
	for _, words := range [...][]word{r.For, r.Against, r.Beside} {
		for _, w := range words {
			longest = max(longest, math.Abs(w.sum))
		}
	}
	for _, words := range [...][]word{r.For, r.Against, r.Beside} {
		for i := range words {
			if longest > 0 {
				words[i].Bar = int(math.Round(100 * math.Abs(words[i].sum) / longest))
			}
		}
	}
}

// advantage is the number of a label minus the mean of the others.
func advantage(v stance.Values, label stance.Label) float64 {
	others := 0.0
	for i, l := range stance.Labels() {
		if l != label {
			others += v[i]
		}
	}
	return v.Of(label) - others/float64(len(v)-1)
}

// shorten cuts a long word.
func shorten(s string) string {
	n := 0
	for i := range s {
		if n++; n > wordLength {
			return s[:i] + "…"
		}
	}
	return s
}
