// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package layout says where things are: the cache that all clusters share and that outlives them,
// and the state folder of one cluster, which `down` removes.
package layout

import (
	"fmt"
	"os"
	"path/filepath"
)

const (
	// CacheVariable overrides the default of the flag --cache.
	CacheVariable = "LOCALCLUSTER_CACHE"
	// StateVariable overrides the default of the flag --state.
	StateVariable = "LOCALCLUSTER_STATE"
)

// DefaultCache is where binaries go when nobody says otherwise.
func DefaultCache() string {
	if dir := os.Getenv(CacheVariable); dir != "" {
		return dir
	}
	dir, err := os.UserCacheDir() // XDG_CACHE_HOME, else ~/.cache
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "ecs-operator", "localcluster")
}

// DefaultState is the state folder when nobody says otherwise.
func DefaultState() string {
	if dir := os.Getenv(StateVariable); dir != "" {
		return dir
	}
	return filepath.Join(".state", "localcluster")
}

// State is the folder of one cluster.
type State string

// NewState makes the path absolute and free of symbolic links, since processes are recognised by it.
func NewState(dir string) (State, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("resolving state folder %q: %w", dir, err)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	return State(abs), nil
}

func (s State) path(parts ...string) string {
	return filepath.Join(append([]string{string(s)}, parts...)...)
}

// ClusterFile holds what was decided for this cluster and must not change while it lives.
func (s State) ClusterFile() string { return s.path("cluster.json") }

// Kubeconfig is the administrator's.
func (s State) Kubeconfig() string { return s.path("kubeconfig") }

// PKI is the folder of keys and certificates.
func (s State) PKI() string { return s.path("pki") }

// Config is the folder of rendered configuration of host processes.
func (s State) Config(name string) string { return s.path("config", name) }

// Records is the folder of process records.
func (s State) Records() string { return s.path("run") }

// Etcd is etcd's data folder.
func (s State) Etcd() string { return s.path("etcd") }

// Logs is the folder of all logs.
func (s State) Logs() string { return s.path("logs") }

// Log is the log of one component.
func (s State) Log(component string) string { return s.path("logs", component+".log") }

// AuditLog is the apiserver's.
func (s State) AuditLog() string { return s.path("logs", "audit.jsonl") }

// Images keeps archives that every new node gets.
func (s State) Images() string { return s.path("images") }

// House is the folder that a node (or the edge) sees as /run/house.
func (s State) House(name string) string { return s.path("houses", name) }
