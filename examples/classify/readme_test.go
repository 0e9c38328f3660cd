package main

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the README shows of its first command is what the command prints.
func TestReadmeShowsWhatIsPrinted(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	_, after, ok := strings.Cut(string(readme), "article is invented):\n\n")
	require.True(t, ok)
	shown, _, ok := strings.Cut(after, "\n\n")
	require.True(t, ok)

	var stdout, stderr bytes.Buffer
	require.Zero(t, run([]string{"testdata/opinion.txt"}, strings.NewReader(""), &stdout, &stderr, environment{}), stderr.String())
	for line := range strings.Lines(shown) {
		assert.Contains(t, stdout.String(), strings.TrimSpace(line)+"\n")
	}
}
