package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"example.org/metoostance/data"
	"example.org/metoostance/stance"
)

// examples reads what to train on. The error joins those of all files. What is
// left out on request is named on stderr.
func (c *command) examples(stderr io.Writer) ([]stance.Example, error) {
	var examples []stance.Example
	if c.gold {
		examples = data.Gold().Examples()
	}
	if c.press {
		for _, d := range data.Press() {
			examples = append(examples, d.Examples()...)
		}
	}
	var errs []error
	if c.news != "" {
		e, err := c.readNews(stderr)
		if err != nil {
			errs = append(errs, err)
		}
		examples = append(examples, e...)
	}
	for _, file := range c.files {
		e, err := data.ReadFile(file, data.ReadOptions{Format: c.format})
		if err != nil {
			errs = append(errs, err)
		}
		examples = append(examples, e...)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if c.target == "" {
		return examples, nil
	}
	kept := slices.DeleteFunc(slices.Clone(examples), func(e stance.Example) bool { return e.Target != c.target })
	if len(kept) == 0 {
		found := "the files have no examples"
		if len(examples) > 0 {
			var quoted []string
			for _, t := range targetsOf(examples) {
				quoted = append(quoted, strconv.Quote(t))
			}
			found = "the files have " + strings.Join(quoted, ", ")
		}
		return nil, fmt.Errorf("train: no example has the target %q: %s", c.target, found)
	}
	return kept, nil
}

// readNews returns the training split of the news. The development split is
// checked, because it is read, and has no part in training.
func (c *command) readNews(stderr io.Writer) ([]stance.Example, error) {
	news, err := data.News(os.DirFS(c.news))
	switch {
	case err == nil:
		return news.Train.Examples(), nil
	case !c.incomplete:
		return nil, fmt.Errorf("%w\ntrain: -news %s does not have the texts that were labelled; nothing was trained", err, c.news)
	case len(news.Train) == 0:
		return nil, fmt.Errorf("%w\ntrain: -news %s has no text of the training split", err, c.news)
	}
	examples := news.Train.Examples()
	fmt.Fprintf(stderr, "%v\ntrain: went on with %d sentences of the news, without what is named above\n", err, len(examples))
	return examples, nil
}

// targetsOf returns the targets of the examples in the order in which they
// first appear.
func targetsOf(examples []stance.Example) []string {
	var targets []string
	seen := map[string]bool{}
	for _, e := range examples {
		if !seen[e.Target] {
			seen[e.Target] = true
			targets = append(targets, e.Target)
		}
	}
	return targets
}
