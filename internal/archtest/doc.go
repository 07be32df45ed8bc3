// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package archtest keeps the shape of the code: who may import whom, which modules may be required, and the licence header of
// every file. It has no code to import; its tests are the product.
//
// Packages stand in rings, and imports point inward only:
//
//	types     api/v1alpha1: what users write; imports nothing of ours
//	pure      decisions: data and the time go in, data comes out; no client, no clock, no logger, no disk, no network
//	servers   the image registry, the AWS API and the kubectl plugin
//	effects   controllers: read, ask a pure package, write
//	wiring    cmd: puts everything together; nothing imports it
//	tests     internal/testkit and test: import everything, are imported by tests alone
//	tooling   hack and this package: helps to develop, isn't shipped
//
// Within the pure ring packages have levels (see rings.go), and import lower levels only. A package that no ring names fails the
// test: deciding where it stands is part of making it.
package archtest
