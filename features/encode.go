package features

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
)

// AppendBinary appends the vectorizer in a compact form that [Decode] reads.
// It holds the options and, for every column, the term and its document
// frequency; all else follows from them. It is the same for equal vectorizers.
//
// The form is: the length of the options and the options in JSON; the number
// of documents; for each block the number of its columns; the length of all
// terms together; for each column the number of bytes that its term shares with
// the term before it in the block, the number of bytes that follow, those
// bytes, and the document frequency. Numbers are unsigned varints as in
// encoding/binary.
//
// It fails for a vocabulary whose terms, of which many share long beginnings,
// are more than 32 times as long as this form: Decode would not know it from an
// attack on memory.
func (v *Vectorizer) AppendBinary(b []byte) ([]byte, error) {
	opts, err := json.Marshal(v.opts)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	b = binary.AppendUvarint(b, uint64(len(opts)))
	b = append(b, opts...)
	b = binary.AppendUvarint(b, uint64(v.docs))
	for i := range v.opts.Blocks {
		b = binary.AppendUvarint(b, uint64(v.starts[i+1]-v.starts[i]))
	}
	b = binary.AppendUvarint(b, uint64(len(v.terms)))
	start := len(b)
	for i := range v.opts.Blocks {
		before := ""
		for col := v.starts[i]; col < v.starts[i+1]; col++ {
			term := v.Term(col)
			shared := 0
			for shared < min(len(before), len(term)) && before[shared] == term[shared] {
				shared++
			}
			b = binary.AppendUvarint(b, uint64(shared))
			b = binary.AppendUvarint(b, uint64(len(term)-shared))
			b = append(b, term[shared:]...)
			b = binary.AppendUvarint(b, uint64(v.df[col]))
			before = term
		}
	}
	if len(v.terms)/maxExpansion > len(b)-start {
		return nil, fmt.Errorf("features: %d bytes of terms in %d bytes cannot be stored", len(v.terms), len(b)-start)
	}
	return b, nil
}

// maxExpansion is how many times as long as their stored form terms may be. Of
// n-grams it is less than 6: those of 16 words that begin with one another's
// words are the extreme.
const maxExpansion = 32

// Decode reads what [Vectorizer.AppendBinary] wrote. It checks all that it
// reads: bytes that no vectorizer wrote are an error that names the offset in
// data, and never make it panic or take more memory than a small multiple of
// len(data).
func Decode(data []byte) (*Vectorizer, error) {
	d := &decoder{data: data}
	v := d.vectorizer()
	if d.err == nil && d.pos != len(data) {
		d.fail(errors.New("data goes on after the last column"))
	}
	if d.err != nil {
		return nil, fmt.Errorf("features: vectorizer, byte %d: %w", d.pos, d.err)
	}
	return v, nil
}

type decoder struct {
	data []byte
	pos  int
	err  error // the first error; nothing is read after it
}

func (d *decoder) fail(err error) {
	if d.err == nil {
		d.err = err
	}
}

// number reads a varint of at most limit.
func (d *decoder) number(what string, limit int) int {
	if d.err != nil {
		return 0
	}
	n, size := binary.Uvarint(d.data[d.pos:])
	switch {
	case size <= 0:
		d.fail(fmt.Errorf("%s: data ends or is no number", what))
		return 0
	case n > uint64(limit):
		d.fail(fmt.Errorf("%s is %d, want at most %d", what, n, limit))
		return 0
	}
	d.pos += size
	return int(n)
}

// bytes reads n bytes.
func (d *decoder) bytes(what string) []byte {
	n := d.number(what, len(d.data)-d.pos) // no "length of": this runs for every term
	if d.err == nil && n > len(d.data)-d.pos {
		d.fail(fmt.Errorf("%s: %d bytes wanted, %d left", what, n, len(d.data)-d.pos))
	}
	if d.err != nil {
		return nil
	}
	b := d.data[d.pos : d.pos+n]
	d.pos += n
	return b
}

