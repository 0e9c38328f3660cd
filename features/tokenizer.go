package features

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/clipperhouse/uax29/v2/graphemes"
)

// Rules chooses what counts as a token.
type Rules uint8

const (
	// SocialRules keeps what carries meaning in posts and articles in one
	// piece: words with their inner apostrophes (don't, women’s), numbers with
	// their inner points and commas (3.5, 1,250,000), hashtags (#MeToo),
	// mentions (@user) and emoji, skin tones and joiners included. Every URL
	// becomes the one token "<url>". A curly apostrophe is written as a
	// straight one, so that both spellings are one term. Han and Hiragana
	// characters, which stand without spaces, are a token each.
	SocialRules Rules = iota
	// ScikitLearnRules takes the runs of two or more letters, digits and
	// underscores: scikit-learn's default token pattern (?u)\b\w\w+\b.
	ScikitLearnRules
)

// Kind says what a token is.
type Kind uint8

const (
	Word    Kind = iota // a word, or a run matched by ScikitLearnRules
	Number              // begins with a digit
	Hashtag             // "#" and a word
	Mention             // "@" and a name
	URL                 // always the text "<url>"
	Emoji               // an emoji or another pictographic symbol
)

// urlToken stands for every URL. No word can spell it.
const urlToken = "<url>"

// Token is one token of a text.
type Token struct {
	Text string // normalised: in lower case, with straight apostrophes
	Span        // the bytes of the text that it was read from
	Kind Kind
}

// Tokenizer splits text into tokens. The zero value applies [SocialRules] and
// no option. A Tokenizer is a value: once in use its fields must not be
// changed, and it is then safe for concurrent use. No text makes it fail:
// bytes that are not valid UTF-8 separate tokens.
//
// Tokenizer satisfies the interface Tokeniser of github.com/james-bowman/nlp.
type Tokenizer struct {
	// Rules chooses what counts as a token. Zero means SocialRules.
	Rules Rules
	// KeepCase leaves letters as they are. Zero means lower case.
	KeepCase bool
	// StopWords are tokens, in the form that Token.Text has, that are left
	// out; the tokens on both sides of one become neighbours. Nil means none.
	StopWords map[string]bool
	// SplitHashtags adds the words of a hashtag behind it, where letter case
	// or digits show them: #BelieveWomen2018 gives also believe, women, 2018.
	SplitHashtags bool
	// MarkNegation writes "not:" before each token that follows a negation
	// (not, no, never, cannot, don't ...), up to the next punctuation mark or
	// the next "but".
	MarkNegation bool
	// MarkQuotation writes "q:" before each token inside quotation marks,
	// curly or straight double ones. A mark that is not closed within 1,000
	// bytes opens nothing.
	MarkQuotation bool
}

// maxQuotation is the longest quotation, in bytes, that MarkQuotation sees.
const maxQuotation = 1000

// No token can spell the marks: none holds a colon.
const (
	negationMark  = "not:"
	quotationMark = "q:"
)

// ForEachIn calls f with the text of every token, in order.
func (t Tokenizer) ForEachIn(text string, f func(token string)) {
	s := newScanner(&t, text)
	for s.next() {
		f(string(s.term))
	}
}

// Tokenise returns the texts of all tokens, in order.
func (t Tokenizer) Tokenise(text string) []string {
	var tokens []string
	t.ForEachIn(text, func(token string) { tokens = append(tokens, token) })
	return tokens
}

// Tokens returns all tokens with their places and kinds, in order. With
// SplitHashtags the parts of a hashtag follow it and lie within its span.
func (t Tokenizer) Tokens(text string) []Token {
	var tokens []Token
	s := newScanner(&t, text)
	for s.next() {
		tokens = append(tokens, Token{Text: string(s.term), Span: Span{s.start, s.end}, Kind: s.kind})
	}
	return tokens
}

// scanner walks over the tokens of a text. After next has returned true, term
// holds the normalised token (until the following call), start and end its
// place and kind its kind.
type scanner struct {
	t    *Tokenizer
	text string
	pos  int

	term       []byte
	start, end int
	kind       Kind

	marks    bool // MarkNegation or MarkQuotation is on
	negated  bool
	quoteEnd int // the quotation that is open ends here; 0 when none is

	partsEnd int // the parts of a hashtag are still to come up to here; 0 when none are
	partsPos int
}

func newScanner(t *Tokenizer, text string) *scanner {
	s := new(scanner)
	s.reset(t, text)
	return s
}

