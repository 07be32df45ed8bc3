// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"strconv"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// history is what an object has been, newest last; nil is that there is none. Caches see a prefix of it.
type history[T any] struct {
	all     []*T
	version int
}

func (h *history[T]) now() *T { return h.all[len(h.all)-1] }

// simulated is a Deployment, its ReplicaSet and their controllers, each with a cache that may be behind.
type simulated struct {
	t          *rapid.T
	deployment history[appsv1.Deployment]
	set        history[appsv1.ReplicaSet]
	want       *podspec.Placement
	operator   [2]int // how much of each history its cache has seen
	controller [2]int
}

// asks are placements that differ in each part.
var asks = []*podspec.Placement{
	{Spread: true},
	{Gate: true, Distinct: true},
	{Spread: true, Provider: "spot", Tolerations: []corev1.Toleration{{Key: "spot"}}, Terms: podspec.Through(nil, podspec.NoNode())},
}

func (s *simulated) write(d *appsv1.Deployment) {
	was := s.deployment.now()
	if !equality.Semantic.DeepEqual(was.Spec, d.Spec) {
		d.Generation++
	}
	s.deployment.version++
	d.ResourceVersion = strconv.Itoa(s.deployment.version)
	s.deployment.all = append(s.deployment.all, d)
}

func (s *simulated) writeSet(set *appsv1.ReplicaSet) {
	s.set.version++
	if set != nil {
		set.ResourceVersion = strconv.Itoa(s.set.version)
	}
	s.set.all = append(s.set.all, set)
}

// reconcile is the operator's, which may be killed or not: it remembers nothing.
func (s *simulated) reconcile() {
	d, set := s.deployment.all[s.operator[0]], s.set.all[s.operator[1]]
	var sets []*appsv1.ReplicaSet
	if set != nil {
		sets = append(sets, set)
	}
	step := retemplate(d, sets, s.want, service.Selector("web"))
	if step == nil || step.confirm != nil && !s.current(step.confirm) || !s.current(step.before) {
		return
	}
	switch after := step.after.(type) {
	case *appsv1.Deployment:
		s.write(after.DeepCopy())
	case *appsv1.ReplicaSet:
		s.writeSet(after.DeepCopy())
	}
}

func (s *simulated) current(o metav1.Object) bool {
	if _, ok := o.(*appsv1.Deployment); ok {
		return o.GetResourceVersion() == s.deployment.now().ResourceVersion
	}
	return s.set.now() != nil && o.GetResourceVersion() == s.set.now().ResourceVersion
}

// sync is the Deployment's controller (kubernetes pkg/controller/deployment: sync while it is paused, and rolloutRolling).
func (s *simulated) sync() {
	d, set := s.deployment.all[s.controller[0]].DeepCopy(), s.set.all[s.controller[1]].DeepCopy()
	isNew := set != nil && equalIgnoringHash(set.Spec.Template, d.Spec.Template)
	active := set != nil && (*set.Spec.Replicas > 0 || set.Status.Replicas > 0)
	if !d.Spec.Paused && !isNew {
		if live := s.set.now(); live != nil && live.Status.Replicas > 0 {
			s.t.Fatalf("a rollout began: %d tasks are replaced", live.Status.Replicas)
		}
		s.writeSet(&appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{Annotations: d.Annotations}, Spec: appsv1.ReplicaSetSpec{Replicas: d.Spec.Replicas, Template: hashed(d.Spec.Template)}})
		return
	}
	if d.Spec.Paused && set != nil && !isNew && !active && *d.Spec.Replicas == 0 && s.current(set) {
		s.writeSet(nil) // revisionHistoryLimit 0
		return
	}
	if set != nil && *set.Spec.Replicas != *d.Spec.Replicas && s.current(set) {
		set.Spec.Replicas = d.Spec.Replicas
		s.writeSet(set)
		set = set.DeepCopy()
	}
	if hash := d.Annotations[ecsv1.AnnotationPlacement]; isNew && set.Annotations[ecsv1.AnnotationPlacement] != hash && s.current(set) {
		set = set.DeepCopy()
		metav1.SetMetaDataAnnotation(&set.ObjectMeta, ecsv1.AnnotationPlacement, hash)
		s.writeSet(set)
	}
	after := d.DeepCopy()
	after.Status.ObservedGeneration, after.Status.Replicas = d.Generation, 0
	if set != nil {
		after.Status.Replicas = set.Status.Replicas
	}
	if s.current(d) && !equality.Semantic.DeepEqual(d.Status, after.Status) {
		s.write(after)
	}
}

// replicate is the ReplicaSet's controller.
func (s *simulated) replicate() {
	if set := s.set.now(); set != nil && set.Status.Replicas != *set.Spec.Replicas {
		after := set.DeepCopy()
		after.Status.Replicas = *set.Spec.Replicas
		s.writeSet(after)
	}
}

