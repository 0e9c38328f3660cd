package features

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// segMarked reads a text in which "¦" stands at every place where a sentence
// ends and another follows, and returns the text without the marks and the
// sentences.
func segMarked(marked string) (text string, want []string) {
	for part := range strings.SplitSeq(marked, "¦") {
		if part = strings.TrimFunc(part, segIsSpace); part != "" {
			want = append(want, part)
		}
	}
	return strings.ReplaceAll(marked, "¦", ""), want
}

func segTexts(text string) (texts []string) {
	for _, span := range Sentences(text) {
		texts = append(texts, span.Of(text))
	}
	return texts
}

// segDeciders returns the names of the rules that decided about the joints of a
// text.
func segDeciders(text string) (names []string) {
	s := newSegmenter(text)
	for j := s.next(); j != nil; j = s.next() {
		split, rule := s.judge(j)
		names = append(names, segRules[rule].name)
		if split {
			s.begin(j)
		} else {
			s.join(j)
		}
	}
	return names
}

// segRuleCases shows each rule at work: it must decide about a joint of each of
// its texts.
var segRuleCases = map[string][]string{
	"run-together words": {
		"Filed in 2018¦If the court agrees, they pay.",
		"The rise of a movement¦The singer was first.",
		"What nobody told me¦She knew.",
		"What I know¦I learned late.",
		"How it went for Okafor¦The trial is over.",
		"Trials in the age of #MeToo¦When the jury left, she wept.",
		"The women behind #MeToo¦On Sunday they met.",
		"A film about WeWork¦The office is empty.",
		"Opinion¦Ask the cooks first",
		"OPINION desk, 06.00 GMT¦First published here",
		"Nine at noon for the NBC¦When they came, it rained.",
		"They said “me too”¦The movement was born.",
		"They said \"me too\"¦The movement was born.",
		"(Reuters)¦The judge has resigned.",
		"The march that was¦15 October 2017 at noon.",
		"What became of them¦Monday was cold.",
		"Women at the capitol¦SACRAMENTO is the seat.",
	},
	"paragraph": {
		"Women march again\n\n¦They came by bus.",
		"no stop here\r\n \t\r\n¦none there",
		"mac line\r\r¦mac paragraph",
		"one\u2029¦two",
	},
	"line": {
		"The judge resigns\n¦By Ada Ito\n¦Oct. 3, 2018\n¦She went at noon.",
		"- a list\n¦- of things\n¦- in lower case",
		"one\r¦two\r\n¦three\u2028¦four\u0085¦five",
		"i told my mother\n¦she laughed",
		"He lives with Mr.\n¦Ito is a name.",
		// Wrapped at 40 columns and more: the line break is a space.
		"The hearing that everybody had waited\nfor began an hour late, and the chairman\nread a statement.",
		"The committee heard three witnesses, and\nSenator Okafor asked what the women who\nMs. Ito had called wanted. ¦Nobody in the\nroom knew.",
		"We ask of the port, in the order of need,\nthis much, and nothing that goes beyond it.\n¦- a lock on the door of every office there",
		"We ask of the port, in the order of need,\nthis much, and nothing that goes beyond it.\n¦> mail that somebody else wrote, in reply",
		"What it took for the women of the docks and\nCranes to be heard by the port",
	},
	"leading stop": {
		"...and then nobody came.",
		".@user is right.",
		"“… They left.",
	},
	"stop in a word": {
		"That is b!tter and we don?t care.",
		"She writes .NET code.",
	},
	"run-together sentences": {
		"They spoke of the attacks.¦The next day he resigned.",
		"It was 2018.¦Nobody knew.",
		"Ask the FBI.¦Nobody else knows.",
		"He fell silent.¦I did not.",
		"He wrote songs for girls.¦R. Diaz sang them.",
		"She went to the papers.¦NBC did not call.",
		"He came to the U.S.¦The visa was late.",
		"Yes, Dr.Ito is in, and so is J.K.Diaz of the U.S.Senate.",
		"The Ph.D. was hers; see Salon.Com and v2.X for more.",
		"1.Listen",
	},
	"ellipsis": {
		"Well… Maybe not.",
		"But...I never saw him.",
		"They waited… and waited... until noon.",
		"He left the room... ¦Then she spoke.",
		"He left the room… ¦Then she spoke.",
		"He left the room. . . ¦Then she spoke.",
		"“I do not know…” ¦She fell silent.",
		"No one asked.  ... ¦Then she spoke.",
		"We lost in 2016…5 of us.",
		"They had … nothing.",
		"It went on and on…, he said.",
		"We lost everything… ¦27 of us.",
	},
	"name with mark": {
		"He sued Yahoo! News and Jeopardy! too.",
	},
	"attribution": {
		"“Why?” she asked.",
		"\"Why?\" she asked.",
		"'Why?' she asked.",
		"“Enough!” Ms. Ito said. ¦She left.",
		"“Enough!” I said.",
		"“Who says so?” Senator Okafor wondered.",
		"The women (and men!) who came were tired.",
		"They call it “justice.” nobody else does.",
		"*Really?* she asked.",
		"The U.S.'s courts and M.I.T.’s labs.",
	},
	"list number": {
		"1. First they come. ¦They go.",
		"2. they come",
		"a. The name of the school",
		"IV. Remedies",
	},
	"abbreviation": {
		"Mr. Ito met Mrs. Diaz, Ms. H., Prof. Okafor and St. John on Jan. 5.",
		"They came to the U.S. ¦They stayed.",
		"The U.S. Senate and the U.K. press, Apple Inc. and others.",
		"The case of Roe v. Wade, i.e. Texas, vs. The State.",
		"See No. 5, p. 7, Fig. 2 and Art. 6.",
		"We met at 10 a.m. Monday, 3 p.m. ET, or at 5 p.m. ¦Nobody came.",
		"Books, films, etc. are out, plays, etc. ¦That is all.",
		"Harry S. Okafor, J. K. Diaz and C.K. Ito were there.",
		"I would go. ¦So would I. ¦Women know why.",
		"It was plan B. ¦She knew.",
		"Sen. Diaz (D-Miss.) voted, as did Rep. Ito, D-Minn. ¦Okafor abstained.",
		"Ask Acme Inc. ¦“We are not liable.”",
		"Acme Inc. (formerly Bolt Co.) paid.",
		"mr. ito and dr. diaz saw st. paul.",
		"She moved to Jackson, Miss. ¦Nobody knew.",
	},
	"weak start": {
		"He said so. ¦2018 was worse. ¦$5 million was paid to Okafor. ¦27 women sued.",
		"i said no. ¦he laughed.",
		"He wrote to nobody. ¦then he left.",
		"so true. ¦#metoo is for all of us",
		"she left at 2. ¦nobody saw her.",
		"he is from nyc. ¦i know.",
		"The film is a lie. ¦@user wrote it.",
	},
	"separator": {
		"Okafor waits. | Photo by Ada Ito",
	},
	"tail": {
		"Enough! 😡 ¦Next time we march.",
		"Enough.😡👍🏽 ¦Next time we march.",
		"Read this. https://example.org/a?b=C.d ¦Then read on.",
		"Read this.https://example.org/a ¦Then read on.",
		"Read this. https://example.org/a — Ada Ito (@ada)",
		"The committee heard what it had asked for.\n¦Nobody in the room had a question, or none\nthat was asked.",
		"He saw Acme Intl. 😡 and left.",
	},
	"UAX #29": {
		"He left. ¦She stayed! ¦Why? ¦Who knows?! ¦Nobody…",
		"“He left.” ¦“She stayed,” he said.",
		"He left (or so she said.) ¦(She stayed.) ¦[He did not.]",
		"He said: “It is over.” ¦She did not.",
		"He paid $3.5 million to babe.net; 2.5 of it went: nothing came.",
		"Under oath! — he was lying.",
		"He said so! ¦2018 was worse.",
		"No. ¦Okafor knew.",
		"She lied.[12] ¦He did too.² ¦All did.",
		"彼は去った。¦彼女は残った。",
		"ماذا؟ ¦لا شيء.",
		"वह गया। ¦वह रुकी।",
		"« Pourquoi ? » ¦Elle savait.",
		"„Warum nicht?“ ¦Er schwieg.",
		"Was that it? ¦i mean really.",
		"Read this. ¦#MeToo is no tail here.",
		"He left.\" ¦She stayed.",
		"Ask for one more rep. ¦Then rest.",
		"He went to Mass. ¦Nobody knew.",
		"“Who says so?” ¦A reporter wondered.",
		"“Who says so?” ¦Nobody said.",
		"“Who says so?” ¦The Women of Marlow Street Port wondered.",
	},
}

