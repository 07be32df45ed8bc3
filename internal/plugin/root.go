// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package plugin is kubectl-ecs, the plugin of kubectl. Each command is a package: it completes its options from the command line,
// validates them, and runs. It exits by an error and writes to the streams that it was given.
package plugin

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/answer"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert"
	"github.com/ecs-operator/ecs-operator/internal/plugin/drain"
	"github.com/ecs-operator/ecs-operator/internal/plugin/instances"
	"github.com/ecs-operator/ecs-operator/internal/plugin/place"
	"github.com/ecs-operator/ecs-operator/internal/plugin/status"
	"github.com/ecs-operator/ecs-operator/internal/plugin/wait"
	"github.com/ecs-operator/ecs-operator/internal/plugin/worldmap"
)

// Command is kubectl-ecs with all that it can do.
func Command(streams cli.Streams, version string) *cobra.Command {
	root := &cobra.Command{
		Use:   "kubectl-ecs",
		Short: "Amazon ECS on Kubernetes, from the command line",
		Long:  "kubectl ecs is the companion of ecs-operator, which runs Amazon ECS workloads on Kubernetes.",
		Annotations: map[string]string{
			cobra.CommandDisplayNameAnnotation: "kubectl ecs", // kubectl finds the program by its name
		},
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.NoArgs,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	root.AddCommand(convert.Command(streams), instances.Command(streams), worldmap.Command(streams), place.Command(streams), versionCommand(streams, version),
		status.Command(streams), status.History(streams), answer.Command(streams), wait.Command(streams), drain.Drain(streams), drain.Activate(streams))
	for _, verb := range []answer.Verb{answer.Continue, answer.Rollback, answer.Stop} {
		root.AddCommand(answer.Short(streams, verb))
	}
	return root
}

func versionCommand(streams cli.Streams, version string) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version of this program and of the API it writes",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(streams.Out, "kubectl-ecs %s\nAPI %s\n", version, ecsv1.GroupVersion)
			return err
		},
	}
}

// Run runs the command line and gives the exit code.
func Run(streams cli.Streams, version string, args []string) int {
	root := Command(streams, version)
	root.SetArgs(args)
	err := root.Execute()
	code := cli.Code(err)
	var exit *cli.Exit
	if err != nil && (!errors.As(err, &exit) || exit.Err != nil) {
		fmt.Fprintf(streams.Err, "error: %s\n", err)
		if code == cli.Usage {
			fmt.Fprintln(streams.Err, "kubectl ecs --help tells how to call it")
		}
	}
	return code
}
