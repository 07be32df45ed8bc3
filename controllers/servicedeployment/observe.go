// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/hooks"
	"github.com/ecs-operator/ecs-operator/internal/podsecurity"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// observed is everything that a deployment is planned from.
type observed struct {
	sd      *ecsv1.ServiceDeployment
	service *ecsv1.Service
	// newest is the deployment that drives; older ones are history.
	newest *ecsv1.ServiceDeployment
	// completed is the name of the revision that a deployment goes back to, "" for none.
	completed string
	// revisions of the service, by ordinal.
	revisions []revision
	// daemonSet carries the tasks of a DAEMON service, nil where there is none.
	daemonSet *appsv1.DaemonSet
	// otherDaemonSet: one has the name that the service's would have, and is somebody else's.
	otherDaemonSet bool
	// choosing is until when container instances may be chosen yet for a daemon that has none, zero where none is waited for.
	choosing time.Time
	// occupant has the name of the goal's Deployment and isn't it: left over from an earlier service, or somebody else's.
	occupant *appsv1.Deployment
	// taskDefinition of the goal, nil when it is gone.
	taskDefinition *ecsv1.TaskDefinitionRevision
	platform       service.Platform
	// cluster of the service, nil where there is none, and all capacity providers.
	cluster   *ecsv1.ClusterSpec
	providers []ecsv1.CapacityProvider
	// alarms of the namespace, where the service names any.
	alarms []ecsv1.Alarm
	// retemplating are the next steps to give new tasks another placement.
	retemplating []retemplating
	// draining are the container instances that are DRAINING.
	draining draining
	// traffic is where the traffic of a service goes whose deployments move it.
	traffic trafficSeen
	// hooks is how the lifecycle hooks of the stage stand.
	hooks hooks.Output
	now   time.Time
}

// revision is a service revision with the Deployment that carries it, nil where there is none, and its tasks.
type revision struct {
	object     *ecsv1.ServiceRevision
	deployment *appsv1.Deployment
	tasks      tasks
}

// refused is why the apiserver takes no more pods of the revision, "" while it does: a quota, a policy, a Pod Security level that holds
// for the whole cluster. The Deployment's controller keeps asking, so that it ends by itself.
func (r revision) refused() string {
	if r.deployment == nil {
		return ""
	}
	for _, c := range r.deployment.Status.Conditions {
		if c.Type == appsv1.DeploymentReplicaFailure && c.Status == corev1.ConditionTrue {
			return c.Message[:min(len(c.Message), 800)] // statusReason holds 1024
		}
	}
	return ""
}

func (r *Reconciler) observe(ctx context.Context, sd *ecsv1.ServiceDeployment) (observed, error) {
	o := observed{sd: sd, now: r.Now(), platform: r.Platform, hooks: hooks.Output{Verdict: hooks.Passed, Runs: sd.Status.LifecycleHookDetails}}
	svc := &ecsv1.Service{}
	if err := r.Client.Get(ctx, client.ObjectKey{Namespace: sd.Namespace, Name: sd.Spec.Service}, svc); err != nil {
		return o, client.IgnoreNotFound(err)
	}
	ours := references.OfService(sd.Namespace, svc.Name)
	sds, revisions := &ecsv1.ServiceDeploymentList{}, &ecsv1.ServiceRevisionList{}
	deployments, daemonSets, pods := &appsv1.DeploymentList{}, &appsv1.DaemonSetList{}, &corev1.PodList{}
	if err := r.Client.List(ctx, pods, references.OfService(sd.Namespace, svc.Name, client.UnsafeDisableDeepCopy)...); err != nil { // thousands, and they are only read
		return o, err
	}
	for _, list := range []client.ObjectList{sds, revisions, deployments, daemonSets} {
		if err := r.Client.List(ctx, list, ours...); err != nil {
			return o, err
		}
	}
	if !ownedBy(sd, svc) {
		return o, nil // left over from an earlier service of the same name
	}
	o.service = svc
	var err error
	if o.draining, err = r.observeDraining(ctx); err != nil {
		return o, err
	}
	o.newest = newestOf(svc, sds.Items)
	o.completed = lastCompleted(svc, sds.Items, service.Ordinal(sd))
	o.daemonSet = daemonOf(svc, daemonSets.Items)
	o.revisions = o.join(revisions.Items, deployments.Items, pods.Items)
	goal := o.goal()
	if goal == nil {
		return o, nil
	}
	if err := r.observeOccupant(ctx, &o, goal); err != nil {
		return o, err
	}
	if err := r.observePlatform(ctx, &o, goal); err != nil {
		return o, err
	}
	if err := r.observeAlarms(ctx, &o); err != nil {
		return o, err
	}
	if err := r.observePlacement(ctx, &o); err != nil {
		return o, err
	}
	if err := r.observeTraffic(ctx, &o); err != nil {
		return o, err
	}
	td := &ecsv1.TaskDefinitionRevision{}
	err = r.Client.Get(ctx, client.ObjectKey{Namespace: sd.Namespace, Name: goal.object.Spec.TaskDefinitionRevisionName}, td)
	if client.IgnoreNotFound(err) != nil {
		return o, err
	}
	if err == nil {
		o.taskDefinition = td
	}
	return o, r.observeStage(ctx, &o)
}

