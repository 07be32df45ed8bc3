// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/address"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/cgroup"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/filelock"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/network"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/process"
)

// Down removes the cluster and everything of it from the machine. With force it goes on after a failure.
func (c *Cluster) Down(ctx context.Context, keepLogs, force bool) error {
	if _, err := os.Stat(string(c.State)); errors.Is(err, os.ErrNotExist) {
		return c.downOrphans(ctx)
	}
	lock, err := filelock.Acquire(ctx, string(c.State), func() { c.say("waiting for another localcluster on %s", c.State) })
	if err != nil {
		return err
	}
	defer lock.Release()
	shared, err := c.registry.Lock(ctx)
	if err != nil {
		return err
	}
	defer shared.Release()
	loadErr := c.load()
	if loadErr != nil && !errors.Is(loadErr, ErrNone) && !force {
		return loadErr
	}
	var errs []error
	for _, step := range []func() error{c.endProcesses, c.cleanMachine, func() error { return c.removeState(keepLogs) }} {
		if err := step(); err != nil {
			errs = append(errs, err)
			if !force {
				break
			}
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	c.say("down: %s", c.State)
	return nil
}

// downOrphans cleans up after clusters whose state folder somebody deleted.
func (c *Cluster) downOrphans(ctx context.Context) error {
	shared, err := c.registry.Lock(ctx)
	if err != nil {
		return err
	}
	defer shared.Release()
	if err := process.StopMarked(string(c.State), "", 0); err != nil {
		return err
	}
	if err := errors.Join(c.reclaim(), c.lastOneOut()); err != nil {
		return err
	}
	c.say("nothing is up in %s", c.State)
	return nil
}

// endProcesses kills: nothing that the cluster knows is worth keeping now. Houses go all at once.
func (c *Cluster) endProcesses() error {
	records, err := c.records().All()
	if err != nil {
		return err
	}
	errs := make([]error, len(records))
	var all sync.WaitGroup
	for i, rec := range records {
		all.Go(func() { errs[i] = process.Stop(rec.Identity, 0) })
	}
	all.Wait()
	return errors.Join(append(errs, process.StopMarked(string(c.State), "", 0))...)
}

// cleanMachine removes what the cluster with our lease left on the machine.
func (c *Cluster) cleanMachine() error {
	var errs []error
	for _, l := range c.registry.All() {
		if l.State == string(c.State) {
			errs = append(errs, cleanIndex(l.Index), c.registry.Return(l.Index))
		}
	}
	return errors.Join(append(errs, c.lastOneOut())...)
}

// lastOneOut restores the machine's settings and removes the shared folder when no cluster is left.
func (c *Cluster) lastOneOut() error {
	if len(c.registry.All()) > 0 {
		return nil
	}
	if err := network.RestoreSysctls(c.sysctlFile()); err != nil {
		return err
	}
	return c.registry.Remove()
}

// cleanIndex removes links, firewall rules and control groups of an index.
func cleanIndex(index int) error {
	if os.Geteuid() != 0 {
		return nil
	}
	errs := []error{network.RemoveLinks(index), network.RemoveRules(index)}
	for n := 1; n <= address.MaxRealNodes; n++ {
		errs = append(errs, cgroup.Remove(cgroupName(index, n)))
	}
	return errors.Join(errs...)
}

// reclaim frees indexes whose cluster is gone: its state folder was deleted, or `up` was killed before it had decided anything.
// Call with the registry locked.
func (c *Cluster) reclaim() error {
	for _, l := range c.registry.All() {
		raw, err := os.ReadFile(filepath.Join(l.State, "cluster.json"))
		if err == nil && strings.Contains(string(raw), l.ID) {
			continue
		}
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("looking whether the cluster in %s is still there: %w", l.State, err)
		}
		c.say("cleaning up after a cluster that is gone: %s", l.State)
		if err := errors.Join(process.StopMarked(l.State, "", 0), cleanIndex(l.Index), c.registry.Return(l.Index)); err != nil {
			return err
		}
	}
	return nil
}

// removeState deletes the state folder, after unmounting what should not, but might, be mounted below it.
func (c *Cluster) removeState(keepLogs bool) error {
	if err := unmountBelow(string(c.State)); err != nil {
		return err
	}
	entries, err := os.ReadDir(string(c.State))
	if err != nil {
		return fmt.Errorf("listing the state folder: %w", err)
	}
	for _, e := range entries {
		path := filepath.Join(string(c.State), e.Name())
		if keepLogs && path == c.State.Logs() {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			return fmt.Errorf("removing the state folder: %w", err)
		}
	}
	if keepLogs {
		return nil
	}
	if err := os.Remove(string(c.State)); err != nil {
		return fmt.Errorf("removing the state folder: %w", err)
	}
	return nil
}

func unmountBelow(dir string) error {
	raw, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return fmt.Errorf("looking for mounts: %w", err)
	}
	var points []string
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		if len(fields) > 4 && strings.HasPrefix(fields[4], dir+"/") {
			points = append(points, fields[4])
		}
	}
	slices.Reverse(points) // the last mounted is on top
	for _, p := range points {
		if err := unix.Unmount(p, unix.MNT_DETACH); err != nil {
			return fmt.Errorf("unmounting %s: %w", p, err)
		}
	}
	return nil
}
