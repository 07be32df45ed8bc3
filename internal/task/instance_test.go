// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestFindInstance(t *testing.T) {
	instance := func(name, cluster string, state ecsv1.ContainerInstanceState, edits ...func(*ecsv1.ContainerInstance)) ecsv1.ContainerInstance {
		i := ecsv1.ContainerInstance{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Spec:       ecsv1.ContainerInstanceSpec{Cluster: cluster, NodeName: name},
			Status: ecsv1.ContainerInstanceStatus{
				Status: state, AgentConnected: true, ContainerInstanceArn: "arn:aws:ecs:us-east-1:000000000000:container-instance/" + cluster + "/id-of-" + name,
			},
		}
		for _, edit := range edits {
			edit(&i)
		}
		return i
	}
	all := []ecsv1.ContainerInstance{
		instance("a", "prod", ecsv1.ContainerInstanceStateActive),
		instance("b", "prod", ecsv1.ContainerInstanceStateDraining),
		instance("c", "prod", ecsv1.ContainerInstanceStateActive, func(i *ecsv1.ContainerInstance) { i.Status.AgentConnected = false }),
		instance("d", "test", ecsv1.ContainerInstanceStateActive),
		instance("e", "prod", ""),
		instance("f", "prod", ecsv1.ContainerInstanceStateActive, func(i *ecsv1.ContainerInstance) { i.Spec.Status = ecsv1.ContainerInstanceDesiredStatusDraining }),
	}
	for name, tc := range map[string]struct {
		ref     []string
		want    string
		failure string
	}{
		"none is named":                {nil, "", ""},
		"by name":                      {[]string{"a"}, "a", ""},
		"by ID":                        {[]string{"id-of-a"}, "a", ""},
		"by ARN":                       {[]string{"arn:aws:ecs:us-east-1:000000000000:container-instance/prod/id-of-a"}, "a", ""},
		"one that drains":              {[]string{"b"}, "", "INACTIVE: spec.containerInstances[0]: container instance b is DRAINING"},
		"one that is about to drain":   {[]string{"f"}, "", "INACTIVE: spec.containerInstances[0]: container instance f is DRAINING"},
		"one that was just registered": {[]string{"e"}, "", "INACTIVE: spec.containerInstances[0]: container instance e is REGISTERING"},
		"one whose kubelet is silent":  {[]string{"c"}, "", "AGENT: spec.containerInstances[0]: "},
		"one of another cluster":       {[]string{"d"}, "", "MISSING: spec.containerInstances[0]: cluster prod has no container instance d"},
		"one that nobody knows":        {[]string{"x"}, "", "MISSING: "},
		"a name that is the end of another's is not": {[]string{"of-a"}, "", "MISSING: "},
	} {
		t.Run(name, func(t *testing.T) {
			got, failure := FindInstance(&ecsv1.Task{Spec: ecsv1.TaskSpec{Cluster: "prod", ContainerInstances: tc.ref}}, all)
			if (got != nil) != (tc.want != "") || got != nil && got.Name != tc.want {
				t.Errorf("got %v, want %q", got, tc.want)
			}
			if (failure != nil) != (tc.failure != "") || failure != nil && !strings.HasPrefix(failure.Message, tc.failure) {
				t.Errorf("got failure %v, want %q", failure, tc.failure)
			}
		})
	}
}
