// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"fmt"

	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

// beReady matches an object that is at rest as its spec wants it: Ready, and neither Reconciling nor Stalled.
func beReady() types.GomegaMatcher {
	return WithTransform(trouble, BeEmpty())
}

// trouble is what the conditions of an object say against it.
func trouble(object any) (string, error) {
	var all []metav1.Condition
	switch o := object.(type) {
	case *ecsv1.Cluster:
		all = o.Status.Conditions
	case *ecsv1.ContainerInstance:
		all = o.Status.Conditions
	case *ecsv1.TaskDefinition:
		all = o.Status.Conditions
	case *ecsv1.Service:
		all = o.Status.Conditions
	case *ecsv1.ServiceDeployment:
		all = o.Status.Conditions
	default:
		return "", fmt.Errorf("beReady doesn't know %T", object)
	}
	for _, kind := range []string{ecsv1.ConditionStalled, ecsv1.ConditionReconciling} {
		if c := condition(all, kind); c.Status == metav1.ConditionTrue {
			return fmt.Sprintf("%s: %s: %s", kind, c.Reason, c.Message), nil
		}
	}
	if c := condition(all, ecsv1.ConditionReady); c.Status != metav1.ConditionTrue {
		return fmt.Sprintf("Ready=%s: %s: %s", c.Status, c.Reason, c.Message), nil
	}
	return "", nil
}

func beNotFound() types.GomegaMatcher {
	return WithTransform(apierrors.IsNotFound, BeTrue())
}
