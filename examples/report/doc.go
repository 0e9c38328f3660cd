// Report turns a text into one page that shows the stance of every sentence
// toward the #MeToo movement: FAVOR, AGAINST or NONE.
//
// Usage:
//
//	report [-o PAGE.html] [-gold LABELS.tsv] [-min-confidence P] [-model FILE] [-quiet] FILE
//
// FILE is plain text in UTF-8; "-" is standard input. The page is complete in
// itself: it loads nothing, runs no script, and can be sent, kept and printed as
// it is. It has
//
//   - the text, each sentence with its label and the label's probability, in a
//     colour that is the stronger the more probable the label is;
//   - for the sentence under the mouse or with the keyboard's focus, the words
//     that spoke for and against its label;
//   - the course of the text, from FAVOR to AGAINST, as a plot and as a table;
//   - the numbers of sentences with each label, and a choice of which to show;
//   - with -gold, the sentences that are labelled wrongly, and their number;
//   - what the model cannot do.
//
// Labels can be told apart without colour. The page is light or dark as the
// browser is set.
//
// Flags:
//
//	-o PAGE.html
//		The file to write. It is replaced as a whole or not at all. Without it
//		the page goes to standard output.
//	-gold LABELS.tsv
//		Gold labels to compare with: tab-separated values without quoting, in
//		UTF-8, with a header that has at least these columns:
//
//			start end label
//
//		FILE's bytes from start up to end are what is labelled. Rows follow
//		the order of the text and do not overlap. These columns are used where
//		they exist, and all others are not read:
//
//			doc     rows of which it is not FILE's name, without directory, are
//			        left out
//			sha256  of those bytes, in hexadecimal: when they are others the
//			        labels do not belong to FILE, which is an error
//
//		A sentence counts as right or wrong only if a row has exactly its
//		bytes. What is left out of the count is marked, and its number given.
//		The library's data/articles/labels.tsv is such a file.
//	-min-confidence P
//		Give no label where none has at least the probability P, from 0 to 1.
//		Without it the model's own, which is 0 for the library's: every
//		sentence has a label.
//	-model FILE
//		A model that the program train has written. Without it the model that
//		is part of the library labels.
//	-quiet
//		Write nothing to standard error but errors.
//
// Of texts of more than 262144 bytes or 5000 sentences the page does not show the
// words. Bytes that are not valid UTF-8 are shown as U+FFFD, and control
// characters and those that change the direction of writing as their code
// points. Files in UTF-16 must be converted first; compressed files, ZIP
// archives, PDF and office files are refused. Flags may stand before the file and
// after it. The page is put together in memory, with all else some twenty times the size of a text
// of many megabytes.
//
// The numbers of sentences with each label go to standard error and, if that is
// a terminal, what is being done before. The exit status is 0, 1 after a
// failure, and 2 for wrong usage.
package main

import (
	_ "embed"

	"example.org/metoostance/examples/internal/program"
)

//go:embed doc.go
var source string

var manual = program.NewManual("report", source)
