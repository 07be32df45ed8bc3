// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package arn

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// TaskDefinitionRef is a reference to a task definition as CreateService and RunTask take it.
type TaskDefinitionRef struct {
	Family string
	// Revision is 0 when the reference names the family alone: its newest ACTIVE revision is meant.
	Revision int64
}

// Pinned reports whether the reference names one revision.
func (r TaskDefinitionRef) Pinned() bool { return r.Revision > 0 }

// String prints `family` or `family:revision`.
func (r TaskDefinitionRef) String() string {
	if !r.Pinned() {
		return r.Family
	}
	return r.Family + ":" + strconv.FormatInt(r.Revision, 10)
}

var family = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// ParseTaskDefinition reads `family`, `family:revision` or a task definition ARN.
func ParseTaskDefinition(ref string) (TaskDefinitionRef, error) {
	text := ref
	if strings.HasPrefix(ref, "arn:") {
		parts := strings.SplitN(ref, ":", 6)
		if len(parts) < 6 || !strings.HasPrefix(parts[5], "task-definition/") {
			return TaskDefinitionRef{}, fmt.Errorf("%q is not the ARN of a task definition: want arn:aws:ecs:REGION:ACCOUNT:task-definition/FAMILY:REVISION", ref)
		}
		text = strings.TrimPrefix(parts[5], "task-definition/")
	}
	name, number, pinned := strings.Cut(text, ":")
	if !family.MatchString(name) {
		return TaskDefinitionRef{}, fmt.Errorf("%q is not a task definition: want family, family:revision or an ARN; a family has 1 to 255 letters, digits, - and _", ref)
	}
	if !pinned {
		return TaskDefinitionRef{Family: name}, nil
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 1 {
		return TaskDefinitionRef{}, fmt.Errorf("%q is not a task definition: the revision behind the colon is a whole number from 1", ref)
	}
	return TaskDefinitionRef{Family: name, Revision: n}, nil
}

// Foreign says why a reference can't be meant for here: it is an ARN with another account or region. It says "" for a name, and for
// every ARN as long as the scope has no account of its own: then nobody said what is here, and an ARN counts by its name alone.
func (s Scope) Foreign(ref string) string {
	parts := strings.SplitN(ref, ":", 6)
	if s.Account == DefaultScope.Account || len(parts) < 6 || parts[0] != "arn" {
		return ""
	}
	if region, account := parts[3], parts[4]; region != s.Region || account != s.Account {
		return fmt.Sprintf("%s is of account %s in %s, and here are account %s and %s", ref, account, region, s.Account, s.Region)
	}
	return ""
}
