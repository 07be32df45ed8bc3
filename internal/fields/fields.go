// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package fields says what becomes of the fields of clusters, repositories and services, with the verdicts that internal/podspec has for
// task definitions.
//
// A row stands for its path and everything below it, so that one row says it of all of Service Connect. The longest path wins.
package fields

import (
	"strings"

	"github.com/ecs-operator/ecs-operator/internal/podspec"
)

// notYet is what a row says of a field that is accepted, checked and without effect so far.
const notYet = "it is checked and has no effect so far"

// Of gives the rows of a kind: Cluster, Repository, Service or TaskDefinition.
func Of(kind string) []podspec.Row {
	switch kind {
	case "Cluster":
		return clusterRows
	case "Repository":
		return repositoryRows
	case "Service":
		return serviceRows
	case "TaskDefinition":
		return podspec.Ledger()
	}
	return nil
}

// Find gives the row of the longest path at or above path, in which [] stands for an index.
func Find(rows []podspec.Row, path string) (podspec.Row, bool) {
	var found podspec.Row
	for _, row := range rows {
		below, ok := strings.CutPrefix(path, row.Path)
		if ok && (below == "" || below[0] == '.' || below[0] == '[') && len(row.Path) >= len(found.Path) {
			found = row
		}
	}
	return found, found.Path != ""
}

// clusterRows are the fields of CreateCluster.
var clusterRows = []podspec.Row{
	{Path: "clusterName", Verdict: podspec.Exact, To: "metadata.name; spec.clusterName where that differs"},
	{Path: "capacityProviders", Verdict: podspec.Exact, To: "spec.capacityProviders; CapacityProvider objects choose among the nodes that kubernetes.nodeSelector takes in"},
	{Path: "defaultCapacityProviderStrategy", Verdict: podspec.Exact, To: "spec.defaultCapacityProviderStrategy"},
	{Path: "configuration.executeCommandConfiguration", Verdict: podspec.NotYetMapped, To: "spec.configuration", Why: notYet + "; kubectl exec works, and isn't logged by this"},
	{Path: "configuration.managedStorageConfiguration", Verdict: podspec.NoEffect, To: "spec.configuration", Why: "the keys are AWS's; a StorageClass says how a volume is encrypted"},
	{Path: "settings", Verdict: podspec.NotYetMapped, To: "spec.settings", Why: notYet},
	{Path: "serviceConnectDefaults", Verdict: podspec.NotYetMapped, To: "spec.serviceConnectDefaults", Why: notYet},
	{Path: "tags", Verdict: podspec.Exact, To: "spec.tags"},
}

// repositoryRows are the fields of CreateRepository, PutLifecyclePolicy and SetRepositoryPolicy.
var repositoryRows = []podspec.Row{
	{Path: "repositoryName", Verdict: podspec.NotYetMapped, To: "metadata.name; spec.repositoryName where that differs", Why: noRegistry},
	{Path: "registryId", Verdict: podspec.NoEffect, To: "spec.registryId", Why: "a cluster has one registry"},
	{Path: "imageTagMutability", Verdict: podspec.NotYetMapped, To: "spec.imageTagMutability", Why: noRegistry},
	{Path: "imageTagMutabilityExclusionFilters", Verdict: podspec.NotYetMapped, To: "spec.imageTagMutabilityExclusionFilters", Why: noRegistry},
	{Path: "imageScanningConfiguration", Verdict: podspec.NotYetMapped, To: "spec.imageScanningConfiguration", Why: noRegistry},
	{Path: "encryptionConfiguration", Verdict: podspec.NotYetMapped, To: "spec.encryptionConfiguration", Why: noRegistry},
	{Path: "lifecyclePolicyText", Verdict: podspec.NotYetMapped, To: "spec.lifecyclePolicyText", Why: noRegistry},
	{Path: "policyText", Verdict: podspec.NotYetMapped, To: "spec.policyText", Why: noRegistry},
	{Path: "tags", Verdict: podspec.NotYetMapped, To: "spec.tags", Why: noRegistry},
}

const noRegistry = "repositories are checked and have no effect so far; images are pulled from where they are"
