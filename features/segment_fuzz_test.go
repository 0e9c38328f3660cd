package features

import "testing"

// FuzzSentences checks on any bytes that no byte is lost and that the spans are
// well formed.
func FuzzSentences(f *testing.F) {
	for _, rule := range segRules {
		for _, marked := range segRuleCases[rule.name] {
			text, _ := segMarked(marked)
			f.Add(text)
		}
	}
	for _, text := range []string{
		"", "\x00", "\xff", "\xe2\x80", ". \xf0\x9f", ".\xcc", "e\u0301.\u0301A", "\ufeff.", "[1", ".[", ".[99999]", "http://", ".http://", "A.\u2029B",
		"\"\"\".\"\"", "“‘(.)’”", ". . . .", ". .… .", "#", ".#", ".@", "I", "2018I", "’A",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { segCheck(t, text) })
}
