// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podsecurity

import "k8s.io/pod-security-admission/policy"

// row says in ECS's words what a check of the library forbids.
type row struct {
	// field of a container definition that the check is about, "" where it is about others.
	field  string
	forbid string
	do     string
}

const privileged policy.CheckID = "privileged"

// rows by the library's names of its checks (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
var rows = map[policy.CheckID]row{
	"allowPrivilegeEscalation":  {"linuxParameters.capabilities.add", "programs that gain rights", "take SYS_ADMIN out"},
	"appArmorProfile":           {"dockerSecurityOptions", "this AppArmor profile", "take the apparmor option out"},
	"capabilities_baseline":     {"linuxParameters.capabilities.add", "capabilities beyond Docker's default ones", "take them out"},
	"capabilities_restricted":   {"linuxParameters.capabilities.add", "capabilities other than NET_BIND_SERVICE", "take them out"},
	"hostNamespaces":            {"", "sharing the host's namespaces", "take it out, or use awsvpc for networkMode host"},
	"hostPathVolumes":           {"", "files and devices of the host", "use a volume that isn't the host's"},
	"hostPorts":                 {"", "ports of the host", "take hostPort out; a target group reaches the container port"},
	privileged:                  {"privileged", "privileged containers", "take privileged out"},
	"restrictedVolumes":         {"", "volumes of this kind", "use one that Kubernetes provisions"},
	"runAsNonRoot":              {"user", "root", `set user to another number, as in "1000"`},
	"runAsUser":                 {"user", "root", `set user to another number, as in "1000"`},
	"seLinuxOptions":            {"dockerSecurityOptions", "these SELinux options", "take the label options out"},
	"seccompProfile_baseline":   {"dockerSecurityOptions", "running without a seccomp profile", "take the seccomp option out"},
	"seccompProfile_restricted": {"dockerSecurityOptions", "running without a seccomp profile", "take the seccomp option out"},
	"sysctls":                   {"", "this kernel parameter", "take it out"},
}

func forbidden(id policy.CheckID) string {
	row, known := rows[id]
	if !known {
		return "the level forbids it (" + string(id) + "); take it out"
	}
	return "the level forbids " + row.forbid + "; " + row.do
}
