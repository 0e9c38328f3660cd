package features

import (
	"strings"
	"unicode/utf8"
)

// What lines say: headlines, paragraphs wrapped at a width, list items.

// segWrap describes a paragraph: the lines up to the next blank one.
type segWrap struct {
	end    int // the offset at which it ends
	width  int // characters in its longest line
	breaks int // line breaks in it
	full   int // those after a line that the next word would not have fitted in
}

// isWrapped reports whether the paragraph is of the width of wrapped prose and
// at least three in four of its lines are full.
func (w *segWrap) isWrapped() bool {
	return segMinWidth <= w.width && w.width <= segMaxWidth && w.full*4 >= w.breaks*3
}

// segWrapOf measures the paragraph that begins at byte i.
func segWrapOf(text string, i int) segWrap {
	w := segWrap{end: i}
	for j := i; j < len(text); {
		end, next := segLine(text, j)
		n := utf8.RuneCountInString(text[j:end])
		if n == 0 {
			break
		}
		w.width = max(w.width, n)
		w.end, j = next, next
	}
	if w.width > segMaxWidth {
		return w // not wrapped; the rest does not matter
	}
	for end, next := segLine(text, i); next < w.end; end, next = segLine(text, i) {
		w.breaks++
		if segIsFull(utf8.RuneCountInString(text[i:end]), text[next:], w.width) {
			w.full++
		}
		i = next
	}
	return w
}

// segHeadline returns the end of the headline that begins at byte i, or 0 if
// there is none: a short line at the beginning of an article, that does not
// begin in lower case nor end in a stop. The first line of a wrapped paragraph
// is none.
func segHeadline(text string, i int) int {
	if len(text)-i < segMinArticle {
		return 0
	}
	start := text[i:min(len(text), i+(segMaxHeadline+1)*utf8.UTFMax)]
	end, next := segLine(start, 0)
	line := start[:end]
	first, _ := segRune(line, 0)
	last, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(line, func(r rune) bool {
		return segClassOf(r) == segCloser || segIsQuote(r)
	}))
	switch {
	case next == len(start), len(text)-i-next < segMinArticle, utf8.RuneCountInString(line) > segMaxHeadline:
		return 0
	case segClassOf(first) == segLower, segClassOf(last) == segStopper:
		return 0
	}
	if w := segWrapOf(text, i); w.breaks > 0 && w.isWrapped() {
		return 0
	}
	return i + end
}

// segIsFull reports whether a line of n characters had no room, in a width, for
// the first word of the line that follows.
func segIsFull(n int, following string, width int) bool {
	following = following[segSkipSpace(following, 0):]
	for _, r := range following {
		if n >= width {
			return true
		}
		if segIsSpace(r) {
			return false
		}
		n++
	}
	return n >= width
}

// segLine returns where the line that begins at byte i ends, without the white
// space at its end, and where the next begins.
func segLine(text string, i int) (end, next int) {
	for end = i; i < len(text); {
		if n, _ := segLineBreak(text, i); n > 0 {
			return end, i + n
		}
		r, size := segRune(text, i)
		i += size
		if !segIsSpace(r) {
			end = i
		}
	}
	return end, len(text)
}

// segLineBreak returns the length of the line break at byte i, 0 if there is
// none, and whether it separates paragraphs.
func segLineBreak(text string, i int) (n int, paragraph bool) {
	switch rest := text[i:]; rest[0] {
	case '\n':
		return 1, false
	case '\r':
		if strings.HasPrefix(rest, "\r\n") {
			return 2, false
		}
		return 1, false
	case 0xc2:
		if strings.HasPrefix(rest, "\u0085") {
			return 2, false
		}
	case 0xe2:
		if strings.HasPrefix(rest, "\u2028") {
			return 3, false
		}
		if strings.HasPrefix(rest, "\u2029") {
			return 3, true
		}
	}
	return 0, false
}

// segLineStart returns where the last line that begins in the white space
// text[from:to] begins, or from if none does.
func segLineStart(text string, from, to int) int {
	start := from
	for i := from; i < to; {
		if n, _ := segLineBreak(text, i); n > 0 {
			i += n
			start = i
			continue
		}
		_, size := segRune(text, i)
		i += size
	}
	return start
}

// segListMarks begin a list item or a quotation of mail.
const segListMarks = "-–—*•·‣▪●>"

// segIsListItem reports whether a line begins like a list item: "- ", "• ",
// "3. ", "3) ".
func segIsListItem(line string) bool {
	r, size := segRune(line, 0)
	if strings.ContainsRune(segListMarks, r) {
		return strings.HasPrefix(line[size:], " ") || r == '>'
	}
	n := 0
	for n < len(line) && line[n] >= '0' && line[n] <= '9' {
		n++
	}
	return n > 0 && n < 3 && (strings.HasPrefix(line[n:], ". ") || strings.HasPrefix(line[n:], ") "))
}
