// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"maps"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/needs"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// +kubebuilder:rbac:groups="",resources=serviceaccounts,verbs=list;watch;create;patch;delete
// +kubebuilder:rbac:groups=networking.k8s.io,resources=networkpolicies,verbs=list;watch;create;patch
// +kubebuilder:rbac:groups=external-secrets.io,resources=externalsecrets,verbs=list;watch;create;patch;delete

// lookAtNeedsAgainIn is how soon what keeps tasks from being started is looked at again.
const lookAtNeedsAgainIn = 5 * time.Second

// needs are what the target's tasks need, as the Deployment or DaemonSet has it that carries them or is about to.
func (o observed) needs(p plan) podspec.Needs {
	target := o.goal()
	switch {
	case p.create != nil:
		return needs.Recorded(p.create)
	case p.daemonSet != nil:
		return needs.Recorded(p.daemonSet)
	case target != nil && target.deployment != nil:
		return needs.Recorded(target.deployment)
	case target != nil && carries(o.daemonSet, *target):
		return needs.Recorded(o.daemonSet)
	}
	return podspec.Needs{}
}

// provide makes what the target's tasks need before there are any, and again where somebody took it away. As long as something is missing
// no Deployment is made; one that is there goes on.
func (r *Reconciler) provide(ctx context.Context, seen observed, p plan) (plan, error) {
	target := seen.goal()
	if target == nil || !seen.drives() || seen.service.DeletionTimestamp != nil {
		return p, nil
	}
	starts := p.create != nil || p.daemonSet != nil
	provider := needs.Provider{Client: r.Client, Cache: r.Cache, Scope: r.Scope}
	selector := service.RevisionSelector(target.object.Spec.Service, target.object.Spec.Revision)
	labels := maps.Clone(selector)
	labels[ecsv1.LabelCluster] = names.LabelValue(target.object.Spec.Cluster)
	outcome, err := provider.Provide(ctx, needs.Tasks{
		Namespace: target.object.Namespace,
		Owner: metav1.OwnerReference{
			APIVersion: ecsv1.GroupVersion.String(), Kind: "ServiceRevision", Name: target.object.Name, UID: target.object.UID,
		},
		Writer: seen.service.UID, Run: target.object.Name, Since: target.object.CreationTimestamp.Time, Labels: labels, Pods: selector, Name: target.object.Name,
	}, seen.needs(p))
	if starts && (err != nil || outcome.Problem != nil || outcome.Waiting != nil) {
		p.create, p.daemonSet, p.missing = nil, nil, &outcome
	}
	return p, err
}

// ofNeed leads from an object that services share to those that need it.
func (r *Reconciler) ofNeed(ctx context.Context, o client.Object) []reconcile.Request {
	var out []reconcile.Request
	for _, ref := range o.GetOwnerReferences() {
		revision := &ecsv1.ServiceRevision{}
		if ref.Kind != "ServiceRevision" || r.Client.Get(ctx, client.ObjectKey{Namespace: o.GetNamespace(), Name: ref.Name}, revision) != nil {
			continue // the revision is gone, and needs nothing
		}
		out = append(out, r.driving(ctx, o.GetNamespace(), revision.Spec.Service)...)
	}
	return out
}
