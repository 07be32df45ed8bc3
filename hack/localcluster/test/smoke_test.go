// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

const interrupt = syscall.SIGTERM

// updates is how many rolling updates the test makes under load; more with LOCALCLUSTER_UPDATES.
func updates() int {
	if n, err := strconv.Atoi(os.Getenv("LOCALCLUSTER_UPDATES")); err == nil {
		return n
	}
	return 2
}

// TestLife is the life of a cluster, in order: each part stands on the one before.
func TestLife(t *testing.T) {
	c := newCluster(t)
	began := time.Now()
	c.do("up", "--real", "2")
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("up took %s, more than 30 s", took)
	}
	index := c.index()
	url := c.deployWeb()
	answers(t, url)
	part(t, "logs, exec, port-forward, top", c.looksInside)
	part(t, "rolling updates under load lose nothing", func(*testing.T) {
		for i := range updates() {
			c.updateUnderLoad(url, strconv.Itoa(2+i))
		}
	})
	part(t, "a lost node", func(t *testing.T) { c.losesANode(t, url) })
	part(t, "control plane restarts", func(t *testing.T) {
		for _, component := range []string{"apiserver", "etcd", "scheduler", "controller-manager"} {
			c.do(component, "restart", "--kill")
		}
		answers(t, url)
	})
	part(t, "half of it killed, up repairs", func(t *testing.T) {
		for _, component := range []string{"etcd", "kube-scheduler", "kwok", "edge", "local-node-2"} {
			if err := syscall.Kill(c.pid(component), syscall.SIGKILL); err != nil {
				t.Fatal(err)
			}
		}
		c.do("up")
		c.do("status")
		eventually(t, 20*time.Second, func() error { return steady(url) }) // a node takes its pods up again
	})
	part(t, "a second cluster beside it", func(t *testing.T) { besides(t, url) })
	c.do("down")
	nothingLeft(t, c.state, index)
}

func part(t *testing.T, name string, f func(*testing.T)) {
	t.Helper()
	if !t.Run(name, f) {
		t.Fatalf("%s: failed, and the rest stands on it", name)
	}
}

func (c *cluster) looksInside(t *testing.T) {
	if out := c.kubectl("logs", "deployment/web"); !strings.Contains(out, "Listening") {
		t.Errorf("logs say %q", out)
	}
	c.kubectl("exec", "deployment/web", "--", "/web", "healthcheck")
	c.portForward(t)
	eventually(t, 60*time.Second, func() error {
		if out := c.tell("kubectl", "top", "pods"); strings.Count(out, "web-") < 3 {
			return errors.New(out)
		}
		return nil
	})
}

func (c *cluster) losesANode(t *testing.T, url string) {
	c.do("node", "stop", "local-node-2")
	eventually(t, 40*time.Second, func() error { return c.nodeIs("local-node-2", "NotReady") })
	eventually(t, 60*time.Second, func() error {
		pods := c.kubectl("get", "pods", "-l", "app=web", "-o", "wide", "--field-selector", "spec.nodeName=local-node-1")
		if n := strings.Count(pods, "1/1"); n != 3 {
			return fmt.Errorf("%d pods on the other node", n)
		}
		return nil
	})
	answers(t, url)
	c.do("node", "start", "local-node-2")
	if err := c.nodeIs("local-node-2", "Ready"); err != nil {
		t.Error(err)
	}
	c.apply(fmt.Sprintf(webManifest, "after the fault"))
	c.rolledOut() // spread over both again
	if on2 := c.kubectl("get", "pods", "-l", "app=web", "-o", "name", "--field-selector", "spec.nodeName=local-node-2"); on2 == "" {
		t.Error("no pod runs on the node that came back")
	}
}

func (c *cluster) nodeIs(node, status string) error {
	out := c.tell("nodes")
	for line := range strings.Lines(out) {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] == node && fields[1] == status {
			return nil
		}
	}
	return fmt.Errorf("%s isn't %s:\n%s", node, status, out)
}

// besides runs a second cluster, kills its `up` at several moments, and takes it down again; the first must not notice.
func besides(t *testing.T, firstURL string) {
	second := newCluster(t)
	stop := load(firstURL, 50*time.Millisecond)
	for _, after := range []time.Duration{50, 150, 400, 1500, 3500} {
		cmd := second.command("up", "--real", "1", "--simulated", "5")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(after * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	second.do("up", "--real", "1", "--simulated", "5")
	index := second.index()
	second.do("kubectl", "cordon", "-l", "type=kwok")
	answers(t, second.deployWeb())
	second.do("up", "--real", "2", "--simulated", "3")
	second.do("up", "--real", "1", "--simulated", "0")
	second.do("down")
	nothingLeft(t, second.state, index)
	if sent, failed := stop(); len(failed) > 0 {
		t.Errorf("the first cluster lost %d of %d requests, first: %v", len(failed), sent, failed[0])
	}
}

// TestStateFolderDeleted: somebody deletes the folder of a running cluster.
func TestStateFolderDeleted(t *testing.T) {
	c := newCluster(t)
	c.do("up", "--real", "1")
	index := c.index()
	eventually(t, 10*time.Second, func() error { return os.RemoveAll(c.state) }) // programs go on writing into it
	c.do("down")
	nothingLeft(t, c.state, index)
}

func nothingLeft(t *testing.T, state string, index int) {
	t.Helper()
	eventually(t, 5*time.Second, func() error { // the kernel takes network namespaces apart in the background
		if left := footprint(t, state, index); len(left) > 0 {
			return fmt.Errorf("left behind:\n%s", strings.Join(left, "\n"))
		}
		return nil
	})
}
