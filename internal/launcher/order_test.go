// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

func after(name string, condition launchspec.Condition) []launchspec.Dependency {
	return []launchspec.Dependency{{Container: name, Condition: condition}}
}

// The second container's command reads what the first's has written. After START that may be nothing yet, so there the launcher's own note
// that it has started the first has to be there.
func TestACommandStartsWhenItsConditionIsMet(t *testing.T) {
	for name, tc := range map[string]struct {
		condition launchspec.Condition
		script    string
		check     *launchspec.HealthCheck
	}{
		"START":                       {launchspec.Start, `sleep 60`, nil},
		"COMPLETE":                    {launchspec.Complete, `exit 3`, nil},
		"SUCCESS":                     {launchspec.Success, `exit 0`, nil},
		"HEALTHY by the launcher":     {launchspec.Healthy, `touch $POD/well; sleep 60`, &launchspec.HealthCheck{Command: []string{"test", "-e", "well"}, IntervalSeconds: 1, TimeoutSeconds: 1000, Retries: 3}},
		"HEALTHY by a kubelet's exec": {launchspec.Healthy, `sleep 60`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPod(t, "db", "web")
			p.second = 20 * time.Millisecond
			evidence, sees := "order", "db\n"
			if tc.condition == launchspec.Start {
				evidence, sees = ".ecs/state/db/state", `{"startedAt":`
			}
			web := p.shell(launchspec.Spec{Container: "web", DependsOn: after("db", tc.condition)}, `cat $POD/`+evidence)
			spec := launchspec.Spec{Container: "db", Report: true, HealthCheck: tc.check}
			p.shell(spec, `echo db >>$POD/order; `+tc.script)
			if tc.condition == launchspec.Healthy && tc.check == nil {
				// A check before the start says nothing of the command; a kubelet asks again.
				p.eventually("db has started", func() bool { return p.state("db").Started() })
				p.start("probe", spec.String(), "--", "false").exits(1)
				p.start("probe", spec.String(), "--", "/bin/sh", "-c", "echo well; echo probed >>$POD/order").exits(0)
			}
			web.exits(0)
			if !strings.HasPrefix(web.out.String(), sees) {
				t.Errorf("web started when it read %q, want %q first", &web.out, sees)
			}
		})
	}
}

func TestACommandIsGivenUpWhenItsConditionCannotBeMet(t *testing.T) {
	quick := func(name string, c launchspec.Condition) []launchspec.Dependency {
		return []launchspec.Dependency{{Container: name, Condition: c, TimeoutSeconds: 2}}
	}
	for name, tc := range map[string]struct {
		needs  []launchspec.Dependency
		script string
		words  []string
	}{
		"ended with another code": {after("db", launchspec.Success), `exit 3`,
			[]string{"CannotStartContainerError: dependency graph: container ordering dependency [db SUCCESS] for target [web]", "did not exit successfully", "exited with code 3"}},
		"ended before it was healthy": {after("db", launchspec.Healthy), `exit 0`, []string{"exited with code 0 before it was HEALTHY"}},
		"not healthy in time":         {quick("db", launchspec.Healthy), `sleep 60`, []string{"has timed out", "db did not become HEALTHY within its startTimeout of 2 s"}},
		"not complete in time":        {quick("db", launchspec.Complete), `sleep 60`, []string{"db did not become COMPLETE within its startTimeout of 2 s"}},
		"never started":               {after("db", launchspec.Start), "", []string{"dependency will never start"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPod(t, "db", "web")
			p.second = 50 * time.Millisecond
			if tc.script == "" {
				p.run(launchspec.Spec{Container: "db", Report: true}, "/no/such/program").exits(launchspec.ExitFailed)
			} else {
				p.shell(launchspec.Spec{Container: "db", Report: true}, tc.script)
			}
			p.shell(launchspec.Spec{Container: "web", DependsOn: tc.needs, Report: true}, `echo never`).givesUp(tc.words...)
			if s := p.state("web"); !s.Ended() || s.Started() {
				t.Errorf("state %+v, want ended and never started", s)
			}
		})
	}
}

func TestAContainerThatDiesWithItsLauncherHasEnded(t *testing.T) {
	t.Parallel()
	p := newPod(t, "db", "web")
	web := p.shell(launchspec.Spec{Container: "web", DependsOn: after("db", launchspec.Success)}, `echo never`)
	db := p.shell(launchspec.Spec{Container: "db", Report: true}, `echo $$; exec sleep 60`)
	db.says("\n")
	p.eventually("db has started", func() bool { return p.state("db").Started() })
	db.signal(syscall.SIGKILL)
	t.Cleanup(func() { killText(db.out.String()) })
	web.givesUp("container db exited with code 137")
}

func TestAskedToStopWhileItWaits(t *testing.T) {
	t.Parallel()
	p := newPod(t, "db", "web")
	web := p.shell(launchspec.Spec{Container: "web", DependsOn: after("db", launchspec.Start), Report: true}, `echo never`)
	p.eventually("web waits", func() bool { return p.read(".ecs/state/web/state") != "" })
	web.signal(syscall.SIGTERM)
	web.exits(143)
	if s := p.state("web"); !s.Ended() || s.Started() || s.ExitCode != nil {
		t.Errorf("state %+v, want ended, never started, without a code", s)
	}
}

func TestContainersStopInReverseOrder(t *testing.T) {
	t.Parallel()
	p := newPod(t, "db", "app", "web", "unborn")
	trap := func(name string) string {
		return `trap 'echo ` + name + ` >>$POD/order; exit 0' TERM; echo up; while :; do sleep 0.01; done`
	}
	db := p.shell(launchspec.Spec{Container: "db", Report: true, StopAfter: []string{"app", "unborn"}}, trap("db"))
	app := p.shell(launchspec.Spec{Container: "app", Report: true, StopAfter: []string{"web"}, DependsOn: after("db", launchspec.Start)}, trap("app"))
	web := p.shell(launchspec.Spec{Container: "web", Report: true, DependsOn: after("app", launchspec.Start)}, trap("web"))
	for _, c := range []*container{web, app, db} {
		c.says("up")
	}
	for _, c := range []*container{db, app, web} {
		c.signal(syscall.SIGTERM)
	}
	for _, c := range []*container{db, app, web} {
		c.exits(0)
	}
	if got := p.read("order"); got != "web\napp\ndb\n" {
		t.Errorf("stopped in the order %q", got)
	}
}
