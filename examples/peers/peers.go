package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"example.org/metoostance/examples/internal/program"
)

// peer is a program that this library is measured against.
type peer int

const (
	scikitLearn peer = iota
	libLinear
	fastText
	limitProgram

	numPeers
)

// peerInfo says what a peer is called and what it needs.
type peerInfo struct {
	name     string
	packages []string // Debian's; the first has the peer's version
	programs []string
	hint     string // how to install what packages cannot
}

var peerInfos = [numPeers]peerInfo{
	scikitLearn:  {name: "scikit-learn", packages: []string{"python3-sklearn"}},
	libLinear:    {name: "LIBLINEAR", packages: []string{"liblinear-tools", "time"}, programs: []string{"bash", "liblinear-train", "liblinear-predict", gnuTime}},
	fastText:     {name: "fastText", packages: []string{"fasttext", "time"}, programs: []string{"bash", "awk", "sed", "fasttext", gnuTime}},
	limitProgram: {name: "the limit program", programs: []string{"go"}, hint: "install Go 1.26 or later, from https://go.dev/dl"},
}

// gnuTime is the program, not the word of the shell, that the scripts call.
const gnuTime = "/usr/bin/time"

func (p peer) String() string { return peerInfos[p].name }

// installation says whether a peer can be run, and how to install it if not.
type installation struct {
	version string
	missing []string // programs and libraries that were not found
}

// remedy says how to install what is missing.
func (p peer) remedy() string {
	i := peerInfos[p]
	if i.hint != "" {
		return i.hint
	}
	return "apt-get install " + strings.Join(i.packages, " ")
}

// detect looks for the peers.
func detect(ctx context.Context, python string) [numPeers]installation {
	var found [numPeers]installation
	for p, info := range peerInfos {
		for _, program := range info.programs {
			if _, err := exec.LookPath(program); err != nil {
				found[p].missing = append(found[p].missing, program)
			}
		}
	}
	version, err := query(ctx, python, "-c", "import sklearn; print(sklearn.__version__)")
	if err != nil {
		found[scikitLearn].missing = []string{"sklearn for " + python}
	}
	found[scikitLearn].version = version
	for _, p := range []peer{libLinear, fastText} {
		found[p].version = packageVersion(ctx, peerInfos[p].packages[0])
	}
	return found
}

// query runs a program and returns what it printed, without white space around.
func query(ctx context.Context, name string, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, name, args...).Output()
	return string(bytes.TrimSpace(out)), err
}

// packageVersion returns the version of a Debian package, without Debian's own
// revision, or "" if it is not known.
func packageVersion(ctx context.Context, name string) string {
	version, err := query(ctx, "dpkg-query", "-W", "-f", "${Version}", name)
	if err != nil {
		return ""
	}
	if i := strings.IndexAny(version, "+-"); i >= 0 {
		version = version[:i]
	}
	return version
}

// checkScripts looks for the scripts that run the peers.
func checkScripts(dir string) error {
	for _, name := range []string{sklearnScript, libLinearScript, fastTextScript, filepath.Join(limitDir, "main.go")} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("-scripts %s: %w", dir, err)
		}
	}
	return nil
}

// What the scripts are called.
const (
	sklearnScript   = "sklearn_bench.py"
	libLinearScript = "liblinear.sh"
	fastTextScript  = "fasttext.sh"
	limitDir        = "golimit"
)

// command runs a program and returns its standard output and the greatest
// resident memory, in bytes, of it or of any program that it waited for.
//
// The kernel counts a new process's memory from that of the one that started
// it. This process never holds a corpus, so that what it starts is greater.
func command(ctx context.Context, env []string, dir, name string, args ...string) ([]byte, int64, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(os.Environ(), env...)
	cmd.Dir = dir
	ownGroup(cmd)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, 0, ctx.Err()
		}
		message := strings.TrimSpace(stderr.String())
		if i := strings.LastIndexByte(message, '\n'); i >= 0 {
			message = message[i+1:] // the last line of a Python traceback says what it is
		}
		return nil, 0, fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, message)
	}
	return stdout.Bytes(), program.PeakMemory(cmd.ProcessState), nil
}

// oneThread keeps the peers' linear algebra on one thread.
var oneThread = []string{"OMP_NUM_THREADS=1", "OPENBLAS_NUM_THREADS=1"}

// sklearnTiming is how long a stage of sklearn_bench.py took.
type sklearnTiming struct {
	Median float64 `json:"median_s"`
}

// sklearnResult is what sklearn_bench.py prints. What a task does not measure
// is nil or zero.
type sklearnResult struct {
	FitTransform *sklearnTiming `json:"fit_transform"`
	Transform    *sklearnTiming `json:"transform"`
	Fit          *sklearnTiming `json:"fit"`
	Predict      *sklearnTiming `json:"predict"`
	Latency      *struct {
		P50 float64 `json:"p50"`
		P99 float64 `json:"p99"`
	} `json:"latency1_us"`
	Shape    []int    `json:"shape"`
	NonZeros int      `json:"nnz"`
	Accuracy float64  `json:"heldout_acc"`
	PeakMiB  float64  `json:"peak_rss_MiB"`
	Warnings []string `json:"warnings"`
}

