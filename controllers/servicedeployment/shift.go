// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// trafficOwner owns spec.selector of core Services, from the time on that a deployment moves traffic, and nothing else.
const trafficOwner = client.FieldOwner("ecs-servicedeployment-traffic")

// applyTraffic brings the traffic a step nearer to where it is wanted. It comes before tasks are started or stopped: no task of a new revision gets
// traffic because a core Service still takes everyone's.
func (r *Reconciler) applyTraffic(ctx context.Context, seen observed, wanted trafficWanted) error {
	if seen.traffic.waiting != nil || wanted.target == 0 {
		return nil
	}
	changes := map[string]*weighing{}
	for _, p := range seen.traffic.pairs {
		p.Side = seen.sideOf(p.Pair, wanted.target)
		next := traffic.Plan(p.Seen, traffic.Wanted{Target: wanted.target, Source: wanted.source, Production: wanted.production, Test: wanted.test})
		for side, s := range p.services {
			if s == nil || p.Selects[side] == next.Selects[side] {
				continue
			}
			if err := r.point(ctx, s, service.RevisionSelector(seen.service.Name, next.Selects[side])); err != nil {
				return err
			}
		}
		changes = p.production.collect(changes, next.Production)
		changes = p.test.collect(changes, next.Test)
	}
	for _, w := range changes {
		if err := r.weigh(ctx, seen, *w); err != nil {
			return err
		}
	}
	return nil
}

// sideOf is which target group of a pair a revision has.
func (o observed) sideOf(p traffic.Pair, ordinal int64) int {
	for _, r := range o.revisions {
		if r.object.Spec.Revision == ordinal {
			return p.Side(r.object.Status.ResolvedConfiguration)
		}
	}
	return 0
}

// releaseTraffic gives the core Services of a service that deploys ROLLING the tasks of all revisions again.
func (r *Reconciler) releaseTraffic(ctx context.Context, seen observed) error {
	if !seen.drives() || seen.target() == nil || traffic.Staged(seen.sd.Spec.DeploymentConfiguration) {
		return nil
	}
	services, err := r.coreServices(ctx, seen.service)
	if err != nil {
		return err
	}
	for _, s := range services {
		if selects(s) != traffic.Everyone {
			if err := r.point(ctx, s, service.Selector(seen.service.Name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// point gives a core Service the tasks that it selects. The UID keeps it from making one that has gone.
func (r *Reconciler) point(ctx context.Context, s *corev1.Service, selector map[string]string) error {
	u := &unstructured.Unstructured{}
	u.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Service"))
	u.SetNamespace(s.Namespace)
	u.SetName(s.Name)
	u.SetUID(s.UID)
	if err := unstructured.SetNestedStringMap(u.Object, selector, "spec", "selector"); err != nil {
		return err
	}
	if err := r.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), trafficOwner, client.ForceOwnership); err != nil {
		return fmt.Errorf("giving core Service %s the tasks of %s: %w", s.Name, selector[ecsv1.LabelServiceRevision], err)
	}
	return nil
}

// weighing is what to write of a route.
type weighing struct {
	route   *gatewayv1.HTTPRoute
	changes []traffic.Change
}

func (l listener) collect(into map[string]*weighing, second int32) map[string]*weighing {
	if l.route == nil || l.problem != nil || second == traffic.Uneven {
		return into
	}
	if changes := l.weights.To(second); len(changes) > 0 {
		if into[l.route.Name] == nil {
			into[l.route.Name] = &weighing{route: l.route}
		}
		into[l.route.Name].changes = append(into[l.route.Name].changes, changes...)
	}
	return into
}

// weigh writes weights, and nothing else of the route: fields that our types don't know stay. Should the route be another by now, that is a
// conflict.
func (r *Reconciler) weigh(ctx context.Context, seen observed, w weighing) error {
	type operation struct {
		Op    string `json:"op"`
		Path  string `json:"path"`
		Value any    `json:"value"`
	}
	patch := []operation{{"replace", "/metadata/resourceVersion", w.route.ResourceVersion}}
	for _, c := range w.changes {
		patch = append(patch, operation{"add", fmt.Sprintf("/spec/rules/%d/backendRefs/%d/weight", c.Rule, c.Backend), c.Weight})
	}
	text, err := json.Marshal(patch)
	if err != nil {
		return err
	}
	route := w.route.DeepCopy()
	if err := r.Client.Patch(ctx, route, client.RawPatch(types.JSONPatchType, text), Owner); err != nil {
		return fmt.Errorf("writing weights of HTTPRoute %s: %w", route.Name, err)
	}
	r.contests.wrote(client.ObjectKeyFromObject(seen.service), w, route, seen.now)
	return nil
}
