package stance

import (
	"bytes"
	"cmp"
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
	"sync"

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
// Nothing follows the last section. Format 2 has context, abstention, lexicons
// and the command among the options; a file of format 1 is one without. A later
// format keeps the magic number and the place of the version. Of every format a
// file stays in testdata, and a test loads it.
const (
	fileMagic     = "\x89MTS\r\n\x1a\n"
	fileHead      = len(fileMagic) + 4
	formatVersion = 2
	tagMeta       = "META"
	tagVectorizer = "VECT"
	tagWeights    = "WGHT"
	sectionHead   = 4 + 8
)

// maxSection is the greatest length of a section's content. With it all offsets
// into a file are within the range of int on every platform.
const maxSection = 1 << 29

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
	return writeAll(w, b)
}

func writeAll(w io.Writer, b []byte) error {
	n, err := w.Write(b)
	if err == nil && n < len(b) {
		return io.ErrShortWrite // from a writer that does not keep its promises
	}
	return err
}

func (m *Model) appendFile(b []byte) ([]byte, error) {
	meta, err := m.metaJSON()
	if err != nil {
		return nil, err
	}
	vectorizer, err := m.vectorizer.AppendBinary(nil)
	if err != nil {
		return nil, err
	}
	return appendSections(appendHead(b, fileMagic, formatVersion),
		section{tagMeta, meta}, section{tagVectorizer, vectorizer}, section{tagWeights, m.weightBytes()})
}

// metaJSON returns the content of the section META.
func (m *Model) metaJSON() ([]byte, error) {
	meta := fileMeta{Library: Version, Options: m.opts, Report: m.report}
	meta.Options.Features = features.Options{} // they stand with the vectorizer
	for _, l := range Labels() {
		if s := m.intercepts.Of(l); !math.IsInf(s, 0) {
			meta.Labels = append(meta.Labels, l)
			meta.Intercepts = append(meta.Intercepts, s)
		}
	}
	b, err := json.Marshal(meta)
	if err != nil {
		return nil, fmt.Errorf("stance: %w", err)
	}
	return b, nil
}

// weightBytes returns the content of the section WGHT.
func (m *Model) weightBytes() []byte {
	b := make([]byte, 0, 4*len(m.weights))
	for _, w := range m.weights {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(w))
	}
	return b
}

// section is a section to be written.
type section struct {
	tag     string
	content []byte
}

func appendHead(b []byte, magic string, version uint32) []byte {
	return binary.LittleEndian.AppendUint32(append(b, magic...), version)
}

