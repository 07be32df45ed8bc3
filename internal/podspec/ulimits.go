// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// unlimited is how a task definition writes that there is no limit.
const unlimited = -1

// grantedLimits are hard limits that a container has at least on any node, so that one up to them takes no rights. A name that isn't
// here is granted nothing. The kernel gives its first process no limit for most of them (include/asm-generic/resource.h); nofile is
// systemd's default, nproc and core are those of the container runtimes' units.
var grantedLimits = map[string]int64{
	"core": unlimited, "cpu": unlimited, "data": unlimited, "fsize": unlimited, "locks": unlimited, "rss": unlimited, "rttime": unlimited,
	"stack": unlimited, "nofile": 524288, "nproc": 1048576, "memlock": 65536, "msgqueue": 819200,
}

// mapUlimits: a pod has no such field. The launcher sets them, as root with CAP_SYS_RESOURCE where one may lie above what the
// container has.
func mapUlimits(t *translation, i int, in taskdef.Container, _ *corev1.Container) {
	for _, u := range in.Ulimits {
		spec := t.launcher(i, "ulimits")
		spec.Ulimits = append(spec.Ulimits, launchspec.Ulimit{Name: u.Name, Soft: u.Soft, Hard: u.Hard})
		if !raises(u) {
			continue
		}
		if t.in.PodSecurity != "" {
			spec.LowerUlimits = true
			t.warn(container(i, "ulimits"), Approximated, "the namespace enforces level %s, which forbids CAP_SYS_RESOURCE: container %s gets as much %s as its node gives",
				t.in.PodSecurity, in.Name, u.Name)
			continue
		}
		t.launched[i].root, t.launched[i].capabilities = true, []corev1.Capability{"SYS_RESOURCE"}
	}
}

func raises(u taskdef.Ulimit) bool {
	granted, known := grantedLimits[u.Name]
	switch {
	case !known:
		return u.Hard != 0
	case granted == unlimited:
		return false
	}
	return u.Hard == unlimited || u.Hard > granted
}

// mapInitProcess: a launcher is a process 1 that reaps orphans and passes signals on.
func mapInitProcess(t *translation, i int, in taskdef.Container, _ *corev1.Container) {
	if in.InitProcess {
		t.launcherIfKnown(i, "linuxParameters.initProcessEnabled", "the command of "+in.Name+" is process 1 and has to reap orphans itself").Init = true
	}
}
