package features

import (
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// A Lexicon assigns words and phrases to classes, such as those of an opinion
// lexicon. The keys are phrases as they stand in running text, of at most 16
// words; a final asterisk stands for any ending of the last word ("hypocri*").
// The values are the names of the phrase's classes, one at least and none twice.
// Phrases are read by the tokenizer's Rules in lower case, so that "witch hunt"
// also stands for "Witch-hunt", which can then not be a phrase of its own.
//
// In a block of [LexiconClasses] the terms are the classes: each counts as
// often as one of its phrases occurs. Phrases are found from left to right, the
// longest first, and do not overlap; of two equally long ones that which spells
// out its last word goes first, then that with the longer beginning of it.
type Lexicon map[string][]string

// clone returns a copy that shares nothing with l. An empty lexicon becomes nil,
// which is what is left of one in JSON.
func (l Lexicon) clone() Lexicon {
	if len(l) == 0 {
		return nil
	}
	c := maps.Clone(l)
	for phrase, classes := range c {
		c[phrase] = slices.Clone(classes)
	}
	return c
}

// maxStem is the length in bytes of the longest beginning of a word that a
// phrase with an asterisk may end with: a state has a bit for each length.
const maxStem = 63

// lexicon is a compiled Lexicon: a trie of words. A word is known by its hash,
// which leads from state to state.
type lexicon struct {
	tokenizer Tokenizer
	longest   int // words of the longest phrase
	states    []lexiconState
	next      map[uint64]int32 // after a state and a word
	stems     map[uint64]int32 // phrase that ends with a beginning of a word, after a state
	classes   [][]Span         // of each phrase, in names
	names     []byte           // of the classes, one behind the other, and hashPad bytes
}

type lexiconState struct {
	phrase int32  // that ends here, or -1
	stems  uint64 // bit n: there is a stem of n bytes
}

// after gives the key of a word, or of a stem, that follows a state.
func after(state int32, hash uint64) uint64 { return mix(uint64(state)+hashK1, hash^hashK2) }

// compile checks a lexicon and makes the trie. Nil stays nil.
func (l Lexicon) compile(rules Rules) (*lexicon, error) {
	if l == nil {
		return nil, nil
	}
	c := &lexicon{
		tokenizer: Tokenizer{Rules: rules},
		states:    []lexiconState{{phrase: -1}},
		next:      map[uint64]int32{},
		stems:     map[uint64]int32{},
	}
	type place struct {
		Span
		phrase int // that has named the class last
	}
	places := map[string]place{}
	// In sorted order, so that errors do not depend on that of a map.
	for i, phrase := range slices.Sorted(maps.Keys(l)) {
		if err := c.add(phrase, int32(i)); err != nil {
			return nil, fmt.Errorf("lexicon: %q: %w", phrase, err)
		}
		if len(l[phrase]) == 0 {
			return nil, fmt.Errorf("lexicon: %q has no class", phrase)
		}
		var spans []Span
		for _, name := range l[phrase] {
			if name == "" || !utf8.ValidString(name) {
				return nil, fmt.Errorf("lexicon: %q: class %q: want a name in UTF-8", phrase, name)
			}
			p, ok := places[name]
			switch {
			case !ok:
				p.Span = Span{len(c.names), len(c.names) + len(name)}
				c.names = append(c.names, name...)
			case p.phrase == i:
				return nil, fmt.Errorf("lexicon: %q has the class %q twice", phrase, name)
			}
			p.phrase = i
			places[name] = p
			spans = append(spans, p.Span)
		}
		c.classes = append(c.classes, spans)
	}
	c.names = append(c.names, make([]byte, hashPad)...)
	return c, nil
}

// add adds a phrase to the trie.
func (c *lexicon) add(phrase string, number int32) error {
	if !utf8.ValidString(phrase) {
		return errors.New("not valid UTF-8")
	}
	words := c.tokenizer.Tokenise(phrase)
	if len(words) == 0 {
		return errors.New("has no word")
	}
	if len(words) > maxGram {
		return fmt.Errorf("has %d words, want at most %d", len(words), maxGram)
	}
	c.longest = max(c.longest, len(words))
	stem := ""
	if strings.HasSuffix(strings.TrimRight(phrase, " "), "*") {
		stem = words[len(words)-1]
		words = words[:len(words)-1]
		if len(stem) > maxStem {
			return fmt.Errorf("the word before the asterisk has %d bytes, want at most %d", len(stem), maxStem)
		}
	}
	state := int32(0)
	for _, w := range words {
		key := after(state, hashString(w))
		to, ok := c.next[key]
		if !ok {
			to = int32(len(c.states))
			c.next[key] = to
			c.states = append(c.states, lexiconState{phrase: -1})
		}
		state = to
	}
	s := &c.states[state]
	if stem == "" {
		if s.phrase >= 0 {
			return errors.New("stands there twice, in different spellings")
		}
		s.phrase = number
		return nil
	}
	key := after(state, hashString(stem))
	if _, ok := c.stems[key]; ok {
		return errors.New("stands there twice, in different spellings")
	}
	c.stems[key] = number
	s.stems |= 1 << len(stem)
	return nil
}

func hashString(s string) uint64 {
	return hashBytes(append([]byte(s), make([]byte, hashPad)...), 0, len(s), 0)
}

// lexiconWord is a word of the text that is still to be looked at.
type lexiconWord struct {
	hash   uint64
	term   Span // in the analyzer's ahead
	source Span
}

// match finds the longest phrase at the beginning of words, whose bytes stand
// in b. It returns the phrase, or -1, and the number of its words.
func (c *lexicon) match(b []byte, words []lexiconWord) (phrase int32, n int) {
	phrase, n = -1, 1
	state := int32(0)
	for i, w := range words {
		s := c.states[state]
		length := w.term.End - w.term.Start
		for stems := s.stems & (1<<min(length+1, maxStem+1) - 1); stems != 0; {
			size := bits.Len64(stems) - 1
			stems &^= 1 << size
			if p, ok := c.stems[after(state, hashBytes(b, w.term.Start, w.term.Start+size, 0))]; ok {
				phrase, n = p, i+1
				break
			}
		}
		to, ok := c.next[after(state, w.hash)]
		if !ok {
			break
		}
		if p := c.states[to].phrase; p >= 0 {
			phrase, n = p, i+1
		}
		state = to
	}
	return phrase, n
}

// lexiconClasses emits the classes of the phrases found among the next words and
// reports whether there may be more.
func (an *analyzer) lexiconClasses() bool {
	c := an.lexicon
	an.buf = an.buf[:0]
	// A text without any phrase is left in batches too, or who waits for its
	// classes could not be told to stop.
	for looked := 0; looked < gramBatch && len(an.hashes) < gramBatch; looked++ {
		for len(an.pending) < c.longest && an.scanner.next() {
			an.look(&an.scanner)
		}
		if len(an.pending) == 0 {
			return len(an.hashes) > 0
		}
		phrase, n := c.match(an.ahead[:len(an.ahead)+hashPad], an.pending)
		if phrase >= 0 {
			for _, name := range c.classes[phrase] {
				an.hashes = append(an.hashes, hashBytes(c.names, name.Start, name.End, an.seed))
				if an.wantTerms {
					an.buf = append(an.buf, c.names[name.Start:name.End]...)
					an.terms = append(an.terms, Span{len(an.buf) - name.Len(), len(an.buf)})
				}
				if an.wantSources {
					an.sources = append(an.sources, Span{an.pending[0].source.Start, an.pending[n-1].source.End})
				}
			}
		}
		an.pending = an.pending[:copy(an.pending, an.pending[n:])]
	}
	return true
}

// look takes the scanner's word among those that are still to be looked at.
func (an *analyzer) look(s *scanner) {
	if len(an.pending) == 0 {
		an.ahead = an.ahead[:0]
	} else if from := an.pending[0].term.Start; from > gramBatch {
		an.ahead = an.ahead[:copy(an.ahead, an.ahead[from:])]
		for i := range an.pending {
			an.pending[i].term.Start -= from
			an.pending[i].term.End -= from
		}
	}
	start := len(an.ahead)
	an.ahead = append(an.ahead, s.term...)
	an.ahead = slices.Grow(an.ahead, hashPad)
	end := len(an.ahead)
	an.pending = append(an.pending, lexiconWord{
		hash:   hashBytes(an.ahead[:end+hashPad], start, end, 0),
		term:   Span{start, end},
		source: Span{s.start, s.end},
	})
}
