// Serve labels texts with their stance toward the #MeToo movement over HTTP:
// FAVOR, AGAINST or NONE.
//
// Usage:
//
//	serve [-addr HOST:PORT] [-model FILE] [-min-confidence P] [flags]
//
// Start it, and open the page http://127.0.0.1:8080/ to paste a text into, or
// send it one:
//
//	curl -H 'Content-Type: text/plain' --data-binary @article.txt http://127.0.0.1:8080/v1/classify
//	curl -H 'Content-Type: application/json' -d '{"text": "We owe the survivors our thanks."}' http://127.0.0.1:8080/v1/classify
//	curl -H 'Content-Type: application/x-ndjson' -T sentences.jsonl -X POST http://127.0.0.1:8080/v1/classify
//
// It keeps no state, stores no text and logs none. It has neither encryption nor
// accounts: before it listens on more than the own machine, put a proxy in front
// of it that has both.
//
// Flags:
//
//	-addr HOST:PORT
//		Where to listen. Without it 127.0.0.1:8080, which only programs on
//		the same machine can reach. Port 0 takes a free one. The address
//		goes to standard error.
//	-model FILE
//		A model that the program train has written. Without it the model that
//		is part of the library labels.
//	-min-confidence P
//		Abstain, with the label null, where no label has at least the
//		probability P, from 0 to 1. Without it what the model was trained
//		with, which is 0 for the library's own.
//	-max-body BYTES
//		The greatest body of text or JSON. Without it 1048576. A body of the
//		worst kind, with a sentence in every two bytes, takes some 130 times
//		as much memory while it is answered.
//	-max-line BYTES
//		The greatest line of JSON Lines, whose number has no limit. Without
//		it 262144.
//	-max-requests N
//		Requests with a text that are answered at once; one more gets the
//		status 503. Without it 16.
//	-timeout DURATION
//		Time for a body to arrive, and again for it to be answered and the
//		answer to be taken by the client; with JSON Lines, for each line.
//		Without it 30s.
//	-max-stream DURATION
//		Time for JSON Lines as a whole. Without it 1h.
//	-grace DURATION
//		Time for running requests to end after SIGINT or SIGTERM. Without it
//		10s.
//	-quiet
//		Do not log requests. Else each is a line on standard error: method,
//		path, status, bytes in and out, duration.
//
// What it answers:
//
//	GET /
//		A page with a form. The form posts to the same address, which answers
//		with a page that shows the text's sentences, their labels and why. It
//		needs no script.
//	GET /healthz
//		{"status": "ok", "version": "0.1.0"}
//	POST /v1/classify
//		Labels texts. What the body is, its Content-Type says:
//
//		text/plain
//			A text, which is split into sentences. The answer is
//			{"sentences": [S, ...]} in their order, each S being such as
//			{"start": 0, "end": 33, "text": "...", "label": "FAVOR",
//			"probabilities": {"FAVOR": 0.8, "AGAINST": 0.1, "NONE": 0.1}}.
//			The bytes of the text from start up to end are the sentence.
//		application/json
//			One object with one key.
//			{"text": "..."} is a sentence that stands alone, as it is; the
//			answer is {"label": ..., "probabilities": ...}.
//			{"texts": ["...", ...]} are many such; the answer is
//			{"predictions": [{"label": ..., "probabilities": ...}, ...]} in
//			their order.
//			{"document": "..."} is a text like one of text/plain, with the
//			same answer; start and end count the bytes of the string in
//			UTF-8.
//		application/x-ndjson or application/jsonl
//			JSON Lines: on each line an object as in application/json. Each
//			is answered with one line, in order, while more arrive: what it
//			would be answered with by itself, with its number as "line", or
//			the problem with it. The other lines are not affected. A line of
//			nothing but white space is counted and not answered. The answer
//			begins before the body ends, and must be read while the body is
//			sent. Where the body breaks off or takes too long, the last line
//			of the answer is a problem that says from which line on nothing
//			was read.
//
// Text is UTF-8, without compression. In JSON half a surrogate pair is read as
// U+FFFD. What a sentence is, and how a lone one is labelled, is written in the
// packages features and stance.
//
// A problem is an object as in RFC 9457, of the type application/problem+json
// unless it stands in JSON Lines:
//
//	{"title": "Bad Request", "status": 400, "detail": "...", "line": 7, "offset": 12}
//
// detail says what is wrong and never repeats the text. offset is the byte, from
// 0, of the body or line; line and offset are left out where there is none. The
// status is
//
//	400  the body is not UTF-8 or not the JSON that is wanted, or broke off
//	404  there is no such path
//	405  the path has other methods, which the field Allow names
//	408  the body did not arrive in time
//	413  the body or line is too long
//	415  the type of the body is another one, or it is compressed
//	503  too many requests at once; Retry-After says when to try again
//
// Speed, over the loopback interface, with clients in the same process, which
// share the processors with the service:
//
//	go test -run '^$' -bench Serve -benchtime 3s ./examples/serve
//
// With two processors (Intel Xeon, 20 November 2026, go1.26.8) that gave
//
//	body                   clients  requests/s  sentences/s  p50, ms  p99, ms
//	one sentence                 1      15,409       15,400     0.05     0.26
//	one sentence                 4      22,008       22,000     0.14     0.93
//	one sentence                16      25,508       25,500     0.53     2.63
//	100 sentences                1         643       64,300     1.36     2.32
//	100 sentences                4       1,030      103,000     3.79     6.73
//	100 sentences               16       1,054      105,000       14       31
//	article, 61 sentences        1         752       45,900     1.27     2.07
//	article, 61 sentences        4       1,614       98,400     2.35     5.27
//	article, 61 sentences       16       1,648      101,000     9.15       22
//	JSON Lines, 5,000            1          16       80,300       61       85
//	JSON Lines, 5,000            4          20       97,700      205      256
//	JSON Lines, 5,000           16          19       95,600      803    1,080
//
// A stream of 1,000,000 lines takes no more memory than a short one, about 90 MB
// with the default model.
//
// The exit status is 0 after SIGINT or SIGTERM if all requests could end, 1
// after a failure, and 2 for wrong usage.
package main

import (
	_ "embed"

	"example.org/metoostance/examples/internal/program"
)

//go:embed doc.go
var source string

var manual = program.NewManual("serve", source)
