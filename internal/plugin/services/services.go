// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package services reads a service and all that is told of it.
package services

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/fields"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/connect"
	"github.com/ecs-operator/ecs-operator/internal/plugin/live"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// Find finds a service of a namespace by the name of its object, its ECS name or its ARN.
func Find(ctx context.Context, from client.Reader, namespace, name string) (*ecsv1.Service, error) {
	list := &ecsv1.ServiceList{}
	if err := from.List(ctx, list, client.InNamespace(namespace)); err != nil {
		return nil, err
	}
	if s := Among(list.Items, name); s != nil {
		return s, nil
	}
	var names []string
	for i := range list.Items {
		names = append(names, list.Items[i].Name)
	}
	there := "there is none at all"
	if len(names) > 0 {
		slices.SortFunc(names, view.Natural)
		there = "there are " + strings.Join(names, ", ")
	}
	return nil, &cli.Exit{Code: cli.Failed, Err: fmt.Errorf("there is no service %s in namespace %s; %s", name, namespace, there)}
}

// Among chooses the service that is named, nil where there is none.
func Among(all []ecsv1.Service, name string) *ecsv1.Service {
	short := arn.ShortName(name)
	for _, is := range []func(*ecsv1.Service) bool{
		func(s *ecsv1.Service) bool { return s.Name == short },
		func(s *ecsv1.Service) bool { return service.Name(s) == short },
	} {
		for i := range all {
			if is(&all[i]) {
				return &all[i]
			}
		}
	}
	return nil
}

// Scene reads what the picture of a service is made of. Without the right to read events there are none in it, and a note says so.
func Scene(ctx context.Context, from client.Reader, s *ecsv1.Service, now time.Time) (scene view.ServiceScene, note string, err error) {
	if scene, err = Cached(ctx, from, s, now, false); err != nil {
		return scene, "", err
	}
	events := &corev1.EventList{}
	switch err := from.List(ctx, events, client.InNamespace(s.Namespace), client.MatchingFieldsSelector{Selector: About(s.Name)}); {
	case apierrors.IsForbidden(err):
		note = fmt.Sprintf("No events are shown: you may not list them. Ask for the ClusterRole %s.", connect.Role)
	case err != nil:
		return scene, "", err
	}
	scene.Events = events.Items
	return scene, note, nil
}

// Cached is Scene from a cache, which holds the events that it was told to watch, where it was.
func Cached(ctx context.Context, from client.Reader, s *ecsv1.Service, now time.Time, events bool) (view.ServiceScene, error) {
	own := []client.ListOption{client.InNamespace(s.Namespace), client.MatchingLabels(service.Selector(s.Name))}
	deployments, revisions, list := &ecsv1.ServiceDeploymentList{}, &ecsv1.ServiceRevisionList{}, &corev1.EventList{}
	err := errors.Join(from.List(ctx, deployments, own...), from.List(ctx, revisions, own...))
	if events {
		err = errors.Join(err, from.List(ctx, list, client.InNamespace(s.Namespace)))
	}
	return view.ServiceScene{Service: *s, Deployments: deployments.Items, Revisions: revisions.Items, Events: list.Items, Now: now}, err
}

// Kinds are what has to be watched for a picture of a service.
func Kinds(s *ecsv1.Service, events bool) []live.Kind {
	out := []live.Kind{
		{Object: &ecsv1.Service{}, Namespace: s.Namespace, Fields: fields.OneTermEqualSelector("metadata.name", s.Name)},
		{Object: &ecsv1.ServiceDeployment{}, Namespace: s.Namespace}, {Object: &ecsv1.ServiceRevision{}, Namespace: s.Namespace},
	}
	if events {
		out = append(out, live.Kind{Object: &corev1.Event{}, Namespace: s.Namespace, Fields: About(s.Name)})
	}
	return out
}

// About selects events about a service, and about others of its name.
func About(name string) fields.Selector {
	return fields.AndSelectors(fields.OneTermEqualSelector("involvedObject.kind", "Service"), fields.OneTermEqualSelector("involvedObject.name", name))
}
