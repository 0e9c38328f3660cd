// Package browser drives a Chromium without window in tests of pages: it loads
// them, resizes the window, presses keys, moves the mouse, and tells what
// assistive technology is told and what was requested.
//
// It speaks the Chrome DevTools Protocol
// (https://chromedevtools.github.io/devtools-protocol/) through a pair of pipes,
// for which the standard library is enough. Tests alone import it: whatever
// fails ends the test.
package browser

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// names are those that Chromium and its kin are installed under.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// patience is how long a reply may take. A busy computer needs seconds to start
// a browser.
const patience = 90 * time.Second

// A Browser is a running browser with one window.
type Browser struct {
	t       testing.TB
	in      *os.File
	session string

	mu       sync.Mutex
	calls    int
	replies  map[int]chan reply
	closed   error // why no further reply will come
	requests []string
	problems []string
	loaded   chan struct{} // has room for one: a page was loaded
}

// reply is a message of the browser: the answer to a call, or an event.
type reply struct {
	ID     int             `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params"`
	Result json.RawMessage `json:"result"`
	Error  *struct {
		Message string `json:"message"`
	} `json:"error"`
}

// Start starts a browser for a test, and ends it with the test. It skips the
// test, and says so, where there is none.
func Start(t testing.TB) *Browser {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the browser is spoken to through inherited pipes, which Windows does not have")
	}
	path := ""
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("there is no browser here: none of " + strings.Join(names, ", ") + " is in PATH")
	}
	profile, err := os.MkdirTemp("", "browser-*")
	if err != nil {
		t.Fatal(err)
	}
	theirIn, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out, theirOut, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path, "--headless", "--remote-debugging-pipe", "--user-data-dir="+profile,
		"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "about:blank")
	// The browser reads from its descriptor 3 and writes to 4.
	command.ExtraFiles = []*os.File{theirIn, theirOut}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	theirIn.Close()
	theirOut.Close()
	b := &Browser{t: t, in: in, replies: map[int]chan reply{}, loaded: make(chan struct{}, 1)}
	done := make(chan struct{})
	go func() {
		b.read(bufio.NewReader(out))
		close(done)
	}()
	t.Cleanup(func() {
		in.Close() // and the browser ends
		timer := time.AfterFunc(10*time.Second, func() { command.Process.Kill() })
		command.Wait()
		timer.Stop()
		<-done
		out.Close()
		os.RemoveAll(profile)
	})

	var target struct {
		TargetID string `json:"targetId"`
	}
	b.call("Target.createTarget", map[string]any{"url": "about:blank"}, &target)
	var attached struct {
		SessionID string `json:"sessionId"`
	}
	b.call("Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Network", "Log", "Runtime", "Accessibility"} {
		b.call(domain+".enable", nil, nil)
	}
	// Without it the window has the keyboard's focus only as it happens.
	b.call("Emulation.setFocusEmulationEnabled", map[string]any{"enabled": true}, nil)
	return b
}

// read takes the messages in, each of which ends with a NUL.
func (b *Browser) read(r *bufio.Reader) {
	for {
		message, err := r.ReadBytes(0)
		if err != nil {
			b.mu.Lock()
			b.closed = errors.New("the browser has ended")
			for _, c := range b.replies {
				close(c)
			}
			b.mu.Unlock()
			return
		}
		var m reply
		if err := json.Unmarshal(message[:len(message)-1], &m); err != nil {
			m.Method = "unreadable message: " + err.Error()
		}
		b.mu.Lock()
		if c := b.replies[m.ID]; c != nil {
			delete(b.replies, m.ID)
			c <- m
		} else {
			b.event(m)
		}
		b.mu.Unlock()
	}
}

// event notes what is asked for later.
func (b *Browser) event(m reply) {
	var p struct {
		Request struct {
			URL string `json:"url"`
		} `json:"request"`
		Entry struct {
			Text string `json:"text"`
		} `json:"entry"`
		ExceptionDetails json.RawMessage `json:"exceptionDetails"`
	}
	json.Unmarshal(m.Params, &p) // what has none of these is empty
	switch m.Method {
	case "Network.requestWillBeSent":
		b.requests = append(b.requests, p.Request.URL)
	case "Network.webSocketCreated", "Network.webTransportCreated":
		b.requests = append(b.requests, m.Method)
	case "Log.entryAdded":
		b.problems = append(b.problems, p.Entry.Text)
	case "Runtime.exceptionThrown", "Runtime.consoleAPICalled":
		b.problems = append(b.problems, string(m.Params))
	case "Page.loadEventFired":
		select {
		case b.loaded <- struct{}{}:
		default:
		}
	}
}

// call calls a method of the protocol and reads its result.
func (b *Browser) call(method string, params map[string]any, result any) {
	b.t.Helper()
	b.mu.Lock()
	if b.closed != nil {
		b.mu.Unlock()
		b.t.Fatalf("%s: %v", method, b.closed)
	}
	b.calls++
	id, c := b.calls, make(chan reply, 1)
	b.replies[id] = c
	b.mu.Unlock()
	message := map[string]any{"id": id, "method": method}
	if params != nil {
		message["params"] = params
	}
	if b.session != "" {
		message["sessionId"] = b.session
	}
	text, err := json.Marshal(message)
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	if _, err := b.in.Write(append(text, 0)); err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	select {
	case r, ok := <-c:
		switch {
		case !ok:
			b.t.Fatalf("%s: the browser has ended", method)
		case r.Error != nil:
			b.t.Fatalf("%s: %s", method, r.Error.Message)
		}
		if result != nil {
			if err := json.Unmarshal(r.Result, result); err != nil {
				b.t.Fatalf("%s: %v", method, err)
			}
		}
	case <-time.After(patience):
		b.t.Fatalf("%s: no reply", method)
	}
}

