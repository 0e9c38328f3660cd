package eval_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"example.org/metoostance/eval"
	"example.org/metoostance/stance"
)

// ratings reads one line of digits for each rater, "." where one gave no value.
func ratings(raters ...string) eval.Ratings {
	r := make(eval.Ratings, len(raters[0]))
	for _, line := range raters {
		for u, c := range line {
			v := math.NaN()
			if c != '.' {
				v = float64(c - '0')
			}
			r[u] = append(r[u], v)
		}
	}
	return r
}

// fleiss makes ratings from the number of raters that chose each category.
func fleiss(counts ...[]int) eval.Ratings {
	r := make(eval.Ratings, len(counts))
	for u, row := range counts {
		for category, n := range row {
			for range n {
				r[u] = append(r[u], float64(category))
			}
		}
	}
	return r
}

func TestAgreementKnown(t *testing.T) {
	// Krippendorff, Content Analysis; three observers, 15 units.
	three := ratings(".....34121133.3", "1.213343.......", "..21344.21133.4")
	// Krippendorff (2011), "Computing Krippendorff's alpha-reliability", section
	// C: four observers, 12 units.
	four := ratings("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
	// Fleiss (1971) in the form of Wikipedia's article on his kappa: 14 raters,
	// 10 subjects, 5 categories.
	fourteen := fleiss(
		[]int{0, 0, 0, 0, 14}, []int{0, 2, 6, 4, 2}, []int{0, 0, 3, 5, 6}, []int{0, 3, 9, 2, 0}, []int{2, 2, 8, 1, 1},
		[]int{7, 7, 0, 0, 0}, []int{3, 2, 6, 3, 0}, []int{2, 5, 3, 2, 2}, []int{6, 5, 2, 1, 0}, []int{0, 2, 2, 3, 7})
	// Cohen's kappa of the tables [[20, 5], [10, 15]] and [[20, 20], [10, 50]].
	cohen := func(a, b, c, d int) eval.Ratings {
		return ratings(
			strings.Repeat("1", a+b)+strings.Repeat("2", c+d),
			strings.Repeat("1", a)+strings.Repeat("2", b)+strings.Repeat("1", c)+strings.Repeat("2", d))
	}
	for _, test := range []struct {
		name        string
		ratings     eval.Ratings
		coefficient eval.Coefficient
		want, delta float64
	}{
		{"3 x 15", three, eval.NominalAlpha, 0.691358, 5e-7},
		{"3 x 15", three, eval.IntervalAlpha, 0.810845, 5e-7},
		{"4 x 12", four, eval.NominalAlpha, 0.743421, 5e-7},
		{"4 x 12", four, eval.OrdinalAlpha, 0.815, 0.0005},
		{"4 x 12", four, eval.IntervalAlpha, 0.849, 0.0005},
		{"10 x 5", fourteen, eval.FleissKappa, 0.210, 0.0005},
		{"50", cohen(20, 5, 10, 15), eval.CohenKappa, 0.4, 1e-12},
		{"100", cohen(20, 20, 10, 50), eval.CohenKappa, 16.0 / 46, 1e-12},
	} {
		t.Run(fmt.Sprint(test.coefficient, " ", test.name), func(t *testing.T) {
			got, err := eval.Agreement(test.ratings, test.coefficient)
			require.NoError(t, err)
			assert.InDelta(t, test.want, got.Value, test.delta)
			assert.Empty(t, got.Warnings)

			for _, method := range []eval.IntervalMethod{eval.Percentile, eval.BCa} {
				i, err := eval.AgreementInterval(test.ratings, test.coefficient, nil, eval.BootstrapOptions{Method: method, Resamples: 500})
				require.NoError(t, err)
				assert.Equal(t, got.Value, i.Estimate)
				assert.Less(t, i.Low, i.Estimate)
				assert.Greater(t, i.High, i.Estimate)
			}
		})
	}
}

func TestAgreementEdges(t *testing.T) {
	all := []eval.Coefficient{eval.NominalAlpha, eval.OrdinalAlpha, eval.IntervalAlpha, eval.FleissKappa, eval.CohenKappa}
	for _, c := range all {
		perfect, err := eval.Agreement(ratings("1231", "1231"), c)
		require.NoError(t, err)
		assert.InDelta(t, 1, perfect.Value, 1e-12, c)
		same, err := eval.Agreement(ratings("111", "111"), c)
		require.NoError(t, err)
		assert.Equal(t, eval.Figure{Warnings: []string{"all values are the same, so that there is no agreement beyond chance"}}, same, c)
	}
	for _, test := range []struct {
		name    string
		ratings eval.Ratings
		c       eval.Coefficient
		want    string
	}{
		{"nothing", nil, eval.NominalAlpha, "eval: Krippendorff's alpha (nominal): no unit has two values"},
		{"no pairs", ratings("1.", ".1"), eval.OrdinalAlpha, "eval: Krippendorff's alpha (ordinal): no unit has two values"},
		{"infinite", eval.Ratings{{1, math.Inf(1)}}, eval.IntervalAlpha, "eval: value 1 of unit 0 is +Inf"},
		{"uneven", ratings("12", "1."), eval.FleissKappa, "eval: Fleiss' kappa of unit 1 with 1 values, want the same number of each unit, at least 2"},
		{"three raters", ratings("12", "12", "12"), eval.CohenKappa, "eval: Cohen's kappa of unit 0 with 3 raters, want 2"},
		{"unknown", ratings("12", "12"), 9, "eval: Coefficient(9) is unknown"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := eval.Agreement(test.ratings, test.c)
			assert.EqualError(t, err, test.want)
			_, err = eval.AgreementInterval(test.ratings, test.c, nil, eval.BootstrapOptions{})
			assert.EqualError(t, err, test.want)
		})
	}
	_, err := eval.AgreementInterval(ratings("12", "12"), eval.NominalAlpha, []string{"x"}, eval.BootstrapOptions{})
	assert.EqualError(t, err, "eval: 2 units but 1 names of clusters")
	_, err = eval.AgreementInterval(ratings("12", "12"), eval.NominalAlpha, []string{"x", "x"}, eval.BootstrapOptions{})
	assert.EqualError(t, err, "eval: 1 cluster cannot be resampled, want at least 2")
}

