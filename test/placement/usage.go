// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// processes of the cluster and the operator, by name. Empty where the cluster isn't the local one.
func processes() map[string]int {
	GinkgoHelper()
	out := map[string]int{"this suite": os.Getpid()}
	if operator.runs() {
		out["manager"] = operator.cmd.Process.Pid
	}
	state := os.Getenv("LOCALCLUSTER_STATE")
	if state == "" {
		return out
	}
	all, err := filepath.Glob("/proc/[0-9]*/environ")
	Expect(err).NotTo(HaveOccurred())
	for _, file := range all {
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		Expect(err).NotTo(HaveOccurred())
		exe, err := os.Readlink(filepath.Join(filepath.Dir(file), "exe"))
		if err != nil {
			continue
		}
		argv, err := os.ReadFile(filepath.Join(filepath.Dir(file), "cmdline"))
		name := filepath.Base(exe)
		if err == nil && strings.Contains(string(argv), state) && slices.Contains(components, name) {
			out[name] = pid
		}
	}
	return out
}

var components = []string{"etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"}

// cpuTimes are what each process has used.
func cpuTimes() map[string]time.Duration {
	GinkgoHelper()
	out := map[string]time.Duration{}
	for name, pid := range processes() {
		out[name] = ticks(pid)
	}
	return out
}

// ticks are the CPU time that a process has used, 0 for one that is gone.
func ticks(pid int) time.Duration {
	GinkgoHelper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
	user, err := strconv.Atoi(fields[11])
	Expect(err).NotTo(HaveOccurred())
	system, err := strconv.Atoi(fields[12])
	Expect(err).NotTo(HaveOccurred())
	return time.Duration(user+system) * 10 * time.Millisecond // a tick is 10 ms on Linux
}

// since is what each used since an earlier look.
func since(before map[string]time.Duration) map[string]time.Duration {
	out := map[string]time.Duration{}
	for name, now := range cpuTimes() {
		out[name] = now - before[name]
	}
	return out
}

// inWords is such as "kube-apiserver 41.2 s, manager 3.0 s", the most first.
func inWords(used map[string]time.Duration) string {
	names := slices.Collect(maps.Keys(used))
	slices.SortFunc(names, func(a, b string) int { return int(used[b] - used[a]) })
	var out []string
	for _, name := range names {
		out = append(out, fmt.Sprintf("%s %.1f s", name, used[name].Seconds()))
	}
	return strings.Join(out, ", ")
}

// profile asks the manager for a profile, such as profile?seconds=30 or heap, and keeps it in the folder PROFILES, if there is one.
func (m *manager) profile(ctx context.Context, what, name string) {
	folder := os.Getenv("PROFILES")
	if folder == "" {
		return
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.Profile+"/debug/pprof/"+what, nil)
	if err != nil {
		return
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return
	}
	keep(folder, name, text)
}

// profileServer does the same with the apiserver, whose share is the largest.
func profileServer(ctx context.Context, seconds int, name string) {
	folder := os.Getenv("PROFILES")
	if folder == "" {
		return
	}
	text, err := plain.CoreV1().RESTClient().Get().AbsPath("/debug/pprof/profile").Param("seconds", strconv.Itoa(seconds)).DoRaw(ctx)
	if err != nil {
		return
	}
	keep(folder, name, text)
}

func keep(folder, name string, profile []byte) {
	_ = os.WriteFile(filepath.Join(folder, name), profile, 0o600) // a profile that is missing is seen by who wants it
}

// auditLog is that of the local cluster.
func auditLog() string {
	if state := os.Getenv("LOCALCLUSTER_STATE"); state != "" {
		return filepath.Join(state, "logs", "audit.jsonl")
	}
	return ""
}

func sizeOf(file string) int64 {
	info, err := os.Stat(file)
	if err != nil {
		return 0
	}
	return info.Size()
}

// writesSince counts the operator's writes in the audit log from an offset, by kind; the most first.
func writesSince(offset int64) (string, int) { return writesOf(operatorAccount, offset) }

// writesOf counts those of an account, or of a user.
func writesOf(account string, offset int64) (string, int) {
	GinkgoHelper()
	return requestsOf(offset, func(r audited) string {
		if !strings.HasSuffix(":"+r.User.Username, ":"+account) || !slices.Contains([]string{"create", "update", "patch", "delete"}, r.Verb) {
			return ""
		}
		return r.kind()
	})
}

// everyRequest counts those of all, by who made them.
func everyRequest(offset int64) (string, int) {
	GinkgoHelper()
	return requestsOf(offset, func(r audited) string {
		return r.User.Username[strings.LastIndexByte(r.User.Username, ':')+1:] + " " + r.kind()
	})
}

// audited is what is read of a line of the audit log.
type audited struct {
	Verb, Stage string
	User        struct{ Username string }
	ObjectRef   struct{ Resource, Subresource string }
}

func (r audited) kind() string {
	return r.Verb + " " + strings.TrimSuffix(r.ObjectRef.Resource+"/"+r.ObjectRef.Subresource, "/")
}

// requestsOf counts what the audit log has from an offset on, under the names that are given to it; "" leaves out.
func requestsOf(offset int64, name func(audited) string) (string, int) {
	GinkgoHelper()
	counts, all := map[string]int{}, 0
	file, err := os.Open(auditLog())
	if err != nil {
		return "no audit log here", 0
	}
	defer file.Close()
	if sizeOf(auditLog()) < offset {
		return "the audit log was rotated", 0
	}
	_, err = file.Seek(offset, io.SeekStart)
	Expect(err).NotTo(HaveOccurred())
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var r audited
		if json.Unmarshal(lines.Bytes(), &r) != nil || r.Stage != "ResponseComplete" {
			continue
		}
		if key := name(r); key != "" {
			counts[key]++
			all++
		}
	}
	kinds := slices.Collect(maps.Keys(counts))
	slices.SortFunc(kinds, func(a, b string) int { return counts[b] - counts[a] })
	var out []string
	for _, k := range kinds {
		out = append(out, fmt.Sprintf("%s %d", k, counts[k]))
	}
	return strings.Join(out, ", "), all
}
