// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/hooks"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func template(edits ...func(*batchv1.JobTemplateSpec)) *batchv1.CronJob {
	t := &batchv1.CronJob{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "smoke"}}
	t.Spec.JobTemplate.Labels = map[string]string{"team": "shop"}
	pod := &t.Spec.JobTemplate.Spec.Template.Spec
	pod.InitContainers = []corev1.Container{{Name: "fetch"}}
	pod.Containers = []corev1.Container{{Name: "smoke", Env: []corev1.EnvVar{{Name: "A", Value: "1"}}}}
	for _, edit := range edits {
		edit(&t.Spec.JobTemplate)
	}
	return t
}

func TestTheJobOfACall(t *testing.T) {
	sd := &ecsv1.ServiceDeployment{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web-2", UID: "u"}}
	what := hooks.Call{Target: hooks.Target{Job: "smoke"}, Body: []byte(`{"executionId":"e"}`), Until: noon.Add(20 * time.Minute)}
	make := func(edits ...func(*batchv1.JobTemplateSpec)) *batchv1.Job {
		return jobOf(sd, "smoke-x-0", map[string]string{ecsv1.LabelService: "web"}, template(edits...), what, noon)
	}
	t.Run("it is the template's, belongs to the deployment and has the event", func(t *testing.T) {
		from := template()
		job := jobOf(sd, "smoke-x-0", map[string]string{ecsv1.LabelService: "web"}, from, what, noon)
		if job.Namespace != "shop" || job.Name != "smoke-x-0" || !metav1.IsControlledBy(job, sd) {
			t.Errorf("%+v", job.ObjectMeta)
		}
		if diff := cmp.Diff(map[string]string{"team": "shop", ecsv1.LabelService: "web"}, job.Labels); diff != "" {
			t.Error(diff)
		}
		event := corev1.EnvVar{Name: "ECS_HOOK_EVENT", Value: `{"executionId":"e"}`}
		pod := job.Spec.Template.Spec
		if diff := cmp.Diff([][]corev1.EnvVar{{event}, {{Name: "A", Value: "1"}, event}}, [][]corev1.EnvVar{pod.InitContainers[0].Env, pod.Containers[0].Env}); diff != "" {
			t.Error(diff)
		}
		if len(job.Spec.Template.Labels) > 0 {
			t.Error("its pods would be taken for tasks")
		}
		if diff := cmp.Diff(template(), from); diff != "" {
			t.Errorf("the template was changed: %s", diff)
		}
	})
	t.Run("it has one attempt, the time of the run, and stays for an hour", func(t *testing.T) {
		spec := make().Spec
		if *spec.BackoffLimit != 0 || *spec.ActiveDeadlineSeconds != 1200 || *spec.TTLSecondsAfterFinished != 3600 {
			t.Errorf("%d %d %d", *spec.BackoffLimit, *spec.ActiveDeadlineSeconds, *spec.TTLSecondsAfterFinished)
		}
	})
	t.Run("the template may say otherwise, within bounds", func(t *testing.T) {
		spec := make(func(j *batchv1.JobTemplateSpec) {
			j.Spec.BackoffLimit, j.Spec.ActiveDeadlineSeconds, j.Spec.TTLSecondsAfterFinished, j.Spec.Suspend = new(int32(2)), new(int64(60)), new(int32(0)), new(true)
		}).Spec
		if *spec.BackoffLimit != 2 || *spec.ActiveDeadlineSeconds != 60 || *spec.TTLSecondsAfterFinished != 300 || spec.Suspend != nil {
			t.Errorf("%d %d %d %v", *spec.BackoffLimit, *spec.ActiveDeadlineSeconds, *spec.TTLSecondsAfterFinished, spec.Suspend)
		}
		spec = make(func(j *batchv1.JobTemplateSpec) { j.Spec.ActiveDeadlineSeconds = new(int64(86400)) }).Spec
		if *spec.ActiveDeadlineSeconds != 1200 {
			t.Errorf("it may take %d seconds", *spec.ActiveDeadlineSeconds)
		}
	})
}

func ended(code int32, minute int, message string) corev1.Pod {
	return corev1.Pod{Status: corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{
		{State: corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
			ExitCode: code, Message: message, FinishedAt: metav1.NewTime(noon.Add(time.Duration(minute) * time.Minute)),
		}}},
		{State: corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}},
	}}}
}

func TestTheLastLineCounts(t *testing.T) {
	for name, tc := range map[string]struct {
		pods []corev1.Pod
		well bool
		want string
	}{
		"no pods":                                {nil, true, ""},
		"no message":                             {[]corev1.Pod{ended(0, 1, "")}, true, ""},
		"one line":                               {[]corev1.Pod{ended(0, 1, `{"hookStatus":"SUCCEEDED"}`)}, true, `{"hookStatus":"SUCCEEDED"}`},
		"the last of several":                    {[]corev1.Pod{ended(0, 1, "a\nb\n  {}\n\n")}, true, "{}"},
		"the latest attempt":                     {[]corev1.Pod{ended(1, 5, "late"), ended(1, 1, "early")}, false, "late"},
		"an attempt that failed before all went": {[]corev1.Pod{ended(1, 5, "no"), ended(0, 1, "yes")}, true, "yes"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := lastLine(tc.pods, tc.well); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestTheEndOfAJob(t *testing.T) {
	with := func(kind batchv1.JobConditionType, status corev1.ConditionStatus) *batchv1.Job {
		return &batchv1.Job{Status: batchv1.JobStatus{Conditions: []batchv1.JobCondition{{Type: kind, Status: status}}}}
	}
	for name, tc := range map[string]struct {
		job  *batchv1.Job
		want bool
	}{
		"at first":                         {&batchv1.Job{}, false},
		"complete":                         {with(batchv1.JobComplete, corev1.ConditionTrue), true},
		"failed":                           {with(batchv1.JobFailed, corev1.ConditionTrue), true},
		"about to fail, with pods that go": {with(batchv1.JobFailureTarget, corev1.ConditionTrue), false},
		"not complete":                     {with(batchv1.JobComplete, corev1.ConditionFalse), false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := endOf(tc.job) != nil; got != tc.want {
				t.Errorf("ended %t, want %t", got, tc.want)
			}
		})
	}
}
