package main

import (
	"context"
	"fmt"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// learningFractions are the parts of the training data that a learning curve
// has points at.
var learningFractions = []float64{0.1, 0.2, 0.4, 0.7, 1}

func learningCurve(ctx context.Context, l *lab) (*table, error) {
	t := &table{
		title: fmt.Sprintf("Learning curve on the gold corpus, grouped %d-fold cross-validation with a part of the training data", outerFolds),
		columns: []column{
			textColumn("model", "model"), textColumn("part", "part"), counts("training sentences", "training sentences, mean over the folds"),
			estimates("macro-F1", eval.MacroF1.Name), estimates("F_avg", eval.FAvg.Name),
		},
		notes: []string{
			"Whole passages and contrast groups of the gold corpus are taken; a smaller part is within every greater one. The test sentences are always the same, " +
				"and what else a model learns from is. " +
				"macro-F1 is over three classes, F_avg the mean of F1 of FAVOR and AGAINST; counts pooled over the folds.",
			l.clusterNote(),
		},
	}
	t.notes = append(t.notes, l.newsModelNote()...)
	for _, m := range l.defaults() {
		points, err := l.learningPoints(ctx, m)
		if err != nil {
			return nil, err
		}
		for _, p := range points {
			t.add(text(m.name), text(fmt.Sprintf("%.0f %%", 100*p.Fraction)), number(p.Examples), estimate(p.macroF1), estimate(p.fAvg))
		}
	}
	return t, nil
}

// A learningPoint is a point of a learning curve with its figures.
type learningPoint struct {
	eval.LearningPoint
	macroF1, fAvg eval.Interval
}

// learningPoints is the learning curve of a model.
func (l *lab) learningPoints(ctx context.Context, m model) ([]learningPoint, error) {
	if points, ok := l.learning[m.id()]; ok {
		return points, nil
	}
	folds, err := l.goldFolds()
	if err != nil {
		return nil, err
	}
	l.say("learning curve of " + m.name)
	// The last point is what cross-validation gives anyway.
	last := len(learningFractions) - 1
	curve, err := eval.LearningCurve(ctx, l.gold, folds, learningFractions[:last], l.foldSeed, m.train)
	if err != nil {
		return nil, err
	}
	whole, err := l.crossValidated(ctx, m)
	if err != nil {
		return nil, err
	}
	curve = append(curve, eval.LearningPoint{
		Fraction: learningFractions[last],
		Examples: float64(len(l.gold)) * (outerFolds - 1) / outerFolds,
		Result:   whole,
	})
	points := make([]learningPoint, len(curve))
	for i, c := range curve {
		s, err := c.Result.Sample()
		if err != nil {
			return nil, err
		}
		p := learningPoint{LearningPoint: c}
		if p.macroF1, err = eval.Bootstrap(s, eval.MacroF1, l.bootstrap()); err != nil {
			return nil, err
		}
		if p.fAvg, err = eval.Bootstrap(s, eval.FAvg, l.bootstrap()); err != nil {
			return nil, err
		}
		points[i] = p
	}
	l.learning[m.id()] = points
	return points, nil
}

// calibrated is the model with its probabilities calibrated, as users have it.
func (m model) calibrated() model {
	o := *m.opts
	o.CalibrationFolds = 0 // as many as there are by default
	return trained(m.name+", calibrated", o, m.more)
}

// uncalibrated is the model with the softmax of its raw scores.
func (m model) uncalibrated() model {
	m.name += ", not calibrated"
	return m
}

// calibratedDefaults are the default model and, if there is one, model news as
// users have them.
func (l *lab) calibratedDefaults() []model {
	all := l.defaults()
	for i, m := range all {
		all[i] = m.calibrated()
	}
	return all
}

func calibration(ctx context.Context, l *lab) (*table, error) {
	metrics := []eval.Metric{eval.CalibrationError, eval.Brier, eval.LogLoss, eval.RiskCoverageArea}
	t := &table{
		title:   "Probabilities",
		columns: []column{textColumn("texts", "texts"), textColumn("model", "model")},
		notes: []string{
			"Lower is better. ECE is the expected calibration error in 15 bins of equal width; Brier's score sums over the three classes, from 0 to 2; " +
				"log loss is in nats, 1.099 for one who knows nothing; area is that under the risk-coverage curve. " +
				"The temperature that calibrates is fitted on folds of the training data, never on the test data.",
			fmt.Sprintf("Gold: grouped %d-fold cross-validation. ", outerFolds) + l.clusterNote(),
		},
	}
	for i, head := range []string{"ECE", "Brier", "log loss", "area"} {
		t.columns = append(t.columns, estimates(head, metrics[i].Name))
	}
	add := func(texts string, m model, s *eval.Sample, o eval.BootstrapOptions) error {
		row := []cell{text(texts), text(m.name)}
		for _, metric := range metrics {
			c, err := l.interval(s, metric, o)
			if err != nil {
				return err
			}
			row = append(row, c)
		}
		t.add(row...)
		return nil
	}
	onGold := []model{majority()}
	for _, m := range l.defaults() {
		onGold = append(onGold, m.uncalibrated(), m.calibrated())
	}
	for _, m := range onGold {
		s, err := l.validatedSample(ctx, m)
		if err != nil {
			return nil, err
		}
		if err := add("gold", m, s, l.bootstrap()); err != nil {
			return nil, err
		}
	}
	if l.articles != nil {
		for _, m := range l.calibratedDefaults() {
			s, err := l.onArticles(ctx, m)
			if err != nil {
				return nil, err
			}
			if err := add("articles", m, s, l.bootstrapSingly()); err != nil {
				return nil, err
			}
		}
		t.notes = append(t.notes, "Articles: the models trained on all that they learn from. Their intervals draw single sentences.")
	}
	if l.news != nil {
		for _, m := range l.calibratedDefaults() {
			s, err := l.onNews(ctx, m, l.news.Dev)
			if err != nil {
				return nil, err
			}
			if err := add("news, "+developmentSplit, m, s, l.bootstrap()); err != nil {
				return nil, err
			}
		}
	}
	t.notes = append(t.notes, l.newsModelNote()...)
	return t, nil
}

// validatedSample is what a model says in cross-validation.
func (l *lab) validatedSample(ctx context.Context, m model) (*eval.Sample, error) {
	r, err := l.crossValidated(ctx, m)
	if err != nil {
		return nil, err
	}
	return r.Sample()
}

// A reliabilityBin is a bin of a reliability diagram that has sentences.
type reliabilityBin struct {
	eval.ReliabilityBin
	accuracy eval.Interval
}

// reliabilityBins sorts a sample into ten bins and leaves out empty ones.
func reliabilityBins(s *eval.Sample) ([]reliabilityBin, error) {
	all, err := eval.Reliability(s, 10)
	if err != nil {
		return nil, err
	}
	var bins []reliabilityBin
	for _, b := range all {
		if b.Count > 0 {
			right := int(b.Accuracy*float64(b.Count) + 0.5)
			bins = append(bins, reliabilityBin{b, eval.Wilson(right, b.Count, 0.95)})
		}
	}
	return bins, nil
}

func reliability(ctx context.Context, l *lab) (*table, error) {
	t := &table{
		title: fmt.Sprintf("Reliability, gold corpus, grouped %d-fold cross-validation", outerFolds),
		columns: []column{
			textColumn("confidence", "confidence"), counts("sentences", "sentences"),
			figures("mean confidence", "mean confidence"), estimates("accuracy", eval.Accuracy.Name),
		},
		notes: []string{"Confidence is the probability of the predicted label. Intervals are Wilson's 95 % intervals of a proportion, " +
			"which take sentences to be independent and are too narrow by the likeness of sentences of one passage. Bins without a sentence are left out."},
	}
	return t, l.ofCalibrated(ctx, t, func(s *eval.Sample, add func(row ...cell)) error {
		bins, err := reliabilityBins(s)
		if err != nil {
			return err
		}
		for _, b := range bins {
			add(text(fmt.Sprintf("%.1f to %.1f", b.Low, b.High)), count(b.Count), number(b.Confidence), estimate(b.accuracy))
		}
		return nil
	})
}

// ofCalibrated adds the rows of the calibrated models, of what they say of the
// gold corpus in cross-validation.
func (l *lab) ofCalibrated(ctx context.Context, t *table, rows func(s *eval.Sample, add func(row ...cell)) error) error {
	t.notes = append(t.notes, l.newsModelNote()...)
	all := l.calibratedDefaults()
	add := t.about(all)
	for _, m := range all {
		s, err := l.validatedSample(ctx, m)
		if err != nil {
			return err
		}
		if err := rows(s, func(row ...cell) { add(m, row...) }); err != nil {
			return err
		}
	}
	return nil
}

func riskCoverage(ctx context.Context, l *lab) (*table, error) {
	t := &table{
		title: fmt.Sprintf("Errors when unsure answers are left out, gold corpus, grouped %d-fold cross-validation", outerFolds),
		columns: []column{
			textColumn("at least", "coverage_wanted"), figures("coverage", "coverage"), figures("confidence from", "confidence threshold"),
			figures("error rate", "error rate of the answers given"), figures("macro-F1", eval.MacroF1.Name+", of the answers given"),
		},
		notes: []string{"Answers are given where the probability of the predicted label reaches the threshold. " +
			"Coverage is the part of the sentences that is answered; the error rate and macro-F1 of three classes are of these alone."},
	}
	return t, l.ofCalibrated(ctx, t, func(s *eval.Sample, add func(row ...cell)) error {
		points, err := eval.RiskCoverage(s)
		if err != nil {
			return err
		}
		examples, predictions := s.Rows()
		for _, want := range []float64{0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1} {
			for _, p := range points {
				if p.Coverage < want {
					continue
				}
				given := new(eval.Confusion)
				for i, e := range examples {
					if q := predictions[i]; q.Probabilities.Of(q.Label) >= p.Threshold {
						given.Add(e.Label, q.Label)
					}
				}
				add(text(fmt.Sprintf("%.0f %%", 100*want)), number(p.Coverage), number(p.Threshold), number(p.Risk), figure(given.MacroF1()))
				break
			}
		}
		return nil
	})
}

// agreement says how far the annotators agreed, which bounds what a figure
// against their labels can mean.
func agreement(_ context.Context, l *lab) (*table, error) {
	t := &table{
		title: "Agreement of the annotators, who are language models",
		model: "annotators",
		columns: []column{
			textColumn("set", "set"), textColumn("annotators", "annotators"), counts("sentences", "sentences"),
			estimates("alpha", "Krippendorff's alpha, nominal"), estimates("macro-F1", eval.MacroF1.Name+", one annotator against another"),
		},
		notes: []string{
			"Annotators of one kind agree more than independent people would. macro-F1 of three classes counts every ordered pair of annotators, " +
				"one as gold and the other as prediction. Third votes, which were asked for only where the first two differed, are not counted.",
			l.clusterNote() + " For the articles they draw single sentences.",
		},
	}
	l.say("agreement")
	add := func(set, who string, examples []stance.Example, votes [][]stance.Label, clusters []string) error {
		ratings, err := eval.LabelRatings(votes)
		if err != nil {
			return err
		}
		o := l.bootstrap()
		alpha, err := eval.AgreementInterval(ratings, eval.NominalAlpha, clusters, o)
		if err != nil {
			return err
		}
		if clusters == nil {
			o.Cluster = eval.Singly
		}
		ceiling, err := eval.Ceiling(examples, votes, eval.MacroF1, o)
		if err != nil {
			return err
		}
		t.add(text(set), text(who), count(len(votes)), estimate(alpha), estimate(ceiling))
		return nil
	}
	var lone, passages []stance.Example
	var three, blind, two [][]stance.Label
	var groups, ids []string
	for i, s := range l.corpus.Lone {
		lone = append(lone, l.gold[i])
		three = append(three, s.Votes)
		blind = append(blind, s.Votes[1:3])
		groups = append(groups, s.Group)
	}
	for _, d := range l.corpus.Passages {
		passages = append(passages, d.Examples()...)
		for _, s := range d.Sentences {
			two = append(two, s.Votes[:2])
			ids = append(ids, d.ID)
		}
	}
	for _, row := range []struct {
		set, who string
		examples []stance.Example
		votes    [][]stance.Label
		clusters []string
	}{
		{"lone sentences", "author and two blind", lone, three, groups},
		{"lone sentences", "two blind", lone, blind, groups},
		{"passages", "author and one blind", passages, two, ids},
	} {
		if err := add(row.set, row.who, row.examples, row.votes, row.clusters); err != nil {
			return nil, fmt.Errorf("%s: %w", row.set, err)
		}
	}
	if l.articles != nil {
		examples, votes := l.articleVotes("")
		if err := add("three articles", "three blind", examples, votes, nil); err != nil {
			return nil, err
		}
	}
	return t, nil
}
