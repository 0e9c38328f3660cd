package features_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"example.org/metoostance/features"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestSocialTokens(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
	}{
		{"hashtag and apostrophe", "Don't call #MeToo a mob.", []string{"don't", "call", "#metoo", "a", "mob"}},
		{"curly apostrophe", "women’s ‘word’", []string{"women's", "word"}},
		{"quoted word keeps no apostrophe", "'tis 'so'", []string{"tis", "so"}},
		{"mention, not address", "@user_1 wrote to me@example.org", []string{"@user_1", "wrote", "to", "me", "example", "org"}},
		{"lone signs", "# @ ## #1 C#5", []string{"#1", "c", "5"}},
		{"urls", "see https://example.org/a?b=c#d, www.example.org. http:// now", []string{"see", "<url>", "<url>", "http", "now"}},
		{"url is part of no word", "whttps://example.org", []string{"whttps", "example", "org"}},
		{"numbers", "3.5 of 1,250,000 in 2018, or 5.", []string{"3.5", "of", "1,250,000", "in", "2018", "or", "5"}},
		{"emoji with tone, joiner and flag", "ok 👍🏽👩‍👩‍👧🇫🇷!", []string{"ok", "👍🏽", "👩‍👩‍👧", "🇫🇷"}},
		{"no spaces between Han characters", "我也是 MeToo", []string{"我", "也", "是", "metoo"}},
		{"combining marks stay", "e\u0301tude", []string{"e\u0301tude"}},
		{"soft hyphen and zero-width space vanish", "move\u00adment wo\u200brd", []string{"movement", "word"}},
		{"modifier apostrophe", "\u02bc women\u02bcs\u02bc", []string{"women's"}},
		{"invalid byte ends an emoji", "⚜\xe2", []string{"⚜"}},
		{"invalid bytes separate", "a\xffb\xc3", []string{"a", "b"}},
		{"NUL separates", "a\x00b", []string{"a", "b"}},
		{"empty", "", nil},
		{"punctuation alone", " ... --- !?", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, features.Tokenizer{}.Tokenise(tt.text))
		})
	}
}

func TestTokenKindsAndPlaces(t *testing.T) {
	text := "Über 40 said #MeToo to @her 😡 https://example.org"
	var got []string
	kinds := map[features.Kind]string{features.Word: "word", features.Number: "number", features.Hashtag: "hashtag",
		features.Mention: "mention", features.URL: "url", features.Emoji: "emoji"}
	for _, tok := range (features.Tokenizer{}).Tokens(text) {
		got = append(got, kinds[tok.Kind]+":"+tok.Of(text))
	}
	assert.Equal(t, []string{"word:Über", "number:40", "word:said", "hashtag:#MeToo", "word:to", "mention:@her",
		"emoji:😡", "url:https://example.org"}, got)
}

func TestTokenizerOptions(t *testing.T) {
	tests := []struct {
		name string
		tok  features.Tokenizer
		text string
		want string
	}{
		{"case", features.Tokenizer{KeepCase: true}, "Me Too #MeToo", "Me Too #MeToo"},
		{"stop words", features.Tokenizer{StopWords: map[string]bool{"the": true}}, "The end of the day", "end of day"},
		{"hashtag parts", features.Tokenizer{SplitHashtags: true}, "#BelieveWomen2018 #MeTooNOW #USAToday #snake_case #metoo #2018",
			"#believewomen2018 believe women 2018 #metoonow me too now #usatoday usa today #snake_case snake case #metoo #2018"},
		{"negation ends at punctuation", features.Tokenizer{MarkNegation: true}, "I do not believe him, she said", "i do not not:believe not:him she said"},
		{"negation ends at but", features.Tokenizer{MarkNegation: true}, "Don't blame us but listen", "don't not:blame not:us but listen"},
		{"quotation", features.Tokenizer{MarkQuotation: true}, `a “witch hunt,” he said, or "mob" rule`, "a q:witch q:hunt he said or q:mob rule"},
		{"open quotation", features.Tokenizer{MarkQuotation: true}, `a “witch hunt`, "a witch hunt"},
		{"both marks", features.Tokenizer{MarkNegation: true, MarkQuotation: true}, `not a “witch hunt”`, "not not:a q:not:witch q:not:hunt"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			assert.Equal(t, tt.want, strings.Join(tt.tok.Tokenise(tt.text), " "))
		})
	}
}

// checkTokens asserts what holds for every text: tokens are not empty and are
// valid UTF-8, spans stand in order within the text, and a span that was cut
// out gives the token again.
func checkTokens(t require.TestingT, text string) {
	for _, rules := range []features.Rules{features.SocialRules, features.ScikitLearnRules} {
		tok := features.Tokenizer{Rules: rules}
		end := 0
		for _, k := range tok.Tokens(text) {
			require.NotEmpty(t, k.Text)
			require.True(t, utf8.ValidString(k.Text), "token %q", k.Text)
			require.GreaterOrEqual(t, k.Start, end)
			require.Greater(t, k.End, k.Start)
			require.LessOrEqual(t, k.End, len(text))
			end = k.End
		}
		marked := features.Tokenizer{Rules: rules, MarkNegation: true, MarkQuotation: true, SplitHashtags: true, KeepCase: true}
		// Not of tok: the lower case of U+0130 may end a token, which KeepCase does not.
		plain := features.Tokenizer{Rules: rules, KeepCase: true}
		require.GreaterOrEqual(t, len(marked.Tokens(text)), len(plain.Tokens(text)))
	}
}

func TestTokensOfAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { checkTokens(t, rapid.String().Draw(t, "text")) })
	rapid.Check(t, func(t *rapid.T) { checkTokens(t, string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))) })
}

var hostile = []string{
	"", "\x00", "\xff\xfe", "\ufeff", "\ud7ff\ue000", "a\u0301\u0301\u0301", "\u202eabc\u202c", "#", "#\u0301", "@\xff",
	"İİ", "⚜\xe2", "\u02bc", "ΣΣ Σ", "\u2019s", "x\u2019", "“““““", `"""`, "http://", "www.", "1.2.3,4", "n't not", "#_#__#a_", "👍🏽\u200d",
	"e\u00ad", "\u200d\u200d", "\r\n\r\n", "日本語テキスト", "ﷺ", "\U000e0001",
}

func FuzzTokenizer(f *testing.F) {
	for _, s := range hostile {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) { checkTokens(t, text) })
}

func ExampleTokenizer_Tokens() {
	text := "Don't call #MeToo a “witch hunt.”"
	for _, token := range (features.Tokenizer{}).Tokens(text) {
		fmt.Printf("%d-%d %s\n", token.Start, token.End, token.Text)
	}
	// Output:
	// 0-5 don't
	// 6-10 call
	// 11-17 #metoo
	// 18-19 a
	// 23-28 witch
	// 29-33 hunt
}
