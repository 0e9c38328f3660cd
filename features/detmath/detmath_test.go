package detmath

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// precision is that of the reference values, in bits.
const precision = 200

func bigFloat(x float64) *big.Float { return new(big.Float).SetPrec(precision).SetFloat64(x) }

// bigExp returns e^x by the Taylor series at x/2^40, squared forty times.
func bigExp(x float64) *big.Float {
	const halvings = 40
	z := new(big.Float).SetMantExp(bigFloat(x).SetPrec(2*precision), -halvings)
	sum, term := bigFloat(1).SetPrec(2*precision), bigFloat(1).SetPrec(2*precision)
	for n := 1; n < 30; n++ {
		term.Mul(term, z)
		term.Quo(term, bigFloat(float64(n)))
		sum.Add(sum, term)
	}
	for range halvings {
		sum.Mul(sum, sum)
	}
	return sum
}

// bigLog returns log x by Newton's iteration y += 2 (x - e^y)/(x + e^y), which
// triples the number of right digits; one step from a float64 start suffices
// for the comparison with a float64.
func bigLog(x *big.Float) *big.Float {
	// math.Log is not asked for subnormal numbers: on amd64 it is wrong there.
	mantissa := new(big.Float)
	exponent := x.MantExp(mantissa)
	m, _ := mantissa.Float64()
	start := math.Log(m) + float64(exponent)*math.Ln2
	if diff, _ := new(big.Float).Sub(x, bigFloat(1)).Float64(); math.Abs(diff) < 1e-3 {
		start = math.Log1p(diff) // nothing cancels
	}
	e := bigExp(start)
	num := new(big.Float).SetPrec(2*precision).Sub(x, e)
	den := new(big.Float).SetPrec(2*precision).Add(x, e)
	num.Quo(num, den)
	num.Mul(num, bigFloat(2))
	return num.Add(num, bigFloat(start))
}

// ulps returns the distance of got from want in units in the last place of
// want.
func ulps(got float64, want *big.Float) float64 {
	near, _ := want.Float64()
	near = math.Abs(near)
	unit := math.Nextafter(near, math.Inf(1)) - near
	diff := new(big.Float).SetPrec(2*precision).Sub(bigFloat(got), want)
	d, _ := diff.Float64()
	return math.Abs(d / unit)
}

func TestExpAgainstExactValues(t *testing.T) {
	worst := 0.0
	check := func(x float64) {
		u := ulps(Exp(x), bigExp(x))
		worst = max(worst, u)
		// Results below 2^-1022 are rounded a second time.
		require.LessOrEqual(t, u, 1.0, "Exp(%v) = %v", x, Exp(x))
	}
	for i := -7450; i <= 7097; i += 7 {
		check(float64(i) / 10)
	}
	for i := -2000; i <= 2000; i++ {
		check(float64(i) * math.Ln2 / 640) // ends and middles of the table's steps
	}
	for _, x := range []float64{0, math.Copysign(0, -1), 1, -1, 1e-300, -1e-17, 0.5, maxExp, minExp, -708.4, -745} {
		check(x)
	}
	t.Logf("largest error %.3f units in the last place", worst)
}

func TestLogAgainstExactValues(t *testing.T) {
	worst := 0.0
	check := func(x float64) {
		got := Log(x)
		u := ulps(got, bigLog(bigFloat(x)))
		worst = max(worst, u)
		require.LessOrEqual(t, u, 1.0, "Log(%v) = %v", x, got)
	}
	for i := 1; i <= 4000; i++ {
		check(float64(i) / 1000)
		check(1 + float64(i)*0x1p-52)
		check(1 - float64(i)*0x1p-53)
	}
	for e := -1074; e < 1024; e += 13 {
		check(math.Ldexp(1.2345, e))
		check(math.Ldexp(1.8765, e))
	}
	assert.Zero(t, Log(1))
	t.Logf("largest error %.3f units in the last place", worst)
}

