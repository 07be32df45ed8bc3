// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"fmt"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// service is an ECS service of the suite.
type service struct{ namespace, name string }

// kind of task: CPU units and MiB, which it has reserved.
type kind struct{ cpu, memory int32 }

var tiny = kind{cpu: 64, memory: 64}

// create registers a task definition of that kind and a service of it, and waits until its tasks run.
func create(ctx context.Context, namespace, name, cluster string, of kind, count int32, edits ...func(*ecsv1.Service)) service {
	GinkgoHelper()
	register(ctx, namespace, name, of)
	s := start(ctx, namespace, name, cluster, count, edits...)
	s.settles(ctx, int(count))
	return s
}

func register(ctx context.Context, namespace, name string, of kind) {
	GinkgoHelper()
	td := &ecsv1.TaskDefinition{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}}
	td.Spec.NetworkMode = "awsvpc"
	td.Spec.ContainerDefinitions = []ecsv1.ContainerDefinition{{
		Name: "app", Image: "web:v1", Cpu: new(of.cpu), Memory: new(of.memory), Essential: new(true), VersionConsistency: "disabled",
		PortMappings: []ecsv1.PortMapping{{ContainerPort: new(int32(8080))}},
		Environment:  []ecsv1.KeyValuePair{{Name: "VERSION", Value: "v1"}},
	}}
	Expect(kube.Create(ctx, td)).To(Succeed())
	Eventually(ctx, func(g Gomega) {
		g.Expect(kube.Get(ctx, client.ObjectKeyFromObject(td), td)).To(Succeed())
		g.Expect(meta.IsStatusConditionTrue(td.Status.Conditions, ecsv1.ConditionReady)).To(BeTrue(), "%v", td.Status.Conditions)
	}).Should(Succeed())
}

// start makes the service and doesn't wait.
func start(ctx context.Context, namespace, name, cluster string, count int32, edits ...func(*ecsv1.Service)) service {
	GinkgoHelper()
	object := &ecsv1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec:       ecsv1.ServiceSpec{Cluster: cluster, TaskDefinition: name, DesiredCount: new(count)},
	}
	for _, edit := range edits {
		edit(object)
	}
	Expect(kube.Create(ctx, object)).To(Succeed())
	return service{namespace, name}
}

// strategy is a placement strategy, such as spread(zone) and binpack(memory), in that order.
func strategy(items ...ecsv1.PlacementStrategy) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) { s.Spec.PlacementStrategy = items }
}

var (
	overZones     = ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeSpread, Field: "attribute:ecs.availability-zone"}
	overInstances = ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeSpread, Field: "instanceId"}
	packMemory    = ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeBinpack, Field: "memory"}
	packCPU       = ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeBinpack, Field: "cpu"}
	atRandom      = ecsv1.PlacementStrategy{Type: ecsv1.PlacementStrategyTypeRandom}
)

func distinct(s *ecsv1.Service) {
	s.Spec.PlacementConstraints = append(s.Spec.PlacementConstraints, ecsv1.PlacementConstraint{Type: ecsv1.PlacementConstraintTypeDistinctInstance})
}

// balanced puts the service behind a target group: then its tasks are healthy as soon as they are ready.
func balanced(s *ecsv1.Service) {
	s.Spec.LoadBalancers = []ecsv1.LoadBalancer{{TargetGroupArn: s.Name, ContainerName: "app", ContainerPort: new(int32(8080))}}
}

func bounds(minimumHealthy, maximum int32) func(*ecsv1.Service) {
	return func(s *ecsv1.Service) {
		s.Spec.DeploymentConfiguration = &ecsv1.DeploymentConfiguration{MinimumHealthyPercent: &minimumHealthy, MaximumPercent: &maximum}
	}
}

func (s service) key() client.ObjectKey {
	return client.ObjectKey{Namespace: s.namespace, Name: s.name}
}

func (s service) tasks() []*corev1.Pod { return tasks(s.namespace, s.name) }

