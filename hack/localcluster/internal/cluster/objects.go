// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/address"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/config"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/kubeapi"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/manifests"
)

// applyObjects applies what every cluster has, and the simulated nodes; and removes nodes that are no longer wanted.
func (c *Cluster) applyObjects(ctx context.Context) error {
	ca, err := os.ReadFile(c.pki().Cert(authority))
	if err != nil {
		return fmt.Errorf("reading the cluster's authority: %w", err)
	}
	metrics, err := manifests.Metrics(c.Host, c.Ports[metricsServer], ca)
	if err != nil {
		return err
	}
	objects := [][]byte{metrics}
	if c.Options.Real > 0 {
		dns, err := manifests.DNS(c.Plan.DNS(), c.Plan.Edge())
		if err != nil {
			return err
		}
		objects = append(objects, dns)
	}
	if err := c.apply(ctx, bytes.Join(objects, []byte("---\n"))); err != nil {
		return err
	}
	return c.settleNodeObjects(ctx)
}

func (c *Cluster) settleNodeObjects(ctx context.Context) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	nodes, err := api.Nodes(ctx)
	if err != nil {
		return err
	}
	create, remove := c.nodeChanges(nodes)
	if len(create) > 0 {
		c.say("creating %d simulated nodes", len(create))
		// Applied, not created: the kubectl of an `up` that was killed may still be at it.
		if err := c.apply(ctx, config.SimulatedNodes(create)); err != nil {
			return err
		}
	}
	for n := c.Options.Real + 1; c.Housed && n <= address.MaxRealNodes; n++ {
		if err := c.stopNode(n); err != nil {
			return err
		}
	}
	if c.Options.Real == 0 && c.Housed {
		if err := c.halt(edge, 0); err != nil {
			return err
		}
	}
	if len(remove) == 0 {
		return nil
	}
	c.say("removing %d nodes", len(remove))
	return c.kubectl(ctx, nil, append([]string{"delete", "node", "--wait=false"}, remove...)...)
}

// nodeChanges compares the nodes that are with those that should be.
func (c *Cluster) nodeChanges(nodes []kubeapi.Node) (create []config.SimulatedNode, remove []string) {
	there, o := map[string]bool{}, c.Options
	wanted := map[string]bool{}
	for _, name := range c.nodeNames() {
		wanted[name] = true
	}
	for _, n := range nodes {
		there[n.Name] = true
		ours := strings.HasPrefix(n.Name, o.Name+"-node-") || strings.HasPrefix(n.Name, o.Name+"-sim-")
		if ours && !wanted[n.Name] {
			remove = append(remove, n.Name)
		}
	}
	for n := 1; n <= o.Simulated; n++ {
		if name := o.simulatedNode(n); !there[name] {
			create = append(create, config.SimulatedNode{
				Name: name, Zone: o.zone(n), Region: o.Region, InstanceType: o.InstanceType,
				CPU: strconv.Itoa(o.NodeCPU), Memory: mib(o.NodeMemory),
			})
		}
	}
	return create, remove
}

func (c *Cluster) apply(ctx context.Context, objects []byte) error {
	return c.kubectl(ctx, objects, "apply", "--server-side", "--force-conflicts", "-f", "-")
}

// kubectl runs the cluster's own kubectl as administrator.
func (c *Cluster) kubectl(ctx context.Context, stdin []byte, args ...string) error {
	cmd := exec.CommandContext(ctx, c.programs.Path("kubectl"), append([]string{"--kubeconfig", c.State.Kubeconfig()}, args...)...)
	cmd.Stdin = bytes.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("kubectl %s: %w: %.2000s", strings.Join(args, " "), err, out)
	}
	return nil
}