func appendSections(b []byte, sections ...section) ([]byte, error) {
	for _, s := range sections {
		if len(s.content) > maxSection {
			return nil, fmt.Errorf("stance: section %s has %d bytes, more than the %d that a model file can hold", s.tag, len(s.content), maxSection)
		}
		b = appendSection(b, s.tag, s.content)
	}
	return b, nil
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

// Load reads a model that Save wrote, in this version of the library or an
// earlier one. A file that is cut short, changed in any bit, or not a model is a
// [FileError] that says where; a file of a newer format wraps [ErrNewerFormat].
// What r says of itself decides nothing: Load reads no further than to the first
// fault, and never allocates more than a small multiple of what r really holds.
func Load(r io.Reader) (*Model, error) { return load(&fileReader{r: r}) }

func load(f *fileReader) (*Model, error) {
	f.head(fileMagic, formatVersion, targetsMagic, ErrTargetsFile)
	meta, metaAt := f.section(tagMeta)
	vectorizer, vectorizerAt := f.section(tagVectorizer)
	weights, weightsAt := f.section(tagWeights)
	if err := f.end(); err != nil {
		return nil, err
	}

	// Both are read at the same time; the vectorizer takes longer.
	var m *Model
	var faulty error
	var decoding sync.WaitGroup
	decoding.Go(func() { m, faulty = decodeLinear(meta, metaAt, weights, weightsAt) })
	v, err := decodeVectorizer(vectorizer, vectorizerAt)
	decoding.Wait()
	if err = cmp.Or(err, faulty); err != nil {
		return nil, err
	}
	return m.join(v, metaAt, weightsAt)
}

// decodeVectorizer reads the content of the section VECT, which begins at an
// offset.
func decodeVectorizer(b []byte, at int) (*features.Vectorizer, error) {
	v, err := features.Decode(b)
	if err == nil {
		err = checkBlockWeights(v.Options())
	}
	if err != nil {
		return nil, &FileError{Offset: at, Err: fmt.Errorf("section %s: %w", tagVectorizer, err)}
	}
	return v, nil
}

// decodeLinear reads the contents of the sections META and WGHT, which begin at
// the given offsets: a model without its vectorizer, which join adds.
func decodeLinear(meta []byte, metaAt int, weights []byte, weightsAt int) (*Model, error) {
	m := &Model{}
	if err := m.decodeMeta(meta); err != nil {
		return nil, &FileError{Offset: metaAt, Err: fmt.Errorf("section %s: %w", tagMeta, err)}
	}
	if len(weights)%4 != 0 {
		return nil, &FileError{Offset: weightsAt, Err: fmt.Errorf("section %s: %d bytes are no whole number of weights", tagWeights, len(weights))}
	}
	m.weights = make([]float32, len(weights)/4)
	for i := range m.weights {
		w := math.Float32frombits(binary.LittleEndian.Uint32(weights[4*i:]))
		if !isFinite(float64(w)) {
			return nil, &FileError{Offset: weightsAt + 4*i, Err: fmt.Errorf("section %s: weight %d is %v", tagWeights, i, w)}
		}
		m.weights[i] = w
	}
	return m, nil
}

// join completes a model that decodeLinear made from sections at the given
// offsets.
func (m *Model) join(v *features.Vectorizer, metaAt, weightsAt int) (*Model, error) {
	if n := m.report.Features; n != v.Cols() {
		return nil, &FileError{Offset: metaAt, Err: fmt.Errorf("section %s: %d features reported, but the vectorizer has %d", tagMeta, n, v.Cols())}
	}
	if want := NumLabels * v.Cols(); len(m.weights) != want {
		return nil, &FileError{Offset: weightsAt, Err: fmt.Errorf("section %s: %d weights, want %d", tagWeights, len(m.weights), want)}
	}
	m.vectorizer = v
	m.opts.Features = v.Options()
	m.finish()
	return m, nil
}

// LoadFile reads a model from a file; see [Load].
func LoadFile(path string) (*Model, error) {
	r, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("stance: reading model: %w", err)
	}
	defer r.Close()
	m, err := Load(r)
	return m, inFile(path, err)
}

// decodeModel reads a model from memory, of which it keeps nothing.
func decodeModel(b []byte) (*Model, error) { return load(&fileReader{memory: b}) }

// inFile notes the path of the file that an error of Load is about.
func inFile(path string, err error) error {
	if broken := (*FileError)(nil); errors.As(err, &broken) {
		broken.Path = path
	}
	return err
}

