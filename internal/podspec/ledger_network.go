// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import "slices"

// networkRows are how containers are reached and reach others.
var networkRows = slices.Concat([]Row{
	{"networkMode", Approximated, "hostNetwork for host; a NetworkPolicy for none", "bridge: containers share the pod's network, so two can't listen on one port, and they reach each other on localhost without links. none: cut off where the network plugin enforces NetworkPolicy"},
	{"containerDefinitions[].portMappings[].containerPort", Exact, "containers[].ports[].containerPort", ""},
	{"containerDefinitions[].portMappings[].hostPort", Approximated, "containers[].ports[].hostPort with bridge and host", "one that ECS would choose (0, or none, with bridge) isn't opened on the node: load balancers and registries, which alone learn of it, use the pod's own address and the container port"},
	{"containerDefinitions[].portMappings[].protocol", Exact, "containers[].ports[].protocol", "anything but udp is tcp, silently, as in ECS"},
	{"containerDefinitions[].portMappings[].name", Exact, "containers[].ports[].name", "over 15 characters or with _ it is shortened and carries a hash"},
	{"containerDefinitions[].portMappings[].containerPortRange", NoEffect, "", "all ports of a pod can be reached at its address, the same on both sides, as with awsvpc; in bridge mode no host ports are chosen for them"},
	{"containerDefinitions[].portMappings[].appProtocol", NoEffect, "", "it says what is spoken to Service Connect alone, which has its own work; a target group doesn't look at it"},
	{"containerDefinitions[].links", Approximated, "hostAliases; containers[].env[]", "name and alias are 127.0.0.1, with the variables that Docker makes of a link. A name with _ can't be written into a pod's /etc/hosts"},
	{"containerDefinitions[].disableNetworking", Approximated, "a NetworkPolicy where all containers have it", "the containers of a pod share one network, so it has no effect on one of several"},
	{"containerDefinitions[].hostname", Approximated, "hostname", "one DNS label for the whole pod; the first container that gives one has the say"},
	{"containerDefinitions[].dnsServers", Approximated, "dnsConfig.nameservers, dnsPolicy None", "one list for the whole pod, of at most 3; they replace the cluster's own, as in Docker"},
	{"containerDefinitions[].dnsSearchDomains", Approximated, "dnsConfig.searches", "one list for the whole pod; without dnsServers they come after the cluster's own domains"},
}, rows(Approximated, "containerDefinitions[].extraHosts[]", "hostAliases", "one /etc/hosts for the whole pod; only addresses, and names that are DNS names", "hostname", "ipAddress"))
