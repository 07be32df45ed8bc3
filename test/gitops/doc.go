// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package gitops tests what GitOps tools make of our objects: Argo CD by the scripts of config/argocd, Flux and others by the kstatus library.
package gitops
