package stancebeam

import (
	"bytes"
	"context"
	"flag"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/mtime"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/stance"
)

func init() {
	register.Function2x0(atHour)
	register.Emitter2[beam.EventTime, Record]()
}

func TestMain(m *testing.M) {
	flag.Parse()
	beam.Init()
	slog.SetDefault(slog.New(slog.DiscardHandler)) // Beam's log
	os.Exit(m.Run())
}

// trained is a model of four sentences, unlike the default one in every
// prediction.
func trained(t testing.TB) *stance.Model {
	t.Helper()
	m, err := stance.Train(context.Background(), []stance.Example{
		{Text: "We stand with the women who spoke.", Label: stance.Favor},
		{Text: "It is a witch hunt and nothing else.", Label: stance.Against},
		{Text: "The hall opens at seven.", Label: stance.None},
		{Text: "Tickets are sold at the door.", Label: stance.None},
	}, stance.Options{CalibrationFolds: -1})
	require.NoError(t, err)
	return m
}

// resultOf is the result of a record with a model.
func resultOf(m *stance.Model, r Record) Result {
	p := m.Classify(r.Text)
	return Result{ID: r.ID, Source: r.Source, Line: r.Line, Day: r.Day, Label: p.Label, Probabilities: p.Probabilities}
}

var good = []Record{
	{ID: "1", Source: "posts", Line: 1, Day: "2018-01-31", Text: "Believing women is the least that a newsroom can do."},
	{ID: "2", Source: "posts", Line: 2, Day: "2018-01-31", Text: "The hall opens at seven."},
	{ID: "3", Day: "2020-02-29", Text: "It is a witch hunt, and decent men pay for it."},
	{Text: "No day, no ID, no source; a NUL \x00 and a \uFFFD."},
}

var bad = []struct {
	record Record
	reason string
}{
	{Record{ID: "a"}, "empty text"},
	{Record{ID: "b", Text: " \t\n\u00A0"}, "empty text"},
	{Record{ID: "c", Text: "good \xff bad"}, "the text is not valid UTF-8 from byte 5 on"},
	{Record{ID: "d", Text: "half a character \xe2\x80"}, "the text is not valid UTF-8 from byte 17 on"},
	{Record{ID: "e", Text: strings.Repeat("x", 1<<20+1)}, "text of 1048577 bytes, more than 1048576"},
	{Record{ID: "f", Text: "Text.", Day: "2018-02-30"}, `"2018-02-30" is no day, want one like 2018-01-31`},
	{Record{ID: "g", Text: "Text.", Day: "31 January 2018"}, `"31 January 2018" is no day, want one like 2018-01-31`},
	{Record{ID: "h", Source: "posts", Line: 7, Text: "raw", Err: "byte 3: no brace"}, "byte 3: no brace"},
}

func TestClassify(t *testing.T) {
	var records []Record
	var results, failures []any
	for _, r := range good {
		records = append(records, r)
		results = append(results, resultOf(stance.Default(), r))
	}
	for _, b := range bad {
		records = append(records, b.record)
		failures = append(failures, Failure{Record: b.record, Reason: b.reason})
	}
	p, s, col := ptest.CreateList(records)
	r, f := Classify(s, col)
	passert.Equals(s, r, results...)
	passert.Equals(s, f, failures...)
	require.NoError(t, ptest.Run(p))
}

// A text of just the greatest length is labelled.
func TestLongestText(t *testing.T) {
	p, s, col := ptest.CreateList([]Record{{Text: strings.Repeat("x", 1<<20)}})
	r, f := Classify(s, col)
	passert.Count(s, r, "results", 1)
	passert.Empty(s, f)
	require.NoError(t, ptest.Run(p))
}

func TestOptions(t *testing.T) {
	m := trained(t)
	path := filepath.Join(t.TempDir(), "tiny.model")
	require.NoError(t, m.SaveFile(path))
	long := Record{Text: "Twenty bytes of text."}
	p, s, col := ptest.CreateList(append(good[:3:3], long))
	r, f := ClassifyWith(s, Options{Model: path, MinConfidence: 1, MaxBytes: 52, KeepText: true}, col)
	var want []any
	for _, r := range append(good[:3:3], long) {
		l := resultOf(m, r)
		l.Label, l.Text = stance.Unlabelled, r.Text
		want = append(want, l)
	}
	passert.Equals(s, r, want...)
	passert.Empty(s, f)
	_, f = ClassifyWith(s, Options{MaxBytes: 20}, col)
	passert.Count(s, f, "texts of more than 20 bytes", 4)
	require.NoError(t, ptest.Run(p))
}

func TestOptionsOutOfRange(t *testing.T) {
	_, s, col := ptest.CreateList(good)
	for _, tt := range []struct {
		o    Options
		want string
	}{
		{Options{MaxBytes: -1}, "stancebeam: MaxBytes is -1"},
		{Options{MinConfidence: 1.5}, "stancebeam: MinConfidence is 1.5, want a probability"},
		{Options{MinConfidence: -1}, "stancebeam: MinConfidence is -1, want a probability"},
		{Options{MinConfidence: math.NaN()}, "stancebeam: MinConfidence is NaN, want a probability"},
	} {
		assert.PanicsWithValue(t, tt.want, func() { ClassifyWith(s, tt.o, col) })
	}
	assert.PanicsWithValue(t, "stancebeam: there is nothing to count", func() { CountByLabelAndDay(s) })
}

