package linear

import (
	"runtime"
	"sync"
	"sync/atomic"

	"example.org/metoostance/features"
)

// The products of the matrix with a dense one of k columns, and of its
// transpose. The dense operand is interleaved: element [j*k+c] belongs to
// column j and class c, so that a row's indices are read once for all classes
// and the classes of a column share a cache line. The sum for a class is taken
// in the same order whatever k is, so that solving classes together or apart
// gives the same bits.

// addScores adds to z, of length k, the product of a row with w.
func addScores(indices []int32, values, w, z []float64) {
	values = values[:len(indices)]
	switch k := len(z); k {
	case 1:
		s := z[0]
		for t, j := range indices {
			s += float64(values[t] * w[j])
		}
		z[0] = s
	case 2:
		s0, s1 := z[0], z[1]
		for t, j := range indices {
			x := values[t]
			v := (*[2]float64)(w[int(j)*2:])
			s0 += float64(x * v[0])
			s1 += float64(x * v[1])
		}
		z[0], z[1] = s0, s1
	case 3:
		s0, s1, s2 := z[0], z[1], z[2]
		for t, j := range indices {
			x := values[t]
			v := (*[3]float64)(w[int(j)*3:])
			s0 += float64(x * v[0])
			s1 += float64(x * v[1])
			s2 += float64(x * v[2])
		}
		z[0], z[1], z[2] = s0, s1, s2
	default:
		for t, j := range indices {
			x := values[t]
			for c, v := range w[int(j)*k:][:k] {
				z[c] += float64(x * v)
			}
		}
	}
}

// addRow adds to w the outer product of a row with d, of length k.
func addRow(indices []int32, values, w, d []float64) {
	values = values[:len(indices)]
	switch k := len(d); k {
	case 1:
		d0 := d[0]
		for t, j := range indices {
			w[j] += float64(values[t] * d0)
		}
	case 2:
		d0, d1 := d[0], d[1]
		for t, j := range indices {
			x := values[t]
			v := (*[2]float64)(w[int(j)*2:])
			v[0] += float64(x * d0)
			v[1] += float64(x * d1)
		}
	case 3:
		d0, d1, d2 := d[0], d[1], d[2]
		for t, j := range indices {
			x := values[t]
			v := (*[3]float64)(w[int(j)*3:])
			v[0] += float64(x * d0)
			v[1] += float64(x * d1)
			v[2] += float64(x * d2)
		}
	default:
		for t, j := range indices {
			x := values[t]
			v := w[int(j)*k:][:k]
			for c := range v {
				v[c] += float64(x * d[c])
			}
		}
	}
}

// addSquares is addRow with the squares of the row's values.
func addSquares(indices []int32, values, w, d []float64) {
	k := len(d)
	for t, j := range indices {
		x := float64(values[t] * values[t])
		v := w[int(j)*k:][:k]
		for c := range v {
			v[c] += float64(x * d[c])
		}
	}
}

// squaredNorms returns the squares of the norms of the rows, each with one more
// value whose square is extra, and the greatest of them.
func squaredNorms(x *features.Matrix, extra float64) (squares []float64, greatest float64) {
	squares = make([]float64, x.Rows())
	for i := range squares {
		s := extra
		for _, v := range x.Row(i).Values {
			s += float64(v * v)
		}
		squares[i] = s
		greatest = max(greatest, s)
	}
	return squares, greatest
}

// parallel calls f(0) to f(n-1), several at a time. What f(i) writes must
// depend on nothing that another call writes.
func parallel(n int, f func(i int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	if workers <= 1 {
		for i := range n {
			f(i)
		}
		return
	}
	var next atomic.Int64
	work := func() {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			f(i)
		}
	}
	var wg sync.WaitGroup
	for range workers - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
}

// block is the number of elements that one call of a parallel loop works on.
// Sums are taken within blocks and then over blocks in order: the size of a
// block, not the number of processors, decides their bits.
const block = 2048

// blocks calls f with each range of at most block numbers below n, several at a
// time, and returns the sum of what f returns.
func blocks(n int, f func(lo, hi int) float64) float64 {
	partial := make([]float64, (n+block-1)/block)
	parallel(len(partial), func(i int) {
		partial[i] = f(i*block, min(n, (i+1)*block))
	})
	sum := 0.0
	for _, s := range partial {
		sum += s
	}
	return sum
}

// dot returns the inner product of a and b.
func dot(a, b []float64) float64 {
	return blocks(len(a), func(lo, hi int) float64 {
		sum := 0.0
		for j := lo; j < hi; j++ {
			sum += float64(a[j] * b[j])
		}
		return sum
	})
}

// maxCuts bounds the number of ranges of columns that the transposed product is
// divided into, hence the memory for it.
const maxCuts = 8

// transposer multiplies by the transpose of a matrix. Each worker has a range
// of the columns to itself and adds up the rows' elements in it from the first
// row to the last, so that the result does not depend on how the columns are
// divided.
type transposer struct {
	x     *features.Matrix
	parts int
	// split[i*(parts-1)+t] is the number of elements of row i that lie in the
	// ranges 0 to t.
	split []int32
}

func newTransposer(x *features.Matrix) *transposer {
	t := &transposer{x: x, parts: min(runtime.GOMAXPROCS(0), maxCuts)}
	if x.NonZeros() < 1<<14 {
		t.parts = 1
	}
	if t.parts == 1 {
		return t
	}
	// Divide the columns so that the ranges have about the same number of
	// elements.
	count := make([]int, x.Cols)
	for _, j := range x.Indices {
		count[j]++
	}
	var ends []int32
	sum := 0
	for j, n := range count {
		if sum += n; sum*t.parts >= (len(ends)+1)*x.NonZeros() && len(ends) < t.parts-1 {
			ends = append(ends, int32(j+1))
		}
	}
	t.parts = len(ends) + 1
	t.split = make([]int32, x.Rows()*len(ends))
	for i := range x.Rows() {
		r := x.Row(i)
		n := 0
		for c, end := range ends {
			for n < len(r.Indices) && r.Indices[n] < end {
				n++
			}
			t.split[i*len(ends)+c] = int32(n)
		}
	}
	return t
}

// add adds to out the product of the transpose with q, which has k numbers for
// each row: what each row contributes is added by the function addTo, addRow or
// addSquares.
func (t *transposer) add(addTo func(indices []int32, values, w, d []float64), q, out []float64, k int) {
	cuts := t.parts - 1
	parallel(t.parts, func(part int) {
		for i := range t.x.Rows() {
			a, b := t.x.Starts[i], t.x.Starts[i+1]
			if part < cuts {
				b = a + int(t.split[i*cuts+part])
			}
			if part > 0 {
				a += int(t.split[i*cuts+part-1])
			}
			addTo(t.x.Indices[a:b], t.x.Values[a:b], out, q[i*k:i*k+k])
		}
	})
}
