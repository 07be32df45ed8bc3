// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/placement"
)

// Zones are the Availability Zones of a service in a steady state.
type Zones struct {
	// Tasks counts the service's tasks in each zone that could have one, zones without any included.
	Tasks map[string]int
	// Instances counts the container instances in each zone that the service could use.
	Instances map[string]int
	// Desired is the service's desiredCount.
	Desired int32
	// Memory is what the last Balance said to remember.
	Memory string
}

// Balance says whether tasks are to be relocated so that the zones are even again.
type Balance struct {
	// Moves are the first of those to make.
	Moves []placement.Move
	// Memory is to be remembered before anything is moved: for which state of the zones that is. "" where they are even.
	Memory string
	// Even: there is nothing to move. Given up: moving tasks from this state of the zones has been tried, and they landed elsewhere.
	Even, GivenUp bool
}

// GivenUp ends the memory of a state that is left as it is.
const GivenUp = ".given-up"

// Rebalance plans the relocation of at most so many tasks at a time.
//
// Where a new task lands isn't up to this plan, so that it could go on for ever. It doesn't: what is remembered is how uneven the zones were
// when tasks were moved last, for these instances and this count. Tasks are moved again only when the zones have become more even since, and
// that can't go on without end. Another count, or another number of instances in a zone, is another cause.
func Rebalance(z Zones, most int) Balance {
	moves := placement.Rebalance(z.Tasks)
	if len(moves) == 0 {
		return Balance{Even: true}
	}
	cause, uneven := z.cause(), z.uneven()
	now := Balance{Memory: fmt.Sprintf("%s.%d", cause, uneven)}
	switch before, last := remembered(z.Memory); {
	case z.Memory == now.Memory+GivenUp || before == cause && last <= uneven:
		now.Memory, now.GivenUp = GiveUp(cmp.Or(z.Memory, now.Memory)), true
		return now
	}
	now.Moves = moves[:min(len(moves), max(0, most))]
	return now
}

// GiveUp is the memory of a state that is left as it is.
func GiveUp(memory string) string {
	if memory == "" || strings.HasSuffix(memory, GivenUp) {
		return memory
	}
	return memory + GivenUp
}

// remembered reads a memory: the cause, and how uneven the zones were. One that nobody of us wrote has no cause.
func remembered(memory string) (cause string, uneven int) {
	cause, rest, _ := strings.Cut(strings.TrimSuffix(memory, GivenUp), ".")
	if _, err := fmt.Sscanf(rest, "%d", &uneven); err != nil {
		return "", 0
	}
	return cause, uneven
}

// uneven is the sum of the squares: it falls with each task that comes from a fuller zone to an emptier one. {3, 1} is 10, {2, 2} is 8.
func (z Zones) uneven() int {
	n := 0
	for _, tasks := range z.Tasks {
		n += tasks * tasks
	}
	return n
}

// cause is what the zones were looked at for.
func (z Zones) cause() string {
	h := fnv.New32a()
	fmt.Fprintln(h, z.Desired)
	for _, zone := range slices.Sorted(maps.Keys(z.Instances)) {
		fmt.Fprintln(h, zone, z.Instances[zone])
	}
	return fmt.Sprintf("%08x", h.Sum32())
}

// MostRelocated is how many tasks are relocated at a time: a tenth of them, as far as the upper bound leaves room to start as many first.
func (p Percentages) MostRelocated(desired int32) int {
	return int(max(0, min(max(1, desired/10), p.Upper(desired)-desired)))
}
