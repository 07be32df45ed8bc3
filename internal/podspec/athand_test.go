// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// atHandCase is a task definition, the path of one of its fields, and what its report says of the field; "" is exact.
type atHandCase struct{ definition, path, why string }

var atHandCases = map[string]atHandCase{
	"awsvpc is what a pod has":                {`networkMode: awsvpc`, "networkMode", ""},
	"bridge is exact for one container":       {`networkMode: bridge`, "networkMode", ""},
	"bridge isn't for two":                    {"networkMode: bridge\n" + two, "networkMode", "share the pod's network"},
	"none counts where a policy is enforced":  {"networkMode: none", "networkMode", "NetworkPolicy"},
	"a fixed host port stays one":             {`containerDefinitions: [{name: a, image: a, memory: 64, portMappings: [{containerPort: 80, hostPort: 8080}]}]`, "containerDefinitions[0].portMappings[0].hostPort", ""},
	"a host port of ECS's choice isn't there": {`containerDefinitions: [{name: a, image: a, memory: 64, portMappings: [{containerPort: 80, hostPort: 0}]}]`, "containerDefinitions[0].portMappings[0].hostPort", "isn't opened"},
	"a range is open with awsvpc":             {"networkMode: awsvpc\ncontainerDefinitions: [{name: a, image: a, memory: 64, portMappings: [{containerPortRange: 80-90}]}]", "containerDefinitions[0].portMappings[0].containerPortRange", ""},
	"a range has no host ports with bridge":   {`containerDefinitions: [{name: a, image: a, memory: 64, portMappings: [{containerPortRange: 80-90}]}]`, "containerDefinitions[0].portMappings[0].containerPortRange", "no host ports"},

	"a container by itself has its name":    {one("hostname: web"), "containerDefinitions[0].hostname", ""},
	"a name of two labels is shortened":     {one("hostname: web.example"), "containerDefinitions[0].hostname", "one DNS label"},
	"three name servers fit":                {one(`dnsServers: [10.0.0.1, 10.0.0.2]`), "containerDefinitions[0].dnsServers", ""},
	"a fourth name server doesn't":          {one(`dnsServers: [10.0.0.1, 10.0.0.2, 10.0.0.3, 10.0.0.4]`), "containerDefinitions[0].dnsServers", "at most 3"},
	"search domains alone come after":       {one(`dnsSearchDomains: [a.example]`), "containerDefinitions[0].dnsSearchDomains", "cluster's own domains"},
	"search domains with servers are all":   {one(`dnsSearchDomains: [a.example], dnsServers: [10.0.0.1]`), "containerDefinitions[0].dnsSearchDomains", ""},
	"a host entry with an address is one":   {one(`extraHosts: [{hostname: db, ipAddress: 10.0.0.1}]`), "containerDefinitions[0].extraHosts[0].hostname", ""},
	"a host entry with a gateway has none":  {one(`extraHosts: [{hostname: db, ipAddress: host-gateway}]`), "containerDefinitions[0].extraHosts[0].ipAddress", "only addresses"},
	"networking that isn't disabled stays":  {one(`disableNetworking: false`), "containerDefinitions[0].disableNetworking", ""},
	"networking that is disabled is cut":    {one(`disableNetworking: true`), "containerDefinitions[0].disableNetworking", "share one network"},
	"GPUs are counted":                      {one(`resourceRequirements: [{type: GPU, value: "2"}]`), "containerDefinitions[0].resourceRequirements[0].value", ""},
	"all GPUs are a claim":                  {one(`resourceRequirements: [{type: GPU, value: ALL}]`), "containerDefinitions[0].resourceRequirements[0].type", "GPU and NeuronDevice"},
	"an option that a pod can say is exact": {one(`dockerSecurityOptions: [no-new-privileges]`), "containerDefinitions[0].dockerSecurityOptions", ""},
	"an option that it can't say isn't":     {one(`dockerSecurityOptions: [no-new-privileges, "label:disable"]`), "containerDefinitions[0].dockerSecurityOptions", "spc_t"},
	"a safe sysctl is set":                  {one(`systemControls: [{namespace: net.ipv4.tcp_syncookies, value: "1"}]`), "containerDefinitions[0].systemControls[0].value", ""},
	"an unsafe one asks for the kubelet":    {one(`systemControls: [{namespace: net.core.somaxconn, value: "1"}]`), "containerDefinitions[0].systemControls[0].namespace", "unsafe"},
	"no swap is what Kubernetes does":       {one(`linuxParameters: {maxSwap: 0}`), "containerDefinitions[0].linuxParameters.maxSwap", ""},
	"some swap is the kubelet's":            {one(`linuxParameters: {maxSwap: 64}`), "containerDefinitions[0].linuxParameters.maxSwap", "may swap"},
	"a file system in memory may be ro":     {one(`linuxParameters: {tmpfs: [{containerPath: /t, size: 1, mountOptions: [ro]}]}`), "containerDefinitions[0].linuxParameters.tmpfs[0].mountOptions", ""},
	"it can't be noexec":                    {one(`linuxParameters: {tmpfs: [{containerPath: /t, size: 1, mountOptions: [noexec]}]}`), "containerDefinitions[0].linuxParameters.tmpfs[0].mountOptions", "no other option"},

	"a volume of the node is itself":          {one(`mountPoints: [{sourceVolume: d, containerPath: /d}]`) + "\nvolumes: [{name: d, host: {sourcePath: /d}}]", "volumes[0].name", ""},
	"an empty volume isn't filled":            {one(`mountPoints: [{sourceVolume: d, containerPath: /d}]`) + "\nvolumes: [{name: d}]", "volumes[0].name", "isn't filled"},
	"local is Docker's own driver":            {"volumes: [{name: d, dockerVolumeConfiguration: {driver: local}}]", "volumes[0].dockerVolumeConfiguration.driver", ""},
	"another driver is a claim":               {"volumes: [{name: d, dockerVolumeConfiguration: {driver: rexray, scope: shared}}]", "volumes[0].dockerVolumeConfiguration.driver", "claim"},
	"options of NFS are a volume":             {`volumes: [{name: d, dockerVolumeConfiguration: {driverOpts: {type: nfs, o: "addr=h", device: ":/d"}}}]`, "volumes[0].dockerVolumeConfiguration.driverOpts", ""},
	"options that no pod has are a claim":     {`volumes: [{name: d, dockerVolumeConfiguration: {driverOpts: {type: ext4}}}]`, "volumes[0].dockerVolumeConfiguration.driverOpts", "claim"},
	"IPC of the host is the host's":           {"ipcMode: host", "ipcMode", ""},
	"IPC of none is shared all the same":      {"ipcMode: none", "ipcMode", "share IPC"},
	"Linux is Linux":                          {"runtimePlatform: {operatingSystemFamily: LINUX}", "runtimePlatform.operatingSystemFamily", ""},
	"Windows is its build":                    {"runtimePlatform: {operatingSystemFamily: WINDOWS_SERVER_2022_CORE}", "runtimePlatform.operatingSystemFamily", "FULL from CORE"},
	"a role with nothing to do is exact":      {"executionRoleArn: arn:aws:iam::1:role/x", "executionRoleArn", ""},
	"a role that reads secrets isn't":         {"executionRoleArn: arn:aws:iam::1:role/x\n" + one(`secrets: [{name: S, valueFrom: /a/b}]`), "executionRoleArn", "secrets and files are read with the rights of whoever puts them into the cluster, whatever the role allows"},
	"a role that does it all names it all":    {"executionRoleArn: arn:aws:iam::1:role/x\n" + `containerDefinitions: [{name: a, image: 1.dkr.ecr.r.amazonaws.com/x, memory: 64, logConfiguration: ` + awslogs("") + `}]`, "executionRoleArn", "node or the pull secrets of the Cluster's role; logs are sent with the rights of the log collector"},
	"awslogs goes to its group and stream":    {one("logConfiguration: " + awslogs("")), "containerDefinitions[0].logConfiguration.logDriver", ""},
	"journald stays on the node":              {one("logConfiguration: {logDriver: journald}"), "containerDefinitions[0].logConfiguration.logDriver", "stays on its node"},
	"splunk needs an output":                  {one(`logConfiguration: {logDriver: splunk, options: {splunk-token: x, splunk-url: "https://x"}}`), "containerDefinitions[0].logConfiguration.logDriver", "need an output"},
	"awslogs that makes its group is exact":   {one("logConfiguration: " + awslogs(`awslogs-create-group: "true"`)), "containerDefinitions[0].logConfiguration.options", ""},
	"awslogs that doesn't isn't":              {one("logConfiguration: " + awslogs("")), "containerDefinitions[0].logConfiguration.options", "a missing log group doesn't keep the task from starting"},
	"the size of its buffer changes nothing":  {one("logConfiguration: " + awslogs(`awslogs-create-group: "true", max-buffer-size: 1m`)), "containerDefinitions[0].logConfiguration.options", "output waits on the node and not in the container's memory, so max-buffer-size changes nothing"},
	"options of other drivers are the row's":  {one(`logConfiguration: {logDriver: json-file, options: {max-size: 1m}}`), "containerDefinitions[0].logConfiguration.options", "with drivers other than awsfirelens"},
	"options of a log router are its own":     {"networkMode: awsvpc\n" + routed("{}"), "containerDefinitions[0].logConfiguration.options", ""},
	"a router's records lack the instance ID": {"networkMode: awsvpc\n" + routed("{enable-ecs-log-metadata: \"true\"}"), "containerDefinitions[1].firelensConfiguration.options", "no ec2_instance_id"},
	"external instances have no ID":           {"networkMode: bridge\nrequiresCompatibilities: [EXTERNAL]\n" + routed("{enable-ecs-log-metadata: \"true\"}"), "containerDefinitions[1].firelensConfiguration.options", ""},
	"a router without metadata is exact":      {"networkMode: awsvpc\n" + routed("{enable-ecs-log-metadata: \"false\"}"), "containerDefinitions[1].firelensConfiguration.options", ""},
	"a router's file in S3 is a ConfigMap":    {"networkMode: awsvpc\n" + routed("{enable-ecs-log-metadata: \"false\", config-file-type: s3, config-file-value: \"arn:aws:s3:::b/x.conf\"}"), "containerDefinitions[1].firelensConfiguration.options", "ecs_task_definition"},
}

