// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

// minMemory is the least memory of a container (API_ContainerDefinition memory: Docker 20.10 and newer).
const minMemory = 6

// checkSizes: what containers ask for has to fit into what the task asks for, and something has to say how much memory there is.
//
// Task cpu 1024 with containers of 768 and 512: 1280 is more than 1024. Task memory 1024 with memory 768 (memoryReservation 256) and
// memory 512: 256 + 512 = 768 are reserved, which fits.
func checkSizes(c *checker) {
	var cpu, memory int64
	for i, d := range c.task.Containers {
		cpu += d.CPU
		memory += d.ReservedMemory()
		c.checkContainerMemory(i, d)
	}
	if c.task.CPU > 0 && cpu > c.task.CPU {
		c.add("cpu", "the containers' cpu adds up to %d units, more than the task's %d; raise cpu or lower containerDefinitions[].cpu", cpu, c.task.CPU)
	}
	if c.task.Memory > 0 && memory > c.task.Memory {
		c.add("memory", "the containers' memory adds up to %d MiB (memoryReservation, or memory where there is none), more than the task's %d; "+
			"raise memory or lower that of the containers", memory, c.task.Memory)
	}
}

func (c *checker) checkContainerMemory(i int, d Container) {
	switch {
	case d.Memory == 0 && d.MemoryReservation == 0 && c.task.Memory == 0:
		c.add(at(i, "memory"), "Invalid setting for container '%s'. At least one of 'memory' or 'memoryReservation' must be specified.", d.Name)
	case d.Memory > 0 && d.Memory < minMemory:
		c.add(at(i, "memory"), "container %s needs at least %d MiB", d.Name, minMemory)
	case d.Memory == 0 && d.MemoryReservation > 0 && d.MemoryReservation < minMemory:
		c.add(at(i, "memoryReservation"), "container %s needs at least %d MiB", d.Name, minMemory)
	case d.Memory > 0 && d.MemoryReservation > 0 && d.Memory <= d.MemoryReservation:
		c.add(at(i, "memory"), "memory (%d MiB, the limit) must be greater than memoryReservation (%d MiB)", d.Memory, d.MemoryReservation)
	case c.task.Memory > 0 && d.Memory > c.task.Memory:
		c.add(at(i, "memory"), "container %s may use %d MiB, more than the task's %d; lower it or raise the task's memory", d.Name, d.Memory, c.task.Memory)
	}
}
