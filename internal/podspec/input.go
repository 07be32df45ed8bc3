// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Input is all that a pod template depends on. Equal inputs give equal templates, byte for byte.
type Input struct {
	TaskDefinition ecsv1.TaskDefinitionFields `json:"taskDefinition"`
	// Labels and Annotations are set on the template as they are; Annotations of ours win over these.
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Cluster     Cluster           `json:"cluster"`
	// Service is nil for a task that someone runs by itself.
	Service  *Service `json:"service,omitempty"`
	Features Features `json:"features"`
}

// Cluster is where the task may run.
type Cluster struct {
	// NodeSelector is the label that the cluster's nodes carry: ecs.pods.dev/cluster=<name>.
	NodeSelector map[string]string `json:"nodeSelector,omitempty"`
}

// Service is what a service adds to its tasks.
type Service struct {
	// Selector finds the tasks of all the service's revisions. They are what ECS's default placement spreads (DG/task-placement).
	Selector map[string]string `json:"selector,omitempty"`
	// LoadBalancers that the service registers its tasks with.
	LoadBalancers []LoadBalancer `json:"loadBalancers,omitempty"`
}

// LoadBalancer is one entry of a service's loadBalancers with the target group behind it.
type LoadBalancer struct {
	// TargetGroup is the name that warnings say.
	TargetGroup   string `json:"targetGroup"`
	ContainerName string `json:"containerName"`
	ContainerPort int32  `json:"containerPort"`
	// DeregistrationDelaySeconds is how long a task keeps serving after it left the target group. ELB's own default, 300, is for
	// the caller to give.
	DeregistrationDelaySeconds int64 `json:"deregistrationDelaySeconds,omitempty"`
	// HealthCheck is the target group's. ELB always checks its targets: without one, a TCP connection to the container port is
	// looked for, so that no task gets traffic before it listens.
	HealthCheck *ecsv1.TargetGroupHealthCheck `json:"healthCheck,omitempty"`
}

// Features are what the cluster's apiserver and kubelets can do, found out once at the operator's start.
type Features struct {
	// ContainerRestartRules: a container may have a restartPolicy of its own (Kubernetes 1.35 and newer).
	ContainerRestartRules bool `json:"containerRestartRules,omitempty"`
	// PodLevelResources: a pod may have requests and limits as a whole (1.34 and newer).
	PodLevelResources bool `json:"podLevelResources,omitempty"`
	// PreStopSleep: preStop may sleep without a binary in the image (1.30 and newer).
	PreStopSleep bool `json:"preStopSleep,omitempty"`
}

// Result is a task's pod template and what there is to say about it. The goldens, testdata/*/*.out.yaml, are Results: a test that
// reads them back can create each Template on an apiserver.
type Result struct {
	Template corev1.PodTemplateSpec `json:"template"`
	// MinReadySeconds goes beside the template, into the Deployment.
	MinReadySeconds int32     `json:"minReadySeconds"`
	Warnings        []Warning `json:"warnings,omitempty"`
}

// Warning is a place where this task definition means in ECS what Kubernetes does not wholly do.
type Warning struct {
	// Path of the field: containerDefinitions[0].essential.
	Path    string  `json:"path"`
	Verdict Verdict `json:"verdict"`
	Message string  `json:"message"`
}
