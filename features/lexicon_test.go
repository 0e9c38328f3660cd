package features_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"example.org/metoostance/features"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// lexiconOnly are options of a lexicon alone, whose rows are counts.
func lexiconOnly(l features.Lexicon) features.Options {
	return features.Options{
		Blocks:  []features.Block{{Analyzer: features.LexiconClasses, IDF: features.NoIDF, Norm: features.NoNorm}},
		Lexicon: l,
	}
}

// hit is a class where one of its phrases stands in a text.
type hit struct {
	class string
	features.Span
}

// hits returns the hits that a vectorizer finds in a text, in order.
func hits(v *features.Vectorizer, block int, text string) []hit {
	var all []hit
	for _, o := range v.Occurrences(text) {
		if v.Block(o.Col) == block {
			all = append(all, hit{v.Term(o.Col), o.Span})
		}
	}
	return all
}

// stemOf returns the words of a phrase, and whether the last of them stands for
// all that begins with it.
func stemOf(phrase string, rules features.Rules) (words []string, stem bool) {
	return features.Tokenizer{Rules: rules}.Tokenise(phrase), strings.HasSuffix(strings.TrimRight(phrase, " "), "*")
}

// hitsSlowly finds the hits by comparing every phrase with the words at every
// place, as strings: what Lexicon promises, and nothing else.
func hitsSlowly(l features.Lexicon, rules features.Rules, text string) []hit {
	type reading struct {
		words   []string
		stem    bool
		classes []string
	}
	var phrases []reading
	for phrase, classes := range l {
		words, stem := stemOf(phrase, rules)
		phrases = append(phrases, reading{words, stem, classes})
	}
	// The first that stands somewhere is the one that is found there.
	slices.SortFunc(phrases, func(a, b reading) int {
		if c := len(b.words) - len(a.words); c != 0 {
			return c
		}
		if a.stem != b.stem {
			if b.stem {
				return -1
			}
			return 1
		}
		last := len(a.words) - 1
		return len(b.words[last]) - len(a.words[last])
	})
	var all []hit
	tokens := features.Tokenizer{Rules: rules}.Tokens(text)
	stands := func(p reading, at int) bool {
		if at+len(p.words) > len(tokens) {
			return false
		}
		for i, w := range p.words {
			term := tokens[at+i].Text
			if term != w && !(p.stem && i == len(p.words)-1 && strings.HasPrefix(term, w)) {
				return false
			}
		}
		return true
	}
	for at := 0; at < len(tokens); {
		n := 1
		if i := slices.IndexFunc(phrases, func(p reading) bool { return stands(p, at) }); i >= 0 {
			n = len(phrases[i].words)
			for _, class := range phrases[i].classes {
				all = append(all, hit{class, features.Span{Start: tokens[at].Start, End: tokens[at+n-1].End}})
			}
		}
		at += n
	}
	return all
}

