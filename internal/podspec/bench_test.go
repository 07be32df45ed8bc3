// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package podspec

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"sigs.k8s.io/yaml"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// sizes are task definitions of the corpus: one container, three with an order between them, and ten with nearly every field.
var sizes = []struct{ name, file string }{{"one", "web.json"}, {"typical", "sidecar.yaml"}, {"maximal", "maximal.yaml"}}

func sized(b *testing.B, file string) Input {
	b.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "test", "corpus", "testdata", file))
	if err != nil {
		b.Fatal(err)
	}
	text, _, _ = bytes.Cut(text, []byte("\n---\n")) // a service may follow
	in := Input{
		LauncherImage: "launcher", Features: Features{ContainerRestartRules: true, PodLevelResources: true, PreStopSleep: true},
		Service: &Service{Selector: map[string]string{"ecs.pods.dev/service": "web"}},
	}
	if err := yaml.UnmarshalStrict(text, &in.TaskDefinition); err != nil {
		b.Fatal(err)
	}
	return in
}

// BenchmarkTranslate makes the pod of a task definition. Its peers: validating alone, which is part of it; reading the task
// definition from JSON, as each answer of the apiserver is; and copying it, as each read from a cache is.
func BenchmarkTranslate(b *testing.B) {
	for _, size := range sizes {
		in := sized(b, size.file)
		b.Run(size.name+"/translate", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Translate(in); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "definitions/s")
		})
		text, err := json.Marshal(in.TaskDefinition)
		if err != nil {
			b.Fatal(err)
		}
		b.Run(size.name+"/decode", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var td ecsv1.TaskDefinitionFields
				if err := json.Unmarshal(text, &td); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(size.name+"/copy", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				in.TaskDefinition.DeepCopy()
			}
		})
	}
}
