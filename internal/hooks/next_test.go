// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

const (
	postScaleUp = ecsv1.DeploymentLifecycleHookStagePostScaleUp
	preShift    = ecsv1.DeploymentLifecycleHookStagePreProductionTrafficShift
	shift       = ecsv1.DeploymentLifecycleHookStageProductionTrafficShift
	rollback    = ecsv1.DeploymentLifecycleHookActionRollback
	goOn        = ecsv1.DeploymentLifecycleHookActionContinue
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func asks(target string, stages ...ecsv1.DeploymentLifecycleHookStage) ecsv1.DeploymentLifecycleHook {
	return ecsv1.DeploymentLifecycleHook{HookTargetArn: target, LifecycleStages: stages}
}

func pauses(stages ...ecsv1.DeploymentLifecycleHookStage) ecsv1.DeploymentLifecycleHook {
	return ecsv1.DeploymentLifecycleHook{TargetType: ecsv1.DeploymentLifecycleHookTargetTypePause, LifecycleStages: stages}
}

func within(minutes int32, action ecsv1.DeploymentLifecycleHookAction, h ecsv1.DeploymentLifecycleHook) ecsv1.DeploymentLifecycleHook {
	h.TimeoutConfiguration = &ecsv1.DeploymentLifecycleHookTimeoutConfiguration{TimeoutInMinutes: &minutes, Action: action}
	return h
}

// tale is a deployment whose hooks are looked at again and again.
type tale struct {
	*testing.T
	in  Input
	out Output
}

func tell(t *testing.T, at Moment, hooks ...ecsv1.DeploymentLifecycleHook) *tale {
	out := &tale{T: t, in: Input{Hooks: hooks, Moment: at, Deployment: Deployment{UID: "uid"}, Now: start}}
	out.look()
	return out
}

func (a *tale) look() {
	a.Helper()
	a.out = Next(a.in)
	a.in.Runs, a.in.Answers = a.out.Runs, nil
	if again := Next(a.in); cmp.Diff(a.out, again) != "" {
		a.Errorf("planned twice: %s", cmp.Diff(a.out, again))
	}
}

// answer answers the call of a hook as the one that is asked does.
func (a *tale) answer(hook int, body string) {
	a.Helper()
	a.reply(hook, Answer{Body: []byte(body)})
}

func (a *tale) reply(hook int, answer Answer) {
	a.Helper()
	for _, c := range a.out.Calls {
		if c.HookID == a.in.hookID(hook) {
			answer.Call = c.Number
			a.in.Answers = map[string]Answer{c.HookID: answer}
			a.look()
			return
		}
	}
	a.Fatalf("hook %d isn't asked", hook)
}

func (a *tale) decide(hook int, action ecsv1.DeploymentLifecycleHookAction) {
	a.in.Decisions = map[string]ecsv1.DeploymentLifecycleHookAction{a.in.hookID(hook): action}
	a.look()
}

func (a *tale) after(d time.Duration) { a.in.Now = a.in.Now.Add(d); a.look() }

func (a *tale) want(verdict Verdict, fragments ...string) {
	a.Helper()
	if a.out.Verdict != verdict {
		a.Errorf("%s (%s), want %s", a.out.Verdict, a.out.Why, verdict)
	}
	for _, f := range fragments {
		if !strings.Contains(a.out.Why, f) {
			a.Errorf("says %q, want %q in it", a.out.Why, f)
		}
	}
}

func (a *tale) statuses() string {
	var all []string
	for _, r := range a.out.Runs {
		all = append(all, string(r.Status))
	}
	return strings.Join(all, " ")
}

func (a *tale) wantRuns(want string) {
	a.Helper()
	if got := a.statuses(); got != want {
		a.Errorf("runs are %s, want %s", got, want)
	}
}

func (a *tale) wantNext(in time.Duration) {
	a.Helper()
	if got := a.out.Next.Sub(a.in.Now); got != in {
		a.Errorf("looks again in %s, want %s", got, in)
	}
}

func TestHooks(t *testing.T) {
	at := Moment{Stage: postScaleUp}
	for name, tc := range map[string]func(*testing.T){
		"a stage without hooks passes": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", preShift), pauses(preShift))
			a.want(Passed)
			a.wantRuns("")
		},
		"a hook is asked and the deployment waits": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp))
			a.want(Waiting, "lifecycleHooks[0] (https://a.example) at POST_SCALE_UP")
			a.wantNext(24 * time.Hour)
			if len(a.out.Calls) != 1 || a.out.Calls[0].Target.URL != "https://a.example" || a.out.Paused {
				t.Errorf("%+v", a.out)
			}
		},
		"all hooks of a stage are asked at once, and all have to pass": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp), asks("job/b", preShift), asks("job/c", postScaleUp))
			if len(a.out.Calls) != 2 {
				t.Errorf("%d calls", len(a.out.Calls))
			}
			a.answer(2, `{"hookStatus":"SUCCEEDED"}`)
			a.want(Waiting, "lifecycleHooks[0]")
			a.answer(0, `{"hookStatus":"SUCCEEDED"}`)
			a.want(Passed)
		},
		"one that fails is enough, and the others aren't asked any more": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp), asks("job/c", postScaleUp))
			a.answer(1, `{"hookStatus":"FAILED","reason":"3 of 7 checks failed"}`)
			a.want(Failed, "lifecycleHooks[1] (job/c) at POST_SCALE_UP is FAILED", "3 of 7 checks failed")
			if len(a.out.Calls) != 0 {
				t.Error("asks on")
			}
			a.in.Moment = Moment{Stage: shift, Back: true}
			a.look()
			a.wantRuns("FAILED FAILED")
			a.want(Passed)
		},
		"a hook that is at work is asked again after 30 seconds": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp))
			key := a.out.Calls[0].IdempotencyKey
			a.answer(0, `{"hookStatus":"IN_PROGRESS"}`)
			a.want(Waiting)
			a.wantNext(30 * time.Second)
			a.after(29 * time.Second)
			if len(a.out.Calls) != 0 {
				t.Error("asks too early")
			}
			a.after(time.Second)
			if len(a.out.Calls) != 1 || a.out.Calls[0].Number != 1 || a.out.Calls[0].IdempotencyKey == key {
				t.Errorf("%+v", a.out.Calls)
			}
			a.answer(0, `{"hookStatus":"SUCCEEDED"}`)
			a.want(Passed)
		},
		"or after the time that it gives": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp))
			a.answer(0, `{"hookStatus":"IN_PROGRESS","callBackDelay":90}`)
			a.wantNext(90 * time.Second)
			a.after(90 * time.Second)
			a.answer(0, `{"hookStatus":"IN_PROGRESS","callBackDelay":0}`)
			a.wantNext(time.Second)
		},
		"a delay that can't be read is the default": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp))
			a.answer(0, `{"hookStatus":"IN_PROGRESS","callBackDelay":"soon"}`)
			a.wantNext(30 * time.Second)
		},
		"an endpoint that can't be reached is tried six times in 2 minutes and 15 seconds": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp))
			key := a.out.Calls[0].IdempotencyKey
			for i, pause := range again {
				a.reply(0, Answer{Unreached: true, Failure: "connection refused"})
				a.want(Waiting, "reached nobody: connection refused")
				a.wantNext(pause)
				a.after(pause)
				if len(a.out.Calls) != 1 || a.out.Calls[0].IdempotencyKey != key || int(a.out.Calls[0].Number) != i+1 {
					t.Fatalf("%+v", a.out.Calls)
				}
			}
			a.reply(0, Answer{Unreached: true, Failure: "connection refused"})
			a.want(Failed, "call 6 of 6 reached nobody: connection refused")
		},
		"one that comes back counts anew": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp))
			a.reply(0, Answer{Unreached: true, Failure: "connection refused"})
			a.after(again[0])
			a.answer(0, `{"hookStatus":"IN_PROGRESS"}`)
			if a.out.Runs[0].UnansweredCalls != nil {
				t.Error("still counted")
			}
			a.after(30 * time.Second)
			a.reply(0, Answer{Unreached: true, Failure: "connection refused"})
			a.wantNext(again[0])
		},
		"a call that fails otherwise fails the hook at once": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp))
			a.reply(0, Answer{Failure: "answered HTTP status 500"})
			a.want(Failed, "answered HTTP status 500")
		},
		"an answer to an earlier call isn't taken": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp))
			a.answer(0, `{"hookStatus":"IN_PROGRESS"}`)
			a.in.Answers = map[string]Answer{a.in.hookID(0): {Call: 0, Body: []byte(`{"hookStatus":"FAILED"}`)}}
			a.look()
			a.want(Waiting)
		},
		"after its time a hook is timed out and the deployment goes back": func(t *testing.T) {
			a := tell(t, at, within(5, "", asks("https://a.example", postScaleUp)))
			a.wantNext(5 * time.Minute)
			a.after(5 * time.Minute)
			a.wantRuns("TIMED_OUT")
			a.want(Failed, "TIMED_OUT", "within 5 minutes")
		},
		"or on, where the timeout's action is CONTINUE": func(t *testing.T) {
			a := tell(t, at, within(5, goOn, asks("https://a.example", postScaleUp)))
			a.after(5 * time.Minute)
			a.wantRuns("TIMED_OUT")
			a.want(Passed)
		},
		"unset, the time is a day": func(t *testing.T) {
			a := tell(t, at, asks("https://a.example", postScaleUp))
			a.after(24*time.Hour - time.Second)
			a.wantRuns("IN_PROGRESS")
			a.after(time.Second)
			a.wantRuns("TIMED_OUT")
		},
		"an answer that comes with the end of the time counts": func(t *testing.T) {
			a := tell(t, at, within(5, "", asks("https://a.example", postScaleUp)))
			a.in.Now = start.Add(5 * time.Minute)
			a.answer(0, `{"hookStatus":"SUCCEEDED"}`)
			a.want(Passed)
		},
		"a pause waits for a person, and says what to do": func(t *testing.T) {
			a := tell(t, at, pauses(postScaleUp))
			a.wantRuns("AWAITING_ACTION")
			a.want(Waiting, "ecs.pods.dev/continue-deployment", a.in.hookID(0), "=ROLLBACK")
			if !a.out.Paused || len(a.out.Calls) != 0 {
				t.Errorf("%+v", a.out)
			}
			a.decide(0, goOn)
			a.want(Passed)
			a.wantRuns("SUCCEEDED")
		},
		"a person can roll back": func(t *testing.T) {
			a := tell(t, at, pauses(postScaleUp))
			a.decide(0, rollback)
			a.want(Failed, "rolled back by ecs.pods.dev/continue-deployment")
		},
		"a pause may last two weeks": func(t *testing.T) {
			a := tell(t, at, within(20160, goOn, pauses(postScaleUp)))
			a.after(14*24*time.Hour - time.Second)
			a.want(Waiting)
			a.after(time.Second)
			a.want(Passed)
		},
		"with a hook at work the deployment isn't paused": func(t *testing.T) {
			a := tell(t, at, pauses(postScaleUp), asks("https://a.example", postScaleUp))
			if a.out.Paused {
				t.Error("paused")
			}
			a.answer(1, `{"hookStatus":"IN_PROGRESS"}`)
			if a.out.Paused {
				t.Error("paused between two calls")
			}
			a.after(30 * time.Second)
			a.answer(1, `{"hookStatus":"SUCCEEDED"}`)
			if !a.out.Paused {
				t.Error("not paused")
			}
		},
		"each step of a shift has a pause of its own": func(t *testing.T) {
			a := tell(t, Moment{Stage: preShift, Step: 1}, pauses(preShift))
			first := a.in.hookID(0)
			a.decide(0, goOn)
			a.want(Passed)
			a.in.Moment.Step = 2
			a.look()
			a.want(Waiting)
			a.wantRuns("SUCCEEDED AWAITING_ACTION")
			if a.in.hookID(0) == first {
				t.Error("the first decision holds for all steps")
			}
		},
		"on the way back a hook runs again": func(t *testing.T) {
			a := tell(t, Moment{Stage: shift}, asks("https://a.example", shift))
			a.answer(0, `{"hookStatus":"SUCCEEDED"}`)
			a.in.Moment.Back = true
			a.look()
			a.wantRuns("SUCCEEDED IN_PROGRESS")
		},
		"a decision for nobody is told, and does nothing": func(t *testing.T) {
			a := tell(t, at, pauses(postScaleUp), asks("https://a.example", postScaleUp))
			a.in.Decisions = map[string]ecsv1.DeploymentLifecycleHookAction{"ecs-pause-x": goOn, a.in.hookID(1): goOn}
			a.look()
			a.wantRuns("AWAITING_ACTION IN_PROGRESS")
			if len(a.out.Ignored) != 2 || !strings.Contains(strings.Join(a.out.Ignored, "\n"), `hookId "ecs-pause-x"`) {
				t.Errorf("%q", a.out.Ignored)
			}
		},
		"a decision that was taken isn't told of again": func(t *testing.T) {
			a := tell(t, Moment{Stage: preShift, Step: 1}, pauses(preShift))
			a.decide(0, goOn)
			a.in.Moment.Step = 2
			a.look()
			if len(a.out.Ignored) != 0 {
				t.Errorf("%q", a.out.Ignored)
			}
		},
		"a decision that was taken isn't told of again when its run has made room for others": func(t *testing.T) {
			a := tell(t, Moment{Stage: preShift, Step: 1}, pauses(preShift))
			first := a.in.hookID(0)
			a.in.Decisions = map[string]ecsv1.DeploymentLifecycleHookAction{first: goOn, "ecs-pause-x": goOn}
			for step := range int32(mostRuns + 2) {
				a.in.Moment.Step = step + 1
				a.in.Decisions[a.in.hookID(0)] = goOn
				a.look()
			}
			if indexOf(a.out.Runs, first) >= 0 || len(a.out.Ignored) != 1 || !strings.Contains(a.out.Ignored[0], "ecs-pause-x") {
				t.Errorf("of %d runs: %q", len(a.out.Runs), a.out.Ignored)
			}
		},
		"a Lambda function that nothing stands for fails, and says where to say it": func(t *testing.T) {
			a := tell(t, at, asks("arn:aws:lambda:us-west-2:123456789012:function:approve", postScaleUp))
			a.want(Failed, "hookTargetArn", "Lambda function approve", "spec.kubernetes.lambdaFunctions")
		},
	} {
		t.Run(name, tc)
	}
}

