// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"context"
	"os"
	"syscall"
	"time"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// score is what a health check's results amount to, as Docker counts them.
type score struct {
	retries     int
	startPeriod time.Duration
	began       time.Time
	status      launchspec.Health
	streak      int
}

// result takes the result of a check that was begun at a time. Failures that were begun within the start period don't count until a
// check has succeeded; retries failures in a row make it UNHEALTHY, one success HEALTHY.
func (h *score) result(begun time.Time, ok bool) launchspec.Health {
	switch {
	case ok:
		h.streak, h.status = 0, launchspec.HealthHealthy
	case h.status == launchspec.HealthUnknown && begun.Sub(h.began) < h.startPeriod:
	default:
		h.streak++
		if h.streak >= h.retries {
			h.status = launchspec.HealthUnhealthy
		}
	}
	return h.status
}

// checks runs the health check: the first after one interval, the next one interval after the end of the last.
func (s *supervisor) checks(ctx context.Context, began time.Time) {
	check := s.spec.HealthCheck
	tally := &score{
		retries: max(int(check.Retries), 1), startPeriod: s.seconds(int64(check.StartPeriodSeconds)), began: began, status: launchspec.HealthUnknown,
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(s.seconds(int64(check.IntervalSeconds))):
		}
		before, begun := tally.status, s.Now()
		ok := s.check(ctx)
		if ctx.Err() != nil {
			return
		}
		if now := tally.result(begun, ok); now != before {
			s.report(func(state *launchspec.State) { state.Health = now })
		}
	}
}

// check runs the check once, without its output. One that takes too long is killed and has failed.
func (s *supervisor) check(ctx context.Context) bool {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return false
	}
	defer null.Close()
	p, err := s.children.start(s.spec, s.spec.HealthCheck.Command, [3]uintptr{null.Fd(), null.Fd(), null.Fd()})
	if err != nil {
		return false
	}
	var status syscall.WaitStatus
	select {
	case status = <-p.done:
		return exitCode(status) == 0
	case <-ctx.Done():
	case <-time.After(s.seconds(int64(s.spec.HealthCheck.TimeoutSeconds))):
	}
	p.kill()
	<-p.done
	return false
}
