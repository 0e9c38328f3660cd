package stance

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"example.org/metoostance/features"
)

// Version is the version of this library. Models name the one that made them.
const Version = "0.1.0"

// A model file is a magic number, the version of the format (4 bytes, little
// endian), and three sections in fixed order. A section is a tag of four
// letters, the length of its content (8 bytes, little endian), the content,
// and the SHA-256 of all three:
//
//	META  JSON: version of the library, options, intercepts, training report
//	VECT  the vectorizer, in the form of features.Vectorizer.AppendBinary
//	WGHT  the weights: three float32, little endian, for each column
//
// Nothing follows the last section. A later format keeps the magic number and
// the place of the version.
const (
	fileMagic     = "\x89MTS\r\n\x1a\n"
	formatVersion = 1
	tagMeta       = "META"
	tagVectorizer = "VECT"
	tagWeights    = "WGHT"
	sectionHead   = 4 + 8
)

// fileMeta is the content of the section META.
type fileMeta struct {
	Library    string
	Options    Options
	Labels     []Label // that occur in the training data
	Intercepts []float64
	Report     TrainingReport
}

// FileError says where a model file is broken.
type FileError struct {
	Offset int // of the byte at which reading failed, or of the section that is wrong
	Err    error
}

func (e *FileError) Error() string {
	return fmt.Sprintf("stance: model file, byte %d: %v", e.Offset, e.Err)
}

func (e *FileError) Unwrap() error { return e.Err }

// ErrNewerFormat is the error, wrapped in a [FileError], for a model file that
// a later version of this library has written.
var ErrNewerFormat = errors.New("the model file's format is newer than this library reads; update the library")

// Save writes the model. The bytes are the same for the same model, always.
func (m *Model) Save(w io.Writer) error {
	b, err := m.appendFile(nil)
	if err != nil {
		return err
	}
	_, err = w.Write(b)
	return err
}

func (m *Model) appendFile(b []byte) ([]byte, error) {
	meta := fileMeta{Library: Version, Options: m.opts, Report: m.report}
	meta.Options.Features = features.Options{} // they stand with the vectorizer
	for _, l := range Labels() {
		if s := m.intercepts.Of(l); !math.IsInf(s, 0) {
			meta.Labels = append(meta.Labels, l)
			meta.Intercepts = append(meta.Intercepts, s)
		}
	}
	metaJSON, err := json.Marshal(meta)
	if err != nil {
		return nil, fmt.Errorf("stance: %w", err)
	}
	vectorizer, err := m.vectorizer.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	weights := make([]byte, 0, 4*len(m.weights))
	for _, w := range m.weights {
		weights = binary.LittleEndian.AppendUint32(weights, math.Float32bits(w))
	}
	b = append(b, fileMagic...)
	b = binary.LittleEndian.AppendUint32(b, formatVersion)
	b = appendSection(b, tagMeta, metaJSON)
	b = appendSection(b, tagVectorizer, vectorizer)
	return appendSection(b, tagWeights, weights), nil
}

func appendSection(b []byte, tag string, content []byte) []byte {
	start := len(b)
	b = append(b, tag...)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(content)))
	b = append(b, content...)
	sum := sha256.Sum256(b[start:])
	return append(b, sum[:]...)
}

// SaveFile writes the model to a file. The file is replaced as a whole or not
// at all: after an error, a crash or on a full disk the old file is what it
// was.
func (m *Model) SaveFile(path string) (err error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("stance: saving model: %w", err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
			err = fmt.Errorf("stance: saving model: %w", err)
		}
	}()
	if err := m.Save(f); err != nil {
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// Load reads a model that Save wrote. A file that is cut short, changed in any
// bit, or not a model is a [FileError] that says where; a file of a newer
// format wraps [ErrNewerFormat]. Load never allocates more than a small
// multiple of what r really holds.
func Load(r io.Reader) (*Model, error) {
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("stance: reading model: %w", err)
	}
	return decodeModel(b)
}

