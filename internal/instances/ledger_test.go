// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/placement"
)

// changing is a cluster whose pods come, change and go; version is the apiserver's count of changes.
type changing struct {
	pods    map[string]corev1.Pod
	made    int
	version int
}

func (c *changing) write(p corev1.Pod) {
	c.version++
	p.ResourceVersion = strconv.Itoa(c.version)
	c.pods[p.Name] = p
}

func (c *changing) step(t *rapid.T) {
	node := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "node")
	names := slices.Sorted(maps.Keys(c.pods))
	if len(names) == 0 || rapid.Bool().Draw(t, "another") {
		c.made++
		edits := []func(*corev1.Pod){gated, on(node), sentTo(node), foreign, hostPort(int32(rapid.IntRange(8000, 8003).Draw(t, "port")), corev1.ProtocolTCP)}
		p := task()
		for _, which := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(edits)-1), 0, 3, rapid.ID[int]).Draw(t, "kind") {
			edits[which](&p)
		}
		p.Name, p.UID = fmt.Sprintf("pod-%d", c.made), types.UID(strconv.Itoa(c.made))
		c.write(p)
		return
	}
	seen := c.pods[rapid.SampledFrom(names).Draw(t, "which")]
	p := *seen.DeepCopy()
	switch rapid.SampledFrom([]string{"go", "end", "get larger", "be bound", "be chosen", "be gone", "get another group"}).Draw(t, "change") {
	case "go":
		going(&p)
	case "end":
		ended(&p)
	case "get larger":
		p.Spec.Containers[0].Resources.Requests[corev1.ResourceCPU] = *resource.NewMilliQuantity(int64(rapid.IntRange(1, 3000).Draw(t, "CPU")), resource.DecimalSI)
	case "be bound":
		p.Spec.NodeName, p.Spec.SchedulingGates = node, nil
	case "be chosen": // known to the operator before the pod shows it: no new version
		p.Spec.NodeName, p.Spec.SchedulingGates = node, nil
		c.pods[p.Name] = p
		return
	case "be gone":
		delete(c.pods, p.Name)
		return
	case "get another group":
		p.Annotations = map[string]string{ecsv1.AnnotationTaskGroup: rapid.SampledFrom([]string{"service:web", "batch"}).Draw(t, "group")}
	}
	c.write(p)
}

func (c *changing) fleet(ledger *Ledger) []*placement.Instance {
	w := World{Name: "main", Now: time.Now(), Ledger: ledger}
	for _, name := range []string{"a", "b"} {
		w.Nodes, w.Instances = append(w.Nodes, node(name)), append(w.Instances, instance(name))
	}
	for _, name := range slices.Sorted(maps.Keys(c.pods)) {
		w.Pods = append(w.Pods, c.pods[name])
	}
	return Fleet(w).Instances()
}

func TestPropertyALedgerChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ledger, c := &Ledger{}, &changing{pods: map[string]corev1.Pod{}}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			c.step(t)
			if rapid.Bool().Draw(t, "look") {
				if diff := cmp.Diff(c.fleet(nil), c.fleet(ledger), cmpopts.IgnoreUnexported(placement.Instance{})); diff != "" {
					t.Fatalf("from scratch, and with what the ledger remembers:\n%s", diff)
				}
			}
		}
	})
}

func TestALedgerForgetsPodsThatAreGone(t *testing.T) {
	ledger, c := &Ledger{}, &changing{pods: map[string]corev1.Pod{}}
	for i := range 3000 {
		p := task(on("a"))
		p.Name, p.UID = "web", types.UID(strconv.Itoa(i))
		c.write(p)
		c.fleet(ledger)
	}
	if n := len(ledger.entries); n > 1100 {
		t.Errorf("remembers %d pods, of which one is there", n)
	}
}
