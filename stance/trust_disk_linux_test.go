package stance_test

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"example.org/metoostance/stance"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The tests below run themselves as child processes, which these variables tell
// where to save and what file size the system allows them.
const (
	saveTo    = "STANCE_TEST_SAVE_TO"
	sizeLimit = "STANCE_TEST_SIZE_LIMIT"
)

// child returns this test's command as a child process.
func child(t *testing.T, path string, more ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
	cmd.Env = append(append(os.Environ(), saveTo+"="+path), more...)
	return cmd
}

// alone checks that path holds want, and that its directory holds no other file
// but those that interrupted saves left behind, of which it returns the number.
func alone(t *testing.T, path string, want ...[]byte) (left int) {
	t.Helper()
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.True(t, slices.ContainsFunc(want, func(w []byte) bool { return bytes.Equal(w, b) }), "the file is one that was saved, whole")
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	for _, e := range entries {
		if e.Name() != filepath.Base(path) {
			assert.Regexp(t, `^\.stance-\d+-\d+\.tmp$`, e.Name())
			left++
		}
	}
	return left
}

// When the file system takes no more, SaveFile is an error, the old file is what
// it was, and nothing else is left. The limit on the size of files stands for
// the full disk: the system call that writes fails in the same way.
func TestSaveFileOnAFullDisk(t *testing.T) {
	if path := os.Getenv(saveTo); path != "" {
		limit, err := strconv.ParseUint(os.Getenv(sizeLimit), 10, 64)
		require.NoError(t, err)
		m := train(t, tram, stance.Options{Seed: 2})
		require.NoError(t, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: limit, Max: limit}))
		fmt.Println("result:", m.SaveFile(path))
		return
	}
	old, changed := train(t, tram, stance.Options{Seed: 1}), train(t, tram, stance.Options{Seed: 2})
	path := filepath.Join(t.TempDir(), "tram.model")
	require.NoError(t, old.SaveFile(path))
	size := len(file(t, changed))
	for _, limit := range []int{0, 1, size / 2, size - 1, size} {
		out, err := child(t, path, fmt.Sprint(sizeLimit, "=", limit)).CombinedOutput()
		require.NoError(t, err, "%s", out)
		if limit < size {
			assert.Contains(t, string(out), "result: stance: saving model: write ", "room for %d bytes", limit)
			assert.Zero(t, alone(t, path, file(t, old)))
		} else {
			assert.Contains(t, string(out), "result: <nil>")
			assert.Zero(t, alone(t, path, file(t, changed)))
		}
	}
}

// A process that is killed while it saves leaves the old file or the new one,
// whole, and does not hinder the next.
func TestSaveFileSurvivesCrashes(t *testing.T) {
	m := stance.Default()
	one, two := m, m.WithMinConfidence(0.5)
	if path := os.Getenv(saveTo); path != "" {
		fmt.Println("saving")
		for { // until it is killed
			require.NoError(t, one.SaveFile(path))
			require.NoError(t, two.SaveFile(path))
		}
	}
	path := filepath.Join(t.TempDir(), "default.model")
	require.NoError(t, one.SaveFile(path))
	rng := rand.New(rand.NewPCG(9, 9))
	left := 0
	for range 5 {
		cmd := child(t, path)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		_, err = bufio.NewReader(out).ReadString('\n')
		require.NoError(t, err)
		time.Sleep(time.Duration(rng.IntN(30)) * time.Millisecond)
		require.NoError(t, cmd.Process.Kill())
		assert.Error(t, cmd.Wait())
		left = alone(t, path, file(t, one), file(t, two))
	}
	t.Logf("%d of 5 processes were killed while they wrote", left)
	require.NoError(t, two.SaveFile(path))
	assert.Equal(t, left, alone(t, path, file(t, two)))
}
