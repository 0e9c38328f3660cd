package features

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"runtime"
	"slices"
	"sort"
	"sync"
)

// part is what counting a part of the documents leaves.
type part struct {
	blocks []*counts
	// elements is, for each block and each of the terms that the part itself
	// has counted, the number of its documents that hold the term. (The first
	// part's counts become those of all parts.)
	elements [][]int32
	// The terms of document d in block b are terms[b][starts[b][d]:starts[b][d+1]],
	// by their numbers in blocks[b]. Nil if they were not kept.
	terms  [][]int32
	starts [][]int
}

// counts holds the terms of one block, numbered in the order of their first
// occurrence. What is looked up for every word of a text is kept small and
// apart: counting is bound by cache misses.
type counts struct {
	table  []tally  // open addressing by hash
	df     []int32  // by number: documents that hold the term
	tf     []int64  // by number: its occurrences in all documents; nil if not wanted
	hashes []uint64 // by number
	ends   []int    // by number: where the term ends in terms
	terms  []byte   // the terms, one behind the other
}

// tally is an entry of the table.
type tally struct {
	hash  uint64
	index int32 // the number of the term plus 1, or 0 for an unused entry
	last  int32 // the document that was counted last, plus 1
}

func newCounts(b *Block) *counts {
	c := new(counts)
	if b.MaxFeatures > 0 {
		c.tf = []int64{}
	}
	return c
}

func (c *counts) term(index int32) []byte {
	start := 0
	if index > 0 {
		start = c.ends[index-1]
	}
	return c.terms[start:c.ends[index]]
}

// find returns the tally of a hash, valid until the next call. That of a new
// term has no index yet: the caller must call add.
func (c *counts) find(hash uint64) *tally {
	if 3*len(c.hashes) >= 2*len(c.table) {
		c.grow()
	}
	mask := uint64(len(c.table) - 1)
	i := slotOf(hash) & mask
	for c.table[i].index != 0 && c.table[i].hash != hash {
		i = (i + 1) & mask
	}
	return &c.table[i]
}

// add makes an unused tally that of a new term.
func (c *counts) add(t *tally, hash uint64, term []byte) {
	c.terms = append(doubled(c.terms, len(term)), term...)
	c.ends = append(doubled(c.ends, 1), len(c.terms))
	c.hashes = append(doubled(c.hashes, 1), hash)
	c.df = append(doubled(c.df, 1), 0)
	if c.tf != nil {
		c.tf = append(doubled(c.tf, 1), 0)
	}
	t.hash, t.index = hash, int32(len(c.hashes))
}

func (c *counts) grow() {
	old := c.table
	c.table = make([]tally, max(1024, 2*len(old)))
	mask := uint64(len(c.table) - 1)
	for n := range old {
		if old[n].index == 0 {
			continue
		}
		i := slotOf(old[n].hash) & mask
		for c.table[i].index != 0 {
			i = (i + 1) & mask
		}
		c.table[i] = old[n]
	}
}

// doubled returns s with room for n further elements. Where append would let a
// large slice grow by a quarter, and copy it several times over, this doubles.
func doubled[T any](s []T, n int) []T {
	if len(s)+n <= cap(s) {
		return s
	}
	return slices.Grow(s, max(n, len(s)))
}

// merge adds the counts of o, which come from other documents.
func (c *counts) merge(o *counts) {
	for i, hash := range o.hashes {
		t := c.find(hash)
		if t.index == 0 {
			c.add(t, hash, o.term(int32(i)))
		}
		c.df[t.index-1] += o.df[i]
		if c.tf != nil {
			c.tf[t.index-1] += o.tf[i]
		}
	}
}

// selected returns the numbers of the terms that a block's limits leave, in the
// byte order of the terms.
func (c *counts) selected(b *Block, docs int) []int32 {
	lo, hi := max(b.MinDF, 1), docs
	if b.MinDFShare > 0 {
		lo = max(lo, int(math.Ceil(float64(b.MinDFShare*float64(docs)))))
	}
	if b.MaxDF > 0 {
		hi = min(hi, b.MaxDF)
	}
	if b.MaxDFShare > 0 {
		hi = min(hi, int(math.Floor(float64(b.MaxDFShare*float64(docs)))))
	}
	keys := make([]sortKey, 0, len(c.df))
	for i, df := range c.df {
		if int(df) >= lo && int(df) <= hi {
			keys = append(keys, sortKey{index: int32(i)})
		}
	}
	if b.MaxFeatures > 0 && len(keys) > b.MaxFeatures {
		slices.SortFunc(keys, func(x, y sortKey) int {
			return cmp.Or(cmp.Compare(c.tf[y.index], c.tf[x.index]), bytes.Compare(c.term(x.index), c.term(y.index)))
		})
		keys = keys[:b.MaxFeatures]
	}
	c.sortAll(keys)
	kept := make([]int32, len(keys))
	for i, k := range keys {
		kept[i] = k.index
	}
	return kept
}

// sortKey is a term to be sorted, with eight bytes of it as a number.
type sortKey struct {
	part  uint64
	index int32
}

