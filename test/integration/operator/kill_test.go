// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// tooMany is more writes than any of these takes.
const tooMany = 80

var _ = Describe("An operator that is killed at any of its writes", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	// revive starts an operator where one was killed.
	revive := func(ctx SpecContext) {
		GinkgoHelper()
		Expect(manager.Killed()).To(BeTrue())
		stopManager()
		startManager(ctx)
	}

	// once lets the operator live for k writes of what act sets going; pods move meanwhile. It reports whether that was the whole of it.
	once := func(ctx SpecContext, k int, act func(), done func(Gomega)) (finished bool) {
		GinkgoHelper()
		manager.KillAtWrite(k)
		act()
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			if !manager.Killed() {
				done(g)
			}
		}).Should(Succeed())
		if manager.Killed() {
			return false
		}
		w.quiet(ctx)
		killed := manager.Killed() // in the last writes, after it was done
		manager.Spare()
		return !killed
	}

	// exact is the end of every rollout: the newest revision alone, with its tasks, and no object twice.
	exact := func(ctx SpecContext, g Gomega, name, image string, count int32) {
		GinkgoHelper()
		svc := w.service(ctx, g, name)
		g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		g.Expect(svc.Status.Deployments).To(HaveLen(1))
		g.Expect([]int32{svc.Status.DesiredCount, svc.Status.RunningCount, svc.Status.PendingCount}).To(Equal([]int32{count, count, 0}))
		deployments := &appsv1.DeploymentList{}
		w.names(ctx, g, deployments)
		g.Expect(deployments.Items).To(HaveLen(1))
		d := deployments.Items[0]
		g.Expect(d.Name).To(Equal(svc.Status.Deployments[0].ServiceRevision))
		g.Expect(d.Spec.Template.Spec.Containers[0].Image).To(Equal(image))
		g.Expect(d.Spec.Replicas).To(HaveValue(Equal(count)))
		pods, err := w.Pods(ctx, "")
		g.Expect(err).NotTo(HaveOccurred())
		g.Expect(pods).To(HaveLen(int(count)))
		g.Expect(pods).To(HaveEach(HaveField("Spec.Containers", ContainElement(HaveField("Image", image)))))
		revisions := w.names(ctx, g, &ecsv1.ServiceRevisionList{})
		g.Expect(w.names(ctx, g, &ecsv1.ServiceDeploymentList{})).To(Equal(revisions), "one ServiceDeployment for each ServiceRevision")
		g.Expect(w.names(ctx, g, &corev1.ServiceList{})).To(ConsistOf(name + "-tg"))
	}

	It("during a rollout ends it all the same, exactly", func(ctx SpecContext) {
		w.running(ctx, "web", 2, func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{RevisionHistoryLimit: ptr.To[int32](2)}
		})
		for k := 1; ; k++ {
			Expect(k).To(BeNumerically("<", tooMany), "a rollout of 2 tasks took too many writes")
			image := fmt.Sprintf("web:k%d", k)
			done := func(g Gomega) { exact(ctx, g, "web", image, 2) }
			if once(ctx, k, func() { w.ship(ctx, "web", image) }, done) {
				AddReportEntry("writes of a rollout of 2 tasks, at each of which it was killed", k-1)
				return
			}
			revive(ctx)
			Eventually(func(g Gomega) {
				g.Expect(w.Settle(ctx)).To(Succeed())
				done(g)
			}).Should(Succeed(), "after write %d", k)
		}
	})

	It("while it runs a task runs it once, and tells how it ended", func(ctx SpecContext) {
		tasks := taskWorld{w}
		create(ctx, testkit.TaskDefinition(w.ns, "job"))
		Eventually(func(g Gomega) { read(ctx, g, w, "job-1", &ecsv1.TaskDefinitionRevision{}) }).Should(Succeed())
		w.quiet(ctx)
		for k := 1; ; k++ {
			Expect(k).To(BeNumerically("<", tooMany))
			name, began := fmt.Sprintf("job-k%d", k), time.Now()
			done := func(g Gomega) {
				t := tasks.task(ctx, g, name)
				g.Expect(t.Status.Conditions).To(haveCondition(ecsv1.ConditionComplete, "True", ecsv1.ReasonTaskSucceeded))
				g.Expect(t.Status.Containers[0].ExitCode).To(HaveValue(BeEquivalentTo(0)))
				g.Expect(tasks.podOf(ctx, g, name).Finalizers).To(BeEmpty())
			}
			step := func(g Gomega) { g.Expect(tasks.work(ctx)).To(Succeed()) }
			manager.KillAtWrite(k)
			create(ctx, testkit.Task(w.ns, name, w.cluster, "job"))
			Eventually(func(g Gomega) {
				step(g)
				if !manager.Killed() {
					done(g)
				}
			}).Should(Succeed())
			finished := !manager.Killed()
			if finished {
				w.quiet(ctx)
				finished = !manager.Killed()
				manager.Spare()
			}
			if !finished {
				revive(ctx)
			}
			Eventually(func(g Gomega) {
				step(g)
				done(g)
			}).Should(Succeed(), "after write %d", k)
			made := slices.DeleteFunc(record.Writes(began), func(q testkit.Request) bool {
				return q.Verb != "create" || q.Resource != "pods" || q.Namespace != w.ns || q.Status != http.StatusCreated
			})
			// An answer that was on its way when the operator was killed is lost to the record, too; the pod is there.
			Expect(len(made)).To(BeNumerically("<=", 1), "after write %d: one pod is made, whatever happens", k)
			if finished {
				AddReportEntry("writes of a task, at each of which it was killed", k-1)
				return
			}
		}
	})

	It("while it replaces an unhealthy task replaces that one and no other", func(ctx SpecContext) {
		w.running(ctx, "web", 2)
		for k := 1; ; k++ {
			Expect(k).To(BeNumerically("<", tooMany))
			var victim []string
			done := func(g Gomega) {
				exact(ctx, g, "web", "web:v1", 2)
				w.missing(ctx, g, victim[0], &corev1.Pod{})
				g.Expect(w.replacing(ctx, g, "web-1")).To(BeEmpty())
			}
			var survivor string
			act := func() {
				victim = w.fail(ctx, "1", 1)
				pods, err := w.Pods(ctx, "1")
				Expect(err).NotTo(HaveOccurred())
				for _, p := range pods {
					if isReady(&p) {
						survivor = p.Name
					}
				}
			}
			finished := once(ctx, k, act, done)
			if !finished {
				revive(ctx)
			}
			Eventually(func(g Gomega) {
				g.Expect(w.Settle(ctx)).To(Succeed())
				done(g)
			}).Should(Succeed(), "after write %d", k)
			Expect(read(ctx, Default, w, survivor, &corev1.Pod{}).DeletionTimestamp).To(BeNil(), "after write %d", k)
			if finished {
				AddReportEntry("writes of a replacement, at each of which it was killed", k-1)
				return
			}
		}
	})

	It("while an instance drains loses no task and ends with the others where they were", func(ctx SpecContext) {
		nodes := w.instances(ctx, "us-east-1a", "us-east-1b", "us-east-1c")
		w.runningOn(ctx, nodes, "web", 3, withoutRebalancing)
		for k := 1; ; k++ {
			Expect(k).To(BeNumerically("<", tooMany))
			drained := slices.MaxFunc(nodes, func(a, b string) int { return len(w.on(ctx, Default, a)) - len(w.on(ctx, Default, b)) })
			rest := slices.DeleteFunc(slices.Clone(nodes), func(n string) bool { return n == drained })
			w.Nodes = rest
			stay := append(w.on(ctx, Default, rest[0]), w.on(ctx, Default, rest[1])...)
			done := func(g Gomega) {
				Expect(w.available(ctx, g)).To(BeNumerically(">=", 3))
				exact(ctx, g, "web", "web:v1", 3)
				g.Expect(w.on(ctx, g, drained)).To(BeEmpty())
				g.Expect(append(w.on(ctx, g, rest[0]), w.on(ctx, g, rest[1])...)).To(ContainElements(stay))
				g.Expect(w.replacing(ctx, g, "web-1")).To(BeEmpty())
			}
			finished := once(ctx, k, func() { w.wantState(ctx, drained, ecsv1.ContainerInstanceDesiredStatusDraining) }, done)
			if !finished {
				revive(ctx)
			}
			Eventually(func(g Gomega) {
				w.settle(ctx, g, 3, rest...)
				done(g)
			}).Should(Succeed(), "after write %d", k)
			if finished {
				AddReportEntry("writes of a drain of 1 of 3 tasks, at each of which it was killed", k-1)
				return
			}
			w.wantState(ctx, drained, "")
			w.quiet(ctx)
		}
	})

	It("while it starts and deletes a service leaves one whole service, then none", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web"))
		for k, started, deleted := 1, false, false; !started || !deleted; k++ {
			Expect(k).To(BeNumerically("<", tooMany))
			there := func(g Gomega) { exact(ctx, g, "web", "web:v1", 2) }
			gone := func(g Gomega) {
				w.missing(ctx, g, "web", &ecsv1.Service{})
				g.Expect(w.names(ctx, g, &corev1.PodList{})).To(BeEmpty())
				g.Expect(w.names(ctx, g, &appsv1.DeploymentList{})).To(BeEmpty())
				g.Expect(w.names(ctx, g, &ecsv1.ServiceRevisionList{})).To(BeEmpty())
			}
			for _, step := range []struct {
				finished *bool
				act      func()
				done     func(Gomega)
			}{
				{&started, func() { create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 2)) }, there},
				{&deleted, func() { Expect(admin.Delete(ctx, w.service(ctx, Default, "web"))).To(Succeed()) }, gone},
			} {
				if *step.finished {
					step.act()
				} else if *step.finished = once(ctx, k, step.act, step.done); !*step.finished {
					revive(ctx)
				}
				Eventually(func(g Gomega) {
					g.Expect(w.Settle(ctx)).To(Succeed())
					step.done(g)
				}).Should(Succeed(), "after write %d", k)
			}
		}
	})

	It("while it registers a task definition uses no number twice", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web"))
		w.quiet(ctx)
		uids := map[string]string{}
		for k := 1; ; k++ {
			image := fmt.Sprintf("web:k%d", k)
			done := func(g Gomega) {
				td := read(ctx, g, w, "web", &ecsv1.TaskDefinition{})
				g.Expect(td.Status.ObservedGeneration).To(HaveValue(Equal(td.Generation)))
				r := read(ctx, g, w, td.Status.LatestRevisionName, &ecsv1.TaskDefinitionRevision{})
				g.Expect(r.Spec.TaskDefinition.ContainerDefinitions[0].Image).To(Equal(image))
				g.Expect(r.Status.Status).To(Equal(ecsv1.TaskDefinitionStateActive))
			}
			finished := once(ctx, k, func() { w.ship(ctx, "web", image) }, done)
			if !finished {
				revive(ctx)
			}
			Eventually(done).Should(Succeed(), "after write %d", k)
			list := &ecsv1.TaskDefinitionRevisionList{}
			w.names(ctx, Default, list)
			images := map[string]bool{}
			for _, r := range list.Items {
				if uid, known := uids[r.Name]; known {
					Expect(string(r.UID)).To(Equal(uid))
				}
				uids[r.Name] = string(r.UID)
				image := r.Spec.TaskDefinition.ContainerDefinitions[0].Image
				Expect(images).NotTo(HaveKey(image), "one change makes one revision")
				images[image] = true
			}
			if finished {
				return
			}
		}
	})
})
