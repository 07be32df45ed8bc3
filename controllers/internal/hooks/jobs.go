// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package hooks

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strings"
	"time"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/hooks"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// +kubebuilder:rbac:groups=batch,resources=cronjobs,verbs=get
// +kubebuilder:rbac:groups=batch,resources=jobs,verbs=list;watch;create;delete
// +kubebuilder:rbac:groups=ecs.pods.dev,resources=servicedeployments/finalizers,verbs=update
// +kubebuilder:rbac:groups="",resources=pods,verbs=list;watch

// EventVariable is the environment variable that the event is in.
const EventVariable = "ECS_HOOK_EVENT"

const (
	// keptJob is how many seconds a Job stays at least after its end, so that its answer can be read; keptJobUnset where its template says nothing.
	keptJob, keptJobUnset = 300, 3600
)

// Jobs makes Jobs of the templates of suspended CronJobs.
type Jobs struct {
	Client client.Client
	// Live reads CronJobs, which nobody watches.
	Live client.Reader
}

// Answers are those of the Jobs that have ended, to the latest calls of the runs.
func (j Jobs) Answers(ctx context.Context, sd *ecsv1.ServiceDeployment, functions []ecsv1.ClusterLambdaFunction) (map[string]hooks.Answer, error) {
	out := map[string]hooks.Answer{}
	for i := range sd.Status.LifecycleHookDetails {
		run := &sd.Status.LifecycleHookDetails[i]
		target, _ := hooks.Resolve(run.TargetArn, functions)
		if target.Job == "" || run.FinishedAt != nil {
			continue
		}
		job := &batchv1.Job{}
		err := j.Client.Get(ctx, client.ObjectKey{Namespace: sd.Namespace, Name: names.HookJob(target.Job, run.HookId, number(run))}, job)
		if apierrors.IsNotFound(err) || err == nil && !metav1.IsControlledBy(job, sd) {
			continue
		}
		if err != nil {
			return nil, err
		}
		answer, err := j.answer(ctx, job)
		if err != nil {
			return nil, err
		}
		if answer != nil {
			answer.Call = number(run)
			out[run.HookId] = *answer
		}
	}
	return out, nil
}

// answer is what a Job that has ended says: the last line that a container left as its termination message, where that is a JSON object, and
// else by its end alone.
func (j Jobs) answer(ctx context.Context, job *batchv1.Job) (*hooks.Answer, error) {
	end := endOf(job)
	if end == nil {
		return nil, nil //nolint:nilnil // it goes on
	}
	pods := &corev1.PodList{}
	err := j.Client.List(ctx, pods, client.InNamespace(job.Namespace), client.MatchingLabels{batchv1.JobNameLabel: job.Name})
	if err != nil {
		return nil, err
	}
	line := lastLine(pods.Items, end.Type == batchv1.JobComplete)
	if end.Type == batchv1.JobFailed {
		return &hooks.Answer{Failure: strings.TrimSuffix(fmt.Sprintf("Job %s failed: %s. %s", job.Name, strings.TrimSuffix(end.Message, "."), line), " ")}, nil
	}
	if !strings.HasPrefix(line, "{") {
		line = `{"hookStatus":"SUCCEEDED"}`
	}
	return &hooks.Answer{Body: []byte(line)}, nil
}

func endOf(job *batchv1.Job) *batchv1.JobCondition {
	for i := range job.Status.Conditions {
		c := &job.Status.Conditions[i]
		if c.Status == corev1.ConditionTrue && (c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed) {
			return c
		}
	}
	return nil
}

// lastLine is the last line of the termination message that was left last, by a container that ended well or not.
func lastLine(pods []corev1.Pod, well bool) string {
	line, at := "", metav1.Time{}
	for i := range pods {
		for _, c := range pods[i].Status.ContainerStatuses {
			ended := c.State.Terminated
			if ended == nil || (ended.ExitCode == 0) != well || ended.FinishedAt.Before(&at) {
				continue
			}
			if lines := strings.Split(strings.TrimSpace(ended.Message), "\n"); lines[len(lines)-1] != "" {
				line, at = strings.TrimSpace(lines[len(lines)-1]), ended.FinishedAt
			}
		}
	}
	return line
}

