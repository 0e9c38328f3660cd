package page

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

var update = flag.Bool("update", false, "write the golden file anew")

// sample has everything that a page can show. Its predictions are invented, so
// that no model but what this package does decides about the golden file.
func sample() Document {
	d := Document{
		Title:         `Letters & <notes> "of" the choir`,
		MinConfidence: 0.4,
		Model:         "an invented model",
	}
	add := func(gap, text string, label stance.Label, p stance.Values, terms ...stance.Contribution) {
		d.Text += gap
		start := len(d.Text)
		d.Text += text
		s := stance.Sentence{Span: features.Span{Start: start, End: len(d.Text)}, Text: text,
			Prediction: stance.Prediction{Label: label, Probabilities: p}}
		e := stance.Explanation{
			Bias: stance.Values{-0.5, -0.25, 0.75}, Terms: terms,
			Context: []stance.ContextContribution{
				{Name: stance.OtherSentences, Scores: stance.Values{-0.125, 0.25, 0.0625}},
				{Name: stance.FirstSentence, Scores: stance.Values{0, -0.5, 0.25}},
			},
		}
		for k := range s.Scores {
			s.Scores[k] = e.Bias[k] + e.Context[0].Scores[k] + e.Context[1].Scores[k]
			for _, term := range terms {
				s.Scores[k] += term.Scores[k]
			}
		}
		e.Prediction = s.Prediction
		d.Sentences = append(d.Sentences, s)
		d.Explanations = append(d.Explanations, e)
	}
	// gold labels the sentence that was added last, from and to some bytes off
	// its ends.
	gold := func(from, to int, label stance.Label) {
		span := d.Sentences[len(d.Sentences)-1].Span
		d.Gold = append(d.Gold, Gold{features.Span{Start: span.Start + from, End: span.End + to}, label})
	}
	term := func(f, a, n float64, spans ...features.Span) stance.Contribution {
		return stance.Contribution{Spans: spans, Scores: stance.Values{f, a, n}}
	}
	add("", "The choir talks", stance.None, stance.Values{0.05, 0.05, 0.9}, term(0, 0, 0.5, features.Span{Start: 4, End: 9}))
	gold(0, 0, stance.None)
	add("\n\n", "I believe the\nwomen who spoke.", stance.Favor, stance.Values{0.8, 0.05, 0.15},
		term(1, -0.5, -0.5, features.Span{Start: 2, End: 9}),
		term(0.5, 0, 0, features.Span{Start: 10, End: 19}),
		term(-0.25, 0.25, 0, features.Span{Start: 20, End: 23}),
		term(0.125, 0, 0, features.Span{Start: 29, End: 30}))
	gold(0, 0, stance.Favor)
	add(" ", "<b>It ruins decent men!</b> & \u202eso on\u202c.", stance.Against, stance.Values{0.2, 0.55, 0.25},
		term(-0.1, 0.3, -0.2, features.Span{Start: 6, End: 11}))
	gold(0, 0, stance.None)
	add(" ", "Nobody answered.", stance.Unlabelled, stance.Values{0.3, 0.35, 0.35})
	gold(0, -10, stance.None)
	gold(7, 0, stance.Against)
	add("\r\n\r\n", "Tickets cost \xFF12 pounds.\x00", stance.None, stance.Values{0.25, 0.3, 0.45})
	return d
}

// rendered is a document as Write writes it.
func rendered(t testing.TB, d Document) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, Write(&b, d))
	return b.String()
}

