package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"example.org/metoostance/data"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// writeCorpus writes a corpus of n sentences.
func writeCorpus(w io.Writer, n int, seed uint64) error {
	for e := range data.Recombined(n, seed) {
		if _, err := io.WriteString(w, e.Label.String()+"\t"+e.Text+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// readCorpus reads a corpus into memory.
func readCorpus(path string) ([]stance.Example, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	return parseCorpus(string(raw), path)
}

// parseCorpus reads lines of a label, a tab and a text. path stands in errors.
func parseCorpus(raw, path string) ([]stance.Example, error) {
	examples := make([]stance.Example, 0, strings.Count(raw, "\n")+1)
	for line := range strings.Lines(raw) {
		name, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			return nil, fmt.Errorf("%s:%d: no tab between label and text", path, len(examples)+1)
		}
		label, err := stance.ParseLabel(name)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", path, len(examples)+1, err)
		}
		examples = append(examples, stance.Example{Text: text, Label: label})
	}
	if len(examples) == 0 {
		return nil, fmt.Errorf("%s: no sentence", path)
	}
	return examples, nil
}

func textsOf(examples []stance.Example) []string {
	texts := make([]string, len(examples))
	for i := range examples {
		texts[i] = examples[i].Text
	}
	return texts
}

// bytesOf counts the bytes of texts and one each for the end of the line, which
// is how the peers count.
func bytesOf(texts []string) int64 {
	n := int64(len(texts))
	for _, t := range texts {
		n += int64(len(t))
	}
	return n
}

// corpusStats describes a corpus.
type corpusStats struct {
	Sentences  int
	MeanBytes  float64 // of a text, without label and line end
	Tokens     int     // by scikit-learn's pattern
	Vocabulary int     // distinct words and pairs of words
}

func (s corpusStats) String() string {
	return fmt.Sprintf("%s sentences, %.1f bytes each, %s tokens, %s words and pairs of words",
		thousands(float64(s.Sentences)), s.MeanBytes, thousands(float64(s.Tokens)), thousands(float64(s.Vocabulary)))
}

func describe(ctx context.Context, texts []string) (corpusStats, error) {
	s := corpusStats{
		Sentences: len(texts),
		MeanBytes: float64(bytesOf(texts))/float64(len(texts)) - 1,
	}
	tokenizer := words().Tokenizer
	for _, t := range texts {
		tokenizer.ForEachIn(t, func(string) { s.Tokens++ })
	}
	v, err := features.Fit(ctx, texts, words())
	if err != nil {
		return s, err
	}
	s.Vocabulary = v.Cols()
	return s, nil
}

// makeCorpus writes a corpus to a file and describes it.
func makeCorpus(ctx context.Context, path string, n int, seed uint64) (corpusStats, error) {
	err := program.WriteFile(path, func(w io.Writer) error { return writeCorpus(w, n, seed) })
	if err != nil {
		return corpusStats{}, err
	}
	examples, err := readCorpus(path)
	if err != nil {
		return corpusStats{}, err
	}
	return describe(ctx, textsOf(examples))
}
