// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const operatorUser = "system:serviceaccount:" + operatorNamespace + ":" + operatorName

// moment is a place in the audit log. Its zero value is "no audit log here".
type moment struct{ offset int64 }

// now is the end of the audit log.
func now() moment {
	GinkgoHelper()
	if machine == nil {
		return moment{}
	}
	info, err := os.Stat(machine.AuditLog)
	Expect(err).NotTo(HaveOccurred())
	return moment{offset: info.Size()}
}

// request is what the audit log says of one request.
type request struct {
	Verb       string
	Stage      string
	RequestURI string
	User       struct{ Username string }
	ObjectRef  struct{ Resource, Subresource, APIGroup, Namespace, Name string }
	// ResponseStatus is the answer's.
	ResponseStatus           struct{ Code int }
	Annotations              map[string]string
	RequestReceivedTimestamp time.Time
}

// kind is such as "patch services.ecs.pods.dev/status".
func (r request) kind() string {
	resource := r.ObjectRef.Resource
	if g := r.ObjectRef.APIGroup; g != "" {
		resource += "." + g
	}
	if s := r.ObjectRef.Subresource; s != "" {
		resource += "/" + s
	}
	return r.Verb + " " + resource
}

func (r request) String() string {
	return fmt.Sprintf("%s %s %s/%s: %d", r.RequestReceivedTimestamp.Format("15:04:05.000"), r.kind(), r.ObjectRef.Namespace, r.ObjectRef.Name, r.ResponseStatus.Code)
}

var writing = []string{"create", "update", "patch", "delete", "deletecollection"}

// operatorRequests are the operator's requests since m that the filter keeps.
func (m moment) operatorRequests(keep func(request) bool) []request {
	GinkgoHelper()
	if machine == nil {
		return nil
	}
	file, err := os.Open(machine.AuditLog)
	Expect(err).NotTo(HaveOccurred())
	defer file.Close()
	info, err := file.Stat()
	Expect(err).NotTo(HaveOccurred())
	Expect(info.Size()).To(BeNumerically(">=", m.offset), "the audit log was rotated while something was counted in it")
	_, err = file.Seek(m.offset, io.SeekStart)
	Expect(err).NotTo(HaveOccurred())
	var out []request
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		if !strings.Contains(lines.Text(), operatorUser) {
			continue
		}
		var r request
		if json.Unmarshal(lines.Bytes(), &r) != nil {
			continue // the last line is still being written
		}
		if r.User.Username == operatorUser && r.Stage == "ResponseComplete" && keep(r) {
			out = append(out, r)
		}
	}
	Expect(lines.Err()).NotTo(HaveOccurred())
	return out
}

// refused are requests that its role didn't allow. Not every 403 is one: in a namespace that is being deleted nothing can be made.
func (m moment) refused() []request {
	GinkgoHelper()
	return m.operatorRequests(func(r request) bool { return r.Annotations["authorization.k8s.io/decision"] == "forbid" })
}

// writes are the operator's writes. Renewals of the leader's lease are told apart, and dry runs write nothing.
func (m moment) writes() (objects, leases []request) {
	GinkgoHelper()
	all := m.operatorRequests(func(r request) bool {
		return slices.Contains(writing, r.Verb) && !strings.Contains(r.RequestURI, "dryRun=All")
	})
	for _, r := range all {
		if r.ObjectRef.Resource == "leases" {
			leases = append(leases, r)
			continue
		}
		objects = append(objects, r)
	}
	return objects, leases
}

// tally counts requests by kind.
type tally map[string]int

func count(requests []request) tally {
	out := tally{}
	for _, r := range requests {
		out[r.kind()]++
	}
	return out
}

func (t tally) total() int {
	sum := 0
	for _, n := range t {
		sum += n
	}
	return sum
}

// table is markdown, one line for each kind and a column for each tally.
func table(columns []string, tallies ...tally) string {
	all := map[string]bool{}
	for _, t := range tallies {
		for kind := range t {
			all[kind] = true
		}
	}
	var b strings.Builder
	row := func(first string, cell func(tally) int) {
		fmt.Fprintf(&b, "| %s |", first)
		for _, t := range tallies {
			fmt.Fprintf(&b, " %d |", cell(t))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "| Write | %s |\n|---|%s\n", strings.Join(columns, " | "), strings.Repeat("---|", len(columns)))
	for _, kind := range slices.Sorted(maps.Keys(all)) {
		row("`"+kind+"`", func(t tally) int { return t[kind] })
	}
	row("**all**", tally.total)
	return b.String()
}
