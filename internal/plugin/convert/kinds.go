// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package convert turns what people have of ECS (requests, answers of the AWS CLI, CloudFormation templates) into objects of ours, and says
// of each field what became of it.
//
// The way of a file: source reads it into a tree with places; recognise finds the requests in it; decode walks each against the API type
// and collects its fields; check asks the CRD's schema, ECS's rules and the translation; report puts a verdict on each field; print writes.
package convert

import (
	"reflect"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/cloudformation"
)

// kind is a kind of object and the ways in which ECS and CloudFormation write it.
type kind struct {
	// name is the object's kind. Objects are printed in the order of the table.
	name string
	// plural as in the CRD's file name.
	plural string
	spec   reflect.Type
	// nameField is the field of the spec with the ECS name.
	nameField  string
	namespaced bool
	// request is a field that only this kind's request has, answer and answers the fields of the AWS CLI's output that hold one and many.
	request, answer, answers string
	// resource is the CloudFormation type.
	resource string
	// outputs are what answers have and requests don't: nobody sets them.
	outputs []string
	// aside are fields that requests have and the objects don't, and why.
	aside map[string]string
	// renamed are CloudFormation's names that differ by more than capitals, by path with ECS's names.
	renamed map[string]string
}

const onlyAnOrder = "is an order to AWS and no state; apply the object again"

// kinds in the order in which objects are printed: what others refer to comes first.
var kinds = []*kind{
	{
		name: "Cluster", plural: "clusters", spec: reflect.TypeFor[ecsv1.ClusterSpec](), nameField: "clusterName",
		request: "clusterName", answer: "cluster", answers: "clusters", resource: cloudformation.Cluster,
		outputs: []string{
			"clusterArn", "status", "registeredContainerInstancesCount", "runningTasksCount", "pendingTasksCount", "activeServicesCount",
			"statistics", "attachments", "attachmentsStatus",
		},
		renamed: map[string]string{"ClusterSettings": "settings"},
	},
	{
		name: "Repository", plural: "repositories", spec: reflect.TypeFor[ecsv1.RepositorySpec](), nameField: "repositoryName", namespaced: true,
		request: "repositoryName", answer: "repository", answers: "repositories", resource: cloudformation.Repository,
		outputs: []string{"repositoryArn", "repositoryUri", "createdAt"},
		aside:   map[string]string{"EmptyOnDelete": "is about the deletion of the repository in AWS"},
		renamed: map[string]string{
			"RepositoryPolicyText": "policyText",
			"imageTagMutabilityExclusionFilters[].ImageTagMutabilityExclusionFilterType":  "filterType",
			"imageTagMutabilityExclusionFilters[].ImageTagMutabilityExclusionFilterValue": "filter",
		},
	},
	{
		name: "TaskDefinition", plural: "taskdefinitions", spec: reflect.TypeFor[ecsv1.TaskDefinitionSpec](), nameField: "family", namespaced: true,
		request: "containerDefinitions", answer: "taskDefinition", resource: cloudformation.TaskDefinition,
		outputs: []string{
			"taskDefinitionArn", "revision", "status", "requiresAttributes", "compatibilities", "registeredAt", "registeredBy",
			"deregisteredAt", "deleteRequestedAt",
		},
		renamed: map[string]string{"proxyConfiguration.ProxyConfigurationProperties": "properties"},
	},
	{
		name: "Service", plural: "services", spec: reflect.TypeFor[ecsv1.ServiceSpec](), nameField: "serviceName", namespaced: true,
		request: "serviceName", answer: "service", answers: "services", resource: cloudformation.Service,
		outputs: []string{
			"serviceArn", "roleArn", "status", "runningCount", "pendingCount", "deployments", "events", "createdAt", "createdBy", "taskSets",
			"platformFamily", "currentServiceDeployment", "currentServiceRevisions", "resourceManagementType",
		},
		aside: map[string]string{
			"clientToken":        "makes a repeated call harmless; an object's name does that",
			"forceNewDeployment": onlyAnOrder + ", with kubernetes.forceNewDeployment raised",
		},
		renamed: map[string]string{"PlacementStrategies": "placementStrategy"},
	},
}

func kindOf(name string) *kind {
	for _, k := range kinds {
		if k.name == name {
			return k
		}
	}
	return nil
}
