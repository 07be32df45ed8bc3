// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"maps"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// Pace keeps work that follows from many events from taking all the time: a service of 3,500 tasks sees ten thousand changes of pods in a
// minute, and to look at 3,500 pods and write a status for each of them would keep those very pods waiting.
//
// What reconciling an object takes is put on its account, and the account is paid off by a small share of the time that passes. While little
// is owed, an event leads to work at once; that is always so for objects that are small or quiet. When more is owed, the work waits until
// enough is paid off, at most for a set while, and what happens in that while is looked at together. An example with a share of 1/20: an
// object whose reconciling takes 5 ms is looked at ten times a second for as long as that goes on; one that takes 100 ms is looked at three
// times in a row, and then once a second, which is the longest wait.
//
// Reports about many objects that are cheap each go by something else once much is owed: each waits until its object is quiet ([PaceSettings.Quiet]).
// A node to which seventeen tasks come in a minute is written down when they have come, and not after each of their steps.
//
// It stands on both sides of a controller's queue: [Pace.Events] lets events wait, and [Pace.Reconciler] does the accounts.
type Pace struct {
	PaceSettings
	now func() time.Time

	mu       sync.Mutex
	accounts map[reconcile.Request]*account
	// waiting are requests that are in the queue, from when on they are to be worked on, and what was put on their account beforehand.
	waiting map[reconcile.Request]entry
}

// PaceSettings say how much time may be taken.
type PaceSettings struct {
	// Share of the time that pays off what is owed.
	Share float64
	// Credit may be owed without any wait.
	Credit time.Duration
	// Longest wait.
	Longest time.Duration
	// Quiet is how long nothing must have happened to an object before it is looked at, once more than the credit is owed; never longer than the
	// longest wait. Zero: how long it waits depends on what is owed.
	Quiet time.Duration
	// Together: all objects of the controller have one account. It is for many objects that are cheap each.
	Together bool
}

// account of an object, or of all.
type account struct {
	owed  time.Duration
	at    time.Time
	usual time.Duration // what reconciling took lately
}

type entry struct {
	due   time.Time
	ahead time.Duration
	// Where the object is to be quiet: when it first had something to wait for, and when it last had.
	first, last time.Time
}

// Paces of our controllers.
var (
	// EachObject is for work that costs more the larger the object is.
	EachObject = PaceSettings{Share: 1.0 / 20, Credit: 300 * time.Millisecond, Longest: time.Second}
	// Summary is for counts that people read.
	Summary = PaceSettings{Share: 1.0 / 20, Credit: 300 * time.Millisecond, Longest: 3 * time.Second}
	// Gathering is for decisions about many objects that come one by one and wait for them: it costs little more to decide about ten than about one.
	Gathering = PaceSettings{Share: 1.0 / 4, Credit: 100 * time.Millisecond, Longest: 300 * time.Millisecond}
	// AllTogether is for reports about many objects, which people and slow decisions read. Under load they come when an object has been quiet for
	// five seconds, and of one that never is, every half minute.
	AllTogether = PaceSettings{Share: 1.0 / 20, Credit: time.Second, Quiet: 5 * time.Second, Longest: 30 * time.Second, Together: true}
)

// NewPace begins with nothing owed.
func NewPace(settings PaceSettings, now func() time.Time) *Pace {
	return &Pace{PaceSettings: settings, now: now, accounts: map[reconcile.Request]*account{}, waiting: map[reconcile.Request]entry{}}
}

// mostAccounts are kept before those that owe nothing are forgotten.
const mostAccounts = 1000

// account is that of the request, paid off until now.
func (p *Pace) account(of reconcile.Request, now time.Time) *account {
	if p.Together {
		of = reconcile.Request{}
	}
	a := p.accounts[of]
	if a == nil {
		if len(p.accounts) >= mostAccounts {
			maps.DeleteFunc(p.accounts, func(_ reconcile.Request, a *account) bool { return a.owedAt(now, p.Share) == 0 })
		}
		a = &account{at: now}
		p.accounts[of] = a
	}
	a.owed, a.at = a.owedAt(now, p.Share), now
	return a
}

func (a *account) owedAt(now time.Time, share float64) time.Duration {
	return max(0, a.owed-time.Duration(float64(now.Sub(a.at))*share))
}

