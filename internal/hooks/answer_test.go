// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"k8s.io/apimachinery/pkg/runtime"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestAnAnswerThatDecidesNothingFailsTheHook(t *testing.T) {
	for name, tc := range map[string]struct{ body, want string }{
		"nothing":               {"", "answered nothing"},
		"only spaces":           {" \n", "answered nothing"},
		"not JSON":              {"<html>", "answered 6 bytes that are no such thing; an answer is a JSON object"},
		"a string":              {`"SUCCEEDED"`, "JSON object"},
		"a list":                {`[{"hookStatus":"SUCCEEDED"}]`, "JSON object"},
		"null":                  {"null", "JSON object"},
		"cut off":               {`{"hookStatus":"SUCC`, "JSON object"},
		"two objects":           {`{"hookStatus":"SUCCEEDED"}{}`, "JSON object"},
		"without a hookStatus":  {`{"status":"SUCCEEDED"}`, "without a hookStatus"},
		"another hookStatus":    {`{"hookStatus":"Succeeded"}`, `hookStatus "Succeeded"`},
		"a hookStatus of ours":  {`{"hookStatus":"TIMED_OUT"}`, `hookStatus "TIMED_OUT"`},
		"a number":              {`{"hookStatus":1}`, "JSON object"},
		"details in no object":  {`{"hookStatus":"IN_PROGRESS","hookDetails":[1]}`, "hookDetails"},
		"too long":              {`{"hookStatus":"SUCCEEDED","x":"` + strings.Repeat("x", MostAnswer) + `"}`, "more than 64 KiB"},
		"details that are many": {`{"hookStatus":"IN_PROGRESS","hookDetails":{"x":"` + strings.Repeat("x", mostDetails) + `"}}`, "hookDetails are more than 16 KiB"},
	} {
		t.Run(name, func(t *testing.T) {
			a := tell(t, Moment{Stage: postScaleUp}, asks("https://a.example", postScaleUp))
			a.answer(0, tc.body)
			a.want(Failed, tc.want)
		})
	}
}

func TestDetailsOfAnAnswerThatDecidesDontMatter(t *testing.T) {
	a := tell(t, Moment{Stage: postScaleUp}, asks("https://a.example", postScaleUp))
	a.answer(0, `{"hookStatus":"SUCCEEDED","hookDetails":"none","callBackDelay":{}}`)
	a.want(Passed)
}

// FuzzAnswer: whatever is answered, a hook ends in one of its states, what is stored of it fits into the status, and the next call's body is JSON.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"hookStatus":"SUCCEEDED"}`, `{"hookStatus":"IN_PROGRESS","callBackDelay":1e300,"hookDetails":{"a":{"b":[1,null]}}}`,
		`{"hookStatus":"FAILED","reason":"\u0000\ud800"}`, `{"hookStatus":"IN_PROGRESS","callBackDelay":-1,"hookDetails":null}`, "", "{", "\xff",
	} {
		f.Add([]byte(seed), []byte(`{"a":1}`))
	}
	f.Fuzz(func(t *testing.T, body, own []byte) {
		hook := asks("https://a.example", postScaleUp)
		hook.HookDetails = &runtime.RawExtension{Raw: own}
		in := Input{Hooks: []ecsv1.DeploymentLifecycleHook{hook}, Moment: Moment{Stage: postScaleUp}, Now: start}
		in.Runs = Next(in).Runs
		in.Answers = map[string]Answer{in.hookID(0): {Body: body}}
		out := Next(in)
		run := out.Runs[0]
		if n := utf8.RuneCountInString(run.StatusReason); n > mostReason || !utf8.ValidString(run.StatusReason) {
			t.Errorf("a reason of %d characters", n)
		}
		switch run.Status {
		case ecsv1.DeploymentLifecycleHookStatusSucceeded, ecsv1.DeploymentLifecycleHookStatusFailed:
			return
		case ecsv1.DeploymentLifecycleHookStatusInProgress:
		default:
			t.Fatalf("status %q", run.Status)
		}
		if wait := run.NextAt.Sub(start); wait < time.Second || wait > 24*time.Hour {
			t.Errorf("is asked again in %s", wait)
		}
		in.Runs, in.Answers, in.Now = out.Runs, nil, run.NextAt.Time
		if calls := Next(in).Calls; len(calls) > 0 && !json.Valid(calls[0].Body) {
			t.Errorf("asks %q", calls[0].Body)
		}
	})
}
