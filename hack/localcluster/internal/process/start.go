// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Command is a program to be started and left running.
type Command struct {
	Component string
	Argv      []string
	// Inputs are the contents of configuration that Argv only names; a change of them calls for a restart.
	Inputs [][]byte
	Log    string
	// Grace is the time to finish that it gets when it has to be replaced.
	Grace      time.Duration
	Namespaces uintptr // clone flags, for nodes
	// Prepare, if set, runs right before a start, when nothing of an earlier one runs any more.
	Prepare func() error
}

// Digest changes when the command or its configuration does.
func (c Command) Digest() string { return digest(c.Argv, c.Inputs...) }

// Start runs the command in a session of its own, marked with the state folder, and records it.
func (c Command) Start(state string, records Records) error {
	if c.Prepare != nil {
		if err := c.Prepare(); err != nil {
			return fmt.Errorf("preparing for %s: %w", c.Component, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(c.Log), 0o755); err != nil {
		return fmt.Errorf("making the log folder: %w", err)
	}
	log, err := os.OpenFile(c.Log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return fmt.Errorf("opening the log of %s: %w", c.Component, err)
	}
	defer log.Close()
	cmd := exec.Command(c.Argv[0], c.Argv[1:]...)
	cmd.Dir = "/"
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = environment(state, c.Component)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Cloneflags: c.Namespaces}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting %s: %w", c.Component, err)
	}
	id, err := Identify(cmd.Process.Pid)
	if err != nil {
		return fmt.Errorf("%s ended at once, see %s: %w", c.Component, c.Log, err)
	}
	go cmd.Wait() //nolint:errcheck // only reaps; Alive tells the truth
	return records.save(Record{Identity: id, Component: c.Component, Spec: c.Digest(), Started: time.Now().UTC()})
}

func environment(state, component string) []string {
	home := os.Getenv("HOME")
	if home == "" {
		home = "/"
	}
	return []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=" + home,
		MarkState + "=" + state,
		MarkComponent + "=" + component,
	}
}
