// Train trains a stance classifier on labelled sentences and writes it to a
// file.
//
// Usage:
//
//	train [flags] -gold -o MODEL
//	train [flags] -gold -press -news DIR -o MODEL
//	train [flags] -o MODEL FILE ...
//
// The model is trained on the gold corpus that comes with the library (-gold),
// on passages in the manner of the press that come with it too (-press), on
// labelled news of which you have the texts (-news), on the files, or on all of
// these together, in this order. Each file is a table with a header that has
// at least the columns text and label; the columns id, group, document and
// target are used where they exist. Labels are FAVOR, AGAINST and NONE or their
// usual synonyms. Whatever is wrong with a file is reported with file, line and
// column, and then nothing is trained. Flags and files may stand in any order;
// after -- all are files.
//
// The settings are those of the library's default model unless flags change
// them; where any sentence names a target the opinion lexicon, which was written
// for the debate about #MeToo, has no part. The same command and the same
// sentences give the same model, byte for byte; the file remembers the command,
// without -o and directories, and the checksum of the sentences.
//
// All sentences are held in memory with their features, and those of characters
// are many: a million sentences of 115 bytes need 16 GB with the default settings.
//
// Examples, which choose settings by cross-validation for labelled sentences of
// one's own, and label an article with the model:
//
//	go run ./examples/train -grid -cv 5 comments.csv -o comments.model
//	go run ./examples/classify -model comments.model article.txt
//
// # Several targets
//
// What speaks for one target may speak against another. Where the sentences name
// more than one, a model is trained for each, and the file holds them all;
// -target NAME of the program classify says which of them is to label:
//
//	go run ./examples/train -cv 5 letters.csv -o letters.model
//	go run ./examples/classify -model letters.model -target "Tram line" article.txt
//
// Unless -targets says otherwise the models share weights: each word has one
// that is the same for all targets, and one of the target's own is added to it
// (feature augmentation, Daumé III 2007). So targets with few sentences learn
// from those with many.
//
// # The model news
//
// The default model knows only text that was written for it. The model news has
// learnt from the same and from 2,059 sentences of 168 pieces of news and opinion.
// The library has the labels of these sentences and not their texts, so it cannot
// be shipped; whoever has the public data set of which the pieces are can make it:
//
//	git clone https://github.com/ramybaly/Article-Bias-Prediction
//	git -C Article-Bias-Prediction checkout ced8111a
//	go run ./examples/train -gold -press -news Article-Bias-Prediction -o news.model
//
// Every sentence is checked against its checksum, so the model is the same
// whoever makes it. A file that is missing or a sentence that is another is an
// error that names it. The 23 pieces of the development split are read and
// checked too, but never trained on; the program tables tests on them.
//
// The articles belong to their publishers; the Apache License of the data set
// is for the collection. A model file holds words and pairs of words of the
// texts that it was trained on, with weights. Whether you may pass news.model
// on is for you to find out.
//
// Flags:
//
//	-gold
//		Train on the gold corpus.
//	-press
//		Train on the passages in the manner of the press.
//	-news DIR
//		Train on the training split of the news. DIR is a clone of the public
//		data set: the articles are DIR/data/jsons/ID.json.
//	-incomplete
//		With -news: name on standard error what is missing or another text, and
//		go on with the other sentences. The model is then not the model news.
//	-format csv|tsv|jsonl
//		Format of the files. Without it each file's name tells: .csv, .tsv,
//		.jsonl, and the same with .gz after it.
//	-target NAME
//		Keep only the sentences of this target. Not with -gold, -press or
//		-news, whose sentences all have one target.
//	-targets shared|separate|ignored
//		What sentences of several targets make: models that share weights;
//		separate models, each of the sentences of its target alone, of which
//		two labels must occur; or one model that knows of no targets.
//	-algorithm NAME
//		logistic-regression, logistic-one-vs-rest, linear-svm,
//		linear-svm-hinge, ridge, multinomial-bayes, complement-bayes or nb-svm;
//		logistic-regression unless given.
//	-C X
//		Weight of the losses against the penalty, a positive number: the
//		greater, the closer the model follows the training data. 1 unless given.
//	-balanced
//		Weigh the labels as if they were equally frequent, as is done unless
//		-balanced=false is given, which counts every sentence alike.
//	-cv K
//		Print precision, recall and F1 of the settings by K-fold
//		cross-validation, and F1 for each target if there are several. No
//		group or document is split between folds.
//	-grid
//		Choose C from 0.1, 0.3, 1, 3 and 10, and -balanced or not, by the
//		macro-F1 of cross-validation (5 folds, or those of -cv), and print
//		every choice. Several targets have one choice, by the macro-F1 of all
//		their sentences. The best of ten is a little better than it will be on new
//		text, and so is what -cv prints of it.
//	-quiet
//		Show no progress. It is shown on standard error if that is a terminal.
//	-o MODEL
//		The file to write. It is replaced as a whole or not at all.
//
// Tables and the settings that -grid chose go to standard output. The last line
// on standard error says what was trained, and with which settings. The exit
// status is 0, 1 after a failure, and 2 for wrong usage.
package main

import (
	_ "embed"

	"example.org/metoostance/examples/internal/program"
)

//go:embed doc.go
var source string

var manual = program.NewManual("train", source)
