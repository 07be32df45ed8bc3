// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"fmt"
	"path"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Mount is a volume at a place in a container.
type Mount struct {
	Volume   string
	Path     string
	ReadOnly bool
}

// VolumesFrom borrows the mounts of another container.
type VolumesFrom struct {
	Container string
	ReadOnly  bool
}

func mountPoints(in *ecsv1.ContainerDefinition) []Mount {
	var out []Mount
	for _, m := range in.MountPoints {
		out = append(out, Mount{Volume: m.SourceVolume, Path: m.ContainerPath, ReadOnly: value(m.ReadOnly, false)})
	}
	return out
}

func volumesFrom(in *ecsv1.ContainerDefinition) []VolumesFrom {
	var out []VolumesFrom
	for _, v := range in.VolumesFrom {
		out = append(out, VolumesFrom{Container: v.SourceContainer, ReadOnly: value(v.ReadOnly, false)})
	}
	return out
}

// Mounts are all mounts of a container, as Docker puts them together: those of each container in volumesFrom, with what these
// borrow themselves, a later one in place of an earlier one at the same path; then the container's own, which go before all. A borrowed
// mount is read-only where it is so in its own container, or where volumesFrom says so.
func (t Task) Mounts(container string) []Mount { return t.mounts(container, nil) }

// mounts goes along a chain of borrowers; a circle, which Validate refuses, ends it.
func (t Task) mounts(container string, chain []string) []Mount {
	i := slices.IndexFunc(t.Containers, func(c Container) bool { return c.Name == container })
	if i < 0 || slices.Contains(chain, container) {
		return nil
	}
	var out []Mount
	put := func(m Mount) {
		same := slices.IndexFunc(out, func(other Mount) bool { return path.Clean(other.Path) == path.Clean(m.Path) })
		if same < 0 {
			out = append(out, m)
			return
		}
		out[same] = m
	}
	for _, from := range t.Containers[i].VolumesFrom {
		for _, m := range t.mounts(from.Container, append(slices.Clone(chain), container)) {
			m.ReadOnly = m.ReadOnly || from.ReadOnly
			put(m)
		}
	}
	for _, m := range t.Containers[i].MountPoints {
		put(m)
	}
	return out
}

// checkMountPoints: each has a place of its own.
func checkMountPoints(c *checker) {
	for i, d := range c.td.ContainerDefinitions {
		taken := map[string]int{}
		for j, m := range d.MountPoints {
			at := at(i, fmt.Sprintf("mountPoints[%d].containerPath", j))
			if m.ContainerPath == "" {
				c.add(at, "a mount point needs a path in the container")
				continue
			}
			place := path.Clean(m.ContainerPath)
			if first, double := taken[place]; double {
				c.add(at, "Duplicate mount point: mountPoints[%d] is at %s too; give each a place of its own", first, m.ContainerPath)
				continue
			}
			taken[place] = j
			windows := c.td.RuntimePlatform != nil && strings.HasPrefix(string(c.td.RuntimePlatform.OperatingSystemFamily), "WINDOWS")
			if !windows && (!path.IsAbs(m.ContainerPath) || strings.Contains(m.ContainerPath, ":")) {
				c.add(at, "%s is not a place for a mount: want a path that begins with / and has no colon", m.ContainerPath)
			}
		}
	}
}

// checkVolumesFrom: nobody borrows, through others, from itself. Docker makes containers one after another and would find none to begin with.
func checkVolumesFrom(c *checker) {
	for i, d := range c.task.Containers {
		for j, v := range d.VolumesFrom {
			if v.Container == "" {
				c.add(at(i, fmt.Sprintf("volumesFrom[%d].sourceContainer", j)), "it names no container; the containers are %s", c.names())
			}
			if c.borrows(v.Container, d.Name, nil) {
				c.add(at(i, fmt.Sprintf("volumesFrom[%d].sourceContainer", j)), "%s borrows the volumes of %s, and that of %s, in a circle; take one volumesFrom out", d.Name, v.Container, d.Name)
			}
		}
	}
}

// borrows reports whether from is lender, or borrows from it at however many removes.
func (c *checker) borrows(from, lender string, seen []string) bool {
	if from == lender {
		return true
	}
	i := c.find(from)
	return i >= 0 && !slices.Contains(seen, from) && slices.ContainsFunc(c.task.Containers[i].VolumesFrom, func(v VolumesFrom) bool {
		return c.borrows(v.Container, lender, append(slices.Clone(seen), from))
	})
}
