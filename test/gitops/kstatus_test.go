// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"path/filepath"
	"strings"
	"testing"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/fluxcd/cli-utils/pkg/kstatus/status"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/yaml"
)

// meant is what kstatus is to say where Argo CD says so.
var meant = map[string]status.Status{
	"Healthy": status.CurrentStatus, "Progressing": status.InProgressStatus, "Suspended": status.InProgressStatus, "Degraded": status.FailedStatus,
}

// others are where the two differ, and why.
var others = map[string]struct {
	want status.Status
	why  string
}{
	"Task/running.yaml":                                 {status.CurrentStatus, "a task that was to run runs; Argo CD waits for the end of it, as it does with a Job"},
	"Task/stopped.yaml":                                 {status.CurrentStatus, "somebody wanted it to stop; for Argo CD it hasn't done its work"},
	"Service/failed-and-steady.yaml":                    {status.CurrentStatus, "the operator never says so; the script is on the safe side"},
	"ServiceDeployment/rolled-back-and-superseded.yaml": {status.CurrentStatus, "history, that nobody waits for"},
}

func TestKstatusAgrees(t *testing.T) {
	for _, kind := range kinds(t) {
		folder := filepath.Join(customizations, kind)
		var tests healthTests
		load(t, filepath.Join(folder, "health_test.yaml"), &tests)
		for _, tc := range tests.Tests {
			name := kind + "/" + filepath.Base(tc.InputPath)
			t.Run(name, func(t *testing.T) {
				want := meant[tc.HealthStatus.Status]
				if other, ok := others[name]; ok {
					want = other.want
				}
				if strings.HasSuffix(name, "/new.yaml") {
					want = status.CurrentStatus // kstatus can't know that a status is to come
				}
				live := &unstructured.Unstructured{}
				if err := yaml.Unmarshal(read(t, filepath.Join(folder, tc.InputPath)), live); err != nil {
					t.Fatal(err)
				}
				got, err := status.Compute(live)
				if err != nil {
					t.Fatal(err)
				}
				if got.Status != want {
					t.Errorf("kstatus says %s (%s), want %s; Argo CD is told %s", got.Status, got.Message, want, tc.HealthStatus.Status)
				}
			})
		}
	}
}

// The manifests of the tests are what the operator could have written: their fields are those of the types.
func TestTheManifestsAreOfOurKinds(t *testing.T) {
	scheme := runtime.NewScheme()
	if err := ecsv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	for _, kind := range kinds(t) {
		files, err := filepath.Glob(filepath.Join(customizations, kind, "testdata", "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		more, err := filepath.Glob(filepath.Join(customizations, kind, "actions", "testdata", "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range append(files, more...) {
			typed, err := scheme.New(ecsv1.GroupVersion.WithKind(kind))
			if err != nil {
				t.Fatal(err)
			}
			if err := yaml.UnmarshalStrict(read(t, file), typed); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