// stopped says so if a solver of scikit-learn ended before it converged.
func (r *sklearnResult) stopped() string {
	if slices.Contains(r.Warnings, "ConvergenceWarning") {
		return ", stopped before it converged"
	}
	return ""
}

func parseSklearn(raw []byte) (*sklearnResult, error) {
	r := &sklearnResult{}
	if err := json.Unmarshal(raw, r); err != nil {
		return nil, fmt.Errorf("what %s printed: %w", sklearnScript, err)
	}
	return r, nil
}

// table splits lines of tab-separated fields below a header, which must be the
// one expected. The last field may hold tabs itself.
func table(raw []byte, script string, header ...string) ([][]string, error) {
	lines := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	if got := strings.Split(lines[0], "\t"); strings.Join(got, "\t") != strings.Join(header, "\t") {
		return nil, fmt.Errorf("what %s wrote: the header is %q, want %q", script, got, header)
	}
	var rows [][]string
	for i, line := range lines[1:] {
		f := strings.SplitN(line, "\t", len(header))
		if len(f) != len(header) {
			return nil, fmt.Errorf("what %s wrote, line %d: %d fields, want %d", script, i+2, len(f), len(header))
		}
		rows = append(rows, f)
	}
	return rows, nil
}

// libLinearResult is what liblinear.sh measured with one solver.
type libLinearResult struct {
	Read, Train float64 // seconds; Train includes reading the file
	PeakBytes   int64   // of training
}

// parseLIBLINEAR reads what liblinear.sh wrote for one run of one solver.
func parseLIBLINEAR(raw []byte) (*libLinearResult, error) {
	rows, err := table(raw, libLinearScript, "file", "what", "wall_s", "user_s", "sys_s", "peak_KiB", "last_line")
	if err != nil {
		return nil, err
	}
	r := &libLinearResult{}
	for i, f := range rows {
		wall, err := strconv.ParseFloat(f[2], 64)
		peak, err2 := strconv.ParseInt(f[5], 10, 64)
		if err := errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("what %s wrote, line %d: %w", libLinearScript, i+2, err)
		}
		if f[6] == "fail" {
			return nil, fmt.Errorf("%s: %s failed", libLinearScript, f[1])
		}
		switch {
		case f[1] == "read":
			r.Read = wall
		case strings.HasPrefix(f[1], "train "):
			r.Train, r.PeakBytes = wall, peak<<10
		}
	}
	if r.Train == 0 {
		return nil, fmt.Errorf("what %s wrote: no line on training", libLinearScript)
	}
	return r, nil
}

// fastTextResult is what fasttext.sh measured of classifying a file.
type fastTextResult struct {
	Load, Predict float64 // seconds; Predict includes loading the model
	Lines         int
}

// parseFastText reads what fasttext.sh wrote for one run of one dimension.
func parseFastText(raw []byte) (*fastTextResult, error) {
	rows, err := table(raw, fastTextScript, "corpus", "what", "threads", "dim", "wall_s", "user_s", "sys_s", "peak_KiB", "lines", "bytes", "note")
	if err != nil {
		return nil, err
	}
	r := &fastTextResult{}
	for i, f := range rows {
		wall, err := strconv.ParseFloat(f[4], 64)
		lines, err2 := strconv.Atoi(f[8])
		if err := errors.Join(err, err2); err != nil {
			return nil, fmt.Errorf("what %s wrote, line %d: %w", fastTextScript, i+2, err)
		}
		switch f[1] {
		case "predict 1 line (load)":
			r.Load = wall
		case "predict":
			r.Predict, r.Lines = wall, lines
		}
	}
	if r.Lines == 0 {
		return nil, fmt.Errorf("what %s wrote: no line on prediction", fastTextScript)
	}
	return r, nil
}

// parseLimit returns the sentences per second of stage 6f of the limit program:
// exact TF-IDF over the whole vocabulary in portable code.
func parseLimit(raw []byte) (float64, error) {
	for line := range strings.Lines(string(raw)) {
		f := strings.Split(line, "|")
		if len(f) < 3 {
			continue
		}
		stage := strings.TrimSpace(f[1])
		if strings.HasPrefix(stage, "6f SWAR ") && strings.HasSuffix(stage, "(min df 1)") {
			speed, err := strconv.ParseFloat(strings.TrimSpace(f[2]), 64)
			if err != nil {
				return 0, fmt.Errorf("what the limit program printed of stage 6f: %w", err)
			}
			return speed, nil
		}
	}
	return 0, errors.New("what the limit program printed: no stage 6f")
}
