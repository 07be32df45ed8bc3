// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/component-helpers/scheduling/corev1/nodeaffinity"

	"github.com/ecs-operator/ecs-operator/internal/placement"
)

// Ask is what is asked for beyond what the pod says by itself.
type Ask struct {
	// Group is what spread and distinctInstance count; "" is the pod's own task group.
	Group       string
	Constraints []placement.Constraint
	Strategies  []placement.Strategy
	// Provider is the capacity provider to place through, nil for any instance.
	Provider *Provider
	// Avoid are the names of instances that have refused the pod or one like it a moment ago.
	Avoid map[string]bool
	Seed  uint64
}

// Request is a pod's request for a place: its resources and host ports, and as filters what the scheduler will ask of a node: the pod's node
// selector and required node affinity, and that it tolerates the node's taints, with the tolerations of the capacity provider.
//
// Pods that are alike, as those of a service revision are, can share one Request.
func Request(pod *corev1.Pod, ask Ask) *placement.Request {
	r := &placement.Request{
		Group: ask.Group, Needs: needs(pod), Ports: ports(pod),
		Constraints: ask.Constraints, Strategies: ask.Strategies, Seed: ask.Seed,
	}
	if r.Group == "" {
		r.Group = TaskGroup(pod)
	}
	tolerations := pod.Spec.Tolerations
	if ask.Provider != nil {
		r.Provider = ask.Provider.Name
		tolerations = slices.Concat(tolerations, ask.Provider.Tolerations)
	}
	affinity := nodeaffinity.GetRequiredNodeAffinity(pod)
	r.Filters = []placement.Filter{
		{Reason: placement.ReasonAttribute, Detail: "its node has not the labels that the task asks for", Keep: once(func(n *corev1.Node) bool {
			ok, err := affinity.Match(n)
			return ok && err == nil // affinity that can't be read matches nothing, as in the scheduler
		})},
		{Reason: placement.ReasonAttribute, Detail: "its node has a taint that the task doesn't tolerate", Keep: once(func(n *corev1.Node) bool {
			return tolerates(tolerations, n)
		})},
	}
	if len(ask.Avoid) > 0 {
		r.Filters = append(r.Filters, placement.Filter{
			Reason: placement.ReasonOther, Detail: "the scheduler didn't take a task of the kind there a moment ago",
			Keep: func(i *placement.Instance) bool { return !ask.Avoid[i.Name] },
		})
	}
	return r
}

// once asks about each node a single time: nodes don't change as long as a Fleet is used. One that is gone is never kept.
func once(keep func(*corev1.Node) bool) func(*placement.Instance) bool {
	known := map[*corev1.Node]bool{}
	return func(i *placement.Instance) bool {
		node, _ := i.Handle.(*corev1.Node)
		if node == nil {
			return false
		}
		answer, asked := known[node]
		if !asked {
			answer = keep(node)
			known[node] = answer
		}
		return answer
	}
}