func TestSegmentRules(t *testing.T) {
	for _, rule := range segRules {
		if rule.name == "headline" {
			continue // see TestSegmentHeadline
		}
		require.NotEmpty(t, segRuleCases[rule.name], rule.name)
		for _, marked := range segRuleCases[rule.name] {
			t.Run(rule.name, func(t *testing.T) {
				text, want := segMarked(marked)
				assert.Equal(t, want, segTexts(text))
				assert.Contains(t, segDeciders(text), rule.name, "%q", text)
			})
		}
	}
}

// TestSegmentHeadline needs a text below the headline that is long enough for
// an article.
func TestSegmentHeadline(t *testing.T) {
	body := strings.Repeat(" Nobody in the room had a question.", 1+segMinArticle/35)
	for _, c := range []struct {
		name, text string
		first      string
	}{
		{"question and answer", "Gone too far? Ask the cooks\n\nThey know." + body, "Gone too far? Ask the cooks"},
		{"single line break", "I was silent. No more\nThey know." + body, "I was silent. No more"},
		{"byte order mark", "\ufeffGone too far? Ask the cooks\r\n\r\nThey know." + body, "Gone too far? Ask the cooks"},
		{"with a stop at its end", "I was silent. I was wrong.\n\nThey know." + body, "I was silent."},
		{"quoted stop at its end", "I was silent. “I was wrong.”\n\nThey know." + body, "I was silent."},
		{"post", "I was silent. No more\n\nThey know.", "I was silent."},
		{"lower case", "i was silent. no more\n\nthey know." + body, "i was silent."},
		{"no line break", "I was silent. No more" + body, "I was silent."},
		{"long", "I was silent. " + strings.Repeat("No ", 60) + "more\n\nThey know." + body, "I was silent."},
		{"wrapped", "She was silent. Nobody in the room had any\nquestion to ask of her." + body[:1] + "\n\n" + body, "She was silent."},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.first, segTexts(c.text)[0])
		})
	}
}

