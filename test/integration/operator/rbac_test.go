// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"net/http"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/ecs-operator/ecs-operator/internal/testkit"
)

// unused are verbs of the operator's role that this suite needn't see used, each with the reason.
var unused = map[string]string{
	"list": "caches are filled by a watch that streams the list, and by list from an apiserver that can't",
}

// At the end of the suite, what the operator asked for is compared with what its role allows. It can't be a spec, since specs come in
// any order; and it says nothing when only some of them ran, or one failed.
var _ = ReportAfterSuite("The operator's role", func(report Report) {
	if !report.SuiteSucceeded || report.PreRunStats.SpecsThatWillRun < report.PreRunStats.TotalSpecs {
		return
	}
	By("holding all that the operator asked for")
	for _, q := range record.Requests() {
		Expect(q.Status).NotTo(Equal(http.StatusForbidden), "%s was forbidden: %s/%s", q.Right(), q.Namespace, q.Name)
	}
	By("holding nothing else")
	used := record.Used()
	idle := slices.DeleteFunc(rights(), func(right testkit.Right) bool {
		return used[right] || unused[right.Verb] != ""
	})
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
