// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/ecs-operator/ecs-operator/internal/taskdef"
)

func TestARefusalTellsAllProblemsWithTheirFields(t *testing.T) {
	err := refusal("TaskDefinition", "web", "ClientException", taskdef.Problems{{Path: "cpu", Message: "too much"}, {Path: "memory", Message: "too little"}})
	if !apierrors.IsInvalid(err) {
		t.Errorf("clients don't take it for an invalid object: %v", err)
	}
	if want := "ClientException: spec.cpu: too much; spec.memory: too little"; err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
	want := []metav1.StatusCause{
		{Type: metav1.CauseTypeFieldValueInvalid, Field: "spec.cpu", Message: "ClientException: too much"},
		{Type: metav1.CauseTypeFieldValueInvalid, Field: "spec.memory", Message: "ClientException: too little"},
	}
	status, ok := err.(apierrors.APIStatus)
	if !ok {
		t.Fatal("the webhook's answer can't be made of it")
	}
	if diff := cmp.Diff(want, status.Status().Details.Causes); diff != "" {
		t.Error(diff)
	}
	if err := refusal("TaskDefinition", "web", "ClientException", nil); err != nil {
		t.Errorf("refuses without a problem: %v", err)
	}
}

func TestWarningsStayWithinWhatIsPassedOn(t *testing.T) {
	got := few(make([]string, 21), "see there")
	if len(got) != mostWarnings+1 || got[mostWarnings] != "and 6 more: see there" {
		t.Errorf("got %d, the last is %q", len(got), got[len(got)-1])
	}
	long := strings.Repeat("x", 1000)
	if got := few([]string{long}, ""); got[0] != long {
		t.Errorf("cut to %d characters where there is room", len(got[0]))
	}
	if got := few(slicesOf(long, 5), ""); len(got[0]) != longestOfOne || !strings.HasSuffix(got[0], truncatedMark) {
		t.Errorf("one of five has %d characters", len(got[0]))
	}
	total := 0
	for _, text := range few(slicesOf(strings.Repeat("x", 1000), 100), "see there") {
		total += len(text)
	}
	if total > 4096 {
		t.Errorf("%d characters", total)
	}
}

func slicesOf(text string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = text
	}
	return out
}
