// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNormal(t *testing.T) {
	for name, tc := range map[string]struct {
		a, b  string
		alike bool
	}{
		"nothing changed":                   {one("cpu: 1"), one("cpu: 1"), true},
		"an amount in other words":          {`{cpu: 1 vCPU, memory: 2 GB, containerDefinitions: [{name: a, image: x}]}`, `{cpu: "1024", memory: "2048", containerDefinitions: [{name: a, image: x}]}`, true},
		"another amount":                    {`{cpu: 1 vCPU, containerDefinitions: [{name: a, image: x}]}`, `{cpu: "512", containerDefinitions: [{name: a, image: x}]}`, false},
		"an amount that is none":            {`{cpu: lots, containerDefinitions: [{name: a, image: x}]}`, `{cpu: many, containerDefinitions: [{name: a, image: x}]}`, false},
		"essential, said and unsaid":        {one("essential: true"), one(""), true},
		"not essential":                     {one("essential: false"), one(""), false},
		"flags that are off":                {one("privileged: false, readonlyRootFilesystem: false, interactive: false, pseudoTerminal: false"), one(""), true},
		"a flag that is on":                 {one("privileged: true"), one(""), false},
		"no share of the CPU":               {one("cpu: 0"), one(""), true},
		"the protocol by default":           {one("portMappings: [{containerPort: 80, protocol: tcp, hostPort: 0}]"), one("portMappings: [{containerPort: 80}]"), true},
		"a protocol in capitals":            {one("portMappings: [{containerPort: 80, protocol: UDP}]"), one("portMappings: [{containerPort: 80, protocol: udp}]"), true},
		"another protocol":                  {one("portMappings: [{containerPort: 80, protocol: udp}]"), one("portMappings: [{containerPort: 80}]"), false},
		"the host port that awsvpc implies": {mode("awsvpc", "portMappings: [{containerPort: 80, hostPort: 80}]"), mode("awsvpc", "portMappings: [{containerPort: 80}]"), true},
		"a host port in bridge":             {mode("bridge", "portMappings: [{containerPort: 80, hostPort: 80}]"), mode("bridge", "portMappings: [{containerPort: 80}]"), false},
		"the defaults of a health check":    {one("healthCheck: {command: [CMD, x], interval: 30, timeout: 5, retries: 3}"), one("healthCheck: {command: [CMD, x]}"), true},
		"the order of tags": {`{tags: [{key: a, value: "1"}, {key: b, value: "2"}], containerDefinitions: [{name: a, image: x}]}`,
			`{tags: [{key: b, value: "2"}, {key: a, value: "1"}], containerDefinitions: [{name: a, image: x}]}`, true},
		"another tag":                           {`{tags: [{key: a, value: "1"}], containerDefinitions: [{name: a, image: x}]}`, `{containerDefinitions: [{name: a, image: x}]}`, false},
		"the order of command":                  {one("command: [a, b]"), one("command: [b, a]"), false},
		"version consistency that is asked for": {one("versionConsistency: enabled"), one(""), false},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := read(t, tc.a), read(t, tc.b)
			before := a.DeepCopy()
			diff := cmp.Diff(Normal(a), Normal(b))
			if (diff == "") != tc.alike {
				t.Errorf("alike: %t, want %t; %s", diff == "", tc.alike, diff)
			}
			if diff := cmp.Diff(before, a); diff != "" {
				t.Errorf("the input was changed: %s", diff)
			}
		})
	}
}
