// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Deployments of several kinds under the same load, one kind after the other: hack/bench-deployments.sh sets ECS_BENCH_DEPLOYMENTS.
var _ = func() bool {
	if os.Getenv("ECS_BENCH_DEPLOYMENTS") == "" {
		return false
	}
	return Describe("Benchmark", Label("bench deployments"), func() {
		It("requests that fail during deployments", benchDeployments, SpecTimeout(40*time.Minute))
	})
}()

// shipper is one who deploys the sample application. Each has three pods behind a core Service of type NodePort.
type shipper struct {
	name string
	// begin makes it and gives its URL.
	begin func(ctx context.Context, namespace string) string
	ship  func(ctx context.Context, version string)
	// over waits until nothing of an earlier version is left.
	over func(ctx context.Context, version string)
}

func shippers() []shipper {
	var peer plainApp
	var argo rollout
	var green, rolling service
	return []shipper{
		{
			"Deployment, rolling update",
			func(ctx context.Context, ns string) string {
				peer = createPlain(ctx, ns, "plain", 3)
				return peer.url(ctx)
			},
			func(ctx context.Context, version string) { peer.ship(ctx, version) },
			func(ctx context.Context, version string) { peer.settles(ctx, 3, version) },
		},
		{
			"Argo Rollouts, blueGreen",
			func(ctx context.Context, ns string) string {
				argo = createRollout(ctx, ns, "argo")
				return argo.front.url(ctx)
			},
			func(ctx context.Context, version string) { argo.ship(ctx, version) },
			func(ctx context.Context, version string) { argo.front.settles(ctx, 3, version) },
		},
		{
			"ECS service, BLUE_GREEN",
			func(ctx context.Context, ns string) string {
				green = create(ctx, ns, "green", func(m manifest) { config := blueGreen(); m.service.Spec.DeploymentConfiguration = &config })
				return green.url(ctx)
			},
			func(ctx context.Context, version string) { green.ship(ctx, version) },
			func(ctx context.Context, version string) { green.deployed(ctx, 3, version) },
		},
		{
			"ECS service, ROLLING",
			func(ctx context.Context, ns string) string {
				rolling = create(ctx, ns, "rolling")
				return rolling.url(ctx)
			},
			func(ctx context.Context, version string) { rolling.ship(ctx, version) },
			func(ctx context.Context, version string) { rolling.deployed(ctx, 3, version) },
		},
	}
}

func benchDeployments(ctx SpecContext) {
	runRollouts(ctx)
	deployments := number("DEPLOYMENTS", 6)
	say("\n%d redeployments of 3 pods each under 100 requests a second on kept-alive connections, 100 on new ones, and 2 that take ten seconds\n", deployments)
	say("| | Requests | Failed | of those kept alive | new | ten seconds | Median time of a deployment |\n|---|---|---|---|---|---|---|")
	lost := map[string]int{}
	for _, s := range shippers() {
		namespace := newNamespace(ctx)
		url := s.begin(ctx, namespace)
		traffic := sendCrowd(ctx, url)
		for _, run := range traffic {
			answers(ctx, run, 1)
		}
		var took []time.Duration
		for n := range deployments {
			version, began := fmt.Sprintf("v%d", n+2), time.Now()
			s.ship(ctx, version)
			s.over(ctx, version)
			took = append(took, time.Since(began))
		}
		traffic.stop()
		requests, failed := 0, []int{}
		for _, run := range traffic {
			report := run.Snapshot()
			requests, failed = requests+report.Requests, append(failed, report.Failed())
			AddReportEntry(s.name, report.String())
		}
		lost[s.name] = traffic.failed()
		say("| %s | %d | %d | %d | %d | %d | %s |", s.name, requests, traffic.failed(), failed[0], failed[1], failed[2], seconds(median(took)))
		Expect(kube.DeleteAllOf(ctx, objectOf("v1", "Pod", namespace, ""), client.InNamespace(namespace))).To(Succeed())
	}
	Expect(lost["ECS service, BLUE_GREEN"]).To(BeZero())
	Expect(lost["ECS service, ROLLING"]).To(BeZero())
}

// rollout of Argo Rollouts: blueGreen with its defaults, so that old pods stay for 30 seconds after the flip.
type rollout struct {
	// front are its pods and its active Service.
	front plainApp
}

// runRollouts runs the controller of Argo Rollouts until the spec is over.
func runRollouts(ctx context.Context) {
	GinkgoHelper()
	program := os.Getenv("ROLLOUTS")
	Expect(program).NotTo(BeEmpty(), "ROLLOUTS is not set: the program of Argo Rollouts' controller; hack/bench-deployments.sh builds it")
	kubectl(ctx, "apply", "--server-side", "-k", os.Getenv("ROLLOUTS_CRDS"))
	Eventually(ctx, func() error {
		_, err := tryKubectl(ctx, "get", "rollouts.argoproj.io", "-A")
		return err
	}).Should(Succeed())
	log, err := os.Create(filepath.Join(GinkgoT().TempDir(), "rollouts.log"))
	Expect(err).NotTo(HaveOccurred())
	cmd := exec.Command(program, "--kubeconfig="+os.Getenv("KUBECONFIG"), "--leader-elect=false", "--loglevel=warn",
		"--metricsPort="+strconv.Itoa(freePort()), "--healthzPort="+strconv.Itoa(freePort()))
	cmd.Stdout, cmd.Stderr = log, log
	Expect(cmd.Start()).To(Succeed())
	DeferCleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // how it ended is in its log
		_ = log.Close()
		if CurrentSpecReport().Failed() {
			text, _ := os.ReadFile(log.Name())
			AddReportEntry("Argo Rollouts' log", string(text))
		}
	})
}

func createRollout(ctx context.Context, namespace, name string) rollout {
	GinkgoHelper()
	r := rollout{plainApp{namespace, name}}
	deployment, front := r.front.objects(3)
	Expect(kube.Create(ctx, front)).To(Succeed())
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(deployment)
	Expect(err).NotTo(HaveOccurred())
	delete(object, "status")
	u := &unstructured.Unstructured{Object: object}
	u.SetAPIVersion("argoproj.io/v1alpha1")
	u.SetKind("Rollout")
	Expect(unstructured.SetNestedMap(u.Object, map[string]any{"blueGreen": map[string]any{"activeService": name}}, "spec", "strategy")).To(Succeed())
	Expect(kube.Create(ctx, u)).To(Succeed())
	r.front.settles(ctx, 3, "v1")
	return r
}

func (r rollout) ship(ctx context.Context, version string) {
	GinkgoHelper()
	change := fmt.Appendf(nil, `[{"op":"replace","path":"/spec/template/spec/containers/0/env/0/value","value":%q}]`, version)
	Expect(kube.Patch(ctx, objectOf("argoproj.io/v1alpha1", "Rollout", r.front.namespace, r.front.name), client.RawPatch(types.JSONPatchType, change))).To(Succeed())
}

func objectOf(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetAPIVersion(apiVersion)
	u.SetKind(kind)
	u.SetNamespace(namespace)
	u.SetName(name)
	return u
}
