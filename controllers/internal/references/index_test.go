// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package references

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestDaemonsAreFoundByTheirClusterAndReplicasAreNot(t *testing.T) {
	for name, c := range map[string]struct {
		spec ecsv1.ServiceSpec
		want []string
	}{
		"a daemon of a cluster":                  {ecsv1.ServiceSpec{Cluster: "prod", SchedulingStrategy: ecsv1.SchedulingStrategyDaemon}, []string{"prod"}},
		"a daemon that names its cluster by ARN": {ecsv1.ServiceSpec{Cluster: "arn:aws:ecs:us-east-1:123456789012:cluster/prod", SchedulingStrategy: ecsv1.SchedulingStrategyDaemon}, []string{"prod"}},
		"a daemon of the default cluster":        {ecsv1.ServiceSpec{SchedulingStrategy: ecsv1.SchedulingStrategyDaemon}, []string{"default"}},
		"a replica service":                      {ecsv1.ServiceSpec{Cluster: "prod", SchedulingStrategy: ecsv1.SchedulingStrategyReplica}, nil},
		"a replica service by default":           {ecsv1.ServiceSpec{Cluster: "prod"}, nil},
	} {
		if diff := cmp.Diff(c.want, IndexDaemon(&ecsv1.Service{Spec: c.spec})); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}
