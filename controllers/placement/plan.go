// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"fmt"
	"hash/fnv"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

const (
	// signalled is how many tasks of a cluster may wait for capacity at a time (ECS: 500 PROVISIONING tasks per cluster with capacity providers). Autoscalers see no more.
	signalled = 500
	// patience is how long the scheduler may refuse a task that was sent to an instance. It tries again whenever something changes.
	patience = 2 * time.Second
	// outdated is how old a task is that waits through a capacity provider which its service doesn't use any more before another takes its place.
	outdated = 30 * time.Second
	// anyway is how often a cluster with tasks that wait is looked at when nothing happens.
	anyway = 30 * time.Second
)

// plan is what is done.
type plan struct {
	place   []placing
	wait    []delay
	replace []replacing
	// lookAgainIn is when to look again if nothing happens; 0 for never.
	lookAgainIn time.Duration
}

// placing sends a task to an instance, whose name is that of its node.
type placing struct {
	pod      *corev1.Pod
	instance string
	// provider that the task is placed through and doesn't say so yet, nil for none.
	provider *service.Provider
	// strategy is the first of those that chose.
	strategy string
}

// delay is a task that stays without an instance.
type delay struct {
	pod      *corev1.Pod
	reason   string
	message  string
	provider *service.Provider
}

// replacing deletes a task that gets nowhere, so that its ReplicaSet makes another.
type replacing struct {
	pod  *corev1.Pod
	kind types.UID
	node string
	why  string
	// shun: the instance isn't to be chosen again for a while.
	shun bool
}

// next places the tasks that wait, each by what those before it left.
func next(seen observed) plan {
	var p plan
	if len(seen.waiting) == 0 && len(seen.inFlight) == 0 {
		return p // to describe thousands of instances is most of the work
	}
	fleet := instances.Fleet(seen.world)
	p.replaceLost(seen, fleet)
	asked := map[requestKey]*asked{}
	for i := range seen.waiting {
		w := &seen.waiting[i]
		if w.carriage == nil {
			continue
		}
		if left(w, seen.now) {
			p.replace = append(p.replace, replacing{pod: w.pod, why: "its service doesn't use capacity provider " + w.pod.Labels[ecsv1.LabelCapacityProvider] + " any more"})
			continue
		}
		provider, given := providerOf(w, seen.shares)
		p.put(fleet, ask(asked, w, provider), w, provider, given)
	}
	if len(p.wait) > 0 {
		p.lookIn(anyway)
	}
	return p
}

// put places one task, or says why it waits.
func (p *plan) put(fleet *placement.Fleet, a *asked, w *waiting, provider *service.Provider, given bool) {
	fresh := provider
	if given {
		fresh = nil
	}
	if a.refusal == nil || a.placed != len(p.place) { // room only becomes less, but what others do may please a constraint
		instance, refusal := fleet.Place(a.request)
		if instance != nil {
			a.refusal = nil
			p.place = append(p.place, placing{pod: w.pod, instance: instance.Name, provider: fresh, strategy: a.strategy()})
			return
		}
		a.refusal, a.placed = refusal, len(p.place)
	}
	if w.strays() {
		fresh = nil // narrowed to a second provider, no node would do for it
	}
	d := delay{pod: w.pod, provider: fresh, reason: corev1.PodReasonUnschedulable, message: instances.Sentence(a.refusal, a.request.Provider)}
	switch {
	case len(p.wait) >= signalled && (!w.alone || provider != nil):
		d.reason, d.message = corev1.PodReasonSchedulingGated, instances.LimitExceeded
	case w.alone:
		d.message = instances.Failure(a.refusal, a.request.Provider)
	}
	p.wait = append(p.wait, d)
}

