package main

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"pgregory.net/rapid"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// drawn makes all plots of a lab and returns the content of the files.
func drawn(t *testing.T, l *lab) map[string]string {
	t.Helper()
	dir := t.TempDir()
	var stderr bytes.Buffer
	require.NoError(t, l.plot(context.Background(), plots, dir, &stderr))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, len(plots), "nothing else is in the directory")
	files := map[string]string{}
	said := ""
	for _, p := range plots {
		path := filepath.Join(dir, p.file)
		files[p.file] = read(t, path)
		said += "tables: wrote " + path + "\n"
	}
	assert.Equal(t, said, stderr.String())
	return files
}

func TestPlots(t *testing.T) {
	l := smallLab(t)
	l.news = nil // plots are of the default model alone
	files := drawn(t, l)
	for _, p := range plots {
		content := files[p.file]
		require.NotContains(t, content, "NaN", p.file)
		shown := strings.Join(texts(t, content), "\n")
		want := "gold corpus, grouped 5-fold cross-validation"
		if p.needs == articleTexts {
			want = "trained on the gold corpus; 3 articles, "
		}
		assert.Contains(t, shown, want, p.file)
		assert.NotContains(t, content, "font-family:Liberation", "%s: other fonts are named too", p.file)
	}
	// Plots are of the same measurements as the tables, and both together
	// measure once.
	measured, learned := len(l.validated), len(l.learning)
	cancelled, cancel := context.WithCancel(context.Background())
	cancel() // nothing can be trained any more
	for _, p := range producers {
		switch p.name {
		case "curves/learning", "curves/reliability", "curves/risk-coverage":
			_, err := p.measure(cancelled, l)
			assert.NoError(t, err, p.name)
		}
	}
	assert.Len(t, l.validated, measured)
	assert.Len(t, l.learning, learned)

	// Plots are of the calibrated model and most tables of the other: that must
	// not change a label.
	plain, err := l.crossValidated(cancelled, defaultModel())
	require.NoError(t, err)
	calibrated, err := l.validatedSample(cancelled, defaultModel().calibrated())
	require.NoError(t, err)
	assert.Equal(t, plain.Confusion(), calibrated.Confusion())

	if testing.Short() {
		return // once is enough to find races
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	assert.Equal(t, files, drawn(t, smallLab(t)), "with one processor")
}

var fontSize = regexp.MustCompile(`font-size:([0-9.]+)px`)

// texts returns the texts of an SVG file, which must be well-formed, and checks
// that those that are not turned are within it.
func texts(t *testing.T, content string) []string {
	t.Helper()
	var all []string
	d := xml.NewDecoder(strings.NewReader(content))
	groups := 0
	var at *xml.StartElement // of the text
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			require.NotEmpty(t, all)
			return all
		}
		require.NoError(t, err)
		switch e := token.(type) {
		case xml.StartElement:
			switch e.Name.Local {
			case "g":
				groups++
			case "text":
				copied := e.Copy()
				at = &copied
			}
		case xml.EndElement:
			switch e.Name.Local {
			case "g":
				groups--
			case "text":
				at = nil
			}
		case xml.CharData:
			if at == nil {
				require.Empty(t, strings.TrimSpace(string(e)), "there is text only in text elements")
				continue
			}
			all = append(all, string(e))
			if groups > 1 {
				continue // one group turns the whole upright, another one this text
			}
			var x, y, size float64
			for _, a := range at.Attr {
				switch a.Name.Local {
				case "x":
					x, err = strconv.ParseFloat(a.Value, 64)
				case "y":
					y, err = strconv.ParseFloat(a.Value, 64)
				case "style":
					found := fontSize.FindStringSubmatch(a.Value)
					require.NotNil(t, found, a.Value)
					size, err = strconv.ParseFloat(found[1], 64)
				}
				require.NoError(t, err)
			}
			style := textStyle(vg.Length(size))
			assert.GreaterOrEqual(t, x, 0.0, "%s", e)
			assert.LessOrEqual(t, x+style.Width(string(e)).Points(), chartWidth.Points(), "%s", e)
			assert.GreaterOrEqual(t, -y, style.FontExtents().Descent.Points(), "%s", e)
			assert.LessOrEqual(t, -y+style.FontExtents().Ascent.Points(), chartHeight.Points(), "%s", e)
		}
	}
}

