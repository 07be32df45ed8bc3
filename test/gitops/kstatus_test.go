// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package gitops

import (
	"path/filepath"
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
				live := &unstructured.Unstructured{}
				if err := yaml.Unmarshal(read(t, filepath.Join(folder, tc.InputPath)), live); err != nil {
					t.Fatal(err)
				}
				if live.Object["status"] == nil {
					live.Object["status"] = defaultStatus(t, kind)
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

// Without that default an object that the operator hasn't looked at would count as done.
func TestAStatusThatNobodyHasWrittenIsInProgress(t *testing.T) {
	for _, kind := range kinds(t) {
		live := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(read(t, filepath.Join(customizations, kind, "testdata", "new.yaml")), live); err != nil {
			t.Fatal(err)
		}
		for want, written := range map[status.Status]any{status.CurrentStatus: nil, status.InProgressStatus: defaultStatus(t, kind)} {
			delete(live.Object, "status")
			if written != nil {
				live.Object["status"] = written
			}
			got, err := status.Compute(live)
			if err != nil {
				t.Fatal(err)
			}
			if got.Status != want {
				t.Errorf("%s with status %v: kstatus says %s (%s), want %s", kind, written, got.Status, got.Message, want)
			}
		}
	}
}

// defaultStatus is what an apiserver shows where a status was never written: test/integration/schema has a real one do so.
func defaultStatus(t *testing.T, kind string) map[string]any {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "config", "crd", "bases", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		crd := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(read(t, file), crd); err != nil {
			t.Fatal(err)
		}
		if got, _, _ := unstructured.NestedString(crd.Object, "spec", "names", "kind"); got != kind {
			continue
		}
		versions, _, err := unstructured.NestedSlice(crd.Object, "spec", "versions")
		if err != nil || len(versions) != 1 {
			t.Fatal(file, len(versions), err)
		}
		version, _ := versions[0].(map[string]any)
		out, _, err := unstructured.NestedMap(version, "schema", "openAPIV3Schema", "properties", "status", "default")
		if err != nil {
			t.Fatal(file, err)
		}
		return out
	}
	t.Fatal("there is no CRD of kind " + kind)
	return nil
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
