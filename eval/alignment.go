package eval

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"unicode"

	"example.org/metoostance/stance"
)

// A Block is a run of rows of a data set whose labels stand at one distance
// from their texts.
type Block struct {
	// From and To are the rows of the texts, From inclusive, To exclusive.
	From, To int
	// Shift is how many rows further down their labels stand: the label of
	// the text in row i is in row i+Shift. It is 0 where labels stand beside
	// their texts.
	Shift int
	// Score is the evidence in nats: the logarithm of how much likelier the
	// labels are beside these texts than beside any others.
	Score float64
}

// An Alignment tells where in a data set the labels of the texts are.
type Alignment struct {
	// Blocks are the runs of rows for which the texts tell where their labels
	// are, in order. Nothing is known of the rows between them. No block at
	// all means that labels cannot be predicted from texts at any distance,
	// which also happens when there are too few rows.
	Blocks []Block
}

// Displaced returns the blocks whose labels do not stand beside their texts.
func (a *Alignment) Displaced() []Block {
	var displaced []Block
	for _, b := range a.Blocks {
		if b.Shift != 0 {
			displaced = append(displaced, b)
		}
	}
	return displaced
}

// LabelAlignment tests whether labels stand beside their texts: whether they
// are predictable from their own texts better than from texts some rows away.
// The examples must be in the order of the files they come from, since a
// mistake in making a data set moves whole runs of rows. A row without a text
// or without a label is skipped, and must be there all the same.
//
// The search knows nothing beforehand. It takes texts and labels as two
// sequences and looks for their local alignments without gaps, as programs for
// DNA do:
//
//  1. For windows of rows and all shifts it measures whether words go with
//     labels in the odd rows as they do in the even ones. The window and the
//     shift where they do most are the first block.
//  2. A naive Bayes classifier learns from the blocks known so far. For every
//     shift, the run of rows with the greatest sum of log-likelihood ratios is
//     found. Runs that chance would give once in a thousand such searches
//     (Karlin and Altschul 1990) are the blocks to learn from next, until they
//     no longer change. No row is scored by a classifier that has learnt from
//     it or from one with the same words.
//  3. What lies between the blocks is searched as in step 1 for texts that
//     have something of their own in common with their labels.
//
// What neighbouring rows share counts for nothing, so that a set sorted by
// topic, target or label does not deceive it: labels and classifier scores are
// taken relative to the 25 rows on either side.
//
// Time grows with the square of the number of rows. The result does not depend
// on GOMAXPROCS. The only error is that of ctx.
func LabelAlignment(ctx context.Context, examples []stance.Example) (*Alignment, error) {
	a := newAligner(examples)
	seed, err := a.first(ctx)
	if err != nil || seed == nil {
		return &Alignment{}, err
	}
	blocks, shifts := []Block{*seed}, []int{seed.Shift}
	for {
		if blocks = a.settle(blocks, shifts); len(blocks) == 0 {
			break
		}
		s := a.fit(blocks)
		more, err := a.elsewhere(ctx, s, blocks)
		if err != nil {
			return nil, err
		}
		if len(more) == 0 {
			if more, err = a.between(ctx, blocks); err != nil {
				return nil, err
			}
		}
		before := len(shifts)
		for _, b := range more {
			if !slices.Contains(shifts, b.Shift) {
				shifts = append(shifts, b.Shift)
			}
		}
		if len(shifts) == before {
			break
		}
		blocks = append(blocks, more...)
	}
	slices.SortFunc(blocks, func(x, y Block) int { return cmp.Compare(x.From, y.From) })
	return &Alignment{Blocks: blocks}, nil
}

const (
	// neighbourhood is the number of rows on either side that a row is
	// compared with.
	neighbourhood = 25
	// mostWindow and leastWindow bound the number of rows in which step 1
	// looks for a first block.
	mostWindow, leastWindow = 2048, 512
	// leastGap is the least number of rows between blocks that is searched.
	leastGap = 100
	// seedSpread is how many standard deviations a shift must stand out among
	// all shifts. By chance alone the greatest of twenty thousand is at about
	// 4; runs of copied texts carry it to 7.
	seedSpread = 8
	// chance is the probability of a block in a set without any.
	chance = 0.001
	// mostRounds bounds the rounds of step 2, which settle after two or three.
	mostRounds = 6
	// columns are the labels that are followed, FAVOR and AGAINST. NONE is
	// what remains.
	columns = 2
	// labelUnit makes labels whole numbers, so that sums are exact.
	labelUnit = 256
)

