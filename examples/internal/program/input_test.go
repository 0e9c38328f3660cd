package program

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestCheckText(t *testing.T) {
	for _, tt := range []struct{ begin, problem string }{
		{"\xFF\xFEI\x00", "this is UTF-16"},
		{"\xFE\xFF", "this is UTF-16"},
		{"\x1F\x8B\x08", "this is compressed by gzip"},
		{"PK\x03\x04\x14", "this is a ZIP archive"},
		{"%PDF-1.7\n", "this is a PDF file"},
	} {
		undecided, err := CheckText([]byte(tt.begin))
		assert.ErrorContains(t, err, tt.problem)
		assert.False(t, undecided)
	}
	for _, begin := range []string{"\uFEFFYes.", "PKs", "%PDF 1.7 is a format.", "\x1F\x8C", "\xFFY", "Yes."} {
		undecided, err := CheckText([]byte(begin))
		assert.NoError(t, err, "%q", begin)
		assert.False(t, undecided, "%q", begin)
	}
	for _, begin := range []string{"", "\xFF", "\x1F", "P", "PK\x03", "%PDF"} {
		undecided, err := CheckText([]byte(begin))
		assert.NoError(t, err, "%q", begin)
		assert.True(t, undecided, "%q", begin)
	}
}
