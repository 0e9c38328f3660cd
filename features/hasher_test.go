package features

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math"
	"math/bits"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// murmur3 is MurmurHash3_x86_32 with seed 0 (Austin Appleby, public domain).
func murmur3(b []byte) uint32 {
	const c1, c2 = 0xcc9e2d51, 0x1b873593
	mixed := func(k uint32) uint32 { return bits.RotateLeft32(k*c1, 15) * c2 }
	h, n := uint32(0), uint32(len(b))
	for ; len(b) >= 4; b = b[4:] {
		h = bits.RotateLeft32(h^mixed(binary.LittleEndian.Uint32(b)), 13)*5 + 0xe6546b64
	}
	var tail [4]byte
	if copy(tail[:], b) > 0 {
		h ^= mixed(binary.LittleEndian.Uint32(tail[:]))
	}
	h ^= n
	h = (h ^ h>>16) * 0x85ebca6b
	h = (h ^ h>>13) * 0xc2b2ae35
	return h ^ h>>16
}

// scikit-learn hashes with murmur3 and takes column and sign from 32 bits. With
// its hash in place of ours, our terms and our signed sums give its rows.
func TestSignedSumsEqualScikitLearns(t *testing.T) {
	b, err := os.ReadFile("testdata/parity/hashing_word12_1024.json")
	require.NoError(t, err)
	var p struct {
		Docs []string       `json:"docs"`
		Rows [][][2]float64 `json:"rows"`
	}
	require.NoError(t, json.Unmarshal(b, &p))
	an := analyzer{tokenizer: &Tokenizer{Rules: ScikitLearnRules}, wantTerms: true}
	for d, doc := range p.Docs {
		var s scratch
		an.start(&Block{MinN: 1, MaxN: 2}, 0, doc)
		for an.more() {
			for _, term := range an.terms {
				h := int32(murmur3(an.buf[term.Start:term.End]))
				col, sign := h, int32(0)
				if h < 0 {
					col, sign = -h, 1
				}
				s.cols = append(s.cols, col%1024<<1|sign)
			}
		}
		r := s.tallySigned(Row{}, 0, 0)
		var got [][2]float64
		for i, col := range r.Indices {
			got = append(got, [2]float64{float64(col), r.Values[i]})
		}
		var want [][2]float64
		for _, x := range p.Rows[d] {
			if x[1] != 0 { // scikit-learn keeps columns that cancel
				want = append(want, x)
			}
		}
		assert.Equal(t, want, got, doc)
	}
}

// The norm of a row is that of the vectorizer's, and inner products are
// preserved on average: with 2^20 columns and short texts, exactly.
func TestHasherPreservesInnerProducts(t *testing.T) {
	o := Options{Blocks: []Block{{MaxN: 2, IDF: NoIDF}, {Analyzer: CharsWB, MinN: 3, MaxN: 4, IDF: NoIDF, TF: SublinearTF, Weight: 2}}}
	h, err := NewHasher(26, o)
	require.NoError(t, err)
	require.Equal(t, 2<<26, h.Cols())
	dot := func(a, b Row) float64 {
		sum := 0.0
		for i, col := range a.Indices {
			for j, other := range b.Indices {
				if col == other {
					sum += a.Values[i] * b.Values[j]
				}
			}
		}
		return sum
	}
	words := rapid.SampledFrom(strings.Fields("she he said the court movement witch hunt brave mob truth now never"))
	rapid.Check(t, func(t *rapid.T) {
		a := strings.Join(rapid.SliceOfN(words, 0, 12).Draw(t, "a"), " ")
		b := strings.Join(rapid.SliceOfN(words, 0, 12).Draw(t, "b"), " ")
		v, err := Fit(context.Background(), []string{a, b}, o)
		require.NoError(t, err)
		require.InDelta(t, dot(v.Row(a), v.Row(b)), dot(h.Row(a), h.Row(b)), 1e-12)
	})
}

func TestHasherOnLongText(t *testing.T) {
	h, err := NewHasher(8, Options{Blocks: []Block{{MaxN: 2, Norm: NoNorm}}})
	require.NoError(t, err)
	text := strings.Repeat("one two three ", 50000)
	short, long := h.Row("one two three one"), h.Row(text)
	require.Equal(t, short.Indices, long.Indices)
	m, err := h.Transform(context.Background(), []string{text, "", "one two three one"})
	require.NoError(t, err)
	require.Equal(t, long.Values, m.Row(0).Values)
	require.Zero(t, m.Row(1).Len())
	require.Equal(t, short, m.Row(2))
}

func TestCollisionRate(t *testing.T) {
	h, err := NewHasher(20, Options{})
	require.NoError(t, err)
	assert.Zero(t, h.CollisionRate(1))
	assert.Zero(t, h.CollisionRate(0))
	assert.InEpsilon(t, 0.091, h.CollisionRate(100_000), 0.01)

	// Measured: terms that share a column among n different ones.
	const n = 50_000
	h, err = NewHasher(16, Options{})
	require.NoError(t, err)
	inColumn := map[int32]int{}
	for i := range n {
		r := h.Row(string([]byte{'w', byte('a' + i%26), byte('a' + i/26%26), byte('a' + i/676%26), byte('a' + i/17576)}))
		require.Equal(t, 1, r.Len())
		require.Equal(t, 1.0, math.Abs(r.Values[0]))
		inColumn[r.Indices[0]]++
	}
	shared := 0
	for _, k := range inColumn {
		if k > 1 {
			shared += k
		}
	}
	assert.InDelta(t, h.CollisionRate(n), float64(shared)/n, 0.02)
}

func TestNewHasherRefuses(t *testing.T) {
	for _, c := range []struct {
		bits int
		o    Options
		want string
	}{
		{0, Options{}, "want 1 to 30 bits"},
		{31, Options{}, "want 1 to 30 bits"},
		{30, Options{Blocks: make([]Block, 2)}, "fewer than 2^31 columns"},
		{10, Options{Blocks: []Block{{MinDF: 2}}}, "no limits on terms"},
		{10, Options{Blocks: []Block{{MinN: -1}}}, "n-grams"},
	} {
		_, err := NewHasher(c.bits, c.o)
		assert.ErrorContains(t, err, c.want)
	}
}
