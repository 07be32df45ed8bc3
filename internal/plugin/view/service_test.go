// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"strconv"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
)

var today = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

func ago(d time.Duration) *metav1.Time { return new(metav1.NewTime(today.Add(-d))) }

func tenths(n int64) *ecsv1.Decimal { return new(ecsv1.DecimalFromTenths(n)) }

// scene of a service that goes from web-1 to web-2, five minutes ago.
func scene(strategy ecsv1.DeploymentStrategy, outcome conditions.Outcome, edits ...func(*ecsv1.ServiceDeploymentStatus)) ServiceScene {
	s := ServiceScene{Now: today, Service: ecsv1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"},
		Spec: ecsv1.ServiceSpec{Cluster: "prod", DesiredCount: new(int32(4)), DeploymentConfiguration: &ecsv1.DeploymentConfiguration{
			Strategy: strategy, MinimumHealthyPercent: new(int32(75)), MaximumPercent: new(int32(150)),
		}},
		Status: ecsv1.ServiceStatus{Status: ecsv1.ServiceStateActive, DesiredCount: 4, RunningCount: 5, PendingCount: 1},
	}}
	conditions.Set(&s.Service.Status.Conditions, 1, *ago(time.Minute), outcome)
	for n := range int64(2) {
		name := "web-" + strconv.FormatInt(n+1, 10)
		s.Revisions = append(s.Revisions, ecsv1.ServiceRevision{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       ecsv1.ServiceRevisionSpec{Service: "web", Revision: n + 1, TaskDefinition: "web:" + strconv.FormatInt(n+7, 10)},
		})
	}
	sd := ecsv1.ServiceDeployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-2", Labels: map[string]string{ecsv1.LabelServiceRevision: "2"}},
		Spec: ecsv1.ServiceDeploymentSpec{Service: "web", TargetServiceRevision: "web-2", SourceServiceRevisions: []string{"web-1"},
			DeploymentConfiguration: s.Service.Spec.DeploymentConfiguration},
		Status: ecsv1.ServiceDeploymentStatus{
			Status: ecsv1.ServiceDeploymentStateInProgress, RolloutState: ecsv1.DeploymentRolloutStateInProgress, DeploymentId: "ecs-svc/1234567890123456789",
			StartedAt: ago(5 * time.Minute), DesiredTaskCount: 4, RunningTaskCount: 3, PendingTaskCount: 1, HealthyTaskCount: 2,
			TargetServiceRevision:    &ecsv1.ServiceRevisionSummary{Name: "web-2", RequestedTaskCount: 4, RunningTaskCount: 3, PendingTaskCount: 1},
			SourceServiceRevisions:   []ecsv1.ServiceRevisionSummary{{Name: "web-1", RequestedTaskCount: 2, RunningTaskCount: 2}},
			DeploymentCircuitBreaker: &ecsv1.ServiceDeploymentCircuitBreaker{Status: ecsv1.RollbackMonitorsStatusMonitoring, FailureCount: 1, Threshold: 3},
			Conditions:               s.Service.Status.Conditions,
		},
	}
	for _, edit := range edits {
		edit(&sd.Status)
	}
	s.Deployments = []ecsv1.ServiceDeployment{{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-1", Labels: map[string]string{ecsv1.LabelServiceRevision: "1"}},
		Spec:       ecsv1.ServiceDeploymentSpec{Service: "web", TargetServiceRevision: "web-1"},
		Status: ecsv1.ServiceDeploymentStatus{
			Status: ecsv1.ServiceDeploymentStateSuccessful, StartedAt: ago(3 * time.Hour), FinishedAt: ago(3*time.Hour - 95*time.Second), StatusReason: "all tasks are healthy",
		},
	}, sd}
	for i, text := range []string{"has started 2 tasks: (service revision web-2)", "has stopped 1 running tasks: (service revision web-1)", "has reached a steady state."} {
		s.Events = append(s.Events, corev1.Event{
			InvolvedObject: corev1.ObjectReference{APIVersion: ecsv1.GroupVersion.String(), Kind: "Service", Name: "web"},
			Type:           corev1.EventTypeNormal, Message: "(service web) " + text, EventTime: metav1.NewMicroTime(today.Add(-time.Duration(i+1) * 70 * time.Second)),
		})
	}
	s.Events = append(s.Events, corev1.Event{InvolvedObject: corev1.ObjectReference{APIVersion: "v1", Kind: "Service", Name: "web"}, Message: "of the core service"})
	return s
}

