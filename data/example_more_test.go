package data_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"example.org/metoostance/data"
	"example.org/metoostance/stance"
)

// The gold corpus, and a file of one's own, in which an error has a place.
func Example() {
	corpus := data.Gold()
	var counts [stance.NumLabels]int
	for _, e := range corpus.Examples() {
		for i, l := range stance.Labels() {
			if e.Label == l {
				counts[i]++
			}
		}
	}
	fmt.Println(len(corpus.Lone), "lone sentences,", len(corpus.Passages), "passages")
	for i, l := range stance.Labels() {
		fmt.Println(l, counts[i])
	}

	file := "text\tlabel\nA tram, at last!\tFAVOR\nNo tram through our street.\tCONTRARY\n"
	_, err := data.Read(strings.NewReader(file), "tram.tsv", data.ReadOptions{})
	fmt.Println(err) // file, line and column
	var place *data.ParseError
	if errors.As(err, &place) {
		fmt.Println(place.File, place.Line, place.Column)
	}
	// Output:
	// 2000 lone sentences, 549 passages
	// FAVOR 2112
	// AGAINST 1756
	// NONE 4762
	// tram.tsv:3:2: unknown label "CONTRARY" (want FAVOR, AGAINST or NONE)
	// tram.tsv 3 2
}

func ExampleReadFile() {
	dir, err := os.MkdirTemp("", "tram")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "tram.jsonl")
	lines := `{"id": "1", "document": "letter 1", "text": "A tram, at last!", "label": "FAVOR"}
{"id": "2", "document": "letter 1", "text": "It opens in May.", "label": "NONE"}
`
	if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
		fmt.Println(err)
		return
	}
	examples, err := data.ReadFile(path, data.ReadOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range examples {
		fmt.Println(e.ID, e.Document, e.Group, e.Label, e.Text)
	}
	// Output:
	// 1 letter 1 letter 1 FAVOR A tram, at last!
	// 2 letter 1 letter 1 NONE It opens in May.
}

// Texts that nobody has labelled yet, for a classifier to label.
func ExampleReadOptions() {
	file := "comment\n\"A tram, at last!\"\nWhen does it open?\n"
	examples, err := data.Read(strings.NewReader(file), "comments.csv", data.ReadOptions{
		Columns:         data.Columns{Text: "comment"},
		AllowUnlabelled: true,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, e := range examples {
		fmt.Println(e.Text, e.Label == stance.Unlabelled)
	}
	// Output:
	// A tram, at last! true
	// When does it open? true
}

// As many sentences as a measurement of speed needs, always the same.
func ExampleRecombined() {
	n, bytes := 0, 0
	var first string
	for e := range data.Recombined(1000, 1) {
		if n == 0 {
			first = e.Text
		}
		n++
		bytes += len(e.Text)
	}
	fmt.Printf("%d sentences of about %d0 bytes\n", n, (bytes/n+5)/10)
	for e := range data.Recombined(1, 1) {
		fmt.Println("the same again:", e.Text == first)
	}
	// Output:
	// 1000 sentences of about 110 bytes
	// the same again: true
}

// The sentences of a passage stay together: they share group and document.
func ExampleDocument_Examples() {
	passage := data.Gold().Passages[0]
	examples := passage.Examples()
	fmt.Println(len(examples), "sentences of group", examples[0].Group)
	fmt.Println(examples[0].Label, passage.Headline, strings.HasPrefix(passage.Text, examples[0].Text))
	// Output:
	// 12 sentences of group p1-001
	// FAVOR true true
}

// What is read back from a file of predictions are the gold labels or, on
// request, the predicted ones.
func ExampleWritePredictions_readBack() {
	examples := []stance.Example{{ID: "1", Text: "A tram, at last!", Label: stance.Favor}}
	predictions := []stance.Prediction{{Label: stance.None, Probabilities: stance.Values{0.25, 0.25, 0.5}}}
	var file strings.Builder
	if err := data.WritePredictions(&file, data.TSV, examples, predictions); err != nil {
		fmt.Println(err)
		return
	}
	for _, label := range []string{"label", "predicted"} {
		read, err := data.Read(strings.NewReader(file.String()), "tram.tsv", data.ReadOptions{
			Columns:          data.Columns{Label: label},
			UnescapeFormulas: true,
		})
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(label, read[0].Label, read[0].Text)
	}
	// Output:
	// label FAVOR A tram, at last!
	// predicted NONE A tram, at last!
}

// Labels of MeTooMA as stance.
func ExampleMeTooMALabels_Stance() {
	for _, l := range []data.MeTooMALabels{{Support: true}, {Oppose: true, Sarcasm: true}, {Allegation: true}} {
		label, err := l.Stance()
		fmt.Println(label, err)
	}
	_, err := data.MeTooMALabels{Support: true, Oppose: true}.Stance()
	fmt.Println("both is an error:", err != nil)
	// Output:
	// FAVOR <nil>
	// AGAINST <nil>
	// NONE <nil>
	// both is an error: true
}

// What the embedded model is trained on: the gold corpus, and passages that were
// written to read as the press does.
func ExampleTrainingExamples() {
	fmt.Println(len(data.Gold().Examples()), "+", len(data.TrainingExamples())-len(data.Gold().Examples()))
	first := data.Press()[0]
	fmt.Println(first.ID, first.Genre, first.Lean, len(first.Sentences), "sentences")
	// Output:
	// 8630 + 4122
	// w1-001 news NONE 14 sentences
}
