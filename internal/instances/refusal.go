// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/placement"
	"github.com/ecs-operator/ecs-operator/internal/taskstate"
)

const (
	metAll = taskstate.NotPlaced + " a task because no container instance met all of its requirements."
	// failed begins what is written down of a task that someone runs by itself.
	failed = taskstate.NotPlaced + " the task: "
)

// LimitExceeded are ECS's words for tasks beyond those that may wait for capacity at a time.
const LimitExceeded = taskstate.NotPlaced + " tasks in your cluster because the tasks provisioning capacity limit was exceeded."

// Sentence is what a service event says of a task that has no place, without the service's name. It has no amounts: they change with each task
// that comes or goes.
func Sentence(r *placement.Refusal, provider string) string {
	switch none, ofProvider := empty(r, provider); {
	case ofProvider:
		return metAll + " Reason: No Container Instances were found in your capacity provider."
	case none:
		return metAll + " Reason: No Container Instances were found in your cluster."
	case r.Detail == "" || strings.HasPrefix(r.Reason, placement.ReasonOther):
		return r.Event()
	}
	return strings.TrimSuffix(r.Event(), ".") + ": " + r.Detail + "."
}

// Failure is what is written down of a task that someone runs by itself, and has no place: the reason of RunTask's failure, and how near the
// closest instance came. [FailureReason] reads it again.
func Failure(r *placement.Refusal, provider string) string {
	switch none, ofProvider := empty(r, provider); {
	case ofProvider:
		return failed + "EMPTY CAPACITY PROVIDER: no container instance that is ACTIVE belongs to " + provider
	case none:
		return failed + "NO ACTIVE INSTANCES: the cluster has no container instance that is ACTIVE"
	}
	text := failed + strings.TrimSuffix(r.Reason, ".") + ": the closest matching is container instance " + r.Closest
	if r.Detail != "" && !strings.HasPrefix(r.Reason, placement.ReasonOther) {
		text += ": " + r.Detail
	}
	return text
}

// FailureReason is the reason of RunTask's failure in what is written down of a task that has no place.
func FailureReason(message string) string { return strings.TrimPrefix(message, failed) }

// empty tells whether there is no instance that takes tasks at all, and whether that is so since none of them is the provider's.
func empty(r *placement.Refusal, provider string) (none, ofProvider bool) {
	inactive, others := r.Reasons[placement.ReasonInactive], r.Reasons[placement.ReasonProvider]
	return r.Instances == inactive, provider != "" && r.Instances == inactive+others
}

// SameRefusal reports whether two sentences differ in nothing but the instance that came closest: which one that is changes with every task that
// comes or goes, and says nothing new.
func SameRefusal(a, b string) bool { return withoutInstance(a) == withoutInstance(b) }

func withoutInstance(text string) string {
	for _, named := range []string{"(container-instance ", "container instance "} {
		if before, after, found := strings.Cut(text, named); found {
			end := strings.IndexAny(after, "): ")
			if end < 0 {
				return before
			}
			return before + after[end:]
		}
	}
	return text
}
