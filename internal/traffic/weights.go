// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Weights are the two target groups of a pair as a listener rule weighs them.
type Weights struct {
	// Second is the share of the second target group, in tenths; the first has the rest. A weight of 1 beside one of 2 is 666. -1 where the rules
	// of the route don't agree, or both weights are 0.
	Second int32
	places []place
	route  *gatewayv1.HTTPRoute
}

// Change is one weight to write: that of a backendRef of a rule, by their indexes.
type Change struct {
	Rule, Backend int
	Weight        int32
}

// Weigh reads the weights of a pair, or says why there are none.
func (r Rule) Weigh(route *gatewayv1.HTTPRoute, other Rule, services [2]string) (Weights, string) {
	places, problem := r.places(route, other, services)
	if problem != "" {
		return Weights{}, problem
	}
	w := Weights{places: places, route: route}
	for i, p := range places {
		first, second := w.at(p)
		share := int32(-1)
		if sum := first + second; sum > 0 {
			share = int32(second * All / sum)
		}
		if i == 0 {
			w.Second = share
		} else if share != w.Second {
			w.Second = -1
		}
	}
	return w, ""
}

func (w Weights) at(p place) (first, second int64) {
	refs := w.route.Spec.Rules[p.rule].BackendRefs
	return int64(weight(refs[p.backends[0]])), int64(weight(refs[p.backends[1]]))
}

// To is what to write so that the second target group has that share: nothing where it has it to the last bit, however the weights are written.
func (w Weights) To(second int32) []Change {
	var out []Change
	for _, p := range w.places {
		a, b := w.at(p)
		if sum := a + b; sum > 0 && b*All == int64(second)*sum {
			continue
		}
		out = append(out, Change{p.rule, p.backends[0], All - second}, Change{p.rule, p.backends[1], second})
	}
	return out
}
