// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package conditions derives the kstatus conditions of an object from what was found.
//
// kstatus reads three conditions: Reconciling (work is under way), Stalled (it can't go on without a change by the user) and
// Ready (the object does what its spec says). The first two are "abnormal-true": they are removed when they don't hold.
// Ready is derived from them and is never set by hand.
package conditions

import (
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Reason is a condition's reason and its message. The message tells the user what to do next.
type Reason struct {
	Reason  string
	Message string
}

// Outcome is what a reconcile found. At most one of Stalled and Reconciling is set; with neither, the object is ready.
type Outcome struct {
	Stalled     *Reason
	Reconciling *Reason
	Ready       Reason
}

// Set writes the three conditions for the outcome. now is used for conditions that changed, and no other time is touched.
func Set(list *[]metav1.Condition, generation int64, now metav1.Time, o Outcome) {
	abnormal(list, ecsv1.ConditionStalled, o.Stalled, generation, now)
	abnormal(list, ecsv1.ConditionReconciling, o.Reconciling, generation, now)
	ready := metav1.Condition{Type: ecsv1.ConditionReady, Status: metav1.ConditionTrue, Reason: o.Ready.Reason, Message: o.Ready.Message}
	switch {
	case o.Stalled != nil:
		ready.Status, ready.Reason, ready.Message = metav1.ConditionFalse, o.Stalled.Reason, o.Stalled.Message
	case o.Reconciling != nil:
		ready.Status, ready.Reason, ready.Message = metav1.ConditionFalse, o.Reconciling.Reason, o.Reconciling.Message
	}
	put(list, ready, generation, now)
}

// Flag writes one more condition of the object's own, true when why is set and removed otherwise.
func Flag(list *[]metav1.Condition, kind string, why *Reason, generation int64, now metav1.Time) {
	abnormal(list, kind, why, generation, now)
}

func abnormal(list *[]metav1.Condition, kind string, why *Reason, generation int64, now metav1.Time) {
	if why == nil {
		meta.RemoveStatusCondition(list, kind)
		return
	}
	put(list, metav1.Condition{Type: kind, Status: metav1.ConditionTrue, Reason: why.Reason, Message: why.Message}, generation, now)
}

func put(list *[]metav1.Condition, c metav1.Condition, generation int64, now metav1.Time) {
	c.ObservedGeneration = generation
	c.LastTransitionTime = now
	meta.SetStatusCondition(list, c)
}
