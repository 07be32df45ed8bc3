// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTimelineHasARowForEachChange(t *testing.T) {
	var out strings.Builder
	line := newTimeline(&screen{out: &out})
	for _, m := range []moment{
		{old: 3, taking: 3, rollout: "COMPLETED", requests: 100},
		{old: 3, taking: 3, rollout: "COMPLETED", requests: 113},
		{old: 3, next: 3, taking: 6, rollout: "IN_PROGRESS", requests: 150},
		{next: 3, stopping: 3, taking: 3, rollout: "IN_PROGRESS", requests: 200},
		{next: 3, taking: 3, rollout: "COMPLETED", requests: 300},
	} {
		line.add(m)
	}

	want := `
       time  old        new        stopping   traffic  rollout      requests  failed
       0.0s  ●●● 3      ·          ·          3 tasks  COMPLETED         100       0
       0.0s  ●●● 3      ●●● 3      ·          6 tasks  IN_PROGRESS       150       0
       0.0s  ·          ●●● 3      ○○○ 3      3 tasks  IN_PROGRESS       200       0
       0.0s  ·          ●●● 3      ·          3 tasks  COMPLETED         300       0
`
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if fewest, most := line.fewest(), line.most(); fewest != 3 || most != 6 {
		t.Errorf("want 3 tasks with traffic at least and 6 running at most, got %d and %d", fewest, most)
	}
}

func TestBarKeepsItsColumn(t *testing.T) {
	for n, want := range map[int]string{0: "·         ", 1: "● 1       ", 7: "●●●●●●● 7 ", 25: "●●●●●●● 25"} {
		if got := bar("●", n); got != want {
			t.Errorf("%d: want %q, got %q", n, want, got)
		}
	}
}

func TestIndentedOutputKeepsItsLines(t *testing.T) {
	var out strings.Builder
	w := (&screen{out: &out}).indented()
	for _, part := range []string{"one\ntw", "o\n", "three"} {
		if n, err := w.Write([]byte(part)); err != nil || n != len(part) {
			t.Fatalf("want %d bytes written, got %d, %v", len(part), n, err)
		}
	}
	if want := "    one\n    two\n    three"; out.String() != want {
		t.Errorf("want %q, got %q", want, out.String())
	}
}
