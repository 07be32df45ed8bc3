// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"pgregory.net/rapid"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

var pair = [2]string{"blue", "green"}

func route(rules ...gatewayv1.HTTPRouteRule) *gatewayv1.HTTPRoute {
	return &gatewayv1.HTTPRoute{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web"}, Spec: gatewayv1.HTTPRouteSpec{Rules: rules}}
}

func rule(name string, refs ...gatewayv1.HTTPBackendRef) gatewayv1.HTTPRouteRule {
	r := gatewayv1.HTTPRouteRule{BackendRefs: refs}
	if name != "" {
		r.Name = new(gatewayv1.SectionName(name))
	}
	return r
}

// to a core Service; -1 leaves the weight out.
func to(service string, weight int32) gatewayv1.HTTPBackendRef {
	ref := gatewayv1.HTTPBackendRef{BackendRef: gatewayv1.BackendRef{BackendObjectReference: gatewayv1.BackendObjectReference{Name: gatewayv1.ObjectName(service)}}}
	if weight >= 0 {
		ref.Weight = &weight
	}
	return ref
}

func in(namespace string, ref gatewayv1.HTTPBackendRef) gatewayv1.HTTPBackendRef {
	ref.Namespace = new(gatewayv1.Namespace(namespace))
	return ref
}

func TestParseRule(t *testing.T) {
	for text, tc := range map[string]struct {
		want    Rule
		problem string
	}{
		"web":      {want: Rule{Route: "web"}},
		"web/test": {want: Rule{Route: "web", Name: "test"}},
		"web/":     {problem: "no listener rule"},
		"/test":    {problem: "no listener rule"},
		"a/b/c":    {problem: "no listener rule"},
		"arn:aws:elasticloadbalancing:us-east-1:111122223333:listener-rule/app/web/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee": {problem: "write the name of an HTTPRoute"},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := ParseRule(text)
			if (err == nil) != (tc.problem == "") || err != nil && !strings.Contains(err.Error(), tc.problem) {
				t.Fatalf("got error %v, want %q", err, tc.problem)
			}
			if got != tc.want {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestWeigh(t *testing.T) {
	for name, tc := range map[string]struct {
		rule, other Rule
		route       *gatewayv1.HTTPRoute
		want        int32
		problem     string
	}{
		"weights are shares of their sum":            {rule: Rule{Route: "web"}, route: route(rule("", to("blue", 3), to("green", 1))), want: 250},
		"a weight that is left out is 1":             {rule: Rule{Route: "web"}, route: route(rule("", to("blue", -1), to("green", -1))), want: 500},
		"the order of the backends is the route's":   {rule: Rule{Route: "web"}, route: route(rule("", to("green", 10), to("blue", 990))), want: 10},
		"both 0 is no share":                         {rule: Rule{Route: "web"}, route: route(rule("", to("green", 0), to("blue", 0))), want: Uneven},
		"the rule of that name":                      {rule: Rule{Route: "web", Name: "b"}, route: route(rule("a", to("other", 1)), rule("b", to("blue", 1), to("green", 0))), want: 0},
		"all rules that have both":                   {rule: Rule{Route: "web"}, route: route(rule("", to("other", 1)), rule("a", to("blue", 1), to("green", 0)), rule("b", to("blue", 9), to("green", 0))), want: 0},
		"rules that don't agree":                     {rule: Rule{Route: "web"}, route: route(rule("a", to("blue", 1), to("green", 0)), rule("b", to("blue", 0), to("green", 1))), want: Uneven},
		"but for the one that is for test traffic":   {rule: Rule{Route: "web"}, other: Rule{Route: "web", Name: "test"}, route: route(rule("a", to("blue", 1), to("green", 0)), rule("test", to("blue", 0), to("green", 1))), want: 0},
		"another backend with weight 0 is no matter": {rule: Rule{Route: "web"}, route: route(rule("", to("blue", 1), to("mirror", 0), to("green", 0))), want: 0},
		"our own namespace may be written down":      {rule: Rule{Route: "web"}, route: route(rule("", in("shop", to("blue", 1)), to("green", 0))), want: 0},

		"another backend with a share": {rule: Rule{Route: "web"}, route: route(rule("", to("blue", 1), to("green", 0), to("old", 5))), problem: "rule 0 (counted from 0) of HTTPRoute web sends a part of the traffic to old"},
		"one of the two is missing":    {rule: Rule{Route: "web"}, route: route(rule("", to("blue", 1))), problem: "needs backendRefs to both core Services, blue and green"},
		"in another namespace":         {rule: Rule{Route: "web", Name: "a"}, route: route(rule("a", to("blue", 1), in("else", to("green", 0)))), problem: "needs backendRefs to both"},
		"no backend of ours":           {rule: Rule{Route: "web"}, route: route(rule("", to("other", 1))), problem: "no rule of HTTPRoute web has the core Services blue and green"},
		"no rule of that name":         {rule: Rule{Route: "web", Name: "b"}, route: route(rule("a", to("blue", 1), to("green", 1))), problem: "has no rule named b"},
	} {
		t.Run(name, func(t *testing.T) {
			got, problem := tc.rule.Weigh(tc.route, tc.other, pair)
			if tc.problem == "" && problem != "" || !strings.Contains(problem, tc.problem) {
				t.Fatalf("got problem %q, want %q", problem, tc.problem)
			}
			if problem == "" && got.Second != tc.want {
				t.Errorf("got a share of %d, want %d", got.Second, tc.want)
			}
		})
	}
}

func TestWeightsThatMeanTheSameAreLeftAsTheyAreWritten(t *testing.T) {
	w, _ := Rule{Route: "web"}.Weigh(route(rule("", to("blue", 1), to("green", -1))), Rule{}, pair)
	if got := w.To(500); got != nil {
		t.Errorf("wrote %v", got)
	}
	want := []Change{{Backend: 0, Weight: 499}, {Backend: 1, Weight: 501}}
	if diff := cmp.Diff(want, w.To(501)); diff != "" {
		t.Error(diff)
	}
}

func TestServed(t *testing.T) {
	r := route(rule("", to("blue", 1), to("green", 0)), rule("", in("else", to("theirs", 1)), to("old", -1)))
	if diff := cmp.Diff([]string{"blue", "old"}, Served(r)); diff != "" {
		t.Error(diff)
	}
}

// What is written gives the share that was asked for, is written once, and changes nothing else of the route.
func TestWritingWeights(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		before := anyRoute(t)
		r := Rule{Route: "web", Name: rapid.SampledFrom([]string{"", "prod"}).Draw(t, "rule")}
		other := Rule{Route: "web", Name: "test"}
		want := rapid.Int32Range(0, All).Draw(t, "share")
		w, problem := r.Weigh(before, other, pair)
		if problem != "" {
			t.Fatal(problem)
		}
		after := before.DeepCopy()
		for _, c := range w.To(want) {
			after.Spec.Rules[c.Rule].BackendRefs[c.Backend].Weight = &c.Weight
		}
		again, problem := r.Weigh(after, other, pair)
		if problem != "" || again.Second != want || again.To(want) != nil {
			t.Fatalf("asked for %d, the route has %d (%s), and would get %v", want, again.Second, problem, again.To(want))
		}
		for i := range after.Spec.Rules {
			isOurs := false
			for _, p := range w.places {
				isOurs = isOurs || p.rule == i
			}
			for j := range after.Spec.Rules[i].BackendRefs {
				b, a := &before.Spec.Rules[i].BackendRefs[j], &after.Spec.Rules[i].BackendRefs[j]
				if isOurs && (a.Name == "blue" || a.Name == "green") {
					a.Weight = b.Weight
				}
			}
		}
		if diff := cmp.Diff(before, after); diff != "" {
			t.Fatalf("something else changed:\n%s", diff)
		}
	})
}

// anyRoute has a rule prod with both target groups, in any place and order, and other rules with other backends.
func anyRoute(t *rapid.T) *gatewayv1.HTTPRoute {
	weights := rapid.Int32Range(-1, 2000)
	rules := []gatewayv1.HTTPRouteRule{rule("prod", shuffled(t, to("blue", weights.Draw(t, "blue")), to("green", weights.Draw(t, "green")), to("mirror", 0))...)}
	for range rapid.IntRange(0, 3).Draw(t, "others") {
		rules = append(rules, rule("", to("other", weights.Draw(t, "other")), to("another", weights.Draw(t, "another"))))
	}
	if rapid.Bool().Draw(t, "has test") {
		rules = append(rules, rule("test", shuffled(t, to("blue", 1000), to("green", 0))...))
	}
	return route(rapid.Permutation(rules).Draw(t, "rules")...)
}

func shuffled(t *rapid.T, refs ...gatewayv1.HTTPBackendRef) []gatewayv1.HTTPBackendRef {
	return rapid.Permutation(refs).Draw(t, "order")
}
