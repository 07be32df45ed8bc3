// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress counts what the go command reports. Packages already in Go's own cache are never reported,
// so the total is an upper bound and the time left is an upper estimate.
type progress struct {
	name  string
	total int
	began time.Time

	mu           sync.Mutex
	done         int
	fetched      int
	firstCompile time.Time
}

func newProgress(name string, total int, now time.Time) *progress {
	return &progress{name: name, total: total, began: now}
}

func (p *progress) compiled() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done == 0 {
		p.firstCompile = time.Now()
	}
	p.done++
}

func (p *progress) downloaded() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fetched++
}

// line is one report: what, elapsed, how much is left.
func (p *progress) line(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	elapsed := now.Sub(p.began).Round(time.Second)
	if p.done == 0 && p.fetched == 0 {
		return fmt.Sprintf("  %s: %s, nothing to compile so far: linking from Go's cache", p.name, elapsed)
	}
	if p.done == 0 {
		return fmt.Sprintf("  %s: %s, downloading, %d modules so far", p.name, elapsed, p.fetched)
	}
	left := remaining(p.done, p.total, now.Sub(p.firstCompile))
	return fmt.Sprintf("  %s: %s, %d of at most %d packages compiled, at most %s left", p.name, elapsed, p.done, p.total, left)
}

// remaining extrapolates: 300 of 1200 packages in 60 s leave 900, so 180 s.
func remaining(done, total int, elapsed time.Duration) time.Duration {
	if done <= 0 || total <= done {
		return 0
	}
	return (elapsed * time.Duration(total-done) / time.Duration(done)).Round(time.Second)
}

// report prints a line each interval until the returned function is called.
func (p *progress) report(out io.Writer, every time.Duration) (stop func()) {
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case now := <-ticker.C:
				fmt.Fprintln(out, p.line(now))
			}
		}
	}()
	return func() { close(quit); <-done }
}
