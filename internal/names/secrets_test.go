// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package names

import (
	"testing"

	"k8s.io/apimachinery/pkg/util/validation"
	"pgregory.net/rapid"
)

func TestSlug(t *testing.T) {
	for name, tc := range map[string]struct {
		parts []string
		want  string
	}{
		"slashes and capitals":             {[]string{"/prod/DB_Password"}, "prod-db-password"},
		"a run of others is one hyphen":    {[]string{"a//_b"}, "a-b"},
		"hyphens stay as many as they are": {[]string{"a--b"}, "a--b"},
		"a full stop stays":                {[]string{"web.env"}, "web.env"},
		"not beside a hyphen":              {[]string{"a.-b..c"}, "a-b-c"},
		"empty parts are left out":         {[]string{"db", "", "AWSPREVIOUS"}, "db-awsprevious"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Slug(tc.parts...); got != tc.want {
				t.Errorf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestSlugsAndKeysAreTakenByKubernetes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-c.\-_/]{1,300}`)).Draw(t, "text")
		for _, name := range []string{Slug(text), Hashed(Slug(text), text)} {
			if problems := validation.IsDNS1123Subdomain(name); len(problems) > 0 {
				t.Fatalf("%q becomes %q: %v", text, name, problems)
			}
		}
		if key := SecretKey(text); text != "" && len(validation.IsConfigMapKey(key)) > 0 {
			t.Fatalf("%q becomes the key %q: %v", text, key, validation.IsConfigMapKey(key))
		}
	})
}
