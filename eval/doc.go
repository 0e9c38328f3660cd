/*
Package eval measures classifiers of stance, and the data they are measured on.
It knows labels, examples and predictions, and no model in particular.

# Start

A test set with what a classifier said of it is a [Sample]; a figure is a
[Metric]; and no figure stands without its interval:

	predictions, err := eval.Predict(classifier, examples)
	...
	s, err := eval.NewSample(examples, predictions)
	...
	i, err := eval.Bootstrap(s, eval.FAvg, eval.BootstrapOptions{Seed: 1})
	...
	fmt.Printf("%s %.3f (%.3f to %.3f)\n", eval.FAvg.Name, i.Estimate, i.Low, i.High)

[GroupedStratifiedFolds] and [CrossValidate] make a sample of a training set,
[Randomization] tests two samples against one another, and [NewAudit] asks
whether the data deserve any of it.

# Three averages under one name

What papers on stance call F_avg, F1 or macro-F1 is one of three things, which
differ by several points on the same predictions:

  - [FAvg], "F_avg pooled": the mean of F1 of FAVOR and F1 of AGAINST, from the
    counts of all targets together. It is the official score of SemEval-2016
    Task 6. NONE counts only through the errors of the other two.
  - [FAvgOverTargets], "F_avg mean over targets": the same mean for each target
    by itself, and the mean of these.
  - [MacroF1], "macro-F1 of three classes": the mean of F1 of FAVOR, AGAINST and
    NONE.

Every Metric has a name that says which; print it. [Metrics] lists the figures
of one confusion matrix, [ProbabilityMetrics] those of predicted probabilities,
and [MeanOverTargets] makes means over targets of the former.

# Nothing by nothing

Precision of a class that was never predicted is 0/0, and so is recall of a
class that does not occur. There is one rule for all figures: 0/0 is 0, and a
warning stands beside the value, in [Figure.Warnings] or [Interval.Warnings].
Means run over all classes, whether they occur or not. F1 is 2TP/(2TP+FP+FN),
which is 0/0 only when a class neither occurs nor is predicted, but either is
worth a warning. Scikit-learn has the same values with zero_division=0 when all
three labels are named.

# What may be compared with what

Sentences of one passage are alike, and so are the halves of a contrast pair.
Folds never split a Group or a Document; the bootstrap draws them as a whole,
and randomisation exchanges them as a whole, unless told otherwise. Figures are
always computed anew from pooled counts, in every resample and over all folds,
never averaged from parts; only [MeanOver] averages, over repeats.

An interval is about other sentences of the same kind. It says nothing about
other kinds, for which there is [LeaveOneSourceOut], nor about annotators who
are wrong, for which there are [Agreement] and [Ceiling]. The figure of the best
of many settings is too good: [NestedCrossValidate] chooses and measures on
different data. Of many comparisons some succeed by chance: [Holm].

# Guarantees

Results depend on nothing but the arguments. Resample r is drawn from a
generator seeded with the given seed and r, so that neither GOMAXPROCS nor the
order in which goroutines run matters; sums are in the order of the rows; figures
of counts are the same to the last bit on every platform. Everything here is
safe for concurrent use except adding to a [Confusion]. Data that cannot be
measured are errors that name the example; warnings are values; only misuse in
code panics.

The package draws no tables and no plots; [PrecisionRecall], [Reliability],
[RiskCoverage] and [LearningCurve] return the points.
*/
package eval
