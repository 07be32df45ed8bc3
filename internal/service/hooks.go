// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/hooks"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

func lifecycleHooks(s *ecsv1.Service) []ecsv1.DeploymentLifecycleHook {
	if s.Spec.DeploymentConfiguration == nil {
		return nil
	}
	return s.Spec.DeploymentConfiguration.LifecycleHooks
}

// checkHooks finds lifecycle hooks that can't be asked whatever else there is.
func checkHooks(s *ecsv1.Service) taskdef.Problems {
	var out taskdef.Problems
	for _, p := range hooks.Check(lifecycleHooks(s)) {
		out = append(out, taskdef.Problem{Path: "deploymentConfiguration." + p.Path, Message: p.Message})
	}
	return out
}

// CheckHooks says why lifecycle hooks of a service can't be asked on its cluster, nil where they can: a deployment that would go back at its
// first hook isn't begun.
func CheckHooks(s *ecsv1.Service, cluster *ecsv1.ClusterSpec) *conditions.Reason {
	var functions []ecsv1.ClusterLambdaFunction
	if cluster != nil && cluster.Kubernetes != nil {
		functions = cluster.Kubernetes.LambdaFunctions
	}
	for _, p := range hooks.CheckOn(lifecycleHooks(s), functions) {
		return &conditions.Reason{Reason: ecsv1.ReasonInvalid, Message: "spec.deploymentConfiguration." + p.Path + ": " + p.Message}
	}
	return nil
}
