// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package manifests holds the objects that every cluster has: DNS and metrics.
package manifests

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"fmt"
	"net/netip"
	"text/template"
)

var (
	//go:embed dns.yaml
	dns string
	//go:embed metrics.yaml
	metrics string
)

// DNS renders the service through which pods reach the cluster's DNS, which runs in the edge.
func DNS(clusterIP, edge netip.Addr) ([]byte, error) {
	return render("dns", dns, map[string]any{"ClusterIP": clusterIP, "Edge": edge})
}

// Metrics renders the metrics API, served by a process on the machine.
func Metrics(host string, port int, ca []byte) ([]byte, error) {
	return render("metrics", metrics, map[string]any{"Host": host, "Port": port, "CA": base64.StdEncoding.EncodeToString(ca)})
}

func render(name, text string, data any) ([]byte, error) {
	t, err := template.New(name).Option("missingkey=error").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("reading manifest %s: %w", name, err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("rendering manifest %s: %w", name, err)
	}
	return out.Bytes(), nil
}
