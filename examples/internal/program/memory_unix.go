//go:build unix

package program

import (
	"os"
	"runtime"
	"syscall"
)

// PeakMemory returns the greatest resident memory of a process that has ended,
// in bytes, or 0 if it is not known.
func PeakMemory(s *os.ProcessState) int64 {
	usage, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return int64(usage.Maxrss) // which counts bytes
	}
	return int64(usage.Maxrss) << 10
}
