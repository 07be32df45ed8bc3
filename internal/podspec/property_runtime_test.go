// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// addRuntime gives a task definition what its containers have of kernel, network and logging.
func addRuntime(t *rapid.T, wild bool, td *ecsv1.TaskDefinitionFields) {
	td.PidMode = rapid.SampledFrom([]ecsv1.PidMode{"", "host", "task"}).Draw(t, "pidMode")
	td.IpcMode = rapid.SampledFrom([]ecsv1.IpcMode{"", "host", "task", "none"}).Draw(t, "ipcMode")
	if rapid.Bool().Draw(t, "platform") {
		td.RuntimePlatform = &ecsv1.RuntimePlatform{
			OperatingSystemFamily: rapid.SampledFrom([]ecsv1.OSFamily{"", "LINUX", "WINDOWS_SERVER_2022_CORE"}).Draw(t, "os"),
			CpuArchitecture:       rapid.SampledFrom([]ecsv1.CPUArchitecture{"", "ARM64"}).Draw(t, "arch"),
		}
	}
	for i := range td.ContainerDefinitions {
		c := &td.ContainerDefinitions[i]
		c.Privileged, c.Interactive = maybe(rapid.Bool()).Draw(t, "privileged"), maybe(rapid.Bool()).Draw(t, "interactive")
		c.DisableNetworking = maybe(rapid.Bool()).Draw(t, "disableNetworking")
		c.LinuxParameters = rapid.Ptr(anyLinuxParameters(wild), true).Draw(t, "linuxParameters")
		c.DockerSecurityOptions = rapid.SliceOfN(rapid.SampledFrom([]string{"no-new-privileges", "apparmor:x", "apparmor:", "label:disable", "label:", "label", "", "seccomp=unconfined", "credentialspec:"}), 0, 4).Draw(t, "options")
		c.Hostname = rapid.SampledFrom([]string{"", "web", "Web_1.example.com", ".", strings.Repeat("h", 253)}).Draw(t, "hostname")
		c.DnsServers = rapid.SliceOfN(rapid.SampledFrom([]string{"10.0.0.1", "10.0.0.2", "fd00::1", "ns", "10.0.0.4"}), 0, 5).Draw(t, "dnsServers")
		c.DnsSearchDomains = rapid.SliceOfN(rapid.SampledFrom([]string{"a.example", ".", "A", "x."}), 0, 3).Draw(t, "dnsSearchDomains")
		c.DockerLabels = rapid.MapOfN(rapid.OneOf(rapid.SampledFrom([]string{"a", "A/b", "x.kubernetes.io/y", "ecs.pods.dev/z", "/", "", "a b"}), rapid.String()), rapid.String(), 0, 3).Draw(t, "labels")
		for range rapid.IntRange(0, 2).Draw(t, "hosts") {
			c.ExtraHosts = append(c.ExtraHosts, ecsv1.HostEntry{
				Hostname: rapid.SampledFrom([]string{"db", "DB", "d_b", "x.y", "-"}).Draw(t, "host"), IpAddress: rapid.SampledFrom([]string{"10.0.0.1", "::1", "host-gateway", "127.0.0.1"}).Draw(t, "ip"),
			})
		}
		for range rapid.IntRange(0, 2).Draw(t, "sysctls") {
			c.SystemControls = append(c.SystemControls, ecsv1.SystemControl{
				Namespace: pick(t, "namespace", wild, []string{"net.core.somaxconn", "net.ipv4.tcp_syncookies", "kernel.shmmax"}, []string{"vm.swappiness", ""}), Value: rapid.SampledFrom([]string{"1", "2"}).Draw(t, "value"),
			})
		}
		if i > 0 && rapid.Bool().Draw(t, "linked") {
			c.Links = []string{td.ContainerDefinitions[i-1].Name + pick(t, "alias", wild, []string{"", ":db"}, []string{":", ":a_b"})}
		}
		c.LogConfiguration = anyLogging(t, wild)
	}
	if first := &td.ContainerDefinitions[0]; rapid.Bool().Draw(t, "router") && len(td.ContainerDefinitions) > 1 {
		first.FirelensConfiguration = &ecsv1.FirelensConfiguration{Type: rapid.SampledFrom([]ecsv1.FirelensConfigurationType{"fluentbit", "fluentd"}).Draw(t, "type")}
		td.ContainerDefinitions[1].LogConfiguration = &ecsv1.LogConfiguration{LogDriver: ecsv1.LogDriverAwsfirelens}
	}
}

func anyLogging(t *rapid.T, wild bool) *ecsv1.LogConfiguration {
	l := &ecsv1.LogConfiguration{
		LogDriver: pick(t, "logDriver", wild, []ecsv1.LogDriver{"awslogs", "json-file", "syslog"}, []ecsv1.LogDriver{"splunk", "awsfirelens"}),
		Options:   map[string]string{"awslogs-group": rapid.String().Draw(t, "group"), "awslogs-region": "r"},
	}
	if wild {
		l.Options[rapid.SampledFrom([]string{"mode", "max-buffer-size", "log-driver-buffer-limit", "x"}).Draw(t, "option")] = rapid.String().Draw(t, "value")
	}
	return l
}

