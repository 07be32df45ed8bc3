// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
)

// controlGroup is a pod's, by its directories for memory and for cpu. In version 2 of control groups the two are one.
type controlGroup struct{ memoryDir, cpuDir string }

// groupOf finds the control group of a pod on this machine: the one above those of its containers.
func (m *localcluster) groupOf(pod *corev1.Pod) controlGroup {
	GinkgoHelper()
	all := m.processes(pod.UID)
	Expect(all).NotTo(BeEmpty(), "processes of %s", pod.Name)
	text, err := os.ReadFile("/proc/" + strconv.Itoa(all[0]) + "/cgroup")
	Expect(err).NotTo(HaveOccurred())
	of := func(controller string) string {
		for line := range strings.Lines(string(text)) {
			fields := strings.SplitN(strings.TrimSpace(line), ":", 3) // 4:cpu,cpuacct:/path in version 1, 0::/path in version 2
			at := filepath.Join("/sys/fs/cgroup", fields[1], filepath.Dir(fields[2]))
			_, err := os.Stat(at)
			if err == nil && (fields[1] == "" || slices.Contains(strings.Split(fields[1], ","), controller)) {
				return at
			}
		}
		Fail("no control group for " + controller + " in " + string(text))
		return ""
	}
	return controlGroup{of("memory"), of("cpu")}
}

// memory is the limit in bytes.
func (c controlGroup) memory() float64 {
	GinkgoHelper()
	return numbersIn(c.memoryDir, "memory.limit_in_bytes", "memory.max")[0]
}

// cpus is how many processors the pod may use.
func (c controlGroup) cpus() float64 {
	GinkgoHelper()
	if _, err := os.Stat(filepath.Join(c.cpuDir, "cpu.max")); err == nil {
		both := numbersIn(c.cpuDir, "cpu.max")
		return both[0] / both[1]
	}
	return numbersIn(c.cpuDir, "cpu.cfs_quota_us")[0] / numbersIn(c.cpuDir, "cpu.cfs_period_us")[0]
}

// numbersIn reads the first of the files that is there.
func numbersIn(dir string, files ...string) []float64 {
	GinkgoHelper()
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			continue
		}
		var out []float64
		for field := range strings.FieldsSeq(string(text)) {
			n, err := strconv.ParseFloat(field, 64)
			Expect(err).NotTo(HaveOccurred(), "%s/%s", dir, file)
			out = append(out, n)
		}
		return out
	}
	Fail("none of " + strings.Join(files, ", ") + " in " + dir)
	return nil
}
