// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"strings"
	"testing"
	"time"
)

// once is something that happens when a stage is first reached on the way there, at a step if one is given.
func once(stage Stage, step int32, what func(*stagedWorld)) func(*stagedWorld) {
	did := false
	return func(w *stagedWorld) {
		if !did && !w.state.Back && w.state.Stage == stage && (step == 0 || w.state.Step == step) {
			did = true
			what(w)
		}
	}
}

func stop(w *stagedWorld) { w.watch.Stop = StopRollback }

func alarm(w *stagedWorld) {
	w.watch.Alarms = Alarms{Enabled: true, Rollback: true, Firing: []string{"high-5xx"}}
}

func breaker(w *stagedWorld) {
	w.watch.Breaker = Breaker{Enabled: true, Rollback: true, Failures: 3, Threshold: 3, Last: "essential container in task exited"}
}

func hookFails(w *stagedWorld) {
	w.watch.Hook = "hook 1 at " + string(w.state.Stage) + " didn't answer within 60 minutes"
}

func desire(n int32) func(*stagedWorld) { return func(w *stagedWorld) { w.desired = n } }

func dies(of int) func(*stagedWorld) {
	return func(w *stagedWorld) {
		for w.revisions[of].hurt() && w.revisions[of].fail() {
		}
	}
}

func edit(w *stagedWorld, edits ...func(*stagedWorld)) *stagedWorld {
	for _, e := range edits {
		e(w)
	}
	return w
}

func bluegreen() *stagedWorld { return newStagedWorld(AllAtOnce(), 4) }
func canary() *stagedWorld    { return newStagedWorld(Canary(50, 10*time.Minute), 4) }
func linear() *stagedWorld    { return newStagedWorld(Linear(300, 6*time.Minute), 4) }

func headless(w *stagedWorld) { w.production.exists, w.test.exists = false, false }

func first(w *stagedWorld) {
	w.target, w.completed, w.revisions = 1, 0, []*simRevision{empty(1)}
}

func brokenTarget(w *stagedWorld) { w.revisions[1] = broken(2) }

// leftover is a deployment on top of one that was superseded while a tenth of the traffic went to its target.
func leftover(w *stagedWorld) {
	w.target, w.revisions = 3, []*simRevision{healthy(1, 4), healthy(2, 4), empty(3)}
	w.production.target, w.production.wanted, w.side = 100, 100, 2
}

