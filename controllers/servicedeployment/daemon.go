// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/needs"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// A DAEMON service is one DaemonSet, whose template is replaced by each deployment. Kubernetes stops the old task of an instance
// and starts the new one, at as many instances at a time as minimumHealthyPercent leaves room for.

// daemonOf is the service's own DaemonSet.
func daemonOf(svc *ecsv1.Service, all []appsv1.DaemonSet) *appsv1.DaemonSet {
	for i := range all {
		if ownedBy(&all[i], svc) && all[i].DeletionTimestamp == nil {
			return &all[i]
		}
	}
	return nil
}

// nextDaemon plans the DaemonSet of a service. A service that is being deleted loses it, and its tasks with it.
func nextDaemon(seen observed, target revision) plan {
	if seen.service.DeletionTimestamp != nil {
		p := plan{rolling: deploy.Plan{Progress: deploy.Waiting, Why: "waiting for stopping tasks to stop"}}
		if seen.daemonSet != nil {
			p.remove = append(p.remove, seen.daemonSet)
		}
		return p
	}
	daemon := deploy.Daemon(daemonObservation(seen, target))
	p := plan{stop: seen.retries(), rolling: deploy.Plan{Progress: daemon.Progress, Why: daemon.Why, Deployed: daemon.Progress == deploy.Complete}}
	switch {
	case seen.otherDaemonSet:
		p.invalid = &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: fmt.Sprintf(
			"there is a DaemonSet %s in the namespace that isn't this service's; delete it, or name the service otherwise", seen.service.Name)}
	case !carries(seen.daemonSet, target) && !seen.frozen():
		p.daemonSet, p.invalid = buildDaemon(seen, target)
	}
	if r := seen.ordinal(daemon.Replace); r != nil {
		p.unhealthy = r.tasks.longestUnhealthy()
	}
	if seen.daemonSet != nil && paceOf(seen.daemonSet).maxUnavailable != daemon.MaxUnavailable {
		p.pace = &pace{daemonSet: seen.daemonSet, maxUnavailable: daemon.MaxUnavailable}
	}
	return p
}

func daemonObservation(seen observed, target revision) deploy.DaemonObservation {
	o := deploy.DaemonObservation{Desired: seen.desired(), Bounds: service.Bounds(seen.service), Frozen: seen.frozen(), Choosing: !seen.choosing.IsZero()}
	o.Observed = carries(seen.daemonSet, target) && seen.daemonSet.Status.ObservedGeneration >= seen.daemonSet.Generation
	for _, r := range seen.revisions {
		counts := deploy.Revision{
			Ordinal: r.object.Spec.Revision,
			Pending: r.tasks.pending, Running: r.tasks.running, Healthy: r.tasks.healthy, Unhealthy: int32(len(r.tasks.unhealthy)),
			Stopping: r.tasks.stopping,
		}
		if r.object.Name == target.object.Name {
			o.Target = counts
		} else {
			o.Sources = append(o.Sources, counts)
		}
	}
	return o
}

// choosingTakes is how long the cluster's controller may take to choose instances for a daemon. It does so by labels of nodes once the service says which task
// definition it runs, which the service learns from its deployment: so the DaemonSet is there first, and wants no task yet.
const choosingTakes = 30 * time.Second

// observeChoosing finds out until when no instance needn't be all that are for the daemon. Where the cluster has none that a daemon could be given to, none is.
func (r *Reconciler) observeChoosing(ctx context.Context, o *observed) error {
	if o.daemonSet == nil || o.desired() > 0 || o.service.DeletionTimestamp != nil || settled(o.sd) {
		return nil
	}
	until := o.goalSince().Add(choosingTakes)
	if !until.After(o.now) {
		return nil
	}
	list := &ecsv1.ContainerInstanceList{}
	if err := r.Client.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil { // thousands, and they are only read
		return err
	}
	cluster := service.Cluster(o.service)
	if slices.ContainsFunc(list.Items, func(c ecsv1.ContainerInstance) bool {
		return c.Spec.Cluster == cluster && takesDaemons(c.Status.Status)
	}) {
		o.choosing = until
	}
	return nil
}

// takesDaemons reports whether an instance can be chosen for a daemon that it doesn't have. One without a state is new.
func takesDaemons(s ecsv1.ContainerInstanceState) bool {
	return s == "" || s == ecsv1.ContainerInstanceStateRegistering || s == ecsv1.ContainerInstanceStateActive
}

// goalSince is when the deployment was given the revision that it goes to.
func (o observed) goalSince() time.Time {
	s := o.sd.Status
	switch {
	case s.Rollback != nil && s.Rollback.StartedAt != nil:
		return s.Rollback.StartedAt.Time
	case s.StartedAt != nil:
		return s.StartedAt.Time
	}
	return o.now
}

