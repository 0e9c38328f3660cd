package stance_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// repository is where the module begins, seen from this package.
const repository = ".."

func readRepository(t *testing.T, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(repository, name))
	require.NoError(t, err)
	return string(b)
}

// testsOf returns the tests and fuzz targets of every package of the module, as
// "package.Name", and where each is.
func testsOf(t *testing.T) map[string]string {
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	found := map[string]string{}
	require.NoError(t, filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") && filepath.Base(path) != "stancetest.go" {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range declared.FindAllStringSubmatch(string(b), -1) {
			found[filepath.Base(filepath.Dir(path))+"."+m[1]] = path
		}
		return err
	}))
	return found
}

// SECURITY.md names tests that exist, and all those that are there for its sake.
func TestSecurityNamesTests(t *testing.T) {
	page := readRepository(t, "SECURITY.md")
	tests := testsOf(t)
	named := map[string]bool{}
	for _, m := range regexp.MustCompile("`(\\w+\\.(?:Test|Fuzz)\\w+)`").FindAllStringSubmatch(page, -1) {
		named[m[1]] = true
		assert.Contains(t, tests, m[1], "SECURITY.md names it")
	}
	require.Greater(t, len(named), 70)
	for name, path := range tests {
		if strings.HasPrefix(filepath.Base(path), "trust_") && name != "stance.TestSecurityNamesTests" {
			assert.True(t, named[name], "%s of %s is not in SECURITY.md", name, path)
		}
	}
	steps := readRepository(t, filepath.Join(".ci", "run"))
	for _, m := range regexp.MustCompile(`step\s+"([^"]+)"`).FindAllStringSubmatch(page, -1) {
		assert.Contains(t, steps, "step '"+strings.Join(strings.Fields(m[1]), " ")+"'", "SECURITY.md names it")
	}
	for _, tool := range []string{"govulncheck@v", "qemu-aarch64", "GOARCH=386 go test", "go test -race", "go mod verify", "-fuzz"} {
		assert.Contains(t, steps, tool, "SECURITY.md says that it is run")
	}
}

// goList returns the lines that go list prints.
func goList(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list"}, args...)...)
	cmd.Dir = repository
	out, err := cmd.Output()
	require.NoError(t, err)
	lines := strings.Fields(string(out))
	slices.Sort(lines)
	return slices.Compact(lines)
}

// No package of the library, and none that it imports, can reach the network or
// start a program.
func TestLibraryHasNoNetwork(t *testing.T) {
	packages := goList(t, "-deps", "./stance", "./stance/stancetest", "./features/...", "./eval", "./data")
	require.Contains(t, packages, "example.org/metoostance/stance")
	for _, p := range packages {
		first, _, _ := strings.Cut(p, "/")
		assert.False(t, first == "net" || p == "os/exec" || p == "plugin" || p == "golang.org/x/net", p)
	}
}

// The library imports no more modules than it must.
func TestDependenciesOfTheLibrary(t *testing.T) {
	const format = "-f={{with .Module}}{{.Path}}{{end}}"
	own, unicode := "example.org/metoostance", "github.com/clipperhouse/uax29/v2"
	assert.Equal(t, []string{own, unicode}, goList(t, "-deps", format, "./stance", "./stance/stancetest", "./features", "./eval", "./data"))
	assert.Equal(t, []string{own, "github.com/armon/go-radix", unicode, "github.com/james-bowman/nlp", "github.com/james-bowman/sparse",
		"github.com/spaolacci/murmur3", "golang.org/x/exp", "gonum.org/v1/gonum"}, goList(t, "-deps", format, "./features/interop"),
		"what adapts to other libraries needs them")
}

// Every module that is required directly has its line in SECURITY.md, and every
// line its module.
func TestDependenciesAreJustified(t *testing.T) {
	required := map[string]bool{}
	block := regexp.MustCompile(`(?s)\nrequire \((.*?)\n\)|\nrequire ([^\n(]*)`)
	require.NoError(t, filepath.WalkDir(repository, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Base(path) != "go.mod" {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range block.FindAllStringSubmatch(string(b), -1) {
			for _, line := range strings.Split(m[1]+m[2], "\n") {
				if module, _, ok := strings.Cut(strings.TrimSpace(line), " "); ok && !strings.HasSuffix(line, "// indirect") && module != "example.org/metoostance" {
					required[module] = true
				}
			}
		}
		return err
	}))
	justified := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+/[^`]+)` \\| .+ \\| .{20,} \\|$").FindAllStringSubmatch(readRepository(t, "SECURITY.md"), -1) {
		justified[m[1]] = true
	}
	assert.Equal(t, required, justified)
}