// Two raters of labels: kappa of the ratings is kappa of the confusion matrix,
// Krippendorff's distances of the middle category are half of the outer ones,
// and raters can be exchanged.
func TestAgreementProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 40).Draw(t, "n")
		a, b := labels(n).Draw(t, "a"), labels(n).Draw(t, "b")
		votes, swapped := make([][]stance.Label, n), make([][]stance.Label, n)
		for i := range votes {
			votes[i], swapped[i] = []stance.Label{a[i], b[i]}, []stance.Label{b[i], a[i]}
		}
		r, err := eval.LabelRatings(votes)
		require.NoError(t, err)
		s, err := eval.LabelRatings(swapped)
		require.NoError(t, err)

		kappa, err := eval.Agreement(r, eval.CohenKappa)
		require.NoError(t, err)
		confusion, err := eval.NewConfusion(a, b)
		require.NoError(t, err)
		assert.Equal(t, confusion.Kappa().Value, kappa.Value)
		for _, c := range []eval.Coefficient{eval.NominalAlpha, eval.OrdinalAlpha, eval.IntervalAlpha, eval.FleissKappa, eval.CohenKappa} {
			x, err := eval.Agreement(r, c)
			require.NoError(t, err)
			y, err := eval.Agreement(s, c)
			require.NoError(t, err)
			assert.InDelta(t, x.Value, y.Value, 1e-12, c)
			assert.LessOrEqual(t, x.Value, 1.0+1e-12, c)
		}
	})
	_, err := eval.LabelRatings([][]stance.Label{{F, 9}})
	assert.EqualError(t, err, "eval: vote 1 of unit 0 is Label(9)")
}

func TestAgreementIntervalByCluster(t *testing.T) {
	// The same ten units five times over: drawn as clusters they tell no more
	// than ten units do.
	var r eval.Ratings
	var names []string
	for range 5 {
		for u, row := range ratings("1122331213", "1122331322") {
			r = append(r, row)
			names = append(names, fmt.Sprint(u))
		}
	}
	single, err := eval.AgreementInterval(r, eval.NominalAlpha, nil, eval.BootstrapOptions{})
	require.NoError(t, err)
	clustered, err := eval.AgreementInterval(r, eval.NominalAlpha, names, eval.BootstrapOptions{})
	require.NoError(t, err)
	assert.Equal(t, single.Estimate, clustered.Estimate)
	assert.Greater(t, clustered.StandardError, 1.7*single.StandardError)
}

func TestCeiling(t *testing.T) {
	examples := []stance.Example{{Label: F}, {Label: A}, {Label: N}, {ID: "d", Label: N}}
	votes := [][]stance.Label{{F, F, F}, {A, A, N}, {N, N, stance.Unlabelled}, {stance.Unlabelled, N}}
	i, err := eval.Ceiling(examples, votes, eval.Accuracy, eval.BootstrapOptions{Resamples: 200})
	require.NoError(t, err)
	// Ordered pairs: 6 of 6, 2 of 6, 2 of 2, none.
	assert.InDelta(t, 10.0/14, i.Estimate, 1e-12)
	assert.LessOrEqual(t, i.Low, i.Estimate)

	_, err = eval.Ceiling(examples, votes[:3], eval.Accuracy, eval.BootstrapOptions{})
	assert.EqualError(t, err, "eval: 4 examples but votes on 3")
	_, err = eval.Ceiling(examples[3:], votes[3:], eval.Accuracy, eval.BootstrapOptions{})
	assert.EqualError(t, err, "eval: no example has two votes")
	_, err = eval.Ceiling(examples[3:], [][]stance.Label{{F, 9}}, eval.Accuracy, eval.BootstrapOptions{})
	assert.EqualError(t, err, "eval: vote 1 on example 0 (d) is Label(9)")
	_, err = eval.Ceiling(examples, votes, eval.LogLoss, eval.BootstrapOptions{})
	assert.EqualError(t, err, "eval: log loss needs probabilities, and the predictions carry none")
}

func ExampleAgreement() {
	votes := [][]stance.Label{
		{stance.Favor, stance.Favor},
		{stance.Against, stance.Against},
		{stance.None, stance.None},
		{stance.None, stance.Favor},
		{stance.Against, stance.Unlabelled}, // the second annotator skipped it
	}
	r, err := eval.LabelRatings(votes)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, c := range []eval.Coefficient{eval.NominalAlpha, eval.OrdinalAlpha} {
		f, err := eval.Agreement(r, c)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%v %.3f\n", c, f.Value)
	}
	// Output:
	// Krippendorff's alpha (nominal) 0.667
	// Krippendorff's alpha (ordinal) 0.790
}
