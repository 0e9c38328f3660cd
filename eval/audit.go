package eval

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"example.org/metoostance/stance"
)

// AuditOptions says what to look for. The zero value is good for most uses.
type AuditOptions struct {
	// Splits tells which part of the data each example is in: training or
	// test, or a fold. Nil means that there are no parts.
	Splits []int
	// Similarity is the least similarity of near-duplicates, above 0 and up to
	// 1; 0 means 0.8. See [NearDuplicates].
	Similarity float64
}

// An Audit tells what speaks against trusting a data set.
type Audit struct {
	// Duplicates are the sets of near-identical texts, as rows in ascending
	// order, the sets by their first row.
	Duplicates [][]int
	// Leaks are those of Duplicates that have texts in different splits: what
	// is tested has been trained on.
	Leaks [][]int
	// Contradictions are those of Duplicates in which two texts of one target
	// have different labels. Pairs with the same Group are not counted, since
	// contrast pairs are written to be alike.
	Contradictions [][]int
	// Alignment tells whether labels stand beside their texts.
	Alignment *Alignment

	rows int
}

// NewAudit examines a data set. The examples must be in the order of the files
// they come from, rows without a text included: see [LabelAlignment]. Options
// that do not fit the examples are errors, and so is the end of ctx.
func NewAudit(ctx context.Context, examples []stance.Example, o AuditOptions) (*Audit, error) {
	if o.Similarity == 0 {
		o.Similarity = 0.8
	}
	if o.Splits != nil && len(o.Splits) != len(examples) {
		return nil, fmt.Errorf("eval: %d examples but %d splits", len(examples), len(o.Splits))
	}
	duplicates, err := NearDuplicates(examples, o.Similarity)
	if err != nil {
		return nil, err
	}
	a := &Audit{Duplicates: duplicates, rows: len(examples)}
	for _, set := range a.Duplicates {
		if o.Splits != nil && slices.ContainsFunc(set, func(i int) bool { return o.Splits[i] != o.Splits[set[0]] }) {
			a.Leaks = append(a.Leaks, set)
		}
		if contradictory(examples, set) {
			a.Contradictions = append(a.Contradictions, set)
		}
	}
	if a.Alignment, err = LabelAlignment(ctx, examples); err != nil {
		return nil, err
	}
	return a, nil
}

// contradictory tells whether two of a set of examples have the same target,
// different labels and no group in common.
func contradictory(examples []stance.Example, set []int) bool {
	for i, x := range set {
		for _, y := range set[:i] {
			a, b := &examples[x], &examples[y]
			if a.Target == b.Target && a.Label != b.Label && a.Label.Valid() && b.Label.Valid() &&
				(a.Group == "" || a.Group != b.Group) {
				return true
			}
		}
	}
	return false
}

// Findings says what was found in sentences for a report, the gravest first.
// It is empty when nothing speaks against the set. Rows count from 0.
func (a *Audit) Findings() []string {
	var findings []string
	for _, b := range a.Alignment.Displaced() {
		findings = append(findings, fmt.Sprintf("the labels of rows %d to %d stand %+d rows from their texts", b.From, b.To-1, b.Shift))
	}
	report := func(sets [][]int, what string) {
		rows := 0
		for _, set := range sets {
			rows += len(set)
		}
		if rows > 0 {
			findings = append(findings, fmt.Sprintf("%d of %d rows %s", rows, a.rows, what))
		}
	}
	report(a.Leaks, "are near-duplicates of one another across splits")
	report(a.Contradictions, "are near-duplicates of one another with different labels")
	return findings
}

// shingle is the number of characters in the pieces that texts are compared by.
const shingle = 5

