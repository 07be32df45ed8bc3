// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package alarm

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/alarm"
)

// Request is to ask a Prometheus for the datapoints of one alarm.
type Request struct {
	// For is the alarm, which is told when there is an answer.
	For types.NamespacedName
	// Revision tells this alarm, as its spec is now, from all others; an answer is good for one only.
	Revision string
	URL      string
	// Token is where the bearer token stands, nil for none. Bundle are the authorities that are trusted, nil for the usual ones.
	Token    *ecsv1.SecretKeyReference
	Bundle   []byte
	Timeout  time.Duration
	Query    string
	Settings alarm.Settings
}

// Reading is how far a request has come.
type Reading struct {
	// Revision that it is for, "" where nothing was asked.
	Revision string
	// Ended is when the answer came; the zero time while it is waited for.
	Ended time.Time
	// Window is what was asked for, and Slots its datapoints.
	Window alarm.Window
	Slots  []float64
	// Failure is why there are none.
	Failure *Failure
}

// perPrometheus is how many queries one Prometheus is asked at a time. One that hangs keeps only its own alarms waiting.
const perPrometheus = 8

// Asker asks beside the reconciler, which is told of answers.
type Asker struct {
	ctx         context.Context // that of the manager: queries end with it
	now         func() time.Time
	credentials *Credentials

	mu    sync.Mutex
	tell  func(types.NamespacedName)
	slots map[string]chan struct{} // by URL: there are as many as Clusters
	jobs  map[types.NamespacedName]*job
}

// job is a request and how far it has come. Its context ends when another takes its place.
type job struct {
	reading Reading
	cancel  context.CancelFunc
}

// NewAsker makes an asker whose queries end with the context.
func NewAsker(ctx context.Context, credentials *Credentials) *Asker {
	return &Asker{ctx: ctx, now: credentials.Now, credentials: credentials, tell: func(types.NamespacedName) {}, slots: map[string]chan struct{}{}, jobs: map[types.NamespacedName]*job{}}
}

// Tell sets who is told that a request has its answer.
func (a *Asker) Tell(tell func(types.NamespacedName)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.tell = tell
}

// Known is how far the request for an alarm has come.
func (a *Asker) Known(of types.NamespacedName) Reading {
	a.mu.Lock()
	defer a.mu.Unlock()
	if j := a.jobs[of]; j != nil {
		return j.reading
	}
	return Reading{}
}

// Ask asks, unless the same is being asked. What was asked for an earlier revision of the alarm is given up.
func (a *Asker) Ask(request Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if before := a.jobs[request.For]; before != nil {
		if before.reading.Revision == request.Revision && before.reading.Ended.IsZero() {
			return
		}
		before.cancel()
	}
	slots := a.slots[request.URL]
	if slots == nil {
		slots = make(chan struct{}, perPrometheus)
		a.slots[request.URL] = slots
	}
	ctx, cancel := context.WithCancel(a.ctx)
	j := &job{reading: Reading{Revision: request.Revision}, cancel: cancel}
	a.jobs[request.For] = j
	go a.answer(ctx, j, request, slots)
}

// Forget drops what was asked for an alarm.
func (a *Asker) Forget(of types.NamespacedName) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if j := a.jobs[of]; j != nil {
		j.cancel()
		delete(a.jobs, of)
	}
}

// answer takes one of the slots for as long as it is asked. The window is that of the time when it is its turn.
func (a *Asker) answer(ctx context.Context, j *job, request Request, slots chan struct{}) {
	select {
	case <-ctx.Done():
		return
	case slots <- struct{}{}:
	}
	began := a.now()
	window := request.Settings.Window(began)
	samples, failure := query(ctx, request, window, a.credentials)
	<-slots
	result := success
	if failure != nil {
		result = failure.Reason
	}
	a.mu.Lock()
	j.cancel()
	if a.jobs[request.For] != j || a.ctx.Err() != nil {
		a.mu.Unlock()
		return
	}
	j.reading.Window, j.reading.Slots, j.reading.Failure, j.reading.Ended = window, window.Place(samples), failure, a.now()
	took := j.reading.Ended.Sub(began)
	tell := a.tell
	a.mu.Unlock()
	queries.WithLabelValues(result).Observe(took.Seconds())
	tell(request.For)
}