func TestLexiconPhrases(t *testing.T) {
	tests := []struct {
		name    string
		lexicon features.Lexicon
		text    string
		want    string // class:place, in order
	}{
		{"longest first", features.Lexicon{"witch": {"a"}, "witch hunt": {"b"}, "witch hunt against men": {"c"}},
			"A witch hunt against men, a witch hunt against him, a witch.", "c:witch hunt against men b:witch hunt a:witch"},
		{"longest first, asterisk or not", features.Lexicon{"double": {"a"}, "double stand*": {"b"}, "dou*": {"c"}},
			"double standards double doubles", "b:double standards a:double c:doubles"},
		{"no overlap, from left to right", features.Lexicon{"due process": {"a"}, "process of law": {"b"}, "law": {"c"}},
			"due process of law, process of law", "a:due process c:law b:process of law"},
		{"a longer phrase that fails late", features.Lexicon{"a b c d": {"long"}, "a": {"a"}, "b c": {"bc"}, "c": {"c"}},
			"a b c e", "a:a bc:b c"},
		{"asterisk", features.Lexicon{"hypocri*": {"h"}}, "Hypocrisy, hypocrites and hypocri; no hypocr.", "h:Hypocrisy h:hypocrites h:hypocri"},
		{"asterisk behind a blank", features.Lexicon{"hypocri*  ": {"h"}}, "hypocrites", "h:hypocrites"},
		{"asterisk at the last word alone", features.Lexicon{"cancel* cultur*": {"c"}}, "cancel culture, cancelled culture", "c:cancel culture"},
		{"asterisk within is punctuation", features.Lexicon{"b*tch": {"x"}}, "b*tch, b tch, batch", "x:b*tch x:b tch"},
		{"spelt out before the asterisk", features.Lexicon{"mob": {"exact"}, "mob*": {"stem"}}, "mob mobs", "exact:mob stem:mobs"},
		{"longer beginning first", features.Lexicon{"vic*": {"short"}, "victim*": {"long"}}, "victims vice victim vic", "long:victims short:vice long:victim short:vic"},
		{"beginning of several bytes", features.Lexicon{"é*": {"e"}, "ét*": {"et"}}, "Études était é E", "et:Études et:était e:é"},
		{"apostrophes", features.Lexicon{"didn't report": {"a"}, "women’s march": {"b"}}, "Didn’t report; didn't report; WOMEN'S march", "a:Didn’t report a:didn't report b:WOMEN'S march"},
		{"hyphens", features.Lexicon{"Witch-hunt": {"a"}, "he said she said": {"b"}}, "witch hunt, witch-hunt, witch—hunt, he-said-she-said", "a:witch hunt a:witch-hunt a:witch—hunt b:he-said-she-said"},
		{"case", features.Lexicon{"METOO": {"a"}, "#timesup": {"b"}}, "MeToo metoo #MeToo #TimesUp timesup", "a:MeToo a:metoo b:#TimesUp"},
		{"across punctuation and lines", features.Lexicon{"believe women": {"a"}}, "Believe. Women! \"Believe\"\n\n(women)", "a:Believe. Women a:Believe\"\n\n(women"},
		{"not within words", features.Lexicon{"men": {"a"}}, "women mention men's men", "a:men"},
		{"several classes, in their order", features.Lexicon{"mob": {"z", "a", "m"}, "mobs": {"m"}}, "mob mobs", "z:mob a:mob m:mob m:mobs"},
		{"blanks in the name of a class", features.Lexicon{"mob": {"against 3"}}, "mob", "against 3:mob"},
		{"hashtags and URLs", features.Lexicon{"#me*": {"tag"}, "https://example.org": {"link"}}, "#MeToo #me me https://other.example/x www.example.org", "tag:#MeToo tag:#me link:https://other.example/x link:www.example.org"},
		{"characters that stand alone", features.Lexicon{"我也是": {"a"}, "也*": {"b"}}, "我也是也", "a:我也是 b:也"},
		{"invalid bytes separate", features.Lexicon{"witch hunt": {"a"}}, "witch\xff\xc3hunt", "a:witch\xff\xc3hunt"},
		{"nothing", features.Lexicon{"mob": {"a"}}, "", ""},
		{"nothing known", features.Lexicon{"mob rule*": {"a"}}, "A mob, and rules of the mobs", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v := fit(t, []string{tt.text}, lexiconOnly(tt.lexicon))
			var got []string
			for _, h := range hits(v, 0, tt.text) {
				got = append(got, h.class+":"+h.Of(tt.text))
			}
			assert.Equal(t, tt.want, strings.Join(got, " "))
			assert.Equal(t, hits(v, 0, tt.text), hitsSlowly(tt.lexicon, features.SocialRules, tt.text))
		})
	}
}

