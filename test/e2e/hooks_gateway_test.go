// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/testkit/load"
)

// template of a Job hook, a suspended CronJob whose container does what the words say.
func template(ctx context.Context, namespace, name, words string) {
	GinkgoHelper()
	Expect(kube.Create(ctx, &batchv1.CronJob{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: batchv1.CronJobSpec{Suspend: new(true), Schedule: "0 0 1 1 *", JobTemplate: batchv1.JobTemplateSpec{Spec: batchv1.JobSpec{
			BackoffLimit: new(int32(0)),
			Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
				RestartPolicy: corev1.RestartPolicyNever, AutomountServiceAccountToken: new(false),
				Containers: []corev1.Container{{Name: name, Image: probeImage(), Command: append([]string{"/probe"}, strings.Fields(words)...)}},
			}},
		}}},
	})).To(Succeed())
}

// plugin makes `kubectl ecs` of the program in this repository, and runs it by the cluster's kubectl.
func plugin(ctx context.Context) func(args ...string) string {
	GinkgoHelper()
	dir := GinkgoT().TempDir()
	out, err := exec.CommandContext(ctx, "go", "build", "-o", filepath.Join(dir, "kubectl-ecs"), "../../cmd/kubectl-ecs").CombinedOutput()
	Expect(err).NotTo(HaveOccurred(), "%s", out)
	GinkgoT().Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func(args ...string) string {
		GinkgoHelper()
		return kubectl(ctx, append([]string{"ecs"}, args...)...)
	}
}

var _ = Describe("Lifecycle hooks on real nodes", Label("gateway"), func() {
	It("test the new revision by a Job and by test traffic, and wait for a person, before it gets production traffic", func(ctx SpecContext) {
		ecs := plugin(ctx)
		namespace := newNamespace(ctx)
		door := openGateway(ctx, namespace)
		door.route(ctx, namespace, "web")
		web := createTurns(ctx, namespace, "web", blueGreen())
		answering(ctx, door.url, "v1")
		template(ctx, namespace, "smoke", "get http://web-green:8080/")
		web.edit(ctx, func(s *ecsv1.ServiceSpec) {
			s.DeploymentConfiguration.LifecycleHooks = []ecsv1.DeploymentLifecycleHook{
				{HookTargetArn: "job/smoke", LifecycleStages: []ecsv1.DeploymentLifecycleHookStage{ecsv1.DeploymentLifecycleHookStagePostTestTrafficShift}},
				{TargetType: ecsv1.DeploymentLifecycleHookTargetTypePause, LifecycleStages: []ecsv1.DeploymentLifecycleHookStage{ecsv1.DeploymentLifecycleHookStagePreProductionTrafficShift}},
			}
		})
		production := sendCrowd(ctx, door.url)
		tests := start(ctx, load.Options{URL: door.url + "/", Header: http.Header{"X-Test": {"true"}}, Rate: 20, KeepAlive: true})
		web.ship(ctx, "v2")
		waits := place{ecsv1.ServiceDeploymentLifecycleStagePreProductionTrafficShift, aPerson}
		waits.reaches(ctx, web, "web-2")

		By("having run the Job, which was answered by the new revision")
		var job batchv1.JobList
		web.list(ctx, Default, &job)
		Expect(job.Items).To(HaveLen(1))
		var pods corev1.PodList
		Expect(kube.List(ctx, &pods, client.InNamespace(namespace), client.MatchingLabels{batchv1.JobNameLabel: job.Items[0].Name})).To(Succeed())
		Expect(pods.Items).To(HaveLen(1))
		said, err := logOf(ctx, &pods.Items[0], "smoke")
		Expect(err).NotTo(HaveOccurred())
		Expect(field(said, "version")).To(Equal("v2"), said)

		By("giving test traffic to the new revision, and production traffic to the old one")
		for range 20 {
			Expect(askTest(ctx, door.url)).To(Equal("v2"))
		}
		for _, run := range production {
			answers(ctx, run, 1)
			Expect(run.Snapshot().Classes).NotTo(HaveKey("v2"))
		}
		Expect(tests.Snapshot().Classes).To(HaveKey("v2"))

		By("going on when it is told to")
		Expect(ecs("deployment", "continue", "web", "--namespace="+namespace)).To(ContainSubstring("web-2"))
		web.deployed(ctx, 3, "v2")
		answering(ctx, door.url, "v2")
		Expect(askTest(ctx, door.url)).To(Equal("v2"))
		append(production, tests).noneFailed()
	}, SpecTimeout(4*time.Minute))
})
