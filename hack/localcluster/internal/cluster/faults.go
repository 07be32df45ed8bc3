// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/binaries"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/filelock"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/network"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/process"
)

// alter runs a change of a running cluster under its lock.
func (c *Cluster) alter(ctx context.Context, change func() error) error {
	programs, err := binaries.Ensure(ctx, c.Cache, c.Out)
	if err != nil {
		return err
	}
	c.programs = programs
	lock, err := filelock.Acquire(ctx, string(c.State), func() { c.say("waiting for another localcluster on %s", c.State) })
	if err != nil {
		return err
	}
	defer lock.Release()
	return change()
}

func (c *Cluster) realNumber(name string) (int, error) {
	for n := 1; n <= c.Options.Real; n++ {
		if c.Options.realNode(n) == name {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%q isn't a real node of this cluster; see `localcluster nodes`", name)
}

// StopNode cuts a node's power.
func (c *Cluster) StopNode(ctx context.Context, name string) error {
	return c.alter(ctx, func() error {
		n, err := c.realNumber(name)
		if err != nil {
			return err
		}
		if err := c.stopNode(n); err != nil {
			return err
		}
		c.say("%s is off", name)
		return nil
	})
}

// StartNode turns a node on and waits until it has reported Ready again.
func (c *Cluster) StartNode(ctx context.Context, name string) error {
	return c.alter(ctx, func() error {
		n, err := c.realNumber(name)
		if err != nil {
			return err
		}
		started, err := c.ensureNode(n)
		if err != nil {
			return err
		}
		if err := c.awaitNode(ctx, name, started); err != nil {
			return err
		}
		c.say("%s is ready", name)
		return nil
	})
}

func (c *Cluster) awaitNode(ctx context.Context, name string, started bool) error {
	api, err := c.api()
	if err != nil {
		return err
	}
	news := map[string]bool{}
	if started {
		news[name] = true
	}
	err = poll(ctx, 90*time.Second, func(ctx context.Context) error { return c.askNodes(ctx, api, []string{name}, news) })
	if err != nil {
		return fmt.Errorf("waiting for %s: %w", name, err)
	}
	return nil
}

// Partition takes a node off the network, or puts it back: its pods run on, nobody hears of them.
func (c *Cluster) Partition(name string, off bool) error {
	n, err := c.realNumber(name)
	if err != nil {
		return err
	}
	return network.Switch(network.NodePort(c.Plan.Index, n), !off)
}

// Cordon marks a node unschedulable, or schedulable again.
func (c *Cluster) Cordon(ctx context.Context, name string, off bool) error {
	return c.alter(ctx, func() error {
		verb := "cordon"
		if !off {
			verb = "uncordon"
		}
		return c.kubectl(ctx, nil, verb, name)
	})
}

// Controllable are the components that can be stopped and started by name.
var Controllable = []string{apiserver, etcd, scheduler, controllerManager}

// StopComponent ends a component of the control plane: with time to finish, or at once.
func (c *Cluster) StopComponent(ctx context.Context, component string, atOnce bool) error {
	return c.alter(ctx, func() error {
		if err := c.halt(component, gracePeriod(atOnce)); err != nil {
			return err
		}
		c.say("%s is stopped", component)
		return nil
	})
}

// StartComponent starts a component of the control plane, after stopping it if asked to restart it.
func (c *Cluster) StartComponent(ctx context.Context, component string, restart, atOnce bool) error {
	return c.alter(ctx, func() error {
		if restart {
			if err := c.halt(component, gracePeriod(atOnce)); err != nil {
				return err
			}
		}
		cmd, err := c.controlled(component)
		if err != nil {
			return err
		}
		if _, err := c.ensure(cmd); err != nil {
			return err
		}
		if slices.Contains([]string{etcd, apiserver}, component) {
			return c.awaitAPIServer(ctx)
		}
		c.say("%s is started", component)
		return nil
	})
}

// stopGrace is the time a component gets to finish. The apiserver would take ten seconds or more if watches are open.
const stopGrace = 3 * time.Second

func gracePeriod(atOnce bool) time.Duration {
	if atOnce {
		return 0
	}
	return stopGrace
}

func (c *Cluster) controlled(component string) (process.Command, error) {
	switch component {
	case etcd:
		return c.etcdCommand(), nil
	case apiserver:
		return c.apiserverCommand()
	case scheduler:
		return c.schedulerCommand()
	case controllerManager:
		return c.controllerManagerCommand(), nil
	default:
		return process.Command{}, fmt.Errorf("%s can't be started by itself", component)
	}
}
