// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// shell runs the project's commands from the root of the repository, on the demo's own cluster.
type shell struct {
	root  string
	state string
}

func newShell() shell {
	root, err := os.Getwd()
	if err != nil {
		root = "."
	}
	return shell{root: root, state: filepath.Join(root, ".state", "demo")}
}

func (s shell) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = s.root
	cmd.Env = append(os.Environ(), "LOCALCLUSTER_STATE="+s.state, "KUBECTL="+s.localcluster()+" kubectl")
	return cmd
}

// stream runs a command that prints as it goes.
func (s shell) stream(ctx context.Context, out io.Writer, name string, args ...string) error {
	cmd := s.command(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", strings.Join(append([]string{filepath.Base(name)}, args...), " "), err)
	}
	return nil
}

// output runs a command and returns what it printed.
func (s shell) output(ctx context.Context, stdin, name string, args ...string) (string, error) {
	cmd := s.command(ctx, name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if stdin != "" {
		cmd.Stdin = strings.NewReader(stdin)
	}
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", filepath.Base(name), strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}

func (s shell) localcluster() string { return filepath.Join(s.root, "bin", "localcluster") }

// kubectl runs the kubectl that came with the cluster.
func (s shell) kubectl(ctx context.Context, args ...string) (string, error) {
	return s.output(ctx, "", s.localcluster(), append([]string{"kubectl"}, args...)...)
}

// status is what the demo needs to know about its cluster.
type status struct {
	Kubeconfig string
	NodePorts  string // a range, such as 30000-32767
	Nodes      []struct {
		Name      string
		Zone      string
		Simulated bool
	}
}

func (s shell) status(ctx context.Context) (status, error) {
	var found status
	out, err := s.output(ctx, "", s.localcluster(), "status", "-o", "json")
	if err != nil {
		return found, err
	}
	if err := json.Unmarshal([]byte(out), &found); err != nil {
		return found, fmt.Errorf("reading the cluster's status: %w", err)
	}
	return found, nil
}

// nodePort is the sample's port, or its counterpart in the range of a cluster that has another one.
func nodePort(ports string) (int, error) {
	var first, last int
	if _, err := fmt.Sscanf(ports, "%d-%d", &first, &last); err != nil {
		return 0, fmt.Errorf("reading the range of node ports %q: %w", ports, err)
	}
	if first <= samplePort && samplePort <= last {
		return samplePort, nil
	}
	return first + samplePort%1000, nil
}

func (d *demo) url() string { return fmt.Sprintf("http://127.0.0.1:%d/", d.port) }
