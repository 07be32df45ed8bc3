// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// What the samples name.
const (
	namespace   = "default"
	serviceName = "web"
	targetGroup = "web"
	samplePort  = 30080
)

func newClient(kubeconfig string) (client.Client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("reading the cluster's kubeconfig: %w", err)
	}
	config.QPS, config.Burst = 50, 100
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, ecsv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	return client.New(config, client.Options{Scheme: scheme})
}

// sight is what one look at the service found.
type sight struct {
	service ecsv1.Service
	tasks   []task
	taking  int // tasks that the load balancer sends traffic to
}

// task is a pod of the service.
type task struct {
	name     string
	node     string
	revision string // of the service
	running  bool
	stopping bool
}

func (d *demo) look(ctx context.Context) (sight, error) {
	var s sight
	if err := d.kube.Get(ctx, client.ObjectKey{Namespace: namespace, Name: serviceName}, &s.service); err != nil {
		return s, err
	}
	var pods corev1.PodList
	if err := d.kube.List(ctx, &pods, client.InNamespace(namespace), client.MatchingLabels{ecsv1.LabelService: serviceName}); err != nil {
		return s, err
	}
	for _, p := range pods.Items {
		s.tasks = append(s.tasks, task{
			name:     p.Name,
			node:     p.Spec.NodeName,
			revision: p.Labels[ecsv1.LabelServiceRevision],
			running:  p.Status.Phase == corev1.PodRunning && p.DeletionTimestamp == nil,
			stopping: p.DeletionTimestamp != nil,
		})
	}
	slices.SortFunc(s.tasks, func(a, b task) int { return strings.Compare(a.name, b.name) })
	var endpoints discoveryv1.EndpointSliceList
	if err := d.kube.List(ctx, &endpoints, client.InNamespace(namespace), client.MatchingLabels{discoveryv1.LabelServiceName: targetGroup}); err != nil {
		return s, err
	}
	for _, slice := range endpoints.Items {
		for _, e := range slice.Endpoints {
			if e.Conditions.Ready != nil && *e.Conditions.Ready {
				s.taking++
			}
		}
	}
	return s, nil
}

// primary is the service's newest deployment, as DescribeServices lists it.
func (s sight) primary() ecsv1.Deployment {
	for _, d := range s.service.Status.Deployments {
		if d.Status == ecsv1.DeploymentStatePrimary {
			return d
		}
	}
	return ecsv1.Deployment{}
}

// running counts the running tasks of one revision of the service, and those of all others.
func (s sight) running(revision string) (of, others int) {
	for _, t := range s.tasks {
		switch {
		case !t.running:
		case t.revision == revision:
			of++
		default:
			others++
		}
	}
	return of, others
}

// settled says that the service runs what it should and nothing is under way.
func (s sight) settled(desired int) bool {
	status := s.service.Status
	seen := status.ObservedGeneration != nil && *status.ObservedGeneration == s.service.Generation
	return seen && int(status.DesiredCount) == desired && int(status.RunningCount) == desired && status.PendingCount == 0 &&
		len(status.Deployments) == 1 && s.primary().RolloutState == ecsv1.DeploymentRolloutStateCompleted &&
		len(s.tasks) == desired && s.taking == desired
}

// String says where the service stands, for the message of a step that didn't hold.
func (s sight) String() string {
	status := s.service.Status
	var b strings.Builder
	fmt.Fprintf(&b, "service %s: desired %d, running %d, pending %d, %d pods, %d taking traffic", serviceName, status.DesiredCount, status.RunningCount, status.PendingCount, len(s.tasks), s.taking)
	for _, dep := range status.Deployments {
		fmt.Fprintf(&b, "; %s deployment of %s %s %s", dep.Status, dep.ServiceRevision, dep.RolloutState, dep.RolloutStateReason)
	}
	for _, c := range status.Conditions {
		if c.Message != "" {
			fmt.Fprintf(&b, "; %s=%s: %s", c.Type, c.Status, c.Message)
		}
	}
	return b.String()
}

const lookEvery = 250 * time.Millisecond

// until looks at the service again and again until done says so. done sees every look.
func (d *demo) until(ctx context.Context, timeout time.Duration, what string, done func(sight) bool) (sight, error) {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	var last sight
	for {
		seen, err := d.look(ctx)
		switch {
		case err == nil:
			last = seen
			if done(seen) {
				return seen, nil
			}
		case ctx.Err() == nil && client.IgnoreNotFound(err) != nil:
			return last, err
		}
		select {
		case <-ctx.Done():
			return last, fmt.Errorf("waited %s for %s; now: %s", timeout, what, last)
		case <-ticker.C:
		}
	}
}