func anyLinuxParameters(wild bool) *rapid.Generator[ecsv1.LinuxParameters] {
	return rapid.Custom(func(t *rapid.T) ecsv1.LinuxParameters {
		capability := rapid.SliceOfN(rapid.SampledFrom([]string{"ALL", "NET_ADMIN", "CAP_MKNOD", "sys_admin"}), 0, 4)
		p := ecsv1.LinuxParameters{
			Capabilities:     &ecsv1.KernelCapabilities{Add: capability.Draw(t, "add"), Drop: capability.Draw(t, "drop")},
			SharedMemorySize: maybe(rapid.Int32Range(0, 64)).Draw(t, "shm"),
			MaxSwap:          maybe(rapid.Int32Range(0, 64)).Draw(t, "maxSwap"),
		}
		for range rapid.IntRange(0, 2).Draw(t, "devices") {
			path := rapid.SampledFrom([]string{"/dev/fuse", "/dev/net/tun", "/dev/", "/", "/dev/" + strings.Repeat("d", 80)})
			p.Devices = append(p.Devices, ecsv1.Device{HostPath: path.Draw(t, "hostPath"), ContainerPath: path.Draw(t, "containerPath")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "tmpfs") {
			p.Tmpfs = append(p.Tmpfs, ecsv1.Tmpfs{ContainerPath: pick(t, "path", wild, []string{"/tmp", "/tmp/", "/dev/shm", "/v1"}, []string{"tmp", "/a:b"}), Size: 1, MountOptions: []string{"ro"}})
		}
		return p
	})
}

// checkRuntime states what the apiserver demands of the pod as a whole.
func checkRuntime(t *rapid.T, template corev1.PodTemplateSpec) {
	spec := template.Spec
	for key := range template.Annotations {
		if problems := validation.IsQualifiedName(strings.ToLower(key)); len(problems) > 0 {
			t.Fatalf("annotation %q: %v", key, problems)
		}
	}
	if problems := validation.IsDNS1123Label(spec.Hostname); spec.Hostname != "" && len(problems) > 0 {
		t.Fatalf("host name %q: %v", spec.Hostname, problems)
	}
	if spec.HostPID && spec.ShareProcessNamespace != nil {
		t.Fatal("hostPID and shareProcessNamespace exclude each other")
	}
	addresses := map[string]bool{}
	for _, a := range spec.HostAliases {
		if addresses[a.IP] || len(a.Hostnames) == 0 {
			t.Fatalf("host aliases: %v", spec.HostAliases)
		}
		addresses[a.IP] = true
	}
	if d := spec.DNSConfig; d != nil && (len(d.Nameservers) > 3 || spec.DNSPolicy == corev1.DNSNone && len(d.Nameservers) == 0) {
		t.Fatalf("DNS: %s, %v", spec.DNSPolicy, d)
	}
	if s := spec.SecurityContext; s != nil {
		names := map[string]bool{}
		for _, one := range s.Sysctls {
			if names[one.Name] {
				t.Fatalf("%s is set twice", one.Name)
			}
			names[one.Name] = true
		}
	}
	for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
		checkContainerRuntime(t, c)
	}
}

func checkContainerRuntime(t *rapid.T, c corev1.Container) {
	paths := map[string]bool{}
	for _, m := range c.VolumeMounts {
		if paths[m.MountPath] {
			t.Fatalf("container %s mounts %s twice", c.Name, m.MountPath)
		}
		paths[m.MountPath] = true
	}
	for name := range c.Resources.Limits {
		if problems := validation.IsQualifiedName(string(name)); len(problems) > 0 {
			t.Fatalf("resource %q: %v", name, problems)
		}
	}
	s := c.SecurityContext
	if s == nil {
		return
	}
	if s.Privileged != nil && *s.Privileged && s.AllowPrivilegeEscalation != nil && !*s.AllowPrivilegeEscalation {
		t.Fatalf("container %s is privileged without privilege escalation", c.Name)
	}
	if p := s.AppArmorProfile; p != nil && p.Type == corev1.AppArmorProfileTypeLocalhost && (p.LocalhostProfile == nil || *p.LocalhostProfile == "") {
		t.Fatalf("container %s has an AppArmor profile without a name", c.Name)
	}
	// A restricted namespace has ALL dropped in any case, and turns down what is added.
	both := func(a corev1.Capability) bool { return slices.Contains(s.Capabilities.Drop, a) && a != allCapabilities }
	if s.Capabilities != nil && slices.ContainsFunc(s.Capabilities.Add, both) {
		t.Fatalf("container %s adds and drops: %v", c.Name, s.Capabilities)
	}
}