// inventedSample has as many examples as are given, with probabilities.
func inventedSample(t *testing.T, rows ...stance.Prediction) *eval.Sample {
	t.Helper()
	gold := stance.Labels()
	examples := make([]stance.Example, len(rows))
	for i := range rows {
		examples[i].Label = gold[i%len(gold)]
		rows[i].Label = rows[i].Probabilities.Max()
	}
	s, err := eval.NewSample(examples, rows)
	require.NoError(t, err)
	return s
}

func svgOf(t *testing.T, f *chart) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, f.svg(&b))
	return b.String()
}

// Samples that leave nothing to draw in some place are drawn all the same.
func TestPlotsOfOddSamples(t *testing.T) {
	p := func(favor, against, none float64) stance.Prediction {
		return stance.Prediction{Probabilities: stance.Values{favor, against, none}}
	}
	for _, c := range []struct {
		name   string
		sample *eval.Sample
	}{
		{"all right and sure", inventedSample(t, p(1, 0, 0), p(0, 1, 0), p(0, 0, 1))},
		{"all wrong and sure", inventedSample(t, p(0, 1, 0), p(0, 0, 1), p(1, 0, 0))},
		{"nothing known", inventedSample(t, p(1/3., 1/3., 1/3.), p(1/3., 1/3., 1/3.), p(1/3., 1/3., 1/3.))},
		{"one label for all", inventedSample(t, p(.2, .2, .6), p(.1, .2, .7), p(.05, .05, .9))},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, plot := range []samplePlot{drawConfusion, drawPrecisionRecall, drawReliability, drawRiskCoverage} {
				f, err := plot(c.sample, "a subtitle")
				require.NoError(t, err)
				content := svgOf(t, f)
				assert.NotContains(t, content, "NaN")
				assert.NotContains(t, content, "Inf")
				assert.Contains(t, texts(t, content), "a subtitle")
			}
		})
	}
}

func TestConfusionPlot(t *testing.T) {
	p := func(favor, against, none float64) stance.Prediction {
		return stance.Prediction{Probabilities: stance.Values{favor, against, none}}
	}
	// Gold labels take turns: FAVOR, AGAINST, NONE, FAVOR.
	f, err := drawConfusion(inventedSample(t, p(1, 0, 0), p(0, 0, 1), p(0, 0, 1), p(0, 1, 0)), "")
	require.NoError(t, err)
	shown := texts(t, svgOf(t, f))
	// The row of FAVOR is 1 1 0, of which each has a half, that of AGAINST
	// 0 0 1, that of NONE 0 0 1.
	cells := "1 50 % 1 50 % 0 0 % 0 0 % 0 0 % 1 100 % 0 0 % 0 0 % 1 100 %"
	assert.Contains(t, strings.Join(shown, " "), cells)
	assert.Contains(t, strings.Join(shown, " "), "FAVOR 1 AGAINST 1 NONE 2", "columns")
	assert.Contains(t, strings.Join(shown, " "), "FAVOR 2 AGAINST 1 NONE 1", "rows")
	assert.Contains(t, strings.Join(shown, " "), "Accuracy 0.500,")
}

func TestTextIsEscaped(t *testing.T) {
	const hostile = `<script>"it's" & so on</script> ]]> &lt;`
	f := newChart(hostile, hostile)
	setAxis(&f.X, hostile, 0, 1)
	setAxis(&f.Y, hostile, 0, 1)
	f.explain(hostile, line(nil, navy, 1))
	f.notes = []string{hostile}
	shown := texts(t, svgOf(t, f))
	n := 0
	for _, s := range shown {
		if s == hostile {
			n++
		}
	}
	assert.Equal(t, 6, n, "%q", shown)
}

func TestPlotErrors(t *testing.T) {
	file := write(t, "a file")
	for _, c := range []struct {
		name   string
		args   []string
		status int
		want   string
	}{
		{"a file", []string{"-plots", file}, 1, file},
		{"in a file", []string{"-plots", filepath.Join(file, "plots")}, 1, file},
		{"not writable", []string{"-plots", unwritable(t)}, 1, "denied"},
		{"no name", []string{"-plots", ""}, 2, "-plots needs the name of a directory"},
		{"a check", []string{"-plots", t.TempDir(), "-readme", file, "-check"}, 2, "-check writes nothing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if slices.Contains(c.args, "") && c.status == 1 {
				t.Skip("this user may write everywhere")
			}
			// What is measured before the error would be refused.
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			var stdout, stderr bytes.Buffer
			assert.Equal(t, c.status, run(ctx, c.args, &stdout, &stderr))
			assert.Contains(t, stderr.String(), c.want)
			assert.NotContains(t, stderr.String(), "canceled")
			assert.Empty(t, stdout.String())
		})
	}
}