func TestAHooksDetailsStayWithIt(t *testing.T) {
	own := &runtime.RawExtension{Raw: []byte(`{"bucket":"a","n":1}`)}
	with := asks("https://a.example", postScaleUp, preShift)
	with.HookDetails = own
	other := asks("https://a.example", preShift)
	a := tell(t, Moment{Stage: postScaleUp}, with, other)
	details := func(call int) string {
		t.Helper()
		_, after, _ := strings.Cut(string(a.out.Calls[call].Body), `"hookDetails":`)
		return strings.TrimSuffix(after, "}")
	}
	if got := details(0); got != `{"bucket":"a","n":1}` {
		t.Errorf("first call gets %s", got)
	}
	a.answer(0, `{"hookStatus":"IN_PROGRESS","hookDetails":{"n":2,"checked":true}}`)
	a.after(30 * time.Second)
	if got, want := details(0), `{"bucket":"a","checked":true,"n":2}`; got != want {
		t.Errorf("second call gets %s, want %s", got, want)
	}
	a.answer(0, `{"hookStatus":"SUCCEEDED","hookDetails":{"n":3}}`)
	a.in.Moment = Moment{Stage: preShift, Step: 1}
	a.look()
	if got, want := details(0), `{"bucket":"a","checked":true,"n":2}`; got != want {
		t.Errorf("at the next stage it gets %s, want %s", got, want)
	}
	if got := details(1); got != "" {
		t.Errorf("another hook gets %s", got)
	}
	if string(own.Raw) != `{"bucket":"a","n":1}` {
		t.Error("the service's own were changed")
	}
	if a.out.Runs[0].HookDetails != nil {
		t.Error("details are kept twice")
	}
}

