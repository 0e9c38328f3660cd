package stance_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The program that the README shows builds in a module of its own.
const importer = `package main

import (
	"fmt"

	"example.org/metoostance/stance"
)

func main() {
	p := stance.Default().Classify("Believing women is the least that we owe the survivors who speak out.")
	fmt.Println(p.Label)
}
`

func TestAnotherModuleImportsStance(t *testing.T) {
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	dir := t.TempDir()
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644))
	}
	write("main.go", importer)
	write("go.mod", "module example.org/importer\n\ngo 1.26\n\nrequire example.org/metoostance v0.0.0\n\nreplace example.org/metoostance => "+root+"\n")
	sums, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	write("go.sum", string(sums))

	cmd := exec.Command("go", "run", "-mod=mod", ".")
	cmd.Dir = dir
	// What the library needs is in the module cache since this test was built.
	cmd.Env = append(os.Environ(), "GOPROXY=off", "GOFLAGS=-buildvcs=false", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "FAVOR\n", string(out))
}
