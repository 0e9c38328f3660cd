package features

import (
	"slices"
	"unicode/utf8"
)

// maxGram is the longest n-gram, in words or characters, that can be asked
// for. It is a power of two: the windows below are rings.
const maxGram = 16

// gramBatch is about how many terms an analyzer hands out at a time, so that
// the memory it needs does not grow with the text.
const gramBatch = 4096

// analyzer turns a text into the terms of one block. It is a pull parser:
//
//	an.start(block, seed, text)
//	for an.more() {
//		... an.hashes ...
//	}
//
// After each call of more, hashes holds the hashes of further terms, of which a
// stretch of the text may have none. With wantTerms, terms holds the places of
// the same terms, normalised, in buf; with wantSources, sources their places in
// the text. All of it lives until the following call. An analyzer keeps its
// memory from text to text.
type analyzer struct {
	tokenizer   *Tokenizer
	wantTerms   bool
	wantSources bool

	hashes  []uint64
	terms   []Span
	sources []Span
	buf     []byte

	block *Block
	seed  uint64
	text  string
	pos   int

	scanner scanner
	joined  [maxGram]uint64 // hash of the n-gram of length i+1 that ends at the last word
	window  [maxGram]unit   // the last units: unit i is window[i%maxGram]
	units   int             // units so far: of the text or, for CharsWB, of the word
	inWord  bool            // CharsWB: the word at pos is not finished

	plain        bool     // plainWords has found the words, which are still to be hashed
	mask         []uint64 // a bit for each byte of buf: part of a word
	starts, ends []int32  // the words in buf

	lexicon *lexicon // nil if no block wants one
	pending []lexiconWord
	ahead   []byte // the bytes of the pending words
}

// unit is a word or a character: its places in buf and in the text.
type unit struct{ term, source Span }

func (an *analyzer) start(block *Block, seed uint64, text string) {
	an.block, an.seed, an.text = block, seed, text
	an.pos, an.units, an.inWord, an.plain = 0, 0, false, false
	if block.Analyzer == Words {
		if !an.wantSources && an.tokenizer.isPlain() && an.plainWords(text) {
			an.plain = true
			return
		}
		an.scanner.reset(an.tokenizer, text)
	}
	if block.Analyzer == LexiconClasses {
		an.scanner.reset(&an.lexicon.tokenizer, text)
		an.pending, an.ahead = an.pending[:0], an.ahead[:0]
	}
	an.buf = an.buf[:0]
}

// release forgets the text, so that a kept analyzer does not keep it alive, and
// the memory that an unusually long token needed.
func (an *analyzer) release() {
	an.text = ""
	an.scanner.text = ""
	if cap(an.buf) > 64*gramBatch {
		an.buf = nil
	}
	if cap(an.scanner.term) > 64*gramBatch {
		an.scanner.term = nil
	}
	if cap(an.ahead) > 64*gramBatch {
		an.ahead = nil
	}
}

// more reads on and reports whether it found further terms or may find some yet.
func (an *analyzer) more() bool {
	an.hashes, an.terms, an.sources = an.hashes[:0], an.terms[:0], an.sources[:0]
	switch {
	case an.plain:
		an.plainHashes()
		// All words are hashed, and there is nothing for the scanner to find.
		an.plain = false
		an.scanner.reset(an.tokenizer, "")
		return len(an.hashes) > 0
	case an.block.Analyzer == Words:
		an.compact()
		an.words()
	case an.block.Analyzer == Chars:
		an.compact()
		an.chars()
	case an.block.Analyzer == LexiconClasses:
		return an.lexiconClasses()
	default:
		an.compact()
		an.charsWB()
	}
	return len(an.hashes) > 0
}

// compact drops from buf all that no later term can need: everything before
// the last units of the window.
func (an *analyzer) compact() {
	if len(an.buf) < gramBatch {
		return
	}
	keep := min(an.units, an.block.MaxN-1)
	from := len(an.buf)
	if keep > 0 {
		from = an.window[(an.units-keep)%maxGram].term.Start
	}
	an.buf = append(an.buf[:0], an.buf[from:]...)
	for i := an.units - keep; i < an.units; i++ {
		w := &an.window[i%maxGram].term
		w.Start -= from
		w.End -= from
	}
}

