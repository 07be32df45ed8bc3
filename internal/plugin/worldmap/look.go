// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package worldmap

import (
	"context"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/plugin/live"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
)

// looking reads what there is to draw.
type looking struct {
	kubernetes *connect.Kubernetes
	now        func() time.Time
	// Namespaces that pods and services are read from: "" for all, else the user's own; hidden where not even that is allowed.
	pods, services place
}

// place is where objects of a kind are read.
type place struct {
	namespace string
	hidden    bool
}

// first reads by itself, and finds out what the user may read.
func (l *looking) first(ctx context.Context) (view.World, error) {
	var err error
	if l.pods, err = l.allowed(ctx, &corev1.PodList{}); err != nil {
		return view.World{}, err
	}
	if l.services, err = l.allowed(ctx, &ecsv1.ServiceList{}); err != nil {
		return view.World{}, err
	}
	return l.read(ctx, l.kubernetes.Client)
}

// allowed asks for one object of all namespaces, then of the user's own.
func (l *looking) allowed(ctx context.Context, list client.ObjectList) (place, error) {
	for _, p := range []place{{}, {namespace: l.kubernetes.Namespace}} {
		err := l.kubernetes.Client.List(ctx, list, client.InNamespace(p.namespace), client.Limit(1))
		if !apierrors.IsForbidden(err) {
			return p, err
		}
	}
	return place{hidden: true}, nil
}

// read reads by the client, or by a cache.
func (l *looking) read(ctx context.Context, from client.Reader) (view.World, error) {
	clusters, instances := &ecsv1.ClusterList{}, &ecsv1.ContainerInstanceList{}
	services, pods := &ecsv1.ServiceList{}, &corev1.PodList{}
	for _, of := range []struct {
		list client.ObjectList
		in   place
	}{{clusters, place{}}, {instances, place{}}, {services, l.services}, {pods, l.pods}} {
		if of.in.hidden {
			continue
		}
		if err := from.List(ctx, of.list, client.InNamespace(of.in.namespace)); err != nil {
			return view.World{}, err
		}
	}
	return view.World{
		Clusters: clusters.Items, Instances: instances.Items, Services: services.Items, Pods: pods.Items,
		AllPods: l.pods == place{}, Now: l.now(),
	}, nil
}

// kinds are those that read reads.
func (l *looking) kinds() []live.Kind {
	out := []live.Kind{{Object: &ecsv1.Cluster{}}, {Object: &ecsv1.ContainerInstance{}}}
	for _, of := range []struct {
		kind client.Object
		in   place
	}{{&ecsv1.Service{}, l.services}, {&corev1.Pod{}, l.pods}} {
		if !of.in.hidden {
			out = append(out, live.Kind{Object: of.kind, Namespace: of.in.namespace})
		}
	}
	return out
}

// note says what isn't in the picture.
func (l *looking) note() string {
	switch {
	case l.pods.hidden:
		return fmt.Sprintf("No tasks are drawn: you may not list pods. Ask for the ClusterRole %s.", connect.Role)
	case l.pods.namespace != "":
		return fmt.Sprintf("Only tasks of namespace %s are drawn: you may not list pods of all namespaces. Ask for the ClusterRole %s.", l.pods.namespace, connect.Role)
	}
	return ""
}
