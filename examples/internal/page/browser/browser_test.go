package browser

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What tests conclude from silence is worth nothing unless the browser is not
// silent about what it should report.
func TestWhatIsReported(t *testing.T) {
	if testing.Short() {
		t.Skip("a browser takes seconds to start")
	}
	b := Start(t)
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	open := func(head, body string) string {
		path := filepath.Join(t.TempDir(), "page.html")
		content := `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">` + head + "<title>A page</title></head><body>" + body + "</body></html>"
		require.NoError(t, os.WriteFile(path, []byte(content), 0o644))
		b.Open("file://" + path)
		return "file://" + path
	}
	const quiet = `<p><button aria-describedby="d">One</button> <span id="d">It does nothing.</span></p><style>button:hover { color: #ff0000 }</style>`

	address := open("", quiet)
	assert.Equal(t, []string{address}, b.Requests())
	assert.Empty(t, b.Problems())
	var buttons []Node
	for _, n := range b.AccessibilityTree() {
		if n.Role == "button" {
			buttons = append(buttons, n)
		}
	}
	require.Len(t, buttons, 1)
	assert.Equal(t, "One", buttons[0].Name)
	assert.Equal(t, "It does nothing.", buttons[0].Description)
	assert.Equal(t, true, buttons[0].Properties["focusable"])

	var value string
	b.Press("Tab")
	b.Evaluate(`document.activeElement.innerText`, &value)
	assert.Equal(t, "One", value)
	b.Point("button")
	b.Evaluate(`getComputedStyle(document.querySelector("button")).color`, &value)
	assert.Equal(t, "rgb(255, 0, 0)", value)

	b.Resize(390, 844, true, true)
	b.Evaluate(`innerWidth + " " + matchMedia("(prefers-color-scheme: dark)").matches`, &value)
	assert.Equal(t, "980 true", value, "a phone takes a page that does not say its width for one of 980 pixels")
	assert.Equal(t, "\x89PNG", string(b.Screenshot(false)[:4]))

	picture := `<img src="` + server.URL + `/x.png" alt="">`
	address = open("", picture)
	assert.Equal(t, []string{address, server.URL + "/x.png"}, b.Requests())

	open(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'">`, picture+"<script>let x = 1</script>")
	assert.Len(t, b.Problems(), 2, "the picture and the script are forbidden")

	open("", "<script>throw new Error('wrong')</script>")
	assert.Len(t, b.Problems(), 1)
}
