package features

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"

	"example.org/metoostance/features/detmath"
)

// Analyzer chooses what the terms of a block are.
type Analyzer uint8

const (
	// Words: n-grams of tokens, written with one space between them.
	Words Analyzer = iota
	// CharsWB: n-grams of characters within words (scikit-learn's "char_wb"):
	// a word is what stands between white space, with a space on both sides.
	CharsWB
	// Chars: n-grams of characters across word boundaries (scikit-learn's
	// "char"); two or more white-space characters count as one space.
	Chars
	// LexiconClasses: the classes of the words and phrases in Options.Lexicon.
	LexiconClasses
)

// TF chooses how often a term counts that occurs n times in a text.
type TF uint8

const (
	RawTF       TF = iota // n
	BinaryTF              // 1
	SublinearTF           // 1 + ln n
)

// IDF chooses the weight of a term that occurs in df of n documents.
type IDF uint8

const (
	// SmoothIDF is ln((1+n)/(1+df)) + 1, scikit-learn's default.
	SmoothIDF IDF = iota
	// PlainIDF is ln(n/df) + 1, scikit-learn's with smooth_idf=False.
	PlainIDF
	// NoIDF is 1.
	NoIDF
	// UnshiftedIDF is ln((1+n)/(1+df)), the formula of
	// github.com/james-bowman/nlp, computed as that package computes it, with
	// math.Log: the one weight here whose last bit the platform decides.
	UnshiftedIDF
)

// Norm chooses how the row of a text is scaled within its block.
type Norm uint8

const (
	L2     Norm = iota // to Euclidean length 1
	L1                 // to a sum of absolute values of 1
	NoNorm             // not at all
)

// Block is one kind of term with its weighting. The zero value is the TF-IDF
// of single words with scikit-learn's defaults.
type Block struct {
	// Analyzer chooses what the terms are. Zero means Words.
	Analyzer Analyzer
	// MinN and MaxN are the shortest and the longest n-gram, in words or
	// characters, at most 16. Zero means 1 for MinN and MinN for MaxN.
	MinN, MaxN int
	// TF, IDF and Norm choose the weights. Zero means raw counts, smooth idf
	// and Euclidean length 1.
	TF   TF
	IDF  IDF
	Norm Norm
	// MinDF and MaxDF leave out terms that occur in fewer or in more documents
	// than that. Zero means no limit.
	MinDF, MaxDF int
	// MinDFShare and MaxDFShare are the same as shares of all documents,
	// between 0 and 1. Zero means no limit.
	MinDFShare, MaxDFShare float64
	// MaxFeatures keeps only that many terms, those that occur most often in
	// the whole corpus; among equals the first in the order of the vocabulary.
	// Zero means no limit.
	MaxFeatures int
	// Weight multiplies the block's values. Zero means 1.
	Weight float64
}

// Options are the settings of a [Vectorizer]. The zero value is the TF-IDF of
// single words.
type Options struct {
	// Tokenizer splits text into words. It serves every block of words, and
	// its KeepCase every block.
	Tokenizer Tokenizer
	// Blocks stand side by side: the columns of the first come first. Nil
	// means one zero Block.
	Blocks []Block
	// Lexicon serves the blocks of LexiconClasses, which need one.
	Lexicon Lexicon `json:",omitempty"`
}

