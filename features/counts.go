package features

import (
	"cmp"
	"context"
	"encoding/binary"
	"math"
	"slices"
	"sort"
	"strings"
)

// part is what counting a part of the documents leaves.
type part struct {
	blocks []*counts
	// The terms of document d in block b are terms[b][starts[b][d]:starts[b][d+1]],
	// as indices into the entries of blocks[b]. Nil if they were not kept.
	terms  [][]int32
	starts [][]int
}

// entry counts a term. df is the number of documents that hold it, tf the
// number of times that it occurs in all of them.
type entry struct {
	hash       uint64
	start, end int // its bytes in counts.terms
	df         int32
	tf         int
	last       int32 // the document that was counted last, plus 1
}

// counts holds the terms of one block.
type counts struct {
	entries []entry
	terms   []byte
	table   []place // open addressing by hash
}

// place is an entry of the table of counts: the hash and the index of an entry
// plus 1, or 0.
type place struct {
	hash  uint64
	index int32
}

func (c *counts) term(e int32) []byte { return c.terms[c.entries[e].start:c.entries[e].end] }

// find returns the index of the entry with a hash, or that of a new entry, for
// which the caller must set the term.
func (c *counts) find(hash uint64) (index int32, isNew bool) {
	if 2*(len(c.entries)+1) > len(c.table) {
		c.grow()
	}
	mask := uint64(len(c.table) - 1)
	i := hash & mask
	for ; c.table[i].index != 0; i = (i + 1) & mask {
		if c.table[i].hash == hash {
			return c.table[i].index - 1, false
		}
	}
	c.entries = append(c.entries, entry{hash: hash})
	n := int32(len(c.entries))
	c.table[i] = place{hash, n}
	return n - 1, true
}

func (c *counts) setTerm(e int32, term []byte) {
	c.entries[e].start = len(c.terms)
	c.terms = append(c.terms, term...)
	c.entries[e].end = len(c.terms)
}

func (c *counts) grow() {
	c.table = make([]place, max(1024, 2*len(c.table)))
	mask := uint64(len(c.table) - 1)
	for n := range c.entries {
		h := c.entries[n].hash
		i := h & mask
		for c.table[i].index != 0 {
			i = (i + 1) & mask
		}
		c.table[i] = place{h, int32(n + 1)}
	}
}

// merge adds the counts of o, which come from other documents.
func (c *counts) merge(o *counts) {
	for i := range o.entries {
		e := &o.entries[i]
		mine, isNew := c.find(e.hash)
		if isNew {
			c.setTerm(mine, o.term(int32(i)))
		}
		c.entries[mine].df += e.df
		c.entries[mine].tf += e.tf
	}
}

// selected returns the entries that a block's limits leave, in the byte order
// of their terms.
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
	// The first eight bytes of a term decide most comparisons.
	type key struct {
		prefix uint64
		index  int32
	}
	var keys []key
	for i := range c.entries {
		if df := int(c.entries[i].df); df >= lo && df <= hi {
			var first [8]byte
			copy(first[:], c.term(int32(i)))
			keys = append(keys, key{binary.BigEndian.Uint64(first[:]), int32(i)})
		}
	}
	slices.SortFunc(keys, func(x, y key) int {
		if d := cmp.Compare(x.prefix, y.prefix); d != 0 {
			return d
		}
		return strings.Compare(string(c.term(x.index)), string(c.term(y.index)))
	})
	kept := make([]int32, len(keys))
	for i, k := range keys {
		kept[i] = k.index
	}
	if b.MaxFeatures > 0 && len(kept) > b.MaxFeatures {
		order := make([]int, len(kept)) // positions in kept, the most frequent terms first
		for i := range order {
			order[i] = i
		}
		sort.SliceStable(order, func(i, j int) bool { return c.entries[kept[order[i]]].tf > c.entries[kept[order[j]]].tf })
		order = order[:b.MaxFeatures]
		slices.Sort(order)
		for i, at := range order { // at >= i: nothing is overwritten before it was read
			kept[i] = kept[at]
		}
		kept = kept[:b.MaxFeatures]
	}
	return kept
}

// count counts the terms of docs in every block. It stops when ctx ends; the
// result is then of no use.
func (v *Vectorizer) count(ctx context.Context, docs []string, keep bool) *part {
	p := &part{blocks: make([]*counts, len(v.opts.Blocks))}
	for b := range p.blocks {
		p.blocks[b] = new(counts)
	}
	if keep {
		p.terms = make([][]int32, len(p.blocks))
		p.starts = make([][]int, len(p.blocks))
		for b := range p.starts {
			p.starts[b] = make([]int, 1, len(docs)+1)
		}
	}
	an := analyzer{tokenizer: &v.opts.Tokenizer, wantTerms: true}
	for d, doc := range docs {
		if ctx.Err() != nil {
			return p
		}
		for b, c := range p.blocks {
			an.start(&v.opts.Blocks[b], v.seeds[b], doc)
			for an.more() {
				for i, h := range an.hashes {
					index, isNew := c.find(h)
					if isNew {
						c.setTerm(index, an.buf[an.terms[i].Start:an.terms[i].End])
					}
					e := &c.entries[index]
					e.tf++
					if e.last != int32(d+1) {
						e.last = int32(d + 1)
						e.df++
					}
					if keep {
						p.terms[b] = append(p.terms[b], index)
					}
				}
			}
			if keep {
				p.starts[b] = append(p.starts[b], len(p.terms[b]))
			}
		}
	}
	return p
}

// rows appends the rows of the part's documents to m.
func (p *part) rows(v *Vectorizer, m *Matrix) {
	cols := make([][]int32, len(p.blocks)) // the column of each entry, or -1
	for b, c := range p.blocks {
		cols[b] = make([]int32, len(c.entries))
		for i := range c.entries {
			cols[b][i] = v.table[v.probe(c.entries[i].hash)].col
		}
	}
	var s scratch
	for d := range len(p.starts[0]) - 1 {
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
