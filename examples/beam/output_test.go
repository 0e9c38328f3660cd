package main

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/examples/beam/stancebeam"
	"example.org/metoostance/stance"
)

// iterator returns a slice's elements as Beam gives those of a side input.
func iterator[T any](all []T) func(*T) bool {
	return func(v *T) bool {
		if len(all) == 0 {
			return false
		}
		*v, all = all[0], all[1:]
		return true
	}
}

func TestCommit(t *testing.T) {
	dir := t.TempDir()
	parts := t.TempDir()
	piece := func(kind, source string, line int, content string) part {
		p := part{Kind: kind, Source: source, Line: line, Path: filepath.Join(parts, kind+"-"+content), N: 1}
		require.NoError(t, os.WriteFile(p.Path, []byte(content+"\n"), 0o644))
		return p
	}
	all := []part{
		{Kind: planParts, Source: "a", N: 1}, {Kind: recordParts, Source: "b", N: 1}, {Kind: planParts, Source: "b", N: 3},
		{Kind: recordParts, Source: "b", N: 1}, {Kind: recordParts, Source: "b", N: 1},
		piece(resultParts, "b", 20_002, "b3"), piece(failureParts, "a", 7, "a1"), {Kind: recordParts, Source: "a", N: 2},
		piece(resultParts, "a", 9, "a2"), piece(resultParts, "b", 9_999, "b2"), piece(resultParts, "b", 1, "b1"),
	}
	counts := []stancebeam.Count{
		{Day: "2018-02-01", Label: stance.Favor, N: 1}, {Day: "", Label: stance.None, N: 1},
		{Day: "2018-01-31", Label: stance.None, N: 1}, {Day: "2018-01-31", Label: stance.Against, N: 1},
	}
	fn := commitFn{Dir: dir, Sources: []string{"b", "a"}}
	commit.stopped.Store(true)
	assert.EqualError(t, fn.ProcessElement(context.Background(), nil, iterator(all), iterator(counts)), "stopped")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Empty(t, entries)
	commit.stopped.Store(false)
	require.NoError(t, fn.ProcessElement(context.Background(), nil, iterator(all), iterator(counts)))
	for file, want := range map[string]string{
		resultsFile:  "b1\nb2\nb3\na2\n",
		failuresFile: "a1\n",
		countsFile:   "day\tlabel\tcount\n\tNONE\t1\n2018-01-31\tAGAINST\t1\n2018-01-31\tNONE\t1\n2018-02-01\tFAVOR\t1\n",
	} {
		raw, err := os.ReadFile(filepath.Join(dir, file))
		require.NoError(t, err)
		assert.Equal(t, want, string(raw), file)
	}
}

// What does not add up is not written.
func TestCommitNoticesLoss(t *testing.T) {
	blocks := func(n int64) part { return part{Kind: planParts, N: n} }
	records := func(n int64) part { return part{Kind: recordParts, N: n} }
	results := func(n int64) part { return part{Kind: resultParts, N: n} }
	failures := func(n int64) part { return part{Kind: failureParts, N: n} }
	for _, tt := range []struct {
		parts   []part
		counted int64
		want    string
	}{
		{[]part{}, 0, "only 0 of 1 files and 0 of 0 blocks were read"},
		{[]part{blocks(2), records(4), results(4)}, 4, "only 1 of 1 files and 1 of 2 blocks were read"},
		{[]part{blocks(1), results(4)}, 4, "only 1 of 1 files and 0 of 1 blocks were read"},
		{[]part{blocks(1), records(5), results(4)}, 4, "5 sentences were read, but there are 4 results, of which 4 are counted, and 0 failures"},
		{[]part{blocks(2), records(2), records(2), results(3), failures(2)}, 3, "4 sentences were read, but there are 3 results, of which 3 are counted, and 2 failures"},
		{[]part{blocks(1), records(5), results(4), failures(1)}, 3, "5 sentences were read, but there are 4 results, of which 3 are counted, and 1 failures"},
	} {
		dir := t.TempDir()
		fn := commitFn{Dir: dir, Sources: []string{"a"}}
		err := fn.ProcessElement(context.Background(), nil, iterator(tt.parts), iterator([]stancebeam.Count{{N: tt.counted}}))
		assert.EqualError(t, err, tt.want)
		entries, err := os.ReadDir(dir)
		require.NoError(t, err)
		assert.Empty(t, entries)
	}
}

// Parts of elements that come out of order are more, and hold them all.
func TestPartWriter(t *testing.T) {
	ctx := context.Background()
	w := partWriter{Dir: t.TempDir(), Kind: resultParts}
	var parts []part
	emit := func(p part) { parts = append(parts, p) }
	for _, at := range []struct {
		source string
		line   int
	}{{"a", 1}, {"a", blockLines}, {"a", blockLines + 1}, {"b", blockLines + 1}, {"a", 2}} {
		require.NoError(t, w.write(ctx, at.source, at.line, at.line, emit))
	}
	require.NoError(t, w.close(emit))
	require.NoError(t, w.close(emit), "there is nothing left to close")
	var got []part
	content := ""
	for _, p := range parts {
		raw, err := os.ReadFile(p.Path)
		require.NoError(t, err)
		content += string(raw) + ";"
		p.Path = ""
		got = append(got, p)
	}
	assert.Equal(t, []part{
		{resultParts, "a", 1, "", 2}, {resultParts, "a", blockLines + 1, "", 1},
		{resultParts, "b", blockLines + 1, "", 1}, {resultParts, "a", 2, "", 1},
	}, got)
	assert.Equal(t, "1\n10000\n;10001\n;10001\n;2\n;", content)

	gone := partWriter{Dir: filepath.Join(t.TempDir(), "gone"), Kind: resultParts}
	assert.ErrorIs(t, gone.write(ctx, "a", 1, 1, emit), os.ErrNotExist)
}
