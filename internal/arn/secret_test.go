// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package arn

import (
	"strings"
	"testing"
)

func TestParseSecret(t *testing.T) {
	const asm = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:"
	for name, tc := range map[string]struct {
		ref     string
		want    SecretRef
		wantErr string
	}{
		"a whole secret":                 {ref: asm + "prod/db-AbCdEf", want: SecretRef{Store: SecretsManager, Key: asm + "prod/db-AbCdEf", Name: "prod/db"}},
		"an ARN without the random part": {ref: asm + "prod/db", want: SecretRef{Store: SecretsManager, Key: asm + "prod/db", Name: "prod/db"}},
		"a JSON key": {ref: asm + "db-AbCdEf:password::", want: SecretRef{
			Store: SecretsManager, Key: asm + "db-AbCdEf", Name: "db", JSONKey: "password",
		}},
		"a version stage": {ref: asm + "db-AbCdEf::AWSPREVIOUS:", want: SecretRef{
			Store: SecretsManager, Key: asm + "db-AbCdEf", Name: "db", VersionStage: "AWSPREVIOUS",
		}},
		"the current stage says nothing": {ref: asm + "db-AbCdEf::AWSCURRENT:", want: SecretRef{Store: SecretsManager, Key: asm + "db-AbCdEf", Name: "db"}},
		"a version ID": {ref: asm + "db-AbCdEf:password::9d4cb84b-ad69-40c0-a0ab-cead3EXAMPLE", want: SecretRef{
			Store: SecretsManager, Key: asm + "db-AbCdEf", Name: "db", JSONKey: "password", VersionID: "9d4cb84b-ad69-40c0-a0ab-cead3EXAMPLE",
		}},
		"a JSON key without the colons behind it is refused": {ref: asm + "db-AbCdEf:password", wantErr: "an invalid ARN format"},
		"six parts are refused":                              {ref: asm + "db:a:b:c:d", wantErr: "an invalid ARN format"},
		"a secret without a name is refused":                 {ref: asm, wantErr: "an invalid ARN format"},
		"a parameter by name":                                {ref: "/prod/db/password", want: SecretRef{Store: ParameterStore, Key: "/prod/db/password", Name: "prod/db/password"}},
		"a parameter by ARN": {ref: "arn:aws:ssm:eu-west-1:111122223333:parameter/prod/db/password", want: SecretRef{
			Store: ParameterStore, Key: "arn:aws:ssm:eu-west-1:111122223333:parameter/prod/db/password", Name: "prod/db/password",
		}},
		"a parameter's version":         {ref: "db:3", want: SecretRef{Store: ParameterStore, Key: "db", Name: "db", VersionStage: "3"}},
		"an ARN of S3 is refused":       {ref: "arn:aws:s3:::bucket/key", wantErr: "an ARN of s3"},
		"half an ARN is refused":        {ref: "arn:aws:ssm", wantErr: "is not an ARN"},
		"another thing of SSM":          {ref: "arn:aws:ssm:eu-west-1:111122223333:document/x", wantErr: "is not the ARN of a parameter"},
		"a parameter without a name":    {ref: "/", wantErr: "is not the name of an SSM parameter"},
		"an empty reference is refused": {ref: "", wantErr: "is not the name of an SSM parameter"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseSecret(tc.ref)
			if got != tc.want || (err != nil) != (tc.wantErr != "") || err != nil && !strings.Contains(err.Error(), tc.wantErr) {
				t.Errorf("got %+v, %v; want %+v, %s", got, err, tc.want, tc.wantErr)
			}
		})
	}
}

func TestParseCredentials(t *testing.T) {
	for name, tc := range map[string]struct {
		ref, want, wantErr string
	}{
		"a name":                    {ref: "registry/login", want: "registry/login"},
		"an ARN":                    {ref: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:login-AbCdEf", want: "login"},
		"a parameter is refused":    {ref: "arn:aws:ssm:eu-west-1:111122223333:parameter/login", wantErr: "is a parameter"},
		"a broken ARN is refused":   {ref: "arn:aws:secretsmanager:eu-west-1:111122223333:login", wantErr: "an invalid ARN format"},
		"a name with a colon isn't": {ref: "a:b", wantErr: "is not the name of a secret"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseCredentials(tc.ref)
			if got.Name != tc.want || (err != nil) != (tc.wantErr != "") || err != nil && !strings.Contains(err.Error(), tc.wantErr) {
				t.Errorf("got %+v, %v; want %s, %s", got, err, tc.want, tc.wantErr)
			}
		})
	}
}