// Resize sets the size of the window in CSS pixels, and whether the person at it
// prefers dark colours. A phone has another idea of how wide a page is that does
// not say.
func (b *Browser) Resize(width, height int, phone, dark bool) {
	b.t.Helper()
	b.call("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": width, "height": height, "deviceScaleFactor": 2, "mobile": phone,
	}, nil)
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	b.call("Emulation.setEmulatedMedia", map[string]any{
		"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}},
	}, nil)
}

// Open loads a page and forgets what was requested before.
func (b *Browser) Open(url string) {
	b.t.Helper()
	b.mu.Lock()
	b.requests, b.problems = nil, nil
	b.mu.Unlock()
	select {
	case <-b.loaded:
	default:
	}
	var started struct {
		ErrorText string `json:"errorText"`
	}
	b.call("Page.navigate", map[string]any{"url": url}, &started)
	if started.ErrorText != "" {
		b.t.Fatalf("%s: %s", url, started.ErrorText)
	}
	select {
	case <-b.loaded:
	case <-time.After(patience):
		b.t.Fatalf("%s does not load", url)
	}
}

// Requests are the addresses that were requested since the last Open, that of
// the page first.
func (b *Browser) Requests() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.requests...)
}

// Problems is what the browser has complained about since the last Open:
// requests that the page's policy forbids, errors, and what scripts print.
func (b *Browser) Problems() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.problems...)
}

// Evaluate reads the value of a JavaScript expression in the page.
func (b *Browser) Evaluate(expression string, result any) {
	b.t.Helper()
	var r struct {
		Result struct {
			Value json.RawMessage `json:"value"`
		} `json:"result"`
		ExceptionDetails *struct {
			Exception struct {
				Description string `json:"description"`
			} `json:"exception"`
		} `json:"exceptionDetails"`
	}
	b.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if r.ExceptionDetails != nil {
		b.t.Fatalf("%s: %s", expression, r.ExceptionDetails.Exception.Description)
	}
	if result == nil {
		return
	}
	if err := json.Unmarshal(r.Result.Value, result); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
}

// keyCodes are the codes of the keys that Press knows by name.
var keyCodes = map[string]int{"Tab": 9, "Enter": 13, " ": 32, "ArrowUp": 38, "ArrowDown": 40, "Escape": 27}

// Press presses and releases a key, such as "Tab".
func (b *Browser) Press(key string) {
	b.t.Helper()
	code, ok := keyCodes[key]
	if !ok {
		b.t.Fatalf("key %q has no code here", key)
	}
	for _, kind := range []string{"rawKeyDown", "keyUp"} {
		b.call("Input.dispatchKeyEvent", map[string]any{
			"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code,
		}, nil)
	}
}

// Point moves the mouse to the middle of the first box of what a selector finds.
func (b *Browser) Point(selector string) {
	b.t.Helper()
	var place *[2]float64
	b.Evaluate(fmt.Sprintf(`(() => {
		const e = document.querySelector(%q);
		if (!e) return null;
		e.scrollIntoView({block: "center"});
		const r = e.getClientRects()[0];
		return [r.x + r.width / 2, r.y + r.height / 2];
	})()`, selector), &place)
	if place == nil {
		b.t.Fatalf("there is no %s", selector)
	}
	b.call("Input.dispatchMouseEvent", map[string]any{"type": "mouseMoved", "x": place[0], "y": place[1]}, nil)
}

// Screenshot returns a picture of the window, or of the whole page, as PNG.
func (b *Browser) Screenshot(whole bool) []byte {
	b.t.Helper()
	var r struct {
		Data string `json:"data"`
	}
	b.call("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": whole}, &r)
	picture, err := base64.StdEncoding.DecodeString(r.Data)
	if err != nil {
		b.t.Fatal(err)
	}
	return picture
}

// A Node is a node of the accessibility tree: what assistive technology is told
// of an element.
type Node struct {
	Role, Name, Description string
	// Properties are those of the node that are set, such as "level",
	// "checked" or "focusable".
	Properties map[string]any
}

// AccessibilityTree returns the nodes of the tree, those that are not ignored,
// in the order of the document.
func (b *Browser) AccessibilityTree() []Node {
	b.t.Helper()
	type value struct {
		Value any `json:"value"`
	}
	var r struct {
		Nodes []struct {
			NodeID      string   `json:"nodeId"`
			ChildIDs    []string `json:"childIds"`
			Ignored     bool     `json:"ignored"`
			Role        value    `json:"role"`
			Name        value    `json:"name"`
			Description value    `json:"description"`
			Properties  []struct {
				Name  string `json:"name"`
				Value value  `json:"value"`
			} `json:"properties"`
		} `json:"nodes"`
	}
	b.call("Accessibility.getFullAXTree", nil, &r)
	index := map[string]int{}
	for i, n := range r.Nodes {
		index[n.NodeID] = i
	}
	text := func(v value) string {
		s, _ := v.Value.(string)
		return s
	}
	var nodes []Node
	var walk func(i int)
	walk = func(i int) {
		n := r.Nodes[i]
		if !n.Ignored {
			node := Node{text(n.Role), text(n.Name), text(n.Description), map[string]any{}}
			for _, p := range n.Properties {
				node.Properties[p.Name] = p.Value.Value
			}
			nodes = append(nodes, node)
		}
		for _, id := range n.ChildIDs {
			if child, ok := index[id]; ok {
				walk(child)
			}
		}
	}
	if len(r.Nodes) > 0 {
		walk(0)
	}
	return nodes
}
