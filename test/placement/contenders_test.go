// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// rolloutsAccount is what Argo Rollouts runs as, so that its writes can be told from others.
const rolloutsAccount = "argo-rollouts"

// contenders are measured one after the other, ours last, when what the others made is still there. All of them start the new pod before they stop the
// old one, and have one each.
func contenders() []contender {
	return []contender{
		{
			name: "Deployments", owner: "", runs: controllerManager,
			object: func() client.Object { return &appsv1.Deployment{} },
			make:   makeObjects(func(o *unstructured.Unstructured) { o.SetAPIVersion("apps/v1"); o.SetKind("Deployment") }),
			ship:   shipObjects("apps/v1", "Deployment"), completed: deploymentCompleted,
		},
		{
			name: "Rollouts", owner: rolloutsAccount, runs: argoRollouts,
			object: func() client.Object { return objectOf("argoproj.io/v1alpha1", "Rollout", "", "") },
			make: makeObjects(func(o *unstructured.Unstructured) {
				o.SetAPIVersion("argoproj.io/v1alpha1")
				o.SetKind("Rollout")
				Expect(unstructured.SetNestedMap(o.Object, map[string]any{"canary": map[string]any{}}, "spec", "strategy")).To(Succeed())
			}),
			ship: shipObjects("argoproj.io/v1alpha1", "Rollout"), completed: rolloutCompleted,
		},
		{
			name: "ECS services", owner: operatorAccount, runs: ourManager,
			object: func() client.Object { return &ecsv1.Service{} },
			make:   makeServices, ship: shipTaskDefinition, completed: serviceCompleted,
		},
	}
}

func ourManager(context.Context) (func() int, func()) {
	return func() int { return operator.cmd.Process.Pid }, func() {}
}

func controllerManager(context.Context) (func() int, func()) {
	return func() int { return processes()["kube-controller-manager"] }, func() {}
}

// argoRollouts runs its controller, with as many requests a second as the operator has.
func argoRollouts(ctx context.Context) (func() int, func()) {
	GinkgoHelper()
	binary := os.Getenv("ROLLOUTS")
	Expect(binary).NotTo(BeEmpty(), "ROLLOUTS is not set: the binary of Argo Rollouts' controller; hack/bench-services.sh builds it")
	kubectl(ctx, "apply", "--server-side", "-k", os.Getenv("ROLLOUTS_CRDS"))
	kubectl(ctx, "wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
	kubectl(ctx, "-n", operatorNamespace, "create", "serviceaccount", rolloutsAccount)
	kubectl(ctx, "create", "clusterrolebinding", rolloutsAccount, "--clusterrole=cluster-admin", "--serviceaccount="+operatorNamespace+":"+rolloutsAccount)
	dir := GinkgoT().TempDir()
	log, err := os.Create(filepath.Join(dir, "rollouts.log"))
	Expect(err).NotTo(HaveOccurred())
	port := func() string { a := freeAddress(); return a[strings.LastIndex(a, ":")+1:] }
	cmd := exec.Command(binary, "--kubeconfig="+kubeconfigOf(ctx, rolloutsAccount, dir), "--qps=1000", "--burst=2000", "--leader-elect=false", "--loglevel=warn",
		"--metricsPort="+port(), "--healthzPort="+port())
	cmd.Stdout, cmd.Stderr = log, log
	Expect(cmd.Start()).To(Succeed())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // how it ended is in its log
		log.Close()
	}()
	Consistently(ended).WithTimeout(3*time.Second).ShouldNot(BeClosed(), "Argo Rollouts ended")
	return func() int { return cmd.Process.Pid }, func() {
		Expect(cmd.Process.Signal(syscall.SIGTERM)).To(Or(Succeed(), MatchError(os.ErrProcessDone)))
		Eventually(ended).WithTimeout(30 * time.Second).Should(BeClosed())
	}
}

// versioned is the task definition of all the services.
const versioned = "versioned"

func makeServices(ctx context.Context, namespace, fleet string, count int) {
	GinkgoHelper()
	register(ctx, namespace, versioned, tiny)
	eachOf(count, func(n int) {
		s := &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: nth(n)},
			Spec: ecsv1.ServiceSpec{Cluster: fleet, TaskDefinition: versioned, DesiredCount: new(int32(1)),
				Kubernetes: &ecsv1.ServiceKubernetes{RevisionHistoryLimit: new(int32(2))}}}
		balanced(s)
		Expect(kube.Create(ctx, s)).To(Succeed())
	})
}

// shipTaskDefinition registers a revision, and all services follow.
func shipTaskDefinition(ctx context.Context, namespace string, _, version int) {
	GinkgoHelper()
	td := &ecsv1.TaskDefinition{}
	Expect(kube.Get(ctx, client.ObjectKey{Namespace: namespace, Name: versioned}, td)).To(Succeed())
	before := td.DeepCopy()
	td.Spec.ContainerDefinitions[0].Environment[0].Value = "v" + strconv.Itoa(version)
	Expect(kube.Patch(ctx, td, client.MergeFrom(before))).To(Succeed())
}

