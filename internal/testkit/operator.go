// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/ecs-operator/ecs-operator/controllers"
)

// Operator is the whole manager, running.
type Operator struct {
	cancel context.CancelFunc
	killer *killer
	done   chan struct{}
	err    error
}

// StartOperator runs the manager with its generated role. It returns once the caches are filled. What it asks of the apiserver
// goes into record. Edits change what the manager is told.
func (e *Environment) StartOperator(ctx context.Context, clock *Clock, record *Record, edits ...func(*controllers.Settings)) (*Operator, error) {
	return e.start(ctx, clock, record, &killer{}, edits...)
}

// StartDoomed is StartOperator with one that is killed before its k-th write, as by KillBeforeWrite.
func (e *Environment) StartDoomed(ctx context.Context, clock *Clock, record *Record, k int) (*Operator, error) {
	doom := &killer{}
	doom.arm(k, true)
	return e.start(ctx, clock, record, doom)
}

func (e *Environment) start(ctx context.Context, clock *Clock, record *Record, k *killer, edits ...func(*controllers.Settings)) (*Operator, error) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	k.kill = cancel
	o := &Operator{cancel: cancel, killer: k, done: make(chan struct{})}
	settings := controllers.Settings{Region: "us-east-1", AccountID: "000000000000", Namespace: OperatorNamespace, Images: e.Registry.settings(), Webhook: e.webhook.settings(), Now: clock.Now}
	settings.Hooks.Denied = []netip.Prefix{} // endpoints of tests are on this machine
	for _, edit := range edits {
		edit(&settings)
	}
	mgr, err := o.manager(ctx, rest.CopyConfig(e.operator), record, settings)
	if err != nil {
		cancel()
		return nil, err
	}
	go func() {
		defer close(o.done)
		o.err = mgr.Start(ctx)
	}()
	synced, stop := context.WithTimeout(ctx, 30*time.Second)
	defer stop()
	if !mgr.GetCache().WaitForCacheSync(synced) && !o.Killed() {
		return nil, errors.Join(errors.New("the operator's caches don't fill"), o.Stop())
	}
	return o, nil
}

func (o *Operator) manager(ctx context.Context, cluster *rest.Config, record *Record, settings controllers.Settings) (ctrl.Manager, error) {
	// Wrappers go on from the inside out: what the killer refuses never was a request.
	cluster.Wrap(record.wrap)
	cluster.Wrap(o.killer.wrap)
	mgr, err := ctrl.NewManager(cluster, ctrl.Options{
		Scheme:                  controllers.Scheme(),
		Cache:                   controllers.Cache(),
		Metrics:                 server.Options{BindAddress: "0"},
		HealthProbeBindAddress:  "0",
		GracefulShutdownTimeout: ptr.To(10 * time.Second),
		Controller:              config.Controller{SkipNameValidation: new(true)},
	})
	if err != nil {
		return nil, fmt.Errorf("making the manager: %w", err)
	}
	return mgr, controllers.Setup(ctx, mgr, settings)
}

// Stop stops the operator as SIGTERM does, and waits for its end.
func (o *Operator) Stop() error {
	o.cancel()
	<-o.done
	if o.Killed() {
		return nil // what it couldn't do any more is what the test is about
	}
	return o.err
}

// KillAtWrite lets the operator make k more writes and then kills it: the answer to the k-th is lost, no request leaves any more.
// Writing events doesn't count.
func (o *Operator) KillAtWrite(k int) { o.killer.arm(k, false) }

// KillBeforeWrite lets the operator make k-1 writes and then kills it: the k-th never leaves.
func (o *Operator) KillBeforeWrite(k int) { o.killer.arm(k, true) }

// Spare takes them back.
func (o *Operator) Spare() { o.killer.arm(-1, false) }

// Killed reports whether the operator has been killed.
func (o *Operator) Killed() bool { return o.killer.killed() }

// killer stands between the operator and the apiserver, and cuts the line.
type killer struct {
	mu     sync.Mutex
	left   int  // writes; below 0 while nobody is to be killed
	before bool // the last of them is swallowed
	dead   bool
	on     bool
	kill   context.CancelFunc
}

var errKilled = errors.New("the operator was killed")

// fate is what becomes of a request.
type fate int

const (
	goesThrough fate = iota
	// losesItsAnswer: it is done, and nobody is left to be told.
	losesItsAnswer
	isSwallowed
	// isRefused: it comes from an operator that is dead.
	isRefused
)

func (k *killer) arm(left int, before bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.left, k.before, k.on = left, before, left > 0
}

func (k *killer) killed() bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.dead
}

func (k *killer) wrap(next http.RoundTripper) http.RoundTripper {
	return transport(func(req *http.Request) (*http.Response, error) {
		switch k.fate(req) {
		case isRefused:
			return nil, errKilled
		case isSwallowed:
			k.kill()
			return nil, errKilled
		case losesItsAnswer:
			if resp, err := next.RoundTrip(req); err == nil {
				resp.Body.Close()
			}
			k.kill()
			return nil, errKilled
		default:
			return next.RoundTrip(req)
		}
	})
}

// fate of a request; it counts the writes.
func (k *killer) fate(req *http.Request) fate {
	q, ok := parse(req.Method, req.URL)
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.dead {
		return isRefused
	}
	if !k.on || !ok || !q.Write() {
		return goesThrough
	}
	k.left--
	k.dead = k.left == 0
	switch {
	case !k.dead:
		return goesThrough
	case k.before:
		return isSwallowed
	default:
		return losesItsAnswer
	}
}
