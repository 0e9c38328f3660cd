package features

// Span is a half-open range of bytes, [Start, End), of a text.
type Span struct {
	Start, End int
}

// Of returns the part of text that the span covers.
func (s Span) Of(text string) string { return text[s.Start:s.End] }

// Len returns the number of bytes that the span covers.
func (s Span) Len() int { return s.End - s.Start }
