// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
)

// web-2 went back to web-1, and its ServiceRevision was deleted.
func TestAServiceIsScaledWithoutTheRevisionThatItWentBackFrom(t *testing.T) {
	const back, shift = ecsv1.ServiceDeploymentStateRollbackInProgress, ecsv1.ServiceDeploymentLifecycleStageProductionTrafficShift
	for name, tc := range map[string]struct {
		state  ecsv1.ServiceDeploymentState
		stage  ecsv1.ServiceDeploymentLifecycleStage
		scales bool
		why    string
		ends   deploy.Ending
	}{
		"after it went back":            {ecsv1.ServiceDeploymentStateRollbackSuccessful, ecsv1.ServiceDeploymentLifecycleStageCleanUp, true, "3 of 3 tasks wanted", ""},
		"before its tasks have stopped": {back, ecsv1.ServiceDeploymentLifecycleStageCleanUp, true, "no task of the new revision is left", deploy.RolledBack},
		"while traffic may go to it":    {back, shift, false, "waiting for service revision web-2, which is gone, to be made again", ""},
	} {
		t.Run(name, func(t *testing.T) {
			sd := &ecsv1.ServiceDeployment{ObjectMeta: metav1.ObjectMeta{Name: "web-2", Labels: map[string]string{ecsv1.LabelServiceRevision: "2"}}}
			sd.Spec = ecsv1.ServiceDeploymentSpec{TargetServiceRevision: "web-2", DeploymentConfiguration: &ecsv1.DeploymentConfiguration{Strategy: ecsv1.DeploymentStrategyBlueGreen}}
			sd.Status.Status, sd.Status.Rollback = tc.state, &ecsv1.Rollback{ServiceRevision: "web-1"}
			sd.Status.LifecycleStage = tc.stage
			old := &ecsv1.ServiceRevision{ObjectMeta: metav1.ObjectMeta{Name: "web-1"}, Spec: ecsv1.ServiceRevisionSpec{Revision: 1}}
			got := next(observed{
				sd: sd, newest: sd, completed: "web-1", service: &ecsv1.Service{Spec: ecsv1.ServiceSpec{DesiredCount: new(int32(3))}},
				revisions: []revision{{object: old, deployment: &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: new(int32(2))}}}},
			})
			if scales := len(got.scale) == 1 && got.scale[0].to == 3; scales != tc.scales || !strings.Contains(got.rolling.Why, tc.why) {
				t.Errorf("scales %v because %q, want %t because %q", got.scale, got.rolling.Why, tc.scales, tc.why)
			}
			if got.staged.Ended != tc.ends || got.staged.Next != nil {
				t.Errorf("it goes on to %v %v, want %v", got.staged.Ended, got.staged.Next, tc.ends)
			}
		})
	}
}
