// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
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
	{ecsv1.ServiceDeploymentLifecycleStagePostProductionTrafficShift, aPerson},
	{ecsv1.ServiceDeploymentLifecycleStageBakeTime, theBakeTime},
	{ecsv1.ServiceDeploymentLifecycleStageCleanUp, theSource},
}

// abortsOf are the entries of a strategy.
func abortsOf(name string, strategy func() ecsv1.DeploymentConfiguration) []TableEntry {
	var out []TableEntry
	for _, p := range places {
		if p.by == theCanary && strategy().CanaryConfiguration == nil {
			continue
		}
		out = append(out, Entry(fmt.Sprintf("%s, at %s, where %s keeps it", name, p.at, p.by), strategy, p, SpecTimeout(4*time.Minute)))
	}
	return out
}

// keep makes the next deployment of a service stay at the place. What is returned lets it go.
func (p place) keep(ctx context.Context, web service) (letGo func()) {
	GinkgoHelper()
	letGo = func() {}
	hook := ecsv1.DeploymentLifecycleHook{LifecycleStages: []ecsv1.DeploymentLifecycleHookStage{ecsv1.DeploymentLifecycleHookStage(p.at)}}
	switch p.by {
	case aPerson:
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
		case aPerson, twoSources, aFunction:
			config.LifecycleHooks = []ecsv1.DeploymentLifecycleHook{hook}
		case theCanary:
			config.CanaryConfiguration.CanaryBakeTimeInMinutes = new(int32(60))
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
		status := web.deployment(ctx, g, deployment).Status
		g.Expect(status.LifecycleStage).To(Equal(p.at))
		switch p.by {
		case aPerson, twoSources:
			g.Expect(status.LifecycleHookDetails).To(ContainElement(HaveField("Status", ecsv1.DeploymentLifecycleHookStatusAwaitingAction)))
		case aFunction:
			g.Expect(status.LifecycleHookDetails).To(ContainElement(HaveField("Status", ecsv1.DeploymentLifecycleHookStatusInProgress)))
		case itsTasks:
			g.Expect(web.tasks(ctx, g)).To(HaveLen(6))
		case theSource:
			g.Expect(web.tasks(ctx, g)).To(ContainElement(HaveField("DeletionTimestamp", Not(BeNil()))))
		default: // a bake time has just begun
		}
	}).WithPolling(pollFast).Should(Succeed())
}

// deployment is a service deployment of the service.
func (s service) deployment(ctx context.Context, g Gomega, name string) *ecsv1.ServiceDeployment {
	GinkgoHelper()
	out := &ecsv1.ServiceDeployment{}
	g.Expect(kube.Get(ctx, client.ObjectKey{Namespace: s.namespace, Name: name}, out)).To(Succeed())
	return out
}

// stop is StopServiceDeployment with ROLLBACK.
func (s service) stop(ctx context.Context, deployment string) {
	GinkgoHelper()
	sd := s.deployment(ctx, Default, deployment)
	before := sd.DeepCopy()
	metav1.SetMetaDataAnnotation(&sd.ObjectMeta, ecsv1.AnnotationStopDeployment, "ROLLBACK")
	Expect(kube.Patch(ctx, sd, client.MergeFrom(before))).To(Succeed())
}

// wentBack waits until a deployment is rolled back, and nothing but n tasks of the version before is left.
func (s service) wentBack(ctx context.Context, deployment string, n int, version string) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		status := s.deployment(ctx, g, deployment).Status
		g.Expect(status.Status).To(Equal(ecsv1.ServiceDeploymentStateRollbackSuccessful), status.StatusReason)
		g.Expect(condition(s.get(ctx, g).Status.Conditions, ecsv1.ConditionStalled).Reason).To(Equal(ecsv1.ReasonRolledBack))
		tasks := s.tasks(ctx, g)
		g.Expect(tasks).To(HaveLen(n), "tasks: %v", names(tasks))
		for i := range tasks {
			g.Expect(versionOf(&tasks[i])).To(Equal(version))
			g.Expect(tasks[i].DeletionTimestamp).To(BeNil(), "%s is stopping", tasks[i].Name)
		}
	}).Should(Succeed())
}

var _ = Describe("A deployment through a Gateway that is stopped", Label("gateway", "aborts"), func() {
	DescribeTable("goes back and fails no request",
		func(ctx SpecContext, strategy func() ecsv1.DeploymentConfiguration, where place) {
			namespace := newNamespace(ctx)
			door := openGateway(ctx, namespace)
			door.route(ctx, namespace, "web")
			web := createTurns(ctx, namespace, "web", strategy())
			answering(ctx, door.url, "v1")
			old, route := names(web.tasks(ctx, Default)), web.inProduction(ctx, Default)
			letGo := where.keep(ctx, web)
			traffic := sendCrowd(ctx, door.url)

			web.change(ctx, func(c *ecsv1.ContainerDefinition) {
				c.Environment[0].Value = "v2"
				if where.by == itsTasks {
					c.Environment = append(c.Environment, ecsv1.KeyValuePair{Name: "START_DELAY", Value: "1h"})
				}
			})
			deployment := "web-2"
			if where.by == twoSources {
				place{ecsv1.ServiceDeploymentLifecycleStagePostScaleUp, aPerson}.reaches(ctx, web, deployment)
				web.ship(ctx, "v3")
				deployment = "web-3"
			}
			where.reaches(ctx, web, deployment)
			web.stop(ctx, deployment)
			began := time.Now()
			Eventually(ctx, func(g Gomega) { g.Expect(web.inProduction(ctx, g)).To(Equal(route)) }).WithPolling(pollFast).Should(Succeed())
			letGo() // the way back has its hooks, too
			web.wentBack(ctx, deployment, 3, "v1")
			AddReportEntry("from the stop to the old revision alone", time.Since(began).Round(100*time.Millisecond).String())

			if where.by != theSource { // whose tasks are new ones
				Expect(names(web.tasks(ctx, Default))).To(Equal(old))
			}
			Expect(web.inProduction(ctx, Default)).To(Equal(route))
			answering(ctx, door.url, "v1")
			Expect(askTest(ctx, door.url)).To(Equal("v1"))
			traffic.noneFailed()
		},
		abortsOf("blue/green", blueGreen), abortsOf("canary", canary),
	)
})
