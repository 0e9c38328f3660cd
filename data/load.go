package data

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Encoding says how the characters of a file are stored.
type Encoding uint8

const (
	// DefaultEncoding is UTF-8 in [Read] and [ReadMeTooMA]. In [ReadSemEval] it
	// is UTF-8 when the whole file is valid UTF-8 and Windows-1252 otherwise.
	DefaultEncoding Encoding = iota
	// UTF8 refuses bytes that are not valid UTF-8. A byte-order mark at the
	// beginning is skipped.
	UTF8
	// Windows1252 gives every byte a meaning, as the WHATWG Encoding Standard
	// does: the five that the code page leaves undefined (0x81, 0x8D, 0x8F,
	// 0x90, 0x9D) become the C1 control characters of the same number, so that
	// every byte has a character of its own and nothing is lost.
	Windows1252
)

// defaultMaxBytes bounds what a compressed file may grow to in memory.
const defaultMaxBytes = 1 << 28

var errGzipName = errors.New("the file is compressed by gzip, but its name does not end in .gz")

// load reads all of r as UTF-8. Every error is a *ParseError. detect says what
// DefaultEncoding means.
func load(r io.Reader, name string, encoding Encoding, detect bool, maxBytes int64) (string, error) {
	if maxBytes <= 0 {
		maxBytes = defaultMaxBytes
	}
	fail := func(line int, err error) (string, error) {
		return "", &ParseError{File: name, Line: line, Err: err}
	}
	compressed := strings.HasSuffix(strings.ToLower(name), ".gz")
	if compressed {
		z, err := gzip.NewReader(r)
		if err != nil {
			return fail(0, fmt.Errorf("decompressing: %w", noEOF(err)))
		}
		r = z
	}
	var b strings.Builder
	n, err := io.Copy(&b, io.LimitReader(r, maxBytes))
	s := b.String()
	if err == nil && n == maxBytes {
		// A file of just the limit is fine, one byte more is not.
		m, end := io.ReadFull(r, make([]byte, 1))
		if m > 0 {
			err = fmt.Errorf("more than %d bytes", maxBytes)
		} else if end != io.EOF {
			err = end
		}
	}
	if err != nil {
		if compressed {
			err = fmt.Errorf("decompressing: %w", err)
		}
		return fail(1+strings.Count(s, "\n"), err)
	}
	switch {
	case strings.HasPrefix(s, "\x1F\x8B"):
		return fail(0, errGzipName)
	case strings.HasPrefix(s, "\xFF\xFE") && encoding != Windows1252:
		return fail(1, errors.New("byte-order mark of UTF-16, little-endian; save the file as UTF-8"))
	case strings.HasPrefix(s, "\xFE\xFF") && encoding != Windows1252:
		return fail(1, errors.New("byte-order mark of UTF-16, big-endian; save the file as UTF-8"))
	case strings.HasPrefix(s, "\uFEFF") && encoding == Windows1252:
		return fail(1, errors.New("byte-order mark of UTF-8 in a file that is to be read as Windows-1252"))
	case strings.HasPrefix(s, "\uFEFF"):
		return strings.TrimPrefix(s, "\uFEFF"), nil
	case encoding == Windows1252, encoding == DefaultEncoding && detect && !utf8.ValidString(s):
		return fromWindows1252(s), nil
	}
	return s, nil
}

// noEOF says of a file that ends too early that it does: io.EOF is the end of
// a file where one may be.
func noEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// windows1252 are the characters of the bytes 0x80 to 0x9F; the other bytes
// stand for the characters of the same number. Source: WHATWG Encoding
// Standard, index windows-1252.
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8D, 'Ž', 0x8F,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9D, 'ž', 'Ÿ',
}

// fromWindows1252 converts s to UTF-8.
func fromWindows1252(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c < 0x80:
			b.WriteByte(c)
		case c < 0xA0:
			b.WriteRune(windows1252[c-0x80])
		default:
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}
