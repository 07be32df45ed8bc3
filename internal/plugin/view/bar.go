// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// Amount is what is taken of what there is, in ECS's measures: CPU units or MiB.
type Amount struct{ Taken, All int64 }

// AmountOf is an instance's amount of a resource. More can be taken than there is, where a Node has shrunk.
func AmountOf(i *ecsv1.ContainerInstance, name ecsv1.ResourceName) Amount {
	all := integer(i.Status.RegisteredResources, name)
	return Amount{Taken: all - integer(i.Status.RemainingResources, name), All: all}
}

func integer(list []ecsv1.Resource, name ecsv1.ResourceName) int64 {
	for _, r := range list {
		if r.Name == name && r.IntegerValue != nil {
			return *r.IntegerValue
		}
	}
	return 0
}

// Left is what remains.
func (a Amount) Left() int64 { return a.All - a.Taken }

// percent that is taken, rounded down, so that 100 says that nothing is left.
func (a Amount) percent() int64 {
	if a.All <= 0 {
		return 0
	}
	return a.Taken * 100 / a.All
}

// colour warns of what is nearly full.
func (a Amount) colour() colour {
	switch p := a.percent(); {
	case p >= 90:
		return bad
	case p >= 70:
		return warn
	}
	return good
}

// cells of a width that an amount of what there is takes, rounded to the nearest.
func cells(amount, all int64, width int) int {
	if all <= 0 || amount <= 0 {
		return 0
	}
	return int(min((amount*int64(width)*2+all)/(all*2), int64(width)))
}

// bar draws what is taken. A little is seen to be something, and a little that is left to be left.
func (c Canvas) bar(a Amount, width int) line {
	n := cells(a.Taken, a.All, width)
	switch {
	case n == 0 && a.Taken > 0:
		n = 1
	case n == width && a.Left() > 0 && width > 1:
		n--
	}
	out := line{}
	for i := range width {
		if i < n {
			out = append(out, cell{c.glyph('█', '#'), style{text: a.colour()}})
			continue
		}
		out = append(out, cell{c.glyph('░', '.'), style{text: quiet}})
	}
	return out
}
