package stance_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"example.org/metoostance/data"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// allocated returns the bytes that f allocates in all, freed or not: more than
// it ever holds at once.
func allocated(f func()) int64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return int64(after.TotalAlloc - before.TotalAlloc)
}

// fileParts returns where the parts of a model file begin, and its length: the
// magic number, the version, and each section.
func fileParts(t testing.TB, b []byte) []int {
	starts := []int{0, 8, headLen}
	for at := headLen; at < len(b); {
		at += sectionTop + int(binary.LittleEndian.Uint64(b[at+4:])) + 32
		starts = append(starts, at)
	}
	require.Equal(t, len(b), starts[len(starts)-1])
	return starts
}

// checkDamage loads a damaged copy of a file. The error must say which part of
// it is damaged: the one that holds the byte at place.
func checkDamage(t testing.TB, damaged []byte, starts []int, place int) {
	_, err := stance.Load(bytes.NewReader(damaged))
	var e *stance.FileError
	if !errors.As(err, &e) {
		require.Fail(t, "no error that says where", "damage at byte %d: %v", place, err)
	}
	part := 0
	for part+2 < len(starts) && starts[part+1] <= place {
		part++
	}
	if e.Offset < starts[part] || e.Offset > place && e.Offset != len(damaged) {
		require.Fail(t, "wrong place", "damage at byte %d, of the part that begins at %d: %v", place, starts[part], err)
	}
	if want := fmt.Sprintf("stance: model file, byte %d: ", e.Offset); !strings.HasPrefix(err.Error(), want) {
		require.Fail(t, "the message does not say where", "%v", err)
	}
}

func truncate(t testing.TB, b []byte, starts []int, n int) {
	checkDamage(t, b[:n:n], starts, n)
}

func flip(t testing.TB, b []byte, starts []int, bit int) {
	b[bit/8] ^= 1 << (bit % 8)
	checkDamage(t, b, starts, bit/8)
	b[bit/8] ^= 1 << (bit % 8)
}

// Every truncation and every flipped bit of a small model is an error that names
// the damaged part.
func TestDamageIsPlaced(t *testing.T) {
	good := file(t, train(t, tram, stance.Options{Features: features.Options{Blocks: []features.Block{{MinDF: 2}}}}))
	starts := fileParts(t, good)
	for n := range good {
		truncate(t, good, starts, n)
	}
	for bit := range 8 * len(good) {
		flip(t, good, starts, bit)
	}
	_, err := stance.Load(bytes.NewReader(good))
	require.NoError(t, err, "undone")
}

// The same of the default model, by sampling: all bits of the heads of its
// sections and of their checksums, the edges, and places drawn at random.
func TestDamageToTheDefaultModel(t *testing.T) {
	good, err := os.ReadFile("default.model")
	require.NoError(t, err)
	starts := fileParts(t, good)
	rng := rand.New(rand.NewPCG(20171015, 1))
	drawn := 50
	if testing.Short() {
		drawn = 15
	}
	for range drawn {
		truncate(t, good, starts, rng.IntN(len(good)))
		flip(t, good, starts, rng.IntN(8*len(good)))
	}
	for i, start := range starts[:len(starts)-1] {
		end := starts[i+1]
		truncate(t, good, starts, start)
		truncate(t, good, starts, end-1)
		for bit := 8 * start; bit < 8*min(end, start+sectionTop); bit++ {
			flip(t, good, starts, bit)
		}
		for bit := 8*end - 8; bit < 8*end; bit++ {
			flip(t, good, starts, bit)
		}
	}
	_, err = stance.Load(bytes.NewReader(append(good, 0)))
	assert.EqualError(t, err, fmt.Sprintf("stance: model file, byte %d: file goes on after its last section", len(good)))
}

// Every version of the format that is not yet is refused as newer, and 0 as
// none, before anything else is read.
func TestOtherFormatsAreRefused(t *testing.T) {
	good := file(t, train(t, tram, stance.Options{}))
	current := binary.LittleEndian.Uint32(good[8:])
	for _, version := range []uint32{current + 1, current + 2, 1 << 8, 1 << 16, 1 << 31, math.MaxUint32} {
		head := binary.LittleEndian.AppendUint32(bytes.Clone(good[:8]), version)
		_, err := stance.Load(io.MultiReader(bytes.NewReader(head), iotest.ErrReader(errors.New("read too far"))))
		assert.ErrorIs(t, err, stance.ErrNewerFormat)
		assert.EqualError(t, err, fmt.Sprintf("stance: model file, byte 8: format %d: the model file's format is newer than this library reads; update the library", version))
	}
	good[8] = 0
	_, err := stance.Load(bytes.NewReader(good))
	assert.EqualError(t, err, "stance: model file, byte 8: there is no format 0")
}

