// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package instances is kubectl ecs instances: ListContainerInstances and DescribeContainerInstances.
package instances

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/placement/query"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
)

// The values of --output and --status.
var (
	outputs  = []string{"table", "wide", "json", "yaml", "name"}
	statuses = []string{"ACTIVE", "DRAINING", "REGISTERING", "DEREGISTERING", "REGISTRATION_FAILED", "INACTIVE"}
)

type options struct {
	cli.Streams
	connect.Flags
	names           []string
	cluster, filter string
	status, output  string
	expression      query.Expr

	kubernetes *connect.Kubernetes
	instances  []ecsv1.ContainerInstance
	clusters   []ecsv1.Cluster
	groups     map[string][]string
}

const example = `  # All instances of all clusters
  kubectl ecs instances

  # Those that a task could be sent to by this constraint, as ECS judges it
  kubectl ecs instances --cluster prod --filter 'attribute:ecs.instance-type =~ m5.* and runningTasksCount < 10'

  # Those that run tasks of the service web
  kubectl ecs instances --filter 'task:group == service:web'

  # What drains, with attributes
  kubectl ecs instances --status DRAINING -o wide`

const long = `Lists container instances, as ListContainerInstances and DescribeContainerInstances do: what they are, what is left
of them, and how many tasks they have. An instance is named by its name, its ID or its ARN.

--filter takes an expression of ECS's cluster query language, the same as memberOf constraints.

In a terminal that is wide enough a bar before the numbers shows what is taken.

Exit codes: 0 also where nothing is found, and the standard error says why; 1 a name or a cluster isn't there, or
Kubernetes doesn't answer; 2 the command line makes no sense.`

// Command is kubectl ecs instances.
func Command(streams cli.Streams) *cobra.Command {
	o := &options{Streams: streams}
	c := &cobra.Command{
		Use:     "instances [NAME...]",
		Aliases: []string{"instance"},
		Short:   "List container instances, and filter them as ECS does",
		Long:    long,
		Example: example,
		RunE: func(c *cobra.Command, args []string) error {
			o.names, o.cluster = args, arn.ShortName(o.cluster)
			if err := o.validate(); err != nil {
				return err
			}
			return o.run(c.Context())
		},
	}
	f := c.Flags()
	f.StringVar(&o.cluster, "cluster", "", "Name or ARN of the cluster; unset means all.")
	f.StringVar(&o.filter, "filter", "", "An expression of the cluster query language.")
	f.StringVar(&o.status, "status", "", "Only instances of this status; unset means all but INACTIVE.")
	f.StringVarP(&o.output, "output", "o", "table", "What to print: table, wide, json, yaml or name.")
	o.Add(f)
	c.ValidArgsFunction = o.Instances(&o.cluster)
	for name, complete := range map[string]connect.Completion{
		"cluster": o.Clusters(),
		"status":  cobra.FixedCompletions(statuses, cobra.ShellCompDirectiveNoFileComp),
		"output":  cobra.FixedCompletions(outputs, cobra.ShellCompDirectiveNoFileComp),
		"filter":  cobra.FixedCompletions(subjects, cobra.ShellCompDirectiveNoFileComp|cobra.ShellCompDirectiveNoSpace),
	} {
		if err := c.RegisterFlagCompletionFunc(name, complete); err != nil {
			panic(err) // the flag is defined above
		}
	}
	return c
}

// subjects are what an expression begins with.
var subjects = []string{
	"agentConnected", "agentVersion", "attribute:ecs.availability-zone", "attribute:ecs.cpu-architecture", "attribute:ecs.instance-type",
	"attribute:ecs.os-type", "ec2InstanceId", "registeredAt", "runningTasksCount", "task:group",
}

func (o *options) validate() error {
	o.status = strings.ToUpper(o.status)
	switch {
	case !slices.Contains(outputs, o.output):
		return cli.UsageError("--output %s: expected one of %s", o.output, strings.Join(outputs, ", "))
	case o.status != "" && !slices.Contains(statuses, o.status):
		return cli.UsageError("--status %s: expected one of %s", o.status, strings.Join(statuses, ", "))
	}
	if o.filter == "" {
		return nil
	}
	var err error
	if o.expression, err = query.Parse(o.filter); err != nil {
		return cli.UsageError("--filter: %w", err)
	}
	return nil
}

func (o *options) run(ctx context.Context) error {
	var err error
	if o.kubernetes, err = o.Open(); err != nil {
		return err
	}
	if err := o.read(ctx); err != nil {
		return o.kubernetes.Explain(err)
	}
	found := view.Selection{
		Cluster: o.cluster, Names: o.names, Status: ecsv1.ContainerInstanceState(o.status), Filter: o.expression, Groups: o.groups,
	}.Select(o.instances, o.clusters)
	if err := o.print(found.Instances); err != nil {
		return &cli.Exit{Code: cli.Failed, Err: err}
	}
	return o.tell(found)
}

// read asks for instances and clusters, and for pods where the filter is about tasks.
func (o *options) read(ctx context.Context) error {
	instances, clusters := &ecsv1.ContainerInstanceList{}, &ecsv1.ClusterList{}
	for _, list := range []client.ObjectList{instances, clusters} {
		if err := o.kubernetes.Client.List(ctx, list); err != nil {
			return err
		}
	}
	o.instances, o.clusters = instances.Items, clusters.Items
	if o.expression == nil || !view.AsksForGroups(o.expression) {
		return nil
	}
	pods := &corev1.PodList{}
	if err := o.kubernetes.Client.List(ctx, pods); err != nil {
		return err
	}
	o.groups = view.GroupsOf(pods.Items)
	return nil
}

// tell says what wasn't found, and why nothing was.
func (o *options) tell(found view.Selected) error {
	if found.NoCluster {
		return &cli.Exit{Code: cli.Failed, Err: errors.New(found.Why)}
	}
	if found.Why != "" {
		fmt.Fprintln(o.Err, found.Why)
	}
	if len(found.Missing) == 0 {
		return nil
	}
	return &cli.Exit{Code: cli.Failed, Err: fmt.Errorf("there is no container instance %s%s", strings.Join(found.Missing, ", "), inCluster(o.cluster))}
}

func inCluster(name string) string {
	if name == "" {
		return ""
	}
	return " in cluster " + name
}
