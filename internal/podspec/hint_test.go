// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"testing"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestWhatIsMissingIsExplained(t *testing.T) {
	needs := Needs{
		Secrets: []Secret{
			{Name: "login", RemoteKey: "login", Registries: []string{dockerHub}},
			{Name: "db", RemoteKey: "prod/db", Keys: []SecretKey{{Key: "user", Property: "user"}, {Key: "value"}}},
			{Name: "api-1", RemoteKey: "/api", StoreRef: &ecsv1.SecretStoreReference{Name: "aws"}, Keys: []SecretKey{{Key: "value"}}},
		},
		EnvironmentFiles: []EnvironmentFile{{Name: "b-web.env", Object: "b/web.env"}, {Name: "b-web.secret.env", Object: "b/web.secret.env", Secret: true}},
	}
	for name, tc := range map[string]struct{ why, want string }{
		"a Secret": {`ResourceInitializationError: secret "db" not found`,
			`ResourceInitializationError: secret "db" not found; it stands for prod/db; make it: kubectl create secret generic db --namespace shop --from-literal=user=… --from-literal=value=…`},
		"a key": {"ResourceInitializationError: couldn't find key user in Secret shop/db",
			"ResourceInitializationError: couldn't find key user in Secret shop/db; it stands for prod/db; make it: kubectl create secret generic db --namespace shop --from-literal=user=… --from-literal=value=…"},
		"a Secret that a store fills": {`secret "api-1" not found`,
			`secret "api-1" not found; the ExternalSecret of that name fetches it from /api: kubectl describe externalsecret api-1 --namespace shop`},
		"an environment file": {`configmap "b-web.env" not found`,
			`configmap "b-web.env" not found; it stands for s3://b/web.env; make it: kubectl create configmap b-web.env --namespace shop --from-env-file=FILE`},
		"an environment file that is a Secret": {`secret "b-web.secret.env" not found`,
			`secret "b-web.secret.env" not found; it stands for s3://b/web.secret.env; make it: kubectl create secret generic b-web.secret.env --namespace shop --from-env-file=FILE`},
		"somebody else's": {`secret "other" not found`, `secret "other" not found`},
		"something else":  {"no such image", "no such image"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := needs.Explain(tc.why, "shop"); got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}