const two = "containerDefinitions: [{name: a, image: a, memory: 64}, {name: b, image: b, memory: 64}]"

func one(fields string) string {
	return "containerDefinitions: [{name: a, image: a, memory: 64, " + fields + "}]"
}

func awslogs(more string) string {
	return "{logDriver: awslogs, options: {awslogs-group: g, awslogs-region: r, awslogs-stream-prefix: p, " + more + "}}"
}

func routed(options string) string {
	return "containerDefinitions: [{name: a, image: a, memory: 64, command: [x], entryPoint: [x], logConfiguration: {logDriver: awsfirelens, options: {Name: stdout}}}, " +
		"{name: r, image: r, memory: 64, firelensConfiguration: {type: fluentbit, options: " + options + "}}]"
}

func TestWhatBecomesOfTheValueAtHand(t *testing.T) {
	exact, inexact := map[string]bool{}, map[string]bool{}
	for name, tc := range atHandCases {
		t.Run(name, func(t *testing.T) {
			td := ecsv1.TaskDefinitionFields{ContainerDefinitions: []ecsv1.ContainerDefinition{{Name: "a", Image: "a", Memory: new(int32(64))}}}
			if err := yaml.UnmarshalStrict([]byte(tc.definition), &td); err != nil {
				t.Fatal(err)
			}
			result, err := Translate(Input{TaskDefinition: td, LauncherImage: "l", Features: Features{ContainerRestartRules: true, PodLevelResources: true}})
			if err != nil {
				t.Fatal(err)
			}
			pattern := indexed.ReplaceAllString(tc.path, "[]")
			i := slices.IndexFunc(Ledger(), func(r Row) bool { return r.Path == pattern })
			if i < 0 {
				t.Fatalf("no row for %s", pattern)
			}
			got := AtHand(Ledger()[i], &td, &result, tc.path)
			exact[pattern], inexact[pattern] = exact[pattern] || got.Verdict == Exact, inexact[pattern] || got.Verdict != Exact
			why := got.Why
			for _, w := range result.Warnings {
				if touches(w.Path, tc.path) {
					why += w.Message
				}
			}
			if (got.Verdict == Exact) != (tc.why == "") || !strings.Contains(why, tc.why) {
				t.Errorf("it is %s: %s", got.Verdict, why)
			}
		})
	}
	for path := range exceptions {
		sibling := strings.HasSuffix(path, ".ipAddress") || strings.HasSuffix(path, ".hostname") || strings.Contains(path, "resourceRequirements") || strings.Contains(path, "systemControls")
		if !sibling && (!exact[path] || !inexact[path]) {
			t.Errorf("%s has no case that is exact, or none that isn't", path)
		}
	}
}

func TestExceptionsAreOfRowsThatAreNotExact(t *testing.T) {
	for path := range exceptions {
		if !slices.ContainsFunc(Ledger(), func(r Row) bool { return r.Path == path && (r.Verdict == Approximated || r.Verdict == NoEffect) }) {
			t.Errorf("%s has no row that some values are an exception of", path)
		}
	}
}

func TestWhatIsSaidOfAFieldIsSaidOfThoseAboveAndBelow(t *testing.T) {
	for _, tc := range []struct {
		said, path string
		want       bool
	}{
		{"a[0].b", "a[0].b", true},
		{"a[0].b", "a[0].b.c", true},
		{"a[0].b[1]", "a[0].b", true},
		{"a[].b", "a[3].b[1].c", true},
		{"a[0].b", "a[1].b", false},
		{"a[0].b", "a[0].bc", false},
	} {
		if got := touches(tc.said, tc.path); got != tc.want {
			t.Errorf("touches(%q, %q) is %t", tc.said, tc.path, got)
		}
	}
}
