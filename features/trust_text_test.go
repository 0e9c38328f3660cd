package features_test

import (
	"math"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"example.org/metoostance/features"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// boundaries says of every index of a text, its length included, whether a
// character, or a byte that is part of none, begins or the text ends there.
func boundaries(text string) []bool {
	all := make([]bool, len(text)+1)
	for i := range text {
		all[i] = true
	}
	all[len(text)] = true
	return all
}

// requirePlace checks that a span lies in the text and cuts no character.
func requirePlace(t require.TestingT, at []bool, s features.Span) {
	require.True(t, 0 <= s.Start && s.Start <= s.End && s.End < len(at) && at[s.Start] && at[s.End], "%v of %d bytes", s, len(at)-1)
}

// fold makes a piece of text and the term that was read from it comparable: in
// lower case, all apostrophes, sigmas and white space alike, without joiners,
// without the dot that lower case puts on an i, with U+FFFD for invalid bytes.
func fold(s string) string {
	var b strings.Builder
	space := false
	for _, r := range s {
		switch {
		case r == '\u2019' || r == '\u02bc':
			r = '\''
		case r == '\u0130':
			r = 'i'
		case r == '\u03c2' || r == '\u03a3':
			r = '\u03c3'
		case r == '\u0307' || dropJoiner(r) < 0:
			continue
		case unicode.IsSpace(r) || r >= '\x1c' && r <= '\x1f':
			if space {
				continue
			}
			space = true
			b.WriteByte(' ')
			continue
		}
		space = false
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

var hostileRuns = []string{
	strings.Repeat("a", 3000), "#" + strings.Repeat("Ab", 500), strings.Repeat("e\u0301", 1000), strings.Repeat("\u0301", 1000), "👩" + strings.Repeat("\u200d👩", 300),
	strings.Repeat("🇫", 301), strings.Repeat("\" “", 300), strings.Repeat("not n't ", 200), strings.Repeat("1,", 700), strings.Repeat("\xff", 1000),
	strings.Repeat("\xe2\x80", 700), strings.Repeat("\u202e\u2066", 300), strings.Repeat("\x00", 999), strings.Repeat("Σ.", 300), strings.Repeat("İ", 600),
	strings.Repeat("\u00ad", 500) + "x" + strings.Repeat("\u200d", 500), "she'\u02bc she\u2019\u6f22",
}

// checkTokenPlaces checks that every token stands where it says that it does:
// the text there, in the form that tokens have, is the token, and read by itself
// is that token again.
func checkTokenPlaces(t require.TestingT, text string, flags uint8) {
	k := features.Tokenizer{KeepCase: flags&1 != 0, SplitHashtags: flags&2 != 0, MarkNegation: flags&4 != 0, MarkQuotation: flags&8 != 0}
	if flags&16 != 0 {
		k.Rules = features.ScikitLearnRules
	}
	at := boundaries(text)
	plain := features.Tokenizer{Rules: k.Rules, KeepCase: k.KeepCase}
	var tag features.Span
	end := 0
	for _, token := range k.Tokens(text) {
		requirePlace(t, at, token.Span)
		require.NotEmpty(t, token.Text)
		part := k.SplitHashtags && tag.Start < token.Start && token.End <= tag.End
		if !part {
			require.LessOrEqual(t, end, token.Start)
		}
		end = token.End
		if token.Kind == features.Hashtag {
			tag = token.Span
		}
		bare := token.Text
		for k.MarkQuotation && strings.HasPrefix(bare, "q:") || k.MarkNegation && strings.HasPrefix(bare, "not:") {
			_, bare, _ = strings.Cut(bare, ":")
		}
		cut := token.Of(text)
		if token.Kind == features.URL {
			require.Equal(t, "<url>", bare)
			require.True(t, strings.HasPrefix(strings.ToLower(cut), "http") || strings.HasPrefix(strings.ToLower(cut), "www."), "%q", cut)
			continue
		}
		require.Equal(t, fold(bare), fold(cut))
		if k.KeepCase {
			require.Equal(t, utf8.RuneCountInString(strings.Map(dropJoiner, cut)), utf8.RuneCountInString(strings.Map(dropJoiner, bare)))
		}
		if again := plain.Tokens(cut); !part {
			require.Len(t, again, 1, "%q alone", cut)
			require.Equal(t, fold(bare), fold(again[0].Text))
			require.Equal(t, features.Span{Start: 0, End: len(cut)}, again[0].Span)
			require.Equal(t, token.Kind, again[0].Kind)
		}
	}
}

func FuzzTokenPlaces(f *testing.F) {
	for _, s := range append(hostileRuns, hostile...) {
		f.Add(s, uint8(0))
		f.Add(s, uint8(0xff))
	}
	f.Fuzz(func(t *testing.T, text string, flags uint8) { checkTokenPlaces(t, text, flags) })
}

// placePieces are put together to texts in which many rules meet.
var placePieces = append([]string{"She", "n’t", "don't", "not", "but", "#MeTooNOW", "@me", "https://example.org/a.", "www.x", "3.5", "1,2", ".", ",", "“", "”", `"`,
	" ", "\n", "é", "É", "_", "'", "\u2019", "i\u0307", "ǅ", "漢", "ß", "٣", "Ⅷ", "\u200d", "\u00ad", "👍🏽", "🇫🇷", "\xe2", "\x82"}, hostile...)

func TestTokenPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(placePieces), 0, 12).Draw(t, "pieces"), "")
		checkTokenPlaces(t, text, rapid.Uint8().Draw(t, "flags"))
	})
}

