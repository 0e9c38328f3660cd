package stance_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// tramLetters are what people wrote to their paper about a tram line.
var tramLetters = []stance.Example{
	{Text: "We need the tram, and we need it soon.", Label: stance.Favor},
	{Text: "Yes to the tram and yes to quiet streets.", Label: stance.Favor},
	{Text: "I support the tram with all my heart.", Label: stance.Favor},
	{Text: "The tram is worth every penny.", Label: stance.Favor},
	{Text: "The tram is a waste of money.", Label: stance.Against},
	{Text: "No tram through our street, please.", Label: stance.Against},
	{Text: "Stop the tram before it ruins our shops.", Label: stance.Against},
	{Text: "Nobody here asked for a tram.", Label: stance.Against},
	{Text: "The meeting starts at seven.", Label: stance.None},
	{Text: "Is there a map of the route?", Label: stance.None},
	{Text: "The vote takes place in May.", Label: stance.None},
	{Text: "The report has ninety pages.", Label: stance.None},
}

// Train a model, label the sentences of a text, and keep the model.
func Example() {
	m, err := stance.Train(context.Background(), tramLetters, stance.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range m.ClassifyDocument("Yes, we need it. No, stop the waste. The report starts in May.") {
		fmt.Printf("%d-%d %s: %s\n", s.Start, s.End, s.Label, s.Text)
	}

	var file bytes.Buffer // or SaveFile and LoadFile
	if err := m.Save(&file); err != nil {
		fmt.Println(err)
		return
	}
	loaded, err := stance.Load(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	text := "I support the route."
	fmt.Println(loaded.Classify(text).Label, loaded.Classify(text) == m.Classify(text))
	// Output:
	// 0-16 FAVOR: Yes, we need it.
	// 17-36 AGAINST: No, stop the waste.
	// 37-62 NONE: The report starts in May.
	// FAVOR true
}

// A baseline that a person can read: a few telling words for each side.
func ExampleTrainKeywords() {
	k, err := stance.TrainKeywords(context.Background(), []stance.Example{
		{Text: "I love the quiet tram.", Label: stance.Favor},
		{Text: "We love how quiet it is.", Label: stance.Favor},
		{Text: "The noise is a waste of our nerves.", Label: stance.Against},
		{Text: "What a noise, and what a waste!", Label: stance.Against},
		{Text: "The tram is a line of the city.", Label: stance.None},
		{Text: "It is in the report what it costs, how and when.", Label: stance.None},
	}, 2)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(k.Words(stance.Favor))
	fmt.Println(k.Words(stance.Against))
	fmt.Println(k.Classify("They love it, but I hear noise and see waste.").Label)
	// Output:
	// [love quiet]
	// [noise waste]
	// AGAINST
}

// Many texts on all processors. With so few sentences to train on there is
// nothing to calibrate probabilities with.
func ExampleModel_ClassifyAll() {
	m, err := stance.Train(context.Background(), tramLetters, stance.Options{C: 10, CalibrationFolds: -1})
	if err != nil {
		fmt.Println(err)
		return
	}
	texts := []string{"We need it soon!", "A waste.", "When is the vote?"}
	predictions, err := m.ClassifyAll(context.Background(), texts)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, p := range predictions {
		fmt.Printf("%-7v %.2f %s\n", p.Label, p.Probabilities.Of(p.Label), texts[i])
	}
	// Output:
	// FAVOR   0.74 We need it soon!
	// AGAINST 0.68 A waste.
	// NONE    0.60 When is the vote?
}

// Many settings on rows that are made once.
func ExampleTrainRows() {
	ctx := context.Background()
	texts := make([]string, len(tramLetters))
	for i, e := range tramLetters {
		texts[i] = e.Text
	}
	v, rows, err := features.FitTransform(ctx, texts, features.Options{Blocks: []features.Block{{MinN: 1, MaxN: 2}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range []float64{0.1, 1, 10} {
		m, err := stance.TrainRows(ctx, v, rows, tramLetters, stance.Options{C: c, CalibrationFolds: -1})
		if err != nil {
			fmt.Println(err)
			return
		}
		p := m.Classify("A waste of money.")
		fmt.Printf("C = %g: %v %.2f\n", c, p.Label, p.Probabilities.Of(p.Label))
	}
	// Output:
	// C = 0.1: AGAINST 0.35
	// C = 1: AGAINST 0.48
	// C = 10: AGAINST 0.80
}

func ExampleModel_SaveFile() {
	dir, err := os.MkdirTemp("", "tram")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	m, err := stance.Train(context.Background(), tramLetters, stance.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	path := filepath.Join(dir, "tram.model")
	if err := m.SaveFile(path); err != nil {
		fmt.Println(err)
		return
	}
	loaded, err := stance.LoadFile(path)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(loaded.Classify("No, stop it.").Label)
	// Output: AGAINST
}

// A file that is not there, and one that is no model.
func ExampleLoadFile() {
	dir, err := os.MkdirTemp("", "tram")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "tram.model")
	_, err = stance.LoadFile(path)
	fmt.Println(errors.Is(err, os.ErrNotExist))

	if err := os.WriteFile(path, []byte("The tram is late."), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	_, err = stance.LoadFile(path)
	var broken *stance.FileError
	if errors.As(err, &broken) {
		fmt.Println("broken at byte", broken.Offset)
	}
	// Output:
	// true
	// broken at byte 0
}

// The report says what a model was trained on and what to know of it.
func ExampleModel_Report() {
	m, err := stance.Train(context.Background(), tramLetters, stance.Options{CalibrationFolds: -1})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := m.Report()
	fmt.Println(r.Examples, "examples,", r.Labels[stance.Favor], "of them FAVOR,", r.Features, "terms")
	fmt.Println("converged:", r.Solver.Converged)
	for _, w := range r.Warnings { // none here
		fmt.Println("warning:", w)
	}
	// Output:
	// 12 examples, 4 of them FAVOR, 115 terms
	// converged: true
}
