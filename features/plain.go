package features

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"strings"
)

// This file is the fast way from plain text to words: eight bytes at a time in
// ordinary 64-bit arithmetic, with one bit for each byte that says whether it
// belongs to a word. It finds exactly the tokens that the scanner finds, for
// nearly all English sentences; what it does not understand (letters outside
// ASCII, hashtags, mentions, URLs, the tokenizer's options, very long texts) it
// leaves to the scanner.

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080

	// maxPlain is the longest text, in bytes, that the fast way takes: beyond
	// it the scanner works in bounded memory.
	maxPlain = 1 << 16
)

// within returns a word whose high bits say which bytes of x, all of them
// ASCII, lie between lo and hi.
func within(x uint64, lo, hi byte) uint64 {
	return (x + (0x80-uint64(lo))*ones) &^ (x + (0x7f-uint64(hi))*ones) & highs
}

// highBits gathers the high bits of the eight bytes of x in one byte.
func highBits(x uint64) uint64 { return x >> 7 * 0x0102040810204080 >> 56 }

// isPlain reports whether a tokenizer splits text into words as plainWords
// does, apart from what depends on the text.
func (t *Tokenizer) isPlain() bool {
	return !t.KeepCase && t.StopWords == nil && !t.SplitHashtags && !t.MarkNegation && !t.MarkQuotation
}

// plainWords finds the words of text. It reports false if that takes the
// scanner. The words, in lower case, are buf[starts[i]:ends[i]].
func (an *analyzer) plainWords(text string) bool {
	if len(text) > maxPlain {
		return false
	}
	social := an.tokenizer.Rules == SocialRules
	if social && (strings.IndexByte(text, '#') >= 0 || strings.IndexByte(text, '@') >= 0 || strings.IndexByte(text, '/') >= 0) {
		return false
	}
	// Behind the text stand a mask's worth of NULs, which end the last word.
	const pad = 64 + hashPad
	b := append(an.buf[:0], text...)
	b = append(b, make([]byte, pad)...)
	an.buf = b
	var any uint64
	n := len(text)
	for i := 0; i < n; i += 8 {
		any |= binary.LittleEndian.Uint64(b[i:])
	}
	if any&highs != 0 {
		if n = an.foldPunctuation(text, social); n < 0 {
			return false
		}
		b = an.buf
	}
	an.mask = an.mask[:0]
	for i := 0; i <= n; i += 64 {
		var m uint64
		block := b[i : i+64 : i+64]
		for k := 0; k < 64; k += 8 {
			x := binary.LittleEndian.Uint64(block[k:])
			x |= within(x, 'A', 'Z') >> 2
			word := within(x, 'a', 'z') | within(x, '0', '9') | within(x, '_', '_')
			binary.LittleEndian.PutUint64(block[k:], x)
			m |= highBits(word) << k
		}
		an.mask = append(an.mask, m)
	}
	if !social {
		an.dropSingles()
	}
	an.spans()
	if social {
		return an.joinWords()
	}
	return true
}

// foldPunctuation writes text to buf with the common punctuation marks outside
// ASCII replaced by one byte each: the curly apostrophe by a straight one if
// the rules know apostrophes, all others by a space. It returns the new
// length, or -1 if the text holds any other character outside ASCII.
func (an *analyzer) foldPunctuation(text string, social bool) int {
	b := an.buf[:0]
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c < 0x80:
			b = append(b, c)
			i++
			continue
		case c == 0xe2 && i+2 < len(text) && text[i+1] == 0x80 && text[i+2] >= 0x90 && text[i+2] <= 0xa7:
			// U+2010 to U+2027: dashes, quotation marks, bullets, the ellipsis
			if text[i+2] == 0x99 && social {
				b = append(b, '\'')
			} else {
				b = append(b, ' ')
			}
			i += 3
			continue
		case c == 0xc2 && i+1 < len(text) && (text[i+1] == 0xa0 || text[i+1] == 0xa3 || text[i+1] == 0xab || text[i+1] == 0xbb):
			// no-break space, pound sign, guillemets
			b = append(b, ' ')
			i += 2
			continue
		}
		return -1
	}
	n := len(b)
	an.buf = append(b, make([]byte, 64+hashPad)...)
	return n
}

// dropSingles clears the bits of words of one character.
func (an *analyzer) dropSingles() {
	before := uint64(0) // bit 0: the byte before this mask belongs to a word
	for i, m := range an.mask {
		after := uint64(0)
		if i+1 < len(an.mask) {
			after = an.mask[i+1] << 63
		}
		an.mask[i] = m & (m<<1 | before | m>>1 | after)
		before = m >> 63
	}
}

