// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// answering waits until everyone who answers is of a version. What a Gateway serves follows what it says by a moment.
func answering(ctx context.Context, url, version string) {
	GinkgoHelper()
	Eventually(ctx, func(g Gomega) {
		for range 10 {
			answer, err := ask(ctx, url)
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(field(answer, "version")).To(Equal(version))
		}
	}).Should(Succeed())
}

// inProduction is which core Service of a service has all of the production traffic, and none while two share it.
func (s service) inProduction(ctx context.Context, g Gomega) string {
	GinkgoHelper()
	var all []string
	for _, ref := range s.route(ctx, g).Spec.Rules[1].BackendRefs {
		if ref.Weight != nil && *ref.Weight > 0 {
			all = append(all, string(ref.Name))
		}
	}
	if len(all) != 1 {
		return ""
	}
	return all[0]
}

var _ = Describe("Traffic through a Gateway", Label("gateway"), func() {
	var (
		namespace string
		door      *gateway
	)
	BeforeEach(func(ctx SpecContext) {
		namespace = newNamespace(ctx)
		door = openGateway(ctx, namespace)
	})

	DescribeTable("fails no request",
		func(ctx SpecContext, strategy func() ecsv1.DeploymentConfiguration) {
			door.route(ctx, namespace, "web")
			web := createTurns(ctx, namespace, "web", strategy())
			answering(ctx, door.url, "v1")
			traffic := sendCrowd(ctx, door.url)

			// Each deployment moves it to the other target group.
			for i := range rounds() {
				version, before := fmt.Sprintf("v%d", i+2), web.inProduction(ctx, Default)
				web.ship(ctx, version)
				web.deployed(ctx, 3, version)
				Expect(web.inProduction(ctx, Default)).NotTo(Equal(before))
				answering(ctx, door.url, version)
			}
			traffic.noneFailed()
		},
		Entry("blue/green", blueGreen, SpecTimeout(30*time.Minute)),
		Entry("canary", canary, SpecTimeout(30*time.Minute)),
		Entry("linear", linear, SpecTimeout(30*time.Minute)),
	)

	// Without any deployment: what weights alone do to requests, and how much later than its status a Gateway moves them.
	It("loses no request when weights move", Label("weights"), func(ctx SpecContext) {
		for group, version := range map[string]string{"web-blue": "v1", "web-green": "v2"} {
			m := manifests(namespace, group)
			m.taskDefinition.Spec.ContainerDefinitions[0].Environment[0].Value = version
			m.service.Spec.Kubernetes.TargetGroups[0].Type = ""
			Expect(kube.Create(ctx, m.taskDefinition)).To(Succeed())
			Expect(kube.Create(ctx, m.service)).To(Succeed())
			service{namespace, group}.settles(ctx, 3, version)
		}
		door.route(ctx, namespace, "web")
		answering(ctx, door.url, "v1")
		traffic := sendCrowd(ctx, door.url)
		var lags []time.Duration
		for i := range 10 {
			lags = append(lags, flip(ctx, door, namespace, int32(i+1)%2))
		}
		AddReportEntry("from the route's status to the last answer of the other side", fmt.Sprint(lags))
		traffic.noneFailed()
	}, SpecTimeout(5*time.Minute))
})

// flip gives all traffic to one side, and measures how long after the route's status the other side answered last.
func flip(ctx context.Context, door *gateway, namespace string, side int32) time.Duration {
	GinkgoHelper()
	version := []string{"v1", "v2"}[side]
	route := &gatewayv1.HTTPRoute{}
	Expect(kube.Get(ctx, client.ObjectKey{Namespace: namespace, Name: "web"}, route)).To(Succeed())
	before := route.DeepCopy()
	for i := range route.Spec.Rules {
		route.Spec.Rules[i].BackendRefs[0].Weight, route.Spec.Rules[i].BackendRefs[1].Weight = new(1-side), new(side)
	}
	Expect(kube.Patch(ctx, route, client.MergeFrom(before))).To(Succeed())
	Eventually(ctx, func(g Gomega) {
		live := &gatewayv1.HTTPRoute{}
		g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(route), live)).To(Succeed())
		g.Expect(live.Status.Parents).NotTo(BeEmpty())
		g.Expect(live.Status.Parents[0].Conditions).NotTo(BeEmpty())
		g.Expect(live.Status.Parents[0].Conditions[0].ObservedGeneration).To(BeNumerically(">=", route.Generation))
	}).WithPolling(5 * time.Millisecond).Should(Succeed())
	said, last := time.Now(), time.Now()
	for quiet := 0; quiet < 60; {
		answer, err := ask(ctx, door.url)
		Expect(err).NotTo(HaveOccurred())
		quiet++
		if field(answer, "version") != version {
			last, quiet = time.Now(), 0
		}
		Expect(time.Since(said)).To(BeNumerically("<", time.Minute))
	}
	return last.Sub(said).Round(time.Millisecond)
}

var _ = Describe("Blue/green through a core Service alone", Label("gateway"), func() {
	It("fails no request", func(ctx SpecContext) {
		web := create(ctx, newNamespace(ctx), "web", func(m manifest) { config := blueGreen(); m.service.Spec.DeploymentConfiguration = &config })
		url := web.url(ctx)
		traffic := sendCrowd(ctx, url)
		for i := range rounds() {
			version := fmt.Sprintf("v%d", i+2)
			web.ship(ctx, version)
			web.deployed(ctx, 3, version)
			only(ctx, url, version)
		}
		traffic.noneFailed()
	}, SpecTimeout(30*time.Minute))
})
