// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package capacityprovider

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// announce tells what the status patch changed.
func (r *Reconciler) announce(before, after *ecsv1.CapacityProvider) {
	for _, kind := range []string{ecsv1.ConditionStalled, ecsv1.ConditionNodeConflict} {
		was, is := meta.FindStatusCondition(before.Status.Conditions, kind), meta.FindStatusCondition(after.Status.Conditions, kind)
		if is != nil && (was == nil || was.Reason != is.Reason) {
			r.Events.Eventf(after, nil, corev1.EventTypeWarning, is.Reason, "Reconcile", "%s", is.Message)
		}
	}
}