// unwritable returns a directory in which no file can be made, or nothing when
// the user may do everything.
func unwritable(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.Chmod(dir, 0o555))
	f, err := os.CreateTemp(dir, "")
	if err != nil {
		return dir
	}
	f.Close()
	return ""
}

func TestPlotFiles(t *testing.T) {
	dir := t.TempDir()
	path := func(i int) string { return filepath.Join(dir, strconv.Itoa(i)) }
	require.NoError(t, os.WriteFile(path(0), []byte("old"), 0o600))
	require.NoError(t, os.Mkdir(path(3), 0o755))
	empty := func(context.Context, *lab) (*chart, error) { return newChart("a title", "a subtitle"), nil }
	broken := func(context.Context, *lab) (*chart, error) { return nil, errors.New("no data") }
	l := newLab(smallCorpus())
	var stderr bytes.Buffer
	assert.EqualError(t, l.plot(context.Background(), []drawing{
		{file: "0", draw: empty}, {file: "1", draw: empty}, {file: "2", needs: articleTexts, draw: broken}, {file: "3", draw: empty}, {file: "4", draw: empty},
	}, dir, &stderr), path(3)+" is no regular file")
	assert.Equal(t, "tables: wrote "+path(0)+"\ntables: wrote "+path(1)+"\n", stderr.String())
	assert.Equal(t, []string{"a title", "a subtitle"}, texts(t, read(t, path(0)))[:2])
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 3, "nothing more is left, and what has no data is left out")

	assert.EqualError(t, l.plot(context.Background(), []drawing{{file: "5", draw: broken}}, dir, &stderr), "plot 5: no data")
	assert.NoFileExists(t, path(5))
}

// With -plots alone no table is printed; -table and -readme do their work first.
func TestPlotsBesideTables(t *testing.T) {
	readme := write(t, document)
	for _, c := range []struct {
		name    string
		args    []string
		printed bool
	}{
		{"alone", nil, false},
		{"with a table", []string{"-table", "curves/agreement"}, true},
		{"with a file", []string{"-readme", readme, "-table", "curves/agreement"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			// This lets tables be made that train nothing.
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			dir := filepath.Join(t.TempDir(), "new", "plots")
			var stdout, stderr bytes.Buffer
			assert.Equal(t, 1, run(ctx, append(c.args, "-plots", dir), &stdout, &stderr))
			assert.Contains(t, stderr.String(), "plot "+plots[0].file+": ")
			assert.Equal(t, c.printed, stdout.Len() > 0)
			assert.DirExists(t, dir)
		})
	}
	assert.NotContains(t, read(t, readme), "\nold\n")
}

func TestSetAxis(t *testing.T) {
	for _, c := range []struct {
		low, high float64
		want      string
	}{
		{0, 1, "0.0 0.2 0.4 0.6 0.8 1.0"},
		{0.3, 1, "0.3 0.4 0.5 0.6 0.7 0.8 0.9 1.0"},
		{0, 0.266, "0.00 0.05 0.10 0.15 0.20 0.25 0.30"},
		{0.471, 0.696, "0.45 0.50 0.55 0.60 0.65 0.70"},
		{0, 6904, "0 1000 2000 3000 4000 5000 6000 7000"},
		{0, 0, "0 1"},
	} {
		var a plot.Axis
		setAxis(&a, "a label", c.low, c.high)
		var shown []string
		for _, tick := range a.Tick.Marker.Ticks(a.Min, a.Max) {
			shown = append(shown, tick.Label)
		}
		assert.Equal(t, c.want, strings.Join(shown, " "))
		assert.Equal(t, "a label", a.Label.Text)
	}
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(0, 1e6).Draw(t, "low")
		high := low + rapid.Float64Range(1e-6, 1e6).Draw(t, "span")
		var a plot.Axis
		setAxis(&a, "", low, high)
		slack := 1e-6 * (high - low)
		require.LessOrEqual(t, a.Min, low+slack)
		require.GreaterOrEqual(t, a.Max, high-slack)
		ticks := a.Tick.Marker.Ticks(a.Min, a.Max)
		require.GreaterOrEqual(t, len(ticks), 2)
		require.LessOrEqual(t, len(ticks), 10, "eight parts, and one more where the range begins or ends between marks")
		for i, tick := range ticks {
			require.False(t, i > 0 && tick.Label == ticks[i-1].Label, "marks differ: %v", ticks)
		}
	})
}