func (m *Model) decodeMeta(b []byte) error {
	var meta fileMeta
	if err := decodeJSON(b, &meta); err != nil {
		return err
	}
	if f := meta.Options.Features; len(f.Blocks) > 0 || f.Tokenizer.StopWords != nil || f.Lexicon != nil {
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
	if err := meta.Report.checkDocumentTemperature(o.Context); err != nil {
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

// decodeJSON reads one JSON value, which must have no field that v has not and
// be all that there is.
func decodeJSON(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if d.InputOffset() != int64(len(b)) {
		return fmt.Errorf("data goes on after the JSON, at byte %d of the section", d.InputOffset())
	}
	return nil
}

// check returns an error if r is not what training on examples of these labels
// reports.
func (r *TrainingReport) check(labels []Label) error {
	if err := checkTemperature(r.Temperature); err != nil {
		return err
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

func checkTemperature(t float64) error {
	if !(t >= 1.0/maxTemperature && t <= maxTemperature) {
		return fmt.Errorf("temperature is %v, want 1/%d to %d", t, maxTemperature, maxTemperature)
	}
	return nil
}

// checkDocumentTemperature returns an error unless there is a temperature for
// documents just if there is a context.
func (r *TrainingReport) checkDocumentTemperature(c Context) error {
	if c != (Context{}) {
		return checkTemperature(r.DocumentTemperature)
	}
	if r.DocumentTemperature != 0 {
		return fmt.Errorf("a temperature for documents, %v, without a context", r.DocumentTemperature)
	}
	return nil
}

// fileReader reads the parts of a model file one after the other, up to the
// first error.
type fileReader struct {
	r      io.Reader // nil if the file is in memory
	memory []byte    // what is left of it there
	pos    int       // offset of what is read next
	failed error
}

// read returns the next n bytes, or fewer if the file ends before. Memory grows
// with what arrives; what is in memory is not copied, and must not be written to.
func (f *fileReader) read(n int) []byte {
	if f.failed != nil {
		return nil
	}
	if f.r == nil {
		b := f.memory[:min(n, len(f.memory))]
		f.memory = f.memory[len(b):]
		f.pos += len(b)
		return b
	}
	var b bytes.Buffer
	got, err := io.CopyN(&b, f.r, int64(n))
	f.pos += int(got)
	if err != nil && err != io.EOF {
		f.failed = fmt.Errorf("stance: reading model: %w", err)
	}
	return b.Bytes()
}

// fail notes a fault of the file, unless there was an error before.
func (f *fileReader) fail(offset int, format string, args ...any) {
	if f.failed == nil {
		f.failed = &FileError{Offset: offset, Err: fmt.Errorf(format, args...)}
	}
}

// head reads the magic number and the version of the format, which must not be
// above newest. With the other magic number, of files that another function
// reads, the fault is wrong.
func (f *fileReader) head(magic string, newest uint32, other string, wrong error) {
	switch found := string(f.read(len(magic))); {
	case f.failed != nil:
		return
	case found == other:
		f.fail(0, "%w", wrong)
	case found != magic:
		f.fail(0, "this is not a model file")
	}
	version := f.read(fileHead - len(magic))
	if f.pos < fileHead {
		f.fail(f.pos, "file ends in its head")
	}
	if f.failed != nil {
		return
	}
	switch v := binary.LittleEndian.Uint32(version); {
	case v > newest:
		f.fail(len(magic), "format %d: %w", v, ErrNewerFormat)
	case v < 1:
		f.fail(len(magic), "there is no format %d", v)
	}
}

// section returns the content of the next section and its offset.
func (f *fileReader) section(tag string) ([]byte, int) {
	start := f.pos
	head := f.read(sectionHead)
	switch {
	case len(head) < sectionHead:
		f.fail(f.pos, "file ends before section %s", tag)
	case string(head[:4]) != tag:
		f.fail(start, "found %q, want section %s", head[:4], tag)
	}
	if f.failed != nil {
		return nil, 0
	}
	n := binary.LittleEndian.Uint64(head[4:])
	if n > maxSection {
		f.fail(start, "section %s wants %d bytes, more than the %d that a section can have", tag, n, maxSection)
		return nil, 0
	}
	rest := f.read(int(n) + sha256.Size)
	if len(rest) < int(n)+sha256.Size {
		f.fail(start, "section %s wants %d bytes, but the file ends at byte %d", tag, n, f.pos)
		return nil, 0
	}
	content := rest[:n]
	h := sha256.New()
	h.Write(head)
	h.Write(content)
	if !bytes.Equal(h.Sum(nil), rest[n:]) {
		f.fail(start, "section %s, bytes %d to %d: checksum does not match: the file is damaged", tag, start, f.pos)
	}
	return content, start + sectionHead
}

// end returns the first error, or one if the file goes on.
func (f *fileReader) end() error {
	at := f.pos
	if len(f.read(1)) > 0 {
		f.fail(at, "file goes on after its last section")
	}
	return f.failed
}