func working(reason, message string) conditions.Outcome {
	return conditions.Outcome{Reconciling: &conditions.Reason{Reason: reason, Message: message}}
}

func weighed(production, test int64) func(*ecsv1.ServiceDeploymentStatus) {
	return func(s *ecsv1.ServiceDeploymentStatus) {
		s.TargetServiceRevision.RequestedProductionTrafficWeight, s.TargetServiceRevision.RequestedTestTrafficWeight = tenths(production), tenths(test)
		s.SourceServiceRevisions[0].RequestedProductionTrafficWeight, s.SourceServiceRevisions[0].RequestedTestTrafficWeight = tenths(1000-production), tenths(1000-test)
	}
}

func at(stage ecsv1.ServiceDeploymentLifecycleStage, step int32) func(*ecsv1.ServiceDeploymentStatus) {
	return func(s *ecsv1.ServiceDeploymentStatus) {
		s.LifecycleStage = stage
		s.Kubernetes = &ecsv1.ServiceDeploymentKubernetes{LifecycleStageStartedAt: ago(2 * time.Minute)}
		if step > 0 {
			s.Kubernetes.TrafficStep = &step
		}
	}
}

func back(reason string, state ecsv1.ServiceDeploymentState) func(*ecsv1.ServiceDeploymentStatus) {
	return func(s *ecsv1.ServiceDeploymentStatus) {
		s.Status = state
		s.Rollback = &ecsv1.Rollback{Reason: reason, ServiceRevision: "web-1", StartedAt: ago(time.Minute)}
	}
}

func hooked(runs ...ecsv1.DeploymentLifecycleHookDetail) func(*ecsv1.ServiceDeploymentStatus) {
	return func(s *ecsv1.ServiceDeploymentStatus) { s.LifecycleHookDetails = runs }
}

var (
	pause = ecsv1.DeploymentLifecycleHookDetail{
		HookId: "pause-0f3a", TargetType: ecsv1.DeploymentLifecycleHookTargetTypePause, Status: ecsv1.DeploymentLifecycleHookStatusAwaitingAction,
		LifecycleStage: ecsv1.DeploymentLifecycleHookStagePreProductionTrafficShift, StartedAt: ago(2 * time.Minute),
		ExpiresAt: ago(-72 * time.Hour), TimeoutAction: ecsv1.DeploymentLifecycleHookActionRollback,
	}
	asked = ecsv1.DeploymentLifecycleHookDetail{
		HookId: "hook-51c2", TargetType: ecsv1.DeploymentLifecycleHookTargetTypeAwsLambda, TargetArn: "http://checks.shop/canary",
		Status: ecsv1.DeploymentLifecycleHookStatusInProgress, LifecycleStage: ecsv1.DeploymentLifecycleHookStagePostTestTrafficShift,
		StartedAt: ago(40 * time.Second), ExpiresAt: ago(-time.Hour), TimeoutAction: ecsv1.DeploymentLifecycleHookActionContinue,
	}
	passed = ecsv1.DeploymentLifecycleHookDetail{
		HookId: "hook-0d11", TargetArn: "job/smoke", Status: ecsv1.DeploymentLifecycleHookStatusSucceeded, LifecycleStage: ecsv1.DeploymentLifecycleHookStagePostScaleUp,
		StartedAt: ago(4 * time.Minute), FinishedAt: ago(3 * time.Minute), StatusReason: "exit code 0",
	}
)

const tripped = "ECS deployment circuit breaker: tasks failed to start."