// replaceLost finds the tasks that can't get where they were sent. What becomes of one that someone runs by itself is its Task's business.
func (p *plan) replaceLost(seen observed, fleet *placement.Fleet) {
	for _, f := range seen.inFlight {
		node := instances.Destination(f.pod)
		instance := fleet.Instance(node)
		r := replacing{pod: f.pod, kind: f.kind, node: node}
		switch {
		case f.alone:
			continue
		case instance == nil || instance.Handle == nil:
			r.why = "container instance " + node + " is gone"
		case !instance.Active:
			r.why = "container instance " + node + " takes no more tasks"
		case f.refusedSince.IsZero():
			continue
		case seen.now.Before(f.refusedSince.Add(patience)):
			p.lookIn(f.refusedSince.Add(patience).Sub(seen.now))
			continue
		default:
			r.shun, r.why = true, fmt.Sprintf("the scheduler doesn't take it to container instance %s: %s", node, taskstate.RefusedByScheduler(f.pod))
		}
		p.replace = append(p.replace, r)
	}
}

func (p *plan) lookIn(d time.Duration) {
	if p.lookAgainIn == 0 || d < p.lookAgainIn {
		p.lookAgainIn = d
	}
}

// requestKey tells which tasks ask for the same.
type requestKey struct {
	kind     types.UID
	provider string
	needs    string
	// stray is the provider that a task waits through though it isn't asked for: such a task can get to fewer instances than others of its kind.
	stray string
}

// asked is a request, and the refusal that it got after so many others had been placed.
type asked struct {
	request *placement.Request
	refusal *placement.Refusal
	placed  int
}

func (a *asked) strategy() string {
	if len(a.request.Strategies) == 0 {
		return "none"
	}
	return string(a.request.Strategies[0].Type)
}

// ask makes the request of a task, or finds that of one like it. Which of equals is taken is decided by the first of them.
func ask(all map[requestKey]*asked, w *waiting, provider *service.Provider) *asked {
	key := requestKey{kind: w.kind, needs: instances.Fingerprint(w.pod)}
	want := instances.Ask{Constraints: w.carriage.Constraints, Strategies: w.carriage.Strategies, Avoid: w.avoid, Seed: seed(w.pod)}
	if provider != nil {
		key.provider = provider.Name
		want.Provider = &instances.Provider{Name: provider.Name, Tolerations: provider.Tolerations}
	}
	if w.strays() {
		key.stray = w.pod.Labels[ecsv1.LabelCapacityProvider]
	}
	if all[key] == nil {
		all[key] = &asked{request: instances.Request(w.pod, want)}
	}
	return all[key]
}

func seed(pod *corev1.Pod) uint64 {
	h := fnv.New64a()
	h.Write([]byte(pod.UID))
	return h.Sum64()
}

// providerOf is the capacity provider of a task, nil where any instance will do: the one that it was given before, or else that whose share is filled
// the least. given: it says so already. A task that someone runs keeps what it was given when it was run, whatever becomes of the cluster's default
// strategy: its node affinity says where that is.
func providerOf(w *waiting, counts map[revisionKey]map[string]int) (provider *service.Provider, given bool) {
	shares := w.carriage.Shares
	if len(shares) == 0 || w.alone && w.strays() {
		return nil, false
	}
	placed := map[string]int{}
	for i, s := range shares {
		label := names.LabelValue(s.Provider)
		if w.pod.Labels[ecsv1.LabelCapacityProvider] == label {
			return &w.carriage.Providers[i], true
		}
		placed[s.Provider] = counts[w.revision][label]
	}
	name := placement.NextProvider(shares, placed)
	for i := range w.carriage.Providers {
		if w.carriage.Providers[i].Name != name {
			continue
		}
		if counts[w.revision] == nil {
			counts[w.revision] = map[string]int{}
		}
		counts[w.revision][names.LabelValue(name)]++
		return &w.carriage.Providers[i], false
	}
	return nil, false
}

// left reports whether a service's task waits for a capacity provider that isn't among those of its service any more, and another in its place
// wouldn't.
func left(w *waiting, now time.Time) bool {
	return !w.alone && w.strays() && !w.kept && !now.Before(w.pod.CreationTimestamp.Add(outdated))
}