// endless is a reader that goes on for ever.
type endless struct{ read int }

func (e *endless) Read(b []byte) (int, error) {
	e.read += len(b)
	clear(b)
	return len(b), nil
}

// A file that announces what it does not hold costs what it holds.
func TestLoadBelievesNoLength(t *testing.T) {
	good := file(t, train(t, tram, stance.Options{}))
	for _, start := range fileParts(t, good)[2:5] {
		for _, length := range []uint64{1 << 20, 1 << 29, 1<<29 + 1, 1 << 31, 1 << 32, 1 << 40, 1 << 63, math.MaxUint64 - 31, math.MaxUint64} {
			b := bytes.Clone(good)
			binary.LittleEndian.PutUint64(b[start+4:], length)
			var err error
			size := allocated(func() { _, err = stance.Load(bytes.NewReader(b)) })
			require.ErrorContains(t, err, fmt.Sprintf("wants %d bytes", length))
			require.Less(t, size, int64(16*len(good)+1<<18), "%d announced", length)
		}
	}
	// What is no model is not read to its end.
	var zeros endless
	_, err := stance.Load(&zeros)
	assert.EqualError(t, err, "stance: model file, byte 0: this is not a model file")
	assert.Less(t, zeros.read, 10_000)
	zeros.read = 0
	_, err = stance.Load(io.MultiReader(bytes.NewReader(good), &zeros))
	assert.ErrorContains(t, err, "file goes on after its last section")
	assert.Less(t, zeros.read, 10_000)
}

// The numbers within a section are believed no more than those around it, even
// where the checksum is right.
func TestLoadBelievesNoCount(t *testing.T) {
	good := file(t, train(t, tram, stance.Options{}))
	parts := sections(t, good)
	options := int(parts[1][0]) // its length as a varint
	if parts[1][0] >= 0x80 {
		n, size := binary.Uvarint(parts[1])
		options = int(n) + size
	} else {
		options++
	}
	// Behind the options stand the numbers of documents and of columns, and the
	// length of the terms.
	for name, numbers := range map[string][]uint64{
		"columns":     {18, 1 << 40},
		"terms":       {18, 3, 1 << 31},
		"all at most": {1<<31 - 1, 1 << 30, 1<<31 - 1},
		"all":         {math.MaxUint64, math.MaxUint64, math.MaxUint64},
	} {
		forged := bytes.Clone(parts[1][:options])
		for _, n := range numbers {
			forged = binary.AppendUvarint(forged, n)
		}
		changed := parts
		changed[1] = forged
		b := assemble(changed)
		var err error
		size := allocated(func() { _, err = stance.Load(bytes.NewReader(b)) })
		require.ErrorContains(t, err, "section VECT: features: vectorizer, byte ", name)
		require.Less(t, size, int64(64*len(b)+1<<18), name)
	}
}

// Loading takes memory in proportion to the file.
func TestLoadAllocatesInProportion(t *testing.T) {
	b, err := os.ReadFile("default.model")
	require.NoError(t, err)
	size := allocated(func() { _, err = stance.Load(bytes.NewReader(b)) })
	require.NoError(t, err)
	t.Logf("%d bytes allocated for a file of %d: %.1f times", size, len(b), float64(size)/float64(len(b)))
	assert.Less(t, size, int64(32*len(b)))
}

// Whatever pieces a file arrives in, it is the same; an error on the way is that
// error.
func TestLoadFromAnyReader(t *testing.T) {
	good := file(t, train(t, tram, stance.Options{}))
	for name, r := range map[string]io.Reader{
		"bytes":     iotest.OneByteReader(bytes.NewReader(good)),
		"halves":    iotest.HalfReader(bytes.NewReader(good)),
		"data, EOF": iotest.DataErrReader(bytes.NewReader(good)),
	} {
		m, err := stance.Load(r)
		require.NoError(t, err, name)
		assert.Equal(t, good, file(t, m), name)
	}
	broken := errors.New("the disk is broken")
	for n := range good {
		_, err := stance.Load(io.MultiReader(bytes.NewReader(good[:n]), iotest.ErrReader(broken)))
		require.EqualError(t, err, "stance: reading model: the disk is broken", "after %d bytes", n)
		require.ErrorIs(t, err, broken)
	}
	_, err := stance.LoadFile(t.TempDir())
	assert.ErrorContains(t, err, "stance: reading model: ")
}

