package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.org/metoostance/data"
	"example.org/metoostance/eval"
	"example.org/metoostance/examples/internal/program"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// The folds in which quality is measured are those of the tables in the README
// of the repository.
const (
	numFolds = 5
	foldSeed = 1
)

// gold returns the gold corpus and the fold of each sentence.
func gold() ([]stance.Example, []int, error) {
	examples := data.Gold().Examples()
	folds, err := eval.GroupedStratifiedFolds(examples, numFolds, foldSeed)
	return examples, folds, err
}

// goldFold returns what is trained on and what is labelled in a fold.
func goldFold(fold int) (train, test []stance.Example, err error) {
	if fold < 0 || fold >= numFolds {
		return nil, nil, fmt.Errorf("-fold is %d, want 0 to %d", fold, numFolds-1)
	}
	examples, folds, err := gold()
	if err != nil {
		return nil, nil, err
	}
	for i, e := range examples {
		if folds[i] == fold {
			test = append(test, e)
		} else {
			train = append(train, e)
		}
	}
	return train, test, nil
}

// What of a fold is written for programs that are not in Go.
const (
	trainFile         = "train.tsv" // label, tab, sentence
	testFile          = "test.txt"  // sentence
	fastTextTrainFile = "train.ft"  // label as fastText has it, space, sentence
	fastTextTestFile  = "test.ft"   // sentence
	rowsTrainFile     = "train.svm" // row with the label's number
	rowsTestFile      = "test.svm"  // row with 0
)

// stageFolds writes the files of a fold.
func stageFolds(_ context.Context, o *stageOptions) (*stageResult, error) {
	train, test, err := goldFold(o.fold)
	if err != nil {
		return nil, err
	}
	for _, e := range append(train, test...) {
		if strings.ContainsAny(e.Text, "\t\n") {
			return nil, fmt.Errorf("%s: a tab or a line end in the text", e.ID)
		}
	}
	if err := os.MkdirAll(o.output, 0o755); err != nil {
		return nil, err
	}
	for _, f := range []struct {
		name     string
		examples []stance.Example
		line     func(stance.Example) string
	}{
		{trainFile, train, func(e stance.Example) string { return e.Label.String() + "\t" + e.Text }},
		{testFile, test, func(e stance.Example) string { return e.Text }},
		{fastTextTrainFile, train, func(e stance.Example) string { return fastTextLabel + e.Label.String() + " " + fastTextWords(e.Text) }},
		{fastTextTestFile, test, func(e stance.Example) string { return fastTextWords(e.Text) }},
	} {
		err := program.WriteFile(filepath.Join(o.output, f.name), func(w io.Writer) error {
			for _, e := range f.examples {
				if _, err := io.WriteString(w, f.line(e)+"\n"); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return &stageResult{Sentences: len(train) + len(test)}, nil
}

// fastTextLabel is what fastText's labels begin with.
const fastTextLabel = "__label__"

// spaced sets punctuation apart, as fastText's tutorial on classification does
// with sed.
var spaced = strings.NewReplacer(".", " . ", "!", " ! ", "?", " ? ", ",", " , ", "'", " ' ", "/", " / ", "(", " ( ", ")", " ) ")

func fastTextWords(text string) string { return strings.ToLower(spaced.Replace(text)) }

// stageLibrary trains a Go library on a fold, and writes its labels of the
// sentences that were held out.
func stageLibrary(ctx context.Context, o *stageOptions) (*stageResult, error) {
	learn := libraries[o.library]
	if learn == nil {
		return nil, fmt.Errorf("there is no library %q", o.library)
	}
	train, test, err := goldFold(o.fold)
	if err != nil {
		return nil, err
	}
	r := &stageResult{Sentences: len(test)}
	var label labeller
	if r.TrainSeconds, err = seconds(func() (err error) {
		label, err = learn(ctx, train)
		return err
	}); err != nil {
		return nil, err
	}
	texts := textsOf(test)
	var labels []stance.Label
	took, err := repeatedly(1, func() (err error) {
		labels, err = label(texts)
		return err
	})
	if err != nil {
		return nil, err
	}
	r.ClassifySeconds = took[0]
	return r, program.WriteFile(o.output, func(w io.Writer) error {
		for _, l := range labels {
			if _, err := fmt.Fprintln(w, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// stageRows writes the rows of a fold for LIBLINEAR: those of the default
// model's features.
func stageRows(ctx context.Context, o *stageOptions) (*stageResult, error) {
	train, test, err := goldFold(o.fold)
	if err != nil {
		return nil, err
	}
	r := &stageResult{Sentences: len(train) + len(test)}
	var v *features.Vectorizer
	var rows, testRows *features.Matrix
	if r.TrainSeconds, err = seconds(func() (err error) {
		v, rows, err = features.FitTransform(ctx, textsOf(train), stance.DefaultOptions().Features)
		return err
	}); err != nil {
		return nil, err
	}
	took, err := repeatedly(1, func() (err error) {
		testRows, err = v.Transform(ctx, textsOf(test))
		return err
	})
	if err != nil {
		return nil, err
	}
	r.ClassifySeconds = took[0]
	r.Columns = rows.Cols
	for i := range test {
		test[i].Label = stance.Unlabelled // LIBLINEAR is not to know
	}
	for _, f := range []struct {
		name     string
		rows     *features.Matrix
		examples []stance.Example
	}{{rowsTrainFile, rows, train}, {rowsTestFile, testRows, test}} {
		err := program.WriteFile(filepath.Join(o.output, f.name), func(w io.Writer) error { return writeSVMLight(w, f.rows, f.examples) })
		if err != nil {
			return nil, err
		}
	}
	return r, nil
}
