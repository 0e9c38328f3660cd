package main

import (
	"context"
	"fmt"
	"image/color"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"example.org/metoostance/eval"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/stance"
)

// A drawing makes the chart of a file.
type drawing struct {
	file  string
	needs input
	draw  func(context.Context, *lab) (*chart, error)
}

// plots are all drawings, in the order in which they are made.
var plots = []drawing{
	{file: "gold-confusion.svg", draw: ofGold(drawConfusion)},
	{file: "gold-precision-recall.svg", draw: ofGold(drawPrecisionRecall)},
	{file: "gold-reliability.svg", draw: ofGold(drawReliability)},
	{file: "gold-risk-coverage.svg", draw: ofGold(drawRiskCoverage)},
	{file: "gold-learning.svg", draw: drawLearning},
	{file: "articles-confusion.svg", needs: articleTexts, draw: ofArticles(drawConfusion)},
	{file: "articles-reliability.svg", needs: articleTexts, draw: ofArticles(drawReliability)},
}

// plot makes the drawings that it has data for, in files of a directory.
func (l *lab) plot(ctx context.Context, drawings []drawing, dir string, stderr io.Writer) error {
	for _, d := range drawings {
		if !l.has(d.needs) {
			continue
		}
		f, err := d.draw(ctx, l)
		l.progress.Clear()
		if err != nil {
			return fmt.Errorf("plot %s: %w", d.file, err)
		}
		path := filepath.Join(dir, d.file)
		if err := program.WriteFile(path, f.svg); err != nil {
			return err
		}
		fmt.Fprintf(stderr, "tables: wrote %s\n", path)
	}
	return nil
}

// makeDirectory makes a directory unless it is there, and finds out whether
// files can be made in it.
func makeDirectory(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, ".plots.*")
	if err != nil {
		return err
	}
	f.Close()
	return os.Remove(f.Name())
}

// A samplePlot draws what a model says of a sample.
type samplePlot func(s *eval.Sample, subtitle string) (*chart, error)

// ofGold draws what the calibrated default model says of the gold corpus in
// cross-validation. Calibration changes no label.
func ofGold(plot samplePlot) func(context.Context, *lab) (*chart, error) {
	return func(ctx context.Context, l *lab) (*chart, error) {
		m := defaultModel().calibrated()
		s, err := l.validatedSample(ctx, m)
		if err != nil {
			return nil, err
		}
		return plot(s, onGoldSubtitle(m, s.Len()))
	}
}

func onGoldSubtitle(m model, sentences int) string {
	return fmt.Sprintf("%s; gold corpus, grouped %d-fold cross-validation, %d sentences", capitalised(m.name), outerFolds, sentences)
}

// ofArticles draws what the calibrated default model says of the articles after
// training on the gold corpus.
func ofArticles(plot samplePlot) func(context.Context, *lab) (*chart, error) {
	return func(ctx context.Context, l *lab) (*chart, error) {
		m := defaultModel().calibrated()
		s, err := l.onArticles(ctx, m)
		if err != nil {
			return nil, err
		}
		return plot(s, fmt.Sprintf("%s, trained on the gold corpus; %d articles, %d sentences", capitalised(m.name), len(l.articles), s.Len()))
	}
}

