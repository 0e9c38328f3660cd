package eval

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"example.org/metoostance/stance"
)

// A Trainer makes a classifier from labelled examples. It may be called from
// several goroutines at once and must not keep or change the slice.
type Trainer func(ctx context.Context, train []stance.Example) (stance.Classifier, error)

// An ExampleClassifier is a classifier that wants more of an example than its
// text: its document, with the sentences around it, or its target. Where a
// classifier has this method it is used in place of Classify.
//
// ClassifyExamples returns one prediction for each example, in order. The
// sentences of one Document arrive together, in their order and complete;
// examples without a Document stand alone. Label is always
// [stance.Unlabelled]: the gold labels are not shown.
type ExampleClassifier interface {
	stance.Classifier
	ClassifyExamples(examples []stance.Example) []stance.Prediction
}

// Predict returns the classifier's prediction for each example, in order. It
// uses ClassifyExamples when c is an [ExampleClassifier], and Classify one
// text at a time when it is not. A prediction that is missing or without a
// valid label is an error.
func Predict(c stance.Classifier, examples []stance.Example) ([]stance.Prediction, error) {
	predictions := make([]stance.Prediction, len(examples))
	if ec, ok := c.(ExampleClassifier); ok {
		order := byDocument(examples)
		hidden := make([]stance.Example, len(examples))
		for i, j := range order {
			hidden[i] = examples[j]
			hidden[i].Label = stance.Unlabelled
		}
		answers := ec.ClassifyExamples(hidden)
		if len(answers) != len(examples) {
			return nil, fmt.Errorf("classifier made %d predictions for %d examples", len(answers), len(examples))
		}
		for i, j := range order {
			predictions[j] = answers[i]
		}
	} else {
		for i := range examples {
			predictions[i] = c.Classify(examples[i].Text)
		}
	}
	for i := range predictions {
		if !predictions[i].Label.Valid() {
			return nil, fmt.Errorf("classifier predicted %q for %s", predictions[i].Label, describe(examples, i))
		}
	}
	return predictions, nil
}

// byDocument returns the indices of the examples, those of one document
// together where the first of them stands.
func byDocument(examples []stance.Example) []int {
	members := map[string][]int{}
	for i := range examples {
		if d := examples[i].Document; d != "" {
			members[d] = append(members[d], i)
		}
	}
	order := make([]int, 0, len(examples))
	for i := range examples {
		d := examples[i].Document
		switch {
		case d == "":
			order = append(order, i)
		case members[d][0] == i:
			order = append(order, members[d]...)
		}
	}
	return order
}

// A CVResult is what cross-validation leaves: for every example the prediction
// of the classifier that was trained without its fold.
type CVResult struct {
	Examples    []stance.Example    // as they were given
	Predictions []stance.Prediction // Predictions[i] is of Examples[i]
	Folds       []int               // Folds[i] is the fold that held out Examples[i]
}

// Confusion counts the predictions of all folds together. Figures of pooled
// counts are not means over folds: F1 of small folds is biased and its mean
// depends on how empty classes are counted (Forman and Scholz 2010).
func (r *CVResult) Confusion() *Confusion {
	c := new(Confusion)
	for i := range r.Examples {
		c.Add(r.Examples[i].Label, r.Predictions[i].Label)
	}
	return c
}

// Sample returns the predictions of all folds together as a [Sample], for
// intervals and paired tests. It is an error when the probabilities do not sum
// to 1.
func (r *CVResult) Sample() (*Sample, error) { return NewSample(r.Examples, r.Predictions) }

// CrossValidate holds out each fold in turn, trains on the others and predicts
// the fold. folds[i] is the fold of examples[i], from 0 without gaps, as
// [GroupedStratifiedFolds] makes them. Folds run concurrently, as many as
// GOMAXPROCS; the result does not depend on how many.
//
// It is an error when a Group or a Document is split between folds, when there
// are fewer than two folds, when an example is not labelled, and when train
// fails; the error of the lowest failing fold is returned.
func CrossValidate(ctx context.Context, examples []stance.Example, folds []int, train Trainer) (*CVResult, error) {
	k, err := checkFolds(examples, folds)
	if err != nil {
		return nil, err
	}
	return crossValidate(ctx, examples, folds, k, func(ctx context.Context, _ int, in []int) (stance.Classifier, error) {
		return train(ctx, pick(examples, in))
	})
}

