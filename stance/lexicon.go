package stance

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"example.org/metoostance/features"
)

//go:embed lexicon.tsv
var lexiconTSV string

// Lexicon returns the opinion lexicon of the embedded model: 4,431 words and
// phrases of the debate about the movement and of reports on it, as of the years
// 2017 to 2020, each with one or two classes. "favor 1" to "favor 3" and
// "against 1" to "against 3" say whose word it is, should the sentence take a
// side; "stance 1" to "stance 3" that such words stand in sentences that take
// one, and "report 1" to "report 3" that they stand in reports and narration.
// 3 is the strongest.
//
// Two language models wrote it for this project, independently of one another
// and of all labelled text, from what they know of such prose; the scores are
// the means of theirs, rounded. On the 1,538 phrases that both have, they
// correlate at 0.94.
func Lexicon() features.Lexicon {
	lexicon := make(features.Lexicon, 5000)
	for phrase, classes := range readLexicon() {
		lexicon[phrase] = append([]string(nil), classes...)
	}
	return lexicon
}

var readLexicon = sync.OnceValue(func() features.Lexicon {
	lexicon := features.Lexicon{}
	for i, line := range strings.Split(strings.TrimSuffix(lexiconTSV, "\n"), "\n")[1:] {
		fields := strings.Split(line, "\t")
		if len(fields) != 3 {
			// The file is part of this package, and a test reads it.
			panic(fmt.Sprintf("stance: lexicon.tsv:%d: %d fields, want 3", i+2, len(fields)))
		}
		classes := append(class(i, fields[1], "favor", "against"), class(i, fields[2], "stance", "report")...)
		lexicon[fields[0]] = classes
	}
	return lexicon
})

// class returns the class that a score stands for, if it is not 0.
func class(i int, score, positive, negative string) []string {
	n, err := strconv.Atoi(score)
	switch {
	case err != nil || n < -3 || n > 3:
		panic(fmt.Sprintf("stance: lexicon.tsv:%d: score %q, want -3 to 3", i+2, score))
	case n > 0:
		return []string{positive + " " + strconv.Itoa(n)}
	case n < 0:
		return []string{negative + " " + strconv.Itoa(-n)}
	}
	return nil
}
