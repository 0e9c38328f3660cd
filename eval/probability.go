package eval

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"example.org/metoostance/stance"
)

// The figures of predicted probabilities. Confidence means the probability
// that a prediction gives to its own label, which need not be the greatest
// when a classifier abstains to NONE.
var (
	// LogLoss is the mean of -ln p over the examples, p being the probability
	// of the gold label, in nats: 0 is perfect, ln 3 = 1.099 is knowing
	// nothing. As in scikit-learn's log_loss a p below 2^-52 counts as 2^-52;
	// here that leaves a warning.
	LogLoss = Metric{Name: "log loss", LowerIsBetter: true, probable: true, evaluator: logLoss}
	// Brier is the mean over the examples of the squared distance between the
	// probabilities and the gold label written as (1,0,0), (0,1,0) or (0,0,1):
	// from 0 to 2, in the original sense of Brier (1950). The figure of two
	// classes that counts only one of them is half of it.
	Brier = Metric{Name: "Brier score", LowerIsBetter: true, probable: true, evaluator: brier}
	// CalibrationError is the expected calibration error of Guo et al. (2017):
	// the mean distance between confidence and accuracy in 15 bins of equal
	// width, weighted by their size. It is biased upwards in small samples,
	// and in resamples of them all the more.
	CalibrationError = Metric{Name: "expected calibration error", LowerIsBetter: true, probable: true, evaluator: calibrationError}
	// MacroAUC is the unweighted mean of [AUCOf] over the three classes.
	MacroAUC = macroOf("macro ROC AUC one-vs-rest", aucOf)
	// MacroAveragePrecision is the unweighted mean of [AveragePrecisionOf]
	// over the three classes.
	MacroAveragePrecision = macroOf("macro average precision one-vs-rest", averagePrecisionOf)
	// RiskCoverageArea is the area under the risk-coverage curve (Geifman,
	// Uziel and El-Yaniv 2019): the error rate of the k most confident
	// predictions, averaged over k from 1 to n. Among equal confidences the
	// expectation over their orders is taken.
	RiskCoverageArea = Metric{Name: "area under the risk-coverage curve", LowerIsBetter: true, probable: true, evaluator: riskCoverageArea}
)

const calibrationBins = 15

// smallest is the least probability that the log loss distinguishes.
const smallest = 0x1p-52

func logLoss(s *Sample, unit []int) evaluator {
	loss := make([]float64, s.Len())
	impossible := make([]bool, s.Len())
	for i := range loss {
		p := s.predictions[i].Probabilities.Of(s.examples[i].Label)
		impossible[i] = p < smallest
		loss[i] = -math.Log(min(max(p, smallest), 1))
	}
	return func(weights []int32) Figure {
		sum, n, zeros := 0.0, 0, int32(0)
		for i, l := range loss {
			w := weights[unit[i]]
			sum += float64(float64(w) * l)
			n += int(w)
			if impossible[i] {
				zeros += w
			}
		}
		f := ratio(sum, float64(n), warnEmpty)
		if zeros > 0 {
			f.Warnings = append(f.Warnings, "a gold label had probability 0, counted as 2^-52")
		}
		return f
	}
}

func brier(s *Sample, unit []int) evaluator {
	distance := make([]float64, s.Len())
	for i := range distance {
		for j, p := range s.predictions[i].Probabilities {
			if j == index(s.examples[i].Label) {
				p -= 1
			}
			distance[i] += float64(p * p)
		}
	}
	return func(weights []int32) Figure {
		sum, n := 0.0, 0
		for i, d := range distance {
			w := weights[unit[i]]
			sum += float64(float64(w) * d)
			n += int(w)
		}
		return ratio(sum, float64(n), warnEmpty)
	}
}

// confidence returns the probability that prediction i gives to its label.
func (s *Sample) confidence(i int) float64 {
	p := &s.predictions[i]
	return p.Probabilities.Of(p.Label)
}

func (s *Sample) right(i int) bool { return s.examples[i].Label == s.predictions[i].Label }

// A ReliabilityBin tells how often the predictions of about one confidence
// are right.
type ReliabilityBin struct {
	Low, High  float64 // confidences from above Low to High inclusive
	Count      int     // examples
	Confidence float64 // mean confidence; 0 when Count is 0
	Accuracy   float64 // part of them that is right; 0 when Count is 0
}

