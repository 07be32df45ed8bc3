// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package cgroup

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestHierarchies(t *testing.T) {
	cases := map[string]struct {
		mountinfo string
		want      []hierarchy
	}{
		"version 2": {
			mountinfo: "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw\n22 1 8:1 / / rw - ext4 /dev/sda rw\n",
			want:      []hierarchy{{"/sys/fs/cgroup", 2}},
		},
		"hybrid": {
			mountinfo: "31 30 0:27 / /sys/fs/cgroup/cpu rw shared:9 - cgroup cgroup rw,cpu\n32 30 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
			want:      []hierarchy{{"/sys/fs/cgroup/cpu", 1}, {"/sys/fs/cgroup/unified", 2}},
		},
		"mounted twice counts once": {
			mountinfo: "31 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n41 30 0:27 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n",
			want:      []hierarchy{{"/sys/fs/cgroup/cpu", 1}},
		},
		"elsewhere isn't ours": {mountinfo: "31 30 0:27 / /mnt/cg rw - cgroup cgroup rw,cpu\n"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := hierarchies(strings.NewReader(tc.mountinfo))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestDelegateHandsAllControllersDown(t *testing.T) {
	cases := map[string]struct{ controllers, want string }{
		"version 2":                    {controllers: "cpuset cpu memory\n", want: "+cpuset +cpu +memory"},
		"hybrid has none to hand down": {controllers: "\n"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "cgroup.controllers"), []byte(tc.controllers), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := delegate(dir); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(filepath.Join(dir, "cgroup.subtree_control"))
			if tc.want != "" && err != nil {
				t.Fatal(err)
			}
			if string(got) != tc.want {
				t.Errorf("wrote %q, want %q", got, tc.want)
			}
		})
	}
}
