// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package hooks carries out the calls of lifecycle hooks, beside the reconciler: URLs are called from here, Jobs are made and read.
//
// A call is known by its run and its number in it. It is made once while the operator lives, however often it is asked for, and once more
// after the operator was killed before the answer was stored, with the same keys. Answers are kept until they have been seen in the
// deployment's status, since a cache may be behind.
package hooks

import (
	"context"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/hooks"
)

// mostTime is how long one call may take, as a Lambda function may.
const mostTime = 15 * time.Minute

// How many calls are under way at a time, in all and for the deployments of one namespace. The rest waits for its turn: endpoints that
// hang keep only their own namespace waiting, until very many do.
const (
	mostCalls            = 500
	mostCallsOfNamespace = 50
)

// Deployment is whose hooks are called, and who is told of answers.
type Deployment struct {
	types.NamespacedName
	UID types.UID
}

// Caller calls URLs.
type Caller struct {
	ctx context.Context // that of the manager: calls end with it
	web web

	mu          sync.Mutex
	tell        func(types.NamespacedName)
	deployments map[types.UID]map[key]*call
	turn        []*call // that wait for their turn, in order
	running     map[string]int
	total       int
}

// key is what a call is known by among those of its deployment.
type key struct {
	hookID string
	number int32
}

// call is a call and what came of it.
type call struct {
	of     Deployment
	what   hooks.Call
	ctx    context.Context //nolint:containedctx // ends when nobody wants the answer any more
	cancel context.CancelFunc
	answer *hooks.Answer
}

// NewCaller makes a caller whose calls end with the context.
func NewCaller(ctx context.Context, o Options) *Caller {
	return &Caller{
		ctx: ctx, web: newWeb(o), tell: func(types.NamespacedName) {},
		deployments: map[types.UID]map[key]*call{}, running: map[string]int{},
	}
}

// Tell sets who is told that a call of a deployment has its answer.
func (c *Caller) Tell(tell func(types.NamespacedName)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.tell = tell
}

// Answers are those that aren't stored yet, by hookId. Those that runs show to be stored are dropped.
func (c *Caller) Answers(of types.UID, runs []ecsv1.DeploymentLifecycleHookDetail) map[string]hooks.Answer {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]hooks.Answer{}
	for k, one := range c.deployments[of] {
		i := slices.IndexFunc(runs, func(r ecsv1.DeploymentLifecycleHookDetail) bool { return r.HookId == k.hookID })
		switch {
		case i >= 0 && stored(&runs[i], k.number):
			c.drop(of, k)
		case i >= 0 && one.answer != nil && number(&runs[i]) == k.number:
			out[k.hookID] = *one.answer
		}
	}
	return out
}

func number(r *ecsv1.DeploymentLifecycleHookDetail) int32 {
	if r.Calls == nil {
		return 0
	}
	return *r.Calls
}

// stored reports whether a run has taken the answer to its call of that number, or takes none any more.
func stored(r *ecsv1.DeploymentLifecycleHookDetail, call int32) bool {
	return number(r) > call || r.FinishedAt != nil
}

// Ask has exactly these calls of the deployment under way. One that is under way already, or has its answer, is not made again; one that
// isn't wanted any more ends. Calls of Jobs are none of its business.
func (c *Caller) Ask(of Deployment, calls []hooks.Call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wanted := map[key]bool{}
	for _, what := range calls {
		k := key{what.HookID, what.Number}
		wanted[k] = true
		if what.Target.URL == "" || c.deployments[of.UID][k] != nil {
			continue
		}
		c.turn = append(c.turn, c.add(of, what))
	}
	for k, one := range c.deployments[of.UID] {
		if !wanted[k] && one.answer == nil {
			c.drop(of.UID, k)
		}
	}
	c.next()
}

// Fail gives a call an answer before it is made.
func (c *Caller) Fail(of Deployment, what hooks.Call, why string) {
	c.mu.Lock()
	one := c.add(of, what)
	one.answer = &hooks.Answer{Call: what.Number, Failure: why}
	tell := c.tell
	c.mu.Unlock()
	tell(of.NamespacedName)
}

// Forget ends what is under way for a deployment that is gone.
func (c *Caller) Forget(of types.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := range c.deployments[of] {
		c.drop(of, k)
	}
}

func (c *Caller) add(of Deployment, what hooks.Call) *call {
	one := &call{of: of, what: what}
	one.ctx, one.cancel = context.WithCancel(c.ctx)
	if c.deployments[of.UID] == nil {
		c.deployments[of.UID] = map[key]*call{}
	}
	c.deployments[of.UID][key{what.HookID, what.Number}] = one
	return one
}

func (c *Caller) drop(of types.UID, k key) {
	c.deployments[of][k].cancel()
	delete(c.deployments[of], k)
	if len(c.deployments[of]) == 0 {
		delete(c.deployments, of)
	}
}

// next starts the calls whose turn it is.
func (c *Caller) next() {
	c.turn = slices.DeleteFunc(c.turn, func(one *call) bool {
		if one.ctx.Err() != nil {
			return true
		}
		if c.total >= mostCalls || c.running[one.of.Namespace] >= mostCallsOfNamespace {
			return false
		}
		c.total++
		c.running[one.of.Namespace]++
		go c.make(one)
		return true
	})
}

// make makes a call and keeps its answer, unless nobody wants it any more.
func (c *Caller) make(one *call) {
	answer := c.web.call(one.ctx, one.what)
	answer.Call = one.what.Number
	c.mu.Lock()
	c.total--
	if c.running[one.of.Namespace]--; c.running[one.of.Namespace] == 0 {
		delete(c.running, one.of.Namespace)
	}
	wanted := one.ctx.Err() == nil
	if wanted {
		one.answer = &answer
		one.cancel()
	}
	c.next()
	tell := c.tell
	c.mu.Unlock()
	if wanted {
		tell(one.of.NamespacedName)
	}
}
