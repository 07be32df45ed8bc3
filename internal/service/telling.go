// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package service

import (
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TellAgainAfter is how long the event of something that goes on is suppressed before it is told again (ECS developer guide, service event messages).
const TellAgainAfter = 6 * time.Hour

// Told is when what stands was told last, as it is to be stored: now, if it is told for the first time or again; nil where nothing stands that is told.
func Told(before *metav1.Time, isNew, stands bool, now metav1.Time) *metav1.Time {
	switch {
	case !stands:
		return nil
	case isNew, before == nil, now.Sub(before.Time) >= TellAgainAfter:
		return &now
	}
	return before
}

// IsToldAgain reports whether what was told before, and goes on, is to be told once more.
func IsToldAgain(before, after *metav1.Time) bool {
	return before != nil && after != nil && after.Sub(before.Time) >= TellAgainAfter
}

// TellsAgainIn is how long it is until then, 0 for never.
func TellsAgainIn(told *metav1.Time, now time.Time) time.Duration {
	if told == nil {
		return 0
	}
	return max(time.Second, told.Add(TellAgainAfter).Sub(now))
}
