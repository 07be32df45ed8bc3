// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"context"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/images"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/task"
)

// A task runs what its tags mean at that moment: ECS pins digests for services alone. What is read of an image is the command line that
// the launcher is to start, its user and its stop signal.

// A registry that doesn't answer is asked so often, with such a pause; then the task has failed to start, as with ECS's agent.
const (
	rounds   = 3
	askAgain = 2 * time.Second
	// patience is when a round that doesn't tell its end is looked at.
	patience = 5 * time.Second
)

// planImages finds what has been read of the images of a task that is to be started. As long as that isn't enough the plan says what is
// done about it, and the pod isn't made. First match wins.
func planImages(seen observed, td *ecsv1.TaskDefinitionFields, translated podspec.Result) (map[string]podspec.Image, *plan) {
	questions := service.ConfigQuestions(td, translated)
	reading := seen.reading
	request := &images.Request{
		For: client.ObjectKeyFromObject(seen.task), Revision: string(seen.task.UID), Questions: questions, Platform: service.PlatformOf(td),
	}
	wait := func(ask *images.Request, again time.Duration) *plan {
		return &plan{ask: ask, lookAgainIn: again, waiting: refuse(ecsv1.ReasonProgressing, "asking registries about %s", imagesOf(questions))}
	}
	switch {
	case !seen.readsImages || !slices.ContainsFunc(questions, service.ImageQuestion.Asked):
		return nil, nil
	case reading.Revision != request.Revision:
		return nil, wait(request, patience)
	case reading.Rounds == 0 || reading.Ended.IsZero():
		return nil, wait(nil, patience)
	}
	missing := service.Unanswered(questions, reading.Answers)
	if missing == nil {
		return known(reading.Answers), nil
	}
	answer := reading.Answers[missing.Container]
	over := seen.now.Sub(reading.Ended)
	switch {
	case answer.Final || reading.Rounds >= rounds:
		return nil, &plan{ends: &task.End{Code: ecsv1.TaskStopCodeTaskFailedToStart, Reason: refuse("", "CannotPullContainerError: the image %s of container %s can't be read, "+
			"so the command that the launcher is to start isn't known: %s. Set %s.entryPoint, or let the operator read the image",
			missing.Image, missing.Container, answer.Problem, missing.Field).Message}}
	case over < askAgain:
		return nil, wait(nil, askAgain-over)
	}
	return nil, wait(request, patience)
}

func known(answers map[string]service.ImageAnswer) map[string]podspec.Image {
	out := make(map[string]podspec.Image, len(answers))
	for container, answer := range answers {
		out[container] = podspec.Image{Config: answer.Config}
	}
	return out
}

func imagesOf(questions []service.ImageQuestion) string {
	var out []string
	for _, q := range questions {
		if q.Asked() {
			out = append(out, q.Image)
		}
	}
	return strings.Join(out, ", ")
}

// ask starts what is to be read, and drops what has been read for a task that needs it no more.
func (r *Reconciler) ask(seen observed, p plan) {
	switch {
	case r.Images == nil:
	case p.ask != nil:
		r.Images.Ask(*p.ask)
	case seen.pod != nil || p.ends != nil || p.end():
		r.Images.Forget(client.ObjectKeyFromObject(seen.task))
	}
}

// answers takes up a task again when registries have said what was asked about its images.
func (r *Reconciler) answers(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	if r.Images != nil {
		r.Images.Tell(func(of types.NamespacedName) { queue.Add(reconcile.Request{NamespacedName: of}) })
	}
	return nil
}
