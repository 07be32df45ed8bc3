// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package task

import (
	"fmt"

	"k8s.io/utils/ptr"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// notActedOn lists the fields of a Task that are accepted and have no effect, with how to tell that one is set.
var notActedOn = []struct {
	path string
	set  func(*ecsv1.TaskSpec) bool
}{
	{"enableECSManagedTags", func(s *ecsv1.TaskSpec) bool { return ptr.Deref(s.EnableECSManagedTags, false) }},
	{"enableExecuteCommand", func(s *ecsv1.TaskSpec) bool { return ptr.Deref(s.EnableExecuteCommand, false) }},
	{"launchType", func(s *ecsv1.TaskSpec) bool { return s.LaunchType == ecsv1.LaunchTypeExternal }},
	{"networkConfiguration", func(s *ecsv1.TaskSpec) bool { return s.NetworkConfiguration != nil }},
	{"overrides.inferenceAcceleratorOverrides", func(s *ecsv1.TaskSpec) bool {
		return s.Overrides != nil && len(s.Overrides.InferenceAcceleratorOverrides) > 0
	}},
	{"platformVersion", func(s *ecsv1.TaskSpec) bool { return s.PlatformVersion != "" }},
	{"propagateTags", func(s *ecsv1.TaskSpec) bool { return s.PropagateTags != "" && s.PropagateTags != "NONE" }},
}

// Unmapped gives the paths of the fields that are set in the Task and have no effect yet, sorted.
func Unmapped(t *ecsv1.Task) []string {
	var out []string
	for _, f := range notActedOn {
		if f.set(&t.Spec) {
			out = append(out, f.path)
		}
	}
	for i, c := range t.Spec.VolumeConfigurations {
		v := c.ManagedEBSVolume
		if v != nil && v.TerminationPolicy != nil && !v.TerminationPolicy.DeleteOnTermination {
			out = append(out, fmt.Sprintf("volumeConfigurations[%d].managedEBSVolume.terminationPolicy", i))
		}
	}
	return out
}
