// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"strings"
	"testing"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/images"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

// restarts is what needs the launcher, and a command line that stands in the image alone.
func restarts(o *observed) {
	o.readsImages, o.platform.LauncherImage = true, "launcher"
	o.Family[0].Spec.TaskDefinition.ContainerDefinitions[0].RestartPolicy = &ecsv1.ContainerRestartPolicy{Enabled: true}
}

func TestPlanImages(t *testing.T) {
	var (
		command = service.ImageAnswer{Config: &ecsv1.ContainerImageConfig{EntryPoint: []string{"/job"}}}
		down    = service.ImageAnswer{Problem: "registry r doesn't answer within 5s"}
		gone    = service.ImageAnswer{Problem: "registry r answers 404 Not Found: it has no such image", Final: true}
	)
	answered := func(a service.ImageAnswer, rounds int, ago time.Duration) images.Reading {
		return images.Reading{Revision: "u1", Began: noon.Add(-time.Minute), Ended: noon.Add(-ago), Rounds: rounds, Answers: map[string]service.ImageAnswer{"app": a}}
	}
	for name, tc := range map[string]struct {
		reading images.Reading
		want    string
		asks    bool
		again   time.Duration
	}{
		"nobody has asked yet":                           {images.Reading{}, "wait", true, patience},
		"an answer to an earlier task is none":           {images.Reading{Revision: "u0", Ended: noon, Rounds: 1}, "wait", true, patience},
		"the registry is being asked":                    {images.Reading{Revision: "u1", Began: noon}, "wait", false, patience},
		"the command is known":                           {answered(command, 1, 0), "create", false, 0},
		"the image isn't there":                          {answered(gone, 1, 0), "end", false, 0},
		"the registry is down":                           {answered(down, 1, time.Second), "wait", false, time.Second},
		"it is asked again after a pause":                {answered(down, 1, 2*time.Second), "wait", true, patience},
		"at the third time the task has failed to start": {answered(down, 3, 0), "end", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p := next(seen(restarts, accepted, func(o *observed) { o.reading = tc.reading }))
			if got := does(p); got != tc.want || (p.ask != nil) != tc.asks || p.lookAgainIn != tc.again {
				t.Errorf("it does %q, asks %t, looks again in %s; want %q, %t, %s", got, p.ask != nil, p.lookAgainIn, tc.want, tc.asks, tc.again)
			}
			switch {
			case p.create != nil && !strings.Contains(strings.Join(p.create.Spec.Containers[0].Args, " "), "/job"):
				t.Errorf("the launcher isn't given the image's own command: %v", p.create.Spec.Containers[0].Args)
			case p.ends != nil && (p.ends.Code != ecsv1.TaskStopCodeTaskFailedToStart || !strings.HasPrefix(p.ends.Reason, "CannotPullContainerError: ")):
				t.Errorf("it ends with %+v", p.ends)
			}
		})
	}
}

func TestImagesOfTasksAreReadForTheLauncherAlone(t *testing.T) {
	p := next(seen(accepted, func(o *observed) { o.readsImages = true }))
	if p.create == nil {
		t.Errorf("a task that needs no launcher waits for a registry: %+v", p)
	}
}
