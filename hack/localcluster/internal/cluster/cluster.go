// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cluster brings a cluster up and down and does it harm on request.
//
// `up` is a list of things that must be so: each step looks, and acts only if it must. So the same `up` starts a cluster,
// changes one, and repairs one that was half killed.
package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/address"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/atomicfile"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/binaries"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/kubeapi"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/layout"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/lease"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/pki"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/process"
)

// Facts are what was decided when the cluster was made, plus the options of the last `up`.
type Facts struct {
	ID   string       `json:"id"`
	Plan address.Plan `json:"plan"`
	// Housed clusters have a bridge and can have real nodes. The others live on 127.0.0.1, for users without root.
	Housed  bool           `json:"housed"`
	Host    string         `json:"host"`
	Ports   map[string]int `json:"ports"`
	Options Options        `json:"options"`
}

// Cluster is one cluster, made or about to be.
type Cluster struct {
	State layout.State
	Cache string
	Out   io.Writer
	Facts

	registry lease.Registry
	programs binaries.Set
	began    time.Time
}

// New describes the cluster of a state folder without looking at it.
func New(state layout.State, cache string, out io.Writer) *Cluster {
	return &Cluster{State: state, Cache: cache, Out: out, registry: lease.Default(), began: time.Now()}
}

// ErrNone says that the state folder holds no cluster.
var ErrNone = errors.New("no cluster here: run `localcluster up`")

// Open describes the cluster that is in the state folder.
func Open(state layout.State, cache string, out io.Writer) (*Cluster, error) {
	c := New(state, cache, out)
	return c, c.load()
}

func (c *Cluster) load() error {
	raw, err := os.ReadFile(c.State.ClusterFile())
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", c.State, ErrNone)
	}
	if err != nil {
		return fmt.Errorf("reading the cluster's description: %w", err)
	}
	if err := json.Unmarshal(raw, &c.Facts); err != nil {
		return fmt.Errorf("reading the cluster's description: %w", err)
	}
	return nil
}

func (c *Cluster) save() error {
	raw, err := json.MarshalIndent(c.Facts, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the cluster's description: %w", err)
	}
	return atomicfile.Write(c.State.ClusterFile(), raw, 0o644)
}

func (c *Cluster) say(format string, args ...any) {
	fmt.Fprintf(c.Out, "[%5.1fs] %s\n", time.Since(c.began).Seconds(), fmt.Sprintf(format, args...))
}

func (c *Cluster) records() process.Records { return process.Records(c.State.Records()) }

func (c *Cluster) pki() pki.Store { return pki.Store(c.State.PKI()) }

// Server is the apiserver's URL.
func (c *Cluster) Server() string { return fmt.Sprintf("https://%s:%d", c.Host, c.Ports[apiserver]) }

func (c *Cluster) api() (*kubeapi.Client, error) {
	return kubeapi.New(c.Server(), c.pki().Cert(authority), c.pki().Cert(admin), c.pki().Key(admin))
}

// ensure starts the command unless it already runs as it should. It reports whether it had to.
func (c *Cluster) ensure(cmd process.Command) (started bool, err error) {
	rec := c.records().Load(cmd.Component)
	if rec.Alive() && rec.Spec == cmd.Digest() {
		return false, nil
	}
	if err := process.Stop(rec.Identity, cmd.Grace); err != nil {
		return false, fmt.Errorf("replacing %s: %w", cmd.Component, err)
	}
	// A run killed between a start and its record leaves a process that only its mark shows.
	if err := process.StopMarked(string(c.State), cmd.Component, 0); err != nil {
		return false, fmt.Errorf("ending leftovers of %s: %w", cmd.Component, err)
	}
	if err := cmd.Start(string(c.State), c.records()); err != nil {
		return false, err
	}
	return true, nil
}

// halt ends a component and forgets it.
func (c *Cluster) halt(component string, grace time.Duration) error {
	if err := process.Stop(c.records().Load(component).Identity, grace); err != nil {
		return fmt.Errorf("stopping %s: %w", component, err)
	}
	if err := process.StopMarked(string(c.State), component, 0); err != nil {
		return fmt.Errorf("ending leftovers of %s: %w", component, err)
	}
	return c.records().Forget(component)
}

// lastWords is the end of a component's log, for an error message.
func (c *Cluster) lastWords(component string) string {
	raw, err := os.ReadFile(c.State.Log(component))
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(lines[max(0, len(lines)-8):], "\n")
}
