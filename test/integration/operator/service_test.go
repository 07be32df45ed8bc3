// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

var _ = Describe("A Service", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	It("becomes exactly a target group's Service, a ServiceRevision, a ServiceDeployment and a Deployment", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 2)
		objects, err := w.Objects(ctx)
		Expect(err).NotTo(HaveOccurred())
		count := map[string]int{}
		for _, o := range objects {
			switch o := o.(type) {
			case *corev1.Service:
				count["Service "+o.Name]++
			case *ecsv1.ServiceRevision:
				count["ServiceRevision "+o.Name]++
			case *ecsv1.ServiceDeployment:
				count["ServiceDeployment "+o.Name]++
			case *appsv1.Deployment:
				count["Deployment "+o.Name]++
			case *corev1.Pod:
				count["Pod"]++
			}
		}
		Expect(count).To(Equal(map[string]int{"Service web-tg": 1, "ServiceRevision web-1": 1, "ServiceDeployment web-1": 1, "Deployment web-1": 1, "Pod": 2}))

		By("showing status as ECS does")
		s := svc.Status
		Expect(s.Status).To(Equal(ecsv1.ServiceStateActive))
		Expect(s.ServiceArn).To(Equal("arn:aws:ecs:us-east-1:000000000000:service/" + w.cluster + "/web"))
		Expect([]int32{s.DesiredCount, s.RunningCount, s.PendingCount}).To(Equal([]int32{2, 2, 0}))
		Expect(s.Deployments).To(ConsistOf(And(
			HaveField("Status", ecsv1.DeploymentStatePrimary), HaveField("RolloutState", ecsv1.DeploymentRolloutStateCompleted),
			HaveField("TaskDefinition", "web:1"), HaveField("RunningCount", int32(2)), HaveField("DesiredCount", int32(2)))))
		Expect(s.LoadBalancers).To(ConsistOf(And(HaveField("ServiceName", "web-tg"), HaveField("ClusterIP", Not(BeEmpty())), HaveField("Port", HaveValue(Equal(int32(8080)))))))
		sd := read(ctx, Default, w, "web-1", &ecsv1.ServiceDeployment{})
		Expect(sd.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
		Expect(sd.Status.TargetServiceRevision.RunningTaskCount).To(Equal(int32(2)))
		Expect(read(ctx, Default, w, "web-1", &ecsv1.ServiceRevision{}).Status.ServiceRevisionArn).To(ContainSubstring(":service-revision/" + w.cluster + "/web/"))
		tg := read(ctx, Default, w, "web-tg", &corev1.Service{})
		Expect(tg.Spec.Selector).To(Equal(map[string]string{ecsv1.LabelService: "web"}))
		Eventually(func(g Gomega) {
			g.Expect(w.events(ctx, g)).To(ContainElements(
				"Normal TasksStarted: (service web) has started 2 tasks: (service revision web-1)",
				"Normal SteadyState: (service web) has reached a steady state.",
				ContainSubstring("deployment completed.")))
		}).Should(Succeed())
	})

	DescribeTable("starts a deployment when what tasks are made of changes, and only then",
		func(ctx SpecContext, edit func(*ecsv1.Service), starts bool) {
			svc := w.running(ctx, "web", 1, func(s *ecsv1.Service) {
				s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{TargetGroups: []ecsv1.TargetGroup{{Name: "web-tg", Type: ecsv1.TargetGroupTypeNodePort}}}
			})
			create(ctx, testkit.TaskDefinition(w.ns, "other"))
			before := w.deployment(ctx, Default, "web-1")
			change(ctx, svc, edit)
			w.steady(ctx, "web")
			if starts {
				Eventually(func(g Gomega) {
					g.Expect(w.Settle(ctx)).To(Succeed())
					g.Expect(w.names(ctx, g, &ecsv1.ServiceRevisionList{})).To(ConsistOf("web-1", "web-2"))
					g.Expect(w.names(ctx, g, &ecsv1.ServiceDeploymentList{})).To(ConsistOf("web-1", "web-2"))
					g.Expect(w.names(ctx, g, &appsv1.DeploymentList{})).To(ConsistOf("web-2"))
				}).Should(Succeed())
				return
			}
			Expect(w.names(ctx, Default, &ecsv1.ServiceRevisionList{})).To(ConsistOf("web-1"))
			Expect(w.names(ctx, Default, &ecsv1.ServiceDeploymentList{})).To(ConsistOf("web-1"))
			Expect(w.deployment(ctx, Default, "web-1").Spec.Template).To(Equal(before.Spec.Template))
		},
		Entry("not desiredCount", func(s *ecsv1.Service) { s.Spec.DesiredCount = ptr.To[int32](2) }, false),
		Entry("not deploymentConfiguration", func(s *ecsv1.Service) { testkit.Percentages(50, 150)(s) }, false),
		Entry("not the node port", func(s *ecsv1.Service) { s.Spec.Kubernetes.TargetGroups[0].NodePort = ptr.To[int32](31234) }, false),
		Entry("not the port that a target group listens on", func(s *ecsv1.Service) { s.Spec.Kubernetes.TargetGroups[0].Port = ptr.To[int32](80) }, false),
		Entry("not tags", func(s *ecsv1.Service) { s.Spec.Tags = []ecsv1.Tag{{Key: "team", Value: "a"}} }, false),
		Entry("not propagateTags", func(s *ecsv1.Service) { s.Spec.PropagateTags = "SERVICE" }, false),
		Entry("not the grace period of health checks", func(s *ecsv1.Service) { s.Spec.HealthCheckGracePeriodSeconds = ptr.To[int32](30) }, false),
		Entry("taskDefinition", func(s *ecsv1.Service) { s.Spec.TaskDefinition = "other" }, true),
		Entry("loadBalancers", func(s *ecsv1.Service) {
			s.Spec.LoadBalancers[0].TargetGroupArn, s.Spec.Kubernetes.TargetGroups = "web2-tg", nil
		}, true),
		Entry("networkConfiguration", func(s *ecsv1.Service) {
			s.Spec.NetworkConfiguration = &ecsv1.NetworkConfiguration{AwsvpcConfiguration: &ecsv1.AwsVpcConfiguration{Subnets: []string{"subnet-1"}}}
		}, true),
		Entry("the deregistration delay, which stands in the pods", func(s *ecsv1.Service) {
			s.Spec.Kubernetes.TargetGroups[0].DeregistrationDelaySeconds = ptr.To[int32](3)
		}, true),
		Entry("forceNewDeployment", func(s *ecsv1.Service) { s.Spec.Kubernetes.ForceNewDeployment = ptr.To[int64](1) }, true),
	)

	It("moves its traffic to the new target group and lets the old one go", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 1)
		change(ctx, svc, func(s *ecsv1.Service) { s.Spec.LoadBalancers[0].TargetGroupArn = "new-tg" })
		w.steady(ctx, "web")
		Expect(w.names(ctx, Default, &corev1.ServiceList{})).To(ConsistOf("new-tg"))
	})

	It("that names a family follows its newest revision; one that names family:N stays", func(ctx SpecContext) {
		w.running(ctx, "web", 1)
		create(ctx, testkit.Service(w.ns, "pinned", w.cluster, "web:1", 1))
		w.steady(ctx, "pinned")
		change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), testkit.Image("web:v2"))
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			svc := w.service(ctx, g, "web")
			g.Expect(svc.Status.TaskDefinition).To(Equal("web:2"))
			g.Expect(svc.Status.Conditions).To(haveCondition(ecsv1.ConditionReady, "True", ecsv1.ReasonReady))
		}).Should(Succeed())
		pinned := w.steady(ctx, "pinned")
		Expect(pinned.Status.TaskDefinition).To(Equal("web:1"))
		Expect(w.names(ctx, Default, &appsv1.DeploymentList{})).To(ConsistOf("web-2", "pinned-1"))
	})

	It("scales through /scale, as an autoscaler does", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 1)
		scale := &autoscalingv1.Scale{}
		Expect(admin.SubResource("scale").Get(ctx, svc, scale)).To(Succeed())
		Expect(scale.Status.Replicas).To(Equal(int32(1)))
		Expect(scale.Status.Selector).To(Equal(ecsv1.LabelService + "=web"))
		scale.Spec.Replicas = 4
		Expect(admin.SubResource("scale").Update(ctx, svc, client.WithSubResourceBody(scale))).To(Succeed())
		svc = w.steady(ctx, "web")
		Expect([]int32{svc.Status.DesiredCount, svc.Status.RunningCount}).To(Equal([]int32{4, 4}))
		scale.Spec.Replicas, scale.ResourceVersion = 0, ""
		Expect(admin.SubResource("scale").Update(ctx, svc, client.WithSubResourceBody(scale))).To(Succeed())
		svc = w.steady(ctx, "web")
		Expect(svc.Status.RunningCount).To(BeZero())
		Expect(w.names(ctx, Default, &ecsv1.ServiceDeploymentList{})).To(ConsistOf("web-1"))
	})

	It("without desiredCount runs one task", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 1, func(s *ecsv1.Service) { s.Spec.DesiredCount = nil })
		Expect(svc.Spec.DesiredCount).To(BeNil())
		Expect(svc.Status.DesiredCount).To(Equal(int32(1)))
	})

	It("doesn't hijack somebody else's core Service of its target group's name, and goes on once that is gone", func(ctx SpecContext) {
		theirs := &corev1.Service{Spec: corev1.ServiceSpec{Selector: map[string]string{"app": "theirs"}, Ports: []corev1.ServicePort{{Port: 80}}}}
		theirs.Namespace, theirs.Name = w.ns, "web-tg"
		create(ctx, theirs)
		create(ctx, testkit.TaskDefinition(w.ns, "web"), testkit.Service(w.ns, "web", w.cluster, "web", 1))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonInvalid,
				"spec.loadBalancers[0].targetGroupArn", "core Service web-tg", "name the target group otherwise"))
		}).Should(Succeed())
		w.quiet(ctx)
		Expect(read(ctx, Default, w, "web-tg", &corev1.Service{}).ResourceVersion).To(Equal(theirs.ResourceVersion))
		Expect(w.names(ctx, Default, &appsv1.DeploymentList{})).To(BeEmpty())
		Expect(admin.Delete(ctx, theirs)).To(Succeed())
		w.steady(ctx, "web")
	})

	It("takes what comes late: cluster, task definition, leave of the namespace", func(ctx SpecContext) {
		late := testkit.Cluster("late-"+w.cluster, func(c *ecsv1.Cluster) {
			c.Spec.Kubernetes.AllowedNamespaces = &metav1.LabelSelector{MatchLabels: map[string]string{"tier": "web"}}
		})
		create(ctx, testkit.Service(w.ns, "web", late.Name, "web", 1))
		stalled := func(reason string) {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", reason))
			}).Should(Succeed())
		}
		stalled(ecsv1.ReasonClusterNotFound)
		create(ctx, late)
		DeferCleanup(remove, late)
		stalled(ecsv1.ReasonClusterNotAllowed)
		ns := &corev1.Namespace{}
		Expect(admin.Get(ctx, client.ObjectKey{Name: w.ns}, ns)).To(Succeed())
		change(ctx, ns, func(n *corev1.Namespace) { n.Labels["tier"] = "web" })
		stalled(ecsv1.ReasonTaskDefinitionNotFound)
		create(ctx, testkit.TaskDefinition(w.ns, "web"))
		w.steady(ctx, "web")
	})

	It("keeps as much history as its limit says, and never drops a revision with tasks", func(ctx SpecContext) {
		svc := w.running(ctx, "web", 2, func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{RevisionHistoryLimit: ptr.To[int32](1)}
		})
		for i := range int64(3) {
			change(ctx, svc, func(s *ecsv1.Service) { s.Spec.Kubernetes.ForceNewDeployment = new(i + 1) })
			w.steady(ctx, "web")
		}
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			g.Expect(w.names(ctx, g, &ecsv1.ServiceRevisionList{})).To(ConsistOf("web-3", "web-4"))
			g.Expect(w.names(ctx, g, &ecsv1.ServiceDeploymentList{})).To(ConsistOf("web-3", "web-4"))
			g.Expect(w.names(ctx, g, &appsv1.DeploymentList{})).To(ConsistOf("web-4"))
		}).Should(Succeed())

		By("allowing none, while the next revision doesn't start")
		change(ctx, svc, func(s *ecsv1.Service) {
			s.Spec.Kubernetes.RevisionHistoryLimit, s.Spec.Kubernetes.ForceNewDeployment = ptr.To[int32](0), ptr.To[int64](9)
		})
		Eventually(func(g Gomega) { g.Expect(w.names(ctx, g, &appsv1.DeploymentList{})).To(ConsistOf("web-4", "web-5")) }).Should(Succeed())
		Expect(w.Converge(ctx)).To(Succeed())
		w.quiet(ctx)
		Expect(w.names(ctx, Default, &ecsv1.ServiceRevisionList{})).To(ContainElements("web-4", "web-5"))
		w.steady(ctx, "web")
		Eventually(func(g Gomega) {
			g.Expect(w.names(ctx, g, &ecsv1.ServiceRevisionList{})).To(ConsistOf("web-5"))
		}).Should(Succeed())
	})

	It("of a name that has to be folded runs like any other", func(ctx SpecContext) {
		long := "a-service-whose-name-is-so-long-that-what-belongs-to-it-needs-a-shorter-one"
		svc := w.running(ctx, long, 1)
		Expect(svc.Status.Deployments[0].RunningCount).To(Equal(int32(1)))
	})
})
