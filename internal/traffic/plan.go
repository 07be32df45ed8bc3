// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package traffic

// Everyone is what a core Service selects that takes the tasks of all revisions, as during a rolling deployment.
const Everyone = 0

// Uneven is a share that can't be told: the rules of a route don't agree, or nobody has weighed the two target groups yet.
const Uneven = -1

// Wanted is what a deployment wants of the traffic.
type Wanted struct {
	// Target is the ordinal of the revision that takes over, and Source that of the one which has what the target hasn't; 0 where there is none
	// and all traffic is the target's.
	Target, Source int64
	// Production and Test are the target's shares.
	Production, Test int32
}

// Seen is a pair as it is.
type Seen struct {
	Pair
	// Side of the target: which of the two target groups it has.
	Side int
	// Selects are the ordinals of the revisions that the core Services select.
	Selects [2]int64
	// Missing is why a core Service doesn't hold every ready task of the revision that it selects and nothing else, "" if it does.
	Missing [2]string
	// Production and Test are the shares of the second target group in the listener rules, or Uneven.
	Production, Test int32
	// Unsettled is why the production listener rule isn't in effect as it is written, "" if it is.
	Unsettled string
}

// Next is a pair as it is to be.
type Next struct {
	Selects [2]int64
	// Production and Test are the shares of the second target group to write, Uneven to leave them.
	Production, Test int32
	// Waits is what a share waits for that isn't written yet, "" for nothing.
	Waits string
}

// HasTest reports whether there is test traffic: a test listener rule, or the second core Service beside an entrance that stays.
func (p Pair) HasTest() bool {
	if p.TakesTurns() {
		return p.Test != ""
	}
	return p.Groups[1] != ""
}

// Plan gives each core Service its revision and each listener rule its weights.
//
// Two things keep requests from being lost. A share grows only when the core Service that gets it holds every ready task of its revision and
// nobody else's. And the core Service of a target group changes its revision only while it has no traffic, or to one that runs in full beside it.
func Plan(s Seen, w Wanted) Next {
	if w.Source == 0 {
		w.Production, w.Test = All, All
	}
	if !s.TakesTurns() {
		return Next{Selects: [2]int64{entrance(w.Production == All, w), entrance(w.Production == All || w.Test > 0, w)}, Production: Uneven, Test: Uneven}
	}
	other := 1 - s.Side
	next := Next{Production: Uneven, Test: Uneven}
	next.Selects[s.Side] = s.ofTarget(w)
	next.Selects[other] = entrance(false, w)
	if w.Source == 0 && s.Selects[other] != Everyone && s.has(other, s.Production) > 0 {
		next.Selects[other] = s.Selects[other] // it has traffic still
	}
	next.Production, next.Waits = s.share(next.Selects, s.Production, toSecond(s.Side, w.Production))
	if s.HasTest() {
		waits := ""
		if next.Test, waits = s.share(next.Selects, s.Test, toSecond(s.Side, w.Test)); next.Waits == "" {
			next.Waits = waits
		}
	}
	return next
}

// ofTarget is what the target's own target group selects: the target from the time on that it is to get traffic, until it has none any more.
func (s Seen) ofTarget(w Wanted) int64 {
	now, production := s.Selects[s.Side], s.has(s.Side, s.Production)
	switch {
	case w.Source == 0:
		return w.Target
	case now == w.Target && (w.Production > 0 || w.Test > 0 || production > 0 || s.HasTest() && s.has(s.Side, s.Test) > 0):
		return w.Target
	case now == w.Source && (production > w.Production || s.Unsettled != ""):
		return w.Source // what it gets is the source's, until the weights are where the deployment thinks they are
	}
	return entrance(w.Production > 0 || w.Test > 0, w)
}

// entrance is the revision behind a core Service: the target if it is its turn or nobody else is there.
func entrance(target bool, w Wanted) int64 {
	if target || w.Source == 0 {
		return w.Target
	}
	return w.Source
}

// has is the share of a side. One that can't be told may be anything.
func (s Seen) has(side int, second int32) int32 {
	if second == Uneven {
		return All
	}
	return toSecond(side, second)
}

// share is what to write for a listener rule, Uneven to leave it as it is, and then what it waits for.
func (s Seen) share(selects [2]int64, now, wanted int32) (int32, string) {
	for side, name := range s.Services() {
		if now != Uneven && toSecond(side, wanted) <= toSecond(side, now) || toSecond(side, wanted) == 0 {
			continue // it gets no more than it has
		}
		if s.Selects[side] != selects[side] {
			return Uneven, "the core Service " + name + " has just been given its revision"
		}
		if s.Missing[side] != "" {
			return Uneven, s.Missing[side]
		}
	}
	return wanted, "" // where it is so already to the last bit, nothing is written
}

// toSecond turns the share of a side into that of the second target group.
func toSecond(side int, share int32) int32 {
	if side == 1 {
		return share
	}
	return All - share
}

// Share is how much of the traffic a revision gets, given the share of the second target group.
func (s Seen) Share(revision int64, second int32) int32 {
	var out int32
	for side, selected := range s.Selects {
		switch {
		case selected != revision:
		case second == Uneven:
			out += All / 2
		default:
			out += toSecond(side, second)
		}
	}
	return out
}

// Why is why the traffic that goes by the share of the second target group isn't where it seems to be, "" if it is: a core Service that gets a
// part of it doesn't hold exactly the tasks of one revision.
func (s Seen) Why(second int32) string {
	if second == Uneven {
		return "the rules of the route do not agree about the weights of " + s.Groups[0] + " and " + s.Groups[1]
	}
	for side, name := range s.Services() {
		if name == "" || toSecond(side, second) == 0 {
			continue
		}
		if s.Selects[side] == Everyone {
			return "the core Service " + name + " selects the tasks of all revisions"
		}
		if s.Missing[side] != "" {
			return s.Missing[side]
		}
	}
	return ""
}
