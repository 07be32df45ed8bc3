// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"cmp"
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/ecs-operator/ecs-operator/internal/service"
)

// Request is to read the images of one service revision, or one task, that is about to be made.
type Request struct {
	// For is the service that the revision is made for, or the task; it is told when the answers are there.
	For types.NamespacedName
	// Revision tells this revision from all others; an answer is good for one only.
	Revision  string
	Questions []service.ImageQuestion
	Platform  service.ImagePlatform
}

// Reading is how far a request has come.
type Reading struct {
	// Revision that it is for, "" where nothing was asked.
	Revision string
	// Began and Ended are those of the latest round. A round that is going on has no end.
	Began, Ended time.Time
	// Rounds that have ended, each with its attempts.
	Rounds int
	// Answers of the latest round that has ended, by container.
	Answers map[string]service.ImageAnswer
}

// Reader reads registries beside the reconcilers.
type Reader struct {
	ctx        context.Context // that of the manager: reads end with it
	registries *registries
	now        func() time.Time
	slots      chan struct{}

	mu   sync.Mutex
	tell func(types.NamespacedName)
	jobs map[types.NamespacedName]*job
}

// job is a request and how far it has come. Its context ends when another request takes its place.
type job struct {
	reading Reading
	cancel  context.CancelFunc
}

// NewReader makes a reader whose reads end with the context.
func NewReader(ctx context.Context, o Options) *Reader {
	o.Timeout = cmp.Or(o.Timeout, 5*time.Second)
	o.Parallel = cmp.Or(o.Parallel, 8)
	o.HostPause = cmp.Or(o.HostPause, 10*time.Second)
	o.UserAgent = cmp.Or(o.UserAgent, "ecs-operator")
	return &Reader{
		ctx: ctx, registries: newRegistries(o), now: o.Now, slots: make(chan struct{}, o.Parallel),
		tell: func(types.NamespacedName) {}, jobs: map[types.NamespacedName]*job{},
	}
}

// Tell sets who is told that a request has its answers.
func (r *Reader) Tell(tell func(types.NamespacedName)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.tell = tell
}

// Known is how far the request for a service has come.
func (r *Reader) Known(of types.NamespacedName) Reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j := r.jobs[of]; j != nil {
		return j.reading
	}
	return Reading{}
}

// Ask starts a round of reading. One for an earlier revision of the service ends; one for the same that is going on goes on.
func (r *Reader) Ask(request Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	reading := Reading{Revision: request.Revision}
	if before := r.jobs[request.For]; before != nil {
		if before.reading.Revision == request.Revision {
			reading = before.reading
			if reading.Ended.IsZero() {
				return
			}
		}
		before.cancel()
	}
	reading.Began, reading.Ended = r.now(), time.Time{}
	ctx, cancel := context.WithCancel(r.ctx)
	j := &job{reading: reading, cancel: cancel}
	r.jobs[request.For] = j
	go r.round(ctx, j, request)
}

// Forget drops what was read for a service.
func (r *Reader) Forget(of types.NamespacedName) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if j := r.jobs[of]; j != nil {
		j.cancel()
		delete(r.jobs, of)
	}
}

// round reads all images of a request at once, each only once, so that two containers of one image run the same.
func (r *Reader) round(ctx context.Context, j *job, request Request) {
	wanted := map[string]question{}
	for _, q := range request.Questions {
		if q.Asked() {
			wanted[q.Image] = question{image: q.Image, platform: request.Platform, config: wanted[q.Image].config || q.Config != service.NotAsked}
		}
	}
	var (
		wait sync.WaitGroup
		mu   sync.Mutex
		read = map[string]service.ImageAnswer{}
	)
	for image, q := range wanted {
		wait.Go(func() {
			answer := r.read(ctx, q)
			mu.Lock()
			defer mu.Unlock()
			read[image] = answer
		})
	}
	wait.Wait()
	answers := make(map[string]service.ImageAnswer, len(request.Questions))
	for _, q := range request.Questions {
		if q.Asked() {
			answers[q.Container] = read[q.Image]
		}
	}
	r.end(j, request.For, answers)
}

// read takes one of the slots for as long as the image is read.
func (r *Reader) read(ctx context.Context, q question) service.ImageAnswer {
	select {
	case <-ctx.Done():
		return service.ImageAnswer{Problem: "the operator was stopped while it read it"}
	case r.slots <- struct{}{}:
	}
	defer func() { <-r.slots }()
	return r.registries.read(ctx, q)
}

// end keeps the answers, if they are still asked for, and tells.
func (r *Reader) end(j *job, of types.NamespacedName, answers map[string]service.ImageAnswer) {
	r.mu.Lock()
	j.cancel()
	if r.jobs[of] != j || r.ctx.Err() != nil {
		r.mu.Unlock()
		return
	}
	for container, answer := range answers {
		answer.Attempts += j.reading.Answers[container].Attempts
		answers[container] = answer
	}
	j.reading.Answers, j.reading.Ended = answers, r.now()
	j.reading.Rounds++
	tell := r.tell
	r.mu.Unlock()
	tell(of)
}
