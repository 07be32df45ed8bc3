// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"encoding/json"
	"fmt"
	"io"

	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/plugin/view"
)

func (o *options) print(found []ecsv1.ContainerInstance) error {
	switch o.output {
	case "json":
		text, err := json.MarshalIndent(listed(found), "", "    ")
		return write(o.Out, append(text, '\n'), err)
	case "yaml":
		text, err := yaml.Marshal(listed(found))
		return write(o.Out, text, err)
	case "name":
		for _, i := range found {
			if _, err := fmt.Fprintf(o.Out, "containerinstance.%s/%s\n", ecsv1.GroupVersion.Group, i.Name); err != nil {
				return err
			}
		}
		return nil
	}
	if len(found) == 0 {
		return nil
	}
	t := o.Terminal()
	canvas := view.Canvas{Width: t.Width, Unicode: t.Unicode, Colours: t.Colours}
	return write(o.Out, []byte(view.Instances(found, o.output == "wide", canvas)), nil)
}

func write(w io.Writer, text []byte, err error) error {
	if err == nil {
		_, err = w.Write(text)
	}
	return err
}

// listed is a list as kubectl prints it: each object says what it is.
func listed(found []ecsv1.ContainerInstance) any {
	items := make([]ecsv1.ContainerInstance, 0, len(found))
	for _, i := range found {
		i.APIVersion, i.Kind = ecsv1.GroupVersion.String(), "ContainerInstance"
		i.ManagedFields = nil
		items = append(items, i)
	}
	return map[string]any{"apiVersion": "v1", "kind": "List", "items": items}
}
