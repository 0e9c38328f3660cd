// Package stancetest tests implementations of [stance.Classifier].
//
// Call [TestClassifier] from a test of the package that has the classifier:
//
//	func TestConformance(t *testing.T) {
//		stancetest.TestClassifier(t, func(t *testing.T) stance.Classifier {
//			c, err := Train(examples)
//			require.NoError(t, err)
//			return c
//		})
//	}
//
// All classifiers of this module pass it.
package stancetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"example.org/metoostance/features"
	"example.org/metoostance/stance"
)

// Texts returns texts on which classifiers have been seen to fail: empty, made
// of white space, not valid UTF-8, of characters that change length or meaning
// when their case changes, without spaces, or long; and a few plain sentences.
func Texts() []string {
	return []string{
		"",
		" \t\r\n\v\f",
		"\n\n\n",
		"\x00",
		"a\x00b",
		"\xff\xfe\xfd",
		"caf\xe9 au lait",
		"\xed\xa0\x80 half a surrogate pair",
		"\ufeffa byte-order mark",
		"\u202eright to left\u202c and \u2066back\u2069",
		"e" + strings.Repeat("\u0301", 5000),
		"İstanbul IĞDIR ΟΔΥΣΣΕΥΣ ﬁne Straße ǅ",
		"\u02bc \u2019 ' '' '''",
		"👍🏽 👩\u200d👩\u200d👧 🇫🇷 ☎\ufe0f ⚜\xe2",
		"#MeToo #metoo #METOO ＃ＭｅＴｏｏ @someone https://example.org/?q=#MeToo",
		"我也是。это тоже я. أنا أيضا",
		strings.Repeat("a", 100_000),
		strings.Repeat("a ", 50_000),
		strings.Repeat("“", 10_000),
		strings.Repeat("👩\u200d", 5_000),
		"She spoke out, and nobody should have had to.",
		"It has become a witch hunt, and everybody knows it.",
		"The hearing begins on Monday at nine.",
		"Don't call it a “witch hunt”; call it overdue.",
	}
}

// TestClassifier checks what every classifier promises. new makes one; it is
// called twice, and must make classifiers that predict the same.
//
//   - Any bytes are accepted as text, [Texts] among them. A panic is reported
//     with the text that causes it, unless it happens in a goroutine that the
//     classifier has started.
//   - The label is one of [stance.Labels], and its probability is no smaller
//     than any other, or it is [stance.Unlabelled]: the classifier abstains.
//     Either way the probabilities lie between 0 and 1 and sum to 1.
//   - The scores are numbers: -Inf may be among them, NaN not.
//   - The same text always gives the same prediction, bit for bit, also from
//     many goroutines at once.
//
// Where the classifier has them as [stance.Model] has, it also checks that
// ClassifyAll gives the predictions of Classify in order and stops with its
// context; that the sentences of ClassifyDocument are in order and slice the
// text, that their predictions are as those of Classify must be, and that they
// are the same the second time; that Explain and ExplainDocument explain the
// predictions of Classify and ClassifyDocument, and that the parts of an
// explanation sum to its scores. Of a [*stance.Model], and of it alone, it checks
// that the model predicts the same when it was saved and loaded, sentences and
// documents: other classifiers have formats of their own.
//
// Texts of 20,000 bytes or more are left out where many goroutines classify, and
// of what is asked twice about documents, which would take too long with them.
func TestClassifier(t *testing.T, new func(t *testing.T) stance.Classifier) {
	for name, errs := range check(new(t), new(t)) {
		t.Run(name, func(t *testing.T) {
			for _, err := range errs {
				t.Error(err)
			}
		})
	}
}

