// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command localcluster runs a real Kubernetes on this machine, without Docker. See README.md.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/cli"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := cli.Root().ExecuteContext(ctx)
	if err == nil {
		return
	}
	var child *exec.ExitError
	if errors.As(err, &child) && cli.SpeaksForItself(err) { // kubectl has said what was wrong
		os.Exit(child.ExitCode())
	}
	fmt.Fprintln(os.Stderr, "localcluster:", err)
	os.Exit(1)
}
