// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"strings"
	"time"
)

// moment is a row of the timeline of an update.
type moment struct {
	at               time.Duration
	old, next        int // running tasks of the old and of the new revision
	stopping         int
	taking           int // tasks that the load balancer sends traffic to
	rollout          string
	requests, failed int
}

// same says that nothing has happened between two moments but time and traffic.
func (m moment) same(n moment) bool {
	return m.old == n.old && m.next == n.next && m.stopping == n.stopping && m.taking == n.taking && m.rollout == n.rollout && m.failed == n.failed
}

// timeline draws moments as they come: a row whenever something has changed.
type timeline struct {
	screen *screen
	began  time.Time
	rows   []moment
}

func newTimeline(s *screen) *timeline {
	s.block(s.paint(dim, fmt.Sprintf("%7s  %-10s %-10s %-10s %-8s %-12s %8s %7s", "time", "old", "new", "stopping", "traffic", "rollout", "requests", "failed")))
	return &timeline{screen: s, began: time.Now()}
}

func (t *timeline) add(m moment) {
	m.at = time.Since(t.began)
	if len(t.rows) > 0 && t.rows[len(t.rows)-1].same(m) {
		return
	}
	t.rows = append(t.rows, m)
	t.screen.block(m.String())
}

func (m moment) String() string {
	return fmt.Sprintf("%6.1fs  %s %s %s %-8s %-12s %8d %7d", m.at.Seconds(),
		bar("●", m.old), bar("●", m.next), bar("○", m.stopping), fmt.Sprintf("%d tasks", m.taking), m.rollout, m.requests, m.failed)
}

// bar draws a count, ten columns wide.
func bar(dot string, n int) string {
	const columns = 10
	if n == 0 {
		return "·" + strings.Repeat(" ", columns-1)
	}
	shown := min(n, columns-3)
	text := fmt.Sprintf("%s %d", strings.Repeat(dot, shown), n)
	return text + strings.Repeat(" ", max(0, columns-len([]rune(text))))
}

// fewest is the smallest number of tasks that took traffic, most the largest number of tasks that ran.
func (t *timeline) fewest() int {
	least := t.rows[0].taking
	for _, m := range t.rows {
		least = min(least, m.taking)
	}
	return least
}

func (t *timeline) most() int {
	most := 0
	for _, m := range t.rows {
		most = max(most, m.old+m.next)
	}
	return most
}
