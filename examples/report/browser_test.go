package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/examples/internal/page/browser"
)

var screenshots = flag.String("screenshots", "", "write pictures of the page to this directory")

// windows are those that the page is looked at in: the width of a phone and of a
// desktop, light and dark.
var windows = []struct {
	name          string
	width, height int
	phone, dark   bool
}{
	{"phone-light", 390, 844, true, false},
	{"phone-dark", 390, 844, true, true},
	{"desktop-light", 1280, 800, false, false},
	{"desktop-dark", 1280, 800, false, true},
}

// contrasts returns, of every piece of text that is shown, the least contrast
// with the colours behind it (WCAG 2.2, "contrast ratio") and what it says. The
// stops of a gradient count as colours behind it.
const contrasts = `(() => {
	const colours = s => [...s.matchAll(/rgba?\(([^)]*)\)/g)].map(m => m[1].split(/[ ,\/]+/).map(Number)).filter(c => c.length < 4 || c[3] > 0);
	const luminance = c => [0.2126, 0.7152, 0.0722].reduce((sum, w, i) => {
		const x = c[i] / 255;
		return sum + w * (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4);
	}, 0);
	const contrast = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
	const found = [];
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let t = texts.nextNode(); t; t = texts.nextNode()) {
		const e = t.parentElement;
		if (!t.data.trim() || !e.getClientRects().length || e.closest("svg")) continue;
		let behind = [];
		for (let b = e; b && !behind.length; b = b.parentElement) {
			const style = getComputedStyle(b);
			behind = colours(style.backgroundImage).concat(colours(style.backgroundColor));
		}
		if (!behind.length) behind = [[255, 255, 255]];
		const text = luminance(colours(getComputedStyle(e).color)[0]);
		found.push([Math.min(...behind.map(b => contrast(text, luminance(b)))), t.data.trim()]);
	}
	return found.sort((a, b) => a[0] - b[0]);
})()`

// shown returns the labels of the sentences that are shown, as the text has
// them.
const shown = `[...document.querySelectorAll(".text .s")].filter(e => e.getClientRects().length).map(e => e.innerText.trim().split(/\s+/)[1])`

// panel returns the text of the panel that is shown.
const panel = `[...document.querySelectorAll(".why")].filter(e => e.getClientRects().length).map(e => e.innerText).join("\n---\n")`

// focused is the element that has the keyboard.
const focused = `document.activeElement.id || document.activeElement.tagName`

func TestInBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes seconds to start")
	}
	b := browser.Start(t)
	path := filepath.Join(t.TempDir(), "page.html")
	// The last sentence tries what a page must not let it do.
	article, err := os.ReadFile("../classify/testdata/article.txt")
	require.NoError(t, err)
	text := string(article) + "\nThis one has <img src=\"https://evil.example/x.png\"> and \u202Emore."
	start, end := strings.Index(text, `"This is a witch`), strings.Index(text, " He didn't")
	require.True(t, 0 < start && start < end)
	gold := file(t, "gold.tsv", fmt.Sprintf("start\tend\tlabel\n%d\t%d\tNONE\n", start, end))
	got := report(text, "-model", modelFile(t), "-gold", gold, "-o", path, "-")
	require.Zero(t, got.status, got.stderr)
	address := "file://" + path

	for _, w := range windows {
		t.Run(w.name, func(t *testing.T) {
			b.Resize(w.width, w.height, w.phone, w.dark)
			b.Open(address)
			picture := func(name string, whole bool) {
				if *screenshots != "" {
					path := filepath.Join(*screenshots, w.name+"-"+name+".png")
					require.NoError(t, os.WriteFile(path, b.Screenshot(whole), 0o644))
				}
			}
			picture("whole", true)

			var width int
			b.Evaluate(`document.documentElement.scrollWidth`, &width)
			assert.LessOrEqual(t, width, w.width, "nothing sticks out to the side")

			// A panel is text like all other.
			b.Evaluate(`document.querySelector("#stance-6").focus()`, nil)
			picture("focus", false)
			var box struct{ Left, Right, Top, Bottom float64 }
			b.Evaluate(`(() => { const r = document.querySelector("#stance-6-why").getBoundingClientRect(); return {left: r.left, right: r.right, top: r.top, bottom: r.bottom}; })()`, &box)
			assert.True(t, 0 <= box.Left && box.Left < box.Right && box.Right <= float64(w.width), "%+v", box)
			assert.True(t, 0 <= box.Top && box.Top < box.Bottom && box.Bottom <= float64(w.height), "%+v", box)
			var covered []string
			b.Evaluate(`[...document.querySelectorAll(".text .s")].filter(s => {
				s.focus();
				const panel = s.nextElementSibling.getBoundingClientRect();
				return [...s.getClientRects()].some(r => r.bottom > panel.top && r.right > panel.left || r.top < 0);
			}).map(s => s.id)`, &covered)
			assert.Empty(t, covered, "panels leave their sentences free")
			b.Evaluate(`document.querySelector("#stance-6").focus()`, nil)

			var found [][2]any
			b.Evaluate(contrasts, &found)
			require.Greater(t, len(found), 80)
			// WCAG 2.2, success criterion 1.4.3, level AA.
			assert.GreaterOrEqual(t, found[0][0], 4.5, "%v", found[0][1])
			if w.dark {
				var ground string
				b.Evaluate(`getComputedStyle(document.body).backgroundColor`, &ground)
				assert.NotEqual(t, "rgb(255, 255, 255)", ground)
			}

			b.Evaluate(`document.querySelector("#stance-show-against").click(); document.querySelector("fieldset").scrollIntoView()`, nil)
			picture("filter", false)
			assert.Equal(t, []string{address}, b.Requests())
			assert.Empty(t, b.Problems())
		})
	}

	t.Run("keyboard", func(t *testing.T) {
		b.Open(address)
		var at, text string
		press := func(key string) string {
			b.Press(key)
			b.Evaluate(focused, &at)
			return at
		}
		press("Tab")
		b.Evaluate(`document.activeElement.innerText`, &text)
		assert.Equal(t, "Skip to the text", text)
		press("Tab") // the table of the plot
		assert.Equal(t, "stance-show-all", press("Tab"))
		var labels []string
		b.Evaluate(shown, &labels)
		assert.Len(t, labels, 10)

		assert.Equal(t, "stance-show-favor", press("ArrowDown"))
		assert.Equal(t, "stance-show-against", press("ArrowDown"))
		b.Evaluate(shown, &labels)
		require.NotEmpty(t, labels)
		for _, label := range labels {
			assert.Equal(t, "AGAINST", label)
		}
		b.Evaluate(`document.querySelector("[role=status]").innerText`, &text)
		assert.Contains(t, text, fmt.Sprintf("Showing %d sentence", len(labels)))
		assert.Contains(t, text, "with label AGAINST.")

		// What is hidden is not stopped at.
		press("Tab")
		var label string
		b.Evaluate(`document.activeElement.className`, &label)
		assert.Contains(t, strings.Fields(label), "against")
		b.Evaluate(panel, &text)
		assert.Contains(t, text, "For AGAINST:")

		b.Evaluate(`document.querySelector("#stance-show-all").click(); document.querySelector("#stance-show-all").focus()`, nil)
		b.Evaluate(panel, &text)
		assert.Empty(t, text)
		assert.Equal(t, "stance-1", press("Tab"))
		b.Evaluate(panel, &text)
		assert.True(t, strings.HasPrefix(text, "Sentence 1: "), text)
		assert.Equal(t, "stance-2", press("Tab"))
		b.Evaluate(panel, &text)
		assert.True(t, strings.HasPrefix(text, "Sentence 2: "), text)
		assert.NotContains(t, text, "---", "one panel at a time")
	})

	t.Run("mouse", func(t *testing.T) {
		b.Resize(1280, 800, false, false)
		b.Open(address)
		var text string
		b.Evaluate(panel, &text)
		assert.Empty(t, text)
		b.Point("#stance-3 .words")
		b.Evaluate(panel, &text)
		assert.True(t, strings.HasPrefix(text, "Sentence 3: "), text)
		// The sentence under the mouse goes before the one with the focus.
		b.Evaluate(`document.querySelector("#stance-1").focus()`, nil)
		b.Point("#stance-5 .words")
		b.Evaluate(panel, &text)
		assert.True(t, strings.HasPrefix(text, "Sentence 5: "), text)
		assert.NotContains(t, text, "---")
		b.Point("h1")
		b.Evaluate(panel, &text)
		assert.True(t, strings.HasPrefix(text, "Sentence 1: "), text)
	})

	t.Run("accessibility", func(t *testing.T) {
		b.Open(address)
		find := func(role string) (all []browser.Node) {
			for _, n := range b.AccessibilityTree() {
				if n.Role == role {
					all = append(all, n)
				}
			}
			return all
		}
		names := func(role string) (all []string) {
			for _, n := range find(role) {
				all = append(all, n.Name)
			}
			return all
		}
		assert.Equal(t, []string{"Standard input · stance by sentence"}, names("RootWebArea"))
		assert.Len(t, find("banner"), 1)
		assert.Len(t, find("main"), 1)
		assert.Equal(t, []string{"Summary", "Text"}, names("region"))
		level := 1
		var headings []string
		for _, n := range find("heading") {
			l := int(n.Properties["level"].(float64))
			assert.LessOrEqual(t, l, level+1, "no level is left out before %q", n.Name)
			level = l
			headings = append(headings, n.Name)
		}
		assert.Equal(t, []string{"Standard input", "Summary", "Compared with the gold labels", "Text", "How to read this page", "What the model cannot do"}, headings)

		radios := find("radio")
		require.Len(t, radios, 5)
		for i, want := range []string{"all 10", "FAVOR ", "AGAINST ", "NONE ", "errors 1"} {
			assert.True(t, strings.HasPrefix(radios[i].Name, want), radios[i].Name)
			assert.Equal(t, fmt.Sprint(i == 0), radios[i].Properties["checked"])
		}
		assert.Contains(t, names("group"), "Show")
		require.Len(t, find("status"), 1)

		images := find("image")
		require.Len(t, images, 1)
		assert.Contains(t, images[0].Name, "The course of the text")
		assert.Regexp(t, `^The mean of P\(FAVOR\) − P\(AGAINST\) is .*greatest, .*least, .*The table below has all values\.$`, images[0].Description)

		var sentences []browser.Node
		for _, n := range find("group") {
			if strings.HasPrefix(n.Name, "Sentence ") {
				sentences = append(sentences, n)
			}
		}
		require.Len(t, sentences, 10)
		for i, n := range sentences {
			assert.Equal(t, fmt.Sprintf("Sentence %d", i+1), n.Name)
			assert.Equal(t, true, n.Properties["focusable"])
			assert.Regexp(t, `FAVOR [01]\.[0-9]{2} AGAINST [01]\.[0-9]{2} NONE [01]\.[0-9]{2} .*other sentences [+−].*first sentence [+−].*before any word [+−].*together [+−]`, n.Description)
		}
		assert.Regexp(t, `^"This is a witch hunt, it ruins decent men!" a retired tenor told the council\. Sentence 6: AGAINST\. Gold: NONE\. .* For AGAINST: .*(hunt|ruins|decent) \+`, sentences[5].Description)
		assert.Contains(t, sentences[9].Description, `<img src="https://evil.example/x.png"> and U+202Emore.`)
	})
}
