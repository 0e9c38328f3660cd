package main

import (
	"bytes"
	"image/color"
	"io"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A chart is a plot with a heading and a legend above and notes below, where
// they cover nothing.
type chart struct {
	*plot.Plot
	title, subtitle string
	legend          []legendEntry
	notes           []string
}

// A legendEntry is a name beside what it is the name of.
type legendEntry struct {
	name   string
	thumbs []plot.Thumbnailer
}

func (f *chart) explain(name string, thumbs ...plot.Thumbnailer) {
	f.legend = append(f.legend, legendEntry{name, thumbs})
}

// Sizes in points. The width in pixels of a browser, 4/3 of it, is less than
// the column of text that code hosts show a README in.
const (
	chartWidth   vg.Length = 560
	chartHeight  vg.Length = 410
	chartMargin  vg.Length = 10
	thumbWidth   vg.Length = 28
	noteLine     vg.Length = 12
	notesPerLine           = 115 // characters, which leaves room for wider fonts
)

// Colours of different lightness, so that they stay apart in grey and for
// readers who do not tell red from green or blue from yellow.
var (
	navy     = color.NRGBA{0x00, 0x44, 0x88, 0xff}
	orange   = color.NRGBA{0xc0, 0x4f, 0x00, 0xff}
	grey     = color.NRGBA{0x90, 0x90, 0x90, 0xff}
	paleGrey = color.NRGBA{0xd9, 0xd9, 0xd9, 0xff}
	black    = color.NRGBA{0x00, 0x00, 0x00, 0xff}
	white    = color.NRGBA{0xff, 0xff, 0xff, 0xff}
)

// textStyle is black text of a size, from its left end and from its top.
func textStyle(size vg.Length) draw.TextStyle {
	return draw.TextStyle{
		Color:   black,
		Font:    font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, size),
		YAlign:  draw.YTop,
		Handler: plot.DefaultTextHandler,
	}
}

func newChart(title, subtitle string) *chart {
	f := &chart{Plot: plot.New(), title: title, subtitle: subtitle}
	f.BackgroundColor = nil // the whole chart has one
	for _, a := range []*plot.Axis{&f.X, &f.Y} {
		a.Label.TextStyle.Font = textStyle(10.5).Font
		a.Label.Padding = 4
		a.Tick.Label.Font = textStyle(9.5).Font
		a.Tick.Length = 4
		a.Padding = 0
	}
	return f
}

// setAxis names an axis and gives it marks at round numbers, out to the first
// at or beyond either end of the range.
func setAxis(a *plot.Axis, label string, low, high float64) {
	step, digits := roundStep(high - low)
	first, last := math.Floor(low/step+1e-9), math.Ceil(high/step-1e-9)
	last = max(last, first+1)
	a.Label.Text = label
	a.Min, a.Max = first*step, last*step
	var ticks plot.ConstantTicks
	for i := first; i <= last; i++ {
		ticks = append(ticks, plot.Tick{Value: i * step, Label: strconv.FormatFloat(i*step, 'f', digits, 64)})
	}
	a.Tick.Marker = ticks
}

// roundStep returns the least distance of the form 1, 2 or 5 times a power of
// ten that divides a range into no more than eight parts, and its decimals.
func roundStep(span float64) (step float64, digits int) {
	const parts = 8
	if !(span > 0) {
		return 1, 0 // there is nothing to divide
	}
	for exponent := int(math.Floor(math.Log10(span/parts))) - 1; ; exponent++ {
		for _, factor := range []float64{1, 2, 5} {
			// Powers below one are divided by, for 0.1 is not a tenth.
			step = factor * math.Pow10(max(exponent, 0)) / math.Pow10(max(-exponent, 0))
			if span <= step*parts*(1+1e-9) {
				return step, max(-exponent, 0)
			}
		}
	}
}

