// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

var _ = Describe("The operator", func() {
	It("killed at random moments of rollouts gets to exactly the same result, without a failed request", func(ctx SpecContext) {
		const kills = 5
		seed := uint64(GinkgoRandomSeed())
		dice := rand.New(rand.NewPCG(seed, 0))
		web := create(ctx, newNamespace(ctx), "web", bounds(100, 150))
		url := web.url(ctx)
		traffic := send(ctx, load.Options{URL: url})
		tasks := record(ctx, web)

		// Each kill hits the first seconds of a rollout, and most of them also a rollout before it that is still going on.
		moments := fmt.Sprintf("seed %d; killed after", seed)
		for n := 2; n < 2+kills; n++ {
			web.ship(ctx, fmt.Sprintf("v%d", n))
			moment := time.Duration(dice.IntN(6000)) * time.Millisecond
			moments += " " + moment.String()
			pause(ctx, moment)
			killOperator(ctx, n%2 == 0)
			Eventually(ctx, func(g Gomega) {
				g.Expect(web.revisions(ctx, g)).To(HaveLen(n), "%s: revision %d isn't there", moments, n)
			}).Should(Succeed())
		}
		AddReportEntry("moments", moments)
		last := fmt.Sprintf("v%d", 1+kills)
		web.settles(ctx, 3, last)

		By("counting what there is, " + moments)
		noneFailed(ctx, traffic)
		only(ctx, url, last)
		tasks.within(3, 4)
		exact(ctx, web, 1+kills)
	}, SpecTimeout(6*time.Minute))

	It("serves metrics and health, and stands under restricted pod security", func(ctx SpecContext) {
		pod := operatorPods(ctx, Default)[0]
		proxied := func(kind, name, path string) string {
			GinkgoHelper()
			raw, err := plain.CoreV1().RESTClient().Get().Namespace(operatorNamespace).Resource(kind).Name(name).SubResource("proxy").Suffix(path).DoRaw(ctx)
			Expect(err).NotTo(HaveOccurred())
			return string(raw)
		}
		Expect(proxied("services", operatorName+"-metrics:metrics", "metrics")).To(And(
			ContainSubstring(`controller_runtime_reconcile_total{controller="service",result="success"}`),
			ContainSubstring(`controller_runtime_reconcile_errors_total{controller="servicedeployment"}`),
			ContainSubstring(`workqueue_depth`),
		))
		Expect(proxied("pods", pod.Name+":8081", "healthz")).To(Equal("ok"))
		Expect(proxied("pods", pod.Name+":8081", "readyz")).To(Equal("ok"))
		Expect(isReady(&pod)).To(BeTrue())

		ns := &corev1.Namespace{}
		Expect(kube.Get(ctx, client.ObjectKey{Name: operatorNamespace}, ns)).To(Succeed())
		Expect(ns.Labels).To(HaveKeyWithValue("pod-security.kubernetes.io/enforce", "restricted"))
		Expect(pod.Spec.SecurityContext.RunAsNonRoot).To(HaveValue(BeTrue()))
		for _, c := range pod.Spec.Containers {
			Expect(c.SecurityContext.ReadOnlyRootFilesystem).To(HaveValue(BeTrue()))
			Expect(c.SecurityContext.AllowPrivilegeEscalation).To(HaveValue(BeFalse()))
			Expect(c.SecurityContext.Capabilities.Drop).To(ContainElement(corev1.Capability("ALL")))
		}
		if machine != nil {
			pids := machine.processes(pod.UID)
			Expect(pids).NotTo(BeEmpty())
			for _, pid := range pids {
				status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
				Expect(err).NotTo(HaveOccurred())
				Expect(string(status)).To(MatchRegexp(`(?m)^Uid:\s+65532\s`), "process %d of the operator's pod", pid)
			}
		}
	}, SpecTimeout(time.Minute))
})

var _ = Describe("Admission", func() {
	It("refuses what ECS refuses, through kubectl, with a line for each field", func(ctx SpecContext) {
		file := filepath.Join(GinkgoT().TempDir(), "bad.yaml")
		Expect(os.WriteFile(file, []byte(`
apiVersion: ecs.pods.dev/v1alpha1
kind: TaskDefinition
metadata: {name: bad}
spec:
  memory: '256'
  containerDefinitions:
    - {name: app, image: 'web:v1', links: [db], dependsOn: [{containerName: side, condition: START}]}
    - {name: side, image: 'web:v1', dependsOn: [{containerName: app, condition: START}]}
`), 0o600)).To(Succeed())
		ns := newNamespace(ctx)
		var said string
		Eventually(ctx, func(g Gomega) { // an operator that was killed a moment ago isn't asked yet
			var err error
			said, err = tryKubectl(ctx, "-n", ns, "apply", "-f", file)
			g.Expect(err).To(HaveOccurred(), said)
		}).Should(Succeed())
		Expect(said).To(And(
			ContainSubstring("spec.containerDefinitions[0].dependsOn: ClientException: containers wait for each other in a circle: app -> side -> app"),
			ContainSubstring("spec.containerDefinitions[0].links[0]: ClientException: there is no container db"),
		))
	}, SpecTimeout(time.Minute))

	It("is in nobody's way while the operator is down", func(ctx SpecContext) {
		ns := newNamespace(ctx)
		scaleOperator(ctx, 0)
		DeferCleanup(func(ctx SpecContext) {
			scaleOperator(ctx, 1)
			operatorIsReady(ctx)
		})
		began := time.Now()
		td := &ecsv1.TaskDefinition{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: "web"}}
		td.Spec.ContainerDefinitions = []ecsv1.ContainerDefinition{{Name: "app", Image: "web:v1", Memory: new(int32(64))}}
		Expect(kube.Create(ctx, td)).To(Succeed())
		AddReportEntry("a write without the operator took", time.Since(began).String())
		Expect(kube.Delete(ctx, td)).To(Succeed())
	}, SpecTimeout(3*time.Minute))
})

