// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package launchspec

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestASpecIsReadAsItWasWritten(t *testing.T) {
	for name, want := range map[string]Spec{
		"nothing": {Container: "web"},
		"all": {
			Container: "web", DependsOn: []Dependency{{Container: "db", Condition: Healthy, TimeoutSeconds: 30}}, StopAfter: []string{"app"},
			StopTimeoutSeconds: 5, StopSignal: "SIGQUIT", Restart: &Restart{IgnoredExitCodes: []int32{1}, AttemptPeriodSeconds: 60}, Hold: true,
			HealthCheck: &HealthCheck{Command: []string{"true"}, IntervalSeconds: 30, TimeoutSeconds: 5, Retries: 3, StartPeriodSeconds: 10},
			Ulimits:     []Ulimit{{Name: "nofile", Soft: 1, Hard: -1}}, LowerUlimits: true, User: "app", DropCapabilities: []string{"CAP_SYS_RESOURCE"},
			Init: true, Log: &Log{Socket: "/fluent.sock", Tag: "t", Blocking: true, BufferBytes: 1}, Report: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse(want.String())
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Errorf("%v\n%s", err, diff)
			}
		})
	}
}

func TestStates(t *testing.T) {
	s, err := ParseState([]byte(`{"startedAt":"2026-03-01T12:00:00.5Z","restarts":2,"health":"HEALTHY"}`))
	at := time.Date(2026, 3, 1, 12, 0, 0, 500_000_000, time.UTC)
	if diff := cmp.Diff(State{StartedAt: &at, Restarts: 2, Health: HealthHealthy}, s); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if !s.Started() || s.Ended() {
		t.Error("it runs")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(Spec{Container: "web", Ulimits: []Ulimit{{Name: "nofile", Soft: 1, Hard: -1}}}.String())
	f.Add(`{"container":1}`)
	f.Fuzz(func(t *testing.T, text string) {
		s, err := Parse(text)
		if err != nil {
			return
		}
		again, err := Parse(s.String())
		if diff := cmp.Diff(s.String(), again.String()); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
	})
}

func FuzzParseState(f *testing.F) {
	f.Add([]byte(`{"startedAt":"2026-03-01T12:00:00Z","exitCode":1}`))
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = ParseState(text) })
}