func capitalised(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// drawConfusion draws the confusion matrix. The shade of a cell is its part of
// the gold label's sentences.
func drawConfusion(s *eval.Sample, subtitle string) (*chart, error) {
	c := s.Confusion()
	f := newChart("Gold labels against predicted labels", subtitle)
	var columns, rows plot.ConstantTicks
	for i, l := range stance.Labels() {
		columns = append(columns, plot.Tick{Value: float64(i) + 0.5, Label: fmt.Sprintf("%v\n%d", l, c.Predicted(l))})
		// Rows are counted from below.
		rows = append(rows, plot.Tick{Value: stance.NumLabels - 0.5 - float64(i), Label: fmt.Sprintf("%v\n%d", l, c.Support(l))})
	}
	labels := &plotter.Labels{}
	for i, gold := range stance.Labels() {
		for j, predicted := range stance.Labels() {
			n := c.Count(gold, predicted)
			share := 0.0
			if support := c.Support(gold); support > 0 {
				share = float64(n) / float64(support)
			}
			x, y := float64(j), float64(stance.NumLabels-1-i)
			cell := rectangle(x, y, x+1, y+1, shade(share))
			cell.LineStyle = draw.LineStyle{Color: white, Width: 1.5}
			f.Add(cell)
			style := textStyle(13)
			style.XAlign, style.YAlign = draw.XCenter, draw.YCenter
			if share > lightTextFrom {
				style.Color = white
			}
			labels.XYs = append(labels.XYs, plotter.XY{X: x + 0.5, Y: y + 0.5})
			labels.Labels = append(labels.Labels, fmt.Sprintf("%d\n%.0f %%", n, 100*share))
			labels.TextStyle = append(labels.TextStyle, style)
		}
	}
	f.Add(labels)
	for _, a := range []struct {
		*plot.Axis
		label string
		ticks plot.ConstantTicks
	}{{&f.X, "predicted label (sentences)", columns}, {&f.Y, "gold label (sentences)", rows}} {
		a.Min, a.Max = 0, stance.NumLabels
		a.Label.Text = a.label
		a.Tick.Marker = a.ticks
		a.Tick.Length, a.LineStyle.Width = 0, 0
	}
	f.notes = []string{
		"In each cell: sentences, and their part of the row; the darker, the greater. On the diagonal is what is labelled rightly, and the recall of the label.",
		fmt.Sprintf("Accuracy %.3f, macro-F1 of three classes %.3f, F_avg of FAVOR and AGAINST %.3f.", c.Accuracy().Value, c.MacroF1().Value, c.FAvg().Value),
	}
	return f, nil
}

// lightTextFrom is the shade from which white text has more contrast than
// black (WCAG 2.1, relative luminance 0.179).
const lightTextFrom = 0.71

// shade is a colour between white and navy.
func shade(part float64) color.Color {
	mix := func(to uint8) uint8 { return uint8(255 - float64(part*float64(255-to)) + 0.5) }
	return color.NRGBA{mix(navy.R), mix(navy.G), mix(navy.B), 0xff}
}

// Each label has its colour, dashes and mark.
var labelStyles = [stance.NumLabels]struct {
	color  color.Color
	dashes []vg.Length
	mark   draw.GlyphDrawer
}{
	{navy, nil, draw.CircleGlyph{}},
	{orange, []vg.Length{6, 2}, draw.PyramidGlyph{}},
	{grey, []vg.Length{2, 1.5}, draw.BoxGlyph{}},
}

// lineTolerance is what the lines of curves may be simplified by, in units of
// axes from 0 to 1: less than half a point.
const lineTolerance = 0.001

func drawPrecisionRecall(s *eval.Sample, subtitle string) (*chart, error) {
	f := newChart("Precision by recall, each label against the two others", subtitle)
	setAxis(&f.X, "recall (part of the label's sentences that is found)", 0, 1)
	setAxis(&f.Y, "precision (part of the found that is right)", 0, 1)
	f.Add(grid())
	c := s.Confusion()
	var decided []plot.Plotter
	for i, l := range stance.Labels() {
		curve, err := eval.PrecisionRecall(s, l)
		if err != nil {
			return nil, err
		}
		var points plotter.XYs
		for _, p := range curve {
			points = append(points, plotter.XY{X: p.Recall, Y: p.Precision})
		}
		average, err := eval.AveragePrecisionOf(l).On(s)
		if err != nil {
			return nil, err
		}
		style := labelStyles[i]
		share := float64(c.Support(l)) / float64(c.Total())
		curveLine := line(thin(points, lineTolerance), style.color, 1.6, style.dashes...)
		mark := marks(plotter.XYs{{X: c.Recall(l).Value, Y: c.Precision(l).Value}}, style.color, style.mark)
		f.Add(line(plotter.XYs{{X: 0, Y: share}, {X: 1, Y: share}}, style.color, 0.6, style.dashes...), curveLine)
		decided = append(decided, mark)
		f.explain(fmt.Sprintf("%v: AP %.3f", l, average.Value), curveLine, mark)
	}
	f.Add(decided...) // above all lines
	f.notes = []string{
		"AP: average precision. Marks: the labels as predicted, each sentence having the most probable one. Thin level lines: the label's part of all sentences, which is the precision of guessing.",
	}
	return f, nil
}

func drawReliability(s *eval.Sample, subtitle string) (*chart, error) {
	bins, err := reliabilityBins(s)
	if err != nil {
		return nil, err
	}
	f := newChart("How often predictions are right, by their confidence", subtitle)
	from := bins[0].Low // hardly below a third, the confidence of knowing nothing
	setAxis(&f.X, "confidence (probability of the predicted label)", from, 1)
	setAxis(&f.Y, "accuracy (part of the predictions that is right)", 0, 1)
	f.Add(grid())
	bars := newIntervalBars(navy)
	var points plotter.XYs
	var share *plotter.Polygon
	for _, b := range bins {
		share = rectangle(b.Low, 0, b.High, float64(b.Count)/float64(s.Len()), paleGrey)
		share.LineStyle = draw.LineStyle{Color: white, Width: 1}
		f.Add(share)
		points = append(points, plotter.XY{X: b.Confidence, Y: b.Accuracy})
		bars.add(b.Confidence, b.accuracy.Low, b.accuracy.High)
	}
	perfect := line(plotter.XYs{{X: from, Y: from}, {X: 1, Y: 1}}, grey, 1, 4, 3)
	dots := marks(points, navy, draw.CircleGlyph{})
	f.Add(perfect, bars, dots)
	f.explain("accuracy, 95 % interval", bars, dots)
	f.explain("perfect calibration", perfect)
	f.explain("part of all sentences", share)
	f.notes = []string{
		"Below the dashed line the model is too sure of itself, above it not sure enough. Predictions are sorted into bins that are 0.1 wide; " +
			"a mark stands at the mean confidence of its bin. Intervals are Wilson's. Blocks: the part of all sentences that is in the bin, on the same scale.",
	}
	return f, nil
}

// riskFrom is the coverage from which errors are drawn: of fewer sentences they
// say nothing.
const riskFrom = 0.01

func drawRiskCoverage(s *eval.Sample, subtitle string) (*chart, error) {
	curve, err := eval.RiskCoverage(s)
	if err != nil {
		return nil, err
	}
	var points plotter.XYs
	highest := 0.0
	for _, p := range curve {
		if p.Coverage >= riskFrom {
			points = append(points, plotter.XY{X: p.Coverage, Y: p.Risk})
			highest = max(highest, p.Risk)
		}
	}
	f := newChart("Errors when unsure answers are left out", subtitle)
	setAxis(&f.X, "coverage (part of the sentences that is answered)", 0, 1)
	setAxis(&f.Y, "error rate (part of the answers that is wrong)", 0, highest)
	f.Add(grid())
	all := curve[len(curve)-1].Risk
	random := line(plotter.XYs{{X: 0, Y: all}, {X: 1, Y: all}}, grey, 1, 4, 3)
	// The tolerance is of an axis from 0 to 1, and this one is shorter.
	answered := line(thin(points, lineTolerance*f.Y.Max), navy, 1.6)
	thresholds := marks(nil, navy, draw.CircleGlyph{})
	names := &plotter.Labels{Offset: vg.Point{X: 6, Y: -1}}
	for _, t := range []float64{0.9, 0.8, 0.7, 0.6, 0.5} {
		below := slices.IndexFunc(curve, func(p eval.RiskPoint) bool { return p.Threshold < t })
		if below < 0 {
			below = len(curve)
		}
		if below == 0 || curve[below-1].Coverage < riskFrom {
			continue // hardly an answer is that sure
		}
		at := plotter.XY{X: curve[below-1].Coverage, Y: curve[below-1].Risk}
		thresholds.XYs = append(thresholds.XYs, at)
		names.XYs = append(names.XYs, at)
		names.Labels = append(names.Labels, fmt.Sprintf("%.1f", t))
		names.TextStyle = append(names.TextStyle, textStyle(9.5))
	}
	f.Add(random, answered, thresholds, names)
	f.explain("surest answers first", answered)
	f.explain("confidence threshold", thresholds)
	f.explain("left out at random", random)
	area, err := eval.RiskCoverageArea.On(s)
	if err != nil {
		return nil, err
	}
	f.notes = []string{
		"An answer is given where the confidence, the probability of the predicted label, reaches a threshold; some are marked. " +
			fmt.Sprintf("Area under the curve %.3f. The curve is drawn from a coverage of %v on.", area.Value, riskFrom),
	}
	return f, nil
}

func drawLearning(ctx context.Context, l *lab) (*chart, error) {
	m := defaultModel()
	points, err := l.learningPoints(ctx, m)
	if err != nil {
		return nil, err
	}
	f := newChart("Quality by the amount of training data", onGoldSubtitle(m, len(l.gold)))
	f.Add(grid())
	low, high := 1.0, 0.0
	for _, p := range points {
		for _, i := range []eval.Interval{p.macroF1, p.fAvg} {
			low, high = min(low, i.Low), max(high, i.High)
		}
	}
	for i, f1 := range []struct {
		name string
		of   func(learningPoint) eval.Interval
	}{
		{"macro-F1", func(p learningPoint) eval.Interval { return p.macroF1 }},
		{"F_avg", func(p learningPoint) eval.Interval { return p.fAvg }},
	} {
		style := labelStyles[i]
		bars := newIntervalBars(style.color)
		var at plotter.XYs
		for _, p := range points {
			v := f1.of(p)
			at = append(at, plotter.XY{X: p.Examples, Y: v.Estimate})
			bars.add(p.Examples, v.Low, v.High)
		}
		joined, dots := line(at, style.color, 1.4, style.dashes...), marks(at, style.color, style.mark)
		f.Add(bars, joined, dots)
		f.explain(f1.name, joined, dots)
	}
	setAxis(&f.X, "training sentences (mean over the folds)", 0, points[len(points)-1].Examples)
	setAxis(&f.Y, "F1 (0 to 1)", low, high)
	f.notes = []string{
		"macro-F1 is the mean of F1 of FAVOR, AGAINST and NONE, F_avg that of FAVOR and AGAINST. Bars: 95 % intervals of a bootstrap " +
			"that draws whole passages and contrast groups.",
	}
	if f.Y.Min > 0 {
		f.notes[0] += " The vertical axis does not begin at 0."
	}
	return f, nil
}