// countingFS is a file system of one file that counts how often it is opened.
type countingFS struct {
	filesystem.Interface
	content []byte
	opened  *atomic.Int64
}

func (f countingFS) OpenRead(context.Context, string) (io.ReadCloser, error) {
	f.opened.Add(1)
	return io.NopCloser(bytes.NewReader(f.content)), nil
}

func (countingFS) Close() error { return nil }

func TestModelIsLoadedOncePerWorker(t *testing.T) {
	m := trained(t)
	var file bytes.Buffer
	require.NoError(t, m.Save(&file))
	var opened atomic.Int64
	filesystem.Register("counting", func(context.Context) filesystem.Interface {
		return countingFS{content: file.Bytes(), opened: &opened}
	})
	// Two pipelines of three stages each, all of them workers of this process.
	for range 2 {
		p, s := beam.NewPipelineWithRoot()
		for _, r := range good[:3] {
			results, _ := ClassifyWith(s, Options{Model: "counting://m"}, beam.CreateList(s, []Record{r}))
			passert.Equals(s, results, resultOf(m, r))
		}
		require.NoError(t, ptest.Run(p))
	}
	assert.EqualValues(t, 1, opened.Load())
}

func TestModelThatCannotBeLoaded(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.model")
	require.NoError(t, os.WriteFile(broken, []byte("no model"), 0o644))
	for path, want := range map[string]string{
		broken:                      broken + ": stance: model file, byte 0: this is not a model file",
		filepath.Join(broken, "no"): "not a directory",
		"nowhere://m":               `scheme "nowhere" not registered`,
	} {
		p, s, col := ptest.CreateList(good)
		ClassifyWith(s, Options{Model: path}, col)
		err := ptest.Run(p)
		require.Error(t, err)
		assert.ErrorContains(t, err, "stancebeam: model "+path)
		assert.ErrorContains(t, err, want)
	}
}

func TestCountByLabelAndDay(t *testing.T) {
	day := func(day string, l stance.Label, n int) []Result {
		r := make([]Result, n)
		for i := range r {
			r[i] = Result{Day: day, Label: l}
		}
		return r
	}
	one := append(day("2018-01-31", stance.Favor, 3), day("", stance.None, 2)...)
	two := append(day("2018-01-31", stance.Favor, 4), day("2018-01-31", stance.Against, 1)...)
	two = append(two, day("2018-02-01", stance.Unlabelled, 2)...)

	p, s := beam.NewPipelineWithRoot()
	a, b, none := beam.CreateList(s, one), beam.CreateList(s, two), beam.CreateList(s, []Result{})
	passert.Equals(s, CountByLabelAndDay(s, a),
		Count{"2018-01-31", stance.Favor, 3}, Count{"", stance.None, 2})
	passert.Equals(s, CountByLabelAndDay(s, a, b, none),
		Count{"2018-01-31", stance.Favor, 7}, Count{"", stance.None, 2},
		Count{"2018-01-31", stance.Against, 1}, Count{"2018-02-01", stance.Unlabelled, 2})
	passert.Empty(s, CountByLabelAndDay(s, none))
	require.NoError(t, ptest.Run(p))
}

// atHour gives a record the hour of its line as its timestamp.
func atHour(r Record, emit func(beam.EventTime, Record)) {
	emit(mtime.FromTime(time.Unix(0, 0).Add(time.Duration(r.Line)*time.Hour)), r)
}

// Results stay in the window of their record: those of one label and day are
// counted window by window.
func TestWindows(t *testing.T) {
	const text = "The hall opens at seven."
	label := stance.Default().Classify(text).Label
	p, s, col := ptest.CreateList([]Record{{Line: 1, Text: text}, {Line: 2, Text: text}, {Line: 30, Text: text}})
	days := beam.WindowInto(s, window.NewFixedWindows(24*time.Hour), beam.ParDo(s, atHour, col))
	results, _ := Classify(s, days)
	counts := beam.WindowInto(s, window.NewGlobalWindows(), CountByLabelAndDay(s, results))
	passert.Equals(s, counts, Count{"", label, 2}, Count{"", label, 1})
	require.NoError(t, ptest.Run(p))
}

func TestKeyCountRefusesOtherKeys(t *testing.T) {
	_, err := keyCount("PERHAPS\t2018-01-31", 1)
	assert.ErrorContains(t, err, `stancebeam: key "PERHAPS\t2018-01-31"`)
}

// anyString draws strings that are mostly text and sometimes any bytes.
func anyString() *rapid.Generator[string] {
	return rapid.OneOf(rapid.String(), rapid.Custom(func(t *rapid.T) string {
		return string(rapid.SliceOf(rapid.Byte()).Draw(t, "bytes"))
	}))
}

