// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package instances

import (
	"testing"

	"github.com/ecs-operator/ecs-operator/internal/placement"
)

func TestWhatIsSaidOfATaskWithoutAPlace(t *testing.T) {
	for name, tc := range map[string]struct {
		refusal                *placement.Refusal
		provider               string
		wantEvent, wantFailure string
	}{
		"no instances": {
			&placement.Refusal{Reasons: map[string]int{}}, "",
			" Reason: No Container Instances were found in your cluster.",
			"NO ACTIVE INSTANCES: the cluster has no container instance that is ACTIVE",
		},
		"all of them are DRAINING": {
			&placement.Refusal{Instances: 2, Reasons: map[string]int{placement.ReasonInactive: 2}, Closest: "a", Reason: placement.ReasonInactive}, "",
			" Reason: No Container Instances were found in your cluster.",
			"NO ACTIVE INSTANCES: the cluster has no container instance that is ACTIVE",
		},
		"none is the capacity provider's": {
			&placement.Refusal{Instances: 2, Reasons: map[string]int{placement.ReasonInactive: 1, placement.ReasonProvider: 1}, Closest: "a", Reason: placement.ReasonProvider, Detail: "spot"}, "spot",
			" Reason: No Container Instances were found in your capacity provider.",
			"EMPTY CAPACITY PROVIDER: no container instance that is ACTIVE belongs to spot",
		},
		"too little memory": {
			&placement.Refusal{Instances: 2, Reasons: map[string]int{placement.ReasonMemory: 2}, Closest: "a", Reason: placement.ReasonMemory, Detail: "needs 64 MiB, 3 are left"}, "",
			" The closest matching (container-instance a) has insufficient memory available.",
			"RESOURCE:MEMORY: the closest matching is container instance a",
		},
		"a constraint": {
			&placement.Refusal{Instances: 1, Reasons: map[string]int{placement.ReasonMemberOf: 1}, Closest: "a", Reason: placement.ReasonMemberOf, Detail: "attribute:stack == prod"}, "",
			` The closest matching (container-instance a) encountered error "MemberOf placement constraint unsatisfied.": attribute:stack == prod.`,
			"MemberOf placement constraint unsatisfied: the closest matching is container instance a: attribute:stack == prod",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if got, want := Sentence(tc.refusal, tc.provider), "was unable to place a task because no container instance met all of its requirements."+tc.wantEvent; got != want {
				t.Errorf("event:\n got %s\nwant %s", got, want)
			}
			if got := FailureReason(Failure(tc.refusal, tc.provider)); got != tc.wantFailure {
				t.Errorf("failure:\n got %s\nwant %s", got, tc.wantFailure)
			}
		})
	}
}

func TestWhichInstanceCameClosestIsNoNews(t *testing.T) {
	said := func(closest, reason string) *placement.Refusal {
		return &placement.Refusal{Instances: 2, Reasons: map[string]int{reason: 2}, Closest: closest, Reason: reason}
	}
	for name, form := range map[string]func(*placement.Refusal, string) string{"event": Sentence, "failure": Failure} {
		if !SameRefusal(form(said("a", placement.ReasonCPU), ""), form(said("node-b.example", placement.ReasonCPU), "")) {
			t.Errorf("%s: another instance is news", name)
		}
		if SameRefusal(form(said("a", placement.ReasonCPU), ""), form(said("a", placement.ReasonMemory), "")) {
			t.Errorf("%s: another reason is no news", name)
		}
	}
}
