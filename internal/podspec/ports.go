// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/ecs-operator/ecs-operator/internal/names"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// portName is what Kubernetes takes as a port's name: 15 characters, at least one letter, no two dashes together.
var portName = regexp.MustCompile("^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")

const maxPortName = 15

// mapPortMappings lists the ports a container listens on. A port that bridge mode would publish on a port of ECS's choice is
// reached at the pod's own address instead, where nothing else listens.
//
// A fixed host port stays one, so the scheduler keeps two such tasks off one node as ECS does. With networkMode awsvpc it is not one:
// it repeats the container port and means the task's own address.
func mapPortMappings(t *translation, i int, in taskdef.Container, out *corev1.Container) {
	seen := map[string]bool{}
	for j, p := range in.Ports {
		path := container(i, fmt.Sprintf("portMappings[%d]", j))
		if p.Range != "" {
			continue // a pod's ports are all open; listing them adds nothing
		}
		key := fmt.Sprintf("%d/%s", p.Container, p.Protocol)
		if seen[key] {
			t.warn(path, Approximated, "container port %s is mapped twice; a pod publishes a container port once, so the first mapping counts", key)
			continue
		}
		seen[key] = true
		port := corev1.ContainerPort{ContainerPort: p.Container, Protocol: corev1.ProtocolTCP, Name: mapPortName(p.Name)}
		if p.Protocol == taskdef.UDP {
			port.Protocol = corev1.ProtocolUDP
		}
		if t.task.NetworkMode == taskdef.Bridge || t.task.NetworkMode == taskdef.Host {
			port.HostPort = p.Host
		}
		out.Ports = append(out.Ports, port)
	}
}

// mapPortName keeps a name that Kubernetes takes and shortens any other: service_connect_http -> service-1a2b3c.
func mapPortName(name string) string {
	legal := len(name) <= maxPortName && portName.MatchString(name) && strings.ContainsAny(name, "abcdefghijklmnopqrstuvwxyz") && !strings.Contains(name, "--")
	if name == "" || legal {
		return name
	}
	const hash = 6
	return "p-" + head(name, maxPortName-hash-3) + names.ContentHash(name)[:hash]
}

// head is the first letters and digits of name, at most n, with a dash behind them.
func head(name string, n int) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if b.Len() == n {
			break
		}
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return b.String() + "-"
}

// listens: the container maps this port, alone or within a range.
func (t *translation) listens(containerName string, port int32) bool {
	for _, c := range t.task.Containers {
		if c.Name != containerName {
			continue
		}
		for _, p := range c.Ports {
			if p.Container == port || p.InRange(port) {
				return true
			}
		}
	}
	return false
}

// protocolOf the container's port, tcp where it isn't mapped.
func (t *translation) protocolOf(containerName string, port int32) string {
	for _, c := range t.task.Containers {
		for _, p := range c.Ports {
			if c.Name == containerName && (p.Container == port || p.InRange(port)) {
				return p.Protocol
			}
		}
	}
	return taskdef.TCP
}
