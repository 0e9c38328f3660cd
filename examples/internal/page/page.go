// Package page shows a labelled text as HTML: every sentence coloured by its
// stance, the words that spoke for and against it, the course of the text as a
// small plot, counts, a filter by label, the errors against gold labels, and
// what the model cannot do.
//
// Write makes a whole page. View makes the same without the page around it, for
// a program that puts it into a page of its own:
//
//	<meta http-equiv="Content-Security-Policy" content="{{.Policy}}">
//	<style>{{.Style}}</style>
//	...
//	<main>
//	<h1>...</h1>
//	{{.View}}
//	</main>
//
// # What it guarantees
//
// Nothing in a page makes a request, and there is no script in it: what changes
// as the page is read is done by the stylesheet. Whatever the text holds comes
// out as text. Bytes that are not valid UTF-8 become U+FFFD; control characters,
// and those that change the direction of writing, are written by their code
// points ("U+202E"), so that no sentence can reorder the page or hide in it. The
// same document gives the same bytes.
//
// Labels are told apart by word, sign and underline as well as by colour, the
// text has the contrast that WCAG 2.2 asks for at level AA, in light and dark,
// and all can be reached with the keyboard.
package page

import (
	_ "embed"
	"html/template"
	"io"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// Document is a text and what is known of its sentences.
type Document struct {
	// Title names the text. It may be empty.
	Title string
	// Text is the whole text, whatever its bytes.
	Text string
	// Sentences are the sentences of Text in their order, as
	// [stance.Model.ClassifyDocument] returns them. What stands between them is
	// taken for white space; line ends there make paragraphs.
	Sentences []stance.Sentence
	// Explanations are those of the sentences, in the same order, as
	// [stance.Model.ExplainDocument] returns them. Without any, the page says
	// that the words were left out.
	Explanations []stance.Explanation
	// MinConfidence is the probability below which the model abstained. Zero
	// means that it did not.
	MinConfidence float64
	// Model says in a few words which model labelled, for the foot of the page,
	// such as "the default model of version 0.1.0". It may be empty.
	Model string
	// Gold are the gold labels of spans of Text, in order and without overlap.
	// Nil means that there are none to compare with.
	Gold []Gold
}

// Gold is the gold label of a span of a text.
type Gold struct {
	features.Span
	Label stance.Label
}

// Policy is the content security policy of a page that [Write] makes: nothing
// is loaded, and nothing but style sheets within the page applies.
const Policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

//go:embed style.css
var style string

// Style returns the stylesheet that [View] needs, for an element style. It also
// gives body, headings and links their look.
func Style() string { return style }

//go:embed page.gohtml
var source string

var templates = template.Must(template.New("").Parse(source))

// Write writes a whole page.
//
// It fails only with the error of w. It panics if there are explanations, but
// more or fewer than sentences, or if a span lies outside of the text.
func Write(w io.Writer, d Document) error {
	return templates.ExecuteTemplate(w, "page", newView(d))
}

// View writes what a page shows of a document, without title, as one element
// of the class "stance", whose headings begin with h2. Its anchors and the
// names of its controls begin with "stance-", so a page can hold one View.
//
// It fails and panics as [Write] does.
func View(w io.Writer, d Document) error {
	return templates.ExecuteTemplate(w, "view", newView(d))
}
