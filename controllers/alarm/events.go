// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// announce tells what the status patch changed, a change of the state in the words of CloudWatch's alarm history.
func (r *Reconciler) announce(before, after *ecsv1.Alarm) {
	was, is := before.Status.StateValue, after.Status.StateValue
	if was != "" && was != is {
		kind := corev1.EventTypeNormal
		if is == ecsv1.AlarmStateValueAlarm {
			kind = corev1.EventTypeWarning
		}
		transitions.WithLabelValues(string(is)).Inc()
		r.Events.Eventf(after, nil, kind, ecsv1.ReasonStateUpdate, "Evaluate", "Alarm updated from %s to %s. %s", was, is, after.Status.StateReason)
	}
	for _, kind := range []string{ecsv1.ConditionStalled, ecsv1.ConditionReconciling} {
		was, is := meta.FindStatusCondition(before.Status.Conditions, kind), meta.FindStatusCondition(after.Status.Conditions, kind)
		if is != nil && is.Reason != ecsv1.ReasonProgressing && (was == nil || was.Reason != is.Reason) {
			r.Events.Eventf(after, nil, corev1.EventTypeWarning, is.Reason, "Evaluate", "%s", is.Message)
		}
	}
}
