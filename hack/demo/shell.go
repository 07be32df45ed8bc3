// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
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
	cmd.Env = append(os.Environ(), "LOCALCLUSTER_STATE="+s.state)
	return cmd
}

// stream runs a command that prints as it goes.
func (s shell) stream(ctx context.Context, out io.Writer, name string, args ...string) error {
	cmd := s.command(ctx, name, args...)
	cmd.Stdout, cmd.Stderr = out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s %s: %w", filepath.Base(name), strings.Join(args, " "), err)
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
