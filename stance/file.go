package stance

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
	Path   string // of the file, if [LoadFile] read it
	Offset int    // of the byte at which reading failed, or of the section that is wrong
	Err    error
}

func (e *FileError) Error() string {
	file := "model file"
	if e.Path != "" {
		file += " " + e.Path
	}
	return fmt.Sprintf("stance: %s, byte %d: %v", file, e.Offset, e.Err)
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
// was. Symbolic links are followed. A file that is replaced keeps its
// permissions, a new one has those that the system gives to new files; what
// exists and is no regular file is left alone, with an error.
func (m *Model) SaveFile(path string) error {
	b, err := m.appendFile(nil)
	if err != nil {
		return err
	}
	if err := replaceFile(path, b); err != nil {
		return fmt.Errorf("stance: saving model: %w", err)
	}
	return nil
}

// replaceFile writes a file as SaveFile promises: it writes another one beside
// it, which then takes its name.
func replaceFile(path string, content []byte) (err error) {
	path, old, err := followLinks(path)
	if err != nil {
		return err
	}
	perm := fs.FileMode(0o666) // less what the umask takes away
	if old != nil {
		if !old.Mode().IsRegular() {
			// A directory cannot be replaced, and a device must not be.
			return fmt.Errorf("%s is no regular file", path)
		}
		perm = old.Mode().Perm()
	}
	dir, _ := filepath.Split(path)
	f, err := createBeside(dir, perm)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	if _, err := f.Write(content); err != nil {
		return err
	}
	if old != nil { // the umask has no say in what was there before
		if err := f.Chmod(perm); err != nil {
			return err
		}
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// createBeside creates a file in dir under a name that is not in use. Unlike
// [os.CreateTemp] it lets the umask decide on the permissions.
func createBeside(dir string, perm fs.FileMode) (*os.File, error) {
	for i := 0; ; i++ {
		f, err := os.OpenFile(fmt.Sprintf("%s.stance-%d-%d.tmp", dir, os.Getpid(), i), os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
		if i == 10_000 || !errors.Is(err, fs.ErrExist) {
			return f, err
		}
	}
}

// followLinks returns the path at the end of the symbolic links that begin at
// path, and what is there, nil if nothing is. The last link may point to what
// does not exist.
func followLinks(path string) (string, fs.FileInfo, error) {
	const most = 40 // as many as Linux follows
	for range most {
		info, err := os.Lstat(path)
		if errors.Is(err, fs.ErrNotExist) {
			return path, nil, nil
		}
		if err != nil {
			return "", nil, err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			return path, info, nil
		}
		target, err := os.Readlink(path)
		if err != nil {
			return "", nil, err
		}
		if !filepath.IsAbs(target) {
			// Not Join: it would take ".." behind a linked directory away.
			dir, _ := filepath.Split(path)
			target = dir + target
		}
		path = target
	}
	return "", nil, fmt.Errorf("%s: more than %d symbolic links", path, most)
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
	if broken := (*FileError)(nil); errors.As(err, &broken) {
		broken.Path = path
	}
	return m, err
}

func decodeModel(b []byte) (*Model, error) {
	head := len(fileMagic) + 4
	if !bytes.HasPrefix(b, []byte(fileMagic)) {
		return nil, &FileError{Offset: 0, Err: errors.New("this is not a model file")}
	}
	if len(b) < head {
		return nil, &FileError{Offset: len(b), Err: errors.New("file ends in its head")}
	}
	switch v := binary.LittleEndian.Uint32(b[len(fileMagic):]); {
	case v > formatVersion:
		return nil, &FileError{Offset: len(fileMagic), Err: fmt.Errorf("format %d: %w", v, ErrNewerFormat)}
	case v < 1:
		return nil, &FileError{Offset: len(fileMagic), Err: fmt.Errorf("there is no format %d", v)}
	}
	r := &sectionReader{b: b, pos: head}
	meta, metaAt := r.section(tagMeta)
	vectorizer, vectorizerAt := r.section(tagVectorizer)
	weights, weightsAt := r.section(tagWeights)
	if r.err == nil && r.pos != len(b) {
		r.err = &FileError{Offset: r.pos, Err: errors.New("file goes on after its last section")}
	}
	if r.err != nil {
		return nil, r.err
	}

	m := new(Model)
	if err := m.decodeMeta(meta); err != nil {
		return nil, &FileError{Offset: metaAt, Err: fmt.Errorf("section %s: %w", tagMeta, err)}
	}
	var err error
	if m.vectorizer, err = features.Decode(vectorizer); err != nil {
		return nil, &FileError{Offset: vectorizerAt, Err: fmt.Errorf("section %s: %w", tagVectorizer, err)}
	}
	m.opts.Features = m.vectorizer.Options()
	if err := checkBlockWeights(m.opts.Features); err != nil {
		return nil, &FileError{Offset: vectorizerAt, Err: fmt.Errorf("section %s: %w", tagVectorizer, err)}
	}
	if n := m.report.Features; n != m.vectorizer.Cols() {
		return nil, &FileError{Offset: metaAt, Err: fmt.Errorf("section %s: %d features reported, but the vectorizer has %d", tagMeta, n, m.vectorizer.Cols())}
	}
	if want := 4 * NumLabels * m.vectorizer.Cols(); len(weights) != want {
		return nil, &FileError{Offset: weightsAt, Err: fmt.Errorf("section %s: %d bytes of weights, want %d", tagWeights, len(weights), want)}
	}
	m.weights = make([]float32, len(weights)/4)
	for i := range m.weights {
		w := math.Float32frombits(binary.LittleEndian.Uint32(weights[4*i:]))
		if !isFinite(float64(w)) {
			return nil, &FileError{Offset: weightsAt + 4*i, Err: fmt.Errorf("section %s: weight %d is %v", tagWeights, i, w)}
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
	if d.InputOffset() != int64(len(b)) {
		return fmt.Errorf("data goes on after the JSON, at byte %d of the section", d.InputOffset())
	}
	if f := meta.Options.Features; len(f.Blocks) > 0 || f.Tokenizer.StopWords != nil {
		return errors.New("features are given twice, here and by the vectorizer")
	}
	o, err := meta.Options.normalized()
	if err != nil {
		return err
	}
	if len(meta.Labels) < 2 || len(meta.Labels) != len(meta.Intercepts) {
		return fmt.Errorf("%d labels with %d intercepts", len(meta.Labels), len(meta.Intercepts))
	}
	if err := meta.Report.check(meta.Labels); err != nil {
		return err
	}
	m.opts, m.report = o, meta.Report
	m.intercepts = Values{math.Inf(-1), math.Inf(-1), math.Inf(-1)}
	for i, l := range meta.Labels {
		if !l.Valid() || i > 0 && l <= meta.Labels[i-1] {
			return fmt.Errorf("labels are %v", meta.Labels)
		}
		if !isFinite(meta.Intercepts[i]) {
			return fmt.Errorf("intercept of %v is %v, beyond the range of float32", l, meta.Intercepts[i])
		}
		m.intercepts[l-Favor] = meta.Intercepts[i]
	}
	return nil
}

// check returns an error if r is not what training on examples of these labels
// reports.
func (r *TrainingReport) check(labels []Label) error {
	if t := r.Temperature; !(t >= 1.0/maxTemperature && t <= maxTemperature) {
		return fmt.Errorf("temperature is %v, want 1/%d to %d", t, maxTemperature, maxTemperature)
	}
	sum := 0
	for _, l := range labels {
		n := r.Labels[l]
		if n < 1 || n > r.Examples-sum {
			return fmt.Errorf("%d of %d examples are %v", n, r.Examples, l)
		}
		sum += n
	}
	if len(r.Labels) != len(labels) || sum != r.Examples {
		return fmt.Errorf("%d examples of %d labels, but the report counts %d of %d", sum, len(labels), r.Examples, len(r.Labels))
	}
	if s := r.Solver; s.Iterations < 0 || s.GradientNorm < 0 {
		return fmt.Errorf("%d iterations to a gradient of norm %v", s.Iterations, s.GradientNorm)
	}
	if sum, err := hex.DecodeString(r.Data); err != nil || len(sum) != sha256.Size {
		return fmt.Errorf("checksum of the examples is %q", r.Data)
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
		r.err = &FileError{Offset: len(r.b), Err: fmt.Errorf("file ends before section %s", tag)}
		return nil, 0
	}
	if string(rest[:4]) != tag {
		r.err = &FileError{Offset: start, Err: fmt.Errorf("found %q, want section %s", rest[:4], tag)}
		return nil, 0
	}
	n := binary.LittleEndian.Uint64(rest[4:])
	if left := len(rest) - sectionHead - sha256.Size; left < 0 || n > uint64(left) {
		r.err = &FileError{Offset: start, Err: fmt.Errorf("section %s wants %d bytes, but the file ends at byte %d", tag, n, len(r.b))}
		return nil, 0
	}
	end := sectionHead + int(n)
	if sum := sha256.Sum256(rest[:end]); !bytes.Equal(sum[:], rest[end:end+sha256.Size]) {
		r.err = &FileError{Offset: start, Err: fmt.Errorf("section %s, bytes %d to %d: checksum does not match: the file is damaged",
			tag, start, start+end+sha256.Size)}
		return nil, 0
	}
	r.pos = start + end + sha256.Size
	return rest[sectionHead:end], start + sectionHead
}
