// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"fmt"
	"strings"

	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Rule names a listener rule: an HTTPRoute, and one of its rules by name. Without a name it means each rule of the route that has both target
// groups, but for those that the service's other listener rule names.
type Rule struct {
	Route, Name string
}

// ParseRule reads productionListenerRule or testListenerRule: route or route/rule.
func ParseRule(text string) (Rule, error) {
	route, name, named := strings.Cut(text, "/")
	switch {
	case strings.HasPrefix(text, "arn:"):
		return Rule{}, fmt.Errorf("%q is the ARN of a rule of Elastic Load Balancing; write the name of an HTTPRoute, or route/rule for one of its rules", text)
	case route == "" || named && name == "" || strings.Contains(name, "/"):
		return Rule{}, fmt.Errorf("%q is no listener rule; write the name of an HTTPRoute, or route/rule for one of its rules", text)
	}
	return Rule{Route: route, Name: name}, nil
}

func (r Rule) String() string {
	if r.Name == "" {
		return r.Route
	}
	return r.Route + "/" + r.Name
}

// place is where in a route the two target groups are weighed against each other.
type place struct {
	rule     int
	backends [2]int
}

// places finds the target groups in the rules of a route, or says why they can't be weighed there. other is the service's other listener rule.
func (r Rule) places(route *gatewayv1.HTTPRoute, other Rule, services [2]string) ([]place, string) {
	var out []place
	for i, rule := range route.Spec.Rules {
		name := ""
		if rule.Name != nil {
			name = string(*rule.Name)
		}
		if !r.takes(name, other) {
			continue
		}
		at, foreign := find(route.Namespace, rule.BackendRefs, services)
		switch {
		case at[0] < 0 && at[1] < 0 && r.Name == "":
			continue // a rule about something else
		case at[0] < 0 || at[1] < 0:
			return nil, fmt.Sprintf("rule %s of HTTPRoute %s needs backendRefs to both core Services, %s and %s; add the one that is missing, with weight 0",
				describe(i, name), route.Name, services[0], services[1])
		case foreign != "":
			return nil, fmt.Sprintf("rule %s of HTTPRoute %s sends a part of the traffic to %s, so the shares of %s and %s would not be what the deployment says; "+
				"give that backendRef weight 0, or move it to another rule", describe(i, name), route.Name, foreign, services[0], services[1])
		}
		out = append(out, place{rule: i, backends: at})
	}
	if len(out) > 0 {
		return out, ""
	}
	if r.Name != "" {
		return nil, fmt.Sprintf("HTTPRoute %s has no rule named %s; give one that name, with backendRefs to the core Services %s and %s", route.Name, r.Name, services[0], services[1])
	}
	return nil, fmt.Sprintf("no rule of HTTPRoute %s has the core Services %s and %s as backendRefs; add both to the rule that the service answers", route.Name, services[0], services[1])
}

// takes reports whether a rule of that name is meant: the one that is named, or, where none is, any but the service's other listener rule.
func (r Rule) takes(name string, other Rule) bool {
	if r.Name != "" {
		return r.Name == name
	}
	return name == "" || other.Route != r.Route || other.Name != name
}

// Names reports whether one of the pair's listener rules is in a route of that name.
func (p Pair) Names(route string) bool {
	for _, text := range []string{p.Production, p.Test} {
		if r, err := ParseRule(text); err == nil && r.Route == route {
			return true
		}
	}
	return false
}

func describe(index int, name string) string {
	if name != "" {
		return name
	}
	return fmt.Sprintf("%d (counted from 0)", index)
}

// find tells where in a rule the two are, -1 for nowhere, and the first other backend that gets traffic.
func find(namespace string, refs []gatewayv1.HTTPBackendRef, services [2]string) (at [2]int, foreign string) {
	at = [2]int{-1, -1}
	for i, ref := range refs {
		ours := false
		for side, name := range services {
			if isService(namespace, ref, name) && at[side] < 0 {
				at[side], ours = i, true
				break
			}
		}
		if !ours && weight(ref) > 0 && foreign == "" {
			foreign = string(ref.Name)
		}
	}
	return at, foreign
}

func isService(namespace string, ref gatewayv1.HTTPBackendRef, name string) bool {
	return string(ref.Name) == name &&
		(ref.Group == nil || *ref.Group == "") && (ref.Kind == nil || *ref.Kind == "Service") &&
		(ref.Namespace == nil || string(*ref.Namespace) == namespace)
}

// weight of a backend is 1 where the route leaves it out (Gateway API, BackendRef).
func weight(ref gatewayv1.HTTPBackendRef) int32 {
	if ref.Weight == nil {
		return 1
	}
	return *ref.Weight
}

// Served are the core Services of a route's namespace that get a part of its traffic.
func Served(route *gatewayv1.HTTPRoute) []string {
	var out []string
	for _, rule := range route.Spec.Rules {
		for _, ref := range rule.BackendRefs {
			if weight(ref) > 0 && isService(route.Namespace, ref, string(ref.Name)) {
				out = append(out, string(ref.Name))
			}
		}
	}
	return out
}
