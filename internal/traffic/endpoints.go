// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"fmt"
	"maps"
	"slices"

	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/utils/ptr"
)

// Missing is why a core Service doesn't send its traffic to all ready tasks of a revision and to nobody else, "" if it does. all are the
// EndpointSlices of the core Service; tasks are the pods of the revision, each with whether it is ready. In a cluster with two address families each of them has
// to hold every task.
func Missing(service string, all []discoveryv1.EndpointSlice, tasks map[string]bool) string {
	ready := 0
	for _, is := range tasks {
		if is {
			ready++
		}
	}
	held := map[discoveryv1.AddressType]int{}
	for _, slice := range all {
		held[slice.AddressType] += 0
		for _, e := range slice.Endpoints {
			if !serves(e) {
				continue
			}
			name := ""
			if e.TargetRef != nil {
				name = e.TargetRef.Name
			}
			is, ours := tasks[name]
			switch {
			case !ours:
				return fmt.Sprintf("the EndpointSlices of core Service %s still hold %s, which is no task of the revision that it selects", service, orSomebody(name))
			case is:
				held[slice.AddressType]++
			}
		}
	}
	if ready > 0 && len(held) == 0 {
		return fmt.Sprintf("the core Service %s has no EndpointSlices yet", service)
	}
	for _, family := range slices.Sorted(maps.Keys(held)) {
		if held[family] < ready {
			return fmt.Sprintf("the EndpointSlices of core Service %s hold %d of %d ready tasks (%s)", service, held[family], ready, family)
		}
	}
	return ""
}

// serves reports whether an endpoint gets traffic. Unset means yes (Kubernetes: EndpointConditions).
func serves(e discoveryv1.Endpoint) bool {
	return ptr.Deref(e.Conditions.Ready, true) && ptr.Deref(e.Conditions.Serving, true)
}

func orSomebody(name string) string {
	if name == "" {
		return "an endpoint that is no pod"
	}
	return "pod " + name
}
