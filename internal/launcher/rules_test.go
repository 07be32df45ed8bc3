// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func TestConditions(t *testing.T) {
	started := func(health launchspec.Health) launchspec.State {
		return launchspec.State{StartedAt: &noon, Health: health}
	}
	ended := func(code int, health launchspec.Health) launchspec.State {
		return launchspec.State{StartedAt: &noon, ExitedAt: &noon, ExitCode: &code, Health: health}
	}
	never := launchspec.State{ExitedAt: &noon}
	for name, tc := range map[string]struct {
		condition launchspec.Condition
		state     launchspec.State
		after     int // seconds since the start, with a startTimeout of 30
		met       bool
		problem   string
	}{
		"START before the start waits, however long":      {launchspec.Start, launchspec.State{}, 1000, false, ""},
		"START is met by the start":                       {launchspec.Start, started(""), 0, true, ""},
		"START is met by what has ended":                  {launchspec.Start, ended(1, ""), 0, true, ""},
		"START has no timeout":                            {launchspec.Start, started(""), 31, true, ""},
		"COMPLETE waits for the end":                      {launchspec.Complete, started(""), 30, false, ""},
		"COMPLETE is met by any code":                     {launchspec.Complete, ended(9, ""), 31, true, ""},
		"COMPLETE times out":                              {launchspec.Complete, started(""), 31, false, "has timed out: container db did not become COMPLETE within its startTimeout of 30 s"},
		"SUCCESS is met by 0":                             {launchspec.Success, ended(0, ""), 31, true, ""},
		"SUCCESS is never met by another code":            {launchspec.Success, ended(9, ""), 0, false, "exited with code 9"},
		"SUCCESS times out":                               {launchspec.Success, started(""), 31, false, "has timed out"},
		"HEALTHY waits while UNKNOWN":                     {launchspec.Healthy, started(launchspec.HealthUnknown), 30, false, ""},
		"HEALTHY waits while UNHEALTHY":                   {launchspec.Healthy, started(launchspec.HealthUnhealthy), 30, false, ""},
		"HEALTHY is met":                                  {launchspec.Healthy, started(launchspec.HealthHealthy), 31, true, ""},
		"HEALTHY times out":                               {launchspec.Healthy, started(launchspec.HealthUnhealthy), 31, false, "did not become HEALTHY within its startTimeout of 30 s"},
		"HEALTHY is never met by what has ended":          {launchspec.Healthy, ended(0, launchspec.HealthUnknown), 0, false, "exited with code 0 before it was HEALTHY"},
		"nothing is met by what was given up":             {launchspec.Complete, never, 0, false, "will never start"},
		"a condition that isn't one is never met":         {"READY", started(""), 0, false, `condition "READY" is none of`},
		"without a start there is nothing that times out": {launchspec.Healthy, launchspec.State{}, 1000, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			d := launchspec.Dependency{Container: "db", Condition: tc.condition, TimeoutSeconds: 30}
			met, problem := resolve(d, tc.state, noon.Add(time.Duration(tc.after)*time.Second), 30*time.Second)
			if met != tc.met || !strings.Contains(problem, tc.problem) || (problem == "") != (tc.problem == "") {
				t.Errorf("met %v, problem %q; want %v, %q", met, problem, tc.met, tc.problem)
			}
		})
	}
}

