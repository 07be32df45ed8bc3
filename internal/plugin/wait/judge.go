// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package wait

import (
	"cmp"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Verdict is how a service stands for somebody who waits for it.
type Verdict int

// The verdicts.
const (
	Waiting Verdict = iota
	Stable
	Failed
)

// mayCome are reasons to be stalled that end when somebody else, such as the next manifest of the same apply, has done something.
var mayCome = []string{ecsv1.ReasonClusterNotFound, ecsv1.ReasonTaskDefinitionNotFound, ecsv1.ReasonCapacityProviderNotFound}

// Judge says whether a service is stable, and why not.
func Judge(s *ecsv1.Service) (Verdict, string) {
	st := &s.Status
	var ready metav1.Condition
	if c := meta.FindStatusCondition(st.Conditions, ecsv1.ConditionReady); c != nil {
		ready = *c
	}
	says := cmp.Or(ready.Message, "the operator hasn't looked at it yet")
	failed := slices.IndexFunc(st.Deployments, func(d ecsv1.Deployment) bool {
		return d.Status == ecsv1.DeploymentStatePrimary && d.RolloutState == ecsv1.DeploymentRolloutStateFailed
	})
	switch {
	case s.DeletionTimestamp != nil:
		return Failed, "it is being deleted: " + says
	case ptr.Deref(st.ObservedGeneration, 0) != s.Generation:
		return Waiting, "the operator hasn't looked at the present spec yet"
	case meta.IsStatusConditionTrue(st.Conditions, ecsv1.ConditionStalled) && !slices.Contains(mayCome, ready.Reason),
		ready.Reason == ecsv1.ReasonRollingBack:
		return Failed, ready.Reason + ": " + says
	case failed >= 0:
		return Failed, cmp.Or(st.Deployments[failed].RolloutStateReason, says)
	case ready.Status != metav1.ConditionTrue:
		return Waiting, says
	case len(st.Deployments) != 1:
		return Waiting, fmt.Sprintf("%d deployments have tasks", len(st.Deployments))
	case st.RunningCount != st.DesiredCount:
		return Waiting, fmt.Sprintf("%d tasks are pending", st.PendingCount)
	}
	return Stable, ""
}
