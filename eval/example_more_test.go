package eval_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// tramLetters are fifteen letters to a paper about a tram line. Each has a
// sentence for it, one against it and one that is neither.
var tramLetters = [][stance.NumLabels]string{
	{"I am glad that the tram will come.", "The price of the tram is a scandal.", "The council meets on Monday."},
	{"We need a tram, and we need it now.", "Nobody needs a tram that stops at six.", "When is the next meeting?"},
	{"The tram will be good for the shops.", "The noise will be bad for us all.", "The report was printed in May."},
	{"A quiet tram is a blessing.", "Another year of noise and dust!", "There are nine stops on the map."},
	{"Finally a good plan for the town.", "What a waste of our taxes.", "The council has thirty members."},
	{"Clean, quiet and fast: build it.", "Slow, loud and costly: stop it.", "The map is on the second page."},
	{"I would take the tram every day, gladly.", "I would never pay for such a waste.", "The vote was held on Monday."},
	{"Build it now, for our children.", "Stop this before it ruins our street.", "The line was drawn on the map in May."},
	{"Good for the air, good for us.", "Bad for the trees, bad for the shops.", "Who printed the report?"},
	{"I thank the council for the plan.", "Shame on the council for the dust.", "The meeting is open to the public."},
	{"Let us build the line to the school.", "Let us stop the works at the school.", "The school is on the second line."},
	{"The sooner it is built, the better.", "The price rises, and nobody stops it.", "The vote on the line is next year."},
	{"Those who need it most will be glad.", "Those who pay for it were never asked.", "Those who vote will meet at seven."},
	{"At last a fast way to town.", "It is a costly toy.", "It is the second stop of nine."},
	{"The quiet cars are a blessing.", "The works are a scandal.", "The works began in May."},
}

// tramExamples are the sentences of the letters, grouped by letter.
func tramExamples() []stance.Example {
	var examples []stance.Example
	for i, letter := range tramLetters {
		for k, text := range letter {
			name := fmt.Sprint("letter ", i+1)
			examples = append(examples, stance.Example{Text: text, Label: stance.Labels()[k], Group: name, Document: name})
		}
	}
	return examples
}

// tramModel returns a trainer of models with some settings.
func tramModel(o stance.Options) eval.Trainer {
	return func(ctx context.Context, train []stance.Example) (stance.Classifier, error) {
		return stance.Train(ctx, train, o)
	}
}