// svg writes the chart.
func (f *chart) svg(w io.Writer) error {
	canvas := vgsvg.NewWith(vgsvg.UseWH(chartWidth, chartHeight))
	c := draw.New(canvas)
	c.FillPolygon(white, corners(c.Rectangle))
	c = draw.Crop(c, chartMargin, -chartMargin, chartMargin, -chartMargin)
	write := func(style draw.TextStyle, s string, gap vg.Length) {
		c.FillText(style, vg.Point{X: c.Min.X, Y: c.Max.Y}, s)
		c.Max.Y -= style.Height(s) + gap
	}
	write(textStyle(13), f.title, 2)
	write(textStyle(10), f.subtitle, 10)
	if len(f.legend) > 0 {
		style := textStyle(10)
		height := style.Height(f.legend[0].name)
		at := vg.Point{X: c.Min.X, Y: c.Max.Y}
		for _, e := range f.legend {
			thumb := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
				Min: vg.Point{X: at.X, Y: at.Y - height}, Max: vg.Point{X: at.X + thumbWidth, Y: at.Y}}}
			for _, t := range e.thumbs {
				t.Thumbnail(&thumb)
			}
			at.X += thumbWidth + 5
			c.FillText(style, at, e.name)
			at.X += style.Width(e.name) + 20
		}
		c.Max.Y -= height + 10
	}
	var lines []string
	for _, n := range f.notes {
		lines = append(lines, wrap(n, notesPerLine)...)
	}
	note := textStyle(9)
	for i, line := range lines {
		c.FillText(note, vg.Point{X: c.Min.X, Y: c.Min.Y + noteLine*vg.Length(len(lines)-i)}, line)
	}
	c.Min.Y += noteLine*vg.Length(len(lines)) + 8

	f.Draw(c)

	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return err
	}
	// Few readers have the font that the places of the text are computed for.
	// Those named after it have the same widths, the last is any without serifs.
	const family = "font-family:Liberation Sans;"
	_, err := w.Write(bytes.ReplaceAll(b.Bytes(), []byte(family), []byte("font-family:'Liberation Sans',Arial,Helvetica,sans-serif;")))
	return err
}

// corners are those of a rectangle.
func corners(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
}

// grid draws thin lines at the marks of both axes.
func grid() *plotter.Grid {
	style := draw.LineStyle{Color: paleGrey, Width: 0.5}
	return &plotter.Grid{Vertical: style, Horizontal: style}
}

func line(points plotter.XYs, c color.Color, width vg.Length, dashes ...vg.Length) *plotter.Line {
	return &plotter.Line{XYs: points, LineStyle: draw.LineStyle{Color: c, Width: width, Dashes: dashes}}
}

func marks(points plotter.XYs, c color.Color, shape draw.GlyphDrawer) *plotter.Scatter {
	return &plotter.Scatter{XYs: points, GlyphStyle: draw.GlyphStyle{Color: c, Radius: 4, Shape: shape}}
}

// intervalBars are vertical bars with caps. Those of gonum's plotter cannot
// show an interval that its estimate is not in, as that of a bootstrap may be.
type intervalBars struct {
	draw.LineStyle
	bars []intervalBar
}

type intervalBar struct{ x, low, high float64 }

func newIntervalBars(c color.Color) *intervalBars {
	return &intervalBars{LineStyle: draw.LineStyle{Color: c, Width: 1}}
}

func (b *intervalBars) add(x, low, high float64) { b.bars = append(b.bars, intervalBar{x, low, high}) }

// Plot draws the bars.
func (b *intervalBars) Plot(c draw.Canvas, p *plot.Plot) {
	trX, trY := p.Transforms(&c)
	for _, i := range b.bars {
		b.draw(&c, trX(i.x), trY(i.low), trY(i.high))
	}
}

// Thumbnail draws a bar for the legend.
func (b *intervalBars) Thumbnail(c *draw.Canvas) { b.draw(c, c.Center().X, c.Min.Y, c.Max.Y) }

func (b *intervalBars) draw(c *draw.Canvas, x, low, high vg.Length) {
	const half = 3 // of a cap
	c.StrokeLine2(b.LineStyle, x, low, x, high)
	c.StrokeLine2(b.LineStyle, x-half, low, x+half, low)
	c.StrokeLine2(b.LineStyle, x-half, high, x+half, high)
}

// rectangle is a filled rectangle between two points.
func rectangle(x0, y0, x1, y1 float64, c color.Color) *plotter.Polygon {
	return &plotter.Polygon{XYs: []plotter.XYs{{{X: x0, Y: y0}, {X: x1, Y: y0}, {X: x1, Y: y1}, {X: x0, Y: y1}}}, Color: c}
}

// thin leaves out points of a line that are no further than the tolerance from
// the line without them (Douglas and Peucker 1973): curves of thousands of
// points look the same with a hundred.
func thin(points plotter.XYs, tolerance float64) plotter.XYs {
	if len(points) < 3 {
		return points
	}
	first, last := points[0], points[len(points)-1]
	dx, dy := last.X-first.X, last.Y-first.Y
	length := math.Hypot(dx, dy)
	furthest, distance := 0, -1.0
	for i, p := range points[1 : len(points)-1] {
		d := math.Hypot(p.X-first.X, p.Y-first.Y) // of a line that ends where it begins
		if length > 0 {
			d = math.Abs(float64(dx*(p.Y-first.Y))-float64(dy*(p.X-first.X))) / length
		}
		if d > distance {
			furthest, distance = i+1, d
		}
	}
	if distance <= tolerance {
		return plotter.XYs{first, last}
	}
	head := thin(points[:furthest+1], tolerance)
	return append(head[:len(head)-1:len(head)-1], thin(points[furthest:], tolerance)...)
}