// The tokenizer's rules read the phrases too; its other options do not touch
// them.
func TestLexiconFollowsTheRules(t *testing.T) {
	o := lexiconOnly(features.Lexicon{"the mob*": {"mob"}, "now": {"now"}, "not me": {"me"}, "I am": {"am"}})
	o.Tokenizer = features.Tokenizer{KeepCase: true, StopWords: map[string]bool{"the": true}, SplitHashtags: true, MarkNegation: true, MarkQuotation: true}
	const text = "THE MOBS say #MeTooNOW: it is “not me now”. i am"
	v := fit(t, []string{text}, o)
	at := func(s string) features.Span {
		i := strings.Index(text, s)
		return features.Span{Start: i, End: i + len(s)}
	}
	assert.Equal(t, []hit{{"mob", at("THE MOBS")}, {"me", at("not me")}, {"now", at("now")}, {"am", at("i am")}}, hits(v, 0, text))

	// Under these rules a word has two characters, "I" is none, and "#" is a sign.
	o.Tokenizer.Rules = features.ScikitLearnRules
	o.Lexicon = features.Lexicon{"I am": {"am"}, "#metoo*": {"tag"}}
	v = fit(t, []string{text}, o)
	assert.Equal(t, []hit{{"tag", at("MeTooNOW")}, {"am", at("am")}}, hits(v, 0, text))
}

// A class counts as often as its phrases occur, and is weighed as terms are.
func TestLexiconWeights(t *testing.T) {
	l := features.Lexicon{"mob": {"against", "loud"}, "witch hunt": {"against"}, "brave": {"favor"}}
	const text = "The mob, the mob, the witch hunt!" // against 3, loud 2
	docs := []string{text, "A mob.", "Nothing at all."}
	block := features.Block{Analyzer: features.LexiconClasses, IDF: features.NoIDF, Norm: features.NoNorm}
	for _, tt := range []struct {
		name   string
		change func(*features.Block)
		want   []float64 // of against and loud
	}{
		{"counts", func(*features.Block) {}, []float64{3, 2}},
		{"binary", func(b *features.Block) { b.TF = features.BinaryTF }, []float64{1, 1}},
		{"sublinear", func(b *features.Block) { b.TF = features.SublinearTF }, []float64{1 + math.Log(3), 1 + math.Log(2)}},
		{"smooth idf", func(b *features.Block) { b.IDF = features.SmoothIDF }, []float64{3 * (math.Log(4.0/3) + 1), 2 * (math.Log(4.0/3) + 1)}},
		{"length 1", func(b *features.Block) { b.Norm = features.L2 }, []float64{3 / math.Sqrt(13), 2 / math.Sqrt(13)}},
		{"weight", func(b *features.Block) { b.Norm, b.Weight = features.L1, 10 }, []float64{6, 4}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := block
			tt.change(&b)
			v := fit(t, docs, features.Options{Blocks: []features.Block{b}, Lexicon: l})
			require.Equal(t, []string{"against", "loud"}, vocabulary(v), "no document has a phrase of the third class")
			assert.Equal(t, []int{2, 2}, []int{v.DF(0), v.DF(1)})
			assert.InDeltaSlice(t, tt.want, v.Row(text).Values, 1e-14)
			assert.Zero(t, v.Row("Brave, and unheard of.").Len())
			col, ok := v.Column(0, "loud")
			assert.True(t, ok)
			assert.Equal(t, 1, col)
			_, ok = v.Column(0, "mob")
			assert.False(t, ok, "a phrase is no term")
		})
	}
}

