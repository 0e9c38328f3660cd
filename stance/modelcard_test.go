package stance_test

import (
	"os"
	"strings"
	"testing"

	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The failures that the model card shows are failures still.
func TestModelCardShowsFailures(t *testing.T) {
	card, err := os.ReadFile("../MODEL.md")
	require.NoError(t, err)
	_, table, ok := strings.Cut(string(card), "| sentence | model | a reader |\n| --- | --- | --- |\n")
	require.True(t, ok)
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	require.Greater(t, len(rows), 5)
	for _, row := range rows {
		cells := strings.Split(strings.Trim(row, "| "), " | ")
		require.Len(t, cells, 3, row)
		assert.Equal(t, cells[1], stance.Default().Classify(cells[0]).Label.String(), row)
		assert.NotEqual(t, cells[1], cells[2], row)
	}
}
