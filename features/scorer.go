package features

import (
	"fmt"
	"math"
	"runtime"
	"sync"
)

// Outputs is the number of linear functions that a [Scorer] computes.
const Outputs = 3

// Scorer computes three linear functions of the rows of a vectorizer straight
// from text, without building the row: the serving path of a linear classifier
// of three classes. It is immutable and safe for concurrent use. It allocates
// nothing once its buffers have grown to the texts' lengths, and what it does
// for a text does not depend on the number of columns.
//
// Its sums run over the terms in the order of their first appearance in the
// text, block after block, in float64; they agree with the inner products of
// [Vectorizer.Row] to rounding, and are the same on every platform.
type Scorer struct {
	v     *Vectorizer
	table []cell
	pool  sync.Pool
}

// cell is an entry of the look-up table: all that a term contributes, in half
// a cache line. An unused one has column -1.
type cell struct {
	hash uint64
	idf  float64
	w    [Outputs]float32
	col  int32
}

// NewScorer returns a scorer for weights, Cols times Outputs numbers: those of
// column j stand at weights[j*Outputs:]. It panics if there are more or fewer.
func NewScorer(v *Vectorizer, weights []float32) *Scorer {
	if len(weights) != v.Cols()*Outputs {
		panic(fmt.Sprintf("features: %d weights for %d columns", len(weights), v.Cols()))
	}
	s := &Scorer{v: v, table: make([]cell, len(v.table))}
	inParts(len(v.table), func(from, to int) {
		for i, old := range v.table[from:to] {
			c := cell{hash: old.hash, col: old.col}
			if col := int(old.col); col >= 0 {
				c.idf = v.idf[col]
				copy(c.w[:], weights[col*Outputs:])
			}
			s.table[from+i] = c
		}
	})
	s.pool.New = func() any { return &scorerScratch{an: v.analyzer()} }
	return s
}

// inParts calls f for parts of the range from 0 to n that do not overlap, on all
// processors if there is much to do.
func inParts(n int, f func(from, to int)) {
	parts := min(runtime.GOMAXPROCS(0), n>>14+1)
	var wg sync.WaitGroup
	for p := range parts {
		from, to := n/parts*p, n/parts*(p+1)
		if p == parts-1 {
			to = n
		}
		wg.Go(func() { f(from, to) })
	}
	wg.Wait()
}

// Vectorizer returns the vectorizer whose rows are scored.
func (s *Scorer) Vectorizer() *Vectorizer { return s.v }

// scorerScratch is what one text needs.
type scorerScratch struct {
	an   analyzer
	hits []uint32 // places in the table of the terms found, in order
	seen distinct
}

// Scores returns the inner products of the text's row with the three columns
// of weights.
func (s *Scorer) Scores(text string) [Outputs]float64 {
	sc := s.pool.Get().(*scorerScratch)
	var total [Outputs]float64
	for b := range s.v.opts.Blocks {
		block := &s.v.opts.Blocks[b]
		sc.seen.reset()
		sc.an.start(block, s.v.seeds[b], text)
		for sc.an.more() {
			sc.hits = s.lookUp(sc.hits[:0], sc.an.hashes)
			sc.seen.add(sc.hits)
		}
		part := s.sum(block, &sc.seen)
		for k := range total {
			total[k] += part[k]
		}
	}
	sc.an.release()
	s.pool.Put(sc)
	return total
}

// lookUp appends the places of the hashes that the vocabulary holds.
func (s *Scorer) lookUp(hits []uint32, hashes []uint64) []uint32 {
	mask := uint64(len(s.table) - 1)
	for _, h := range hashes {
		i := slotOf(h) & mask
		c := &s.table[i]
		for c.hash != h && c.col >= 0 {
			i = (i + 1) & mask
			c = &s.table[i]
		}
		if c.col >= 0 {
			hits = append(hits, uint32(i))
		}
	}
	return hits
}

// sum weighs the terms of one block and adds up what they contribute.
func (s *Scorer) sum(block *Block, seen *distinct) [Outputs]float64 {
	var a, b, c float64
	square, absolute := 0.0, 0.0
	for i, place := range seen.keys {
		e := &s.table[place]
		x := e.idf
		if n := seen.counts[i]; n > 1 {
			x = float64(tf(block.TF, float64(n)) * x)
		}
		square += float64(x * x)
		absolute += math.Abs(x)
		a += float64(x * float64(e.w[0]))
		b += float64(x * float64(e.w[1]))
		c += float64(x * float64(e.w[2]))
	}
	norm := 1.0
	switch block.Norm {
	case L2:
		norm = math.Sqrt(square)
	case L1:
		norm = absolute
	}
	scale := block.Weight
	if norm > 0 {
		scale /= norm
	}
	return [Outputs]float64{float64(a * scale), float64(b * scale), float64(c * scale)}
}

// distinct counts equal keys and keeps them in the order of their first
// appearance.
type distinct struct {
	keys   []uint32
	counts []uint32
	table  []uint64 // open addressing: epoch in the upper half, index into keys in the lower
	epoch  uint32
}

func (d *distinct) reset() {
	d.keys, d.counts = d.keys[:0], d.counts[:0]
	d.epoch++
	if d.epoch == 0 { // wrapped around: old entries would look like new ones
		clear(d.table)
		d.epoch = 1
	}
}

func (d *distinct) add(keys []uint32) {
	if need := 2 * (len(d.keys) + len(keys)); need > len(d.table) {
		d.grow(need)
	}
	mask := uint32(len(d.table) - 1)
next:
	for _, k := range keys {
		i := (k * 0x9e3779b1 >> 7) & mask
		for {
			e := d.table[i]
			if uint32(e>>32) != d.epoch {
				break
			}
			if n := uint32(e); d.keys[n] == k {
				d.counts[n]++
				continue next
			}
			i = (i + 1) & mask
		}
		d.table[i] = uint64(d.epoch)<<32 | uint64(len(d.keys))
		d.keys = append(d.keys, k)
		d.counts = append(d.counts, 1)
	}
}

func (d *distinct) grow(need int) {
	size := 256
	for size < need {
		size *= 2
	}
	d.table = make([]uint64, size)
	d.epoch = 1
	mask := uint32(size - 1)
	for n, k := range d.keys {
		i := (k * 0x9e3779b1 >> 7) & mask
		for d.table[i] != 0 {
			i = (i + 1) & mask
		}
		d.table[i] = uint64(d.epoch)<<32 | uint64(n)
	}
}
