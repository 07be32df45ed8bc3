// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

// Command launcher starts a container's command as its task definition says, where a pod can't say it: after other containers, with
// ulimits, as a user by name, restarted after a period, stopped after others. internal/launchspec says what it is told.
package main

import (
	"os"
	"time"

	"github.com/ecs-operator/ecs-operator/internal/launcher"
)

func main() {
	l := launcher.Launcher{
		// Tests have the launcher's files in a folder of theirs, and shorter seconds.
		Root:   os.Getenv("ECS_LAUNCHER_ROOT"),
		Second: time.Second,
		Now:    time.Now,
		Stderr: os.Stderr,
	}
	if short, err := time.ParseDuration(os.Getenv("ECS_LAUNCHER_SECOND")); err == nil {
		l.Second = short
	}
	os.Exit(l.Main(os.Args[1:]))
}