// dropJoiner maps what is invisible within words to nothing: tokens do not hold
// it.
func dropJoiner(r rune) rune {
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return -1
	}
	return r
}

var termOptions = features.Options{Blocks: []features.Block{
	{MinN: 1, MaxN: 3, Norm: features.NoNorm, IDF: features.NoIDF},
	{Analyzer: features.CharsWB, MinN: 1, MaxN: 5, Norm: features.NoNorm, IDF: features.NoIDF},
	{Analyzer: features.Chars, MinN: 1, MaxN: 4, Norm: features.NoNorm, IDF: features.NoIDF},
	{Analyzer: features.LexiconClasses, Norm: features.NoNorm, IDF: features.NoIDF},
}, Lexicon: features.Lexicon{"a*": {"first letter"}, "she": {"she", "person"}, "she don't": {"person"}, "not but not": {"not"}, "#metoo*": {"tag"}, "\u6f22": {"han"}}}

// checkTerms checks that every term stands where it says that it does, whichever
// analyzer has read it: of words from the first to the last; of characters
// without the spaces that are put around a word. Row, Transform, Scores and a
// hasher must agree with what is found there.
func checkTerms(t require.TestingT, text string) {
	o := termOptions
	v, err := features.Fit(background, []string{text}, o)
	require.NoError(t, err)
	at := boundaries(text)
	counts := make([]float64, v.Cols())
	for _, x := range v.Occurrences(text) {
		requirePlace(t, at, x.Span)
		counts[x.Col]++
		term, cut := fold(v.Term(x.Col)), fold(x.Of(text))
		switch v.Block(x.Col) {
		case 0:
			first, _, _ := strings.Cut(term, " ")
			last := term[strings.LastIndexByte(term, ' ')+1:]
			if first != "<url>" {
				require.True(t, strings.HasPrefix(cut, first), "%q at %q", term, cut)
			}
			if last != "<url>" {
				require.True(t, strings.HasSuffix(cut, last), "%q at %q", term, cut)
			}
		case 1:
			require.Contains(t, cut, strings.Trim(term, " "))
		case 2:
			require.Contains(t, cut, term)
		case 3: // a class, where its phrase stands
			require.NotEmpty(t, cut)
		}
	}
	row := v.Row(text)
	require.Equal(t, v.Cols(), row.Len())
	for i, col := range row.Indices {
		require.Equal(t, int32(i), col)
		require.Equal(t, counts[col], row.Values[i], "%q", v.Term(int(col)))
	}
	m, err := v.Transform(background, []string{"", text, text})
	require.NoError(t, err)
	require.Equal(t, row.Values, append([]float64(nil), m.Row(2).Values...))

	// Weights that are small whole numbers make every sum exact.
	weights := make([]float32, v.Cols()*features.Outputs)
	var want [features.Outputs]float64
	for i := range weights {
		weights[i] = float32(i%7 - 3)
		want[i%features.Outputs] += counts[i/features.Outputs] * float64(weights[i])
	}
	require.Equal(t, want, features.NewScorer(v, weights).Scores(text))

	h, err := features.NewHasher(12, o)
	require.NoError(t, err)
	hashed := h.Row(text)
	for i, col := range hashed.Indices {
		require.True(t, col >= 0 && int(col) < h.Cols() && (i == 0 || col > hashed.Indices[i-1]))
		require.True(t, hashed.Values[i] != 0 && hashed.Values[i] == math.Trunc(hashed.Values[i]))
	}
	require.Equal(t, hashed, h.Row(strings.Clone(text)))
}

func FuzzTerms(f *testing.F) {
	for _, s := range append(hostileRuns, hostile...) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { checkTerms(t, text) })
}

func TestTermPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		checkTerms(t, strings.Join(rapid.SliceOfN(rapid.SampledFrom(placePieces), 0, 12).Draw(t, "pieces"), ""))
	})
}
