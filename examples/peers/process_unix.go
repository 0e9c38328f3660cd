//go:build unix

package main

import (
	"os/exec"
	"syscall"
)

// ownGroup makes a program and all that it starts end together when the
// context does: a script's programs would go on without it.
func ownGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
