// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package needs

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"text/template"
	"time"

	"github.com/google/go-cmp/cmp"
	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/internal/arn"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

func TestWhatIsRecordedIsReadBack(t *testing.T) {
	needs := podspec.Needs{
		ServiceAccount: &podspec.ServiceAccount{Name: "ecs-task-web", RoleArn: "web"},
		Secrets:        []podspec.Secret{{Name: "db", Keys: []podspec.SecretKey{{Key: "a", Property: "a"}}}},
	}
	d := &appsv1.Deployment{}
	Record(d, needs)
	if diff := cmp.Diff(needs, Recorded(d)); diff != "" {
		t.Error(diff)
	}
	bare := &appsv1.Deployment{}
	Record(bare, podspec.Needs{ImageConfigs: []string{"app"}})
	if len(bare.Annotations) > 0 {
		t.Errorf("nothing is needed, and %v is written", bare.Annotations)
	}
	bare.Annotations = map[string]string{annotation: "{"}
	if diff := cmp.Diff(podspec.Needs{}, Recorded(bare)); diff != "" {
		t.Error(diff)
	}
}

func TestFetched(t *testing.T) {
	since := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	status := func(ready, message, refreshed string) *unstructured.Unstructured {
		return &unstructured.Unstructured{Object: map[string]any{"status": map[string]any{
			"refreshTime": refreshed,
			"conditions":  []any{map[string]any{"type": "Other"}, map[string]any{"type": "Ready", "status": ready, "message": message}},
		}}}
	}
	for name, tc := range map[string]struct {
		live *unstructured.Unstructured
		want string
	}{
		"not made yet":               {nil, "it was just made"},
		"nothing was reported":       {&unstructured.Unstructured{Object: map[string]any{}}, "it has not been fetched yet"},
		"a failure":                  {status("False", "could not get secret: AccessDeniedException", ""), "could not get secret: AccessDeniedException"},
		"fetched before":             {status("True", "secret synced", "2026-01-02T03:04:04Z"), "it has a value from before and is fetching a new one"},
		"fetched since":              {status("True", "secret synced", "2026-01-02T03:04:05Z"), ""},
		"fetched, nobody knows when": {status("True", "secret synced", ""), "it has a value from before and is fetching a new one"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fetched(tc.live, since); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
		})
	}
}

func TestExternalSecretAsksForTheVersion(t *testing.T) {
	for name, tc := range map[string]struct {
		secret podspec.Secret
		want   map[string]any
	}{
		"the current one": {podspec.Secret{Store: arn.SecretsManager, RemoteKey: "k"}, map[string]any{"key": "k", "property": "p"}},
		"a stage":         {podspec.Secret{Store: arn.SecretsManager, RemoteKey: "k", VersionStage: "S"}, map[string]any{"key": "k", "property": "p", "version": "S"}},
		"an ID, which says more than a stage": {podspec.Secret{Store: arn.SecretsManager, RemoteKey: "k", VersionStage: "S", VersionID: "1-2"},
			map[string]any{"key": "k", "property": "p", "version": "uuid/1-2"}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.secret.StoreRef = &ecsv1.SecretStoreReference{Name: "aws"}
			tc.secret.Keys = []podspec.SecretKey{{Key: "p", Property: "p"}}
			data, _, err := unstructured.NestedSlice(externalSecret(Tasks{}, tc.secret).Object, "spec", "data")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]any{map[string]any{"secretKey": "p", "remoteRef": tc.want}}, data); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestDockerConfig renders the template as External Secrets does, with the functions of Sprig that it uses.
func TestDockerConfig(t *testing.T) {
	functions := template.FuncMap{
		"toJson": func(v any) (string, error) { text, err := json.Marshal(v); return string(text), err },
		"b64enc": func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) },
	}
	parsed, err := template.New("").Funcs(functions).Parse(dockerConfig([]string{"https://index.docker.io/v1/", "registry.example.com:5000"}))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, map[string]string{"username": "me", "password": `a"b\c`}); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Auths map[string]struct{ Username, Password, Auth string }
	}
	if err := json.NewDecoder(strings.NewReader(out.String())).Decode(&got); err != nil {
		t.Fatalf("%s: %v", out.String(), err)
	}
	login := got.Auths["registry.example.com:5000"]
	if len(got.Auths) != 2 || login.Password != `a"b\c` || login.Auth != base64.StdEncoding.EncodeToString([]byte(`me:a"b\c`)) {
		t.Errorf("got %s", out.String())
	}
}
