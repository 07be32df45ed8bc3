// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"maps"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
)

// turns are the changes of a ServiceDeployment that something follows from: its state, by whomever it was written, and what people ask for by annotations.
var turns = predicate.Funcs{
	UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok1 := e.ObjectOld.(*ecsv1.ServiceDeployment)
		after, ok2 := e.ObjectNew.(*ecsv1.ServiceDeployment)
		return ok1 && ok2 && (before.Generation != after.Generation || before.Status.Status != after.Status.Status ||
			before.Annotations[ecsv1.AnnotationStopDeployment] != after.Annotations[ecsv1.AnnotationStopDeployment] ||
			before.Annotations[ecsv1.AnnotationContinueDeployment] != after.Annotations[ecsv1.AnnotationContinueDeployment])
	},
}

// carrierChanges are the changes of a Deployment or a ReplicaSet that something follows from. Their controllers count ready and available pods in it, too, which
// are seen from the pods.
var carrierChanges = predicate.Funcs{
	UpdateFunc: func(e event.UpdateEvent) bool {
		before, after := e.ObjectOld, e.ObjectNew
		return before.GetGeneration() != after.GetGeneration() || before.GetDeletionTimestamp().IsZero() != after.GetDeletionTimestamp().IsZero() ||
			!maps.Equal(before.GetAnnotations(), after.GetAnnotations()) || !maps.Equal(before.GetLabels(), after.GetLabels()) ||
			!equality.Semantic.DeepEqual(before.GetOwnerReferences(), after.GetOwnerReferences()) || progress(before) != progress(after)
	},
}

// progress is what is read of the status of a Deployment or a ReplicaSet.
func progress(o client.Object) (p struct {
	observed int64
	replicas int32
	refused  string
}) {
	switch o := o.(type) {
	case *appsv1.Deployment:
		p.observed, p.replicas, p.refused = o.Status.ObservedGeneration, o.Status.Replicas, revision{deployment: o}.refused()
	case *appsv1.ReplicaSet:
		p.replicas = o.Status.Replicas
	}
	return p
}

// announceLife tells of the states that a deployment has come to.
func (r *Reconciler) announceLife(seen observed, before, after *ecsv1.ServiceDeployment, abort *deploy.Abort) {
	s := after.Status
	if before.Status.Status == s.Status {
		return
	}
	if abort != nil {
		_, words, _ := strings.Cut(failure(abort.Reason), ": ")
		r.on(seen, corev1.EventTypeWarning, "DeploymentFailed", "Deploy", "(deployment %s) deployment failed: %s", s.DeploymentId, words)
	}
	switch s.Status {
	case ecsv1.ServiceDeploymentStateSuccessful:
		r.on(seen, corev1.EventTypeNormal, "DeploymentCompleted", "Deploy", "(deployment %s) deployment completed.", s.DeploymentId)
	case ecsv1.ServiceDeploymentStateRollbackInProgress:
		if back := seen.named(s.Rollback.ServiceRevision); back != nil {
			r.on(seen, corev1.EventTypeWarning, ecsv1.ReasonRollingBack, "Rollback", "rolling back to deployment %s.", deploymentID(seen.service.UID, back))
		}
	case ecsv1.ServiceDeploymentStateRollbackSuccessful:
		if back := seen.goal(); back != nil {
			r.on(seen, corev1.EventTypeNormal, "RollbackCompleted", "Rollback", "(deployment %s) deployment completed.", deploymentID(seen.service.UID, back))
		}
	case ecsv1.ServiceDeploymentStateRollbackFailed:
		r.on(seen, corev1.EventTypeWarning, ecsv1.ReasonRollbackFailed, "Rollback", "(deployment %s) can't be rolled back: %s", s.DeploymentId, s.StatusReason)
	case ecsv1.ServiceDeploymentStatePending, ecsv1.ServiceDeploymentStateInProgress, ecsv1.ServiceDeploymentStateStopRequested,
		ecsv1.ServiceDeploymentStateStopped, ecsv1.ServiceDeploymentStateRollbackRequested:
	}
}
