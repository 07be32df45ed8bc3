// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

var bodies = []string{
	`{"hookStatus":"SUCCEEDED"}`, `{"hookStatus":"FAILED"}`, `{"hookStatus":"IN_PROGRESS"}`, `{"hookStatus":"IN_PROGRESS","callBackDelay":5,"hookDetails":{"n":1}}`, "garbage",
}

func drawHook(t *rapid.T) ecsv1.DeploymentLifecycleHook {
	stages := rapid.SliceOfNDistinct(rapid.SampledFrom([]ecsv1.DeploymentLifecycleHookStage{postScaleUp, preShift}), 1, 2, rapid.ID).Draw(t, "stages")
	hook := asks("https://a.example", stages...)
	if rapid.Bool().Draw(t, "pause") {
		hook = pauses(stages...)
	}
	return within(rapid.Int32Range(1, 10).Draw(t, "minutes"), rapid.SampledFrom([]ecsv1.DeploymentLifecycleHookAction{"", goOn, rollback}).Draw(t, "action"), hook)
}

// drawLook changes what is known as the world does: time passes, calls are answered, people decide, the deployment goes on.
func drawLook(t *rapid.T, in *Input, calls []Call) {
	in.Now = in.Now.Add(time.Duration(rapid.IntRange(0, 90_000).Draw(t, "ms")) * time.Millisecond)
	in.Answers = map[string]Answer{}
	for _, c := range calls {
		switch rapid.IntRange(0, 3).Draw(t, "answer") {
		case 0:
			in.Answers[c.HookID] = Answer{Call: c.Number, Body: []byte(rapid.SampledFrom(bodies).Draw(t, "body"))}
		case 1:
			in.Answers[c.HookID] = Answer{Call: c.Number, Unreached: true, Failure: "refused"}
		}
	}
	if len(in.Runs) > 0 && rapid.IntRange(0, 4).Draw(t, "decides") == 0 {
		id := in.Runs[rapid.IntRange(0, len(in.Runs)-1).Draw(t, "run")].HookId
		in.Decisions = map[string]ecsv1.DeploymentLifecycleHookAction{id: rapid.SampledFrom([]ecsv1.DeploymentLifecycleHookAction{goOn, rollback}).Draw(t, "decision")}
	}
	if rapid.IntRange(0, 5).Draw(t, "moves") == 0 {
		in.Moment = Moment{Stage: preShift, Step: in.Moment.Step + 1}
	}
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := Input{Moment: Moment{Stage: postScaleUp}, Deployment: Deployment{UID: "uid"}, Now: start}
		for range rapid.IntRange(1, 4).Draw(t, "hooks") {
			in.Hooks = append(in.Hooks, drawHook(t))
		}
		asked, answered := map[string]int{}, map[string]int32{}
		for range rapid.IntRange(1, 30).Draw(t, "looks") {
			before := slices.Clone(in.Runs)
			out := Next(in)
			if diff := cmp.Diff(before, in.Runs); diff != "" {
				t.Fatalf("what it was given changed: %s", diff)
			}
			again := in
			again.Runs, again.Answers = out.Runs, nil
			if diff := cmp.Diff(out, Next(again)); diff != "" {
				t.Fatalf("planned twice it isn't the same: %s", diff)
			}
			sayHistoryHolds(t, before, out)
			sayVerdictHolds(t, in, out)
			for _, c := range out.Calls {
				if n, ok := answered[c.HookID]; ok && c.Number <= n {
					t.Fatalf("call %d of %s is made again after its answer", c.Number, c.HookID)
				}
				asked[fmt.Sprint(c.HookID, c.Number)]++
			}
			in.Runs = out.Runs
			drawLook(t, &in, out.Calls)
			for id, a := range in.Answers {
				answered[id] = a.Call
			}
		}
	})
}

// sayHistoryHolds: a decided run never changes, and no run is lost while there is room.
func sayHistoryHolds(t *rapid.T, before []ecsv1.DeploymentLifecycleHookDetail, out Output) {
	for i := range before {
		j := indexOf(out.Runs, before[i].HookId)
		if j < 0 {
			t.Fatalf("run %s is gone", before[i].HookId)
		}
		was, is := before[i], out.Runs[j]
		was.HookDetails, is.HookDetails = nil, nil // these go on to the next run of the hook
		if diff := cmp.Diff(was, is); decided(&before[i]) && diff != "" {
			t.Fatalf("a decided run changed: %s", diff)
		}
	}
}

// sayVerdictHolds: a deployment passes when every hook of the moment has passed, fails when one has failed, and else waits for something that
// will be looked at.
func sayVerdictHolds(t *rapid.T, in Input, out Output) {
	failed, waiting := 0, 0
	for i := range in.Hooks {
		j := indexOf(out.Runs, in.hookID(i))
		if j < 0 {
			continue
		}
		switch r := out.Runs[j]; {
		case !decided(&r):
			waiting++
			if !in.Now.Truncate(time.Second).Before(r.ExpiresAt.Time) {
				t.Fatalf("%s waits beyond its time", r.HookId)
			}
		case r.Status == ecsv1.DeploymentLifecycleHookStatusFailed || r.Status == ecsv1.DeploymentLifecycleHookStatusTimedOut && r.TimeoutAction != goOn:
			failed++
		}
	}
	want := Passed
	switch {
	case failed > 0:
		want = Failed
	case waiting > 0:
		want = Waiting
	}
	if out.Verdict != want || (out.Why == "") != (want == Passed) {
		t.Fatalf("%s (%s) with %d failed and %d undecided", out.Verdict, out.Why, failed, waiting)
	}
	if want == Waiting && !out.Next.After(in.Now.Truncate(time.Second)) {
		t.Fatalf("waits, and looks again at %s", out.Next)
	}
	if want != Waiting && len(out.Calls) > 0 {
		t.Fatalf("asks though it is decided")
	}
}

func TestRunsFitIntoTheStatus(t *testing.T) {
	in := Input{Deployment: Deployment{UID: "uid"}, Now: start}
	for range 20 {
		in.Hooks = append(in.Hooks, asks("https://a.example", preShift))
	}
	for step := int32(1); step <= 34; step++ {
		in.Moment, in.Answers = Moment{Stage: preShift, Step: step}, nil
		out := Next(in)
		in.Runs, in.Answers = out.Runs, map[string]Answer{}
		for _, c := range out.Calls {
			in.Answers[c.HookID] = Answer{Call: c.Number, Body: []byte(`{"hookStatus":"SUCCEEDED"}`)}
		}
		out = Next(in)
		in.Runs = out.Runs
		if len(out.Runs) > mostRuns || out.Verdict != Passed {
			t.Fatalf("step %d: %d runs, %s", step, len(out.Runs), out.Verdict)
		}
		for i := range in.Hooks {
			if indexOf(out.Runs, in.hookID(i)) < 0 {
				t.Fatalf("step %d: hook %d has no run any more", step, i)
			}
		}
	}
	if first := in.Runs[0].HookId; !names.SameHook(first, in.hookID(0)) {
		t.Errorf("the oldest are dropped first, and %s is there", first)
	}
}
