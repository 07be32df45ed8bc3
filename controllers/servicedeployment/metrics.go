// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// Outcomes of a deployment. With the strategies and the stages, which are lists too, they bound how many rows there can be.
const (
	outcomeSucceeded      = "succeeded"
	outcomeFailed         = "failed"
	outcomeRolledBack     = "rolled_back"
	outcomeRollbackFailed = "rollback_failed"
	outcomeStopped        = "stopped"    // as somebody asked
	outcomeSuperseded     = "superseded" // by a newer deployment
)

var (
	deploymentsEnded = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "ecs_operator_service_deployments_total",
		Help: "Service deployments that have ended, by outcome and strategy.",
	}, []string{"outcome", "strategy"})
	deploymentTook = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "ecs_operator_service_deployment_duration_seconds",
		Help:    "Time from the start of a service deployment to its end, by outcome and strategy.",
		Buckets: long,
	}, []string{"outcome", "strategy"})
	stageTook = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "ecs_operator_service_deployment_stage_duration_seconds",
		Help:    "Time that a stage took of deployments that go forwards, by stage and strategy. Each step of a traffic shift counts by itself.",
		Buckets: long,
	}, []string{"stage", "strategy"})
	rollbackTook = prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "ecs_operator_service_rollback_duration_seconds",
		Help:    "Time from the decision to go back to the end of the rollback, by strategy.",
		Buckets: []float64{1, 2, 5, 10, 30, 60, 300, 900, 3600},
	}, []string{"strategy"})
	failedTasks = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "ecs_operator_service_failed_tasks_total",
		Help: "Tasks of service deployments that failed.",
	})
	inProgress = prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "ecs_operator_service_deployments_in_progress",
		Help: "Service deployments that go on, forwards or back.",
	})
	productionWeight = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "ecs_operator_service_deployment_production_weight_percent",
		Help: "Share of production traffic that the target of a deployment is given, while the deployment goes on.",
	}, []string{"namespace", "service"})
	failingTasks = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "ecs_operator_service_deployment_failed_tasks",
		Help: "Failed tasks of a deployment, while it goes on.",
	}, []string{"namespace", "service"})
)

var long = []float64{5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400, 43200, 86400}

func init() {
	metrics.Registry.MustRegister(deploymentsEnded, deploymentTook, stageTook, rollbackTook, failedTasks, inProgress, productionWeight, failingTasks)
}

// happening is what one status patch changed, for the metrics.
type happening struct {
	failed int32
	// stage that is over, "" for none.
	stage     ecsv1.ServiceDeploymentLifecycleStage
	stageTook time.Duration
	// outcome of a deployment that has ended now, "" for others.
	outcome            string
	took, rollbackTook time.Duration
}

// happened compares the status before and after a patch.
func happened(before, after *ecsv1.ServiceDeployment) happening {
	was, is := &before.Status, &after.Status
	h := happening{failed: max(is.FailedTasks-was.FailedTasks, 0)}
	end := after.Status.FinishedAt
	h.stage, h.stageTook = stageOver(was, is)
	if hasEnded(was.Status) || !hasEnded(is.Status) {
		return h
	}
	h.outcome = outcomeOf(after)
	if end != nil && is.StartedAt != nil {
		h.took = max(end.Sub(is.StartedAt.Time), 0)
	}
	if end != nil && is.Rollback != nil && is.Rollback.StartedAt != nil {
		h.rollbackTook = max(end.Sub(is.Rollback.StartedAt.Time), 0)
	}
	return h
}

// stageOver is the stage, or the step of it, that ended between the two, on the way forwards.
func stageOver(was, is *ecsv1.ServiceDeploymentStatus) (ecsv1.ServiceDeploymentLifecycleStage, time.Duration) {
	began := stageBegan(was)
	if was.LifecycleStage == "" || was.Rollback != nil || hasEnded(was.Status) || began == nil {
		return "", 0
	}
	end := is.FinishedAt
	if next := stageBegan(is); next != nil && !hasEnded(is.Status) {
		end = next
	}
	if end == nil || was.LifecycleStage == is.LifecycleStage && !hasEnded(is.Status) && end.Equal(began) {
		return "", 0
	}
	return was.LifecycleStage, max(end.Sub(began.Time), 0)
}

func stageBegan(s *ecsv1.ServiceDeploymentStatus) *metav1.Time {
	if s.Kubernetes == nil {
		return nil
	}
	return s.Kubernetes.LifecycleStageStartedAt
}

