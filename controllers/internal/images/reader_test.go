// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package images

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/ecs-operator/ecs-operator/internal/service"
)

var web = types.NamespacedName{Namespace: "shop", Name: "web"}

// ask makes a request and waits until its service is told.
func ask(t *testing.T, r *Reader, request Request) Reading {
	t.Helper()
	told := make(chan types.NamespacedName, 1)
	r.Tell(func(of types.NamespacedName) { told <- of })
	r.Ask(request)
	select {
	case of := <-told:
		if of != request.For {
			t.Fatalf("%s was told, want %s", of, request.For)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody was told")
	}
	return r.Known(request.For)
}

func pinned(container, image string) service.ImageQuestion {
	return service.ImageQuestion{Container: container, Image: image, Digest: service.IfPossible}
}

func TestAnAnswerIsGoodForOneRevision(t *testing.T) {
	h := newHouse(t)
	first := h.push(t, "web:v1", image(t, v1.Config{User: "1"}))
	r := NewReader(t.Context(), h.options())
	request := Request{For: web, Revision: "web-1", Platform: linux, Questions: []service.ImageQuestion{pinned("app", h.host+"/web:v1")}}
	got := ask(t, r, request)
	if got.Revision != "web-1" || got.Rounds != 1 || got.Ended.IsZero() || got.Answers["app"].Digest != first {
		t.Fatalf("got %+v, want %s", got, first)
	}
	second := h.push(t, "web:v1", image(t, v1.Config{User: "2"}))
	if got := r.Known(web); got.Answers["app"].Digest != first {
		t.Errorf("the answer changed by itself: %+v", got)
	}
	request.Revision = "web-2"
	if got := ask(t, r, request); got.Rounds != 1 || got.Answers["app"].Digest != second {
		t.Errorf("the next revision got %+v, want %s", got, second)
	}
	r.Forget(web)
	if got := r.Known(web); got.Revision != "" {
		t.Errorf("something is left: %+v", got)
	}
}

func TestRoundsOfOneRevisionAreCounted(t *testing.T) {
	h := newHouse(t)
	r := NewReader(t.Context(), h.options())
	request := Request{For: web, Revision: "web-1", Platform: linux, Questions: []service.ImageQuestion{pinned("app", h.host+"/web:v1")}}
	if got := ask(t, r, request); got.Rounds != 1 || got.Answers["app"].Problem == "" {
		t.Fatalf("got %+v, want a problem", got)
	}
	digest := h.push(t, "web:v1", image(t, v1.Config{}))
	if got := ask(t, r, request); got.Rounds != 2 || got.Answers["app"].Digest != digest {
		t.Errorf("got %+v, want %s in the second round", got, digest)
	}
}

func TestFailedAttemptsAreCountedOverAllRounds(t *testing.T) {
	h := newHouse(t)
	options, now := h.options(), time.Now()
	options.Now, options.HostPause = func() time.Time { return now }, 10*time.Second
	for name, tc := range map[string]struct {
		image string
		later time.Duration
		want  []int
	}{
		"an answer is one":                    {h.host + "/web:v1", time.Second, []int{1, 2, 3}},
		"a refused connection is tried again": {"127.0.0.1:1/web:v1", 11 * time.Second, []int{3, 6}},
		"no attempt at who was out of reach":  {"registry.invalid/web:v1", time.Second, []int{1, 1, 1}},
		"but when that is a while ago":        {"registry.invalid/web:v1", 11 * time.Second, []int{1, 2}},
	} {
		t.Run(name, func(t *testing.T) {
			r, got := NewReader(t.Context(), options), []int{}
			for range tc.want {
				got = append(got, ask(t, r, Request{For: web, Revision: "web-1", Platform: linux, Questions: []service.ImageQuestion{pinned("app", tc.image)}}).Answers["app"].Attempts)
				now = now.Add(tc.later)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("%d attempts failed, want %d", got, tc.want)
			}
		})
	}
}

func TestContainersOfOneImageShareOneRead(t *testing.T) {
	h := newHouse(t)
	digest := h.push(t, "web:v1", image(t, v1.Config{User: "web"}))
	var manifests atomic.Int64
	h.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/manifests/") {
			manifests.Add(1)
		}
		return false
	}
	name := h.host + "/web:v1"
	withConfig := pinned("b", name)
	withConfig.Config = service.Required
	got := ask(t, NewReader(t.Context(), h.options()), Request{For: web, Revision: "web-1", Platform: linux, Questions: []service.ImageQuestion{
		pinned("a", name), withConfig, pinned("c", name), {Container: "d", Image: h.host + "/other:v1"},
	}})
	if manifests.Load() != 1 {
		t.Errorf("%d manifests were read, want 1", manifests.Load())
	}
	for _, c := range []string{"a", "b", "c"} {
		if got.Answers[c].Digest != digest {
			t.Errorf("container %s got %+v", c, got.Answers[c])
		}
	}
	if _, asked := got.Answers["d"]; asked || got.Answers["b"].Config == nil {
		t.Errorf("got %+v, want a config for b and nothing for d", got.Answers)
	}
}

