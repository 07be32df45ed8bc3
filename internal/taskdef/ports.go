// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"fmt"
	"slices"
)

// reserved are the host ports that an instance keeps for itself: ssh, Docker, the ECS agent (API_PortMapping hostPort).
var reserved = []int32{22, 2375, 2376, 51678, 51679, 51680}

// checkPorts: what ports may be mapped depends on the network mode (API_PortMapping).
func checkPorts(c *checker) {
	hostPorts, names := map[string]string{}, map[string]bool{}
	for i, d := range c.task.Containers {
		protocols := map[int32]string{}
		for j, p := range d.Ports {
			path := at(i, fmt.Sprintf("portMappings[%d]", j))
			if p.Name != "" && names[p.Name] {
				c.add(path+".name", "the port name %s is used twice; a name is used once in a task definition", p.Name)
			}
			names[p.Name] = true
			if p.Range != "" {
				c.checkRange(path, p)
				continue
			}
			if p.Container < 1 || p.Container > 65535 {
				c.add(path+".containerPort", "a port is 1 to 65535; a mapping needs containerPort or containerPortRange")
				continue
			}
			if first, taken := protocols[p.Container]; taken && first != p.Protocol {
				c.add(path+".protocol", "container port %d is mapped with %s already; a container port has one protocol", p.Container, first)
			}
			protocols[p.Container] = p.Protocol
			c.checkHostPort(path, d.Name, p, hostPorts)
		}
	}
}

// checkHostPort: taken remembers who has a host port, over all containers.
func (c *checker) checkHostPort(path, name string, p Port, taken map[string]string) {
	switch mode := c.task.NetworkMode; {
	case mode == None:
		c.add(path, "a task with networkMode none has no ports; take portMappings out or choose another networkMode")
		return
	case mode == AWSVPC && p.Host != p.Container:
		c.add(path+".hostPort", "When networkMode=awsvpc, the host ports and container ports in port mappings must match. Leave hostPort out")
		return
	case mode == Host && p.Host != p.Container:
		c.add(path+".hostPort", "with networkMode host the host port is the container port, %d; leave hostPort out", p.Container)
		return
	case p.Host == 0:
		return // bridge, and ECS chooses
	case p.Host < 0 || p.Host > 65535:
		c.add(path+".hostPort", "a port is 1 to 65535, or 0 for one that is chosen")
		return
	case mode != AWSVPC && slices.Contains(reserved, p.Host):
		c.add(path+".hostPort", "host port %d is reserved on every instance (22, 2375, 2376, 51678-51680); choose another", p.Host)
	}
	key := fmt.Sprintf("%d/%s", p.Host, p.Protocol)
	if owner, used := taken[key]; used {
		c.add(path+".hostPort", "host port %s is taken by container %s of this task", key, owner)
	}
	taken[key] = name
}

func (c *checker) checkRange(path string, p Port) {
	if _, _, ok := p.Bounds(); !ok {
		c.add(path+".containerPortRange", "%q is not a range of ports: two numbers from 1 to 65535, the smaller first, as in 8000-8010", p.Range)
	}
	if p.Container != 0 {
		c.add(path+".containerPortRange", "containerPort and containerPortRange exclude each other")
	}
	if p.Host != 0 {
		c.add(path+".hostPort", "a mapping with containerPortRange has no hostPort; it is chosen")
	}
	if c.task.NetworkMode != Bridge && c.task.NetworkMode != AWSVPC {
		c.add(path+".containerPortRange", "a range of ports needs networkMode bridge or awsvpc")
	}
}