// lazyWriter takes less than it is given and says nothing.
type lazyWriter struct{ left int }

func (w *lazyWriter) Write(b []byte) (int, error) {
	n := min(w.left, len(b))
	w.left -= n
	return n, nil
}

// Save reports whatever keeps a writer from taking all of the file.
func TestSaveReportsFailingWriters(t *testing.T) {
	m := train(t, tram, stance.Options{})
	size := len(file(t, m))
	for n := 0; n < size; n += 7 {
		require.ErrorContains(t, m.Save(&failingWriter{left: n}), "disk full", "after %d bytes", n)
		require.ErrorIs(t, m.Save(&lazyWriter{left: n}), io.ErrShortWrite, "after %d bytes", n)
	}
	assert.NoError(t, m.Save(&failingWriter{left: size}))
	assert.NoError(t, m.Save(&lazyWriter{left: size}))
}

// The parts that a model file must have are in it.
func TestFileHoldsItsProvenance(t *testing.T) {
	examples := data.Gold().Examples()[:200]
	m := train(t, examples, stance.Options{Seed: 77, Command: `train "a b.csv"`})
	b := file(t, m)
	meta := string(sections(t, b)[0])
	for _, want := range []string{`"Library":"` + stance.Version + `"`, `"Seed":77`, `"Command":"train \"a b.csv\""`, `"Labels":["FAVOR","AGAINST","NONE"]`, `"Data":"` + m.Report().Data + `"`} {
		assert.Contains(t, meta, want)
	}
	// The hash tells any change to the examples.
	for name, change := range map[string]func(all []stance.Example){
		"text":            func(all []stance.Example) { all[7].Text += " " },
		"label":           func(all []stance.Example) { all[7].Label = 1 + all[7].Label%3 },
		"group":           func(all []stance.Example) { all[7].Group += "x" },
		"ID":              func(all []stance.Example) { all[7].ID += "x" },
		"document":        func(all []stance.Example) { all[7].Document += "x" },
		"target":          func(all []stance.Example) { all[7].Target += "x" },
		"order":           func(all []stance.Example) { all[7], all[8] = all[8], all[7] },
		"another example": func(all []stance.Example) { all[7] = all[8] },
		"border of ID and text": func(all []stance.Example) {
			all[7].ID, all[7].Text = all[7].ID+all[7].Text[:1], all[7].Text[1:]
		},
	} {
		other := append([]stance.Example(nil), examples...)
		change(other)
		assert.NotEqual(t, m.Report().Data, train(t, other, stance.Options{Seed: 77}).Report().Data, name)
	}
	path := filepath.Join(t.TempDir(), "x.model")
	require.NoError(t, m.SaveFile(path))
	again, err := stance.LoadFile(path)
	require.NoError(t, err)
	assert.Equal(t, m.Report(), again.Report())
	assert.Equal(t, uint64(77), again.Options().Seed)
}

// forge returns a model file whose section of the vectorizer has these options
// and what follows them.
func forge(t testing.TB, options string, numbers ...[]byte) []byte {
	parts := sections(t, file(t, train(t, tram, stance.Options{})))
	parts[1] = append(binary.AppendUvarint(nil, uint64(len(options))), options...)
	for _, n := range numbers {
		parts[1] = append(parts[1], n...)
	}
	return assemble(parts)
}

