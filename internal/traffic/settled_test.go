// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

func TestUnsettled(t *testing.T) {
	ref := func(name string) gatewayv1.ParentReference {
		return gatewayv1.ParentReference{Name: gatewayv1.ObjectName(name)}
	}
	full := gatewayv1.ParentReference{Group: new(gatewayv1.Group("gateway.networking.k8s.io")), Kind: new(gatewayv1.Kind("Gateway")), Namespace: new(gatewayv1.Namespace("shop")), Name: "inside"}
	says := func(parent gatewayv1.ParentReference, accepted, resolved metav1.ConditionStatus, generation int64) gatewayv1.RouteParentStatus {
		return gatewayv1.RouteParentStatus{ParentRef: parent, ControllerName: "example.com/gateway", Conditions: []metav1.Condition{
			{Type: "Accepted", Status: accepted, ObservedGeneration: generation, Reason: "NoMatchingListenerHostname", Message: "no listener"},
			{Type: "ResolvedRefs", Status: resolved, ObservedGeneration: generation, Reason: "BackendNotFound", Message: "no Service green"},
		}}
	}
	for name, tc := range map[string]struct {
		parents []gatewayv1.ParentReference
		status  []gatewayv1.RouteParentStatus
		want    string
	}{
		"accepted and resolved in this generation": {[]gatewayv1.ParentReference{ref("inside")}, []gatewayv1.RouteParentStatus{says(ref("inside"), "True", "True", 3)}, ""},
		"defaults of the reference filled in":      {[]gatewayv1.ParentReference{ref("inside")}, []gatewayv1.RouteParentStatus{says(full, "True", "True", 3)}, ""},
		"an earlier generation":                    {[]gatewayv1.ParentReference{ref("inside")}, []gatewayv1.RouteParentStatus{says(ref("inside"), "True", "True", 2)}, "Gateway inside has not taken up generation 3 of HTTPRoute web, it has 2"},
		"not accepted":                             {[]gatewayv1.ParentReference{ref("inside")}, []gatewayv1.RouteParentStatus{says(ref("inside"), "False", "True", 3)}, "Accepted is False (NoMatchingListenerHostname): no listener"},
		"not resolved":                             {[]gatewayv1.ParentReference{ref("inside")}, []gatewayv1.RouteParentStatus{says(ref("inside"), "True", "False", 3)}, "ResolvedRefs is False (BackendNotFound)"},
		"nobody has looked at it":                  {[]gatewayv1.ParentReference{ref("inside")}, nil, "Gateway inside has not taken up HTTPRoute web"},
		"one of two parents":                       {[]gatewayv1.ParentReference{ref("inside"), ref("outside")}, []gatewayv1.RouteParentStatus{says(ref("inside"), "True", "True", 3)}, "Gateway outside has not taken up"},
		"no parents":                               {nil, nil, "no parentRefs"},
	} {
		t.Run(name, func(t *testing.T) {
			r := route()
			r.Generation = 3
			r.Spec.ParentRefs, r.Status.Parents = tc.parents, tc.status
			if got := Unsettled(r); tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestMissing(t *testing.T) {
	endpoint := func(pod string, ready bool) discoveryv1.Endpoint {
		return discoveryv1.Endpoint{TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: pod}, Conditions: discoveryv1.EndpointConditions{Ready: &ready, Serving: &ready}}
	}
	slice := func(endpoints ...discoveryv1.Endpoint) discoveryv1.EndpointSlice {
		return discoveryv1.EndpointSlice{AddressType: discoveryv1.AddressTypeIPv4, Endpoints: endpoints}
	}
	v6 := func(endpoints ...discoveryv1.Endpoint) discoveryv1.EndpointSlice {
		return discoveryv1.EndpointSlice{AddressType: discoveryv1.AddressTypeIPv6, Endpoints: endpoints}
	}
	tasks := map[string]bool{"a": true, "b": true, "starting": false}
	for name, tc := range map[string]struct {
		slices []discoveryv1.EndpointSlice
		tasks  map[string]bool
		want   string
	}{
		"every ready task":                          {[]discoveryv1.EndpointSlice{slice(endpoint("a", true), endpoint("b", true))}, tasks, ""},
		"in two slices":                             {[]discoveryv1.EndpointSlice{slice(endpoint("a", true)), slice(endpoint("b", true))}, tasks, ""},
		"one that is ready sooner than we know":     {[]discoveryv1.EndpointSlice{slice(endpoint("a", true), endpoint("b", true), endpoint("starting", true))}, tasks, ""},
		"another's that gets no traffic any more":   {[]discoveryv1.EndpointSlice{slice(endpoint("a", true), endpoint("b", true), endpoint("old", false))}, tasks, ""},
		"a revision without tasks":                  {nil, nil, ""},
		"one is missing":                            {[]discoveryv1.EndpointSlice{slice(endpoint("a", true))}, tasks, "hold 1 of 2 ready tasks"},
		"one is there, but not ready":               {[]discoveryv1.EndpointSlice{slice(endpoint("a", true), endpoint("b", false))}, tasks, "hold 1 of 2 ready tasks"},
		"another's is there":                        {[]discoveryv1.EndpointSlice{slice(endpoint("a", true), endpoint("b", true), endpoint("old", true))}, tasks, "still hold pod old"},
		"something that is no pod":                  {[]discoveryv1.EndpointSlice{slice(endpoint("a", true), endpoint("b", true), discoveryv1.Endpoint{})}, tasks, "an endpoint that is no pod"},
		"no slices yet":                             {nil, tasks, "has no EndpointSlices yet"},
		"one family of addresses is behind another": {[]discoveryv1.EndpointSlice{slice(endpoint("a", true), endpoint("b", true)), v6(endpoint("a", true))}, tasks, "hold 1 of 2 ready tasks (IPv6)"},
		"a family with an empty slice":              {[]discoveryv1.EndpointSlice{slice(endpoint("a", true), endpoint("b", true)), v6()}, tasks, "hold 0 of 2 ready tasks (IPv6)"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Missing("green", tc.slices, tc.tasks); tc.want == "" && got != "" || !strings.Contains(got, tc.want) {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}
