// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/binaries"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/filelock"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/network"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/process"
)

// Up makes the cluster, or changes it, or repairs it. change gets the remembered options (or the defaults) to alter.
func (c *Cluster) Up(ctx context.Context, change func(*Options)) error {
	programs, err := binaries.Ensure(ctx, c.Cache, c.Out)
	if err != nil {
		return err
	}
	c.programs, c.began = programs, time.Now()
	lock, err := filelock.Acquire(ctx, string(c.State), func() { c.say("waiting for another localcluster on %s", c.State) })
	if err != nil {
		return err
	}
	defer lock.Release()
	if err := c.found(ctx, change); err != nil {
		return err
	}
	if err := c.ensureCredentials(); err != nil {
		return err
	}
	if c.Housed {
		if err := c.ensureNetwork(); err != nil {
			return err
		}
	}
	changed, err := c.ensureAll(ctx)
	if err != nil {
		return err
	}
	if err := c.awaitNodes(ctx, changed); err != nil {
		return err
	}
	c.say("ready in %.1f s: %d real nodes, %d simulated", time.Since(c.began).Seconds(), c.Options.Real, c.Options.Simulated)
	return nil
}

func (c *Cluster) ensureNetwork() error {
	if err := network.EnsureBridge(c.Plan); err != nil {
		return err
	}
	if err := network.EnsureRules(c.Plan); err != nil {
		return err
	}
	return network.RememberSysctls(c.sysctlFile())
}

// ensureAll starts what doesn't run. Nodes boot while the control plane does; their kubelets wait for it.
// It returns the nodes that were started.
func (c *Cluster) ensureAll(ctx context.Context) (map[string]bool, error) {
	if err := os.MkdirAll(c.State.Logs(), 0o755); err != nil {
		return nil, fmt.Errorf("making the log folder: %w", err)
	}
	if err := c.ensureStore(); err != nil {
		return nil, err
	}
	var background sync.WaitGroup
	var imagesErr error
	changed, err := c.ensureHouses()
	if err != nil {
		return nil, err
	}
	background.Go(func() { imagesErr = c.ensurePause(ctx) })
	err = c.awaitAPIServer(ctx)
	if err == nil {
		err = c.ensureControllers()
	}
	if err == nil {
		err = c.applyObjects(ctx)
	}
	if err == nil { // it ends at once if it lacks the permissions that were just applied
		err = c.ensureEach(c.metricsServerCommand())
	}
	background.Wait()
	return changed, errors.Join(err, imagesErr)
}

// ensureStore starts etcd and the apiserver.
func (c *Cluster) ensureStore() error {
	api, err := c.apiserverCommand()
	if err != nil {
		return err
	}
	return c.ensureEach(c.etcdCommand(), api)
}

// ensureControllers starts what lives off the apiserver.
func (c *Cluster) ensureControllers() error {
	sched, err := c.schedulerCommand()
	if err != nil {
		return err
	}
	simulator, err := c.kwokCommand()
	if err != nil {
		return err
	}
	return c.ensureEach(c.controllerManagerCommand(), sched, simulator)
}

func (c *Cluster) ensureEach(commands ...process.Command) error {
	for _, cmd := range commands {
		started, err := c.ensure(cmd)
		if err != nil {
			return err
		}
		if started {
			c.say("started %s", cmd.Component)
		}
	}
	return nil
}

// ensureHouses starts the real nodes and, if there are any, the edge.
func (c *Cluster) ensureHouses() (changed map[string]bool, err error) {
	changed = map[string]bool{}
	for n := 1; n <= c.Options.Real; n++ {
		started, err := c.ensureNode(n)
		if err != nil {
			return nil, err
		}
		if started {
			changed[c.Options.realNode(n)] = true
			c.say("started %s", c.Options.realNode(n))
		}
	}
	if c.Options.Real == 0 {
		return changed, nil
	}
	d, err := c.edgeHouse()
	if err != nil {
		return nil, err
	}
	started, err := c.ensureHouse(d)
	if err != nil {
		return nil, fmt.Errorf("starting the edge: %w", err)
	}
	if started {
		c.say("started the edge: DNS and node ports")
	}
	return changed, nil
}
