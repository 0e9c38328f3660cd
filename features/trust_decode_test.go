package features

import (
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// storedVectorizer returns what Decode reads: options and the numbers and bytes
// that follow them.
func storedVectorizer(options string, numbers ...uint64) []byte {
	b := append(binary.AppendUvarint(nil, uint64(len(options))), options...)
	for _, n := range numbers {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

// False numbers of columns are an error where they exceed the data together,
// also where their sum exceeds an int of 32 bits.
func TestDecodeSumsNoFalseColumns(t *testing.T) {
	const blocks, columns = 50_000, 49_000
	numbers := []uint64{1}
	for range blocks {
		numbers = append(numbers, columns)
	}
	b := storedVectorizer(`{"Blocks":[{}`+strings.Repeat(",{}", blocks-1)+`]}`, numbers...)
	b = append(b, make([]byte, 3*columns)...)
	_, err := Decode(b)
	require.ErrorContains(t, err, "number of columns is 49000, want at most ")
}

// As many documents as an int of 32 bits can count have weights that are numbers.
func TestDecodeMostDocuments(t *testing.T) {
	for _, kind := range []IDF{SmoothIDF, PlainIDF, NoIDF, UnshiftedIDF} {
		b := storedVectorizer(fmt.Sprintf(`{"Blocks":[{"IDF":%d}]}`, kind), math.MaxInt32, 2, 2, 0, 1, 'a', 1, 0, 1, 'b', math.MaxInt32)
		v, err := Decode(b)
		require.NoError(t, err)
		assert.GreaterOrEqual(t, v.IDF(0), 1.0, "IDF %d", kind)
		assert.GreaterOrEqual(t, v.IDF(1), 0.0, "IDF %d", kind)
	}
}

// crowd returns n words whose hashes agree in many of their lower bits: a table
// that took these for the place would have them all in one stretch of it.
func crowd(n int) []string {
	const near = 64 // of so many hashes, one will do
	size := uint64(16)
	for size < uint64(2*n) {
		size *= 2
	}
	var words []string
	for i := 0; len(words) < n; i++ {
		word := []byte("aaaaaa")
		for k, rest := 0, i; rest > 0; k, rest = k+1, rest/26 {
			word[k] += byte(rest % 26)
		}
		if hashString(string(word))&(size-1) < size/near {
			words = append(words, string(word))
		}
	}
	return words
}

// requireSpread checks that looking up all entries of a table takes few steps
// for each: home returns the place that an entry wants, and false if there is
// none.
func requireSpread(t *testing.T, size int, home func(i int) (uint64, bool)) {
	t.Helper()
	entries, steps := 0, 0
	for i := range size {
		if h, used := home(i); used {
			entries++
			steps += (i - int(h&uint64(size-1)) + size) % size
		}
	}
	require.Positive(t, entries)
	assert.Less(t, steps, 8*entries, "%d entries", entries)
}

// Nobody can choose terms that crowd the look-up tables: neither who wrote a text
// that a vocabulary is learnt from, nor who wrote a model file.
func TestTablesWithstandCrowds(t *testing.T) {
	words := crowd(5000)
	text := strings.Join(words, " ")
	v, err := Fit(t.Context(), []string{text}, Options{})
	require.NoError(t, err)
	require.Equal(t, len(words), v.Cols())
	b, err := v.AppendBinary(nil)
	require.NoError(t, err)
	decoded, err := Decode(b)
	require.NoError(t, err)
	for _, v := range []*Vectorizer{v, decoded} {
		requireSpread(t, len(v.table), func(i int) (uint64, bool) { return slotOf(v.table[i].hash), v.table[i].col >= 0 })
	}
	counted := v.count(t.Context(), []string{text}, false).blocks[0]
	requireSpread(t, len(counted.table), func(i int) (uint64, bool) { return slotOf(counted.table[i].hash), counted.table[i].index > 0 })
}

// Hashes that are alike, in their lower bits or in their upper ones, have places
// that are not.
func TestSlotsOfHashesThatAreAlike(t *testing.T) {
	defer func(old uint64) { slotKey = old }(slotKey)
	const hashes, size = 1000, 1 << 14
	for _, key := range []uint64{0x9e3779b97f4a7c15, 0xd1342543de82ef95, 0xaf251af3b0f025b5} {
		slotKey = key
		for shift := range 55 {
			places := map[uint64]bool{}
			for i := range uint64(hashes) {
				places[slotOf(i<<shift^12345)%size] = true
			}
			assert.Greater(t, len(places), hashes/2, "key %x, shift %d", key, shift)
		}
	}
}

// Where terms stand in the tables, which is drawn anew for every process, is in
// no result.
func TestSlotsChangeNothing(t *testing.T) {
	defer func(old uint64) { slotKey = old }(slotKey)
	docs := strings.SplitAfter(strings.Repeat("They listened to her, and nobody laughed. #MeToo, she said! Who would have? ", 3), ". ")
	o := Options{Blocks: []Block{{MaxN: 2, MaxFeatures: 30}, {Analyzer: CharsWB, MinN: 2, MaxN: 4}}}
	results := func(key uint64) []any {
		slotKey = key
		v, m, err := FitTransform(t.Context(), docs, o)
		require.NoError(t, err)
		b, err := v.AppendBinary(nil)
		require.NoError(t, err)
		weights := make([]float32, Outputs*v.Cols())
		for i := range weights {
			weights[i] = 1 / float32(i+1)
		}
		return []any{b, m.Indices, m.Values, v.Row(docs[0]), v.Occurrences(docs[0]), NewScorer(v, weights).Scores(docs[0] + docs[1])}
	}
	want := results(1)
	for _, key := range []uint64{hashK0, math.MaxUint64} {
		assert.Equal(t, want, results(key), "key %x", key)
	}
}