// checkLexicon compares all that reads a lexicon with hitsSlowly. The lexicon
// must be a valid one.
func checkLexicon(t require.TestingT, l features.Lexicon, rules features.Rules, text, other string) {
	o := features.Options{
		Tokenizer: features.Tokenizer{Rules: rules},
		Blocks: []features.Block{
			{MaxN: 2, IDF: features.NoIDF, Norm: features.NoNorm},
			{Analyzer: features.LexiconClasses, IDF: features.NoIDF, Norm: features.NoNorm},
			{Analyzer: features.CharsWB, MinN: 2, MaxN: 3, IDF: features.NoIDF, Norm: features.NoNorm},
		},
		Lexicon: l,
	}
	want := hitsSlowly(l, rules, text)
	v, m, err := features.FitTransform(background, []string{text, other}, o)
	require.NoError(t, err)
	got := hits(v, 1, text)
	require.Equal(t, want, got, "%q in %q", l, text)

	at, end := boundaries(text), 0
	var before features.Span
	for _, h := range got {
		requirePlace(t, at, h.Span)
		require.Less(t, h.Start, h.End)
		if h.Span != before { // further classes of a phrase stand where it stands
			require.LessOrEqual(t, end, h.Start)
		}
		before, end = h.Span, h.End
	}

	// Every reader counts the same. Weights that are small whole numbers make
	// every sum exact.
	counts := map[string]float64{}
	for _, h := range want {
		counts[h.class]++
	}
	row := v.Row(text)
	require.Equal(t, row.Indices, append([]int32(nil), m.Row(0).Indices...))
	require.Equal(t, row.Values, append([]float64(nil), m.Row(0).Values...))
	weights := make([]float32, v.Cols()*features.Outputs)
	for i := range weights {
		weights[i] = float32(i%7 - 3)
	}
	var sums [features.Outputs]float64
	found := map[string]float64{}
	var values []float64
	for i, col := range row.Indices {
		for k := range sums {
			sums[k] += row.Values[i] * float64(weights[int(col)*features.Outputs+k])
		}
		if v.Block(int(col)) == 1 {
			found[v.Term(int(col))] = row.Values[i]
			values = append(values, row.Values[i])
		}
	}
	require.Equal(t, counts, found)
	require.Equal(t, sums, features.NewScorer(v, weights).Scores(text))

	b, err := v.AppendBinary(nil)
	require.NoError(t, err)
	again, err := features.Decode(b)
	require.NoError(t, err)
	require.Equal(t, v.Options(), again.Options())
	require.Equal(t, row, again.Row(text))
	bb, err := again.AppendBinary(nil)
	require.NoError(t, err)
	require.Equal(t, b, bb)

	// Columns of a hasher have no names, but the block has as many of them, with
	// the same counts, unless they collide.
	h, err := features.NewHasher(24, o)
	require.NoError(t, err)
	var hashed []float64
	r := h.Row(text)
	for i, col := range r.Indices {
		if col>>24 == 1 {
			hashed = append(hashed, math.Abs(r.Values[i]))
		}
	}
	slices.Sort(values)
	slices.Sort(hashed)
	require.Equal(t, values, hashed)
}

// lexiconWords are words of which many are the beginnings of others, in
// spellings of which many are the same word.
var lexiconWords = []string{"a", "ab", "abc", "AB", "b", "ba", "é", "éa", "don't", "Don’t", "do", "#a", "#ab", "A2", "漢", "12", "1.5", "@a", "ΣΑΣ", "σ"}

// validLexicon draws a lexicon without two spellings of one phrase.
func validLexicon(t *rapid.T, rules features.Rules) features.Lexicon {
	l := features.Lexicon{}
	seen := map[string]bool{}
	for range rapid.IntRange(1, 12).Draw(t, "phrases") {
		words := rapid.SliceOfN(rapid.SampledFrom(lexiconWords), 1, 4).Draw(t, "words")
		phrase := strings.Join(words, rapid.SampledFrom([]string{" ", "-", ", "}).Draw(t, "between")) +
			rapid.SampledFrom([]string{"", "", "*", "* ", "!"}).Draw(t, "ending")
		read, stem := stemOf(phrase, rules)
		key := fmt.Sprintf("%q %v", read, stem)
		if len(read) == 0 || seen[key] {
			continue
		}
		seen[key] = true
		l[phrase] = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x", "y", "z 1", "z 2", "é"}), 1, 3, rapid.ID[string]).Draw(t, "classes")
	}
	if len(l) == 0 {
		l["word"] = []string{"x"}
	}
	return l
}

func TestLexiconIsSlowlyTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := rapid.SampledFrom([]features.Rules{features.SocialRules, features.ScikitLearnRules}).Draw(t, "rules")
		l := validLexicon(t, rules)
		piece := rapid.OneOf(rapid.SampledFrom(lexiconWords), rapid.SampledFrom(slices.Sorted(maps.Keys(l))), rapid.SampledFrom(placePieces))
		text := func(name string) string {
			return strings.Join(rapid.SliceOfN(piece, 0, 15).Draw(t, name), rapid.SampledFrom([]string{" ", " ", "-", ""}).Draw(t, "between"))
		}
		checkLexicon(t, l, rules, text("text"), text("other"))
	})
}

