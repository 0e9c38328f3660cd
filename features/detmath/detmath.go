// Package detmath computes exponentials and logarithms that have the same bits
// on every platform.
//
// The functions of package math are allowed to differ in the last bit from one
// architecture to another: some have versions in assembly, and a compiler may
// fuse a product into a sum. Training passes such a bit on to every weight, so
// that a model would depend on the machine that it was trained on. The
// functions here are written with operations that IEEE 754 rounds in exactly
// one way, each product kept apart from the sum that follows it, and are
// accurate to about one unit in the last place (the tests compare them with
// arbitrary-precision results).
package detmath

import "math"

const (
	// ln2Hi and ln2Lo sum to ln 2. ln2Hi has 32 significant bits, so that its
	// product with an exponent is exact.
	ln2Hi = 0x1.62e42feep-1
	ln2Lo = 0x1.a39ef35793c76p-33

	// steps is the number of table entries to an octave; stepHi and stepLo sum
	// to ln(2)/steps, and stepHi times any number of steps in range is exact.
	steps    = 32
	perStep  = 0x1.71547652b82fep+5 // steps/ln(2)
	stepHi   = 0x1.62e42fef8p-6
	stepLo   = 0x1.1cf79abc9e3b4p-41
	maxExp   = 0x1.62e42fefa39efp+9  // the largest x with a finite exponential
	minExp   = -0x1.74910d52d3053p+9 // below it the exponential rounds to 0
	rounding = 0x1.8p52              // x+rounding-rounding is x rounded to an integer
)

// powers holds 2^(i/32) as the sum of two numbers: the nearest float64 and
// what it lacks.
var powers = [steps][2]float64{
	{0x1p+0, 0},
	{0x1.059b0d3158574p+0, 0x1.d73e2a475b465p-55},
	{0x1.0b5586cf9890fp+0, 0x1.8a62e4adc610bp-54},
	{0x1.11301d0125b51p+0, -0x1.6c51039449b3ap-54},
	{0x1.172b83c7d517bp+0, -0x1.19041b9d78a76p-55},
	{0x1.1d4873168b9aap+0, 0x1.e016e00a2643cp-54},
	{0x1.2387a6e756238p+0, 0x1.9b07eb6c70573p-54},
	{0x1.29e9df51fdee1p+0, 0x1.612e8afad1255p-55},
	{0x1.306fe0a31b715p+0, 0x1.6f46ad23182e4p-55},
	{0x1.371a7373aa9cbp+0, -0x1.63aeabf42eae2p-54},
	{0x1.3dea64c123422p+0, 0x1.ada0911f09ebcp-55},
	{0x1.44e086061892dp+0, 0x1.89b7a04ef80d0p-59},
	{0x1.4bfdad5362a27p+0, 0x1.d4397afec42e2p-56},
	{0x1.5342b569d4f82p+0, -0x1.07abe1db13cadp-55},
	{0x1.5ab07dd485429p+0, 0x1.6324c054647adp-54},
	{0x1.6247eb03a5585p+0, -0x1.383c17e40b497p-54},
	{0x1.6a09e667f3bcdp+0, -0x1.bdd3413b26456p-54},
	{0x1.71f75e8ec5f74p+0, -0x1.16e4786887a99p-55},
	{0x1.7a11473eb0187p+0, -0x1.41577ee04992fp-55},
	{0x1.82589994cce13p+0, -0x1.d4c1dd41532d8p-54},
	{0x1.8ace5422aa0dbp+0, 0x1.6e9f156864b27p-54},
	{0x1.93737b0cdc5e5p+0, -0x1.75fc781b57ebcp-57},
	{0x1.9c49182a3f090p+0, 0x1.c7c46b071f2bep-56},
	{0x1.a5503b23e255dp+0, -0x1.d2f6edb8d41e1p-54},
	{0x1.ae89f995ad3adp+0, 0x1.7a1cd345dcc81p-54},
	{0x1.b7f76f2fb5e47p+0, -0x1.5584f7e54ac3bp-56},
	{0x1.c199bdd85529cp+0, 0x1.11065895048ddp-55},
	{0x1.cb720dcef9069p+0, 0x1.503cbd1e949dbp-56},
	{0x1.d5818dcfba487p+0, 0x1.2ed02d75b3707p-55},
	{0x1.dfc97337b9b5fp+0, -0x1.1a5cd4f184b5cp-54},
	{0x1.ea4afa2a490dap+0, -0x1.e9c23179c2893p-54},
	{0x1.f50765b6e4540p+0, 0x1.9d3e12dd8a18bp-54},
}