func TestGolden(t *testing.T) {
	var b bytes.Buffer
	require.NoError(t, View(&b, sample()))
	const golden = "testdata/view.golden.html"
	if *update {
		require.NoError(t, os.WriteFile(golden, b.Bytes(), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	assert.Equal(t, string(want), b.String())

	whole := rendered(t, sample())
	assert.Contains(t, whole, "<main>\n"+b.String()+"\n</main>")
	assert.Contains(t, whole, "<style>"+Style()+"</style>")
	assert.Contains(t, whole, `<meta http-equiv="Content-Security-Policy" content="`+strings.ReplaceAll(Policy, "'", "&#39;")+`"/>`)
	assert.Contains(t, whole, "<title>Letters &amp; &lt;notes&gt; &#34;of&#34; the choir · stance by sentence</title>")
	assert.Equal(t, whole, rendered(t, sample()))
}

// An element of a page, which is written so that it is XML as well.
type element struct {
	name     string
	attr     map[string]string
	children []*element
	content  []any // children and strings in order
}

// text is the text of the element and all within it.
func (e *element) text() string {
	var b strings.Builder
	var write func(e *element)
	write = func(e *element) {
		for _, c := range e.content {
			switch c := c.(type) {
			case string:
				b.WriteString(c)
			case *element:
				write(c)
			}
		}
	}
	write(e)
	return b.String()
}

// parsePage reads a page strictly: every element is closed, every attribute
// quoted, every character allowed.
func parsePage(t testing.TB, page string) *element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(page))
	root := &element{name: "root"}
	stack := []*element{root}
	for {
		token, err := d.Token()
		if err == io.EOF {
			require.Len(t, stack, 1)
			return root
		}
		require.NoError(t, err)
		top := stack[len(stack)-1]
		switch token := token.(type) {
		case xml.StartElement:
			e := &element{name: token.Name.Local, attr: map[string]string{}}
			for _, a := range token.Attr {
				require.NotContains(t, e.attr, a.Name.Local, "an attribute twice")
				e.attr[a.Name.Local] = a.Value
			}
			top.children = append(top.children, e)
			top.content = append(top.content, e)
			stack = append(stack, e)
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			top.content = append(top.content, string(token))
		case xml.Directive:
			require.Equal(t, "DOCTYPE html", string(token))
		default:
			t.Fatalf("what is %T doing here?", token)
		}
	}
}

// all returns the elements, in order, that want wants.
func (e *element) all(want func(*element) bool) []*element {
	var found []*element
	for _, c := range e.children {
		if want(c) {
			found = append(found, c)
		}
		found = append(found, c.all(want)...)
	}
	return found
}

// class wants the elements of a class.
func class(name string) func(*element) bool {
	return func(e *element) bool { return slices.Contains(strings.Fields(e.attr["class"]), name) }
}

// allowed are the elements of a page, with the attributes that they may have
// beside those of allowedAnywhere. None of them loads or runs anything.
var allowed = map[string][]string{
	"html": {"lang"}, "head": nil, "meta": {"charset", "http-equiv", "content", "name"}, "title": nil, "style": nil,
	"body": nil, "header": nil, "main": nil, "section": nil, "footer": nil, "div": nil, "p": nil, "span": nil, "b": nil,
	"bdi": nil, "h1": nil, "h2": nil, "h3": nil, "ul": nil, "li": nil, "figure": nil, "figcaption": nil, "details": nil,
	"summary": nil, "table": nil, "caption": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"scope"}, "td": nil,
	"fieldset": nil, "legend": nil, "label": nil, "input": {"type", "name", "value", "autocomplete", "checked"},
	"a": {"href"}, "desc": nil, "defs": nil, "svg": {"viewBox", "preserveAspectRatio"},
	"pattern": {"width", "height", "patternUnits"}, "rect": {"x", "y", "width", "height"}, "path": {"d"}, "polyline": {"points"},
}

var allowedAnywhere = []string{"class", "id", "role", "tabindex", "style", "aria-hidden", "aria-label", "aria-labelledby", "aria-describedby"}

// checkPage checks what must be true of every page, and returns the sentences
// that it shows.
func checkPage(t testing.TB, page string) (shown []string) {
	t.Helper()
	require.True(t, utf8.ValidString(page))
	root := parsePage(t, page)
	ids := map[string]bool{}
	all := root.all(func(*element) bool { return true })
	for _, e := range all {
		attributes, ok := allowed[e.name]
		require.True(t, ok, "element %s", e.name)
		for name, value := range e.attr {
			require.True(t, slices.Contains(attributes, name) || slices.Contains(allowedAnywhere, name), "attribute %s of %s", name, e.name)
			switch name {
			case "style":
				require.Regexp(t, `^(--w|flex-grow):[0-9]+$`, value)
			case "href":
				require.Regexp(t, `^#stance-`, value)
			case "id":
				require.False(t, ids[value], "id %s twice", value)
				ids[value] = true
			}
		}
	}
	for _, e := range all {
		for _, name := range []string{"href", "aria-labelledby", "aria-describedby"} {
			for _, id := range strings.Fields(e.attr[name]) {
				require.True(t, ids[strings.TrimPrefix(id, "#")], "%s %q of %s leads nowhere", name, id, e.name)
			}
		}
	}
	for _, s := range root.all(func(e *element) bool { return e.name == "bdi" && class("s")(e) }) {
		words := s.all(class("words"))
		require.Len(t, words, 1)
		shown = append(shown, words[0].text())
	}
	return shown
}

