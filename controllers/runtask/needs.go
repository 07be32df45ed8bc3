// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/needs"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

// lookAtNeedsAgainIn is how soon what keeps a task from being started is looked at again.
const lookAtNeedsAgainIn = 5 * time.Second

// provide makes what the task needs before its pod, and again where somebody took it away while the task runs. As long as something is
// missing the pod isn't made.
func (r *Reconciler) provide(ctx context.Context, seen observed, p plan) (plan, error) {
	wanted := seen.needs(p)
	outcome, err := r.provideAll(ctx, seen, wanted)
	if p.create != nil && (err != nil || outcome.Problem != nil || outcome.Waiting != nil) {
		p.create, p.missing, p.lookAgainIn = nil, &outcome, lookAtNeedsAgainIn
	}
	return p, err
}

// needs of the pod that is to be made, or that runs. One that runs has read its secrets.
func (o observed) needs(p plan) podspec.Needs {
	switch {
	case p.create != nil:
		return needs.Recorded(p.create)
	case o.pod == nil || o.pod.DeletionTimestamp != nil || task.Finished(o.pod):
		return podspec.Needs{}
	}
	n := needs.Recorded(o.pod)
	n.Secrets = nil
	return n
}

func (r *Reconciler) provideAll(ctx context.Context, seen observed, n podspec.Needs) (needs.Outcome, error) {
	provider := needs.Provider{Client: r.Client, Cache: r.Cache, Scope: r.Scope}
	t := seen.task
	if n.NoNetwork {
		labels := task.Selector(t.Name)
		labels[ecsv1.LabelCluster] = names.LabelValue(task.Cluster(t))
		_, err := provider.Provide(ctx, needs.Tasks{
			Namespace: t.Namespace, Owner: owner("Task", t), Writer: t.UID, Labels: labels, Pods: task.Selector(t.Name), Name: task.PodName(t),
		}, podspec.Needs{NoNetwork: true})
		if err != nil {
			return needs.Outcome{}, err
		}
		n.NoNetwork = false
	}
	if seen.revision == nil {
		return needs.Outcome{}, nil // a task that is to be started has one
	}
	return provider.Provide(ctx, needs.Tasks{
		Namespace: t.Namespace, Owner: owner("TaskDefinitionRevision", seen.revision), Writer: seen.revision.UID,
		Run: task.PodName(t), Since: t.CreationTimestamp.Time,
	}, n)
}

func owner(kind string, o metav1.Object) metav1.OwnerReference {
	return metav1.OwnerReference{APIVersion: ecsv1.GroupVersion.String(), Kind: kind, Name: o.GetName(), UID: o.GetUID()}
}
