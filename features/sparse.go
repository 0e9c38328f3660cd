package features

// Row is a sparse vector: Values[i] stands in column Indices[i]. Indices are
// strictly increasing, so that every sum over a row is taken in one order.
type Row struct {
	Indices []int32
	Values  []float64
}

// Len returns the number of stored (non-zero) elements.
func (r Row) Len() int { return len(r.Indices) }

// Matrix is a matrix of documents by terms in compressed sparse row form: row
// i occupies the elements Starts[i] to Starts[i+1] of Indices and Values.
type Matrix struct {
	Cols    int       // number of columns (terms)
	Starts  []int     // length Rows()+1; Starts[0] is 0
	Indices []int32   // column of each stored element, increasing in each row
	Values  []float64 // value of each stored element
}

// Rows returns the number of rows (documents).
func (m *Matrix) Rows() int { return max(0, len(m.Starts)-1) }

// NonZeros returns the number of stored elements.
func (m *Matrix) NonZeros() int { return len(m.Indices) }

// Row returns row i. It shares the matrix's memory.
func (m *Matrix) Row(i int) Row {
	a, b := m.Starts[i], m.Starts[i+1]
	return Row{Indices: m.Indices[a:b:b], Values: m.Values[a:b:b]}
}

// AppendRow adds a row at the end. The row is copied; its columns must lie
// below Cols and increase strictly.
func (m *Matrix) AppendRow(r Row) {
	if len(m.Starts) == 0 {
		m.Starts = append(m.Starts, 0)
	}
	m.Indices = append(m.Indices, r.Indices...)
	m.Values = append(m.Values, r.Values...)
	m.Starts = append(m.Starts, len(m.Indices))
}

// Select returns a matrix of the given rows, in the given order. The elements
// are copied.
func (m *Matrix) Select(rows []int) *Matrix {
	n := 0
	for _, i := range rows {
		n += m.Starts[i+1] - m.Starts[i]
	}
	s := &Matrix{
		Cols:    m.Cols,
		Starts:  make([]int, 1, len(rows)+1),
		Indices: make([]int32, 0, n),
		Values:  make([]float64, 0, n),
	}
	for _, i := range rows {
		s.AppendRow(m.Row(i))
	}
	return s
}