// observePlatform reads what the tasks depend on beside their revision: the namespace's Pod Security level, and the cluster.
func (r *Reconciler) observePlatform(ctx context.Context, o *observed, target *revision) error {
	namespace, clusters, providers := &corev1.Namespace{}, &ecsv1.ClusterList{}, &ecsv1.CapacityProviderList{}
	if err := r.Client.Get(ctx, client.ObjectKey{Name: o.sd.Namespace}, namespace); err != nil {
		return err
	}
	for _, list := range []client.ObjectList{clusters, providers} {
		if err := r.Client.List(ctx, list); err != nil {
			return err
		}
	}
	o.cluster, o.providers = service.FindCluster(target.object.Spec.Cluster, clusters.Items), providers.Items
	o.platform.PodSecurity = podsecurity.Enforced(namespace.Labels).Name()
	o.platform.Cluster = service.ClusterOf(target.object.Spec.Cluster, clusters.Items)
	return nil
}

func (r *Reconciler) observeOccupant(ctx context.Context, o *observed, target *revision) error {
	if service.IsDaemon(o.service) {
		return errors.Join(r.observeOtherDaemonSet(ctx, o), r.observeChoosing(ctx, o))
	}
	if target.deployment != nil {
		return nil
	}
	found := &appsv1.Deployment{}
	err := r.Client.Get(ctx, client.ObjectKeyFromObject(target.object), found)
	if err == nil && !metav1.IsControlledBy(found, target.object) {
		o.occupant = found
	}
	return client.IgnoreNotFound(err)
}

func (r *Reconciler) observeOtherDaemonSet(ctx context.Context, o *observed) error {
	found := &appsv1.DaemonSet{}
	err := r.Client.Get(ctx, client.ObjectKeyFromObject(o.service), found)
	o.otherDaemonSet = err == nil && !metav1.IsControlledBy(found, o.service)
	return client.IgnoreNotFound(err)
}

// target is the revision that the deployment is of, nil where it isn't there yet. goal is the one that it goes to: the target, or where it goes back to.
func (o observed) target() *revision { return o.named(o.sd.Spec.TargetServiceRevision) }
func (o observed) goal() *revision   { return o.named(service.Goal(o.sd)) }

func (o observed) named(name string) *revision {
	for i := range o.revisions {
		if o.revisions[i].object.Name == name {
			return &o.revisions[i]
		}
	}
	return nil
}

// drives reports whether this is the deployment that acts.
func (o observed) drives() bool { return o.newest != nil && o.newest.Name == o.sd.Name }

// lookAgainIn is how long until something changes by the passing of time alone; 0 for never.
func (o observed) lookAgainIn(p plan) time.Duration {
	var soonest time.Duration
	if at := o.traffic.next; !at.IsZero() {
		soonest = at.Sub(o.now)
	}
	if p.missing != nil || o.traffic.problem != nil {
		soonest = lookAtNeedsAgainIn // what is missing may be of a kind that isn't watched yet
	}
	if ends := o.bakeEnds(p); !ends.IsZero() {
		soonest = ends.Sub(o.now)
	}
	if p.rebalancing.again {
		soonest = sooner(soonest, lookForRoomAgainIn)
	}
	if at := o.hooks.Next; !at.IsZero() && o.drives() {
		soonest = sooner(soonest, max(time.Millisecond, at.Sub(o.now)))
	}
	if s := p.staged; s != nil && !s.LookAgain.IsZero() {
		soonest = sooner(soonest, max(time.Millisecond, s.LookAgain.Sub(o.now)))
	}
	soonest = sooner(soonest, o.choosesFor())
	for _, r := range o.revisions {
		if at := r.tasks.next; !at.IsZero() && o.drives() {
			if wait := at.Sub(o.now); soonest == 0 || wait < soonest {
				soonest = wait
			}
		}
	}
	return soonest
}

