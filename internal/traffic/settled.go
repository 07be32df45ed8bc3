// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"fmt"
	"reflect"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// Unsettled is why a route isn't in effect as it is written, "" if it is: each of its parents has accepted this generation of it and resolved
// what it refers to. That is what a parent says of itself; its proxies may follow a moment later.
func Unsettled(route *gatewayv1.HTTPRoute) string {
	if len(route.Spec.ParentRefs) == 0 {
		return fmt.Sprintf("HTTPRoute %s has no parentRefs, so no Gateway serves it; name one", route.Name)
	}
	for _, ref := range route.Spec.ParentRefs {
		status := statusOf(route, ref)
		if status == nil {
			return fmt.Sprintf("Gateway %s has not taken up HTTPRoute %s; is its controller running?", ref.Name, route.Name)
		}
		for _, kind := range []gatewayv1.RouteConditionType{gatewayv1.RouteConditionAccepted, gatewayv1.RouteConditionResolvedRefs} {
			c := meta.FindStatusCondition(status.Conditions, string(kind))
			switch {
			case c == nil:
				return fmt.Sprintf("Gateway %s does not say whether HTTPRoute %s is %s", ref.Name, route.Name, kind)
			case c.ObservedGeneration < route.Generation:
				return fmt.Sprintf("Gateway %s has not taken up generation %d of HTTPRoute %s, it has %d", ref.Name, route.Generation, route.Name, c.ObservedGeneration)
			case c.Status != metav1.ConditionTrue:
				return fmt.Sprintf("Gateway %s says of HTTPRoute %s: %s is %s (%s): %s", ref.Name, route.Name, kind, c.Status, c.Reason, c.Message)
			}
		}
	}
	return ""
}

// statusOf a parent, nil where it says nothing. Who implements the parent may repeat its reference with the defaults filled in.
func statusOf(route *gatewayv1.HTTPRoute, ref gatewayv1.ParentReference) *gatewayv1.RouteParentStatus {
	want := filledIn(ref, route.Namespace)
	for i := range route.Status.Parents {
		if reflect.DeepEqual(filledIn(route.Status.Parents[i].ParentRef, route.Namespace), want) {
			return &route.Status.Parents[i]
		}
	}
	return nil
}

func filledIn(ref gatewayv1.ParentReference, namespace string) gatewayv1.ParentReference {
	out := gatewayv1.ParentReference{
		Group: new(ptr.Deref(ref.Group, gatewayv1.GroupName)), Kind: new(ptr.Deref(ref.Kind, "Gateway")),
		Namespace: new(ptr.Deref(ref.Namespace, gatewayv1.Namespace(namespace))), Name: ref.Name,
		SectionName: new(ptr.Deref(ref.SectionName, "")), Port: new(ptr.Deref(ref.Port, 0)),
	}
	return out
}
