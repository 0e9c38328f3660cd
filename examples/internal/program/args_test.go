package program

import (
	"flag"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseArgs(t *testing.T) {
	parse := func(args string) (files []string, output string, err error) {
		fs := flag.NewFlagSet("sample", flag.ContinueOnError)
		fs.SetOutput(io.Discard)
		fs.StringVar(&output, "o", "", "")
		fs.Bool("x", false, "")
		files, err = ParseArgs(fs, strings.Fields(args))
		return files, output, err
	}
	for _, tt := range []struct {
		args  string
		files []string
	}{
		{"-o m a b", []string{"a", "b"}},
		{"a b -o m", []string{"a", "b"}},
		{"a -x - -o m", []string{"a", "-"}},
		{"a -o=m -- b -x", []string{"a", "b", "-x"}},
		{"-o m -- -o n", []string{"-o", "n"}},
		{"-o m -- a -- b", []string{"a", "--", "b"}},
		{"-o m", nil},
	} {
		files, output, err := parse(tt.args)
		require.NoError(t, err, tt.args)
		assert.Equal(t, tt.files, files, tt.args)
		assert.Equal(t, "m", output, tt.args)
	}
	_, _, err := parse("a -h")
	assert.ErrorIs(t, err, flag.ErrHelp)
	_, _, err = parse("a -unknown")
	assert.ErrorContains(t, err, "-unknown")
}
