// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package names

import (
	"regexp"
	"strings"
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"
)

var dnsLabel = regexp.MustCompile(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`)

func TestAPlainNameIsKept(t *testing.T) {
	for name, tc := range map[string]struct{ got, want string }{
		"service revision":         {ServiceRevision("web", 3), "web-3"},
		"task definition revision": {TaskDefinitionRevision("web", 12), "web-12"},
		"family counter":           {FamilyCounter("web"), "ecs-family-web"},
		"target group":             {TargetGroup("web-tg"), "web-tg"},
		"label":                    {LabelValue("Web_1"), "Web_1"},
		"task":                     {TaskID("0f3a0b1c-1111-2222-3333-444455556666"), "0f3a0b1c111122223333444455556666"},
	} {
		t.Run(name, func(t *testing.T) {
			if tc.got != tc.want {
				t.Errorf("got %q, want %q", tc.got, tc.want)
			}
		})
	}
}

func TestDifferentFamiliesNeverShareAName(t *testing.T) {
	seen := map[string]string{}
	for _, family := range []string{"web", "Web", "WEB", "web_1", "web-1", "web--1", "-web", "web-", "_", "-", strings.Repeat("a", 255), strings.Repeat("a", 254) + "b"} {
		name := TaskDefinitionRevision(family, 1)
		if other, taken := seen[name]; taken {
			t.Errorf("%q and %q are both named %q", family, other, name)
		}
		seen[name] = family
	}
}

func TestNamesAreLegal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[A-Za-z0-9_-]{1,255}`).Draw(t, "name")
		n := rapid.Int64Range(1, 1_000_000).Draw(t, "n")
		for _, got := range []string{ServiceRevision(text, n), TaskDefinitionRevision(text, n), FamilyCounter(text), TargetGroup(text)} {
			if !dnsLabel.MatchString(got) || len(got) > maxLabel {
				t.Errorf("%q became %q, which is no DNS label", text, got)
			}
		}
		if first := TargetGroup(text)[0]; first >= '0' && first <= '9' {
			t.Errorf("%q became %q, but a core Service's name starts with a letter", text, TargetGroup(text))
		}
		if got := LabelValue(text); len(got) > maxLabel || !isLabelValue(got) {
			t.Errorf("%q became the label value %q", text, got)
		}
	})
}

func TestIdentifiersHaveTheLengthOfECS(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		uid := rapid.String().Draw(t, "uid")
		n := rapid.Int64().Draw(t, "n")
		if got := DeploymentID(uid, n); !regexp.MustCompile(`^ecs-svc/[0-9]{19}$`).MatchString(got) {
			t.Errorf("deployment id %q", got)
		}
		if got := ServiceDeploymentID(uid, n); len(got) != 21 {
			t.Errorf("service deployment id %q", got)
		}
		if got := TaskID(uid); len(got) != 32 {
			t.Errorf("task id %q", got)
		}
	})
}

func TestADaemonLabelIsALabelOfItsOwn(t *testing.T) {
	seen := map[string]bool{}
	for _, of := range [][2]string{{"a", "b"}, {"a", "c"}, {"b", "b"}, {strings.Repeat("n", 63), strings.Repeat("s", 253)}} {
		key := DaemonLabel(of[0], of[1])
		if problems := validation.IsQualifiedName(key); len(problems) > 0 || seen[key] {
			t.Errorf("%s/%s has the label %s: %v, seen before %v", of[0], of[1], key, problems, seen[key])
		}
		seen[key] = true
	}
}
