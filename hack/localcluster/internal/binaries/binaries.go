// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package binaries builds the programs of a cluster from their Go modules and keeps them in the cache.
package binaries

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/components"
	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/filelock"
)

// Set is where each program was found.
type Set struct {
	paths map[string]string
}

// Path is the file of the named program.
func (s Set) Path(name string) string { return s.paths[name] }

// Assets is the folder that holds etcd, kube-apiserver and kubectl, as envtest wants them.
func (s Set) Assets() string { return filepath.Dir(s.paths["kube-apiserver"]) }

// Ensure returns the programs, building those that the cache lacks. One process builds at a time.
func Ensure(ctx context.Context, cache string, out io.Writer) (Set, error) {
	goVersion, err := toolchain(ctx)
	if err != nil {
		return Set{}, err
	}
	set := Set{paths: map[string]string{}}
	for _, m := range components.All() {
		dir := filepath.Join(cache, m.Name+"-"+fingerprint(m, goVersion))
		if !complete(dir, m) {
			if err := buildLocked(ctx, cache, dir, m, out); err != nil {
				return Set{}, err
			}
		}
		for _, name := range m.Programs {
			set.paths[name] = filepath.Join(dir, name)
		}
	}
	return set, nil
}

func buildLocked(ctx context.Context, cache, dir string, m components.Module, out io.Writer) error {
	lock, err := filelock.Acquire(ctx, cache, func() {
		fmt.Fprintf(out, "another process is building into %s; waiting for it\n", cache)
	})
	if err != nil {
		return err
	}
	defer lock.Release()
	if complete(dir, m) { // the other process did it
		return nil
	}
	return build(ctx, cache, dir, m, out)
}

// fingerprint names a build by all that goes into it.
func fingerprint(m components.Module, goVersion string) string {
	h := sha256.New()
	fmt.Fprintln(h, goVersion, m.LDFlags)
	for _, name := range slices.Sorted(maps.Keys(m.Files)) {
		fmt.Fprintln(h, name, len(m.Files[name]))
		h.Write(m.Files[name])
	}
	for _, pkg := range slices.Sorted(maps.Keys(m.Programs)) {
		fmt.Fprintln(h, pkg, m.Programs[pkg])
	}
	return hex.EncodeToString(h.Sum(nil))[:12]
}

// complete trusts the folder's existence: it appears by one rename, after the build.
func complete(dir string, m components.Module) bool {
	for _, name := range m.Programs {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

func toolchain(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOVERSION", "GOOS", "GOARCH").Output()
	if err != nil {
		return "", fmt.Errorf("asking the go command for its version (is Go installed?): %w", err)
	}
	return strings.Join(strings.Fields(string(out)), " "), nil
}
