// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cli is the command line: flags in, one call of package cluster, text out.
package cli

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/cluster"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/layout"
)

// folders are the flags that every command has.
type folders struct {
	state string
	cache string
}

// Root is the whole command.
func Root() *cobra.Command {
	f := &folders{}
	root := &cobra.Command{
		Use:   "localcluster",
		Short: "A real Kubernetes on this machine, without Docker",
		Long: `localcluster runs etcd, the Kubernetes control plane and nodes with real containers as processes of this machine.
It builds everything from Go modules, once, and needs root (for real nodes) on Debian or Ubuntu, and Go.`,
		SilenceUsage:     true,
		SilenceErrors:    true,
		TraverseChildren: true, // so that `--state DIR kubectl ...` keeps kubectl's flags apart from ours
	}
	root.PersistentFlags().StringVar(&f.state, "state", layout.DefaultState(), "folder of this cluster, removed by down (env "+layout.StateVariable+")")
	root.PersistentFlags().StringVar(&f.cache, "cache", layout.DefaultCache(), "folder of built programs, shared by all clusters (env "+layout.CacheVariable+")")
	root.AddCommand(
		upCommand(f), downCommand(f), statusCommand(f), nodesCommand(f),
		kubeconfigCommand(f), kubectlCommand(f), logsCommand(f), auditLogCommand(f),
		buildImageCommand(), loadImageCommand(f), binariesCommand(f),
		nodeCommand(f), agentCommand(),
	)
	root.AddCommand(componentCommands(f)...)
	return root
}

// open finds the cluster; progress goes to standard error, answers to standard output.
func (f *folders) open() (*cluster.Cluster, error) {
	state, err := layout.NewState(f.state)
	if err != nil {
		return nil, err
	}
	return cluster.Open(state, f.cache, os.Stderr)
}

// describe is open without looking whether there is a cluster.
func (f *folders) describe() (*cluster.Cluster, error) {
	state, err := layout.NewState(f.state)
	if err != nil {
		return nil, err
	}
	return cluster.New(state, f.cache, os.Stderr), nil
}
