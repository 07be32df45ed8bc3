// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A service as its tasks come and go: those of revisions are launched and stopped as the operator does it, one revision being the new one.
type sharedService struct {
	shares  []Share
	desired int
	// old is empty between deployments.
	old, current []Task
	made         int
}

// launch starts a task of a revision in the place that is missing: those that leave don't count.
func (s *sharedService) launch(revision *[]Task) {
	stay := countsOf(slices.DeleteFunc(slices.Clone(*revision), func(t Task) bool { return t.Leaving }))
	s.made++
	*revision = append(*revision, Task{Name: strconv.Itoa(s.made), Provider: NextProvider(s.shares, stay), Running: true, Healthy: true})
}

// stop stops n tasks of a revision.
func (s *sharedService) stop(revision *[]Task, n int, beside map[string]int) {
	victims := VictimsBeside(beside, *revision, n, nil, s.shares, 1)
	slices.Sort(victims)
	for _, v := range slices.Backward(victims) {
		*revision = slices.Delete(*revision, v, v+1)
	}
}

// shrinkOld stops n tasks of the old revision.
func (s *sharedService) shrinkOld(n int) {
	s.stop(&s.old, n, Beside(s.shares, map[string]int{}, countsOf(s.current), s.desired-len(s.old)+n))
}

// settle brings the new revision to its count, and replaces what leaves: by a task more, or by one less, and then another.
func (s *sharedService) settle(first bool) {
	leaving := func(t Task) bool { return t.Leaving }
	for slices.ContainsFunc(s.current, leaving) {
		if first {
			s.launch(&s.current)
		}
		s.stop(&s.current, 1, nil)
		if !first {
			s.launch(&s.current)
		}
	}
	for len(s.current) < s.desired {
		s.launch(&s.current)
	}
	if more := len(s.current) - s.desired; more > 0 {
		s.stop(&s.current, more, nil)
	}
}

func countsOf(revisions ...[]Task) map[string]int {
	out := map[string]int{}
	for _, t := range slices.Concat(revisions...) {
		out[t.Provider]++
	}
	return out
}

func someShares(t *rapid.T) []Share {
	var out []Share
	for n := range rapid.IntRange(2, 5).Draw(t, "items") {
		out = append(out, Share{Provider: fmt.Sprint("p", n), Weight: rapid.IntRange(0, 5).Draw(t, "weight")})
	}
	out[rapid.IntRange(0, len(out)-1).Draw(t, "heavy")].Weight = rapid.IntRange(1, 5).Draw(t, "weight above 0")
	out[rapid.IntRange(0, len(out)-1).Draw(t, "with base")].Base = rapid.IntRange(0, 5).Draw(t, "base")
	return out
}

// rolls a deployment with steps of any size, which may be given up halfway, and started again from there.
func (s *sharedService) rolls(t *rapid.T, exact func(string)) {
	s.old, s.current = s.current, nil
	least, most := rapid.IntRange(0, s.desired).Draw(t, "minimum"), rapid.IntRange(s.desired, 2*s.desired).Draw(t, "maximum")
	if least == most {
		least--
	}
	for len(s.old) > 0 || len(s.current) < s.desired {
		if stop := min(len(s.old), len(s.old)+len(s.current)-least); stop > 0 {
			s.shrinkOld(rapid.IntRange(1, stop).Draw(t, "stopped"))
		}
		exact("after old tasks were stopped")
		if start := min(s.desired-len(s.current), most-len(s.old)-len(s.current)); start > 0 {
			for range rapid.IntRange(1, start).Draw(t, "started") {
				s.launch(&s.current)
			}
		}
		exact("after new tasks were started")
		if len(s.current) > 0 && rapid.IntRange(0, 9).Draw(t, "rolled back") == 0 {
			s.old, s.current = s.current, s.old
			exact = func(string) {} // the old one isn't whole; the end has to be exact all the same
		}
	}
}

// Whatever comes and goes, a service at rest has of each provider what ECS's rule for the next task gives it; and while a deployment
// rolls that isn't rolled back, whenever it has as many tasks as are desired, old and new ones together have that.
func TestSharesAreExactAsTasksComeAndGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &sharedService{shares: someShares(t), desired: rapid.IntRange(1, 12).Draw(t, "desired")}
		exact := func(when string) {
			if len(s.old)+len(s.current) != s.desired {
				return
			}
			_, want := placedBy(s.shares, s.desired)
			if diff := cmp.Diff(want, countsOf(s.old, s.current)); diff != "" {
				t.Fatalf("%s: %v, %d desired, %v old, %v new: %s", when, s.shares, s.desired, countsOf(s.old), countsOf(s.current), diff)
			}
		}
		s.settle(true)
		for range rapid.IntRange(1, 12).Draw(t, "events") {
			switch rapid.SampledFrom([]string{"scale", "lose", "drain", "deploy"}).Draw(t, "event") {
			case "scale":
				s.desired = rapid.IntRange(1, 12).Draw(t, "desired")
			case "lose":
				s.current = slices.DeleteFunc(s.current, func(Task) bool { return rapid.Bool().Draw(t, "lost") })
			case "drain":
				for i := range s.current {
					s.current[i].Leaving = rapid.Bool().Draw(t, "leaves")
				}
			case "deploy":
				s.rolls(t, exact)
			}
			s.settle(rapid.Bool().Draw(t, "start first"))
			exact("at rest")
		}
	})
}

func TestBeside(t *testing.T) {
	shares := []Share{{"p", 2, 0}, {"q", 0, 1}}
	for name, tc := range map[string]struct {
		older, newest map[string]int
		n             int
		want          map[string]int
	}{
		"what the new revision has":                   {nil, map[string]int{"p": 2}, 2, map[string]int{"p": 2}},
		"and what it gets":                            {nil, map[string]int{"p": 1}, 4, map[string]int{"p": 2, "q": 2}},
		"more than are to be beside":                  {nil, map[string]int{"p": 2, "q": 3}, 1, map[string]int{"p": 2, "q": 3}},
		"another old revision's, which leave it less": {map[string]int{"q": 2}, map[string]int{}, 4, map[string]int{"p": 2, "q": 2}},
	} {
		t.Run(name, func(t *testing.T) {
			older := maps.Clone(tc.older)
			if older == nil {
				older = map[string]int{}
			}
			if diff := cmp.Diff(tc.want, Beside(shares, older, tc.newest, tc.n)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
