// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// footprint lists everything on the machine that belongs to the cluster in the state folder, which had the index:
// processes, mounts, links, firewall rules, control groups, the lease, the folder itself.
// Other clusters may come and go meanwhile; what is theirs is told apart by their index.
func footprint(t *testing.T, state string, index int) []string {
	t.Helper()
	var found []string
	add := func(kind, what string) { found = append(found, kind+": "+what) }
	marked(state, func(pid string) { add("process", pid) })
	for line := range strings.Lines(read(t, "/proc/self/mountinfo")) {
		if strings.Contains(line, state) || strings.Contains(line, fmt.Sprintf("lc%d-node", index)) {
			add("mount", line)
		}
	}
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		for _, kind := range []string{"br", "e", "n"} {
			if strings.HasPrefix(l.Name, fmt.Sprintf("lc%d%s", index, kind)) {
				add("link", l.Name)
			}
		}
	}
	rules, err := exec.Command("iptables-save").Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(rules)) {
		if strings.Contains(line, fmt.Sprintf("ecs-localcluster:%d\"", index)) {
			add("rule", line)
		}
	}
	for _, pattern := range []string{"/sys/fs/cgroup/lc%d-*", "/sys/fs/cgroup/*/lc%d-*", "/run/ecs-localcluster/cluster-%d.json"} {
		files, err := filepath.Glob(fmt.Sprintf(pattern, index))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			add("file", f)
		}
	}
	if _, err := os.Stat(state); err == nil {
		add("folder", state)
	}
	return found
}

// marked calls back for each process that names the state folder in its environment or command line.
func marked(state string, call func(string)) {
	processes, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range processes {
		for _, file := range []string{"environ", "cmdline"} {
			raw, _ := os.ReadFile(filepath.Join(p, file))
			if filepath.Base(p) != strconv.Itoa(os.Getpid()) && strings.Contains(string(raw), state) {
				call(p + " " + strings.ReplaceAll(read0(p), "\x00", " "))
				break
			}
		}
	}
}

func read0(process string) string {
	raw, _ := os.ReadFile(filepath.Join(process, "cmdline"))
	return string(raw)
}

func read(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}
