package stancebeam

import (
	"encoding/binary"
	"errors"
	"math"
	"reflect"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"

	"example.org/metoostance/stance"
)

// The coders write the fields in the order of the types: strings as their
// length and bytes, integers as variable-length ones, probabilities as eight
// bytes, little endian. Equal values have equal encodings, and a string may
// hold any bytes: a failure keeps a text that is not valid UTF-8 as it was.
func init() {
	beam.RegisterCoder(reflect.TypeFor[Record](), encodeRecord, decodeRecord)
	beam.RegisterCoder(reflect.TypeFor[Result](), encodeResult, decodeResult)
	beam.RegisterCoder(reflect.TypeFor[Failure](), encodeFailure, decodeFailure)
	beam.RegisterCoder(reflect.TypeFor[Count](), encodeCount, decodeCount)
}

func encodeRecord(r Record) []byte { return appendRecord(nil, &r) }

func decodeRecord(b []byte) (Record, error) {
	d := decoder{b: b}
	r := d.record()
	return r, d.end()
}

func encodeFailure(f Failure) []byte {
	return appendString(appendRecord(nil, &f.Record), f.Reason)
}

func decodeFailure(b []byte) (Failure, error) {
	d := decoder{b: b}
	f := Failure{Record: d.record(), Reason: d.string()}
	return f, d.end()
}

func encodeResult(r Result) []byte {
	b := make([]byte, 0, 64+len(r.Source)+len(r.Text))
	b = appendString(b, r.ID)
	b = appendString(b, r.Source)
	b = binary.AppendVarint(b, int64(r.Line))
	b = appendString(b, r.Day)
	b = append(b, byte(r.Label))
	for _, p := range r.Probabilities {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p))
	}
	return appendString(b, r.Text)
}

func decodeResult(b []byte) (Result, error) {
	d := decoder{b: b}
	r := Result{ID: d.string(), Source: d.string(), Line: int(d.varint()), Day: d.string(), Label: d.label()}
	for i := range r.Probabilities {
		r.Probabilities[i] = d.float()
	}
	r.Text = d.string()
	return r, d.end()
}

func encodeCount(c Count) []byte {
	b := appendString(nil, c.Day)
	b = append(b, byte(c.Label))
	return binary.AppendVarint(b, c.N)
}

func decodeCount(b []byte) (Count, error) {
	d := decoder{b: b}
	c := Count{Day: d.string(), Label: d.label(), N: d.varint()}
	return c, d.end()
}

func appendRecord(b []byte, r *Record) []byte {
	b = appendString(b, r.ID)
	b = appendString(b, r.Source)
	b = binary.AppendVarint(b, int64(r.Line))
	b = appendString(b, r.Day)
	b = appendString(b, r.Text)
	return appendString(b, r.Err)
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

var errEncoding = errors.New("stancebeam: an element is not encoded as this version encodes it")

// decoder reads what the encoders wrote, up to the first error.
type decoder struct {
	b      []byte
	failed bool
}

// end says whether all was read and nothing is left.
func (d *decoder) end() error {
	if d.failed || len(d.b) > 0 {
		return errEncoding
	}
	return nil
}

// next returns the next n bytes.
func (d *decoder) next(n uint64) []byte {
	if d.failed || n > uint64(len(d.b)) {
		d.failed = true
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) record() Record {
	return Record{
		ID: d.string(), Source: d.string(), Line: int(d.varint()),
		Day: d.string(), Text: d.string(), Err: d.string(),
	}
}

func (d *decoder) string() string {
	n, size := binary.Uvarint(d.b)
	d.next(size64(size))
	return string(d.next(n))
}

func (d *decoder) varint() int64 {
	v, size := binary.Varint(d.b)
	d.next(size64(size))
	return v
}

func (d *decoder) label() stance.Label {
	b := d.next(1)
	if len(b) == 0 {
		return stance.Unlabelled
	}
	l := stance.Label(b[0])
	d.failed = d.failed || !l.Valid() && l != stance.Unlabelled
	return l
}

func (d *decoder) float() float64 {
	b := d.next(8)
	if len(b) == 0 {
		return 0
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b))
}

// size64 returns the size of a variable-length integer as an unsigned number,
// too great for any slice if package binary could not read it.
func size64(size int) uint64 {
	if size <= 0 {
		return math.MaxUint64
	}
	return uint64(size)
}
