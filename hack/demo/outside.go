// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// installOutside runs the operator as a process of this machine: simulated nodes run no container, its own neither.
func (d *demo) installOutside(ctx context.Context) error {
	if _, err := d.show(ctx, false, "apply", "--server-side", "--force-conflicts", "-k", "config/crd"); err != nil {
		return err
	}
	if _, err := d.show(ctx, true, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"); err != nil {
		return err
	}
	if err := d.shell.stopManager(); err != nil {
		return err
	}
	found, err := d.shell.status(ctx)
	if err != nil {
		return err
	}
	return d.startManager(found.Kubeconfig)
}

// startManager leaves the operator running when the demo ends, as a pod would be.
func (d *demo) startManager(kubeconfig string) error {
	log, err := os.Create(filepath.Join(d.shell.state, "manager.log"))
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(filepath.Join(d.shell.root, "bin", "manager"), "--metrics-bind-address=0", "--health-probe-bind-address=0",
		"--launcher-image=ecs-launcher:dev")
	cmd.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the operator: %w", err)
	}
	d.screen.say("The operator runs as process %d, its log is .state/demo/manager.log", cmd.Process.Pid)
	return errors.Join(os.WriteFile(d.shell.pidFile(), []byte(strconv.Itoa(cmd.Process.Pid)), 0o600), cmd.Process.Release())
}

func (s shell) pidFile() string { return filepath.Join(s.state, "manager.pid") }

// stopManager ends an operator that an earlier demo started; without one there is nothing to do.
func (s shell) stopManager() error {
	text, err := os.ReadFile(s.pidFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return fmt.Errorf("reading %s: %w", s.pidFile(), err)
	}
	// The number may belong to another program by now.
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid))
	if err == nil && strings.HasPrefix(exe, filepath.Join(s.root, "bin", "manager")) {
		if err := syscall.Kill(pid, syscall.SIGTERM); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stopping the operator: %w", err)
		}
	}
	return os.Remove(s.pidFile())
}