// FuzzLexicon reads any text with any lexicon, whose phrases are lines with
// their classes behind tabs: it is an error or finds what hitsSlowly finds.
func FuzzLexicon(f *testing.F) {
	for _, s := range append(slices.Clone(hostileRuns), hostile...) {
		f.Add(s, s+"\tx\ta*\tb\nthe *\ty", false)
		f.Add("a the "+s+" abc", "a*\tx\nthe "+s+"\ty", true)
	}
	f.Add("A witch-hunt, they say: hypocrites!", "witch hunt\tagainst\tloud\nwitch\tfavor\nhypocri*\tagainst\nthey say hypocr*\treport", false)
	f.Fuzz(func(t *testing.T, text, lines string, scikit bool) {
		l := features.Lexicon{}
		for line := range strings.Lines(lines) {
			fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			l[fields[0]] = fields[1:]
		}
		rules := features.SocialRules
		if scikit {
			rules = features.ScikitLearnRules
		}
		o := lexiconOnly(l)
		o.Tokenizer.Rules = rules
		_, err := features.Fit(background, nil, o)
		if err != nil {
			_, again := features.Fit(background, nil, o)
			require.EqualError(t, again, err.Error(), "whatever the order of the map")
			return
		}
		if len(text) > 1<<12 || len(lines) > 1<<11 {
			return // the slow way takes too long
		}
		checkLexicon(t, l, rules, text, lines)
	})
}

func TestLexiconRefuses(t *testing.T) {
	ok := []string{"x"}
	long := strings.Repeat("é", 32) // 64 bytes
	tests := []struct {
		name    string
		lexicon features.Lexicon
		want    string
	}{
		{"invalid phrase", features.Lexicon{"mob\xff": ok}, `"mob\xff": not valid UTF-8`},
		{"empty phrase", features.Lexicon{"": ok}, `"": has no word`},
		{"no word", features.Lexicon{"?!": ok}, `"?!": has no word`},
		{"asterisk alone", features.Lexicon{" *": ok}, `" *": has no word`},
		{"too many words", features.Lexicon{strings.Repeat("a ", 17): ok}, `"a a a a a a a a a a a a a a a a a ": has 17 words, want at most 16`},
		{"too long before the asterisk", features.Lexicon{long + "*": ok}, `"` + long + `*": the word before the asterisk has 64 bytes, want at most 63`},
		{"twice", features.Lexicon{"witch hunt": ok, "Witch-Hunt": ok}, `"witch hunt": stands there twice, in different spellings`},
		{"twice with an asterisk", features.Lexicon{"witch hunt*": ok, "WITCH, hunt * ": ok}, `"witch hunt*": stands there twice, in different spellings`},
		{"no class", features.Lexicon{"mob": nil}, `"mob" has no class`},
		{"empty list of classes", features.Lexicon{"mob": {}}, `"mob" has no class`},
		{"empty class", features.Lexicon{"mob": {"x", ""}}, `"mob": class "": want a name in UTF-8`},
		{"invalid class", features.Lexicon{"mob": {"\xc3"}}, `"mob": class "\xc3": want a name in UTF-8`},
		{"class twice", features.Lexicon{"mob": {"x", "y", "x"}}, `"mob" has the class "x" twice`},
		{"the first of many", features.Lexicon{"z": nil, "y": {""}, "x!": ok, "x": ok, "..": ok, "w*": {"a", "a"}, "v\xff": nil, "ok": ok}, `"..": has no word`},
		{"the first of many, further on", features.Lexicon{"z": nil, "y": {""}, "x!": ok, "x": ok, "w*": {"\xff", "b", "b"}, "v ": ok, "b": ok}, `"w*": class "\xff": want a name in UTF-8`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			want := "features: lexicon: " + tt.want
			for range 20 { // maps give their keys in any order
				_, err := features.Fit(background, sentences, lexiconOnly(tt.lexicon))
				require.EqualError(t, err, want)
			}
			_, _, err := features.FitTransform(background, sentences, lexiconOnly(tt.lexicon))
			assert.EqualError(t, err, want)
			_, err = features.NewHasher(10, lexiconOnly(tt.lexicon))
			assert.EqualError(t, err, want)
			o := lexiconOnly(tt.lexicon)
			o.Blocks = nil
			_, err = features.Fit(background, sentences, o)
			assert.EqualError(t, err, want, "whether a block asks for it or not")
		})
	}

	// What is just within the limits.
	most := features.Lexicon{strings.Repeat("a ", 16): ok, long[2:] + "a*": ok, "b" + long + "!": ok}
	assert.Equal(t, []string{"x"}, vocabulary(fit(t, []string{strings.Repeat("a ", 16)}, lexiconOnly(most))))
	assert.Equal(t, []string{"x"}, vocabulary(fit(t, []string{long[2:] + "abc"}, lexiconOnly(most))))
	assert.Empty(t, vocabulary(fit(t, []string{strings.Repeat("a ", 15) + long}, lexiconOnly(most))))
}

