// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"path"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// shmPath is where POSIX shared memory lives.
const shmPath = "/dev/shm"

// mapMemoryFiles gives containers their file systems in memory: /dev/shm of sharedMemorySize, and tmpfs. They are emptyDir volumes with
// medium Memory, which the kubelet mounts with the size as tmpfs's own limit; what is in them counts to the container's memory, as
// in Docker. Each container has its own. With ipcMode task the containers share one /dev/shm, of the largest size.
func mapMemoryFiles(t *translation, out *corev1.PodTemplateSpec) {
	shared := ""
	for i := range t.task.Containers {
		p := t.linuxParameters(i)
		if size := p.SharedMemorySize; size != nil && *size > 0 {
			switch {
			case t.in.TaskDefinition.IpcMode != ecsv1.IpcModeTask:
				t.addMemoryFile(out, i, "shm", shmPath, int64(*size), false)
			case shared == "":
				shared = t.addMemoryFile(out, i, "shm", shmPath, t.largestShm(), false)
			default:
				mount(&out.Spec.Containers[i], corev1.VolumeMount{Name: shared, MountPath: shmPath})
			}
		}
		for j, f := range p.Tmpfs {
			t.addMemoryFile(out, i, fmt.Sprintf("tmpfs-%d", j), f.ContainerPath, int64(f.Size), slices.Contains(f.MountOptions, "ro"))
			if lost := lostMountOptions(f.MountOptions); len(lost) > 0 {
				t.warn(container(i, fmt.Sprintf("linuxParameters.tmpfs[%d].mountOptions", j)), Approximated,
					"a volume in memory takes no options of mount(8) but ro: %s has no effect on %s", strings.Join(lost, ", "), f.ContainerPath)
			}
		}
	}
}

func (t *translation) largestShm() int64 {
	var largest int32
	for i := range t.task.Containers {
		if size := t.linuxParameters(i).SharedMemorySize; size != nil {
			largest = max(largest, *size)
		}
	}
	return int64(largest)
}

// addMemoryFile mounts a volume in memory, of some MiB, and gives the volume's name.
func (t *translation) addMemoryFile(out *corev1.PodTemplateSpec, i int, kind, at string, size int64, readOnly bool) string {
	limit := mebibytes(size)
	name := label("ecs-" + kind + "-" + t.names[t.task.Containers[i].Name])
	out.Spec.Volumes = append(out.Spec.Volumes, corev1.Volume{Name: name, VolumeSource: corev1.VolumeSource{
		EmptyDir: &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory, SizeLimit: &limit},
	}})
	mount(&out.Spec.Containers[i], corev1.VolumeMount{Name: name, MountPath: path.Clean(at), ReadOnly: readOnly})
	return name
}

// mount adds a mount in place of any other at the same path: Kubernetes takes one.
func mount(out *corev1.Container, m corev1.VolumeMount) {
	out.VolumeMounts = slices.DeleteFunc(out.VolumeMounts, func(other corev1.VolumeMount) bool { return other.MountPath == m.MountPath })
	out.VolumeMounts = append(out.VolumeMounts, m)
}

// sameAnyway are options that a volume in memory has without being asked, and ro, which a mount can say.
var sameAnyway = []string{"ro", "rw", "defaults", "exec", "suid", "dev", "async", "relatime", "diratime", "atime", "remount"}

func lostMountOptions(options []string) []string {
	var out []string
	for _, o := range options {
		if !slices.Contains(sameAnyway, o) {
			out = append(out, o)
		}
	}
	return out
}
