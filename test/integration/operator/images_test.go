// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

func consistency(c ecsv1.VersionConsistency) func(*ecsv1.TaskDefinition) {
	return func(td *ecsv1.TaskDefinition) { td.Spec.ContainerDefinitions[0].VersionConsistency = c }
}

// holding gives containers stopTimeouts that are shorter than the task's, which takes the launcher: app and own, and not longest.
func holding(td *ecsv1.TaskDefinition) {
	app := &td.Spec.ContainerDefinitions[0]
	app.StopTimeout = ptr.To[int32](5)
	own, longest := *app.DeepCopy(), *app.DeepCopy()
	own.Name, own.PortMappings, own.EntryPoint = "own", nil, []string{"/own"}
	longest.Name, longest.PortMappings, longest.StopTimeout = "longest", nil, ptr.To[int32](90)
	td.Spec.ContainerDefinitions = append(td.Spec.ContainerDefinitions, own, longest)
}

var _ = Describe("Images", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	// repository is one that no other spec has.
	repository := func() string { return env.Registry.Host + "/" + w.ns + "/web" }
	deploy := func(ctx context.Context, count int32, edits ...func(*ecsv1.TaskDefinition)) {
		GinkgoHelper()
		create(ctx, testkit.TaskDefinition(w.ns, "web", edits...), testkit.Service(w.ns, "web", w.cluster, "web", count))
	}
	imagesOf := func(ctx context.Context, g Gomega, revision string) []ecsv1.ContainerImage {
		GinkgoHelper()
		return read(ctx, g, w, revision, &ecsv1.ServiceRevision{}).Spec.ContainerImages
	}
	force := func(ctx context.Context, n int64) {
		GinkgoHelper()
		change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{ForceNewDeployment: &n}
		})
	}
	down := func() {
		GinkgoHelper()
		Expect(env.Registry.Stop()).To(Succeed())
		DeferCleanup(func() {
			_ = env.Registry.Stop() // a spec that failed in between may have started it
			Expect(env.Registry.Start()).To(Succeed())
		})
	}

	It("are those that the tag meant when the deployment began, until the next one", func(ctx SpecContext) {
		first := push(w.ns+"/web:v1", "1")
		deploy(ctx, 1, testkit.Image(repository()+":v1"))
		svc := w.steady(ctx, "web")
		Expect(svc.Status.Conditions).To(haveNoCondition(ecsv1.ConditionImagesNotPinned))
		Expect(imagesOf(ctx, Default, "web-1")).To(ConsistOf(ecsv1.ContainerImage{ContainerName: "app", Image: repository() + ":v1", ImageDigest: first}))
		template := w.deployment(ctx, Default, "web-1").Spec.Template
		Expect(template.Spec.Containers[0].Image).To(Equal(repository() + "@" + first))
		Expect(template.Annotations).To(HaveKeyWithValue(taskstate.ImagesAnnotation, `{"app":"`+repository()+`:v1"}`))

		By("not looking again when the tag moves: to scale, to replace, to start the operator anew")
		second := push(w.ns+"/web:v1", "2")
		asked := env.Registry.Requests()
		change(ctx, svc, func(s *ecsv1.Service) { s.Spec.DesiredCount = ptr.To[int32](3) })
		w.steady(ctx, "web")
		pods, err := w.Pods(ctx, "")
		Expect(err).NotTo(HaveOccurred())
		Expect(admin.Delete(ctx, &pods[0])).To(Succeed())
		stopManager()
		startManager(ctx)
		w.steady(ctx, "web")
		Expect(w.podImages(ctx)).To(HaveEach(repository() + "@" + first))
		Expect(w.podImages(ctx)).To(HaveLen(3))
		Expect(env.Registry.Requests()).To(Equal(asked))

		By("asking anew for a forced deployment")
		force(ctx, 1)
		Eventually(func(g Gomega) {
			g.Expect(imagesOf(ctx, g, "web-2")).To(ConsistOf(HaveField("ImageDigest", second)))
		}).Should(Succeed())
		w.steady(ctx, "web")
		Expect(w.podImages(ctx)).To(HaveEach(repository() + "@" + second))
	})

	It("are pinned where versionConsistency doesn't say otherwise, and stay as they are where they are pinned", func(ctx SpecContext) {
		digest := push(w.ns+"/web:v1", "1")
		asked := env.Registry.Requests()
		deploy(ctx, 1, testkit.Image(repository()+":v1"), consistency(ecsv1.VersionConsistencyDisabled), func(td *ecsv1.TaskDefinition) {
			pinned := td.Spec.ContainerDefinitions[0]
			pinned.Name, pinned.PortMappings, pinned.Image = "pinned", nil, repository()+"@"+digest
			pinned.VersionConsistency = ecsv1.VersionConsistencyEnabled
			td.Spec.ContainerDefinitions = append(td.Spec.ContainerDefinitions, pinned)
		})
		svc := w.steady(ctx, "web")
		Expect(svc.Status.Conditions).To(haveNoCondition(ecsv1.ConditionImagesNotPinned))
		Expect(env.Registry.Requests()).To(Equal(asked))
		containers := w.deployment(ctx, Default, "web-1").Spec.Template.Spec.Containers
		Expect([]string{containers[0].Image, containers[1].Image}).To(Equal([]string{repository() + ":v1", repository() + "@" + digest}))
	})

	It("go by tag, and the service says so, where the registry can't be read and nothing insists", func(ctx SpecContext) {
		down()
		deploy(ctx, 1, testkit.Image(repository()+":v1"))
		svc := w.steady(ctx, "web")
		Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionImagesNotPinned, "True", ecsv1.ReasonImagesNotPinned,
			"app ("+repository()+":v1): registry "+env.Registry.Host+" can't be reached: connection refused", "forceNewDeployment"))
		Expect(w.deployment(ctx, Default, "web-1").Spec.Template.Spec.Containers[0].Image).To(Equal(repository() + ":v1"))
		Eventually(func(g Gomega) {
			g.Expect(w.events(ctx, g)).To(ContainElement(And(HavePrefix("Warning ImagesNotPinned: (service web) "), ContainSubstring("connection refused"))))
		}).Should(Succeed())

		By("being pinned by the next deployment")
		Expect(env.Registry.Start()).To(Succeed())
		push(w.ns+"/web:v1", "1")
		force(ctx, 1)
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(And(
				haveNoCondition(ecsv1.ConditionImagesNotPinned), haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady)))
		}).Should(Succeed())
	})

	It("are waited for where versionConsistency is enabled, and what runs is left alone", func(ctx SpecContext) {
		push(w.ns+"/web:v1", "1")
		deploy(ctx, 2, testkit.Image(repository()+":v1"), consistency(ecsv1.VersionConsistencyEnabled))
		w.steady(ctx, "web")
		before := w.deployment(ctx, Default, "web-1")
		down()
		change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), testkit.Image(repository()+":v2"))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonImagesNotResolved,
				repository()+":v2", "container app", "connection refused", "containerDefinitions[0].versionConsistency", "by digest"))
		}).Should(Succeed())

		By("being asked for again when the registry is back, which has no such image yet")
		Expect(env.Registry.Start()).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonImagesNotResolved, "answers 404"))
		}).Should(Succeed())
		Expect(w.deployment(ctx, Default, "web-1").ResourceVersion).To(Equal(before.ResourceVersion))
		Expect(w.names(ctx, Default, &ecsv1.ServiceRevisionList{})).To(ConsistOf("web-1"))

		By("going on once it is pushed")
		second := push(w.ns+"/web:v2", "2")
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			g.Expect(imagesOf(ctx, g, "web-2")).To(ConsistOf(HaveField("ImageDigest", second)))
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		}).Should(Succeed())
	})

	for _, strategy := range []ecsv1.DeploymentStrategy{ecsv1.DeploymentStrategyRolling, ecsv1.DeploymentStrategyBlueGreen} {
		It("fail the deployment after three attempts where versionConsistency is enabled and a circuit breaker is on: "+string(strategy), func(ctx SpecContext) {
			push(w.ns+"/web:v1", "1")
			create(ctx, testkit.TaskDefinition(w.ns, "web", testkit.Image(repository()+":v1"), consistency(ecsv1.VersionConsistencyEnabled)),
				testkit.Service(w.ns, "web", w.cluster, "web", 2, testkit.WithoutLoadBalancer, breaker(true), func(s *ecsv1.Service) {
					c := s.Spec.DeploymentConfiguration
					c.Strategy = strategy
					if strategy == ecsv1.DeploymentStrategyBlueGreen {
						c.BakeTimeInMinutes = new(int32(1))
						return
					}
					c.MinimumHealthyPercent, c.MaximumPercent = new(int32(50)), new(int32(100)) // one would have to stop first
				}))
			w.reaches(ctx, "web-1", ecsv1.ServiceDeploymentStateSuccessful)
			before := w.podNames(ctx, "")

			change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), testkit.Image(repository()+":v2"))
			sd := w.reaches(ctx, "web-2", ecsv1.ServiceDeploymentStateRollbackSuccessful)
			Expect(sd.Status.Rollback).To(HaveValue(And(HaveField("ServiceRevision", "web-1"), HaveField("Reason", And(
				HavePrefix("CannotPullContainerError: 3 attempts to resolve"), ContainSubstring(repository()+":v2"), ContainSubstring("answers 404"))))))
			Expect(sd.Status.RolloutStateReason).To(Equal("ECS deployment circuit breaker: image digests couldn't be resolved."))
			Expect(sd.Status.DeploymentCircuitBreaker.Status).To(Equal(ecsv1.RollbackMonitorsStatusTriggered))
			Expect(imagesOf(ctx, Default, "web-2")).To(ConsistOf(And(HaveField("ImageDigest", ""), HaveField("NotResolvedReason", ContainSubstring("answers 404")))))
			w.rests(ctx, map[string]int32{"web-1": 2})
			Expect(w.podNames(ctx, "")).To(ConsistOf(before), "no task was stopped, and none started")
			Expect(w.service(ctx, Default, "web").Status.Conditions).To(And(haveNoCondition(ecsv1.ConditionImagesNotPinned),
				haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonRolledBack, "answers 404", "change the service or its task definition")))
			Eventually(func(g Gomega) {
				g.Expect(w.events(ctx, g)).To(ContainElement(MatchRegexp(`^Warning DeploymentFailed: .* deployment failed: image digests couldn't be resolved\.$`)))
			}).Should(Succeed())

			By("asking anew for the next deployment")
			second := push(w.ns+"/web:v2", "2")
			change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) {
				s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{ForceNewDeployment: new(int64(1))}
			})
			w.reaches(ctx, "web-3", ecsv1.ServiceDeploymentStateSuccessful)
			Expect(imagesOf(ctx, Default, "web-3")).To(ConsistOf(HaveField("ImageDigest", second)))
		})
	}

	It("go by tag with a circuit breaker too, which goes by what nodes can pull, where nothing insists", func(ctx SpecContext) {
		push(w.ns+"/web:v1", "1")
		create(ctx, testkit.TaskDefinition(w.ns, "web", testkit.Image(repository()+":v1")), testkit.Service(w.ns, "web", w.cluster, "web", 2, breaker(true)))
		w.reaches(ctx, "web-1", ecsv1.ServiceDeploymentStateSuccessful)
		down()

		By("completing where they can")
		change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), testkit.Image(repository()+":v2"))
		sd := w.reaches(ctx, "web-2", ecsv1.ServiceDeploymentStateSuccessful)
		Expect(sd.Status.FailedTasks).To(BeZero())
		Expect(imagesOf(ctx, Default, "web-2")).To(ConsistOf(And(HaveField("NotPinnedReason", ContainSubstring("connection refused")), HaveField("NotResolvedReason", ""))))
		Expect(w.podImages(ctx)).To(HaveEach(repository() + ":v2"))

		By("going back where they can't")
		w.ship(ctx, "web", bad)
		sd = w.reaches(ctx, "web-3", ecsv1.ServiceDeploymentStateRollbackSuccessful)
		Expect(sd.Status.RolloutStateReason).To(Equal("ECS deployment circuit breaker: tasks failed to start."))
		Expect(sd.Status.DeploymentCircuitBreaker.FailureCount).To(BeNumerically(">=", 3))
		w.rests(ctx, map[string]int32{"web-2": 2})
		Expect(w.podImages(ctx)).To(HaveEach(repository() + ":v2"))
	})

	It("fail a first deployment for good, which has nothing to go back to", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web", testkit.Image(repository()+":v1"), consistency(ecsv1.VersionConsistencyEnabled)),
			testkit.Service(w.ns, "web", w.cluster, "web", 2, breaker(true)))
		sd := w.comes(ctx, "web-1", ecsv1.ServiceDeploymentStateStopped)
		Expect(sd.Status.StatusReason).To(And(ContainSubstring("answers 404"), HaveSuffix("there is no completed deployment to go back to")))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonDeploymentFailed, "answers 404"))
		}).Should(Succeed())
		w.rests(ctx, map[string]int32{})
	})

	It("aren't asked for by a service without tasks", func(ctx SpecContext) {
		push(w.ns+"/web:v1", "1")
		asked := env.Registry.Requests()
		deploy(ctx, 0, testkit.Image(repository()+":v1"))
		svc := w.steady(ctx, "web")
		Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionImagesNotPinned, "True", ecsv1.ReasonImagesNotPinned, "desiredCount 0"))
		Expect(env.Registry.Requests()).To(Equal(asked))
	})

	Describe("that the launcher starts", func() {
		BeforeEach(func(ctx SpecContext) {
			restart := func(ctx SpecContext, launcher string) {
				stopManager()
				var err error
				manager, err = env.StartOperator(ctx, clock, record, func(s *controllers.Settings) { s.LauncherImage = launcher })
				Expect(err).NotTo(HaveOccurred())
			}
			restart(ctx, "launcher:v1")
			DeferCleanup(func(ctx SpecContext) { restart(ctx, "") })
		})
		template := func(ctx context.Context) corev1.PodSpec {
			GinkgoHelper()
			var d *appsv1.Deployment
			Eventually(func(g Gomega) { d = w.deployment(ctx, g, "web-1") }).Should(Succeed())
			return d.Spec.Template.Spec
		}

		It("say what the command is", func(ctx SpecContext) {
			digest := push(w.ns+"/web:v1", "1000")
			deploy(ctx, 1, testkit.Image(repository()+":v1"), holding)
			containers := template(ctx).Containers
			Expect(containers[0].Args).To(Equal([]string{"/entry", "serve"}))
			Expect(strings.Join(containers[0].Command, " ")).To(ContainSubstring("SIGQUIT"))
			Expect(containers[1].Args).To(Equal([]string{"/own"}), "an entryPoint without command drops the image's CMD")
			Expect(containers[2].Command).To(BeEmpty())
			pinned := HaveField("ImageDigest", digest)
			config := HaveField("Config", HaveValue(Equal(ecsv1.ContainerImageConfig{
				EntryPoint: []string{"/entry"}, Command: []string{"serve"}, User: "1000", StopSignal: "SIGQUIT"})))
			Expect(imagesOf(ctx, Default, "web-1")).To(HaveExactElements(And(pinned, config), And(pinned, config), And(pinned, HaveField("Config", BeNil()))))
		})

		It("keep the service from starting where they can't be read, and it says which field would help", func(ctx SpecContext) {
			deploy(ctx, 1, testkit.Image(repository()+":v1"), consistency(ecsv1.VersionConsistencyDisabled), holding)
			Eventually(func(g Gomega) {
				g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonImageConfigUnknown,
					"container app", "answers 404", "Set containerDefinitions[0].entryPoint"))
			}).Should(Succeed())
			Expect(w.names(ctx, Default, &ecsv1.ServiceRevisionList{})).To(BeEmpty())

			By("starting with that field")
			change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), func(td *ecsv1.TaskDefinition) {
				td.Spec.ContainerDefinitions[0].EntryPoint = []string{"/given"}
			})
			Expect(template(ctx).Containers[0].Args).To(Equal([]string{"/given"}))
		})
	})

	It("of a task that someone runs are read for the launcher, and one that isn't there ends the task", func(ctx SpecContext) {
		stopManager()
		var err error
		manager, err = env.StartOperator(ctx, clock, record, func(s *controllers.Settings) { s.LauncherImage = "launcher:v1" })
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func(ctx SpecContext) {
			stopManager()
			startManager(ctx)
		})
		push(w.ns+"/web:v1", "1000")
		restarts := func(td *ecsv1.TaskDefinition) {
			td.Spec.ContainerDefinitions[0].RestartPolicy = &ecsv1.ContainerRestartPolicy{Enabled: true}
		}
		tasks := taskWorld{w}
		create(ctx, testkit.TaskDefinition(w.ns, "job", testkit.Image(repository()+":v1"), restarts))
		containers := tasks.run(ctx, "there").Spec.Containers
		Expect(containers[0].Image).To(Equal(repository()+":v1"), "ECS pins no digest for it")
		Expect(containers[0].Args).To(Equal([]string{"/entry", "serve"}))

		create(ctx, testkit.TaskDefinition(w.ns, "gone", testkit.Image(repository()+":v2"), restarts), testkit.Task(w.ns, "gone", w.cluster, "gone"))
		t := tasks.reaches(ctx, "gone", ecsv1.TaskStateStopped)
		Expect(t.Status.StopCode).To(Equal(ecsv1.TaskStopCodeTaskFailedToStart))
		Expect(t.Status.StoppedReason).To(And(HavePrefix("CannotPullContainerError: "), ContainSubstring("answers 404"), ContainSubstring("containerDefinitions[0].entryPoint")))
	})

	It("are an administrator's to leave unread", func(ctx SpecContext) {
		restart := func(ctx SpecContext, images bool) {
			stopManager()
			var err error
			manager, err = env.StartOperator(ctx, clock, record, func(s *controllers.Settings) {
				if !images {
					s.Images = nil
				}
			})
			Expect(err).NotTo(HaveOccurred())
		}
		restart(ctx, false)
		DeferCleanup(func(ctx SpecContext) { restart(ctx, true) })
		push(w.ns+"/web:v1", "1")
		asked := env.Registry.Requests()
		deploy(ctx, 1, testkit.Image(repository()+":v1"))
		Expect(w.steady(ctx, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionImagesNotPinned, "True", ecsv1.ReasonImagesNotPinned, "--resolve-images=false"))
		Expect(env.Registry.Requests()).To(Equal(asked))

		By("refusing to go by tag where versionConsistency is enabled")
		create(ctx, testkit.TaskDefinition(w.ns, "strict", testkit.Image(repository()+":v1"), consistency(ecsv1.VersionConsistencyEnabled)))
		create(ctx, testkit.Service(w.ns, "strict", w.cluster, "strict", 1))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "strict").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonImagesNotResolved, "--resolve-images=false"))
		}).Should(Succeed())
		w.missing(ctx, Default, "strict-1", &ecsv1.ServiceRevision{})
	})
})
