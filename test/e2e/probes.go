// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"cmp"
	"context"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

// probeImage is of the program hack/images/probe, which shows what a container was given and ends as it is told.
func probeImage() string { return cmp.Or(os.Getenv("E2E_PROBE_IMAGE"), "ecs-probe:dev") }

type containerDefinition = ecsv1.ContainerDefinition

// probe is an essential container that does what its words say: probe("app", "write /data/a text then sleep").
func probe(name, words string, settings ...func(*containerDefinition)) containerDefinition {
	c := containerDefinition{
		Name: name, Image: probeImage(), EntryPoint: []string{"/probe"}, Command: strings.Fields(words),
		Cpu: new(int32(8)), Memory: new(int32(32)),
	}
	for _, s := range settings {
		s(&c)
	}
	return c
}

func notEssential(c *containerDefinition) { c.Essential = new(false) }

func stopTimeout(seconds int32) func(*containerDefinition) {
	return func(c *containerDefinition) { c.StopTimeout = new(seconds) }
}

// dependsOn takes pairs of a container and a condition.
func dependsOn(pairs ...string) func(*containerDefinition) {
	return func(c *containerDefinition) {
		for pair := range slices.Chunk(pairs, 2) {
			c.DependsOn = append(c.DependsOn, ecsv1.ContainerDependency{ContainerName: pair[0], Condition: ecsv1.ContainerCondition(pair[1])})
		}
	}
}

// mounts takes pairs of a volume and a path.
func mounts(pairs ...string) func(*containerDefinition) {
	return func(c *containerDefinition) {
		for pair := range slices.Chunk(pairs, 2) {
			c.MountPoints = append(c.MountPoints, ecsv1.MountPoint{SourceVolume: pair[0], ContainerPath: pair[1]})
		}
	}
}

// checks its health every five seconds, and one failure is enough.
func checks(words string) func(*containerDefinition) {
	return func(c *containerDefinition) {
		c.HealthCheck = &ecsv1.HealthCheck{Command: append([]string{"CMD", "/probe"}, strings.Fields(words)...), Interval: new(int32(5)), Timeout: new(int32(2)), Retries: new(int32(1))}
	}
}

// volume of the task.
func volume(name string) ecsv1.Volume { return ecsv1.Volume{Name: name} }

// nodeVolume is a directory of the node that only this namespace uses. Its files outlive the task.
func nodeVolume(ns string) ecsv1.Volume {
	return ecsv1.Volume{Name: "node", Host: &ecsv1.HostVolumeProperties{SourcePath: nodeDirectory(ns)}}
}

func nodeDirectory(ns string) string { return "/var/tmp/ecs-operator-e2e/" + ns }

// runTask makes a service of one task of these containers, and doesn't wait for it.
func runTask(ctx context.Context, ns, name string, fields ecsv1.TaskDefinitionFields, settings ...func(*ecsv1.ServiceSpec)) service {
	GinkgoHelper()
	labels := map[string]string{labelOfSuite: "true"}
	fields.NetworkMode = cmp.Or(fields.NetworkMode, ecsv1.NetworkModeAwsvpc)
	td := &ecsv1.TaskDefinition{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name, Labels: labels}, Spec: ecsv1.TaskDefinitionSpec{TaskDefinitionFields: fields}}
	svc := &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: ns, Name: name, Labels: labels}, Spec: ecsv1.ServiceSpec{
		Cluster: clusterName, TaskDefinition: name, DesiredCount: new(int32(1)),
		DeploymentConfiguration: &ecsv1.DeploymentConfiguration{MinimumHealthyPercent: new(int32(0)), MaximumPercent: new(int32(100))},
	}}
	for _, s := range settings {
		s(&svc.Spec)
	}
	Expect(kube.Create(ctx, td)).To(Succeed())
	Expect(kube.Create(ctx, svc)).To(Succeed())
	return service{ns, name}
}