// NearDuplicates finds the sets of texts that are the same but for little.
// Texts are compared by the sets of runs of five characters in them, in lower
// case, with white space and punctuation made one space, and without user
// names and addresses, which differ between copies of a post. Two texts belong
// together when the parts of these sets that they share are at least the given
// similarity (Jaccard's coefficient), and so do all that are connected by such
// pairs. The result is exact, not a sketch. Texts without letters or digits
// belong to none.
//
// Each set is rows in ascending order; sets are in the order of their first
// row. A similarity that is not above 0 and up to 1 is an error.
func NearDuplicates(examples []stance.Example, similarity float64) ([][]int, error) {
	if !(similarity > 0 && similarity <= 1) {
		return nil, fmt.Errorf("eval: similarity %v, want one above 0 and up to 1", similarity)
	}
	// Texts with the same shingles are one, so that a thousand copies are not
	// compared a million times.
	var texts []duplicate
	known := map[string]int{}
	frequency := map[string]int{}
	for i := range examples {
		normal := normalize(examples[i].Text)
		if normal == "" {
			continue
		}
		if t, ok := known[normal]; ok {
			texts[t].rows = append(texts[t].rows, i)
			continue
		}
		known[normal] = len(texts)
		pieces := shingles(normal)
		for _, p := range pieces {
			frequency[p]++
		}
		texts = append(texts, duplicate{rows: []int{i}, pieces: pieces})
	}

	// Rank the shingles from the rarest to the most frequent, and compare
	// texts from the shortest to the longest.
	ranked := make([]string, 0, len(frequency))
	for p := range frequency {
		ranked = append(ranked, p)
	}
	slices.SortFunc(ranked, func(a, b string) int {
		return cmp.Or(cmp.Compare(frequency[a], frequency[b]), cmp.Compare(a, b))
	})
	rank := make(map[string]int32, len(ranked))
	for r, p := range ranked {
		rank[p] = int32(r)
	}
	for t := range texts {
		for _, p := range texts[t].pieces {
			texts[t].ranks = append(texts[t].ranks, rank[p])
		}
		slices.Sort(texts[t].ranks)
	}
	slices.SortStableFunc(texts, func(a, b duplicate) int { return cmp.Compare(len(a.ranks), len(b.ranks)) })

	parent := alone(len(texts))
	find := func(t int) int {
		for parent[t] != t {
			parent[t] = parent[parent[t]]
			t = parent[t]
		}
		return t
	}
	// Two sets that share enough have one of the rarest members of each in
	// common: of n members, all but similarity times n, and one more
	// (Chaudhuri, Ganti and Kaushik 2006, prefix filtering).
	index := map[int32][]int{}
	compared := make([]int, len(texts)) // with which text last, + 1
	for t := range texts {
		ranks := texts[t].ranks
		n := len(ranks)
		for _, r := range ranks[:n-atLeast(similarity, n)+1] {
			for _, u := range index[r] {
				if compared[u] == t+1 {
					continue
				}
				compared[u] = t + 1
				if a, b := find(t), find(u); a != b && similar(texts[u].ranks, ranks, similarity) {
					parent[a] = b
				}
			}
			index[r] = append(index[r], t)
		}
	}

	members := make([][]int, len(texts))
	for t := range texts {
		root := find(t)
		members[root] = append(members[root], texts[t].rows...)
	}
	var sets [][]int
	for _, rows := range members {
		if len(rows) > 1 {
			slices.Sort(rows)
			sets = append(sets, rows)
		}
	}
	slices.SortFunc(sets, func(a, b []int) int { return cmp.Compare(a[0], b[0]) })
	return sets, nil
}

// A duplicate is the rows that have one normalized text.
type duplicate struct {
	rows   []int
	pieces []string // shingles, each once
	ranks  []int32  // the same as ranks, ascending
}

// atLeast returns the least number that is similarity times n or more, allowing
// for rounding.
func atLeast(similarity float64, n int) int {
	return max(1, int(math.Ceil(float64(similarity*float64(n))-1e-9)))
}

// similar tells whether Jaccard's coefficient of two ascending sets, the first
// no greater than the second, is similarity or more.
func similar(a, b []int32, similarity float64) bool {
	if len(a) < atLeast(similarity, len(b)) {
		return false
	}
	shared, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			shared, i, j = shared+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return shared >= atLeast(similarity, len(a)+len(b)-shared)
}

// normalize returns the words of a text that are no addresses or user names, in
// lower case with single spaces between them.
func normalize(text string) string {
	var b strings.Builder
	for _, field := range strings.Fields(strings.ToLower(text)) {
		if strings.HasPrefix(field, "@") || strings.HasPrefix(field, "http://") || strings.HasPrefix(field, "https://") {
			continue
		}
		for _, word := range strings.FieldsFunc(field, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
			if b.Len() > 0 {
				b.WriteByte(' ')
			}
			b.WriteString(word)
		}
	}
	return b.String()
}

// shingles returns the runs of characters of a text, each once; of a shorter
// text, itself.
func shingles(text string) []string {
	starts := make([]int, 0, len(text)+1)
	for i := range text {
		starts = append(starts, i)
	}
	starts = append(starts, len(text))
	if len(starts) <= shingle {
		return []string{text}
	}
	pieces := make([]string, 0, len(starts)-shingle)
	for i := range len(starts) - shingle {
		pieces = append(pieces, text[starts[i]:starts[i+shingle]])
	}
	slices.Sort(pieces)
	return slices.Compact(pieces)
}
