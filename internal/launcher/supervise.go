// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// run waits for the conditions of dependsOn and starts the command: in its own place, or as its parent.
func (l *Launcher) run(args []string) int {
	spec, argv, err := parseCommand(args)
	if err != nil {
		return l.giveUp(fmt.Errorf("ResourceInitializationError: %w", err))
	}
	image, err := parseSignal(spec.StopSignal)
	if err != nil {
		return l.giveUp(fmt.Errorf("ResourceInitializationError: %w", err))
	}
	s := &supervisor{Launcher: l, spec: spec, argv: argv, stop: stopSignals{image: image}, signals: catchSignals()}
	code, err := s.run()
	if err != nil {
		s.report(func(state *launchspec.State) { state.ExitedAt = s.time() })
		return l.giveUp(err)
	}
	return code
}

// supervisor is the parent of a container's command.
type supervisor struct {
	*Launcher
	spec     launchspec.Spec
	argv     []string
	signals  <-chan os.Signal
	stop     stopSignals
	children *children
	log      *forwarder
	// alive is held locked until the process ends.
	alive *os.File
	// asked is the signal that asked to stop, 0 before.
	asked syscall.Signal
}

// watches says whether there is anything to do once the command runs.
func watches(s launchspec.Spec) bool {
	return len(s.StopAfter) > 0 || s.StopTimeoutSeconds > 0 || s.Hold || s.Init || s.Log != nil || reports(s)
}

// reports says whether anything may want to know where the container stands.
func reports(s launchspec.Spec) bool { return s.Report || s.Restart != nil || s.HealthCheck != nil }

func (s *supervisor) run() (int, error) {
	if err := s.begin(); err != nil {
		return 0, err
	}
	asked, err := s.await(s.spec, s.signals, s.stop)
	if err != nil {
		return 0, err
	}
	if asked != 0 { // never started, as nothing is left to start for
		s.report(func(state *launchspec.State) { state.ExitedAt = s.time() })
		return 128 + int(asked), nil
	}
	if !watches(s.spec) {
		signal.Reset()
		return 0, s.become(s.spec, s.argv, false)
	}
	if s.children, err = watchChildren(); err != nil {
		return 0, err
	}
	if s.spec.Log != nil {
		s.log = s.forwarder(s.spec)
		go s.log.run()
		defer s.log.close(flushBound)
	}
	return s.supervise()
}

// begin makes the state that of a container that hasn't been started.
func (s *supervisor) begin() error {
	if !reports(s.spec) {
		return nil
	}
	err := makeDir(s.dir(s.spec.Container), 0o777)
	if err == nil {
		s.alive, err = s.live(s.spec.Container)
	}
	if err == nil {
		err = s.update(s.spec.Container, func(state *launchspec.State) { *state = launchspec.State{Restarts: state.Restarts} })
	}
	if err != nil {
		return fmt.Errorf("ResourceInitializationError: the launcher's state of container %s: %w", s.spec.Container, err)
	}
	return nil
}

// report changes the container's state. The command runs on where that fails, on a full disk, say.
func (s *supervisor) report(change func(*launchspec.State)) {
	if !reports(s.spec) {
		return
	}
	if err := s.update(s.spec.Container, change); err != nil {
		fmt.Fprintf(s.Stderr, "launcher: writing down where container %s stands: %v\n", s.spec.Container, err)
	}
}

func (s *supervisor) time() *time.Time {
	now := s.Now().UTC()
	return &now
}

// supervise starts the command until it has ended for good, and returns its exit code.
func (s *supervisor) supervise() (int, error) {
	for {
		began := s.Now()
		code, err := s.once()
		if err != nil {
			return 0, err
		}
		if s.asked == 0 && restarts(s.spec.Restart, code, s.Now().Sub(began), s.Second) {
			s.report(func(state *launchspec.State) { state.Restarts++ })
			continue
		}
		s.report(func(state *launchspec.State) { state.ExitedAt, state.ExitCode = s.time(), &code })
		for s.spec.Hold && s.asked == 0 {
			if sig := number(<-s.signals); s.stop.asks(sig) {
				s.asked = sig
			}
		}
		return code, nil
	}
}

// restarts is ECS's rule (DG/container-restart-policy): an exit code that isn't ignored, after the command has run for the period.
func restarts(r *launchspec.Restart, code int, ran, second time.Duration) bool {
	return r != nil && !slices.Contains(r.IgnoredExitCodes, int32(code)) && //nolint:gosec // exit codes are small
		ran >= time.Duration(r.AttemptPeriodSeconds)*second
}