// task is the one task of a service, as the operator reads it, once it is as it is wanted.
func (s service) task(ctx context.Context, wanted func(Gomega, *corev1.Pod, taskstate.Task)) *corev1.Pod {
	GinkgoHelper()
	var found *corev1.Pod
	Eventually(ctx, func(g Gomega) {
		tasks := s.tasks(ctx, g)
		g.Expect(tasks).To(HaveLen(1), "tasks of %s", s.name)
		found = &tasks[0]
		wanted(g, found, taskstate.Of(found, 0, time.Now()))
	}).Should(Succeed())
	return found
}

// running waits until the service's one task is RUNNING.
func (s service) running(ctx context.Context) *corev1.Pod {
	GinkgoHelper()
	return s.task(ctx, func(g Gomega, _ *corev1.Pod, t taskstate.Task) {
		g.Expect(t.LastStatus).To(Equal(ecsv1.TaskStateRunning), "%s %s", t.StoppedReason, t.OverBecause)
	})
}

// says waits until a container of the service's one task has printed what is wanted, and returns all that it printed.
func (s service) says(ctx context.Context, containerName string, wanted ...string) string {
	GinkgoHelper()
	var text string
	Eventually(ctx, func(g Gomega) {
		tasks := s.tasks(ctx, g)
		g.Expect(tasks).To(HaveLen(1), "tasks of %s", s.name)
		var err error
		text, err = logOf(ctx, &tasks[0], containerName)
		g.Expect(err).NotTo(HaveOccurred())
		for _, w := range wanted {
			g.Expect(text).To(ContainSubstring(w), "output of container %s", containerName)
		}
	}).Should(Succeed())
	return text
}

func logOf(ctx context.Context, pod *corev1.Pod, containerName string) (string, error) {
	stream, err := plain.CoreV1().Pods(pod.Namespace).GetLogs(pod.Name, &corev1.PodLogOptions{Container: containerName}).Stream(ctx)
	if err != nil {
		return "", err
	}
	defer stream.Close()
	text, err := io.ReadAll(stream)
	return string(text), err
}

// inside runs the probe once more in a container that runs.
func inside(ctx context.Context, pod *corev1.Pod, containerName, words string) string {
	GinkgoHelper()
	return kubectl(ctx, append([]string{"exec", "-n=" + pod.Namespace, pod.Name, "-c=" + containerName, "--", "/probe"}, strings.Fields(words)...)...)
}

// delete ends a service, and waits until its last task is gone.
func (s service) delete(ctx context.Context) {
	GinkgoHelper()
	Expect(kube.Delete(ctx, &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: s.name}})).To(Succeed())
	Eventually(ctx, func(g Gomega) { g.Expect(s.tasks(ctx, g)).To(BeEmpty()) }).Should(Succeed())
}

// reader is a plain pod on a node that shows the files that tasks have left in the namespace's directory there.
func reader(ctx context.Context, ns, node string) *corev1.Pod {
	GinkgoHelper()
	const name = "files"
	kind := corev1.HostPathDirectoryOrCreate
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: ns, GenerateName: "reader-"}, Spec: corev1.PodSpec{
		NodeName: node, TerminationGracePeriodSeconds: new(int64(1)),
		Volumes:    []corev1.Volume{{Name: name, VolumeSource: corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: nodeDirectory(ns), Type: &kind}}}},
		Containers: []corev1.Container{{Name: name, Image: probeImage(), Command: []string{"/probe", "sleep"}, VolumeMounts: []corev1.VolumeMount{{Name: name, MountPath: "/node"}}}},
	}}
	Expect(kube.Create(ctx, pod)).To(Succeed())
	Eventually(ctx, func(g Gomega) {
		g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(pod), pod)).To(Succeed())
		g.Expect(isReady(pod)).To(BeTrue())
	}).Should(Succeed())
	return pod
}

// readFile shows a file of the reader's node.
func readFile(ctx context.Context, reader *corev1.Pod, name string) string {
	GinkgoHelper()
	return inside(ctx, reader, reader.Spec.Containers[0].Name, "cat /node/"+name)
}

// onlyPod selects one pod.
func onlyPod(pod *corev1.Pod) metav1.ListOptions {
	return metav1.ListOptions{FieldSelector: "metadata.name=" + pod.Name, ResourceVersion: pod.ResourceVersion}
}
