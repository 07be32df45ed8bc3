// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/images"
	"github.com/ecs-operator/ecs-operator/controllers/internal/references"
	"github.com/ecs-operator/ecs-operator/internal/podsecurity"
	"github.com/ecs-operator/ecs-operator/internal/reference"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// observed is everything that a service is planned from.
type observed struct {
	service *ecsv1.Service
	// Seen is what the service refers to.
	reference.Seen
	// revisions and deployments of the service, oldest first.
	revisions   []ecsv1.ServiceRevision
	deployments []ecsv1.ServiceDeployment
	// targetGroups are the core Services that the service owns, and any other of a name that it wants.
	targetGroups []corev1.Service
	// routed are HTTPRoutes that send traffic to core Services which the service doesn't want any more, by the core Service.
	routed map[string]string
	// template of the newest revision's tasks, nil where nothing carries it yet.
	template *corev1.PodTemplateSpec
	// tasks counts the pods of the service that nobody has asked to stop.
	tasks int
	// reading is what registries have said about the next revision; readsImages is false where nobody asks them.
	reading     images.Reading
	readsImages bool
	// missingAlarms are named by the service's deployment configuration and aren't there.
	missingAlarms []string

	platform service.Platform
	now      time.Time
}

func (r *Reconciler) observe(ctx context.Context, svc *ecsv1.Service) (observed, error) {
	o := observed{service: svc, now: r.Now(), platform: r.Platform}
	if r.Images != nil {
		o.reading, o.readsImages = r.Images.Known(client.ObjectKeyFromObject(svc)), true
	}
	own := references.OfService(svc.Namespace, svc.Name)
	revisions, deployments, pods := &ecsv1.ServiceRevisionList{}, &ecsv1.ServiceDeploymentList{}, &corev1.PodList{}
	if err := r.Client.List(ctx, pods, references.OfService(svc.Namespace, svc.Name, client.UnsafeDisableDeepCopy)...); err != nil { // thousands, and they are only counted
		return o, err
	}
	for _, list := range []client.ObjectList{revisions, deployments} {
		if err := r.Client.List(ctx, list, own...); err != nil {
			return o, err
		}
	}
	o.revisions = ownedAndSorted(svc, revisions.Items, func(s *ecsv1.ServiceRevision) metav1.Object { return s })
	o.deployments = ownedAndSorted(svc, deployments.Items, func(s *ecsv1.ServiceDeployment) metav1.Object { return s })
	for i := range pods.Items {
		if pods.Items[i].DeletionTimestamp == nil {
			o.tasks++
		}
	}
	if err := r.observeReferences(ctx, &o); err != nil {
		return o, err
	}
	if err := r.observeTemplate(ctx, &o); err != nil {
		return o, err
	}
	if err := r.observeAlarms(ctx, &o); err != nil {
		return o, err
	}
	return o, r.observeTargetGroups(ctx, &o)
}

// observeReferences reads what the service names: its cluster, its namespace's labels, its task definition.
func (r *Reconciler) observeReferences(ctx context.Context, o *observed) error {
	var err error
	cluster := service.Cluster(o.service)
	if o.Seen, err = references.Observe(ctx, r.Client, r.Scope, o.service.Namespace, cluster, o.service.Spec.TaskDefinition); err != nil {
		return err
	}
	o.platform.Cluster = service.ClusterOf(cluster, o.Clusters)
	o.platform.PodSecurity = podsecurity.Enforced(o.Namespace.Labels).Name()
	return nil
}

