// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/kube"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

const (
	// atOnce is how many writes are under way at a time.
	atOnce = 32
	// afterConflict is how long the cache is given to catch up.
	afterConflict = 200 * time.Millisecond
)

// apply carries the plan out. again: a task has changed since it was looked at.
func (r *Reconciler) apply(ctx context.Context, seen observed, p plan) (again bool, err error) {
	var work []func() error
	for _, one := range p.replace {
		work = append(work, func() error { return r.replace(ctx, one, seen.now) })
	}
	for _, one := range p.place {
		work = append(work, func() error { return r.place(ctx, one, seen.now) })
	}
	for _, one := range p.wait {
		if one.provider != nil || !told(one) {
			work = append(work, func() error { return r.delay(ctx, one, seen.now) })
		}
	}
	return inParallel(work)
}

// inParallel does all of the work, whatever comes of its parts.
func inParallel(work []func() error) (again bool, err error) {
	var mu sync.Mutex
	var errs []error
	var group sync.WaitGroup
	turn := make(chan struct{}, atOnce)
	for _, do := range work {
		turn <- struct{}{}
		group.Go(func() {
			defer func() { <-turn }()
			failure := do()
			mu.Lock()
			defer mu.Unlock()
			switch {
			case stale(failure):
				again = true
			case failure != nil:
				errs = append(errs, failure)
			}
		})
	}
	group.Wait()
	return again, errors.Join(errs...)
}

// stale: the task has changed since, or is no more. A gate that is lifted already makes the rest of the patch invalid.
func stale(err error) bool {
	return apierrors.IsConflict(err) || apierrors.IsNotFound(err) || apierrors.IsInvalid(err)
}

// untracked ends that the apiserver keeps account of who set which field of the pod, until someone applies it from the server's side. Nobody applies
// pods that are there, and the account is a good part of what each later write of the pod costs (docs/design/0027).
var untracked = []map[string]any{{}}

// place lifts the gate and narrows the affinity in one write. The version keeps a late write of an operator that was killed from undoing a later one.
func (r *Reconciler) place(ctx context.Context, p placing, now time.Time) error {
	meta := identity(p.pod)
	annotations := map[string]string{ecsv1.AnnotationContainerInstance: p.instance}
	if alone(p.pod) {
		annotations[ecsv1.AnnotationPlacedAt] = now.UTC().Format(time.RFC3339) // it is given so long from then to be bound
	}
	meta["annotations"], meta["managedFields"] = annotations, untracked
	spec := map[string]any{
		"schedulingGates": nil,
		"affinity":        affinity(instances.Narrowed(instances.RequiredTerms(p.pod), p.instance)),
	}
	c := choice{node: p.instance, until: now.Add(held)}
	if p.provider != nil {
		c.provider = p.provider.Name
		meta["labels"] = map[string]string{ecsv1.LabelCapacityProvider: names.LabelValue(p.provider.Name)}
		tolerate(spec, p.pod, p.provider)
	}
	err := r.patch(ctx, p.pod, c, map[string]any{"metadata": meta, "spec": spec})
	if err == nil {
		placed(p, now)
	}
	return err
}

// delay gives a task that waits its capacity provider, if it has none yet, and then says why it waits.
func (r *Reconciler) delay(ctx context.Context, d delay, now time.Time) error {
	if d.provider != nil {
		if err := r.give(ctx, d, now); err != nil {
			return err
		}
	}
	if told(d) {
		return nil
	}
	return r.tell(ctx, d, now)
}

// give narrows a task that waits to the nodes of its capacity provider, so that an autoscaler makes one of these. It stays with the provider.
func (r *Reconciler) give(ctx context.Context, d delay, now time.Time) error {
	meta := identity(d.pod)
	meta["labels"] = map[string]string{ecsv1.LabelCapacityProvider: names.LabelValue(d.provider.Name)}
	spec := map[string]any{}
	tolerate(spec, d.pod, d.provider)
	if terms := podspec.Through(instances.RequiredTerms(d.pod), d.provider.Nodes); len(terms) > 0 {
		spec["affinity"] = affinity(terms)
	}
	return r.patch(ctx, d.pod, choice{provider: d.provider.Name, until: now.Add(held)}, map[string]any{"metadata": meta, "spec": spec})
}

