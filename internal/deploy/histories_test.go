// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"
)

// histories is how many are played of each kind, each from a seed of its own.
const histories = 10_000

// history is a deployment to which anything happens.
type history struct {
	*stagedWorld
	*rand.Rand
	// log is what happened, kept only of a history that is played again because something was wrong with it.
	log     []string
	verbose bool
}

func newHistory(seed uint64, verbose bool) *history {
	r := rand.New(rand.NewPCG(seed, 0))
	schedules := []Schedule{AllAtOnce(), Canary(1+r.Int32N(1000), minutes(r, 30)), Linear(30+r.Int32N(971), minutes(r, 30))}
	h := &history{stagedWorld: newStagedWorld(schedules[r.IntN(len(schedules))], r.Int32N(6)), Rand: r, verbose: verbose}
	h.bake = minutes(r, 60)
	h.bounds = Percentages{MinimumHealthy: r.Int32N(101), Maximum: 100 + r.Int32N(151)}
	switch r.IntN(5) {
	case 0:
		first(h.stagedWorld)
	case 1:
		headless(h.stagedWorld)
	case 2:
		leftover(h.stagedWorld)
	case 3:
		h.test.exists = false
	}
	return h
}

func minutes(r *rand.Rand, most int) time.Duration {
	return time.Duration(r.IntN(most+1)) * time.Minute
}

func (h *history) revision() *simRevision { return h.revisions[h.IntN(len(h.revisions))] }

// moves are what may happen between two looks, most of them often.
func (h *history) moves() []func() {
	return []func(){
		func() { h.revision().start() }, func() { h.revision().heal() }, func() { h.revision().reap() }, func() { h.revision().converge() },
		func() { h.tick() }, func() { h.tick() }, h.direct, h.direct,
		func() { h.now = h.now.Add(time.Duration(h.IntN(600)) * time.Second) },
		func() { h.rare()[h.IntN(len(h.rare()))]() },
	}
}

func (h *history) rare() []func() {
	return []func(){
		func() { h.revision().hurt() }, func() { h.revision().fail() }, func() { h.revision().recover() }, func() { h.revision().crash() },
		func() { h.revision().drain() }, func() { h.revision().undrain() }, func() { h.revision().relocate() },
		func() {
			for r := h.revision(); r.hurt(); {
			}
		},
		func() { h.desired = h.Int32N(6) },
		func() { h.production.wavers = h.production.exists },
		func() { h.hooksWait[stages[h.IntN(len(stages))].name] = h.IntN(2) == 0 },
		func() { h.now = h.now.Add(time.Duration(h.IntN(50)) * time.Hour) },
		func() { h.request() },
	}
}

// request is something that somebody asks for, or a signal that ends a deployment.
func (h *history) request() {
	what := []func(*stagedWorld){
		stop, alarm, breaker, hookFails,
		func(w *stagedWorld) { w.watch.Stop = StopAbort },
		func(w *stagedWorld) { alarm(w); w.watch.Alarms.Rollback = false },
		func(w *stagedWorld) { w.deploy(w.schedule) },
		func(w *stagedWorld) { w.deploy(Linear(250, time.Minute)) },
		func(w *stagedWorld) { w.deleting = true },
		desire(0),
	}
	i := h.IntN(len(what))
	h.note(func() string { return fmt.Sprintf("request %d", i) })
	what[i](h.stagedWorld)
}

// deploy is a newer deployment, which takes over from whatever is under way.
func (w *stagedWorld) deploy(schedule Schedule) {
	if len(w.revisions) >= 5 {
		return
	}
	o := w.staged()
	behind := o.Target
	if w.side != 0 {
		behind = w.side
	}
	w.carrying, w.side = o.Source, behind
	// The two target groups take turns: the new revision gets the one that most production traffic doesn't go to.
	if w.production.target > Whole/2 || o.Source == 0 {
		w.carrying, w.side = behind, o.Source
		w.production.target, w.test.target = Whole-w.production.target, Whole-w.test.target
		w.production.wanted, w.test.wanted = w.production.target, w.test.target
	}
	w.target++
	w.revisions = append(w.revisions, empty(w.target))
	w.schedule, w.state, w.ended, w.watch, w.began = schedule, Standing{}, "", Watch{}, w.now
}

