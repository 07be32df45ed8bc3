// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"encoding/json"
	"fmt"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// The apiserver of this suite has the admission plugin OwnerReferencesPermissionEnforcement. The rights that only the plugin asks for, to finalizers of
// owners and to delete what gets another owner, are those of no request. They count as used where a request said something of an object's owners for
// which the plugin asks for them ([testkit.Record.Used]). One that is missing is a refusal like any other.

// unused are verbs of the operator's role that this suite needn't see used, each with the reason.
var unused = map[string]string{
	"list": "caches are filled by a watch that streams the list, and by list from an apiserver that can't",
}

// denied are requests that specs have the operator make to see what it says when it may not.
var denied = map[string]string{
	"get secrets " + testkit.OperatorNamespace + "/another": "a Cluster that names another Secret than the one that the operator may read",
}

// rightsAsked is what the operator of one process of the suite used of its role, and what the role denied it.
type rightsAsked struct {
	Used   []testkit.Right
	Denied []string
}

const askedEntry = "what the operator asked for"

var _ = AfterSuite(func() {
	var a rightsAsked
	for _, q := range record.Requests() {
		if what := fmt.Sprintf("%s %s/%s", q.Right(), q.Namespace, q.Name); q.Denied != "" && denied[what] == "" {
			a.Denied = append(a.Denied, what+": "+q.Denied)
		}
	}
	used := record.Used()
	for _, right := range rights() {
		if used[right] {
			a.Used = append(a.Used, right)
		}
	}
	text, err := json.Marshal(a)
	Expect(err).NotTo(HaveOccurred())
	AddReportEntry(askedEntry, string(text), ReportEntryVisibilityNever)
})

// At the end of the suite, what the operators of all processes asked for is compared with what the role allows. It can't be a spec, since
// specs come in any order; and what was never used is told only after all of them ran and passed.
var _ = ReportAfterSuite("The operator's role", func(report Report) {
	used := map[testkit.Right]bool{}
	var refusals []string
	for _, spec := range report.SpecReports {
		for _, entry := range spec.ReportEntries {
			if entry.Name != askedEntry {
				continue
			}
			var a rightsAsked
			Expect(json.Unmarshal([]byte(entry.StringRepresentation()), &a)).To(Succeed())
			refusals = append(refusals, a.Denied...)
			for _, right := range a.Used {
				used[right] = true
			}
		}
	}
	By("holding all that the operator asked for")
	Expect(refusals).To(BeEmpty(), "config/rbac doesn't allow what the operator asks for. Add it to the +kubebuilder:rbac markers of its controller")
	if !report.SuiteSucceeded || report.PreRunStats.SpecsThatWillRun < report.PreRunStats.TotalSpecs {
		return
	}
	By("holding nothing else")
	idle := slices.DeleteFunc(rights(), func(right testkit.Right) bool { return used[right] || unused[right.Verb] != "" })
	Expect(idle).To(BeEmpty(), "config/rbac allows what the operator never asks for. Take it out of the +kubebuilder:rbac markers, "+
		"or say in rbac_test.go why it is needed")
})

// rights are all combinations that the role's rules allow.
func rights() []testkit.Right {
	var out []testkit.Right
	for _, rule := range env.Role.Rules {
		for _, group := range rule.APIGroups {
			for _, resource := range rule.Resources {
				for _, verb := range rule.Verbs {
					out = append(out, testkit.Right{Group: group, Resource: resource, Verb: verb})
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b testkit.Right) int { return slices.Compare([]string{a.String()}, []string{b.String()}) })
	return out
}

var _ = Describe("The operator's role", func() {
	It("has no wildcard, no secret, and nothing that hands out rights", func() {
		for _, right := range rights() {
			Expect([]string{right.Group, right.Resource, right.Verb}).NotTo(ContainElement("*"))
			Expect(right.Resource).NotTo(BeElementOf("secrets", "configmaps", "serviceaccounts/token", "pods/exec"))
			Expect(right.Group).NotTo(Equal("rbac.authorization.k8s.io"))
			Expect(right.Verb).NotTo(BeElementOf("deletecollection", "impersonate", "escalate", "bind"))
		}
	})
})
