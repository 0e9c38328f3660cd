package stance_test

import (
	"bytes"
	"context"
	"fmt"

	"example.org/metoostance/stance"
)

func ExampleDefault() {
	p := stance.Default().Classify("Believing women is the least that we owe the survivors who speak out.")
	fmt.Println(p.Label)
	// Output: FAVOR
}

func ExampleModel_ClassifyDocument() {
	text := "A reckoning, overdue\n\nThe trial opens on Monday. Women have been silenced for far too long."
	for _, s := range stance.Default().ClassifyDocument(text) {
		fmt.Printf("%d-%d %s\n", s.Start, s.End, s.Text)
	}
	// Output:
	// 0-20 A reckoning, overdue
	// 22-48 The trial opens on Monday.
	// 49-91 Women have been silenced for far too long.
}

func ExampleTrain() {
	examples := []stance.Example{
		{Text: "Yes to the tram.", Label: stance.Favor},
		{Text: "We need the tram, and soon.", Label: stance.Favor},
		{Text: "No tram through our street.", Label: stance.Against},
		{Text: "Stop this tram.", Label: stance.Against},
	}
	m, err := stance.Train(context.Background(), examples, stance.Options{Algorithm: stance.LinearSVM})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Classify("Yes, soon!").Label)
	// Output: FAVOR
}

func ExampleModel_Save() {
	var file bytes.Buffer
	if err := stance.Default().Save(&file); err != nil {
		fmt.Println(err)
		return
	}
	m, err := stance.Load(&file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Report().Examples, "examples")
	// Output: 12752 examples
}

func ExampleModel_Explain() {
	e := stance.Default().Explain("The mob wants blood.")
	for _, t := range e.Terms {
		if t.Block != 1 && t.Scores.Of(stance.Against) > 0.05 { // but for characters
			fmt.Println(t.Term, t.Spans)
		}
	}
	// Output:
	// the mob [{0 7}]
	// wants [{8 13}]
	// blood [{14 19}]
	// against 3 [{0 7}]
	// stance 3 [{0 7}]
}

func ExampleParseLabel() {
	l, err := stance.ParseLabel("favour")
	fmt.Println(l, err)
	_, err = stance.ParseLabel("perhaps")
	fmt.Println(err)
	// Output:
	// FAVOR <nil>
	// unknown label "perhaps" (want FAVOR, AGAINST or NONE)
}

func ExampleTrainMajority() {
	m, err := stance.TrainMajority([]stance.Example{
		{Text: "She spoke.", Label: stance.None}, {Text: "He left.", Label: stance.None}, {Text: "Good.", Label: stance.Favor},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Classify("Anything at all").Label)
	// Output: NONE
}
