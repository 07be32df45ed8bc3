// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package references

import (
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/alarm"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/instances"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// Indexes of Services, Tasks and Alarms by what they refer to.
const (
	ClusterIndex = "spec.cluster"
	FamilyIndex  = "spec.taskDefinition"
)

// DaemonIndex finds the DAEMON services of a cluster, by its ECS name: each event of a pod may ask for them, beside thousands of REPLICA ones.
const DaemonIndex = "daemonsOfCluster"

// AlarmIndex finds Alarms by their ECS name, and ServiceDeployments and Services by the alarms that they name and watch.
const AlarmIndex = "alarmName"

// NodeIndex finds the pods that are on a node, or that can get to no other and aren't bound yet.
const NodeIndex = "node"

// ProviderIndex finds the tasks that were given to a capacity provider, by the value of their label.
const ProviderIndex = "capacityProvider"

// ServiceIndex finds what belongs to a service, by the value of the label that its selector chooses by.
const ServiceIndex = "service"

// OwnerIndex finds what a Service of ours controls, by that one's UID.
const OwnerIndex = "owner"

// IndexService is the value of ServiceIndex.
func IndexService(o client.Object) []string {
	if label := o.GetLabels()[ecsv1.LabelService]; label != "" {
		return []string{label}
	}
	return nil
}

// OfService chooses what belongs to a service, by the index: a namespace of a thousand services has thousands of each kind.
func OfService(namespace, name string, more ...client.ListOption) []client.ListOption {
	return append(more, client.InNamespace(namespace), client.MatchingFields{ServiceIndex: names.LabelValue(name)})
}

// IndexOwner is the value of OwnerIndex.
func IndexOwner(o client.Object) []string {
	if owner := metav1.GetControllerOf(o); owner != nil && owner.APIVersion == ecsv1.GroupVersion.String() && owner.Kind == "Service" {
		return []string{string(owner.UID)}
	}
	return nil
}

// IndexProvider is the value of ProviderIndex.
func IndexProvider(o client.Object) []string {
	if label := o.GetLabels()[ecsv1.LabelCapacityProvider]; label != "" {
		return []string{label}
	}
	return nil
}

// IndexNode is the value of NodeIndex.
func IndexNode(o client.Object) []string {
	if pod, ok := o.(*corev1.Pod); ok {
		if node := instances.Destination(pod); node != "" {
			return []string{node}
		}
	}
	return nil
}

// IndexCluster is the value of ClusterIndex: the ECS name of the cluster.
func IndexCluster(o client.Object) []string {
	switch o := o.(type) {
	case *ecsv1.Service:
		return []string{service.Cluster(o)}
	case *ecsv1.Task:
		return []string{task.Cluster(o)}
	case *ecsv1.Alarm:
		return []string{alarm.Cluster(o)}
	}
	return nil
}

// IndexDaemon is the value of DaemonIndex.
func IndexDaemon(o client.Object) []string {
	if s, ok := o.(*ecsv1.Service); ok && service.IsDaemon(s) {
		return []string{service.Cluster(s)}
	}
	return nil
}

// IndexAlarm is the value of AlarmIndex. What has its alarms turned off watches none.
func IndexAlarm(o client.Object) []string {
	var configuration *ecsv1.DeploymentConfiguration
	switch o := o.(type) {
	case *ecsv1.Alarm:
		return []string{alarm.Name(o)}
	case *ecsv1.Service:
		configuration = o.Spec.DeploymentConfiguration
	case *ecsv1.ServiceDeployment:
		configuration = o.Spec.DeploymentConfiguration
	}
	if configuration == nil || configuration.Alarms == nil || !configuration.Alarms.Enable {
		return nil
	}
	return configuration.Alarms.AlarmNames
}

// Watching chooses, with the list of a kind that has AlarmIndex, the objects that watch an alarm.
func Watching(a *ecsv1.Alarm) []client.ListOption {
	return []client.ListOption{client.InNamespace(a.Namespace), client.MatchingFields{AlarmIndex: alarm.Name(a)}}
}

// IndexFamily is the value of FamilyIndex: the family without revision.
func IndexFamily(o client.Object) []string {
	var text string
	switch o := o.(type) {
	case *ecsv1.Service:
		text = o.Spec.TaskDefinition
	case *ecsv1.Task:
		text = o.Spec.TaskDefinition
	}
	ref, err := arn.ParseTaskDefinition(text)
	if err != nil {
		return nil
	}
	return []string{ref.Family}
}

// To chooses the Services, Tasks or Alarms that refer to an object, or are in it if it is a namespace; none for any other kind.
func To(o client.Object) (choose []client.ListOption, ok bool) {
	switch o := o.(type) {
	case *ecsv1.TaskDefinitionRevision:
		return []client.ListOption{client.InNamespace(o.Namespace), client.MatchingFields{FamilyIndex: o.Spec.Family}}, true
	case *ecsv1.TaskDefinition:
		return []client.ListOption{client.InNamespace(o.Namespace), client.MatchingFields{FamilyIndex: taskdef.Family(o)}}, true
	case *ecsv1.Cluster:
		return []client.ListOption{client.MatchingFields{ClusterIndex: service.ClusterName(o)}}, true
	case *ecsv1.CapacityProvider:
		return nil, true // a strategy of any cluster may name it
	case *corev1.Namespace:
		return []client.ListOption{client.InNamespace(o.Name)}, true
	}
	return nil, false
}
