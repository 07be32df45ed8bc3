// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/deploy"
)

func TestATaskThatStaysIsStoppedWithItsService(t *testing.T) {
	now := time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)
	protected := map[string]string{ecsv1.AnnotationTaskProtection: now.Add(time.Hour).Format(time.RFC3339)}
	for name, tc := range map[string]struct {
		annotations map[string]string
		deployed    time.Duration
		deleted     bool
	}{
		"protected, and none is desired":                     {protected, time.Hour, false},
		"protected, and the service goes":                    {protected, time.Hour, true},
		"left over for two weeks":                            {nil, 15 * 24 * time.Hour, false},
		"left over for two weeks, and then the service goes": {nil, 15 * 24 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			svc := &ecsv1.Service{Spec: ecsv1.ServiceSpec{DesiredCount: new(int32(0)), DeploymentConfiguration: &ecsv1.DeploymentConfiguration{
				EarlySuccessCriteria: &ecsv1.DeploymentEarlySuccessCriteria{Enable: true, SourceServiceRevisionCleanup: ecsv1.ServiceRevisionCleanupDeferred},
			}}}
			if tc.deleted {
				svc.DeletionTimestamp = new(metav1.NewTime(now))
			}
			sd := &ecsv1.ServiceDeployment{ObjectMeta: metav1.ObjectMeta{Name: "web-2"}, Spec: ecsv1.ServiceDeploymentSpec{TargetServiceRevision: "web-2"}}
			sd.Status.Status, sd.Status.FinishedAt = ecsv1.ServiceDeploymentStateSuccessful, new(metav1.NewTime(now.Add(-tc.deployed)))
			o := observed{sd: sd, newest: sd, service: svc, now: now}
			pod := corev1.Pod{
				ObjectMeta: metav1.ObjectMeta{Name: "a", Labels: map[string]string{ecsv1.LabelServiceRevision: "1"}, Annotations: tc.annotations},
				Spec:       corev1.PodSpec{NodeName: "n", Containers: []corev1.Container{{Name: "app"}}},
				Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{
					{Name: "app", State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}},
				}},
			}
			for i, count := range []int32{1, 0} {
				ordinal := int64(i) + 1
				r := revision{deployment: &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &count}}}
				r.object = &ecsv1.ServiceRevision{ObjectMeta: metav1.ObjectMeta{Name: []string{"web-1", "web-2"}[i]}, Spec: ecsv1.ServiceRevisionSpec{Revision: ordinal}}
				r.tasks = o.count(r, []corev1.Pod{pod})
				o.revisions = append(o.revisions, r)
			}
			if scale := next(o).scale; (len(scale) == 1 && scale[0].to == 0) != tc.deleted {
				t.Errorf("scaled: %+v, want that it is stopped: %t", scale, tc.deleted)
			}
		})
	}
}

func TestWhyADeploymentDoesNotGoBack(t *testing.T) {
	old := revision{object: &ecsv1.ServiceRevision{ObjectMeta: metav1.ObjectMeta{Name: "web-1"}, Spec: ecsv1.ServiceRevisionSpec{TaskDefinition: "web:1"}}}
	for name, tc := range map[string]struct {
		seen observed
		want string
	}{
		"none was completed":            {observed{}, "a hook failed; there is no completed deployment to go back to"},
		"it took over from another":     {observed{completed: "web-1", revisions: []revision{old}}, "a hook failed; it stays where it is, with its traffic, since it didn't take over from web-1 (task definition web:1), which was completed last. Deploy that again to have it back"},
		"what was completed isn't kept": {observed{completed: "web-1"}, "a hook failed; there is no completed deployment to go back to"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &ecsv1.ServiceDeploymentStatus{}
			entering{seen: tc.seen, life: deploy.Life{Abort: &deploy.Abort{Reason: deploy.HookFailed, Why: "a hook failed", Rollback: true}}}.stop(s)
			if s.StatusReason != tc.want {
				t.Errorf("it says %q, want %q", s.StatusReason, tc.want)
			}
		})
	}
}