// check yields the name of each promise that c makes and how it breaks it. c2
// is another instance of the same classifier.
func check(c, c2 stance.Classifier) iter.Seq2[string, []error] {
	t := &checks{c: c, texts: Texts()}
	return func(yield func(string, []error) bool) {
		done := func(name string) bool {
			errs := t.errs
			t.errs = nil
			return yield(name, errs)
		}
		t.predictions()
		if !done("predictions") {
			return
		}
		t.same("another instance", c2)
		if !done("determinism") {
			return
		}
		t.concurrency()
		if !done("concurrency") {
			return
		}
		if b, ok := c.(batch); ok {
			t.batch(b)
			if !done("batch") {
				return
			}
		}
		if m, ok := c.(*stance.Model); ok {
			t.saved(m)
			if !done("file") {
				return
			}
		}
		if d, ok := c.(documents); ok {
			t.documents(d)
			if !done("documents") {
				return
			}
		}
		if e, ok := c.(explainer); ok {
			t.explanations(e)
			if !done("explanations") {
				return
			}
		}
		if e, ok := c.(documentExplainer); ok {
			t.explainedDocuments(e)
			done("explained documents")
		}
	}
}

// What a classifier may have beside Classify.
type (
	batch interface {
		ClassifyAll(context.Context, []string) ([]stance.Prediction, error)
	}
	documents interface {
		ClassifyDocument(string) []stance.Sentence
	}
	explainer interface {
		Explain(string) stance.Explanation
	}
	documentExplainer interface {
		documents
		ExplainDocument(string) []stance.Explanation
	}
)

// checks collects what is broken.
type checks struct {
	c     stance.Classifier
	texts []string
	first []stance.Prediction // what Classify said of each text the first time
	errs  []error
}

func (t *checks) failf(format string, args ...any) {
	t.errs = append(t.errs, fmt.Errorf(format, args...))
}

// try calls f, which classifies text, and reports whether it returned. If it
// panics that is an error.
func (t *checks) try(method, text string, f func()) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			t.failf("%s panics on %s: %v", method, clip(text), r)
		}
	}()
	f()
	return true
}

// equal reports whether two predictions are the same, bit for bit. Other than
// with ==, NaN is the same as itself: that is another promise.
func equal(p, q stance.Prediction) bool {
	for k := range stance.NumLabels {
		if math.Float64bits(p.Probabilities[k]) != math.Float64bits(q.Probabilities[k]) ||
			math.Float64bits(p.Scores[k]) != math.Float64bits(q.Scores[k]) {
			return false
		}
	}
	return p.Label == q.Label
}

// isGap reports whether r may stand between sentences: white space, or one of
// the two invisible characters that [features.Sentences] takes for it. It is
// segIsSpace of package features.
func isGap(r rune) bool { return unicode.IsSpace(r) || r == '\ufeff' || r == '\u200b' }

// clip shortens a text for an error.
func clip(text string) string {
	if end := 40; len(text) > end {
		for end > 40-utf8.UTFMax && !utf8.RuneStart(text[end]) {
			end-- // not inside a character
		}
		return fmt.Sprintf("%q... (%d bytes)", text[:end], len(text))
	}
	return fmt.Sprintf("%q", text)
}

// predictions leaves the texts on which Classify panics out of all that follows.
func (t *checks) predictions() {
	texts := t.texts
	t.texts = nil
	for _, text := range texts {
		var p, again stance.Prediction
		if !t.try("Classify", text, func() { p, again = t.c.Classify(text), t.c.Classify(strings.Clone(text)) }) {
			continue
		}
		t.texts = append(t.texts, text)
		t.first = append(t.first, p)
		if !equal(again, p) {
			t.failf("%s gives %v, then %v", clip(text), p, again)
		}
		t.prediction(text, p)
	}
}

