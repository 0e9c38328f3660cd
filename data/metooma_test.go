package data

import (
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/stance"
)

func TestMeTooMAStance(t *testing.T) {
	for _, c := range []struct {
		labels MeTooMALabels
		want   stance.Label
	}{
		{MeTooMALabels{Support: true, Sarcasm: true}, stance.Favor},
		{MeTooMALabels{Oppose: true, DirectedHate: true}, stance.Against},
		{MeTooMALabels{Allegation: true}, stance.None},
	} {
		got, err := c.labels.Stance()
		require.NoError(t, err)
		assert.Equal(t, c.want, got)
	}
	got, err := MeTooMALabels{Support: true, Oppose: true}.Stance()
	assert.EqualError(t, err, "both Support and Oppose")
	assert.Equal(t, stance.Unlabelled, got)
}

// smallMeTooMA has four rows, a tweet for three of them and one more.
func smallMeTooMA() fstest.MapFS {
	return fstest.MapFS{
		"MeTooMMD_train.csv": {Data: []byte("101,1,0,0,0,0,0,0,0,1,0\r\n102,0,1,1,1,1,1,1,1,0,1")},
		"MeTooMMD_test.csv":  {Data: []byte("103,0,0,0,0,0,0,0,0,0,0\r\n104,1,1,0,0,0,0,0,0,1,0\r\n")},
		"tweets.jsonl":       {Data: []byte("{\"id\":\"104\",\"text\":\"four\"}\n{\"id\":101,\"text\":\"one\"}\n{\"id\":\"999\",\"text\":\"more\"}\n{\"id\":\"102\",\"text\":\"two\"}\n")},
	}
}

func TestReadMeTooMA(t *testing.T) {
	m, err := ReadMeTooMA(smallMeTooMA(), MeTooMAOptions{})
	require.NoError(t, err)
	assert.Equal(t, &MeTooMA{
		Tweets: []MeTooMATweet{
			{ID: "101", Text: "one", Row: 0, Labels: MeTooMALabels{TextOnlyInformative: true, Support: true}},
			{ID: "102", Text: "two", Row: 1, Labels: MeTooMALabels{ImageOnlyInformative: true, DirectedHate: true, GeneralizedHate: true,
				Sarcasm: true, Allegation: true, Justification: true, Refutation: true, Oppose: true}},
			{ID: "104", Text: "four", Row: 3, Labels: MeTooMALabels{TextOnlyInformative: true, ImageOnlyInformative: true, Support: true}},
		},
		NoText:   []string{"103"},
		NoLabels: []string{"999"},
	}, m)
	examples, err := m.Examples()
	require.NoError(t, err)
	assert.Equal(t, []stance.Example{
		{ID: "101", Text: "one", Label: stance.Favor},
		{ID: "102", Text: "two", Label: stance.Against},
		{ID: "104", Text: "four", Label: stance.Favor},
	}, examples)
	m.Tweets[2].Labels.Oppose = true
	_, err = m.Examples()
	assert.EqualError(t, err, "tweet 104 in row 3: both Support and Oppose")
}

// Each of the ten columns sets its own label, in the published order.
func TestMeTooMAColumns(t *testing.T) {
	for i, want := range []MeTooMALabels{
		{TextOnlyInformative: true}, {ImageOnlyInformative: true}, {DirectedHate: true}, {GeneralizedHate: true},
		{Sarcasm: true}, {Allegation: true}, {Justification: true}, {Refutation: true}, {Support: true}, {Oppose: true},
	} {
		row := []string{"7", "0", "0", "0", "0", "0", "0", "0", "0", "0", "0"}
		row[i+1] = "1"
		rows, err := parseMeTooMA("x", strings.Join(row, ","), nil, map[string]string{})
		require.NoError(t, err)
		assert.Equal(t, []meTooMARow{{"7", want}}, rows, meTooMAColumns[i+1])
	}
}

func TestReadMeTooMANames(t *testing.T) {
	small := smallMeTooMA()
	header := strings.Join(meTooMAColumns, ",") + "\n"
	fsys := fstest.MapFS{
		"a.csv":      {Data: append([]byte(header), small["MeTooMMD_train.csv"].Data...)},
		"b.csv.gz":   {Data: []byte(gzipped(string(small["MeTooMMD_test.csv"].Data)))},
		"c.jsonl.gz": {Data: []byte(gzipped(`{"id":1,"id_str":"103","text":"short","full_text":"the whole"}`))},
	}
	m, err := ReadMeTooMA(fsys, MeTooMAOptions{Train: "a.csv", Test: "b.csv.gz", Tweets: "c.jsonl.gz", TweetID: "id_str", TweetText: "full_text"})
	require.NoError(t, err)
	assert.Equal(t, []MeTooMATweet{{ID: "103", Text: "the whole", Row: 2}}, m.Tweets)
}