func serviceCompleted(o client.Object, version int) bool {
	s, ok := o.(*ecsv1.Service)
	return ok && len(s.Status.Deployments) == 1 && s.Status.Deployments[0].RolloutState == ecsv1.DeploymentRolloutStateCompleted &&
		strings.HasSuffix(s.Status.TaskDefinition, fmt.Sprintf("%s:%d", versioned, version))
}

// makeObjects makes objects with a pod template like that of the services' tasks, each behind a core Service, as a service is by its target group.
func makeObjects(edit func(*unstructured.Unstructured)) func(context.Context, string, string, int) {
	return func(ctx context.Context, namespace, fleet string, count int) {
		GinkgoHelper()
		eachOf(count, func(n int) {
			Expect(kube.Create(ctx, newObject(namespace, fleet, nth(n), edit))).To(Succeed())
			Expect(kube.Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: nth(n)},
				Spec: corev1.ServiceSpec{Selector: map[string]string{labelPlain: nth(n)}, Ports: []corev1.ServicePort{{Port: 80, TargetPort: intstr.FromInt32(8080)}}}})).To(Succeed())
		})
	}
}

func newObject(namespace, fleet, name string, edit func(*unstructured.Unstructured)) *unstructured.Unstructured {
	GinkgoHelper()
	labels := map[string]string{labelPlain: name}
	d := &appsv1.Deployment{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name, Labels: labels},
		Spec: appsv1.DeploymentSpec{
			Replicas: new(int32(1)), Selector: &metav1.LabelSelector{MatchLabels: labels}, RevisionHistoryLimit: new(int32(2)),
			Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: labels}, Spec: corev1.PodSpec{
				NodeSelector: map[string]string{labelPool: fleet},
				Containers:   []corev1.Container{{Name: "app", Image: "web:v1", Env: []corev1.EnvVar{{Name: "VERSION", Value: "v1"}}}},
			}},
		},
	}
	object, err := runtime.DefaultUnstructuredConverter.ToUnstructured(d)
	Expect(err).NotTo(HaveOccurred())
	delete(object, "status")
	unstructured.RemoveNestedField(object, "spec", "strategy")
	u := &unstructured.Unstructured{Object: object}
	edit(u)
	return u
}

func shipObjects(apiVersion, kind string) func(context.Context, string, int, int) {
	return func(ctx context.Context, namespace string, count, version int) {
		GinkgoHelper()
		change := fmt.Appendf(nil, `[{"op":"replace","path":"/spec/template/spec/containers/0/env/0/value","value":"v%d"}]`, version)
		eachOf(count, func(n int) {
			Expect(kube.Patch(ctx, objectOf(apiVersion, kind, namespace, nth(n)), client.RawPatch(types.JSONPatchType, change))).To(Succeed())
		})
	}
}

func deploymentCompleted(o client.Object, version int) bool {
	d, ok := o.(*appsv1.Deployment)
	return ok && d.Spec.Template.Spec.Containers[0].Env[0].Value == "v"+strconv.Itoa(version) && d.Status.ObservedGeneration == d.Generation &&
		d.Status.UpdatedReplicas == 1 && d.Status.AvailableReplicas == 1 && d.Status.Replicas == 1
}

func rolloutCompleted(o client.Object, version int) bool {
	u, ok := o.(*unstructured.Unstructured)
	if !ok {
		return false
	}
	containers, _, err := unstructured.NestedSlice(u.Object, "spec", "template", "spec", "containers")
	if err != nil || !strings.Contains(fmt.Sprint(containers), "value:v"+strconv.Itoa(version)+"]") {
		return false
	}
	phase, _, _ := unstructured.NestedString(u.Object, "status", "phase")
	seen, _, _ := unstructured.NestedString(u.Object, "status", "observedGeneration")
	replicas, _, _ := unstructured.NestedInt64(u.Object, "status", "replicas")
	return phase == "Healthy" && seen == strconv.FormatInt(u.GetGeneration(), 10) && replicas == 1
}

func objectOf(apiVersion, kind, namespace, name string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	u.SetAPIVersion(apiVersion)
	u.SetKind(kind)
	u.SetNamespace(namespace)
	u.SetName(name)
	return u
}

func nth(n int) string { return fmt.Sprintf("web-%d", n) }

// eachOf does something for 1 to count, by 8 at a time.
func eachOf(count int, do func(n int)) {
	var wait sync.WaitGroup
	turns := make(chan int)
	for range 8 {
		wait.Go(func() {
			defer GinkgoRecover()
			for n := range turns {
				do(n)
			}
		})
	}
	for n := range count {
		turns <- n + 1
	}
	close(turns)
	wait.Wait()
}