func TestLexiconBlocksRefuse(t *testing.T) {
	l := features.Lexicon{"mob": {"x"}}
	for _, tt := range []struct {
		name  string
		block features.Block
		l     features.Lexicon
		want  string
	}{
		{"no lexicon", features.Block{Analyzer: features.LexiconClasses}, nil, "there is no lexicon"},
		{"empty lexicon", features.Block{Analyzer: features.LexiconClasses}, features.Lexicon{}, "there is no lexicon"},
		{"pairs", features.Block{Analyzer: features.LexiconClasses, MaxN: 2}, l, "classes of a lexicon do not form n-grams"},
		{"twos", features.Block{Analyzer: features.LexiconClasses, MinN: 2}, l, "classes of a lexicon do not form n-grams"},
		{"beyond the analyzers", features.Block{Analyzer: features.LexiconClasses + 1}, l, "unknown analyzer, tf, idf or norm"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := features.Options{Blocks: []features.Block{{}, tt.block}, Lexicon: tt.l}
			_, err := features.Fit(background, sentences, o)
			assert.EqualError(t, err, "features: block 1: "+tt.want)
			_, err = features.NewHasher(10, o)
			assert.EqualError(t, err, "features: block 1: "+tt.want)
		})
	}
}

// Bytes with a lexicon that compile refuses are an error of Decode as well.
func TestDecodeRefusesLexicons(t *testing.T) {
	b, err := fit(t, []string{"mob"}, lexiconOnly(features.Lexicon{"mob": {"xx"}})).AppendBinary(nil)
	require.NoError(t, err)
	for was, becomes := range map[string][2]string{
		`"mob"`:         {`"..."`, `features: lexicon: "...": has no word`},
		`["xx"]`:        {`[    ]`, `features: lexicon: "mob" has no class`},
		`"xx"`:          {`  ""`, `features: lexicon: "mob": class "": want a name in UTF-8`},
		`{"mob":["xx"]`: {`{            `, `features: block 0: there is no lexicon`},
	} {
		require.Equal(t, 1, strings.Count(string(b), was))
		_, err := features.Decode([]byte(strings.Replace(string(b), was, becomes[0], 1)))
		assert.ErrorContains(t, err, "features: vectorizer, byte ")
		assert.ErrorContains(t, err, ": "+becomes[1])
	}
}

