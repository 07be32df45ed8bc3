// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"crypto/x509"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// circle makes two containers wait for each other, which no rule of one field sees.
func circle(td *ecsv1.TaskDefinition) {
	first := &td.Spec.ContainerDefinitions[0]
	second := *first.DeepCopy()
	second.Name, second.PortMappings = "side", nil
	first.DependsOn = []ecsv1.ContainerDependency{{ContainerName: "side", Condition: ecsv1.ContainerConditionStart}}
	second.DependsOn = []ecsv1.ContainerDependency{{ContainerName: "app", Condition: ecsv1.ContainerConditionStart}}
	td.Spec.ContainerDefinitions = append(td.Spec.ContainerDefinitions, second)
}

// tryOut is what kubectl apply --dry-run=server does.
func tryOut(ctx context.Context, o client.Object) error {
	return admin.Create(ctx, o, client.DryRunAll)
}

// asked waits until the webhook answers: when it was installed or started a moment ago, the apiserver goes on without it.
func asked(ctx context.Context) {
	GinkgoHelper()
	Eventually(func() error {
		return tryOut(ctx, testkit.TaskDefinition(metav1.NamespaceDefault, "circle", circle))
	}).Should(Satisfy(apierrors.IsInvalid))
}

// causes are what kubectl prints, a line for each field.
func causes(err error) map[string]string {
	GinkgoHelper()
	status, ok := err.(apierrors.APIStatus)
	Expect(ok).To(BeTrue(), "%v", err)
	out := map[string]string{}
	for _, c := range status.Status().Details.Causes {
		out[c.Field] = c.Message
	}
	return out
}

