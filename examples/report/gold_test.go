package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/data"
	"example.org/metoostance/examples/internal/page"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

func TestParseGold(t *testing.T) {
	const text = "It ruins decent men. I believe the women."
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte("It ruins decent men.")))
	first := page.Gold{Span: features.Span{Start: 0, End: 20}, Label: stance.Against}
	second := page.Gold{Span: features.Span{Start: 21, End: 41}, Label: stance.Favor}
	for _, tt := range []struct {
		name, content string
		want          []page.Gold
		err           string
	}{
		{"least", "start\tend\tlabel\n0\t20\tAGAINST\n21\t41\tFAVOR\n", []page.Gold{first, second}, ""},
		{"other order and columns", "note\tlabel\tend\tstart\n\"a\tcon\t20\t0\n\tsupport\t41\t21", []page.Gold{first, second}, ""},
		{"byte-order mark and CR LF", "\uFEFFstart\tend\tlabel\r\n0\t20\tAGAINST\r\n", []page.Gold{first}, ""},
		{"document", "doc\tstart\tend\tlabel\nother\t7\t3\tx\nletter.txt\t21\t41\tFAVOR\n", []page.Gold{second}, ""},
		{"checksum", "start\tend\tsha256\tlabel\n0\t20\t" + sum + "\tAGAINST\n", []page.Gold{first}, ""},

		{"empty", "", nil, "gold.tsv: no header: the file is empty"},
		{"header alone", "start\tend\tlabel\n", nil, "gold.tsv: no row but the header"},
		{"missing column", "start\tend\n0\t20\n", nil, `gold.tsv:1: no column "label", want tab-separated values with the columns start, end and label`},
		{"other documents", "doc\tstart\tend\tlabel\nother\t0\t20\tNONE\n", nil, `gold.tsv: no row is of the document "letter.txt": the column doc has other names`},
		{"blank line", "start\tend\tlabel\n\n0\t20\tNONE\n", nil, "gold.tsv:2: row of 1 fields, want 3 as in the header"},
		{"field too many", "start\tend\tlabel\n0\t20\tNONE\tx\n", nil, "gold.tsv:2: row of 4 fields, want 3 as in the header"},
		{"no number", "start\tend\tlabel\n0\t20\tNONE\n-1\t20\tNONE\n", nil, `gold.tsv:3:1: "-1" is not a whole number`},
		{"number too great", "start\tend\tlabel\n0\t99999999999999999999\tNONE\n", nil, `gold.tsv:2:2: "99999999999999999999" is not a whole number`},
		{"overlap", "start\tend\tlabel\n0\t20\tNONE\n19\t41\tNONE\n", nil, "gold.tsv:3:1: start 19 before the end of the row before it, 20"},
		{"empty span", "start\tend\tlabel\n3\t3\tNONE\n", nil, "gold.tsv:2:2: end 3, want more than the start, 3"},
		{"behind the text", "start\tend\tlabel\n3\t42\tNONE\n", nil, "gold.tsv:2:2: end 42, but the text has 41 bytes"},
		{"label", "start\tend\tlabel\n0\t20\tperhaps\n", nil, `gold.tsv:2:3: `},
		{"no label", "start\tend\tlabel\n0\t20\t\n", nil, `gold.tsv:2:3: `},
		{"another text", "sha256\tstart\tend\tlabel\n" + sum + "\t0\t19\tAGAINST\n", nil, "gold.tsv:2:1: bytes 0 to 19 of the text have SHA-256 "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := parseGold("gold.tsv", tt.content, "letter.txt", text)
			if tt.err == "" {
				require.NoError(t, err)
				assert.Equal(t, tt.want, got)
				return
			}
			require.ErrorAs(t, err, new(*data.ParseError))
			assert.Contains(t, err.Error(), tt.err)
			assert.Nil(t, got)
		})
	}
}

func FuzzParseGold(f *testing.F) {
	const text = "It ruins decent men. I believe the women."
	f.Add("start\tend\tlabel\n0\t20\tAGAINST\n21\t41\tFAVOR\n")
	f.Add("doc\tsha256\tlabel\tend\tstart\r\nletter.txt\t\tNONE\t1\t0\r\nx\ty")
	f.Add("\uFEFFstart\tstart\tend\tlabel\n")
	f.Fuzz(func(t *testing.T, content string) {
		gold, err := parseGold("gold.tsv", content, "letter.txt", text)
		if err != nil {
			require.ErrorAs(t, err, new(*data.ParseError))
			return
		}
		end := 0
		for _, g := range gold {
			require.True(t, end <= g.Start && g.Start < g.End && g.End <= len(text))
			require.True(t, g.Label.Valid())
			end = g.End
		}
		require.NotEmpty(t, gold)
	})
}

func TestGoldIsMarked(t *testing.T) {
	model := modelFile(t)
	gold := file(t, "gold.tsv", "start\tend\tlabel\n0\t20\tNONE\n22\t52\tFAVOR\n53\t60\tNONE\n")
	got := report(letter, "-model", model, "-gold", gold, "-")
	require.Zero(t, got.status, got.stderr)
	assert.Contains(t, got.stdout, "1 of 2 right, <b>1 wrong</b>.")
	assert.Contains(t, got.stdout, "1 of the sentences and 1 of the 3 gold labels found no counterpart")
	assert.Equal(t, 1, strings.Count(got.stdout, "✗</span> gold: NONE"))
	assert.Contains(t, got.stdout, "gold, cut otherwise: NONE")

	bad := file(t, "bad.tsv", "start\tend\tlabel\n0\t20\t\x1b[31mred\n")
	got = report(letter, "-model", model, "-gold", bad, "-")
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stderr, "bad.tsv:2:3: ")
	assert.NotContains(t, got.stderr, "\x1b")
	assert.Empty(t, got.stdout)
}

// TestArticles compares with the labels that the library has of three articles,
// whose texts are not part of this repository.
func TestArticles(t *testing.T) {
	const labels = "../../data/articles/labels.tsv"
	got := report(letter, "-gold", labels, file(t, "000_757f0f3c47ae9802.txt", strings.Repeat(letter, 100)))
	assert.Equal(t, 1, got.status)
	assert.Regexp(t, `labels\.tsv:2:5: bytes 0 to 85 of the text have SHA-256 [0-9a-f]{64}, want [0-9a-f]{64}: these labels are of another text\n$`, got.stderr)

	files, err := filepath.Glob("../../../shared/data/articles/texts/*.txt")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("the articles are not here")
	}
	compared := 0
	for _, file := range files {
		got := report("", "-gold", labels, file)
		require.Zero(t, got.status, got.stderr)
		var right, of, wrong int
		i := strings.Index(got.stdout, "Compared with the gold labels</h3>\n<p>")
		require.Positive(t, i)
		_, err := fmt.Sscanf(got.stdout[i+len("Compared with the gold labels</h3>\n<p>"):], "%d of %d right, <b>%d wrong", &right, &of, &wrong)
		require.NoError(t, err)
		assert.Equal(t, of, right+wrong)
		assert.Equal(t, wrong, strings.Count(got.stdout, "✗</span> gold: "))
		compared += of
	}
	// Of the 120 gold sentences the segmentation finds all (README).
	assert.Equal(t, 120, compared)
}

func TestMissingGold(t *testing.T) {
	_, err := readGold(filepath.Join(t.TempDir(), "missing.tsv"), "x", "")
	assert.True(t, errors.Is(err, os.ErrNotExist))
}