// LoadFile reads a model from a file; see [Load].
func LoadFile(path string) (*Model, error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("stance: reading model: %w", err)
	}
	m, err := decodeModel(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

func decodeModel(b []byte) (*Model, error) {
	head := len(fileMagic) + 4
	if !bytes.HasPrefix(b, []byte(fileMagic)) {
		return nil, &FileError{0, errors.New("this is not a model file")}
	}
	if len(b) < head {
		return nil, &FileError{len(b), errors.New("file ends in its head")}
	}
	switch v := binary.LittleEndian.Uint32(b[len(fileMagic):]); {
	case v > formatVersion:
		return nil, &FileError{len(fileMagic), fmt.Errorf("format %d: %w", v, ErrNewerFormat)}
	case v < 1:
		return nil, &FileError{len(fileMagic), fmt.Errorf("there is no format %d", v)}
	}
	r := &sectionReader{b: b, pos: head}
	meta, metaAt := r.section(tagMeta)
	vectorizer, vectorizerAt := r.section(tagVectorizer)
	weights, weightsAt := r.section(tagWeights)
	if r.err == nil && r.pos != len(b) {
		r.err = &FileError{r.pos, errors.New("file goes on after its last section")}
	}
	if r.err != nil {
		return nil, r.err
	}

	m := new(Model)
	if err := m.decodeMeta(meta); err != nil {
		return nil, &FileError{metaAt, fmt.Errorf("section %s: %w", tagMeta, err)}
	}
	var err error
	if m.vectorizer, err = features.Decode(vectorizer); err != nil {
		return nil, &FileError{vectorizerAt, fmt.Errorf("section %s: %w", tagVectorizer, err)}
	}
	m.opts.Features = m.vectorizer.Options()
	if want := 4 * NumLabels * m.vectorizer.Cols(); len(weights) != want {
		return nil, &FileError{weightsAt, fmt.Errorf("section %s: %d bytes of weights, want %d", tagWeights, len(weights), want)}
	}
	m.weights = make([]float32, len(weights)/4)
	for i := range m.weights {
		w := math.Float32frombits(binary.LittleEndian.Uint32(weights[4*i:]))
		if w-w != 0 {
			return nil, &FileError{weightsAt + 4*i, fmt.Errorf("section %s: weight %d is %v", tagWeights, i, w)}
		}
		m.weights[i] = w
	}
	m.finish()
	return m, nil
}

func (m *Model) decodeMeta(b []byte) error {
	var meta fileMeta
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&meta); err != nil {
		return err
	}
	o, err := meta.Options.normalized()
	if err != nil {
		return err
	}
	if len(meta.Labels) < 2 || len(meta.Labels) != len(meta.Intercepts) {
		return fmt.Errorf("%d labels with %d intercepts", len(meta.Labels), len(meta.Intercepts))
	}
	if t := meta.Report.Temperature; !(t > 0) || math.IsInf(t, 0) {
		return fmt.Errorf("temperature is %v, want a positive number", t)
	}
	m.opts, m.report = o, meta.Report
	m.intercepts = Values{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
	for i, l := range meta.Labels {
		if !l.Valid() || i > 0 && l <= meta.Labels[i-1] {
			return fmt.Errorf("labels are %v", meta.Labels)
		}
		m.intercepts[l-Favor] = meta.Intercepts[i]
	}
	return nil
}

// sectionReader reads sections one after the other, up to the first error.
type sectionReader struct {
	b   []byte
	pos int
	err error
}

// section returns the content of the next section and its offset.
func (r *sectionReader) section(tag string) ([]byte, int) {
	if r.err != nil {
		return nil, 0
	}
	start := r.pos
	rest := r.b[start:]
	if len(rest) < sectionHead {
		r.err = &FileError{len(r.b), fmt.Errorf("file ends before section %s", tag)}
		return nil, 0
	}
	if string(rest[:4]) != tag {
		r.err = &FileError{start, fmt.Errorf("found %q, want section %s", rest[:4], tag)}
		return nil, 0
	}
	n := binary.LittleEndian.Uint64(rest[4:])
	if left := len(rest) - sectionHead - sha256.Size; left < 0 || n > uint64(left) {
		r.err = &FileError{start, fmt.Errorf("section %s wants %d bytes, but the file ends at byte %d", tag, n, len(r.b))}
		return nil, 0
	}
	end := sectionHead + int(n)
	if sum := sha256.Sum256(rest[:end]); !bytes.Equal(sum[:], rest[end:end+sha256.Size]) {
		r.err = &FileError{start, fmt.Errorf("section %s, bytes %d to %d: checksum does not match: the file is damaged",
			tag, start, start+end+sha256.Size)}
		return nil, 0
	}
	r.pos = start + end + sha256.Size
	return rest[sectionHead:end], start + sectionHead
}
