// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"cmp"
	"strconv"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/traffic"
)

// Selector finds the tasks of all revisions of a service.
func Selector(serviceName string) map[string]string {
	return map[string]string{ecsv1.LabelService: names.LabelValue(serviceName)}
}

// RevisionSelector finds the tasks of one revision of a service.
func RevisionSelector(serviceName string, ordinal int64) map[string]string {
	selector := Selector(serviceName)
	selector[ecsv1.LabelServiceRevision] = strconv.FormatInt(ordinal, 10)
	return selector
}

// Platform is what a task's pod depends on beside revisions: what the cluster can do, and what the operator brings along.
type Platform struct {
	Features podspec.Features
	// LauncherImage is the image that the launcher is copied from, "" to do without.
	LauncherImage string
	// ARNs is the part of ARNs that the Kubernetes cluster has no word for.
	ARNs arn.Scope
	// PodSecurity is the level that the tasks' namespace enforces: baseline or restricted, "" for none.
	PodSecurity string
	// Cluster is what the revision's Cluster says about its tasks; nil for nothing.
	Cluster *ecsv1.ClusterKubernetes
	// Placement is what the service or task asks for now about instances. It changes without a deployment; nil where nobody asks.
	Placement *podspec.Placement
}

// PodInput is what the pods of a service revision are translated from. But for the placement, it depends on the immutable revisions alone,
// never on the Service as it is now.
func PodInput(r *ecsv1.ServiceRevisionSpec, td *ecsv1.TaskDefinitionRevisionSpec, on Platform) podspec.Input {
	labels := RevisionSelector(r.Service, r.Revision)
	labels[ecsv1.LabelCluster] = names.LabelValue(r.Cluster)
	labels[ecsv1.LabelFamily] = names.LabelValue(td.Family)
	labels[ecsv1.LabelRevision] = strconv.FormatInt(td.Revision, 10)
	in := podspec.Input{
		TaskDefinition: td.TaskDefinition,
		Labels:         labels,
		Placement:      on.Placement,
		Cluster: podspec.Cluster{
			NodeSelector: map[string]string{ecsv1.LabelCluster: names.LabelValue(r.Cluster)}, Name: r.Cluster, Kubernetes: on.Cluster,
		},
		Service:       &podspec.Service{Selector: Selector(r.Service), VolumeConfigurations: r.VolumeConfigurations},
		Images:        imagesOf(r),
		LaunchType:    r.LaunchType,
		LauncherImage: on.LauncherImage,
		Features:      on.Features,
		ARNs:          on.ARNs,
		PodSecurity:   on.PodSecurity,
	}
	var settings []ecsv1.TargetGroup
	if r.Kubernetes != nil {
		settings = r.Kubernetes.TargetGroups
	}
	in.Service.LoadBalancers = loadBalancers(r.LoadBalancers, settings)
	return in
}

// loadBalancers are those of a task. Which of two target groups that take turns it is in shows later: it serves on for the longer of their delays,
// and is asked what the first one's health check asks, or the second one's where the first has none.
func loadBalancers(all []ecsv1.LoadBalancer, settings []ecsv1.TargetGroup) []podspec.LoadBalancer {
	var out []podspec.LoadBalancer
	for _, p := range traffic.Pairs(all) {
		groups := CoreServices(all[p.Index:p.Index+1], settings, true, nil)
		g := groups[0]
		lb := podspec.LoadBalancer{TargetGroup: g.Name, ContainerName: g.ContainerName, ContainerPort: g.ContainerPort}
		for _, one := range groups {
			lb.DeregistrationDelaySeconds = max(lb.DeregistrationDelaySeconds, int64(DeregistrationDelay(&one.TargetGroup)))
			lb.HealthCheck = cmp.Or(lb.HealthCheck, one.HealthCheck)
		}
		out = append(out, lb)
	}
	return out
}

// imagesOf a revision by container.
func imagesOf(r *ecsv1.ServiceRevisionSpec) map[string]podspec.Image {
	out := make(map[string]podspec.Image, len(r.ContainerImages))
	for _, i := range r.ContainerImages {
		out[i.ContainerName] = podspec.Image{Digest: i.ImageDigest, Config: i.Config}
	}
	return out
}

// ClusterOf finds what the cluster that a service or a revision names says about tasks, nil where there is none or it says nothing.
func ClusterOf(name string, clusters []ecsv1.Cluster) *ecsv1.ClusterKubernetes {
	if c := FindCluster(name, clusters); c != nil {
		return c.Kubernetes
	}
	return nil
}

// FindCluster finds the cluster that a service or a revision names, nil where there is none. The oldest of two clusters with one name is the one.
// What comes back has its name, though the object may have it in its metadata alone.
func FindCluster(name string, clusters []ecsv1.Cluster) *ecsv1.ClusterSpec {
	var found *ecsv1.Cluster
	for i := range clusters {
		c := &clusters[i]
		if ClusterName(c) != name {
			continue
		}
		if found == nil || cmp.Or(c.CreationTimestamp.Compare(found.CreationTimestamp.Time), cmp.Compare(c.Name, found.Name)) < 0 {
			found = c
		}
	}
	if found == nil {
		return nil
	}
	spec := found.Spec
	spec.ClusterName = name
	return &spec
}

// Translate makes the pod template of a service revision.
func Translate(r *ecsv1.ServiceRevisionSpec, td *ecsv1.TaskDefinitionRevisionSpec, on Platform) (podspec.Result, error) {
	return podspec.Translate(PodInput(r, td, on))
}
