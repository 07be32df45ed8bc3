// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/images"
	"github.com/ecs-operator/ecs-operator/internal/conditions"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// ImageReader reads registries beside the reconciler, which asks, is told, and looks again.
type ImageReader interface {
	Ask(request images.Request)
	Known(of types.NamespacedName) images.Reading
	Forget(of types.NamespacedName)
	// Tell sets what is called when a request has its answers.
	Tell(tell func(types.NamespacedName))
}

// unsaid is how long a registry may take before the service says that it waits for it.
const unsaid = time.Second

// askAgain is how long after a round without success the next begins, by the number of rounds.
var askAgain = []time.Duration{time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, time.Minute}

// planImages completes a revision that is about to be made with its images. As long as they aren't known the plan says what is done about it,
// and the revision isn't made. First match wins.
func planImages(seen observed, revision *ecsv1.ServiceRevisionSpec, td *ecsv1.TaskDefinitionRevision, translated podspec.Result) *plan {
	fields := &td.Spec.TaskDefinition
	questions := service.ImageQuestions(seen.service, fields, translated)
	answers, reading := seen.reading.Answers, seen.reading
	request := &images.Request{
		For:       client.ObjectKeyFromObject(seen.service),
		Revision:  fmt.Sprintf("%s-%d-%s", seen.service.UID, revision.Revision, service.RevisionHash(*revision)),
		Questions: questions, Platform: service.PlatformOf(fields),
	}
	asked := slices.ContainsFunc(questions, service.ImageQuestion.Asked)
	switch {
	case !asked:
	case !seen.readsImages:
		answers = unread(questions)
	case reading.Revision != request.Revision:
		return &plan{ask: request, again: unsaid, quiet: true, waiting: waitForRegistry(questions)}
	case reading.Rounds == 0:
		return &plan{again: unsaid, quiet: seen.now.Sub(reading.Began) < unsaid, waiting: waitForRegistry(questions)}
	}
	if missing := service.Unanswered(questions, answers); missing != nil && !service.Unresolvable(seen.service, *missing, answers[missing.Container]) {
		return withoutImage(seen, missing, answers[missing.Container], request)
	}
	revision.ContainerImages = service.ContainerImages(questions, answers)
	return nil
}

// withoutImage is the plan for a service that can't go on without what a registry hasn't said. It asks again and again, more and more
// seldom: nothing tells when an image has been pushed.
func withoutImage(seen observed, missing *service.ImageQuestion, answer service.ImageAnswer, request *images.Request) *plan {
	p := &plan{}
	why := explainImage(missing, answer)
	if answer.Final && (missing.Config == service.Required || !seen.readsImages) {
		p.problem = why
	} else {
		p.waiting = why
	}
	if !seen.readsImages {
		return p
	}
	pause := askAgain[min(seen.reading.Rounds, len(askAgain))-1]
	if over := seen.now.Sub(seen.reading.Ended); seen.reading.Ended.IsZero() {
		p.again = unsaid // a round is going on, and tells when it ends
	} else if over < pause {
		p.again = pause - over
	} else {
		p.ask, p.again = request, unsaid
	}
	return p
}

// explainImage says what isn't known of an image, and the ways out.
func explainImage(missing *service.ImageQuestion, answer service.ImageAnswer) *conditions.Reason {
	if missing.Config == service.Required && answer.Config == nil {
		return refuse(ecsv1.ReasonImageConfigUnknown, "CannotPullContainerError: the image %s of container %s can't be read, so the command that the launcher is to start isn't known: %s. "+
			"Set %s.entryPoint (and user, where a limit or a user by name needs it), or let the operator read the image", missing.Image, missing.Container, answer.Problem, missing.Field)
	}
	return refuse(ecsv1.ReasonImagesNotResolved, "CannotPullContainerError: the tag of image %s of container %s can't be resolved to a digest: %s. "+
		"%s.versionConsistency is enabled, so no task is started by tag: let the operator read the image, write it by digest, or leave versionConsistency out to go on without",
		missing.Image, missing.Container, answer.Problem, missing.Field)
}

// notRead is why an operator that reads no registries knows nothing.
const notRead = "the operator reads no registries (--resolve-images=false)"

func unread(questions []service.ImageQuestion) map[string]service.ImageAnswer {
	out := map[string]service.ImageAnswer{}
	for _, q := range questions {
		out[q.Container] = service.ImageAnswer{Problem: notRead, Final: true}
	}
	return out
}

func waitForRegistry(questions []service.ImageQuestion) *conditions.Reason {
	var names []string
	for _, q := range questions {
		if q.Asked() {
			names = append(names, q.Image)
		}
	}
	return refuse(ecsv1.ReasonProgressing, "asking registries about %s", strings.Join(names, ", "))
}

// notPinned warns of containers of the newest revision that run what a tag means to each node. One that couldn't be made runs nothing.
func notPinned(seen observed, p plan, applyErr error) *conditions.Reason {
	newest := seen.newest()
	if p.revision != nil && applyErr == nil {
		newest = p.revision
	}
	if newest == nil {
		return nil
	}
	why := service.NotPinned(&newest.Spec)
	if why == "" {
		return nil
	}
	return refuse(ecsv1.ReasonImagesNotPinned, "these containers run what their tag means to each container instance: %s. "+
		"To pin them, let the operator read the images and raise spec.kubernetes.forceNewDeployment, or write them by digest; versionConsistency: disabled is content with it", why)
}
