// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

const (
	roleARN        = "arn:aws:iam::111122223333:role/web"
	roleAnnotation = "eks.amazonaws.com/role-arn"
)

func taskRole(ref string) func(*ecsv1.TaskDefinition) {
	return func(td *ecsv1.TaskDefinition) { td.Spec.TaskRoleArn = ref }
}

var _ = Describe("A task role", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) { w = newWorld(ctx) })

	account := func(ctx context.Context, g Gomega) *corev1.ServiceAccount {
		GinkgoHelper()
		return read(ctx, g, w, "ecs-task-web", &corev1.ServiceAccount{})
	}

	It("is a ServiceAccount with the annotation that EKS reads, as long as a service uses it", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web", taskRole(roleARN)))
		create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1), testkit.Service(w.ns, "api", w.cluster, "web", 1))
		w.steady(ctx, "web")
		w.steady(ctx, "api")
		Expect(account(ctx, Default).Annotations).To(HaveKeyWithValue(roleAnnotation, roleARN))
		Expect(account(ctx, Default).OwnerReferences).To(ConsistOf(HaveField("Name", "web-1"), HaveField("Name", "api-1")))
		Expect(w.deployment(ctx, Default, "web-1").Spec.Template.Spec.ServiceAccountName).To(Equal("ecs-task-web"))

		By("coming back when somebody deletes it")
		Expect(admin.Delete(ctx, account(ctx, Default))).To(Succeed())
		Eventually(func(g Gomega) { account(ctx, g) }).Should(Succeed())

		By("belonging to one revision of each service")
		change(ctx, read(ctx, Default, w, "web", &ecsv1.TaskDefinition{}), testkit.Image("web:v2"))
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			g.Expect(account(ctx, g).OwnerReferences).To(ConsistOf(HaveField("Name", "web-2"), HaveField("Name", "api-2")))
		}).Should(Succeed())

		By("going with the last service")
		Expect(admin.Delete(ctx, w.service(ctx, Default, "web"))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			w.missing(ctx, g, "web", &ecsv1.Service{})
		}).Should(Succeed())
		account(ctx, Default)
		Expect(admin.Delete(ctx, w.service(ctx, Default, "api"))).To(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.Settle(ctx)).To(Succeed())
			w.missing(ctx, g, "ecs-task-web", &corev1.ServiceAccount{})
		}).Should(Succeed())
	})

	It("is left as it is where somebody made the ServiceAccount", func(ctx SpecContext) {
		theirs := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: w.ns, Name: "ecs-task-web"}}
		create(ctx, theirs)
		create(ctx, testkit.TaskDefinition(w.ns, "web", taskRole(roleARN)), testkit.Service(w.ns, "web", w.cluster, "web", 1))
		w.steady(ctx, "web")
		Expect(account(ctx, Default).ResourceVersion).To(Equal(theirs.ResourceVersion))
	})

	It("of another account doesn't take over the ServiceAccount", func(ctx SpecContext) {
		create(ctx, testkit.TaskDefinition(w.ns, "web", taskRole(roleARN)), testkit.TaskDefinition(w.ns, "other", taskRole("web")))
		create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1))
		w.steady(ctx, "web")
		create(ctx, testkit.Service(w.ns, "other", w.cluster, "other", 1))
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "other").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonRoleConflict,
				"ecs-task-web stands for "+roleARN+" already and can't stand for arn:aws:iam::000000000000:role/web"))
		}).Should(Succeed())
		Expect(account(ctx, Default).Annotations).To(HaveKeyWithValue(roleAnnotation, roleARN))
	})

	It("is what the Cluster maps it to", func(ctx SpecContext) {
		change(ctx, readCluster(ctx, w), func(c *ecsv1.Cluster) {
			c.Spec.Kubernetes.Roles = []ecsv1.ClusterRole{{RoleArn: roleARN, ServiceAccountName: "platform"}}
		})
		create(ctx, testkit.TaskDefinition(w.ns, "web", taskRole(roleARN)), testkit.Service(w.ns, "web", w.cluster, "web", 1))
		w.steady(ctx, "web")
		Expect(w.deployment(ctx, Default, "web-1").Spec.Template.Spec.ServiceAccountName).To(Equal("platform"))
		w.missing(ctx, Default, "ecs-task-web", &corev1.ServiceAccount{})
	})
})

