// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/service"
	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

// maxOverrides is how long the overrides may be as JSON, in characters (API_RunTask overrides).
const maxOverrides = 8192

// Validate finds what ECS refuses of a Task whatever else there is, and one field's rules can't say.
func Validate(t *ecsv1.Task) taskdef.Problems {
	return append(validateOverrides(t), service.CheckAsk(service.AskOfTask(&t.Spec))...)
}

func validateOverrides(t *ecsv1.Task) taskdef.Problems {
	if t.Spec.Overrides == nil {
		return nil
	}
	text, err := json.Marshal(t.Spec.Overrides)
	if err != nil {
		return taskdef.Problems{{Path: "overrides", Message: err.Error()}} // API types always marshal
	}
	if n := len([]rune(string(text))); n > maxOverrides {
		return taskdef.Problems{{Path: "overrides", Message: fmt.Sprintf(
			"Container Overrides length must be at most %d, and these are %d characters of JSON; move what is long into the task definition, or a file", maxOverrides, n)}}
	}
	return nil
}

// Override gives the task definition as the task changes it. What it is given is left alone.
func Override(td *ecsv1.TaskDefinitionFields, by *ecsv1.TaskOverride) (ecsv1.TaskDefinitionFields, error) {
	out := *td.DeepCopy()
	if by == nil {
		return out, nil
	}
	out.Cpu = cmp.Or(by.Cpu, out.Cpu)
	out.Memory = cmp.Or(by.Memory, out.Memory)
	out.TaskRoleArn = cmp.Or(by.TaskRoleArn, out.TaskRoleArn)
	out.ExecutionRoleArn = cmp.Or(by.ExecutionRoleArn, out.ExecutionRoleArn)
	if by.EphemeralStorage != nil {
		out.EphemeralStorage = by.EphemeralStorage.DeepCopy()
	}
	for i, o := range by.ContainerOverrides {
		at := slices.IndexFunc(out.ContainerDefinitions, func(c ecsv1.ContainerDefinition) bool { return c.Name == o.Name })
		if at < 0 {
			return out, fmt.Errorf("Override for container named %s is not a container in the TaskDefinition. spec.overrides.containerOverrides[%d].name: it has %s",
				o.Name, i, containerNames(&out))
		}
		overrideContainer(&out.ContainerDefinitions[at], o.DeepCopy())
	}
	return out, nil
}

// overrideContainer replaces what is given. Of the variables those of other names stay.
func overrideContainer(c *ecsv1.ContainerDefinition, by *ecsv1.ContainerOverride) {
	if len(by.Command) > 0 {
		c.Command = by.Command
	}
	for _, v := range by.Environment {
		c.Environment = slices.DeleteFunc(c.Environment, func(old ecsv1.KeyValuePair) bool { return old.Name == v.Name })
		c.Environment = append(c.Environment, v)
	}
	if len(by.EnvironmentFiles) > 0 {
		c.EnvironmentFiles = by.EnvironmentFiles
	}
	if len(by.ResourceRequirements) > 0 {
		c.ResourceRequirements = by.ResourceRequirements
	}
	c.Cpu = cmp.Or(by.Cpu, c.Cpu)
	c.Memory = cmp.Or(by.Memory, c.Memory)
	c.MemoryReservation = cmp.Or(by.MemoryReservation, c.MemoryReservation)
}

func containerNames(td *ecsv1.TaskDefinitionFields) string {
	var all []string
	for _, c := range td.ContainerDefinitions {
		all = append(all, c.Name)
	}
	return strings.Join(all, ", ")
}
