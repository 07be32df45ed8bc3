// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package arn

import (
	"fmt"
	"strings"
)

// RoleRef is a reference to an IAM role, as taskRoleArn and executionRoleArn take it: an ARN or a name.
type RoleRef struct {
	// ARN is "" where the reference is a name.
	ARN string
	// Name is the role's name, without its path.
	Name string
}

// ParseRole reads an ARN such as arn:aws:iam::111122223333:role/service/web, or a name.
func ParseRole(ref string) (RoleRef, error) {
	const want = "want a role's name, or arn:aws:iam::ACCOUNT:role/NAME"
	if !strings.HasPrefix(ref, "arn:") {
		if ref == "" || strings.ContainsAny(ref, ":/ ") {
			return RoleRef{}, fmt.Errorf("Role is not valid. %q: %s", ref, want)
		}
		return RoleRef{Name: ref}, nil
	}
	parts := strings.SplitN(ref, ":", 6)
	name := ref[strings.LastIndexByte(ref, '/')+1:]
	if len(parts) < 6 || parts[2] != "iam" || !strings.HasPrefix(parts[5], "role/") || name == "" {
		return RoleRef{}, fmt.Errorf("Role is not valid. %q: %s", ref, want)
	}
	return RoleRef{ARN: ref, Name: name}, nil
}

// Same reports whether two references mean one role. A name is a role of any account: the task definition's own.
func (r RoleRef) Same(other RoleRef) bool {
	if r.ARN != "" && other.ARN != "" {
		return r.ARN == other.ARN
	}
	return r.Name == other.Name
}

// Role is the ARN of a role that a reference names, in the account of s where the reference says none.
func (s Scope) Role(r RoleRef) string {
	if r.ARN != "" {
		return r.ARN
	}
	return fmt.Sprintf("arn:%s:iam::%s:role/%s", s.Partition, s.Account, r.Name)
}