// tolerate adds the provider's tolerations to those that the pod has. Kubernetes lets none be taken away.
func tolerate(spec map[string]any, pod *corev1.Pod, provider *service.Provider) {
	if len(provider.Tolerations) > 0 {
		spec["tolerations"] = slices.Concat(pod.Spec.Tolerations, provider.Tolerations)
	}
}

// patch writes a choice, which counts from now on unless it certainly wasn't made.
func (r *Reconciler) patch(ctx context.Context, pod *corev1.Pod, c choice, fields map[string]any) error {
	data, err := json.Marshal(fields)
	if err != nil {
		return fmt.Errorf("writing a patch: %w", err)
	}
	r.memory.hold(pod.UID, c)
	// Nobody reads what comes back, so that metadata is enough of it.
	o := &metav1.PartialObjectMetadata{ObjectMeta: metav1.ObjectMeta{Namespace: pod.Namespace, Name: pod.Name}}
	o.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Pod"))
	err = r.Client.Patch(ctx, o, client.RawPatch(types.MergePatchType, data), Owner)
	if stale(err) {
		r.memory.release(pod.UID)
	}
	if err != nil {
		return fmt.Errorf("placing task %s/%s: %w", pod.Namespace, pod.Name, err)
	}
	return nil
}

func identity(pod *corev1.Pod) map[string]any {
	return map[string]any{"uid": pod.UID, "resourceVersion": pod.ResourceVersion}
}

func affinity(terms []corev1.NodeSelectorTerm) map[string]any {
	return map[string]any{"nodeAffinity": map[string]any{"requiredDuringSchedulingIgnoredDuringExecution": map[string]any{"nodeSelectorTerms": terms}}}
}

// told: the condition says so already, but for which instance came closest.
func told(d delay) bool {
	c := scheduled(d.pod)
	return c != nil && c.Status == corev1.ConditionFalse && c.Reason == d.reason && instances.SameRefusal(c.Message, d.message)
}

func scheduled(pod *corev1.Pod) *corev1.PodCondition {
	for i := range pod.Status.Conditions {
		if pod.Status.Conditions[i].Type == corev1.PodScheduled {
			return &pod.Status.Conditions[i]
		}
	}
	return nil
}

// tell writes into the condition why a task waits. Its status stays what it was, and so the time of its last change.
func (r *Reconciler) tell(ctx context.Context, d delay, now time.Time) error {
	since := metav1.NewTime(now)
	if c := scheduled(d.pod); c != nil && c.Status == corev1.ConditionFalse {
		since = c.LastTransitionTime
	}
	data, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"uid": d.pod.UID},
		"status": map[string]any{"conditions": []corev1.PodCondition{{
			Type: corev1.PodScheduled, Status: corev1.ConditionFalse, Reason: d.reason, Message: d.message, LastTransitionTime: since,
		}}},
	})
	if err != nil {
		return fmt.Errorf("writing a patch: %w", err)
	}
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: d.pod.Namespace, Name: d.pod.Name}}
	if err := r.Client.Status().Patch(ctx, pod, client.RawPatch(types.StrategicMergePatchType, data), Owner); err != nil {
		return fmt.Errorf("telling why task %s/%s waits: %w", d.pod.Namespace, d.pod.Name, err)
	}
	return nil
}

// replace deletes a task that gets nowhere.
func (r *Reconciler) replace(ctx context.Context, p replacing, now time.Time) error {
	if p.shun {
		r.memory.shun(p.kind, p.node, now)
	}
	log.FromContext(ctx).Info("Replaced a task that gets nowhere", "pod", klog.KObj(p.pod), "why", p.why)
	if err := (kube.Writer{Client: r.Client, Owner: Owner}).Delete(ctx, p.pod); err != nil {
		return fmt.Errorf("replacing task %s/%s: %w", p.pod.Namespace, p.pod.Name, err)
	}
	return nil
}
