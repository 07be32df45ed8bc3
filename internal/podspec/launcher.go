// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "github.com/ecs-operator/ecs-operator/internal/launchspec"

// launch is a container that the launcher starts: what it is to do, and the fields that ask for it.
type launch struct {
	spec launchspec.Spec
	why  []string
}

// launcher gives the spec of the i-th container for a mapper to fill, and notes the field that needs the launcher. Mappers call it
// only where a pod can't say what the field means.
func (t *translation) launcher(i int, field string) *launchspec.Spec {
	if t.launched == nil {
		t.launched = map[int]*launch{}
	}
	l := t.launched[i]
	if l == nil {
		l = &launch{spec: launchspec.Spec{Container: t.task.Containers[i].Name}}
		t.launched[i] = l
	}
	l.why = append(l.why, field)
	return &l.spec
}
