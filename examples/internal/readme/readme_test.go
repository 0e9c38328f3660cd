package readme

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// root is the root of the repository.
const root = "../../.."

// A code is what a Markdown file shows as code.
type code struct {
	line     int    // in the file, from 1
	language string // of a fenced block, as its first line says
	text     string
}

var (
	fence     = regexp.MustCompile("^ {0,3}(```+|~~~+)\\s*(\\S*)")
	inline    = regexp.MustCompile("(?s)`([^`]+)`")
	paragraph = regexp.MustCompile(`\n\s*\n`)
)

// codes returns the lines of indented blocks, each for itself, the fenced blocks
// whole, and the code within paragraphs that looks like a command: more than one
// word of which the first is the name of a program.
func codes(markdown string) []code {
	var found []code
	var prose strings.Builder // the file with its blocks left blank
	var open *code
	closing := ""
	lines := strings.Split(markdown, "\n")
	for i, line := range lines {
		switch m := fence.FindStringSubmatch(line); {
		case open != nil && m != nil && strings.HasPrefix(m[1], closing) && m[2] == "":
			found, open = append(found, *open), nil
		case open != nil:
			open.text += line + "\n"
		case m != nil:
			open, closing = &code{line: i + 2, language: m[2]}, m[1]
		case strings.HasPrefix(line, "    ") && strings.TrimSpace(line) != "":
			found = append(found, code{line: i + 1, text: strings.TrimSpace(line)})
		default:
			prose.WriteString(line)
		}
		prose.WriteByte('\n')
	}
	line := 1
	rest := prose.String()
	for rest != "" {
		end := len(rest)
		if m := paragraph.FindStringIndex(rest); m != nil {
			end = m[1]
		}
		for _, m := range inline.FindAllStringSubmatchIndex(rest[:end], -1) {
			words := strings.Fields(rest[m[2]:m[3]])
			if len(words) > 1 && slices.Contains([]string{"go", "git", "benchstat"}, words[0]) {
				found = append(found, code{line: line + strings.Count(rest[:m[0]], "\n"), text: strings.Join(words, " ")})
			}
		}
		line += strings.Count(rest[:end], "\n")
		rest = rest[end:]
	}
	slices.SortStableFunc(found, func(a, b code) int { return a.line - b.line })
	return found
}

// words splits a command as a shell does, as far as the README needs it: single
// quotes, and the bar of a pipe.
func words(command string) ([]string, error) {
	parts := strings.Split(command, "'")
	if len(parts)%2 == 0 {
		return nil, fmt.Errorf("%q opens a quote and does not close it", command)
	}
	var all []string
	for i, part := range parts {
		if i%2 == 0 {
			if strings.ContainsAny(part, "\"\\$&;<>(){}`*?#") {
				return nil, fmt.Errorf("%q has more of the shell than is known here", command)
			}
			all = append(all, strings.Fields(part)...)
			continue
		}
		if !strings.HasSuffix(parts[i-1], " ") || parts[i+1] != "" && !strings.HasPrefix(parts[i+1], " ") {
			return nil, fmt.Errorf("%q quotes a part of a word", command)
		}
		all = append(all, part)
	}
	return all, nil
}

// A reader is somebody who does what the README says.
type reader struct {
	t *testing.T
	// clone is the repository. work is where the reader's files are, and beside
	// it, as the README has it, the repository.
	clone, work string
}

func newReader(t *testing.T) *reader {
	clone, err := filepath.Abs(root)
	require.NoError(t, err)
	dir := t.TempDir()
	if err := os.Symlink(clone, filepath.Join(dir, "metoostance")); err != nil {
		t.Skip("no symbolic links here")
	}
	work := filepath.Join(dir, "program")
	require.NoError(t, os.Mkdir(work, 0o755))
	r := &reader{t: t, clone: clone, work: work}
	// The module that the README calls yours.
	r.write("go.mod", "module example.org/program\n\ngo 1.26\n")
	sums, err := os.ReadFile(filepath.Join(clone, "go.sum"))
	require.NoError(t, err)
	r.write("go.sum", string(sums))
	return r
}

