// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package servicedeployment

import (
	"context"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	callers "github.com/ecs-operator/ecs-operator/controllers/internal/hooks"
	"github.com/ecs-operator/ecs-operator/internal/hooks"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// HookCaller calls the URLs of lifecycle hooks beside the reconciler.
type HookCaller interface {
	Tell(tell func(types.NamespacedName))
	Answers(of types.UID, runs []ecsv1.DeploymentLifecycleHookDetail) map[string]hooks.Answer
	Ask(of callers.Deployment, calls []hooks.Call)
	Fail(of callers.Deployment, what hooks.Call, why string)
	Forget(of types.UID)
}

// mostIgnored decisions that are for nothing are told of: an annotation has room for more than a condition has.
const mostIgnored = 5

// observeHooks finds out how the lifecycle hooks of the moment stand that is stored; at is nil where none can run. What it gives goes into
// the status, and after that to applyHooks.
func (r *Reconciler) observeHooks(ctx context.Context, seen *observed, at *hooks.Moment, weights func(*hooks.Deployment)) (hooks.Output, error) {
	sd := seen.sd
	if at == nil || len(hooksOf(sd)) == 0 {
		return hooks.Output{Verdict: hooks.Passed, Runs: hooks.End(sd.Status.LifecycleHookDetails, seen.now)}, nil
	}
	answers, err := r.jobs().Answers(ctx, sd, seen.functions())
	if err != nil {
		return hooks.Output{}, err
	}
	maps.Copy(answers, r.Hooks.Answers(sd.UID, sd.Status.LifecycleHookDetails))
	decisions, problems := hooks.Decisions(sd.Annotations[ecsv1.AnnotationContinueDeployment])
	in := hooks.Input{
		Hooks: hooksOf(sd), Moment: *at, Deployment: seen.hookDeployment(r), Functions: seen.functions(),
		Runs: sd.Status.LifecycleHookDetails, Answers: answers, Decisions: decisions, Now: seen.now,
	}
	weights(&in.Deployment)
	out := hooks.Next(in)
	out.Ignored = append(out.Ignored, problems...)
	out.Ignored = out.Ignored[:min(len(out.Ignored), mostIgnored)]
	return out, nil
}

// applyHooks has the calls under way that are to be, and no other. It comes after the status, so that a run that is asked is stored, and an
// answer is forgotten only once it is.
func (r *Reconciler) applyHooks(ctx context.Context, seen *observed, out hooks.Output) error {
	if len(hooksOf(seen.sd)) == 0 || seen.goal() == nil { // without a revision to go to nobody has looked at hooks
		return nil
	}
	of := callers.Deployment{NamespacedName: client.ObjectKeyFromObject(seen.sd), UID: seen.sd.UID}
	r.Hooks.Ask(of, out.Calls)
	labels := service.RevisionSelector(seen.sd.Spec.Service, service.Ordinal(seen.sd))
	labels[ecsv1.LabelCluster] = names.LabelValue(service.Cluster(seen.service))
	return r.jobs().Ask(ctx, seen.sd, labels, out.Calls, func(what hooks.Call, why string) { r.Hooks.Fail(of, what, why) }, seen.now)
}

// announceHooks tells what became of hooks in the words of ECS's Hook State Change, and once of each decision that is for nothing, which is part of what the
// deployment says as long as it waits.
func (r *Reconciler) announceHooks(seen observed, before, after *ecsv1.ServiceDeployment, ignored []string) {
	runs := hooks.Changed(before.Status.LifecycleHookDetails, after.Status.LifecycleHookDetails)
	for i := range runs {
		run, kind, reason := &runs[i], corev1.EventTypeNormal, runs[i].StatusReason
		if hooks.Stops(run) {
			kind = corev1.EventTypeWarning
		}
		if run.Status == ecsv1.DeploymentLifecycleHookStatusAwaitingAction {
			reason = "set the annotation " + ecsv1.AnnotationContinueDeployment + " of ServiceDeployment " + after.Name + " to its hookId"
		}
		r.on(seen, kind, hooks.EventName(run), "Hook"+run.HookId, "(deployment %s) lifecycle hook %s at %s is %s: %s",
			after.Status.DeploymentId, run.HookId, run.LifecycleStage, run.Status, reason)
	}
	for _, sentence := range ignored {
		if !strings.Contains(said(before), sentence) {
			r.on(seen, corev1.EventTypeWarning, "DecisionIgnored", "ContinueDeployment"+names.ContentHash(sentence), "%s", sentence)
		}
	}
}

func (r *Reconciler) jobs() callers.Jobs { return callers.Jobs{Client: r.Client, Live: r.Live} }

func hooksOf(sd *ecsv1.ServiceDeployment) []ecsv1.DeploymentLifecycleHook {
	if sd.Spec.DeploymentConfiguration == nil {
		return nil
	}
	return sd.Spec.DeploymentConfiguration.LifecycleHooks
}

// functions are what stands for Lambda functions on the service's cluster.
func (o *observed) functions() []ecsv1.ClusterLambdaFunction {
	if o.cluster == nil || o.cluster.Kubernetes == nil {
		return nil
	}
	return o.cluster.Kubernetes.LambdaFunctions
}

// hookDeployment is what hooks are told of the deployment, but for its weights.
func (o *observed) hookDeployment(r *Reconciler) hooks.Deployment {
	cluster, name, uid, ordinal := service.Cluster(o.service), service.Name(o.service), string(o.service.UID), service.Ordinal(o.sd)
	return hooks.Deployment{
		UID:                      string(o.sd.UID),
		ResourceARN:              r.Scope.ServiceDeployment(cluster, name, names.ServiceDeploymentID(uid, ordinal)),
		ServiceARN:               r.Scope.Service(cluster, name),
		TargetServiceRevisionARN: r.revisionARN(o, ordinal),
	}
}

// revisionARN is how weights name a revision of the service.
func (r *Reconciler) revisionARN(o *observed, ordinal int64) string {
	return r.Scope.ServiceRevision(service.Cluster(o.service), service.Name(o.service), names.ServiceRevisionID(string(o.service.UID), ordinal))
}

// hookAnswers takes up a deployment again when a hook has answered.
func (r *Reconciler) hookAnswers(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	r.Hooks.Tell(func(of types.NamespacedName) { queue.Add(reconcile.Request{NamespacedName: of}) })
	return nil
}