// A vectorizer keeps a lexicon of its own, down to the lists of classes.
func TestLexiconIsCopied(t *testing.T) {
	l := features.Lexicon{"mob": {"against"}, "brave": {"favor"}}
	v := fit(t, []string{"A brave mob"}, lexiconOnly(l))
	h, err := features.NewHasher(10, lexiconOnly(l))
	require.NoError(t, err)
	row, hashed := v.Row("mob"), h.Row("mob")
	change := func(l features.Lexicon) {
		l["mob"][0] = "favor"
		l["a"] = []string{"favor"}
		delete(l, "brave")
	}
	change(l)
	change(v.Options().Lexicon)
	assert.Equal(t, features.Lexicon{"mob": {"against"}, "brave": {"favor"}}, v.Options().Lexicon)
	assert.Equal(t, row, v.Row("mob"))
	assert.Equal(t, hashed, h.Row("mob"))
	b, err := v.AppendBinary(nil)
	require.NoError(t, err)
	again, err := features.Decode(b)
	require.NoError(t, err)
	assert.Equal(t, v.Options(), again.Options())
	assert.Nil(t, fit(t, nil, features.Options{Lexicon: features.Lexicon{}}).Options().Lexicon, "an empty lexicon is none")
}

// Phrases are found across the batches in which an analyzer reads a long text.
func TestLexiconInLongText(t *testing.T) {
	l := features.Lexicon{"one": {"a"}, "one two three": {"b", "c"}, "three one tw*": {"d"}, "stree*": {"e"}}
	const period = "one two one two three one two, street: "
	want := hitsSlowly(l, features.SocialRules, period)
	const n = 20_000
	text := strings.Repeat(period, n)
	v := fit(t, []string{period}, lexiconOnly(l))
	got := hits(v, 0, text)
	require.Len(t, got, n*len(want))
	for i, h := range got {
		w := want[i%len(want)]
		from := i / len(want) * len(period)
		require.Equal(t, hit{w.class, features.Span{Start: from + w.Start, End: from + w.End}}, h)
	}
	row, long := v.Row(period), v.Row(text)
	require.Equal(t, row.Indices, long.Indices)
	for i := range row.Values {
		require.Equal(t, n*row.Values[i], long.Values[i])
	}

	// A word ends where it ends, however far into a text it stands.
	l = features.Lexicon{"abc*": {"a"}, "x y z": {"b"}}
	assert.Empty(t, hits(fit(t, []string{"abcd"}, lexiconOnly(l)), 0, strings.Repeat("ab c ", n)))
}

// allocated returns the bytes that f allocates in all, freed or not: more than
// it ever holds at once.
func allocated(f func()) int {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int(after.TotalAlloc - before.TotalAlloc)
}

// What a long text costs in memory is that of its batches, or of its longest
// words: an analyzer must see at most the words of the longest phrase at once.
func TestLexiconMemoryIsBounded(t *testing.T) {
	if testing.Short() || raceDetector {
		t.Skip("10 MB, several times")
	}
	const size = 10_000_000
	filled := func(piece string) string { return strings.Repeat(piece, size/len(piece)) }
	sixteen := strings.Repeat("w ", 16)
	l := features.Lexicon{"mob": {"a", "b"}, "the mob rul*": {"a"}, sixteen: {"c"}, "gigantic*": {"d"}}
	v := fit(t, []string{"mob", "gigantic", sixteen}, lexiconOnly(l))
	s := features.NewScorer(v, make([]float32, v.Cols()*features.Outputs))
	word := strings.Repeat("gigantic", 1000)
	for _, tt := range []struct {
		name, text string
		most       int // bytes
	}{
		{"matches everywhere", filled("the mob, "), 4 << 20},
		{"no match", filled("she said that "), 4 << 20},
		{"beginnings of a phrase", filled("w w w w w w w w w w w w w w w x ")[:size/10], 4 << 20},
		{"long words", filled(word + " w "), 4 << 20},
		{"one word", filled("gigantic"), 12 * size},
		{"one word among others", "w w w " + filled("gigantic") + strings.Repeat(" w", 40), 12 * size},
		{"punctuation", filled("-"), 1 << 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var row features.Row
			assert.Less(t, allocated(func() { row = v.Row(tt.text) }), tt.most)
			var scores [features.Outputs]float64
			assert.Less(t, allocated(func() { scores = s.Scores(tt.text) }), tt.most)
			assert.Zero(t, scores)
			counts := map[string]float64{}
			for i, col := range row.Indices {
				counts[v.Term(int(col))] = row.Values[i]
			}
			want := map[string]map[string]float64{
				"matches everywhere":    {"a": float64(strings.Count(tt.text, "mob")), "b": float64(strings.Count(tt.text, "mob"))},
				"long words":            {"d": float64(strings.Count(tt.text, word+" "))},
				"one word":              {"d": 1},
				"one word among others": {"d": 1, "c": 2},
			}[tt.name]
			if want == nil {
				want = map[string]float64{}
			}
			assert.Equal(t, want, counts)
		})
	}
}