// Ask makes the Jobs of these calls that aren't there, and deletes those of others that go on. problem is told of a call that can't be made.
func (j Jobs) Ask(ctx context.Context, sd *ecsv1.ServiceDeployment, labels map[string]string, calls []hooks.Call, problem func(hooks.Call, string), now time.Time) error {
	wanted := map[string]bool{}
	for _, what := range calls {
		if what.Target.Job == "" {
			continue
		}
		name := names.HookJob(what.Target.Job, what.HookID, what.Number)
		wanted[name] = true
		why, err := j.start(ctx, sd, name, labels, what, now)
		if err != nil {
			return fmt.Errorf("starting job %s: %w", name, err)
		}
		if why != "" {
			problem(what, why)
		}
	}
	jobs := &batchv1.JobList{}
	if err := j.Client.List(ctx, jobs, client.InNamespace(sd.Namespace), client.MatchingLabels(labels)); err != nil {
		return err
	}
	for i := range jobs.Items {
		job := &jobs.Items[i]
		if wanted[job.Name] || endOf(job) != nil || job.DeletionTimestamp != nil || !metav1.IsControlledBy(job, sd) {
			continue
		}
		err := j.Client.Delete(ctx, job, client.Preconditions{UID: new(job.UID)}, client.PropagationPolicy(metav1.DeletePropagationBackground))
		if client.IgnoreNotFound(err) != nil && !apierrors.IsConflict(err) {
			return fmt.Errorf("ending job %s: %w", job.Name, err)
		}
	}
	return nil
}

// start makes the Job of a call, and says why where that can't be. That it is there already is as good.
func (j Jobs) start(ctx context.Context, sd *ecsv1.ServiceDeployment, name string, labels map[string]string, what hooks.Call, now time.Time) (string, error) {
	there := &batchv1.Job{}
	if err := j.Client.Get(ctx, client.ObjectKey{Namespace: sd.Namespace, Name: name}, there); !apierrors.IsNotFound(err) {
		return "", err
	}
	template := &batchv1.CronJob{}
	err := j.Live.Get(ctx, client.ObjectKey{Namespace: sd.Namespace, Name: what.Target.Job}, template)
	switch {
	case apierrors.IsNotFound(err):
		return fmt.Sprintf("there is no CronJob %s in namespace %s; make one with spec.suspend: true, whose jobTemplate is the hook", what.Target.Job, sd.Namespace), nil
	case err != nil:
		return "", err
	case template.Spec.Suspend == nil || !*template.Spec.Suspend:
		return fmt.Sprintf("CronJob %s runs by its schedule, too; set its spec.suspend: true", what.Target.Job), nil
	}
	err = j.Client.Create(ctx, jobOf(sd, name, labels, template, what, now))
	switch {
	case apierrors.IsAlreadyExists(err):
		return "", nil
	case apierrors.IsInvalid(err) || apierrors.IsForbidden(err) && !apierrors.HasStatusCause(err, corev1.NamespaceTerminatingCause):
		return "its Job is refused: " + err.Error(), nil
	}
	return "", err
}

// jobOf is the Job of a call: what the CronJob would make, with the event, an end, and one attempt where the template doesn't say more.
func jobOf(sd *ecsv1.ServiceDeployment, name string, labels map[string]string, template *batchv1.CronJob, what hooks.Call, now time.Time) *batchv1.Job {
	t := template.Spec.JobTemplate.DeepCopy()
	job := &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: sd.Namespace, Name: name, Annotations: t.Annotations, Labels: maps.Clone(t.Labels),
			OwnerReferences: []metav1.OwnerReference{*metav1.NewControllerRef(sd, ecsv1.GroupVersion.WithKind("ServiceDeployment"))},
		},
		Spec: t.Spec,
	}
	if job.Labels == nil {
		job.Labels = map[string]string{}
	}
	maps.Copy(job.Labels, labels)
	job.Spec.Suspend = nil
	if job.Spec.BackoffLimit == nil {
		job.Spec.BackoffLimit = new(int32(0))
	}
	kept := int32(keptJobUnset)
	if job.Spec.TTLSecondsAfterFinished != nil {
		kept = max(keptJob, *job.Spec.TTLSecondsAfterFinished)
	}
	job.Spec.TTLSecondsAfterFinished = &kept
	left := int64(max(1, math.Ceil(what.Until.Sub(now).Seconds())))
	if d := job.Spec.ActiveDeadlineSeconds; d == nil || *d > left {
		job.Spec.ActiveDeadlineSeconds = &left
	}
	for _, containers := range [][]corev1.Container{job.Spec.Template.Spec.InitContainers, job.Spec.Template.Spec.Containers} {
		for i := range containers {
			containers[i].Env = append(containers[i].Env, corev1.EnvVar{Name: EventVariable, Value: string(what.Body)})
		}
	}
	return job
}
