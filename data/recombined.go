package data

import (
	"iter"
	"math/rand/v2"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"example.org/metoostance/stance"
)

const (
	// minGoldBytes is the length of the shortest gold sentences that are cut
	// up. The sentences of this length or more have 113 bytes on average, to
	// which pseudo-words add two.
	minGoldBytes = 60
	// oneIn is how many words there are for one that is replaced: 5 %.
	oneIn = 20
	// repeated is the share of pseudo-words, in percent, that occurred before.
	repeated = 80
	// starters is the number of pseudo-words that count as drawn once before
	// the first sentence, the same for all seeds: rare words that many texts
	// have in common.
	starters = 1000
)

// Recombined yields n sentences for measuring speed: each is the front half of a
// gold sentence and the back half of another, about 115 bytes, with one word in
// twenty replaced from a long tail of pseudo-words, so that the vocabulary keeps
// growing as it does in fresh text. They mean nothing and are no data to judge a
// model by, but their labels can be learned.
//
// The same seed gives the same sentences on every platform, and fewer of them
// are the beginning of more. Other seeds have other pseudo-words, but for a
// thousand that all share.
func Recombined(n int, seed uint64) iter.Seq[stance.Example] {
	return func(yield func(stance.Example) bool) {
		g := newGenerator(seed)
		for range n {
			if !yield(g.sentence()) {
				return
			}
		}
	}
}

// generator makes the sentences of a corpus. All its arithmetic is on integers,
// so that a seed gives the same corpus on every platform.
type generator struct {
	random *rand.Rand
	gold   []cut
	// drawn holds the pseudo-words so far, each as often as it occurred.
	//
	// A draw repeats one of them, picked at random, or else is new: Simon's
	// process ("On a class of skew distribution functions", Biometrika 1955).
	// With a share a of new words the share of words that occur k times tends
	// to r B(k, r+1), r = 1/(1-a), a tail as Zipf's law has it. For a = 0.2
	// that is 56 % of words that occur once and 17 % that occur twice. Without
	// the starters the first words would take a large part of all draws.
	drawn []uint32
}

// cut is a gold sentence in two halves.
type cut struct {
	label       stance.Label
	front, back []string // words
}

func newGenerator(seed uint64) *generator {
	g := &generator{random: rand.New(rand.NewPCG(seed, 0x7065657273)), gold: cuts()}
	for i := range uint32(starters) {
		g.drawn = append(g.drawn, i*2654435761) // Knuth's multiplier spreads them
	}
	return g
}

// cuts holds the gold sentences that are long enough.
var cuts = sync.OnceValue(func() []cut {
	var all []cut
	for _, e := range Gold().Examples() {
		if len(e.Text) < minGoldBytes {
			continue
		}
		c := cut{label: e.Label}
		before := 0
		for _, word := range strings.Fields(e.Text) {
			if before < len(e.Text)/2 {
				c.front = append(c.front, word)
			} else {
				c.back = append(c.back, word)
			}
			before += len(word) + 1
		}
		all = append(all, c)
	}
	return all
})

// sentence returns the next sentence. Its label is the stance of either half,
// and NONE if neither has one; halves of opposite stance are not joined.
// Whatever half a word stands in, it says the same of the label, so that a
// linear classifier can learn it.
func (g *generator) sentence() stance.Example {
	front, back := g.pick(), g.pick()
	for front.label != back.label && front.label != stance.None && back.label != stance.None {
		back = g.pick()
	}
	label := front.label
	if label == stance.None {
		label = back.label
	}
	var b []byte
	for _, words := range [][]string{front.front, back.back} {
		for _, word := range words {
			if len(b) > 0 {
				b = append(b, ' ')
			}
			if g.random.IntN(oneIn) == 0 {
				b = g.replace(b, word)
			} else {
				b = append(b, word...)
			}
		}
	}
	return stance.Example{Text: string(b), Label: label}
}

// pick returns a gold sentence at random.
func (g *generator) pick() *cut { return &g.gold[g.random.IntN(len(g.gold))] }

// replace appends a word with a pseudo-word in place of all that stands between
// its first and its last letter, so that punctuation around it stays. A word
// without letters is left as it is.
func (g *generator) replace(b []byte, word string) []byte {
	start := strings.IndexFunc(word, unicode.IsLetter)
	if start < 0 {
		return append(b, word...)
	}
	end := strings.LastIndexFunc(word, unicode.IsLetter)
	_, size := utf8.DecodeRuneInString(word[end:])
	b = append(b, word[:start]...)
	b = appendPseudoWord(b, g.draw())
	return append(b, word[end+size:]...)
}

// draw returns the next pseudo-word.
func (g *generator) draw() uint32 {
	var w uint32
	if g.random.IntN(100) < repeated {
		w = g.drawn[g.random.IntN(len(g.drawn))]
	} else {
		w = g.random.Uint32()
	}
	g.drawn = append(g.drawn, w)
	return w
}

// appendPseudoWord spells a number as three or four syllables. There are 66
// million such words, so that a new number is hardly ever an old word, or one
// of another seed's corpus.
func appendPseudoWord(b []byte, w uint32) []byte {
	const onsets, vowels = "bdfghjklmnprstvwyz", "aeiou"
	syllables := 3 + w%2
	w /= 2
	for range syllables {
		b = append(b, onsets[w%uint32(len(onsets))])
		w /= uint32(len(onsets))
		b = append(b, vowels[w%uint32(len(vowels))])
		w /= uint32(len(vowels))
	}
	return b
}
