// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package service gives a Service its effective values: what ECS takes for a field that the manifest leaves out. They are
// computed whenever they are needed and never stored, so that manifests keep showing what was written.
package service

import (
	"cmp"
	"strconv"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

const (
	defaultCluster = "default"
	// defaultDesiredCount holds until an autoscaler or a person sets the count through /scale.
	defaultDesiredCount = 1
	// defaultRevisionHistoryLimit is how many old revisions are kept.
	defaultRevisionHistoryLimit = 10
	// defaultDeregistrationDelay is in seconds. ELB's own default of 300 suits load balancers outside the cluster.
	defaultDeregistrationDelay = 15
)

// Name is the service's ECS name.
func Name(s *ecsv1.Service) string { return cmp.Or(s.Spec.ServiceName, s.Name) }

// Group is the task group of the service's tasks.
func Group(s *ecsv1.Service) string { return "service:" + Name(s) }

// Cluster is the name of the service's cluster.
func Cluster(s *ecsv1.Service) string {
	return arn.ShortName(cmp.Or(s.Spec.Cluster, defaultCluster))
}

// ClusterName is the ECS name of a cluster.
func ClusterName(c *ecsv1.Cluster) string { return cmp.Or(c.Spec.ClusterName, c.Name) }

// IsDaemon reports whether the service runs one task on each container instance.
func IsDaemon(s *ecsv1.Service) bool {
	return s.Spec.SchedulingStrategy == ecsv1.SchedulingStrategyDaemon
}

// Desired is the desired count of a REPLICA service; one that is being deleted desires nothing. How many a DAEMON service desires is
// a matter of its container instances, and 0 here.
func Desired(s *ecsv1.Service) int32 {
	switch {
	case s.DeletionTimestamp != nil || IsDaemon(s):
		return 0
	case s.Spec.DesiredCount == nil:
		return defaultDesiredCount
	}
	return *s.Spec.DesiredCount
}

// Bounds are the percentages of a rolling deployment (API reference, DeploymentConfiguration).
func Bounds(s *ecsv1.Service) deploy.Percentages {
	bounds := deploy.DefaultPercentages
	if IsDaemon(s) {
		bounds = deploy.DaemonPercentages
	}
	if c := s.Spec.DeploymentConfiguration; c != nil {
		bounds.MinimumHealthy = orElse(c.MinimumHealthyPercent, bounds.MinimumHealthy)
		bounds.Maximum = orElse(c.MaximumPercent, bounds.Maximum)
	}
	return bounds
}

// HealthCheckGrace is how long after the start of a task failures of its health checks are overlooked.
func HealthCheckGrace(s *ecsv1.Service) time.Duration {
	return time.Duration(orElse(s.Spec.HealthCheckGracePeriodSeconds, 0)) * time.Second
}

// RevisionHistoryLimit is how many revisions are kept beside those in use.
func RevisionHistoryLimit(s *ecsv1.Service) int {
	if s.Spec.Kubernetes == nil {
		return defaultRevisionHistoryLimit
	}
	return int(orElse(s.Spec.Kubernetes.RevisionHistoryLimit, defaultRevisionHistoryLimit))
}

// DeregistrationDelay is how many seconds a task of the target group serves on after it left the group.
func DeregistrationDelay(g *ecsv1.TargetGroup) int32 {
	return orElse(g.DeregistrationDelaySeconds, defaultDeregistrationDelay)
}

func orElse[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// Revision is the part of a Service that a change of starts a deployment with (API reference, UpdateService): everything that a
// task or its traffic depends on, and not how many there are or how they are replaced. Its ordinal and images are left open.
func Revision(s *ecsv1.Service, r *ecsv1.TaskDefinitionRevision) ecsv1.ServiceRevisionSpec {
	spec := ecsv1.ServiceRevisionSpec{
		Service:                     s.Name,
		Cluster:                     Cluster(s),
		TaskDefinition:              arn.TaskDefinitionRef{Family: r.Spec.Family, Revision: r.Spec.Revision}.String(),
		TaskDefinitionRevisionName:  r.Name,
		LaunchType:                  s.Spec.LaunchType,
		PlatformVersion:             s.Spec.PlatformVersion,
		NetworkConfiguration:        s.Spec.NetworkConfiguration,
		LoadBalancers:               s.Spec.LoadBalancers,
		ServiceRegistries:           s.Spec.ServiceRegistries,
		ServiceConnectConfiguration: s.Spec.ServiceConnectConfiguration,
		VolumeConfigurations:        s.Spec.VolumeConfigurations,
		VpcLatticeConfigurations:    s.Spec.VpcLatticeConfigurations,
		GatewayConnectors:           s.Spec.GatewayConnectors,
	}
	if k := s.Spec.Kubernetes; k != nil && (k.ForceNewDeployment != nil || len(k.TargetGroups) > 0) {
		spec.Kubernetes = &ecsv1.ServiceRevisionKubernetes{ForceNewDeployment: k.ForceNewDeployment, TargetGroups: inTasks(k.TargetGroups)}
	}
	return spec
}

// inTasks keeps of the target groups what tasks see of them. How a target group is reached from outside can change without a deployment.
func inTasks(groups []ecsv1.TargetGroup) []ecsv1.TargetGroup {
	var out []ecsv1.TargetGroup
	for _, g := range groups {
		if g.DeregistrationDelaySeconds != nil || g.HealthCheck != nil {
			out = append(out, ecsv1.TargetGroup{Name: g.Name, DeregistrationDelaySeconds: g.DeregistrationDelaySeconds, HealthCheck: g.HealthCheck})
		}
	}
	return out
}

// RevisionHash is equal for two specs when going from one to the other starts no deployment.
func RevisionHash(spec ecsv1.ServiceRevisionSpec) string {
	spec.Revision = 0
	spec.ContainerImages = nil
	return names.ContentHash(spec)
}

// Ordinal is the number of the service revision that an object of the service belongs to, from its label; 0 where it has none.
func Ordinal(o metav1.Object) int64 {
	n, err := strconv.ParseInt(o.GetLabels()[ecsv1.LabelServiceRevision], 10, 64)
	if err != nil {
		return 0
	}
	return n
}