func equalIgnoringHash(a, b corev1.PodTemplateSpec) bool {
	a, b = *a.DeepCopy(), *b.DeepCopy()
	delete(a.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	delete(b.Labels, appsv1.DefaultDeploymentUniqueLabelKey)
	return equality.Semantic.DeepEqual(a, b)
}

func hashed(t corev1.PodTemplateSpec) corev1.PodTemplateSpec {
	t = *t.DeepCopy()
	t.Labels[appsv1.DefaultDeploymentUniqueLabelKey] = "0123456789"
	return t
}

// act is one event: single ones, so that everything happens in every order, and some that follow each other often.
func (s *simulated) act(action int) {
	switch action {
	case 12, 13, 14:
		s.act(6)
		s.act(7)
		s.reconcile()
	case 15:
		s.act(8)
		s.sync()
	case 16:
		s.act(6)
		s.reconcile()
	case 0, 1, 2:
		s.reconcile()
	case 3, 4:
		s.sync()
	case 5:
		s.replicate()
	case 6:
		s.operator[0] = len(s.deployment.all) - 1
	case 7:
		s.operator[1] = len(s.set.all) - 1
	case 8:
		s.controller[0] = len(s.deployment.all) - 1
	case 9:
		s.controller[1] = len(s.set.all) - 1
	}
}

func TestAPlacementThatChangesCountsForNewTasksOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.Int32Range(0, 3)
		replicas := count.Draw(t, "replicas")
		d := &appsv1.Deployment{ObjectMeta: metav1.ObjectMeta{Generation: 1, ResourceVersion: "0"}, Spec: appsv1.DeploymentSpec{Replicas: &replicas}}
		d.Spec.Template.Labels = map[string]string{"app": "web"}
		d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "app", Image: "web:v1"}}
		asks[0].Set(&d.Spec.Template, service.Selector("web"))
		if rapid.Bool().Draw(t, "made by an operator of today") {
			metav1.SetMetaDataAnnotation(&d.ObjectMeta, ecsv1.AnnotationPlacement, placementHash(asks[0]))
		}
		set := &appsv1.ReplicaSet{ObjectMeta: metav1.ObjectMeta{ResourceVersion: "0"}, Spec: appsv1.ReplicaSetSpec{Replicas: &replicas, Template: hashed(d.Spec.Template)}}
		s := &simulated{t: t, want: asks[0]}
		s.deployment.all, s.set.all = []*appsv1.Deployment{d}, []*appsv1.ReplicaSet{set}
		for _, action := range rapid.SliceOfN(rapid.IntRange(0, 16), 0, 100).Draw(t, "actions") {
			switch action {
			case 10:
				s.want = rapid.SampledFrom(asks).Draw(t, "ask")
			case 11:
				after := s.deployment.now().DeepCopy()
				after.Spec.Replicas = new(count.Draw(t, "count"))
				s.write(after)
			default:
				s.act(action)
			}
		}
		for range 40 {
			for _, action := range []int{6, 7, 0, 8, 9, 3, 5} {
				s.act(action)
			}
		}
		got := s.deployment.now()
		wanted := got.DeepCopy()
		s.want.Set(&wanted.Spec.Template, service.Selector("web"))
		switch live := s.set.now(); {
		case got.Spec.Paused:
			t.Fatal("the Deployment stays paused")
		case !equality.Semantic.DeepEqual(got.Spec.Template, wanted.Spec.Template):
			t.Fatal("the Deployment has another placement than the service asks for")
		case live == nil || !equalIgnoringHash(live.Spec.Template, wanted.Spec.Template):
			t.Fatal("new tasks have another placement than the service asks for")
		case *live.Spec.Replicas != *got.Spec.Replicas:
			t.Fatalf("%d tasks instead of %d", *live.Spec.Replicas, *got.Spec.Replicas)
		}
	})
}

func TestOnlyThePlacementOfATemplateChanges(t *testing.T) {
	replicas := int32(0)
	d := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &replicas, Paused: true}}
	d.Spec.Template.Spec.Containers = []corev1.Container{{Name: "app", Image: "yesterday:v1"}}
	d.Spec.Template.Spec.NodeSelector = map[string]string{"ecs.pods.dev/cluster": "default"}
	step := retemplate(d, nil, asks[1], service.Selector("web"))
	after, ok := step.after.(*appsv1.Deployment)
	if !ok {
		t.Fatalf("changes %T", step.after)
	}
	rest := after.Spec.Template.DeepCopy()
	rest.Spec.SchedulingGates, rest.Spec.TopologySpreadConstraints = nil, nil
	if !equality.Semantic.DeepEqual(*rest, d.Spec.Template) {
		t.Errorf("changes %v into %v", d.Spec.Template, after.Spec.Template)
	}
	if len(after.Spec.Template.Spec.SchedulingGates) != 1 {
		t.Error("there is no gate")
	}
}