// TestSegmentKeepsTogether lists what must stay one sentence.
func TestSegmentKeepsTogether(t *testing.T) {
	for _, text := range []string{
		"#MeToo, #HeForShe, #ThisIsNotConsent and #WhyIDidntReport trended.",
		"McCarthy, DeVos, iPhone, YouTube, LinkedIn, HuffPost, deGrasse and HeForShe are names.",
		"She wrote to @JohnAndMary about Serie A, SerieA, PTA funds, 4K, 7Up and Section 498A, too.",
		"O’Brien and D’You met Y’All at (s)He films.",
		"Mail ada@example.org or see www.example.org/A.html?q=Why.Not, example.com and https://example.org/A!B.",
		"Version 2.0.1 of v1.2 costs $3.5m, or 3.5 per cent.",
		"He wrote to Mr. K.’s office, Ph.D. students, the F.B.I. and e.g. nobody.",
		"Read this. #MeToo @user 😡 https://example.org/a",
		"The U.S.-led talks and the a.m.–p.m. shift",
		"no",
		"😡",
		"***",
		"\x00",
		"\xff\xfe",
		"e\u0301",
	} {
		assert.Equal(t, []string{text}, segTexts(text))
	}
}

func TestSegmentGaps(t *testing.T) {
	for _, text := range []string{"", " ", "\n", "\ufeff", "\u200b\u00a0\u3000\t\v\f\r\n\u0085\u2028\u2029"} {
		assert.Empty(t, Sentences(text), "%q", text)
	}
	// A non-breaking space is white space, and so are those of a CRLF.
	text := "\ufeffHe left.\u00a0She stayed.\r\n\r\nYes\x00 "
	assert.Equal(t, []Span{{3, 11}, {13, 24}, {28, 32}}, Sentences(text))
}

func TestSentenceSeqStops(t *testing.T) {
	text := "He left. She stayed. Nobody knew."
	var got []Span
	for span := range SentenceSeq(text) {
		if got = append(got, span); len(got) == 2 {
			break
		}
	}
	assert.Equal(t, Sentences(text)[:2], got)
}

func TestSentenceSeqAllocates(t *testing.T) {
	text := strings.Repeat("Mr. Ito left... “Why?” she asked.\n", 100)
	// The segmenter and the package's iterator, whatever the number of sentences.
	allocs := testing.AllocsPerRun(10, func() {
		for range SentenceSeq(text) {
		}
	})
	assert.LessOrEqual(t, allocs, 4.0)
}