// choosesFor is how much longer instances may be chosen, 0 where that is over.
func (o observed) choosesFor() time.Duration {
	if o.choosing.IsZero() || !o.drives() {
		return 0
	}
	return o.choosing.Sub(o.now)
}

// desired is the number of tasks that the service is to have: of a daemon as many as container instances for it.
func (o observed) desired() int32 {
	switch {
	case !service.IsDaemon(o.service):
		return service.Desired(o.service)
	case o.daemonSet == nil || o.service.DeletionTimestamp != nil:
		return 0
	}
	return o.daemonSet.Status.DesiredNumberScheduled
}

// requested is what was asked for of one revision.
func (o observed) requested(r revision) int32 {
	if service.IsDaemon(o.service) {
		if !carries(o.daemonSet, r) {
			return 0
		}
		return o.desired()
	}
	return r.wanted()
}

// ordinal is the revision of that number, nil for none.
func (o observed) ordinal(n int64) *revision {
	for i := range o.revisions {
		if o.revisions[i].object.Spec.Revision == n {
			return &o.revisions[i]
		}
	}
	return nil
}

// carries reports whether the template of the DaemonSet is the revision's.
func carries(d *appsv1.DaemonSet, r revision) bool {
	return d != nil && d.Spec.Template.Labels[ecsv1.LabelServiceRevision] == strconv.FormatInt(r.object.Spec.Revision, 10)
}

func buildDaemon(seen observed, target revision) (*appsv1.DaemonSet, *conditions.Reason) {
	translated, problem := translate(seen, target)
	if problem != nil {
		return nil, problem
	}
	chooseByLabel(&translated.Template.Spec, seen.service)
	d := &appsv1.DaemonSet{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       seen.service.Namespace,
			Name:            seen.service.Name,
			Labels:          translated.Template.Labels,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(seen.service, ecsv1.GroupVersion.WithKind("Service"))},
		},
		Spec: appsv1.DaemonSetSpec{
			Selector:             &metav1.LabelSelector{MatchLabels: service.Selector(seen.service.Name)},
			Template:             translated.Template,
			MinReadySeconds:      translated.MinReadySeconds,
			RevisionHistoryLimit: ptr.To[int32](0),
		},
	}
	needs.Record(d, translated.Needs)
	return d, nil
}

// chooseByLabel puts the service's own node label, which the cluster's instances have that it is to run on, in the place of the cluster's.
func chooseByLabel(pod *corev1.PodSpec, svc *ecsv1.Service) {
	if pod.NodeSelector == nil {
		pod.NodeSelector = map[string]string{}
	}
	delete(pod.NodeSelector, ecsv1.LabelCluster)
	pod.NodeSelector[names.DaemonLabel(svc.Namespace, svc.Name)] = ""
}

// applyDaemon sets the pace before it gives the DaemonSet another template. The pace has an owner of its own, as counts have: setting
// it never touches the template.
func (r *Reconciler) applyDaemon(ctx context.Context, plan plan) error {
	if p := plan.pace; p != nil {
		u := only(p.daemonSet, "DaemonSet")
		u.Object["spec"] = map[string]any{"updateStrategy": p.strategy()}
		if err := r.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), countOwner, client.ForceOwnership); err != nil {
			return fmt.Errorf("setting how many tasks of daemon set %s are replaced at a time: %w", p.daemonSet.Name, err)
		}
	}
	if plan.daemonSet != nil {
		if _, err := r.writer().Apply(ctx, plan.daemonSet, nil); err != nil {
			return fmt.Errorf("making daemon set %s: %w", plan.daemonSet.Name, err)
		}
	}
	if u := plan.unhealthy; u != nil {
		if err := r.writer().Delete(ctx, u.pod); err != nil {
			return fmt.Errorf("stopping pod %s, whose task is unhealthy: %w", u.pod.Name, err)
		}
	}
	return nil
}

// pace is how many tasks of a DaemonSet may be replaced at a time.
type pace struct {
	daemonSet      *appsv1.DaemonSet
	maxUnavailable int32
}

// strategy says 0 as OnDelete, by which nothing is replaced: a rolling update must be allowed at least one.
func (p pace) strategy() map[string]any {
	if p.maxUnavailable == 0 {
		return map[string]any{"type": string(appsv1.OnDeleteDaemonSetStrategyType)}
	}
	return map[string]any{
		"type":          string(appsv1.RollingUpdateDaemonSetStrategyType),
		"rollingUpdate": map[string]any{"maxUnavailable": int64(p.maxUnavailable)},
	}
}

// paceOf reads the pace that a DaemonSet has.
func paceOf(d *appsv1.DaemonSet) pace {
	p := pace{daemonSet: d}
	if update := d.Spec.UpdateStrategy; update.Type == appsv1.RollingUpdateDaemonSetStrategyType && update.RollingUpdate != nil && update.RollingUpdate.MaxUnavailable != nil {
		p.maxUnavailable = update.RollingUpdate.MaxUnavailable.IntVal
	}
	return p
}