// words emits the word n-grams that end at each further token.
func (an *analyzer) words() {
	minN, maxN := an.block.MinN, an.block.MaxN
	s := &an.scanner
	for len(an.hashes) < gramBatch && s.next() {
		n := len(s.term)
		s.term = append(s.term, make([]byte, hashPad)...)
		h := hashBytes(s.term, 0, n, an.seed)
		s.term = s.term[:n]
		if an.wantTerms {
			// Tokens stand in buf with one space between them, so that an
			// n-gram's term is one piece of it.
			if len(an.buf) > 0 {
				an.buf = append(an.buf, ' ')
			}
			an.buf = append(an.buf, s.term...)
		}
		an.push(Span{len(an.buf) - n, len(an.buf)}, Span{s.start, s.end})
		top := min(maxN, an.units)
		for k := top; k >= 2; k-- {
			an.joined[k-1] = hashJoin(an.joined[k-2], h)
		}
		an.joined[0] = h
		for k := minN; k <= top; k++ {
			an.emit(an.joined[k-1], k)
		}
	}
}

// push takes the next unit into the window.
func (an *analyzer) push(term, source Span) {
	an.window[an.units%maxGram] = unit{term, source}
	an.units++
}

// emit emits the term of the last k units, whose hash is h.
func (an *analyzer) emit(h uint64, k int) {
	an.hashes = append(an.hashes, h)
	if an.wantTerms || an.wantSources {
		first, last := &an.window[(an.units-k)%maxGram], &an.window[(an.units-1)%maxGram]
		an.terms = append(an.terms, Span{first.term.Start, last.term.End})
		an.sources = append(an.sources, Span{first.source.Start, last.source.End})
	}
}

// chars emits character n-grams across word boundaries. As in scikit-learn's
// analyzer "char", the text is put in lower case and two or more white-space
// characters in a row become one space.
func (an *analyzer) chars() {
	for len(an.hashes) < gramBatch && an.pos < len(an.text) {
		start := an.pos
		r, size := utf8.DecodeRuneInString(an.text[start:])
		an.pos += size
		if isSpace(r) && an.skipSpace() {
			r = ' '
		}
		an.char(r, start)
	}
}

// charsWB emits character n-grams within words, as scikit-learn's analyzer
// "char_wb": words are what stands between white space, with a space put on
// both sides; a word shorter than MinN, spaces included, is emitted whole.
func (an *analyzer) charsWB() {
	for len(an.hashes) < gramBatch {
		if !an.inWord {
			an.skipSpace()
			if an.pos == len(an.text) {
				return
			}
			if !an.wantSources && an.plainWord() {
				continue
			}
			an.inWord = true
			an.units = 0
			an.pad()
		}
		r, size := utf8.DecodeRuneInString(an.text[an.pos:])
		if size > 0 && !isSpace(r) {
			start := an.pos
			an.pos += size
			an.char(r, start)
			continue
		}
		an.pad()
		an.inWord = false
		if an.units < an.block.MinN {
			an.emitChars(an.units)
		}
		an.units = 0 // no later term reaches back: compact may drop the word
	}
}

// skipSpace moves over white space and reports whether there was any.
func (an *analyzer) skipSpace() bool {
	start := an.pos
	for an.pos < len(an.text) {
		if c := an.text[an.pos]; c < utf8.RuneSelf {
			if !spaceASCII[c] {
				break
			}
			an.pos++
			continue
		}
		r, size := utf8.DecodeRuneInString(an.text[an.pos:])
		if !isSpace(r) {
			break
		}
		an.pos += size
	}
	return an.pos > start
}

// char adds the character r, which was read from text[at:pos], in lower case.
// An invalid byte has become U+FFFD.
func (an *analyzer) char(r rune, at int) {
	from := len(an.buf)
	source := Span{at, an.pos}
	switch {
	case r < utf8.RuneSelf:
		c := byte(r)
		if !an.tokenizer.KeepCase {
			c = lowerOf[c]
		}
		an.buf = append(an.buf, c)
	case an.tokenizer.KeepCase:
		an.buf = utf8.AppendRune(an.buf, r)
	default:
		an.buf = appendLower(an.buf, an.text, at, r)
		if r == dottedI { // becomes two characters
			an.unit(Span{from, from + 1}, source)
			from++
		}
	}
	an.unit(Span{from, len(an.buf)}, source)
}

// pad adds the space on either side of a word, which stands for no byte of the
// text.
func (an *analyzer) pad() {
	an.buf = append(an.buf, ' ')
	an.unit(Span{len(an.buf) - 1, len(an.buf)}, Span{an.pos, an.pos})
}

// unit takes the next character into the window and emits the n-grams that end
// with it.
func (an *analyzer) unit(term, source Span) {
	an.push(term, source)
	for k := an.block.MinN; k <= min(an.block.MaxN, an.units); k++ {
		an.emitChars(k)
	}
}

// emitChars emits the n-gram of the last k characters.
func (an *analyzer) emitChars(k int) {
	an.buf = slices.Grow(an.buf, hashPad)
	from := an.window[(an.units-k)%maxGram].term.Start
	to := an.window[(an.units-1)%maxGram].term.End
	an.emit(hashBytes(an.buf[:len(an.buf)+hashPad], from, to, an.seed), k)
}
