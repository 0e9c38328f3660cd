package page_test

import (
	"fmt"
	"strings"

	"example.org/metoostance/examples/internal/page"
	"example.org/metoostance/stance"
)

func ExampleWrite() {
	m := stance.Default().WithMinConfidence(0.4)
	const text = "Tickets cost ten pounds. <b>The hall opens at seven.</b>"
	var b strings.Builder
	err := page.Write(&b, page.Document{
		Title: "A notice", Text: text,
		Sentences: m.ClassifyDocument(text), Explanations: m.ExplainDocument(text), MinConfidence: 0.4,
		Model: "the default model of version " + stance.Version,
	})
	fmt.Println(err)
	fmt.Println(strings.Contains(b.String(), "<h1><bdi>A notice</bdi></h1>"))
	fmt.Println(strings.Contains(b.String(), "&lt;b&gt;The hall opens at seven.&lt;/b&gt;"))
	// Output:
	// <nil>
	// true
	// true
}
