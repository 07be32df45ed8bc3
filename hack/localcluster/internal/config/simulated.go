// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package config

import _ "embed"

// Stages is how KWOK plays nodes and pods; put together from the stages that KWOK's own module ships.
//
//go:embed stages.yaml
var Stages []byte

// SimulatedNode describes one node that KWOK plays.
type SimulatedNode struct {
	Name, Zone, Region, InstanceType string
	CPU, Memory                      string
}

// SimulatedNodes renders a list to be applied.
func SimulatedNodes(nodes []SimulatedNode) []byte {
	items := make([]object, 0, len(nodes))
	for _, n := range nodes {
		capacity := object{"cpu": n.CPU, "memory": n.Memory, "pods": "110"}
		items = append(items, object{
			"apiVersion": "v1",
			"kind":       "Node",
			"metadata": object{
				"name":        n.Name,
				"annotations": object{"kwok.x-k8s.io/node": "fake"},
				"labels": object{
					"type":                             "kwok",
					"kubernetes.io/hostname":           n.Name,
					"kubernetes.io/os":                 "linux",
					"kubernetes.io/arch":               "amd64",
					"topology.kubernetes.io/zone":      n.Zone,
					"topology.kubernetes.io/region":    n.Region,
					"node.kubernetes.io/instance-type": n.InstanceType,
				},
			},
			"status": object{"capacity": capacity, "allocatable": capacity},
		})
	}
	return document("v1", "List", object{"items": items})
}
