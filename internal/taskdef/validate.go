// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Problem is a reason to refuse a task definition. Its message says what to write instead.
type Problem struct {
	// Path of the field, as a person finds it: containerDefinitions[1].dependsOn[0].containerName.
	Path    string
	Message string
}

func (p Problem) String() string { return p.Path + ": " + p.Message }

// Problems are sorted by path, then by message.
type Problems []Problem

// Error makes problems one error, so that a caller can pass them on.
func (p Problems) Error() string {
	var all []string
	for _, one := range p {
		all = append(all, one.String())
	}
	return strings.Join(all, "; ")
}

// checker collects the problems of one task definition.
type checker struct {
	td       *ecsv1.TaskDefinitionFields
	task     Task
	problems Problems
}

func (c *checker) add(path, format string, args ...any) {
	c.problems = append(c.problems, Problem{Path: path, Message: fmt.Sprintf(format, args...)})
}

// checks are what one object's CEL rules can't say, or can't say readably: graphs, sums, references, amounts written as text.
var checks = []struct {
	name string
	run  func(*checker)
}{
	{"length", checkLength},
	{"names", checkNames},
	{"sums of cpu and memory", checkSizes},
	{"order of start", checkDependsOn},
	{"references", checkReferences},
	{"ports", checkPorts},
	{"health checks", checkHealthChecks},
	{"execution role", checkExecutionRole},
	{"Linux", checkLinux},
	{"retired services", checkRetired},
	{"roles", checkRoles},
	{"secrets", checkSecrets},
	{"environment files", checkEnvironmentFiles},
	{"mount points", checkMountPoints},
	{"volumesFrom", checkVolumesFrom},
	{"logging", checkLogging},
	{"placement constraints", checkPlacementConstraints},
}

// Validate gives all problems at once, none for a good task definition. It doesn't change td.
func Validate(td *ecsv1.TaskDefinitionFields) Problems {
	c := &checker{td: td}
	if td.Cpu != "" {
		if _, err := ParseCPU(td.Cpu); err != nil {
			c.add("cpu", "%s", err)
		}
	}
	if td.Memory != "" {
		if _, err := ParseMemory(td.Memory); err != nil {
			c.add("memory", "%s", err)
		}
	}
	if task, err := Effective(td); err == nil {
		c.task = task
		for _, check := range checks {
			check.run(c)
		}
	}
	slices.SortFunc(c.problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(c.problems)
}

func at(i int, field string) string {
	if field == "" {
		return fmt.Sprintf("containerDefinitions[%d]", i)
	}
	return fmt.Sprintf("containerDefinitions[%d].%s", i, field)
}

// find gives the place of the container of that name, -1 if there is none.
func (c *checker) find(name string) int {
	return slices.IndexFunc(c.td.ContainerDefinitions, func(d ecsv1.ContainerDefinition) bool { return d.Name == name })
}

// names of the containers, for messages.
func (c *checker) names() string {
	var all []string
	for _, d := range c.td.ContainerDefinitions {
		all = append(all, d.Name)
	}
	return strings.Join(all, ", ")
}

// maxLength is the longest task definition, as JSON (General Reference, "Task definition size limit").
const maxLength = 64 << 10

func checkLength(c *checker) {
	text, err := json.Marshal(c.td)
	if err == nil && len(text) > maxLength {
		c.add("containerDefinitions", "the task definition has %d bytes as JSON, of at most %d; move long values into secrets or files", len(text), maxLength)
	}
}

func checkNames(c *checker) {
	if len(c.td.ContainerDefinitions) == 0 {
		c.add("containerDefinitions", "a task definition needs at least one container")
		return
	}
	essential := false
	for i, d := range c.task.Containers {
		essential = essential || d.Essential
		if d.Name == "" {
			c.add(at(i, "name"), "a container needs a name")
		}
		if first := c.find(d.Name); first != i {
			c.add(at(i, "name"), "containerDefinitions[%d] is named %s too; give each container its own name", first, d.Name)
		}
		if d.Image == "" {
			c.add(at(i, "image"), "container %s needs an image", d.Name)
		}
		for j, v := range d.Environment {
			if !isVariable(v.Name) {
				c.add(at(i, fmt.Sprintf("environment[%d].name", j)), notVariable, v.Name)
			}
		}
	}
	if !essential {
		c.add("containerDefinitions", "at least one container must be essential; set essential: true, or leave it out, on the one whose end is the task's end")
	}
}

// checkExecutionRole: what CEL says about Fargate is left to it.
func checkExecutionRole(c *checker) {
	if slices.Contains(c.td.RequiresCompatibilities, ecsv1.CompatibilityFargate) {
		c.problems = append(c.problems, withoutExecutionRole(c.td)...)
	}
}

const notVariable = "%q is not a variable's name: at least one character, printable ones of ASCII, and no ="

// isVariable: a pod's container can have a variable of this name.
func isVariable(name string) bool {
	return name != "" && !strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r > '~' || r == '=' })
}