func scenes() map[string]ServiceScene {
	shift, steady := ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift, conditions.Outcome{Ready: conditions.Reason{Reason: ecsv1.ReasonReady, Message: "has reached a steady state"}}
	empty := scene("", working(ecsv1.ReasonProgressing, "starting a deployment"))
	empty.Deployments, empty.Revisions, empty.Events = nil, nil, nil
	answered := scene(ecsv1.DeploymentStrategyLinear, working(ecsv1.ReasonPaused, "step 4 of 10 is to begin"), at(ecsv1.ServiceDeploymentLifecycleStagePreProductionTrafficShift, 4), weighed(300, 1000), hooked(pause))
	answered.Deployments[1].Annotations = map[string]string{ecsv1.AnnotationContinueDeployment: "pause-77c1, pause-0f3a"}
	unwatched := scene(ecsv1.DeploymentStrategyRolling, working(ecsv1.ReasonProgressing, "1 of 4 tasks isn't RUNNING yet"))
	conditions.Flag(&unwatched.Service.Status.Conditions, ecsv1.ConditionAlarmsNotFound, &conditions.Reason{
		Reason: ecsv1.ReasonAlarmsNotFound, Message: "there is no Alarm of this name in namespace shop, so that it stops no deployment: high-6xx"}, 1, *ago(time.Minute))
	return map[string]ServiceScene{
		"unwatched": unwatched,
		"rolling":   scene(ecsv1.DeploymentStrategyRolling, working(ecsv1.ReasonProgressing, "1 of 4 tasks isn't RUNNING yet")),
		"steady": scene(ecsv1.DeploymentStrategyRolling, steady, func(s *ecsv1.ServiceDeploymentStatus) {
			s.Status, s.FinishedAt, s.RunningTaskCount, s.PendingTaskCount, s.HealthyTaskCount = ecsv1.ServiceDeploymentStateSuccessful, ago(time.Minute), 4, 0, 4
			s.SourceServiceRevisions, s.DeploymentCircuitBreaker.Status = nil, ecsv1.RollbackMonitorsStatusMonitoringComplete
		}),
		"canary": scene(ecsv1.DeploymentStrategyCanary, working(ecsv1.ReasonProgressing, "step 1 of 2 bakes until 12:08"), at(shift, 1), weighed(50, 1000), hooked(passed),
			func(s *ecsv1.ServiceDeploymentStatus) {
				s.Alarms = &ecsv1.ServiceDeploymentAlarms{Status: ecsv1.RollbackMonitorsStatusMonitoring, AlarmNames: []string{"high-5xx", "slow"}}
			}),
		"paused":     scene(ecsv1.DeploymentStrategyCanary, working(ecsv1.ReasonPaused, "waits for an answer"), at(ecsv1.ServiceDeploymentLifecycleStagePreProductionTrafficShift, 1), weighed(0, 1000), hooked(passed, pause)),
		"answered":   answered,
		"hook":       scene(ecsv1.DeploymentStrategyBlueGreen, working(ecsv1.ReasonProgressing, "waits for hook-51c2"), at(ecsv1.ServiceDeploymentLifecycleStagePostTestTrafficShift, 0), weighed(0, 1000), hooked(passed, asked)),
		"going-back": scene(ecsv1.DeploymentStrategyCanary, working(ecsv1.ReasonRollingBack, "back to web-1: alarm high-5xx went to ALARM"), back("alarm high-5xx went to ALARM", ecsv1.ServiceDeploymentStateRollbackInProgress), at(shift, 0), weighed(0, 1000)),
		"rolled-back": scene(ecsv1.DeploymentStrategyCanary, conditions.Outcome{Stalled: &conditions.Reason{Reason: ecsv1.ReasonRolledBack, Message: "web-1 runs since web-2 failed; change the service"}},
			back(tripped, ecsv1.ServiceDeploymentStateRollbackSuccessful), func(s *ecsv1.ServiceDeploymentStatus) {
				s.FinishedAt, s.DeploymentCircuitBreaker.Status, s.DeploymentCircuitBreaker.FailureCount = ago(10*time.Second), ecsv1.RollbackMonitorsStatusTriggered, 3
				s.RunningTaskCount, s.PendingTaskCount, s.HealthyTaskCount, s.TargetServiceRevision.RequestedTaskCount = 0, 0, 0, 0
				s.SourceServiceRevisions[0].RequestedTaskCount, s.SourceServiceRevisions[0].RunningTaskCount = 4, 4
			}),
		"failed": scene(ecsv1.DeploymentStrategyBlueGreen, conditions.Outcome{Stalled: &conditions.Reason{Reason: ecsv1.ReasonDeploymentFailed, Message: tripped + " Change the service"}}, at(ecsv1.ServiceDeploymentLifecycleStageScaleUp, 0),
			func(s *ecsv1.ServiceDeploymentStatus) {
				s.Status, s.RolloutState, s.StatusReason, s.FinishedAt = ecsv1.ServiceDeploymentStateStopped, ecsv1.DeploymentRolloutStateFailed, tripped, ago(0)
			}),
		"new": empty,
	}
}

