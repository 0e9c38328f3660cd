package eval

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	"example.org/metoostance/stance"
)

// describe names an example in an error: by its index and, when it has one,
// its ID.
func describe(examples []stance.Example, i int) string {
	if id := examples[i].ID; id != "" {
		return fmt.Sprintf("example %d (%s)", i, id)
	}
	return fmt.Sprintf("example %d", i)
}

// checkLabelled returns an error that names the first example without a valid
// label.
func checkLabelled(examples []stance.Example) error {
	for i := range examples {
		if !examples[i].Label.Valid() {
			return fmt.Errorf("eval: %s is not labelled", describe(examples, i))
		}
	}
	return nil
}

// units numbers the examples by what must stay together: examples that share a
// Group or a Document have the same number, directly or through others.
// Numbers count from 0 in the order of first occurrence.
func units(examples []stance.Example) (unit []int, n int) {
	// Union-find in which a root is the least index of its unit.
	parent := make([]int, len(examples))
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	join := func(first map[string]int, name string, i int) {
		if name == "" {
			return
		}
		j, ok := first[name]
		if !ok {
			first[name] = i
			return
		}
		a, b := find(i), find(j)
		parent[max(a, b)] = min(a, b)
	}
	groups, documents := map[string]int{}, map[string]int{}
	for i := range examples {
		parent[i] = i
		join(groups, examples[i].Group, i)
		join(documents, examples[i].Document, i)
	}
	unit = make([]int, len(examples))
	for i := range examples {
		if root := find(i); root == i {
			unit[i] = n
			n++
		} else {
			unit[i] = unit[root]
		}
	}
	return unit, n
}

// GroupedStratifiedFolds deals the examples into k folds and returns the fold,
// 0 to k-1, of each. Examples that share a Group or a Document are never
// split; an example with neither stands alone. The folds have label
// distributions as close to that of the whole as the groups allow: groups are
// shuffled by the seed, taken from the largest to the smallest, and each goes
// to the fold that leaves the counts of every label most even over the folds
// (the greedy method of scikit-learn's StratifiedGroupKFold), ties to the
// smallest fold.
//
// The result depends on nothing but the arguments. An unlabelled example, k
// below 2 and fewer groups than k are errors.
func GroupedStratifiedFolds(examples []stance.Example, k int, seed uint64) ([]int, error) {
	return stratify(examples, k, seed, 0)
}

// stratify is [GroupedStratifiedFolds] with one of many streams of random
// numbers.
func stratify(examples []stance.Example, k int, seed, stream uint64) ([]int, error) {
	if k < 2 {
		return nil, fmt.Errorf("eval: %d folds, want at least 2", k)
	}
	if err := checkLabelled(examples); err != nil {
		return nil, err
	}
	unit, n := units(examples)
	if n < k {
		return nil, fmt.Errorf("eval: %d examples in %d groups cannot fill %d folds", len(examples), n, k)
	}

	type tally [stance.NumLabels]int
	counts := make([]tally, n)
	var totals tally
	for i, u := range unit {
		l := index(examples[i].Label)
		counts[u][l]++
		totals[l]++
	}

	// Large groups first, while there is still room to balance them; among
	// groups of one size, those of one label first. The squared length of the
	// counts orders by both.
	order := rand.New(rand.NewPCG(seed, stream)).Perm(n)
	weight := func(u int) int {
		c := counts[u]
		return c[0]*c[0] + c[1]*c[1] + c[2]*c[2]
	}
	sort.SliceStable(order, func(a, b int) bool { return weight(order[a]) > weight(order[b]) })

	var (
		folds   = make([]tally, k)
		sizes   = make([]int, k)
		filled  = 0   // folds that are not empty
		sums    tally // over the folds, of the counts so far
		squares tally // over the folds, of their squares
		foldOf  = make([]int, n)
	)
	for rank, u := range order {
		best, bestSpread := -1, math.Inf(1)
		// As many groups left as there are empty folds: each must get one.
		mustFill := n-rank <= k-filled
		for f := range folds {
			if mustFill && sizes[f] > 0 {
				continue
			}
			// The spread is the sum over the labels of the standard deviation
			// over the folds, each label's counts divided by its total. All
			// but the last step is in integers, so that equal folds are equal.
			spread := 0.0
			for l, total := range totals {
				if total == 0 {
					continue
				}
				c := counts[u][l]
				sum := sums[l] + c
				square := squares[l] + c*(2*folds[f][l]+c)
				spread += math.Sqrt(float64(k*square-sum*sum)) / float64(total)
			}
			if spread < bestSpread || spread == bestSpread && sizes[f] < sizes[best] {
				best, bestSpread = f, spread
			}
		}
		foldOf[u] = best
		if sizes[best] == 0 {
			filled++
		}
		for l, c := range counts[u] {
			squares[l] += c * (2*folds[best][l] + c)
			folds[best][l] += c
			sums[l] += c
			sizes[best] += c
		}
	}

	result := make([]int, len(examples))
	for i, u := range unit {
		result[i] = foldOf[u]
	}
	return result, nil
}
