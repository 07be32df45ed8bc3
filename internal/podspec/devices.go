// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/names"
)

// devicePrefix begins the extended resource that stands for a device of the node. A pod can't name a device by its path: only what a device
// plugin (or CDI) offers comes with the right to open it. So a node offers each device under the name that [deviceResource]
// makes, by any generic device plugin; docs/spec/devices.md has an example.
const devicePrefix = "devices.ecs.pods.dev/"

// mapDevices asks for one of each device. A privileged container has all devices of its node anyway, at their own paths.
func (t *translation) mapDevices(i int, out *corev1.Container) {
	for j, d := range t.linuxParameters(i).Devices {
		field := container(i, fmt.Sprintf("linuxParameters.devices[%d]", j))
		moved := d.ContainerPath != "" && d.ContainerPath != d.HostPath
		if privileged := t.definition(i).Privileged; privileged != nil && *privileged {
			if moved {
				t.warn(field+".containerPath", Approximated, "a privileged container has %s at its own path, not at %s", d.HostPath, d.ContainerPath)
			}
			continue
		}
		name := deviceResource(d)
		set(&out.Resources.Limits, name, *resource.NewQuantity(1, resource.DecimalSI))
		t.warn(field, Approximated, "a pod gets a device from a device plugin alone: nodes have to offer %s as %s, or the task waits for one that does. See docs/spec/devices.md", d.HostPath, name)
	}
}

// deviceResource is the resource that stands for a device: its path below /dev with dots for slashes, then what differs from a device that
// is at the same path in the container and may be read, written and made:
//
//	/dev/fuse                              devices.ecs.pods.dev/fuse
//	/dev/net/tun                           devices.ecs.pods.dev/net.tun
//	/dev/video0, permissions read          devices.ecs.pods.dev/video0_r
//	/dev/ttyUSB1 as /dev/modem             devices.ecs.pods.dev/ttyUSB1_at_modem
//
// A name that Kubernetes doesn't take is folded and carries a hash.
func deviceResource(d ecsv1.Device) corev1.ResourceName {
	name := deviceName(d.HostPath)
	if p := permissions(d.Permissions); p != "rwm" {
		name += "_" + p
	}
	if d.ContainerPath != "" && d.ContainerPath != d.HostPath {
		name += "_at_" + deviceName(d.ContainerPath)
	}
	return corev1.ResourceName(devicePrefix + names.LabelValue(name))
}

// deviceName of /dev itself is all.
func deviceName(path string) string {
	return cmp.Or(strings.ReplaceAll(strings.Trim(strings.TrimPrefix(path+"/", "/dev/"), "/"), "/", "."), "all")
}

// permissions as the device cgroup writes them. None given means all three.
func permissions(in []ecsv1.DeviceCgroupPermission) string {
	var out strings.Builder
	for _, p := range []struct {
		name   ecsv1.DeviceCgroupPermission
		letter string
	}{{ecsv1.DeviceCgroupPermissionRead, "r"}, {ecsv1.DeviceCgroupPermissionWrite, "w"}, {ecsv1.DeviceCgroupPermissionMknod, "m"}} {
		if len(in) == 0 || slices.Contains(in, p.name) {
			out.WriteString(p.letter)
		}
	}
	return out.String()
}