func (r *reader) write(name, content string) {
	require.NoError(r.t, os.WriteFile(filepath.Join(r.work, name), []byte(content), 0o644))
}

// run runs a program, which must succeed, and returns what it prints.
func (r *reader) run(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	// What the library needs is in the module cache since this test was built.
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOWORK=off", "GOFLAGS=-buildvcs=false")
	if dir == r.work {
		cmd.Env = append(cmd.Env, "GOFLAGS=-buildvcs=false -mod=mod")
	}
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", strings.Join(args, " "), out)
	return string(out)
}

// set gives a flag another value, and adds it if it is not there. The packages
// of go test may stand before flags.
func set(args []string, name, value string) []string {
	if i := slices.Index(args, name); i >= 0 && i+1 < len(args) {
		args = slices.Clone(args)
		args[i+1] = value
		return args
	}
	return append(slices.Clone(args), name, value)
}

var errUnknown = errors.New("no way to run it is written down")

// A way is how commands that begin with some words are run.
type way struct {
	begin string
	run   func(r *reader, t *testing.T, args []string) error
}

// ways are tried in turn.
var ways = []way{
	{"go run ./examples/tables -articles DIR", (*reader).articles},
	{"go run ./examples/classify ", (*reader).inClone},
	{"go run ./examples/", func(r *reader, t *testing.T, args []string) error {
		if len(args) != 4 || args[3] != "-h" {
			return errUnknown
		}
		return r.inClone(t, args)
	}},
	// To run all tests would run this one. That their packages build is what is
	// left; the tests themselves are being run.
	{"go test ./...", func(r *reader, t *testing.T, args []string) error {
		if len(args) > 3 {
			return errUnknown
		}
		r.run(t, r.clone, "go", "vet", "./...")
		return nil
	}},
	{"go test -bench ", (*reader).benchmark},
	{"go test -v -run ", func(r *reader, t *testing.T, args []string) error {
		assert.Contains(t, r.run(t, r.clone, args...), ": "+args[4], "there is such a test")
		return nil
	}},
	{"go mod edit ", (*reader).inModule},
	{"go mod tidy", (*reader).inModule},
	{"benchstat ", func(r *reader, t *testing.T, args []string) error {
		if _, err := exec.LookPath("benchstat"); err != nil {
			t.Skip("benchstat is not installed")
		}
		r.run(t, r.work, args...)
		return nil
	}},
}

func (r *reader) inClone(t *testing.T, args []string) error {
	assert.NotEmpty(t, r.run(t, r.clone, args...))
	return nil
}

func (r *reader) inModule(t *testing.T, args []string) error {
	r.run(t, r.work, args...)
	return nil
}

// articles prints a table that trains nothing, and not all tables, where the
// texts of the articles are.
func (r *reader) articles(t *testing.T, args []string) error {
	dir := filepath.Join(r.clone, "..", "shared", "data", "articles", "texts")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the texts of the articles are not there: they belong to the newspapers")
	}
	args = append(set(args, "-articles", dir), "-table", "curves/agreement")
	assert.Regexp(t, `(?m)^three articles .* 120 `, r.run(t, r.clone, args...), "all sentences of the articles")
	return nil
}

// benchmark runs the quickest benchmark once. What is behind a bar must be the
// program tee, which is not on every system.
func (r *reader) benchmark(t *testing.T, args []string) error {
	file := ""
	if i := slices.Index(args, "|"); i >= 0 {
		if rest := args[i+1:]; len(rest) != 2 || rest[0] != "tee" || filepath.Base(rest[1]) != rest[1] {
			return errUnknown
		}
		args, file = args[:i], args[i+2]
	}
	args = set(set(set(args, "-bench", "^BenchmarkClassify$/^model=majority$"), "-benchtime", "1x"), "-count", "1")
	out := r.run(t, r.clone, args...)
	assert.Contains(t, out, "BenchmarkClassify/model=majority")
	if file != "" {
		r.write(file, out)
	}
	return nil
}

