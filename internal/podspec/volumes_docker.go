// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// localDriver is Docker's own volume driver.
const localDriver = "local"

// dockerVolume: a volume of the task is an empty directory; a shared one of driver local is a directory of the node; one of another
// driver is a claim. Options of driver local are those of mount(8), of which the usual ones are known.
func (t *translation) dockerVolume(i int, name string, c *ecsv1.DockerVolumeConfiguration) corev1.VolumeSource {
	shared := c.Scope == ecsv1.DockerVolumeScopeShared
	switch {
	case c.Driver != "" && c.Driver != localDriver && shared:
		source := claim("docker", c.Driver, name)
		t.warn(volumeAt(i, "dockerVolumeConfiguration.driver"), Approximated, "%s is a driver of Docker: the volume is what the claim %s in the task's namespace stands for", c.Driver, claimName(source))
		return source
	case c.Driver != "" && c.Driver != localDriver:
		t.warn(volumeAt(i, "dockerVolumeConfiguration.driver"), Approximated, "%s is a driver of Docker: a volume of scope task is an empty directory of the node in its place", c.Driver)
		return t.emptyVolume(i, name)
	case len(c.DriverOpts) > 0:
		return t.mountOptions(i, name, c)
	case shared:
		return directory(sharedVolumes + "/" + name)
	}
	return t.emptyVolume(i, name)
}

// directory of the node, made if it is missing.
func directory(at string) corev1.VolumeSource {
	kind := corev1.HostPathDirectoryOrCreate
	return corev1.VolumeSource{HostPath: &corev1.HostPathVolumeSource{Path: at, Type: &kind}}
}

// mountOptions are driverOpts type, device and o of driver local: a tmpfs, a bind mount, or NFS.
func (t *translation) mountOptions(i int, name string, c *ecsv1.DockerVolumeConfiguration) corev1.VolumeSource {
	options, device := splitOptions(c.DriverOpts["o"]), c.DriverOpts["device"]
	_, bind := options["bind"]
	switch kind := c.DriverOpts["type"]; {
	case kind == "tmpfs":
		memory := &corev1.EmptyDirVolumeSource{Medium: corev1.StorageMediumMemory}
		if size, ok := mountSize(options["size"]); ok {
			memory.SizeLimit = &size
		}
		return corev1.VolumeSource{EmptyDir: memory}
	case strings.HasPrefix(kind, "nfs") && options["addr"] != "" && device != "":
		_, readOnly := options["ro"]
		return corev1.VolumeSource{NFS: &corev1.NFSVolumeSource{Server: options["addr"], Path: strings.TrimPrefix(device, ":"), ReadOnly: readOnly}}
	case strings.HasPrefix(device, "/") && bind:
		return hostPath(device)
	}
	source := claim("docker", localDriver, name)
	t.warn(volumeAt(i, "dockerVolumeConfiguration.driverOpts"), Approximated, "these options of mount have no equal in a pod: the volume is what the claim %s in the task's namespace stands for", claimName(source))
	return source
}

// splitOptions reads mount(8)'s list: addr=10.0.0.1,ro.
func splitOptions(text string) map[string]string {
	out := map[string]string{}
	for option := range strings.SplitSeq(text, ",") {
		name, value, _ := strings.Cut(option, "=")
		out[name] = value
	}
	return out
}

var sizeOption = regexp.MustCompile(`^([0-9]{1,12})([kmg]?)$`)

// mountSize reads the size of a tmpfs: 64m is 64 MiB. A share of the machine's memory, 50%, can't be said for a volume.
func mountSize(text string) (resource.Quantity, bool) {
	parts := sizeOption.FindStringSubmatch(strings.ToLower(text))
	if parts == nil {
		return resource.Quantity{}, false
	}
	q, err := resource.ParseQuantity(parts[1] + map[string]string{"k": "Ki", "m": "Mi", "g": "Gi"}[parts[2]])
	return q, err == nil
}