func anyRecord() *rapid.Generator[Record] {
	return rapid.Custom(func(t *rapid.T) Record {
		return Record{
			ID: anyString().Draw(t, "ID"), Source: anyString().Draw(t, "Source"), Line: rapid.Int().Draw(t, "Line"),
			Day:  rapid.OneOf(rapid.Just(""), rapid.Just("2018-01-31"), anyString()).Draw(t, "Day"),
			Text: anyString().Draw(t, "Text"), Err: rapid.OneOf(rapid.Just(""), anyString()).Draw(t, "Err"),
		}
	})
}

// Whatever a record holds, it becomes one result, which is what the model says,
// or one failure that holds it all.
func TestNothingIsLost(t *testing.T) {
	fn := &classifyFn{Options: Options{MaxBytes: 30}}
	require.NoError(t, fn.Setup(context.Background()))
	rapid.Check(t, func(rt *rapid.T) {
		r := anyRecord().Draw(rt, "record")
		n := 0
		fn.ProcessElement(r, func(got Result) {
			n++
			assert.Equal(rt, resultOf(stance.Default(), r), got)
			assert.Empty(rt, r.Err)
			assert.LessOrEqual(rt, len(r.Text), 30)
		}, func(f Failure) {
			n++
			assert.Equal(rt, r, f.Record)
			assert.NotEmpty(rt, f.Reason)
		})
		assert.Equal(rt, 1, n)
	})
}

// label draws a label, Unlabelled included.
func label(t *rapid.T) stance.Label {
	return rapid.Custom(func(t *rapid.T) stance.Label { return stance.Label(rapid.IntRange(0, stance.NumLabels).Draw(t, "l")) }).Draw(t, "Label")
}

func TestCoders(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		r := anyRecord().Draw(rt, "record")
		gotRecord, err := decodeRecord(encodeRecord(r))
		require.NoError(rt, err)
		assert.Equal(rt, r, gotRecord)

		f := Failure{Record: r, Reason: anyString().Draw(rt, "Reason")}
		gotFailure, err := decodeFailure(encodeFailure(f))
		require.NoError(rt, err)
		assert.Equal(rt, f, gotFailure)

		result := Result{ID: r.ID, Source: r.Source, Line: r.Line, Day: r.Day, Text: r.Text, Label: label(rt)}
		for i := range result.Probabilities {
			result.Probabilities[i] = rapid.Float64().Draw(rt, "p")
		}
		gotResult, err := decodeResult(encodeResult(result))
		require.NoError(rt, err)
		assert.Equal(rt, result, gotResult)

		c := Count{Day: r.Day, Label: label(rt), N: rapid.Int64().Draw(rt, "N")}
		gotCount, err := decodeCount(encodeCount(c))
		require.NoError(rt, err)
		assert.Equal(rt, c, gotCount)
	})
}

// Beam takes the coders of this package, not those it would make.
func TestCodersAreRegistered(t *testing.T) {
	for _, v := range []any{Record{}, Result{}, Failure{}, Count{}} {
		var b bytes.Buffer
		ty := reflect.TypeOf(v)
		require.NoError(t, beam.NewElementEncoder(ty).Encode(v, &b))
		got, err := beam.NewElementDecoder(ty).Decode(&b)
		require.NoError(t, err)
		assert.Equal(t, v, got)
	}
	assert.Equal(t, []byte{0, 0, 0, 0, 0, 0}, encodeRecord(Record{}))
}

func TestDecodingWhatIsCut(t *testing.T) {
	full := encodeResult(Result{ID: "one", Source: "two", Line: 3, Day: "2018-01-31", Label: stance.Favor, Text: "text"})
	for i := range full {
		_, err := decodeResult(full[:i])
		assert.Equal(t, errEncoding, err, i)
	}
	_, err := decodeResult(append(full, 0))
	assert.Equal(t, errEncoding, err)
	_, err = decodeCount([]byte{0, 17, 2})
	assert.Equal(t, errEncoding, err, "17 is no label")
}

func FuzzDecoders(f *testing.F) {
	f.Add(encodeFailure(Failure{Record: Record{ID: "a", Line: 7, Text: "text"}, Reason: "why"}))
	f.Add(encodeResult(Result{ID: "a", Label: stance.None}))
	f.Add([]byte{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01})
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := decodeRecord(b); err == nil {
			again, err := decodeRecord(encodeRecord(r))
			require.NoError(t, err)
			assert.Equal(t, r, again)
		}
		if v, err := decodeFailure(b); err == nil {
			again, err := decodeFailure(encodeFailure(v))
			require.NoError(t, err)
			assert.Equal(t, v, again)
		}
		if r, err := decodeResult(b); err == nil {
			// Compared as bytes: a probability may be NaN.
			encoded := encodeResult(r)
			again, err := decodeResult(encoded)
			require.NoError(t, err)
			assert.Equal(t, encoded, encodeResult(again))
		}
		if c, err := decodeCount(b); err == nil {
			again, err := decodeCount(encodeCount(c))
			require.NoError(t, err)
			assert.Equal(t, c, again)
		}
	})
}
