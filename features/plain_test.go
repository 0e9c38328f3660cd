package features

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// hashesBothWays returns the hashes of the n-grams of text found by the fast
// way, and by the scanner.
func hashesBothWays(t *Tokenizer, b *Block, text string) (fast, slow []uint64, taken bool) {
	collect := func(record bool) (all []uint64, plain bool) {
		an := analyzer{tokenizer: t, wantTerms: true, wantSources: record}
		an.start(b, 7, text)
		plain = an.plain
		for an.more() {
			all = append(all, an.hashes...)
			for i, s := range an.terms {
				// Each term hashes to its hash, whichever way it was found.
				var other analyzer
				if h := other.hashTerm(b.Analyzer, string(an.buf[s.Start:s.End]), 7); h != an.hashes[i] {
					panic(an.buf[s.Start:s.End])
				}
			}
		}
		if b.Analyzer != Words { // the fast way has another order
			slices.Sort(all)
		}
		return all, plain
	}
	fast, taken = collect(false)
	slow, _ = collect(true)
	return fast, slow, taken
}

func checkPlain(t require.TestingT, text string) {
	for _, rules := range []Rules{SocialRules, ScikitLearnRules} {
		for _, b := range []Block{{MinN: 1, MaxN: 1}, {MinN: 1, MaxN: 2}, {MinN: 2, MaxN: 2}, {MinN: 2, MaxN: 4},
			{Analyzer: CharsWB, MinN: 2, MaxN: 5}, {Analyzer: CharsWB, MinN: 5, MaxN: 8}} {
			fast, slow, _ := hashesBothWays(&Tokenizer{Rules: rules}, &b, text)
			require.Equal(t, slow, fast, "%q, rules %d, %d-%d", text, rules, b.MinN, b.MaxN)
		}
	}
}

var plainPieces = []string{"a", "I", "The", "movement", "WWW", "www", "www.", "'", "’", "don't", "women’s", ".", ",", "3", "12", "3.5",
	"1,250", " ", "  ", "\n", "—", "…", "“", "”", "#", "@", "/", "http://", "_", "-", "é", "\u00a0", "£", "ʼ", "😡", "\x00", "\x7f",
	"\xff", "Z", "[", "`", "{", "^", "x'y'z", "verylongwordindeedwithoutend"}

func TestPlainWordsAreTheScanners(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkPlain(t, strings.Join(rapid.SliceOf(rapid.SampledFrom(plainPieces)).Draw(t, "pieces"), ""))
	})
	rapid.Check(t, func(t *rapid.T) {
		checkPlain(t, string(rapid.SliceOf(rapid.ByteRange(0, 0x7f)).Draw(t, "ASCII")))
	})
	for n := range 200 { // words that end at, before and behind every edge of a mask
		checkPlain(t, strings.Repeat("x", n)+" y")
		checkPlain(t, strings.Repeat("a bc ", n)+strings.Repeat("x", n%9))
	}
}

func TestPlainWordsAreUsed(t *testing.T) {
	for text, want := range map[string]bool{
		"Don't call it a witch hunt, she said.": true,
		"“Don’t call it that — not here…”":      true,
		"It cost £3,500 in 2018.":               true,
		"":                                      true,
		"a café":                                false,
		"say #MeToo":                            false,
		"see www.example.org":                   false,
		strings.Repeat("word ", maxPlain/5) + "more": false,
	} {
		_, _, taken := hashesBothWays(&Tokenizer{}, &Block{MinN: 1, MaxN: 1}, text)
		require.Equal(t, want, taken, "%.40q", text)
	}
	_, _, taken := hashesBothWays(&Tokenizer{KeepCase: true}, &Block{MinN: 1, MaxN: 1}, "word")
	require.False(t, taken)
}

func FuzzPlainWords(f *testing.F) {
	for _, s := range plainPieces {
		f.Add(s + " and " + s + s)
	}
	f.Fuzz(func(t *testing.T, text string) { checkPlain(t, text) })
}

// Whatever a text begins with, an analyzer's buffer stays bounded: a word that
// took the long way must not make it keep all that follows.
func TestBufferStaysBounded(t *testing.T) {
	text := "é " + strings.Repeat("women speak out and nobody listens. ", 20_000)
	for _, b := range []Block{{MinN: 1, MaxN: 3}, {Analyzer: CharsWB, MinN: 2, MaxN: 5}, {Analyzer: Chars, MinN: 2, MaxN: 5}} {
		for _, sources := range []bool{false, true} {
			an := analyzer{tokenizer: &Tokenizer{}, wantTerms: true, wantSources: sources}
			an.start(&b, 0, text)
			for an.more() {
				require.Less(t, len(an.buf), 8*gramBatch)
			}
		}
	}
}
