// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package kubeapi asks an apiserver the few questions that `up` and `status` have, without a client library:
// the CLI stays small and compiles in seconds.
package kubeapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// Client speaks for one user.
type Client struct {
	server string
	http   http.Client
}

// New makes a client from the files of an authority and of the user's certificate and key.
func New(server, caFile, certFile, keyFile string) (*Client, error) {
	ca, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("reading the cluster's authority: %w", err)
	}
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("reading the administrator's certificate: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{cert}}}
	return &Client{server: server, http: http.Client{Transport: transport, Timeout: 10 * time.Second}}, nil
}

// Get reads a path; the answer is JSON unless the path is one of the health checks.
func (c *Client) Get(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.server+path, nil)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", path, err)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return nil, fmt.Errorf("asking for %s: %w", path, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("asking for %s: %s: %.200s", path, response.Status, body)
	}
	return body, nil
}

// Ready is nil when the apiserver says it is ready.
func (c *Client) Ready(ctx context.Context) error {
	_, err := c.Get(ctx, "/readyz")
	return err
}

// Node is what we want to know about a node.
type Node struct {
	Name         string `json:"name"`
	Ready        bool   `json:"ready"`
	Cordoned     bool   `json:"cordoned"`
	Simulated    bool   `json:"simulated"`
	Zone         string `json:"zone"`
	InstanceType string `json:"instanceType"`
	CPU          string `json:"cpu"`
	Memory       string `json:"memory"`
}

type nodeList struct {
	Items []struct {
		Metadata struct {
			Name        string            `json:"name"`
			Labels      map[string]string `json:"labels"`
			Annotations map[string]string `json:"annotations"`
		} `json:"metadata"`
		Spec struct {
			Unschedulable bool `json:"unschedulable"`
		} `json:"spec"`
		Status struct {
			Allocatable map[string]string `json:"allocatable"`
			Conditions  []struct {
				Type   string `json:"type"`
				Status string `json:"status"`
			} `json:"conditions"`
		} `json:"status"`
	} `json:"items"`
}

// Nodes lists the nodes.
func (c *Client) Nodes(ctx context.Context) ([]Node, error) {
	raw, err := c.Get(ctx, "/api/v1/nodes")
	if err != nil {
		return nil, err
	}
	return parseNodes(raw)
}

func parseNodes(raw []byte) ([]Node, error) {
	var list nodeList
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("reading the list of nodes: %w", err)
	}
	nodes := make([]Node, 0, len(list.Items))
	for _, item := range list.Items {
		labels := item.Metadata.Labels
		n := Node{
			Name:         item.Metadata.Name,
			Cordoned:     item.Spec.Unschedulable,
			Simulated:    item.Metadata.Annotations["kwok.x-k8s.io/node"] != "",
			Zone:         labels["topology.kubernetes.io/zone"],
			InstanceType: labels["node.kubernetes.io/instance-type"],
			CPU:          item.Status.Allocatable["cpu"],
			Memory:       item.Status.Allocatable["memory"],
		}
		for _, condition := range item.Status.Conditions {
			if condition.Type == "Ready" {
				n.Ready = condition.Status == "True"
			}
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// Renewals says when each node last renewed its lease. A kubelet does so as soon as it starts;
// its Ready condition it may leave as it was before a crash for a minute.
func (c *Client) Renewals(ctx context.Context) (map[string]time.Time, error) {
	raw, err := c.Get(ctx, "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases")
	if err != nil {
		return nil, err
	}
	var list struct {
		Items []struct {
			Metadata struct {
				Name string `json:"name"`
			} `json:"metadata"`
			Spec struct {
				RenewTime time.Time `json:"renewTime"`
			} `json:"spec"`
		} `json:"items"`
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("reading the nodes' leases: %w", err)
	}
	renewals := map[string]time.Time{}
	for _, item := range list.Items {
		renewals[item.Metadata.Name] = item.Spec.RenewTime
	}
	return renewals, nil
}
