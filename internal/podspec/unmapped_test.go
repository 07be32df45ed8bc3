// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// someOpen is a ledger in which some fields have no effect so far, whatever the real one has come to.
func someOpen() []Row {
	open := []string{containerPath + "linuxParameters", containerPath + "ulimits[]", containerPath + "systemControls[]", containerPath + "portMappings[].appProtocol", "volumes[]", "taskRoleArn"}
	all := Ledger()
	for i, row := range all {
		if slices.ContainsFunc(open, func(path string) bool { return row.Path == path || strings.HasPrefix(row.Path, path+".") }) {
			all[i].Verdict = NotYetMapped
		}
	}
	return all
}

func TestUnmapped(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want []string
	}{
		"all of it has an effect": {`
containerDefinitions:
- {name: app, image: nginx, memory: 128, healthCheck: {command: [CMD, "true"]}, environment: [{name: A, value: b}]}
`, nil},
		"a block without any effect is named as a block": {`
containerDefinitions:
- {name: app, image: nginx}
- {name: log, image: nginx, systemControls: [{namespace: a, value: b}]}
`, []string{"containerDefinitions[1].systemControls"}},
		"a field beside mapped ones is named with its index": {`
containerDefinitions:
- {name: app, image: nginx, portMappings: [{containerPort: 80}, {containerPort: 81, appProtocol: http}]}
`, []string{"containerDefinitions[0].portMappings[1].appProtocol"}},
		"what equals being left out isn't named": {`
containerDefinitions:
- {name: app, image: nginx, privileged: false, links: [], dockerLabels: {}}
volumes: []
`, nil},
		"what can never have an effect is named too": {`
containerDefinitions: [{name: app, image: nginx}]
inferenceAccelerators: [{deviceName: a, deviceType: b}]
`, []string{"inferenceAccelerators"}},
	} {
		t.Run(name, func(t *testing.T) {
			var td ecsv1.TaskDefinitionFields
			if err := yaml.UnmarshalStrict([]byte(tc.text), &td); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, unmapped(&td, someOpen())); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestUnmappedFitsIntoTheStatus(t *testing.T) {
	td := ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "app"}}}
	for range 700 {
		td.ContainerDefinitions[0].PortMappings = append(td.ContainerDefinitions[0].PortMappings, ecsv1.PortMapping{AppProtocol: ecsv1.ApplicationProtocolHttp})
	}
	got := unmapped(&td, someOpen())
	if len(got) != maxUnmapped+1 || got[maxUnmapped] != "and 200 more" {
		t.Errorf("got %d paths, the last is %s", len(got), got[len(got)-1])
	}
}