var _ = Describe("A task without network", func() {
	It("is cut off by a NetworkPolicy", func(ctx SpecContext) {
		w := newWorld(ctx)
		create(ctx, testkit.TaskDefinition(w.ns, "web", func(td *ecsv1.TaskDefinition) {
			td.Spec.NetworkMode = "none"
			td.Spec.ContainerDefinitions[0].PortMappings = nil
			td.Spec.ContainerDefinitions[0].HealthCheck = &ecsv1.HealthCheck{Command: []string{"CMD", "true"}}
		}), testkit.Service(w.ns, "web", w.cluster, "web", 1, testkit.WithoutLoadBalancer))
		w.steady(ctx, "web")
		policy := read(ctx, Default, w, "web-1-no-network", &networkingv1.NetworkPolicy{})
		Expect(policy.Spec.PolicyTypes).To(ConsistOf(networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress))
		Expect(policy.Spec.Ingress).To(BeEmpty())
		Expect(policy.Spec.Egress).To(BeEmpty())
		pods, err := w.Pods(ctx, "1")
		Expect(err).NotTo(HaveOccurred())
		Expect(pods).To(HaveLen(1))
		Expect(pods[0].Labels).To(SatisfyAll(HaveKeyWithValue(ecsv1.LabelService, "web"), HaveKeyWithValue(ecsv1.LabelServiceRevision, "1")))
		Expect(policy.Spec.PodSelector.MatchLabels).To(Equal(map[string]string{ecsv1.LabelService: "web", ecsv1.LabelServiceRevision: "1"}))

		By("coming back when somebody deletes it")
		Expect(admin.Delete(ctx, policy)).To(Succeed())
		Eventually(func(g Gomega) { read(ctx, g, w, "web-1-no-network", &networkingv1.NetworkPolicy{}) }).Should(Succeed())
	})
})

