// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"maps"
	"slices"
)

// Share is an item of a capacity provider strategy.
type Share struct {
	Provider string
	// Base is how many tasks it gets before the weights count; at most one item has one.
	Base int
	// Weight is its share of the tasks beyond the bases; 0 gives it none of them.
	Weight int
}

// NextProvider is the capacity provider for the next task, when each has as many as placed says: the base is filled first, then the provider
// whose share is the least filled, (placed - base + 1) / weight, the first listed of equals. "" where no item takes any more.
func NextProvider(strategy []Share, placed map[string]int) string {
	if len(strategy) == 1 {
		return strategy[0].Provider // it gets all, whatever its weight
	}
	best := -1
	for i, s := range strategy {
		if placed[s.Provider] < s.Base {
			return s.Provider
		}
		if s.Weight == 0 {
			continue
		}
		if best < 0 || (beyond(s, placed)+1)*strategy[best].Weight < (beyond(strategy[best], placed)+1)*s.Weight {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return strategy[best].Provider
}

// Beside counts the tasks that will be beside those of an older revision of a service, once the service has n tasks beside them: those of the
// other older ones, and those that the new revision has, and gets from [NextProvider].
func Beside(strategy []Share, older, newest map[string]int, n int) map[string]int {
	next, out := maps.Clone(newest), maps.Clone(older)
	for _, counts := range []map[string]int{older, newest} {
		for _, tasks := range counts {
			n -= tasks
		}
	}
	for ; n > 0; n-- {
		if provider := NextProvider(strategy, next); provider != "" {
			next[provider]++
		}
	}
	for provider, tasks := range next {
		out[provider] += tasks
	}
	return out
}

// beyond is how many tasks the provider has beyond its base.
func beyond(s Share, placed map[string]int) int { return max(0, placed[s.Provider]-s.Base) }

// Overfull is the capacity provider to take a task from next, when each has as many as placed says: the opposite of [NextProvider]. A
// provider of no item has to go first, and one beyond its base whose weight is 0; then the one whose share is the most filled,
// (placed - base) / weight, the last listed of equals; one that isn't beyond its base comes last. "" where there are no tasks.
func Overfull(strategy []Share, placed map[string]int) string {
	there := map[string]bool{}
	for provider, n := range placed {
		there[provider] = n > 0
	}
	return overfull(strategy, placed, there)
}

// overfull chooses among the providers that are there.
func overfull(strategy []Share, placed map[string]int, there map[string]bool) string {
	for _, provider := range slices.Sorted(maps.Keys(there)) {
		if there[provider] && !slices.ContainsFunc(strategy, func(s Share) bool { return s.Provider == provider }) {
			return provider
		}
	}
	var best *Share
	for i := range strategy {
		if s := &strategy[i]; there[s.Provider] && (best == nil || !fuller(*best, *s, placed)) {
			best = s
		}
	}
	if best == nil {
		return ""
	}
	return best.Provider
}

// fuller: a has more beyond its share than b.
func fuller(a, b Share, placed map[string]int) bool {
	x, y := beyond(a, placed), beyond(b, placed)
	switch {
	case x == 0 || y == 0:
		return x > y
	case a.Weight == 0 || b.Weight == 0:
		return a.Weight == 0 && b.Weight != 0
	}
	return x*b.Weight > y*a.Weight
}
