// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package test

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

const webManifest = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  strategy: {rollingUpdate: {maxUnavailable: 0, maxSurge: 1}}
  template:
    metadata: {labels: {app: web}}
    spec:
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: ScheduleAnyway, labelSelector: {matchLabels: {app: web}}}
      containers:
      - name: web
        image: web:test
        env: [{name: VERSION, value: "%s"}]
        resources: {requests: {cpu: 50m, memory: 32Mi}, limits: {memory: 64Mi}}
        readinessProbe: {httpGet: {path: /healthz, port: 8080}, periodSeconds: 1}
        livenessProbe: {exec: {command: [/web, healthcheck]}}
        lifecycle: {preStop: {sleep: {seconds: 3}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: NodePort
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
`

// deployWeb runs the sample application and returns the URL where it answers.
func (c *cluster) deployWeb() string {
	c.t.Helper()
	dir := c.t.TempDir()
	binary, archive := filepath.Join(dir, "web"), filepath.Join(dir, "web.tar")
	if err := compile("../../..", "./hack/images/web", binary); err != nil {
		c.t.Fatal(err)
	}
	c.do("build-image", "--name", "web:test", "--binary", binary, "-o", archive)
	c.do("load-image", archive)
	c.apply(fmt.Sprintf(webManifest, "1"))
	c.rolledOut()
	return c.url()
}

func (c *cluster) rolledOut() {
	c.t.Helper()
	c.kubectl("rollout", "status", "deployment/web", "--timeout=90s")
}

func (c *cluster) url() string {
	c.t.Helper()
	return "http://127.0.0.1:" + c.kubectl("get", "service", "web", "-o", "jsonpath={.spec.ports[0].nodePort}") + "/"
}

func answers(t *testing.T, url string) {
	t.Helper()
	eventually(t, 30*time.Second, func() error {
		body, err := get(url)
		if err == nil && !strings.HasPrefix(body, "version=") {
			err = fmt.Errorf("answered %q", body)
		}
		return err
	})
}

// steady is nil when thirty requests in a row were answered: no endpoint is dead.
func steady(url string) error {
	for range 30 {
		if _, err := get(url); err != nil {
			return err
		}
	}
	return nil
}

// load sends requests, each on a connection of its own, until stop is called, which returns how many there were and which failed.
func load(url string, every time.Duration) (stop func() (int, []error)) {
	quit := make(chan struct{})
	var mu sync.Mutex
	var all sync.WaitGroup
	var sent int
	var failed []error
	all.Go(func() {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
			}
			sent++
			all.Go(func() {
				if _, err := get(url); err != nil {
					mu.Lock()
					failed = append(failed, fmt.Errorf("%s: %w", time.Now().Format("15:04:05.000"), err))
					mu.Unlock()
				}
			})
		}
	})
	return func() (int, []error) {
		close(quit)
		all.Wait()
		return sent, failed
	}
}

func (c *cluster) updateUnderLoad(url, version string) {
	c.t.Helper()
	stop := load(url, 20*time.Millisecond)
	c.apply(fmt.Sprintf(webManifest, version))
	c.rolledOut()
	time.Sleep(5 * time.Second) // the last of the old pods are still leaving
	sent, failed := stop()
	c.t.Logf("%d requests, %d failed", sent, len(failed))
	if len(failed) > 0 {
		c.t.Errorf("%d of %d requests failed, first: %v", len(failed), sent, failed[0])
	}
}

// portForward is a request through the apiserver and the kubelet.
func (c *cluster) portForward(t *testing.T) {
	cmd := c.command("kubectl", "port-forward", "deployment/web", ":8080")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Signal(interrupt); _ = cmd.Wait() }()
	line := make([]byte, 200)
	n, err := out.Read(line)
	if err != nil {
		t.Fatal(err)
	}
	var port int
	if _, err := fmt.Sscanf(string(line[:n]), "Forwarding from 127.0.0.1:%d", &port); err != nil {
		t.Fatalf("%s: %v", line[:n], err)
	}
	answers(t, fmt.Sprintf("http://127.0.0.1:%d/", port))
}