// prediction checks what is true of every prediction.
func (t *checks) prediction(text string, p stance.Prediction) {
	if !p.Label.Valid() && p.Label != stance.Unlabelled {
		t.failf("label of %s is %v", clip(text), p.Label)
		return
	}
	sum := 0.0
	for k, x := range p.Probabilities {
		if !(x >= 0 && x <= 1) {
			t.failf("probability %d of %s is %v", k, clip(text), x)
		}
		if p.Label != stance.Unlabelled && x > p.Probabilities.Of(p.Label) {
			t.failf("%s is %v, but another label has a greater probability: %v", clip(text), p.Label, p.Probabilities)
		}
		sum += x
	}
	if !(math.Abs(sum-1) <= 1e-9) {
		t.failf("probabilities of %s sum to %v", clip(text), sum)
	}
	for k, x := range p.Scores {
		if x != x {
			t.failf("score %d of %s is NaN", k, clip(text))
		}
	}
}

// concurrency has many goroutines classify all texts, each in another order.
func (t *checks) concurrency() {
	const goroutines = 64
	var each [goroutines]checks // what each goroutine finds, up to its first error
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Go(func() {
			found := &each[g]
			for i := range t.texts {
				j := (i + g) % len(t.texts)
				text := t.texts[j]
				if len(text) >= long {
					continue
				}
				var p stance.Prediction
				if found.try("Classify, called by many goroutines,", text, func() { p = t.c.Classify(text) }) && !equal(p, t.first[j]) {
					found.failf("%s gives another prediction when many goroutines classify", clip(text))
				}
				if found.errs != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	for _, found := range each {
		if found.errs != nil {
			t.errs = append(t.errs, found.errs...)
			return // one example will do
		}
	}
}

func (t *checks) batch(c batch) {
	var got []stance.Prediction
	var err error
	if !t.try("ClassifyAll", strings.Join(t.texts, "\n"), func() { got, err = c.ClassifyAll(context.Background(), t.texts) }) {
		return
	}
	if err != nil || len(got) != len(t.texts) {
		t.failf("ClassifyAll returns %d predictions for %d texts, error %v", len(got), len(t.texts), err)
		return
	}
	for i, p := range got {
		if !equal(p, t.first[i]) {
			t.failf("ClassifyAll gives %v for %s, Classify %v", p, clip(t.texts[i]), t.first[i])
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := c.ClassifyAll(ctx, t.texts); !errors.Is(err, context.Canceled) {
		t.failf("ClassifyAll returns error %v when its context is canceled", err)
	}
}

// saved takes an interface for the sake of tests.
func (t *checks) saved(c interface{ Save(io.Writer) error }) {
	var one, two bytes.Buffer
	if err := errors.Join(c.Save(&one), c.Save(&two)); err != nil {
		t.failf("Save: %v", err)
		return
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.failf("Save writes other bytes the second time")
	}
	m, err := stance.Load(&one)
	if err != nil {
		t.failf("Load of what Save wrote: %v", err)
		return
	}
	t.same("the model that was saved and loaded", m)
	if d, ok := c.(documents); ok {
		for _, text := range t.all() {
			if len(text) < long && !equalSentences(d.ClassifyDocument(text), m.ClassifyDocument(text)) {
				t.failf("the model that was saved and loaded gives other sentences for %s", clip(text))
			}
		}
	}
}

// same checks that another classifier predicts what c does.
func (t *checks) same(what string, other stance.Classifier) {
	for i, text := range t.texts {
		var p stance.Prediction
		if t.try("Classify of "+what, text, func() { p = other.Classify(text) }) && !equal(p, t.first[i]) {
			t.failf("%s gives %v for %s, not %v", what, p, clip(text), t.first[i])
		}
	}
}

// long is the length from which texts are left out of what takes long.
const long = 20_000

// all returns the texts, and documents of all of them and of those that are not
// long.
func (t *checks) all() []string {
	short := slices.DeleteFunc(slices.Clone(t.texts), func(text string) bool { return len(text) >= long })
	return append(slices.Clip(t.texts), strings.Join(t.texts, "\n"), strings.Join(short, "\n"))
}

// equalSentences reports whether sentences and their predictions are the same,
// bit for bit.
func equalSentences(a, b []stance.Sentence) bool {
	return slices.EqualFunc(a, b, func(x, y stance.Sentence) bool {
		return x.Span == y.Span && x.Text == y.Text && equal(x.Prediction, y.Prediction)
	})
}

func (t *checks) documents(c documents) {
	for _, text := range t.all() {
		var sentences, again []stance.Sentence
		if !t.try("ClassifyDocument", text, func() {
			sentences = c.ClassifyDocument(text)
			if len(text) < long {
				again = c.ClassifyDocument(strings.Clone(text))
			}
		}) {
			continue
		}
		if len(text) < long && !equalSentences(sentences, again) {
			t.failf("ClassifyDocument gives other sentences for %s the second time", clip(text))
		}
		end := 0
		for _, s := range sentences {
			if s.Start < end || s.End <= s.Start || s.End > len(text) || text[s.Start:s.End] != s.Text {
				t.failf("sentence %d-%d of %s is out of place", s.Start, s.End, clip(text))
				break
			}
			if gap := text[end:s.Start]; strings.TrimFunc(gap, isGap) != "" {
				t.failf("no sentence holds %s of %s", clip(gap), clip(text))
			}
			t.prediction(s.Text, s.Prediction)
			end = s.End
		}
		if gap := text[end:]; strings.TrimFunc(gap, isGap) != "" {
			t.failf("no sentence holds %s of %s", clip(gap), clip(text))
		}
	}
}

func (t *checks) explanations(c explainer) {
	for i, text := range t.texts {
		var e stance.Explanation
		if !t.try("Explain", text, func() { e = c.Explain(text) }) {
			continue
		}
		if !equal(e.Prediction, t.first[i]) {
			t.failf("Explain gives %v for %s, Classify %v", e.Prediction, clip(text), t.first[i])
		}
		t.explanation("Explain", text, text, e)
	}
}

// explanation checks that the parts of an explanation of a sentence sum to its
// scores, that the spans of its terms lie within the sentence, and those of its
// context within the document.
func (t *checks) explanation(method, text, document string, e stance.Explanation) {
	sum, size := e.Bias, 1.0
	add := func(scores stance.Values) {
		for k, x := range scores {
			sum[k] += x
			size += math.Abs(x)
		}
	}
	within := func(s features.Span, text string) bool { return 0 <= s.Start && s.Start <= s.End && s.End <= len(text) }
	for _, term := range e.Terms {
		add(term.Scores)
		for _, s := range term.Spans {
			if !within(s, text) {
				t.failf("%s of %s: term %q at %d-%d", method, clip(text), term.Term, s.Start, s.End)
			}
		}
	}
	for _, c := range e.Context {
		add(c.Scores)
		if !within(c.Span, document) {
			t.failf("%s of %s: %s at %d-%d", method, clip(text), c.Name, c.Start, c.End)
		}
	}
	for k, x := range sum {
		if x != e.Scores[k] && !(math.Abs(x-e.Scores[k]) <= 1e-12*size) {
			t.failf("%s of %s sums to %v, but the scores are %v", method, clip(text), sum, e.Scores)
			break
		}
	}
}

func (t *checks) explainedDocuments(c documentExplainer) {
	for _, text := range t.all() {
		if len(text) >= long {
			continue
		}
		var sentences []stance.Sentence
		var explanations []stance.Explanation
		if !t.try("ExplainDocument", text, func() { sentences, explanations = c.ClassifyDocument(text), c.ExplainDocument(text) }) {
			continue
		}
		if len(explanations) != len(sentences) {
			t.failf("ExplainDocument explains %d of the %d sentences of %s", len(explanations), len(sentences), clip(text))
			continue
		}
		for i, e := range explanations {
			if !equal(e.Prediction, sentences[i].Prediction) {
				t.failf("ExplainDocument gives %v for %s, ClassifyDocument %v", e.Prediction, clip(sentences[i].Text), sentences[i].Prediction)
			}
			t.explanation("ExplainDocument", sentences[i].Text, text, e)
		}
	}
}