// sortAll sorts terms into byte order, many of them on all processors: every
// term goes to one of as many shares, of which all terms of one come before all
// of the next.
func (c *counts) sortAll(keys []sortKey) {
	shares := runtime.GOMAXPROCS(0)
	if shares == 1 || len(keys) < 1<<14 {
		c.sort(keys, 0)
		return
	}
	// The borders are quantiles of a sample, in the order of the first eight
	// bytes.
	sample := make([]uint64, 1024)
	for i := range sample {
		sample[i] = firstBytes(c.term(keys[len(keys)*i/len(sample)].index), 0)
	}
	slices.Sort(sample)
	share := func(i int32) int {
		n := sort.Search(shares-1, func(k int) bool { return sample[len(sample)*(k+1)/shares] > firstBytes(c.term(i), 0) })
		return n
	}
	divided := make([][]sortKey, shares)
	for _, k := range keys {
		n := share(k.index)
		divided[n] = append(doubled(divided[n], 1), k)
	}
	var wg sync.WaitGroup
	for _, d := range divided {
		wg.Go(func() { c.sort(d, 0) })
	}
	wg.Wait()
	at := 0
	for _, d := range divided {
		at += copy(keys[at:], d)
	}
}

// firstBytes returns the eight bytes of term that begin at depth as a number
// that orders as they do; NULs stand for what is missing.
func firstBytes(term []byte, depth int) uint64 {
	if len(term)-depth >= 8 {
		return binary.BigEndian.Uint64(term[depth:])
	}
	part := uint64(0)
	for k := depth; k < len(term); k++ {
		part |= uint64(term[k]) << (56 - 8*(k-depth))
	}
	return part
}

// sort sorts terms that agree in their first depth bytes into byte order, eight
// bytes at a time: comparing numbers that lie side by side is much faster than
// comparing strings all over memory.
func (c *counts) sort(keys []sortKey, depth int) {
	for i := range keys {
		keys[i].part = firstBytes(c.term(keys[i].index), depth)
	}
	slices.SortFunc(keys, func(x, y sortKey) int { return cmp.Compare(x.part, y.part) })
	for start := 0; start < len(keys); {
		end := start + 1
		for end < len(keys) && keys[end].part == keys[start].part {
			end++
		}
		switch same := keys[start:end]; {
		case len(same) == 1:
		case len(same) < 8, depth > 1<<10: // few, or a pathological vocabulary
			slices.SortFunc(same, func(x, y sortKey) int { return bytes.Compare(c.term(x.index), c.term(y.index)) })
		default:
			c.sort(same, depth+8)
		}
		start = end
	}
}

// count counts the terms of docs in every block. It stops when ctx ends; the
// result is then of no use.
func (v *Vectorizer) count(ctx context.Context, docs []string, keep bool) *part {
	p := &part{blocks: make([]*counts, len(v.opts.Blocks))}
	for b := range p.blocks {
		p.blocks[b] = newCounts(&v.opts.Blocks[b])
	}
	if keep {
		p.terms = make([][]int32, len(p.blocks))
		p.starts = make([][]int, len(p.blocks))
		for b := range p.starts {
			p.starts[b] = make([]int, 1, len(docs)+1)
		}
	}
	an := v.analyzer()
	an.wantTerms = true
	for d, doc := range docs {
		if ctx.Err() != nil {
			return p
		}
		for b, c := range p.blocks {
			an.start(&v.opts.Blocks[b], v.seeds[b], doc)
			for an.more() {
				if ctx.Err() != nil { // a document may be very long
					return p
				}
				if keep {
					p.terms[b] = doubled(p.terms[b], len(an.hashes))
				}
				for i, h := range an.hashes {
					t := c.find(h)
					if t.index == 0 {
						c.add(t, h, an.buf[an.terms[i].Start:an.terms[i].End])
					}
					if t.last != int32(d+1) {
						t.last = int32(d + 1)
						c.df[t.index-1]++
					}
					if c.tf != nil {
						c.tf[t.index-1]++
					}
					if keep {
						p.terms[b] = append(p.terms[b], t.index-1)
					}
				}
			}
			if keep {
				p.starts[b] = append(p.starts[b], len(p.terms[b]))
			}
		}
	}
	for _, c := range p.blocks {
		if keep {
			p.elements = append(p.elements, slices.Clone(c.df))
		}
	}
	return p
}

// rows appends the rows of the part's documents to m. It stops when ctx ends;
// the result is then of no use.
func (p *part) rows(ctx context.Context, v *Vectorizer, m *Matrix) {
	cols := make([][]int32, len(p.blocks)) // the column of each term, or -1
	size := 0
	for b, c := range p.blocks {
		cols[b] = make([]int32, len(p.elements[b]))
		for i, n := range p.elements[b] {
			col := v.table[v.probe(c.hashes[i])].col
			cols[b][i] = col
			if col >= 0 {
				size += int(n)
			}
		}
	}
	m.Indices, m.Values = make([]int32, 0, size), make([]float64, 0, size)
	m.Starts = slices.Grow(m.Starts, len(p.starts[0]))
	var s scratch
	for d := range len(p.starts[0]) - 1 {
		if ctx.Err() != nil {
			return
		}
		r := Row{m.Indices, m.Values}
		for b := range p.blocks {
			from := len(r.Indices)
			for _, index := range p.terms[b][p.starts[b][d]:p.starts[b][d+1]] {
				if col := cols[b][index]; col >= 0 {
					s.cols = append(s.cols, col)
				}
			}
			r = v.weigh(b, s.tally(r, from), from)
		}
		m.take(r)
	}
}
