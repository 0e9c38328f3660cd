package main

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/stance"
)

// The mean of two ways to learn has the mean of their scores.
func TestMeanOfTweetModels(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 4))
	train, test := inventedTweets(r, 100), inventedTweets(r, 30)
	test[3].Target = "Canals"
	ways := map[string]stance.Classifier{}
	for name, shared := range map[string][]bool{"each": {false}, "shared": {true}, "mean": {false, true}} {
		m := tweetModel(name, shared...)
		require.Len(t, m.settings, 3)
		assert.Equal(t, "C = 3", m.settings[1].Name)
		c, err := m.settings[1].Train(context.Background(), train)
		require.NoError(t, err)
		ways[name] = c
	}
	each, shared := ways["each"].(meanOf).ClassifyExamples(test), ways["shared"].(meanOf).ClassifyExamples(test)
	for i, p := range ways["mean"].(meanOf).ClassifyExamples(test) {
		for k, s := range p.Scores {
			assert.Equal(t, each[i].Scores[k]/2+shared[i].Scores[k]/2, s)
		}
		assert.Equal(t, p.Scores.Max(), p.Label)
		assert.Equal(t, p.Probabilities.Max(), p.Label)
		assert.InDelta(t, 1, p.Probabilities[0]+p.Probabilities[1]+p.Probabilities[2], 1e-15)
		if i == 3 {
			assert.Equal(t, p, ways["mean"].Classify(test[i].Text), "nobody knows of canals")
		}
	}
	assert.NotEqual(t, each, shared)
	_, err := tweetModel("", false).settings[0].Train(context.Background(), train[:1])
	assert.ErrorContains(t, err, "nothing to tell apart")
}