// segCheck checks what holds of every text.
func segCheck(t require.TestingT, text string) {
	spans := Sentences(text)
	runes := make(map[int]bool, len(text)+1)
	for i := 0; i < len(text); {
		runes[i] = true
		_, size := utf8.DecodeRuneInString(text[i:])
		i += size
	}
	runes[len(text)] = true

	last := 0
	for _, span := range spans {
		require.GreaterOrEqual(t, span.Start, last, "spans are in order and do not overlap")
		require.Less(t, span.Start, span.End, "spans are not empty")
		require.LessOrEqual(t, span.End, len(text))
		require.True(t, runes[span.Start] && runes[span.End], "spans do not cut characters")
		require.Empty(t, strings.TrimFunc(text[last:span.Start], segIsSpace), "gaps are white space")
		sentence := span.Of(text)
		require.Equal(t, sentence, strings.TrimFunc(sentence, segIsSpace), "spans are trimmed")
		last = span.End
	}
	require.Empty(t, strings.TrimFunc(text[last:], segIsSpace), "the last gap is white space")
	require.Equal(t, spans, Sentences(text), "the same text gives the same spans")
}

// segAnyText draws texts of the pieces that rules look at.
func segAnyText() *rapid.Generator[string] {
	pieces := []string{
		"the", "The", "he", "I", "A", "a", "Mr", "U.S", "p.m", "etc", "No", "J", "Okafor", "said", "asked", "movement", "MeToo",
		"2018", "5", "$3.5", "#MeToo", "@user", "https://example.org/a", "www.example.org",
		".", ".", ".", "!", "?", "…", "...", ". .", ",", ":", ";", "-", "—", "|", "/", "&",
		"\"", "'", "“", "”", "‘", "’", "«", "»", "(", ")", "[", "]", "[1]", "*", "_", "²",
		" ", " ", " ", " ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "\u2028", "\u2029", "\u0085", "\u00a0", "\ufeff", "\u200b",
		"😡", "👍🏽", "❤️", "e\u0301", "\u0301", "。", "؟", "।", "漢字", "ß", "É", "ǅ", "\x00", "\xff", "\xe2\x80", "\xf0\x9f",
	}
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom(pieces), rapid.String()), 0, 40).Draw(t, "pieces"), "")
	})
}

func TestSegmentProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) { segCheck(t, segAnyText().Draw(t, "text")) })
}

// TestSegmentParagraphs: where a blank line stands, what is on one side does
// not matter to the other (headlines, which need more text, apart). Invalid
// bytes are left out, because the Unicode package reads an unfinished character
// differently at the end of a text.
func TestSegmentParagraphs(t *testing.T) {
	short := segAnyText().Filter(func(s string) bool { return len(s) < segMinArticle/3 && utf8.ValidString(s) })
	rapid.Check(t, func(t *rapid.T) {
		a, b := short.Draw(t, "a"), short.Draw(t, "b")
		a, b = strings.TrimFunc(a, segIsSpace), strings.TrimFunc(b, segIsSpace)
		if a == "" || b == "" {
			t.Skip()
		}
		want := Sentences(a)
		for _, span := range Sentences(b) {
			want = append(want, Span{span.Start + len(a) + 2, span.End + len(a) + 2})
		}
		require.Equal(t, want, Sentences(a+"\n\n"+b))
	})
}

// TestSegmentLongLine: a line of 50 MB that has no space and no stop is one
// sentence. A quadratic step would keep it busy for days.
func TestSegmentLongLine(t *testing.T) {
	if testing.Short() {
		t.Skip("50 MB")
	}
	text := strings.Repeat("nostop", 50_000_000/6)
	segWithin(t, time.Minute, func() { assert.Equal(t, []Span{{0, len(text)}}, Sentences(text)) })
}

