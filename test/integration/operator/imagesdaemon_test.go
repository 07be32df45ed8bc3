// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// push puts an image into the registry, one for each user, and gives its digest.
func push(repository, user string) string {
	GinkgoHelper()
	image, err := testkit.ImageOf(v1.Config{User: user, Entrypoint: []string{"/entry"}, Cmd: []string{"serve"}, StopSignal: "SIGQUIT"})
	Expect(err).NotTo(HaveOccurred())
	digest, err := env.Registry.Push(repository, image)
	Expect(err).NotTo(HaveOccurred())
	return digest
}

// podImages are those of the first containers of all pods.
func (w *world) podImages(ctx context.Context) []string {
	GinkgoHelper()
	pods, err := w.Pods(ctx, "")
	Expect(err).NotTo(HaveOccurred())
	var out []string
	for _, p := range pods {
		out = append(out, p.Spec.Containers[0].Image)
	}
	return out
}

var _ = Describe("Images of a DAEMON service", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("are those that the tag meant when the deployment began, on instances that come later too", func(ctx SpecContext) {
		repository := env.Registry.Host + "/" + w.ns + "/web"
		first := push(w.ns+"/web:v1", "1")
		create(ctx, testkit.TaskDefinition(w.ns, "agent", testkit.Image(repository+":v1"), consistency(ecsv1.VersionConsistencyEnabled)),
			testkit.Service(w.ns, "agent", w.cluster, "agent", 0, daemon(0), breaker(true)))
		// runs moves the pods until there is one with that digest on each of the nodes, and no other.
		runs := func(digest string, nodes ...string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				g.Expect(w.ConvergeDaemons(ctx, nodes...)).To(Succeed())
				g.Expect(w.move(ctx)).To(Succeed())
				g.Expect(w.podImages(ctx)).To(And(HaveLen(len(nodes)), HaveEach(repository+"@"+digest)))
				g.Expect(w.service(ctx, g, "agent").Status.RunningCount).To(BeEquivalentTo(len(nodes)))
			}).Should(Succeed())
		}
		runs(first, "one", "two")

		By("not looking again when the tag moves")
		second := push(w.ns+"/web:v1", "2")
		asked := env.Registry.Requests()
		runs(first, "one", "two", "three")
		Expect(env.Registry.Requests()).To(Equal(asked))

		By("asking anew for a forced deployment")
		change(ctx, w.service(ctx, Default, "agent"), func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{ForceNewDeployment: new(int64(1))}
		})
		runs(second, "one", "two", "three")
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "agent").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		}).Should(Succeed())
		before := w.podNames(ctx, "")

		By("going back where the tag means nothing")
		change(ctx, read(ctx, Default, w, "agent", &ecsv1.TaskDefinition{}), testkit.Image(repository+":v2"))
		Eventually(func(g Gomega) {
			g.Expect(w.ConvergeDaemons(ctx, "one", "two", "three")).To(Succeed())
			sd := read(ctx, g, w, "agent-3", &ecsv1.ServiceDeployment{})
			g.Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateRollbackSuccessful), sd.Status.StatusReason)
			g.Expect(sd.Status.RolloutStateReason).To(Equal("ECS deployment circuit breaker: image digests couldn't be resolved."))
		}).Should(Succeed())
		Expect(w.podImages(ctx)).To(And(HaveLen(3), HaveEach(repository+"@"+second)))
		Expect(w.podNames(ctx, "")).To(ConsistOf(before), "no task was stopped")
	})
})
