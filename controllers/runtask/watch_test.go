// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package runtask

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/event"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

func TestInstancesThatAreThereAtTheStartAreNoNews(t *testing.T) {
	instance := &ecsv1.ContainerInstance{}
	if availabilityChanged().Create(event.CreateEvent{Object: instance, IsInInitialList: true}) {
		t.Error("each instance looks at all tasks when the operator starts")
	}
	if !availabilityChanged().Create(event.CreateEvent{Object: instance}) {
		t.Error("a task that names an instance isn't told that it is there")
	}
}