var _ = Describe("Admission", func() {
	var w *world

	BeforeEach(func(ctx SpecContext) {
		w = newWorld(ctx)
		asked(ctx)
		env.Warnings.Take()
	})

	It("refuses a task definition with all that is wrong with it, ECS's error first and a field to each", func(ctx SpecContext) {
		err := admin.Create(ctx, testkit.TaskDefinition(w.ns, "web", circle, func(td *ecsv1.TaskDefinition) {
			td.Spec.NetworkMode = "bridge"
			td.Spec.ContainerDefinitions[0].PortMappings[0].HostPort = ptr.To[int32](22)
			td.Spec.ContainerDefinitions[1].Links = []string{"db"}
		}))
		Expect(err).To(Satisfy(apierrors.IsInvalid))
		Expect(err).To(MatchError(HavePrefix(`admission webhook "taskdefinitions.ecs.pods.dev" denied the request: ClientException: spec.containerDefinitions[0].dependsOn: `)))
		Expect(causes(err)).To(Equal(map[string]string{
			"spec.containerDefinitions[0].dependsOn":                "ClientException: containers wait for each other in a circle: app -> side -> app; take one dependsOn out",
			"spec.containerDefinitions[0].portMappings[0].hostPort": "ClientException: host port 22 is reserved on every instance (22, 2375, 2376, 51678-51680); choose another",
			"spec.containerDefinitions[1].links[0]":                 "ClientException: there is no container db; the containers are app, side",
		}))
	})

	It("refuses a service that is wrong whatever else there is", func(ctx SpecContext) {
		err := admin.Create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1, func(s *ecsv1.Service) {
			s.Spec.LoadBalancers = append(s.Spec.LoadBalancers, s.Spec.LoadBalancers[0])
		}))
		Expect(causes(err)).To(Equal(map[string]string{
			"spec.loadBalancers[1].targetGroupArn": "InvalidParameterException: target group web-tg is named twice; a target group takes one container and port",
		}))
	})

	It("refuses a task whose overrides are too long, and warns of one that can't be run", func(ctx SpecContext) {
		overridden := func(container, variable string) func(*ecsv1.Task) {
			return func(t *ecsv1.Task) {
				t.Spec.Overrides = &ecsv1.TaskOverride{ContainerOverrides: []ecsv1.ContainerOverride{{
					Name: container, Environment: []ecsv1.KeyValuePair{{Name: "A", Value: variable}},
				}}}
			}
		}
		Expect(causes(tryOut(ctx, testkit.Task(w.ns, "long", w.cluster, "job", overridden("app", strings.Repeat("x", 8192)))))).To(HaveKeyWithValue(
			"spec.overrides", HavePrefix("InvalidParameterException: Container Overrides length must be at most 8192")))

		By("saying nothing of a task definition that may come next")
		env.Warnings.Take()
		Expect(tryOut(ctx, testkit.Task(w.ns, "early", w.cluster, "job", overridden("api", "x")))).To(Succeed())
		Expect(env.Warnings.Take()).To(BeEmpty())
		create(ctx, testkit.TaskDefinition(w.ns, "job"))
		Eventually(func(g Gomega) {
			g.Expect(tryOut(ctx, testkit.Task(w.ns, "late", w.cluster, "job", overridden("api", "x")))).To(Succeed())
			g.Expect(env.Warnings.Take()).To(ConsistOf(ContainSubstring("Override for container named api is not a container in the TaskDefinition.")))
		}).Should(Succeed())
	})

	It("judges the placement of a task as that of a service", func(ctx SpecContext) {
		placed := func(edit func(*ecsv1.TaskSpec)) error {
			return tryOut(ctx, testkit.Task(w.ns, "placed", w.cluster, "job", func(t *ecsv1.Task) { edit(&t.Spec) }))
		}
		member := func(expression string) ecsv1.PlacementConstraint {
			return ecsv1.PlacementConstraint{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: expression}
		}
		Expect(causes(placed(func(s *ecsv1.TaskSpec) {
			s.PlacementConstraints = []ecsv1.PlacementConstraint{member("attribute:stack = prod"), member("attribute:tier == a"), member("attribute:tier == b")}
		}))).To(SatisfyAll(
			HaveKeyWithValue("spec.placementConstraints[0].expression", HavePrefix("InvalidParameterException: unexpected =; equality is ==")),
			HaveKeyWithValue("spec.placementConstraints[1].expression", HavePrefix("InvalidParameterException: no container instance meets both"))))

		By("telling a strategy over an attribute that no instance has")
		env.Warnings.Take()
		Expect(placed(func(s *ecsv1.TaskSpec) {
			s.PlacementStrategy = []ecsv1.PlacementStrategy{{Type: ecsv1.PlacementStrategyTypeSpread, Field: "attribute:ecs.availabilty-zone"}}
		})).To(Succeed())
		Expect(env.Warnings.Take()).To(ConsistOf(ContainSubstring("spec.placementStrategy[0].field: ECS gives no attribute ecs.availabilty-zone to container instances; did you mean ecs.availability-zone?")))

		By("telling of a capacity provider that isn't the cluster's, once the rest is there")
		create(ctx, testkit.TaskDefinition(w.ns, "job"))
		Eventually(func(g Gomega) {
			env.Warnings.Take()
			g.Expect(placed(func(s *ecsv1.TaskSpec) {
				s.CapacityProviderStrategy = []ecsv1.CapacityProviderStrategyItem{{CapacityProvider: "spot", Weight: new(int32(1))}}
			})).To(Succeed())
			g.Expect(env.Warnings.Take()).To(ConsistOf(ContainSubstring("not associated with the cluster: spot")))
		}).Should(Succeed())
	})

	It("warns of what depends on others, and lets it pass", func(ctx SpecContext) {
		By("a service that comes before its task definition")
		Expect(admin.Create(ctx, testkit.Service(w.ns, "early", w.cluster, "web", 1))).To(Succeed())
		Expect(env.Warnings.Take()).To(BeEmpty())
		w.running(ctx, "web", 1)
		env.Warnings.Take()

		By("a container that the task definition hasn't got")
		Expect(tryOut(ctx, testkit.Service(w.ns, "late", w.cluster, "web", 1, func(s *ecsv1.Service) { s.Spec.LoadBalancers[0].ContainerName = "api" }))).To(Succeed())
		Expect(env.Warnings.Take()).To(ConsistOf(
			"InvalidParameterException: spec.loadBalancers[0].containerName: the container api does not exist in the task definition; it has app"))

		By("a field without effect")
		Expect(tryOut(ctx, testkit.Service(w.ns, "late", w.cluster, "web", 1, func(s *ecsv1.Service) { s.Spec.EnableECSManagedTags = new(true) }))).To(Succeed())
		Expect(env.Warnings.Take()).To(ConsistOf(ContainSubstring("without effect: enableECSManagedTags")))

		By("a task that the namespace forbids")
		w.enforce(ctx, "baseline")
		Eventually(func(g Gomega) {
			g.Expect(tryOut(ctx, testkit.TaskDefinition(w.ns, "host", func(td *ecsv1.TaskDefinition) { td.Spec.NetworkMode = "host" }))).To(Succeed())
			g.Expect(env.Warnings.Take()).To(ContainElement(ContainSubstring("enforces Pod Security level baseline, which forbids its tasks: spec.networkMode: ")))
		}).Should(Succeed())
	})

	It("asks nothing when the spec stays as it is, or the object goes", func(ctx SpecContext) {
		Expect(env.UninstallWebhook(ctx)).To(Succeed())
		DeferCleanup(func(ctx SpecContext) {
			Expect(env.UninstallWebhook(ctx)).To(Succeed())
			Expect(env.InstallWebhook(ctx)).To(Succeed())
			asked(ctx)
		})
		bad := testkit.TaskDefinition(w.ns, "bad", circle)
		Eventually(func() error { return admin.Create(ctx, bad.DeepCopy()) }).Should(Succeed())
		By("a condition says it in the webhook's stead")
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "bad", bad).Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid,
				"ClientException: spec.containerDefinitions[0].dependsOn: containers wait for each other in a circle"))
		}).Should(Succeed())
		w.quiet(ctx)
		Expect(env.InstallWebhook(ctx)).To(Succeed())
		asked(ctx)
		change(ctx, bad, func(td *ecsv1.TaskDefinition) { td.Labels = map[string]string{"team": "shop"} })
		bad.Spec.ContainerDefinitions[0].Image = "web:v2"
		Expect(admin.Update(ctx, bad)).To(Satisfy(apierrors.IsInvalid))
		Expect(admin.Delete(ctx, bad)).To(Succeed())
	})

	It("is done without while the operator is down, and conditions tell when it is back", func(ctx SpecContext) {
		stopManager()
		bad := testkit.TaskDefinition(w.ns, "bad", circle)
		Expect(admin.Create(ctx, bad)).To(Succeed())
		startManager(ctx)
		Eventually(func(g Gomega) {
			g.Expect(read(ctx, g, w, "bad", bad).Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid, "in a circle"))
		}).Should(Succeed())
	})
})

