// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package crd carries the generated CustomResourceDefinitions, for programs that check objects without an apiserver.
package crd

import "embed"

// Bases has the CustomResourceDefinitions as bases/ecs.pods.dev_<plural>.yaml.
//
//go:embed bases/*.yaml
var Bases embed.FS
