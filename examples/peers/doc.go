// Peers measures this library side by side with scikit-learn, LIBLINEAR,
// fastText, other Go libraries and a limit program, and prints tables: one of
// speed and memory, one of quality.
//
// Usage:
//
//	peers [-quiet] corpus -n N -o FILE [-seed S]
//	peers [-quiet] run -scripts DIR [flags]
//	peers [-quiet] quality [flags]
//	peers stage NAME [flags]
//
// corpus makes a corpus of N lines, each a label, a tab and a sentence of about
// 115 bytes: the first half of one gold sentence and the second half of another,
// with the stance of either, and every twentieth word or so replaced by a
// pseudo-word from a long tail, so that the vocabulary keeps growing as it does
// in fresh text. The same N and seed give the same bytes, and a smaller corpus
// is the beginning of a greater one. It prints what it made.
//
// run makes the corpora, runs the programs of the peers and the stages of this
// library in turn, and prints the table. Times are only worth something on a
// machine that does nothing else. What is not installed is named, with the
// command that installs it, and left out of the table.
//
// quality trains every library on four fifths of the gold corpus and lets it
// label the fifth, in the five folds of the tables in the repository's README,
// and prints how well they do, with the time and the memory that it took. It
// takes some minutes, most of them scikit-learn's. The labels depend on nothing
// but the versions of the libraries; times are only worth something on a machine
// that does nothing else.
//
// stage is one measurement of this library or of another Go library in a process
// of its own, so that its peak memory means something. run and quality call it;
// it prints a JSON object.
//
// Flags of run:
//
//	-scripts DIR
//		Where the scripts that run the peers are: sklearn_bench.py,
//		liblinear.sh, fasttext.sh and golimit/. They are not part of this
//		repository.
//	-dir WORK
//		Where corpora, matrices and models are put, and stay. Without it they
//		go to a temporary directory that is removed at the end. The sizes
//		that are measured without -sizes need about 1 GB.
//	-sizes N,N,...
//		Sizes of the corpora, increasing. The second (or only) one serves most
//		rows, the first one the rows of characters and of latency, and all of
//		them the rows on growth. Without it 20000,200000,1000000.
//	-only ROW,...
//		Measure only these rows: classify, file, limit, threads, latency, chars,
//		vectorise, logistic, svm, multinomial, memory, growth.
//	-runs N
//		Runs of each side, in turn. Without it 3.
//	-format text|markdown
//		How the table is printed. Without it text.
//	-readme FILE
//		Also write the table, in Markdown, between the lines
//		"<!-- peers:begin -->" and "<!-- peers:end -->" of a file, which is
//		replaced as a whole or not at all. If a row fails the file stays.
//	-python PROGRAM
//		The Python that has scikit-learn. Without it /usr/bin/python3, which is
//		the one that Debian's packages belong to.
//	-seed S
//		Seed of the corpora. Without it 1.
//
// Flags of quality:
//
//	-only NAME,...
//		Measure only these, and the default model, to which all are compared:
//		bayesian, bayesian-tfidf, goml, nlp, sklearn-logistic, sklearn-svm,
//		sklearn-pairs, sklearn-characters, liblinear-svm, liblinear-logistic,
//		fasttext, fasttext-tutorial.
//	-readme FILE
//		Also write the table, in Markdown, between the lines
//		"<!-- quality:begin -->" and "<!-- quality:end -->" of a file, as run
//		does.
//	-dir WORK
//		Where the folds and the labels of all libraries are put. The labels
//		stay. Without it they go to a temporary directory that is removed at
//		the end.
//	-format text|markdown
//	-python PROGRAM
//		As those of run.
//
// Columns of quality: macro-F1 is the mean of F1 of FAVOR, AGAINST and NONE, and
// F_avg that of FAVOR and AGAINST, of the labels of all folds together, with 95 %
// bootstrap intervals that draw whole passages and contrast groups (2000
// resamples). p is that of paired approximate randomisation of macro-F1 against
// the default model, which exchanges the labels of whole passages and contrast
// groups (10000 rounds), adjusted by Holm over the table. train and classify are
// the median over the folds, and how many times as long as the default model's
// in the same fold, with the least and the greatest in brackets. Peak memory is
// the greatest of all folds.
//
// Tables go to standard output, what is being done to standard error: a line
// with the time for each step, so that it can be kept beside the table, and not
// with -quiet, which leaves the errors alone. What is not installed the table
// tells too. The exit status is 0, 1 after a failure, and 2 for wrong usage. A row that is not
// reached is not a failure; a row that could not be measured is.
package main

import (
	_ "embed"

	"example.org/metoostance/examples/internal/program"
)

//go:embed doc.go
var source string

// manual is the package comment above.
var manual = program.NewManual("peers", source)