// asShown is what a page shows of a text.
func asShown(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case strings.ContainsRune("\t\n\v\f\r\u0085\u2028\u2029", r):
			b.WriteByte(' ')
		case unicode.Is(unicode.Cc, r), r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069,
			r >= 0xFDD0 && r <= 0xFDEF, r%0x10000 >= 0xFFFE:
			fmt.Fprintf(&b, "U+%04X", r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func TestSampleIsShown(t *testing.T) {
	assert.Equal(t, []string{
		"The choir talks", "I believe the women who spoke.", "<b>It ruins decent men!</b> & U+202Eso onU+202C.",
		"Nobody answered.", "Tickets cost \uFFFD12 pounds.U+0000",
	}, checkPage(t, rendered(t, sample())))
}

// tiny learns a dozen sentences.
var tiny = sync.OnceValues(func() (*stance.Model, error) {
	var examples []stance.Example
	for i, texts := range [stance.NumLabels][]string{
		{"I believe the women who spoke.", "They were brave to speak.", "It was time that somebody said it.", "I am grateful to them."},
		{"It ruins decent men.", "This is a witch hunt.", "Stop this mob.", "The movement went too far!"},
		{"The hall opens at seven.", "Tickets cost ten pounds.", "The council votes on Friday.", "More on our page https://page.example"},
	} {
		for _, text := range texts {
			examples = append(examples, stance.Example{Text: text, Label: stance.Labels()[i]})
		}
	}
	return stance.Train(context.Background(), examples, stance.Options{C: 10, CalibrationFolds: -1, Features: features.Options{
		Blocks: []features.Block{{MinN: 1, MaxN: 2}, {Analyzer: features.CharsWB, MinN: 1, MaxN: 4}},
	}, Context: stance.Context{Others: 0.25, First: -0.125, None: 0.0625}})
})

// documentOf labels a text, whose sentences speak for one another.
func documentOf(t testing.TB, title, text string, minConfidence float64) Document {
	m, err := tiny()
	require.NoError(t, err)
	m = m.WithMinConfidence(minConfidence)
	return Document{Title: title, Text: text, MinConfidence: minConfidence, Model: title,
		Sentences: m.ClassifyDocument(text), Explanations: m.ExplainDocument(text)}
}

// hostile are texts that mean to be something else than text.
var hostile = []struct{ name, text string }{
	{"empty", ""},
	{"white space", " \n\t\u00A0\u2028"},
	{"one byte", "x"},
	{"NUL", "\x00"},
	{"script", `<script>fetch("https://evil.example/")</script>`},
	{"end of what is around it", `</span></bdi></p></main></body></html><img src="https://evil.example/" onerror="alert(1)">`},
	{"comment", "<!-- It begins. --> <![CDATA[ and ]]> <?xml ends?>"},
	{"attributes", `" onfocus="alert(1)" x='y' style=background:url(https://evil.example/) `},
	{"entities", "&lt;script&gt; &amp;amp; &#x202e; &nosuch;"},
	{"stylesheet", "</style><style>*{display:none}</style>"},
	{"template", `{{.Policy}} {{template "page"}} ${1} <%= x %>`},
	{"invalid UTF-8", "\xFF\xFE bad \xC0\xAF \xED\xA0\x80 \xF8. \xE2\x82"},
	{"direction", "\u202EThis is not what it seems.\u202C \u2066And \u2067this.\u2069 \u200Fאבג. دعم."},
	{"control characters", "\x1b[31mred\x1b[0m \x7F\u0080\u009B \a\b."},
	{"noncharacters", "\uFFFE \uFFFF \uFDD0 \U0001FFFE \U0010FFFF."},
	{"line ends", "One\rtwo\r\nthree\vfour\ffive\u0085six\u2028seven\u2029eight."},
	{"combining", "Z" + strings.Repeat("\u0300", 3000)},
	{"no space", strings.Repeat("decentmen", 20_000)},
	{"many sentences", strings.Repeat("It ruins decent men. ", 700)},
}

func TestHostileTexts(t *testing.T) {
	for _, tt := range hostile {
		t.Run(tt.name, func(t *testing.T) {
			for _, minConfidence := range []float64{0, 0.5} {
				d := documentOf(t, tt.text, tt.text, minConfidence)
				var want []string
				for _, s := range d.Sentences {
					want = append(want, asShown(s.Text))
				}
				assert.Equal(t, want, checkPage(t, rendered(t, d)))
				d.Explanations = nil
				assert.Equal(t, want, checkPage(t, rendered(t, d)))
			}
		})
	}
}

func FuzzWrite(f *testing.F) {
	for _, tt := range hostile {
		if len(tt.text) <= 1<<12 {
			f.Add("a title", tt.text, 0.5, uint8(1))
		}
	}
	d := sample()
	f.Add(d.Title, d.Text, 0.4, uint8(2))
	f.Fuzz(func(t *testing.T, title, text string, minConfidence float64, cut uint8) {
		if len(text) > 1<<12 || !(minConfidence >= 0 && minConfidence <= 1) {
			return
		}
		d := documentOf(t, title, text, minConfidence)
		// Gold that is cut otherwise than the sentences here and there.
		for i, s := range d.Sentences {
			g := Gold{s.Span, stance.Labels()[(i+int(cut))%stance.NumLabels]}
			if i%3 == int(cut)%3 && s.Len() > 1 {
				g.End--
			}
			d.Gold = append(d.Gold, g)
		}
		if cut > 200 {
			d.Explanations = nil
		}
		var want []string
		for _, s := range d.Sentences {
			want = append(want, asShown(s.Text))
		}
		page := rendered(t, d)
		require.Equal(t, want, checkPage(t, page))
		heading := parsePage(t, page).all(func(e *element) bool { return e.name == "h1" })[0].text()
		if strings.TrimSpace(title) == "" {
			title = "Untitled text"
		}
		require.Equal(t, asShown(title), heading)
	})
}

// urls are the ways of a stylesheet to load something.
var urls = regexp.MustCompile(`(?i)url\(([^)]*)\)|@import|image-set|src\(`)

// The stylesheet is the only part of a page that could load something without
// an element for it.
func TestStyleLoadsNothing(t *testing.T) {
	for _, found := range urls.FindAllStringSubmatch(Style(), -1) {
		assert.Equal(t, "#stance-stripes", found[1], found[0])
	}
	assert.NotContains(t, Style(), "<")
	assert.NotContains(t, Style(), "&")
	assert.NotContains(t, Style(), `\`)
}

type failingWriter struct{ after int }

var errFull = errors.New("full")

func (w *failingWriter) Write(b []byte) (int, error) {
	if w.after -= len(b); w.after < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestWritingFails(t *testing.T) {
	for _, after := range []int{0, 100, 20_000} {
		assert.ErrorIs(t, Write(&failingWriter{after}, sample()), errFull)
		assert.ErrorIs(t, View(&failingWriter{min(after, 5000)}, sample()), errFull)
	}
}

func TestPanics(t *testing.T) {
	for _, tt := range []struct {
		name  string
		spoil func(*Document)
		want  string
	}{
		{"explanations", func(d *Document) { d.Explanations = d.Explanations[:2] }, "page: 2 explanations of 5 sentences"},
		{"sentence outside", func(d *Document) { d.Text = d.Text[:120] }, "page: sentence 4 at bytes 111 to 136, after byte 107 of 120"},
		{"sentences overlap", func(d *Document) { d.Sentences[1].Start = 14 }, "page: sentence 1 at bytes 14 to 47, after byte 15 of 136"},
		{"sentence backwards", func(d *Document) { d.Sentences[0].Start = 16 }, "page: sentence 0 at bytes 16 to 15, after byte 0 of 136"},
		{"gold outside", func(d *Document) { d.Gold[4].End = 150 }, "page: gold label 4 at bytes 98 to 150, after byte 97 of 136"},
		{"gold overlaps", func(d *Document) { d.Gold[1].Start = 3 }, "page: gold label 1 at bytes 3 to 47, after byte 15 of 136"},
		{"empty gold", func(d *Document) { d.Gold[0].End = 0 }, "page: gold label 0 at bytes 0 to 0, after byte 0 of 136"},
		{"gold without label", func(d *Document) { d.Gold[0].Label = stance.Unlabelled }, `page: gold label 0 is ""`},
		{"no label of ours", func(d *Document) { d.Sentences[0].Label = 7 }, "page: label 7 is none of package stance"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := sample()
			tt.spoil(&d)
			assert.PanicsWithValue(t, tt.want, func() { Write(io.Discard, d) })
			assert.PanicsWithValue(t, tt.want, func() { View(io.Discard, d) })
		})
	}
}
