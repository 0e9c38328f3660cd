package data

import (
	"io"
	"strings"

	"example.org/metoostance/stance"
)

// SemEvalOptions says how to read SemEval-2016 Task 6.
type SemEvalOptions struct {
	// StripHashtag takes away the "#SemST" at the end of every tweet, with the
	// white space before it. The organisers added it to mark the tweets; it is
	// no part of what people wrote.
	StripHashtag bool
	// AllowUnlabelled reads the stance UNKNOWN, which the test files had before
	// the labels were published, and an empty one as [stance.Unlabelled].
	AllowUnlabelled bool
	// Encoding is the file's encoding; zero is UTF-8 when the whole file is
	// valid UTF-8 and Windows-1252, in which the files were published,
	// otherwise.
	Encoding Encoding
}

// ReadSemEval reads a file of SemEval-2016 Task 6 (S. Mohammad et al.,
// "SemEval-2016 Task 6: Detecting Stance in Tweets", 2016). It knows both
// layouts, tab-separated with a header and without quoting: ID, Target, Tweet,
// Stance, and the same with further columns (Opinion towards, Sentiment), which
// are not read. name stands in errors; when it ends in .gz, r is decompressed.
//
// Example.Target is the target as written ("Feminist Movement"). Published
// training sets are the training and the trial file together.
//
// Reading is as strict as [Read]. The terms of the set forbid to pass the
// tweets on.
func ReadSemEval(r io.Reader, name string, o SemEvalOptions) ([]stance.Example, error) {
	content, err := load(r, name, o.Encoding, true, 0)
	if err != nil {
		return nil, err
	}
	b := exampleBuilder{
		file: name,
		columns: [numParts]namedColumn{
			partID: {"ID", true}, partTarget: {"Target", true}, partText: {"Tweet", true}, partLabel: {"Stance", true},
		},
		o: ReadOptions{
			AllowUnlabelled: o.AllowUnlabelled,
			ParseLabel: func(s string) (stance.Label, error) {
				if s == "UNKNOWN" && o.AllowUnlabelled {
					return stance.Unlabelled, nil
				}
				return stance.ParseLabel(s)
			},
		},
	}
	if o.StripHashtag {
		b.clean = stripSemST
	}
	return b.read(content, TSV)
}

// stripSemST takes the hashtag from the end of a tweet, and returns a tweet
// that does not end in it as it is.
func stripSemST(tweet string) string {
	stripped, ok := strings.CutSuffix(strings.TrimRight(tweet, " "), "#SemST")
	if !ok {
		return tweet
	}
	return strings.TrimRight(stripped, " ")
}
