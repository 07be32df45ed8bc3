// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/service"
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
// serves the service which uses it already, and no other.
func findTaskDefinition(seen observed) (*ecsv1.TaskDefinitionRevision, *conditions.Reason) {
	ref, err := arn.ParseTaskDefinition(seen.service.Spec.TaskDefinition)
	if err != nil {
		return nil, refuse(ecsv1.ReasonInvalid, "InvalidParameterException: spec.taskDefinition: %s", err)
	}
	var inUse string
	if newest := seen.newest(); newest != nil {
		inUse = newest.Spec.TaskDefinitionRevisionName
	}
	var inactive bool
	for i := len(seen.family) - 1; i >= 0; i-- {
		r := &seen.family[i]
		if r.Spec.Family != ref.Family || ref.Pinned() && r.Spec.Revision != ref.Revision {
			continue
		}
		active := r.DeletionTimestamp == nil && (r.Status.Status == "" || r.Status.Status == ecsv1.TaskDefinitionStateActive)
		if active || r.Name == inUse {
			return r, nil
		}
		inactive = true
	}
	if inactive {
		return nil, refuse(ecsv1.ReasonTaskDefinitionInactive, "ClientException: TaskDefinition is inactive. spec.taskDefinition: %s was deregistered; "+
			"name an ACTIVE revision%s", ref, known(seen))
	}
	if td := seen.unregistered; td != nil && !ref.Pinned() {
		if stalled := meta.FindStatusCondition(td.Status.Conditions, ecsv1.ConditionStalled); stalled != nil {
			return nil, refuse(ecsv1.ReasonTaskDefinitionNotFound, "ClientException: Unable to describe task definition. spec.taskDefinition: TaskDefinition %s is refused; "+
				"mend it: %s", td.Name, stalled.Message)
		}
		return nil, nil // it is about to be registered
	}
	return nil, refuse(ecsv1.ReasonTaskDefinitionNotFound, "ClientException: Unable to describe task definition. spec.taskDefinition: there is no %s in namespace %s; "+
		"apply a TaskDefinition of that family%s", ref, seen.service.Namespace, known(seen))
}

// known lists revisions that could have been meant.
func known(seen observed) string {
	var out []string
	for i := len(seen.family) - 1; i >= 0 && len(out) < 3; i-- {
		if s := seen.family[i].Status.Status; s == "" || s == ecsv1.TaskDefinitionStateActive {
			out = append(out, fmt.Sprintf("%s:%d", seen.family[i].Spec.Family, seen.family[i].Spec.Revision))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return ", such as " + strings.Join(out, ", ")
}