type pair [columns]float64

// An aligner holds the two sequences.
type aligner struct {
	n     int
	words [][]int32  // the features of each text, ascending
	fold  []int      // of each text, for cross-fitting
	vocab int        // number of features
	rows  [][]int32  // the rows that have each feature
	label []int      // of each row: index, or -1
	local [][2]int32 // of each row: FAVOR and AGAINST less their local means, in labelUnits
	power [2]float64 // mean square of local over the labelled rows
}

func newAligner(examples []stance.Example) *aligner {
	a := &aligner{n: len(examples)}
	a.read(examples)
	a.label = make([]int, a.n)
	var sums [columns][]int
	for c := range sums {
		sums[c] = make([]int, a.n+1)
	}
	known := make([]int, a.n+1)
	for i := range examples {
		for c := range sums {
			sums[c][i+1] = sums[c][i]
		}
		known[i+1] = known[i]
		a.label[i] = -1
		if l := examples[i].Label; l.Valid() {
			a.label[i] = index(l)
			known[i+1]++
			if a.label[i] < columns {
				sums[a.label[i]][i+1]++
			}
		}
	}
	a.local = make([][2]int32, a.n)
	for i, l := range a.label {
		if l < 0 {
			continue
		}
		from, to := max(0, i-neighbourhood), min(a.n, i+neighbourhood+1)
		for c := range sums {
			v := -labelUnit * (sums[c][to] - sums[c][from]) / (known[to] - known[from])
			if l == c {
				v += labelUnit
			}
			a.local[i][c] = int32(v)
			a.power[c] += float64(v * v)
		}
	}
	for c := range a.power {
		a.power[c] /= float64(max(known[a.n], 1))
	}
	return a
}

// read finds the words that are neither rare nor in every other text.
func (a *aligner) read(examples []stance.Example) {
	const least = 5 // texts that have a word
	texts := make([][]string, a.n)
	frequency := map[string]int{}
	for i := range examples {
		words := strings.FieldsFunc(strings.ToLower(examples[i].Text), func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r)
		})
		slices.Sort(words)
		texts[i] = slices.Compact(words)
		for _, w := range texts[i] {
			frequency[w]++
		}
	}
	var vocabulary []string
	for w, df := range frequency {
		if df >= least && df <= a.n/4 {
			vocabulary = append(vocabulary, w)
		}
	}
	slices.Sort(vocabulary)
	a.vocab = len(vocabulary)
	a.words = make([][]int32, a.n)
	a.rows = make([][]int32, a.vocab)
	a.fold = make([]int, a.n)
	for i, words := range texts {
		hash := uint64(14695981039346656037) // FNV-1a
		for _, w := range words {
			if f, ok := slices.BinarySearch(vocabulary, w); ok {
				a.words[i] = append(a.words[i], int32(f))
				a.rows[f] = append(a.rows[f], int32(i))
				hash = (hash ^ uint64(f)) * 1099511628211
			}
		}
		a.fold[i] = int(hash >> 32 % crossFits)
	}
}

// first looks for the window and the shift that stand out most, in smaller
// windows when they do not in greater ones. It returns nil when they do in
// none.
func (a *aligner) first(ctx context.Context) (*Block, error) {
	labels := newFree(a.n).labels
	for rows := mostWindow; rows >= leastWindow; rows /= 2 {
		found, err := a.scanAll(ctx, windows(nil, 0, a.n, rows), labels)
		if err != nil {
			return nil, err
		}
		best := found[0]
		for _, s := range found {
			if s.spread > best.spread {
				best = s
			}
		}
		if best.spread >= seedSpread {
			b := a.block(best)
			return &b, nil
		}
	}
	return nil, nil
}

// overlap returns the rows of the texts that have a label at a shift.
func (a *aligner) overlap(shift int) (from, to int) { return max(0, -shift), min(a.n, a.n-shift) }