func (r *Reconciler) observeTemplate(ctx context.Context, o *observed) error {
	newest := o.newest()
	if newest == nil {
		return nil
	}
	if service.IsDaemon(o.service) {
		carrier := &appsv1.DaemonSet{}
		err := r.Client.Get(ctx, client.ObjectKeyFromObject(o.service), carrier)
		if err == nil && metav1.IsControlledBy(carrier, o.service) {
			o.template = &carrier.Spec.Template
		}
		return client.IgnoreNotFound(err)
	}
	carrier := &appsv1.Deployment{}
	err := r.Client.Get(ctx, client.ObjectKeyFromObject(newest), carrier)
	if err == nil && metav1.IsControlledBy(carrier, newest) {
		o.template = &carrier.Spec.Template
	}
	return client.IgnoreNotFound(err)
}

func (r *Reconciler) observeTargetGroups(ctx context.Context, o *observed) error {
	list, wanted := &corev1.ServiceList{}, map[string]bool{}
	if err := r.Client.List(ctx, list, client.InNamespace(o.service.Namespace), client.MatchingFields{references.OwnerIndex: string(o.service.UID)}); err != nil {
		return err
	}
	o.targetGroups = list.Items
	for _, p := range traffic.Pairs(o.service.Spec.LoadBalancers) {
		for _, name := range p.Services() {
			if name == "" || wanted[name] {
				continue
			}
			wanted[name] = true
			if err := r.observeOther(ctx, o, name); err != nil {
				return err
			}
		}
	}
	slices.SortFunc(o.targetGroups, func(a, b corev1.Service) int { return cmp.Compare(a.Name, b.Name) })
	return r.observeRouted(ctx, o, wanted)
}

// observeOther reads a core Service that the service wants and that isn't among its own: it is somebody else's, or not there.
func (r *Reconciler) observeOther(ctx context.Context, o *observed, name string) error {
	if find(o.targetGroups, name) != nil {
		return nil
	}
	other := &corev1.Service{}
	err := r.Client.Get(ctx, client.ObjectKey{Namespace: o.service.Namespace, Name: name}, other)
	if err == nil {
		o.targetGroups = append(o.targetGroups, *other)
	}
	return client.IgnoreNotFound(err)
}

// observeRouted looks for traffic to target groups that took turns and aren't wanted any more. Nobody moves it by itself.
func (r *Reconciler) observeRouted(ctx context.Context, o *observed, wanted map[string]bool) error {
	unwanted := map[string]bool{}
	for _, s := range o.targetGroups {
		unwanted[s.Name] = !wanted[s.Name] && s.Labels[ecsv1.LabelShiftsTraffic] != ""
	}
	if !slices.Contains(slices.Collect(maps.Values(unwanted)), true) {
		return nil
	}
	routes := &gatewayv1.HTTPRouteList{}
	if err := r.Client.List(ctx, routes, client.InNamespace(o.service.Namespace)); err != nil {
		if meta.IsNoMatchError(err) {
			return nil // no Gateway API, no route
		}
		return err
	}
	o.routed = map[string]string{}
	for i := range routes.Items {
		for _, name := range traffic.Served(&routes.Items[i]) {
			if unwanted[name] {
				o.routed[name] = routes.Items[i].Name
			}
		}
	}
	return nil
}

// ownedAndSorted keeps what this very service owns, not an earlier one of its name, in order of the ordinals.
func ownedAndSorted[T any](svc *ecsv1.Service, all []T, object func(*T) metav1.Object) []T {
	var out []T
	for i := range all {
		if metav1.IsControlledBy(object(&all[i]), svc) {
			out = append(out, all[i])
		}
	}
	slices.SortFunc(out, func(a, b T) int { return cmp.Compare(service.Ordinal(object(&a)), service.Ordinal(object(&b))) })
	return out
}

// current is the newest deployment of the service, nil where there is none yet.
func (o observed) current() *ecsv1.ServiceDeployment {
	if n := len(o.deployments); n > 0 {
		return &o.deployments[n-1]
	}
	return nil
}

// newest is the newest revision of the service, nil where there is none yet.
func (o observed) newest() *ecsv1.ServiceRevision {
	if n := len(o.revisions); n > 0 {
		return &o.revisions[n-1]
	}
	return nil
}
