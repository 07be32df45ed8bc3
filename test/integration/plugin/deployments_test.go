// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package plugin

import (
	"encoding/json"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

var _ = Describe("a deployment that goes on", Ordered, func() {
	const name = "api"
	key := client.ObjectKey{Namespace: namespace, Name: name + "-1"}
	annotations := func(ctx SpecContext) map[string]string {
		GinkgoHelper()
		sd := &ecsv1.ServiceDeployment{}
		Expect(admin.Get(ctx, key, sd)).To(Succeed())
		return sd.Annotations
	}

	BeforeAll(func(ctx SpecContext) {
		Expect(admin.Create(ctx, testkit.Service(namespace, name, cluster, "web", 2))).To(Succeed())
		Eventually(func(g Gomega) {
			sd := &ecsv1.ServiceDeployment{}
			g.Expect(admin.Get(ctx, key, sd)).To(Succeed())
			g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateInProgress))
		}).WithContext(ctx).Should(Succeed())
	})

	It("is shown to who may read, with what it waits for", func() {
		s := ecs(observer, "status", name, "-n", namespace)
		Expect(s.code).To(Equal(0), s.err)
		Expect(s.out).To(SatisfyAll(ContainSubstring("api  in store, cluster shop  ACTIVE"), MatchRegexp(`deployment  api-1 ROLLING IN_PROGRESS for \d+s`),
			MatchRegexp(`api-1 +target +web:1 +\S+ +0/2`), ContainSubstring("bounds      at least 2 healthy, at most 4 tasks"), MatchRegexp(`waits for   \S`)))
		Eventually(func() string { return ecs(developer, "status", name, "-n", namespace).out }).Should(MatchRegexp(`events +\d+s +has started 2 tasks`))
		Expect(ecs(stranger, "status", name, "-n", namespace).err).To(ContainSubstring("ecs-operator-observer"))
	})
	It("is shown to programs", func() {
		state := view.ServiceState{}
		Expect(json.Unmarshal([]byte(ecs(observer, "status", name, "-n", namespace, "-o", "json").out), &state)).To(Succeed())
		Expect(state.Deployment.Name).To(Equal("api-1"))
		history := []view.PastDeployment{}
		Expect(json.Unmarshal([]byte(ecs(observer, "deployments", name, "-n", namespace, "-o", "json").out), &history)).To(Succeed())
		Expect(history).To(HaveLen(1))
		Expect(history[0].Status).To(Equal("IN_PROGRESS"))
	})
	It("names what there is where a service isn't", func() {
		Expect(ecs(observer, "status", "apl", "-n", namespace)).To(Equal(said{err: "error: there is no service apl in namespace store; there are api, web\n", code: 1}))
	})
	It("isn't answered by who may only read", func() {
		s := ecs(observer, "rollback", name, "-n", namespace)
		Expect(s.code).To(Equal(1))
		Expect(s.err).To(SatisfyAll(ContainSubstring(`cannot patch resource "servicedeployments"`), ContainSubstring("ask for the ClusterRole ecs-operator-deployer")))
	})
	It("can't be continued where nothing waits", func() {
		s := ecs(deployer, "continue", name, "-n", namespace)
		Expect(s.code).To(Equal(cli.Refused))
		Expect(s.err).To(ContainSubstring("no hook of deployment api-1 waits for an answer"))
	})
	It("isn't stable in time", func() {
		s := ecs(observer, "wait", "services-stable", name, "-n", namespace, "--timeout", "1s")
		Expect(s.code).To(Equal(cli.TimedOut))
		Expect(s.err).To(SatisfyAll(ContainSubstring("service api: 0 of 2 running; "), ContainSubstring("error: service api isn't stable after 1s: ")))
	})
	It("is drawn anew as it changes", func(ctx SpecContext) {
		GinkgoT().Setenv("TERM", "xterm-256color")
		GinkgoT().Setenv("LC_ALL", "C.UTF-8")
		t := newTerminal(100, 30)
		ended := make(chan int, 1)
		go func() {
			defer GinkgoRecover()
			ended <- plugin.Run(cli.Streams{In: t.tty, Out: t.tty, Err: GinkgoWriter, Now: time.Now}, "test",
				[]string{"status", name, "--watch", "-n", namespace, "--kubeconfig", observer})
		}()
		Eventually(t.since).Should(SatisfyAll(HavePrefix("\x1b[?1049h"), ContainSubstring("0 of 2 running"), ContainSubstring("live; q ends")))
		patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"desiredCount":3}}`))
		Expect(admin.Patch(ctx, &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}, patch)).To(Succeed())
		Eventually(t.since).Should(ContainSubstring("0 of 3 running"))
		_, err := t.keys.WriteString("q")
		Expect(err).NotTo(HaveOccurred())
		Eventually(ended).Should(Receive(Equal(0)))
	})
	It("is stopped once, and only where that is meant", func(ctx SpecContext) {
		Expect(ecs(deployer, "stop", name, "-n", namespace, "--dry-run").out).To(Equal("servicedeployment.ecs.pods.dev/api-1 asked to stop, with ABORT (client dry run)\n"))
		Expect(ecs(deployer, "deployment", "rollback", "api-1", "-n", namespace, "--dry-run=server").out).To(ContainSubstring("with ROLLBACK (server dry run)"))
		Expect(annotations(ctx)).NotTo(HaveKey(ecsv1.AnnotationStopDeployment))
		s := ecs(deployer, "deployment", "stop", name, "-n", namespace)
		Expect(s).To(Equal(said{out: "servicedeployment.ecs.pods.dev/api-1 asked to stop, with ABORT\n"}))
		Expect(annotations(ctx)).To(HaveKeyWithValue(ecsv1.AnnotationStopDeployment, "ABORT"))
		again := ecs(deployer, "rollback", name, "-n", namespace)
		Expect(again.code).To(Equal(cli.Refused))
		Expect(annotations(ctx)).To(HaveKeyWithValue(ecsv1.AnnotationStopDeployment, "ABORT"))
	})
})

var _ = Describe("kubectl ecs wait services-stable", func() {
	It("ends when there is nothing to wait for", func() {
		s := ecs(observer, "wait", "services-stable", "web", "-n", namespace, "--timeout", "60s")
		Expect(s.code).To(Equal(0), s.err)
		Expect(s.out).To(MatchRegexp(`^service web is stable: \d tasks\n$`))
	})
	It("doesn't wait for what isn't there", func() {
		Expect(ecs(observer, "wait", "services-stable", "web", "wep", "-n", namespace).err).To(HavePrefix("error: there is no service wep in namespace store"))
	})
})

var _ = Describe("kubectl ecs drain and activate", func() {
	It("change an instance, for platform people", func(ctx SpecContext) {
		status := func() ecsv1.ContainerInstanceDesiredStatus {
			i := &ecsv1.ContainerInstance{}
			Expect(admin.Get(ctx, client.ObjectKey{Name: "node-3"}, i)).To(Succeed())
			return i.Spec.Status
		}
		Expect(ecs(observer, "drain", "node-3").err).To(ContainSubstring("ask for the ClusterRole ecs-operator-platform"))
		Expect(ecs(platform, "drain", "node-3", "--dry-run=server").code).To(Equal(0))
		Expect(ecs(platform, "drain", "node-3", "node-9").err).To(ContainSubstring("there is no container instance node-9; nothing was changed"))
		Expect(status()).To(BeEmpty())
		Expect(ecs(platform, "drain", "node-3").out).To(MatchRegexp(`^containerinstance.ecs.pods.dev/node-3 set to DRAINING, with \d running and \d pending tasks\n$`))
		Expect(status()).To(Equal(ecsv1.ContainerInstanceDesiredStatusDraining))
		Expect(ecs(platform, "drain", "node-3").out).To(Equal("containerinstance.ecs.pods.dev/node-3 was set to DRAINING already\n"))
		Expect(ecs(platform, "activate", "node-3").code).To(Equal(0))
		Expect(status()).To(Equal(ecsv1.ContainerInstanceDesiredStatusActive))
		Eventually(func(g Gomega) {
			i := &ecsv1.ContainerInstance{}
			g.Expect(admin.Get(ctx, client.ObjectKey{Name: "node-3"}, i)).To(Succeed())
			g.Expect(i.Status.Status).To(Equal(ecsv1.ContainerInstanceStateActive))
		}).WithContext(ctx).Should(Succeed())
	})
})
