// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package testkit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Hand plays, in one namespace and only when told to, those parts of Kubernetes that stand between a Deployment and containers:
// deployment and replica set controller, scheduler, kubelet and garbage collector. A test moves it step by step.
//
// A pod goes Converge (made) -> Schedule -> Run -> MakeReady; a deleted one stays until Finish.
type Hand struct {
	Client    client.Client
	Namespace string
	Clock     *Clock
	// Nodes are where pods go for which a test names no node, the one that has the fewest of the namespace; none means HomeNode.
	Nodes []string
}

// Pods are the tasks of a service revision, oldest name first; those of all revisions for ordinal "".
func (h *Hand) Pods(ctx context.Context, ordinal string) ([]corev1.Pod, error) {
	selector := client.MatchingLabels{}
	if ordinal != "" {
		selector[ecsv1.LabelServiceRevision] = ordinal
	}
	list := &corev1.PodList{}
	err := h.Client.List(ctx, list, client.InNamespace(h.Namespace), selector)
	slices.SortFunc(list.Items, func(a, b corev1.Pod) int { return cmp.Compare(a.Name, b.Name) })
	return list.Items, err
}

// Converge gives each Deployment as many pods as it wants: makes missing ones, deletes surplus ones, those that aren't ready first, and then those
// of the lowest deletion cost.
// It reports in the Deployment's status what there is.
func (h *Hand) Converge(ctx context.Context) error {
	list := &appsv1.DeploymentList{}
	if err := h.Client.List(ctx, list, client.InNamespace(h.Namespace)); err != nil {
		return err
	}
	for i := range list.Items {
		d := &list.Items[i]
		if d.DeletionTimestamp != nil {
			continue
		}
		if err := h.converge(ctx, d); err != nil {
			return fmt.Errorf("converging deployment %s: %w", d.Name, err)
		}
	}
	return nil
}

func (h *Hand) converge(ctx context.Context, d *appsv1.Deployment) error {
	pods, err := h.of(ctx, d)
	if err != nil {
		return err
	}
	wanted := int(ptr.Deref(d.Spec.Replicas, 1))
	for range wanted - len(pods) {
		if err := h.Client.Create(ctx, podOf(d)); err != nil {
			return err
		}
	}
	for len(pods) > wanted {
		if err := h.Client.Delete(ctx, &pods[0]); err != nil {
			return err
		}
		pods = pods[1:]
	}
	return h.report(ctx, d)
}

// of are the Deployment's pods that count, in the order in which they would be deleted.
func (h *Hand) of(ctx context.Context, d *appsv1.Deployment) ([]corev1.Pod, error) {
	list := &corev1.PodList{}
	if err := h.Client.List(ctx, list, client.InNamespace(h.Namespace), client.MatchingLabels(d.Spec.Selector.MatchLabels)); err != nil {
		return nil, err
	}
	pods := slices.DeleteFunc(list.Items, func(p corev1.Pod) bool {
		return p.DeletionTimestamp != nil || !metav1.IsControlledBy(&p, d) || ended(&p)
	})
	slices.SortFunc(pods, func(a, b corev1.Pod) int {
		return cmp.Or(cmp.Compare(rank(&a), rank(&b)), cmp.Compare(cost(&a), cost(&b)), cmp.Compare(a.Name, b.Name))
	})
	return pods, nil
}

// rank puts first what a replica set deletes first: unassigned, then pending, then not ready, then ready.
func rank(p *corev1.Pod) int {
	switch {
	case p.Spec.NodeName == "":
		return 0
	case p.Status.Phase == corev1.PodPending:
		return 1
	case !ready(p):
		return 2
	}
	return 3
}

// cost decides among equals of a rank.
func cost(p *corev1.Pod) int {
	n, err := strconv.Atoi(p.Annotations[corev1.PodDeletionCost])
	if err != nil {
		return 0
	}
	return n
}

func ended(p *corev1.Pod) bool {
	return p.Status.Phase == corev1.PodFailed || p.Status.Phase == corev1.PodSucceeded
}

func ready(p *corev1.Pod) bool {
	return slices.ContainsFunc(p.Status.Conditions, func(c corev1.PodCondition) bool {
		return c.Type == corev1.PodReady && c.Status == corev1.ConditionTrue
	})
}

func podOf(d *appsv1.Deployment) *corev1.Pod {
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace:       d.Namespace,
			GenerateName:    d.Name + "-",
			Labels:          d.Spec.Template.Labels,
			Annotations:     d.Spec.Template.Annotations,
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(d, appsv1.SchemeGroupVersion.WithKind("Deployment"))},
		},
		Spec: *d.Spec.Template.Spec.DeepCopy(),
	}
}