// once starts the command and stays with it until it ends.
func (s *supervisor) once() (int, error) {
	stdio, piped, err := s.outputs()
	if err != nil {
		return 0, err
	}
	p, err := s.children.start(s.spec, s.argv, stdio)
	piped.started()
	if err != nil {
		return 0, err
	}
	began := s.Now()
	s.report(func(state *launchspec.State) {
		at := began.UTC()
		state.StartedAt, state.ExitedAt, state.ExitCode, state.Health = &at, nil, nil, ""
		if s.spec.HealthCheck != nil {
			state.Health = launchspec.HealthUnknown
		}
	})
	stopChecks := s.checkHealth(began)
	status := s.attend(p)
	stopChecks()
	s.children.killAll(p)
	piped.drained(flushBound)
	return exitCode(status), nil
}

// attend passes signals on to the command until it ends. Asked to stop, it waits for the containers that depend on this one, then asks
// the command, then kills it.
func (s *supervisor) attend(p process) syscall.WaitStatus {
	var poll <-chan time.Time
	var late <-chan time.Time
	pass := func() {
		poll = nil
		_ = syscall.Kill(p.pid, s.stop.toPass(s.asked))
		if s.spec.StopTimeoutSeconds > 0 && late == nil {
			late = time.After(s.seconds(s.spec.StopTimeoutSeconds))
		}
	}
	for {
		select {
		case status := <-p.done:
			return status
		case got := <-s.signals:
			sig := number(got)
			switch {
			case !s.stop.asks(sig):
				_ = syscall.Kill(p.pid, sig)
			case s.asked != 0 && poll == nil: // asked again: so is the command
				_ = syscall.Kill(p.pid, s.stop.toPass(sig))
			case s.asked == 0:
				s.asked = sig
				tick := time.NewTicker(pollEvery)
				defer tick.Stop()
				poll = tick.C
				if s.dependentsEnded(s.spec.StopAfter) {
					pass()
				}
			}
		case <-poll:
			if s.dependentsEnded(s.spec.StopAfter) {
				pass()
			}
		case <-late:
			p.kill()
		}
	}
}

// outputs are the standard files of the command: the launcher's own, or pipes that are copied to the log router too.
func (s *supervisor) outputs() ([3]uintptr, *pipes, error) {
	stdio := [3]uintptr{0, 1, 2}
	if s.log == nil {
		return stdio, &pipes{}, nil
	}
	piped := &pipes{}
	for fd, source := range map[int]string{1: "stdout", 2: "stderr"} {
		read, write, err := os.Pipe()
		if err != nil {
			return stdio, nil, errors.Join(errors.New("CannotStartContainerError: making a pipe for the log router"), err)
		}
		stdio[fd] = write.Fd()
		piped.writes = append(piped.writes, write)
		own := map[int]*os.File{1: os.Stdout, 2: os.Stderr}[fd]
		piped.copying.Go(func() { s.log.copy(source, read, own) })
	}
	return stdio, piped, nil
}

// probe runs a health check's command as the container's command is run. Its success is noted; its exit code is the launcher's.
func (l *Launcher) probe(args []string) int {
	spec, argv, err := parseCommand(args)
	if err != nil {
		fmt.Fprintln(l.Stderr, err)
		return launchspec.ExitFailed
	}
	var pid int
	err = startStage(tied, spec, argv, [3]uintptr{0, 1, 2}, func(fork func() (int, error)) (err error) {
		pid, err = fork()
		return err
	})
	if err != nil {
		fmt.Fprintln(l.Stderr, err)
		return launchspec.ExitFailed
	}
	var status syscall.WaitStatus
	for {
		if _, err = syscall.Wait4(pid, &status, 0, nil); !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if code := exitCode(status); err != nil || code != 0 {
		return code
	}
	err = l.update(spec.Container, func(state *launchspec.State) { state.Health = launchspec.HealthHealthy })
	if err != nil {
		fmt.Fprintf(l.Stderr, "launcher: noting that container %s is HEALTHY: %v\n", spec.Container, err)
	}
	return 0
}

// started says by its exit code whether the container's command has been started. It is a probe, so the termination message isn't its own.
func (l *Launcher) started(args []string) int {
	if len(args) != 1 || checkName(args[0]) != nil {
		fmt.Fprintln(l.Stderr, "launcher: want the name of a container")
		return 2
	}
	s, err := l.state(args[0])
	switch {
	case err != nil:
		fmt.Fprintln(l.Stderr, err)
		return 2
	case !s.Started():
		fmt.Fprintf(l.Stderr, "container %s waits for others\n", args[0])
		return 1
	}
	return 0
}

// checkHealth runs the Spec's health check until the returned function is called, which waits for a check that is under way to be killed.
func (s *supervisor) checkHealth(began time.Time) (stop func()) {
	if s.spec.HealthCheck == nil {
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.checks(ctx, began)
	}()
	return func() {
		cancel()
		<-done
	}
}