// normalized returns the options with every default written out, or an error.
// The result shares nothing with o.
func (o Options) normalized() (Options, error) {
	if o.Tokenizer.StopWords != nil {
		stop := make(map[string]bool, len(o.Tokenizer.StopWords))
		for w, in := range o.Tokenizer.StopWords {
			// No token holds invalid UTF-8, and JSON could not.
			if in && utf8.ValidString(w) {
				stop[w] = true
			}
		}
		o.Tokenizer.StopWords = stop
	}
	o.Lexicon = o.Lexicon.clone()
	o.Blocks = slices.Clone(o.Blocks)
	if len(o.Blocks) == 0 {
		o.Blocks = []Block{{}}
	}
	if o.Tokenizer.Rules > ScikitLearnRules {
		return o, fmt.Errorf("features: unknown tokenizer rules %d", o.Tokenizer.Rules)
	}
	for i := range o.Blocks {
		b := &o.Blocks[i]
		if b.MinN == 0 {
			b.MinN = 1
		}
		if b.MaxN == 0 {
			b.MaxN = b.MinN
		}
		if b.Weight == 0 {
			b.Weight = 1
		}
		var err error
		switch {
		case b.Analyzer > LexiconClasses || b.TF > SublinearTF || b.IDF > UnshiftedIDF || b.Norm > NoNorm:
			err = errors.New("unknown analyzer, tf, idf or norm")
		case b.MinN < 1 || b.MaxN < b.MinN || b.MaxN > maxGram:
			err = fmt.Errorf("n-grams of %d to %d units (want 1 <= MinN <= MaxN <= %d)", b.MinN, b.MaxN, maxGram)
		case b.Analyzer == LexiconClasses && b.MaxN > 1:
			err = errors.New("classes of a lexicon do not form n-grams")
		case b.Analyzer == LexiconClasses && o.Lexicon == nil:
			err = errors.New("there is no lexicon")
		case b.MinDF < 0 || b.MaxDF < 0 || b.MaxFeatures < 0:
			err = errors.New("negative limit")
		case !(b.MinDFShare >= 0 && b.MinDFShare <= 1 && b.MaxDFShare >= 0 && b.MaxDFShare <= 1):
			err = errors.New("document frequency share outside [0, 1]")
		case math.IsNaN(b.Weight) || math.IsInf(b.Weight, 0):
			err = fmt.Errorf("weight %v", b.Weight)
		}
		if err != nil {
			return o, fmt.Errorf("features: block %d: %w", i, err)
		}
	}
	return o, nil
}

// Vectorizer turns texts into sparse TF-IDF rows, as scikit-learn's
// TfidfVectorizer and FeatureUnion do. It is immutable and safe for concurrent
// use. [Fit] makes one.
type Vectorizer struct {
	opts    Options  // normalized
	seeds   []uint64 // hash seed of each block
	lexicon *lexicon // compiled from the options
	columns
	idf   []float64 // of each column
	table []slot    // open addressing by hash, a power of two long
	pool  *sync.Pool
}

// columns are what a vectorizer has learnt.
type columns struct {
	starts []int  // first column of each block, and the number of columns
	terms  string // the terms of all columns, one behind the other
	ends   []int  // where the term of each column ends in terms
	docs   int    // number of documents that Fit has seen
	df     []int  // number of those that hold the term of each column
}

// slot is an entry of the look-up table. An unused one has column -1.
type slot struct {
	hash uint64
	col  int32
}

// Fit learns the vocabulary and the idf weights of docs. The result depends on
// the set of documents and the options alone: neither on GOMAXPROCS nor on the
// order of the documents. Columns stand in the byte order of their terms,
// block after block. Fit fails if an option is out of range, and with ctx's
// error when ctx ends.
func Fit(ctx context.Context, docs []string, opts Options) (*Vectorizer, error) {
	o, err := opts.normalized()
	if err != nil {
		return nil, err
	}
	v, err := newVectorizer(o)
	if err != nil {
		return nil, err
	}
	if _, err := v.fit(ctx, docs, false); err != nil {
		return nil, err
	}
	return v, nil
}

// FitTransform is [Fit] followed by [Vectorizer.Transform] on the same
// documents, in little more than half the time.
func FitTransform(ctx context.Context, docs []string, opts Options) (*Vectorizer, *Matrix, error) {
	o, err := opts.normalized()
	if err != nil {
		return nil, nil, err
	}
	v, err := newVectorizer(o)
	if err != nil {
		return nil, nil, err
	}
	parts, err := v.fit(ctx, docs, true)
	if err != nil {
		return nil, nil, err
	}
	m, err := assemble(ctx, len(parts), v.Cols(), func(p int, m *Matrix) { parts[p].rows(ctx, v, m) })
	if err != nil {
		return nil, nil, err
	}
	return v, m, nil
}

