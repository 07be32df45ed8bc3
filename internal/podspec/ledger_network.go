// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

// networkRows are how containers are reached and reach others.
var networkRows = slices.Concat([]Row{
	{"networkMode", Approximated, "hostNetwork for host", "awsvpc is exact. bridge: containers share the pod's network, so two can't listen on one port. none: the pod keeps its network"},
	{"containerDefinitions[].portMappings[].containerPort", Exact, "containers[].ports[].containerPort", ""},
	{"containerDefinitions[].portMappings[].hostPort", Exact, "containers[].ports[].hostPort with bridge and host", "a port that ECS would choose (0, or none, with bridge) isn't opened on the node: the pod's own address is used"},
	{"containerDefinitions[].portMappings[].protocol", Exact, "containers[].ports[].protocol", "anything but udp is tcp, silently, as in ECS"},
	{"containerDefinitions[].portMappings[].name", Exact, "containers[].ports[].name", "over 15 characters or with _ it is shortened and carries a hash"},
	{"containerDefinitions[].portMappings[].containerPortRange", NoEffect, "", "all ports of a pod can be reached at its address; listing them adds nothing"},
	{"containerDefinitions[].portMappings[].appProtocol", NotYetMapped, "the core Service's ports[].appProtocol", "comes with Service Connect"},
	{"containerDefinitions[].links", NotYetMapped, "hostAliases", ""},
	{"containerDefinitions[].disableNetworking", NotYetMapped, "", "the containers of a pod share one network"},
	{"containerDefinitions[].hostname", NotYetMapped, "hostname", ""},
	{"containerDefinitions[].dnsServers", NotYetMapped, "dnsConfig.nameservers", ""},
	{"containerDefinitions[].dnsSearchDomains", NotYetMapped, "dnsConfig.searches", ""},
}, notYet("containerDefinitions[].extraHosts[]", "hostAliases", "", "hostname", "ipAddress"))
