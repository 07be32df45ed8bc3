// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

var _ = Describe("A TaskDefinition", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	// registered waits until the task definition stands for revision n.
	registered := func(ctx SpecContext, name string, n int64) {
		GinkgoHelper()
		Eventually(func(g Gomega) {
			td := read(ctx, g, w, name, &ecsv1.TaskDefinition{})
			g.Expect(td.Status.ObservedGeneration).To(HaveValue(Equal(td.Generation)))
			g.Expect(td.Status.LatestRevision).To(HaveValue(Equal(n)))
			g.Expect(td.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		}).Should(Succeed())
	}
	revisions := func(ctx SpecContext, g Gomega) []string {
		return w.names(ctx, g, &ecsv1.TaskDefinitionRevisionList{})
	}
	deleted := func(ctx SpecContext, o client.Object) {
		GinkgoHelper()
		Expect(admin.Delete(ctx, o)).To(Succeed())
		Eventually(func(g Gomega) { g.Expect(revisions(ctx, g)).To(BeEmpty()) }).Should(Succeed())
	}

	It("is registered as revision 1, and as the next one for each change", func(ctx SpecContext) {
		td := testkit.TaskDefinition(w.ns, "web")
		create(ctx, td)
		registered(ctx, "web", 1)
		Eventually(func(g Gomega) {
			r := read(ctx, g, w, "web-1", &ecsv1.TaskDefinitionRevision{})
			g.Expect(r.Spec.Family).To(Equal("web"))
			g.Expect(r.Spec.TaskDefinition.Family).To(Equal("web"))
			g.Expect(r.Status.Status).To(Equal(ecsv1.TaskDefinitionStateActive))
			g.Expect(r.Status.TaskDefinitionArn).To(Equal("arn:aws:ecs:us-east-1:000000000000:task-definition/web:1"))
			g.Expect(w.events(ctx, g)).To(ContainElement("Normal Registered: registered task definition web:1"))
		}).Should(Succeed())

		change(ctx, td, testkit.Image("web:v2"))
		registered(ctx, "web", 2)
		Expect(revisions(ctx, Default)).To(ConsistOf("web-1", "web-2"))
		Expect(read(ctx, Default, w, "web-1", &ecsv1.TaskDefinitionRevision{}).Spec.TaskDefinition.ContainerDefinitions[0].Image).To(Equal("web:v1"))
	})

	It("makes no revision when it is applied again unchanged", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web"))
		registered(ctx, "web", 1)
		w.quiet(ctx)
		before := w.snapshot(ctx, Default, everything)
		td := read(ctx, Default, w, "web", &ecsv1.TaskDefinition{})
		Expect(admin.Update(ctx, td)).To(Succeed())
		Consistently(func(g Gomega) { g.Expect(w.snapshot(ctx, g, everything)).To(Equal(before)) }).Should(Succeed())
	})

	It("makes a revision when it goes back to what an earlier one was", func(ctx SpecContext) {
		td := testkit.TaskDefinition(w.ns, "web")
		create(ctx, td)
		registered(ctx, "web", 1)
		change(ctx, td, testkit.Image("web:v2"))
		registered(ctx, "web", 2)
		change(ctx, td, testkit.Image("web:v1"))
		registered(ctx, "web", 3)
	})

	It("never gets a number twice, not after all revisions were deleted with it", func(ctx SpecContext) {
		td := testkit.TaskDefinition(w.ns, "web")
		create(ctx, td)
		registered(ctx, "web", 1)
		change(ctx, td, testkit.Image("web:v2"))
		registered(ctx, "web", 2)
		deleted(ctx, td)
		create(ctx, testkit.TaskDefinition(w.ns, "web"))
		registered(ctx, "web", 3)
		Expect(revisions(ctx, Default)).To(ConsistOf("web-3"))
	})

	It("isn't registered again by itself when someone deletes its revision, only by a change", func(ctx SpecContext) {
		td := testkit.TaskDefinition(w.ns, "web")
		create(ctx, td)
		registered(ctx, "web", 1)
		Expect(admin.Delete(ctx, read(ctx, Default, w, "web-1", &ecsv1.TaskDefinitionRevision{}))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(revisions(ctx, g)).To(BeEmpty())
			g.Expect(read(ctx, g, w, "web", &ecsv1.TaskDefinition{}).Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady, "web:1 was deleted", "change the spec"))
		}).Should(Succeed())
		w.quiet(ctx)
		Expect(revisions(ctx, Default)).To(BeEmpty())
		change(ctx, td, testkit.Image("web:v2"))
		registered(ctx, "web", 2)
		Expect(revisions(ctx, Default)).To(ConsistOf("web-2"))
	})

	It("makes no revision of a change that alters nothing", func(ctx SpecContext) {
		td := testkit.TaskDefinition(w.ns, "web", func(td *ecsv1.TaskDefinition) { td.Spec.Cpu, td.Spec.Memory = "1024", "2048" })
		create(ctx, td)
		registered(ctx, "web", 1)
		change(ctx, td, func(td *ecsv1.TaskDefinition) {
			td.Labels = map[string]string{"team": "web"}
			td.Spec.Cpu, td.Spec.Memory = "1 vCPU", "2 GB"
			td.Spec.ContainerDefinitions[0].Essential = new(true)
			td.Spec.ContainerDefinitions[0].PortMappings[0].Protocol = "tcp"
			td.Spec.Kubernetes = &ecsv1.TaskDefinitionKubernetes{RevisionHistoryLimit: new(int32(7))}
		})
		registered(ctx, "web", 1)
		w.quiet(ctx)
		Expect(revisions(ctx, Default)).To(ConsistOf("web-1"))
	})

	It("keeps as many old revisions as it is told, and those in use beside them", func(ctx SpecContext) {
		td := testkit.TaskDefinition(w.ns, "web", func(td *ecsv1.TaskDefinition) {
			td.Spec.Kubernetes = &ecsv1.TaskDefinitionKubernetes{RevisionHistoryLimit: new(int32(1))}
		})
		create(ctx, td, testkit.Service(w.ns, "web", w.cluster, "web:1", 1))
		registered(ctx, "web", 1)
		w.steady(ctx, "web")
		for n := range int64(4) {
			change(ctx, td, testkit.Image(fmt.Sprintf("web:v%d", n+2)))
			registered(ctx, "web", n+2)
		}
		Eventually(func(g Gomega) {
			g.Expect(revisions(ctx, g)).To(ConsistOf("web-1", "web-4", "web-5"))
			g.Expect(w.events(ctx, g)).To(ContainElement(ContainSubstring("beyond revisionHistoryLimit 1: web:2")))
		}).Should(Succeed())

		By("letting go of one that is used no more")
		change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) { s.Spec.TaskDefinition = "web:5" })
		w.steady(ctx, "web")
		Eventually(func(g Gomega) { g.Expect(revisions(ctx, g)).To(ConsistOf("web-4", "web-5")) }).Should(Succeed())
		Expect(w.names(ctx, Default, &ecsv1.ServiceRevisionList{})).To(ConsistOf("web-1", "web-2"), "history of the service is no use")
	})

	It("skips a number that was counted and never registered", func(ctx SpecContext) {
		td := testkit.TaskDefinition(w.ns, "web")
		create(ctx, td)
		registered(ctx, "web", 1)
		stopManager()
		change(ctx, read(ctx, Default, w, names.FamilyCounter("web"), &appsv1.ControllerRevision{}), func(c *appsv1.ControllerRevision) { c.Revision = 2 })
		startManager(ctx)
		By("leaving an unchanged task definition as it is")
		w.quiet(ctx)
		Expect(revisions(ctx, Default)).To(ConsistOf("web-1"))
		change(ctx, td, testkit.Image("web:v2"))
		registered(ctx, "web", 3)
		Expect(revisions(ctx, Default)).To(ConsistOf("web-1", "web-3"))
	})

	It("of a family that an older one registers is told which, and has it once that is gone", func(ctx SpecContext) {
		older := testkit.TaskDefinition(w.ns, "older", func(td *ecsv1.TaskDefinition) { td.Spec.Family = "shop" })
		create(ctx, older)
		registered(ctx, "older", 1)
		younger := testkit.TaskDefinition(w.ns, "younger", func(td *ecsv1.TaskDefinition) { td.Spec.Family = "shop" }, testkit.Image("web:v9"))
		// Creation times are whole seconds; within one, names decide, and "older" is before "younger".
		create(ctx, younger)
		Eventually(func(g Gomega) {
			td := read(ctx, g, w, "younger", &ecsv1.TaskDefinition{})
			g.Expect(td.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonFamilyTaken, "spec.family", "TaskDefinition older", "choose another"))
			g.Expect(td.Status.LatestRevision).To(BeNil(), "older's revision isn't younger's")
		}).Should(Succeed())
		Expect(revisions(ctx, Default)).To(ConsistOf("shop-1"))
		Expect(admin.Delete(ctx, older)).To(Succeed())
		registered(ctx, "younger", 2)
	})

	It("that is refused registers nothing and says what to change, where no webhook did", func(ctx SpecContext) {
		withoutWebhook(ctx)
		td := testkit.TaskDefinition(w.ns, "web")
		create(ctx, td)
		registered(ctx, "web", 1)
		change(ctx, td, circle)
		Eventually(func(g Gomega) {
			td := read(ctx, g, w, "web", &ecsv1.TaskDefinition{})
			g.Expect(td.Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid, "containers wait for each other in a circle: app -> side -> app"))
		}).Should(Succeed())
		w.quiet(ctx)
		Expect(revisions(ctx, Default)).To(ConsistOf("web-1"))
		Expect(read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}).Status.LatestRevision).To(HaveValue(Equal(int64(1))), "what is registered is still registered")
	})

	It("reports fields that have no effect yet, and only those", func(ctx SpecContext) {
		td := testkit.TaskDefinition(w.ns, "web", func(td *ecsv1.TaskDefinition) {
			td.Spec.PlacementConstraints = []ecsv1.TaskDefinitionPlacementConstraint{{Type: "memberOf", Expression: "attribute:ecs.os-type == linux"}}
			td.Spec.ContainerDefinitions[0].VersionConsistency = "enabled"
		})
		// Which of them have an effect is the ledger's to say, and changes; that objects tell what it says doesn't.
		reported := haveNoCondition(ecsv1.ConditionFieldsWithoutEffect)
		if paths := podspec.Unmapped(&td.Spec.TaskDefinitionFields); len(paths) > 0 {
			reported = haveCondition(ecsv1.ConditionFieldsWithoutEffect, "True", ecsv1.ReasonFieldsWithoutEffect, paths...)
		}
		create(ctx, td)
		registered(ctx, "web", 1)
		Eventually(func(g Gomega) {
			latest, revision := read(ctx, g, w, "web", &ecsv1.TaskDefinition{}), read(ctx, g, w, "web-1", &ecsv1.TaskDefinitionRevision{})
			g.Expect(latest.Status.ObservedGeneration).To(HaveValue(Equal(latest.Generation)))
			g.Expect(revision.Status.Status).To(Equal(ecsv1.TaskDefinitionStateActive))
			g.Expect(latest.Status.Conditions).To(reported)
			g.Expect(revision.Status.Conditions).To(reported)
		}).Should(Succeed())
	})

	It("says of each revision where it can run and what an instance must be able to do", func(ctx SpecContext) {
		td := testkit.TaskDefinition(w.ns, "web")
		td.Spec.NetworkMode, td.Spec.Cpu, td.Spec.Memory = ecsv1.NetworkModeAwsvpc, "256", "512"
		td.Spec.TaskRoleArn = "web"
		create(ctx, td)
		registered(ctx, "web", 1)
		says := func(name string, launchTypes []ecsv1.Compatibility, attributes ...string) {
			GinkgoHelper()
			var all []ecsv1.Attribute
			for _, a := range attributes {
				all = append(all, ecsv1.Attribute{Name: a})
			}
			Eventually(func(g Gomega) {
				r := read(ctx, g, w, name, &ecsv1.TaskDefinitionRevision{})
				g.Expect(r.Status.Compatibilities).To(Equal(launchTypes))
				g.Expect(r.Status.RequiresAttributes).To(Equal(all))
			}).Should(Succeed())
		}
		says("web-1", []ecsv1.Compatibility{ecsv1.CompatibilityEC2, ecsv1.CompatibilityFargate, ecsv1.CompatibilityManagedInstances},
			"com.amazonaws.ecs.capability.docker-remote-api.1.18", "com.amazonaws.ecs.capability.task-iam-role", "ecs.capability.task-eni")

		change(ctx, td, func(td *ecsv1.TaskDefinition) { td.Spec.NetworkMode = ecsv1.NetworkModeBridge })
		registered(ctx, "web", 2)
		says("web-2", []ecsv1.Compatibility{ecsv1.CompatibilityEC2, ecsv1.CompatibilityExternal}, "com.amazonaws.ecs.capability.task-iam-role")

		By("and of one that an older operator registered without")
		old := read(ctx, Default, w, "web-1", &ecsv1.TaskDefinitionRevision{})
		bare := old.DeepCopy()
		bare.Status.Compatibilities, bare.Status.RequiresAttributes = nil, nil
		Expect(admin.Status().Patch(ctx, bare, client.MergeFrom(old))).To(Succeed())
		says("web-1", old.Status.Compatibilities, "com.amazonaws.ecs.capability.docker-remote-api.1.18", "com.amazonaws.ecs.capability.task-iam-role", "ecs.capability.task-eni")
	})

	It("leaves revisions that are never edited", func(ctx SpecContext) {
		w.running(ctx, "web", 1)
		for _, o := range []client.Object{
			read(ctx, Default, w, "web-1", &ecsv1.TaskDefinitionRevision{}),
			read(ctx, Default, w, "web-1", &ecsv1.ServiceRevision{}),
			read(ctx, Default, w, "web-1", &ecsv1.ServiceDeployment{}),
		} {
			patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"revision":7,"service":"other","targetServiceRevision":"x"}}`))
			Expect(admin.Patch(ctx, o, patch)).To(MatchError(ContainSubstring("never changes")), "%T", o)
		}
	})
})

var _ = Describe("A deregistered revision", func() {
	It("serves and scales where it is in use, is refused to others, and goes with its last user", func(ctx SpecContext) {
		w := newWorld(ctx)
		svc := w.running(ctx, "web", 2)
		Expect(admin.Delete(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}))).To(Succeed())
		Eventually(func(g Gomega) {
			r := read(ctx, g, w, "web-1", &ecsv1.TaskDefinitionRevision{})
			g.Expect(r.Status.Status).To(Equal(ecsv1.TaskDefinitionStateDeleteInProgress))
			g.Expect(r.Status.DeregisteredAt).NotTo(BeNil())
		}).Should(Succeed())

		By("scaling")
		change(ctx, svc, func(s *ecsv1.Service) { *s.Spec.DesiredCount = 3 })
		svc = w.steady(ctx, "web")
		Expect(svc.Status.RunningCount).To(Equal(int32(3)))

		By("refusing a new use with ECS's words")
		create(ctx, testkit.Service(w.ns, "late", w.cluster, "web:1", 1))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "late").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonTaskDefinitionInactive,
				"ClientException: TaskDefinition is inactive", "spec.taskDefinition: web:1"))
		}).Should(Succeed())
		Expect(admin.Delete(ctx, w.service(ctx, Default, "late"))).To(Succeed())

		By("going with the service that used it")
		Expect(admin.Delete(ctx, svc)).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			w.missing(ctx, g, "web", &ecsv1.Service{})
			w.missing(ctx, g, "web-1", &ecsv1.TaskDefinitionRevision{})
		}).Should(Succeed())
	})

	It("by its desiredStatus runs on where it runs, and is neither used nor registered anew", func(ctx SpecContext) {
		w := newWorld(ctx)
		svc := w.running(ctx, "web", 2)
		td := read(ctx, Default, w, "web", &ecsv1.TaskDefinition{})
		change(ctx, read(ctx, Default, w, "web-1", &ecsv1.TaskDefinitionRevision{}), func(r *ecsv1.TaskDefinitionRevision) {
			r.Spec.DesiredStatus = ecsv1.TaskDefinitionDesiredStatusInactive
		})
		Eventually(func(g Gomega) {
			r := read(ctx, g, w, "web-1", &ecsv1.TaskDefinitionRevision{})
			g.Expect(r.Status.Status).To(Equal(ecsv1.TaskDefinitionStateInactive))
			g.Expect(r.Status.DeregisteredAt).NotTo(BeNil())
			g.Expect(r.Status.DeleteRequestedAt).To(BeNil())
			g.Expect(read(ctx, g, w, "web", &ecsv1.TaskDefinition{}).Status.Status).To(Equal(ecsv1.TaskDefinitionStateInactive))
		}).Should(Succeed())

		By("scaling, and replacing a task that is lost")
		change(ctx, svc, func(s *ecsv1.Service) { *s.Spec.DesiredCount = 3 })
		svc = w.steady(ctx, "web")
		Expect(svc.Status.RunningCount).To(Equal(int32(3)))
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(admin.Delete(ctx, &pods[0])).To(Succeed())
		svc = w.steady(ctx, "web")
		Expect(svc.Status.RunningCount).To(Equal(int32(3)))
		Expect(w.names(ctx, Default, &ecsv1.TaskDefinitionRevisionList{})).To(ConsistOf("web-1"))

		By("refusing it to another service, by each form of reference")
		inactive := haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonTaskDefinitionInactive, "ClientException: TaskDefinition is inactive", "name an ACTIVE revision")
		for name, ref := range map[string]string{"family": "web", "number": "web:1", "arn": "arn:aws:ecs:us-east-1:000000000000:task-definition/web:1"} {
			create(ctx, testkit.Service(w.ns, name, w.cluster, ref, 1))
			Eventually(func(g Gomega) { g.Expect(w.service(ctx, g, name).Status.Conditions).To(inactive) }).Should(Succeed())
			Expect(admin.Delete(ctx, w.service(ctx, Default, name))).To(Succeed())
		}

		By("refusing it to its own service once that is changed, which runs on")
		change(ctx, svc, func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{ForceNewDeployment: new(int64(1))}
		})
		Eventually(func(g Gomega) { g.Expect(w.service(ctx, g, "web").Status.Conditions).To(inactive) }).Should(Succeed())
		Expect(w.service(ctx, Default, "web").Status.RunningCount).To(Equal(int32(3)))

		By("registering the next one for a change, which the service follows")
		change(ctx, td, testkit.Image("web:v2"))
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			g.Expect(w.service(ctx, g, "web").Status.TaskDefinition).To(Equal("web:2"))
		}).Should(Succeed())
		w.steady(ctx, "web")
	})

	It("that is deleted goes when the services have left it, though they remember it", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.running(ctx, "web", 1)
		Expect(admin.Delete(ctx, read(ctx, Default, w, "web-1", &ecsv1.TaskDefinitionRevision{}))).To(Succeed())
		Eventually(func(g Gomega) {
			r := read(ctx, g, w, "web-1", &ecsv1.TaskDefinitionRevision{})
			g.Expect(r.Status.Status).To(Equal(ecsv1.TaskDefinitionStateDeleteInProgress))
			g.Expect(r.Status.DeleteRequestedAt).NotTo(BeNil())
		}).Should(Succeed())
		change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), testkit.Image("web:v2"))
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			w.missing(ctx, g, "web-1", &ecsv1.TaskDefinitionRevision{})
		}).Should(Succeed())
		Expect(w.names(ctx, Default, &ecsv1.ServiceRevisionList{})).To(ContainElement("web-1"))
	})

	It("is not taken up again by a task definition of the same content", func(ctx SpecContext) {
		w := newWorld(ctx)
		w.running(ctx, "web", 1)
		Expect(admin.Delete(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "web-1", &ecsv1.TaskDefinitionRevision{}).Status.Status).To(Equal(ecsv1.TaskDefinitionStateDeleteInProgress))
		}).Should(Succeed())
		create(ctx, testkit.TaskDefinition(w.ns, "web"))
		svc := w.steady(ctx, "web")
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			svc = w.service(ctx, g, "web")
			g.Expect(svc.Status.TaskDefinition).To(Equal("web:2"), "the family's newest ACTIVE revision")
			g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		}).Should(Succeed())
	})
})