// place is how far a deployment is: it never falls but by going back, and what went back doesn't go forth again.
func place(s Standing) int {
	if s.Back {
		return 1_000_000 + index(wayBack, s.Stage)
	}
	return index(stages, s.Stage) + 2*len(stages)*max(0, int(s.Step)-1)
}

// look plans and carries the plan out, and says what is wrong with it.
func (h *history) look() (StagedPlan, string) {
	o := h.staged()
	plan := Staged(o)
	h.note(func() string { return fmt.Sprintf("%s %s", h.now.Sub(epoch), h.stagedLine(plan)) })
	if again := Staged(o); !reflect.DeepEqual(plan, again) {
		return plan, "planned twice, it is another plan"
	}
	wrong := h.wrong(o, plan)
	before := o.Standing
	h.carryOut(plan)
	if wrong == "" && plan.Next != nil && place(h.state) < place(before) {
		wrong = "the stage fell"
	}
	return plan, wrong
}

func (h *history) wrong(o StagedObservation, p StagedPlan) string {
	target, source := o.target(), o.source()
	for ordinal, n := range p.Wanted {
		if n < 0 || p.Asked(ordinal) < 0 || n > max(o.Desired, o.revision(ordinal).Wanted) {
			return fmt.Sprintf("revision %d is to have %d of %d tasks", ordinal, n, o.Desired)
		}
	}
	switch shareMayMove := o.Source != 0 && !o.Deleting && o.Ended == "" && o.Standing.Stage != "" && p.Ended == "" && p.Abort == nil; {
	case p.Production < 0 || p.Production > Whole || p.Test < 0 || p.Test > Whole:
		return fmt.Sprintf("shares of %d and %d", p.Production, p.Test)
	case o.Ended != "" && (p.Next != nil || p.Ended != ""):
		return "what has ended goes on"
	case p.Next != nil && p.Ended != "":
		return "it ends and goes on"
	case shareMayMove && p.Production > 0 && target.Healthy == 0 && source.Healthy > 0:
		return "traffic is sent to a target without a healthy task"
	case shareMayMove && p.Production < Whole && source.Healthy == 0 && target.Healthy > 0 && o.Production.Target > 0 && o.Standing.Stage != reconcileService:
		return "traffic is sent to a source without a healthy task"
	case p.Production > o.Production.Target && shareMayMove && target.Healthy < o.Desired && source.Healthy > 0:
		return "more traffic is sent to a target that lacks tasks"
	case o.Deleting || !h.production.exists:
		return ""
	case o.Ended == "" && o.Source != 0 && (h.production.target != Whole || !o.Production.Settled) && p.Wanted[o.Source] < min(source.Wanted, o.Desired-source.Cooling):
		return "the source loses tasks while it carries traffic"
	case o.Ended == "" && len(o.Elsewhere) > 0 && p.Wanted[o.Elsewhere[0]] < min(o.revision(o.Elsewhere[0]).Wanted, o.Desired):
		return "a revision loses tasks while it carries traffic"
	case o.Ended == "" && o.Source != 0 && h.side == 0 && (h.production.target != 0 || !o.Production.Settled) && p.Wanted[o.Target] < min(target.Wanted, o.Desired-target.Cooling):
		return "the target loses tasks while it carries traffic"
	}
	return ""
}

func (h *history) note(what func() string) {
	if h.verbose {
		h.log = append(h.log, what())
	}
}

// each plays all histories, and one again of which something is wrong, to tell of it.
func eachHistory(t *testing.T, play func(*history) (wrong string)) {
	t.Helper()
	for seed := range uint64(histories) {
		if play(newHistory(seed, false)) == "" {
			continue
		}
		h := newHistory(seed, true)
		wrong := play(h)
		t.Fatalf("history %d: %s\n%s", seed, wrong, strings.Join(h.log[max(0, len(h.log)-40):], "\n"))
	}
}

