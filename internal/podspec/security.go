// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"reflect"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// mapSecurity sets what the task definition says and nothing more. A container without user runs as its image says, root
// included, as it does in ECS; a namespace that wants more enforces a pod security level.
func mapSecurity(t *translation, i int, in taskdef.Container, out *corev1.Container) {
	var s corev1.SecurityContext
	t.mapUser(i, in, &s)
	yes := true
	if in.ReadonlyRootFilesystem {
		s.ReadOnlyRootFilesystem = &yes
	}
	if privileged := t.definition(i).Privileged; privileged != nil && *privileged {
		s.Privileged = &yes
	}
	s.Capabilities = mapCapabilities(t.linuxParameters(i).Capabilities)
	for j, option := range t.definition(i).DockerSecurityOptions {
		t.mapSecurityOption(container(i, "dockerSecurityOptions["+strconv.Itoa(j)+"]"), option, &s)
	}
	for _, spec := range t.definition(i).CredentialSpecs {
		t.mapCredentialSpec(container(i, "credentialSpecs"), spec, &s)
	}
	t.mapSwap(i)
	if !reflect.ValueOf(s).IsZero() {
		out.SecurityContext = &s
	}
}

func (t *translation) mapUser(i int, in taskdef.Container, s *corev1.SecurityContext) {
	uid, gid, numeric := numericUser(in.User)
	switch {
	case in.User == "":
	case numeric:
		s.RunAsUser, s.RunAsGroup = uid, gid
	case t.in.PodSecurity == levelRestricted:
		t.warn(container(i, "user"), Approximated, "only root may look up the number behind %q, and the namespace enforces level restricted: container %s runs as its image's user. "+
			`Write the number, as in "1000:1000"`, in.User, in.Name)
	default:
		t.launcher(i, "user") // only the image's own /etc/passwd knows the number
		t.launched[i].root = true
	}
}

// mapSecurityOption: ECS documents no-new-privileges, apparmor:PROFILE, label:VALUE and credentialspec:FILE. Docker takes = in place of
// the colon as well.
func (t *translation) mapSecurityOption(path, option string, s *corev1.SecurityContext) {
	key, value := option, ""
	if cut := strings.IndexAny(option, ":="); cut >= 0 {
		key, value = option[:cut], option[cut+1:]
	}
	switch key {
	case "no-new-privileges":
		t.mapNoNewPrivileges(path, value, s)
	case "apparmor":
		s.AppArmorProfile = appArmor(value)
	case "label":
		t.mapLabel(path, value, s)
	case "credentialspec":
		t.mapCredentialSpec(path, option, s)
	case "seccomp":
		if value == "unconfined" {
			s.SeccompProfile = &corev1.SeccompProfile{Type: corev1.SeccompProfileTypeUnconfined}
			return
		}
		t.warn(path, NoEffect, "a seccomp profile is a file of the node's kubelet and can't be named by %q; only seccomp:unconfined has an effect", option)
	default:
		t.warn(path, NoEffect, "%q is none of no-new-privileges, apparmor:PROFILE, label:VALUE and credentialspec:FILE; it has no effect", option)
	}
}

// mapNoNewPrivileges: Kubernetes refuses it beside privileged and CAP_SYS_ADMIN by name, where it would forbid nothing.
func (t *translation) mapNoNewPrivileges(path, value string, s *corev1.SecurityContext) {
	if value == "false" {
		return
	}
	if s.Privileged != nil && *s.Privileged {
		t.warn(path, NoEffect, "Kubernetes doesn't take no-new-privileges for a privileged container")
		return
	}
	no := false
	s.AllowPrivilegeEscalation = &no
}

func appArmor(profile string) *corev1.AppArmorProfile {
	switch profile {
	case "unconfined":
		return &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeUnconfined}
	case "docker-default", "":
		return &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeRuntimeDefault}
	}
	return &corev1.AppArmorProfile{Type: corev1.AppArmorProfileTypeLocalhost, LocalhostProfile: &profile}
}

// mapLabel: an SELinux label's parts.
func (t *translation) mapLabel(path, value string, s *corev1.SecurityContext) {
	if s.SELinuxOptions == nil {
		s.SELinuxOptions = &corev1.SELinuxOptions{}
	}
	part, rest, _ := strings.Cut(value, ":")
	switch part {
	case "user":
		s.SELinuxOptions.User = rest
	case "role":
		s.SELinuxOptions.Role = rest
	case "type":
		s.SELinuxOptions.Type = rest
	case "level":
		s.SELinuxOptions.Level = rest
	case "disable":
		s.SELinuxOptions.Type = "spc_t"
		t.warn(path, Approximated, "a pod can't turn SELinux's separation off; the type spc_t, which policies leave unconfined, stands for it")
	default:
		t.warn(path, NoEffect, "label:%s is none of label:user:U, label:role:R, label:type:T, label:level:L and label:disable; it has no effect", value)
	}
	if *s.SELinuxOptions == (corev1.SELinuxOptions{}) {
		s.SELinuxOptions = nil
	}
}

// mapCredentialSpec names the GMSACredentialSpec after the last part of the file or ARN, without .json. It is the cluster's object, which
// Windows nodes read through the gMSA webhook.
func (t *translation) mapCredentialSpec(path, spec string, s *corev1.SecurityContext) {
	if !t.windows() {
		t.warn(path, NoEffect, "a pod on Linux has no gMSA credentials; it has no effect. Use a Kerberos sidecar")
		return
	}
	parts := strings.FieldsFunc(spec, func(r rune) bool { return r == '/' || r == ':' || r == '\\' })
	if len(parts) == 0 {
		return
	}
	name := label(strings.TrimSuffix(parts[len(parts)-1], ".json"))
	s.WindowsOptions = &corev1.WindowsSecurityContextOptions{GMSACredentialSpecName: &name}
	t.warn(path, Approximated, "the cluster needs a GMSACredentialSpec named %s with this content, and the gMSA webhook", name)
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

// mapTerminal: standard input that stays open with nobody behind it, and a terminal.
func mapTerminal(t *translation, i int, _ taskdef.Container, out *corev1.Container) {
	yes := func(b *bool) bool { return b != nil && *b }
	out.Stdin = yes(t.definition(i).Interactive)
	out.TTY = yes(t.definition(i).PseudoTerminal)
}
