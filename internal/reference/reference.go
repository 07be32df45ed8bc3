// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package reference resolves what services and tasks name: a cluster and a task definition. It says why it can't in ECS's words, with what
// to do.
package reference

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// Seen is what there is that a reference can mean.
type Seen struct {
	// Clusters with the ECS name that is given, the oldest first; none when there is none.
	Clusters []ecsv1.Cluster
	// Providers are all capacity providers that have an object.
	Providers []ecsv1.CapacityProvider
	Namespace *corev1.Namespace
	// Family holds the revisions of the task definition family that is referred to, oldest first.
	Family []ecsv1.TaskDefinitionRevision
	// Unregistered is a TaskDefinition of that family that has no revision yet, nil where there is none.
	Unregistered *ecsv1.TaskDefinition
	// Scope is where we are; ARNs of elsewhere can't be meant.
	Scope arn.Scope
}

func refuse(reason, format string, args ...any) *conditions.Reason {
	return &conditions.Reason{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// CheckCluster says why the cluster of that name takes nothing from the namespace, nil when it does. what is what it should take: services.
func (s Seen) CheckCluster(name, what string) *conditions.Reason {
	return s.CheckClusterAt("spec.cluster", name, what)
}

// CheckClusterAt is CheckCluster for a name that stands in another field.
func (s Seen) CheckClusterAt(path, name, what string) *conditions.Reason {
	if len(s.Clusters) == 0 {
		return refuse(ecsv1.ReasonClusterNotFound, "ClusterNotFoundException: Cluster not found. %s: there is no Cluster %q; "+
			"create it, or name one that kubectl get clusters.ecs.pods.dev shows", path, name)
	}
	cluster := &s.Clusters[0]
	if cluster.DeletionTimestamp != nil {
		return refuse(ecsv1.ReasonClusterNotFound, "ClusterNotFoundException: Cluster not found. %s: Cluster %q is being deleted", path, name)
	}
	if cluster.Spec.Kubernetes == nil || cluster.Spec.Kubernetes.AllowedNamespaces == nil {
		return nil
	}
	allowed, err := metav1.LabelSelectorAsSelector(cluster.Spec.Kubernetes.AllowedNamespaces)
	if err != nil || !allowed.Matches(labels.Set(s.Namespace.Labels)) {
		return refuse(ecsv1.ReasonClusterNotAllowed, "AccessDeniedException: %s: Cluster %q takes no %s from namespace %s; "+
			"its spec.kubernetes.allowedNamespaces says which", path, name, what, s.Namespace.Name)
	}
	return nil
}

// FindTaskDefinition resolves family to its newest ACTIVE revision and family:N to exactly that one, or gives the reason that there is
// none; neither when the task definition is about to be registered. keep tells of a revision, ACTIVE or not, that whoever asks runs
// already and may go on with: a revision that was deregistered serves those who have it and nobody else (DG/task-definition-state).
func (s Seen) FindTaskDefinition(text string, keep func(*ecsv1.TaskDefinitionRevision) bool) (*ecsv1.TaskDefinitionRevision, *conditions.Reason) {
	ref, err := arn.ParseTaskDefinition(text)
	if err != nil {
		return nil, refuse(ecsv1.ReasonInvalid, "InvalidParameterException: spec.taskDefinition: %s", err)
	}
	if why := s.Scope.Foreign(text); why != "" {
		return nil, refuse(ecsv1.ReasonTaskDefinitionNotFound, "ClientException: Unable to describe task definition. spec.taskDefinition: %s; "+
			"write %s, which is looked for in this namespace", why, ref)
	}
	active, kept := s.resolve(ref, keep)
	switch {
	case kept != nil && (active == nil || active.Spec.Revision < kept.Spec.Revision):
		return kept, nil
	case active != nil:
		return active, nil
	case s.Unregistered != nil && !ref.Pinned():
		return nil, stalled(s.Unregistered)
	case s.registered(ref):
		return nil, refuse(ecsv1.ReasonTaskDefinitionInactive, "ClientException: TaskDefinition is inactive. spec.taskDefinition: %s was deregistered; "+
			"name an ACTIVE revision%s", ref, s.known())
	}
	return nil, refuse(ecsv1.ReasonTaskDefinitionNotFound, "ClientException: Unable to describe task definition. spec.taskDefinition: there is no %s in namespace %s; "+
		"apply a TaskDefinition of that family%s", ref, s.Namespace.Name, s.known())
}

// resolve finds the newest ACTIVE revision that ref means, and the newest to keep.
func (s Seen) resolve(ref arn.TaskDefinitionRef, keep func(*ecsv1.TaskDefinitionRevision) bool) (active, kept *ecsv1.TaskDefinitionRevision) {
	for i := range s.Family {
		r := &s.Family[i]
		if !means(ref, r) {
			continue
		}
		if taskdef.Active(r) {
			active = r
		}
		if keep != nil && keep(r) {
			kept = r
		}
	}
	return active, kept
}

func means(ref arn.TaskDefinitionRef, r *ecsv1.TaskDefinitionRevision) bool {
	return r.Spec.Family == ref.Family && (!ref.Pinned() || r.Spec.Revision == ref.Revision)
}

// registered reports whether there is a revision that ref means, ACTIVE or not.
func (s Seen) registered(ref arn.TaskDefinitionRef) bool {
	return slices.ContainsFunc(s.Family, func(r ecsv1.TaskDefinitionRevision) bool { return means(ref, &r) })
}

// stalled is why a task definition won't be registered, nil for one that is about to be.
func stalled(td *ecsv1.TaskDefinition) *conditions.Reason {
	if c := meta.FindStatusCondition(td.Status.Conditions, ecsv1.ConditionStalled); c != nil {
		return refuse(ecsv1.ReasonTaskDefinitionNotFound, "ClientException: Unable to describe task definition. spec.taskDefinition: TaskDefinition %s is refused; "+
			"mend it: %s", td.Name, c.Message)
	}
	return nil
}

// known lists revisions that could have been meant.
func (s Seen) known() string {
	var out []string
	for i := len(s.Family) - 1; i >= 0 && len(out) < 3; i-- {
		if taskdef.Active(&s.Family[i]) {
			out = append(out, fmt.Sprintf("%s:%d", s.Family[i].Spec.Family, s.Family[i].Spec.Revision))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", such as " + strings.Join(out, ", ")
}
