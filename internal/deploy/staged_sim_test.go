// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"
)

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// simRouter directs traffic some time after it was told to.
type simRouter struct {
	exists         bool
	target, wanted int32
	// stuck: nothing that it is told happens.
	stuck bool
	// wavers: for now it can't be told whether what is directed happens.
	wavers bool
}

func (r *simRouter) observe() Router {
	return Router{Exists: r.exists, Target: r.target, Settled: r.target == r.wanted && !r.wavers, Why: "the route to be programmed"}
}

func (r *simRouter) tick() {
	if !r.stuck {
		r.target, r.wavers = r.wanted, false
	}
}

// stagedWorld is a world whose deployment moves traffic.
type stagedWorld struct {
	*world
	schedule         Schedule
	bake             time.Duration
	now, began       time.Time
	production, test *simRouter
	state            Standing
	ended            Ending
	deleting         bool
	completed        int64
	// carrying is the revision that most production traffic went to when the deployment began.
	carrying int64
	// side is the revision that has the target group which is to be the target's, 0 once it is.
	side  int64
	watch Watch
	// hooksWait are the moments at which hooks wait, by stage.
	hooksWait map[Stage]bool
}

func newStagedWorld(schedule Schedule, desired int32) *stagedWorld {
	w := &stagedWorld{
		world:    &world{desired: desired, bounds: DefaultPercentages, target: 2, revisions: []*simRevision{healthy(1, desired), empty(2)}},
		schedule: schedule, bake: 10 * time.Minute, now: epoch, began: epoch, completed: 1,
		production: &simRouter{exists: true}, test: &simRouter{exists: true}, hooksWait: map[Stage]bool{},
	}
	return w
}

func (w *stagedWorld) staged() StagedObservation {
	o := StagedObservation{
		Now: w.now, Schedule: w.schedule, Bake: w.bake, Desired: w.desired, Bounds: w.bounds, Target: w.target,
		Production: w.production.observe(), Test: w.test.observe(), Watch: w.watch, Standing: w.state, Began: w.began, Ended: w.ended, Deleting: w.deleting,
		Revisions: w.observe().Revisions,
	}
	if w.hooksWait[w.state.Stage] {
		o.HooksWait = "waiting for hooks"
	}
	if o.Source = Keep(o.Revisions, w.target, w.carrying, w.completed); o.Source == 0 && w.completed != w.target {
		o.Source = w.completed
	}
	if w.side != 0 {
		// The endpoints are those of whoever has the target group: it isn't told that they are to be another's.
		o.Production.Target, o.Test.Target, o.Production.Settled = 0, 0, !w.production.wavers
		if w.side != o.Source && w.production.target > 0 {
			o.Elsewhere = []int64{w.side}
		}
	}
	o.MayGoBack = o.Source != 0 && o.Source == w.completed
	return o
}

// carryOut does what the controller does with a plan.
func (w *stagedWorld) carryOut(p StagedPlan) {
	w.apply(p.Plan)
	if !p.Still {
		w.production.wanted, w.test.wanted = p.Production, p.Test
	}
	if p.Next != nil {
		w.state = *p.Next
	}
	if p.Ended != "" {
		w.ended = p.Ended
	}
	if p.Ended == Succeeded {
		w.completed = w.target
	}
}

func (w *stagedWorld) pass(d time.Duration) {
	w.now = w.now.Add(d)
	w.tick()
	w.direct()
}

// direct lets routers do what they were told. A target group without traffic becomes the target's.
func (w *stagedWorld) direct() {
	w.production.tick()
	w.test.tick()
	if w.production.target == 0 {
		w.side = 0
	}
}

// stagedLine is one look, to be read aloud.
func (w *stagedWorld) stagedLine(p StagedPlan) string {
	var b strings.Builder
	name := string(w.state.Stage)
	if w.state.Back {
		name += ", back"
	}
	fmt.Fprintf(&b, "%-36s", strings.TrimPrefix(name, ", "))
	for _, r := range w.revisions {
		fmt.Fprintf(&b, "rev %d %d/%d", r.Ordinal, r.Healthy, r.Wanted)
		if r.Stopping > 0 {
			fmt.Fprintf(&b, " (%d stopping)", r.Stopping)
		}
		b.WriteString("  ")
	}
	if w.production.exists {
		fmt.Fprintf(&b, "prod %s  test %s  ", percent(w.production.target), percent(w.test.target))
	}
	if w.state.Step > 0 && w.ended == "" {
		fmt.Fprintf(&b, "step %d of %d  ", w.state.Step, w.staged().steps())
	}
	b.WriteString(p.Why)
	if p.Ended != "" {
		fmt.Fprintf(&b, ": %s", p.Ended)
	}
	return b.String()
}

// timeline plays a deployment until it rests. What happens meanwhile is called before each look.
func (w *stagedWorld) timeline(what func(*stagedWorld), differs func(string)) string {
	var lines []string
	last := ""
	for range 400 {
		if what != nil {
			what(w)
		}
		before := w.staged()
		plan := Staged(before)
		if again := Staged(before); !cmp.Equal(plan, again) {
			differs(cmp.Diff(plan, again))
		}
		if line := w.stagedLine(plan); line != last {
			lines = append(lines, fmt.Sprintf("t+%-7s %s", short(w.now.Sub(epoch)), line))
			last = line
		}
		w.carryOut(plan)
		w.pass(10 * time.Second)
		after := w.staged()
		after.Now = before.Now
		if reflect.DeepEqual(before, after) {
			switch {
			case !plan.LookAgain.IsZero():
				w.now = latest(w.now, plan.LookAgain)
			case before.HooksWait == "":
				return strings.Join(lines, "\n") + "\n"
			}
		}
	}
	return strings.Join(lines, "\n") + "\n"
}

// short is 1h30m rather than 1h30m0s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
