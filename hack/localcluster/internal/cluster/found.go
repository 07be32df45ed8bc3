// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"path/filepath"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/address"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/debian"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/lease"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/network"
)

// found decides what the cluster is: from its description if there is one, else anew.
func (c *Cluster) found(ctx context.Context, change func(*Options)) error {
	lock, err := c.registry.Lock(ctx)
	if err != nil {
		return err
	}
	defer lock.Release()
	if err := c.reclaim(); err != nil {
		return err
	}
	err = c.load()
	fresh := errors.Is(err, ErrNone)
	if err != nil && !fresh {
		return err
	}
	if fresh {
		c.Options = DefaultOptions()
	}
	before := c.Options
	change(&c.Options)
	if err := c.Options.validate(); err != nil {
		return err
	}
	if fresh {
		err = c.decide(ctx)
	} else {
		err = c.reconsider(ctx, before)
	}
	if err != nil {
		return err
	}
	return c.save()
}

// decide settles everything about a new cluster that can't change later.
func (c *Cluster) decide(ctx context.Context) error {
	c.Housed = c.canHouse(ctx) == nil
	if err := c.settleNodes(ctx); err != nil {
		return err
	}
	id := make([]byte, 6)
	if _, err := rand.Read(id); err != nil {
		return fmt.Errorf("naming the cluster: %w", err)
	}
	c.ID = hex.EncodeToString(id)
	l, err := c.registry.Take(c.ID, string(c.State))
	if err != nil {
		return err
	}
	if !c.Housed {
		c.Host, c.Plan = "127.0.0.1", address.Plan{Index: l.Index, Octet: 210 + l.Index}
		c.Ports, err = freePorts(c.Host)
		return err
	}
	taken, err := network.Taken()
	if err != nil {
		return err
	}
	if c.Plan, err = address.Choose(l.Index, taken); err != nil {
		return err
	}
	c.Host, c.Ports = c.Plan.Host().String(), maps.Clone(wellKnown)
	return nil
}

// reconsider applies new options to a cluster that exists.
func (c *Cluster) reconsider(ctx context.Context, before Options) error {
	if before.Name != c.Options.Name {
		return fmt.Errorf("this cluster is called %q: run down before you rename it", before.Name)
	}
	if err := c.settleNodes(ctx); err != nil {
		return err
	}
	return c.registry.Retake(lease.Lease{Index: c.Plan.Index, ID: c.ID, State: string(c.State)})
}

// settleNodes replaces "as many as can be had" by a number, and says when it is none.
func (c *Cluster) settleNodes(ctx context.Context) error {
	switch {
	case c.Options.Real == 0:
		return nil
	case c.Housed:
		if c.Options.Real == Auto {
			c.Options.Real = 2
		}
		return debian.Ensure(ctx, c.Out)
	case c.Options.Real == Auto:
		c.Options.Real = 0
		c.Options.Simulated = max(2, c.Options.Simulated)
		c.say("no real nodes here (%v): %d simulated ones instead, which run no containers", c.canHouse(ctx), c.Options.Simulated)
		return nil
	}
	if err := c.canHouse(ctx); err != nil {
		return fmt.Errorf("--real %d: there can be no real nodes here: %w", c.Options.Real, err)
	}
	return fmt.Errorf("--real %d: this cluster was made for simulated nodes only; take it down first", c.Options.Real)
}

// canHouse says why there can be no real nodes.
func (c *Cluster) canHouse(ctx context.Context) error {
	if os.Geteuid() != 0 {
		return errors.New("not root")
	}
	if err := network.Possible(); err != nil {
		return err
	}
	if c.Options.Real == 0 {
		return nil
	}
	return debian.Ensure(ctx, c.Out)
}

// freePorts asks the kernel for ports that nobody listens on. All are held until the last is found, so that no two are the same.
func freePorts(host string) (map[string]int, error) {
	ports := map[string]int{}
	for component := range wellKnown {
		l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
		if err != nil {
			return nil, fmt.Errorf("finding a free port for %s: %w", component, err)
		}
		defer l.Close()
		ports[component] = l.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

func (c *Cluster) sysctlFile() string { return filepath.Join(c.registry.Dir(), "sysctls.json") }
