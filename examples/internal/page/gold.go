package page

import (
	"strings"

	"example.org/metoostance/stance"
)

// A verdict says what the gold labels say of a sentence.
type verdict struct {
	Compared bool   // whether a gold label is of exactly this sentence
	Wrong    bool   // whether that label is another than the sentence has
	Gold     string // the gold label, or those of a sentence that is cut otherwise
}

// A comparison sums the verdicts up.
type comparison struct {
	Gold       int // gold labels
	Compared   int // sentences that are exactly those of a gold label
	Right      int
	Wrong      int
	Abstained  int // of the compared, without a label
	Otherwise  int // sentences that are cut otherwise than the gold, or have none
	Unmatched  int // gold labels of no sentence
	Predicted  []labelName
	Confusions []confusion
}

// A confusion has the number of sentences of a gold label that have each of the
// predicted labels.
type confusion struct {
	labelName
	N []confusionCell
}

type confusionCell struct {
	N    int
	Same bool // whether the predicted label is the gold label
}

// compare compares the sentences with the gold labels. Only a sentence of
// exactly the same bytes as a gold label's is compared: what the label of half
// a sentence would be nobody has said. It returns nil if there is no gold.
func compare(d Document) ([]verdict, *comparison) {
	if d.Gold == nil {
		return nil, nil
	}
	c := &comparison{Gold: len(d.Gold)}
	verdicts := make([]verdict, len(d.Sentences))
	var n [stance.None + 1][stance.None + 1]int // by gold and predicted label
	first := 0
	for i, s := range d.Sentences {
		for first < len(d.Gold) && d.Gold[first].End <= s.Start {
			first++
		}
		var names []string
		for _, g := range d.Gold[first:] {
			if g.Start >= s.End {
				break
			}
			names = append(names, nameOf(g.Label).Name)
			if g.Span != s.Span {
				continue
			}
			verdicts[i].Compared = true
			n[g.Label][s.Label]++
			c.Compared++
			switch s.Label {
			case g.Label:
				c.Right++
			case stance.Unlabelled:
				c.Abstained++
			default:
				c.Wrong++
				verdicts[i].Wrong = true
			}
		}
		verdicts[i].Gold = strings.Join(names, " + ")
	}
	c.Otherwise = len(d.Sentences) - c.Compared
	c.Unmatched = c.Gold - c.Compared
	c.Predicted = labels[:stance.NumLabels]
	if c.Abstained > 0 {
		c.Predicted = labels[:]
	}
	for _, g := range labels[:stance.NumLabels] {
		row := confusion{labelName: g}
		for _, p := range c.Predicted {
			row.N = append(row.N, confusionCell{n[g.label][p.label], p == g})
		}
		c.Confusions = append(c.Confusions, row)
	}
	return verdicts, c
}
