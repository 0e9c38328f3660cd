package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const document = "# Title\n\ntext before\n\n<!-- tables: curves/agreement -->\nold\n<!-- /tables -->\n\nbetween\n\n" +
	"<!-- tables: models/articles curves/agreement -->\nkept\n<!-- /tables -->\ntext after"

// write makes a file of a content and returns its path.
func write(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(file, []byte(content), 0o640))
	return file
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(b)
}

func TestDocument(t *testing.T) {
	ctx := context.Background()
	l := smallLab(t)
	l.articles = nil
	table, err := resolve([]string{"curves/agreement"})
	require.NoError(t, err)
	made, err := l.render(ctx, table, renderMarkdown)
	require.NoError(t, err)
	file := write(t, document)
	var stderr bytes.Buffer

	err = l.document(ctx, file, nil, true, &stderr)
	assert.ErrorContains(t, err, file+":5: curves/agreement is stale")
	assert.NotContains(t, err.Error(), "models/articles")
	assert.Contains(t, stderr.String(), file+":11: models/articles curves/agreement left unchecked: it needs -articles")
	assert.Equal(t, document, read(t, file), "-check writes nothing")

	stderr.Reset()
	require.NoError(t, l.document(ctx, file, nil, false, &stderr))
	assert.Contains(t, stderr.String(), "left as it is: it needs -articles")
	fresh := strings.Replace(document, "old\n", "\n"+string(made)+"\n", 1)
	assert.Equal(t, fresh, read(t, file), "only what is between the markers has changed")
	info, err := os.Stat(file)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o640), info.Mode().Perm())
	entries, err := os.ReadDir(filepath.Dir(file))
	require.NoError(t, err)
	assert.Len(t, entries, 1, "no temporary file is left")

	require.NoError(t, l.document(ctx, file, nil, true, &stderr), "now it is fresh")

	t.Run("one digit", func(t *testing.T) {
		i := strings.Index(fresh, "0.9")
		file := write(t, fresh[:i]+"0.8"+fresh[i+3:])
		assert.ErrorContains(t, l.document(ctx, file, nil, true, &stderr), "is stale")
	})
	t.Run("other tables are not looked at", func(t *testing.T) {
		others, err := resolve([]string{"models/gold"})
		require.NoError(t, err)
		assert.NoError(t, l.document(ctx, write(t, document), others, true, &stderr))
	})
	t.Run("lines that end in CRLF", func(t *testing.T) {
		file := write(t, strings.ReplaceAll(document, "\n", "\r\n"))
		require.NoError(t, l.document(ctx, file, nil, false, &stderr))
		assert.Equal(t, strings.ReplaceAll(fresh, "\n", "\r\n"), read(t, file))
	})
}

func TestFindBlocks(t *testing.T) {
	for _, c := range []struct{ name, content, err string }{
		{"unknown table", "a\n<!-- tables: silver -->\n<!-- /tables -->\n", `f:2: unknown table "silver"`},
		{"no name", "<!-- tables: -->\n<!-- /tables -->\n", "f:1: the marker names no table"},
		{"not closed", "\n\n<!-- tables: gold -->\n", `f:3: "<!-- /tables -->" is missing`},
		{"closed twice", "<!-- tables: gold -->\n<!-- /tables -->\n<!-- /tables -->\n", "f:3:"},
		{"nested", "<!-- tables: gold -->\n<!-- tables: gold -->\n<!-- /tables -->\n", "f:2: tables within tables"},
		{"broken marker", "<!-- tables: gold\n-->\n<!-- /tables -->\n", "f:1: the marker does not end"},
		{"never the same", "<!-- tables: speed -->\n<!-- /tables -->\n", "f:1: table speed/models differs from run to run"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := findBlocks("f", []byte(c.content))
			assert.ErrorContains(t, err, c.err)
		})
	}
	t.Run("code", func(t *testing.T) {
		content := "````\n<!-- tables: gold -->\n```\n<!-- /tables -->\n````\n~~~ text\n<!-- tables: gold -->\n~~~\n" +
			"  <!-- tables: gold/parts, models/gold -->  \nx\n<!-- /tables -->"
		blocks, err := findBlocks("f", []byte(content))
		require.NoError(t, err)
		require.Len(t, blocks, 1)
		assert.Equal(t, "gold/parts models/gold", blocks[0].names)
		assert.Equal(t, "x\n", content[blocks[0].start:blocks[0].end])
		assert.Equal(t, 9, blocks[0].line)
	})
}

func TestDocumentWithoutMarkers(t *testing.T) {
	var stderr bytes.Buffer
	assert.Equal(t, 1, run(context.Background(), []string{"-readme", write(t, "no tables\n"), "-check"}, &stderr, &stderr),
		"a check of nothing would succeed forever")
	assert.Contains(t, stderr.String(), "there is no line")
}

// FuzzFindBlocks: whatever the file, blocks lie in it in order, between lines.
func FuzzFindBlocks(f *testing.F) {
	f.Add([]byte(document))
	f.Add([]byte("```\n<!-- tables: gold -->"))
	f.Add([]byte("<!-- tables: gold -->\r\n<!-- /tables -->"))
	f.Fuzz(func(t *testing.T, content []byte) {
		blocks, err := findBlocks("f", content)
		if err != nil {
			return
		}
		last := 0
		for _, b := range blocks {
			require.Less(t, last, b.start)
			require.LessOrEqual(t, b.start, b.end)
			require.Equal(t, byte('\n'), content[b.start-1])
			require.True(t, bytes.HasPrefix(bytes.TrimSpace(content[b.end:]), []byte(closeMarker)))
			last = b.end
		}
	})
}

// The tables of the README are what the program makes. This looks at those
// that need no files of others and little time.
func TestREADME(t *testing.T) {
	if testing.Short() {
		t.Skip("trains every model five times")
	}
	readme := filepath.Join("..", "..", "README.md")
	if b, err := os.ReadFile(readme); err != nil || !bytes.Contains(b, []byte(openMarker)) {
		t.Skip("there is no README with tables")
	}
	texts := filepath.Join("..", "..", "..", "shared", "data", "news")
	if _, err := os.Stat(texts); err != nil {
		t.Skip("the texts of the news, from which the table has a row, are not here")
	}
	news := t.TempDir()
	out, err := exec.Command("go", "run", filepath.Join("..", "..", ".ci", "newscopy.go"), texts, news).CombinedOutput()
	require.NoError(t, err, "%s", out)
	few := press
	press = allPress
	defer func() { press = few }()
	var stderr bytes.Buffer
	assert.Zero(t, run(context.Background(), []string{"-readme", readme, "-check", "-table", "models/gold", "-news", news}, &stderr, &stderr), &stderr)
	assert.Empty(t, stderr.String(), "nothing is left unchecked")
}

// TestMain has all tests but that of the README train on few press passages:
// what is tested does not depend on how many there are, and with all of them
// every training takes seconds.
func TestMain(m *testing.M) {
	few := &extra{name: "press", examples: allPress().examples[:60]}
	press = func() *extra { return few }
	m.Run()
}

var allPress = press
