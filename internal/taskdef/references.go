// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// checkDependsOn: a container waits for others that exist, can come to the condition, and don't wait for it in turn
// (API_ContainerDependency).
func checkDependsOn(c *checker) {
	for i, d := range c.td.ContainerDefinitions {
		for j, dep := range d.DependsOn {
			path := at(i, fmt.Sprintf("dependsOn[%d]", j))
			k := c.find(dep.ContainerName)
			if k < 0 {
				c.add(path+".containerName", "there is no container %s; the containers are %s", dep.ContainerName, c.names())
				continue
			}
			target := c.task.Containers[k]
			switch dep.Condition {
			case ecsv1.ContainerConditionComplete, ecsv1.ContainerConditionSuccess:
				if target.Essential {
					c.add(path+".condition", "%s waits for the end of %s, which is essential: its end is the task's end. Set essential: false on %s", dep.Condition, target.Name, target.Name)
				}
			case ecsv1.ContainerConditionStart:
			case ecsv1.ContainerConditionHealthy:
				if target.HealthCheck == nil {
					c.add(path+".condition", "HEALTHY needs a healthCheck on container %s", target.Name)
				}
			}
		}
	}
	if cycle := c.cycle(waitsFor); cycle != nil {
		i := c.find(cycle[0])
		c.add(at(i, "dependsOn"), "containers wait for each other in a circle: %s; take one dependsOn out", strings.Join(append(cycle, cycle[0]), " -> "))
	}
	if cycle := c.cycle(linksTo); cycle != nil {
		i := c.find(cycle[0])
		c.add(at(i, "links"), "containers link to each other in a circle: %s; take one link out", strings.Join(append(cycle, cycle[0]), " -> "))
	}
}

// waitsFor names the containers that d depends on.
func waitsFor(d *ecsv1.ContainerDefinition) []string {
	var out []string
	for _, dep := range d.DependsOn {
		out = append(out, dep.ContainerName)
	}
	return out
}

// linksTo names the containers that d has links to.
func linksTo(d *ecsv1.ContainerDefinition) []string {
	var out []string
	for _, link := range d.Links {
		name, _, _ := strings.Cut(link, ":")
		out = append(out, name)
	}
	return out
}

// cycle gives the containers of the first circle that next leads round, nil if there is none. A container that leads to itself is one.
func (c *checker) cycle(next func(*ecsv1.ContainerDefinition) []string) []string {
	const visiting, done = 1, 2
	state := map[string]int{}
	var path []string
	var visit func(name string) []string
	visit = func(name string) []string {
		i := c.find(name)
		switch {
		case i < 0 || state[name] == done:
			return nil
		case state[name] == visiting:
			return slices.Clone(path[slices.Index(path, name):])
		}
		state[name] = visiting
		path = append(path, name)
		for _, name := range next(&c.td.ContainerDefinitions[i]) {
			if found := visit(name); found != nil {
				return found
			}
		}
		path = path[:len(path)-1]
		state[name] = done
		return nil
	}
	for _, d := range c.td.ContainerDefinitions {
		if found := visit(d.Name); found != nil {
			return found
		}
	}
	return nil
}

// checkReferences: names of other containers and of volumes lead somewhere.
func checkReferences(c *checker) {
	volumes := map[string]bool{}
	for _, v := range c.td.Volumes {
		volumes[v.Name] = true
	}
	for i, d := range c.td.ContainerDefinitions {
		for j, m := range d.MountPoints {
			if !volumes[m.SourceVolume] {
				c.add(at(i, fmt.Sprintf("mountPoints[%d].sourceVolume", j)), "Unknown volume '%s'; add it to volumes", m.SourceVolume)
			}
		}
		for j, v := range d.VolumesFrom {
			if v.SourceContainer != "" && c.find(v.SourceContainer) < 0 {
				c.add(at(i, fmt.Sprintf("volumesFrom[%d].sourceContainer", j)), "there is no container %s; the containers are %s", v.SourceContainer, c.names())
			}
		}
		for j, link := range d.Links {
			name, _, _ := strings.Cut(link, ":")
			if c.find(name) < 0 {
				c.add(at(i, fmt.Sprintf("links[%d]", j)), "there is no container %s; the containers are %s", name, c.names())
			}
		}
	}
}

// checkHealthChecks: the command begins with CMD or CMD-SHELL and something to run follows (API_HealthCheck).
func checkHealthChecks(c *checker) {
	for i, d := range c.task.Containers {
		if d.HealthCheck == nil {
			continue
		}
		command := d.HealthCheck.Command
		if len(command) < 2 || command[0] != Cmd && command[0] != CmdShell {
			c.add(at(i, "healthCheck.command"), `the command must begin with CMD or CMD-SHELL and go on with what to run, as in ["CMD-SHELL", "curl -f http://localhost/ || exit 1"]`)
		}
	}
}
