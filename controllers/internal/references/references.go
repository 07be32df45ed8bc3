// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package references reads what services and tasks refer to, and finds those that refer to something.
package references

import (
	"cmp"
	"context"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/reference"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// Observe reads what an object of the namespace can mean by a cluster's name and a reference to a task definition.
func Observe(ctx context.Context, c client.Reader, scope arn.Scope, namespace, cluster, taskDefinition string) (reference.Seen, error) {
	seen := reference.Seen{Scope: scope, Namespace: &corev1.Namespace{}}
	clusters, providers := &ecsv1.ClusterList{}, &ecsv1.CapacityProviderList{}
	for _, list := range []client.ObjectList{clusters, providers} {
		if err := c.List(ctx, list); err != nil {
			return seen, err
		}
	}
	seen.Providers = providers.Items
	for _, one := range clusters.Items {
		if service.ClusterName(&one) == cluster {
			seen.Clusters = append(seen.Clusters, one)
		}
	}
	slices.SortFunc(seen.Clusters, func(a, b ecsv1.Cluster) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	if err := c.Get(ctx, client.ObjectKey{Name: namespace}, seen.Namespace); err != nil {
		return seen, err
	}
	err := observeFamily(ctx, c, &seen, familyOf(taskDefinition))
	return seen, err
}

// ServiceOf is the name of the Service that something belongs to by its label, of which the label's value may be a folded form: then its revisions have it.
func ServiceOf(ctx context.Context, c client.Reader, o client.Object) (string, error) {
	label, revisions := o.GetLabels()[ecsv1.LabelService], &ecsv1.ServiceRevisionList{}
	if err := c.List(ctx, revisions, OfService(o.GetNamespace(), label, client.UnsafeDisableDeepCopy)...); err != nil || len(revisions.Items) == 0 {
		return label, err
	}
	return revisions.Items[0].Spec.Service, nil
}

// familyOf is "" for a reference that can't mean anything; who asks says so.
func familyOf(taskDefinition string) string {
	ref, err := arn.ParseTaskDefinition(taskDefinition)
	if err != nil {
		return ""
	}
	return ref.Family
}

func observeFamily(ctx context.Context, c client.Reader, seen *reference.Seen, family string) error {
	if family == "" {
		return nil
	}
	inNamespace, revisions := client.InNamespace(seen.Namespace.Name), &ecsv1.TaskDefinitionRevisionList{}
	if err := c.List(ctx, revisions, inNamespace, client.MatchingLabels{ecsv1.LabelFamily: names.LabelValue(family)}); err != nil {
		return err
	}
	seen.Family = revisions.Items
	slices.SortFunc(seen.Family, func(a, b ecsv1.TaskDefinitionRevision) int { return cmp.Compare(a.Spec.Revision, b.Spec.Revision) })
	var err error
	seen.Unregistered, err = unregistered(ctx, c, seen.Namespace.Name, family)
	return err
}

// unregistered looks for a task definition that came in the same breath as who refers to it, as in kubectl apply of a folder.
func unregistered(ctx context.Context, c client.Reader, namespace, family string) (*ecsv1.TaskDefinition, error) {
	list := &ecsv1.TaskDefinitionList{}
	if err := c.List(ctx, list, client.InNamespace(namespace), client.UnsafeDisableDeepCopy); err != nil { // all there are, of which one is returned
		return nil, err
	}
	for i := range list.Items {
		td := &list.Items[i]
		if taskdef.Family(td) == family && td.DeletionTimestamp == nil && td.Status.LatestRevision == nil {
			return td.DeepCopy(), nil
		}
	}
	return nil, nil
}
