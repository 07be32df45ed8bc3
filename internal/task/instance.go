// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
)

// FindInstance finds the container instance that StartTask names, or gives StartTask's failure. It is nil for a task that names none.
func FindInstance(t *ecsv1.Task, all []ecsv1.ContainerInstance) (*ecsv1.ContainerInstance, *conditions.Reason) {
	if len(t.Spec.ContainerInstances) == 0 {
		return nil, nil
	}
	ref := t.Spec.ContainerInstances[0]
	name, cluster := arn.ShortName(ref), Cluster(t)
	for i := range all {
		c := &all[i]
		if c.Spec.Cluster != cluster || name != c.Name && name != arn.ShortName(c.Status.ContainerInstanceArn) {
			continue
		}
		switch {
		case c.Status.Status != ecsv1.ContainerInstanceStateActive || c.Spec.Status == ecsv1.ContainerInstanceDesiredStatusDraining:
			return nil, failure(ecsv1.ReasonInstanceInactive, "container instance %s is %s and takes no tasks; make it ACTIVE, or name another", c.Name, state(c))
		case !c.Status.AgentConnected:
			return nil, failure(ecsv1.ReasonAgentDisconnected, "the kubelet of container instance %s doesn't report; name another", c.Name)
		}
		return c, nil
	}
	return nil, failure(ecsv1.ReasonInstanceMissing, "cluster %s has no container instance %s; kubectl get containerinstances shows which there are", cluster, ref)
}

func state(c *ecsv1.ContainerInstance) ecsv1.ContainerInstanceState {
	if c.Spec.Status == ecsv1.ContainerInstanceDesiredStatusDraining {
		return ecsv1.ContainerInstanceStateDraining
	}
	if c.Status.Status == "" {
		return ecsv1.ContainerInstanceStateRegistering
	}
	return c.Status.Status
}

// Interrupted is why a task of FARGATE_SPOT stops when its machine is about to be taken away.
var Interrupted = End{ecsv1.TaskStopCodeSpotInterruption, "Your Spot Task was interrupted."}

// IsInterrupted reports whether a pod is a task of FARGATE_SPOT whose container instance is about to be taken away. Those of other providers
// stay while an instance is DRAINING, indefinitely (DG/container-instance-draining).
func IsInterrupted(pod *corev1.Pod, on *ecsv1.ContainerInstance) bool {
	return on != nil && pod.Labels[ecsv1.LabelCapacityProvider] == string(ecsv1.FargateCapacityProviderNameFargateSpot) &&
		on.Status.Status == ecsv1.ContainerInstanceStateDraining && meta.IsStatusConditionTrue(on.Status.Conditions, ecsv1.ConditionInterrupted)
}

// failures are the words of StartTask for the reasons of conditions.
var failures = map[string]string{ecsv1.ReasonAgentDisconnected: "AGENT"}

func failure(reason, format string, args ...any) *conditions.Reason {
	word := reason
	if said, other := failures[reason]; other {
		word = said
	}
	return &conditions.Reason{Reason: reason, Message: word + ": spec.containerInstances[0]: " + fmt.Sprintf(format, args...)}
}