// Exp returns e^x. Exp(NaN) is NaN, and results beyond the range of float64
// are +Inf and 0.
func Exp(x float64) float64 {
	// x = (32 e + i) ln(2)/32 + r with |r| <= ln(2)/64, hence
	// e^x = 2^e 2^(i/32) e^r, the last factor by its Taylor series.
	if !(x <= maxExp) {
		if x > maxExp {
			return math.Inf(1)
		}
		return x // NaN
	}
	if x < minExp {
		return 0
	}
	n := float64(x*perStep) + rounding - rounding
	r := x - float64(n*stepHi) - float64(n*stepLo)
	k := int(n)
	e, t := k>>5, &powers[k&(steps-1)]

	p := 1.0/120 + float64(r*(1.0/720))
	p = 1.0/24 + float64(r*p)
	p = 1.0/6 + float64(r*p)
	p = 0.5 + float64(r*p)
	p = r + float64(float64(r*r)*p)
	y := t[0] + (t[1] + float64(t[0]*p))

	if e > -1022 && e < 1023 {
		return y * math.Float64frombits(uint64(e+1023)<<52)
	}
	// Near the ends of the range the scale itself is no normal number.
	half := e / 2
	return y * math.Float64frombits(uint64(half+1023)<<52) * math.Float64frombits(uint64(e-half+1023)<<52)
}

// Log returns the natural logarithm of x. Log(0) is -Inf and the logarithm of
// a negative number is NaN.
func Log(x float64) float64 {
	switch {
	case x < 0 || x != x:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	case x > math.MaxFloat64:
		return x
	}
	e := 0
	if x < 0x1p-1022 {
		x *= 0x1p54
		e = -54
	}
	bits := math.Float64bits(x)
	e += int(bits>>52) - 1023
	m := math.Float64frombits(bits&(1<<52-1) | 1023<<52)
	if m > math.Sqrt2 {
		m /= 2
		e++
	}
	k := float64(e)

	// With f = m-1 and s = f/(2+f), log(1+f) = 2 atanh(s) = 2s + s T where
	// T = 2 s^2/3 + 2 s^4/5 + ..., and 2s = f - s f = f - (f^2/2 - s f^2/2):
	// in this form the largest term, f, is exact.
	f := m - 1
	s := f / (2 + f)
	z := s * s
	t := 2.0/21 + float64(z*(2.0/23))
	t = 2.0/19 + float64(z*t)
	t = 2.0/17 + float64(z*t)
	t = 2.0/15 + float64(z*t)
	t = 2.0/13 + float64(z*t)
	t = 2.0/11 + float64(z*t)
	t = 2.0/9 + float64(z*t)
	t = 2.0/7 + float64(z*t)
	t = 2.0/5 + float64(z*t)
	t = 2.0/3 + float64(z*t)
	t = float64(t * z)
	h := float64(float64(f*f) * 0.5)
	return float64(k*ln2Hi) - ((h - (float64(s*(h+t)) + float64(k*ln2Lo))) - f)
}

// Log1p returns the natural logarithm of 1+x, accurate also where x is near 0.
func Log1p(x float64) float64 {
	if x <= -1 || x != x || x > math.MaxFloat64 {
		return Log(1 + x)
	}
	u := 1 + x
	// What was lost in rounding 1+x to u, divided by u, is to first order what
	// the logarithm of u lacks.
	var lost float64
	if x >= 1 {
		lost = 1 - (u - x)
	} else {
		lost = x - (u - 1)
	}
	return Log(u) + lost/u
}

// Softplus returns log(1 + e^x) without overflow. The logistic loss of a margin
// m is Softplus(-m).
func Softplus(x float64) float64 {
	if x > 0 {
		return x + Log1p(Exp(-x))
	}
	return Log1p(Exp(x))
}

// Sigmoid returns 1/(1 + e^-x) without overflow.
func Sigmoid(x float64) float64 {
	if x >= 0 {
		return 1 / (1 + Exp(-x))
	}
	e := Exp(x)
	return e / (1 + e)
}

// LogSumExp returns the logarithm of the sum of e^x over scores, which must not
// be empty, without overflow.
func LogSumExp(scores []float64) float64 {
	top := highest(scores)
	if math.IsInf(top, 0) || top != top {
		return top
	}
	sum := 0.0
	for _, x := range scores {
		sum += Exp(x - top)
	}
	return top + Log(sum)
}

// Softmax turns scores into probabilities, e^x over the sum of e^x. probs and
// scores have the same length, at least 1, and may be the same slice. The scores
// must be finite.
func Softmax(probs, scores []float64) { softmax(probs, scores) }

// SoftmaxLogSumExp is [Softmax] and returns [LogSumExp].
func SoftmaxLogSumExp(probs, scores []float64) float64 {
	top, sum := softmax(probs, scores)
	return top + Log(sum)
}

// softmax returns the highest score and the sum of e^(x-top).
func softmax(probs, scores []float64) (top, sum float64) {
	top = highest(scores)
	for i, x := range scores {
		e := Exp(x - top)
		probs[i] = e
		sum += e
	}
	for i := range probs {
		probs[i] /= sum
	}
	return top, sum
}

// highest returns the greatest score, or NaN if any is.
func highest(scores []float64) float64 {
	top := scores[0]
	for _, x := range scores[1:] {
		top = max(top, x)
	}
	return top
}
