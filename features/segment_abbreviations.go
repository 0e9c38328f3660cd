package features

import "strings"

// segAbbreviation says what an abbreviation tells about the stop after it.
type segAbbreviation uint8

const (
	// segNoAbbreviation: the word is not an abbreviation that we know.
	segNoAbbreviation segAbbreviation = iota
	// segTitle stands before a name and does not end a sentence: "Mr. Ito". In
	// lower case it may be a word: "one more rep. Then".
	segTitle
	// segLink stands before an example, a figure or an opponent and does not
	// end a sentence either: "e.g. Ohio", "Roe v. Wade".
	segLink
	// segNumbered is an abbreviation before a figure only; before anything
	// else it is a word: "No. 5" and "He said no.", "Art. 6" and "modern art.".
	segNumbered
	// segAmbiguous may stand inside a sentence or at its end; the word that
	// follows decides: "U.S. Senate" and "in the U.S. They left.".
	segAmbiguous
	// segTime is a time of day, which a day, a month or a time zone may follow
	// inside the sentence: "10 a.m. Monday".
	segTime
	// segFinal stands inside a sentence before lower case and ends it before
	// upper case: "etc. and" but "etc. The".
	segFinal
	// segState is the traditional short form of an American state, which is an
	// abbreviation only after a comma, a bracket or a hyphen: "(D-Miss.)".
	segState
	// segInitial is a single capital letter: "J. K. Okafor".
	segInitial
)

// segAbbreviations maps abbreviations, in lower case and without their last
// stop, to their kind. Dotted ones (u.s, j.k) need no entry unless their kind
// is not segAmbiguous: segAbbreviationOf knows them by their form.
var segAbbreviations = segWordKinds(segAbbreviationLists)

var segAbbreviationLists = []segWordList{
	{segTitle, `mr mrs ms mx dr prof profs messrs mme mlle msgr rev hon fr
		sen sens rep reps gov govs pres amb atty asst assoc supt insp det dist
		gen col lt sgt capt cmdr cdr maj adm cpl pvt pfc brig sgts
		mt ft ald dep univ dept tel ext`},
	{segLink, `vs v cf c.f viz e.g i.e eg ie incl approx ca`},
	{segNumbered, `no nos abs p pp pg fig figs sec secs sect ss art arts ch chap vol vols
		eq ed eds op para paras pt ref rule ver app cl cls reg regs rs`},
	{segAmbiguous, `inc corp co ltd llc plc bros assn jr sr esq st ave blvd rd hwy
		ph.d m.sc b.sc ed.d ll.b ll.m ll.d al est govt intl natl
		jan feb mar apr jun jul aug sep sept oct nov dec`},
	{segTime, `a.m p.m`},
	{segFinal, `etc ibid`},
	{segState, `ala ariz ark calif colo conn del fla ga ill ind kan ky la md
		mass mich minn miss mo mont neb nev okla ore pa tenn tex vt va wash wis
		wyo`},
}

// segNamesWithMark are names that end in an exclamation mark.
var segNamesWithMark = segWordSet(`yahoo jeopardy`)

// segStarters are words, capitalised here as in the text, that begin sentences
// and hardly ever stand capitalised after an abbreviation or an initial inside
// one. Words that are as often part of a name (Will, May, New) are left out.
var segStarters = segWordSet(`A About According After Again All Along Also
	Although Among An And Another Any Anyone Are As Asked At Be Because Been
	Before Being Besides Between Both But By Could Despite Did Do Does During
	Each Earlier Either Even Every Everyone Everything Few Finally For From
	Furthermore Had Has Have He Her Here Hers His How However I If In Indeed
	Instead Into Is It Its Just Last Later Let Like Many Maybe Me Meanwhile
	Moreover More Most Mr Mrs Ms Much My Nearly Neither No Nobody Nor Not
	Nothing Now Of On Once One Only Or Other Others Our Over Perhaps Rather
	Several She Should Since So Some Someone Soon Still Such Than That The Their
	Then There These They This Those Though Three Through Thus To Today Tomorrow
	Too Two Under Unless Until Was We Were What When Where Whether Which While
	Who Whose Why With Within Without Would Yes Yesterday Yet You Your`)

// segDependents are the starters that cannot end a phrase: articles,
// possessives and conjunctions. Whatever they are glued to (a name, a hashtag)
// has ended before them.
var segDependents = segWordSet(`Although An And As Because But Every From His If
	My Nor Or Our Since Than The Their These Those Though Unless Until When
	Whether While Your`)

// segConnectors are words that a line of its own does not end in.
var segConnectors = segWordSet(`a an and my of or our the their with your`)

// segTags are hashtags that have no longer form which ends in a starter.
var segTags = segWordSet(`BelieveWomen ChurchToo HimToo MeToo TimesUp`)

// segDates are the words with which a date begins or goes on.
var segDates = segWordSet(`Monday Tuesday Wednesday Thursday Friday Saturday
	Sunday Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun January February March
	April May June July August September October November December Jan Feb Mar
	Apr Jun Jul Aug Sep Sept Oct Nov Dec`)

