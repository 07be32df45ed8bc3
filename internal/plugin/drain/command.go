// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package drain is kubectl ecs drain and activate: UpdateContainerInstancesState.
package drain

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
)

type options struct {
	cli.Streams
	connect.Flags
	connect.DryRun
	names   []string
	cluster string
	to      ecsv1.ContainerInstanceDesiredStatus
}

const long = `

An instance is named by its name, its EC2 instance ID, its ID or its ARN. It needs the right to patch containerinstances: the
ClusterRole ecs-operator-platform.

Exit codes: 0 written, or it was so already; 1 there is no such instance, or Kubernetes doesn't answer; 2 the command line
makes no sense; 4 an instance is being deregistered.`

// Drain is kubectl ecs drain.
func Drain(streams cli.Streams) *cobra.Command {
	return command(streams, ecsv1.ContainerInstanceDesiredStatusDraining, "drain", "Empty container instances of service tasks",
		"Sets container instances to DRAINING: they get no new tasks, and their service tasks are replaced elsewhere, within\nminimumHealthyPercent and maximumPercent. Tasks that were run by themselves stay.")
}

// Activate is kubectl ecs activate.
func Activate(streams cli.Streams) *cobra.Command {
	return command(streams, ecsv1.ContainerInstanceDesiredStatusActive, "activate", "Let container instances take tasks again",
		"Sets container instances to ACTIVE: tasks are placed on them again.")
}

func command(streams cli.Streams, to ecsv1.ContainerInstanceDesiredStatus, verb, short, what string) *cobra.Command {
	o := &options{Streams: streams, to: to}
	c := &cobra.Command{
		Use: verb + " INSTANCE...", Short: short, Long: what + long,
		RunE: func(c *cobra.Command, args []string) error {
			o.names, o.cluster = args, arn.ShortName(o.cluster)
			if len(args) == 0 {
				return cli.UsageError("name the container instances to %s", verb)
			}
			if err := o.Validate(); err != nil {
				return err
			}
			return o.run(c.Context())
		},
	}
	c.Flags().StringVar(&o.cluster, "cluster", "", "Name or ARN of the cluster; unset means all.")
	o.DryRun.Add(c)
	o.Flags.Add(c.Flags())
	c.ValidArgsFunction = o.Instances(&o.cluster)
	if err := c.RegisterFlagCompletionFunc("cluster", o.Clusters()); err != nil {
		panic(err) // the flag is defined above
	}
	return c
}

func (o *options) run(ctx context.Context) error {
	k, err := o.Open()
	if err != nil {
		return err
	}
	instances, clusters := &ecsv1.ContainerInstanceList{}, &ecsv1.ClusterList{}
	for _, list := range []client.ObjectList{instances, clusters} {
		if err := k.Client.List(ctx, list); err != nil {
			return k.Explain(err)
		}
	}
	found := view.Selection{Cluster: o.cluster, Names: o.names}.Select(instances.Items, clusters.Items)
	switch {
	case len(found.Missing) > 0:
		return &cli.Exit{Code: cli.Failed, Err: fmt.Errorf("there is no container instance %s; nothing was changed", strings.Join(found.Missing, ", "))}
	case len(found.Instances) == 0:
		return &cli.Exit{Code: cli.Failed, Err: fmt.Errorf("%s", found.Why)}
	}
	for i := range found.Instances {
		if at := &found.Instances[i]; at.DeletionTimestamp != nil {
			return &cli.Exit{Code: cli.Refused, Err: fmt.Errorf("container instance %s is being deregistered; nothing was changed", at.Name)}
		}
	}
	for i := range found.Instances {
		if err := o.set(ctx, k, &found.Instances[i]); err != nil {
			return k.Explain(err)
		}
	}
	return nil
}

func (o *options) set(ctx context.Context, k *connect.Kubernetes, i *ecsv1.ContainerInstance) error {
	name := fmt.Sprintf("containerinstance.%s/%s", ecsv1.GroupVersion.Group, i.Name)
	was := i.Spec.Status
	if was == "" {
		was = ecsv1.ContainerInstanceDesiredStatusActive
	}
	if was == o.to {
		_, err := fmt.Fprintf(o.Out, "%s was set to %s already\n", name, o.to)
		return err
	}
	before := i.DeepCopy()
	i.Spec.Status = o.to
	if o.Writes() {
		if err := k.Client.Patch(ctx, i, client.MergeFrom(before), o.Options()...); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(o.Out, "%s set to %s, with %d running and %d pending tasks%s\n", name, o.to, i.Status.RunningTasksCount, i.Status.PendingTasksCount, o.Note())
	return err
}
