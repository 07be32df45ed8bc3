// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"testing"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestThresholdIsThatOfTheDeveloperGuide(t *testing.T) {
	of := func(kind ecsv1.ThresholdType, value int32) *ecsv1.ThresholdConfiguration {
		return &ecsv1.ThresholdConfiguration{Type: kind, Value: value}
	}
	const bounded, unbounded, count = ecsv1.ThresholdTypeBoundedPercent, ecsv1.ThresholdTypeUnboundedPercent, ecsv1.ThresholdTypeCount
	for name, tc := range map[string]struct {
		config        *ecsv1.ThresholdConfiguration
		desired, want int32
	}{
		"1 task":                           {nil, 1, 3},
		"25 tasks, rounded up":             {nil, 25, 13},
		"400 tasks":                        {nil, 400, 200},
		"800 tasks, bounded":               {nil, 800, 200},
		"no tasks":                         {nil, 0, 3},
		"bounded as when unset":            {of(bounded, 50), 25, 13},
		"bounded, 1 % of 100":              {of(bounded, 1), 100, 3},
		"bounded, 100 % of 5000":           {of(bounded, 100), 5000, 200},
		"unbounded, 50 % of 800":           {of(unbounded, 50), 800, 400},
		"unbounded, 50 % of 1, rounded up": {of(unbounded, 50), 1, 1},
		"unbounded, of no tasks":           {of(unbounded, 50), 0, 0},
		"unbounded, 1 % of 101":            {of(unbounded, 1), 101, 2},
		"a count, whatever is desired":     {of(count, 7), 5000, 7},
		"a count of 1":                     {of(count, 1), 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			if got := Threshold(tc.config, tc.desired); got != tc.want {
				t.Errorf("threshold of %d tasks is %d, want %d", tc.desired, got, tc.want)
			}
		})
	}
}
