// Package stance labels sentences with their stance toward the #MeToo
// movement, or another target: [Favor], [Against] or [None].
//
// # Classifying
//
// [Default] returns a model that is part of the package, trained on the gold
// corpus of package data:
//
//	m := stance.Default()
//	p := m.Classify("Believing women is the least that a newsroom can do.")
//	fmt.Println(p.Label, p.Probabilities.Of(p.Label))
//
//	for _, s := range m.ClassifyDocument(article) {
//		fmt.Println(s.Start, s.End, s.Label, s.Text)
//	}
//
// # Training
//
// [Train] makes a [Model] of one's own from labelled [Example] values; Save
// and [Load] keep it in a file. The classifiers are linear ones on TF-IDF rows:
// L2-regularised ones, and naive Bayes; [Options] choose among them.
// [TrainMajority] and [TrainKeywords] make the baselines that any model should
// beat. Package eval measures how well a classifier does, and package data reads
// the corpora.
//
// # Guarantees
//
// Models are immutable and safe for concurrent use. Training and prediction
// are deterministic: the same input gives the same bits, whatever GOMAXPROCS
// and on every platform. Any bytes are accepted as text. The package neither
// logs nor exits nor touches the network, and reads no file but those that it
// is told to.
//
// # Limits
//
// A label says what a sentence's wording suggests, at the accuracy that the
// README states, and far less about what its author thinks. Do not use it to
// judge people.
//
// The default model has learnt from full sentences of opinion prose. Very short
// texts and bare slogans, such as "No" or "#MeToo", it labels no better than by
// chance, and its probabilities for them are falsely confident.
package stance
