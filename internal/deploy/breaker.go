// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import (
	"math"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Breaker is the circuit breaker of a deployment and how far it is.
type Breaker struct {
	// Enabled and Rollback are the service's, as they are now.
	Enabled, Rollback bool
	// Failures are the failed tasks that count, Threshold is how many of them end the deployment.
	Failures, Threshold int32
	// Last says why the last of them failed, "" where that isn't known.
	Last string
}

// Tripped reports whether the failures have reached the threshold. They are more than that only where the threshold has come down with desiredCount.
// A threshold of 0, which is 50 % of no tasks without bounds, takes one failure, too.
func (b Breaker) Tripped() bool {
	return b.Enabled && b.Failures > 0 && b.Failures >= b.Threshold
}

// The threshold of a service that says nothing of it, and the bounds of BOUNDED_PERCENT.
const (
	defaultThresholdPercent = 50
	leastFailures           = 3
	mostFailures            = 200
)

// Threshold is how many failed tasks end a deployment of so many desired ones, which are the latest desiredCount (API reference, ThresholdConfiguration).
//
// 50 % of 25 is 12.5, so 13; 50 % of 1 is raised to 3, 50 % of 800 comes down to 200 unless the percentage is UNBOUNDED, which makes 400.
func Threshold(c *ecsv1.ThresholdConfiguration, desired int32) int32 {
	kind, value := ecsv1.ThresholdTypeBoundedPercent, int32(defaultThresholdPercent)
	if c != nil {
		kind, value = c.Type, c.Value
	}
	part := int32(min((int64(desired)*int64(value)+99)/100, math.MaxInt32))
	switch kind {
	case ecsv1.ThresholdTypeCount:
		return value
	case ecsv1.ThresholdTypeUnboundedPercent:
		return part
	case ecsv1.ThresholdTypeBoundedPercent:
	}
	return min(mostFailures, max(leastFailures, part))
}
