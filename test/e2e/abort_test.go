// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"net/http"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// stop is StopServiceDeployment with ROLLBACK.
func (s service) stop(ctx context.Context, deployment string) {
	GinkgoHelper()
	annotate(ctx, Default, s.deployment(ctx, Default, deployment), ecsv1.AnnotationStopDeployment, "ROLLBACK")
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

// entrance is where requests to a service come in.
type entrance struct {
	url string
	// production is who serves all of the production traffic, empty while there is more than one; tests is who serves test traffic.
	production, tests func(context.Context, Gomega) string
}

// gatewayEntrance makes a service behind a route of a Gateway.
func gatewayEntrance(ctx context.Context, namespace string, strategy ecsv1.DeploymentConfiguration) (service, entrance) {
	GinkgoHelper()
	door := openGateway(ctx, namespace)
	door.route(ctx, namespace, "web")
	web := createTurns(ctx, namespace, "web", strategy)
	tests := func(ctx context.Context, g Gomega) string {
		answer, err := askWith(ctx, door.url, http.Header{"X-Test": {"true"}})
		g.Expect(err).NotTo(HaveOccurred())
		return field(answer, "version")
	}
	return web, entrance{url: door.url, production: web.inProduction, tests: tests}
}

// coreEntrance makes a service behind a core Service whose selector moves, with another one for test traffic.
func coreEntrance(ctx context.Context, namespace string, strategy ecsv1.DeploymentConfiguration) (service, entrance) {
	GinkgoHelper()
	web := create(ctx, namespace, "web", func(m manifest) {
		m.service.Spec.DeploymentConfiguration = &strategy
		m.service.Spec.LoadBalancers[0].AdvancedConfiguration = &ecsv1.AdvancedConfiguration{AlternateTargetGroupArn: "web-test"}
	})
	selects := func(name string) func(context.Context, Gomega) string {
		return func(ctx context.Context, g Gomega) string {
			core := &corev1.Service{}
			g.Expect(kube.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, core)).To(Succeed())
			return core.Spec.Selector[ecsv1.LabelServiceRevision]
		}
	}
	return web, entrance{url: web.url(ctx), production: selects("web"), tests: selects("web-test")}
}

// way is how the requests of a spec reach a service.
type way func(context.Context, string, ecsv1.DeploymentConfiguration) (service, entrance)

// abortsOf are the entries of a strategy.
func abortsOf(name string, in way, strategy func() ecsv1.DeploymentConfiguration) []TableEntry {
	var out []TableEntry
	for _, p := range places {
		if p.of(strategy()) {
			out = append(out, Entry(fmt.Sprintf("%s, at %s, where %s keeps it", name, p.at, p.by), in, strategy, p, SpecTimeout(4*time.Minute)))
		}
	}
	return out
}

var _ = Describe("A deployment that is stopped under load", Label("gateway", "aborts"), func() {
	DescribeTable("goes back and fails no request",
		func(ctx SpecContext, in way, strategy func() ecsv1.DeploymentConfiguration, where place) {
			web, door := in(ctx, newNamespace(ctx), strategy())
			answering(ctx, door.url, "v1")
			old, route, tests := names(web.tasks(ctx, Default)), door.production(ctx, Default), door.tests(ctx, Default)
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
			Eventually(ctx, func(g Gomega) { g.Expect(door.production(ctx, g)).To(Equal(route)) }).WithPolling(pollFast).Should(Succeed())
			letGo() // the way back has its hooks, too
			web.wentBack(ctx, deployment, 3, "v1")
			AddReportEntry("from the stop to the old revision alone", time.Since(began).Round(100*time.Millisecond).String())

			if where.by != theSource { // whose tasks are new ones
				Expect(names(web.tasks(ctx, Default))).To(Equal(old))
			}
			Expect(door.production(ctx, Default)).To(Equal(route))
			answering(ctx, door.url, "v1")
			Expect(door.tests(ctx, Default)).To(Equal(tests))
			traffic.noneFailed()
		},
		abortsOf("blue/green", gatewayEntrance, blueGreen), abortsOf("canary", gatewayEntrance, canary), abortsOf("linear", gatewayEntrance, linear),
		abortsOf("blue/green through a core Service", coreEntrance, blueGreen),
	)
})
