package data_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing/fstest"

	"example.org/metoostance/data"
	"example.org/metoostance/stance"
)

func ExampleGold() {
	corpus := data.Gold()
	fmt.Println(len(corpus.Lone), "lone sentences,", len(corpus.Passages), "passages")

	s := corpus.Lone[3]
	fmt.Println(s.ID, s.Label, s.Register, s.Theme)
	fmt.Println(s.Text)

	p := corpus.Passages[0]
	fmt.Println(p.ID, p.Genre, p.Lean, len(p.Sentences), "sentences")
	last := p.Sentences[len(p.Sentences)-1]
	fmt.Println(last.Label, last.Votes, p.Text[last.Start:last.End] == last.Text)
	// Output:
	// 2000 lone sentences, 549 passages
	// s0004 FAVOR column restaurants
	// What use is a helpline that closes at five to a barmaid whose shift begins at nine?
	// p1-001 column FAVOR 12 sentences
	// NONE [NONE NONE] true
}

// Examples are what a classifier is trained on and measured with. Group says
// what must stay together.
func ExampleCorpus_Examples() {
	examples := data.Gold().Examples()
	groups := map[string]bool{}
	for _, e := range examples {
		groups[e.Group] = true
	}
	fmt.Println(len(examples), "examples in", len(groups), "groups")
	// Output: 8630 examples in 2343 groups
}

// The texts of the articles are the newspapers' and not part of the library.
// With them in a folder, give os.DirFS of it; here the folder is empty.
func ExampleArticles() {
	_, err := data.Articles(fstest.MapFS{})
	fmt.Println(errors.Is(err, fs.ErrNotExist))
	var missing *data.TextError
	if errors.As(err, &missing) {
		fmt.Println(missing.File, missing.WantBytes, "bytes")
	}
	// Output:
	// true
	// 000_757f0f3c47ae9802.txt 4432 bytes
}

func ExampleRead() {
	file := `Tweet,Stance,Pair
"He said it was a joke, and I laughed.",neutral,1
Nobody owes a mob an apology.,con,2
`
	examples, err := data.Read(strings.NewReader(file), "my.csv", data.ReadOptions{
		Columns: data.Columns{Text: "Tweet", Label: "Stance", Group: "Pair"},
	})
	fmt.Println(examples[1].Label, examples[1].Text, err)

	_, err = data.Read(strings.NewReader(file), "my.csv", data.ReadOptions{
		Columns: data.Columns{Text: "Tweet", Label: "Pair"},
	})
	fmt.Println(err)
	// Output:
	// AGAINST Nobody owes a mob an apology. <nil>
	// my.csv:2:3: unknown label "1" (want FAVOR, AGAINST or NONE)
}

func ExampleReadSemEval() {
	file := "ID\tTarget\tTweet\tStance\r\n" +
		"7\tPublic Parks\tPlant a tree, \x93they\x94 said. #SemST\tFAVOR\r\n"
	examples, err := data.ReadSemEval(strings.NewReader(file), "train.txt", data.SemEvalOptions{StripHashtag: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := examples[0]
	fmt.Println(e.ID, e.Target, e.Label, e.Text)
	// Output: 7 Public Parks FAVOR Plant a tree, “they” said.
}

func ExampleReadMeTooMA() {
	folder := fstest.MapFS{ // os.DirFS("metooma")
		"MeTooMMD_train.csv": {Data: []byte("101,1,0,0,0,0,0,0,0,1,0\n102,1,0,0,0,0,0,0,0,0,0\n")},
		"MeTooMMD_test.csv":  {Data: []byte("103,1,0,0,0,1,0,0,0,0,1\n")},
		"tweets.jsonl":       {Data: []byte(`{"id":"101","text":"Thank you for speaking."}`)},
	}
	set, err := data.ReadMeTooMA(folder, data.MeTooMAOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	examples, err := set.Examples()
	fmt.Println(examples[0].Label, examples[0].Text, err)
	fmt.Println("no text for", set.NoText)
	// Output:
	// FAVOR Thank you for speaking. <nil>
	// no text for [102 103]
}

func ExampleWritePredictions() {
	examples := []stance.Example{{ID: "1", Text: "@all Enough.", Label: stance.Against}}
	predictions := []stance.Prediction{{Label: stance.None, Probabilities: stance.Values{0.25, 0.25, 0.5}}}
	if err := data.WritePredictions(os.Stdout, data.CSV, examples, predictions); err != nil {
		fmt.Println(err)
	}
	// Output:
	// id,document,group,target,text,label,predicted,favor,against,none
	// 1,,,,'@all Enough.,AGAINST,NONE,0.25,0.25,0.5
}

func ExampleWriteSemEval() {
	examples := []stance.Example{{ID: "7", Target: "Public Parks", Text: "Plant a tree."}}
	if err := data.WriteSemEval(os.Stdout, examples, []stance.Label{stance.Favor}); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ID	Target	Tweet	Stance
	// 7	Public Parks	Plant a tree.	FAVOR
}
