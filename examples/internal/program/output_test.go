package program

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCheckOutput(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	require.NoError(t, os.WriteFile(at("text"), []byte("text"), 0o644))
	require.NoError(t, os.WriteFile(at("old"), []byte("old"), 0o600))
	assert.NoError(t, CheckOutput(at("new"), at("text"), "", "-"))
	assert.NoError(t, CheckOutput(at("old"), at("text"), at("missing")))
	for _, tt := range []struct{ path, want string }{
		{at("text"), "text would be written over: -o names a file that is to be read"},
		{dir, "is a directory, want the name of a file"},
		{os.DevNull, "is no regular file"},
		{filepath.Join(dir, "missing", "new"), "no such file or directory"},
		{filepath.Join(dir, "text", "new"), "is no directory"},
	} {
		assert.ErrorContains(t, CheckOutput(tt.path, at("text")), tt.want)
	}
	if err := os.Symlink(at("text"), at("link")); err == nil {
		assert.ErrorContains(t, CheckOutput(at("link"), at("text")), "would be written over", "by another name")
		require.NoError(t, os.Remove(at("link")))
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, entries, 2, "nothing is left")

	locked := t.TempDir()
	require.NoError(t, os.Chmod(locked, 0o555))
	f, err := os.Create(filepath.Join(locked, "x"))
	if err == nil {
		f.Close()
		t.Skip("this user can write anywhere")
	}
	assert.ErrorContains(t, CheckOutput(filepath.Join(locked, "new")), "no file can be made in "+locked+": permission denied")
}
