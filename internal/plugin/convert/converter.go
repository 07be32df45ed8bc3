// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package convert

import (
	"fmt"
	"maps"
	"slices"

	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/cloudformation"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	ecsservice "github.com/ecs-operator/ecs-operator/internal/service"
)

// Converter converts files, one after the other. Its names don't meet: what one file has taken another can't have.
type Converter struct {
	// Namespace of the objects, "" to leave it to whoever applies them.
	Namespace string
	// Family of a bare list of containers.
	Family string
	// Template is what CloudFormation templates don't say.
	Template cloudformation.Options
	// LauncherImage is the image of the launcher in the pods that need it.
	LauncherImage string

	// Notes are what there is to know beside the objects, in order.
	Notes []string

	names map[string]*Object // by kind and metadata.name
	used  map[string]bool    // parameters that a template has
}

// New makes a Converter.
func New() *Converter { return &Converter{names: map[string]*Object{}, used: map[string]bool{}} }

func (c *Converter) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// platform is the newest Kubernetes, with all that translation can use.
func (c *Converter) platform() ecsservice.Platform {
	return ecsservice.Platform{
		Features:      podspec.Features{ContainerRestartRules: true, PodLevelResources: true, PreStopSleep: true},
		LauncherImage: c.LauncherImage,
	}
}

// Convert reads a file and gives its objects, checked and with a verdict on each field. It fails with a [source.Error], or several
// joined, for a file that is malformed.
func (c *Converter) Convert(file string, data []byte) ([]*Object, error) {
	docs, err := source.Parse(file, data)
	if err != nil {
		return nil, err
	}
	var requests []request
	for _, doc := range docs {
		found, err := c.recognise(file, doc)
		if err != nil {
			return nil, err
		}
		requests = append(requests, found...)
	}
	var out []*Object
	for _, r := range requests {
		o, err := c.object(r)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

// Unused are the parameters that were given and that no template has.
func (c *Converter) Unused() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(c.Template.Parameters)) {
		if !c.used[name] {
			out = append(out, name)
		}
	}
	return out
}