func TestTheEvent(t *testing.T) {
	d := Deployment{
		UID: "uid", ResourceARN: "arn:sd", ServiceARN: "arn:svc", TargetServiceRevisionARN: "arn:green",
		TestWeights: Weights{"arn:green": 1000, "arn:blue": 0}, ProductionWeights: Weights{"arn:green": 125, "arn:blue": 875},
	}
	for name, tc := range map[string]struct {
		stage ecsv1.DeploymentLifecycleHookStage
		want  string
	}{
		"tells test weights where test traffic moves":              {ecsv1.DeploymentLifecycleHookStageTestTrafficShift, `"testTrafficWeights":{"arn:blue":0,"arn:green":100},"productionTrafficWeights":{}`},
		"tells production weights where that traffic moves":        {shift, `"testTrafficWeights":{},"productionTrafficWeights":{"arn:blue":87.5,"arn:green":12.5}`},
		"tells production weights before it moves":                 {preShift, `"testTrafficWeights":{},"productionTrafficWeights":{"arn:blue":87.5,"arn:green":12.5}`},
		"tells no weights at the stages that aren't about traffic": {postScaleUp, `"testTrafficWeights":{},"productionTrafficWeights":{}`},
	} {
		t.Run(name, func(t *testing.T) {
			out := Next(Input{Hooks: []ecsv1.DeploymentLifecycleHook{asks("https://a.example", tc.stage)}, Moment: Moment{Stage: tc.stage}, Deployment: d, Now: start})
			want := `{"executionId":"` + out.Calls[0].ExecutionID + `","lifecycleStage":"` + string(tc.stage) + `","resourceArn":"arn:sd","executionDetails":` +
				`{"serviceArn":"arn:svc","targetServiceRevisionArn":"arn:green",` + tc.want + `}}`
			if diff := cmp.Diff(want, string(out.Calls[0].Body)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEndClosesWhatIsOpen(t *testing.T) {
	a := tell(t, Moment{Stage: postScaleUp}, pauses(postScaleUp), asks("https://a.example", postScaleUp))
	a.answer(1, `{"hookStatus":"SUCCEEDED"}`)
	got := End(a.out.Runs, start.Add(time.Minute))
	if got[0].Status != ecsv1.DeploymentLifecycleHookStatusFailed || !got[0].FinishedAt.Equal(new(metav1.NewTime(start.Add(time.Minute)))) {
		t.Errorf("%+v", got[0])
	}
	if diff := cmp.Diff(a.out.Runs[1], got[1]); diff != "" {
		t.Errorf("a decided run changed: %s", diff)
	}
	if a.out.Runs[0].Status != ecsv1.DeploymentLifecycleHookStatusAwaitingAction {
		t.Error("what it was given has changed")
	}
}

func TestChangesAreTold(t *testing.T) {
	a := tell(t, Moment{Stage: postScaleUp}, pauses(postScaleUp), asks("https://a.example", postScaleUp), within(1, goOn, asks("https://b.example", postScaleUp)))
	names := func(before []ecsv1.DeploymentLifecycleHookDetail) string {
		var out []string
		for _, r := range Changed(before, a.out.Runs) {
			out = append(out, EventName(&r))
		}
		return strings.Join(out, " ")
	}
	before := a.out.Runs
	if got := names(nil); got != "HOOK_AWAITING_ACTION" {
		t.Errorf("at first %s", got)
	}
	a.answer(1, `{"hookStatus":"IN_PROGRESS"}`)
	if got := names(before); got != "" {
		t.Errorf("after an answer that decides nothing %s", got)
	}
	a.after(time.Minute)
	a.decide(0, rollback)
	if got := names(before); got != "HOOK_FAILED HOOK_TIMED_OUT" {
		t.Errorf("later %s", got)
	}
}
