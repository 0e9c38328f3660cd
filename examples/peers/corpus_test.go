package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// corpusOf returns a corpus in memory.
func corpusOf(t testing.TB, n int, seed uint64) string {
	t.Helper()
	var b strings.Builder
	require.NoError(t, writeCorpus(&b, n, seed))
	return b.String()
}

func examplesOf(t testing.TB, n int, seed uint64) []stance.Example {
	t.Helper()
	examples, err := parseCorpus(corpusOf(t, n, seed), "corpus.tsv")
	require.NoError(t, err)
	require.Len(t, examples, n)
	return examples
}

func TestCorpusIsDeterministic(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		n := rapid.IntRange(1, 50).Draw(rt, "n")
		one := corpusOf(t, n, seed)
		assert.Equal(rt, one, corpusOf(t, n, seed))
		assert.NotEqual(rt, one, corpusOf(t, n, seed+1))
		assert.True(rt, strings.HasPrefix(corpusOf(t, n+7, seed), one), "a smaller corpus is the beginning of a greater one")
	})
}

func TestCorpusLengths(t *testing.T) {
	for seed := range uint64(3) {
		texts := textsOf(examplesOf(t, 2000, seed))
		stats, err := describe(context.Background(), texts)
		require.NoError(t, err)
		assert.InDelta(t, 115, stats.MeanBytes, 10) // "about 115 bytes"
		assert.Equal(t, 2000, stats.Sentences)
		assert.Greater(t, stats.Vocabulary, stats.Tokens/4)
		sum := 0
		for _, text := range texts {
			sum += len(text)
		}
		assert.InDelta(t, float64(sum)/2000, stats.MeanBytes, 1e-9)
	}
}

func TestLabelsCanBeLearnt(t *testing.T) {
	train, test := examplesOf(t, 6000, 1), examplesOf(t, 2000, 2)
	accuracy := func(c stance.Classifier) float64 {
		right := 0
		for _, e := range test {
			if c.Classify(e.Text).Label == e.Label {
				right++
			}
		}
		return float64(right) / float64(len(test))
	}
	m, err := stance.Train(context.Background(), train, stance.Options{
		Features: words(), Algorithm: stance.LogisticOneVsRest, Tolerance: enough, CalibrationFolds: -1,
	})
	require.NoError(t, err)
	majority, err := stance.TrainMajority(train)
	require.NoError(t, err)
	assert.Greater(t, accuracy(m), accuracy(majority)+0.2)
	for _, l := range stance.Labels() {
		n := 0
		for _, e := range train {
			if e.Label == l {
				n++
			}
		}
		assert.Greater(t, n, len(train)/5, l.String())
	}
}

func TestParseCorpusErrors(t *testing.T) {
	for _, tt := range []struct{ name, raw, want string }{
		{"empty", "", "c.tsv: no sentence"},
		{"no tab", "FAVOR\tone\nAGAINST two\n", "c.tsv:2: no tab between label and text"},
		{"unknown label", "FAVOR\tone\nNONE\ttwo\nPERHAPS\tthree\n", "c.tsv:3: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseCorpus(tt.raw, "c.tsv")
			assert.ErrorContains(t, err, tt.want)
		})
	}
	_, err := readCorpus(filepath.Join(t.TempDir(), "none.tsv"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func FuzzParseCorpus(f *testing.F) {
	f.Add("FAVOR\tone\nAGAINST\ttwo\n")
	f.Add("NONE\tno line end")
	f.Add("\t\n\n")
	f.Add("FAVOR\ta\tb\r\n\xff")
	f.Fuzz(func(t *testing.T, raw string) {
		examples, err := parseCorpus(raw, "c.tsv")
		if err != nil {
			assert.Empty(t, examples)
			assert.True(t, strings.HasPrefix(err.Error(), "c.tsv:"), err)
			return
		}
		var b strings.Builder
		for _, e := range examples {
			b.WriteString(e.Label.String() + "\t" + e.Text + "\n")
		}
		again, err := parseCorpus(b.String(), "c.tsv")
		require.NoError(t, err)
		assert.Equal(t, examples, again)
	})
}

func TestWriteCorpusStopsAtAnError(t *testing.T) {
	assert.ErrorIs(t, writeCorpus(brokenWriter{}, 3, 1), io.ErrShortWrite)
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestMakeCorpusDescribesWhatItWrote(t *testing.T) {
	path := filepath.Join(t.TempDir(), "c.tsv")
	stats, err := makeCorpus(context.Background(), path, 100, 5)
	require.NoError(t, err)
	assert.Equal(t, 100, stats.Sentences)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, corpusOf(t, 100, 5), string(raw))
	assert.Equal(t, 100, bytes.Count(raw, []byte("\n")))
	_, err = makeCorpus(context.Background(), filepath.Join(path, "c.tsv"), 1, 1)
	assert.Error(t, err)
}
