// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// +kubebuilder:rbac:groups="",resources=services,verbs=list;watch;patch
// +kubebuilder:rbac:groups=discovery.k8s.io,resources=endpointslices,verbs=list;watch
// +kubebuilder:rbac:groups=gateway.networking.k8s.io,resources=httproutes,verbs=list;watch;patch

// trafficSeen is where the traffic of a service goes. Its zero value is that of a service without load balancers.
type trafficSeen struct {
	Production, Test routing
	// HasTest: there is test traffic. Gradual: each load balancer can give a revision a part of the traffic.
	HasTest, Gradual bool
	// problem needs a person before the target may get its first task; waiting ends by itself.
	problem, waiting *conditions.Reason
	// contested says that somebody else keeps changing weights.
	contested *conditions.Reason
	pairs     []pairSeen
	// since is when the traffic was first seen where it is.
	since time.Time
	// next is when something settles by the passing of time alone; zero for never.
	next time.Time
}

// routing is where production or test traffic goes.
type routing struct {
	// Exists is false where there is no such traffic to direct.
	Exists bool
	// TargetTenths is the target's share, in tenths of a percent: of several load balancers the least, and most is the greatest.
	TargetTenths, most int32
	// Settled: that is what happens. Why is what keeps it from being so.
	Settled bool
	Why     string
}

// pairSeen is a load balancer with its core Services, nil where there is none, and its listener rules.
type pairSeen struct {
	traffic.Seen
	services         [2]*corev1.Service
	production, test listener
}

// trafficWanted is what the deployment wants of the traffic: shares of the target's, in tenths; the rest is the source's.
type trafficWanted struct {
	// target and source are ordinals. Without a source, 0, all is the target's.
	target, source   int64
	production, test int32
}

// observeTraffic reads where the traffic goes, after the revisions and their tasks.
func (r *Reconciler) observeTraffic(ctx context.Context, o *observed) error {
	target := o.target()
	if target == nil || !o.drives() || !traffic.Staged(o.sd.Spec.DeploymentConfiguration) {
		return nil
	}
	pairs := traffic.Pairs(target.object.Spec.LoadBalancers)
	if len(pairs) == 0 {
		return nil
	}
	t := trafficSeen{Gradual: true}
	if target.object.Status.ResolvedConfiguration == nil {
		t.waiting = &conditions.Reason{Reason: ecsv1.ReasonProgressing, Message: fmt.Sprintf("waiting for service revision %s to be given its target groups", target.object.Name)}
	}
	services, err := r.coreServices(ctx, o.service)
	if err != nil {
		return err
	}
	for _, pair := range pairs {
		p := pairSeen{Seen: traffic.Seen{Pair: pair, Side: pair.Side(target.object.Status.ResolvedConfiguration)}}
		if err := r.observePair(ctx, o, &p, services); err != nil {
			return err
		}
		t.Gradual = t.Gradual && pair.TakesTurns()
		t.HasTest = t.HasTest || pair.HasTest()
		t.pairs = append(t.pairs, p)
	}
	t.since = r.settling.since(client.ObjectKeyFromObject(o.service), t.where(), o.now)
	t.summarize(target.object.Spec.Revision, o.now)
	t.contested = r.contests.of(client.ObjectKeyFromObject(o.service), o.now)
	o.traffic = t
	return nil
}

// coreServices are the service's, by name.
func (r *Reconciler) coreServices(ctx context.Context, svc *ecsv1.Service) (map[string]*corev1.Service, error) {
	list := &corev1.ServiceList{}
	if err := r.Client.List(ctx, list, client.InNamespace(svc.Namespace), client.MatchingLabels(service.Selector(svc.Name)),
		client.MatchingFields{references.OwnerIndex: string(svc.UID)}); err != nil {
		return nil, err
	}
	out := map[string]*corev1.Service{}
	for i := range list.Items {
		if metav1.IsControlledBy(&list.Items[i], svc) {
			out[list.Items[i].Name] = &list.Items[i]
		}
	}
	return out, nil
}

func (r *Reconciler) observePair(ctx context.Context, o *observed, p *pairSeen, services map[string]*corev1.Service) error {
	for side, name := range p.Services() {
		s := services[name]
		if s == nil {
			p.Missing[side] = fmt.Sprintf("there is no core Service %s yet", name)
			continue
		}
		p.services[side], p.Selects[side] = s, selects(s)
		slices := &discoveryv1.EndpointSliceList{}
		if err := r.Client.List(ctx, slices, client.InNamespace(s.Namespace), client.MatchingLabels{discoveryv1.LabelServiceName: s.Name}, client.UnsafeDisableDeepCopy); err != nil {
			return err
		}
		p.Missing[side] = o.lacks(s, slices.Items)
	}
	if !p.TakesTurns() {
		return nil
	}
	return r.observeListeners(ctx, o.service.Namespace, p)
}

