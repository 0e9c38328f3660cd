package stancebeam

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local" // for Options.Model
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"

	"example.org/metoostance/stance"
)

func init() {
	register.DoFn3x0[Record, func(Result), func(Failure)](&classifyFn{})
	register.Emitter1[Result]()
	register.Emitter1[Failure]()
}

// Record is a sentence to be labelled.
type Record struct {
	// ID names the record for the program that made it. It may be empty.
	ID string
	// Source and Line say where the sentence stands: the name of a file, or of
	// something else, and the line in it, from 1. They may be empty and 0.
	Source string
	Line   int
	// Day is the day on which the sentence was written, as in 2018-01-31, or
	// empty if it is not known. Of a time t it is
	// t.UTC().Format(time.DateOnly).
	Day string
	// Text is the sentence.
	Text string
	// Err says why the record could not be read, for programs whose input may
	// be broken. A record with an Err becomes a failure with that reason, so
	// that all that goes wrong is found in one place.
	Err string
}

// Result is a record with its label.
type Result struct {
	// ID, Source, Line and Day are those of the record.
	ID     string
	Source string
	Line   int
	Day    string
	// Label is the predicted label. It is [stance.Unlabelled] if the model
	// abstains; see [Options].
	Label stance.Label
	// Probabilities are those of the labels, in the order of [stance.Labels].
	Probabilities stance.Values
	// Text is the record's, if [Options.KeepText] is set.
	Text string
}

// Failure is a record that has no label.
type Failure struct {
	// Record is the record as it was.
	Record
	// Reason says in words why it has no label.
	Reason string
}

// Options say how to classify. The zero value is what [Classify] does.
type Options struct {
	// Model is the file of a model that [stance.Model.SaveFile] wrote. Workers
	// open it through Beam's file systems: it may be a local path, which then
	// must exist on each of them, or a URL of a scheme for which the program
	// has registered a file system. Empty means the model that is part of the
	// library.
	Model string
	// MinConfidence is the probability below which the model abstains, at most
	// 1. Zero means that the model decides by itself, as it was trained; the
	// model that is part of the library never abstains.
	MinConfidence float64
	// MaxBytes is the length of the longest text that is labelled, in bytes;
	// longer ones are failures, for no sentence is that long and they hold up a
	// worker. Zero means 1 MiB.
	MaxBytes int
	// KeepText puts the text into the results. Without it results hold about a
	// hundred bytes each.
	KeepText bool
}

// defaultMaxBytes is MaxBytes if it is zero.
const defaultMaxBytes = 1 << 20

// Classify labels the records of a PCollection<Record> with the model that is
// part of the library. It returns a PCollection<Result> and a
// PCollection<Failure> that together have an element for each record.
//
// A record is a failure if it has an Err; if its text is empty or of nothing
// but white space, has more than 1 MiB, or is not valid UTF-8; and if its Day
// is no day.
func Classify(s beam.Scope, records beam.PCollection) (results, failures beam.PCollection) {
	return ClassifyWith(s, Options{}, records)
}

// ClassifyWith is [Classify] with options. It panics if they are out of range.
// A model that cannot be loaded makes the pipeline fail.
func ClassifyWith(s beam.Scope, o Options, records beam.PCollection) (results, failures beam.PCollection) {
	if o.MaxBytes < 0 {
		panic(fmt.Sprintf("stancebeam: MaxBytes is %d", o.MaxBytes))
	}
	if !(o.MinConfidence >= 0 && o.MinConfidence <= 1) {
		panic(fmt.Sprintf("stancebeam: MinConfidence is %v, want a probability", o.MinConfidence))
	}
	if o.MaxBytes == 0 {
		o.MaxBytes = defaultMaxBytes
	}
	return beam.ParDo2(s.Scope("stancebeam.Classify"), &classifyFn{Options: o}, records)
}

// classifyFn labels records. Beam makes one for each bundle that a worker works
// on at the same time.
type classifyFn struct {
	Options Options

	model *stance.Model
}

// Setup finds the model.
func (f *classifyFn) Setup(ctx context.Context) error {
	m, err := loadedModel(ctx, f.Options.Model)
	if err != nil {
		return err
	}
	if f.Options.MinConfidence > 0 {
		m = m.WithMinConfidence(f.Options.MinConfidence)
	}
	f.model = m
	return nil
}

// ProcessElement labels a record or says why it cannot.
func (f *classifyFn) ProcessElement(r Record, result func(Result), failure func(Failure)) {
	if err := f.Options.check(&r); err != nil {
		failure(Failure{Record: r, Reason: err.Error()})
		return
	}
	p := f.model.Classify(r.Text)
	labelled := Result{
		ID: r.ID, Source: r.Source, Line: r.Line, Day: r.Day,
		Label: p.Label, Probabilities: p.Probabilities,
	}
	if f.Options.KeepText {
		labelled.Text = r.Text
	}
	result(labelled)
}

var errEmptyText = errors.New("empty text")

// check says why a record cannot be labelled.
func (o *Options) check(r *Record) error {
	switch {
	case r.Err != "":
		return errors.New(r.Err)
	case len(r.Text) > o.MaxBytes:
		return fmt.Errorf("text of %d bytes, more than %d", len(r.Text), o.MaxBytes)
	case !utf8.ValidString(r.Text):
		return fmt.Errorf("the text is not valid UTF-8 from byte %d on", invalidFrom(r.Text))
	case strings.TrimSpace(r.Text) == "":
		return errEmptyText
	case r.Day == "":
		return nil
	}
	if _, err := time.Parse(time.DateOnly, r.Day); err != nil {
		return fmt.Errorf("%q is no day, want one like 2018-01-31", r.Day)
	}
	return nil
}

// invalidFrom returns the offset of the first byte that is not valid UTF-8.
func invalidFrom(s string) int {
	for i, c := range s {
		if c == utf8.RuneError && !strings.HasPrefix(s[i:], "\uFFFD") {
			return i
		}
	}
	return len(s)
}

// models are the models that were loaded from files in this process.
var models struct {
	sync.Mutex
	byPath map[string]*stance.Model
}

// loadedModel returns the model of a file, or the one of the library if path is
// empty. While one bundle loads it the others wait. A failure is not kept: the
// next bundle tries again.
func loadedModel(ctx context.Context, path string) (*stance.Model, error) {
	if path == "" {
		return stance.Default(), nil
	}
	models.Lock()
	defer models.Unlock()
	if m := models.byPath[path]; m != nil {
		return m, nil
	}
	m, err := loadModel(ctx, path)
	if err != nil {
		return nil, fmt.Errorf("stancebeam: model %s: %w", path, err)
	}
	if models.byPath == nil {
		models.byPath = map[string]*stance.Model{}
	}
	models.byPath[path] = m
	return m, nil
}

func loadModel(ctx context.Context, path string) (*stance.Model, error) {
	fs, err := filesystem.New(ctx, path)
	if err != nil {
		return nil, err
	}
	defer fs.Close()
	r, err := fs.OpenRead(ctx, path)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return stance.Load(r)
}
