package stance_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The lexicon has what its documentation says: the number of entries, one or two
// classes each, and the names of the classes.
func TestLexicon(t *testing.T) {
	l := stance.Lexicon()
	assert.Len(t, l, 4431)
	counts := map[string]int{}
	side, kind := regexp.MustCompile(`^(favor|against) [1-3]$`), regexp.MustCompile(`^(stance|report) [1-3]$`)
	for phrase, classes := range l {
		sides, kinds := 0, 0
		for _, c := range classes {
			counts[c]++
			if side.MatchString(c) {
				sides++
			} else {
				require.Regexp(t, kind, c, phrase)
				kinds++
			}
		}
		require.True(t, sides <= 1 && kinds <= 1 && sides+kinds >= 1, "%q: %q", phrase, classes)
	}
	var names []string
	for _, name := range []string{"against", "favor", "report", "stance"} {
		for n := range 3 {
			names = append(names, fmt.Sprint(name, " ", n+1))
		}
	}
	assert.Equal(t, names, slices.Sorted(maps.Keys(counts)), "all classes occur")
}

// Every line of the file is in the lexicon, with its scores.
func TestLexiconIsTheWholeFile(t *testing.T) {
	b, err := os.ReadFile("lexicon.tsv")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	require.Equal(t, "phrase\tdirection\tstance", lines[0])
	l := stance.Lexicon()
	require.Len(t, l, len(lines)-1, "no phrase twice")
	require.True(t, slices.IsSorted(lines[1:]), "in the order of bytes")
	for i, line := range lines[1:] {
		fields := strings.Split(line, "\t")
		require.Len(t, fields, 3, "line %d", i+2)
		phrase := fields[0]
		require.Equal(t, strings.Join(strings.Fields(strings.ToLower(phrase)), " "), phrase, "line %d: as the tokenizer writes it", i+2)
		var want []string
		for column, names := range map[int][2]string{1: {"favor", "against"}, 2: {"stance", "report"}} {
			score := fields[column]
			name := names[0]
			if after, negative := strings.CutPrefix(score, "-"); negative {
				score, name = after, names[1]
			}
			require.Regexp(t, `^[0-3]$`, score, "line %d", i+2)
			if score != "0" {
				want = append(want, name+" "+score)
			}
		}
		slices.Sort(want)
		got := slices.Sorted(slices.Values(l[phrase]))
		require.Equal(t, want, got, "line %d: %q", i+2, phrase)
	}
}

func TestLexiconIsACopy(t *testing.T) {
	l := stance.Lexicon()
	before := l["witch hunt"]
	require.NotEmpty(t, before)
	before[0] = "changed"
	delete(l, "#metoo")
	l["new"] = []string{"changed"}
	again := stance.Lexicon()
	assert.NotContains(t, again["witch hunt"], "changed")
	assert.Contains(t, again, "#metoo")
	assert.NotContains(t, again, "new")
	assert.Equal(t, again, stance.DefaultOptions().Features.Lexicon)
	assert.Equal(t, again, stance.Default().Options().Features.Lexicon)
}

// Every phrase is found where it stands by itself, with its classes: none is
// hidden by another.
func TestLexiconPhrasesAreFound(t *testing.T) {
	l := stance.Lexicon()
	phrases := slices.Sorted(maps.Keys(l))
	v, err := features.Fit(background, phrases, features.Options{
		Blocks: []features.Block{{Analyzer: features.LexiconClasses, IDF: features.NoIDF, Norm: features.NoNorm}}, Lexicon: l,
	})
	require.NoError(t, err, "it compiles")
	assert.Equal(t, 12, v.Cols())
	for _, phrase := range phrases {
		text, stem := strings.CutSuffix(phrase, "*")
		if stem {
			text += "xyz" // an ending that no phrase spells out
		}
		words := (features.Tokenizer{}).Tokens(text)
		whole := features.Span{Start: words[0].Start, End: words[len(words)-1].End}
		var got []string
		for _, o := range v.Occurrences(strings.ToUpper(text)) {
			got = append(got, v.Term(o.Col))
			require.Equal(t, whole, o.Span, "%q", phrase)
		}
		require.Equal(t, l[phrase], got, "%q", phrase)
	}
}

func ExampleLexicon() {
	l := stance.Lexicon()
	fmt.Println(l["witch hunt"], l["#metoo crowd"])
	// Output: [against 3 stance 2] [against 3 stance 3]
}
