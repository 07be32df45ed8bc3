// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"context"
	"fmt"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/alarm"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=alarms,verbs=list;watch

// observeAlarms finds out which of the alarms that the service names aren't there.
func (r *Reconciler) observeAlarms(ctx context.Context, o *observed) error {
	named := service.Alarms(o.service).AlarmNames
	if len(named) == 0 {
		return nil
	}
	list := &ecsv1.AlarmList{}
	if err := r.Client.List(ctx, list, client.InNamespace(o.service.Namespace), client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	o.missingAlarms = alarm.Watch(named, list.Items, o.now).Missing
	return nil
}

// missingAlarms is a condition's reason when the service names alarms that aren't there: its deployments are less watched than it looks.
func missingAlarms(seen observed) *conditions.Reason {
	if len(seen.missingAlarms) == 0 {
		return nil
	}
	return &conditions.Reason{Reason: ecsv1.ReasonAlarmsNotFound, Message: fmt.Sprintf(
		"spec.deploymentConfiguration.alarms.alarmNames: there is no Alarm of this name in namespace %s, so that it stops no deployment: %s. Make it, or correct the name",
		seen.service.Namespace, strings.Join(seen.missingAlarms, ", "))}
}

// ofAlarm leads from an alarm to the services that name it.
func (r *Reconciler) ofAlarm(ctx context.Context, o client.Object) []reconcile.Request {
	a, ok := o.(*ecsv1.Alarm)
	if !ok {
		return nil
	}
	return r.list(ctx, references.Watching(a)...)
}

// comesAndGoes: whether an alarm is there is all that counts, since its name never changes.
var comesAndGoes = predicate.Funcs{UpdateFunc: func(event.UpdateEvent) bool { return false }}
