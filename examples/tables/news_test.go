package main

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/data"
	"example.org/metoostance/stance"
)

// inventedNews has passages of the gold corpus in place of news: of each genre
// those after the ones that the small corpus has.
func inventedNews() *data.NewsCorpus {
	var news data.NewsCorpus
	seen := map[string]int{}
	for _, d := range data.Gold().Passages {
		seen[d.Genre]++
		p := data.NewsPiece{Document: d, Source: "The Lantern"}
		switch seen[d.Genre] {
		case 3:
			for i := range p.Sentences {
				s := &p.Sentences[i]
				s.Votes = []stance.Label{s.Label, s.Votes[0], s.Votes[1]}
			}
			p.Sentences[1].Votes[1] = stance.Unlabelled
			news.Dev = append(news.Dev, p)
		case 4, 5:
			news.Train = append(news.Train, p)
		}
	}
	return &news
}

func TestNewsTable(t *testing.T) {
	l := smallLab(t)
	ctx := context.Background()
	table, err := newsTable(ctx, l)
	require.NoError(t, err)
	var names []string
	for _, row := range table.rows {
		names = append(names, row[0].text+": "+row[1].text)
	}
	assert.Equal(t, []string{"development: default model", "development: model news",
		"development: annotators, one against another", "training: default model"}, names)
	dev := l.news.Dev.Examples()
	assert.Equal(t, float64(len(dev)), table.rows[0][2].value)
	assert.Equal(t, float64(len(l.news.Train.Examples())), table.rows[3][2].value)

	// Model news is trained on the gold corpus and the training split, and the
	// development split has no part in it.
	want, err := linear("", stance.DefaultOptions()).train(ctx, slices.Concat(l.corpus.Examples(), press().examples, l.news.Train.Examples()))
	require.NoError(t, err)
	got, err := l.onGold(ctx, newsModel(l.news.Train))
	require.NoError(t, err)
	differs := false
	for _, e := range dev {
		assert.Equal(t, want.Classify(e.Text), got.Classify(e.Text))
		def, err := l.onGold(ctx, defaultModel())
		require.NoError(t, err)
		differs = differs || def.Classify(e.Text).Scores != got.Classify(e.Text).Scores
	}
	assert.True(t, differs, "the default model is another")
}

// rowsOf counts the rows of a model.
func rowsOf(t *table, model string) int {
	n := 0
	for _, row := range t.rows {
		for _, c := range row {
			if c.text == model {
				n++
			}
		}
	}
	return n
}

func TestModelNewsOnArticles(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct {
		name    string
		measure func(context.Context, *lab) (*table, error)
		rows    int
	}{{"models/articles", modelsOnArticles, 1}, {"articles/models", articlesTable, 4}} {
		with, without := smallLab(t), smallLab(t)
		without.news = nil
		a, err := c.measure(ctx, with)
		require.NoError(t, err)
		b, err := c.measure(ctx, without)
		require.NoError(t, err)
		assert.Equal(t, c.rows, rowsOf(a, newsModelName), c.name)
		assert.Zero(t, rowsOf(b, newsModelName), c.name)
		assert.Equal(t, c.rows, rowsOf(b, "default model"), c.name)
		assert.Len(t, a.rows, len(b.rows)+c.rows)
		assert.Len(t, a.notes, len(b.notes)+1, "the model is explained")
		assert.Contains(t, a.title, "(model news: and on the news)")
		assert.NotContains(t, b.title, "news")
	}
}

// Rows of model news in a file are made and checked only where the texts are,
// and a file that has none is checked without them.
func TestDocumentWithModelNews(t *testing.T) {
	ctx := context.Background()
	const empty = "<!-- tables: models/articles -->\n<!-- /tables -->\n"
	with, without := smallLab(t), smallLab(t)
	without.news = nil
	var stderr bytes.Buffer

	file := write(t, empty)
	require.NoError(t, with.document(ctx, file, nil, false, &stderr))
	rows := read(t, file)
	assert.Contains(t, rows, "| "+newsModelName+" |")
	require.NoError(t, with.document(ctx, file, nil, true, &stderr))
	assert.Empty(t, stderr.String())
	require.NoError(t, without.document(ctx, file, nil, true, &stderr))
	assert.Contains(t, stderr.String(), file+":1: models/articles left unchecked: it needs -news\n")
	stderr.Reset()
	require.NoError(t, without.document(ctx, file, nil, false, &stderr))
	assert.Contains(t, stderr.String(), "left as it is: it needs -news\n")
	assert.Equal(t, rows, read(t, file))
	stale := write(t, strings.Replace(rows, "| 0.", "| 1.", 1))
	assert.ErrorContains(t, with.document(ctx, stale, nil, true, &stderr), "models/articles is stale")

	file = write(t, empty)
	stderr.Reset()
	require.NoError(t, without.document(ctx, file, nil, false, &stderr))
	require.NoError(t, without.document(ctx, file, nil, true, &stderr))
	assert.Empty(t, stderr.String())
	assert.NotContains(t, read(t, file), newsModelName)
}