// What one word needed is not kept for the next text.
func TestLexiconForgetsLongWords(t *testing.T) {
	const size = 10_000_000
	text := strings.Repeat("gigantic", size/8)
	v := fit(t, []string{"mob"}, lexiconOnly(features.Lexicon{"mob": {"a"}}))
	s := features.NewScorer(v, make([]float32, v.Cols()*features.Outputs))
	// A collection leaves in a pool what was put there since the last one: there
	// must be no other between.
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	held := func() uint64 {
		runtime.GC()
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	held()
	before := held()
	v.Row(text)
	s.Scores(text)
	assert.Less(t, held(), before+size/2)
	runtime.KeepAlive(text)
}

// askedContext counts how often it is asked whether it has ended.
type askedContext struct {
	context.Context
	times atomic.Int64
}

func (c *askedContext) Err() error {
	c.times.Add(1)
	return c.Context.Err()
}

// Whoever waits for the classes of a long text can be told to stop, though it
// has no phrase at all.
func TestLexiconCanBeCancelled(t *testing.T) {
	const words = 1_000_000
	ctx := &askedContext{Context: background}
	_, err := features.Fit(ctx, []string{strings.Repeat("mob ", words)}, lexiconOnly(features.Lexicon{"mob rule": {"x"}}))
	require.NoError(t, err)
	assert.Greater(t, ctx.times.Load(), int64(words/10_000), "every ten thousand words at least")
}

func TestLexiconNeedsNoAllocation(t *testing.T) {
	if raceDetector {
		t.Skip("the race detector makes sync.Pool allocate")
	}
	o := features.Options{
		Blocks:  []features.Block{{MaxN: 2}, {Analyzer: features.LexiconClasses, TF: features.SublinearTF, IDF: features.NoIDF}},
		Lexicon: features.Lexicon{"witch hunt": {"against", "loud"}, "nobody believ*": {"against"}, "spoke out": {"favor"}},
	}
	v := fit(t, sentences, o)
	s := features.NewScorer(v, make([]float32, v.Cols()*features.Outputs))
	text := strings.Join(sentences, " ") + " Quite unseen words, and É, follow."
	s.Scores(text)
	assert.Zero(t, testing.AllocsPerRun(200, func() { s.Scores(text) }))
	row := v.AppendRow(features.Row{}, text)
	assert.Zero(t, testing.AllocsPerRun(200, func() {
		row = v.AppendRow(features.Row{Indices: row.Indices[:0], Values: row.Values[:0]}, text)
	}))
}

// The classes of a lexicon are columns of their own beside the words.
func ExampleLexicon() {
	v, err := features.Fit(background, []string{"A witch-hunt by hypocrites.", "She was brave."}, features.Options{
		Blocks: []features.Block{{Analyzer: features.LexiconClasses, IDF: features.NoIDF, Norm: features.NoNorm}},
		Lexicon: features.Lexicon{
			"witch hunt": {"against", "stance"},
			"hypocri*":   {"against"},
			"brave":      {"favor"},
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	text := "Hypocrisy! This Witch Hunt has to end."
	for _, o := range v.Occurrences(text) {
		fmt.Printf("%s: %s\n", v.Term(o.Col), o.Of(text))
	}
	fmt.Println(v.Row(text).Values)
	// Output:
	// against: Hypocrisy
	// against: Witch Hunt
	// stance: Witch Hunt
	// [2 1]
}
