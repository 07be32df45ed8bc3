// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package answer

import (
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/cli"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
)

// Verb is what is answered.
type Verb string

// The verbs.
const (
	Continue Verb = "continue"
	Rollback Verb = "rollback"
	Stop     Verb = "stop"
)

// Decision is what is written on a deployment, and how it is told.
type Decision struct{ Annotation, Value, Says string }

func refuse(format string, args ...any) error {
	return &cli.Exit{Code: cli.Refused, Err: fmt.Errorf(format, args...)}
}

// Decide says what to write on a deployment, or why nothing can be answered.
func Decide(sd *ecsv1.ServiceDeployment, verb Verb, hooks []string) (Decision, error) {
	switch s := sd.Status.Status; s {
	case "", ecsv1.ServiceDeploymentStatePending, ecsv1.ServiceDeploymentStateInProgress:
	case ecsv1.ServiceDeploymentStateStopRequested, ecsv1.ServiceDeploymentStateRollbackRequested, ecsv1.ServiceDeploymentStateRollbackInProgress:
		return Decision{}, refuse("deployment %s is %s: there is nothing to %s any more", sd.Name, s, verb)
	case ecsv1.ServiceDeploymentStateSuccessful, ecsv1.ServiceDeploymentStateStopped, ecsv1.ServiceDeploymentStateRollbackSuccessful, ecsv1.ServiceDeploymentStateRollbackFailed:
		return Decision{}, refuse("deployment %s has ended, %s: there is nothing to %s", sd.Name, s, verb)
	}
	if asked := sd.Annotations[ecsv1.AnnotationStopDeployment]; asked != "" {
		return Decision{}, refuse("deployment %s has been asked to stop already, with %s", sd.Name, asked)
	}
	switch {
	case verb == Stop:
		return stop(ecsv1.AnnotationStopDeployment, "ABORT"), nil
	case verb == Rollback && len(hooks) == 0:
		return stop(ecsv1.AnnotationStopDeployment, "ROLLBACK"), nil
	case len(hooks) == 0:
		var err error
		if hooks, err = only(sd); err != nil {
			return Decision{}, err
		}
	}
	return answers(sd, verb, hooks)
}

func stop(annotation, kind string) Decision {
	return Decision{annotation, kind, "asked to stop, with " + kind}
}

// waiting are the hooks that wait for an answer.
func waiting(sd *ecsv1.ServiceDeployment) []string {
	var out []string
	for i := range sd.Status.LifecycleHookDetails {
		if h := &sd.Status.LifecycleHookDetails[i]; view.Waits(sd, h) {
			out = append(out, h.HookId)
		}
	}
	return out
}

// only is the one hook that waits, where there is one.
func only(sd *ecsv1.ServiceDeployment) ([]string, error) {
	switch all := waiting(sd); len(all) {
	case 1:
		return all, nil
	case 0:
		why := sd.Status.StatusReason
		if stage := sd.Status.LifecycleStage; stage != "" {
			why = strings.TrimSuffix(fmt.Sprintf("it is at %s: %s", stage, why), ": ")
		}
		return nil, refuse("no hook of deployment %s waits for an answer; %s", sd.Name, strings.TrimPrefix(why, ": "))
	default:
		return nil, refuse("several hooks of deployment %s wait for an answer: %s; name those that you mean by --hook", sd.Name, strings.Join(all, ", "))
	}
}

// answers adds an answer to each of the hooks to those that were given before.
func answers(sd *ecsv1.ServiceDeployment, verb Verb, hooks []string) (Decision, error) {
	var given, words []string
	if before := sd.Annotations[ecsv1.AnnotationContinueDeployment]; before != "" {
		given = strings.Split(before, ",")
	}
	for _, id := range hooks {
		if err := answerable(sd, id); err != nil {
			return Decision{}, err
		}
		if slices.Contains(words, id) {
			continue
		}
		words = append(words, id)
		if verb == Rollback {
			id += "=" + string(ecsv1.DeploymentLifecycleHookActionRollback)
		}
		given = append(given, id)
	}
	return Decision{ecsv1.AnnotationContinueDeployment, strings.Join(given, ","), fmt.Sprintf("hook %s answered, %s", strings.Join(words, ", "), strings.ToUpper(string(verb)))}, nil
}

// answerable says why a hook can't be answered.
func answerable(sd *ecsv1.ServiceDeployment, id string) error {
	at := slices.IndexFunc(sd.Status.LifecycleHookDetails, func(h ecsv1.DeploymentLifecycleHookDetail) bool { return h.HookId == id })
	if at < 0 {
		there := "none waits for an answer"
		if all := waiting(sd); len(all) > 0 {
			there = "these wait for an answer: " + strings.Join(all, ", ")
		}
		return refuse("deployment %s has no hook %s; %s", sd.Name, id, there)
	}
	h := &sd.Status.LifecycleHookDetails[at]
	switch given := view.Answer(sd, id); {
	case h.Status != ecsv1.DeploymentLifecycleHookStatusAwaitingAction:
		return refuse("hook %s of deployment %s doesn't wait for an answer: it is %s", id, sd.Name, h.Status)
	case given != "":
		return refuse("hook %s of deployment %s has been answered already, %s", id, sd.Name, given)
	}
	return nil
}