// wait is how long an event that leads to the request has to wait. needed is false where the request waits already for a time that comes:
// whatever has just happened will be seen then.
func (p *Pace) wait(req reconcile.Request) (wait time.Duration, needed bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	if e, ok := p.waiting[req]; ok {
		e.last = now
		p.waiting[req] = e
		return 0, !e.due.After(now)
	}
	a := p.account(req, now)
	if over := a.owed - p.Credit; over > 0 {
		wait = min(p.Longest, time.Duration(float64(over)/p.Share))
		if p.Quiet > 0 {
			wait = p.Quiet
		}
	}
	p.waiting[req] = entry{due: now.Add(wait), ahead: a.usual, first: now, last: now}
	a.owed += a.usual
	return wait, true
}

// begin takes the request out of those that wait, and returns what was put on its account beforehand. One whose object hasn't been quiet for long
// enough goes on waiting. One that comes before it is due was brought forward by something that isn't paced.
func (p *Pace) begin(req reconcile.Request) (ahead, wait time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e, now := p.waiting[req], p.now()
	if waited := e.due.After(e.first); waited && p.Quiet > 0 && !e.due.After(now) {
		due := e.last.Add(p.Quiet)
		if end := e.first.Add(p.Longest); due.After(end) {
			due = end
		}
		if due.After(now) {
			e.due = due
			p.waiting[req] = e
			return 0, due.Sub(now)
		}
	}
	delete(p.waiting, req)
	return e.ahead, 0
}

// end puts on the account what the work took.
func (p *Pace) end(req reconcile.Request, took, ahead time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.account(req, p.now())
	// More than leads to the longest wait isn't owed: one reconcile that hung is no reason to be slow for a long time.
	most := p.Credit + time.Duration(float64(p.Longest)*p.Share)
	a.owed = min(most, max(0, a.owed+took-ahead))
	a.usual = (a.usual + took) / 2
}

// Reconciler does the accounts of inner.
func (p *Pace) Reconciler(inner reconcile.Reconciler) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
		ahead, wait := p.begin(req)
		if wait > 0 {
			return reconcile.Result{RequeueAfter: wait}, nil
		}
		began := p.now()
		defer func() { p.end(req, p.now().Sub(began), ahead) }()
		return inner.Reconcile(ctx, req)
	})
}

// Events lets the requests wait that inner makes of events.
func (p *Pace) Events(inner handler.EventHandler) handler.EventHandler {
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q queue) { inner.Create(ctx, e, p.queue(q)) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) { inner.Update(ctx, e, p.queue(q)) },
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q queue) { inner.Delete(ctx, e, p.queue(q)) },
		GenericFunc: func(ctx context.Context, e event.GenericEvent, q queue) {
			inner.Generic(ctx, e, p.queue(q))
		},
	}
}

// EventsOf is Events for a function that tells the requests.
func (p *Pace) EventsOf(requests func(context.Context, client.Object) []reconcile.Request) handler.EventHandler {
	return p.Events(handler.EnqueueRequestsFromMapFunc(requests))
}

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

func (p *Pace) queue(q queue) queue {
	if ranked, ok := q.(priorityqueue.PriorityQueue[reconcile.Request]); ok {
		return rankedQueue{PriorityQueue: ranked, pace: p}
	}
	return plainQueue{TypedRateLimitingInterface: q, pace: p}
}

type plainQueue struct {
	workqueue.TypedRateLimitingInterface[reconcile.Request]
	pace *Pace
}

func (q plainQueue) Add(req reconcile.Request) {
	if wait, needed := q.pace.wait(req); needed {
		q.AddAfter(req, wait)
	}
}

// rankedQueue keeps the priorities that handlers give.
type rankedQueue struct {
	priorityqueue.PriorityQueue[reconcile.Request]
	pace *Pace
}

func (q rankedQueue) Add(req reconcile.Request) { q.AddWithOpts(priorityqueue.AddOpts{}, req) }

func (q rankedQueue) AddWithOpts(o priorityqueue.AddOpts, requests ...reconcile.Request) {
	for _, req := range requests {
		if wait, needed := q.pace.wait(req); needed {
			o.After = wait
			q.PriorityQueue.AddWithOpts(o, req)
		}
	}
}