// Each timeline is a whole deployment that can be read aloud: testdata/timelines/<name>.txt.
func TestStagedTimelines(t *testing.T) {
	tests := map[string]struct {
		world *stagedWorld
		what  func(*stagedWorld)
	}{
		"bluegreen":                               {world: bluegreen()},
		"bluegreen-first-deployment":              {world: edit(bluegreen(), first)},
		"bluegreen-headless":                      {world: edit(bluegreen(), headless)},
		"bluegreen-without-test-traffic":          {world: edit(bluegreen(), func(w *stagedWorld) { w.test.exists = false })},
		"bluegreen-more-than-one-source":          {world: edit(bluegreen(), leftover)},
		"bluegreen-nothing-desired":               {world: edit(bluegreen(), desire(0))},
		"bluegreen-hook-timeout-before-scale-up":  {world: bluegreen(), what: once(preScaleUp, 0, hookFails)},
		"bluegreen-hook-timeout-test-traffic":     {world: bluegreen(), what: once(postTestTrafficShift, 0, hookFails)},
		"bluegreen-alarm-during-bake":             {world: bluegreen(), what: once(bakeTime, 0, alarm)},
		"bluegreen-alarm-in-clean-up-is-too-late": {world: bluegreen(), what: once(cleanUp, 0, alarm)},
		"bluegreen-alarm-without-rollback": {world: bluegreen(), what: once(bakeTime, 0, func(w *stagedWorld) {
			alarm(w)
			w.watch.Alarms.Rollback = false
		})},
		"bluegreen-breaker-in-scale-up":           {world: edit(bluegreen(), brokenTarget), what: once(scaleUp, 0, breaker)},
		"bluegreen-breaker-in-a-first-deployment": {world: edit(bluegreen(), first, func(w *stagedWorld) { w.revisions[0].broken = true }), what: once(scaleUp, 0, breaker)},
		"bluegreen-broken-target-without-breaker": {world: edit(bluegreen(), brokenTarget)},
		"bluegreen-scale-out-during-bake":         {world: bluegreen(), what: once(bakeTime, 0, desire(6))},
		"bluegreen-scale-in-during-scale-up":      {world: bluegreen(), what: once(scaleUp, 0, desire(2))},
		"bluegreen-target-dies-during-bake":       {world: bluegreen(), what: once(bakeTime, 0, dies(1))},
		"bluegreen-source-dies-before-the-shift":  {world: bluegreen(), what: once(postTestTrafficShift, 0, dies(0))},
		"bluegreen-router-that-never-settles":     {world: bluegreen(), what: once(productionTrafficShift, 0, func(w *stagedWorld) { w.production.stuck = true })},
		"bluegreen-stop-without-going-back":       {world: bluegreen(), what: once(bakeTime, 0, func(w *stagedWorld) { w.watch.Stop = StopAbort })},
		"bluegreen-service-deleted-in-the-middle": {world: bluegreen(), what: once(productionTrafficShift, 0, func(w *stagedWorld) { w.deleting = true })},
		"canary":                                   {world: canary()},
		"canary-headless":                          {world: edit(canary(), headless)},
		"canary-first-deployment":                  {world: edit(canary(), first)},
		"canary-alarm-at-the-first-step":           {world: canary(), what: once(productionTrafficShift, 1, alarm)},
		"canary-hook-timeout-at-the-second-step":   {world: canary(), what: once(preProductionTrafficShift, 2, hookFails)},
		"canary-target-dies-at-the-first-step":     {world: canary(), what: once(productionTrafficShift, 1, dies(1))},
		"canary-scale-out-at-the-first-step":       {world: canary(), what: once(productionTrafficShift, 1, desire(6))},
		"linear":                                   {world: linear()},
		"linear-alarm-at-the-third-step":           {world: linear(), what: once(productionTrafficShift, 3, alarm)},
		"linear-scale-to-zero-at-the-second-step":  {world: linear(), what: once(productionTrafficShift, 2, desire(0))},
		"linear-without-bake-time-between-steps":   {world: edit(linear(), func(w *stagedWorld) { w.schedule.wait = 0 })},
		"bluegreen-a-hook-that-waits-is-no-delay":  {world: bluegreen(), what: hold(postTestTrafficShift, 48*time.Hour)},
		"bluegreen-goes-back-while-its-hooks-wait": {world: bluegreen(), what: both2(once(bakeTime, 0, stop), holdBack(productionTrafficShift, time.Hour))},
	}
	protected := edit(bluegreen(), func(w *stagedWorld) { w.revisions[0].Protected = 1 })
	tests["bluegreen-protected-task-of-the-source"] = struct {
		world *stagedWorld
		what  func(*stagedWorld)
	}{protected, func(w *stagedWorld) {
		if w.state.Stage == cleanUp && w.now.After(w.state.Since.Add(time.Minute)) {
			w.revisions[0].Protected = 0
		}
		w.hooksWait[cleanUp] = true // it is looked at again, though nothing moves
	}}
	for _, s := range stages {
		name := strings.ReplaceAll(strings.ToLower(string(s.name)), "_", "-")
		w := bluegreen()
		if s.name == reconcileService {
			leftover(w)
		}
		tests["bluegreen-stop-at-"+name] = struct {
			world *stagedWorld
			what  func(*stagedWorld)
		}{w, once(s.name, 0, stop)}
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			got := tc.world.timeline(tc.what, func(diff string) { t.Errorf("planned twice:\n%s", diff) })
			golden(t, name, got)
			if tc.world.ended == "" && !tc.world.deleting {
				t.Errorf("it doesn't end:\n%s", got)
			}
		})
	}
}

// hold makes hooks wait at a stage for so long.
func hold(stage Stage, d time.Duration) func(*stagedWorld) {
	return func(w *stagedWorld) {
		if w.state.Stage == stage && !w.state.Back {
			w.hooksWait[stage] = w.now.Before(w.state.Since.Add(d))
			if w.hooksWait[stage] && w.now.Sub(w.state.Since) > time.Minute {
				w.now = w.state.Since.Add(d) // nothing happens meanwhile
				w.hooksWait[stage] = false
			}
		}
	}
}

func holdBack(stage Stage, d time.Duration) func(*stagedWorld) {
	return func(w *stagedWorld) {
		w.hooksWait[stage] = false
		if w.state.Stage == stage && w.state.Back {
			if w.now.Sub(w.state.Since) > time.Minute {
				w.now = latest(w.now, w.state.Since.Add(d))
			}
			w.hooksWait[stage] = w.now.Before(w.state.Since.Add(d))
		}
	}
}

func both2(a, b func(*stagedWorld)) func(*stagedWorld) {
	return func(w *stagedWorld) { a(w); b(w) }
}
