// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package lease gives each cluster on a machine an index of its own, by files in a folder that all of them share.
package lease

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/address"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/filelock"
)

// Lease says which cluster has an index.
type Lease struct {
	Index int    `json:"index"`
	ID    string `json:"id"`
	State string `json:"state"` // the cluster's state folder
}

// Registry is the shared folder.
type Registry struct{ dir string }

// Default is host-wide for root. Others can make no bridges and so collide with nobody; theirs is per user.
func Default() Registry {
	if os.Geteuid() == 0 {
		return Registry{dir: "/run/ecs-localcluster"}
	}
	return Registry{dir: filepath.Join(os.TempDir(), "ecs-localcluster-"+strconv.Itoa(os.Geteuid()))}
}

// Dir is the shared folder.
func (r Registry) Dir() string { return r.dir }

// Remove deletes the folder, which must be empty of leases. Call with the lock held.
func (r Registry) Remove() error {
	if err := os.Remove(r.dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing the shared folder: %w", err)
	}
	return nil
}

// Lock serialises everything that concerns more than one cluster.
func (r Registry) Lock(ctx context.Context) (*filelock.Lock, error) {
	return filelock.Acquire(ctx, r.dir, nil)
}

func (r Registry) file(index int) string {
	return filepath.Join(r.dir, fmt.Sprintf("cluster-%d.json", index))
}

// All returns the leases there are, by index.
func (r Registry) All() []Lease {
	var all []Lease
	for i := range address.MaxClusters {
		raw, err := os.ReadFile(r.file(i))
		if err != nil {
			continue
		}
		var l Lease
		if json.Unmarshal(raw, &l) == nil && l.Index == i {
			all = append(all, l)
		}
	}
	return all
}

// Take returns the lease of a cluster, taking the lowest free index when it has none. Call with the lock held.
func (r Registry) Take(id, state string) (Lease, error) {
	all := r.All()
	if i := slices.IndexFunc(all, func(l Lease) bool { return l.State == state && l.ID == id }); i >= 0 {
		return all[i], nil
	}
	for i := range address.MaxClusters {
		if slices.ContainsFunc(all, func(l Lease) bool { return l.Index == i }) {
			continue
		}
		l := Lease{Index: i, ID: id, State: state}
		return l, r.write(l)
	}
	return Lease{}, fmt.Errorf("all %d cluster indexes are taken, see %s", address.MaxClusters, r.dir)
}

// Retake claims a given index again, as a cluster must whose lease was lost with a reboot. Call with the lock held.
func (r Registry) Retake(l Lease) error {
	for _, other := range r.All() {
		if other.Index == l.Index && other.ID != l.ID {
			return fmt.Errorf("the addresses of this cluster (index %d) were given to the cluster in %s meanwhile: run down, then up", l.Index, other.State)
		}
	}
	return r.write(l)
}

func (r Registry) write(l Lease) error {
	raw, err := json.Marshal(l)
	if err != nil {
		return fmt.Errorf("encoding lease %d: %w", l.Index, err)
	}
	if err := os.WriteFile(r.file(l.Index), raw, 0o644); err != nil {
		return fmt.Errorf("taking lease %d: %w", l.Index, err)
	}
	return nil
}

// Return gives an index back.
func (r Registry) Return(index int) error {
	if err := os.Remove(r.file(index)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("returning lease %d: %w", index, err)
	}
	return nil
}