// fit counts the terms of docs and makes v of them. It returns the counted
// parts, with the terms of every document if keep is set.
func (v *Vectorizer) fit(ctx context.Context, docs []string, keep bool) ([]*part, error) {
	parts := make([]*part, min(runtime.GOMAXPROCS(0), len(docs)/256+1))
	var wg sync.WaitGroup
	for p := range parts {
		wg.Go(func() {
			parts[p] = v.count(ctx, docs[len(docs)*p/len(parts):len(docs)*(p+1)/len(parts)], keep)
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	v.docs = len(docs)
	v.starts = make([]int, len(v.opts.Blocks)+1)
	var terms strings.Builder
	var hashes []uint64
	for b := range v.opts.Blocks {
		// Counts are whole numbers, so that their sums do not depend on how
		// the documents were divided. The first part takes them all.
		all := parts[0].blocks[b]
		for _, p := range parts[1:] {
			all.merge(p.blocks[b])
		}
		kept := all.selected(&v.opts.Blocks[b], len(docs))
		size := 0
		for _, t := range kept {
			size += len(all.term(t))
		}
		terms.Grow(size)
		v.ends = slices.Grow(v.ends, len(kept))
		v.df = slices.Grow(v.df, len(kept))
		hashes = slices.Grow(hashes, len(kept))
		for _, t := range kept {
			terms.Write(all.term(t))
			v.ends = append(v.ends, terms.Len())
			v.df = append(v.df, int(all.df[t]))
			hashes = append(hashes, all.hashes[t])
		}
		v.starts[b+1] = len(v.ends)
	}
	v.terms = terms.String()
	return parts, v.finish(hashes)
}

// newVectorizer returns a vectorizer without a vocabulary. The options must be
// normalized. It fails if the lexicon is faulty.
func newVectorizer(o Options) (*Vectorizer, error) {
	c, err := o.Lexicon.compile(o.Tokenizer.Rules)
	if err != nil {
		return nil, fmt.Errorf("features: %w", err)
	}
	v := &Vectorizer{opts: o, lexicon: c}
	for i := range o.Blocks {
		v.seeds = append(v.seeds, blockSeed(i))
	}
	v.pool = &sync.Pool{New: func() any { return &scratch{an: v.analyzer()} }}
	return v, nil
}

// analyzer returns one for the vectorizer's texts.
func (v *Vectorizer) analyzer() analyzer {
	return analyzer{tokenizer: &v.opts.Tokenizer, lexicon: v.lexicon}
}

// idf returns the weight of a term that occurs in df of n documents.
func idf(kind IDF, df, n int) float64 {
	// 1+n in float64, for n may be the greatest int of 32 bits.
	switch kind {
	case PlainIDF:
		return detmath.Log(float64(n)/float64(df)) + 1
	case NoIDF:
		return 1
	case UnshiftedIDF:
		// nlp's own logarithm, for its own bits.
		return math.Log((1 + float64(n)) / (1 + float64(df)))
	}
	return detmath.Log((1+float64(n))/(1+float64(df))) + 1
}

// finish computes what follows from the terms, of which it gets the hashes, and
// their document frequencies: the idf weights and the look-up table.
func (v *Vectorizer) finish(hashes []uint64) error {
	v.idf = make([]float64, len(v.df))
	for b := range v.opts.Blocks {
		// Most terms are in few documents: their weights are computed once.
		var few [64]float64
		for df := range few {
			if df > 0 {
				few[df] = idf(v.opts.Blocks[b].IDF, df, v.docs)
			}
		}
		for col := v.starts[b]; col < v.starts[b+1]; col++ {
			if df := v.df[col]; df < len(few) {
				v.idf[col] = few[df]
			} else {
				v.idf[col] = idf(v.opts.Blocks[b].IDF, df, v.docs)
			}
		}
	}
	size := 16
	for size < 2*len(v.ends) {
		size *= 2
	}
	v.table = make([]slot, size)
	inParts(size, func(from, to int) {
		for i := from; i < to; i++ {
			v.table[i].col = -1
		}
	})
	for col, h := range hashes {
		i := v.probe(h)
		if other := v.table[i].col; other >= 0 {
			return fmt.Errorf("terms %q and %q have the same hash", v.Term(col), v.Term(int(other)))
		}
		v.table[i] = slot{hash: h, col: int32(col)}
	}
	return nil
}

// probe returns the place of a hash in the table, or the unused one where it
// would stand.
func (v *Vectorizer) probe(h uint64) uint64 {
	mask := uint64(len(v.table) - 1)
	i := slotOf(h) & mask
	for v.table[i].hash != h && v.table[i].col >= 0 {
		i = (i + 1) & mask
	}
	return i
}

// hashTerm computes the hash of a term from its text.
func (an *analyzer) hashTerm(kind Analyzer, term string, seed uint64) uint64 {
	an.buf = append(append(an.buf[:0], term...), make([]byte, hashPad)...)
	if kind != Words {
		return hashBytes(an.buf, 0, len(term), seed)
	}
	h, start := uint64(0), 0
	for i := 0; i <= len(term); i++ {
		if i < len(term) && an.buf[i] != ' ' {
			continue
		}
		w := hashBytes(an.buf, start, i, seed)
		if start == 0 {
			h = w
		} else {
			h = hashJoin(h, w)
		}
		start = i + 1
	}
	return h
}

// Options returns a copy of the settings, with the defaults written out.
func (v *Vectorizer) Options() Options {
	o := v.opts
	o.Tokenizer.StopWords = maps.Clone(o.Tokenizer.StopWords)
	o.Blocks = slices.Clone(o.Blocks)
	o.Lexicon = o.Lexicon.clone()
	return o
}

// Cols returns the number of columns of every row.
func (v *Vectorizer) Cols() int { return len(v.ends) }

// Term returns the term of a column. It panics if there is no such column.
func (v *Vectorizer) Term(col int) string {
	start := 0
	if col > 0 {
		start = v.ends[col-1]
	}
	return v.terms[start:v.ends[col]]
}

// Block returns the index of the block that a column belongs to.
func (v *Vectorizer) Block(col int) int {
	return sort.SearchInts(v.starts, col+1) - 1
}

// Docs returns the number of documents that the vectorizer was fitted on.
func (v *Vectorizer) Docs() int { return v.docs }

// DF returns the document frequency of a column: the number of documents that
// the vectorizer was fitted on and that hold the column's term.
func (v *Vectorizer) DF(col int) int { return v.df[col] }

// IDF returns the idf weight of a column.
func (v *Vectorizer) IDF(col int) float64 { return v.idf[col] }

// Column returns the column of a term of a block, and false if the vocabulary
// does not hold it. The term must be written as Term returns it. It panics if
// there is no such block.
func (v *Vectorizer) Column(block int, term string) (int, bool) {
	if block < 0 || block >= len(v.opts.Blocks) {
		panic(fmt.Sprintf("features: block %d of %d", block, len(v.opts.Blocks)))
	}
	var an analyzer
	s := v.table[v.probe(an.hashTerm(v.opts.Blocks[block].Analyzer, term, v.seeds[block]))]
	if s.col < 0 || v.Term(int(s.col)) != term {
		return 0, false
	}
	return int(s.col), true
}

// scratch is what one text needs on its way to a row.
type scratch struct {
	an   analyzer
	cols []int32 // columns of the terms found, not yet counted
	row  Row     // counted columns of this block, or the whole row
}

// maxPending is how many terms may wait to be counted. It bounds the memory
// that a long text needs.
const maxPending = 1 << 16

// Row returns the row of a text.
func (v *Vectorizer) Row(text string) Row {
	return v.AppendRow(Row{}, text)
}

// AppendRow appends the row of a text to r, whose columns should be empty for
// the result to be a row; it serves to reuse memory. Terms outside the
// vocabulary cost one failed look-up each.
func (v *Vectorizer) AppendRow(r Row, text string) Row {
	s := v.pool.Get().(*scratch)
	for b := range v.opts.Blocks {
		r = v.appendBlock(r, s, b, text)
	}
	s.an.release()
	v.pool.Put(s)
	return r
}

func (v *Vectorizer) appendBlock(r Row, s *scratch, b int, text string) Row {
	from := len(r.Indices)
	s.cols = s.cols[:0]
	s.an.start(&v.opts.Blocks[b], v.seeds[b], text)
	for s.an.more() {
		for _, h := range s.an.hashes {
			if col := v.table[v.probe(h)].col; col >= 0 {
				s.cols = append(s.cols, col)
			}
		}
		if len(s.cols) >= maxPending {
			r = s.tally(r, from)
		}
	}
	return v.weigh(b, s.tally(r, from), from)
}

// tally counts the pending columns into the part of r that begins at from,
// which stays sorted.
func (s *scratch) tally(r Row, from int) Row {
	slices.Sort(s.cols)
	start := len(r.Indices)
	for i := 0; i < len(s.cols); {
		j := i + 1
		for j < len(s.cols) && s.cols[j] == s.cols[i] {
			j++
		}
		r.Indices = append(r.Indices, s.cols[i])
		r.Values = append(r.Values, float64(j-i))
		i = j
	}
	s.cols = s.cols[:0]
	return s.fold(r, from, start)
}

// fold merges the elements of r from start on, which are sorted, into those
// between from and start, which are too. Values of one column are added up; a
// column in which they cancel is left out.
func (s *scratch) fold(r Row, from, start int) Row {
	if from == start {
		return r
	}
	s.row = Row{
		Indices: append(s.row.Indices[:0], r.Indices[from:]...),
		Values:  append(s.row.Values[:0], r.Values[from:]...),
	}
	old := s.row
	r = Row{Indices: r.Indices[:from], Values: r.Values[:from]}
	for i, k := 0, start-from; i < start-from || k < len(old.Indices); {
		var col int32
		var sum float64
		takeFirst := k == len(old.Indices) || i < start-from && old.Indices[i] <= old.Indices[k]
		takeSecond := i == start-from || k < len(old.Indices) && old.Indices[k] <= old.Indices[i]
		if takeFirst {
			col, sum = old.Indices[i], old.Values[i]
			i++
		}
		if takeSecond {
			col, sum = old.Indices[k], sum+old.Values[k]
			k++
		}
		if sum != 0 {
			r.Indices = append(r.Indices, col)
			r.Values = append(r.Values, sum)
		}
	}
	return r
}

// weigh turns the counts of one block, which begin at from, into weights, in
// scikit-learn's order: tf, times idf, divided by the norm, times the block's
// weight.
func (v *Vectorizer) weigh(block int, r Row, from int) Row {
	b := &v.opts.Blocks[block]
	values := r.Values[from:]
	for i, col := range r.Indices[from:] {
		values[i] = float64(tf(b.TF, values[i]) * v.idf[col])
	}
	scale(b, values)
	return r
}

// scale divides values by their norm and multiplies them by the block's weight.
func scale(b *Block, values []float64) {
	norm := 0.0
	for _, x := range values {
		switch b.Norm {
		case L2:
			norm += float64(x * x)
		case L1:
			norm += math.Abs(x)
		}
	}
	if b.Norm == L2 {
		norm = math.Sqrt(norm)
	}
	if norm == 0 { // no norm, or no weight to scale
		norm = 1
	}
	for i, x := range values {
		values[i] = float64(x/norm) * b.Weight
	}
}

// tf returns the weight of a term that occurs n times.
func tf(kind TF, n float64) float64 {
	if n == 1 {
		return 1 // of every kind, and by far the most frequent
	}
	switch kind {
	case BinaryTF:
		return 1
	case SublinearTF:
		return 1 + detmath.Log(n)
	}
	return n
}

// Transform returns the rows of docs, in their order: a matrix of len(docs) by
// Cols. It uses all processors. It fails only with ctx's error.
func (v *Vectorizer) Transform(ctx context.Context, docs []string) (*Matrix, error) {
	return transform(ctx, docs, v.Cols(), v.AppendRow)
}

// take takes the elements that were appended to the matrix's own as a new row.
func (m *Matrix) take(r Row) {
	m.Indices, m.Values = r.Indices, r.Values
	m.Starts = append(m.Starts, len(m.Indices))
}

// Occurrence is a term of the vocabulary where it stands in a text.
type Occurrence struct {
	Col int // the term's column
	Span
}

// Occurrences returns every term of the vocabulary that occurs in text, block
// after block, in the order of their ends: what Row counts. With characters 2-5
// that is about four for each byte of the text, of 24 bytes each.
func (v *Vectorizer) Occurrences(text string) []Occurrence {
	var found []Occurrence
	an := v.analyzer()
	an.wantSources = true
	for b := range v.opts.Blocks {
		an.start(&v.opts.Blocks[b], v.seeds[b], text)
		for an.more() {
			for i, h := range an.hashes {
				if col := v.table[v.probe(h)].col; col >= 0 {
					found = append(found, Occurrence{int(col), an.sources[i]})
				}
			}
		}
	}
	return found
}
