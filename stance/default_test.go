package stance_test

import (
	"bytes"
	"os"
	"testing"

	"example.org/metoostance/data"
	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The embedded model is what training on the embedded corpus gives, to the
// last byte.
func TestDefaultIsCurrent(t *testing.T) {
	want, err := os.ReadFile("default.model")
	require.NoError(t, err)
	o := stance.DefaultOptions()
	o.Command = "train -gold -press"
	m := train(t, data.TrainingExamples(), o)
	if !bytes.Equal(want, file(t, m)) {
		t.Error("default.model is not what the embedded texts give; run: go generate ./stance")
	}
	assert.Empty(t, m.Report().Warnings)
}

func TestDefault(t *testing.T) {
	m := stance.Default()
	assert.Same(t, m, stance.Default())
	assert.Equal(t, 12752, m.Report().Examples)
	for text, want := range map[string]stance.Label{
		"Believing women is long overdue, and every survivor who speaks out makes the next one safer.": stance.Favor,
		"The movement has become a witch hunt that ruins men without any due process.":                 stance.Against,
		"The hearing begins on Monday at nine.":                                                        stance.None,
	} {
		assert.Equal(t, want, m.Classify(text).Label, text)
	}
}

func TestDefaultIsSmall(t *testing.T) {
	info, err := os.Stat("default.model")
	require.NoError(t, err)
	assert.Less(t, info.Size(), int64(8<<20))
}
