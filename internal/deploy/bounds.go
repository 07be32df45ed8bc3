// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package deploy

import "fmt"

// Percentages are the bounds of a rolling deployment, in percent of the desired count.
type Percentages struct {
	// MinimumHealthy is rounded up to tasks; 100 where the service doesn't say.
	MinimumHealthy int32
	// Maximum is rounded down to tasks; 200 where the service doesn't say.
	Maximum int32
}

// DefaultPercentages are those of a REPLICA service (API reference, DeploymentConfiguration).
var DefaultPercentages = Percentages{MinimumHealthy: 100, Maximum: 200}

// Lower is the least number of healthy tasks: desired × minimumHealthyPercent, rounded up.
//
// 75 % of 2 is 1.5, so 2 tasks stay healthy.
func (p Percentages) Lower(desired int32) int32 {
	return int32((int64(desired)*int64(p.MinimumHealthy) + 99) / 100)
}

// Upper is the greatest number of tasks, pending and stopping ones counted: desired × maximumPercent, rounded down.
//
// 125 % of 3 is 3.75, so no more than 3 tasks run.
func (p Percentages) Upper(desired int32) int32 {
	return int32(int64(desired) * int64(p.Maximum) / 100)
}

// Deadlocked reports whether no task of a service with this many tasks could ever be replaced: none may be stopped before
// another is started, and none may be started before another is stopped. 100/100 is the plain case; 75 % of 2 with a maximum
// of 100 and 125 % of 3 with a minimum of 100 are the surprising ones.
func (p Percentages) Deadlocked(desired int32) bool {
	return desired > 0 && p.Lower(desired) >= desired && p.Upper(desired) <= desired
}

// Explain says in numbers why the percentages leave no room, and what to change.
func (p Percentages) Explain(desired int32) string {
	return fmt.Sprintf("minimumHealthyPercent %d keeps %d of %d tasks healthy and maximumPercent %d allows %d: "+
		"no task can be stopped or started. Lower minimumHealthyPercent or raise maximumPercent",
		p.MinimumHealthy, p.Lower(desired), desired, p.Maximum, p.Upper(desired))
}
