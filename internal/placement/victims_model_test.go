// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"cmp"
	"slices"
)

// obviousVictims are the tasks to stop, found anew for each by looking at all that remain.
func obviousVictims(tasks []Task, n int, strategies []Strategy, shares []Share, seed uint64) []int {
	if len(strategies) == 0 {
		strategies = DefaultOfServices
	}
	left := remaining{tasks: tasks, gone: make([]bool, len(tasks)), freed: map[string]Resources{}}
	var out []int
	for len(out) < n {
		candidates := left.ofLowestRank()
		if len(candidates) == 0 {
			break
		}
		if len(shares) > 0 {
			candidates = left.ofOverfull(candidates, shares)
		}
		for _, s := range strategies {
			if s.Type == Random {
				break
			}
			candidates = left.leastLiked(candidates, s)
		}
		victim := slices.MinFunc(candidates, func(a, b int) int { return cmp.Compare(lot(tasks[a], seed), lot(tasks[b], seed)) })
		out = append(out, victim)
		left.stop(victim)
	}
	return out
}

// remaining are the tasks that haven't been stopped.
type remaining struct {
	tasks []Task
	gone  []bool
	// freed is what the stopped ones left on their instances.
	freed map[string]Resources
}

func (r *remaining) stop(task int) {
	r.gone[task] = true
	if t := r.tasks[task]; t.Instance != nil {
		freed := r.freed[t.Instance.Name]
		freed.add(t.Needs, 1)
		r.freed[t.Instance.Name] = freed
	}
}

func (r *remaining) ofLowestRank() []int {
	var out []int
	lowest := ranks
	for i, t := range r.tasks {
		switch rank := t.rank(); {
		case t.Protected || r.gone[i] || rank > lowest:
		case rank < lowest:
			lowest, out = rank, append(out[:0], i)
		default:
			out = append(out, i)
		}
	}
	return out
}

func (r *remaining) ofOverfull(candidates []int, shares []Share) []int {
	placed, there := map[string]int{}, map[string]bool{}
	for i, t := range r.tasks {
		if !r.gone[i] {
			placed[t.Provider]++
		}
	}
	for _, c := range candidates {
		there[r.tasks[c].Provider] = true
	}
	from := overfull(shares, placed, there)
	return slices.DeleteFunc(candidates, func(c int) bool { return r.tasks[c].Provider != from })
}

// leastLiked keeps the candidates that the strategy would rather have elsewhere.
func (r *remaining) leastLiked(candidates []int, s Strategy) []int {
	counts := map[string]int64{}
	for i, t := range r.tasks {
		if r.gone[i] || t.Instance == nil {
			continue
		}
		if v, ok := spreadValue(t.Instance, s.Field); ok {
			counts[v]++
		}
	}
	const first = int64(1) << 62
	return least(candidates, func(c int) int64 {
		t := r.tasks[c]
		if t.Instance == nil {
			return -first
		}
		if s.Type == Binpack {
			free := t.Instance.Free.clone()
			free.add(r.freed[t.Instance.Name], 1)
			free.add(t.Needs, 1)
			return -free.of(s.Field)
		}
		v, ok := spreadValue(t.Instance, s.Field)
		if !ok {
			return -first
		}
		return -counts[v]
	})
}

func least[T any](of []T, by func(T) int64) []T {
	var out []T
	for _, i := range of {
		switch {
		case len(out) == 0 || by(i) < by(out[0]):
			out = append(out[:0:0], i)
		case by(i) == by(out[0]):
			out = append(out, i)
		}
	}
	return out
}
