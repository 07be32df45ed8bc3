// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package kube

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// timeline plays events and work against a Pace with a clock of its own. One request is worked on at a time, as soon as it is due.
type timeline struct {
	pace *Pace
	now  time.Time
	due  map[reconcile.Request]time.Time
	done map[reconcile.Request][]time.Duration // since the beginning
}

var beginning = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newTimeline(s PaceSettings) *timeline {
	t := &timeline{now: beginning, due: map[reconcile.Request]time.Time{}, done: map[reconcile.Request][]time.Duration{}}
	t.pace = NewPace(s, func() time.Time { return t.now })
	return t
}

func request(name string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Name: name}}
}

func (t *timeline) event(req reconcile.Request) {
	wait, needed := t.pace.wait(req)
	if !needed {
		return
	}
	if at, queued := t.due[req]; !queued || t.now.Add(wait).Before(at) {
		t.due[req] = t.now.Add(wait)
	}
}

// work does what is due, each taking so long.
func (t *timeline) work(takes time.Duration) {
	for req, at := range t.due {
		if at.After(t.now) {
			continue
		}
		delete(t.due, req)
		inner := reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
			t.done[req] = append(t.done[req], t.now.Sub(beginning))
			t.now = t.now.Add(takes)
			return reconcile.Result{}, nil
		})
		if result, _ := t.pace.Reconciler(inner).Reconcile(context.Background(), req); result.RequeueAfter > 0 {
			t.due[req] = t.now.Add(result.RequeueAfter)
		}
	}
}

// play lets an event for each request come every so often, for so long, and then nothing until all is done.
func (t *timeline) play(every, until, takes time.Duration, requests ...reconcile.Request) {
	end := t.now.Add(until)
	for t.now.Before(end) {
		for _, req := range requests {
			t.event(req)
		}
		t.work(takes)
		t.now = t.now.Add(every)
	}
	for len(t.due) > 0 {
		t.work(takes)
		t.now = t.now.Add(time.Millisecond)
	}
}

var sample = PaceSettings{Share: 0.05, Credit: 300 * time.Millisecond, Longest: time.Second}

func TestAnObjectThatIsQuietOrSmallNeverWaits(t *testing.T) {
	web := request("web")
	for name, tc := range map[string]struct{ every, takes time.Duration }{
		"an event a minute that takes a quarter of a second": {time.Minute, 250 * time.Millisecond},
		"ten events a second that take 5 ms each":            {100 * time.Millisecond, 5 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			line := newTimeline(sample)
			events := 0
			for line.now.Before(beginning.Add(10 * time.Minute)) {
				line.event(web)
				events++
				line.work(tc.takes)
				if len(line.due) > 0 {
					t.Fatalf("event %d waits", events)
				}
				line.now = line.now.Add(tc.every)
			}
		})
	}
}

func TestUnderLoadALargeObjectIsLookedAtOnceASecond(t *testing.T) {
	web := request("web")
	line := newTimeline(sample)
	line.play(5*time.Millisecond, time.Minute, 100*time.Millisecond, web)
	if n := len(line.done[web]); n < 55 || n > 65 {
		t.Errorf("in a minute it was looked at %d times, want about once a second", n)
	}
}

func TestTheLastEventIsAlwaysSeenAndSoon(t *testing.T) {
	web := request("web")
	for _, takes := range []time.Duration{time.Millisecond, 20 * time.Millisecond, 400 * time.Millisecond} {
		line := newTimeline(sample)
		const until = 20 * time.Second
		line.play(7*time.Millisecond, until, takes, web)
		last := line.done[web][len(line.done[web])-1]
		if last < until-7*time.Millisecond-takes {
			t.Errorf("%s: the last look was at %s, before the last event", takes, last)
		}
		if last > until+sample.Longest+takes {
			t.Errorf("%s: the last look was at %s, too late", takes, last)
		}
	}
}

func TestManySmallObjectsShareAnAccount(t *testing.T) {
	settings := PaceSettings{Share: 0.05, Credit: 300 * time.Millisecond, Longest: 10 * time.Second, Together: true}
	var nodes []reconcile.Request
	for i := range 200 {
		nodes = append(nodes, request(string(rune('a'+i))))
	}
	line := newTimeline(settings)
	line.play(50*time.Millisecond, time.Minute, 4*time.Millisecond, nodes...)
	looks := 0
	for _, req := range nodes {
		n := len(line.done[req])
		if n < 5 {
			t.Errorf("an instance was looked at %d times in a minute", n)
		}
		looks += n
	}
	// 200 in a burst would be 0.8 s of work; 5 % of a minute and the longest waits leave about 200 for each ten seconds.
	if looks > 2000 {
		t.Errorf("%d looks in a minute", looks)
	}
}