// Reliability sorts the predictions into bins of equal width by confidence,
// for a reliability diagram. It is an error when the predictions carry no
// probabilities; a number of bins below 1 panics.
func Reliability(s *Sample, bins int) ([]ReliabilityBin, error) {
	if bins < 1 {
		panic(fmt.Sprintf("eval: %d bins", bins))
	}
	if !s.probable {
		return nil, fmt.Errorf("eval: reliability needs probabilities, and the predictions carry none")
	}
	result := make([]ReliabilityBin, bins)
	for b := range result {
		result[b].Low, result[b].High = float64(b)/float64(bins), float64(b+1)/float64(bins)
	}
	for i := range s.examples {
		c := s.confidence(i)
		b := &result[bin(c, bins)]
		b.Count++
		b.Confidence += c
		if s.right(i) {
			b.Accuracy++
		}
	}
	for b := range result {
		if n := float64(result[b].Count); n > 0 {
			result[b].Confidence /= n
			result[b].Accuracy /= n
		}
	}
	return result, nil
}

// bin returns which of the bins ((b)/bins, (b+1)/bins] holds c.
func bin(c float64, bins int) int {
	return min(max(int(math.Ceil(float64(c*float64(bins))))-1, 0), bins-1)
}

func calibrationError(s *Sample, unit []int) evaluator {
	type row struct {
		bin int
		gap float64 // confidence less 1 when right, less 0 when wrong
	}
	rows := make([]row, s.Len())
	for i := range rows {
		c := s.confidence(i)
		rows[i] = row{bin(c, calibrationBins), c}
		if s.right(i) {
			rows[i].gap -= 1
		}
	}
	return func(weights []int32) Figure {
		var gaps [calibrationBins]float64
		n := 0
		for i, r := range rows {
			w := weights[unit[i]]
			gaps[r.bin] += float64(float64(w) * r.gap)
			n += int(w)
		}
		sum := 0.0
		for _, g := range gaps {
			sum += math.Abs(g)
		}
		return ratio(sum, float64(n), warnEmpty)
	}
}

// A ranking is the rows of a sample from the highest value to the lowest, cut
// where the value changes.
type ranking struct {
	rows []int
	ends []int // ends[g] is where in rows the g-th run of equal values ends
}

func rank(values []float64) ranking {
	r := ranking{rows: alone(len(values))}
	slices.SortStableFunc(r.rows, func(a, b int) int { return cmp.Compare(values[b], values[a]) })
	for i := range r.rows {
		if i+1 == len(r.rows) || values[r.rows[i]] != values[r.rows[i+1]] {
			r.ends = append(r.ends, i+1)
		}
	}
	return r
}

// versus ranks the rows by the probability of class l and tells which of them
// are l.
func (s *Sample) versus(l int) (r ranking, is []bool) {
	values := make([]float64, s.Len())
	is = make([]bool, s.Len())
	for i := range values {
		values[i] = s.predictions[i].Probabilities[l]
		is[i] = index(s.examples[i].Label) == l
	}
	return rank(values), is
}

// AUCOf returns the metric "ROC AUC of l": the probability that an example of
// class l gets a higher probability of l than one of another class, ties
// counting half (the Mann-Whitney statistic; scikit-learn's roc_auc_score).
func AUCOf(l stance.Label) Metric {
	i := index(l)
	return Metric{Name: "ROC AUC of " + l.String(), probable: true,
		evaluator: func(s *Sample, unit []int) evaluator { return aucOf(s, unit, i) }}
}

func aucOf(s *Sample, unit []int, l int) evaluator {
	r, is := s.versus(l)
	warning := fmt.Sprintf("ROC AUC of %v needs examples of the class and of others", stance.Labels()[l])
	return func(weights []int32) Figure {
		// Twice the number of pairs in the right order, in whole numbers.
		var in, out, pairs, from int
		for _, end := range r.ends {
			runIn, runOut := 0, 0
			for _, i := range r.rows[from:end] {
				if w := int(weights[unit[i]]); is[i] {
					runIn += w
				} else {
					runOut += w
				}
			}
			pairs += runOut * (2*in + runIn)
			in, out, from = in+runIn, out+runOut, end
		}
		return ratio(float64(pairs), 2*float64(in)*float64(out), warning)
	}
}

// AveragePrecisionOf returns the metric "average precision of l": the sum over
// the thresholds of precision times the gain in recall, without interpolation
// (scikit-learn's average_precision_score).
func AveragePrecisionOf(l stance.Label) Metric {
	i := index(l)
	return Metric{Name: "average precision of " + l.String(), probable: true,
		evaluator: func(s *Sample, unit []int) evaluator { return averagePrecisionOf(s, unit, i) }}
}