func TestParseRole(t *testing.T) {
	scope := Scope{Partition: "aws", Account: "111122223333"}
	for name, tc := range map[string]struct {
		ref, want, wantARN string
		wantErr            bool
	}{
		"an ARN":                    {ref: "arn:aws:iam::444455556666:role/web", want: "web", wantARN: "arn:aws:iam::444455556666:role/web"},
		"an ARN with a path":        {ref: "arn:aws:iam::444455556666:role/team/web", want: "web", wantARN: "arn:aws:iam::444455556666:role/team/web"},
		"a name is of the account":  {ref: "web", want: "web", wantARN: "arn:aws:iam::111122223333:role/web"},
		"an ARN of a user":          {ref: "arn:aws:iam::444455556666:user/web", wantErr: true},
		"an ARN of another service": {ref: "arn:aws:ecs:eu-west-1:444455556666:role/web", wantErr: true},
		"a path without an ARN":     {ref: "team/web", wantErr: true},
		"nothing":                   {ref: "", wantErr: true},
		"an ARN without a name":     {ref: "arn:aws:iam::444455556666:role/", wantErr: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseRole(tc.ref)
			if got.Name != tc.want || (err != nil) != tc.wantErr || err == nil && scope.Role(got) != tc.wantARN {
				t.Errorf("got %+v, %v, %s; want %s, %s", got, err, scope.Role(got), tc.want, tc.wantARN)
			}
		})
	}
}

func TestSameRole(t *testing.T) {
	for name, tc := range map[string]struct {
		a, b RoleRef
		want bool
	}{
		"equal ARNs":                       {RoleRef{ARN: "arn:1", Name: "web"}, RoleRef{ARN: "arn:1", Name: "web"}, true},
		"ARNs of two accounts":             {RoleRef{ARN: "arn:1", Name: "web"}, RoleRef{ARN: "arn:2", Name: "web"}, false},
		"a name and an ARN with that name": {RoleRef{Name: "web"}, RoleRef{ARN: "arn:1", Name: "web"}, true},
		"two names":                        {RoleRef{Name: "web"}, RoleRef{Name: "api"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			if got := tc.a.Same(tc.b); got != tc.want || tc.b.Same(tc.a) != got {
				t.Errorf("got %t, want %t", got, tc.want)
			}
		})
	}
}

func TestParseObject(t *testing.T) {
	for name, tc := range map[string]struct {
		ref, want string
		wantErr   bool
	}{
		"an object":             {ref: "arn:aws:s3:::bucket/dir/web.env", want: "bucket/dir/web.env"},
		"a bucket":              {ref: "arn:aws:s3:::bucket", wantErr: true},
		"an address":            {ref: "s3://bucket/web.env", wantErr: true},
		"another service's ARN": {ref: "arn:aws:ssm:r:a:parameter/web.env", wantErr: true},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := ParseObject(tc.ref); got != tc.want || (err != nil) != tc.wantErr {
				t.Errorf("got %q, %v; want %q", got, err, tc.want)
			}
		})
	}
}

func FuzzParseSecret(f *testing.F) {
	for _, seed := range []string{"/a/b", "arn:aws:ssm:r:a:parameter/x", "arn:aws:secretsmanager:r:a:secret:x-AbCdEf:k:s:v", "arn:", ":", "a:1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, ref string) {
		got, err := ParseSecret(ref)
		if err == nil && (got.Name == "" || got.Key == "" || !strings.HasPrefix(ref, got.Key)) {
			t.Errorf("%q reads as %+v", ref, got)
		}
		if got, err := ParseCredentials(ref); err == nil && got.Name == "" {
			t.Errorf("%q reads as credentials %+v", ref, got)
		}
	})
}
