// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package arn prints and parses the Amazon Resource Names of ECS objects, and the short forms that ECS takes in their place.
//
// ECS takes a name wherever it takes an ARN: `web` and `arn:aws:ecs:eu-west-1:123456789012:cluster/web` name one cluster. The
// long ARN format is the only one printed: the cluster's name stands between type and name (API reference, "Amazon Resource Names").
package arn

import (
	"fmt"
	"strconv"
	"strings"
)

// Scope is the part of an ARN that a Kubernetes cluster has no word for: partition, region and account.
type Scope struct {
	Partition string
	Region    string
	Account   string
}

// DefaultScope is used where nothing else is configured. Its account is the one that AWS keeps for examples and never gives out.
var DefaultScope = Scope{Partition: "aws", Region: "us-east-1", Account: "000000000000"}

func (s Scope) ecs(resource string) string {
	return fmt.Sprintf("arn:%s:ecs:%s:%s:%s", s.Partition, s.Region, s.Account, resource)
}

// Cluster is the ARN of a cluster.
func (s Scope) Cluster(name string) string { return s.ecs("cluster/" + name) }

// CapacityProvider is the ARN of a capacity provider.
func (s Scope) CapacityProvider(name string) string { return s.ecs("capacity-provider/" + name) }

// Alarm is the ARN of an alarm, which is CloudWatch's.
func (s Scope) Alarm(name string) string {
	return fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:%s", s.Partition, s.Region, s.Account, name)
}

// Service is the ARN of a service.
func (s Scope) Service(cluster, name string) string { return s.ecs("service/" + cluster + "/" + name) }

// TaskDefinition is the ARN of one revision of a family.
func (s Scope) TaskDefinition(family string, revision int64) string {
	return s.ecs("task-definition/" + family + ":" + strconv.FormatInt(revision, 10))
}

// Task is the ARN of a task; id is 32 hexadecimal digits.
func (s Scope) Task(cluster, id string) string { return s.ecs("task/" + cluster + "/" + id) }

// Container is the ARN of a container of a task; id is a UUID.
func (s Scope) Container(cluster, task, id string) string {
	return s.ecs("container/" + cluster + "/" + task + "/" + id)
}

// ContainerInstance is the ARN of a container instance; id is 32 hexadecimal digits.
func (s Scope) ContainerInstance(cluster, id string) string {
	return s.ecs("container-instance/" + cluster + "/" + id)
}

// ServiceDeployment is the ARN of a service deployment; id is 21 letters and digits.
func (s Scope) ServiceDeployment(cluster, service, id string) string {
	return s.ecs("service-deployment/" + cluster + "/" + service + "/" + id)
}

// ServiceRevision is the ARN of a service revision; id is a number of 19 digits.
func (s Scope) ServiceRevision(cluster, service, id string) string {
	return s.ecs("service-revision/" + cluster + "/" + service + "/" + id)
}

// ShortName returns the name in a reference that is either a name or an ARN: the text behind the last slash of an ARN.
// It suits clusters (`cluster/NAME`) and services (`service/CLUSTER/NAME`).
func ShortName(ref string) string {
	if !strings.HasPrefix(ref, "arn:") {
		return ref
	}
	return ref[strings.LastIndexByte(ref, '/')+1:]
}

// TargetGroup returns the name in a target group reference: a plain name, or an ARN such as
// `arn:aws:elasticloadbalancing:R:A:targetgroup/NAME/0123456789abcdef`, whose name stands between the slashes.
func TargetGroup(ref string) string {
	if !strings.HasPrefix(ref, "arn:") {
		return ref
	}
	parts := strings.Split(ref, "/")
	if len(parts) < 2 {
		return ref
	}
	return parts[1]
}
