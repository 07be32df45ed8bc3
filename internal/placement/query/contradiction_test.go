// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"testing"

	"pgregory.net/rapid"
)

func TestContradictionNamesTwoConditionsThatNoInstanceMeets(t *testing.T) {
	for name, tc := range map[string]struct {
		all        []string
		one, other string
	}{
		"two values in one":                 {[]string{"attribute:x == a and attribute:x == b"}, "attribute:x == a", "attribute:x == b"},
		"two values in two":                 {[]string{"attribute:x == a", "attribute:x in [b, c]"}, "attribute:x == a", "attribute:x in [b, c]"},
		"a value and no value":              {[]string{"attribute:x == a", "attribute:x !exists"}, "attribute:x == a", "attribute:x !exists"},
		"no value and some value":           {[]string{"attribute:x !exists && attribute:x != a"}, "attribute:x !exists", "attribute:x != a"},
		"a value that the pattern leaves":   {[]string{"attribute:x == t3.nano", "attribute:x =~ t3.*"}, "", ""},
		"a value that no pattern has":       {[]string{"attribute:x == m5.large", "attribute:x =~ t3.*"}, "attribute:x == m5.large", "attribute:x =~ t3.*"},
		"nothing left of a list":            {[]string{"attribute:x in [a, b]", "attribute:x != a", "attribute:x != b"}, "attribute:x in [a, b]", "attribute:x != b"},
		"something left of a list":          {[]string{"attribute:x in [a, b]", "attribute:x != a"}, "", ""},
		"other attributes":                  {[]string{"attribute:x == a", "attribute:y == b"}, "", ""},
		"alternatives":                      {[]string{"attribute:x == a or attribute:x == b"}, "", ""},
		"alternatives without the only one": {[]string{"attribute:x == c", "attribute:x == a or attribute:x == b"}, "attribute:x == c", "attribute:x == a || attribute:x == b"},
		"groups are many":                   {[]string{"task:group == a and task:group == b"}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			one, other, _, found := Contradiction(parsed(t, tc.all...))
			if found != (tc.one != "") || found && (one.String() != tc.one || other.String() != tc.other) {
				t.Errorf("found %v: %v and %v", found, one, other)
			}
		})
	}
}

func parsed(t interface {
	Helper()
	Fatal(...any)
}, all ...string) []Expr {
	t.Helper()
	var out []Expr
	for _, text := range all {
		e, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, e)
	}
	return out
}

func TestNoInstanceIsAMemberOfAContradiction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := parsed(t, drawn(t, 2), drawn(t, 2))
		if _, _, _, found := Contradiction(all); !found {
			return
		}
		attributes := map[string]string{}
		for _, name := range []string{"zone", "type", "arch", "family", "stack"} {
			if v := rapid.SampledFrom([]string{"", "a", "b", "x86_64", "arm64", "LINUX", "a b"}).Draw(t, name); v != "" {
				attributes[name] = v
			}
		}
		if i := (&Instance{Attributes: attributes}); all[0].Matches(i) && all[1].Matches(i) {
			t.Fatalf("%v meets %s and %s", attributes, all[0], all[1])
		}
	})
}