func TestNoMoreReadsAtATimeThanAllowed(t *testing.T) {
	h := newHouse(t)
	var now, most atomic.Int64
	h.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if !strings.Contains(r.URL.Path, "/manifests/") {
			return false
		}
		most.Store(max(most.Load(), now.Add(1)))
		defer now.Add(-1)
		time.Sleep(20 * time.Millisecond)
		return false
	}
	o := h.options()
	o.Parallel = 2
	request := Request{For: web, Revision: "web-1", Platform: linux}
	for c := range strings.SplitSeq("abcdef", "") {
		request.Questions = append(request.Questions, pinned(c, h.host+"/"+c+":v1"))
	}
	ask(t, NewReader(t.Context(), o), request)
	if most.Load() != 2 {
		t.Errorf("%d reads at a time, want 2", most.Load())
	}
}

func TestWhatNobodyWaitsForAnyMoreTellsNobody(t *testing.T) {
	h := newHouse(t)
	digest := h.push(t, "web:v2", image(t, v1.Config{}))
	hang := make(chan struct{})
	var once sync.Once
	t.Cleanup(func() { once.Do(func() { close(hang) }) })
	h.before = func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.Contains(r.URL.Path, "/web/manifests/v1") {
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		}
		return false
	}
	r := NewReader(t.Context(), h.options())
	var told atomic.Int64
	r.Tell(func(types.NamespacedName) { told.Add(1) })
	slow := Request{For: web, Revision: "web-1", Platform: linux, Questions: []service.ImageQuestion{pinned("app", h.host+"/web:v1")}}
	r.Ask(slow)
	r.Ask(slow) // asked twice is asked once
	if got := r.Known(web); !got.Ended.IsZero() || got.Began.IsZero() || got.Rounds != 0 {
		t.Errorf("got %+v, want a round that goes on", got)
	}
	quick := slow
	quick.Revision, quick.Questions = "web-2", []service.ImageQuestion{pinned("app", h.host+"/web:v2")}
	got := ask(t, r, quick)
	once.Do(func() { close(hang) })
	if got.Revision != "web-2" || got.Answers["app"].Digest != digest || told.Load() != 0 {
		t.Errorf("got %+v, and %d were told of the first", got, told.Load())
	}
}

func TestAReaderEndsWithItsContext(t *testing.T) {
	h := newHouse(t)
	began := make(chan struct{}, 4)
	h.before = func(_ http.ResponseWriter, r *http.Request) bool {
		began <- struct{}{}
		<-r.Context().Done()
		return true
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := NewReader(ctx, h.options())
	r.Tell(func(types.NamespacedName) { t.Error("somebody was told after the end") })
	r.Ask(Request{For: web, Revision: "web-1", Platform: linux, Questions: []service.ImageQuestion{pinned("app", h.host+"/web:v1")}})
	<-began
	cancel()
	for deadline := time.Now().Add(5 * time.Second); len(r.slots) > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the read goes on")
		}
	}
}
