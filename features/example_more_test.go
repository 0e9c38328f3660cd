package features_test

import (
	"context"
	"fmt"
	"strings"

	"example.org/metoostance/features"
)

// From a text to its sentences, and from sentences to TF-IDF rows.
func Example() {
	text := "The tram opens in May. Nobody asked for a tram! The shops asked for it."
	var docs []string
	for _, s := range features.Sentences(text) {
		docs = append(docs, s.Of(text))
	}
	v, err := features.Fit(context.Background(), docs, features.Options{
		Blocks: []features.Block{
			{MinN: 1, MaxN: 2}, // words and pairs of words
			{Analyzer: features.CharsWB, MinN: 2, MaxN: 5}, // characters within words
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(v.Docs(), "sentences,", v.Cols(), "columns")
	row := v.Row("The shops want a tram.")
	for i, col := range row.Indices {
		if v.Block(int(col)) == 0 {
			fmt.Printf("%.3f %s\n", row.Values[i], v.Term(int(col)))
		}
	}
	// Output:
	// 3 sentences, 167 columns
	// 0.440 a
	// 0.440 a tram
	// 0.440 shops
	// 0.335 the
	// 0.440 the shops
	// 0.335 tram
}

// The rows of the documents that the vocabulary is learnt from come with it.
func ExampleFitTransform() {
	docs := []string{"A tram for Elm Street.", "No tram!", "Elm Street is closed."}
	v, m, err := features.FitTransform(context.Background(), docs, features.Options{
		Blocks: []features.Block{{MinDF: 2}}, // words that occur in two documents or more
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for col := range v.Cols() {
		fmt.Printf("%s: in %d of %d documents, idf %.3f\n", v.Term(col), v.DF(col), v.Docs(), v.IDF(col))
	}
	for i := range m.Rows() {
		fmt.Printf("%d %.3f\n", m.Row(i).Indices, m.Row(i).Values)
	}
	// Output:
	// elm: in 2 of 3 documents, idf 1.288
	// street: in 2 of 3 documents, idf 1.288
	// tram: in 2 of 3 documents, idf 1.288
	// [0 1 2] [0.577 0.577 0.577]
	// [2] [1.000]
	// [0 1] [0.707 0.707]
}

func ExampleVectorizer_Transform() {
	v, err := features.Fit(context.Background(), []string{"the tram is late", "the bus is early"}, features.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := v.Transform(context.Background(), []string{"Is the tram early?", "Trains are neither."})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(m.Rows(), "rows,", m.Cols, "columns,", m.NonZeros(), "elements")
	fmt.Println("known words in each:", m.Row(0).Len(), m.Row(1).Len())
	// Output:
	// 2 rows, 6 columns, 4 elements
	// known words in each: 4 0
}

// The places of the terms let a program mark them in the text.
func ExampleVectorizer_Occurrences() {
	v, err := features.Fit(context.Background(), []string{"don't stop the tram"}, features.Options{
		Blocks: []features.Block{{MinN: 1, MaxN: 2}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	text := "Don’t stop, TRAM!"
	for _, o := range v.Occurrences(text) {
		fmt.Printf("%d-%d %q is %q\n", o.Start, o.End, o.Of(text), v.Term(o.Col))
	}
	// Output:
	// 0-7 "Don’t" is "don't"
	// 8-12 "stop" is "stop"
	// 0-12 "Don’t stop" is "don't stop"
	// 14-18 "TRAM" is "tram"
}

// A vectorizer in a file: what was decoded gives the same rows.
func ExampleDecode() {
	v, err := features.Fit(context.Background(), []string{"yes to the tram", "no to the tram"}, features.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	file, err := v.AppendBinary(nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	decoded, err := features.Decode(file)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.3f\n%.3f\n", v.Row("Yes to it!").Values, decoded.Row("Yes to it!").Values)

	_, err = features.Decode(file[:len(file)/2])
	fmt.Println("half a file is an error:", err != nil)
	// Output:
	// [0.580 0.815]
	// [0.580 0.815]
	// half a file is an error: true
}

// Three linear functions of the rows, one for each class, straight from text.
func ExampleNewScorer() {
	v, err := features.Fit(context.Background(), []string{"yes to the tram", "no to the tram"}, features.Options{
		Blocks: []features.Block{{Norm: features.NoNorm, IDF: features.NoIDF}}, // plain counts of words
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	weights := make([]float32, v.Cols()*features.Outputs)
	set := func(term string, w ...float32) {
		if col, ok := v.Column(0, term); ok {
			copy(weights[col*features.Outputs:], w)
		}
	}
	set("yes", 2, -1, 0)
	set("no", -1, 2, 0)
	s := features.NewScorer(v, weights)
	fmt.Printf("%.1f\n", s.Scores("Yes, yes to the tram!"))
	fmt.Printf("%.1f\n", s.Scores("Yes or no?"))
	// Output:
	// [4.0 -2.0 0.0]
	// [1.0 1.0 0.0]
}

// Rows of a fixed width without a corpus to learn a vocabulary from.
func ExampleNewHasher() {
	h, err := features.NewHasher(18, features.Options{Blocks: []features.Block{{MinN: 1, MaxN: 2}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	row := h.Row("The tram is late.")
	fmt.Println(h.Cols(), "columns,", row.Len(), "terms")
	fmt.Printf("of 10,000 terms %.1f %% share their column\n", 100*h.CollisionRate(10000))
	// Output:
	// 262144 columns, 7 terms
	// of 10,000 terms 3.7 % share their column
}

// The options of a tokenizer, each by itself.
func ExampleTokenizer() {
	text := "The mayor didn't open the “tram” on #TramDay."
	for _, t := range []features.Tokenizer{
		{},
		{KeepCase: true},
		{StopWords: map[string]bool{"the": true, "on": true}},
		{SplitHashtags: true},
		{MarkNegation: true},
		{MarkQuotation: true},
		{Rules: features.ScikitLearnRules},
	} {
		fmt.Println(strings.Join(t.Tokenise(text), " "))
	}
	// Output:
	// the mayor didn't open the tram on #tramday
	// The mayor didn't open the tram on #TramDay
	// mayor didn't open tram #tramday
	// the mayor didn't open the tram on #tramday tram day
	// the mayor didn't not:open not:the not:tram not:on not:#tramday
	// the mayor didn't open the q:tram on #tramday
	// the mayor didn open the tram on tramday
}
