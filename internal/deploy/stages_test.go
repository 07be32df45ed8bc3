// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/google/go-cmp/cmp"
)

// ECS's own list lacks one stage, at which its hooks run all the same.
func TestTheStagesAreThoseOfECSAndTheOneThatItsListLacks(t *testing.T) {
	var want, got []string
	for _, s := range ecstypes.ServiceDeploymentLifecycleStage("").Values() {
		want = append(want, string(s))
	}
	want = append(want, string(preProductionTrafficShift))
	for _, s := range stages {
		got = append(got, string(s.name))
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("each stage is there once: %s", diff)
	}
}

func TestHooksRunAtTheStagesThatECSTakesThemFor(t *testing.T) {
	var want, got []string
	for _, s := range ecstypes.DeploymentLifecycleHookStage("").Values() {
		want = append(want, string(s))
	}
	for _, s := range stages {
		if s.hook {
			got = append(got, string(s.name))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// The way back is a part of the way there: it has no stage of its own, and each of its rows can be its first.
func TestTheWayBackIsMadeOfStagesThatWereReached(t *testing.T) {
	firsts := map[Stage]bool{}
	for _, s := range stages {
		back := StagedObservation{Standing: Standing{Stage: s.name}}.reverse()
		if !back.Back || index(wayBack, back.Stage) < 0 {
			t.Fatalf("from %s it goes back to %s", s.name, back.Stage)
		}
		if index(stages, s.name) < index(stages, wayBack[index(wayBack, back.Stage)].from) {
			t.Errorf("from %s it goes back to %s, which it never reached", s.name, back.Stage)
		}
		firsts[back.Stage] = true
	}
	for _, s := range wayBack {
		if !firsts[s.name] {
			t.Errorf("no way back begins with %s", s.name)
		}
	}
}

func TestASecondStepGoesBackAsAShiftThatHasBegun(t *testing.T) {
	for step, want := range map[int32]Stage{1: testTrafficShift, 2: productionTrafficShift} {
		o := StagedObservation{Standing: Standing{Stage: preProductionTrafficShift, Step: step}}
		if got := o.reverse().Stage; got != want {
			t.Errorf("before step %d: %s, want %s", step, got, want)
		}
	}
}

func TestSchedules(t *testing.T) {
	for name, tc := range map[string]struct {
		schedule Schedule
		want     []int32
		wait     time.Duration
	}{
		"all at once":                        {AllAtOnce(), []int32{1000}, 0},
		"canary of 5 %":                      {Canary(50, time.Minute), []int32{50, 1000}, time.Minute},
		"canary of a tenth of a percent":     {Canary(1, time.Minute), []int32{1, 1000}, time.Minute},
		"a canary of everything is one step": {Canary(1000, time.Minute), []int32{1000}, 0},
		"linear of 30 %":                     {Linear(300, 0), []int32{300, 600, 900, 1000}, 0},
		"linear of 25 %":                     {Linear(250, time.Hour), []int32{250, 500, 750, 1000}, time.Hour},
		"linear of 33.4 %":                   {Linear(334, time.Hour), []int32{334, 668, 1000}, time.Hour},
		"linear of everything is one step":   {Linear(1000, time.Hour), []int32{1000}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int32
			for step := range tc.schedule.Steps() {
				got = append(got, tc.schedule.Share(step+1))
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Error(diff)
			}
			if wait := tc.schedule.Next(1, epoch).Sub(epoch); wait != tc.wait {
				t.Errorf("it waits %s after the first step, want %s", wait, tc.wait)
			}
			if wait := tc.schedule.Next(tc.schedule.Steps(), epoch).Sub(epoch); wait != 0 {
				t.Errorf("it waits %s after the last step", wait)
			}
		})
	}
	if most := Linear(30, 0).Steps(); most != 34 || most > 100 {
		t.Errorf("the smallest steps are %d, and status.kubernetes.trafficStep holds 100", most)
	}
}

func TestKeep(t *testing.T) {
	with := func(ordinal int64, healthy int32) Revision {
		return Revision{Ordinal: ordinal, Wanted: max(1, healthy), Running: healthy, Healthy: healthy}
	}
	for name, tc := range map[string]struct {
		revisions           []Revision
		carrying, completed int64
		want                int64
	}{
		"the only one":                           {[]Revision{with(1, 0), with(9, 3)}, 0, 0, 1},
		"none but the target":                    {[]Revision{with(9, 3)}, 0, 1, 0},
		"the one that traffic goes to":           {[]Revision{with(1, 3), with(2, 3), with(3, 3)}, 2, 1, 2},
		"the one that was completed last":        {[]Revision{with(1, 1), with(2, 3)}, 0, 1, 1},
		"the one with most healthy tasks":        {[]Revision{with(1, 3), with(2, 1)}, 0, 0, 1},
		"of equals the newest":                   {[]Revision{with(1, 3), with(2, 3)}, 0, 0, 2},
		"one without tasks is none":              {[]Revision{{Ordinal: 1}, with(2, 1)}, 1, 1, 2},
		"one whose tasks stop is one still":      {[]Revision{{Ordinal: 1, Stopping: 1}}, 0, 0, 1},
		"what traffic goes to isn't the target":  {[]Revision{with(1, 3), with(9, 3)}, 9, 0, 1},
		"a completed one before a healthier one": {[]Revision{with(1, 1), with(2, 9), with(3, 9)}, 0, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Keep(tc.revisions, 9, tc.carrying, tc.completed); got != tc.want {
				t.Errorf("%d, want %d", got, tc.want)
			}
		})
	}
}

// A stage that an older or newer operator stored under a name that the tables lack loses nothing: it is begun anew.
func TestAnUnknownStageBeginsAnew(t *testing.T) {
	w := bluegreen()
	w.state.Stage = "SOMETHING_ELSE"
	w.timeline(nil, func(string) {})
	if w.ended != Succeeded {
		t.Errorf("it ended as %q", w.ended)
	}
}

func TestStagesArePrinted(t *testing.T) {
	got := printed()
	path := filepath.Join("..", "..", "docs", "stages.md")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("docs/stages.md is stale; go test ./internal/deploy -update writes it anew:\n%s", diff)
	}
}

