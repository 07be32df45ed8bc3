// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// children are the processes below the launcher. It hears of the end of those it started, and reaps those that were left to it.
type children struct {
	mu      sync.Mutex
	waiting map[int]chan<- syscall.WaitStatus
	// first: the launcher is process 1, so the kernel ends all others with it.
	first bool
}

func watchChildren() (*children, error) {
	c := &children{waiting: map[int]chan<- syscall.WaitStatus{}, first: os.Getpid() == 1}
	if !c.first {
		if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
			return nil, fmt.Errorf("ResourceInitializationError: becoming the parent of orphans: %w", err)
		}
	}
	news := make(chan os.Signal, 1)
	signal.Notify(news, syscall.SIGCHLD)
	go func() {
		for range news {
			c.reap()
		}
	}()
	return c, nil
}

// reap takes the exit status of every child that has ended.
func (c *children) reap() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		if done := c.waiting[pid]; done != nil {
			done <- status
			delete(c.waiting, pid)
		}
	}
}

// process is one that the launcher started. It leads a process group of its own.
type process struct {
	pid  int
	done <-chan syscall.WaitStatus
}

// start starts a command through a stage and returns when it runs, or with why it doesn't.
func (c *children) start(spec launchspec.Spec, argv []string, stdio [3]uintptr) (process, error) {
	done := make(chan syscall.WaitStatus, 1)
	var p process
	err := startStage(free, spec, argv, stdio, func(fork func() (int, error)) error {
		c.mu.Lock() // a child that ends at once must not be reaped before it is known
		defer c.mu.Unlock()
		pid, err := fork()
		if err == nil {
			c.waiting[pid] = done
			p = process{pid: pid, done: done}
		}
		return err
	})
	return p, err
}

// startStage forks a stage. Its first word about the command is the result: nil means that exec has succeeded.
func startStage(tie string, spec launchspec.Spec, argv []string, stdio [3]uintptr, with func(fork func() (int, error)) error) error {
	problem, write, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("CannotStartContainerError: %w", err)
	}
	defer problem.Close()
	orders := launchspec.Spec{
		Container: spec.Container, Ulimits: spec.Ulimits, LowerUlimits: spec.LowerUlimits, User: spec.User, DropCapabilities: spec.DropCapabilities,
	}
	args := append([]string{launchspec.Binary, commandStage, tie, orders.String(), "--"}, argv...)
	err = with(func() (int, error) {
		return syscall.ForkExec("/proc/self/exe", args, &syscall.ProcAttr{
			Env:   os.Environ(),
			Files: []uintptr{stdio[0], stdio[1], stdio[2], write.Fd()},
			Sys:   &syscall.SysProcAttr{Setpgid: true, Foreground: isTerminal(stdio[0]), Ctty: int(stdio[0])}, //nolint:gosec // a file descriptor
		})
	})
	write.Close()
	if err != nil {
		return fmt.Errorf("CannotStartContainerError: exec: %q: %w", argv[0], err)
	}
	text, err := io.ReadAll(problem)
	if err != nil {
		return fmt.Errorf("CannotStartContainerError: exec: %q: %w", argv[0], err)
	}
	if len(text) > 0 {
		return errors.New(string(text))
	}
	return nil
}

// isTerminal: the command is to be in the foreground of the container's terminal.
func isTerminal(fd uintptr) bool {
	_, err := unix.IoctlGetTermios(int(fd), unix.TCGETS) //nolint:gosec // a file descriptor
	return err == nil
}

// kill ends a command's process group at once.
func (p process) kill() {
	_ = syscall.Kill(-p.pid, syscall.SIGKILL)
	_ = syscall.Kill(p.pid, syscall.SIGKILL)
}

// killAll ends whatever a command has left behind, as the end of a container does.
func (c *children) killAll(p process) {
	_ = syscall.Kill(-p.pid, syscall.SIGKILL)
	if c.first {
		_ = syscall.Kill(-1, syscall.SIGKILL)
		return
	}
	// Children of those that die here become the launcher's own; a few rounds find them all.
	for range 50 {
		left := childrenOf(os.Getpid())
		if len(left) == 0 {
			return
		}
		for _, pid := range left {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		time.Sleep(time.Millisecond)
	}
}

// childrenOf lists the living children of a process.
func childrenOf(parent int) []int {
	var out []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		text, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		// pid (name) state ppid: a name may have spaces and brackets.
		_, rest, _ := strings.Cut(string(text)[strings.LastIndexByte(string(text), ')')+1:], " ")
		fields := strings.Fields(rest)
		if len(fields) < 2 || fields[0] == "Z" || fields[1] != strconv.Itoa(parent) {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path))); err == nil {
			out = append(out, pid)
		}
	}
	return out
}

// exitCode is what a shell and Docker make of an end: 128 and the signal's number for one that was killed.
func exitCode(status syscall.WaitStatus) int {
	if status.Signaled() {
		return 128 + int(status.Signal())
	}
	return status.ExitStatus()
}
