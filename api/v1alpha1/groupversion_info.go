// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package v1alpha1 holds the API of ecs-operator, group ecs.pods.dev: Amazon ECS and ECR objects as Kubernetes objects.
//
// spec is the body of the AWS call, with AWS's names, nesting and enum spellings; what only Kubernetes has is under
// spec.kubernetes. status is what the matching Describe call says, with conditions beside it. Fields that are left
// out stay left out: no defaults are written into objects, each comment says what unset means.
//
// +kubebuilder:object:generate=true
// +groupName=ecs.pods.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the group and version of every type in this package.
var GroupVersion = schema.GroupVersion{Group: "ecs.pods.dev", Version: "v1alpha1"}

// SchemeBuilder collects what AddToScheme registers.
var SchemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

// AddToScheme makes the types of this package known to a scheme.
var AddToScheme = SchemeBuilder.AddToScheme

func addKnownTypes(s *runtime.Scheme) error {
	s.AddKnownTypes(GroupVersion,
		&Cluster{}, &ClusterList{},
		&ContainerInstance{}, &ContainerInstanceList{},
		&CapacityProvider{}, &CapacityProviderList{},
		&TaskDefinition{}, &TaskDefinitionList{},
		&TaskDefinitionRevision{}, &TaskDefinitionRevisionList{},
		&Service{}, &ServiceList{},
		&ServiceRevision{}, &ServiceRevisionList{},
		&ServiceDeployment{}, &ServiceDeploymentList{},
		&Task{}, &TaskList{},
		&Repository{}, &RepositoryList{},
		&Alarm{}, &AlarmList{},
	)
	metav1.AddToGroupVersion(s, GroupVersion)
	return nil
}
