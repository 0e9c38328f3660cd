// Package stance labels sentences with their stance toward the #MeToo
// movement, or another target: [Favor], [Against] or [None].
//
// # Classifying
//
// [Default] returns a model that is part of the package, trained on the corpora
// of package data:
//
//	m := stance.Default()
//	p := m.Classify("Believing women is the least that a newsroom can do.")
//	fmt.Println(p.Label, p.Probabilities.Of(p.Label))
//
//	for _, s := range m.ClassifyDocument(article) {
//		fmt.Println(s.Start, s.End, s.Label, s.Text)
//	}
//
// Give it whole documents where you have them: in [Model.ClassifyDocument] each
// sentence is judged in the [Context] of the others, which is worth much.
// [Model.WithMinConfidence] makes a model that leaves unsure texts [Unlabelled].
// [Model.Explain] and [Model.ExplainDocument] take a prediction apart into what
// each term, the document and the intercepts added to the scores.
//
// # Training
//
// [Train] makes a [Model] of one's own from labelled [Example] values; Save
// and [Load] keep it in a file. [TrainTargets] makes one model for each of
// several targets. Begin with [DefaultOptions] for the movement, which have a
// [Lexicon] of its debate, and with [PlainOptions] for another target. The
// classifiers are linear ones on TF-IDF rows:
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
// The default model has learnt from full sentences of opinion prose and imitated
// news; MODEL.md in the repository is its model card. Very short
// texts and bare slogans, such as "No" or "#MeToo", it labels no better than by
// chance, and its probabilities for them are falsely confident.
package stance
