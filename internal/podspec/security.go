// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapSecurity sets what the task definition says and nothing more. A container without user runs as its image says, root
// included, as it does in ECS; a namespace that wants more enforces a pod security level.
func mapSecurity(t *translation, i int, in taskdef.Container, out *corev1.Container) {
	var s corev1.SecurityContext
	uid, gid, numeric := numericUser(in.User)
	switch {
	case in.User == "":
	case numeric:
		s.RunAsUser, s.RunAsGroup = uid, gid
	default:
		t.launcher(i, "user") // only the image's own /etc/passwd knows the number
		t.launched[i].root = true
	}
	if in.ReadonlyRootFilesystem {
		yes := true
		s.ReadOnlyRootFilesystem = &yes
	}
	if s != (corev1.SecurityContext{}) {
		out.SecurityContext = &s
	}
}

// numericUser reads uid and uid:gid. Without gid the group is that of the user in the image, for Docker and the kubelet alike.
func numericUser(user string) (uid, gid *int64, ok bool) {
	first, second, both := strings.Cut(user, ":")
	u, ok := id(first)
	if !ok {
		return nil, nil, false
	}
	if !both {
		return &u, nil, true
	}
	g, ok := id(second)
	return &u, &g, ok
}

func id(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 32)
	return n, err == nil && n >= 0
}