// segZones are the time zones of datelines.
var segZones = segWordSet(`AEDT AEST BST CDT CEST CET CST CT EDT EST ET GMT IST
	MDT MST MT PDT PST PT UTC Eastern Central Mountain Pacific Greenwich`)

// segKickers are the section labels that stand before a headline.
var segKickers = segWordSet(`Analysis Business Column Comment Culture Editorial
	Entertainment Essay Exclusive Explainer Feature Interview Letters News
	Opinion Politics Review Sport Sports World`)

// segCamelNames are names whose last part would pass for a starter.
var segCamelNames = segWordSet(`HeForShe LinkedIn`)

// segDomains are the ends of names with a stop in them ("Slate.Com").
var segDomains = segWordSet(`co com io js net org tv`)

// segSpeechVerbs follow a name after a quoted question or exclamation.
var segSpeechVerbs = segWordSet(`added adds answered answers asked asks began
	begins continued continues cried cries demanded demands exclaimed exclaims
	joked jokes posted posts recalled recalls replied replies said says shouted
	shouts told tweeted tweets whispered whispers wondered wonders wrote
	writes`)

// segWordSet makes a set of the words in list.
func segWordSet(list string) map[string]bool {
	set := make(map[string]bool)
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}

// segWordList is a list of words of one kind.
type segWordList struct {
	kind  segAbbreviation
	words string
}

// segWordKinds turns lists of words into a map from word to kind.
func segWordKinds(lists []segWordList) map[string]segAbbreviation {
	kinds := make(map[string]segAbbreviation)
	for _, list := range lists {
		for word := range strings.FieldsSeq(list.words) {
			kinds[word] = list.kind
		}
	}
	return kinds
}

// segIsCapitalised reports whether a word is a capital and one or more
// lower-case letters.
func segIsCapitalised(word string) bool {
	for i, r := range word {
		if class := segClassOf(r); i == 0 && class != segUpper || i > 0 && class != segLower {
			return false
		}
	}
	return len(word) > 1
}

// segIsLower reports whether a word has letters in lower case and apostrophes
// only.
func segIsLower(word string) bool {
	for _, r := range word {
		if segClassOf(r) != segLower && !segIsApostrophe(r) {
			return false
		}
	}
	return word != ""
}

// segIsUpper reports whether a word has capitals only.
func segIsUpper(word string) bool {
	for _, r := range word {
		if segClassOf(r) != segUpper {
			return false
		}
	}
	return word != ""
}

// segIsPlain reports whether a word before a full stop is no abbreviation for
// all we know: a number, or lower-case letters with a vowel among them.
func segIsPlain(word string) bool {
	word = strings.TrimLeft(word, "#$")
	vowel, digits := false, true
	for _, r := range word {
		class := segClassOf(r)
		if class != segLower && class != segDigit && r != '-' && !segIsApostrophe(r) {
			return false
		}
		vowel = vowel || strings.ContainsRune("aeiouy", r)
		digits = digits && class == segDigit
	}
	return len(word) > 1 && vowel || word != "" && digits
}

// segIsYear reports whether a number is a year of the last or this century.
func segIsYear(digits string) bool {
	return len(digits) == 4 && (digits[:2] == "19" || digits[:2] == "20")
}

// segIsListNumber reports whether a word is the number of a list item: at most
// two digits, one letter, or a Roman number.
func segIsListNumber(word string) bool {
	switch {
	case word == "" || len(word) > 5:
		return false
	case len(word) == 1 && segASCII[word[0]&0x7f].isLetter():
		return true
	case strings.Trim(word, "0123456789") == "":
		return len(word) < 3
	}
	return strings.Trim(word, "IVX") == ""
}

// segAbbreviationOf returns the kind of a word, which is given without its last
// stop.
func segAbbreviationOf(word string) segAbbreviation {
	if word == "" || len(word) > segMaxWord {
		return segNoAbbreviation
	}
	if r, size := segRune(word, 0); size == len(word) && segClassOf(r) == segUpper {
		return segInitial
	}
	var buf [segMaxWord]byte
	if kind, ok := segAbbreviations[string(segFold(buf[:0], word))]; ok {
		return kind
	}
	// Letters with a stop after each are an abbreviation.
	for rest := word; ; {
		r, size := segRune(rest, 0)
		if !segClassOf(r).isLetter() || !strings.Contains(word, ".") {
			return segNoAbbreviation
		}
		if rest = rest[size:]; rest == "" {
			return segAmbiguous
		}
		if rest[0] != '.' {
			return segNoAbbreviation
		}
		rest = rest[1:]
	}
}

// segFold appends word to buf with its ASCII letters in lower case.
func segFold(buf []byte, word string) []byte {
	for i := range len(word) {
		c := word[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		buf = append(buf, c)
	}
	return buf
}