func TestServicePictures(t *testing.T) {
	for name, s := range scenes() {
		for on, c := range map[string]Canvas{"": {}, "-80": {Width: 80, Height: 24, Unicode: true, Fixed: true}} {
			t.Run(name+on, func(t *testing.T) {
				state := LookAtService(s)
				got := state.Draw(Canvas{})
				if c.Width > 0 {
					got = LiveService(state, nil, c)
					inside(t, got, c)
				}
				golden(t, "service/"+name+on+".txt", got)
			})
		}
	}
}

func TestAServiceInColour(t *testing.T) {
	golden(t, "service/canary-colour.txt", LookAtService(scenes()["canary"]).Draw(Canvas{Width: 100, Unicode: true, Colours: 256}))
}

func TestAServiceForPrograms(t *testing.T) {
	text, err := yaml.Marshal(LookAtService(scenes()["paused"]))
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "service/paused.yaml", string(text))
}

func TestHistory(t *testing.T) {
	s := scenes()["rolled-back"]
	golden(t, "service/history.txt", Deployments(History(s), s.Now, Canvas{}))
}

// The source's tasks come first on the way back, where they have gone already; else that isn't part of it.
func TestTheWayBack(t *testing.T) {
	for _, tc := range []struct {
		at   ecsv1.ServiceDeploymentLifecycleStage
		want string
	}{
		{ecsv1.ServiceDeploymentLifecycleStageScaleUp, "SCALE_UP present, PRODUCTION_TRAFFIC_SHIFT to come, TEST_TRAFFIC_SHIFT to come, CLEAN_UP to come"},
		{ecsv1.ServiceDeploymentLifecycleStageTestTrafficShift, "PRODUCTION_TRAFFIC_SHIFT done, TEST_TRAFFIC_SHIFT present, CLEAN_UP to come"},
	} {
		s := scene(ecsv1.DeploymentStrategyBlueGreen, conditions.Outcome{}, at(tc.at, 0), back("x", ecsv1.ServiceDeploymentStateRollbackInProgress))
		var words []string
		for _, x := range stagesOf(&s.Deployments[1]) {
			words = append(words, string(x.Stage)+" "+x.State)
		}
		if got := strings.Join(words, ", "); got != tc.want {
			t.Errorf("%s, want %s", got, tc.want)
		}
	}
}

// Every strategy has each of its stages once, in order, and the present one is the only present one.
func TestStages(t *testing.T) {
	for _, strategy := range []ecsv1.DeploymentStrategy{ecsv1.DeploymentStrategyBlueGreen, ecsv1.DeploymentStrategyCanary, ecsv1.DeploymentStrategyLinear} {
		for n, stage := range forwards {
			s := scene(strategy, conditions.Outcome{}, at(stage, 1))
			stages := stagesOf(&s.Deployments[1])
			var states []string
			for _, x := range stages {
				states = append(states, x.State)
			}
			want := strings.Repeat(stageDone+" ", n) + stagePresent + strings.Repeat(" "+stageToCome, len(forwards)-1-n)
			if n > 0 { // there is one source: nothing to reconcile
				want = strings.TrimPrefix(want, stageDone+" ")
			}
			if got := strings.Join(states, " "); got != want {
				t.Errorf("%s at %s: %s, want %s", strategy, stage, got, want)
			}
		}
	}
}

func TestStepsOfTraffic(t *testing.T) {
	for name, tc := range map[string]struct {
		configuration ecsv1.DeploymentConfiguration
		want          int32
	}{
		"all of a canary is one":     {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyCanary, CanaryConfiguration: &ecsv1.CanaryConfiguration{CanaryPercent: tenths(1000)}}, 1},
		"canary has two":             {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyCanary}, 2},
		"linear has ten":             {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyLinear}, 10},
		"a third makes four":         {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyLinear, LinearConfiguration: &ecsv1.LinearConfiguration{StepPercent: tenths(333)}}, 4},
		"all at once has no steps":   {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen}, 0},
		"12.5 percent makes eight":   {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyLinear, LinearConfiguration: &ecsv1.LinearConfiguration{StepPercent: tenths(125)}}, 8},
		"a hundred percent makes it": {ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyLinear, LinearConfiguration: &ecsv1.LinearConfiguration{StepPercent: tenths(1000)}}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			sd := &ecsv1.ServiceDeployment{Spec: ecsv1.ServiceDeploymentSpec{DeploymentConfiguration: &tc.configuration}}
			if got := stepsOf(sd, ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift); got != tc.want {
				t.Errorf("%d steps, want %d", got, tc.want)
			}
		})
	}
}