// selects is the revision whose tasks a core Service takes, or everyone's.
func selects(s *corev1.Service) int64 {
	n, err := strconv.ParseInt(s.Spec.Selector[ecsv1.LabelServiceRevision], 10, 64)
	if err != nil {
		return traffic.Everyone
	}
	return n
}

// lacks is why the core Service doesn't send its traffic to the tasks of the one revision that it selects, all that are ready and no others; ""
// if it does.
func (o observed) lacks(s *corev1.Service, slices []discoveryv1.EndpointSlice) string {
	ordinal, tasks, ready := selects(s), map[string]bool{}, false
	for _, r := range o.revisions {
		if r.object.Spec.Revision != ordinal {
			continue
		}
		for _, m := range r.tasks.members {
			tasks[m.pod.Name] = m.task.Ready
			ready = ready || m.task.Ready
		}
	}
	if !ready && service.Desired(o.service) > 0 && ordinal != traffic.Everyone {
		return fmt.Sprintf("service revision %d, which core Service %s selects, has no ready task", ordinal, s.Name)
	}
	return traffic.Missing(s.Name, slices, tasks)
}

// summarize says of production and test traffic how much the target has over all load balancers, which is what the last of them has, and whether that is settled:
// not while one of them gives it more than another, for then neither revision is without traffic.
func (t *trafficSeen) summarize(target int64, now time.Time) {
	t.Production, t.Test = routing{Exists: true, TargetTenths: traffic.All, Settled: true}, routing{Exists: t.HasTest, TargetTenths: traffic.All, Settled: true}
	for i := range t.pairs {
		p := &t.pairs[i]
		if problem := cmp.Or(p.production.problem, p.test.problem); problem != nil && t.problem == nil {
			t.problem = problem
		}
		t.add(&t.Production, p, p.production, p.shareOfProduction(target), p.Seen.Production, now)
		if p.HasTest() {
			t.add(&t.Test, p, p.test, p.shareOfTest(target), p.Seen.Test, now)
		}
	}
	for _, all := range []*routing{&t.Production, &t.Test} {
		if all.Exists && all.Settled && all.most > all.TargetTenths {
			all.Settled, all.Why = false, "the load balancers do not give the new revision the same share of the traffic yet"
		}
	}
}

func (t *trafficSeen) add(to *routing, p *pairSeen, l listener, share, second int32, now time.Time) {
	if share < to.TargetTenths {
		to.TargetTenths = share
	}
	to.most = max(to.most, share)
	why := p.why(l, second, to == &t.Test)
	if settles := t.since.Add(trafficLag); why == "" && settles.After(now) {
		why, t.next = "the traffic was just moved, and proxies may follow a moment later", settles
	}
	if why != "" && to.Settled {
		to.Settled, to.Why = false, why
	}
}

// why the traffic isn't where it seems to be, "" if it is.
func (p *pairSeen) why(l listener, second int32, test bool) string {
	switch {
	case l.problem != nil:
		return l.problem.Message
	case p.TakesTurns() && l.unsettled != "":
		return l.unsettled
	case p.TakesTurns():
		return p.Why(second)
	case test:
		return p.Why(traffic.All)
	}
	return p.Why(0)
}

// shareOfProduction of a revision: all or nothing where the entrance stays.
func (p *pairSeen) shareOfProduction(revision int64) int32 {
	if p.TakesTurns() {
		return p.Share(revision, p.Seen.Production)
	}
	return p.Share(revision, 0)
}

// shareOfTest of a revision: where the entrance stays, the second core Service is that of test traffic.
func (p *pairSeen) shareOfTest(revision int64) int32 {
	if p.TakesTurns() {
		return p.Share(revision, p.Seen.Test)
	}
	return p.Share(revision, traffic.All)
}

// otherWriter is who wrote an object last beside us, "" for nobody.
func otherWriter(o client.Object) string {
	all := slices.DeleteFunc(slices.Clone(o.GetManagedFields()), func(f metav1.ManagedFieldsEntry) bool {
		return f.Subresource != "" || f.Time == nil || f.Manager == string(Owner)
	})
	if len(all) == 0 {
		return ""
	}
	return slices.MaxFunc(all, func(a, b metav1.ManagedFieldsEntry) int { return a.Time.Compare(b.Time.Time) }).Manager
}

// resolves lets through service revisions that are given their target groups, and new ones.
var resolves = predicate.Funcs{
	GenericFunc: func(event.GenericEvent) bool { return false },
	DeleteFunc:  func(event.DeleteEvent) bool { return false },
	UpdateFunc: func(e event.UpdateEvent) bool {
		before, ok1 := e.ObjectOld.(*ecsv1.ServiceRevision)
		after, ok2 := e.ObjectNew.(*ecsv1.ServiceRevision)
		return ok1 && ok2 && before.Status.ResolvedConfiguration == nil && after.Status.ResolvedConfiguration != nil
	},
}
