// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// safeSysctls are those that a kubelet takes without being told to (Kubernetes: "Using sysctls in a Kubernetes Cluster").
var safeSysctls = []string{
	"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_syncookies", "net.ipv4.ping_group_range",
	"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ip_local_reserved_ports", "net.ipv4.tcp_keepalive_time", "net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_rmem", "net.ipv4.tcp_wmem",
}

// mapSystemControls makes them the pod's. In awsvpc mode they hold for the whole task in ECS too, and the container that starts last counts
// (API_SystemControl); here it is the last one of the list. In bridge mode each ECS container has its own.
func mapSystemControls(t *translation, out *corev1.PodTemplateSpec) {
	var sysctls []corev1.Sysctl
	for i, c := range t.task.Containers {
		for _, s := range t.definition(i).SystemControls {
			at := slices.IndexFunc(sysctls, func(o corev1.Sysctl) bool { return o.Name == s.Namespace })
			switch {
			case at < 0:
				sysctls = append(sysctls, corev1.Sysctl{Name: s.Namespace, Value: s.Value})
			case sysctls[at].Value != s.Value:
				t.warn(container(i, "systemControls"), Approximated, "containers give %s different values; a pod has one, and that of container %s, %s, counts", s.Namespace, c.Name, s.Value)
				sysctls[at].Value = s.Value
			}
		}
	}
	var unsafe []string
	for _, s := range sysctls {
		if !slices.Contains(safeSysctls, s.Name) {
			unsafe = append(unsafe, s.Name)
		}
	}
	if len(unsafe) > 0 {
		t.warn("containerDefinitions[].systemControls", Approximated, "kubelets take %s only where --allowed-unsafe-sysctls says so; others turn the pod down with SysctlForbidden", strings.Join(unsafe, ", "))
	}
	if len(sysctls) == 0 {
		return
	}
	if t.task.NetworkMode == taskdef.Bridge && len(t.task.Containers) > 1 {
		t.warn("containerDefinitions[].systemControls", Approximated, "in bridge mode each container has its own kernel parameters; a pod's hold for all its containers")
	}
	podSecurity(out).Sysctls = sysctls
}

func podSecurity(out *corev1.PodTemplateSpec) *corev1.PodSecurityContext {
	if out.Spec.SecurityContext == nil {
		out.Spec.SecurityContext = &corev1.PodSecurityContext{}
	}
	return out.Spec.SecurityContext
}