func hasEnded(s ecsv1.ServiceDeploymentState) bool {
	switch s {
	case ecsv1.ServiceDeploymentStateSuccessful, ecsv1.ServiceDeploymentStateStopped, ecsv1.ServiceDeploymentStateRollbackSuccessful, ecsv1.ServiceDeploymentStateRollbackFailed:
		return true
	case ecsv1.ServiceDeploymentStatePending, ecsv1.ServiceDeploymentStateInProgress, ecsv1.ServiceDeploymentStateStopRequested,
		ecsv1.ServiceDeploymentStateRollbackRequested, ecsv1.ServiceDeploymentStateRollbackInProgress:
	}
	return false
}

// outcomeOf a deployment that has ended.
func outcomeOf(sd *ecsv1.ServiceDeployment) string {
	switch {
	case sd.Status.Status == ecsv1.ServiceDeploymentStateSuccessful:
		return outcomeSucceeded
	case sd.Status.Status == ecsv1.ServiceDeploymentStateRollbackSuccessful:
		return outcomeRolledBack
	case sd.Status.Status == ecsv1.ServiceDeploymentStateRollbackFailed:
		return outcomeRollbackFailed
	case why(sd) == ecsv1.ReasonSuperseded:
		return outcomeSuperseded
	case sd.Annotations[ecsv1.AnnotationStopDeployment] != "":
		return outcomeStopped
	}
	return outcomeFailed
}

// strategyOf a deployment, for the metrics.
func strategyOf(sd *ecsv1.ServiceDeployment, svc *ecsv1.Service) string {
	switch c := sd.Spec.DeploymentConfiguration; {
	case service.IsDaemon(svc):
		return string(ecsv1.SchedulingStrategyDaemon)
	case c != nil && c.Strategy != "":
		return string(c.Strategy)
	}
	return string(ecsv1.DeploymentStrategyRolling)
}

// measure counts what a patch that has been stored changed.
func measure(before, after *ecsv1.ServiceDeployment, svc *ecsv1.Service, drives bool) {
	h, strategy := happened(before, after), strategyOf(after, svc)
	failedTasks.Add(float64(h.failed))
	if h.stage != "" {
		stageTook.WithLabelValues(string(h.stage), strategy).Observe(h.stageTook.Seconds())
	}
	if h.outcome != "" {
		deploymentsEnded.WithLabelValues(h.outcome, strategy).Inc()
		deploymentTook.WithLabelValues(h.outcome, strategy).Observe(h.took.Seconds())
	}
	if h.rollbackTook > 0 {
		rollbackTook.WithLabelValues(strategy).Observe(h.rollbackTook.Seconds())
	}
	shown.show(after, drives && !hasEnded(after.Status.Status) && svc.DeletionTimestamp == nil)
}

// mostShown services have gauges at a time. The others are counted all the same.
const mostShown = 1000

// board knows whose gauges are shown: those of services with a deployment that goes on.
type board struct {
	mu    sync.Mutex
	going map[client.ObjectKey]types.UID // of the deployment
	shown map[client.ObjectKey]bool
}

var shown = &board{going: map[client.ObjectKey]types.UID{}, shown: map[client.ObjectKey]bool{}}

// show sets the gauges of a deployment that goes on, and takes those of one away that doesn't any more.
func (b *board) show(sd *ecsv1.ServiceDeployment, goes bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	key := client.ObjectKey{Namespace: sd.Namespace, Name: sd.Spec.Service}
	defer func() { inProgress.Set(float64(len(b.going))) }()
	if !goes {
		if b.going[key] == sd.UID {
			delete(b.going, key)
			delete(b.shown, key)
			productionWeight.DeleteLabelValues(key.Namespace, key.Name)
			failingTasks.DeleteLabelValues(key.Namespace, key.Name)
		}
		return
	}
	b.going[key] = sd.UID
	if !b.shown[key] && len(b.shown) >= mostShown {
		return
	}
	b.shown[key] = true
	failingTasks.WithLabelValues(key.Namespace, key.Name).Set(float64(sd.Status.FailedTasks))
	if target := sd.Status.TargetServiceRevision; target != nil && target.RequestedProductionTrafficWeight != nil {
		productionWeight.WithLabelValues(key.Namespace, key.Name).Set(float64(target.RequestedProductionTrafficWeight.Tenths()) / 10)
	} else {
		productionWeight.DeleteLabelValues(key.Namespace, key.Name)
	}
}

// unshow takes the gauges of a deployment away that went while it was looked at: its end is told once, which may have been before they were set.
func (r *Reconciler) unshow(ctx context.Context, sd *ecsv1.ServiceDeployment) {
	found := &ecsv1.ServiceDeployment{}
	err := r.Client.Get(ctx, client.ObjectKeyFromObject(sd), found, &client.GetOptions{UnsafeDisableDeepCopy: new(true)})
	if apierrors.IsNotFound(err) || err == nil && found.UID != sd.UID {
		shown.show(sd, false)
	}
}
