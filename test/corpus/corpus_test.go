// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ecs-operator/ecs-operator/internal/plugin/convert"
	"github.com/ecs-operator/ecs-operator/internal/plugin/convert/source"
)

var update = flag.Bool("update", false, "write testdata/table.txt anew; look at the diff")

// TestOwnCorpus runs the files of testdata as make corpus runs a folder.
func TestOwnCorpus(t *testing.T) {
	if os.Getenv("KUBEBUILDER_ASSETS") == "" {
		t.Skip("KUBEBUILDER_ASSETS is not set, so there is no apiserver to ask; run make test-integration")
	}
	log.SetLogger(logr.Discard())
	var out, progress bytes.Buffer
	ok, err := run(t.Context(), "testdata", &out, &progress)
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		t.Error("a file ended neither as accepted nor as refused")
	}
	const golden = "testdata/table.txt"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), out.String()); diff != "" {
		t.Errorf("%s is another; KUBEBUILDER_ASSETS=… go test ./test/corpus -update writes it\n%s", golden, diff)
	}
	if !strings.Contains(progress.String(), "files\n") {
		t.Errorf("it doesn't tell how far it is: %q", progress.String())
	}
}

func TestAFolderWithoutFilesIsAnError(t *testing.T) {
	for name, folder := range map[string]string{"empty": t.TempDir(), "missing": "nowhere"} {
		if _, err := find(folder); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestWhatIsMalformedIsRefusedAtItsPlace(t *testing.T) {
	placed := &source.Error{File: "a", At: source.Position{Line: 2, Column: 3}, Message: "expected a value"}
	for name, tc := range map[string]struct {
		err  error
		want story
	}{
		"an error with a place":            {placed, story{outcome: refused, reasons: []reason{{"2:3", "expected a value"}}}},
		"a file of something else":         {&convert.Stranger{Err: placed}, story{outcome: refused, reasons: []reason{{"2:3", "expected a value"}}}},
		"two places":                       {errors.Join(placed, placed), story{outcome: refused, reasons: []reason{{"2:3", "expected a value"}, {"2:3", "expected a value"}}}},
		"an error without a place":         {errors.New("x"), story{outcome: failed, reasons: []reason{{"", "x"}}}},
		"one with a place and one without": {errors.Join(errors.New("x"), placed), story{outcome: failed, reasons: []reason{{"", "x"}, {"2:3", "expected a value"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			s := story{outcome: accepted}
			s.malformed(tc.err)
			if diff := cmp.Diff(tc.want, s, cmp.AllowUnexported(story{}, reason{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}
