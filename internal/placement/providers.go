// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

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

// beyond is how many tasks the provider has beyond its base.
func beyond(s Share, placed map[string]int) int { return max(0, placed[s.Provider]-s.Base) }
