// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package connect

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// patience is how long a completion may take: who presses Tab waits for it.
const patience = 2 * time.Second

// Completion is how cobra asks for what may come next.
type Completion = func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)

// complete makes a Completion of a question to the cluster. Where it has no answer, nothing is offered.
func (f *Flags) complete(ask func(context.Context, *Kubernetes) ([]string, error)) Completion {
	return func(c *cobra.Command, given []string, begun string) ([]string, cobra.ShellCompDirective) {
		k, err := f.Open()
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx, cancel := context.WithTimeout(ctxOf(c), patience)
		defer cancel()
		all, err := ask(ctx, k)
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		all = slices.DeleteFunc(all, func(s string) bool { return !strings.HasPrefix(s, begun) || slices.Contains(given, s) })
		slices.Sort(all)
		return slices.Compact(all), cobra.ShellCompDirectiveNoFileComp
	}
}

func ctxOf(c *cobra.Command) context.Context {
	if ctx := c.Context(); ctx != nil {
		return ctx
	}
	return context.Background()
}

// Clusters completes the names of clusters.
func (f *Flags) Clusters() Completion {
	return f.complete(func(ctx context.Context, k *Kubernetes) ([]string, error) {
		list := &ecsv1.ClusterList{}
		err := k.Client.List(ctx, list)
		var out []string
		for i := range list.Items {
			out = append(out, service.ClusterName(&list.Items[i]))
		}
		return out, err
	})
}

// Instances completes the names of container instances, of one cluster where one is given.
func (f *Flags) Instances(cluster *string) Completion {
	return f.complete(func(ctx context.Context, k *Kubernetes) ([]string, error) {
		list := &ecsv1.ContainerInstanceList{}
		err := k.Client.List(ctx, list)
		var out []string
		for _, i := range list.Items {
			if *cluster == "" || i.Spec.Cluster == *cluster {
				out = append(out, i.Name)
			}
		}
		return out, err
	})
}

// Services completes the names of services, of all namespaces that may be read.
func (f *Flags) Services() Completion {
	return f.complete(func(ctx context.Context, k *Kubernetes) ([]string, error) {
		list := &ecsv1.ServiceList{}
		err := k.Client.List(ctx, list)
		if err != nil {
			err = k.Client.List(ctx, list, client.InNamespace(k.Namespace))
		}
		var out []string
		for i := range list.Items {
			out = append(out, list.Items[i].Name)
		}
		return out, err
	})
}

// Hooks completes the IDs of hook runs that wait for an answer.
func (f *Flags) Hooks() Completion {
	return f.complete(func(ctx context.Context, k *Kubernetes) ([]string, error) {
		list := &ecsv1.ServiceDeploymentList{}
		err := k.Client.List(ctx, list, client.InNamespace(k.Namespace))
		var out []string
		for _, sd := range list.Items {
			for _, h := range sd.Status.LifecycleHookDetails {
				if h.Status == ecsv1.DeploymentLifecycleHookStatusAwaitingAction {
					out = append(out, h.HookId)
				}
			}
		}
		return out, err
	})
}
