// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write config/argocd/argocd-cm.yaml anew")

const configMap = "../../config/argocd/argocd-cm.yaml"

const head = `# What Argo CD has to know of ecs.pods.dev, to be merged into its ConfigMap:
#   kubectl -n argocd patch configmap argocd-cm --patch-file config/argocd/argocd-cm.yaml
# Made of resource_customizations/ by go test ./... -update in test/gitops; change the scripts there.
`

// actions are those of a kind as argocd-cm has them.
type actions struct {
	Discovery   string       `json:"discovery.lua"`
	Definitions []definition `json:"definitions"`
}

type definition struct {
	Name   string `json:"name"`
	Action string `json:"action.lua"`
}

// snippet is the ConfigMap with all scripts.
func snippet(t *testing.T) string {
	t.Helper()
	data := map[string]string{}
	for _, kind := range kinds(t) {
		data["resource.customizations.health.ecs.pods.dev_"+kind] = script(t, kind, "health.lua")
		scripts, err := filepath.Glob(filepath.Join(customizations, kind, "actions", "*", "action.lua"))
		if err != nil {
			t.Fatal(err)
		}
		if len(scripts) == 0 {
			continue
		}
		all := actions{Discovery: script(t, kind, "actions", "discovery.lua")}
		for _, file := range scripts { // sorted by Glob
			all.Definitions = append(all.Definitions, definition{filepath.Base(filepath.Dir(file)), string(read(t, file))})
		}
		text, err := yaml.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		data["resource.customizations.actions.ecs.pods.dev_"+kind] = string(text)
	}
	text, err := yaml.Marshal(map[string]any{"data": data})
	if err != nil {
		t.Fatal(err)
	}
	return head + string(text)
}

func TestTheConfigMapHasTheSameScripts(t *testing.T) {
	want := snippet(t)
	if *update {
		if err := os.WriteFile(configMap, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if d := diff.Diff(want, string(read(t, configMap))); d != "" {
		t.Errorf("config/argocd/argocd-cm.yaml has other scripts; run go test ./... -update in test/gitops\n%s", d)
	}
}
