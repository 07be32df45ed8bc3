// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package traffic

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var (
	ruled = Pair{Groups: pair, Production: "web", Test: "web/test"}
	plain = Pair{Groups: pair}
)

func TestPlan(t *testing.T) {
	const late = "the EndpointSlices hold 1 of 2"
	for name, tc := range map[string]struct {
		seen Seen
		want Wanted
		next Next
	}{
		"the first revision has both, and all": {
			Seen{Pair: ruled, Selects: [2]int64{Everyone, Everyone}, Production: 0, Test: 0},
			Wanted{Target: 1},
			Next{Selects: [2]int64{1, 1}, Production: 0, Test: 0},
		},
		"before a shift both are the source's": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 1}},
			Wanted{Target: 2, Source: 1},
			Next{Selects: [2]int64{1, 1}},
		},
		"test traffic: first the target group becomes the target's": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 1}},
			Wanted{Target: 2, Source: 1, Test: All},
			Next{Selects: [2]int64{1, 2}, Test: Uneven, Waits: "the core Service green has just been given its revision"},
		},
		"then its endpoints have to be there": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 2}, Missing: [2]string{"", late}},
			Wanted{Target: 2, Source: 1, Test: All},
			Next{Selects: [2]int64{1, 2}, Test: Uneven, Waits: late},
		},
		"then the weights move": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 2}},
			Wanted{Target: 2, Source: 1, Test: All},
			Next{Selects: [2]int64{1, 2}, Test: All},
		},
		"a canary": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 2}, Test: All},
			Wanted{Target: 2, Source: 1, Production: 50, Test: All},
			Next{Selects: [2]int64{1, 2}, Production: 50, Test: All},
		},
		"a canary whose target has the first target group": {
			Seen{Pair: ruled, Side: 0, Selects: [2]int64{2, 1}, Production: All, Test: 0},
			Wanted{Target: 2, Source: 1, Production: 50, Test: All},
			Next{Selects: [2]int64{2, 1}, Production: 950, Test: 0},
		},
		"back: the weights first": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 2}, Production: 50},
			Wanted{Target: 2, Source: 1},
			Next{Selects: [2]int64{1, 2}},
		},
		"back: not to a core Service that lacks tasks": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 2}, Production: 50, Missing: [2]string{late, ""}},
			Wanted{Target: 2, Source: 1},
			Next{Selects: [2]int64{1, 2}, Production: Uneven, Waits: late},
		},
		"back: the target group is the source's again when it has no traffic": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 2}},
			Wanted{Target: 2, Source: 1},
			Next{Selects: [2]int64{1, 1}},
		},
		"the source leaves: its target group becomes the target's": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 2}, Production: All, Test: All},
			Wanted{Target: 2},
			Next{Selects: [2]int64{2, 2}, Production: All, Test: All},
		},
		"the source leaves, but has traffic still": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 2}, Production: 500, Test: All},
			Wanted{Target: 2},
			Next{Selects: [2]int64{1, 2}, Production: All, Test: All},
		},
		"somebody gave the target's group a part of the traffic: it stays the source's until that is taken back": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 1}, Production: 500},
			Wanted{Target: 2, Source: 1, Test: All},
			Next{Selects: [2]int64{1, 1}, Production: 0, Test: All, Waits: ""},
		},
		"rules that don't agree are made to": {
			Seen{Pair: ruled, Side: 1, Selects: [2]int64{1, 1}, Production: Uneven},
			Wanted{Target: 2, Source: 1},
			Next{Selects: [2]int64{1, 1}},
		},
		"an entrance that stays: the source's until all is to move": {
			Seen{Pair: plain, Selects: [2]int64{1, 1}},
			Wanted{Target: 2, Source: 1, Test: All},
			Next{Selects: [2]int64{1, 2}, Production: Uneven, Test: Uneven},
		},
		"an entrance that stays: the target's": {
			Seen{Pair: plain, Selects: [2]int64{1, 2}},
			Wanted{Target: 2, Source: 1, Test: All, Production: All},
			Next{Selects: [2]int64{2, 2}, Production: Uneven, Test: Uneven},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.next, Plan(tc.seen, tc.want)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// world is a pair with its core Services and its route, and what lags behind them.
type world struct {
	Seen
	late [2]int // rounds until the EndpointSlices follow
	lag  int    // rounds until the Gateway follows the route
	// effective is the share that the Gateway gives the second target group.
	effective int32
}

// weigh writes the weights of the production rule. The Gateway follows later.
func (w *world) weigh(t *rapid.T, second int32) {
	w.Production, w.lag, w.Unsettled = second, rapid.IntRange(1, 3).Draw(t, "route lags"), "late"
}

func (w *world) round(t *rapid.T, want Wanted) {
	for side := range w.late {
		if w.late[side] = max(0, w.late[side]-1); w.late[side] == 0 {
			w.Missing[side] = ""
		}
	}
	if w.lag = max(0, w.lag-1); w.lag == 0 {
		w.Unsettled, w.effective = "", w.Production
	}
	next := Plan(w.Seen, want)
	for side := range next.Selects {
		if next.Selects[side] != w.Selects[side] {
			w.late[side], w.Missing[side] = rapid.IntRange(1, 3).Draw(t, "slices lag"), "late"
		}
	}
	w.Selects = next.Selects
	if next.Production != Uneven && w.Production != next.Production {
		w.weigh(t, next.Production)
	}
	if next.Test != Uneven {
		w.Test = next.Test
	}
}

// Whatever a deployment wants, one thing after another, and whoever else writes weights: the target never gets more of the production traffic than is wanted or
// than it had, traffic goes to the two revisions alone, and in the end it is as wanted.
func TestTrafficGoesWhereItIsWanted(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		const source, target = 1, 2
		w := &world{Seen: Seen{Pair: ruled, Side: rapid.IntRange(0, 1).Draw(t, "side"), Selects: [2]int64{source, source}}}
		w.weigh(t, toSecond(w.Side, 0))
		w.effective = w.Production
		shares := rapid.SampledFrom([]int32{0, 1, 50, 500, 999, All})
		var want Wanted
		for range rapid.IntRange(1, 6).Draw(t, "wishes") {
			before := want.Production // may be on its way to the Gateway
			want = Wanted{Target: target, Source: source, Production: shares.Draw(t, "production"), Test: shares.Draw(t, "test")}
			for range rapid.IntRange(1, 8).Draw(t, "rounds") {
				had := w.Share(target, w.effective)
				w.round(t, want)
				if now := w.Share(target, w.effective); now > max(had, want.Production, before) {
					t.Fatalf("the target has %d, wanted %d, had %d: %+v", now, want.Production, had, w)
				}
			}
			if w.Share(source, w.Production)+w.Share(target, w.Production) != All {
				t.Fatalf("a part of the traffic goes to nobody we know: %+v", w)
			}
			if rapid.Bool().Draw(t, "somebody writes weights") && w.Selects[w.Side] == source {
				w.weigh(t, shares.Draw(t, "what"))
			}
		}
		for range 20 {
			w.round(t, want)
		}
		if got := w.Share(target, w.Production); got != want.Production {
			t.Fatalf("the target ends with %d, wanted %d: %+v", got, want.Production, w)
		}
		if got := w.Share(target, w.Test); got != want.Test {
			t.Fatalf("the target ends with %d of the test traffic, wanted %d: %+v", got, want.Test, w)
		}
		if why := w.Why(w.Production); why != "" {
			t.Fatalf("in the end: %s", why)
		}
		if diff := cmp.Diff(w.Selects, Plan(w.Seen, want).Selects); diff != "" {
			t.Fatalf("not at rest: %s", diff)
		}
	})
}
