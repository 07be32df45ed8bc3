// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package podvalidation holds translation against Kubernetes' own validation: whatever task definition the apiserver and our webhook let
// in, its pod is one that the apiserver takes. A module of its own, since the operator never requires k8s.io/kubernetes.
//
// Task definitions are drawn from the inputs of internal/podspec's goldens, put together and changed in places by what the CRD's schema
// allows, so that a new field or golden takes part by itself.
package podvalidation
