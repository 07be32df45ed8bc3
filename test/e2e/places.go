// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

type stage = ecsv1.ServiceDeploymentLifecycleStage

// place is where a deployment is kept until somebody stops it.
type place struct {
	at stage
	by means
}

// means are what keeps a deployment at a stage.
type means string

const (
	aPerson     means = "a hook that pauses"
	twoSources  means = "a hook that pauses, on top of another deployment"
	aFunction   means = "a hook that is still at work"
	itsTasks    means = "tasks that don't become ready"
	theCanary   means = "the canary's bake time"
	theStep     means = "a step's bake time"
	theThird    means = "a hook that pauses before the third step"
	theBakeTime means = "the bake time"
	theSource   means = "old tasks that have requests in flight"
)

// places are all the stages of a deployment and what can keep it there, in order.
var places = []place{
	{ecsv1.ServiceDeploymentLifecycleStageReconcileService, twoSources}, // with one, the stage is passed by
	{ecsv1.ServiceDeploymentLifecycleStagePreScaleUp, aPerson},
	{ecsv1.ServiceDeploymentLifecycleStageScaleUp, itsTasks},
	{ecsv1.ServiceDeploymentLifecycleStagePostScaleUp, aPerson},
	{ecsv1.ServiceDeploymentLifecycleStageTestTrafficShift, aFunction},
	{ecsv1.ServiceDeploymentLifecycleStagePostTestTrafficShift, aPerson},
	{ecsv1.ServiceDeploymentLifecycleStagePreProductionTrafficShift, aPerson},
	{ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift, aFunction},
	{ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift, theCanary},
	{ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift, theStep},
	{ecsv1.ServiceDeploymentLifecycleStagePreProductionTrafficShift, theThird}, // half of the traffic has moved
	{ecsv1.ServiceDeploymentLifecycleStagePostProductionTrafficShift, aPerson},
	{ecsv1.ServiceDeploymentLifecycleStageBakeTime, theBakeTime},
	{ecsv1.ServiceDeploymentLifecycleStageCleanUp, theSource},
}

// of reports whether deployments of a strategy come to the place.
func (p place) of(strategy ecsv1.DeploymentConfiguration) bool {
	switch p.by {
	case theCanary:
		return strategy.CanaryConfiguration != nil
	case theStep, theThird:
		return strategy.LinearConfiguration != nil
	default:
		return true
	}
}

// keep makes the next deployment of a service stay at the place. What is returned lets it go.
func (p place) keep(ctx context.Context, web service) (letGo func()) {
	GinkgoHelper()
	letGo = func() {}
	hook := ecsv1.DeploymentLifecycleHook{LifecycleStages: []ecsv1.DeploymentLifecycleHookStage{ecsv1.DeploymentLifecycleHookStage(p.at)}}
	switch p.by {
	case aPerson, theThird:
		hook.TargetType = ecsv1.DeploymentLifecycleHookTargetTypePause
	case twoSources:
		hook.TargetType = ecsv1.DeploymentLifecycleHookTargetTypePause
		hook.LifecycleStages = append(hook.LifecycleStages, ecsv1.DeploymentLifecycleHookStagePostScaleUp)
	case aFunction:
		hook.HookTargetArn, letGo = function()
	default: // no hook
	}
	web.edit(ctx, func(s *ecsv1.ServiceSpec) {
		config := s.DeploymentConfiguration
		switch p.by {
		case aPerson, theThird, twoSources, aFunction:
			config.LifecycleHooks = []ecsv1.DeploymentLifecycleHook{hook}
		case theCanary:
			config.CanaryConfiguration.CanaryBakeTimeInMinutes = new(int32(60))
		case theStep:
			config.LinearConfiguration.StepBakeTimeInMinutes = new(int32(60))
		case theBakeTime:
			config.BakeTimeInMinutes = new(int32(60))
		default: // nothing of the service keeps it there
		}
	})
	return letGo
}

// reaches waits until a deployment of the service stands at the place.
func (p place) reaches(ctx context.Context, web service, deployment string) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		sd := web.deployment(ctx, g, deployment)
		g.Expect(sd.Status.LifecycleStage).To(Equal(p.at))
		hooks := sd.Status.LifecycleHookDetails
		switch p.by {
		case aPerson, twoSources:
			g.Expect(hooks).To(ContainElement(HaveField("Status", ecsv1.DeploymentLifecycleHookStatusAwaitingAction)))
		case theThird:
			i := slices.IndexFunc(hooks, func(h ecsv1.DeploymentLifecycleHookDetail) bool {
				return h.Status == ecsv1.DeploymentLifecycleHookStatusAwaitingAction
			})
			g.Expect(i).To(BeNumerically(">=", 0), "it waits for nobody")
			if step := sd.Status.Kubernetes.TrafficStep; ptr.Deref(step, 1) < 3 {
				annotate(ctx, g, sd, ecsv1.AnnotationContinueDeployment, hooks[i].HookId)
			}
			g.Expect(sd.Status.Kubernetes.TrafficStep).To(HaveValue(BeEquivalentTo(3)))
		case aFunction:
			g.Expect(hooks).To(ContainElement(HaveField("Status", ecsv1.DeploymentLifecycleHookStatusInProgress)))
		case itsTasks:
			g.Expect(web.tasks(ctx, g)).To(HaveLen(6))
		case theSource:
			g.Expect(web.tasks(ctx, g)).To(ContainElement(HaveField("DeletionTimestamp", Not(BeNil()))))
		default: // a bake time has just begun
		}
	}).WithPolling(pollFast).Should(Succeed())
}

// annotate tells a deployment what a person wants of it.
func annotate(ctx context.Context, g Gomega, sd *ecsv1.ServiceDeployment, key, value string) {
	GinkgoHelper()
	before := sd.DeepCopy()
	metav1.SetMetaDataAnnotation(&sd.ObjectMeta, key, value)
	g.Expect(kube.Patch(ctx, sd, client.MergeFrom(before))).To(Succeed())
}
