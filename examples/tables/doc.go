// Tables measures the library's models and prints the results as tables, and
// draws some of them.
//
// Usage:
//
//	tables [-table NAME,...] [-format FORMAT] [-plots DIR] [flags for data]
//	tables -readme FILE [-check] [-table NAME,...] [-plots DIR] [flags for data]
//
// Without arguments it prints all tables that need nothing but the embedded
// gold corpus. Tables of other sets are added when their files are given; the
// texts of those sets are read and never printed.
//
// Tables:
//
//	models/gold            every model, grouped cross-validation, fixed settings: quick
//	models/articles        trained on the gold corpus, tested on the three articles
//	models/domains         the default model by kind of text, beside where it began
//	gold/models            nested cross-validation, intervals, paired tests
//	gold/parts             the reference model by register, genre, and lone or in a passage
//	gold/sources           leave-one-source-out: what a new register or genre costs
//	gold/steps             what each part of the default model gives: takes minutes
//	articles/models        the articles with intervals and the annotators as ceiling
//	news/models            the default model and model news on real news
//	semeval/models         SemEval-2016 Task 6 A beside published figures
//	metooma/models         MeTooMA, labels as published and realigned
//	curves/learning        quality by the amount of training data
//	curves/calibration     ECE, Brier score and log loss of probabilities
//	curves/reliability     accuracy by confidence
//	curves/risk-coverage   errors when the unsure answers are left out
//	curves/agreement       agreement of the annotators
//	speed/models           training time and throughput: differs from run to run
//	selection/settings     the choice of the fixed settings: takes long
//
// The tables gold/steps, speed/models and selection/settings are printed only
// when they are named. Every table but speed is
// the same to the last byte on every run, whatever GOMAXPROCS.
//
// Flags:
//
//	-table NAME,...
//		The tables to print. A name stands for one table (models/gold) or for
//		all below it (models). May be repeated.
//	-format text|markdown|csv|latex|json
//		How to print the tables; text unless given.
//	-plots DIR
//		Draw plots of the default model into files in DIR, which is made if it
//		is missing. Without -table and -readme nothing else is done.
//	-readme FILE
//		Write the tables into a Markdown file instead of printing them.
//	-check
//		With -readme: write nothing, and fail when a table is not what the
//		program makes.
//	-fold-seed N
//		Seed of the folds; 1 unless given.
//	-resample-seed N
//		Seed of intervals and paired tests; 1 unless given.
//	-quiet
//		Do not show what is being measured, which is shown on standard error if
//		that is a terminal, and do not name the plots that are written. What is
//		left out is still said.
//
// Flags for data:
//
//	-articles DIR
//		The texts of the three articles.
//	-news DIR
//		A clone of the public data set that the news are from; go doc
//		example.org/metoostance/data.News says which. It adds figures on the
//		news, and model news, which the program train makes, to every table
//		that has the default model.
//	-semeval-train FILE,...
//		Training data of SemEval-2016 Task 6 A. May be repeated.
//	-semeval-test FILE
//		Its test data. Without it the training data are cross-validated.
//	-metooma DIR
//		The label files of MeTooMA and the tweets.
//
// The formats:
//
//	text, markdown
//		For reading.
//	csv
//		Every table has a header of its own, its name in the first column and
//		a blank line before it, and an interval takes two further columns. A
//		text that a spreadsheet would take for a formula has a single quote in
//		front.
//	latex
//		Table environments that need no package.
//	json
//		Every figure is an object on a line of its own, with at least "table",
//		"model", "metric" and "value".
//
// The plots, of the same measurements as the tables, in SVG:
//
//	gold-confusion.svg          gold labels against predicted labels
//	gold-precision-recall.svg   each label against the two others
//	gold-reliability.svg        accuracy by confidence
//	gold-risk-coverage.svg      errors when the unsure answers are left out
//	gold-learning.svg           quality by the amount of training data
//	articles-confusion.svg      the same for the articles, with -articles
//	articles-reliability.svg    the same for the articles, with -articles
//
// Each file is replaced as a whole, has the same bytes on every run, and is
// named on standard error when it is written.
//
// With -readme the tables between the lines
//
//	<!-- tables: NAME NAME ... -->
//	<!-- /tables -->
//
// of the file are made anew, and the file is replaced as a whole or not at all.
// With -table only the tables of those names are looked at. Where a table needs
// files that are not given, or has rows of model news and -news is not given,
// all between its lines stays as it is, which is said on standard error.
//
// The exit status is 0, 1 after a failure or a failed check, and 2 for wrong
// usage.
package main

import (
	_ "embed"

	"example.org/metoostance/examples/internal/program"
)

//go:embed doc.go
var source string

var manual = program.NewManual("tables", source)
