// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"strings"
	"testing"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/address"
)

func TestTaggedFindsOnlyTheRulesOfOneCluster(t *testing.T) {
	saved := `*nat
:OUTPUT ACCEPT [0:0]
-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 30000:32767 -m comment --comment "ecs-localcluster:1" -j DNAT --to-destination 10.211.0.2
-A OUTPUT -d 127.0.0.1/32 -p tcp -m tcp --dport 29000:29999 -m comment --comment ecs-localcluster:10 -j DNAT --to-destination 10.220.0.2
-A OUTPUT -m comment --comment "somebody's" -j RETURN
COMMIT
`
	got := tagged("nat", saved, comment(1))
	if len(got) != 1 {
		t.Fatalf("found %d rules, want 1: %v", len(got), got)
	}
	if got[0].chain != "OUTPUT" || !strings.Contains(strings.Join(got[0].match, " "), "10.211.0.2") {
		t.Errorf("found the wrong rule: %v", got[0])
	}
}

func TestEachRuleCarriesTheComment(t *testing.T) {
	for _, r := range rules(address.Plan{Index: 3, Octet: 213}) {
		if !strings.HasSuffix(strings.Join(r.match, " "), "--comment "+comment(3)) {
			t.Errorf("rule %v can't be found again", r)
		}
	}
}
