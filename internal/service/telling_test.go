// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestWhatGoesOnIsToldAgainAfterSixHours(t *testing.T) {
	began := metav1.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *metav1.Time { return &metav1.Time{Time: began.Add(d)} }
	for name, tc := range map[string]struct {
		before        *metav1.Time
		isNew, stands bool
		now           time.Duration
		want          *metav1.Time
		again         bool
		in            time.Duration
	}{
		"something begins":              {nil, true, true, 0, at(0), false, 6 * time.Hour},
		"it goes on":                    {at(0), false, true, 6*time.Hour - time.Second, at(0), false, time.Second},
		"for six hours":                 {at(0), false, true, 6 * time.Hour, at(6 * time.Hour), true, 6 * time.Hour},
		"nobody looked for a day":       {at(0), false, true, 24 * time.Hour, at(24 * time.Hour), true, 6 * time.Hour},
		"something else begins":         {at(0), true, true, time.Hour, at(time.Hour), false, 6 * time.Hour},
		"it ends":                       {at(0), false, false, 7 * time.Hour, nil, false, 0},
		"nothing is told":               {nil, false, false, 0, nil, false, 0},
		"an older operator told it":     {nil, false, true, 0, at(0), false, 6 * time.Hour},
		"a clock that went back is met": {at(time.Hour), false, true, 0, at(time.Hour), false, 7 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			now := at(tc.now)
			got := Told(tc.before, tc.isNew, tc.stands, *now)
			if !got.Equal(tc.want) {
				t.Errorf("told at %s, want %s", got, tc.want)
			}
			if again := IsToldAgain(tc.before, got); again != tc.again {
				t.Errorf("told again: %t", again)
			}
			if in := TellsAgainIn(got, now.Time); in != tc.in {
				t.Errorf("again in %s, want %s", in, tc.in)
			}
		})
	}
}