func TestRestartRule(t *testing.T) {
	rule := &launchspec.Restart{AttemptPeriodSeconds: 60, IgnoredExitCodes: []int32{0, 3}}
	for name, tc := range map[string]struct {
		rule *launchspec.Restart
		code int
		ran  time.Duration
		want bool
	}{
		"no policy":                   {nil, 1, time.Hour, false},
		"ran for its period":          {rule, 1, 60 * time.Second, true},
		"ran for less":                {rule, 1, 59 * time.Second, false},
		"an exit code that's ignored": {rule, 3, time.Hour, false},
		"killed":                      {rule, 137, time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			if got := restarts(tc.rule, tc.code, tc.ran, time.Second); got != tc.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestHealthIsScoredAsDockerDoes(t *testing.T) {
	type check struct {
		at int
		ok bool
	}
	for name, tc := range map[string]struct {
		retries, startPeriod int
		checks               []check
		want                 launchspec.Health
	}{
		"nothing asked yet":                            {3, 0, nil, launchspec.HealthUnknown},
		"one success":                                  {3, 0, []check{{30, true}}, launchspec.HealthHealthy},
		"fewer failures than retries":                  {3, 0, []check{{30, false}, {60, false}}, launchspec.HealthUnknown},
		"as many failures as retries":                  {3, 0, []check{{30, false}, {60, false}, {90, false}}, launchspec.HealthUnhealthy},
		"a success sets the failures to nought":        {2, 0, []check{{30, false}, {60, true}, {90, false}}, launchspec.HealthHealthy},
		"failures in the start period don't count":     {2, 100, []check{{30, false}, {60, false}, {90, false}, {120, false}}, launchspec.HealthUnknown},
		"a success ends the start period":              {2, 100, []check{{10, true}, {20, false}, {30, false}}, launchspec.HealthUnhealthy},
		"what was begun in the start period is within": {1, 100, []check{{99, false}}, launchspec.HealthUnknown},
		"one success heals":                            {1, 0, []check{{30, false}, {60, true}}, launchspec.HealthHealthy},
	} {
		t.Run(name, func(t *testing.T) {
			tally := &score{retries: tc.retries, startPeriod: time.Duration(tc.startPeriod) * time.Second, began: noon, status: launchspec.HealthUnknown}
			for _, c := range tc.checks {
				tally.result(noon.Add(time.Duration(c.at)*time.Second), c.ok)
			}
			if tally.status != tc.want {
				t.Errorf("got %s, want %s", tally.status, tc.want)
			}
		})
	}
}

func TestSignalNames(t *testing.T) {
	for text, want := range map[string]syscall.Signal{
		"": 0, "SIGTERM": syscall.SIGTERM, "quit": syscall.SIGQUIT, "9": syscall.SIGKILL, "SIGWINCH": syscall.SIGWINCH,
		"SIGRTMIN+3": 37, "RTMIN": 34, "SIGRTMAX-1": 63, "RTMAX": 64,
	} {
		if got, err := parseSignal(text); got != want || err != nil {
			t.Errorf("%s: %d %v, want %d", text, got, err, want)
		}
	}
	for _, text := range []string{"SIGNONE", "0", "-1", "65", "RTMIN+99", "RTMINx", "SIGRTMAX+1", "SIG"} {
		if got, err := parseSignal(text); err == nil {
			t.Errorf("%s: %d without an error", text, got)
		}
	}
}

const (
	passwd = "# users\nroot:x:0:0:root:/root:/bin/sh\nbroken:x\napp:x:1000:1001:A,B:/home/app:/bin/sh\n77:x:2000:2000::/:\nlate:x:1000:9:twin:/late:\nbad:x:one:1::/:\nshort:x:5:5\n"
	groups = "root:x:0:root,app\napp:x:1001:\nlog:x:1300:other,app\nbad:x:y:app\n"
)

func TestUserNames(t *testing.T) {
	for text, tc := range map[string]struct {
		want account
		err  string
	}{
		"app":           {account{1000, 1001, []int{0, 1300}, "/home/app"}, ""},
		"1000":          {account{1000, 1001, []int{0, 1300}, "/home/app"}, ""},
		"late":          {account{1000, 9, nil, "/late"}, ""},
		"app:log":       {account{1000, 1300, nil, "/home/app"}, ""},
		"app:42":        {account{1000, 42, nil, "/home/app"}, ""},
		"4242":          {account{4242, 0, nil, ""}, ""},
		"4242:log":      {account{4242, 1300, nil, ""}, ""},
		"77":            {account{77, 0, nil, ""}, ""}, // a number, not the user of that name
		":log":          {account{0, 1300, nil, "/root"}, ""},
		"nobody":        {account{}, "unable to find user nobody: no matching entries in passwd file"},
		"bad":           {account{}, "unable to find user bad"},
		"short":         {account{}, "unable to find user short"},
		"app:none":      {account{}, "unable to find group none: no matching entries in group file"},
		"app:bad":       {account{}, "unable to find group bad"},
		"2147483648":    {account{}, "must be in range 0-2147483647"},
		"1:99999999999": {account{}, "must be in range"},
	} {
		t.Run(text, func(t *testing.T) {
			got, err := findUser(text, passwd, groups)
			if tc.err != "" {
				if err == nil || !strings.Contains(err.Error(), tc.err) {
					t.Errorf("error %v, want %q", err, tc.err)
				}
				return
			}
			if diff := cmp.Diff(tc.want, got, cmp.AllowUnexported(account{})); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func FuzzFindUser(f *testing.F) {
	f.Add("app", passwd, groups)
	f.Add("1000:log", passwd, groups)
	f.Add(":", "::::::", ":::")
	f.Fuzz(func(t *testing.T, user, passwd, group string) {
		got, err := findUser(user, passwd, group)
		if err == nil && (got.uid < 0 || got.gid < 0 || slices.ContainsFunc(got.groups, func(g int) bool { return g < 0 })) {
			t.Errorf("%q means %+v", user, got)
		}
	})
}

func FuzzParseSignal(f *testing.F) {
	f.Add("SIGRTMIN+3")
	f.Fuzz(func(t *testing.T, text string) {
		if got, err := parseSignal(text); err == nil && (got < 0 || got > sigRTMax) {
			t.Errorf("%q is signal %d", text, got)
		}
	})
}

func TestCapabilityNames(t *testing.T) {
	for name, want := range map[string]int{"CAP_CHOWN": 0, "SYS_RESOURCE": 24, "cap_checkpoint_restore": 40} {
		if got, err := capability(name); got != want || err != nil {
			t.Errorf("%s: %d %v, want %d", name, got, err, want)
		}
	}
}
