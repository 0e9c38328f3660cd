package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.org/metoostance/eval"
	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// sharing says what becomes of examples of several targets.
type sharing uint8

const (
	shared   sharing = iota // a model for each, which share weights
	separate                // a model for each
	ignored                 // one model, as if there were one target
)

func parseSharing(name string) (sharing, error) {
	switch name {
	case "shared":
		return shared, nil
	case "separate":
		return separate, nil
	case "ignored":
		return ignored, nil
	}
	return 0, errors.New("want shared, separate or ignored")
}

// A recipe says what to train, but for the settings.
type recipe struct {
	sharing sharing
	targets []string // of the examples; none if they have one or are to have none
}

func newRecipe(examples []stance.Example, s sharing) recipe {
	targets := targetsOf(examples)
	if s == ignored || len(targets) < 2 {
		return recipe{sharing: ignored}
	}
	return recipe{s, targets}
}

// String says for what models are trained, to be put behind the settings.
func (r recipe) String() string {
	switch r.sharing {
	case shared:
		return fmt.Sprintf(", %d targets that share weights", len(r.targets))
	case separate:
		return fmt.Sprintf(", %d separate targets", len(r.targets))
	}
	return ""
}

// A trained thing is a *stance.Model or a *stance.Targets.
type trained interface {
	eval.ExampleClassifier
	SaveFile(path string) error
}

// train makes what the recipe says.
func (r recipe) train(ctx context.Context, examples []stance.Example, o stance.Options) (trained, error) {
	if r.sharing == ignored {
		return stance.Train(ctx, examples, o)
	}
	return stance.TrainTargets(ctx, examples, stance.TargetsOptions{Options: o, Shared: r.sharing == shared})
}

// checkFolds finds the targets that have too few groups for separate models in
// cross-validation.
func (r recipe) checkFolds(examples []stance.Example, folds []int, k int) error {
	if r.sharing != separate {
		return nil
	}
	for fold := range k {
		labels := map[string]map[stance.Label]bool{}
		for i, e := range examples {
			if labels[e.Target] == nil {
				labels[e.Target] = map[stance.Label]bool{}
			}
			if folds[i] != fold {
				labels[e.Target][e.Label] = true
			}
		}
		for _, t := range r.targets {
			if len(labels[t]) < 2 {
				return fmt.Errorf("train: the examples of target %q outside of fold %d do not have two labels; take fewer folds, or -targets shared", t, fold+1)
			}
		}
	}
	return nil
}

// withoutLexicon are the same settings without the opinion lexicon, whose words
// are those of the debate about one target.
func withoutLexicon(o stance.Options) stance.Options {
	o.Features.Blocks = slices.DeleteFunc(slices.Clone(o.Features.Blocks), func(b features.Block) bool { return b.Analyzer == features.LexiconClasses })
	o.Features.Lexicon = nil
	return o
}

// models are the models of t with their targets; of a single model without.
func models(t trained) (all []*stance.Model, targets []string) {
	switch t := t.(type) {
	case *stance.Model:
		all = append(all, t)
	case *stance.Targets:
		targets = t.Names()
		for _, name := range targets {
			m, _ := t.Model(name)
			all = append(all, m)
		}
	}
	return all, targets
}

// warnings returns those of all models, each once, with its targets unless it
// is one of all.
func warnings(all []*stance.Model, targets []string) []string {
	var found []string
	of := map[string][]string{}
	for i, m := range all {
		for _, w := range m.Report().Warnings {
			if of[w] == nil {
				found = append(found, w)
			}
			name := ""
			if targets != nil {
				name = fmt.Sprintf("%q", targets[i])
			}
			if !slices.Contains(of[w], name) {
				of[w] = append(of[w], name)
			}
		}
	}
	for i, w := range found {
		if len(of[w]) < len(all) {
			found[i] = fmt.Sprintf("%s: %s", strings.Join(of[w], ", "), w)
		}
	}
	return found
}