var _ = Describe("A secret", func() {
	var w *world
	BeforeEach(func(ctx SpecContext) {
		w = newWorld(ctx)
		create(ctx, testkit.TaskDefinition(w.ns, "web", func(td *ecsv1.TaskDefinition) {
			td.Spec.ContainerDefinitions[0].Secrets = []ecsv1.Secret{
				{Name: "USER", ValueFrom: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf:user::"},
				{Name: "PASSWORD", ValueFrom: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf:password::"},
			}
			td.Spec.ContainerDefinitions[0].RepositoryCredentials = &ecsv1.RepositoryCredentials{CredentialsParameter: "login"}
		}))
	})

	It("that is missing is told on the Service, with the command that makes it", func(ctx SpecContext) {
		create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1))
		Eventually(func(g Gomega) {
			g.Expect(w.Converge(ctx)).To(Succeed())
			pods, err := w.Pods(ctx, "1")
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(pods).To(HaveLen(1))
			pods[0].Status.Phase = corev1.PodPending
			pods[0].Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: corev1.ContainerState{
				Waiting: &corev1.ContainerStateWaiting{Reason: "CreateContainerConfigError", Message: `secret "prod-db" not found`},
			}}}
			g.Expect(admin.Status().Update(ctx, &pods[0])).To(Succeed())
		}).Should(Succeed())
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonTasksFailedToStart,
				`ResourceInitializationError: secret "prod-db" not found`,
				"kubectl create secret generic prod-db --namespace "+w.ns+" --from-literal=password=… --from-literal=user=…"))
		}).Should(Succeed())
	})

	It("is fetched through the Cluster's store before a task starts", func(ctx SpecContext) {
		change(ctx, readCluster(ctx, w), func(c *ecsv1.Cluster) {
			c.Spec.Kubernetes.SecretStores = &ecsv1.SecretStores{SecretsManager: &ecsv1.SecretStoreReference{Name: "aws"}}
		})
		create(ctx, testkit.Service(w.ns, "web", w.cluster, "web", 1))

		By("saying what to install where there is no External Secrets Operator")
		Eventually(func(g Gomega) {
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionStalled, "True", ecsv1.ReasonExternalSecretsMissing,
				"install the External Secrets Operator"))
		}).Should(Succeed())
		w.missing(ctx, Default, "web-1", deploymentKind())

		By("going on once it is there")
		crd, err := testkit.ExternalSecretCRD(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(admin.Create(ctx, crd)).To(Succeed())
		DeferCleanup(func(ctx SpecContext) { remove(ctx, crd) })
		var all []unstructured.Unstructured
		Eventually(func(g Gomega) {
			all = externalSecrets(ctx, g, w)
			g.Expect(all).To(HaveLen(2))
			g.Expect(w.service(ctx, g, "web").Status.Conditions).To(haveCondition(ecsv1.ConditionReconciling, "True", ecsv1.ReasonSecretsNotReady))
		}).Should(Succeed())
		w.missing(ctx, Default, "web-1", deploymentKind())
		login, db := all[0], all[1]
		Expect(login.GetName()).To(HavePrefix("login-"))
		Expect(at(login, "spec", "target", "template", "type")).To(Equal("kubernetes.io/dockerconfigjson"))
		Expect(db.GetName()).To(HavePrefix("prod-db-"))
		Expect(at(db, "spec", "secretStoreRef")).To(Equal(map[string]any{"kind": "ClusterSecretStore", "name": "aws"}))
		Expect(at(db, "spec", "data")).To(ConsistOf(
			HaveKeyWithValue("remoteRef", SatisfyAll(HaveKeyWithValue("key", "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf"), HaveKeyWithValue("property", "user"))),
			HaveKeyWithValue("remoteRef", HaveKeyWithValue("property", "password"))))

		By("starting tasks when all are fetched")
		for i := range all {
			fetch(ctx, &all[i])
		}
		w.steady(ctx, "web")
		env := w.deployment(ctx, Default, "web-1").Spec.Template.Spec.Containers[0].Env
		Expect(env).To(ContainElement(HaveField("ValueFrom.SecretKeyRef.Name", db.GetName())))

		By("asking for a fresh value with each deployment")
		change(ctx, w.service(ctx, Default, "web"), func(s *ecsv1.Service) {
			s.Spec.Kubernetes = &ecsv1.ServiceKubernetes{ForceNewDeployment: new(int64(1))}
		})
		Eventually(func(g Gomega) {
			for _, e := range externalSecrets(ctx, g, w) {
				g.Expect(e.GetOwnerReferences()).To(ConsistOf(HaveField("Name", "web-2")))
				g.Expect(e.GetAnnotations()).To(ContainElement("web-2"))
			}
		}).Should(Succeed())
	})
})

func externalSecrets(ctx context.Context, g Gomega, w *world) []unstructured.Unstructured {
	GinkgoHelper()
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(schema.GroupVersionKind{Group: "external-secrets.io", Version: "v1", Kind: "ExternalSecretList"})
	g.Expect(admin.List(ctx, list, client.InNamespace(w.ns))).To(Succeed())
	return list.Items
}

// fetch says what the External Secrets Operator says when it has made the Secret.
func fetch(ctx context.Context, e *unstructured.Unstructured) {
	GinkgoHelper()
	now := time.Now().UTC().Add(time.Second).Format(time.RFC3339)
	e.Object["status"] = map[string]any{
		"refreshTime": now,
		"conditions":  []any{map[string]any{"type": "Ready", "status": "True", "reason": "SecretSynced", "message": "secret synced", "lastTransitionTime": now}},
	}
	Expect(admin.Status().Update(ctx, e)).To(Succeed())
}

func at(u unstructured.Unstructured, path ...string) any {
	GinkgoHelper()
	value, found, err := unstructured.NestedFieldNoCopy(u.Object, path...)
	Expect(err).NotTo(HaveOccurred())
	Expect(found).To(BeTrue(), "%v", path)
	return value
}

func deploymentKind() client.Object {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(schema.GroupVersionKind{Group: "apps", Version: "v1", Kind: "Deployment"})
	return u
}

func readCluster(ctx context.Context, w *world) *ecsv1.Cluster {
	GinkgoHelper()
	c := &ecsv1.Cluster{}
	Expect(admin.Get(ctx, client.ObjectKey{Name: w.cluster}, c)).To(Succeed())
	return c
}
