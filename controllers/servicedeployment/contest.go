// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// contests remembers who else writes the weights that we write. It is there to tell people, and nothing hangs on it: an operator that is started
// anew learns it again.
type contests struct {
	mu sync.Mutex
	by map[types.NamespacedName]*contest
}

// contest is about one service.
type contest struct {
	// written are the weights that we wrote last, by route, and the generation that they made.
	written map[string]weighed
	// times at which we had to write the same again.
	times []time.Time
	who   string
	route string
}

type weighed struct {
	generation int64
	changes    []traffic.Change
}

const (
	// contestTimes within contestWhile are no accident.
	contestTimes = 2
	contestWhile = 15 * time.Minute
	// mostContests are remembered before all are forgotten, those of services that have gone among them.
	mostContests = 10000
)

// wrote notes weights that were just written. The same weights as last time, on a route that has been changed since, have been overwritten by somebody.
func (c *contests) wrote(service types.NamespacedName, w weighing, after *gatewayv1.HTTPRoute, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by == nil || len(c.by) > mostContests {
		c.by = map[types.NamespacedName]*contest{}
	}
	one := c.by[service]
	if one == nil {
		one = &contest{written: map[string]weighed{}}
		c.by[service] = one
	}
	if last := one.written[w.route.Name]; slices.Equal(last.changes, w.changes) && w.route.Generation > last.generation {
		one.times = append(one.times, now)
		one.who, one.route = cmp.Or(otherWriter(w.route), "somebody"), w.route.Name
	}
	one.written[w.route.Name] = weighed{after.Generation, w.changes}
}

// of a service: whether somebody keeps changing its weights.
func (c *contests) of(service types.NamespacedName, now time.Time) *conditions.Reason {
	c.mu.Lock()
	defer c.mu.Unlock()
	one := c.by[service]
	if one == nil {
		return nil
	}
	one.times = slices.DeleteFunc(one.times, func(at time.Time) bool { return now.Sub(at) > contestWhile })
	if len(one.times) < contestTimes {
		return nil
	}
	return &conditions.Reason{Reason: ecsv1.ReasonWeightsContested, Message: fmt.Sprintf(
		"%s keeps changing the weights of HTTPRoute %s, which deployments of this service move; each time a part of the traffic goes elsewhere until they are written again. "+
			"Have it leave spec.rules[].backendRefs[].weight alone (Argo CD: ignoreDifferences with RespectIgnoreDifferences; Flux: kustomize.toolkit.fluxcd.io/ssa: IfNotPresent)", one.who, one.route)}
}
