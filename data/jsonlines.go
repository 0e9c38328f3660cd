package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// readJSONLines adds the objects of content, one on each line.
func (b *exampleBuilder) readJSONLines(content string) error {
	line, blank := 0, 0
	for len(content) > 0 {
		var text string
		text, content, _ = strings.Cut(content, "\n")
		text = strings.TrimSuffix(text, "\r")
		line++
		if text == "" {
			if blank == 0 {
				blank = line
			}
			continue
		}
		if blank > 0 {
			return &ParseError{File: b.file, Line: blank, Column: 1, Err: errBlank}
		}
		rec, err := parseObject(text, b.columns)
		if err != nil {
			err.File, err.Line = b.file, line
			return err
		}
		for i := range rec {
			rec[i].line = line
		}
		if err := b.add(rec); err != nil {
			return err
		}
	}
	return nil
}

// parseObject reads one JSON object. Unlike encoding/json it refuses keys that
// stand there twice, compares keys exactly, and refuses what it would have to
// replace by U+FFFD. Of an error it sets Column and Err.
func parseObject(line string, columns [numParts]namedColumn) (record, *ParseError) {
	fail := func(column int, err error) (record, *ParseError) {
		return record{}, &ParseError{Column: column, Err: err}
	}
	if i := invalidUTF8(line); i >= 0 {
		return fail(i+1, fmt.Errorf("byte 0x%02X is not valid UTF-8", line[i]))
	}
	if i := strings.IndexByte(line, 0); i >= 0 {
		return fail(i+1, errNUL)
	}
	if i := loneSurrogate(line); i >= 0 {
		return fail(i+1, fmt.Errorf("%s is half a surrogate pair and no character", line[i:i+6]))
	}
	// Checking the whole line first gives syntax errors one kind of offset:
	// those of Decoder.Token and Decoder.Decode differ by one.
	var whole json.RawMessage
	if err := json.Unmarshal([]byte(line), &whole); err != nil {
		var s *json.SyntaxError
		if errors.As(err, &s) && strings.HasPrefix(s.Error(), "invalid character") {
			return fail(int(s.Offset), err)
		}
		return fail(len(line)+1, errors.New("the JSON value does not end on its line"))
	}
	d := json.NewDecoder(strings.NewReader(line))
	open, err := d.Token()
	if err != nil || open != json.Delim('{') {
		return fail(1, errors.New("want a JSON object"))
	}
	var rec record
	seen := make(map[string]bool)
	for d.More() {
		// Between here and the key are at most white space and a comma.
		quote := max(0, strings.IndexByte(line[d.InputOffset():], '"'))
		keyColumn := int(d.InputOffset()) + quote + 1
		token, err := d.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return fail(keyColumn, errors.New("want a key"))
		}
		if seen[key] {
			return fail(keyColumn, fmt.Errorf("second key %q", key))
		}
		seen[key] = true
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return fail(keyColumn, err)
		}
		at := int(d.InputOffset()) - len(raw) + 1
		for part, c := range columns {
			if c.name == "" || c.name != key {
				continue
			}
			text, err := scalar(raw, part == partText)
			if err != nil {
				return fail(at, fmt.Errorf("%q: %w", key, err))
			}
			rec[part] = value{text: text, column: at, present: true}
		}
	}
	for part, c := range columns {
		if c.required && !rec[part].present {
			return fail(1, fmt.Errorf("no key %q", c.name))
		}
		if !rec[part].present {
			rec[part].column = 1
		}
	}
	return rec, nil
}

// scalar returns a JSON string, or a number as it is written, or "" for null.
// A text has to be a string.
func scalar(raw json.RawMessage, text bool) (string, error) {
	switch c := raw[0]; {
	case c == '"':
		var s string
		err := json.Unmarshal(raw, &s)
		return s, err
	case text:
		return "", errors.New("want a string")
	case c == 'n':
		return "", nil
	case c == '-' || c >= '0' && c <= '9':
		return string(raw), nil
	}
	return "", errors.New("want a string or a number")
}

// loneSurrogate returns the index of an escape \uD800 to \uDFFF that is not
// half of a pair, or -1.
func loneSurrogate(s string) int {
	for i := 0; ; {
		k := strings.IndexByte(s[i:], '\\')
		if k < 0 || i+k+1 >= len(s) {
			return -1
		}
		i += k
		first, ok := unicodeEscape(s[i:])
		if !ok || first < 0xD800 || first > 0xDFFF {
			i += 2 // over the escaped character, which may be a backslash
			continue
		}
		second, ok := unicodeEscape(s[i+6:])
		if first >= 0xDC00 || !ok || second < 0xDC00 || second > 0xDFFF {
			return i
		}
		i += 12
	}
}

// unicodeEscape reads the \uXXXX with which s begins.
func unicodeEscape(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var r rune
	for _, c := range []byte(s[2:6]) {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