// reset starts on another text and keeps the memory.
func (s *scanner) reset(t *Tokenizer, text string) {
	*s = scanner{t: t, text: text, term: s.term[:0], marks: t.MarkNegation || t.MarkQuotation}
}

// next moves to the next token and reports whether there is one.
func (s *scanner) next() bool {
	for s.advance() {
		if s.t.StopWords != nil && s.t.StopWords[string(s.term)] {
			continue
		}
		if s.marks {
			s.mark()
		}
		return true
	}
	return false
}

func (s *scanner) advance() bool {
	if s.t.Rules == ScikitLearnRules {
		return s.nextPlain()
	}
	if s.partsEnd > 0 && s.nextPart() {
		return true
	}
	return s.nextSocial()
}

// nextPlain finds the next run of two or more word characters.
func (s *scanner) nextPlain() bool {
	text := s.text
	for s.pos < len(text) {
		s.term = s.term[:0]
		s.start = s.pos
		chars := 0
		stop := false
		for s.pos < len(text) && !stop {
			c := text[s.pos]
			switch classOf[c] {
			case classLetter, classDigit, classUnder:
				if !s.t.KeepCase {
					c = lowerOf[c]
				}
				s.term = append(s.term, c)
				s.pos++
				chars++
				continue
			case classUnicode:
				r, size := utf8.DecodeRuneInString(text[s.pos:])
				if isWordRune(r) {
					if r == dottedI && !s.t.KeepCase {
						// Its lower case is an i and a combining dot, which
						// is no word character and ends the run.
						s.term = append(s.term, 'i')
						stop = true
					} else {
						s.appendRune(r)
					}
					s.pos += size
					chars++
					continue
				}
			}
			break
		}
		s.end = s.pos
		if chars >= 2 {
			s.kind = Word
			if classOf[text[s.start]] == classDigit {
				s.kind = Number
			}
			return true
		}
		if chars == 0 {
			s.skipOne()
		}
	}
	return false
}

// nextSocial finds the next token under SocialRules.
func (s *scanner) nextSocial() bool {
	text := s.text
	for s.pos < len(text) {
		c := text[s.pos]
		s.start = s.pos
		switch classOf[c] {
		case classLetter, classDigit, classUnder:
			if isURLStart(c) && s.url() {
				return true
			}
			s.term = s.term[:0]
			s.word()
			s.kind = Word
			if classOf[c] == classDigit {
				s.kind = Number
			}
			return true
		case classUnicode:
			r, size := utf8.DecodeRuneInString(text[s.pos:])
			switch {
			case isWordRune(r) && !isApostrophe(r):
				s.term = s.term[:0]
				s.kind = Word
				if unicode.IsNumber(r) {
					s.kind = Number
				}
				if standsAlone(r) {
					s.appendRune(r)
					s.pos += size
					s.end = s.pos
				} else {
					s.word()
				}
				return true
			case isPictograph(r):
				n := emojiLen(text[s.pos:])
				s.term = append(s.term[:0], text[s.pos:s.pos+n]...)
				s.pos += n
				s.end = s.pos
				s.kind = Emoji
				return true
			}
		default:
			if (c == '#' || c == '@') && s.tag(c) {
				return true
			}
		}
		s.skipOne()
	}
	return false
}

// word reads a word or a number whose first character is at pos and appends it
// to term.
func (s *scanner) word() {
	text := s.text
	for s.pos < len(text) {
		c := text[s.pos]
		switch classOf[c] {
		case classLetter, classDigit, classUnder:
			if !s.t.KeepCase {
				c = lowerOf[c]
			}
			s.term = append(s.term, c)
			s.pos++
			continue
		case classUnicode:
			r, size := utf8.DecodeRuneInString(text[s.pos:])
			if isApostrophe(r) {
				if s.pos > s.start && s.letterAt(s.pos+size) {
					s.term = append(s.term, '\'')
					s.pos += size
					continue
				}
			} else if isWordRune(r) && !standsAlone(r) || unicode.IsMark(r) || isJoiner(r) {
				if !isJoiner(r) {
					s.appendRune(r)
				}
				s.pos += size
				continue
			}
		default:
			switch c {
			case '\'':
				if s.letterAt(s.pos + 1) {
					s.term = append(s.term, c)
					s.pos++
					continue
				}
			case '.', ',':
				// A point or a comma between two digits is part of a number.
				if s.pos > s.start && classOf[text[s.pos-1]] == classDigit &&
					s.pos+1 < len(text) && classOf[text[s.pos+1]] == classDigit {
					s.term = append(s.term, c)
					s.pos++
					continue
				}
			}
		}
		break
	}
	s.end = s.pos
}

