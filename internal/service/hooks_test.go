// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"strings"
	"testing"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestHooksThatCantBeAsked(t *testing.T) {
	const function = "arn:aws:lambda:us-west-2:123456789012:function:approve"
	mapped := &ecsv1.ClusterSpec{Kubernetes: &ecsv1.ClusterKubernetes{
		LambdaFunctions: []ecsv1.ClusterLambdaFunction{{FunctionName: "approve", HookTarget: "https://approvals.example"}},
	}}
	for name, tc := range map[string]struct {
		target     string
		cluster    *ecsv1.ClusterSpec
		wantAlways string
		wantOn     string
	}{
		"a URL":                               {"https://checks.example", nil, "", ""},
		"a function that the cluster knows":   {function, mapped, "", ""},
		"a function that it doesn't know":     {function, &ecsv1.ClusterSpec{}, "", "spec.deploymentConfiguration.lifecycleHooks[0].hookTargetArn: nothing stands for the Lambda function approve"},
		"a function where there's no cluster": {function, nil, "", "nothing stands for the Lambda function approve"},
		"nothing that can be asked":           {"approve", mapped, "deploymentConfiguration.lifecycleHooks[0].hookTargetArn: \"approve\" is nothing that can be asked", "is nothing that can be asked"},
	} {
		t.Run(name, func(t *testing.T) {
			svc := &ecsv1.Service{Spec: ecsv1.ServiceSpec{DeploymentConfiguration: &ecsv1.DeploymentConfiguration{
				Strategy:       ecsv1.DeploymentStrategyBlueGreen,
				LifecycleHooks: []ecsv1.DeploymentLifecycleHook{{HookTargetArn: tc.target, LifecycleStages: []ecsv1.DeploymentLifecycleHookStage{"POST_SCALE_UP"}}},
			}}}
			if got := Validate(svc).Error(); (got == "") != (tc.wantAlways == "") || !strings.Contains(got, tc.wantAlways) {
				t.Errorf("Validate: %q, want %q", got, tc.wantAlways)
			}
			got := ""
			if reason := CheckHooks(svc, tc.cluster); reason != nil {
				got = reason.Message
			}
			if (got == "") != (tc.wantOn == "") || !strings.Contains(got, tc.wantOn) {
				t.Errorf("CheckHooks: %q, want %q", got, tc.wantOn)
			}
		})
	}
}
