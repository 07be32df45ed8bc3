// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package place

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
	"github.com/ecs-operator/ecs-operator/internal/reference"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// scene is the cluster as it is, and the manifests.
type scene struct {
	reader    client.Reader
	namespace string
	manifests []*convert.Manifest
	now       time.Time

	clusters  ecsv1.ClusterList
	providers ecsv1.CapacityProviderList
	instances ecsv1.ContainerInstanceList
	nodes     corev1.NodeList
	pods      corev1.PodList
	// fleets by cluster: what one manifest takes, the next finds taken.
	fleets map[string]*placement.Fleet
}

// read reads all that placement looks at. It has to see the pods of all namespaces, since all take room.
func (s *scene) read(ctx context.Context) error {
	for _, list := range []client.ObjectList{&s.clusters, &s.providers, &s.instances, &s.nodes, &s.pods} {
		if err := s.reader.List(ctx, list); err != nil {
			return err
		}
	}
	s.fleets = map[string]*placement.Fleet{}
	return nil
}

// cluster is the object of that name, nil where there is none. The oldest of two is the one.
func (s *scene) cluster(name string) *ecsv1.Cluster {
	if all := s.clustersNamed(name); len(all) > 0 {
		return &all[0]
	}
	return nil
}

func (s *scene) clustersNamed(name string) []ecsv1.Cluster {
	var out []ecsv1.Cluster
	for _, c := range s.clusters.Items {
		if service.ClusterName(&c) == name {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b ecsv1.Cluster) int {
		return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time), cmp.Compare(a.Name, b.Name))
	})
	return out
}

func (s *scene) fleet(cluster string) *placement.Fleet {
	if s.fleets[cluster] == nil {
		s.fleets[cluster] = instances.Fleet(instances.World{
			Cluster: s.cluster(cluster), Name: cluster, Instances: s.instances.Items, Nodes: s.nodes.Items, Pods: s.pods.Items,
			Providers: s.providers.Items, Now: s.now,
		})
	}
	return s.fleets[cluster]
}

// states of the instances, with why, where that isn't obvious.
func (s *scene) states() map[string]string {
	out := map[string]string{}
	for i := range s.instances.Items {
		status := &s.instances.Items[i].Status
		out[s.instances.Items[i].Name] = string(view.StatusOf(&s.instances.Items[i]))
		if status.StatusReason != "" {
			out[s.instances.Items[i].Name] += ": " + status.StatusReason
		}
	}
	return out
}

// refusal is what the operator would say in a condition.
func refusal(m *convert.Manifest, kind string, why *conditions.Reason) error {
	return &cli.Exit{Code: cli.Refused, Err: fmt.Errorf("%s:%s: %s %s: %s", m.File, m.At, kind, m.Object.GetName(), why.Message)}
}

// seen is what an object of the namespace can mean by its references.
func (s *scene) seen(ctx context.Context, namespace, cluster, taskDefinition string) (reference.Seen, error) {
	out := reference.Seen{
		Scope: arn.DefaultScope, Clusters: s.clustersNamed(cluster), Providers: s.providers.Items,
		Namespace: &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}},
	}
	err := s.reader.Get(ctx, client.ObjectKey{Name: namespace}, out.Namespace)
	if err != nil && !apierrors.IsNotFound(err) && !apierrors.IsForbidden(err) {
		return out, err
	}
	ref, err := arn.ParseTaskDefinition(taskDefinition)
	if err != nil {
		return out, nil //nolint:nilerr // who looks for the task definition says so
	}
	revisions := &ecsv1.TaskDefinitionRevisionList{}
	if err := s.reader.List(ctx, revisions, client.InNamespace(namespace), client.MatchingLabels{ecsv1.LabelFamily: names.LabelValue(ref.Family)}); err != nil {
		return out, err
	}
	out.Family = revisions.Items
	slices.SortFunc(out.Family, func(a, b ecsv1.TaskDefinitionRevision) int { return cmp.Compare(a.Spec.Revision, b.Spec.Revision) })
	return out, nil
}

// taskDefinition finds the one that is meant: of the manifests, where one has the family and no revision is named, else of the cluster.
func (s *scene) taskDefinition(seen reference.Seen, text string) (*ecsv1.TaskDefinitionRevision, string, *conditions.Reason) {
	ref, err := arn.ParseTaskDefinition(text)
	if err == nil && ref.Revision == 0 {
		for _, m := range s.manifests {
			td, ok := m.Object.(*ecsv1.TaskDefinition)
			if !ok || taskdef.Family(td) != ref.Family || cmp.Or(td.Namespace, s.namespace) != seen.Namespace.Name {
				continue
			}
			r := &ecsv1.TaskDefinitionRevision{}
			r.Spec.Family, r.Spec.Revision, r.Spec.TaskDefinition = ref.Family, 1, td.Spec.TaskDefinitionFields
			return r, ref.Family + " of " + m.File, nil
		}
	}
	r, problem := seen.FindTaskDefinition(text, nil)
	switch {
	case problem != nil:
		return nil, "", problem
	case r == nil:
		return nil, "", &conditions.Reason{Message: "spec.taskDefinition: " + text + " isn't registered yet; try again in a moment"}
	}
	return r, arn.TaskDefinitionRef{Family: r.Spec.Family, Revision: r.Spec.Revision}.String(), nil
}