// spans turns the masks into the places of words.
func (an *analyzer) spans() {
	starts, ends := an.starts[:0], an.ends[:0]
	before := uint64(0)
	for i, m := range an.mask {
		shifted := m<<1 | before
		before = m >> 63
		at := int32(i * 64)
		for s := m &^ shifted; s != 0; s &= s - 1 {
			starts = append(starts, at+int32(bits.TrailingZeros64(s)))
		}
		for e := shifted &^ m; e != 0; e &= e - 1 {
			ends = append(ends, at+int32(bits.TrailingZeros64(e)))
		}
	}
	an.starts, an.ends = starts, ends
}

// joinWords joins what SocialRules keep together: words around an apostrophe
// that a letter follows, and digits around a point or a comma. It reports false
// if a URL may begin at a word.
func (an *analyzer) joinWords() bool {
	b, starts, ends := an.buf, an.starts, an.ends
	n := 0
	for i := 0; i < len(starts); i++ {
		start, end := starts[i], ends[i]
		if b[start] == 'w' && end-start == 3 && b[start+1] == 'w' && b[start+2] == 'w' {
			return false
		}
		for i+1 < len(starts) && starts[i+1] == end+1 && joins(b[end-1], b[end], b[end+1]) {
			i++
			end = ends[i]
		}
		starts[n], ends[n] = start, end
		n++
	}
	an.starts, an.ends = starts[:n], ends[:n]
	return true
}

func joins(before, c, after byte) bool {
	switch c {
	case '\'':
		return classOf[after] == classLetter
	case '.', ',':
		return classOf[before] == classDigit && classOf[after] == classDigit
	}
	return false
}

// plainHashes hashes the word n-grams of the words that plainWords has found.
func (an *analyzer) plainHashes() {
	minN, maxN := an.block.MinN, an.block.MaxN
	if an.wantTerms {
		an.closeUp()
	}
	b, hashes := an.buf, an.hashes
	if maxN <= 2 {
		var front uint64
		for i, start := range an.starts {
			h := hashBytes(b, int(start), int(an.ends[i]), an.seed)
			if minN == 1 {
				hashes = append(hashes, h)
			}
			if maxN == 2 && i > 0 {
				hashes = append(hashes, hashJoin(front, h))
			}
			front = h
		}
	} else {
		for i, start := range an.starts {
			h := hashBytes(b, int(start), int(an.ends[i]), an.seed)
			top := min(maxN, i+1)
			for k := top; k >= 2; k-- {
				an.joined[k-1] = hashJoin(an.joined[k-2], h)
			}
			an.joined[0] = h
			hashes = append(hashes, an.joined[minN-1:max(top, minN-1)]...)
		}
	}
	an.hashes = hashes
	if an.wantTerms {
		for i, end := range an.ends {
			for k := minN; k <= min(maxN, i+1); k++ {
				an.terms = append(an.terms, Span{int(an.starts[i-k+1]), int(end)})
			}
		}
	}
}

// closeUp moves the words in buf together, with one space between them, so
// that an n-gram's term is one piece of it.
func (an *analyzer) closeUp() {
	b, at := an.buf, int32(0)
	for i, start := range an.starts {
		n := int32(copy(b[at:], b[start:an.ends[i]]))
		an.starts[i], an.ends[i] = at, at+n
		b[at+n] = ' '
		at += n + 1
	}
}

// plainWord emits the character n-grams of the word at pos if all of it is
// ASCII and its n-grams fit in a machine word, and reports whether it did.
func (an *analyzer) plainWord() bool {
	minN, maxN := an.block.MinN, an.block.MaxN
	if maxN > 8 || an.tokenizer.KeepCase {
		return false
	}
	base := len(an.buf)
	b := append(an.buf, ' ')
	pos := an.pos
	for pos < len(an.text) {
		c := an.text[pos]
		if spaceASCII[c] {
			break
		}
		if c >= 0x80 || len(b)-base > gramBatch {
			return false
		}
		b = append(b, lowerOf[c])
		pos++
	}
	b = append(b, ' ')
	end := len(b)
	b = append(b, make([]byte, hashPad)...)
	an.buf, an.pos = b[:end], pos
	minN = min(minN, end-base) // a shorter word is emitted whole
	hashes := slices.Grow(an.hashes, (end-base)*(maxN-minN+1))
	for p := base; p+minN <= end; p++ {
		x := binary.LittleEndian.Uint64(b[p:])
		for n := minN; n <= min(maxN, end-p); n++ {
			// hashBytes of the n bytes at p, which are never more than 8.
			v := x & (^uint64(0) >> ((64 - 8*uint(n)) & 63))
			hashes = append(hashes, mix(v^hashK0, uint64(n)^hashK1^an.seed))
		}
	}
	if an.wantTerms {
		for p := base; p+minN <= end; p++ {
			for n := minN; n <= min(maxN, end-p); n++ {
				an.terms = append(an.terms, Span{p, p + n})
			}
		}
	}
	an.hashes = hashes
	return true
}
