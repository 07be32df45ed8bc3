// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

// Wish is how much something has to be known of an image before a service revision is made.
type Wish int

// The values of Wish.
const (
	NotAsked Wish = iota
	IfPossible
	Required
)

// ImageQuestion is what is to be asked of a registry for one container.
type ImageQuestion struct {
	Container string
	Image     string
	// Field is the container in its task definition: containerDefinitions[0].
	Field  string
	Digest Wish
	Config Wish
	// NotPinned says why the digest isn't asked for though one may expect it; "" otherwise.
	NotPinned string
}

// Asked reports whether the registry has to be read at all.
func (q ImageQuestion) Asked() bool { return q.Digest != NotAsked || q.Config != NotAsked }

// ImageAnswer is what a registry said.
type ImageAnswer struct {
	Digest string
	Config *ecsv1.ContainerImageConfig
	// Problem says why what was asked for isn't known.
	Problem string
	// Final: the registry has answered, and will answer the same until somebody changes something.
	Final bool
	// Attempts at it that have failed. One that wasn't made, since the registry was out of reach a moment ago, doesn't count.
	Attempts int
}

// ImagePlatform is the platform whose image is read where one name stands for several.
type ImagePlatform struct{ OS, Architecture string }

// PlatformOf a task definition; linux/amd64 where it says nothing.
func PlatformOf(td *ecsv1.TaskDefinitionFields) ImagePlatform {
	out := ImagePlatform{OS: "linux", Architecture: "amd64"}
	if p := td.RuntimePlatform; p != nil {
		if strings.HasPrefix(string(p.OperatingSystemFamily), "WINDOWS") {
			out.OS = "windows"
		}
		if p.CpuArchitecture == ecsv1.CPUArchitectureARM64 {
			out.Architecture = "arm64"
		}
	}
	return out
}

// withoutTasks is why the images of a service that wants no tasks aren't resolved. ECS resolves them when it starts the first task of a
// deployment, and where there is none at its beginning, not at all.
const withoutTasks = "it was deployed with desiredCount 0, so nothing was asked of its registry"

// ImageQuestions are what has to be known of the images before a service revision is made: what tags mean, as far as
// versionConsistency asks for it, and what the launcher needs to know of the containers that it starts.
func ImageQuestions(s *ecsv1.Service, td *ecsv1.TaskDefinitionFields, translated podspec.Result) []ImageQuestion {
	idle := !IsDaemon(s) && Desired(s) == 0
	var out []ImageQuestion
	for i, c := range td.ContainerDefinitions {
		q := ImageQuestion{Container: c.Name, Image: c.Image, Field: fmt.Sprintf("containerDefinitions[%d]", i)}
		switch {
		case podspec.ByDigest(c.Image) || c.VersionConsistency == ecsv1.VersionConsistencyDisabled:
		case c.VersionConsistency == ecsv1.VersionConsistencyEnabled:
			q.Digest = Required
		case idle:
			q.NotPinned = withoutTasks
		default:
			q.Digest = IfPossible
		}
		q.Config = configWish(c.Name, translated)
		out = append(out, q)
	}
	return out
}

// ConfigQuestions are what has to be known of the images of a task that someone runs by itself: what the launcher needs to know alone.
func ConfigQuestions(td *ecsv1.TaskDefinitionFields, translated podspec.Result) []ImageQuestion {
	var out []ImageQuestion
	for i, c := range td.ContainerDefinitions {
		out = append(out, ImageQuestion{
			Container: c.Name, Image: c.Image, Field: fmt.Sprintf("containerDefinitions[%d]", i), Config: configWish(c.Name, translated),
		})
	}
	return out
}

func configWish(container string, translated podspec.Result) Wish {
	switch {
	case slices.Contains(translated.Needs.ImageConfigs, container):
		return Required
	case slices.ContainsFunc(translated.Launched, func(l podspec.Launched) bool { return l.Container == container }):
		return IfPossible // its user and its stop signal
	}
	return NotAsked
}

// Unanswered is the first question without whose answer no revision is made, nil where there is none. Those that only a person can help
// with come before those that time may help with.
func Unanswered(questions []ImageQuestion, answers map[string]ImageAnswer) *ImageQuestion {
	var found *ImageQuestion
	for i := range questions {
		q := &questions[i]
		a := answers[q.Container]
		missing := q.Digest == Required && a.Digest == "" || q.Config == Required && a.Config == nil
		if missing && (found == nil || a.Final && !answers[found.Container].Final) {
			found = q
		}
	}
	return found
}

// attemptsAtDigests fail before a circuit breaker ends the deployment (ECS developer guide, circuit breaker).
const attemptsAtDigests = 3

// Unresolvable reports whether the deployment is to fail for that question rather than to go on asking: its circuit breaker is on, and the digest that
// versionConsistency insists on has been asked for in vain often enough.
func Unresolvable(s *ecsv1.Service, q ImageQuestion, a ImageAnswer) bool {
	return breakerOf(s).Enable && q.Digest == Required && a.Digest == "" && a.Attempts >= attemptsAtDigests
}

// ContainerImages are the images as the revision will run them, for good. What wasn't asked for isn't kept: reading a config tells the
// digest too, which pins nothing where nobody wants that.
func ContainerImages(questions []ImageQuestion, answers map[string]ImageAnswer) []ecsv1.ContainerImage {
	var out []ecsv1.ContainerImage
	for _, q := range questions {
		image, a := ecsv1.ContainerImage{ContainerName: q.Container, Image: q.Image, NotPinnedReason: q.NotPinned}, answers[q.Container]
		switch {
		case q.Digest == NotAsked:
		case a.Digest != "":
			image.ImageDigest = a.Digest
		case q.Digest == Required:
			image.NotResolvedReason = a.Problem
		default:
			image.NotPinnedReason = a.Problem
		}
		if q.Config != NotAsked {
			image.Config = a.Config
		}
		out = append(out, image)
	}
	return out
}

// NotPinned tells which containers of a revision run what a tag means to each node, "" for none.
func NotPinned(r *ecsv1.ServiceRevisionSpec) string {
	var out []string
	for _, i := range r.ContainerImages {
		if i.NotPinnedReason != "" {
			out = append(out, fmt.Sprintf("%s (%s): %s", i.ContainerName, i.Image, i.NotPinnedReason))
		}
	}
	return strings.Join(out, "; ")
}

// NotResolved tells which containers of a revision have no image though they are to have one by digest, "" for none. No task of such a revision is started.
func NotResolved(r *ecsv1.ServiceRevisionSpec) string {
	var out []string
	for _, i := range r.ContainerImages {
		if i.NotResolvedReason != "" {
			out = append(out, fmt.Sprintf("%s (%s): %s", i.ContainerName, i.Image, i.NotResolvedReason))
		}
	}
	if len(out) == 0 {
		return ""
	}
	return fmt.Sprintf("CannotPullContainerError: %d attempts to resolve tags to digests failed, and versionConsistency is enabled: %s", attemptsAtDigests, strings.Join(out, "; "))
}
