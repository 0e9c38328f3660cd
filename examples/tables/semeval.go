package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.org/metoostance/eval"
	"example.org/metoostance/features"
	"example.org/metoostance/features/detmath"
	"example.org/metoostance/stance"
)

// perTarget trains a classifier for each target.
func perTarget(train eval.Trainer) eval.Trainer {
	return func(ctx context.Context, examples []stance.Example) (stance.Classifier, error) {
		fallback, err := stance.TrainMajority(examples)
		if err != nil {
			return nil, err
		}
		b := &byTarget{of: map[string]stance.Classifier{}, other: fallback}
		for _, target := range targets(examples) {
			var own []stance.Example
			labels := map[stance.Label]bool{}
			for _, e := range examples {
				if e.Target == target {
					own = append(own, e)
					labels[e.Label] = true
				}
			}
			if len(labels) < 2 {
				// There is nothing to tell apart.
				if b.of[target], err = stance.TrainMajority(own); err != nil {
					return nil, err
				}
				continue
			}
			if b.of[target], err = train(ctx, own); err != nil {
				return nil, fmt.Errorf("target %q: %w", target, err)
			}
		}
		return b, nil
	}
}

// targets are the targets of the examples in the order of first occurrence.
func targets(examples []stance.Example) []string {
	var names []string
	for _, e := range examples {
		if !slices.Contains(names, e.Target) {
			names = append(names, e.Target)
		}
	}
	return names
}

var _ eval.ExampleClassifier = (*byTarget)(nil)

// byTarget has a classifier for each target and one for all others.
type byTarget struct {
	of    map[string]stance.Classifier
	other stance.Classifier
}

// Classify labels a text of which the target is not known.
func (b *byTarget) Classify(text string) stance.Prediction { return b.other.Classify(text) }

// ClassifyExamples labels each example by the classifier of its target.
func (b *byTarget) ClassifyExamples(examples []stance.Example) []stance.Prediction {
	predictions := make([]stance.Prediction, len(examples))
	for i, e := range examples {
		c := b.of[e.Target]
		if c == nil {
			c = b.other
		}
		predictions[i] = c.Classify(e.Text)
	}
	return predictions
}

// A published row is a figure of SemEval-2016 Task 6 A, on the 1,249 tweets of
// its test set, that this program did not measure.
type published struct {
	what   string
	favg   float64 // on a scale of 0 to 100
	source string
}

const (
	overview = "Mohammad et al. 2016"
	tweets   = "Mohammad et al. 2017"
	later    = "secondary"
)

var semEvalPublished = []published{
	{"majority class of each target", 65.22, overview},
	{"SVM, word and character n-grams, one for each target", 68.98, overview},
	{"SVM, word and character n-grams, all targets together", 62.06, overview},
	{"best of the 19 systems (MITRE)", 67.82, overview},
	{"SVM, n-grams and target words", 69.1, tweets},
	{"SVM, n-grams, target words and word vectors", 70.3, tweets},
	{"BERT-base, fine-tuned", 72.26, later},
	{"BERTweet, fine-tuned", 71.2, later},
	{"best fine-tuned model", 73.7, later},
	{"two-phase SVM, which nobody has reproduced", 74.44, "Dey et al. 2017"},
}

// semEvalModel is a way to learn from SemEval's tweets.
type semEvalModel struct {
	name     string
	settings []eval.Setting // to choose between
}

// forEach has a classifier for each target, with a vocabulary of its own.
func forEach(name string, settings []eval.Setting) semEvalModel {
	m := semEvalModel{name: name, settings: slices.Clone(settings)}
	for i := range m.settings {
		m.settings[i].Train = perTarget(m.settings[i].Train)
	}
	return m
}

// semEvalBefore is the place of logistic regression on words and characters, one
// for each target, among the models.
const semEvalBefore = 2

func semEvalModels() []semEvalModel {
	all := []semEvalModel{forEach("majority class of each target", majority().settings(nil))}
	for _, m := range linearModels() {
		all = append(all, forEach(m.name+", one for each target", m.settings(nestedC(m.opts.Algorithm))))
	}
	for _, m := range linearModels() {
		all = append(all, semEvalModel{m.name + ", all targets together", m.settings(nestedC(m.opts.Algorithm))})
	}
	const name = "logistic regression, words 1-3 + characters 2-5, hashtags split, "
	return append(all,
		tweetModel(name+"one for each target", false),
		tweetModel(name+"shared and own blocks", true),
		tweetModel(name+"mean of both", false, true))
}

