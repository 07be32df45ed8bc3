// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package podsecurity tells which fields of a task definition the Pod Security level of a namespace forbids.
//
// A namespace enforces a level by its labels (pod-security.kubernetes.io/enforce and enforce-version). The apiserver looks at pods only:
// left to it, a task that it refuses shows as an event of a ReplicaSet that nobody reads. The same checks, from the library that the
// apiserver uses, are made here before there is anything, and in the words of the task definition.
package podsecurity

import (
	"k8s.io/pod-security-admission/api"
)

// Level is what a namespace enforces. The zero value enforces nothing.
type Level struct{ enforced api.LevelVersion }

// Enforced reads a namespace's labels. One with a label that can't be read enforces restricted, as the apiserver has it.
func Enforced(labels map[string]string) Level {
	nothing := api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()}
	found, _ := api.PolicyToEvaluate(labels, api.Policy{Enforce: nothing, Audit: nothing, Warn: nothing})
	return Level{found.Enforce}
}

// Name is baseline or restricted, "" for a level that forbids nothing.
func (l Level) Name() string {
	if l.enforced.Level == api.LevelPrivileged {
		return ""
	}
	return string(l.enforced.Level)
}