// report writes the Deployment's status, unless it says so already.
func (h *Hand) report(ctx context.Context, d *appsv1.Deployment) error {
	pods, err := h.of(ctx, d)
	if err != nil {
		return err
	}
	after := d.DeepCopy()
	after.Status.ObservedGeneration = d.Generation
	after.Status.Replicas, after.Status.UpdatedReplicas = int32(len(pods)), int32(len(pods))
	after.Status.ReadyReplicas = 0
	for i := range pods {
		if ready(&pods[i]) {
			after.Status.ReadyReplicas++
		}
	}
	after.Status.UnavailableReplicas = max(0, ptr.Deref(d.Spec.Replicas, 1)-after.Status.ReadyReplicas)
	return client.IgnoreNotFound(h.Client.Status().Patch(ctx, after, client.MergeFrom(d)))
}

// Finish ends the pods that were asked to stop: their containers have exited.
func (h *Hand) Finish(ctx context.Context) error {
	pods, err := h.Pods(ctx, "")
	if err != nil {
		return err
	}
	for i := range pods {
		if pods[i].DeletionTimestamp == nil {
			continue
		}
		if err := h.Client.Delete(ctx, &pods[i], client.GracePeriodSeconds(0)); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

// Settle brings everything one round further as a healthy cluster would: pods are made, become ready, or go. One whose checks fail goes on
// failing them.
func (h *Hand) Settle(ctx context.Context) error {
	if err := h.Converge(ctx); err != nil {
		return err
	}
	pods, err := h.Pods(ctx, "")
	if err != nil {
		return err
	}
	for i := range pods {
		if p := &pods[i]; p.DeletionTimestamp == nil && !ended(p) && !ready(p) && !fails(p) && len(p.Spec.SchedulingGates) == 0 {
			if err := h.MakeReady(ctx, p); client.IgnoreNotFound(err) != nil {
				return err
			}
		}
	}
	return errors.Join(h.Finish(ctx), h.Converge(ctx), h.CollectGarbage(ctx))
}

// CollectGarbage deletes what belongs to an object that is gone, as the garbage collector does. It goes on until nothing is left.
func (h *Hand) CollectGarbage(ctx context.Context) error {
	for {
		gone, err := h.orphans(ctx)
		if err != nil || len(gone) == 0 {
			return err
		}
		for _, o := range gone {
			if err := h.Client.Delete(ctx, o, client.GracePeriodSeconds(0)); client.IgnoreNotFound(err) != nil {
				return err
			}
		}
	}
}

// kinds are what there may be in a namespace, owners before what they own.
func kinds() []client.ObjectList {
	return []client.ObjectList{
		&ecsv1.ServiceList{}, &ecsv1.TaskDefinitionList{}, &ecsv1.TaskDefinitionRevisionList{}, &ecsv1.ServiceRevisionList{},
		&ecsv1.ServiceDeploymentList{}, &ecsv1.TaskList{}, &ecsv1.AlarmList{}, &appsv1.DeploymentList{}, &appsv1.DaemonSetList{}, &corev1.ServiceList{}, &corev1.PodList{}, &appsv1.ControllerRevisionList{},
		&corev1.ServiceAccountList{}, &networkingv1.NetworkPolicyList{}, &batchv1.CronJobList{}, &batchv1.JobList{},
	}
}

// Objects are all objects of the namespace that a service can consist of.
func (h *Hand) Objects(ctx context.Context) ([]client.Object, error) {
	var out []client.Object
	for _, list := range kinds() {
		if err := h.Client.List(ctx, list, client.InNamespace(h.Namespace)); err != nil {
			return nil, err
		}
		objects, err := objectsOf(list)
		if err != nil {
			return nil, err
		}
		out = append(out, objects...)
	}
	return out, nil
}

func (h *Hand) orphans(ctx context.Context) ([]client.Object, error) {
	all, err := h.Objects(ctx)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, o := range all {
		there[string(o.GetUID())] = true
	}
	return slices.DeleteFunc(all, func(o client.Object) bool {
		owners := o.GetOwnerReferences()
		owned := slices.ContainsFunc(owners, func(owner metav1.OwnerReference) bool { return there[string(owner.UID)] })
		return len(owners) == 0 || owned || o.GetDeletionTimestamp() != nil
	}), nil
}

// Clean removes everything from the namespace, without asking anyone.
func (h *Hand) Clean(ctx context.Context) error {
	all, err := h.Objects(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, o := range all {
		if len(o.GetFinalizers()) > 0 {
			errs = append(errs, client.IgnoreNotFound(h.Client.Patch(ctx, o, client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`)))))
		}
		if err := h.Client.Delete(ctx, o, client.GracePeriodSeconds(0)); !apierrors.IsNotFound(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