// scaleOperator runs so many of it, and waits for the others to be gone.
func scaleOperator(ctx context.Context, replicas int32) {
	GinkgoHelper()
	d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Namespace: operatorNamespace, Name: operatorName}}
	Expect(kube.Patch(ctx, d, client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, replicas)))).To(Succeed())
	Eventually(ctx, func(g Gomega) {
		g.Expect(operatorPods(ctx, g)).To(HaveLen(int(replicas)))
	}).Should(Succeed())
}

// pause lets a random while pass: the moment of a kill is what is tested, so there is nothing to wait for.
func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// killOperator ends the operator. A deletion without grace leaves it a second to give up its lease. A crash leaves it nothing, so
// that the next one waits for the lease to run out; the pod is deleted after it only because kubelets let a container that
// crashed again and again wait. Crashes are for this machine's processes, so for the local cluster.
func killOperator(ctx context.Context, crash bool) {
	GinkgoHelper()
	for _, pod := range operatorPods(ctx, Default) {
		if crash && machine != nil {
			for _, pid := range machine.processes(pod.UID) {
				Expect(syscall.Kill(pid, syscall.SIGKILL)).To(Or(Succeed(), MatchError(syscall.ESRCH)))
			}
		}
		Expect(client.IgnoreNotFound(kube.Delete(ctx, &pod, client.GracePeriodSeconds(0)))).To(Succeed())
	}
}

// exact expects of a settled service that went through n revisions: none was skipped or made twice, all have one
// deployment, and only the last has tasks.
func exact(ctx context.Context, web service, n int) {
	GinkgoHelper()
	var ordinals, want []int64
	byTaskDefinition := map[string]bool{}
	for _, r := range web.revisions(ctx, Default) {
		ordinals = append(ordinals, r.Spec.Revision)
		byTaskDefinition[r.Spec.TaskDefinition] = true
	}
	for i := range n {
		want = append(want, int64(i+1))
	}
	Expect(ordinals).To(Equal(want), "ordinals of service revisions")
	Expect(byTaskDefinition).To(HaveLen(n), "task definition revisions in use")

	taskDefinitions := &ecsv1.TaskDefinitionRevisionList{}
	Expect(kube.List(ctx, taskDefinitions, client.InNamespace(web.namespace))).To(Succeed())
	contents, numbers := map[string]int64{}, map[int64]bool{}
	for _, r := range taskDefinitions.Items {
		version := r.Spec.TaskDefinition.ContainerDefinitions[0].Environment[0].Value
		Expect(contents).NotTo(HaveKey(version), "one change was registered twice")
		Expect(numbers).NotTo(HaveKey(r.Spec.Revision), "one number was given twice")
		contents[version], numbers[r.Spec.Revision] = r.Spec.Revision, true
	}
	Expect(contents).To(HaveLen(n))

	rollouts := &ecsv1.ServiceDeploymentList{}
	web.list(ctx, Default, rollouts)
	Expect(rollouts.Items).To(HaveLen(n))
	for _, r := range rollouts.Items {
		newest := r.Spec.TargetServiceRevision == fmt.Sprintf("%s-%d", web.name, n)
		if newest {
			Expect(r.Status.Status).To(Equal(ecsv1.ServiceDeploymentStateSuccessful))
			continue
		}
		Expect(r.Status.Status).To(BeElementOf(ecsv1.ServiceDeploymentStateSuccessful, ecsv1.ServiceDeploymentStateStopped), r.Name)
	}

	live := &appsv1.DeploymentList{}
	web.list(ctx, Default, live)
	Expect(live.Items).To(HaveLen(1), "one Deployment per revision that is alive, and only the last is")
	sets := &appsv1.ReplicaSetList{}
	Expect(kube.List(ctx, sets, client.InNamespace(web.namespace))).To(Succeed())
	Expect(sets.Items).To(HaveLen(1), "a template that is never edited has one ReplicaSet")
}
