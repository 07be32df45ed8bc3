// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package cgroup makes and removes the control group below which a node keeps its pods, in every hierarchy that is mounted:
// the many of version 1, the single one of version 2, or both (hybrid).
package cgroup

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

type hierarchy struct {
	dir     string
	version int
}

// hierarchies reads the mounted ones out of mountinfo, each once.
func hierarchies(mountinfo io.Reader) ([]hierarchy, error) {
	var found []hierarchy
	seen := map[string]bool{}
	scanner := bufio.NewScanner(mountinfo)
	for scanner.Scan() {
		before, after, ok := strings.Cut(scanner.Text(), " - ")
		fields := strings.Fields(before)
		if !ok || len(fields) < 5 || seen[fields[4]] {
			continue
		}
		version := map[string]int{"cgroup": 1, "cgroup2": 2}[strings.Fields(after)[0]]
		if version == 0 || !strings.HasPrefix(fields[4], "/sys/fs/cgroup") {
			continue
		}
		seen[fields[4]] = true
		found = append(found, hierarchy{dir: fields[4], version: version})
	}
	return found, scanner.Err()
}

func mounted() ([]hierarchy, error) {
	f, err := os.Open("/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("looking for control groups: %w", err)
	}
	defer f.Close()
	found, err := hierarchies(f)
	if err != nil {
		return nil, fmt.Errorf("looking for control groups: %w", err)
	}
	if len(found) == 0 {
		return nil, errors.New("no control groups are mounted below /sys/fs/cgroup")
	}
	return found, nil
}

// Ensure makes the group in every hierarchy, ready to have children with all controllers.
func Ensure(name string) error {
	all, err := mounted()
	if err != nil {
		return err
	}
	for _, h := range all {
		dir := filepath.Join(h.dir, name)
		if h.version == 2 {
			err = ensureUnified(h.dir, dir)
		} else {
			err = ensureSplit(h.dir, dir)
		}
		if err != nil {
			return fmt.Errorf("making control group %s: %w", dir, err)
		}
	}
	return nil
}

// ensureSplit also copies the CPUs and memory nodes, which a version 1 child starts without and can run nothing until it has them.
func ensureSplit(root, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
		value, err := os.ReadFile(filepath.Join(root, file))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, file), value, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// ensureUnified hands all controllers down. In a container the root may hold processes, and a group with processes can't
// hand controllers to children: they are moved into a leaf first, as every container image with systemd or kind's does.
func ensureUnified(root, dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	err := delegate(root)
	if errors.Is(err, unix.EBUSY) {
		if err := moveToLeaf(root); err != nil {
			return err
		}
		err = delegate(root)
	}
	if err != nil {
		return err
	}
	return delegate(dir)
}

func delegate(dir string) error {
	raw, err := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
	if err != nil {
		return err
	}
	var enable []string
	for controller := range strings.FieldsSeq(string(raw)) {
		enable = append(enable, "+"+controller)
	}
	if len(enable) == 0 {
		return nil // hybrid: version 1 has the controllers
	}
	return os.WriteFile(filepath.Join(dir, "cgroup.subtree_control"), []byte(strings.Join(enable, " ")), 0o644)
}

func moveToLeaf(root string) error {
	leaf := filepath.Join(root, "ecs-localcluster-init")
	if err := os.MkdirAll(leaf, 0o755); err != nil {
		return err
	}
	raw, err := os.ReadFile(filepath.Join(root, "cgroup.procs"))
	if err != nil {
		return err
	}
	for pid := range strings.FieldsSeq(string(raw)) {
		err := os.WriteFile(filepath.Join(leaf, "cgroup.procs"), []byte(pid), 0o644)
		if err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

// Remove deletes the group with all its children, everywhere. Groups empty themselves a moment after their last process died.
func Remove(name string) error {
	all, err := mounted()
	if err != nil {
		return err
	}
	for _, h := range all {
		dir := filepath.Join(h.dir, name)
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
			err := removeTree(dir)
			if err == nil {
				break
			}
			if time.Now().After(end) {
				return fmt.Errorf("removing control group %s: %w", dir, err)
			}
		}
	}
	return nil
}

// removeTree removes children first. A control group's files can't be removed and needn't be.
func removeTree(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() {
			if err := removeTree(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	if err := unix.Rmdir(dir); err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	return nil
}
