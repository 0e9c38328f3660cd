package features

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
)

// Hasher turns texts into sparse rows without a vocabulary: the hash of a term
// says its column and its sign (Weinberger et al. 2009; scikit-learn's
// HashingVectorizer with alternate_sign). It needs no fitting and no memory
// that grows with the vocabulary, which suits streams; in return columns have
// no names, and terms collide, at the rate that [Hasher.CollisionRate] states.
// The signs make collisions cancel on average. A Hasher is immutable and safe
// for concurrent use.
type Hasher struct {
	v    *Vectorizer // for its options, seeds and scratch; it has no vocabulary
	bits int
}

// NewHasher returns a hasher with 2^bits columns for each block, bits between 1
// and 30. Idf weights and the limits on terms need a corpus: a block that sets
// MinDF, MaxDF, their shares or MaxFeatures is an error, and IDF is without
// effect.
func NewHasher(bits int, opts Options) (*Hasher, error) {
	o, err := opts.normalized()
	if err != nil {
		return nil, err
	}
	if bits < 1 || bits > 30 || len(o.Blocks) >= 1<<(31-bits) {
		return nil, fmt.Errorf("features: %d blocks of 2^%d columns (want 1 to 30 bits and fewer than 2^31 columns)", len(o.Blocks), bits)
	}
	for i, b := range o.Blocks {
		if b.MinDF != 0 || b.MaxDF != 0 || b.MinDFShare != 0 || b.MaxDFShare != 0 || b.MaxFeatures != 0 {
			return nil, fmt.Errorf("features: block %d: %w", i, errors.New("a hasher counts no documents and knows no limits on terms"))
		}
	}
	v, err := newVectorizer(o)
	if err != nil {
		return nil, err
	}
	return &Hasher{v: v, bits: bits}, nil
}

// Cols returns the number of columns of every row.
func (h *Hasher) Cols() int { return len(h.v.opts.Blocks) << h.bits }

// CollisionRate returns the probability that a term shares its column with
// another, when its block has that many different terms: 1 - (1 - 2^-bits)^(terms-1).
func (h *Hasher) CollisionRate(terms int) float64 {
	return -math.Expm1(float64(max(terms-1, 0)) * math.Log1p(-math.Ldexp(1, -h.bits)))
}

// Row returns the row of a text. A column in which terms cancel is left out.
func (h *Hasher) Row(text string) Row { return h.AppendRow(Row{}, text) }

// AppendRow appends the row of a text to r; see [Vectorizer.AppendRow].
func (h *Hasher) AppendRow(r Row, text string) Row {
	s := h.v.pool.Get().(*scratch)
	for b := range h.v.opts.Blocks {
		from := len(r.Indices)
		s.cols = s.cols[:0]
		s.an.start(&h.v.opts.Blocks[b], h.v.seeds[b], text)
		for s.an.more() {
			for _, x := range s.an.hashes {
				// The upper bits are the column, the lowest the sign. One more
				// step of mixing spreads short terms, which differ in few bits.
				x = mix(x^hashK2, hashK1)
				s.cols = append(s.cols, int32(x>>(64-h.bits)<<1|x&1))
			}
			if len(s.cols) >= maxPending {
				r = s.tallySigned(r, from, int32(b<<h.bits))
			}
		}
		r = s.tallySigned(r, from, int32(b<<h.bits))
		r = h.weigh(&h.v.opts.Blocks[b], r, from)
	}
	s.an.release()
	h.v.pool.Put(s)
	return r
}

// tallySigned adds the pending columns, each with its sign in the lowest bit,
// to the part of r that begins at from, which stays sorted.
func (s *scratch) tallySigned(r Row, from int, first int32) Row {
	slices.Sort(s.cols)
	start := len(r.Indices)
	for i := 0; i < len(s.cols); {
		place, sum := s.cols[i]>>1, 0.0
		for ; i < len(s.cols) && s.cols[i]>>1 == place; i++ {
			sum += float64(1 - 2*(s.cols[i]&1))
		}
		if sum != 0 {
			r.Indices = append(r.Indices, first+place)
			r.Values = append(r.Values, sum)
		}
	}
	s.cols = s.cols[:0]
	return s.fold(r, from, start)
}

// weigh turns signed counts into weights.
func (h *Hasher) weigh(b *Block, r Row, from int) Row {
	values := r.Values[from:]
	for i, x := range values {
		values[i] = math.Copysign(tf(b.TF, math.Abs(x)), x)
	}
	scale(b, values)
	return r
}

// Transform returns the rows of docs, in their order: a matrix of len(docs) by
// Cols. It uses all processors. It fails only with ctx's error.
func (h *Hasher) Transform(ctx context.Context, docs []string) (*Matrix, error) {
	return transform(ctx, docs, h.Cols(), h.AppendRow)
}

// transform makes the matrix of docs with the function that appends a row.
func transform(ctx context.Context, docs []string, cols int, appendRow func(Row, string) Row) (*Matrix, error) {
	parts := min(runtime.GOMAXPROCS(0), len(docs)/64+1)
	return assemble(ctx, parts, cols, func(p int, m *Matrix) {
		for _, doc := range docs[len(docs)*p/parts : len(docs)*(p+1)/parts] {
			if ctx.Err() != nil {
				return
			}
			m.take(appendRow(Row{m.Indices, m.Values}, doc))
		}
	})
}

// assemble has fill make the rows of each part, all parts at once, and puts
// them together in order.
func assemble(ctx context.Context, parts, cols int, fill func(p int, m *Matrix)) (*Matrix, error) {
	made := make([]*Matrix, parts)
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() {
			made[p] = &Matrix{Cols: cols, Starts: []int{0}}
			fill(p, made[p])
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	all := made[0]
	for _, m := range made[1:] {
		n := len(all.Indices)
		all.Indices = append(all.Indices, m.Indices...)
		all.Values = append(all.Values, m.Values...)
		for _, start := range m.Starts[1:] {
			all.Starts = append(all.Starts, n+start)
		}
	}
	return all, nil
}
