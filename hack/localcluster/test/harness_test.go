// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package test runs the CLI for real: it starts clusters, harms them, and looks whether anything is left of them.
// It needs root, and programs in the cache (`localcluster binaries`) or some minutes to build them:
//
//	LOCALCLUSTER_SMOKE=1 go test -v -count=1 -timeout 15m ./test/
package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program is the CLI under test.
var program string

func TestMain(m *testing.M) {
	if os.Getenv("LOCALCLUSTER_SMOKE") == "" {
		fmt.Println("set LOCALCLUSTER_SMOKE=1 to run clusters for real")
		return
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "localcluster-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "localcluster")
	if err := compile("..", ".", program); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func compile(dir, pkg, out string) error {
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, pkg)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if said, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("compiling %s: %w: %s", pkg, err, said)
	}
	return nil
}

// cluster is one cluster under test. It is taken down when the test ends.
type cluster struct {
	t     *testing.T
	state string
}

func newCluster(t *testing.T) *cluster {
	c := &cluster{t: t, state: filepath.Join(t.TempDir(), "state")}
	t.Cleanup(func() {
		if t.Failed() {
			t.Log(c.tell("status"))
		}
		c.tell("down", "--force")
	})
	return c
}

func (c *cluster) command(args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "LOCALCLUSTER_STATE="+c.state)
	return cmd
}

// tell runs the CLI and returns what it says, whatever becomes of it.
func (c *cluster) tell(args ...string) string {
	out, err := c.command(args...).CombinedOutput()
	if err != nil {
		return fmt.Sprintf("%s(%v)", out, err)
	}
	return string(out)
}

// do runs the CLI, which must succeed, and returns its standard output.
func (c *cluster) do(args ...string) string {
	c.t.Helper()
	cmd := c.command(args...)
	var errout bytes.Buffer
	cmd.Stderr = &errout
	out, err := cmd.Output()
	if err != nil {
		c.t.Fatalf("localcluster %s: %v\n%s%s", strings.Join(args, " "), err, out, errout.String())
	}
	c.t.Logf("localcluster %s\n%s", strings.Join(args, " "), errout.String())
	return strings.TrimSpace(string(out))
}

func (c *cluster) kubectl(args ...string) string {
	c.t.Helper()
	return c.do(append([]string{"kubectl"}, args...)...)
}

func (c *cluster) apply(manifest string) {
	c.t.Helper()
	cmd := c.command("kubectl", "apply", "-f", "-")
	cmd.Stdin = strings.NewReader(manifest)
	if out, err := cmd.CombinedOutput(); err != nil {
		c.t.Fatalf("applying: %v\n%s", err, out)
	}
}

// pid is that of a component's process.
func (c *cluster) pid(component string) int {
	c.t.Helper()
	raw, err := os.ReadFile(filepath.Join(c.state, "run", component+".json"))
	if err != nil {
		c.t.Fatal(err)
	}
	var record struct{ PID int }
	if err := json.Unmarshal(raw, &record); err != nil {
		c.t.Fatal(err)
	}
	return record.PID
}

func (c *cluster) index() int {
	c.t.Helper()
	raw, err := os.ReadFile(filepath.Join(c.state, "cluster.json"))
	if err != nil {
		c.t.Fatal(err)
	}
	var facts struct{ Plan struct{ Index int } }
	if err := json.Unmarshal(raw, &facts); err != nil {
		c.t.Fatal(err)
	}
	return facts.Plan.Index
}

// eventually polls until ask is content.
func eventually(t *testing.T, limit time.Duration, ask func() error) {
	t.Helper()
	var err error
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if err = ask(); err == nil {
			return
		}
	}
	t.Fatalf("not within %s: %v", limit, err)
}

func get(url string) (string, error) {
	client := http.Client{Timeout: 3 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return string(body), err
}
