// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
)

// unitsPerVCPU is ECS's measure of CPU: 1 vCPU is 1024 units (DG/task_definition_parameters, task size).
const unitsPerVCPU = 1024

// mibPerGB: a GB in a task definition is 1024 MiB.
const mibPerGB = 1024

// Largest values that an amount may have before arithmetic on it could overflow; far above any machine.
const maxAmount = 1 << 40

var (
	cpuText    = regexp.MustCompile(`^([0-9]+|[0-9]*\.[0-9]+) ?([vV][cC][pP][uU])?$`)
	memoryText = regexp.MustCompile(`^([0-9]+|[0-9]*\.[0-9]+) ?([gG][bB])?$`)
)

// ParseCPU reads a task's cpu into units: "1024", "1 vCPU", "1vcpu" and ".25 vCPU" are 1024, 1024, 1024 and 256.
func ParseCPU(text string) (int64, error) {
	units, ok := amount(cpuText, text, unitsPerVCPU)
	if !ok {
		return 0, fmt.Errorf(`cpu %q is not an amount of CPU: write units as in "1024", or vCPUs as in "1 vCPU" or ".25 vCPU"`, text)
	}
	return units, nil
}

// ParseMemory reads a task's memory into MiB: "512", "2GB", "2 GB" and "0.5 GB" are 512, 2048, 2048 and 512.
func ParseMemory(text string) (int64, error) {
	mib, ok := amount(memoryText, text, mibPerGB)
	if !ok {
		return 0, fmt.Errorf(`memory %q is not an amount of memory: write MiB as in "512", or GB as in "2GB" or "0.5 GB"`, text)
	}
	return mib, nil
}

// amount reads a number, times scale if a unit follows it. Without a unit it has to be whole as it stands, with one after scaling.
func amount(form *regexp.Regexp, text string, scale float64) (int64, bool) {
	m := form.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseFloat(m[1], 64)
	if err != nil {
		return 0, false
	}
	if m[2] != "" {
		n *= scale
	}
	if n != math.Trunc(n) || n <= 0 || n > maxAmount {
		return 0, false
	}
	return int64(n), true
}