func averagePrecisionOf(s *Sample, unit []int, l int) evaluator {
	r, is := s.versus(l)
	return func(weights []int32) Figure {
		var in, all, from int
		sum := 0.0
		for _, end := range r.ends {
			run := 0
			for _, i := range r.rows[from:end] {
				w := int(weights[unit[i]])
				all += w
				if is[i] {
					run += w
				}
			}
			in, from = in+run, end
			if run > 0 {
				sum += float64(run) * float64(in) / float64(all)
			}
		}
		return ratio(sum, float64(in), warnNotInGold[l])
	}
}

// macroOf returns the metric that is the mean over the classes of another.
func macroOf(name string, of func(s *Sample, unit []int, l int) evaluator) Metric {
	return Metric{Name: name, probable: true, evaluator: func(s *Sample, unit []int) evaluator {
		var each [stance.NumLabels]evaluator
		for l := range each {
			each[l] = of(s, unit, l)
		}
		return func(weights []int32) Figure {
			var mean Figure
			for _, evaluate := range each {
				f := evaluate(weights)
				mean.Value += f.Value
				mean.Warnings = merge(mean.Warnings, f.Warnings)
			}
			mean.Value /= stance.NumLabels
			return mean
		}
	}}
}

// A CurvePoint is one threshold of a precision-recall curve.
type CurvePoint struct {
	Threshold         float64 // examples at or above it are taken for the class
	Precision, Recall float64
}

// PrecisionRecall returns the precision-recall curve of l, from the highest
// threshold to the lowest, one point for each distinct probability of l. It is
// an error when the predictions carry no probabilities or no example is l.
func PrecisionRecall(s *Sample, l stance.Label) ([]CurvePoint, error) {
	if !s.probable {
		return nil, fmt.Errorf("eval: precision-recall curve needs probabilities, and the predictions carry none")
	}
	support := 0
	for i := range s.examples {
		if s.examples[i].Label == l {
			support++
		}
	}
	if support == 0 {
		return nil, fmt.Errorf("eval: precision-recall curve: %s", warnNotInGold[index(l)])
	}
	r, is := s.versus(index(l))
	var curve []CurvePoint
	in, from := 0, 0
	for _, end := range r.ends {
		for _, i := range r.rows[from:end] {
			if is[i] {
				in++
			}
		}
		from = end
		curve = append(curve, CurvePoint{
			Threshold: s.predictions[r.rows[end-1]].Probabilities.Of(l),
			Precision: float64(in) / float64(end),
			Recall:    float64(in) / float64(support),
		})
	}
	return curve, nil
}

// byConfidence ranks the rows by confidence.
func (s *Sample) byConfidence() ranking {
	values := make([]float64, s.Len())
	for i := range values {
		values[i] = s.confidence(i)
	}
	return rank(values)
}

func riskCoverageArea(s *Sample, unit []int) evaluator {
	r := s.byConfidence()
	right := make([]bool, s.Len())
	for i := range right {
		right[i] = s.right(i)
	}
	return func(weights []int32) Figure {
		n, wrong, from := 0, 0, 0
		sum := 0.0
		for _, end := range r.ends {
			run, runWrong := 0, 0
			for _, i := range r.rows[from:end] {
				w := int(weights[unit[i]])
				run += w
				if !right[i] {
					runWrong += w
				}
			}
			// In a random order of the run, the expected number of errors
			// grows evenly.
			for k := 1; k <= run; k++ {
				errors := float64(wrong) + float64(runWrong)*float64(k)/float64(run)
				sum += errors / float64(n+k)
			}
			n, wrong, from = n+run, wrong+runWrong, end
		}
		return ratio(sum, float64(n), warnEmpty)
	}
}

// A RiskPoint is one threshold of a risk-coverage curve: what happens when the
// classifier abstains below it.
type RiskPoint struct {
	Threshold float64 // confidence from which predictions are kept
	Coverage  float64 // part of the examples that are kept
	Risk      float64 // part of the kept ones that is wrong
}

// RiskCoverage returns the risk-coverage curve, from the highest threshold to
// the lowest, one point for each distinct confidence. It is an error when the
// predictions carry no probabilities.
func RiskCoverage(s *Sample) ([]RiskPoint, error) {
	if !s.probable {
		return nil, fmt.Errorf("eval: risk-coverage curve needs probabilities, and the predictions carry none")
	}
	r := s.byConfidence()
	var curve []RiskPoint
	wrong, from := 0, 0
	for _, end := range r.ends {
		for _, i := range r.rows[from:end] {
			if !s.right(i) {
				wrong++
			}
		}
		from = end
		curve = append(curve, RiskPoint{
			Threshold: s.confidence(r.rows[end-1]),
			Coverage:  float64(end) / float64(s.Len()),
			Risk:      float64(wrong) / float64(end),
		})
	}
	return curve, nil
}