// tweetModel is the library's model of several targets with features that suit
// tweets. Of several, which share weights or not, it is the mean.
func tweetModel(name string, shared ...bool) semEvalModel {
	m := semEvalModel{name: name}
	for _, c := range nestedC(stance.LogisticRegression) {
		o := stance.Options{
			Features: features.Options{
				Tokenizer: features.Tokenizer{SplitHashtags: true},
				Blocks: []features.Block{
					{Analyzer: features.Words, MinN: 1, MaxN: 3, TF: features.SublinearTF},
					{Analyzer: features.CharsWB, MinN: 2, MaxN: 5, TF: features.SublinearTF},
				},
			},
			C: c, Balanced: true, CalibrationFolds: -1,
		}
		m.settings = append(m.settings, eval.Setting{
			Name: fmt.Sprintf("C = %v", c),
			Train: func(ctx context.Context, train []stance.Example) (stance.Classifier, error) {
				var mean meanOf
				for _, s := range shared {
					t, err := stance.TrainTargets(ctx, train, stance.TargetsOptions{Options: o, Shared: s})
					if err != nil {
						return nil, err
					}
					mean = append(mean, t)
				}
				return mean, nil
			},
		})
	}
	return m
}

var _ eval.ExampleClassifier = meanOf(nil)

// meanOf adds up the scores of classifiers that were trained alike and are not
// calibrated, so that it is as linear as they are.
type meanOf []eval.ExampleClassifier

// Classify labels a text of which the target is not known.
func (m meanOf) Classify(text string) stance.Prediction {
	return m.ClassifyExamples([]stance.Example{{Text: text}})[0]
}

// ClassifyExamples labels each example by the mean of the scores.
func (m meanOf) ClassifyExamples(examples []stance.Example) []stance.Prediction {
	predictions := make([]stance.Prediction, len(examples))
	for _, c := range m {
		for i, p := range c.ClassifyExamples(examples) {
			for k, s := range p.Scores {
				predictions[i].Scores[k] += s / float64(len(m))
			}
		}
	}
	for i := range predictions {
		p := &predictions[i]
		detmath.Softmax(p.Probabilities[:], p.Scores[:])
		p.Label = p.Scores.Max()
	}
	return predictions
}

// on100 is a metric on the scale that papers on this set use.
func on100(m eval.Metric) string { return m.Name + ", 0 to 100" }

// hundredths is a column of figures between 0 and 100.
func hundredths(head, metric string) column {
	return column{head: head, metric: metric, digits: 2}
}

