package stancebeam

import (
	"fmt"
	"strings"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/transforms/stats"

	"example.org/metoostance/stance"
)

func init() {
	register.Function1x2(countKey)
	register.Function2x2(keyCount)
}

// Count is how many results of a day have a label.
type Count struct {
	// Day is as in the results; empty for those whose day is not known.
	Day string
	// Label is [stance.Unlabelled] where the model abstained.
	Label stance.Label
	N     int64
}

// CountByLabelAndDay counts results. It takes one or more PCollection<Result>
// and returns a PCollection<Count> with an element for each day and label that
// occurs, in each window, in no particular order.
//
// Each collection is counted where it is: only sums go from worker to worker,
// one for each day, label and bundle.
func CountByLabelAndDay(s beam.Scope, results ...beam.PCollection) beam.PCollection {
	if len(results) == 0 {
		panic("stancebeam: there is nothing to count")
	}
	s = s.Scope("stancebeam.CountByLabelAndDay")
	sums := make([]beam.PCollection, len(results))
	for i, r := range results {
		sums[i] = stats.SumPerKey(s, beam.ParDo(s, countKey, r))
	}
	all := sums[0]
	if len(sums) > 1 {
		// Flattening first would bring all results together to be counted.
		all = stats.SumPerKey(s, beam.Flatten(s, sums...))
	}
	return beam.ParDo(s, keyCount, all)
}

// countKey returns what a result is counted under, and 1. The key is a string,
// as Beam groups by encoded keys and every runner knows how a string is
// encoded.
func countKey(r Result) (string, int64) {
	return r.Label.String() + "\t" + r.Day, 1
}

// keyCount takes a key of countKey and its sum apart.
func keyCount(key string, n int64) (Count, error) {
	name, day, _ := strings.Cut(key, "\t")
	var l stance.Label
	if err := l.UnmarshalText([]byte(name)); err != nil {
		return Count{}, fmt.Errorf("stancebeam: key %q: %w", key, err)
	}
	return Count{Day: day, Label: l, N: n}, nil
}
