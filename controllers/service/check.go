// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

func refuse(reason, format string, args ...any) *conditions.Reason {
	return &conditions.Reason{Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// check finds the task definition that the service runs, or the reason that it can't be started; neither when the task definition is
// about to be registered. First match wins.
func check(seen observed) (*ecsv1.TaskDefinitionRevision, *conditions.Reason) {
	if text := service.Unsupported(seen.service); text != "" {
		return nil, refuse(ecsv1.ReasonUnsupported, "%s", text)
	}
	if problems := service.Validate(seen.service); len(problems) > 0 {
		return nil, refuse(ecsv1.ReasonInvalid, "InvalidParameterException: spec.%s", problems.Error())
	}
	if problem := checkCluster(seen); problem != nil {
		return nil, problem
	}
	return findTaskDefinition(seen)
}

func checkCluster(seen observed) *conditions.Reason {
	name := service.Cluster(seen.service)
	if len(seen.clusters) == 0 {
		return refuse(ecsv1.ReasonClusterNotFound, "ClusterNotFoundException: Cluster not found. spec.cluster: there is no Cluster %q; "+
			"create it, or name one that kubectl get clusters.ecs.pods.dev shows", name)
	}
	cluster := &seen.clusters[0]
	if cluster.DeletionTimestamp != nil {
		return refuse(ecsv1.ReasonClusterNotFound, "ClusterNotFoundException: Cluster not found. spec.cluster: Cluster %q is being deleted", name)
	}
	if cluster.Spec.Kubernetes == nil || cluster.Spec.Kubernetes.AllowedNamespaces == nil {
		return nil
	}
	allowed, err := metav1.LabelSelectorAsSelector(cluster.Spec.Kubernetes.AllowedNamespaces)
	if err != nil || !allowed.Matches(labels.Set(seen.namespace.Labels)) {
		return refuse(ecsv1.ReasonClusterNotAllowed, "AccessDeniedException: spec.cluster: Cluster %q takes no services from namespace %s; "+
			"its spec.kubernetes.allowedNamespaces says which", name, seen.namespace.Name)
	}
	return nil
}

// findTaskDefinition resolves family to its newest ACTIVE revision and family:N to exactly that one. A revision that was deregistered
// serves the service that runs it for as long as the service isn't changed, and no other (DG/task-definition-state).
func findTaskDefinition(seen observed) (*ecsv1.TaskDefinitionRevision, *conditions.Reason) {
	ref, err := arn.ParseTaskDefinition(seen.service.Spec.TaskDefinition)
	if err != nil {
		return nil, refuse(ecsv1.ReasonInvalid, "InvalidParameterException: spec.taskDefinition: %s", err)
	}
	if why := seen.scope.Foreign(seen.service.Spec.TaskDefinition); why != "" {
		return nil, refuse(ecsv1.ReasonTaskDefinitionNotFound, "ClientException: Unable to describe task definition. spec.taskDefinition: %s; "+
			"write %s, which is looked for in this namespace", why, ref)
	}
	active, held := resolve(seen, ref)
	switch {
	case held != nil && (active == nil || active.Spec.Revision < held.Spec.Revision) && unchanged(seen, held):
		return held, nil
	case active != nil:
		return active, nil
	case seen.unregistered != nil && !ref.Pinned():
		return nil, stalled(seen.unregistered)
	case held != nil || registered(seen, ref):
		return nil, refuse(ecsv1.ReasonTaskDefinitionInactive, "ClientException: TaskDefinition is inactive. spec.taskDefinition: %s was deregistered; "+
			"name an ACTIVE revision%s", ref, known(seen))
	}
	return nil, refuse(ecsv1.ReasonTaskDefinitionNotFound, "ClientException: Unable to describe task definition. spec.taskDefinition: there is no %s in namespace %s; "+
		"apply a TaskDefinition of that family%s", ref, seen.service.Namespace, known(seen))
}

// resolve finds the newest ACTIVE revision that ref means, and the one that the service runs if ref can mean that too.
func resolve(seen observed, ref arn.TaskDefinitionRef) (active, held *ecsv1.TaskDefinitionRevision) {
	newest := seen.newest()
	for i := range seen.family {
		r := &seen.family[i]
		if !means(ref, r) {
			continue
		}
		if taskdef.Active(r) {
			active = r
		}
		if newest != nil && newest.Spec.TaskDefinitionRevisionName == r.Name {
			held = r
		}
	}
	return active, held
}

func means(ref arn.TaskDefinitionRef, r *ecsv1.TaskDefinitionRevision) bool {
	return r.Spec.Family == ref.Family && (!ref.Pinned() || r.Spec.Revision == ref.Revision)
}

// registered reports whether there is a revision that ref means, ACTIVE or not.
func registered(seen observed, ref arn.TaskDefinitionRef) bool {
	return slices.ContainsFunc(seen.family, func(r ecsv1.TaskDefinitionRevision) bool { return means(ref, &r) })
}

// unchanged reports whether the service with that task definition is what it is now, so that nothing new is asked of the revision.
func unchanged(seen observed, td *ecsv1.TaskDefinitionRevision) bool {
	return seen.newest().Labels[ecsv1.LabelServiceRevisionHash] == service.RevisionHash(service.Revision(seen.service, td))
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
func known(seen observed) string {
	var out []string
	for i := len(seen.family) - 1; i >= 0 && len(out) < 3; i-- {
		if taskdef.Active(&seen.family[i]) {
			out = append(out, fmt.Sprintf("%s:%d", seen.family[i].Spec.Family, seen.family[i].Spec.Revision))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", such as " + strings.Join(out, ", ")
}
