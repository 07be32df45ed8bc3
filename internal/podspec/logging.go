// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/launchspec"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// loggingPrefix and a container's name in the pod are the annotation that says where its output is to go: a LogRoute as JSON.
const loggingPrefix = "logging.ecs.pods.dev/"

// containerIDPlaceholder stands for a container's ID at its runtime, as launchspec.TaskIDPlaceholder stands for the task. A collector puts both in.
const containerIDPlaceholder = "$(CONTAINER_ID)"

// LogRoute is where a container's output is to go, for a log collector of the node such as that of config/logging. docs/spec/logging.md
// says it for people.
type LogRoute struct {
	Driver ecsv1.LogDriver `json:"driver"`
	// Group, Region and Stream of CloudWatch Logs. In Stream, $(ECS_TASK_ID) is the pod's UID without hyphens and $(CONTAINER_ID) the
	// container's ID at its runtime.
	Group  string `json:"group,omitempty"`
	Region string `json:"region,omitempty"`
	Stream string `json:"stream,omitempty"`
	// CreateGroup makes the group where it is missing.
	CreateGroup bool `json:"createGroup,omitempty"`
	// Options of the driver that aren't said above, as they were written.
	Options map[string]string `json:"options,omitempty"`
	// SecretOptions are keys of Secrets in the pod's namespace.
	SecretOptions map[string]SecretReference `json:"secretOptions,omitempty"`
	// Mode is blocking or non-blocking, MaxBufferBytes the buffer's size in bytes.
	Mode           string `json:"mode"`
	MaxBufferBytes int64  `json:"maxBufferBytes"`
}

// SecretReference is a key of a Secret.
type SecretReference struct {
	Name string `json:"name"`
	Key  string `json:"key"`
}

// mapLogConfiguration writes each container's route into an annotation. The output itself always goes to the container's own log, where kubectl
// logs finds it: a node's collector reads it there, so no container ever waits for the other end. A container without a log
// configuration has no route. awsfirelens is the log router's business.
func mapLogConfiguration(t *translation, out *corev1.PodTemplateSpec) {
	for i, c := range t.task.Containers {
		in := t.definition(i).LogConfiguration
		if in == nil || in.LogDriver == ecsv1.LogDriverAwsfirelens {
			continue
		}
		l := taskdef.EffectiveLogging(in)
		t.warnLogging(i, l)
		if text, err := json.Marshal(t.logRoute(c, l)); err == nil { // text and numbers never fail
			annotate(out, loggingPrefix+t.names[c.Name], string(text))
		}
	}
}

// taskID is the task's ID, or what a collector puts the pod's UID in for.
func (t *translation) taskID() string {
	if t.in.Task != nil {
		return t.in.Task.ID
	}
	return launchspec.TaskIDPlaceholder
}

func (t *translation) logRoute(c taskdef.Container, l taskdef.Logging) LogRoute {
	r := LogRoute{Driver: l.Driver, Mode: taskdef.NonBlocking, MaxBufferBytes: l.BufferBytes}
	if l.Blocking {
		r.Mode = taskdef.Blocking
	}
	options := maps.Clone(l.Options)
	if l.Driver == ecsv1.LogDriverAwslogs {
		r.Group, r.Region = options["awslogs-group"], options["awslogs-region"]
		r.CreateGroup = strings.EqualFold(options["awslogs-create-group"], "true")
		r.Stream = containerIDPlaceholder
		if prefix := options["awslogs-stream-prefix"]; prefix != "" {
			r.Stream = prefix + "/" + c.Name + "/" + t.taskID()
		}
		for _, said := range []string{"awslogs-group", "awslogs-region", "awslogs-stream-prefix", "awslogs-create-group"} {
			delete(options, said)
		}
	}
	if len(options) > 0 {
		r.Options = options
	}
	for _, s := range c.LogSecrets {
		if r.SecretOptions == nil {
			r.SecretOptions = map[string]SecretReference{}
		}
		ref := t.secretKeyRef(s.Ref)
		r.SecretOptions[s.Name] = SecretReference{Name: ref.Name, Key: ref.Key}
	}
	return r
}

func (t *translation) warnLogging(i int, l taskdef.Logging) {
	path, name := container(i, "logConfiguration"), t.task.Containers[i].Name
	switch l.Driver {
	case ecsv1.LogDriverJsonFile, ecsv1.LogDriverJournald:
		if len(l.Options) > 0 {
			t.warn(path+".options", NoEffect, "the output of container %s goes to the container runtime's own log, whose size and form the kubelet decides: %s have no effect",
				name, strings.Join(slices.Sorted(maps.Keys(l.Options)), ", "))
		}
	case ecsv1.LogDriverAwslogs:
		for _, option := range []string{"awslogs-datetime-format", "awslogs-multiline-pattern"} {
			if l.Options[option] != "" {
				t.warn(path+".options", Approximated, "the collector of config/logging makes each line an event; %s has no effect there", option)
			}
		}
	default:
		t.warn(path+".logDriver", Approximated, "the output of container %s goes to kubectl logs; to send it on by %s, the collector of config/logging needs an output for it", name, l.Driver)
	}
	if l.Blocking {
		t.warn(path+".options", NoEffect, "the output of container %s is written to its node and sent on from there: it neither waits nor is dropped, so mode blocking changes nothing", name)
	}
}