func uvarints(numbers ...uint64) (b []byte) {
	for _, n := range numbers {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

// maxLoadFactor bounds the bytes that loading allocates for each byte of the
// worst file, in all; what is held at once is less. The worst has a block of
// features, of 112 bytes, in each three bytes.
const maxLoadFactor = 256

// bombs are files that unpack into as much as possible, of about 5n bytes each.
func bombs(t testing.TB, n int) map[string][]byte {
	var terms []byte // "aaa", "aab" and so on: three bytes, of which few are stored
	size, before := 0, ""
	for i := range min(n, 70_000) {
		term := string([]byte{byte(' ' + 1 + i/1849), byte('A' + i/43%43), byte('A' + i%43)})
		shared := 0
		for shared < len(before) && before[shared] == term[shared] {
			shared++
		}
		terms = append(terms, uvarints(uint64(shared), uint64(3-shared))...)
		terms = append(append(terms, term[shared:]...), 1)
		size += len(term)
		before = term
	}
	// A long term, and many that add a letter to it.
	const long = 180
	var chain []byte
	chainSize := 0
	for i := range n / 100 {
		head := fmt.Sprintf("%04d", i)
		rest := head + strings.Repeat("x", long-4)
		shared := 0
		if i > 0 {
			for last := fmt.Sprintf("%04d", i-1); last[shared] == head[shared]; {
				shared++
			}
		}
		chain = append(append(append(chain, uvarints(uint64(shared), uint64(long-shared))...), rest[shared:]...), 1)
		chainSize += long
		for c := byte('a'); c <= 'y'; c++ {
			chain = append(append(chain, uvarints(long, 1)...), c, 1)
			chainSize += long + 1
		}
	}
	// One that is far longer than what is stored of those that follow it.
	const longest = 4000
	longer := append(append(uvarints(0, longest+2), strings.Repeat("x", longest)+"aa"...), 1)
	for i := 1; i < 625; i++ {
		longer = append(append(append(longer, uvarints(longest, 2)...), 'a'+byte(i/25), 'a'+byte(i%25)), 1)
	}
	var words strings.Builder
	for i := range n {
		fmt.Fprintf(&words, `,"%x":true`, i)
	}
	return map[string][]byte{
		"short terms":      forge(t, `{"Blocks":[{}]}`, uvarints(1, uint64(min(n, 70_000)), uint64(size)), terms),
		"shared beginning": forge(t, `{"Blocks":[{}]}`, uvarints(1, uint64(n/100*26), uint64(chainSize)), chain),
		"long beginning":   forge(t, `{"Blocks":[{}]}`, uvarints(1, 625, 625*(longest+2)), longer),
		"blocks":           forge(t, `{"Blocks":[{}`+strings.Repeat(",{}", n)+`]}`),
		"false blocks":     forge(t, `{"Blocks":[0`+strings.Repeat(",0", n)+`]}`),
		"blocks in place":  forge(t, `{"Blocks":[{}`+strings.Repeat(",{}", n)+`]}`, make([]byte, n+10)),
		"stop words":       forge(t, `{"Tokenizer":{"StopWords":{`+words.String()[1:]+`}}}`),
		"lexicon":          forge(t, `{"Blocks":[{"Analyzer":3}],"Lexicon":{`+strings.ReplaceAll(words.String()[1:], "true", `["a"]`)+`}}`),
		"classes":          forge(t, `{"Blocks":[{"Analyzer":3}],"Lexicon":{"a":["a"`+strings.Repeat(`,"a"`, n)+`]}}`),
		"strings":          forge(t, `{"Blocks":"`+strings.Repeat(`\u0000`, n)+`"}`),
		"nested":           forge(t, `{"Blocks":`+strings.Repeat(`[`, n)),
		"announced terms":  forge(t, `{"Blocks":[{}]}`, uvarints(1, 1, uint64(32*n)), make([]byte, n+10)),
	}
}

// Files that are made to unpack do not.
func TestLoadWithstandsBombs(t *testing.T) {
	for name, b := range bombs(t, 100_000) {
		var err error
		size := allocated(func() { _, err = stance.Load(bytes.NewReader(b)) })
		var e *stance.FileError
		require.ErrorAs(t, err, &e, name)
		if name == "long beginning" {
			require.ErrorContains(t, err, "bytes of terms in", "refused before it is unpacked")
		}
		t.Logf("%s: %d bytes, %.0f times as much allocated: %.100v", name, len(b), float64(size)/float64(len(b)), err)
		assert.Less(t, size, int64(maxLoadFactor*len(b)), name)
	}
}

// FuzzLoadMemory puts anything into the sections of a file that is otherwise
// whole and weighs what Load allocates.
func FuzzLoadMemory(f *testing.F) {
	add := func(b []byte) {
		parts := sections(f, b)
		f.Add(parts[0], parts[1], parts[2])
	}
	add(file(f, train(f, tram, stance.Options{})))
	for _, b := range bombs(f, 100) {
		add(b)
	}
	f.Fuzz(func(t *testing.T, meta, vectorizer, weights []byte) {
		b := assemble([...][]byte{meta, vectorizer, weights})
		var err error
		size := allocated(func() { _, err = stance.Load(bytes.NewReader(b)) })
		require.Less(t, size, int64(maxLoadFactor*len(b)+1<<18), "%v", err)
	})
}
