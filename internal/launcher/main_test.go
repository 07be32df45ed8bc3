// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// program is the launcher, built once.
var program string

func TestMain(m *testing.M) {
	os.Exit(build(m))
}

func build(m *testing.M) int {
	dir, err := os.MkdirTemp("", "launcher")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o755); err != nil {
		panic(err)
	}
	program = filepath.Join(dir, "launcher")
	if out, err := exec.Command("go", "build", "-o", program, "../../cmd/launcher").CombinedOutput(); err != nil {
		panic(fmt.Sprintf("building the launcher: %v\n%s", err, out))
	}
	return m.Run()
}

// pod is a folder that stands for the root of all containers of a pod, and a length for seconds.
type pod struct {
	t      *testing.T
	root   string
	second time.Duration
}

func newPod(t *testing.T, containers ...string) *pod {
	t.Helper()
	p := &pod{t: t, root: t.TempDir(), second: time.Second}
	if err := os.MkdirAll(filepath.Join(p.root, "dev"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.path("dev/termination-log"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(launchspec.Install{Containers: containers})
	if err != nil {
		t.Fatal(err)
	}
	p.start("install", string(text)).exits(0)
	return p
}

// in is the same pod in a subtest.
func (p *pod) in(t *testing.T) *pod {
	t.Helper()
	return &pod{t: t, root: p.root, second: p.second}
}

func (p *pod) path(name string) string { return filepath.Join(p.root, name) }

// container is a launcher that runs, with what it wrote.
type container struct {
	p        *pod
	cmd      *exec.Cmd
	out, err buffer
	done     chan struct{}
}

type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(text []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(text)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// run starts a container's command under the launcher.
func (p *pod) run(spec launchspec.Spec, argv ...string) *container {
	p.t.Helper()
	return p.start(append([]string{"run", spec.String(), "--"}, argv...)...)
}

// shell is run with a script.
func (p *pod) shell(spec launchspec.Spec, script string) *container {
	p.t.Helper()
	return p.run(spec, "/bin/sh", "-c", script)
}

func (p *pod) start(args ...string) *container {
	p.t.Helper()
	return p.startCommand(exec.Command(program, args...))
}

func (p *pod) startCommand(cmd *exec.Cmd) *container {
	p.t.Helper()
	c := &container{p: p, cmd: cmd, done: make(chan struct{})}
	cmd.Env = append(os.Environ(), "ECS_LAUNCHER_ROOT="+p.root, "ECS_LAUNCHER_SECOND="+p.second.String(), "POD="+p.root)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.root, &c.out, &c.err
	cmd.WaitDelay = 10 * time.Second
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	go func() {
		defer close(c.done)
		_ = cmd.Wait()
	}()
	p.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // lets it take its command along
		select {
		case <-c.done:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-c.done
		}
	})
	return c
}

func (c *container) signal(sig syscall.Signal) {
	c.p.t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		c.p.t.Fatal(err)
	}
}

func (c *container) ended() bool {
	select {
	case <-c.done:
		return true
	default:
		return false
	}
}

// exits waits for the end and wants a code.
func (c *container) exits(code int) {
	c.p.t.Helper()
	c.p.eventually("the launcher ends", c.ended)
	if got := c.cmd.ProcessState.ExitCode(); got != code {
		c.p.t.Fatalf("exit code %d, want %d\nstdout: %s\nstderr: %s", got, code, &c.out, &c.err)
	}
}

// givesUp waits for exit code 125 and a termination message with all of the words.
func (c *container) givesUp(words ...string) {
	c.p.t.Helper()
	c.exits(launchspec.ExitFailed)
	message := c.p.read("dev/termination-log")
	for _, w := range words {
		if !strings.Contains(message, w) {
			c.p.t.Errorf("the termination message %q lacks %q", message, w)
		}
	}
}

// says waits for a text on standard output.
func (c *container) says(text string) {
	c.p.t.Helper()
	c.p.eventually(fmt.Sprintf("%q is said", text), func() bool { return strings.Contains(c.out.String(), text) || c.ended() })
	if !strings.Contains(c.out.String(), text) {
		c.p.t.Fatalf("ended without saying %q\nstdout: %s\nstderr: %s", text, &c.out, &c.err)
	}
}

func (p *pod) eventually(what string, is func() bool) {
	p.t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			p.t.Fatalf("20 s have passed, and still not: %s", what)
		}
	}
}

func (p *pod) read(name string) string {
	p.t.Helper()
	text, err := os.ReadFile(p.path(name))
	if err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
	return string(text)
}

func (p *pod) write(name, text string) {
	p.t.Helper()
	if err := os.MkdirAll(filepath.Dir(p.path(name)), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.path(name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *pod) state(name string) launchspec.State {
	p.t.Helper()
	text := p.read(filepath.Join(".ecs/state", name, launchspec.StateFile))
	if text == "" {
		return launchspec.State{}
	}
	s, err := launchspec.ParseState([]byte(text))
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root may change users, raise limits and drop capabilities")
	}
}

// needCapability skips where root hasn't got one, as in some containers.
func needCapability(t *testing.T, bit int) {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	have, err := strconv.ParseUint(lineOf(string(status), "CapEff:"), 16, 64)
	if err != nil || have>>bit&1 == 0 {
		t.Skipf("capability %d is missing here", bit)
	}
}

// lineOf is what stands behind the beginning of a line, as commands print /proc/self/status and limits.
func lineOf(text, begins string) string {
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, begins); ok {
			return strings.Join(strings.Fields(rest), " ")
		}
	}
	return ""
}
