package main

import (
	"context"
	"time"
)

// speed times training on the gold corpus and labelling it one sentence at a
// time. It is the only table with a clock in it.
func speed(ctx context.Context, l *lab) (*table, error) {
	t := &table{
		title: "Speed on this machine",
		columns: []column{
			textColumn("model", "model"),
			{head: "training, s", metric: "training time in seconds", digits: 2},
			{head: "sentences/s", metric: "sentences classified in a second, one goroutine"},
			{head: "MB/s", metric: "megabytes of text classified in a second, one goroutine", digits: 2},
		},
		notes: []string{"One run, training on the whole gold corpus without calibration and labelling its sentences. These figures differ from run to run: to compare models use go test -bench and benchstat."},
	}
	t.notes = append(t.notes, l.newsModelNote()...)
	bytes := 0
	for _, e := range l.gold {
		bytes += len(e.Text)
	}
	all, _ := l.compared()
	for _, m := range all {
		l.say("timing " + m.name)
		start := time.Now()
		c, err := m.train(ctx, l.gold)
		if err != nil {
			return nil, err
		}
		training := time.Since(start).Seconds()
		start = time.Now()
		for _, e := range l.gold {
			c.Classify(e.Text)
		}
		seconds := time.Since(start).Seconds()
		t.add(text(m.name), number(training), number(float64(len(l.gold))/seconds), number(float64(bytes)/seconds/1e6))
	}
	return t, nil
}