func TestLog1pAgainstExactValues(t *testing.T) {
	worst := 0.0
	check := func(x float64) {
		one := new(big.Float).SetPrec(2 * precision).SetInt64(1)
		got := Log1p(x)
		u := ulps(got, bigLog(one.Add(one, bigFloat(x))))
		worst = max(worst, u)
		require.LessOrEqual(t, u, 1.5, "Log1p(%v) = %v", x, got)
	}
	for i := -999; i <= 4000; i++ {
		if i != 0 {
			check(float64(i) / 1000)
			check(float64(i) * 1e-9)
		}
	}
	for e := -60; e < 1000; e += 7 {
		check(math.Ldexp(1.3579, e))
	}
	assert.Equal(t, 1e-300, Log1p(1e-300))
	assert.Zero(t, Log1p(0))
	t.Logf("largest error %.3f units in the last place", worst)
}

// TestPlatformBits pins results to the last bit; the values are those of the
// first implementation, which the tests above hold to the exact ones. A
// platform or a change that rounds anything differently fails here.
func TestPlatformBits(t *testing.T) {
	hash := uint64(14695981039346656037) // FNV-1a, offset and prime
	add := func(x float64) {
		b := math.Float64bits(x)
		for i := 0; i < 64; i += 8 {
			hash = (hash ^ (b >> i & 0xff)) * 1099511628211
		}
	}
	x := -40.0
	for x < 40 {
		add(Exp(x))
		add(Log(math.Abs(x) + 1e-3))
		add(Log1p(Exp(-math.Abs(x))))
		add(Sigmoid(x))
		add(Softplus(x))
		x += 0.0078125 * 1.171875 // exact in binary
	}
	assert.Equal(t, uint64(0xb5d7e567536f51da), hash)
}

func TestSpecialValues(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	cases := []struct {
		name string
		f    func(float64) float64
		x    float64
		want float64
	}{
		{"Exp", Exp, inf, inf}, {"Exp", Exp, -inf, 0}, {"Exp", Exp, 0, 1},
		{"Exp", Exp, 710, inf}, {"Exp", Exp, -746, 0}, {"Exp", Exp, nan, nan},
		{"Log", Log, 0, -inf}, {"Log", Log, -1, nan}, {"Log", Log, inf, inf}, {"Log", Log, nan, nan},
		{"Log", Log, -inf, nan},
		{"Log1p", Log1p, -1, -inf}, {"Log1p", Log1p, -2, nan}, {"Log1p", Log1p, inf, inf}, {"Log1p", Log1p, nan, nan},
		{"Softplus", Softplus, 1000, 1000}, {"Softplus", Softplus, -1000, 0},
		{"Sigmoid", Sigmoid, 1000, 1}, {"Sigmoid", Sigmoid, -1000, 0}, {"Sigmoid", Sigmoid, 0, 0.5},
	}
	for _, c := range cases {
		got := c.f(c.x)
		if math.IsNaN(c.want) {
			assert.True(t, math.IsNaN(got), "%s(%v) = %v", c.name, c.x, got)
		} else {
			assert.Equal(t, c.want, got, "%s(%v)", c.name, c.x)
		}
	}
	assert.True(t, math.IsNaN(LogSumExp([]float64{1, nan})))
	assert.Equal(t, -inf, LogSumExp([]float64{-inf, -inf}))
}

func TestSoftmax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scores := rapid.SliceOfN(rapid.Float64Range(-800, 800), 1, 6).Draw(t, "scores")
		probs := make([]float64, len(scores))
		lse := SoftmaxLogSumExp(probs, scores)
		assert.Equal(t, LogSumExp(scores), lse)
		sum := 0.0
		for i, p := range probs {
			assert.InDelta(t, math.Exp(scores[i]-lse), p, 1e-12)
			sum += p
		}
		assert.InDelta(t, 1, sum, 1e-15*float64(len(scores)+1))
		Softmax(scores, scores)
		assert.Equal(t, probs, scores, "in place")
	})
}
