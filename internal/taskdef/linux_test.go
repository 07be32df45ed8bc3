// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"strings"
	"testing"
)

func TestValidateLinux(t *testing.T) {
	app := func(fields string) string {
		return `{containerDefinitions: [{name: app, image: x, memory: 9, ` + fields + `}]}`
	}
	for name, tc := range map[string]struct{ text, want string }{
		"capabilities that exist": {app("linuxParameters: {capabilities: {add: [NET_ADMIN, cap_sys_ptrace], drop: [ALL]}}"), ""},
		"one that doesn't": {app("linuxParameters: {capabilities: {add: [NET_ADMINS]}}"),
			`containerDefinitions[0].linuxParameters.capabilities.add: "NET_ADMINS" is not a capability of Linux that ECS knows`},
		"a device without a path": {app("linuxParameters: {devices: [{hostPath: fuse}]}"),
			`containerDefinitions[0].linuxParameters.devices[0].hostPath: "fuse" is not an absolute path`},
		"a tmpfs without a path": {app("linuxParameters: {tmpfs: [{containerPath: tmp, size: 1}]}"),
			`containerDefinitions[0].linuxParameters.tmpfs[0].containerPath: "tmp" is not an absolute path`},
		"parameters of net and IPC": {app("systemControls: [{namespace: net.core.somaxconn, value: '1'}, {namespace: kernel.shmmax, value: '1'}]"), ""},
		"a parameter of the node": {app("systemControls: [{namespace: vm.overcommit_memory, value: '1'}]"),
			`containerDefinitions[0].systemControls[0].namespace: "vm.overcommit_memory" can't be set for a task`},
		"links in a circle": {`{containerDefinitions: [{name: a, image: x, memory: 9, links: [b]}, {name: b, image: x, memory: 9, links: ['a:c']}]}`,
			"containerDefinitions[0].links: containers link to each other in a circle: a -> b -> a; take one link out"},
		"an App Mesh proxy": {`{proxyConfiguration: {containerName: app}, containerDefinitions: [{name: app, image: x, memory: 9}]}`,
			"proxyConfiguration: App Mesh has reached its end of life"},
		"Elastic Inference of the task": {`{inferenceAccelerators: [{deviceName: a, deviceType: b}], containerDefinitions: [{name: app, image: x, memory: 9}]}`,
			"inferenceAccelerators: Elastic Inference is retired"},
		"Elastic Inference of a container": {app("resourceRequirements: [{type: InferenceAccelerator, value: a}]"),
			"containerDefinitions[0].resourceRequirements[0].type: Elastic Inference is retired; use GPU or NeuronDevice"},
	} {
		t.Run(name, func(t *testing.T) {
			got := Validate(read(t, tc.text))
			switch {
			case tc.want == "" && len(got) > 0:
				t.Errorf("got %s, want none", got)
			case tc.want != "" && (len(got) != 1 || !strings.HasPrefix(got[0].String(), tc.want)):
				t.Errorf("got %s\nwant %s", got, tc.want)
			}
		})
	}
}