// labels are what the lines of an output that the README shows begin with;
// that it is what the program prints is tested where the program is.
var labels = regexp.MustCompile(`^(FAVOR|AGAINST|NONE|\?) +[01]\.\d\d  \S`)

// do runs what is shown as code.
func (r *reader) do(t *testing.T, c code) error {
	if c.language == "go" {
		r.write("main.go", c.text)
		return nil
	}
	args, err := words(c.text)
	if err != nil {
		return err
	}
	for _, w := range ways {
		if strings.HasPrefix(c.text, w.begin) {
			return w.run(r, t, args)
		}
	}
	return errUnknown
}

func TestCommands(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs programs")
	}
	watch(t)
	markdown, err := os.ReadFile(filepath.Join(root, "README.md"))
	require.NoError(t, err)
	r := newReader(t)

	// A module is not tidy before it has its program, which the README shows
	// below the commands.
	var programs, commands []code
	for _, c := range codes(string(markdown)) {
		switch {
		case c.language == "go":
			programs = append(programs, c)
		case c.language == "" || c.language == "sh" || c.language == "console":
			for line := range strings.Lines(c.text) {
				if line = strings.TrimSpace(strings.TrimPrefix(line, "$ ")); line != "" && !labels.MatchString(line) {
					commands = append(commands, code{line: c.line, text: line})
				}
				c.line++
			}
		default:
			t.Errorf("README.md:%d: a block of %s: %v", c.line, c.language, errUnknown)
		}
	}
	require.Len(t, programs, 1, "the module has one")
	require.NotEmpty(t, commands)
	for _, c := range append(programs, commands...) {
		name, _, _ := strings.Cut(c.text, "\n")
		t.Run(name, func(t *testing.T) {
			if err := r.do(t, c); err != nil {
				t.Errorf("README.md:%d: %s: %v", c.line, name, err)
			}
		})
	}
	t.Run("the program", func(t *testing.T) {
		assert.Regexp(t, `^(FAVOR|AGAINST|NONE) 0\.\d+\n$`, r.run(t, r.work, "go", "run", "."))
	})
}

// watch looks at every directory of the repository, so that go test takes no
// result from its cache when any file has changed since: it notices which files
// and directories a test opens, but not what the programs open that it runs.
func watch(t *testing.T) {
	require.NoError(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != root {
			return filepath.SkipDir
		}
		return err
	}))
}

// What is not known is noticed.
func TestUnknownCommands(t *testing.T) {
	r := &reader{}
	for _, command := range []string{
		"go build ./...", "go get example.org/metoostance", "git clone https://example.org/metoostance", "make", "go test ./... -run X",
		"go test -bench . . | less", "go test -bench . . | tee ../new.txt", "curl https://example.org", "go mod download", "go run ./examples/serve", "go run ./examples/train -gold -h",
	} {
		assert.Equal(t, errUnknown, r.do(t, code{text: command}), command)
	}
	for _, command := range []string{"go mod edit $(pwd)", "go run ./examples/classify 'a", "go mod tidy && go build", "go mod edit -require='a'", "go mod edit 'a'b"} {
		assert.Error(t, r.do(t, code{text: command}), command)
	}
}

func TestWords(t *testing.T) {
	got, err := words("go test -bench . -run '^$'  'a b' . | tee new.txt")
	require.NoError(t, err)
	assert.Equal(t, []string{"go", "test", "-bench", ".", "-run", "^$", "a b", ".", "|", "tee", "new.txt"}, got)
}

func TestCodes(t *testing.T) {
	const markdown = "# Title\n\nRun `go doc\nx` and `go`, not `stance go`.\n\n    make\n    go test ./...\n\n" +
		"````go\nx := `git clone`\n```\n````\n~~~\ncurl\n~~~\n\n`git pull now`\n"
	assert.Equal(t, []code{
		{line: 3, text: "go doc x"},
		{line: 6, text: "make"},
		{line: 7, text: "go test ./..."},
		{line: 10, language: "go", text: "x := `git clone`\n```\n"},
		{line: 14, text: "curl\n"},
		{line: 17, text: "git pull now"},
	}, codes(markdown))
}
