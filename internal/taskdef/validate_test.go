// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// one wraps the fields of a container named app that is fine by itself.
func one(fields string) string {
	return "{containerDefinitions: [{name: app, image: nginx, memory: 128, " + fields + "}]}"
}

func mode(networkMode, fields string) string {
	return "{networkMode: " + networkMode + ", containerDefinitions: [{name: app, image: nginx, memory: 128, " + fields + "}]}"
}

func two(app, log string) string {
	return "{containerDefinitions: [{name: app, image: nginx, memory: 128, " + app + "}, {name: log, image: nginx, memory: 128, " + log + "}]}"
}

func TestValidate(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want string // path: beginning of the message; empty for none
	}{
		"a small one is good":         {one(""), ""},
		"longer than 64 KiB":          {one("command: [" + strings.Repeat("x", 65<<10) + "]"), "containerDefinitions: the task definition has 66"},
		"no container":                {`{containerDefinitions: []}`, "containerDefinitions: a task definition needs"},
		"no essential one":            {one("essential: false"), "containerDefinitions: at least one container must be essential"},
		"two of one name":             {`{containerDefinitions: [{name: a, image: x, memory: 9}, {name: a, image: x, memory: 9}]}`, "containerDefinitions[1].name: containerDefinitions[0] is named a too"},
		"a variable without name":     {one(`environment: [{name: "", value: x}]`), "containerDefinitions[0].environment[0].name: "},
		"a variable of two lines":     {one(`environment: [{name: "A\nB", value: x}]`), `containerDefinitions[0].environment[0].name: "A\nB" is not a variable's name`},
		"a variable with a full stop": {one(`environment: [{name: a.b-c, value: x}]`), ""},
		"a task cpu that is none":     {`{cpu: many, containerDefinitions: [{name: a, image: x, memory: 9}]}`, `cpu: cpu "many" is not an amount of CPU: write units as in "1024"`},
		"a task memory that is none":  {`{memory: 1Gi, containerDefinitions: [{name: a, image: x}]}`, `memory: memory "1Gi" is not an amount of memory: write MiB as in "512"`},
		"more cpu than the task's":    {`{cpu: "1024", containerDefinitions: [{name: a, image: x, cpu: 768, memory: 9}, {name: b, image: x, cpu: 512, memory: 9}]}`, "cpu: the containers' cpu adds up to 1280 units, more than the task's 1024"},
		"all of the task's cpu":       {`{cpu: "1024", containerDefinitions: [{name: a, image: x, cpu: 512, memory: 9}, {name: b, image: x, cpu: 512, memory: 9}]}`, ""},
		"more memory than the task's": {`{memory: "512", containerDefinitions: [{name: a, image: x, memory: 300}, {name: b, image: x, memory: 300}]}`, "memory: the containers' memory adds up to 600 MiB"},
		"reserved less than it all":   {`{memory: "1024", containerDefinitions: [{name: a, image: x, memory: 768, memoryReservation: 256}, {name: b, image: x, memory: 512}]}`, ""},
		"one bigger than the task":    {`{memory: "512", containerDefinitions: [{name: a, image: x, memory: 768, memoryReservation: 256}]}`, "containerDefinitions[0].memory: container a may use 768 MiB, more than the task's 512"},
		"no memory at all":            {`{containerDefinitions: [{name: web, image: x}]}`, "containerDefinitions[0].memory: Invalid setting for container 'web'. At least one of 'memory' or 'memoryReservation' must be specified."},
		"the task's memory is enough": {`{memory: "512", containerDefinitions: [{name: a, image: x}]}`, ""},
		"5 MiB":                       {`{containerDefinitions: [{name: a, image: x, memory: 5}]}`, "containerDefinitions[0].memory: container a needs at least 6 MiB"},
		"reservation over the limit":  {`{containerDefinitions: [{name: a, image: x, memory: 128, memoryReservation: 256}]}`, "containerDefinitions[0].memory: memory (128 MiB, the limit) must be greater than memoryReservation (256 MiB)"},

		"waiting for one that isn't there":   {one("dependsOn: [{containerName: db, condition: START}]"), "containerDefinitions[0].dependsOn[0].containerName: there is no container db; the containers are app"},
		"waiting for itself":                 {one("dependsOn: [{containerName: app, condition: START}]"), "containerDefinitions[0].dependsOn: containers wait for each other in a circle: app -> app"},
		"waiting in a circle":                {two("dependsOn: [{containerName: log, condition: START}]", "dependsOn: [{containerName: app, condition: START}]"), "containerDefinitions[0].dependsOn: containers wait for each other in a circle: app -> log -> app"},
		"waiting for an essential one's end": {two("dependsOn: [{containerName: log, condition: SUCCESS}]", ""), "containerDefinitions[0].dependsOn[0].condition: SUCCESS waits for the end of log, which is essential"},
		"waiting for a helper's end":         {two("dependsOn: [{containerName: log, condition: COMPLETE}]", "essential: false"), ""},
		"HEALTHY without a health check":     {two("dependsOn: [{containerName: log, condition: HEALTHY}]", ""), "containerDefinitions[0].dependsOn[0].condition: HEALTHY needs a healthCheck on container log"},
		"HEALTHY with one":                   {two("dependsOn: [{containerName: log, condition: HEALTHY}]", "healthCheck: {command: [CMD, x]}"), ""},

		"a constraint that can be read":   {`{placementConstraints: [{type: memberOf, expression: "attribute:stack =~ (a|b).*"}], containerDefinitions: [{name: a, image: x, memory: 9}]}`, ""},
		"a constraint without expression": {`{placementConstraints: [{type: memberOf}], containerDefinitions: [{name: a, image: x, memory: 9}]}`, "placementConstraints[0].expression: memberOf needs an expression"},
		"a constraint that can't be read": {`{placementConstraints: [{type: memberOf, expression: "attribute:a = b"}], containerDefinitions: [{name: a, image: x, memory: 9}]}`,
			"placementConstraints[0].expression: unexpected =; equality is ==\n  attribute:a = b\n              ^"},

		"an unknown volume":            {one("mountPoints: [{sourceVolume: data, containerPath: /d}]"), "containerDefinitions[0].mountPoints[0].sourceVolume: Unknown volume 'data'"},
		"volumes from nowhere":         {one("volumesFrom: [{sourceContainer: db}]"), "containerDefinitions[0].volumesFrom[0].sourceContainer: there is no container db"},
		"a link to nowhere":            {one("links: ['db:database']"), "containerDefinitions[0].links[0]: there is no container db"},
		"a check without CMD":          {one("healthCheck: {command: [curl localhost]}"), "containerDefinitions[0].healthCheck.command: the command must begin with CMD or CMD-SHELL"},
		"a check with nothing to run":  {one("healthCheck: {command: [CMD]}"), "containerDefinitions[0].healthCheck.command: the command must begin"},
		"awslogs on Fargate, no role":  {`{requiresCompatibilities: [FARGATE], containerDefinitions: [{name: a, image: x, memory: 9, logConfiguration: {logDriver: awslogs, options: {awslogs-group: g, awslogs-region: r}}}]}`, "containerDefinitions[0].logConfiguration.logDriver: Fargate requires task definition to have execution role ARN to support log driver awslogs."},
		"awslogs on Fargate, with one": {`{executionRoleArn: x, requiresCompatibilities: [FARGATE], containerDefinitions: [{name: a, image: x, memory: 9, logConfiguration: {logDriver: awslogs, options: {awslogs-group: g, awslogs-region: r}}}]}`, ""},

		"no port at all":                {one("portMappings: [{hostPort: 80}]"), "containerDefinitions[0].portMappings[0].containerPort: a port is 1 to 65535"},
		"two protocols on one port":     {one("portMappings: [{containerPort: 53}, {containerPort: 53, protocol: udp}]"), "containerDefinitions[0].portMappings[1].protocol: container port 53 is mapped with tcp already"},
		"one port name twice":           {one("portMappings: [{containerPort: 80, name: http}, {containerPort: 81, name: http}]"), "containerDefinitions[0].portMappings[1].name: the port name http is used twice"},
		"a reserved host port":          {one("portMappings: [{containerPort: 80, hostPort: 22}]"), "containerDefinitions[0].portMappings[0].hostPort: host port 22 is reserved"},
		"port 22 of a task's own":       {mode("awsvpc", "portMappings: [{containerPort: 22}]"), ""},
		"one host port for two":         {two("portMappings: [{containerPort: 80, hostPort: 8080}]", "portMappings: [{containerPort: 81, hostPort: 8080}]"), "containerDefinitions[1].portMappings[0].hostPort: host port 8080/tcp is taken by container app of this task"},
		"dynamic host ports for two":    {two("portMappings: [{containerPort: 80}]", "portMappings: [{containerPort: 80, hostPort: 0}]"), ""},
		"another host port in awsvpc":   {mode("awsvpc", "portMappings: [{containerPort: 80, hostPort: 8080}]"), "containerDefinitions[0].portMappings[0].hostPort: When networkMode=awsvpc, the host ports and container ports in port mappings must match."},
		"another host port in host":     {mode("host", "portMappings: [{containerPort: 80, hostPort: 8080}]"), "containerDefinitions[0].portMappings[0].hostPort: with networkMode host the host port is the container port, 80"},
		"a port without network":        {mode("none", "portMappings: [{containerPort: 80}]"), "containerDefinitions[0].portMappings[0]: a task with networkMode none has no ports"},
		"a range":                       {one("portMappings: [{containerPortRange: 8000-8010}]"), ""},
		"a range backwards":             {one("portMappings: [{containerPortRange: 8010-8000}]"), `containerDefinitions[0].portMappings[0].containerPortRange: "8010-8000" is not a range of ports`},
		"a range in host mode":          {mode("host", "portMappings: [{containerPortRange: 8000-8010}]"), "containerDefinitions[0].portMappings[0].containerPortRange: a range of ports needs networkMode bridge or awsvpc"},
		"a range and a port":            {one("portMappings: [{containerPort: 80, containerPortRange: 8000-8010}]"), "containerDefinitions[0].portMappings[0].containerPortRange: containerPort and containerPortRange exclude each other"},
		"a range with a host port":      {one("portMappings: [{hostPort: 80, containerPortRange: 8000-8010}]"), "containerDefinitions[0].portMappings[0].hostPort: a mapping with containerPortRange has no hostPort"},
		"a host port that isn't one":    {one("portMappings: [{containerPort: 80, hostPort: 70000}]"), "containerDefinitions[0].portMappings[0].hostPort: a port is 1 to 65535"},
		"one container, one port twice": {one("portMappings: [{containerPort: 80, hostPort: 8080}, {containerPort: 80, hostPort: 8081}]"), ""},
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

func TestProblemsComeAllAtOnceAndSorted(t *testing.T) {
	got := Validate(read(t, `{cpu: x, memory: y, containerDefinitions: [{name: b, image: x}]}`))
	if len(got) != 2 || got[0].Path != "cpu" || got[1].Path != "memory" {
		t.Errorf("got %s", got)
	}
	got = Validate(read(t, `{containerDefinitions: [{name: a, image: x}, {name: b, image: x, links: [c]}]}`))
	if !slices.IsSortedFunc(got, func(a, b Problem) int { return strings.Compare(a.Path, b.Path) }) || len(got) != 3 {
		t.Errorf("got %s", got)
	}
}

// A graph has a circle exactly if no order puts each container behind those it waits for.
func TestCyclesAreFoundExactlyWhereNoOrderExists(t *testing.T) {
	names := []string{"a", "b", "c", "d", "e"}
	rapid.Check(t, func(t *rapid.T) {
		td := &ecsv1.TaskDefinitionFields{}
		for _, name := range names {
			c := ecsv1.ContainerDefinition{Name: name}
			for _, dep := range rapid.SliceOfN(rapid.SampledFrom(names), 0, 2).Draw(t, name) {
				c.DependsOn = append(c.DependsOn, ecsv1.ContainerDependency{ContainerName: dep, Condition: ecsv1.ContainerConditionStart})
			}
			td.ContainerDefinitions = append(td.ContainerDefinitions, c)
		}
		placed := map[string]bool{}
		for range names {
			for _, c := range td.ContainerDefinitions {
				if !slices.ContainsFunc(c.DependsOn, func(d ecsv1.ContainerDependency) bool { return !placed[d.ContainerName] }) {
					placed[c.Name] = true
				}
			}
		}
		cycle := (&checker{td: td}).cycle(waitsFor)
		if (cycle == nil) != (len(placed) == len(names)) {
			t.Fatalf("found %v; %d of %d containers can be put in order", cycle, len(placed), len(names))
		}
		for i, name := range cycle {
			next, c := cycle[(i+1)%len(cycle)], td.ContainerDefinitions[slices.Index(names, name)]
			if !slices.ContainsFunc(c.DependsOn, func(d ecsv1.ContainerDependency) bool { return d.ContainerName == next }) {
				t.Fatalf("%v is no circle: %s doesn't wait for %s", cycle, name, next)
			}
		}
	})
}
