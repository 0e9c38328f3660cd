package program

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const source = `// Sample does this
// and that.
//
// Usage:
//
//	sample [-x] FILE
//	sample -all
//
// Flags:
//
//	-x
//		Something.
package main

// This is no part of it.
`

const text = "Sample does this\nand that.\n\nUsage:\n\n\tsample [-x] FILE\n\tsample -all\n\nFlags:\n\n\t-x\n\t\tSomething.\n"

const synopsis = "usage:\n\tsample [-x] FILE\n\tsample -all\n\tsample -h prints the manual\n"

func TestManual(t *testing.T) {
	m := NewManual("sample", source)
	assert.Equal(t, text, m.String())
	assert.Equal(t, synopsis, m.Synopsis())

	for _, wrong := range []string{"", "package main\n", "// Sample does this.\n", "// A.\n//\n// Usage:\n//\n// not a block\n"} {
		assert.PanicsWithValue(t, "program: the package comment of sample does not tell the usage",
			func() { NewManual("sample", wrong) }, "%q", wrong)
	}
}

type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestRefuse(t *testing.T) {
	m := NewManual("sample", source)
	for _, c := range []struct {
		name           string
		err            error
		status         int
		stdout, stderr string
	}{
		{"help", flag.ErrHelp, StatusDone, text, ""},
		{"help that a parser wrapped", fmt.Errorf("sub: %w", flag.ErrHelp), StatusDone, text, ""},
		{"usage", errors.New("-x is missing"), StatusUsage, "", "sample: -x is missing\n" + synopsis},
		{"terminal commands in an argument", errors.New("no \x1b[2J\n\u202efile"), StatusUsage, "", "sample: no \uFFFD[2J \uFFFDfile\n" + synopsis},
	} {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			assert.Equal(t, c.status, m.Refuse(c.err, &stdout, &stderr))
			assert.Equal(t, c.stdout, stdout.String())
			assert.Equal(t, c.stderr, stderr.String())
		})
	}
	var stderr bytes.Buffer
	assert.Equal(t, StatusFailure, m.Refuse(flag.ErrHelp, failingWriter{}, &stderr))
	assert.Equal(t, "sample: the disk is full\n", stderr.String())
}

func TestIsTerminal(t *testing.T) {
	assert.False(t, IsTerminal(new(bytes.Buffer)), "no file at all")

	file, err := os.Create(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err)
	defer file.Close()
	assert.False(t, IsTerminal(file), "a regular file")

	r, w, err := os.Pipe()
	require.NoError(t, err)
	defer r.Close()
	defer w.Close()
	assert.False(t, IsTerminal(w), "a pipe")

	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	require.NoError(t, err)
	defer null.Close()
	assert.False(t, IsTerminal(null), "nobody reads what is swallowed")

	closed, err := os.Open(os.DevNull)
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	assert.False(t, IsTerminal(closed), "a closed file")

	// The multiplexer of Unix is a terminal that needs no window.
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("there is no /dev/ptmx here")
	}
	defer terminal.Close()
	assert.True(t, IsTerminal(terminal))
}

func TestProgress(t *testing.T) {
	var b bytes.Buffer
	p := NewProgress(&b, true)
	p.Sayf("fold %d of %d", 1, 5)
	p.Clear()
	assert.Equal(t, "\r\x1b[Kfold 1 of 5\r\x1b[K", b.String())

	silent := NewProgress(failingWriter{}, false)
	silent.Sayf("nothing")
	silent.Clear()

	b.Reset()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { p.Sayf("x") })
	}
	all.Wait()
	assert.Equal(t, strings.Repeat(EraseLine+"x", 20), b.String())
}

func content(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// holds checks that a directory has one file, of that content and those
// permissions.
func holds(t *testing.T, dir, name, want string, mode os.FileMode) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1, "no temporary file is left")
	assert.Equal(t, name, entries[0].Name())
	b, err := os.ReadFile(filepath.Join(dir, name))
	require.NoError(t, err)
	assert.Equal(t, want, string(b))
	info, err := os.Stat(filepath.Join(dir, name))
	require.NoError(t, err)
	assert.Equal(t, mode, info.Mode().Perm())
}

func TestWriteFile(t *testing.T) {
	t.Run("new, and replaced", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.txt")
		long := strings.Repeat("longer than any buffer ", 10_000)
		require.NoError(t, WriteFile(path, content(long)))
		holds(t, dir, "a.txt", long, 0o644)
		require.NoError(t, os.Chmod(path, 0o600))
		require.NoError(t, WriteFile(path, content("short")))
		holds(t, dir, "a.txt", "short", 0o600)
	})
	t.Run("failure", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.txt")
		failure := errors.New("no more")
		fail := func(w io.Writer) error {
			io.WriteString(w, "half of it")
			return failure
		}
		assert.Equal(t, failure, WriteFile(path, fail))
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Empty(t, entries)

		require.NoError(t, os.WriteFile(path, []byte("old"), 0o600))
		assert.Equal(t, failure, WriteFile(path, fail))
		holds(t, dir, "a.txt", "old", 0o600)
	})
	t.Run("symbolic link", func(t *testing.T) {
		dir := t.TempDir()
		path := filepath.Join(dir, "a.txt")
		require.NoError(t, os.WriteFile(path, []byte("old"), 0o640))
		link := filepath.Join(t.TempDir(), "link")
		if err := os.Symlink(path, link); err != nil {
			t.Skip("no symbolic links here")
		}
		require.NoError(t, WriteFile(link, content("new")))
		holds(t, dir, "a.txt", "new", 0o640)
		info, err := os.Lstat(link)
		require.NoError(t, err)
		assert.NotZero(t, info.Mode()&os.ModeSymlink, "it is still a link")
	})
	t.Run("place that cannot be", func(t *testing.T) {
		dir := t.TempDir()
		assert.ErrorContains(t, WriteFile(filepath.Join(dir, "missing", "a.txt"), content("x")), filepath.Join(dir, "missing", "a.txt")+": ")
		assert.EqualError(t, WriteFile(dir, content("x")), dir+" is no regular file")
		entries, err := os.ReadDir(filepath.Dir(dir))
		require.NoError(t, err)
		assert.Len(t, entries, 1, "no temporary file is left beside it")
	})
}
