// Package data holds the gold corpus of stance toward the #MeToo movement and
// reads the public stance corpora.
//
// # The gold corpus
//
// [Gold] returns 2,000 sentences that stand alone, written to be hard, and 549
// passages of 6,630 sentences, written to be natural. Each sentence has its
// label, FAVOR, AGAINST or NONE, and the votes behind it:
//
//	corpus := data.Gold()
//	for _, s := range corpus.Lone {
//		fmt.Println(s.Label, s.Votes, s.Text)
//	}
//	examples := corpus.Examples() // for training and evaluation
//
// Split by [stance.Example].Group, never by sentence: a group ties together
// contrast pairs, or the sentences of a passage.
//
// Language models wrote and labelled the corpus. No person has labelled it, and
// the agreement of its annotators overstates what independent people would
// reach. Read [Datasheet] before you use it, and [Guidelines] for what the
// labels mean. It is under CC BY 4.0.
//
// [Press] has 300 further passages, in imitation of the press, to be trained on
// beside the gold corpus and never measured on; [TrainingExamples] has both.
//
// [Articles] joins gold labels of three published opinion articles with the
// texts, if you have them: the texts belong to the newspapers and are not here.
//
// # News
//
// [News] joins labels of 191 pieces of news and opinion, published from 2017 to
// 2020, with your own copy of the public data set from which they are. The
// texts are their publishers' and not here. There are two splits, one to learn
// from and one to develop with:
//
//	news, err := data.News(os.DirFS("Article-Bias-Prediction"))
//	if err != nil {
//		log.Fatal(err) // what could be joined is in news all the same
//	}
//	examples := append(corpus.Examples(), news.Train.Examples()...)
//
// Real news is mostly NONE. These labels, too, were given by language models.
//
// # Corpora of others
//
// [ReadSemEval] reads SemEval-2016 Task 6 and [ReadMeTooMA] reads MeTooMA, from
// your own copies. [ReadFile] and [Read] read any CSV, TSV or JSON Lines file
// with a column of texts and one of labels. [WritePredictions] and
// [WriteSemEval] write what a classifier says of them.
//
// # Guarantees
//
// Readers are strict: everything in a file is either read or an error with
// file, line and column ([ParseError]). No row is skipped, no text is altered
// unless an option asks for it. The same bytes give the same examples in the
// same order. All functions may be called concurrently; what they return
// belongs to the caller.
//
// The package does not download anything, does not split or shuffle, and does
// not normalise text, but for the white space of the news, of which the
// checksums are independent.
package data
