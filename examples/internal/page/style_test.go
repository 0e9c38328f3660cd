package page

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	comments  = regexp.MustCompile(`(?s)/\*.*?\*/`)
	rules     = regexp.MustCompile(`([^{}]+)\{([^{}]*)\}`)
	variables = regexp.MustCompile(`(--[a-z0-9-]+):\s*(#[0-9a-f]{6})\b`)
	used      = regexp.MustCompile(`var\((--[a-z0-9-]+)\)`)
)

// A rule of the stylesheet.
type rule struct {
	selector     string
	declarations map[string]string
}

// parseStyle returns the rules, those for certain media among the others.
func parseStyle(t *testing.T) []rule {
	var all []rule
	for _, r := range rules.FindAllStringSubmatch(comments.ReplaceAllString(Style(), ""), -1) {
		declarations := map[string]string{}
		for declaration := range strings.SplitSeq(r[2], ";") {
			if strings.TrimSpace(declaration) == "" {
				continue
			}
			name, value, ok := strings.Cut(declaration, ":")
			require.True(t, ok, declaration)
			declarations[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
		all = append(all, rule{strings.TrimSpace(r[1]), declarations})
	}
	require.Greater(t, len(all), 100)
	return all
}

// palettes returns the colours by name, light and dark.
func palettes(t *testing.T) (light, dark map[string]string) {
	for _, r := range rules.FindAllStringSubmatch(comments.ReplaceAllString(Style(), ""), -1) {
		colours := map[string]string{}
		for _, v := range variables.FindAllStringSubmatch(r[2], -1) {
			colours[v[1]] = v[2]
		}
		switch {
		case len(colours) == 0:
		case light == nil:
			light = colours
		case dark == nil:
			dark = colours
		default:
			t.Fatalf("a third palette: %s", r[1])
		}
	}
	require.NotEmpty(t, light)
	require.Len(t, dark, len(light))
	for name := range light {
		require.Contains(t, dark, name)
	}
	return light, dark
}

// contrast is the contrast ratio of two colours (WCAG 2.2, "contrast ratio" and
// "relative luminance").
func contrast(a, b string) float64 {
	luminance := func(colour string) float64 {
		sum := 0.0
		for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
			n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
			if err != nil {
				panic(err)
			}
			c := float64(n) / 255
			if c <= 0.04045 {
				c /= 12.92
			} else {
				c = math.Pow((c+0.055)/1.055, 2.4)
			}
			sum += weight * c
		}
		return sum
	}
	x, y := luminance(a), luminance(b)
	return (math.Max(x, y) + 0.05) / (math.Min(x, y) + 0.05)
}

func TestContrastRatio(t *testing.T) {
	// Black on white has the greatest ratio, and #767676 is the lightest grey on
	// white that is enough for text.
	assert.InDelta(t, 21, contrast("#000000", "#ffffff"), 1e-9)
	assert.InDelta(t, 4.54, contrast("#ffffff", "#767676"), 0.005)
	assert.InDelta(t, 4.48, contrast("#777777", "#ffffff"), 0.005)
}

// textless are the parts of selectors of what has a background and no text.
var textless = []string{".shares .", ".row"}

// Every text can be read on what is behind it, in light and dark: a rule that
// sets one of the two sets both, so no pair comes about that is not here.
func TestTextContrast(t *testing.T) {
	// WCAG 2.2, success criterion 1.4.3, level AA, text of any size.
	const enough = 4.5
	light, dark := palettes(t)
	pairs := 0
	for _, r := range parseStyle(t) {
		colour, coloured := r.declarations["color"]
		var background string
		for name, value := range r.declarations {
			if name == "background" {
				background = value
			}
			require.NotRegexp(t, `^background-|^opacity$|^filter$|^mix-blend-mode$`, name, "%s: it changes contrast and is not looked at here", r.selector)
		}
		if !coloured {
			if background != "" {
				for selector := range strings.SplitSeq(r.selector, ",") {
					assert.Condition(t, func() bool {
						for _, part := range textless {
							if strings.HasPrefix(strings.TrimSpace(selector), part) {
								return true
							}
						}
						return false
					}, "%s sets a background and no colour of the text", selector)
				}
			}
			continue
		}
		text := used.FindStringSubmatch(colour)
		require.NotNil(t, text, "%s: the colour has no name", r.selector)
		behind := used.FindAllStringSubmatch(background, -1)
		require.NotEmpty(t, behind, "%s sets a colour of the text and no background", r.selector)
		for _, b := range behind {
			pairs++
			for scheme, palette := range map[string]map[string]string{"light": light, "dark": dark} {
				require.Contains(t, palette, text[1])
				require.Contains(t, palette, b[1])
				assert.GreaterOrEqual(t, contrast(palette[text[1]], palette[b[1]]), enough, "%s, %s: %s on %s", scheme, r.selector, text[1], b[1])
			}
		}
	}
	assert.Greater(t, pairs, 15)
}

// What is no text and has a meaning stands out from what is around it.
func TestGraphicsContrast(t *testing.T) {
	// WCAG 2.2, success criterion 1.4.11, level AA.
	const enough = 3
	light, dark := palettes(t)
	for _, pair := range [][2]string{
		// The lines under sentences.
		{"--favor", "--favor-1"}, {"--favor", "--favor-2"}, {"--favor", "--favor-3"},
		{"--against", "--against-1"}, {"--against", "--against-2"}, {"--against", "--against-3"},
		{"--unlabelled", "--unlabelled-1"}, {"--unlabelled", "--unlabelled-2"},
		// The ring around the focus, and the frame of the panel.
		{"--link", "--paper"}, {"--soft", "--paper"},
		// Bars and lines of the plot.
		{"--favor", "--paper"}, {"--against", "--paper"}, {"--unlabelled", "--paper"}, {"--ink", "--paper"},
	} {
		for scheme, palette := range map[string]map[string]string{"light": light, "dark": dark} {
			assert.GreaterOrEqual(t, contrast(palette[pair[0]], palette[pair[1]]), float64(enough), "%s: %v", scheme, pair)
		}
	}
}

// Every class that the templates use means something to the stylesheet, and
// every name of a colour is one of the palette.
func TestStyleNames(t *testing.T) {
	light, _ := palettes(t)
	for _, v := range used.FindAllStringSubmatch(Style(), -1) {
		if v[1] != "--w" { // the length of a bar, in the page
			assert.Contains(t, light, v[1])
		}
	}
	for name := range light {
		assert.Contains(t, Style(), "var("+name+")", "nobody uses it")
	}
	for _, attribute := range regexp.MustCompile(`class="([^"]*)"`).FindAllStringSubmatch(rendered(t, sample()), -1) {
		for name := range strings.FieldsSeq(attribute[1]) {
			assert.Regexp(t, `\.`+name+`\b`, Style(), "class %s", name)
		}
	}
}