func (s service) settles(ctx context.Context, count int) {
	GinkgoHelper()
	settle(ctx, s.namespace, s.name, count)
}

// scale sets desiredCount and waits until so many run.
func (s service) scale(ctx context.Context, count int) {
	GinkgoHelper()
	s.want(ctx, count)
	s.settles(ctx, count)
}

func (s service) want(ctx context.Context, count int) {
	GinkgoHelper()
	object := &ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: s.namespace, Name: s.name}}
	Expect(kube.Patch(ctx, object, client.RawPatch(types.MergePatchType, fmt.Appendf(nil, `{"spec":{"desiredCount":%d}}`, count)))).To(Succeed())
}

// ship rolls out another version and waits until only its tasks are there.
func (s service) ship(ctx context.Context, version string, count int) {
	GinkgoHelper()
	td := &ecsv1.TaskDefinition{}
	Expect(kube.Get(ctx, s.key(), td)).To(Succeed())
	before := td.DeepCopy()
	td.Spec.ContainerDefinitions[0].Environment[0].Value = version
	Expect(kube.Patch(ctx, td, client.MergeFrom(before))).To(Succeed())
	Eventually(ctx, func(g Gomega) {
		found := s.tasks()
		g.Expect(found).To(HaveLen(count))
		for _, pod := range found {
			g.Expect(pod.Spec.Containers[0].Env[0].Value).To(Equal(version))
		}
	}).WithTimeout(patience(count)).Should(Succeed())
	s.settles(ctx, count)
}

// record follows every change of a service's pods, so that no moment is missed.
type record struct {
	mu      sync.Mutex
	ready   map[string]bool
	on      map[string]map[string]bool // node to pods
	fewest  int
	crowded []string // moments at which two tasks that were to run were on one node
}

// follow records from now on.
func (s service) follow() *record {
	GinkgoHelper()
	r := &record{ready: map[string]bool{}, on: map[string]map[string]bool{}, fewest: len(s.tasks())}
	note := func(o any, gone bool) {
		if unknown, ok := o.(cache.DeletedFinalStateUnknown); ok {
			o = unknown.Obj
		}
		if pod, ok := o.(*corev1.Pod); ok && pod.Namespace == s.namespace && pod.Labels[ecsv1.LabelService] == s.name {
			r.note(pod, gone)
		}
	}
	handler, err := pods.AddEventHandler(cache.ResourceEventHandlerDetailedFuncs{
		AddFunc:    func(o any, _ bool) { note(o, false) },
		UpdateFunc: func(_, o any) { note(o, false) },
		DeleteFunc: func(o any) { note(o, true) },
	})
	Expect(err).NotTo(HaveOccurred())
	Eventually(handler.HasSynced).Should(BeTrue())
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fewest = len(r.ready) // the pods that were there before didn't come in one moment
	DeferCleanup(func() { Expect(pods.RemoveEventHandler(handler)).To(Succeed()) })
	return r
}

func (r *record) note(pod *corev1.Pod, gone bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	node := pod.Spec.NodeName
	if gone || !toRun(pod) {
		delete(r.ready, pod.Name)
		delete(r.on[node], pod.Name)
	} else {
		if isReady(pod) {
			r.ready[pod.Name] = true
		} else {
			delete(r.ready, pod.Name)
		}
		if node != "" {
			if r.on[node] == nil {
				r.on[node] = map[string]bool{}
			}
			r.on[node][pod.Name] = true
			if len(r.on[node]) > 1 {
				r.crowded = append(r.crowded, fmt.Sprintf("%s: %v", node, r.on[node]))
			}
		}
	}
	r.fewest = min(r.fewest, len(r.ready))
}

// fewestReady is the lowest number of tasks that were ready at one moment.
func (r *record) fewestReady() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.fewest
}

// crowds are the moments at which a node had more than one task that was to run.
func (r *record) crowds() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.crowded
}
