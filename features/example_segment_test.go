package features_test

import (
	"fmt"

	"example.org/metoostance/features"
)

func ExampleSentences() {
	text := `She testified at 10 a.m. Thursday. “Why now?” Sen. Okafor asked... Nobody
answered.`
	for _, span := range features.Sentences(text) {
		fmt.Printf("%2d-%2d %q\n", span.Start, span.End, span.Of(text))
	}
	// Output:
	//  0-34 "She testified at 10 a.m. Thursday."
	// 35-70 "“Why now?” Sen. Okafor asked..."
	// 71-87 "Nobody\nanswered."
}

func ExampleSentenceSeq() {
	post := "i said no. he laughed. #MeToo"
	for span := range features.SentenceSeq(post) {
		fmt.Println(span.Of(post))
	}
	// Output:
	// i said no.
	// he laughed. #MeToo
}
