// Package features turns text into numbers: it finds sentences and tokens,
// counts n-grams, and weighs them by TF-IDF into sparse rows.
//
// # From text to rows
//
// [Sentences] splits a text into sentences and a [Tokenizer] a sentence into
// tokens; both give byte offsets into the text as it was passed in. [Fit]
// learns a vocabulary and idf weights from documents and returns a
// [Vectorizer], whose Row and Transform give the TF-IDF rows of any text:
//
//	v, err := features.Fit(ctx, docs, features.Options{
//		Blocks: []features.Block{
//			{MinN: 1, MaxN: 2},                                // words and pairs of words
//			{Analyzer: features.CharsWB, MinN: 2, MaxN: 5},    // characters within words
//		},
//	})
//	row := v.Row("They said that she should have spoken up sooner.")
//
// The definitions are scikit-learn's, and tests hold the results against its
// own to 1e-12: with ScikitLearnRules the vocabulary is the same in the same
// order, and so is every weight. A [Scorer] goes from text to the decision
// values of a three-class linear classifier in one pass.
//
// # Guarantees
//
// A Vectorizer and a Scorer are immutable and safe for concurrent use. Results
// do not depend on GOMAXPROCS, on the order of a map, or, [UnshiftedIDF] aside,
// on the platform. Rows are sorted by column. No text makes anything here fail
// or panic, whatever its bytes; the time that it takes is proportional to its
// length.
//
// # Limits
//
// Terms are known by 64-bit hashes of their text. Two of n different terms
// share a hash, and then a column, with a probability of n²/2⁶⁵: once in 37
// million corpora of a million terms. Nothing here stems, lemmatises or
// normalises Unicode beyond lower case: composed and decomposed letters are
// different terms.
package features