// sooner is the shorter of two waits, of which 0 is none.
func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

func ownedBy(o client.Object, svc *ecsv1.Service) bool {
	for _, ref := range o.GetOwnerReferences() {
		if ref.UID == svc.UID {
			return true
		}
	}
	return false
}

// newestOf is the service's deployment with the highest revision.
func newestOf(svc *ecsv1.Service, all []ecsv1.ServiceDeployment) *ecsv1.ServiceDeployment {
	var newest *ecsv1.ServiceDeployment
	for i := range all {
		if ownedBy(&all[i], svc) && (newest == nil || service.Ordinal(&all[i]) > service.Ordinal(newest)) {
			newest = &all[i]
		}
	}
	return newest
}

// lastCompleted is the revision of the service that a deployment of that ordinal goes back to.
func lastCompleted(svc *ecsv1.Service, all []ecsv1.ServiceDeployment, before int64) string {
	own := slices.DeleteFunc(slices.Clone(all), func(d ecsv1.ServiceDeployment) bool { return !ownedBy(&d, svc) })
	return service.LastCompleted(own, before)
}

// join puts each revision of the service together with its Deployment and its tasks, in order of the ordinals.
func (o observed) join(objects []ecsv1.ServiceRevision, deployments []appsv1.Deployment, pods []corev1.Pod) []revision {
	var out []revision
	for i := range objects {
		if !ownedBy(&objects[i], o.service) {
			continue
		}
		r := revision{object: &objects[i]}
		for j := range deployments {
			if metav1.IsControlledBy(&deployments[j], &objects[i]) && deployments[j].DeletionTimestamp == nil {
				r.deployment = &deployments[j]
			}
		}
		r.tasks = o.count(r, pods)
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b revision) int { return cmp.Compare(a.object.Spec.Revision, b.object.Spec.Revision) })
	return out
}

// minReadySeconds is how long the revision's tasks have to be ready to count as healthy.
func (o observed) minReadySeconds(r revision) int32 {
	switch {
	case r.deployment != nil:
		return r.deployment.Spec.MinReadySeconds
	case carries(o.daemonSet, r):
		return o.daemonSet.Spec.MinReadySeconds
	}
	return 0 // nothing carries it any more, and its tasks are on their way out
}

// ofService and ofLabel lead from a change to the deployment that drives the service, and to those that have yet to learn that they
// don't any more: until then they have a target.
func (r *Reconciler) ofService(ctx context.Context, o client.Object) []reconcile.Request {
	return r.driving(ctx, o.GetNamespace(), o.GetName())
}

func (r *Reconciler) ofLabel(ctx context.Context, o client.Object) []reconcile.Request {
	return r.driving(ctx, o.GetNamespace(), o.GetLabels()[ecsv1.LabelService])
}

// driving takes the name of a service, or the value of the label that stands for it.
func (r *Reconciler) driving(ctx context.Context, namespace, name string) []reconcile.Request {
	list := &ecsv1.ServiceDeploymentList{}
	if err := r.Client.List(ctx, list, references.OfService(namespace, name, client.UnsafeDisableDeepCopy)...); err != nil { // for each event of a pod
		return nil // the cache answers, and it does so once it is filled
	}
	var out []reconcile.Request
	for i := range list.Items {
		if sd := &list.Items[i]; !settled(sd) || i == newestIndex(list.Items) || sd.Status.TargetServiceRevision != nil {
			out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(sd)})
		}
	}
	return out
}

func newestIndex(all []ecsv1.ServiceDeployment) int {
	newest := 0
	for i := range all {
		if service.Ordinal(&all[i]) > service.Ordinal(&all[newest]) {
			newest = i
		}
	}
	return newest
}

// settled reports whether the deployment is in one of its last states.
func settled(sd *ecsv1.ServiceDeployment) bool { return deploy.Ended(sd.Status.Status) }
