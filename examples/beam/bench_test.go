package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"example.org/metoostance/examples/internal/program"
)

func TestBench(t *testing.T) {
	t.Setenv(asProgram, "1")
	readme := filepath.Join(t.TempDir(), "README.md")
	require.NoError(t, os.WriteFile(readme, []byte("# Bench\n\n"+readmeMarks.Begin+readmeMarks.End), 0o644))
	got := try("bench", "-quiet", "-n", "500", "-workers", "1,2", "-runs", "1", "-readme", readme)
	require.Equal(t, program.StatusDone, got.status, got.stderr)
	for _, part := range []string{"One turn. 500 sentences of ", "\n| without Beam | ", "\n| 1 | ", "\n| 2 | ", "core-hours = w × hours", " GB of input"} {
		assert.Contains(t, got.stdout, part)
	}
	raw, err := os.ReadFile(readme)
	require.NoError(t, err)
	assert.Equal(t, "# Bench\n\n"+readmeMarks.Begin+"\n"+got.stdout+"\n"+readmeMarks.End, string(raw))
}

func TestBenchFailures(t *testing.T) {
	t.Setenv(asProgram, "1")
	none := filepath.Join(t.TempDir(), "none.md")
	got := try("bench", "-n", "1", "-readme", none)
	assert.Equal(t, program.StatusFailure, got.status)
	assert.Contains(t, got.stderr, "no such file")
	require.NoError(t, os.WriteFile(none, []byte(readmeMarks.End+readmeMarks.Begin), 0o644))
	got = try("bench", "-n", "1", "-readme", none)
	assert.Equal(t, program.StatusFailure, got.status)
	assert.Contains(t, got.stderr, none+": no line <!-- beam:end --> after <!-- beam:begin -->")
	require.NoError(t, os.WriteFile(none, []byte("# Nothing\n"), 0o644))
	assert.Contains(t, try("bench", "-n", "1", "-readme", none).stderr, "there is no line <!-- beam:begin -->")
}

func TestTable(t *testing.T) {
	run := func(seconds float64, cpu, mebibytes int) measurement {
		return measurement{time.Duration(seconds * float64(time.Second)), time.Duration(cpu) * time.Second, int64(mebibytes) << 20}
	}
	tt := table{
		bench:       &bench{n: 1_000_000, workers: []int{1}, runs: 2},
		title:       "Title.",
		withoutBeam: []measurement{run(20, 0, 0), run(25, 0, 0)},
		withWorkers: [][]measurement{{run(40, 44, 100), run(50, 46, 120)}},
		inputBytes:  150e6, outputBytes: 200e6,
	}
	got := tt.markdown()
	assert.True(t, strings.HasPrefix(got, "Title. 1,000,000 sentences of 150 bytes with their keys in one file.\n\n| workers |"), got)
	// 45,000 a second without Beam are 1e9 / 45,000 / 3600 = 6.17 core-hours,
	// and 22,500 with one worker twice as many.
	assert.Contains(t, got, "| without Beam | 45,000 (40,000 to 50,000) | 2 | – | – | 6.17 |\n")
	assert.Contains(t, got, "| 1 | 22,500 (20,000 to 25,000) | 1 | 45 (44 to 46) | 110 (100 to 120) | 12.3 |\n")
	assert.Contains(t, got, "The row of 1 worker gives r = 22,500, hence 12.3 hours and 12.3 core-hours:\ncost = 12.3 p.")
	assert.Contains(t, got, "100 of them take 0.123 hours")
	assert.Contains(t, got, "Storage: 150 GB of input, read twice, and 200 GB of results")
}

func TestThousands(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 0.12345: "0.123", 1: "1", 12.345: "12.3", 999.9: "1,000", 1234: "1,230", 1_234_567: "1,230,000", 22_500: "22,500",
	} {
		assert.Equal(t, want, thousands(x))
	}
	assert.Equal(t, "2 (1 to 3)", series{3, 1, 2}.String())
	assert.Equal(t, "2", series{2, 2}.String())
	assert.Equal(t, 2.5, series{4, 1, 2, 3}.median())
}