// untilQuiet owes more than its credit after 20 looks of 5 ms.
var untilQuiet = PaceSettings{Share: 0.1, Credit: 100 * time.Millisecond, Quiet: 2 * time.Second, Longest: 10 * time.Second, Together: true}

// inDebt is a timeline that owes more than the credit.
func inDebt(s PaceSettings) *timeline {
	line := newTimeline(s)
	for range 30 {
		line.event(request("other"))
		line.work(5 * time.Millisecond)
	}
	return line
}

func TestOnceMuchIsOwedAnObjectIsLookedAtWhenItIsQuiet(t *testing.T) {
	node := request("node")
	for name, tc := range map[string]struct {
		line         *timeline
		every, until time.Duration
		want         []time.Duration // since the first event, in whole seconds
	}{
		"nothing is owed":                  {newTimeline(untilQuiet), time.Second, 500 * time.Millisecond, []time.Duration{0}},
		"one event":                        {inDebt(untilQuiet), time.Second, 500 * time.Millisecond, []time.Duration{2 * time.Second}},
		"an event a second for 5 seconds":  {inDebt(untilQuiet), time.Second, 5 * time.Second, []time.Duration{6 * time.Second}},
		"an event a second for 15 seconds": {inDebt(untilQuiet), time.Second, 15 * time.Second, []time.Duration{10 * time.Second, 16 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			line := tc.line
			from := line.now.Sub(beginning)
			line.play(tc.every, tc.until, 400*time.Millisecond, node)
			var got []time.Duration
			for _, at := range line.done[node] {
				got = append(got, (at - from).Truncate(time.Second))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("looked at (-want +got):\n%s", diff)
			}
		})
	}
}

func TestABurstOnManyObjectsIsOneLookAtEach(t *testing.T) {
	var nodes []reconcile.Request
	for i := range 200 {
		nodes = append(nodes, request(string(rune('a'+i))))
	}
	line := inDebt(untilQuiet)
	line.play(time.Second, 8*time.Second, time.Microsecond, nodes...)
	for _, req := range nodes {
		if n := len(line.done[req]); n != 1 {
			t.Fatalf("an instance was looked at %d times, want once", n)
		}
	}
}

func TestWhatIsntPacedIsntKeptWaitingForQuiet(t *testing.T) {
	node := request("node")
	line := inDebt(untilQuiet)
	line.event(node)
	line.due[node] = line.now // a change of the node itself
	line.work(time.Millisecond)
	if len(line.done[node]) != 1 {
		t.Error("it waits")
	}
}

func TestARequestThatSomethingElseBroughtForwardIsntLost(t *testing.T) {
	web := request("web")
	line := newTimeline(sample)
	line.play(5*time.Millisecond, 5*time.Second, 100*time.Millisecond, web)
	line.event(web)
	if len(line.due) != 1 || !line.due[web].After(line.now) {
		t.Fatal("the event should wait")
	}
	line.due[web] = line.now // a change of the object itself
	line.work(100 * time.Millisecond)
	line.event(web)
	if len(line.due) != 1 {
		t.Error("the event after it leads to nothing")
	}
}

func TestForgottenAccountsOweNothing(t *testing.T) {
	line := newTimeline(sample)
	for i := range 3 * mostAccounts {
		line.event(request(time.Duration(i).String()))
		line.work(time.Millisecond)
		line.now = line.now.Add(time.Second)
	}
	if n := len(line.pace.accounts); n > mostAccounts {
		t.Errorf("%d accounts are kept", n)
	}
	if n := len(line.pace.waiting); n > 0 {
		t.Errorf("%d requests wait for ever", n)
	}
}

func TestPacedEventsKeepTheirRequests(t *testing.T) {
	pace := NewPace(sample, func() time.Time { return beginning })
	to := func(_ context.Context, o client.Object) []reconcile.Request {
		return []reconcile.Request{request("of-" + o.GetName())}
	}
	q := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	defer q.ShutDown()
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Name: "pod"}}
	events := pace.EventsOf(to)
	events.Create(t.Context(), event.CreateEvent{Object: pod}, q)
	events.Update(t.Context(), event.UpdateEvent{ObjectOld: pod, ObjectNew: pod}, q)
	events.Delete(t.Context(), event.DeleteEvent{Object: pod}, q)
	events.Generic(t.Context(), event.GenericEvent{Object: pod}, q)
	if q.Len() != 1 {
		t.Fatalf("%d requests, want 1", q.Len())
	}
	if got, _ := q.Get(); got != request("of-pod") {
		t.Errorf("got %v", got)
	}
}
