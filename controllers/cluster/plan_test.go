// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/capacity"
	"github.com/ecs-operator/ecs-operator/internal/daemons"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// logLabel is that of the DAEMON service ops/log.
var logLabel = names.DaemonLabel("ops", "log")

// world is a cluster demo of the nodes with pool=demo, as the apiserver has it.
type world struct {
	clusters  []ecsv1.Cluster
	nodes     map[string]*corev1.Node
	instances map[string]*ecsv1.ContainerInstance
	pods      map[string][]corev1.Pod
	services  []ecsv1.Service
	now       time.Time
	// writes counts those of each node.
	writes map[string]int
}

func newWorld(services ...ecsv1.Service) *world {
	return &world{
		clusters: []ecsv1.Cluster{cluster("demo")}, nodes: map[string]*corev1.Node{}, instances: map[string]*ecsv1.ContainerInstance{}, pods: map[string][]corev1.Pod{},
		services: services, now: noon, writes: map[string]int{},
	}
}

func cluster(name string) ecsv1.Cluster {
	c := ecsv1.Cluster{ObjectMeta: metav1.ObjectMeta{Name: name, CreationTimestamp: metav1.NewTime(noon)}}
	c.Spec.Kubernetes = &ecsv1.ClusterKubernetes{NodeSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"pool": name}}}
	return c
}

// daemon is a DAEMON service ops/name of the cluster, in effect, on instances with the label disk=ssd where asked.
func daemon(name string, constraints ...string) ecsv1.Service {
	s := ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "ops", Name: name}}
	s.Spec.Cluster, s.Spec.SchedulingStrategy = "demo", ecsv1.SchedulingStrategyDaemon
	s.Status.TaskDefinition = name + ":1"
	for _, c := range constraints {
		s.Spec.PlacementConstraints = append(s.Spec.PlacementConstraints, ecsv1.PlacementConstraint{Type: ecsv1.PlacementConstraintTypeMemberOf, Expression: c})
	}
	return s
}

func (w *world) join(name string, labels ...string) *corev1.Node {
	n := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{"pool": "demo"}}}
	for i := 0; i+1 < len(labels); i += 2 {
		n.Labels[labels[i]] = labels[i+1]
	}
	w.nodes[name] = n
	return n
}

// enlisted is a node that is registered already.
func (w *world) enlisted(name string, labels ...string) *ecsv1.ContainerInstance {
	w.join(name, labels...)
	i := &ecsv1.ContainerInstance{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{ecsv1.LabelCluster: "demo"}}}
	i.Spec.Cluster, i.Spec.NodeName = "demo", name
	i.Status.RegisteredAt = new(metav1.NewTime(w.now))
	w.instances[name] = i
	return i
}

// run adds a task that runs on the node: of a DAEMON service by its name, or of a REPLICA service.
func (w *world) run(node, kind, service string) {
	p := corev1.Pod{ObjectMeta: metav1.ObjectMeta{
		Namespace: "ops", Name: service, Labels: map[string]string{ecsv1.LabelCluster: "demo", ecsv1.LabelService: service},
		OwnerReferences: []metav1.OwnerReference{{Kind: kind, Name: service, Controller: new(true)}},
	}}
	p.Spec.NodeName, p.Spec.Containers = node, []corev1.Container{{Name: "app"}}
	p.Status.Phase = corev1.PodRunning
	p.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}}}
	w.pods[node] = append(w.pods[node], p)
}

func (w *world) seen() observed {
	o := observed{clusters: w.clusters, cluster: &w.clusters[0], services: w.services, now: w.now}
	for _, name := range slices.Sorted(maps.Keys(w.nodes)) {
		o.nodes = append(o.nodes, *w.nodes[name].DeepCopy())
	}
	for _, name := range slices.Sorted(maps.Keys(w.instances)) {
		o.instances = append(o.instances, *w.instances[name].DeepCopy())
	}
	o.providers = capacity.Providers(o.cluster, nil)
	o.daemons = daemons.All(w.services, func(*ecsv1.Service) *ecsv1.TaskDefinitionRevision { return &ecsv1.TaskDefinitionRevision{} })
	o.podsOn = func(node string) []corev1.Pod { return w.pods[node] }
	return o
}

// work does what is planned, as the apiserver would.
func (w *world) work(p plan) {
	for _, l := range p.label {
		n := w.nodes[l.node]
		for key := range ours(n.Labels) {
			delete(n.Labels, key)
		}
		maps.Copy(n.Labels, l.set)
		w.writes[l.node]++
	}
	for _, name := range p.register {
		if w.instances[name] == nil {
			i := &ecsv1.ContainerInstance{ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{ecsv1.LabelCluster: "demo"}}}
			i.Spec.Cluster, i.Spec.NodeName = "demo", name
			i.Status.RegisteredAt = new(metav1.NewTime(w.now))
			w.instances[name] = i
		}
	}
	for i := range p.deregister {
		delete(w.instances, p.deregister[i].Name) // without tasks it goes at once
	}
}