// Two models cross-validated on the same folds: a figure of each with its
// interval, and whether the difference is more than chance.
func Example() {
	ctx := context.Background()
	examples := tramExamples()
	folds, err := eval.GroupedStratifiedFolds(examples, 5, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	trainers := []eval.Trainer{
		func(_ context.Context, train []stance.Example) (stance.Classifier, error) {
			return stance.TrainMajority(train)
		},
		tramModel(stance.PlainOptions()),
	}
	samples := make([]*eval.Sample, len(trainers))
	for i, name := range []string{"majority", "model"} {
		r, err := eval.CrossValidate(ctx, examples, folds, trainers[i])
		if err != nil {
			fmt.Println(err)
			return
		}
		if samples[i], err = r.Sample(); err != nil {
			fmt.Println(err)
			return
		}
		v, err := eval.Bootstrap(samples[i], eval.MacroF1, eval.BootstrapOptions{Seed: 1})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s %.2f (%.2f to %.2f)\n", name, eval.MacroF1.Name, v.Estimate, v.Low, v.High)
	}
	test, err := eval.Randomization(samples[1], samples[0], eval.MacroF1, eval.RandomizationOptions{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("difference %+.2f, p = %.4f\n", test.Statistic, test.P)
	// Output:
	// majority: macro-F1 of three classes 0.17 (0.17 to 0.17)
	// model: macro-F1 of three classes 0.87 (0.75 to 0.96)
	// difference +0.70, p = 0.0004
}

// The interval of an accuracy on independent examples.
func ExampleWilson() {
	i := eval.Wilson(85, 100, 0.95)
	fmt.Printf("%.2f (%.2f to %.2f)\n", i.Estimate, i.Low, i.High)
	// Output: 0.85 (0.77 to 0.91)
}

// Of 500 sentences one classifier alone is right on 40 and the other on 22.
func ExampleMcNemar() {
	test := eval.McNemar(40, 22)
	fmt.Printf("p = %.3f\n", test.P)
	// Output: p = 0.030
}

func ExampleMcNemarCorrected() {
	test := eval.McNemarCorrected(40, 22)
	fmt.Printf("chi-squared %.2f, p = %.3f\n", test.Statistic, test.P)
	// Output: chi-squared 4.66, p = 0.031
}

// How often only one of two classifiers is right.
func ExampleDiscordant() {
	examples := []stance.Example{{Label: stance.Favor}, {Label: stance.Against}, {Label: stance.None}}
	first, err := eval.NewSample(examples, []stance.Prediction{{Label: stance.Favor}, {Label: stance.Against}, {Label: stance.Favor}})
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := eval.NewSample(examples, []stance.Prediction{{Label: stance.Favor}, {Label: stance.None}, {Label: stance.Favor}})
	if err != nil {
		fmt.Println(err)
		return
	}
	onlyA, onlyB, err := eval.Discordant(first, second)
	fmt.Println(onlyA, onlyB, err)
	// Output: 1 0 <nil>
}

// Four models tested against a baseline. At the level of 0.05 two differences
// stand; the second, 0.03 by itself, does not.
func ExampleHolm() {
	for _, p := range eval.Holm([]float64{0.004, 0.03, 0.011, 0.4}) {
		fmt.Printf("%.3f\n", p)
	}
	// Output:
	// 0.016
	// 0.060
	// 0.033
	// 0.400
}

// How well three annotators predict one another: no classifier can be expected
// to do better.
func ExampleCeiling() {
	var examples []stance.Example
	var votes [][]stance.Label
	for i := range 90 {
		l := stance.Labels()[i%3]
		v := []stance.Label{l, l, l}
		if i%5 == 0 {
			v[i%3] = stance.None // one of them saw no stance
		}
		examples = append(examples, stance.Example{ID: fmt.Sprint(i), Label: l})
		votes = append(votes, v)
	}
	c, err := eval.Ceiling(examples, votes, eval.MacroF1, eval.BootstrapOptions{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f (%.2f to %.2f)\n", c.Estimate, c.Low, c.High)
	// Output: 0.91 (0.86 to 0.96)
}

func ExampleAgreementInterval() {
	var votes [][]stance.Label
	for i := range 60 {
		l := stance.Labels()[i%3]
		v := []stance.Label{l, l}
		if i%7 == 0 {
			v[1] = stance.None
		}
		votes = append(votes, v)
	}
	r, err := eval.LabelRatings(votes)
	if err != nil {
		fmt.Println(err)
		return
	}
	i, err := eval.AgreementInterval(r, eval.NominalAlpha, nil, eval.BootstrapOptions{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%v %.2f (%.2f to %.2f)\n", eval.NominalAlpha, i.Estimate, i.Low, i.High)
	// Output: Krippendorff's alpha (nominal) 0.85 (0.73 to 0.95)
}

// What a model is worth on a paper that it has never seen.
func ExampleLeaveOneSourceOut() {
	examples := tramExamples()
	paper := map[string]string{}
	for i, e := range examples {
		paper[e.Group] = []string{"Courier", "Echo", "Gazette"}[i/3%3]
	}
	source := func(e stance.Example) string { return paper[e.Group] }
	r, papers, err := eval.LeaveOneSourceOut(context.Background(), examples, source, tramModel(stance.PlainOptions()))
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := r.Sample()
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range papers {
		part, err := s.Where(func(e stance.Example) bool { return source(e) == p })
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: accuracy %.2f of %d\n", p, part.Confusion().Accuracy().Value, part.Len())
	}
	// Output:
	// Courier: accuracy 0.87 of 15
	// Echo: accuracy 0.93 of 15
	// Gazette: accuracy 0.80 of 15
}

// Would more training data help?
func ExampleLearningCurve() {
	examples := tramExamples()
	folds, err := eval.GroupedStratifiedFolds(examples, 5, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	curve, err := eval.LearningCurve(context.Background(), examples, folds, []float64{0.25, 0.5, 1}, 1,
		tramModel(stance.Options{CalibrationFolds: -1}))
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range curve {
		fmt.Printf("%2.0f examples: macro-F1 %.2f\n", p.Examples, p.Result.Confusion().MacroF1().Value)
	}
	// Output:
	// 9 examples: macro-F1 0.48
	// 18 examples: macro-F1 0.64
	// 36 examples: macro-F1 0.82
}

// Which setting to train with. The figure of the chosen one was chosen for
// being high: report that of NestedCrossValidate.
func ExampleSelect() {
	examples := tramExamples()
	folds, err := eval.GroupedStratifiedFolds(examples, 5, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	var settings []eval.Setting
	for _, c := range []float64{0.1, 1, 10} {
		o := stance.Options{C: c, CalibrationFolds: -1}
		settings = append(settings, eval.Setting{Name: fmt.Sprint("C = ", c), Train: tramModel(o)})
	}
	selection, err := eval.Select(context.Background(), examples, folds, settings, eval.MacroF1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, f := range selection.Figures {
		fmt.Printf("%s: %.2f\n", settings[i].Name, f.Value)
	}
	fmt.Println("best:", settings[selection.Best].Name)
	// Output:
	// C = 0.1: 0.82
	// C = 1: 0.82
	// C = 10: 0.84
	// best: C = 10
}

// How much a figure owes to the choice of folds.
func ExampleRepeatedCrossValidate() {
	results, err := eval.RepeatedCrossValidate(context.Background(), tramExamples(), 5, 4, 1,
		tramModel(stance.Options{CalibrationFolds: -1}))
	if err != nil {
		fmt.Println(err)
		return
	}
	mean, sd, err := eval.MeanOver(results, eval.MacroF1)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d repeats: %.2f, standard deviation %.2f\n", len(results), mean, sd)
	// Output: 4 repeats: 0.84, standard deviation 0.02
}

// A model on a test set.
func ExamplePredict() {
	examples := tramExamples()
	train, test := examples[:30], examples[30:]
	m, err := stance.Train(context.Background(), train, stance.PlainOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	predictions, err := eval.Predict(m, test)
	if err != nil {
		fmt.Println(err)
		return
	}
	s, err := eval.NewSample(test, predictions)
	if err != nil {
		fmt.Println(err)
		return
	}
	f := s.Confusion().Accuracy()
	fmt.Printf("accuracy %.2f of %d\n", f.Value, s.Len())
	// Output: accuracy 0.87 of 15
}

// Copies of a text that lie on both sides of a split flatter every model.
func ExampleNearDuplicates() {
	sets, err := eval.NearDuplicates([]stance.Example{
		{Text: "The tram is late again, and nobody is surprised."},
		{Text: "We love the tram."},
		{Text: "RT @ann: The tram is late again, and nobody is surprised!"},
	}, 0.8)
	fmt.Println(sets, err)
	// Output: [[0 2]] <nil>
}

// 1,500 invented posts. From row 1000 on somebody lost a label, and each post
// has that of the post after it.
func ExampleLabelAlignment() {
	random := rand.New(rand.NewPCG(1, 0))
	examples := make([]stance.Example, 1500)
	for i := range examples {
		k := random.IntN(stance.NumLabels)
		words := make([]string, 12)
		for j := range words {
			w := random.IntN(150)
			if j%4 == 0 {
				w = w/3*3 + k // words of these numbers go with the label
			}
			words[j] = fmt.Sprint("w", w)
		}
		examples[i] = stance.Example{Text: strings.Join(words, " "), Label: stance.Labels()[k]}
	}
	for i := 1000; i < 1499; i++ {
		examples[i].Label = examples[i+1].Label
	}
	a, err := eval.LabelAlignment(context.Background(), examples)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range a.Blocks {
		fmt.Printf("rows %d to %d: labels %+d\n", b.From, b.To-1, b.Shift)
	}
	// Output:
	// rows 0 to 999: labels +0
	// rows 1001 to 1498: labels -1
}

// Whether probabilities mean what they say.
func ExampleReliability() {
	var examples []stance.Example
	var predictions []stance.Prediction
	for i := range 100 {
		gold := stance.Favor
		if i%4 == 0 {
			gold = stance.None
		}
		p := stance.Values{0.75, 0.15, 0.1}
		if i%2 == 0 {
			p = stance.Values{0.55, 0.15, 0.3}
		}
		examples = append(examples, stance.Example{Label: gold})
		predictions = append(predictions, stance.Prediction{Label: stance.Favor, Probabilities: p})
	}
	s, err := eval.NewSample(examples, predictions)
	if err != nil {
		fmt.Println(err)
		return
	}
	bins, err := eval.Reliability(s, 5)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range bins {
		if b.Count > 0 {
			fmt.Printf("%d examples: confidence %.2f, accuracy %.2f\n", b.Count, b.Confidence, b.Accuracy)
		}
	}
	// Output:
	// 50 examples: confidence 0.55, accuracy 0.50
	// 50 examples: confidence 0.75, accuracy 1.00
}

// What a classifier gains by abstaining when it is not confident.
func ExampleRiskCoverage() {
	examples := []stance.Example{{Label: stance.Favor}, {Label: stance.Against}, {Label: stance.None}, {Label: stance.None}}
	s, err := eval.NewSample(examples, []stance.Prediction{
		{Label: stance.Favor, Probabilities: stance.Values{0.9, 0.05, 0.05}},
		{Label: stance.Against, Probabilities: stance.Values{0.1, 0.8, 0.1}},
		{Label: stance.None, Probabilities: stance.Values{0.2, 0.1, 0.7}},
		{Label: stance.Favor, Probabilities: stance.Values{0.4, 0.3, 0.3}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	points, err := eval.RiskCoverage(s)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range points {
		fmt.Printf("from %.1f: %.0f %% kept, %.0f %% of them wrong\n", p.Threshold, 100*p.Coverage, 100*p.Risk)
	}
	// Output:
	// from 0.9: 25 % kept, 0 % of them wrong
	// from 0.8: 50 % kept, 0 % of them wrong
	// from 0.7: 75 % kept, 0 % of them wrong
	// from 0.4: 100 % kept, 25 % of them wrong
}

func ExamplePrecisionRecall() {
	examples := []stance.Example{{Label: stance.Favor}, {Label: stance.None}, {Label: stance.Favor}}
	s, err := eval.NewSample(examples, []stance.Prediction{
		{Label: stance.Favor, Probabilities: stance.Values{0.8, 0.1, 0.1}},
		{Label: stance.Favor, Probabilities: stance.Values{0.6, 0.1, 0.3}},
		{Label: stance.None, Probabilities: stance.Values{0.3, 0.1, 0.6}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	curve, err := eval.PrecisionRecall(s, stance.Favor)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, p := range curve {
		fmt.Printf("from %.1f: precision %.2f, recall %.2f\n", p.Threshold, p.Precision, p.Recall)
	}
	// Output:
	// from 0.8: precision 1.00, recall 0.50
	// from 0.6: precision 0.50, recall 0.50
	// from 0.3: precision 0.67, recall 1.00
}

// The official pooled figure and the mean over targets, which is another.
func ExampleMeanOverTargets() {
	examples := []stance.Example{
		{Target: "tram", Label: stance.Favor}, {Target: "tram", Label: stance.Favor}, {Target: "tram", Label: stance.Against},
		{Target: "park", Label: stance.Favor}, {Target: "park", Label: stance.Against},
	}
	s, err := eval.NewSample(examples, []stance.Prediction{
		{Label: stance.Favor}, {Label: stance.Favor}, {Label: stance.Against},
		{Label: stance.Against}, {Label: stance.Against},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, m := range []eval.Metric{eval.FAvg, eval.FAvgOverTargets, eval.MeanOverTargets(eval.Accuracy)} {
		f, err := m.On(s)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s %.3f\n", m.Name, f.Value)
	}
	// Output:
	// F_avg pooled 0.800
	// F_avg mean over targets 0.667
	// accuracy, mean over targets 0.750
}
