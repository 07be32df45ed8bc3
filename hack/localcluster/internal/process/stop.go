// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package process

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// Stop asks with SIGTERM, and after grace ends the process with SIGKILL. No grace means SIGKILL at once.
func Stop(id Identity, grace time.Duration) error {
	if id.Gone() {
		return nil
	}
	if grace > 0 {
		if err := signal(id, syscall.SIGTERM); err != nil {
			return err
		}
		if waitGone(id, grace) {
			return nil
		}
	}
	if err := signal(id, syscall.SIGKILL); err != nil {
		return err
	}
	if !waitGone(id, 20*time.Second) {
		return fmt.Errorf("process %d is still there after SIGKILL", id.PID)
	}
	return nil
}

func signal(id Identity, s syscall.Signal) error {
	err := syscall.Kill(id.PID, s)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("sending %s to process %d: %w", s, id.PID, err)
	}
	return nil
}

func waitGone(id Identity, limit time.Duration) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if id.Gone() {
			return true
		}
	}
	return id.Gone()
}

// Marked finds every living process that carries the state folder in its environment.
// An empty component matches all of them.
func Marked(state, component string) ([]Identity, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("listing processes: %w", err)
	}
	var found []Identity
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil || pid == os.Getpid() {
			continue
		}
		environ, err := os.ReadFile(filepath.Join("/proc", e.Name(), "environ"))
		if err != nil || !marked(environ, state, component) {
			continue
		}
		if id, err := Identify(pid); err == nil && !id.Gone() {
			found = append(found, id)
		}
	}
	return found, nil
}

func marked(environ []byte, state, component string) bool {
	var sameState, sameComponent bool
	for v := range bytes.SplitSeq(environ, []byte{0}) {
		sameState = sameState || string(v) == MarkState+"="+state
		sameComponent = sameComponent || component == "" || string(v) == MarkComponent+"="+component
	}
	return sameState && sameComponent
}

// StopMarked ends every process that carries the mark.
func StopMarked(state, component string, grace time.Duration) error {
	found, err := Marked(state, component)
	if err != nil {
		return err
	}
	var errs []error
	for _, id := range found {
		errs = append(errs, Stop(id, grace))
	}
	return errors.Join(errs...)
}