// anything lets things happen between looks, so many times.
func (h *history) anything(times int, looked func()) (wrong string) {
	for range times {
		moves := h.moves()
		moves[h.IntN(len(moves))]()
		if _, wrong := h.look(); wrong != "" {
			return wrong
		}
		looked()
	}
	return ""
}

func TestInAnyHistoryOfADeploymentThatMovesTraffic(t *testing.T) {
	reached := map[string]bool{}
	eachHistory(t, func(h *history) string {
		return h.anything(20+h.IntN(100), func() {
			reached[fmt.Sprint(h.state.Stage, h.state.Back)] = true
			reached[string(h.ended)] = true
		})
	})
	for _, s := range stages {
		if !reached[fmt.Sprint(s.name, false)] {
			t.Errorf("no history reached %s", s.name)
		}
	}
	for _, s := range wayBack {
		if !reached[fmt.Sprint(s.name, true)] {
			t.Errorf("no history reached %s on its way back", s.name)
		}
	}
	for _, e := range []Ending{Succeeded, RolledBack, RollbackFailed, Failed} {
		if !reached[string(e)] {
			t.Errorf("no history ended as %s", e)
		}
	}
}

// From any state, any request converges: once nothing more happens from outside, the deployment ends, and the service rests as that end says.
func TestFromAnyStateAnyRequestConverges(t *testing.T) {
	eachHistory(t, func(h *history) string {
		if wrong := h.anything(h.IntN(120), func() {}); wrong != "" {
			return wrong
		}
		h.request()
		h.calm()
		before := h.ended
		if wrong := h.settle(); wrong != "" {
			return wrong
		}
		return h.restless(before)
	})
}

// calm ends what comes from outside: hooks pass, nothing drains, and tasks that are made become healthy.
func (h *history) calm() {
	h.hooksWait = map[Stage]bool{}
	for _, r := range h.revisions {
		r.frail = 0
		for r.undrain() || r.stay() {
		}
	}
}

// settle lets time pass until neither the world nor the plan moves any more.
func (h *history) settle() (wrong string) {
	last := StagedPlan{}
	for range 1000 {
		plan, wrong := h.look()
		if wrong != "" {
			return wrong
		}
		was := h.staged()
		h.pass(10 * time.Second)
		is := h.staged()
		is.Now = was.Now
		if reflect.DeepEqual(was, is) && reflect.DeepEqual(plan, last) {
			if plan.LookAgain.IsZero() {
				return ""
			}
			h.now = latest(h.now, plan.LookAgain)
		}
		last = plan
	}
	return "it doesn't come to rest"
}

// restless is what is wrong with the service after it has come to rest. before is how the deployment had ended before it was calm.
func (h *history) restless(before Ending) string {
	o := h.staged()
	live := func(ordinal int64) int32 { return o.revision(ordinal).live() + o.revision(ordinal).Stopping }
	var others int32
	for _, r := range h.revisions {
		if r.Ordinal != o.Target && r.Ordinal != o.Source {
			others += live(r.Ordinal)
		}
	}
	switch {
	case h.deleting:
		if others+live(o.Target)+live(o.Source) > 0 {
			return "a deleted service has tasks"
		}
	case h.ended == "":
		return "it doesn't end"
	case h.ended == Succeeded && (o.target().Healthy != h.desired || live(o.Source)+others > 0 || h.production.exists && h.production.target != Whole):
		return "it succeeded, and the target doesn't have everything"
	case h.ended == RolledBack && (o.source().Healthy != h.desired || live(o.Target)+others > 0 || h.production.exists && h.production.target != 0):
		return "it went back, and the source doesn't have everything"
	case h.ended == RollbackFailed && before == "":
		return "it couldn't go back, though nothing keeps it"
	}
	return ""
}