// A seed is the shift that stands out most for the texts of a window, with how
// many standard deviations it does.
type seed struct {
	from, to, shift int
	spread          float64
}

// windows appends the rows from row from to row to, cut in windows of about the
// given number of rows.
func windows(cut [][2]int, from, to, rows int) [][2]int {
	n := max(1, (to-from+rows/2)/rows)
	for w := range n {
		cut = append(cut, [2]int{from + (to-from)*w/n, from + (to-from)*(w+1)/n})
	}
	return cut
}

// scanAll scans windows of rows concurrently.
func (a *aligner) scanAll(ctx context.Context, windows [][2]int, labels []bool) ([]seed, error) {
	found := make([]seed, len(windows))
	err := parallel(ctx, len(windows), func(w int) error {
		found[w] = a.scan(windows[w][0], windows[w][1], labels)
		return nil
	})
	return found, err
}

// block returns the block that a seed begins with: its window, as far as there
// are labels. Where it really begins and ends, settle finds out.
func (a *aligner) block(s seed) Block {
	from, to := a.overlap(s.shift)
	return Block{From: max(from, s.from), To: min(to, s.to), Shift: s.shift}
}

// scan measures for every shift how much the words of the texts from row from
// to row to go with labels alike in even and in odd rows. For word f, shift d
// and column c let z be the sum of the local labels of the even rows that have
// f, divided by the root of their number, and z' that of the odd rows. Where
// labels have nothing to do with the texts, the sum of z z' over f and c has
// mean 0 whatever d. Only labels that are free, and shifts at which at least
// half of the texts meet one, are looked at.
func (a *aligner) scan(from, to int, free []bool) seed {
	none := seed{from: from, to: to}
	n := a.n
	// Sums for shift d are kept at d+to-1, which is 0 for the last row and the
	// first label. The two columns are packed in one word.
	labels := make([]int64, n)
	met := make([]int32, n+to-from)
	for j, v := range a.local {
		if free[j] && a.label[j] >= 0 {
			labels[j] = int64(v[0])<<32 + int64(v[1])
			for i := from; i < to; i++ {
				met[j-i+to-1]++
			}
		}
	}
	var sums [2][]int64
	for h := range sums {
		sums[h] = make([]int64, n+to-from)
	}
	total := make([]float64, n+to-from)
	for _, rows := range a.rows {
		begin, _ := slices.BinarySearch(rows, int32(from))
		end, _ := slices.BinarySearch(rows, int32(to))
		var count [2]int
		for _, i := range rows[begin:end] {
			count[i&1]++
		}
		if count[0] < 2 || count[1] < 2 {
			continue
		}
		for h := range sums {
			clear(sums[h])
		}
		for _, i := range rows[begin:end] {
			at := sums[i&1][to-1-int(i):]
			for j, v := range labels {
				at[j] += v
			}
		}
		var scale [columns]float64
		for c, p := range a.power {
			if p > 0 {
				scale[c] = 1 / (p * math.Sqrt(float64(count[0]*count[1])))
			}
		}
		even, odd := sums[0], sums[1]
		for d := range total {
			e1, o1 := int32(even[d]), int32(odd[d])
			e0, o0 := int32((even[d]-int64(e1))>>32), int32((odd[d]-int64(o1))>>32)
			total[d] += float64(float64(int64(e0)*int64(o0))*scale[0]) + float64(float64(int64(e1)*int64(o1))*scale[1])
		}
	}

	best, square, eligible := -1, 0.0, 0
	for d, v := range total {
		if 2*int(met[d]) < to-from {
			continue
		}
		eligible++
		square += float64(v * v)
		if best < 0 || v > total[best] {
			best = d
		}
	}
	if best < 0 || square == 0 {
		return none
	}
	none.shift = best - (to - 1)
	none.spread = total[best] / math.Sqrt(square/float64(eligible))
	return none
}

// crossFits is the number of parts in which texts are scored by a classifier
// that has learnt from the other parts.
const crossFits = 5

// A scorer tells how much likelier a label is beside a text than elsewhere.
type scorer struct {
	a *aligner
	// weight[i] are what the local labels of row i+d are multiplied with, and
	// norm[i] is subtracted, so that the mean of exp(score) over all labels is
	// 1: the score is a log-likelihood ratio.
	weight []pair
	norm   []float64
}

