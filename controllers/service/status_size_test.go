// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// tenDeployments is a service with as many deployments as its status may list, each with all that can be said of it.
func tenDeployments(name, reason string, now time.Time) (*ecsv1.Service, observed) {
	svc := &ecsv1.Service{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: name, UID: "0a1b2c3d-0000-4000-8000-000000000000", Generation: 10},
		Spec:       ecsv1.ServiceSpec{Cluster: "prod", TaskDefinition: name, DesiredCount: new(int32(5000))},
		Status:     ecsv1.ServiceStatus{Placement: &ecsv1.ServicePlacement{Mechanism: ecsv1.PlacementMechanismEngine, Reason: reason}},
	}
	svc.DeletionTimestamp = new(metav1.NewTime(now)) // what can be looked up beside the deployments is left as it was
	share := new(ecsv1.DecimalFromTenths(125))
	summary := func(n int64) ecsv1.ServiceRevisionSummary {
		id := names.ServiceRevision(name, n)
		return ecsv1.ServiceRevisionSummary{
			Name: id, Arn: arn.Scope{Region: "ap-southeast-1", Account: "123456789012"}.ServiceRevision("prod", name, names.ServiceRevisionID(string(svc.UID), n)),
			RequestedTaskCount: 5000, RunningTaskCount: 5000, PendingTaskCount: 5000, RequestedProductionTrafficWeight: share, RequestedTestTrafficWeight: share,
		}
	}
	sd := ecsv1.ServiceDeployment{Status: ecsv1.ServiceDeploymentStatus{
		TargetServiceRevision: new(summary(10)), DesiredTaskCount: 5000, RolloutState: ecsv1.DeploymentRolloutStateFailed, RolloutStateReason: reason,
	}}
	seen := observed{service: svc, now: now}
	for n := range int64(10) {
		if n < 9 {
			sd.Status.SourceServiceRevisions = append(sd.Status.SourceServiceRevisions, summary(n+1))
		}
		seen.revisions = append(seen.revisions, ecsv1.ServiceRevision{
			ObjectMeta: metav1.ObjectMeta{Name: names.ServiceRevision(name, n+1), CreationTimestamp: metav1.NewTime(now)},
			Spec:       ecsv1.ServiceRevisionSpec{Revision: n + 1, TaskDefinition: fmt.Sprintf("%s:%d", name, n+1)},
		})
	}
	seen.deployments = []ecsv1.ServiceDeployment{sd}
	return svc, seen
}

// History is a list of objects, and the Service stays small enough to be written at each step of a deployment. With ten deployments at a time it has
// a few kilobytes; with the longest names and reasons that there can be, a small part of what an object may have (1.5 MiB in etcd).
func TestTheStatusOfAServiceStaysSmall(t *testing.T) {
	now := time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)
	for name, tc := range map[string]struct {
		service, reason string
		most            int
	}{
		"as services are called": {"checkout-api", "ECS deployment ecs-svc/1234567890123456789 in progress.", 8 << 10},
		"the longest names":      {strings.Repeat("checkout-", 25), strings.Repeat("x", 1024), 16 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			svc, seen := tenDeployments(tc.service, tc.reason, now)
			setStatus(svc, seen, plan{}, nil, arn.Scope{Region: "ap-southeast-1", Account: "123456789012"})
			if got := len(svc.Status.Deployments); got != 10 {
				t.Fatalf("%d deployments, want 10", got)
			}
			text, err := json.Marshal(svc.Status)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d bytes", len(text))
			if len(text) > tc.most {
				t.Errorf("the status has %d bytes, want at most %d", len(text), tc.most)
			}
		})
	}
}
