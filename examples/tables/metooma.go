package main

import (
	"context"
	"fmt"
	"strings"

	"example.org/metoostance/data"
	"example.org/metoostance/eval"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// meTooMABlocks are the rows, both ends included, in which the labels of
// MeTooMA are displaced alike; see [data.MeTooMAOptions].
var meTooMABlocks = [][2]int{{0, 819}, {920, 1099}, {1420, 4692}, {4693, 9039}}

// blockOf returns the place of a row among the blocks, and -1 for one that is
// in none.
func blockOf(row int) int {
	for b, rows := range meTooMABlocks {
		if rows[0] <= row && row <= rows[1] {
			return b
		}
	}
	return -1
}

// blockName is what [eval.LeaveOneSourceOut] tells blocks by.
func blockName(row int) string {
	b := meTooMABlocks[blockOf(row)]
	return fmt.Sprintf("rows %d to %d", b[0], b[1])
}

// meTooMAExamples are the tweets of the blocks. Tweets that differ only in
// mentions, links, letter case or punctuation share a group, for the set is
// full of retweets.
func meTooMAExamples(m *data.MeTooMA) (examples []stance.Example, block map[string]string, err error) {
	all, err := m.Examples()
	if err != nil {
		return nil, nil, err
	}
	block = map[string]string{}
	for i, t := range m.Tweets {
		if blockOf(t.Row) < 0 {
			continue
		}
		e := all[i]
		e.Group = essence(e.Text)
		if e.Group == "" {
			e.Group = e.ID
		}
		block[e.ID] = blockName(t.Row)
		examples = append(examples, e)
	}
	return examples, block, nil
}

// essence is what retweets share: the words, numbers and hashtags of a tweet
// without the mark of a retweet.
func essence(tweet string) string {
	var words []string
	for i, t := range (features.Tokenizer{}).Tokens(tweet) {
		switch {
		case t.Kind == features.Mention, t.Kind == features.URL:
		case i == 0 && t.Text == "rt":
		default:
			words = append(words, t.Text)
		}
	}
	return strings.Join(words, " ")
}

const meanAUC = "mean of the ROC AUC of FAVOR and of AGAINST"

// meTooMAPublished are results on the labels as published.
var meTooMAPublished = []struct {
	what   string
	metric string
	value  float64
}{
	{"published: best of the set's 2020 challenge", meanAUC, 0.564},
	{"published: BERTweet, stance", eval.MacroF1.Name, 0.32},
}

func meTooMA(ctx context.Context, l *lab) (*table, error) {
	favor, against := eval.AUCOf(stance.Favor), eval.AUCOf(stance.Against)
	t := &table{
		title: "MeTooMA, labels as published and realigned, each block of rows left out in turn, beside published figures",
		columns: []column{
			textColumn("model", "model"), textColumn("labels", "labels"), textColumn("tested on", "tested_on"), counts("tweets", "tweets"),
			estimates("AUC Support", favor.Name), estimates("AUC Oppose", against.Name), figures("mean AUC", meanAUC),
			estimates("macro-F1", eval.MacroF1.Name), figures("F_avg", eval.FAvg.Name),
		},
		notes: []string{
			"Support is FAVOR, Oppose AGAINST, neither NONE. The four blocks are the rows whose labels are displaced alike; both kinds of labels are measured on the tweets of these blocks. " +
				"A block is predicted by the model that was trained on the others, without the tweets that it shares words with (retweets). " +
				"In the rows 0 to 819 the labels were never displaced: there both kinds are the same and only training differs. Even realigned the labels are noisy.",
			"AUC is the probability that a tweet of the class gets a higher probability of it than another; chance is 0.5, and a little less for a constant answer that differs from block to block. macro-F1 is over three classes, F_avg the mean of F1 of FAVOR and AGAINST; counts are pooled over the blocks. " +
				"Settings are those of table models/gold: nothing was tuned here, and probabilities are not calibrated.",
			fmt.Sprintf("Intervals are 95 %% percentile bootstrap intervals (%d resamples) that draw whole groups of tweets with the same words.", l.resamples),
			"Published figures are on the labels as published, with other splits, and quoted at second hand; that of the challenge is the mean AUC over all of its labels, not of stance alone.",
		},
	}
	first := blockName(0)
	for _, m := range append([]model{majority()}, linearModels()...) {
		for _, labels := range []struct {
			name string
			set  *data.MeTooMA
		}{{"as published", l.published}, {"realigned", l.realigned}} {
			examples, block, err := meTooMAExamples(labels.set)
			if err != nil {
				return nil, err
			}
			l.say("MeTooMA " + labels.name + ": " + m.name)
			r, _, err := eval.LeaveOneSourceOut(ctx, examples, func(e stance.Example) string { return block[e.ID] }, m.train)
			if err != nil {
				return nil, fmt.Errorf("MeTooMA, %s: %w", m.name, err)
			}
			whole, err := r.Sample()
			if err != nil {
				return nil, err
			}
			for _, where := range []part{
				{"all blocks", func(stance.Example) bool { return true }},
				{first, func(e stance.Example) bool { return block[e.ID] == first }},
			} {
				s, err := whole.Where(where.in)
				if err != nil {
					return nil, fmt.Errorf("MeTooMA, %s: %w", where.name, err)
				}
				row := []cell{text(m.name), text(labels.name), text(where.name), count(s.Len())}
				mean := 0.0
				for _, metric := range []eval.Metric{favor, against, eval.MacroF1} {
					c, err := l.interval(s, metric, l.bootstrap())
					if err != nil {
						return nil, err
					}
					if metric.Name == eval.MacroF1.Name {
						row = append(row, number(mean))
					} else {
						mean += c.value / 2
					}
					row = append(row, c)
				}
				t.add(append(row, figure(s.Confusion().FAvg()))...)
			}
		}
	}
	for _, p := range meTooMAPublished {
		row := make([]cell, len(t.columns))
		row[0], row[1] = text(p.what), text("as published")
		for j, c := range t.columns {
			if c.metric == p.metric {
				row[j] = number(p.value)
			}
		}
		t.add(row...)
	}
	return t, nil
}