// isApostrophe reports whether r is an apostrophe outside ASCII: the right
// single quotation mark, or the modifier letter, which Unicode counts among the
// letters.
func isApostrophe(r rune) bool { return r == '\u2019' || r == '\u02bc' }

// letterAt reports whether a letter stands at text[i:] with which a word can go
// on: neither an apostrophe nor a letter that is a token by itself.
func (s *scanner) letterAt(i int) bool {
	if i >= len(s.text) {
		return false
	}
	if c := s.text[i]; c < utf8.RuneSelf {
		return classOf[c] == classLetter
	}
	r, _ := utf8.DecodeRuneInString(s.text[i:])
	return unicode.IsLetter(r) && !isApostrophe(r) && !standsAlone(r)
}

// tag reads a hashtag or a mention at pos. It reports false where "#" or "@" is
// no more than a sign: before anything but a word character, and behind one,
// as in an address.
func (s *scanner) tag(sign byte) bool {
	if s.pos > 0 && classOf[s.text[s.pos-1]] != classOther {
		if r, _ := utf8.DecodeLastRuneInString(s.text[:s.pos]); isWordRune(r) {
			return false
		}
	}
	i := s.pos + 1
	for i < len(s.text) {
		r, size := utf8.DecodeRuneInString(s.text[i:])
		if !isWordRune(r) && !(i > s.pos+1 && unicode.IsMark(r)) {
			break
		}
		i += size
	}
	if i == s.pos+1 {
		return false
	}
	s.term = append(s.term[:0], sign)
	s.appendText(s.pos+1, i)
	s.kind = Mention
	if sign == '#' {
		s.kind = Hashtag
		if s.t.SplitHashtags {
			s.partsPos, s.partsEnd = s.pos+1, i
		}
	}
	s.pos, s.end = i, i
	return true
}

// nextPart returns the next part of the hashtag that was read last: a run of
// digits, or letters up to a change from small to capital letters, or up to
// the last of several capitals (MeTooNOW, USAToday). A hashtag of one part has
// none.
func (s *scanner) nextPart() bool {
	for s.partsPos < s.partsEnd && s.text[s.partsPos] == '_' {
		s.partsPos++
	}
	start := s.partsPos
	if start >= s.partsEnd {
		s.partsEnd = 0
		return false
	}
	tag := s.text[:s.partsEnd]
	prev, size := utf8.DecodeRuneInString(tag[start:])
	i := start + size
	for i < len(tag) {
		r, size := utf8.DecodeRuneInString(tag[i:])
		if r == '_' || unicode.IsNumber(r) != unicode.IsNumber(prev) ||
			unicode.IsUpper(r) && !unicode.IsUpper(prev) {
			break
		}
		if unicode.IsUpper(prev) && unicode.IsUpper(r) && i+size < len(tag) {
			if after, _ := utf8.DecodeRuneInString(tag[i+size:]); unicode.IsLower(after) {
				break
			}
		}
		prev = r
		i += size
	}
	if start > 0 && tag[start-1] == '#' && i == len(tag) {
		s.partsEnd = 0 // the whole tag is one part and has been returned already
		return false
	}
	s.partsPos = i
	s.term = s.term[:0]
	s.appendText(start, i)
	s.start, s.end, s.kind = start, i, Word
	return true
}

// isURLStart is a cheap test for the letters that a URL begins with.
func isURLStart(c byte) bool { return c|0x20 == 'h' || c|0x20 == 'w' }

// url reads a URL at pos: a scheme or "www." and everything up to white space
// or a character that cannot stand in one, without the punctuation at its end.
func (s *scanner) url() bool {
	rest := s.text[s.pos:]
	n := 0
	for _, prefix := range []string{"https://", "http://", "www."} {
		if len(rest) > len(prefix) && strings.EqualFold(rest[:len(prefix)], prefix) {
			n = len(prefix)
			break
		}
	}
	if n == 0 {
		return false
	}
	end := n
	for end < len(rest) && rest[end] > ' ' && rest[end] < utf8.RuneSelf && !strings.ContainsRune(`"<>{}|\^`+"`", rune(rest[end])) {
		end++
	}
	for end > n && strings.IndexByte(".,;:!?'\")]", rest[end-1]) >= 0 {
		end--
	}
	if end == n {
		return false
	}
	s.term = append(s.term[:0], urlToken...)
	s.pos += end
	s.end = s.pos
	s.kind = URL
	return true
}

