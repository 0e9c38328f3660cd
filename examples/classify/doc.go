// Classify labels every sentence of texts with its stance toward the #MeToo
// movement, or another target: FAVOR, AGAINST or NONE.
//
// Usage:
//
//	classify [-lines] [-format text|tsv|jsonl] [-min-confidence P]
//		[-model FILE [-target NAME]] [-quiet] [FILE ...]
//
// It reads the files, or standard input when none is named or the name is "-".
// Files are plain text in UTF-8. Each is split into sentences, unless -lines
// says that it has one sentence on each line.
//
// Flags:
//
//	-lines
//		Every line is one sentence, without its line end (LF or CR LF).
//		Lines of nothing but white space are counted and not labelled.
//		Output follows input while it arrives.
//	-format text|tsv|jsonl
//		How to write the sentences; text unless given.
//	-min-confidence P
//		Leave sentences without a label whose likeliest one is less probable
//		than P, a number from 0 to 1. Without it the model decides; that of the
//		library labels everything.
//	-model FILE
//		A model that the program train has written. Without it the model that
//		is part of the library labels.
//	-target NAME
//		The target whose model labels, where the file of -model holds those of
//		several.
//	-quiet
//		Write nothing to standard error but errors.
//
// The formats:
//
//	text
//		For people: label, its probability, sentence. A sentence without a
//		label has a question mark and its greatest probability. Labels are
//		coloured on a terminal unless the environment variable NO_COLOR is set
//		and not empty. White space is written as one space; control characters, which
//		could command the terminal, characters that change the direction of
//		writing, and bytes that are not valid UTF-8 are written as U+FFFD. With
//		more than one file the name stands above the sentences of each.
//	tsv
//		Tab-separated values, with a header:
//
//			file n start end label p_favor p_against p_none text
//
//		label is empty where the model abstains.
//		n counts sentences, or lines with -lines, from 1. start and end are
//		byte offsets into the file: its bytes from start up to end are the
//		sentence. The p_ columns are the probabilities of the labels with four
//		decimals. In file and text a tab is written as \t, a newline as \n, a
//		carriage return as \r and a backslash as \\; all other bytes are
//		written as they are, those that are not valid UTF-8 too. Where either
//		begins with =, +, -, @ or one of their full-width forms, quotes before
//		them left out, a single quote is put in front, so that a spreadsheet
//		does not take it for a formula. The file of standard input is "-".
//	jsonl
//		JSON Lines: an object for each sentence whose keys are the columns of
//		tsv. Probabilities have full precision. Bytes of file and text that are
//		not valid UTF-8 are written as U+FFFD; start and end still count the
//		bytes of the file.
//
// A byte-order mark of UTF-8 is skipped, but counted in the offsets. Files in
// UTF-16 must be converted first; compressed files, ZIP archives, PDF and office
// files are refused. Flags and files may stand in any order; after -- all are files.
//
// The numbers of sentences with each label go to standard error; a model that
// was made to abstain when it is unsure leaves some without. While the program
// works, standard error shows how many are done, if it is a terminal and
// standard output is none. A file that cannot be read is named there, and the
// others are still labelled. The exit status is 0, 1 after a failure, and 2 for
// wrong usage.
package main

import (
	_ "embed"

	"example.org/metoostance/examples/internal/program"
)

//go:embed doc.go
var source string

var manual = program.NewManual("classify", source)
