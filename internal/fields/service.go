// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package fields

import "github.com/ecs-operator/ecs-operator/internal/podspec"

// serviceRows are the fields of CreateService.
var serviceRows = []podspec.Row{
	{Path: "serviceName", Verdict: podspec.Exact, To: "metadata.name; spec.serviceName where that differs"},
	{Path: "cluster", Verdict: podspec.Exact, To: "spec.cluster"},
	{Path: "taskDefinition", Verdict: podspec.Exact, To: "spec.taskDefinition"},
	{Path: "desiredCount", Verdict: podspec.Exact, To: "spec.desiredCount"},
	{Path: "launchType", Verdict: podspec.Exact, To: "spec.launchType; with FARGATE pods are Guaranteed and get the Cluster's fargateRuntimeClassName"},
	{Path: "capacityProviderStrategy", Verdict: podspec.Exact, To: "spec.capacityProviderStrategy; node affinity and tolerations of the one provider, or the operator's choice among several"},
	{Path: "platformVersion", Verdict: podspec.NotYetMapped, To: "spec.platformVersion", Why: "a node has no platform version; a change starts a deployment, as in ECS"},
	{Path: "schedulingStrategy", Verdict: podspec.Exact, To: "spec.schedulingStrategy"},
	{Path: "deploymentController", Verdict: podspec.Approximated, To: "spec.deploymentController", Why: "ECS alone: CODE_DEPLOY and EXTERNAL are refused by a condition; deploymentConfiguration.strategy says how a deployment goes"},
	{Path: "deploymentConfiguration.strategy", Verdict: podspec.Exact, To: "spec.deploymentConfiguration.strategy"},
	{Path: "deploymentConfiguration.minimumHealthyPercent", Verdict: podspec.Exact, To: "spec.deploymentConfiguration.minimumHealthyPercent"},
	{Path: "deploymentConfiguration.maximumPercent", Verdict: podspec.Exact, To: "spec.deploymentConfiguration.maximumPercent"},
	{Path: "deploymentConfiguration.deploymentCircuitBreaker", Verdict: podspec.Exact, To: "spec.deploymentConfiguration.deploymentCircuitBreaker"},
	{Path: "deploymentConfiguration.alarms", Verdict: podspec.Exact, To: "spec.deploymentConfiguration.alarms; an Alarm object of each name"},
	{Path: "deploymentConfiguration.bakeTimeInMinutes", Verdict: podspec.Exact, To: "spec.deploymentConfiguration.bakeTimeInMinutes"},
	{Path: "deploymentConfiguration.lifecycleHooks", Verdict: podspec.Approximated, To: "spec.deploymentConfiguration.lifecycleHooks", Why: "a URL or a Job stands for a Lambda function, with the same JSON; roleArn is without effect"},
	{Path: "deploymentConfiguration.linearConfiguration", Verdict: podspec.Exact, To: "spec.deploymentConfiguration.linearConfiguration"},
	{Path: "deploymentConfiguration.canaryConfiguration", Verdict: podspec.Exact, To: "spec.deploymentConfiguration.canaryConfiguration"},
	{Path: "deploymentConfiguration.earlySuccessCriteria", Verdict: podspec.Exact, To: "spec.deploymentConfiguration.earlySuccessCriteria"},
	{Path: "networkConfiguration", Verdict: podspec.NotYetMapped, To: "spec.networkConfiguration", Why: "a pod has an address of the cluster's network; there are no subnets and security groups. A NetworkPolicy says who may connect"},
	{Path: "loadBalancers[].targetGroupArn", Verdict: podspec.Exact, To: "spec.loadBalancers[].targetGroupArn; a core Service of the target group's name"},
	{Path: "loadBalancers[].loadBalancerName", Verdict: podspec.Refused, Why: "a Classic Load Balancer has no equal on Kubernetes; name a target group in targetGroupArn"},
	{Path: "loadBalancers[].containerName", Verdict: podspec.Exact, To: "spec.loadBalancers[].containerName"},
	{Path: "loadBalancers[].containerPort", Verdict: podspec.Exact, To: "spec.loadBalancers[].containerPort"},
	{Path: "loadBalancers[].advancedConfiguration", Verdict: podspec.Exact, To: "spec.loadBalancers[].advancedConfiguration; a second core Service, and weights of an HTTPRoute", Why: "a listener rule is the name of an HTTPRoute, or route/rule; roleArn has no effect"},
	{Path: "serviceRegistries", Verdict: podspec.NotYetMapped, To: "spec.serviceRegistries", Why: notYet},
	{Path: "serviceConnectConfiguration", Verdict: podspec.NotYetMapped, To: "spec.serviceConnectConfiguration", Why: notYet},
	{Path: "vpcLatticeConfigurations", Verdict: podspec.NotYetMapped, To: "spec.vpcLatticeConfigurations", Why: notYet},
	{Path: "gatewayConnectors", Verdict: podspec.NotYetMapped, To: "spec.gatewayConnectors", Why: notYet},
	{Path: "volumeConfigurations", Verdict: podspec.Exact, To: "spec.volumeConfigurations; a claim of its own for each task"},
	{Path: "healthCheckGracePeriodSeconds", Verdict: podspec.Exact, To: "spec.healthCheckGracePeriodSeconds", Why: "it isn't in the pod; a change starts no deployment, and holds for tasks that run"},
	{Path: "placementConstraints", Verdict: podspec.Exact, To: "spec.placementConstraints; node affinity and topology spread where these say it, else the operator's choice of an instance"},
	{Path: "placementStrategy", Verdict: podspec.Exact, To: "spec.placementStrategy; the operator's choice of an instance for each task"},
	{Path: "availabilityZoneRebalancing", Verdict: podspec.Exact, To: "spec.availabilityZoneRebalancing"},
	{Path: "propagateTags", Verdict: podspec.NotYetMapped, To: "spec.propagateTags", Why: notYet},
	{Path: "enableECSManagedTags", Verdict: podspec.NotYetMapped, To: "spec.enableECSManagedTags", Why: notYet},
	{Path: "enableExecuteCommand", Verdict: podspec.NotYetMapped, To: "spec.enableExecuteCommand", Why: "kubectl exec works with or without it"},
	{Path: "monitoring", Verdict: podspec.NotYetMapped, To: "spec.monitoring", Why: notYet},
	{Path: "role", Verdict: podspec.NotYetMapped, To: "spec.role", Why: "the role lets ECS speak to a load balancer of AWS; there is none"},
	{Path: "tags", Verdict: podspec.Exact, To: "spec.tags"},
}
