// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/image"
)

// ensurePause makes the sandbox image once and loads it into every real node.
func (c *Cluster) ensurePause(ctx context.Context) error {
	if c.Options.Real == 0 {
		return nil
	}
	archive := filepath.Join(c.State.Images(), "pause.tar")
	if _, err := os.Stat(archive); err != nil {
		spec := image.Spec{Name: pauseImage, Binary: c.programs.Path("pause"), Entrypoint: "/pause", User: "65535:65535"}
		if err := image.Write(spec, archive); err != nil {
			return err
		}
	}
	return c.LoadImage(ctx, archive, "")
}

// LoadImage imports an archive into one real node, or into all. Simulated nodes need no images.
func (c *Cluster) LoadImage(ctx context.Context, archive, only string) error {
	var nodes []string
	for n := 1; n <= c.Options.Real; n++ {
		if name := c.Options.realNode(n); only == "" || only == name {
			nodes = append(nodes, name)
		}
	}
	if len(nodes) == 0 && only == "" {
		c.say("no real nodes, so nobody needs %s", archive)
		return nil
	}
	if len(nodes) == 0 {
		return fmt.Errorf("loading %s: %q isn't a real node of this cluster", archive, only)
	}
	errs := make([]error, len(nodes))
	var all sync.WaitGroup
	for i, name := range nodes {
		all.Go(func() { errs[i] = c.importInto(ctx, name, archive) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func (c *Cluster) importInto(ctx context.Context, node, archive string) error {
	rec := c.records().Load(node)
	if !rec.Alive() {
		return fmt.Errorf("loading an image: %s doesn't run", node)
	}
	// The node's view of the machine, seen from outside: its socket is there, and the path is short.
	socket := fmt.Sprintf("/proc/%d/root/run/containerd/containerd.sock", rec.PID)
	err := poll(ctx, 30*time.Second, func(context.Context) error {
		_, err := os.Stat(socket)
		return err
	})
	if err != nil {
		return fmt.Errorf("waiting for containerd of %s: %w", node, err)
	}
	cmd := exec.CommandContext(ctx, "ctr", "--address", socket, "--namespace", "k8s.io", "images", "import", archive)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("importing %s into %s: %w: %s", archive, node, err, strings.TrimSpace(string(out)))
	}
	return nil
}