func (d *decoder) vectorizer() *Vectorizer {
	stored := d.bytes("options")
	if d.err != nil {
		return nil
	}
	// The number of each block's columns takes a byte at least, which bounds what
	// blocks can make us allocate.
	blocks := countBlocks(stored)
	if left := len(d.data) - d.pos; blocks > max(1, left) {
		d.fail(fmt.Errorf("options: %d blocks, whose numbers of columns should be in %d bytes", blocks, left))
		return nil
	}
	// The columns need no more of the options than that, and a lexicon takes as
	// long as the columns: both are read at the same time.
	var v *Vectorizer
	var faulty error
	var options sync.WaitGroup
	options.Go(func() { v, faulty = decodeOptions(stored) })
	end := d.pos
	c := d.columns(blocks)
	options.Wait()
	switch {
	case faulty != nil: // of two faults the first in the data
		d.pos, d.err = end, faulty
	case d.err == nil && len(c.starts) != len(v.opts.Blocks)+1:
		// Both ways to read the options agree, so far as is known; if they did
		// not, columns would be out of range.
		d.fail(fmt.Errorf("options: %d blocks or %d", len(v.opts.Blocks), blocks))
	}
	if d.err != nil {
		return nil
	}
	v.columns = c
	hashes := make([]uint64, len(v.ends))
	inParts(len(hashes), func(from, to int) {
		var an analyzer
		for col := from; col < to; col++ {
			i := v.Block(col)
			hashes[col] = an.hashTerm(v.opts.Blocks[i].Analyzer, v.Term(col), v.seeds[i])
		}
	})
	if err := v.finish(hashes); err != nil {
		d.fail(err)
		return nil
	}
	return v
}

// decodeOptions makes a vectorizer without columns of stored options.
func decodeOptions(b []byte) (*Vectorizer, error) {
	var o Options
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return nil, fmt.Errorf("options: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, errors.New("options: something follows them")
	}
	o, err := o.normalized()
	if err != nil {
		return nil, err
	}
	return newVectorizer(o)
}

// countBlocks returns the number of blocks in stored options, or anything if
// decodeOptions will find fault with them.
func countBlocks(b []byte) int {
	var o struct{ Blocks []ignored }
	if err := json.Unmarshal(b, &o); err != nil {
		return 1
	}
	return max(1, len(o.Blocks)) // there is one where none is named
}

// ignored is any JSON value, of which nothing is kept.
type ignored struct{}

func (*ignored) UnmarshalJSON([]byte) error { return nil }

// columns reads the columns of some blocks.
func (d *decoder) columns(blocks int) columns {
	const most = 1<<31 - 1
	c := columns{docs: d.number("number of documents", most), starts: make([]int, blocks+1)}
	for i := range blocks {
		// A column takes three bytes at least, which bounds what false numbers,
		// taken together, can make us allocate.
		c.starts[i+1] = c.starts[i] + d.number("number of columns", len(d.data)/3-c.starts[i])
	}
	cols := c.starts[blocks]
	const mostBytes = 1<<31 - 1
	size := d.number("length of the terms", mostBytes)
	if size/maxExpansion > len(d.data)-d.pos {
		d.fail(fmt.Errorf("%d bytes of terms in %d bytes", size, len(d.data)-d.pos))
	}
	if d.err != nil {
		return c
	}
	c.ends = make([]int, 0, cols)
	c.df = make([]int, 0, cols)
	var terms strings.Builder
	terms.Grow(size)
	for i := range blocks {
		before := ""
		for col := c.starts[i]; col < c.starts[i+1]; col++ {
			shared := d.number("shared length", len(before))
			rest := d.bytes("term")
			if d.err == nil && len(rest)+shared > size-terms.Len() {
				d.fail(fmt.Errorf("terms are longer than the %d bytes announced", size))
			}
			if d.err != nil {
				return c
			}
			start := terms.Len()
			terms.WriteString(before[:shared])
			terms.Write(rest)
			term := terms.String()[start:]
			if term == "" || col > c.starts[i] && term <= before {
				d.fail(fmt.Errorf("term %q does not follow %q", term, before))
			}
			before = term
			c.ends = append(c.ends, terms.Len())
			df := d.number("document frequency", c.docs)
			if d.err == nil && df == 0 {
				d.fail(errors.New("document frequency is 0"))
			}
			if d.err != nil {
				return c
			}
			c.df = append(c.df, df)
		}
	}
	if terms.Len() != size {
		d.fail(fmt.Errorf("terms are %d bytes long, not the %d announced", terms.Len(), size))
	}
	c.terms = terms.String()
	return c
}
