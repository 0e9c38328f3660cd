package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/data"
	"example.org/metoostance/eval"
)

// newsCopy makes the public data set again as far as its texts are known, in a
// directory: every labelled sentence at its place, with filling between. It
// skips the test where the texts are missing.
func newsCopy(t *testing.T) string {
	t.Helper()
	rows := func(name string) [][]string {
		b, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "data", "news", name))
		if err != nil {
			t.Skipf("needs data that is not in the repository: %v", err)
		}
		var all [][]string
		for line := range strings.Lines(string(b)) {
			all = append(all, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
		}
		return all[1:]
	}
	texts := map[string]string{}
	for _, row := range append(rows("dev.tsv"), rows("train.tsv")...) {
		texts[row[0]] = row[len(row)-1]
	}
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data", "jsons"), 0o755))
	for _, row := range rows("offsets.tsv") {
		var content []rune
		for i, span := range strings.Fields(row[2]) {
			start, end, _ := strings.Cut(span, ":")
			from, err := strconv.Atoi(start)
			require.NoError(t, err)
			to, err := strconv.Atoi(end)
			require.NoError(t, err)
			content = append(content, slices.Repeat([]rune(" "), to-len(content))...)
			copy(content[from:], []rune(texts[fmt.Sprintf("%s-%02d", row[0], i+1)]))
		}
		b, err := json.Marshal(map[string]string{"title": texts[row[0]+"-00"], "content_original": string(content)})
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, filepath.FromSlash(row[1])), b, 0o644))
	}
	return dir
}

func TestNews(t *testing.T) {
	dir := newsCopy(t)
	news, err := data.News(os.DirFS(dir))
	require.NoError(t, err)
	c, err := parse([]string{"-gold", "-news", dir, "-o", "news.model"})
	require.NoError(t, err)
	examples, err := c.examples(io.Discard)
	require.NoError(t, err)
	gold := data.Gold().Examples()
	assert.Equal(t, gold, examples[:len(gold)])
	assert.Equal(t, news.Train.Examples(), examples[len(gold):])
	assert.Len(t, examples[len(gold):], 2059)
	held := map[string]bool{}
	for _, e := range news.Dev.Examples() {
		held[e.Text] = true
	}
	for _, e := range examples {
		assert.False(t, held[e.Text], "%s is a sentence of the development split", e.ID)
	}

	folds, err := eval.GroupedStratifiedFolds(examples, defaultGridFolds, foldSeed)
	require.NoError(t, err)
	of := map[string]int{}
	for i, e := range examples {
		k, seen := of[e.Document]
		assert.True(t, e.Document == "" || !seen || k == folds[i], "%s is split between folds", e.Document)
		of[e.Document] = folds[i]
	}

	t.Run("incomplete", func(t *testing.T) {
		first := news.Train[0]
		entries, err := fs.Glob(os.DirFS(dir), "data/jsons/*.json")
		require.NoError(t, err)
		headline, err := json.Marshal(first.Sentences[0].Text)
		require.NoError(t, err)
		removed := 0
		for _, name := range entries {
			b, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			if bytes.Contains(b, headline) {
				require.NoError(t, os.Remove(filepath.Join(dir, name)))
				removed++
			}
		}
		require.Equal(t, 1, removed)
		_, err = c.examples(io.Discard)
		assert.ErrorContains(t, err, ".json: piece "+first.ID+": ")
		assert.ErrorContains(t, err, "\ntrain: -news "+dir+" does not have the texts that were labelled; nothing was trained")

		c.incomplete = true
		var stderr bytes.Buffer
		left, err := c.examples(&stderr)
		require.NoError(t, err)
		n := 2059 - len(first.Sentences)
		assert.Len(t, left, len(gold)+n)
		assert.Contains(t, stderr.String(), ".json: piece "+first.ID+": ")
		assert.Contains(t, stderr.String(), fmt.Sprintf("\ntrain: went on with %d sentences of the news, without what is named above\n", n))
	})
}

func TestNewsWithoutTheTexts(t *testing.T) {
	dir := t.TempDir()
	output := filepath.Join(dir, "news.model")
	got := train("-gold", "-news", dir, "-o", output)
	assert.Equal(t, 1, got.status)
	assert.Contains(t, got.stderr, "data/jsons: no such file or directory (want a clone of github.com/ramybaly/Article-Bias-Prediction at commit ced8111a)\n")
	assert.Contains(t, got.stderr, "train: -news "+dir+" does not have the texts")

	require.NoError(t, os.MkdirAll(filepath.Join(dir, "data", "jsons"), 0o755))
	for _, flags := range [][]string{nil, {"-incomplete"}} {
		got = train(append(flags, "-gold", "-news", dir, "-o", output)...)
		assert.Equal(t, 1, got.status)
		assert.Equal(t, 191, strings.Count(got.stderr, ".json: piece "))
		assert.NoFileExists(t, output)
	}
	assert.Contains(t, got.stderr, "train: -news "+dir+" has no text of the training split\n")
	var stderr bytes.Buffer
	file := write(t, dir, "label.tsv", "text\tlabel\nNo.\tPRO?\n")
	assert.Equal(t, 1, run(context.Background(), []string{file, "-news", dir, "-o", output}, io.Discard, &stderr, false))
	assert.Contains(t, stderr.String(), file+":2:2: ", "errors of files are reported beside those of the news")
}

// The commands of the manual are those that the tests run.
func TestManualOfNews(t *testing.T) {
	for _, s := range []string{
		"\tgit clone https://github.com/ramybaly/Article-Bias-Prediction\n",
		"\tgo run ./examples/train -gold -press -news Article-Bias-Prediction -o news.model\n",
		"The articles belong to their publishers",
	} {
		assert.Contains(t, manual.String(), s)
	}
	for line := range strings.Lines(manual.String()) {
		arguments, ok := strings.CutPrefix(line, "\tgo run ./examples/train ")
		if ok {
			_, err := parse(strings.Fields(arguments))
			assert.NoError(t, err, line)
		}
	}
}
