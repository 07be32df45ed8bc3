// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
)

// localcluster is the cluster that runs on this machine, with switches that others lack.
type localcluster struct {
	AuditLog string
	// Registry is an address of this machine, where nodes and operator speak plain HTTP to whatever registry listens.
	Registry string
	// Components are the programs that it runs.
	Components []struct {
		Name string
		PID  int
	}
}

// machine is nil on any other cluster.
var machine *localcluster

func findMachine(ctx context.Context) {
	GinkgoHelper()
	if os.Getenv("LOCALCLUSTER_STATE") == "" {
		return
	}
	found := &localcluster{}
	Expect(json.Unmarshal([]byte(found.run(ctx, "status", "-o", "json")), found)).To(Succeed())
	machine = found
}

// needs skips a spec where the cluster is not the local one.
func needs(what string) {
	if machine == nil {
		Skip("not run here: needs " + what + ", which the local cluster has (make test-e2e without KUBECONFIG)")
	}
}

// run is a command of localcluster, such as: node stop local-node-1.
func (m *localcluster) run(ctx context.Context, args ...string) string {
	GinkgoHelper()
	cmd := exec.CommandContext(ctx, "localcluster", args...)
	var errors strings.Builder
	cmd.Stderr = &errors
	out, err := cmd.Output()
	Expect(err).NotTo(HaveOccurred(), "localcluster %s: %s", strings.Join(args, " "), errors.String())
	return string(out)
}

// pid is the process of a component, as it is now.
func (m *localcluster) pid(ctx context.Context, component string) int {
	GinkgoHelper()
	now := localcluster{}
	Expect(json.Unmarshal([]byte(m.run(ctx, "status", "-o", "json")), &now)).To(Succeed())
	for _, c := range now.Components {
		if c.Name == component {
			return c.PID
		}
	}
	Fail("the cluster has no " + component)
	return 0
}

// processes are those of a pod, but for the one that only holds its network.
func (m *localcluster) processes(pod types.UID) []int {
	GinkgoHelper()
	groups, err := filepath.Glob("/proc/[0-9]*/cgroup")
	Expect(err).NotTo(HaveOccurred())
	var out []int
	for _, file := range groups {
		group, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(group), "pod"+string(pod)) {
			continue // most are of others, some have ended
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		Expect(err).NotTo(HaveOccurred())
		if argv, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "cmdline")); err == nil && !strings.HasPrefix(string(argv), "/pause") {
			out = append(out, pid)
		}
	}
	return out
}