// TestSegmentLinear repeats pieces that the rules, or the Unicode rules below
// them, look ahead from.
func TestSegmentLinear(t *testing.T) {
	const size = 1 << 17
	pieces := []string{
		".", ". ", ".(", ".)", ".\"", ".'", ".\u0301", "\u0301", ".1", ".(1", ". 1", ". #a", ". #a ", ".😡", "?😡 ", "…", "…a", " ", "\n",
		"a\n", "a.\n\n", "aB", "Ab", "A", "aaaaThe", "2018If", "U.S.", "J. K. ", "Mr. ", "\"a", "“a.” ", "[1]", ".[1]", "http://", "www.",
		". http://a ", "https://a!", "I.", "1. ", "- a\n", "\xff", "\x00", "\ufeff", "\u2028", "漢", "。", "a!A b? ", "Yahoo! ", "?” Ito ",
		strings.Repeat("word ", 12) + "\n",
	}
	segWithin(t, time.Minute, func() {
		for _, piece := range pieces {
			text := strings.Repeat(piece, size/len(piece))
			n := 0
			for range SentenceSeq(text) {
				n++
			}
			assert.LessOrEqual(t, n, len(text), "%q", piece)
			// The same behind a stop, in case the first stop looks ahead for ever.
			for range SentenceSeq("He left. " + text) {
			}
		}
	})
}

// segWithin fails if f takes longer than a limit that only a step of more than
// linear cost could reach.
func segWithin(t *testing.T, limit time.Duration, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(limit):
		require.FailNow(t, fmt.Sprintf("not finished after %v", limit))
	}
}

func TestSegmentWordLists(t *testing.T) {
	for word, kind := range segAbbreviations {
		assert.Equal(t, strings.ToLower(word), word)
		assert.NotEqual(t, segNoAbbreviation, kind, word)
		assert.LessOrEqual(t, len(word), segMaxWord)
	}
	for word := range segDependents {
		assert.True(t, segStarters[word], "%s is dependent and should be a starter", word)
	}
	for _, list := range []map[string]bool{segStarters, segDates, segKickers} {
		for word := range list {
			assert.True(t, segIsCapitalised(word) || len(word) == 1, word)
		}
	}
	// One word has one kind: what the map holds is what the lists say.
	n := 0
	for _, list := range segAbbreviationLists {
		n += len(strings.Fields(list.words))
	}
	assert.Len(t, segAbbreviations, n)
}

func TestSegmentAbbreviationOf(t *testing.T) {
	for word, want := range map[string]segAbbreviation{
		"":                                     segNoAbbreviation,
		"word":                                 segNoAbbreviation,
		"Mr":                                   segTitle,
		"MR":                                   segTitle,
		"U.S":                                  segAmbiguous,
		"u.s":                                  segAmbiguous,
		"J.R.R":                                segAmbiguous,
		"É.U":                                  segAmbiguous,
		"J":                                    segInitial,
		"É":                                    segInitial,
		"j":                                    segNoAbbreviation,
		"p.m":                                  segTime,
		"P.M":                                  segTime,
		"a.b.cd":                               segNoAbbreviation,
		"a..b":                                 segNoAbbreviation,
		".a":                                   segNoAbbreviation,
		strings.Repeat("a.", segMaxWord) + "a": segNoAbbreviation,
	} {
		assert.Equal(t, want, segAbbreviationOf(word), word)
	}
}

func TestSegmentUnicodePieces(t *testing.T) {
	// Wherever the Unicode rules are asked, the answer is that of the whole
	// text, as long as no run of marks is cut.
	rapid.Check(t, func(t *rapid.T) {
		text := segAnyText().Draw(t, "text")
		if !utf8.ValidString(text) {
			t.Skip() // the package promises nothing
		}
		want, got := segUnicodeBoundaries(text), []int(nil)
		b := segBoundaries{text: text}
		for i := 1; i <= len(text); i++ {
			if b.between(i, i) {
				got = append(got, i)
			}
		}
		require.True(t, slices.Equal(want, got), "%v %v", want, got)
	})
}

var segUpdate = flag.Bool("update-segment", false, "rewrite testdata/segment/*.golden")

// TestSegmentGolden shows a piece that has most of what goes wrong.
func TestSegmentGolden(t *testing.T) {
	dir := filepath.Join("testdata", "segment")
	text, err := os.ReadFile(filepath.Join(dir, "article.txt"))
	require.NoError(t, err)
	var b strings.Builder
	for _, span := range Sentences(string(text)) {
		fmt.Fprintf(&b, "%d\t%d\t%q\n", span.Start, span.End, span.Of(string(text)))
	}
	path := filepath.Join(dir, "article.golden")
	if *segUpdate {
		require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(want), b.String())
}
