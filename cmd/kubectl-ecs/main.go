// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Command kubectl-ecs is the plugin that kubectl runs as `kubectl ecs`.
package main

import (
	"os"
	"runtime/debug"
	"time"

	"github.com/ecs-operator/ecs-operator/internal/plugin"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
)

func main() {
	streams := cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr, Now: time.Now}
	os.Exit(plugin.Run(streams, version(), os.Args[1:]))
}

func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" {
			return setting.Value
		}
	}
	return info.Main.Version
}