func TestTheLabelsOfANode(t *testing.T) {
	clusterLabel := map[string]string{ecsv1.LabelCluster: "demo"}
	both := map[string]string{ecsv1.LabelCluster: "demo", logLabel: ""}
	log := map[string]string{logLabel: ""}
	for name, tc := range map[string]struct {
		services []ecsv1.Service
		make     func(*world)
		want     map[string]string
		waiting  int32
	}{
		"a new one, without daemons":          {nil, func(w *world) { w.join("n") }, clusterLabel, 0},
		"a new one, with a daemon":            {[]ecsv1.Service{daemon("log")}, func(w *world) { w.join("n") }, log, 1},
		"a new one that no daemon wants":      {[]ecsv1.Service{daemon("log", "attribute:stack exists")}, func(w *world) { w.join("n") }, clusterLabel, 0},
		"a new one with the label from birth": {[]ecsv1.Service{daemon("log")}, func(w *world) { w.join("n", ecsv1.LabelCluster, "demo") }, both, 0},
		"registered, its daemon doesn't run":  {[]ecsv1.Service{daemon("log")}, func(w *world) { w.enlisted("n", logLabel, ""); w.now = w.now.Add(29 * time.Second) }, log, 1},
		"registered, its daemon runs":         {[]ecsv1.Service{daemon("log")}, func(w *world) { w.enlisted("n", logLabel, ""); w.run("n", "DaemonSet", "log") }, both, 0},
		"registered, another's daemon runs":   {[]ecsv1.Service{daemon("log")}, func(w *world) { w.enlisted("n", logLabel, ""); w.run("n", "DaemonSet", "other") }, log, 1},
		"registered 30 seconds ago":           {[]ecsv1.Service{daemon("log")}, func(w *world) { w.enlisted("n", logLabel, ""); w.now = w.now.Add(patience) }, both, 0},
		"ACTIVE, and its daemon stopped":      {[]ecsv1.Service{daemon("log")}, func(w *world) { w.enlisted("n", logLabel, "", ecsv1.LabelCluster, "demo") }, both, 0},
		"ACTIVE, and the service is gone":     {nil, func(w *world) { w.enlisted("n", logLabel, "", ecsv1.LabelCluster, "demo") }, clusterLabel, 0},
		"cordoned":                            {nil, func(w *world) { w.enlisted("n", ecsv1.LabelCluster, "demo"); w.nodes["n"].Spec.Unschedulable = true }, nil, 0},
		"DRAINING with a task of a service": {[]ecsv1.Service{daemon("log")}, func(w *world) {
			w.enlisted("n", logLabel, "").Spec.Status = "DRAINING"
			w.run("n", "ReplicaSet", "web")
		}, log, 0},
		"DRAINING without": {[]ecsv1.Service{daemon("log")}, func(w *world) { w.enlisted("n", logLabel, "").Spec.Status = "DRAINING" }, nil, 0},
		"deregistered with a task of a service": {[]ecsv1.Service{daemon("log")}, func(w *world) {
			deleted(w.enlisted("n", logLabel, "", ecsv1.LabelCluster, "demo"))
			w.run("n", "ReplicaSet", "web")
		}, log, 0},
		"not chosen any more": {[]ecsv1.Service{daemon("log")}, func(w *world) {
			w.enlisted("n", logLabel, "", ecsv1.LabelCluster, "demo")
			w.nodes["n"].Labels["pool"] = "x"
		}, nil, 0},
		"nobody's, with labels left":              {nil, func(w *world) { w.join("n", logLabel, "", "pool", "x") }, nil, 0},
		"nobody's, with the cluster's label left": {nil, func(w *world) { w.join("n", ecsv1.LabelCluster, "demo", "pool", "x") }, nil, 0},
		"another cluster's":                       {nil, func(w *world) { w.enlisted("n", logLabel, "", "pool", "x").Spec.Cluster = "other" }, log, 0},
		"another cluster's that lets it go": {nil, func(w *world) {
			i := w.enlisted("n", logLabel, "")
			i.Spec.Cluster = "other"
			deleted(i)
		}, log, 0},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(tc.services...)
			tc.make(w)
			p := next(w.seen())
			w.work(p)
			if tc.want == nil {
				tc.want = map[string]string{}
			}
			if diff := cmp.Diff(tc.want, ours(w.nodes["n"].Labels)); diff != "" {
				t.Errorf("labels (-want +got):\n%s", diff)
			}
			if p.waiting != tc.waiting || (p.again > 0) != (tc.waiting > 0) {
				t.Errorf("%d are waiting and it looks again in %s, want %d", p.waiting, p.again, tc.waiting)
			}
		})
	}
}

func deleted(i *ecsv1.ContainerInstance) { i.DeletionTimestamp = new(metav1.NewTime(noon)) }