var _ = Describe("The webhook's certificates", func() {
	restarted := func(ctx SpecContext, edit func(*controllers.Webhook)) {
		GinkgoHelper()
		stopManager()
		var err error
		manager, err = env.StartOperator(ctx, clock, record, func(s *controllers.Settings) { edit(s.Webhook) })
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func(ctx SpecContext) {
			stopManager()
			startManager(ctx)
			asked(ctx)
		})
		asked(ctx)
	}
	served := func(ctx context.Context) *x509.Certificate {
		GinkgoHelper()
		var out *x509.Certificate
		Eventually(func() (err error) {
			out, err = env.ServedCertificate(ctx)
			return err
		}).Should(Succeed())
		return out
	}

	It("are replaced while they are good, and trusted throughout", func(ctx SpecContext) {
		restarted(ctx, func(w *controllers.Webhook) { w.Serving = 3 * time.Second })
		first := served(ctx)
		Expect(first.VerifyHostname("ecs-operator-webhook." + testkit.OperatorNamespace + ".svc")).To(Succeed())
		Eventually(func(g Gomega) {
			next := served(ctx)
			g.Expect(next.SerialNumber).NotTo(Equal(first.SerialNumber))
			g.Expect(next.AuthorityKeyId).To(Equal(first.AuthorityKeyId), "the same authority")
			g.Expect(time.Now()).To(BeTemporally("<", first.NotAfter), "before the first had run out")
		}).Should(Succeed())
		asked(ctx)
	})

	It("change their authority without a moment in which nobody is trusted", func(ctx SpecContext) {
		Expect(admin.Delete(ctx, env.AuthoritySecret())).To(Succeed())
		restarted(ctx, func(w *controllers.Webhook) { w.Authority = 4 * time.Second })
		first := served(ctx)
		refused := 0
		Eventually(func(g Gomega) {
			if apierrors.IsInvalid(tryOut(ctx, testkit.TaskDefinition(metav1.NamespaceDefault, "circle", circle))) {
				refused++
			} else {
				refused = -1 << 20
			}
			g.Expect(served(ctx).AuthorityKeyId).NotTo(Equal(first.AuthorityKeyId))
		}).Should(Succeed())
		Expect(refused).To(BeNumerically(">", 0), "the webhook was asked each time and believed each time")
		DeferCleanup(func(ctx SpecContext) { // authorities that are good for seconds would keep the others busy
			Expect(client.IgnoreNotFound(admin.Delete(ctx, env.AuthoritySecret()))).To(Succeed())
		})
	})
})
