// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package launchspec is what the pod template tells the launcher: what to do around one container's own command.
//
// The launcher is a small static program, cmd/launcher. An init container copies it into a volume of the pod, and a container that
// needs it has in its command
//
//	/.ecs/bin/launcher run <Spec as JSON> -- <entry point and command of the container>
//
// Containers tell each other where they stand through files in the volume. Design note 0004 has the reasons.
package launchspec

import (
	"encoding/json"
	"fmt"
)

// Where things are inside a container that the launcher starts.
const (
	// Dir is where the volume is mounted: bin read-only, state for all to write.
	Dir = "/.ecs"
	// Binary is the launcher.
	Binary = Dir + "/bin/launcher"
	// StateDir has one directory for each container, by its ECS name.
	StateDir = Dir + "/state"
)

// The launcher's commands.
const (
	// CommandInstall copies the launcher and makes the state directories: launcher install <Install as JSON>.
	CommandInstall = "install"
	// CommandRun starts a container's command: launcher run <Spec as JSON> -- command.
	CommandRun = "run"
	// CommandProbe runs a health check's command as the container's command is run, and notes its success for those that wait for
	// HEALTHY: launcher probe <Spec as JSON> -- command. Of the Spec it takes Container, Ulimits, User and DropCapabilities.
	CommandProbe = "probe"
	// CommandStarted exits 0 once the container's command has been started: launcher started <Container>.
	CommandStarted = "started"
	// CommandWait does nothing until it is asked to stop: launcher wait.
	CommandWait = "wait"
)

// ExitFailed is the launcher's exit code when it did not come to start the command. Its termination message then begins with
// one of ECS's error names, such as "CannotStartContainerError: ".
const ExitFailed = 125

// Condition is a dependsOn condition.
type Condition string

// The conditions.
const (
	Start    Condition = "START"
	Complete Condition = "COMPLETE"
	Success  Condition = "SUCCESS"
	Healthy  Condition = "HEALTHY"
)

// Spec is what to do around one container's command. The zero value of each field means that there is nothing to do.
type Spec struct {
	// Container is the ECS name of this container, which is also the name of its directory below StateDir.
	Container string `json:"container"`
	// DependsOn holds the command back until all conditions are met.
	DependsOn []Dependency `json:"dependsOn,omitempty"`
	// StopAfter are the containers that depend on this one. Asked to stop, the launcher waits for their ends before it asks the command.
	StopAfter []string `json:"stopAfter,omitempty"`
	// StopTimeoutSeconds is how long the command has between its stop signal and SIGKILL. 0 leaves SIGKILL to the kubelet.
	StopTimeoutSeconds int64 `json:"stopTimeoutSeconds,omitempty"`
	// StopSignal is the image's STOPSIGNAL: SIGQUIT, QUIT, SIGRTMIN+3 or 3. "" passes on the one that the runtime sent.
	StopSignal string `json:"stopSignal,omitempty"`
	// Restart starts the command again in place.
	Restart *Restart `json:"restart,omitempty"`
	// Hold keeps the container up after its command has ended, until it is asked to stop: the end of a container that isn't
	// essential must not take its pod out of service. The exit code is the command's in the end.
	Hold bool `json:"hold,omitempty"`
	// HealthCheck is run by the launcher itself. A container whose health check the kubelet runs has none here.
	HealthCheck *HealthCheck `json:"healthCheck,omitempty"`
	// Ulimits are set before the command starts.
	Ulimits []Ulimit `json:"ulimits,omitempty"`
	// LowerUlimits: limits above the hard ones that the container started with become those, with a line on standard error, where the
	// launcher may not have CAP_SYS_RESOURCE. Without it such a limit is an error.
	LowerUlimits bool `json:"lowerUlimits,omitempty"`
	// User is the command's user, by name or number with or without group, looked up in the container's own /etc/passwd and
	// /etc/group. "" leaves the container's user.
	User string `json:"user,omitempty"`
	// DropCapabilities are those that the launcher needed and the command must not have: CAP_SYS_RESOURCE.
	DropCapabilities []string `json:"dropCapabilities,omitempty"`
	// Init reaps orphans and passes signals on, as docker's --init does. A launcher that has something to watch does so anyway.
	Init bool `json:"init,omitempty"`
	// Log copies the command's output to a log router.
	Log *Log `json:"log,omitempty"`
	// Report writes down where the container stands, for those that depend on it.
	Report bool `json:"report,omitempty"`
}

// Install is what the init container does: the launcher goes to Binary, StateDir gets a directory for each container that all users
// may write to, and Files are written.
type Install struct {
	// Containers by their ECS names.
	Containers []string `json:"containers"`
	Files      []File   `json:"files,omitempty"`
}

// File is a file below StateDir. TaskIDPlaceholder in its content stands for the task.
type File struct {
	Path    string `json:"path"`
	Content string `json:"content"`
}

// TaskIDVariable is the environment variable that has the pod's UID. TaskIDPlaceholder in a tag or a file is the task's ID, which is
// the UID without its hyphens.
const (
	TaskIDVariable    = "ECS_TASK_ID"
	TaskIDPlaceholder = "$(ECS_TASK_ID)"
)

// Dependency is one container that has to come to a condition first.
type Dependency struct {
	Container string    `json:"container"`
	Condition Condition `json:"condition"`
	// TimeoutSeconds is the startTimeout of that container, from the start of its command; past it the task is given up. 0 waits for
	// ever, and so does START, as ECS's agent has it.
	TimeoutSeconds int64 `json:"timeoutSeconds,omitempty"`
}

// Restart is a restartPolicy that is enabled.
type Restart struct {
	IgnoredExitCodes []int32 `json:"ignoredExitCodes,omitempty"`
	// AttemptPeriodSeconds is how long the command must have run to be started again.
	AttemptPeriodSeconds int64 `json:"attemptPeriodSeconds"`
}

// HealthCheck has ECS's numbers, in seconds; Command is what to execute, shell included.
type HealthCheck struct {
	Command            []string `json:"command"`
	IntervalSeconds    int32    `json:"intervalSeconds"`
	TimeoutSeconds     int32    `json:"timeoutSeconds"`
	Retries            int32    `json:"retries"`
	StartPeriodSeconds int32    `json:"startPeriodSeconds,omitempty"`
}

// Ulimit is one limit by ECS's name for it: nofile, nproc. -1 is unlimited.
type Ulimit struct {
	Name string `json:"name"`
	Soft int64  `json:"soft"`
	Hard int64  `json:"hard"`
}

// Log copies output to a log router in Fluent's forward protocol, as docker's fluentd log driver does, and still writes it to the
// container's own output.
type Log struct {
	// Socket is the path of the router's Unix socket, or host:port.
	Socket string `json:"socket"`
	// Tag of each record: <container>-firelens-<task ID>, where TaskIDPlaceholder stands for the task.
	Tag string `json:"tag"`
	// Blocking holds the command back while the router doesn't take its output; else what doesn't fit into the buffer is dropped.
	Blocking bool `json:"blocking,omitempty"`
	// BufferBytes is max-buffer-size, 0 for 10 MiB.
	BufferBytes int64 `json:"bufferBytes,omitempty"`
}

// String is the Spec as the pod template has it.
func (s Spec) String() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(fmt.Sprintf("launchspec: %v", err)) // nothing in a Spec can fail
	}
	return string(text)
}

// Parse reads what String wrote.
func Parse(text string) (Spec, error) {
	var s Spec
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Spec{}, fmt.Errorf("launcher's spec: %w", err)
	}
	return s, nil
}
