// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// capabilities that ECS knows (API_KernelCapabilities).
var capabilities = strings.Fields(`
	ALL AUDIT_CONTROL AUDIT_WRITE BLOCK_SUSPEND CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE
	LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE NET_BROADCAST NET_RAW SETFCAP SETGID SETPCAP SETUID
	SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG
	WAKE_ALARM`)

// ipcControls are the parameters of IPC that systemControls may set; net.* is the other half (API_SystemControl).
var ipcControls = []string{
	"kernel.msgmax", "kernel.msgmnb", "kernel.msgmni", "kernel.sem", "kernel.shmall", "kernel.shmmax", "kernel.shmmni", "kernel.shm_rmid_forced",
}

// checkLinux: names of capabilities and of kernel parameters, and paths.
func checkLinux(c *checker) {
	for i, d := range c.td.ContainerDefinitions {
		c.checkSystemControls(i, d.SystemControls)
		p := d.LinuxParameters
		if p == nil {
			continue
		}
		if p.Capabilities != nil {
			c.checkCapabilities(at(i, "linuxParameters.capabilities.add"), p.Capabilities.Add)
			c.checkCapabilities(at(i, "linuxParameters.capabilities.drop"), p.Capabilities.Drop)
		}
		for j, device := range p.Devices {
			if !strings.HasPrefix(device.HostPath, "/") {
				c.add(at(i, fmt.Sprintf("linuxParameters.devices[%d].hostPath", j)), "%q is not an absolute path, such as /dev/fuse", device.HostPath)
			}
		}
		for j, f := range p.Tmpfs {
			if !strings.HasPrefix(f.ContainerPath, "/") || strings.Contains(f.ContainerPath, ":") {
				c.add(at(i, fmt.Sprintf("linuxParameters.tmpfs[%d].containerPath", j)), "%q is not an absolute path without a colon, such as /tmp", f.ContainerPath)
			}
		}
	}
}

func (c *checker) checkCapabilities(path string, names []string) {
	for _, name := range names {
		if !slices.Contains(capabilities, strings.TrimPrefix(strings.ToUpper(name), "CAP_")) {
			c.add(path, "%q is not a capability of Linux that ECS knows; write it as in NET_ADMIN", name)
		}
	}
}

func (c *checker) checkSystemControls(i int, all []ecsv1.SystemControl) {
	for j, s := range all {
		known := strings.HasPrefix(s.Namespace, "net.") || strings.HasPrefix(s.Namespace, "fs.mqueue.") || slices.Contains(ipcControls, s.Namespace)
		if !known {
			c.add(at(i, fmt.Sprintf("systemControls[%d].namespace", j)), "%q can't be set for a task: only net.*, fs.mqueue.* and %s can", s.Namespace, strings.Join(ipcControls, ", "))
		}
	}
}

// checkRetired: what stands for services that are no more.
func checkRetired(c *checker) {
	if c.td.ProxyConfiguration != nil {
		c.add("proxyConfiguration", "App Mesh has reached its end of life and the operator has no proxy of it; take proxyConfiguration out and use serviceConnectConfiguration of the service")
	}
	if len(c.td.InferenceAccelerators) > 0 {
		c.add("inferenceAccelerators", "Elastic Inference is retired; take inferenceAccelerators out and use resourceRequirements of type GPU or NeuronDevice")
	}
	for i, d := range c.td.ContainerDefinitions {
		for j, r := range d.ResourceRequirements {
			if r.Type == ecsv1.ResourceTypeInferenceAccelerator {
				c.add(at(i, fmt.Sprintf("resourceRequirements[%d].type", j)), "Elastic Inference is retired; use GPU or NeuronDevice")
			}
		}
	}
}
