// Train trains a stance classifier on labelled sentences and writes it to a
// file.
//
// Usage:
//
//	train [flags] -gold -o MODEL
//	train [flags] -o MODEL FILE ...
//
// The model is trained on the gold corpus that comes with the library (-gold),
// on the files, or on both together. Each file is a table with a header that
// has at least the columns text and label; the columns id, group, document and
// target are used where they exist. Labels are FAVOR, AGAINST and NONE or their
// usual synonyms. Whatever is wrong with a file is reported with file, line and
// column, and then nothing is trained.
//
// The settings are those of the library's default model unless flags change
// them. The same sentences and settings give the same model, byte for byte.
//
// Flags:
//
//	-gold
//		Train on the gold corpus.
//	-format csv|tsv|jsonl
//		Format of the files. Without it each file's name tells: .csv, .tsv,
//		.jsonl, and the same with .gz after it.
//	-target NAME
//		Keep only the sentences of this target. Not with -gold, whose
//		sentences all have one target.
//	-algorithm NAME
//		logistic-regression, logistic-one-vs-rest, linear-svm,
//		linear-svm-hinge, ridge, multinomial-bayes, complement-bayes or nb-svm.
//	-C X
//		Weight of the losses against the penalty, a positive number: the
//		greater, the closer the model follows the training data.
//	-balanced
//		Weigh the labels as if they were equally frequent; -balanced=false
//		counts every sentence alike.
//	-cv K
//		Print precision, recall and F1 of the settings by K-fold
//		cross-validation. No group or document is split between folds.
//	-grid
//		Choose C from 0.1, 0.3, 1, 3 and 10, and -balanced or not, by the
//		macro-F1 of cross-validation (5 folds, or those of -cv), and print
//		every choice. The best of ten is a little better than it will be on new
//		text, and so is what -cv prints of it.
//	-o MODEL
//		The file to write. It is replaced as a whole or not at all.
//
// Tables go to standard output. The last line on standard error says what was
// trained. The exit status is 0, 1 after a failure, and 2 for wrong usage.
package main

import (
	_ "embed"

	"example.org/metoostance/examples/internal/program"
)

//go:embed doc.go
var source string

var manual = program.NewManual("train", source)
