package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"example.org/metoostance/data"
	"example.org/metoostance/stance"
)

// examples reads what to train on. The error joins those of all files.
func (c *command) examples() ([]stance.Example, error) {
	var examples []stance.Example
	if c.gold {
		examples = data.Gold().Examples()
	}
	var errs []error
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
			found = "the files have " + strings.Join(targetsOf(examples), ", ")
		}
		return nil, fmt.Errorf("train: no example has the target %q: %s", c.target, found)
	}
	return kept, nil
}

// targetsOf returns the targets of the examples, quoted, in the order in which
// they first appear.
func targetsOf(examples []stance.Example) []string {
	var targets []string
	seen := map[string]bool{}
	for _, e := range examples {
		if !seen[e.Target] {
			seen[e.Target] = true
			targets = append(targets, strconv.Quote(e.Target))
		}
	}
	return targets
}