func TestThin(t *testing.T) {
	for _, c := range []struct {
		name         string
		points, want plotter.XYs
	}{
		{"none", nil, nil},
		{"two", plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}}, plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}}},
		{"on a line", plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 1}, {X: 3, Y: 3}}, plotter.XYs{{X: 0, Y: 0}, {X: 3, Y: 3}}},
		{"corner", plotter.XYs{{X: 0, Y: 0}, {X: 0, Y: 1}, {X: 1, Y: 1}}, plotter.XYs{{X: 0, Y: 0}, {X: 0, Y: 1}, {X: 1, Y: 1}}},
		{"there and back", plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 0}, {X: 0, Y: 0}}, plotter.XYs{{X: 0, Y: 0}, {X: 1, Y: 0}, {X: 0, Y: 0}}},
	} {
		assert.Equal(t, c.want, thin(c.points, 0.01), c.name)
	}
	rapid.Check(t, func(t *rapid.T) {
		coordinate := rapid.Float64Range(0, 1)
		points := plotter.XYs(rapid.SliceOfN(rapid.Custom(func(t *rapid.T) plotter.XY {
			return plotter.XY{X: coordinate.Draw(t, "x"), Y: coordinate.Draw(t, "y")}
		}), 2, 40).Draw(t, "points"))
		whole := slices.Clone(points)
		tolerance := rapid.Float64Range(0, 0.5).Draw(t, "tolerance")
		kept := thin(points, tolerance)
		require.Equal(t, whole, points, "the points are not changed")
		require.Equal(t, points[0], kept[0])
		require.Equal(t, points[len(points)-1], kept[len(kept)-1])
		// Every point is near the line of the kept ones before and behind it.
		k := 0
		for _, p := range points {
			if k < len(kept) && p == kept[k] {
				k++
				continue
			}
			require.Less(t, k, len(kept))
			require.LessOrEqual(t, lineDistance(p, kept[k-1], kept[k]), tolerance+1e-9)
		}
		require.Equal(t, len(kept), k, "those kept are among the points, in order")
	})
}

// lineDistance is the distance of p from the line through a and b.
func lineDistance(p, a, b plotter.XY) float64 {
	length := math.Hypot(b.X-a.X, b.Y-a.Y)
	if length == 0 {
		return math.Hypot(p.X-a.X, p.Y-a.Y)
	}
	// Twice the area of the triangle, by its base.
	return math.Abs((a.X-p.X)*(b.Y-p.Y)-(b.X-p.X)*(a.Y-p.Y)) / length
}

// luminance is the relative luminance of WCAG 2.1.
func luminance(c color.Color) float64 {
	part := func(v uint32) float64 {
		s := float64(v) / 0xffff
		if s <= 0.04045 {
			return s / 12.92
		}
		return math.Pow((s+0.055)/1.055, 2.4)
	}
	r, g, b, _ := c.RGBA()
	return 0.2126*part(r) + 0.7152*part(g) + 0.0722*part(b)
}

// contrast is the contrast ratio of WCAG 2.1, from 1 to 21.
func contrast(a, b color.Color) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// The thresholds are those of WCAG 2.1: 4.5 for text, 3 for graphics.
func TestColours(t *testing.T) {
	for i := range 101 {
		share := float64(i) / 100
		ink := color.Color(black)
		if share > lightTextFrom {
			ink = white
		}
		assert.GreaterOrEqual(t, contrast(ink, shade(share)), 4.5, "share %v", share)
		if i > 0 {
			assert.Less(t, luminance(shade(share)), luminance(shade(share-0.01)), "the greater, the darker")
		}
	}
	for i, a := range labelStyles {
		assert.GreaterOrEqual(t, contrast(a.color, white), 3.0, "label %d", i)
		for _, b := range labelStyles[:i] {
			assert.GreaterOrEqual(t, contrast(a.color, b.color), 1.4, "in grey too")
			assert.NotEqual(t, a.dashes, b.dashes)
			assert.NotEqual(t, a.mark, b.mark)
		}
	}
}
