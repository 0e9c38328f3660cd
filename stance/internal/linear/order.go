package linear

import "math/rand/v2"

// maxLanes is the number of lanes that an order divides the rows into.
const maxLanes = 32

// order decides the order in which coordinate descent visits the rows.
//
// A row visited changes what the next ones see, above all through the intercept
// and the most frequent columns. Coordinate descent is fast if a row follows
// different rows in each pass; but to read a matrix that does not fit into the
// cache row by row in random order takes several times as long as to read it
// from front to back. So the rows are divided into lanes of adjacent rows. A
// pass starts in each lane at a row drawn at random and goes round the lanes,
// in an order drawn at random, taking one row of each: rows of one lane come in
// order, as the processor expects them, but between two of them lie rows of
// all others, and those are others in each pass. Measured in passes the
// convergence is that of a random order. With no more rows than lanes the order
// is random indeed.
type order struct {
	rng   *rand.Rand
	lanes []lane
}

// lane is a range of rows and the next one to visit.
type lane struct{ lo, hi, next int }

// newOrder returns the orders of n rows that seed decides.
func newOrder(n int, seed uint64) *order {
	o := &order{rng: rand.New(rand.NewPCG(seed, 0x6c696e656172))} // the stream is "linear" in ASCII
	count := min(n, maxLanes)
	for l := range count {
		o.lanes = append(o.lanes, lane{lo: l * n / count, hi: (l + 1) * n / count})
	}
	return o
}

// pass calls visit with every row once.
func (o *order) pass(visit func(i int)) {
	o.rng.Shuffle(len(o.lanes), func(i, j int) { o.lanes[i], o.lanes[j] = o.lanes[j], o.lanes[i] })
	longest := 0
	for l := range o.lanes {
		t := &o.lanes[l]
		t.next = t.lo + o.rng.IntN(t.hi-t.lo)
		longest = max(longest, t.hi-t.lo)
	}
	for step := range longest {
		for l := range o.lanes {
			t := &o.lanes[l]
			if step == t.hi-t.lo {
				continue // the lengths differ by one
			}
			visit(t.next)
			if t.next++; t.next == t.hi {
				t.next = t.lo
			}
		}
	}
}
