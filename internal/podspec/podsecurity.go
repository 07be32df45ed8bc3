// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/utils/ptr"
)

// levelRestricted is the name of the strictest Pod Security level.
const levelRestricted = "restricted"

// mapPodSecurity gives pods of a restricted namespace what that level asks of every container, where the task definition doesn't say
// otherwise. Of what it does say nothing is taken away: internal/podsecurity finds it, and the service is told.
//
// The seccomp profile is what Docker gives each container in ECS. Without root, Docker's default capabilities are worth something to
// programs with setuid or file capabilities alone, and those are what no-new-privileges stops: so for a container that doesn't
// run as root, that is all the difference.
func mapPodSecurity(t *translation, out *corev1.PodTemplateSpec) {
	if t.in.PodSecurity != levelRestricted {
		return
	}
	if out.Spec.SecurityContext == nil {
		out.Spec.SecurityContext = &corev1.PodSecurityContext{}
	}
	if out.Spec.SecurityContext.SeccompProfile == nil {
		out.Spec.SecurityContext.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeRuntimeDefault}
	}
	for _, all := range [][]corev1.Container{out.Spec.InitContainers, out.Spec.Containers} {
		for i := range all {
			restrict(&all[i])
		}
	}
	for i, c := range t.task.Containers {
		t.warn(container(i, "user"), Approximated, "the namespace enforces level restricted: not root, no capabilities, no setuid.%s", rootAdvice(c.User))
	}
}

func rootAdvice(user string) string {
	if user != "" {
		return ""
	}
	return ` An image that runs as root, or as a user with a name, isn't started: set user to a number, as in "1000"`
}

// restrict sets what is open. A privileged container has all rights by definition, and is left to be refused.
func restrict(c *corev1.Container) {
	if c.SecurityContext == nil {
		c.SecurityContext = &corev1.SecurityContext{}
	}
	s := c.SecurityContext
	if ptr.Deref(s.Privileged, false) {
		return
	}
	if s.RunAsNonRoot == nil && ptr.Deref(s.RunAsUser, 1) != 0 {
		s.RunAsNonRoot = new(true)
	}
	if s.Capabilities == nil {
		s.Capabilities = &corev1.Capabilities{}
	}
	s.Capabilities.Drop = []corev1.Capability{"ALL"}
	// The apiserver refuses the two together.
	if s.AllowPrivilegeEscalation == nil && !slices.Contains(s.Capabilities.Add, "SYS_ADMIN") && !slices.Contains(s.Capabilities.Add, "CAP_SYS_ADMIN") {
		s.AllowPrivilegeEscalation = new(false)
	}
}
