// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"slices"
	"time"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/config"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/kubeapi"
)

// Status is what `status` prints.
type Status struct {
	State      string `json:"state"`
	Server     string `json:"server"`
	Kubeconfig string `json:"kubeconfig"`
	AuditLog   string `json:"auditLog"`
	Logs       string `json:"logs"`
	NodePorts  string `json:"nodePorts"`
	// Registry is where a registry that someone starts on the machine is pulled from over plain HTTP; "" without real nodes.
	Registry   string         `json:"registry,omitempty"`
	Ready      bool           `json:"ready"`
	Problem    string         `json:"problem,omitempty"`
	Components []Component    `json:"components"`
	Nodes      []kubeapi.Node `json:"nodes"`
}

// Component is one process of the cluster. A real node is one: what runs in it is its own business.
type Component struct {
	Name    string    `json:"name"`
	PID     int       `json:"pid,omitempty"`
	Running bool      `json:"running"`
	Started time.Time `json:"started,omitzero"`
}

// Status looks at processes and asks the apiserver. It fails only when there is no cluster.
func (c *Cluster) Status(ctx context.Context) Status {
	s := Status{
		State:      string(c.State),
		Server:     c.Server(),
		Kubeconfig: c.State.Kubeconfig(),
		AuditLog:   c.State.AuditLog(),
		Logs:       c.State.Logs(),
		NodePorts:  c.Plan.NodePorts().String(),
		Ready:      true,
	}
	if c.Options.Real > 0 {
		s.Registry, _ = config.PlainRegistry(c.Plan.Host())
	}
	for _, name := range c.components() {
		rec := c.records().Load(name)
		component := Component{Name: name, Running: rec.Alive()}
		if component.Running {
			component.PID, component.Started = rec.PID, rec.Started
		}
		s.Ready = s.Ready && component.Running
		s.Components = append(s.Components, component)
	}
	nodes, err := c.Nodes(ctx)
	if err != nil {
		s.Ready, s.Problem = false, err.Error()
		return s
	}
	s.Nodes = nodes
	if err := missing(c.nodeNames(), nodes); err != nil {
		s.Ready, s.Problem = false, err.Error()
	}
	return s
}

// Nodes asks the apiserver for the nodes.
func (c *Cluster) Nodes(ctx context.Context) ([]kubeapi.Node, error) {
	api, err := c.api()
	if err != nil {
		return nil, err
	}
	return api.Nodes(ctx)
}

func (c *Cluster) components() []string {
	names := []string{etcd, apiserver, controllerManager, scheduler, kwok, metricsServer}
	if c.Options.Real > 0 {
		names = append(names, edge)
	}
	for n := 1; n <= c.Options.Real; n++ {
		names = append(names, c.Options.realNode(n))
	}
	return slices.Clip(names)
}