// pick returns the examples at the given indices.
func pick(examples []stance.Example, at []int) []stance.Example {
	picked := make([]stance.Example, len(at))
	for i, j := range at {
		picked[i] = examples[j]
	}
	return picked
}

// crossValidate holds out each of k folds in turn. fit trains on the examples
// with the given indices: those outside the fold that share no group or
// document with any inside.
func crossValidate(ctx context.Context, examples []stance.Example, folds []int, k int,
	fit func(ctx context.Context, fold int, in []int) (stance.Classifier, error)) (*CVResult, error) {
	unit, n := units(examples)
	r := &CVResult{
		Examples:    examples,
		Predictions: make([]stance.Prediction, len(examples)),
		Folds:       folds,
	}
	err := parallel(ctx, k, func(fold int) error {
		held := make([]bool, n)
		for i, f := range folds {
			if f == fold {
				held[unit[i]] = true
			}
		}
		var in, out []int
		for i, f := range folds {
			switch {
			case f == fold:
				out = append(out, i)
			case !held[unit[i]]:
				in = append(in, i)
			}
		}
		c, err := fit(ctx, fold, in)
		if err != nil {
			return fmt.Errorf("eval: training for fold %d of %d: %w", fold, k, err)
		}
		predictions, err := Predict(c, pick(examples, out))
		if err != nil {
			return fmt.Errorf("eval: fold %d of %d: %w", fold, k, err)
		}
		for i, p := range predictions {
			r.Predictions[out[i]] = p
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return r, nil
}

// checkFolds returns the number of folds, or says what is wrong with them.
func checkFolds(examples []stance.Example, folds []int) (int, error) {
	if len(examples) != len(folds) {
		return 0, fmt.Errorf("eval: %d examples but %d fold numbers", len(examples), len(folds))
	}
	if err := checkLabelled(examples); err != nil {
		return 0, err
	}
	k := 0
	for i, f := range folds {
		if f < 0 || f >= len(examples) {
			return 0, fmt.Errorf("eval: %s is in fold %d, want 0 to the number of folds less 1", describe(examples, i), f)
		}
		k = max(k, f+1)
	}
	if k < 2 {
		return 0, fmt.Errorf("eval: %d folds, want at least 2", k)
	}
	sizes := make([]int, k)
	for _, f := range folds {
		sizes[f]++
	}
	for f, size := range sizes {
		if size == 0 {
			return 0, fmt.Errorf("eval: fold %d of %d is empty", f, k)
		}
	}
	unit, n := units(examples)
	first := make([]int, n) // index+1 of the first example of each unit
	for i, u := range unit {
		if first[u] == 0 {
			first[u] = i + 1
		} else if j := first[u] - 1; folds[i] != folds[j] {
			return 0, fmt.Errorf("eval: %s in fold %d and %s in fold %d belong to one group or document",
				describe(examples, j), folds[j], describe(examples, i), folds[i])
		}
	}
	return k, nil
}

// parallel calls do(0) to do(n-1), at most GOMAXPROCS at once, and returns the
// error of the lowest index. Calls start in order and none starts after an
// error or the end of ctx, so that the lowest failing index always runs and
// the error is the same however the calls interleave.
func parallel(ctx context.Context, n int, do func(i int) error) error {
	var (
		mu     sync.Mutex
		next   int
		errs   = make([]error, n)
		failed bool
		wg     sync.WaitGroup
	)
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if failed || next == n || ctx.Err() != nil {
			return 0, false
		}
		next++
		return next - 1, true
	}
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for {
				i, ok := take()
				if !ok {
					return
				}
				if errs[i] = do(i); errs[i] != nil {
					mu.Lock()
					failed = true
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	if next < n {
		return ctx.Err()
	}
	return nil
}
