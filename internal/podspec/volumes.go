// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// sharedVolumes is the directory of a node in which Docker's shared volumes are. Like Docker's own, they stay on their node.
const sharedVolumes = "/var/lib/ecs/volumes"

// ownVolumes begin the names of volumes that the translation itself adds.
const ownVolumes = "ecs-"

// volumeNames gives each volume its name in the pod, folded as names of containers are.
func (t *translation) volumeNames() map[string]string {
	out := map[string]string{}
	taken := map[string]bool{}
	for _, v := range t.in.TaskDefinition.Volumes {
		text := v.Name
		if strings.HasPrefix(text, ownVolumes) {
			text += "." // which folds it, and gives it a hash
		}
		name := label(text)
		for n := 2; taken[name]; n++ {
			name = label(text + "." + strconv.Itoa(n))
		}
		taken[name] = true
		out[v.Name] = name
	}
	return out
}

// mapMounts: the container's mount points and those that it borrows, each at its path.
func mapMounts(t *translation, _ int, in taskdef.Container, out *corev1.Container) {
	subPaths := map[string]string{}
	for _, v := range t.in.TaskDefinition.Volumes {
		subPaths[v.Name] = subPath(&v)
	}
	for _, m := range t.task.Mounts(in.Name) {
		out.VolumeMounts = append(out.VolumeMounts, corev1.VolumeMount{
			Name: t.volumes[m.Volume], MountPath: m.Path, ReadOnly: m.ReadOnly, SubPath: subPaths[m.Volume],
		})
	}
}

// subPath is the directory in a file system that a volume is of, where the claim stands for the whole file system; "" for its root.
func subPath(v *ecsv1.Volume) string {
	var root string
	switch {
	case v.EfsVolumeConfiguration != nil:
		root = v.EfsVolumeConfiguration.RootDirectory
	case v.S3filesVolumeConfiguration != nil:
		root = v.S3filesVolumeConfiguration.RootDirectory
	case v.FsxWindowsFileServerVolumeConfiguration != nil:
		root = strings.ReplaceAll(v.FsxWindowsFileServerVolumeConfiguration.RootDirectory, `\`, "/")
	}
	return strings.TrimPrefix(path.Clean("/"+root), "/")
}

// mapVolumes gives the pod every volume of the task, mounted or not: ECS makes them all.
func mapVolumes(t *translation, out *corev1.PodTemplateSpec) {
	for i := range t.in.TaskDefinition.Volumes {
		v := &t.in.TaskDefinition.Volumes[i]
		out.Spec.Volumes = append(out.Spec.Volumes, corev1.Volume{Name: t.volumes[v.Name], VolumeSource: t.volume(i, v)})
	}
}

// volume finds the kind of the i-th volume. None means an empty directory of the host.
func (t *translation) volume(i int, v *ecsv1.Volume) corev1.VolumeSource {
	switch {
	case v.ConfiguredAtLaunch != nil && *v.ConfiguredAtLaunch:
		return t.launchVolume(i, v.Name)
	case v.DockerVolumeConfiguration != nil:
		return t.dockerVolume(i, v.Name, v.DockerVolumeConfiguration)
	case v.EfsVolumeConfiguration != nil:
		return t.efsVolume(i, v.EfsVolumeConfiguration)
	case v.FsxWindowsFileServerVolumeConfiguration != nil:
		return t.fsxVolume(i, v.FsxWindowsFileServerVolumeConfiguration)
	case v.S3filesVolumeConfiguration != nil:
		return t.s3filesVolume(i, v.S3filesVolumeConfiguration)
	case v.Host != nil && v.Host.SourcePath != "":
		return hostPath(v.Host.SourcePath)
	}
	return t.emptyVolume(i, v.Name)
}

// emptyVolume is a directory that lives as long as the task. What an image has at the mount's path would be in it with Docker.
func (t *translation) emptyVolume(i int, name string) corev1.VolumeSource {
	if t.mounted(name) {
		t.warn(volumeAt(i, "name"), Approximated, "volume %s starts empty; Docker fills it with what the image has at the mount's path. "+
			"If the task counts on that, copy it there in a container that others depend on", name)
	}
	return corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}
}

func (t *translation) mounted(name string) bool {
	for _, c := range t.task.Containers {
		for _, m := range c.MountPoints {
			if m.Volume == name && !m.ReadOnly {
				return true
			}
		}
	}
	return false
}

// hostPath is a file, socket or directory of the node. What is missing is made as a directory, by the container runtime, as Docker does for a
// bind mount. Type DirectoryOrCreate would do the same and refuse a socket such as /var/run/docker.sock.
func hostPath(source string) corev1.VolumeSource {
	return corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: source}}
}

// claim is a PersistentVolumeClaim in the task's namespace. Whoever installs the task makes it.
func claim(parts ...string) corev1.VolumeSource {
	return corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{ClaimName: names.Slug(parts...)}}
}

func claimName(s corev1.VolumeSource) string { return s.PersistentVolumeClaim.ClaimName }

// efsVolume is the claim of the file system, or of its access point.
func (t *translation) efsVolume(i int, c *ecsv1.EFSVolumeConfiguration) corev1.VolumeSource {
	var accessPoint string
	var iam bool
	if a := c.AuthorizationConfig; a != nil {
		accessPoint, iam = a.AccessPointId, a.Iam == ecsv1.ToggleEnabled
	}
	source := claim("efs", c.FileSystemId, accessPoint)
	for _, asked := range []struct {
		field, option string
		is            bool
	}{
		{"transitEncryption", "encryptInTransit, which is on unless it is turned off", c.TransitEncryption == ecsv1.ToggleEnabled},
		{"transitEncryptionPort", "mountOptions: [tlsport=…]", c.TransitEncryptionPort != nil && *c.TransitEncryptionPort != 0},
		{"authorizationConfig.iam", "mountOptions: [iam]", iam},
	} {
		if asked.is {
			t.warn(volumeAt(i, "efsVolumeConfiguration."+asked.field), Approximated, "how the file system is mounted is said by the PersistentVolume of claim %s: %s",
				claimName(source), asked.option)
		}
	}
	return source
}

func (t *translation) fsxVolume(i int, c *ecsv1.FSxWindowsFileServerVolumeConfiguration) corev1.VolumeSource {
	source := claim("fsx", c.FileSystemId)
	t.warn(volumeAt(i, "fsxWindowsFileServerVolumeConfiguration.authorizationConfig"), Approximated,
		"the login is that of the PersistentVolume of claim %s: its csi.nodeStageSecretRef names a Secret with username, password and domain", claimName(source))
	return source
}

func (t *translation) s3filesVolume(i int, c *ecsv1.S3FilesVolumeConfiguration) corev1.VolumeSource {
	source := claim("s3files", lastPart(c.FileSystemArn), lastPart(c.AccessPointArn))
	if c.TransitEncryptionPort != nil && *c.TransitEncryptionPort != 0 {
		t.warn(volumeAt(i, "s3filesVolumeConfiguration.transitEncryptionPort"), Approximated, "how the file system is mounted is said by the PersistentVolume of claim %s", claimName(source))
	}
	return source
}

// lastPart of an ARN is the ID of what it names.
func lastPart(arn string) string { return arn[strings.LastIndexAny(arn, "/:")+1:] }

// volumeAt is the path of the i-th volume's field.
func volumeAt(i int, field string) string { return fmt.Sprintf("volumes[%d].%s", i, field) }