func (s *scorer) score(i, shift int) float64 {
	v := &s.a.local[i+shift]
	w := &s.weight[i]
	return float64(w[0]*float64(v[0])) + float64(w[1]*float64(v[1])) - s.norm[i]
}

// fit learns from blocks which words go with which labels.
func (a *aligner) fit(blocks []Block) *scorer {
	type counts [crossFits][stance.NumLabels]float64
	words := make([]counts, a.vocab)
	var totals counts
	taught := make([]int, a.n) // row of the label + 1, of each text in a block
	for _, b := range blocks {
		for i := b.From; i < b.To; i++ {
			l := a.label[i+b.Shift]
			if l < 0 || len(a.words[i]) == 0 {
				continue
			}
			taught[i] = i + b.Shift + 1
			totals[a.fold[i]][l]++
			for _, f := range a.words[i] {
				words[f][a.fold[i]][l]++
			}
		}
	}

	// The log-odds of each word for FAVOR and for AGAINST against the rest,
	// without each part in turn, smoothed towards no odds.
	odds := make([][crossFits]pair, a.vocab)
	without := func(c *counts, part int) (per [stance.NumLabels]float64, all float64) {
		for k := range c {
			if k != part {
				for l, v := range c[k] {
					per[l] += v
					all += v
				}
			}
		}
		return per, all
	}
	for part := range crossFits {
		texts, all := without(&totals, part)
		for f := range words {
			has, hasAll := without(&words[f], part)
			for c := range columns {
				p := (hasAll + 1) / (all + 2)
				in := (has[c] + float64(2*p)) / (texts[c] + 2)
				out := (hasAll - has[c] + float64(2*p)) / (all - texts[c] + 2)
				odds[f][part][c] = math.Log(in / out)
			}
		}
	}
	s := &scorer{a: a, weight: make([]pair, a.n), norm: make([]float64, a.n)}
	for i, text := range a.words {
		for _, f := range text {
			for c, v := range odds[f][a.fold[i]] {
				s.weight[i][c] += v
			}
		}
	}
	s.localize()
	s.scale(taught)
	return s
}

// localize takes the weights relative to their local mean, and brings them to
// a mean square of 1. Long texts must not outweigh all others.
func (s *scorer) localize() {
	const most = 3
	n := s.a.n
	for c := range columns {
		sums, known := make([]float64, n+1), make([]int, n+1)
		for i := range s.weight {
			sums[i+1], known[i+1] = sums[i], known[i]
			if len(s.a.words[i]) > 0 {
				sums[i+1] += s.weight[i][c]
				known[i+1]++
			}
		}
		square := 0.0
		for i := range s.weight {
			if len(s.a.words[i]) > 0 {
				from, to := max(0, i-neighbourhood), min(n, i+neighbourhood+1)
				s.weight[i][c] -= (sums[to] - sums[from]) / float64(known[to]-known[from])
				square += float64(s.weight[i][c] * s.weight[i][c])
			}
		}
		if square == 0 {
			continue
		}
		deviation := math.Sqrt(square / float64(known[n]))
		for i := range s.weight {
			s.weight[i][c] = min(most, max(-most, s.weight[i][c]/deviation))
		}
	}
}

// scale makes log-likelihood ratios of the weights: it multiplies each column
// with the factor that fits the blocks best, to the first order, and sets the
// norms.
func (s *scorer) scale(taught []int) {
	a := s.a
	for c := range columns {
		both, own, n := 0.0, 0.0, 0
		for i, j := range taught {
			if j > 0 {
				w := s.weight[i][c]
				both += float64(w * float64(a.local[j-1][c]))
				own += float64(w * w)
				n++
			}
		}
		factor := 0.0
		if own > 0 && a.power[c] > 0 {
			factor = max(0, both/(own*a.power[c]))
		}
		for i := range s.weight {
			s.weight[i][c] *= factor
		}
	}
	const labels = 500 // enough for a mean
	step := max(1, a.n/labels)
	for i := range s.weight {
		if s.weight[i] == (pair{}) {
			continue
		}
		sum, n := 0.0, 0
		for j := 0; j < a.n; j += step {
			sum += math.Exp(s.score(i, j-i)) // norm[i] is still 0
			n++
		}
		s.norm[i] = math.Log(sum / float64(n))
	}
}

