// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// pollEvery is how often the states of other containers are looked at while something waits for them.
const pollEvery = 50 * time.Millisecond

// await waits until all conditions of dependsOn have been met once. It ends early with the signal that asks to stop, or with an
// error that says which condition can't be met any more.
func (l *Launcher) await(spec launchspec.Spec, signals <-chan os.Signal, stop stopSignals) (syscall.Signal, error) {
	left := slices.Clone(spec.DependsOn)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	for {
		var err error
		left = slices.DeleteFunc(left, func(d launchspec.Dependency) bool {
			met, problem := l.met(spec.Container, d)
			if err == nil {
				err = problem
			}
			return met
		})
		if err != nil || len(left) == 0 {
			return 0, err
		}
		select {
		case got := <-signals:
			if sig := number(got); stop.asks(sig) {
				return sig, nil
			}
		case <-tick.C:
		}
	}
}

// met says whether a condition is met, or with an error that it never will be.
func (l *Launcher) met(target string, d launchspec.Dependency) (bool, error) {
	if err := checkName(d.Container); err != nil {
		return false, err
	}
	s, err := l.state(d.Container)
	if err != nil {
		return false, fmt.Errorf("ResourceInitializationError: reading where container %s stands: %w", d.Container, err)
	}
	met, problem := resolve(d, s, l.Now(), l.seconds(d.TimeoutSeconds))
	if problem != "" {
		return false, fmt.Errorf("CannotStartContainerError: dependency graph: container ordering dependency [%s %s] for target [%s] %s", d.Container, d.Condition, target, problem)
	}
	return met, nil
}

// resolve is the rule of ECS's agent for one condition: what a container's state says about it, or why it will never be met. A
// startTimeout counts from the start of that container, and there is none for START.
func resolve(d launchspec.Dependency, s launchspec.State, now time.Time, timeout time.Duration) (met bool, problem string) {
	switch {
	case s.Ended() && !s.Started():
		return false, fmt.Sprintf("failed to resolve: dependency will never start: container %s ended before its command was started", d.Container)
	case !s.Started():
		return false, ""
	}
	condition, known := conditions[d.Condition]
	if !known {
		return false, fmt.Sprintf("failed to resolve: condition %q is none of START, COMPLETE, SUCCESS and HEALTHY", d.Condition)
	}
	switch {
	case condition.met(s):
		return true, ""
	case s.Ended():
		return false, fmt.Sprintf(condition.missed, d.Container, code(s))
	case timeout > 0 && now.After(s.StartedAt.Add(timeout)):
		return false, fmt.Sprintf("has timed out: container %s did not become %s within its startTimeout of %d s", d.Container, d.Condition, d.TimeoutSeconds)
	}
	return false, ""
}

// conditions say of a container that was started whether a condition is met, and what to say where it ended without.
var conditions = map[launchspec.Condition]struct {
	met    func(launchspec.State) bool
	missed string
}{
	launchspec.Start:    {launchspec.State.Started, ""},
	launchspec.Complete: {launchspec.State.Ended, ""},
	launchspec.Success: {func(s launchspec.State) bool { return s.Ended() && code(s) == 0 },
		"failed to resolve: dependency did not exit successfully: container %s exited with code %d"},
	launchspec.Healthy: {func(s launchspec.State) bool { return s.Health == launchspec.HealthHealthy },
		"failed to resolve: container %s exited with code %d before it was HEALTHY"},
}

func code(s launchspec.State) int {
	if s.ExitCode == nil {
		return launchspec.ExitFailed
	}
	return *s.ExitCode
}

// dependentsEnded says whether every container that depends on this one has ended, or hasn't been started.
func (l *Launcher) dependentsEnded(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool {
		s, err := l.state(name)
		return err == nil && s.Started() && !s.Ended()
	})
}
