// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

func TestWhereTheTrafficGoes(t *testing.T) {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	pair := func(edit func(*pairSeen)) pairSeen {
		p := pairSeen{Seen: traffic.Seen{Pair: traffic.Pair{Groups: [2]string{"blue", "green"}, Production: "web", Test: "web/test"}, Side: 1, Selects: [2]int64{1, 2}}}
		edit(&p)
		return p
	}
	plain := func(selects int64) pairSeen {
		return pairSeen{Seen: traffic.Seen{Pair: traffic.Pair{Groups: [2]string{"blue", ""}}, Selects: [2]int64{selects, traffic.Everyone}}}
	}
	for name, tc := range map[string]struct {
		pairs []pairSeen
		share int32
		why   string
		since time.Duration
		next  bool
	}{
		"a share of it":                        {pairs: []pairSeen{pair(func(p *pairSeen) { p.Production = 50 })}, share: 50},
		"all of it":                            {pairs: []pairSeen{pair(func(p *pairSeen) { p.Production = 1000 })}, share: 1000},
		"an entrance":                          {pairs: []pairSeen{plain(2)}, share: 1000},
		"not an entrance":                      {pairs: []pairSeen{plain(1)}, share: 0},
		"of two the less":                      {pairs: []pairSeen{pair(func(p *pairSeen) { p.Production = 500 }), plain(1)}, share: 0, why: "the same share"},
		"back on one of two":                   {pairs: []pairSeen{pair(func(p *pairSeen) { p.Production = 0 }), pair(func(p *pairSeen) { p.Production = 1000 })}, share: 0, why: "the same share"},
		"the same of two":                      {pairs: []pairSeen{pair(func(p *pairSeen) { p.Production = 1000 }), plain(2)}, share: 1000},
		"an open entrance":                     {pairs: []pairSeen{plain(traffic.Everyone)}, share: 0, why: "selects the tasks of all revisions"},
		"endpoints late":                       {pairs: []pairSeen{pair(func(p *pairSeen) { p.Production, p.Missing[1] = 50, "green holds 1 of 2" })}, share: 50, why: "green holds 1 of 2"},
		"endpoints late where no traffic goes": {pairs: []pairSeen{pair(func(p *pairSeen) { p.Missing[1] = "green holds 1 of 2" })}, share: 0},
		"the Gateway late":                     {pairs: []pairSeen{pair(func(p *pairSeen) { p.Production, p.production.unsettled = 50, "no Gateway" })}, share: 50, why: "no Gateway"},
		"a route that is no good": {pairs: []pairSeen{pair(func(p *pairSeen) {
			p.Production, p.production.problem = traffic.Uneven, &conditions.Reason{Message: "no route"}
		})}, share: 500, why: "no route"},
		"moved a second ago":      {pairs: []pairSeen{pair(func(p *pairSeen) { p.Production = 50 })}, since: time.Second, share: 50, why: "just moved", next: true},
		"moved three seconds ago": {pairs: []pairSeen{pair(func(p *pairSeen) { p.Production = 50 })}, since: trafficLag, share: 50},
	} {
		t.Run(name, func(t *testing.T) {
			seen := trafficSeen{pairs: tc.pairs}
			if tc.since > 0 {
				seen.since = now.Add(-tc.since)
			}
			seen.summarize(2, now)
			got := seen.Production
			if got.TargetTenths != tc.share || got.Settled != (tc.why == "") || !strings.Contains(got.Why, tc.why) || seen.next.IsZero() == tc.next {
				t.Errorf("got %+v, next %v; want %d, %q", got, seen.next, tc.share, tc.why)
			}
		})
	}
}

func TestWhoKeepsChangingWeightsIsNamed(t *testing.T) {
	web, now := types.NamespacedName{Name: "web"}, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	changes := []traffic.Change{{Weight: 950}, {Backend: 1, Weight: 50}}
	route := func(generation int64, manager string) *gatewayv1.HTTPRoute {
		return &gatewayv1.HTTPRoute{ObjectMeta: metav1.ObjectMeta{Name: "web", Generation: generation, ManagedFields: []metav1.ManagedFieldsEntry{
			{Manager: "applier", Time: &metav1.Time{Time: now.Add(-time.Hour)}}, {Manager: string(Owner), Time: &metav1.Time{Time: now}},
			{Manager: manager, Time: &metav1.Time{Time: now}}, {Manager: "gateway", Subresource: "status", Time: &metav1.Time{Time: now.Add(time.Minute)}},
		}}}
	}
	c := &contests{}
	write := func(seen int64, what []traffic.Change) {
		c.wrote(web, weighing{route(seen, "kustomize-controller"), what}, route(seen+1, "kustomize-controller"), now)
		now = now.Add(time.Minute)
	}
	write(1, changes)
	write(2, []traffic.Change{{Weight: 0}, {Backend: 1, Weight: 1000}})
	write(2, changes)
	write(2, changes) // from a cache that is behind
	if got := c.of(web, now); got != nil {
		t.Errorf("what the deployment itself changes is no contest: %v", got)
	}
	write(4, changes)
	write(6, changes)
	got := c.of(web, now)
	if got == nil || !strings.HasPrefix(got.Message, "kustomize-controller keeps changing the weights of HTTPRoute web") {
		t.Fatalf("got %v", got)
	}
	if got := c.of(web, now.Add(contestWhile)); got != nil {
		t.Errorf("it is over, and still said: %v", got)
	}
}

func TestTrafficSettlesWhereItStays(t *testing.T) {
	web, now := types.NamespacedName{Name: "web"}, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	s := &settling{}
	for _, step := range []struct {
		after time.Duration
		where string
		want  time.Duration
	}{{0, "blue", 0}, {time.Second, "blue", 0}, {2 * time.Second, "green", 2 * time.Second}, {3 * time.Second, "green", 2 * time.Second}, {4 * time.Second, "blue", 4 * time.Second}} {
		if got := s.since(web, step.where, now.Add(step.after)).Sub(now); got != step.want {
			t.Errorf("after %s at %s: since %s, want %s", step.after, step.where, got, step.want)
		}
	}
}