func TestANodeOfAnotherClusterIsRegisteredWhenThatLetsItGo(t *testing.T) {
	w := newWorld()
	w.enlisted("n").Spec.Cluster = "other"
	deleted(w.instances["n"])
	if p := next(w.seen()); len(p.register) > 0 || len(p.conflicts) != 1 {
		t.Errorf("registers %v and says %v", p.register, p.conflicts)
	}
	delete(w.instances, "n")
	if p := next(w.seen()); len(p.register) != 1 || len(p.conflicts) > 0 {
		t.Errorf("registers %v and says %v", p.register, p.conflicts)
	}
}

// What bears the name is the older one's: it neither keeps the younger one nor gets labels from it.
func TestAYoungerClusterOfTheSameNameGoesAtOnce(t *testing.T) {
	w := newWorld(ecsv1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"}, Spec: ecsv1.ServiceSpec{Cluster: "demo"}})
	w.enlisted("n").Status.RunningTasksCount = 1
	late := cluster("late")
	late.CreationTimestamp, late.DeletionTimestamp = metav1.NewTime(noon.Add(time.Second)), new(metav1.NewTime(noon.Add(time.Minute)))
	late.Spec.ClusterName = "demo"
	w.clusters = append(w.clusters, late)
	seen := w.seen()
	seen.cluster = &w.clusters[1]
	if p := next(seen); !p.release || p.refused != nil || len(p.label) > 0 {
		t.Errorf("%+v", p)
	}
}

func TestAnInstanceThatSomebodyWroteIsTakenOver(t *testing.T) {
	w := newWorld()
	w.enlisted("n", ecsv1.LabelCluster, "demo").Labels = nil
	if p := next(w.seen()); !slices.Equal(p.register, []string{"n"}) {
		t.Errorf("registers %v", p.register)
	}
	w.instances["n"].Labels = map[string]string{ecsv1.LabelCluster: "demo"}
	if p := next(w.seen()); len(p.register) > 0 {
		t.Errorf("registers %v again", p.register)
	}
}

// TestTwoHundredJoinsAndLeaves has nodes come, go, drain and come back in any order, with daemons that start as they are asked to. In the end each daemon is on
// the instances that are ACTIVE and meet its constraint, and on no others; nothing more is written; and a node that only joined cost two writes at most.
func TestTwoHundredJoinsAndLeaves(t *testing.T) {
	for seed := range uint64(10) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) { joinAndLeave(t, rand.New(rand.NewPCG(seed, 0))) })
	}
}

func joinAndLeave(t *testing.T, dice *rand.Rand) {
	w := newWorld(daemon("log"), daemon("ssd", "attribute:ecs.instance-type == m5d.large"))
	for n := range 200 {
		switch dice.IntN(5) {
		case 0, 1, 2:
			w.join(fmt.Sprintf("n%d", n), corev1.LabelInstanceTypeStable, []string{"m5.large", "m5d.large"}[dice.IntN(2)])
		case 3:
			delete(w.nodes, w.someNode(dice))
		case 4:
			if node := w.nodes[w.someNode(dice)]; node != nil {
				node.Spec.Unschedulable = !node.Spec.Unschedulable
				w.writes[node.Name] = -4 // it may cost more
			}
		}
		if dice.IntN(2) == 0 {
			w.step()
		}
	}
	for range 3 {
		w.step()
	}
	if p := next(w.seen()); len(p.label)+len(p.register)+len(p.deregister) > 0 || p.waiting > 0 {
		t.Fatalf("not at rest: %+v", p)
	}
	for name, n := range w.nodes {
		_, log := n.Labels[logLabel]
		_, ssd := n.Labels[names.DaemonLabel("ops", "ssd")]
		active := !n.Spec.Unschedulable
		if log != active || ssd != (active && n.Labels[corev1.LabelInstanceTypeStable] == "m5d.large") || (n.Labels[ecsv1.LabelCluster] == "demo") != active {
			t.Errorf("node %s, ACTIVE %t: %v", name, active, n.Labels)
		}
		if w.writes[name] > 2 {
			t.Errorf("node %s cost %d writes", name, w.writes[name])
		}
	}
	if len(w.instances) != len(w.nodes) || len(w.nodes) < 20 {
		t.Errorf("%d instances of %d nodes", len(w.instances), len(w.nodes))
	}
}

// someNode is one of them, "" where there is none.
func (w *world) someNode(dice *rand.Rand) string {
	all := slices.Sorted(maps.Keys(w.nodes))
	if len(all) == 0 {
		return ""
	}
	return all[dice.IntN(len(all))]
}

// step lets the operator and then the daemon set controller work.
func (w *world) step() {
	w.work(next(w.seen()))
	w.pods = map[string][]corev1.Pod{}
	for name, n := range w.nodes {
		for _, s := range w.services {
			if _, on := n.Labels[names.DaemonLabel(s.Namespace, s.Name)]; on {
				w.run(name, "DaemonSet", s.Name)
			}
		}
	}
}