// appendText appends text[start:end] in the form that tokens have.
func (s *scanner) appendText(start, end int) {
	for i := start; i < end; {
		c := s.text[i]
		if c < utf8.RuneSelf {
			if !s.t.KeepCase {
				c = lowerOf[c]
			}
			s.term = append(s.term, c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s.text[i:])
		if s.t.KeepCase {
			s.term = append(s.term, s.text[i:i+size]...)
		} else {
			s.term = appendLower(s.term, s.text, i, r)
		}
		i += size
	}
}

func (s *scanner) appendRune(r rune) {
	if s.t.KeepCase {
		s.term = utf8.AppendRune(s.term, r)
	} else {
		s.term = appendLower(s.term, s.text, s.pos, r)
	}
}

// skipOne moves over a character that belongs to no token and notes what it
// means for the marks.
func (s *scanner) skipOne() {
	c := s.text[s.pos]
	if c < utf8.RuneSelf {
		if s.marks {
			s.punctuation(rune(c), 1)
		}
		s.pos++
		return
	}
	r, size := utf8.DecodeRuneInString(s.text[s.pos:])
	if s.marks {
		s.punctuation(r, size)
	}
	s.pos += size
}

// punctuation ends a negation's scope and opens quotations.
func (s *scanner) punctuation(r rune, size int) {
	switch r {
	case '.', ',', ';', ':', '!', '?', '(', ')', '\u2013', '\u2014', '\u2026', '\n':
		s.negated = false
	case '"', '\u201c':
		if s.t.MarkQuotation && s.pos >= s.quoteEnd {
			closing := "\u201d"
			if r == '"' {
				closing = `"`
			}
			from := s.pos + size
			to := min(len(s.text), from+maxQuotation)
			if n := strings.Index(s.text[from:to], closing); n >= 0 {
				s.quoteEnd = from + n + len(closing)
			}
		}
	}
}

// negations begin the scope of MarkNegation, beside all words in n't.
var negations = map[string]bool{
	"not": true, "no": true, "never": true, "nobody": true, "nothing": true, "none": true,
	"nor": true, "neither": true, "nowhere": true, "cannot": true, "without": true, "hardly": true,
}

// mark writes the marks of the options before the token and follows the scope
// of negations.
func (s *scanner) mark() {
	begins, ends := false, false
	if s.t.MarkNegation {
		word := strings.ToLower(string(s.term))
		begins = negations[word] || strings.HasSuffix(word, "n't")
		ends = word == "but"
	}
	prefix := ""
	if s.t.MarkQuotation && s.start < s.quoteEnd {
		prefix = quotationMark
	}
	if s.negated && !begins && !ends {
		prefix += negationMark
	}
	if prefix != "" {
		s.term = append(s.term, prefix...)
		copy(s.term[len(prefix):], s.term)
		copy(s.term, prefix)
	}
	if begins || ends {
		s.negated = begins
	}
}

// isPictograph reports whether r begins an emoji or is another symbol that
// stands for something: arrows, dingbats, pictographs, flags.
func isPictograph(r rune) bool {
	return r >= 0x2190 && unicode.Is(unicode.So, r) && r != utf8.RuneError
}

// emojiLen returns the length of the pictograph at the start of text with all
// that Unicode joins to it: variation selectors, skin tones, joined parts, the
// second half of a flag (UAX #29, extended grapheme clusters). A byte that is
// not valid UTF-8 ends it.
func emojiLen(text string) int {
	g := graphemes.FromString(text)
	g.Next()
	n := 0
	for n < len(g.Value()) {
		r, size := utf8.DecodeRuneInString(g.Value()[n:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		n += size
	}
	return n
}

// standsAlone reports whether r belongs to a script that is written without
// spaces and whose characters are tokens each (rules WB5 and WB13 of UAX #29
// leave Han and Hiragana unjoined).
func standsAlone(r rune) bool {
	return r >= 0x2e80 && unicode.In(r, unicode.Han, unicode.Hiragana)
}

// isJoiner reports whether r is invisible and stands inside words: the soft
// hyphen, the zero-width joiners and the word joiner. Tokens do not hold it.
func isJoiner(r rune) bool {
	switch r {
	case '\u00ad', '\u200b', '\u200c', '\u200d', '\u2060', '\ufeff':
		return true
	}
	return false
}