// settle learns from the blocks and finds the blocks of the given shifts anew,
// until they stay the same.
func (a *aligner) settle(blocks []Block, shifts []int) []Block {
	// The number of runs at one shift that score more than x by chance is at
	// most about rows times exp(-x).
	threshold := math.Log(float64(a.n*len(shifts))) - math.Log(chance)
	for range mostRounds {
		s := a.fit(blocks)
		free := newFree(a.n)
		var found []Block
		for {
			var best Block
			for _, shift := range shifts {
				if b := a.bestRun(s, shift, 0, a.n, free); b.Score > best.Score {
					best = b
				}
			}
			if best.Score < threshold {
				break
			}
			found = append(found, best)
			free.take(best)
		}
		same := slices.EqualFunc(found, blocks, func(x, y Block) bool {
			return x.From == y.From && x.To == y.To && x.Shift == y.Shift
		})
		blocks = found
		if same {
			break
		}
	}
	return blocks
}

// elsewhere looks at all shifts for blocks in what the known blocks leave.
func (a *aligner) elsewhere(ctx context.Context, s *scorer, blocks []Block) ([]Block, error) {
	// As in settle, for as many shifts as there are rows.
	threshold := 2*math.Log(float64(a.n)) - math.Log(chance)
	free := newFree(a.n)
	for _, b := range blocks {
		free.take(b)
	}
	best := make([]Block, 2*a.n-1)
	const chunk = 64
	err := parallel(ctx, (len(best)+chunk-1)/chunk, func(k int) error {
		for d := k * chunk; d < min(len(best), (k+1)*chunk); d++ {
			best[d] = a.bestRun(s, d-a.n+1, 0, a.n, free)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	best = slices.DeleteFunc(best, func(b Block) bool { return b.Score < threshold })
	slices.SortStableFunc(best, func(x, y Block) int { return cmp.Compare(y.Score, x.Score) })
	// The best takes its texts and labels away from those after it.
	var found []Block
	for _, b := range best {
		if b = a.bestRun(s, b.Shift, 0, a.n, free); b.Score >= threshold {
			found = append(found, b)
			free.take(b)
		}
	}
	return found, nil
}

// bestRun returns the run of free texts and labels at a shift, within the rows
// from row from to row to, with the greatest sum of scores.
func (a *aligner) bestRun(s *scorer, shift, from, to int, free *free) Block {
	best := Block{Shift: shift}
	low, high := a.overlap(shift)
	sum, start := 0.0, max(from, low)
	for i := max(from, low); i < min(to, high); i++ {
		if free.texts[i] && free.labels[i+shift] {
			if a.label[i+shift] >= 0 {
				sum += s.score(i, shift)
			}
		} else {
			sum = 0
		}
		if sum <= 0 {
			sum, start = 0, i+1
		} else if sum > best.Score {
			best.Score, best.From, best.To = sum, start, i+1
		}
	}
	return best
}

// free tells which texts and labels no block has taken.
type free struct{ texts, labels []bool }

func newFree(n int) *free {
	f := &free{make([]bool, n), make([]bool, n)}
	for i := range n {
		f.texts[i], f.labels[i] = true, true
	}
	return f
}

func (f *free) take(b Block) {
	for i := b.From; i < b.To; i++ {
		f.texts[i], f.labels[i+b.Shift] = false, false
	}
}

// between looks for shifts that stand out in the rows that no block has taken.
func (a *aligner) between(ctx context.Context, blocks []Block) ([]Block, error) {
	taken := newFree(a.n)
	for _, b := range blocks {
		taken.take(b)
	}
	var gaps [][2]int
	for i := 0; i < a.n; i++ {
		from := i
		for i < a.n && taken.texts[i] {
			i++
		}
		if i-from >= leastGap {
			gaps = windows(gaps, from, i, mostWindow)
		}
	}
	found, err := a.scanAll(ctx, gaps, taken.labels)
	if err != nil {
		return nil, err
	}
	var more []Block
	for _, f := range found {
		if f.spread >= seedSpread {
			more = append(more, a.block(f))
		}
	}
	return more, nil
}