func TestReadMeTooMAErrors(t *testing.T) {
	for _, c := range []struct{ name, file, old, new, want string }{
		{"label", "MeTooMMD_train.csv", "102,0", "102,2", `MeTooMMD_train.csv:2:2: Text_Only_Informative is "2", want 0 or 1`},
		{"empty label", "MeTooMMD_test.csv", "0\r\n", "\r\n", `MeTooMMD_test.csv:1:11: Oppose is "", want 0 or 1`},
		{"ID", "MeTooMMD_train.csv", "102", "1.02E+2", `MeTooMMD_train.csv:2:1: "1.02E+2" is not the ID of a tweet`},
		{"no ID", "MeTooMMD_train.csv", "102", "", `MeTooMMD_train.csv:2:1: "" is not the ID of a tweet`},
		{"row in both files", "MeTooMMD_test.csv", "103", "102", `MeTooMMD_test.csv:1:1: duplicate id "102" (first in MeTooMMD_train.csv:2)`},
		{"a column too few", "MeTooMMD_test.csv", "103,", "", "MeTooMMD_test.csv:2:11: row of 11 fields, want 10 as in the first row"},
		{"all a column too few", "MeTooMMD_test.csv", "103,0,0,0,0,0,0,0,0,0,0\r\n104,", "", "MeTooMMD_test.csv:1:11: row of 10 fields, want 11: " + strings.Join(meTooMAColumns, ", ")},
		{"other header", "MeTooMMD_train.csv", "101", "TweetId", `MeTooMMD_train.csv:1:2: column "1", want "Text_Only_Informative"`},
		{"empty file", "MeTooMMD_test.csv", string(smallMeTooMA()["MeTooMMD_test.csv"].Data), "", "MeTooMMD_test.csv:1: no rows"},
		{"tweet without text", "tweets.jsonl", `"one"`, `""`, "tweets.jsonl:2:18: empty text"},
		{"tweet twice", "tweets.jsonl", "999", "101", `tweets.jsonl:3:7: duplicate id "101" (first in line 2)`},
		{"tweet without ID", "tweets.jsonl", `"id":101,`, "", `tweets.jsonl:2:1: no key "id"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			fsys := smallMeTooMA()
			content := string(fsys[c.file].Data)
			require.Contains(t, content, c.old)
			fsys[c.file] = &fstest.MapFile{Data: []byte(strings.Replace(content, c.old, c.new, 1))}
			m, err := ReadMeTooMA(fsys, MeTooMAOptions{})
			assert.Nil(t, m)
			assert.EqualError(t, err, c.want)
		})
	}
	for name := range smallMeTooMA() {
		fsys := smallMeTooMA()
		delete(fsys, name)
		_, err := ReadMeTooMA(fsys, MeTooMAOptions{})
		assert.ErrorIs(t, err, fs.ErrNotExist)
		assert.ErrorContains(t, err, name)
	}
}

func TestRealignRefusesOtherFiles(t *testing.T) {
	m, err := ReadMeTooMA(smallMeTooMA(), MeTooMAOptions{Realign: true})
	assert.Nil(t, m)
	assert.ErrorContains(t, err, "MeTooMMD_train.csv and MeTooMMD_test.csv: cannot realign: 4 rows with fingerprint ")
}

func TestFingerprintMeTooMA(t *testing.T) {
	rows := []meTooMARow{{"1", MeTooMALabels{TextOnlyInformative: true}}, {"2", MeTooMALabels{Oppose: true}}}
	want := fingerprint([]byte("1,1,0,0,0,0,0,0,0,0,0\n2,0,0,0,0,0,0,0,0,0,1\n"))
	assert.Equal(t, want, fingerprintMeTooMA(rows))
}

func TestJoinMeTooMABlocks(t *testing.T) {
	var rows []meTooMARow
	var tweets []stance.Example
	for i := range 8 {
		id := fmt.Sprint(i)
		rows = append(rows, meTooMARow{id: id, labels: MeTooMALabels{Support: i == 6, Oppose: i == 1}})
		if i != 4 {
			tweets = append(tweets, stance.Example{ID: id, Text: id})
		}
	}
	m := joinMeTooMA(rows, tweets, []block{{0, 1, 0}, {3, 4, 3}, {5, 6, -4}})
	assert.Equal(t, &MeTooMA{
		Tweets: []MeTooMATweet{
			{ID: "0", Text: "0", Row: 0},
			{ID: "1", Text: "1", Row: 1, Labels: MeTooMALabels{Oppose: true}},
			{ID: "3", Text: "3", Row: 3, Labels: MeTooMALabels{Support: true}},
			{ID: "5", Text: "5", Row: 5, Labels: MeTooMALabels{Oppose: true}},
			{ID: "6", Text: "6", Row: 6},
		},
		NoText:     []string{"4"},
		Unresolved: []string{"2", "7"},
	}, m)
}

// The blocks stay within the rows and no label is given to two tweets.
func TestMeTooMABlocks(t *testing.T) {
	used := map[int]bool{}
	next := 0
	for _, b := range meTooMABlocks {
		assert.LessOrEqual(t, next, b.first)
		next = b.last + 1
		for i := b.first; i <= b.last; i++ {
			from := i + b.offset
			assert.True(t, from >= 0 && from < meTooMARows && !used[from], "row %d", i)
			used[from] = true
		}
	}
	assert.LessOrEqual(t, next, meTooMARows)
	assert.Len(t, used, 820+180+3273+4347)
}

func FuzzReadMeTooMA(f *testing.F) {
	small := smallMeTooMA()
	f.Add(string(small["MeTooMMD_train.csv"].Data), string(small["tweets.jsonl"].Data))
	for _, s := range worstCases {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, labels, tweets string) {
		m, err := ReadMeTooMA(fstest.MapFS{
			"MeTooMMD_train.csv": {Data: []byte(labels)},
			"MeTooMMD_test.csv":  {Data: []byte("0,0,0,0,0,0,0,0,0,0,0")},
			"tweets.jsonl":       {Data: []byte(tweets)},
		}, MeTooMAOptions{})
		if err != nil {
			var p *ParseError
			require.ErrorAs(t, err, &p)
			return
		}
		rows, err := parseMeTooMA("x", strings.TrimPrefix(labels, "\uFEFF"), nil, map[string]string{})
		require.NoError(t, err)
		require.Equal(t, len(rows)+1, len(m.Tweets)+len(m.NoText)+len(m.Unresolved), "every row is somewhere")
	})
}

func TestMeTooMAFiles(t *testing.T) {
	fsys := os.DirFS(shared(t, "metooma"))
	published, err := ReadMeTooMA(fsys, MeTooMAOptions{})
	require.NoError(t, err)
	// 9,973 rows and 8,597 tweets, all of them with a row.
	assert.Len(t, published.Tweets, 8597)
	assert.Len(t, published.NoText, 9973-8597)
	assert.Empty(t, published.Unresolved)
	assert.Empty(t, published.NoLabels)
	_, err = published.Examples()
	assert.NoError(t, err, "no tweet has both stances")

	realigned, err := ReadMeTooMA(fsys, MeTooMAOptions{Realign: true})
	require.NoError(t, err)
	assert.Equal(t, published.NoText, realigned.NoText)
	assert.Equal(t, 8597, len(realigned.Tweets)+len(realigned.Unresolved))
	assert.NotEmpty(t, realigned.Unresolved)

	// Tweets that are alike but for case, punctuation, links and names share
	// their stance more often when the labels are realigned. By chance it would
	// be 0.48.
	before, after := sameStance(t, published), sameStance(t, realigned)
	t.Logf("alike tweets of the same stance: %.3f published, %.3f realigned", before, after)
	assert.Less(t, before, 0.56)
	assert.Greater(t, after, 0.78)
}

var noise = regexp.MustCompile(`https?://\S+|@\w+|^rt @\w+:|[^\p{L}\p{N}\s]`)

// sameStance returns the share of pairs of alike tweets with the same stance,
// of those pairs that do not both lie in the rows whose labels nobody moved.
func sameStance(t *testing.T, m *MeTooMA) float64 {
	examples, err := m.Examples()
	require.NoError(t, err)
	alike := map[string][]int{}
	pairs, same := 0, 0
	for i, e := range examples {
		key := strings.Join(strings.Fields(noise.ReplaceAllString(strings.ToLower(e.Text), " ")), " ")
		if key == "" {
			continue
		}
		for _, j := range alike[key] {
			if m.Tweets[i].Row < 820 && m.Tweets[j].Row < 820 {
				continue
			}
			pairs++
			if examples[j].Label == e.Label {
				same++
			}
		}
		alike[key] = append(alike[key], i)
	}
	require.Greater(t, pairs, 1000)
	return float64(same) / float64(pairs)
}
