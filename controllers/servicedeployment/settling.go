// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// trafficLag is how long after the traffic was moved data planes may still go by what was before, though they say otherwise: Traefik writes the
// status of a route before its proxy has the configuration, and hands that on at most every two seconds.
const trafficLag = 3 * time.Second

// settling remembers since when the traffic of a service is where it is, by the operator's own clock. An operator that is started anew waits once
// more, and no clock of another machine is asked.
type settling struct {
	mu sync.Mutex
	by map[types.NamespacedName]moved
}

type moved struct {
	where string
	at    time.Time
}

// mostSettling are remembered before all are forgotten, those of services that have gone among them.
const mostSettling = 10000

// since is when the traffic was first seen there.
func (s *settling) since(service types.NamespacedName, where string, now time.Time) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by == nil || len(s.by) > mostSettling {
		s.by = map[types.NamespacedName]moved{}
	}
	if s.by[service].where != where {
		s.by[service] = moved{where, now}
	}
	return s.by[service].at
}

// where the traffic is directed: what core Services select, and what listener rules weigh.
func (t trafficSeen) where() string {
	var b strings.Builder
	for _, p := range t.pairs {
		fmt.Fprint(&b, p.Selects, p.Seen.Production, p.Seen.Test)
	}
	return b.String()
}