// printed is docs/stages.md.
func printed() string {
	var b strings.Builder
	b.WriteString(`# Stages of BLUE_GREEN, CANARY and LINEAR deployments

Printed from the tables of internal/deploy/stages.go by its test; don't edit. docs/spec/deployments.md explains them.

## There

A stage is done when its condition holds and all hooks that run at it have passed. Shares are those of the target revision; the rest goes to the source.

`)
	b.WriteString("| Stage | Source's tasks | Target's tasks | Test traffic | Production traffic | Done when | Hooks |\n|---|---|---|---|---|---|---|\n")
	for _, s := range stages {
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n", s.name, s.source, s.target, s.test, s.production, s.done.says, yes(s.hook))
	}
	b.WriteString("\n")
	b.WriteString(diagram())
	b.WriteString(`
## Back

The rows from the first on whose stage was reached. "As found" is no more tasks than there are.

`)
	b.WriteString("| Stage | If it reached | Source's tasks | Target's tasks | Test traffic | Production traffic | Done when | Hooks |\n|---|---|---|---|---|---|---|---|\n")
	for _, s := range wayBack {
		reached := string(s.from)
		if s.from == stages[0].name {
			reached = "any"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", s.name, reached, s.source, s.target, s.test, s.production, s.done.says, yes(s.hook))
	}
	b.WriteString("\n## Steps\n\n| Strategy | Shares of production traffic, step by step |\n|---|---|\n")
	for _, r := range []struct {
		name     string
		schedule Schedule
	}{
		{"BLUE_GREEN", AllAtOnce()},
		{"CANARY, canaryPercent 5", Canary(50, 0)},
		{"LINEAR, stepPercent 25", Linear(250, 0)},
		{"LINEAR, stepPercent 30", Linear(300, 0)},
	} {
		var shares []string
		for step := range r.schedule.Steps() {
			shares = append(shares, percent(r.schedule.Share(step+1)))
		}
		fmt.Fprintf(&b, "| %s | %s |\n", r.name, strings.Join(shares, ", "))
	}
	return b.String()
}

// diagram draws both tables for Mermaid, which GitHub shows.
func diagram() string {
	var b strings.Builder
	b.WriteString("```mermaid\nflowchart TD\n")
	for i, s := range stages {
		label := string(s.name)
		if s.hook {
			label += "<br>hooks"
		}
		fmt.Fprintf(&b, "  %s[\"%s\"]\n", s.name, label)
		if s.again != "" {
			fmt.Fprintf(&b, "  %s -- steps left --> %s\n", s.name, s.again)
		}
		if i+1 < len(stages) {
			fmt.Fprintf(&b, "  %s --> %s\n", s.name, stages[i+1].name)
		}
	}
	fmt.Fprintf(&b, "  begin((begin)) -- more than one source --> %s\n  begin --> %s\n", stages[0].name, stages[1].name)
	fmt.Fprintf(&b, "  %s --> SUCCESSFUL((SUCCESSFUL))\n", stages[len(stages)-1].name)
	for i, s := range wayBack {
		fmt.Fprintf(&b, "  BACK_%s[\"%s, back\"]\n", s.name, s.name)
		if i+1 < len(wayBack) {
			fmt.Fprintf(&b, "  BACK_%s --> BACK_%s\n", s.name, wayBack[i+1].name)
		}
	}
	for _, s := range stages {
		back := StagedObservation{Standing: Standing{Stage: s.name, Step: 1}}.reverse()
		fmt.Fprintf(&b, "  %s -.-> BACK_%s\n", s.name, back.Stage)
	}
	fmt.Fprintf(&b, "  BACK_%s --> ROLLBACK_SUCCESSFUL((ROLLBACK_SUCCESSFUL))\n```\n", wayBack[len(wayBack)-1].name)
	return b.String()
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
