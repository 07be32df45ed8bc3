// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacityprovider

import (
	"cmp"
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// observed is everything that a provider is reported from. All but the provider is the cache's own: its lists may be sorted and shortened, what is in them
// may not be changed.
type observed struct {
	provider *ecsv1.CapacityProvider
	// name is its ECS name.
	name      string
	providers []ecsv1.CapacityProvider
	clusters  []ecsv1.Cluster
	services  []ecsv1.Service
	instances []ecsv1.ContainerInstance
	nodes     map[string]*corev1.Node
	// runningTasks and pendingTasks are to run, and were given to it.
	runningTasks, pendingTasks int32
	now                        time.Time
}

func (r *Reconciler) observe(ctx context.Context, provider *ecsv1.CapacityProvider) (observed, error) {
	o, err := r.observeUsers(ctx, provider)
	if err != nil {
		return o, err
	}
	instances, nodes, pods := &ecsv1.ContainerInstanceList{}, &corev1.NodeList{}, &corev1.PodList{}
	for _, list := range []client.ObjectList{instances, nodes} {
		if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil { // thousands, and they are only read
			return o, err
		}
	}
	if err := r.Client.List(ctx, pods, client.MatchingFields{references.ProviderIndex: names.LabelValue(o.name)}, client.UnsafeDisableDeepCopy); err != nil {
		return o, err
	}
	o.instances = instances.Items
	slices.SortFunc(o.instances, func(a, b ecsv1.ContainerInstance) int { return cmp.Compare(a.Name, b.Name) })
	for i := range nodes.Items {
		o.nodes[nodes.Items[i].Name] = &nodes.Items[i]
	}
	o.countTasks(pods.Items)
	return o, nil
}

// observeUsers reads what may name the provider.
func (r *Reconciler) observeUsers(ctx context.Context, provider *ecsv1.CapacityProvider) (observed, error) {
	o := observed{provider: provider, name: service.ProviderName(provider), nodes: map[string]*corev1.Node{}, now: r.Now()}
	providers, clusters, services := &ecsv1.CapacityProviderList{}, &ecsv1.ClusterList{}, &ecsv1.ServiceList{}
	for _, list := range []client.ObjectList{providers, clusters, services} {
		if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
			return o, err
		}
	}
	o.providers, o.clusters, o.services = providers.Items, clusters.Items, services.Items
	slices.SortFunc(o.clusters, func(a, b ecsv1.Cluster) int { return cmp.Compare(a.Name, b.Name) })
	slices.SortFunc(o.services, func(a, b ecsv1.Service) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return o, nil
}

func (o *observed) countTasks(pods []corev1.Pod) {
	for i := range pods {
		switch task := taskstate.Of(&pods[i], 0, o.now); {
		case task.DesiredStatus != ecsv1.TaskDesiredStatusRunning:
		case task.LastStatus == ecsv1.TaskStateRunning:
			o.runningTasks++
		default:
			o.pendingTasks++
		}
	}
}

// namesake is an older object with the same ECS name, which has the right to it.
func (o observed) namesake() string {
	oldest := o.provider
	for i := range o.providers {
		p := &o.providers[i]
		if service.ProviderName(p) == o.name && cmp.Or(p.CreationTimestamp.Compare(oldest.CreationTimestamp.Time), cmp.Compare(p.Name, oldest.Name)) < 0 {
			oldest = p
		}
	}
	if oldest.Name == o.provider.Name {
		return ""
	}
	return oldest.Name
}

// users are the clusters and services that name it, for which it can't be deleted. They mean an older object of that name, if there is one.
func (o observed) users() []string {
	if o.namesake() != "" {
		return nil
	}
	var out []string
	for i := range o.clusters {
		if c := &o.clusters[i]; o.listedBy(c) {
			out = append(out, "Cluster "+c.Name+" lists it in spec.capacityProviders")
		}
	}
	for i := range o.services {
		if s := &o.services[i]; slices.ContainsFunc(s.Spec.CapacityProviderStrategy, func(item ecsv1.CapacityProviderStrategyItem) bool { return item.CapacityProvider == o.name }) {
			out = append(out, "Service "+s.Namespace+"/"+s.Name+" names it in spec.capacityProviderStrategy")
		}
	}
	return out
}

func (o observed) listedBy(c *ecsv1.Cluster) bool {
	return slices.ContainsFunc(c.Spec.CapacityProviders, func(ref string) bool { return arn.ShortName(ref) == o.name })
}

// registered counts the ACTIVE and DRAINING instances of clusters that list it, and names those that another provider of the cluster chooses too.
func (o observed) registered() (n int32, shared []string) {
	for i := range o.clusters {
		c := &o.clusters[i]
		if !o.listedBy(c) {
			continue
		}
		all := capacity.Providers(c, o.providers)
		for _, instance := range o.instances {
			node := o.nodes[instance.Spec.NodeName]
			if instance.Spec.Cluster != service.ClusterName(c) || node == nil || !slices.Contains(capacity.ProvidersOf(node, all), o.name) {
				continue
			}
			if s := instance.Status.Status; s == ecsv1.ContainerInstanceStateActive || s == ecsv1.ContainerInstanceStateDraining {
				n++
			}
			if rivals := capacity.Claimants(node, all); len(rivals) > 1 {
				shared = append(shared, conflict(instance.Name, o.name, rivals))
			}
		}
	}
	return n, shared
}
