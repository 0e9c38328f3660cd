// Package linear solves the optimisation problems behind linear classifiers, on
// sparse rows. It knows nothing of text, nor of what the classes mean.
//
// # Problems
//
// A [Problem] has n rows x_i, each of a class y_i among K. A [Result] has a
// column of coefficients W_k and an intercept b_k for each class; the score of
// class k for a row x is z_k = W_k'x + b_k, and the highest score wins. With C
// the weight of the losses ([Options.C]), u the weights of the rows
// ([Problem.RowWeights]) and v those of the classes ([Problem.Weights]), the
// solvers minimise:
//
//   - [MultinomialLogistic], one problem for all classes, b not penalised:
//
//     1/2 |W|^2 + C sum_i u_i v_y (log sum_k e^z_ik - z_iy)
//
//   - [LogisticOvR] and [SVM], one problem for each class k, b penalised, with
//     the margin m_i = z_ik for rows of class k and -z_ik for the others:
//
//     1/2 (|W_k|^2 + b_k^2) + sum_i C_i loss(m_i)
//
//     where loss is log(1 + e^-m), max(0, 1-m)^2 or max(0, 1-m), and C_i is C u_i
//     v_k for the rows of class k and C u_i for the others (with K = 2, C u_i v_y
//     for all);
//
//   - [Ridge], b not penalised, with targets t_ik = 1 for rows of class k and -1
//     for the others:
//
//     1/2 |W|^2 + C/2 sum_i,k u_i v_y (z_ik - t_ik)^2
//
// [MultinomialNB] and [ComplementNB] are closed forms, [NBSVM] is [SVM] on rows
// that naive Bayes has scaled, and [Online] learns from a stream.
//
// What is penalised and what is weighted follows LIBLINEAR and scikit-learn
// 1.2.1, whose converged results the tests compare with: the coefficients and
// objectives agree to six digits and more.
//
// # Methods
//
// Dual coordinate descent (Hsieh, Chang, Lin, Keerthi and Sundararajan, ICML
// 2008; Yu, Huang and Lin, Machine Learning 85, 2011) reaches a useful accuracy
// in a few passes over the rows. Where a problem is ill-conditioned (many more
// rows than columns, large C) and it would need hundreds, a truncated Newton
// method (Lin, Weng and Keerthi, JMLR 9, 2008) takes over, except for the hinge
// loss, which has no second derivatives.
//
// A solver stops when the gap between the primal objective and a dual one, which
// is no higher than the minimum, is within a relative tolerance. (Where the
// intercepts are not penalised the dual variables have to be corrected for that
// to hold, and what the correction costs is computed to second order.) [Report]
// says how far it came. One that stops early returns its result all the same,
// with a warning in [Result.Warnings]. A context that is done stops it within one
// pass, with an error that wraps the context's.
//
// # Determinism
//
// The same problem and options give the same bits, whatever GOMAXPROCS and the
// platform. [Options.Seed] decides the order of the coordinates, and nothing
// else is random. Sums that are computed in parallel are divided by the data
// alone, products are rounded before they are added, and exponentials and
// logarithms come from package detmath.
//
// # Errors
//
// Faulty data (no rows, a class out of range, a value that is not finite, columns
// that do not increase) and options out of range are errors, which name the row.
package linear
