// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package e2e

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// dump shows what is in the suite's namespaces and what the operator said last.
func dump(ctx context.Context) {
	show := func(title string, args ...string) {
		out, err := tryKubectl(ctx, args...)
		if err != nil {
			out += err.Error()
		}
		AddReportEntry(title, out)
	}
	show("nodes and cluster", "get", "nodes,clusters.ecs.pods.dev,containerinstances.ecs.pods.dev", "-o=wide")
	list := &corev1.NamespaceList{}
	if err := kube.List(ctx, list, client.MatchingLabels{labelOfSuite: "true"}); err != nil {
		AddReportEntry("namespaces", err.Error())
	}
	for _, ns := range list.Items {
		n := "-n=" + ns.Name
		show("objects in "+ns.Name, "get", n, "-o=wide", "ecs,deployments,replicasets,pods,services,endpointslices")
		show("services of "+ns.Name, "get", n, "-o=yaml", "services.ecs.pods.dev,servicedeployments.ecs.pods.dev")
		show("events in "+ns.Name, "events", n)
	}
	show("operator", "get", "-n="+operatorNamespace, "-o=wide", "pods")
	show("the operator's log", "logs", "-n="+operatorNamespace, "deployment/"+operatorName, "--tail=150")
	show("the operator's log before its container restarted", "logs", "-n="+operatorNamespace, "deployment/"+operatorName, "--tail=50", "--previous")
}
