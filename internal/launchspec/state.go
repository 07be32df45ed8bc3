// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package launchspec

import (
	"encoding/json"
	"fmt"
	"time"
)

// StateFile is the file in a container's directory below StateDir that says where the container stands: a State as JSON, replaced
// as a whole at each change. A container without it has not got so far.
const StateFile = "state"

// Health of a container by its own health check.
type Health string

// What a health check has said.
const (
	HealthUnknown   Health = "UNKNOWN"
	HealthHealthy   Health = "HEALTHY"
	HealthUnhealthy Health = "UNHEALTHY"
)

// State is where a container stands. {"startedAt":"2026-03-01T12:00:00.5Z","restarts":0,"health":"HEALTHY"} runs and is well.
type State struct {
	// StartedAt is when the command was started last, nil before it was.
	StartedAt *time.Time `json:"startedAt,omitempty"`
	// ExitedAt is when the container came to its end: the command's that isn't restarted, or the launcher's that gave up.
	ExitedAt *time.Time `json:"exitedAt,omitempty"`
	// ExitCode is the command's: 128 and the signal's number for one that was killed. nil for one that runs, or never started.
	ExitCode *int `json:"exitCode,omitempty"`
	// Restarts in place under a restartPolicy.
	Restarts int `json:"restarts"`
	// Health is "" while nothing has asked.
	Health Health `json:"health,omitempty"`
}

// Started says whether the command was started ever.
func (s State) Started() bool { return s.StartedAt != nil }

// Ended says whether the container has come to its end.
func (s State) Ended() bool { return s.ExitedAt != nil }

// ParseState reads a StateFile.
func ParseState(text []byte) (State, error) {
	var s State
	if err := json.Unmarshal(text, &s); err != nil {
		return State{}, fmt.Errorf("launcher's state: %w", err)
	}
	return s, nil
}
