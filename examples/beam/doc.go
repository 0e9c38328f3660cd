// Beam labels sentences with their stance toward the #MeToo movement by a
// pipeline of Apache Beam: FAVOR, AGAINST or NONE. It is for collections that
// outgrow one machine; on one machine it works too, by itself, without anything
// to be installed or downloaded.
//
// Usage:
//
//	beam [flags] -o DIR FILE ...
//	beam bench [-n N] [-workers N,N,...] [-runs N] [-readme FILE] [-quiet]
//
// It labels what the files hold and writes three files into the directory, each
// as a whole or not at all:
//
//	results.jsonl
//		An object for each sentence that was labelled, one on each line: source
//		and line, where it stands; id; day; label; p_favor, p_against and
//		p_none, the probabilities; and with -text the text. They are in the
//		order of the files and of their lines. label is empty if the model
//		abstained, day if it is not known.
//	failures.jsonl
//		An object for each sentence or line that could not be labelled: source,
//		line, id and day, as far as they are known; reason; and text, the
//		beginning of the text or of the line, in which bytes that are not valid
//		UTF-8 are written as U+FFFD.
//	counts.tsv
//		How many sentences of each day have which label: day, label and count,
//		tab-separated, with a header, in the order of days and labels.
//
// Nothing is lost: every line of the input is in one of the first two, and the
// program fails if they do not add up.
//
// The files are told by the endings of their names, in UTF-8:
//
//	.jsonl, .ndjson
//		One JSON object on each line, with the keys text and time, and id if
//		there is one. Other keys are not read. id may be a number.
//	.tsv, .tab
//		Tab-separated values without quoting. The first line is a header with
//		the columns text and time, and id if there is one, in any order. Other
//		columns are not read.
//	.txt
//		Plain text, such as an article, of at most 64 MiB. It is split into
//		sentences, which are numbered from 1: that is their id. Their day is not
//		known.
//
// time is 2018-01-31, 2018-01-31T15:04:05Z or the same with another offset,
// 2018-01-31 15:04:05 (taken as UTC), or Wed Jan 31 15:04:05 +0000 2018. What
// counts is the day in UTC. An empty time is one that is not known.
//
// A line that is blank, is no such object or has other fields than the header,
// is not valid UTF-8, has a NUL byte, no text or a time that does not exist, is
// a failure.
//
// Flags:
//
//	-o DIR
//		Where to write. It is made if it does not exist. While the program works
//		the directory also has a hidden one with parts of the output, so it
//		takes twice the room.
//	-format jsonl|tsv|text
//		How all files are written, whatever their names.
//	-model FILE
//		A model that the program train has written. Without it the model that
//		is part of the library labels.
//	-min-confidence P
//		Abstain where no label has at least this probability.
//	-max-line BYTES
//		The longest line, or sentence of a text, that is labelled; longer ones
//		are failures. 1048576 unless given.
//	-text
//		Write the text into the results.
//	-workers N
//		How many workers label at the same time. Without it as many as there
//		are processors, at most 8: Prism never runs more. On other runners it
//		is the number of branches of the pipeline, 1 unless given, and the
//		runner decides how many workers there are.
//	-quiet
//		Write nothing but errors to standard error. Without it a line says in
//		the end how many sentences have which label, and on a terminal another
//		one how far the work is.
//	-verbose
//		Write Beam's log to standard error.
//
// The pipeline runs in this process on Prism, Beam's local runner, which listens
// on a port of all interfaces of the machine while it runs. All flags of Beam are
// understood, too, for other runners; files are then best named by URLs that every
// worker can open (gs://):
//
//	-runner NAME
//		prism, unless given; flink, spark, universal (any job server),
//		dataflow, or direct.
//	-endpoint HOST:PORT
//		The job server of flink, spark and universal.
//	-environment_type DOCKER|PROCESS|EXTERNAL|LOOPBACK
//	-environment_config CONFIG
//		Where the workers run. LOOPBACK is this process.
//	-project, -region, -staging_location, -temp_location, ...
//		Those of dataflow. See Beam's documentation, and package
//		stancebeam for use in pipelines of your own.
//
// bench measures how many sentences a second are labelled with 1, 2 and 4
// workers (-workers) and prints a table. It makes a file of 1,000,000 sentences
// (-n) and runs the program on it, with as many processors as workers, each 3
// times in turn (-runs). -readme writes the table and what a billion sentences
// would cost into a Markdown file, between the lines "<!-- beam:begin -->" and
// "<!-- beam:end -->"; -quiet does not show on a terminal how far it is.
//
// Flags and files may stand in any order; after -- all are files. The exit
// status is 0, also if there are failures in failures.jsonl; 1 if the work could
// not be done; and 2 for wrong usage.
package main

import (
	_ "embed"

	"example.org/metoostance/examples/internal/program"
)

//go:embed doc.go
var source string

// manual is the package comment above.
var manual = program.NewManual("beam", source)
