// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"sync"
	"time"
)

// hosts remembers for a moment which registries can't be reached, so that a dead one costs one timeout and not one for each service. A
// registry that answers is never in here, whatever it answers.
type hosts struct {
	pause time.Duration
	now   func() time.Time

	mu    sync.Mutex
	since map[string]outage
}

type outage struct {
	at     time.Time
	failed *failure
}

// why a host isn't to be asked now, nil if it is.
func (h *hosts) why(host string) *failure {
	h.mu.Lock()
	defer h.mu.Unlock()
	out, ok := h.since[host]
	if ok && h.now().Sub(out.at) >= h.pause {
		delete(h.since, host)
		return nil
	}
	return out.failed
}

func (h *hosts) note(host string, failed *failure) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for other, out := range h.since { // users name hosts, so their number has no other bound
		if h.now().Sub(out.at) >= h.pause {
			delete(h.since, other)
		}
	}
	h.since[host] = outage{at: h.now(), failed: failed}
}
