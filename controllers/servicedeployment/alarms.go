// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/alarm"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// +kubebuilder:rbac:groups=ecs.pods.dev,resources=alarms,verbs=list;watch

// observeAlarms reads the alarms of the namespace where the service names some.
func (r *Reconciler) observeAlarms(ctx context.Context, o *observed) error {
	if len(service.Alarms(o.service).AlarmNames) == 0 {
		return nil
	}
	list := &ecsv1.AlarmList{}
	err := r.Client.List(ctx, list, client.InNamespace(o.sd.Namespace))
	o.alarms = list.Items
	return err
}

// alarmsOf is how the alarms of the deployment stand, for its decision and for its status. One that was in ALARM when the deployment began keeps all of them
// from counting for as long as it goes on; that is remembered by the status DISABLED.
func (o observed) alarmsOf(s *ecsv1.ServiceDeploymentStatus) (deploy.Alarms, *ecsv1.ServiceDeploymentAlarms) {
	config := service.Alarms(o.service)
	if !deploy.GoesForward(s.Status) {
		return deploy.Alarms{}, s.Alarms
	}
	if len(config.AlarmNames) == 0 {
		return deploy.Alarms{}, nil
	}
	names, began := slices.Sorted(slices.Values(config.AlarmNames)), o.now
	if s.StartedAt != nil {
		began = s.StartedAt.Time // by the clock that alarms go by, which that of the apiserver isn't
	}
	seen := alarm.Watch(names, o.alarms, began)
	is := &ecsv1.ServiceDeploymentAlarms{Status: ecsv1.RollbackMonitorsStatusMonitoring, AlarmNames: names}
	switch {
	case s.Alarms != nil && s.Alarms.Status == ecsv1.RollbackMonitorsStatusDisabled:
		is.Status, is.TriggeredAlarmNames = s.Alarms.Status, s.Alarms.TriggeredAlarmNames
	case s.Alarms == nil && len(seen.FiredBefore) > 0:
		is.Status, is.TriggeredAlarmNames = ecsv1.RollbackMonitorsStatusDisabled, seen.FiredBefore
	}
	return deploy.Alarms{
		Enabled: true, Rollback: config.Rollback, Ignored: is.Status == ecsv1.RollbackMonitorsStatusDisabled, Firing: seen.Fired,
	}, is
}

// concludeAlarms says in the status what became of the alarms when the deployment went on to another state.
func concludeAlarms(is *ecsv1.ServiceDeploymentAlarms, watched deploy.Alarms, abort *deploy.Abort) {
	if is == nil || is.Status != ecsv1.RollbackMonitorsStatusMonitoring {
		return
	}
	is.Status = ecsv1.RollbackMonitorsStatusMonitoringComplete
	if abort != nil && abort.Reason == deploy.AlarmFiring {
		is.Status, is.TriggeredAlarmNames = ecsv1.RollbackMonitorsStatusTriggered, watched.Firing
	}
}

// ofAlarm leads from an alarm to the deployments of the services that name it.
func (r *Reconciler) ofAlarm(ctx context.Context, o client.Object) []reconcile.Request {
	a, ok := o.(*ecsv1.Alarm)
	if !ok {
		return nil
	}
	list := &ecsv1.ServiceList{}
	if err := r.Client.List(ctx, list, references.Watching(a)...); err != nil {
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range list.Items {
		out = append(out, r.ofService(ctx, &list.Items[i])...)
	}
	return out
}

// alarmChanges are the changes of an alarm's state.
var alarmChanges = predicate.Funcs{
	UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok1 := e.ObjectOld.(*ecsv1.Alarm)
		after, ok2 := e.ObjectNew.(*ecsv1.Alarm)
		return ok1 && ok2 && before.Status.StateValue != after.Status.StateValue
	},
}
