// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"strings"
	"testing"
	"time"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
	"github.com/ecs-operator/ecs-operator/controllers/internal/images"
	"github.com/ecs-operator/ecs-operator/internal/podspec"
	"github.com/ecs-operator/ecs-operator/internal/service"
)

func TestPlanImages(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	digest := "sha256:" + strings.Repeat("a", 64)
	const enabled = ecsv1.VersionConsistencyEnabled
	config := podspec.Result{Needs: podspec.Needs{ImageConfigs: []string{"app"}}}
	answered := func(a service.ImageAnswer, ago time.Duration) *images.Reading {
		return &images.Reading{Began: now.Add(-ago - time.Second), Ended: now.Add(-ago), Rounds: 1, Answers: map[string]service.ImageAnswer{"app": a}}
	}
	down, gone := service.ImageAnswer{Problem: "it is down"}, service.ImageAnswer{Problem: "it is gone", Final: true}
	for name, tc := range map[string]struct {
		consistency ecsv1.VersionConsistency
		translated  podspec.Result
		// reading is for this revision; nil is one for another.
		reading *images.Reading
		off     bool

		pinned           bool
		reason, notKnown string
		stalled          bool
		asks, quiet      bool
		again            time.Duration
	}{
		"nothing to ask":                             {consistency: ecsv1.VersionConsistencyDisabled},
		"first it asks, and says nothing":            {reason: ecsv1.ReasonProgressing, asks: true, quiet: true, again: unsaid},
		"for a second it says nothing":               {reading: &images.Reading{Began: now}, reason: ecsv1.ReasonProgressing, quiet: true, again: unsaid},
		"then it says that it asks":                  {reading: &images.Reading{Began: now.Add(-time.Second)}, reason: ecsv1.ReasonProgressing, again: unsaid},
		"an answer pins":                             {reading: answered(service.ImageAnswer{Digest: digest}, 0), pinned: true},
		"no answer doesn't":                          {reading: answered(down, 0), notKnown: "it is down"},
		"no answer keeps an explicit wish waiting":   {consistency: enabled, reading: answered(down, 0), reason: ecsv1.ReasonImagesNotResolved, again: time.Second},
		"and so does an image that isn't there":      {consistency: enabled, reading: answered(gone, 0), reason: ecsv1.ReasonImagesNotResolved, again: time.Second},
		"it waits for the rest of the pause":         {consistency: enabled, reading: answered(down, 400*time.Millisecond), reason: ecsv1.ReasonImagesNotResolved, again: 600 * time.Millisecond},
		"after the pause it asks again":              {consistency: enabled, reading: answered(down, time.Second), reason: ecsv1.ReasonImagesNotResolved, asks: true, again: unsaid},
		"while it asks again it says what it said":   {consistency: enabled, reading: &images.Reading{Began: now, Rounds: 1, Answers: map[string]service.ImageAnswer{"app": down}}, reason: ecsv1.ReasonImagesNotResolved, again: unsaid},
		"at last it asks each minute":                {consistency: enabled, reading: &images.Reading{Ended: now, Rounds: 99, Answers: map[string]service.ImageAnswer{"app": down}}, reason: ecsv1.ReasonImagesNotResolved, again: time.Minute},
		"a command may come when the registry does":  {translated: config, reading: answered(down, 0), reason: ecsv1.ReasonImageConfigUnknown, again: time.Second},
		"a command that can't be had stalls":         {translated: config, reading: answered(gone, 0), reason: ecsv1.ReasonImageConfigUnknown, stalled: true, again: time.Second},
		"a command that is there":                    {translated: config, reading: answered(service.ImageAnswer{Digest: digest, Config: &ecsv1.ContainerImageConfig{}}, 0), pinned: true},
		"without reading, tags go":                   {off: true, notKnown: notRead},
		"without reading, an explicit wish stalls":   {off: true, consistency: enabled, reason: ecsv1.ReasonImagesNotResolved, stalled: true},
		"without reading, an unknown command stalls": {off: true, translated: config, reason: ecsv1.ReasonImageConfigUnknown, stalled: true},
	} {
		t.Run(name, func(t *testing.T) {
			td := &ecsv1.TaskDefinitionRevision{}
			td.Spec.TaskDefinition.ContainerDefinitions = []ecsv1.ContainerDefinition{{Name: "app", Image: "web:v1", VersionConsistency: tc.consistency}}
			svc := &ecsv1.Service{}
			svc.Namespace, svc.Name, svc.UID = "shop", "web", "u-1"
			seen := observed{service: svc, readsImages: !tc.off, now: now}
			spec := ecsv1.ServiceRevisionSpec{Service: "web", Revision: 1}
			if tc.reading != nil {
				seen.reading = *tc.reading
				seen.reading.Revision = requestOf(t, svc, td).Revision
			} else {
				seen.reading = images.Reading{Revision: "another", Ended: now, Rounds: 1, Answers: map[string]service.ImageAnswer{"app": {Digest: digest}}}
			}
			got := planImages(seen, &spec, td, tc.translated)
			if tc.reason == "" {
				if got != nil {
					t.Fatalf("got %+v, want the images", got)
				}
				image := spec.ContainerImages[0]
				if (image.ImageDigest == digest) != tc.pinned || image.NotPinnedReason != tc.notKnown {
					t.Errorf("got %+v, want pinned %t, reason %q", image, tc.pinned, tc.notKnown)
				}
				return
			}
			if got == nil || spec.ContainerImages != nil {
				t.Fatalf("got images %+v, want none", spec.ContainerImages)
			}
			why := got.waiting
			if tc.stalled {
				why = got.problem
			}
			if why == nil || why.Reason != tc.reason || (got.problem != nil) != tc.stalled {
				t.Errorf("problem %+v, waiting %+v; want reason %s, stalled %t", got.problem, got.waiting, tc.reason, tc.stalled)
			}
			if (got.ask != nil) != tc.asks || got.quiet != tc.quiet || got.again != tc.again {
				t.Errorf("asks %t, quiet %t, again in %s; want %t, %t, %s", got.ask != nil, got.quiet, got.again, tc.asks, tc.quiet, tc.again)
			}
		})
	}
}

// requestOf is the request that the first revision of a service makes.
func requestOf(t *testing.T, svc *ecsv1.Service, td *ecsv1.TaskDefinitionRevision) *images.Request {
	t.Helper()
	asking := td.DeepCopy()
	asking.Spec.TaskDefinition.ContainerDefinitions[0].VersionConsistency = ecsv1.VersionConsistencyEnabled
	p := planImages(observed{service: svc, readsImages: true}, &ecsv1.ServiceRevisionSpec{Service: "web", Revision: 1}, asking, podspec.Result{})
	if p == nil || p.ask == nil {
		t.Fatal("nothing is asked")
	}
	return p.ask
}