func semEval(ctx context.Context, l *lab) (*table, error) {
	names := targets(l.semEvalTrain)
	t := &table{columns: []column{
		textColumn("model", "model"), textColumn("source", "source"),
		{head: "F_avg", metric: on100(eval.FAvg), digits: 2, interval: true},
		hundredths("mean over targets", on100(eval.FAvgOverTargets)),
		hundredths("macro-F1", on100(eval.MacroF1)),
	}}
	for _, name := range names {
		// The first word is enough to tell the official targets apart.
		head, _, _ := strings.Cut(name, " ")
		t.columns = append(t.columns, hundredths(head, on100(eval.FAvg)+", target "+name))
	}
	var measure func(semEvalModel) (*eval.Sample, error)
	notes := []string{
		"F_avg is the official score: the mean of F1 of FAVOR and AGAINST, counts pooled over all targets. \"mean over targets\" is the mean of that figure of each target, " +
			"which some papers print instead; macro-F1 counts NONE as a third class. All are on a scale of 0 to 100; the last columns are F_avg of each target alone. " +
			"The hashtag that the organisers put behind every tweet is taken away.",
		"Where hashtags are split their words are added behind them, and the vocabulary is that of all targets. With shared and own blocks every term has a weight " +
			"for all targets and one of the target's own, which are added (Daumé III 2007); the mean of both is that of the scores. " +
			"These recipes were found by trying on the training tweets, so that their cross-validated figures are a little too good.",
	}
	if l.semEvalTest != nil {
		t.title = fmt.Sprintf("SemEval-2016 Task 6 A, trained on %d tweets and tested on %d, beside published figures", len(l.semEvalTrain), len(l.semEvalTest))
		notes = append(notes, fmt.Sprintf("C is chosen by %d-fold cross-validation on the training tweets. Published rows are on the official test set of 1,249 tweets.", outerFolds))
		measure = func(m semEvalModel) (*eval.Sample, error) { return l.semEvalTested(ctx, m) }
	} else {
		t.title = fmt.Sprintf("SemEval-2016 Task 6 A, nested %d-fold cross-validation on the %d training tweets, beside published figures", outerFolds, len(l.semEvalTrain))
		notes = append(notes, "Published rows are on the official test set of 1,249 tweets and not comparable with cross-validation on the training tweets, of which labels are distributed otherwise.")
		measure = func(m semEvalModel) (*eval.Sample, error) { return l.semEvalValidated(ctx, m) }
	}
	for _, m := range semEvalModels() {
		l.say("SemEval: " + m.name)
		s, err := measure(m)
		if err != nil {
			return nil, fmt.Errorf("SemEval, %s: %w", m.name, err)
		}
		favg, err := l.interval(s, eval.FAvg, l.bootstrapSingly())
		if err != nil {
			return nil, err
		}
		mean, err := eval.FAvgOverTargets.On(s)
		if err != nil {
			return nil, err
		}
		row := []cell{text(m.name), text("this run"), favg.scaled(100), figure(mean).scaled(100), figure(s.Confusion().MacroF1()).scaled(100)}
		for _, name := range names {
			sub, err := s.Where(func(e stance.Example) bool { return e.Target == name })
			if err != nil {
				row = append(row, cell{}) // the test set has no such target
				continue
			}
			row = append(row, figure(sub.Confusion().FAvg()).scaled(100))
		}
		t.add(row...)
	}
	for _, p := range semEvalPublished {
		row := make([]cell, len(t.columns))
		row[0], row[1], row[2] = text(p.what), text("published: "+p.source), number(p.favg)
		t.add(row...)
	}
	t.notes = append(notes, fmt.Sprintf("Intervals are 95 %% percentile bootstrap intervals (%d resamples) that draw single tweets.", l.resamples),
		"Published rows were not measured here. Mohammad et al. 2016: SemEval-2016 Task 6, Detecting Stance in Tweets. "+
			"Mohammad et al. 2017: Stance and Sentiment in Tweets. Dey et al. 2017: Twitter Stance Detection, a Two-Phase Approach. "+
			"Secondary: quoted at second hand, without saying which average it is.")
	return t, nil
}

// semEvalValidated is nested cross-validation on the training tweets.
func (l *lab) semEvalValidated(ctx context.Context, m semEvalModel) (*eval.Sample, error) {
	folds, err := eval.GroupedStratifiedFolds(l.semEvalTrain, outerFolds, l.foldSeed)
	if err != nil {
		return nil, err
	}
	r, err := eval.NestedCrossValidate(ctx, l.semEvalTrain, folds, innerFolds, l.foldSeed, m.settings, eval.FAvg)
	if err != nil {
		return nil, err
	}
	return r.Sample()
}

// semEvalTested chooses C on the training tweets, trains on all of them and
// predicts the test tweets.
func (l *lab) semEvalTested(ctx context.Context, m semEvalModel) (*eval.Sample, error) {
	best := 0
	if len(m.settings) > 1 {
		folds, err := eval.GroupedStratifiedFolds(l.semEvalTrain, outerFolds, l.foldSeed)
		if err != nil {
			return nil, err
		}
		chosen, err := eval.Select(ctx, l.semEvalTrain, folds, m.settings, eval.FAvg)
		if err != nil {
			return nil, err
		}
		best = chosen.Best
	}
	c, err := m.settings[best].Train(ctx, l.semEvalTrain)
	if err != nil {
		return nil, err
	}
	predictions, err := eval.Predict(c, l.semEvalTest)
	if err != nil {
		return nil, err
	}
	return eval.NewSample(l.semEvalTest, predictions)
}
