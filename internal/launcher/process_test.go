// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// killText kills the process whose number a command has printed.
func killText(text string) {
	if pid, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && pid > 1 {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
}

func TestInstall(t *testing.T) {
	t.Parallel()
	p := newPod(t)
	p.start("install", `{"containers":["a_B-1"],"files":[{"path":"fluent/fluent-bit.conf","content":"[INPUT]\n"}]}`).exits(0)
	for path, want := range map[string]os.FileMode{
		".ecs/bin/launcher": 0o755, ".ecs/state": 0o777, ".ecs/state/a_B-1": 0o777, ".ecs/state/fluent/fluent-bit.conf": 0o644,
	} {
		if info, err := os.Stat(p.path(path)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v %v, want %v", path, info, err, want)
		}
	}
	if got := p.read(".ecs/state/fluent/fluent-bit.conf"); got != "[INPUT]\n" {
		t.Errorf("the file has %q", got)
	}
	for _, bad := range []string{`{`, `{"containers":["../x"]}`, `{"containers":[""]}`, `{"containers":[],"files":[{"path":"../x"}]}`} {
		p.start("install", bad).givesUp("ResourceInitializationError: ")
	}
}

func TestInstallKnowsTheTask(t *testing.T) {
	t.Setenv("ECS_TASK_ID", "3f6b1c8e-0d4a-4f7e-9a55-0123456789ab")
	p := newPod(t)
	p.start("install", `{"containers":[],"files":[{"path":"router/fluent.conf","content":"arn task/prod/$(ECS_TASK_ID)"}]}`).exits(0)
	if got := p.read(".ecs/state/router/fluent.conf"); got != "arn task/prod/3f6b1c8e0d4a4f7e9a550123456789ab" {
		t.Errorf("the file has %q", got)
	}
}

func TestACommandThatCannotBeStarted(t *testing.T) {
	p := newPod(t, "web")
	p.write("plain", "no program")
	for name, tc := range map[string]struct{ command, want string }{
		"not found":      {"no-such-program", `CannotStartContainerError: exec: "no-such-program": executable file not found in $PATH`},
		"not there":      {"/no/such", `CannotStartContainerError: exec: "/no/such": stat /no/such: no such file or directory`},
		"not executable": {p.path("plain"), `plain": permission denied`},
	} {
		for kind, spec := range map[string]launchspec.Spec{"in place": {Container: "web"}, "watched": {Container: "web", Init: true}} {
			t.Run(name+" "+kind, func(t *testing.T) { p.in(t).run(spec, tc.command).givesUp(tc.want) })
		}
	}
	p.run(launchspec.Spec{Container: "../web"}, "true").givesUp("ResourceInitializationError: ")
	p.run(launchspec.Spec{Container: "web", StopSignal: "SIGNONE"}, "true").givesUp("SIGNONE")
}

func TestWithNothingToWatchTheCommandTakesTheLaunchersPlace(t *testing.T) {
	t.Parallel()
	p := newPod(t, "web")
	c := p.shell(launchspec.Spec{Container: "web", Ulimits: []launchspec.Ulimit{{Name: "core", Soft: 0, Hard: 0}}}, `echo "pid $$"; exit 7`)
	c.exits(7)
	if got, want := c.out.String(), fmt.Sprintf("pid %d\n", c.cmd.Process.Pid); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestExitCodes(t *testing.T) {
	p := newPod(t, "web")
	for script, want := range map[string]int{
		"exit 0": 0, "exit 42": 42, "kill -KILL $$": 137, "kill -TERM $$": 143,
	} {
		t.Run(script, func(t *testing.T) {
			p.in(t).shell(launchspec.Spec{Container: "web", Report: true}, script).exits(want)
			if s := p.state("web"); s.ExitCode == nil || *s.ExitCode != want || !s.Started() {
				t.Errorf("state %+v, want started and exit code %d", s, want)
			}
		})
	}
}

func TestStopTimeout(t *testing.T) {
	t.Parallel()
	p := newPod(t, "web")
	p.second = 50 * time.Millisecond
	c := p.shell(launchspec.Spec{Container: "web", StopTimeoutSeconds: 2}, `trap "echo asked" TERM; echo up; while :; do sleep 0.01; done`)
	c.says("up")
	c.signal(syscall.SIGTERM)
	c.exits(137)
	c.says("asked")
}

func TestSignals(t *testing.T) {
	for name, tc := range map[string]struct {
		image    string
		sent     syscall.Signal
		received string
	}{
		"the image's stop signal takes SIGTERM's place": {"SIGQUIT", syscall.SIGTERM, "QUIT"},
		"what the runtime sent is passed on":            {"", syscall.SIGINT, "INT"},
		"the image's own asks to stop":                  {"USR1", syscall.SIGUSR1, "USR1"},
		"any other signal is passed on":                 {"", syscall.SIGHUP, "HUP"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPod(t, "web")
			c := p.in(t).shell(launchspec.Spec{Container: "web", Init: true, StopSignal: tc.image},
				`for s in HUP INT QUIT TERM USR1; do trap "echo $s; exit 9" $s; done; echo up; while :; do sleep 0.01; done`)
			c.says("up")
			c.signal(tc.sent)
			c.exits(9)
			if got := c.out.String(); got != "up\n"+tc.received+"\n" {
				t.Errorf("got %q, want %s", got, tc.received)
			}
		})
	}
}

func TestRestart(t *testing.T) {
	t.Parallel()
	p := newPod(t, "web")
	p.second = time.Millisecond
	c := p.shell(launchspec.Spec{Container: "web", Restart: &launchspec.Restart{AttemptPeriodSeconds: 20, IgnoredExitCodes: []int32{4}}},
		`echo run >>runs; sleep 0.03; [ $(wc -l <runs) -lt 3 ] || exit 4; exit 1`)
	c.exits(4)
	if s := p.state("web"); p.read("runs") != "run\nrun\nrun\n" || s.Restarts != 2 || *s.ExitCode != 4 {
		t.Errorf("ran %q, state %+v; want three runs, two restarts, code 4", p.read("runs"), s)
	}
	p.second = time.Second
	c = p.shell(launchspec.Spec{Container: "web", Restart: &launchspec.Restart{AttemptPeriodSeconds: 60}}, `exit 1`)
	c.exits(1) // ended before its period
}

func TestAContainerThatIsStoppedIsNotRestarted(t *testing.T) {
	t.Parallel()
	p := newPod(t, "web")
	c := p.shell(launchspec.Spec{Container: "web", Restart: &launchspec.Restart{}}, `echo run >>runs; trap "exit 1" TERM; echo up; while :; do sleep 0.01; done`)
	c.says("up")
	c.signal(syscall.SIGTERM)
	c.exits(1)
	if got := p.read("runs"); got != "run\n" {
		t.Errorf("ran %q", got)
	}
}

func TestHold(t *testing.T) {
	t.Parallel()
	p := newPod(t, "log", "web")
	c := p.shell(launchspec.Spec{Container: "log", Hold: true, Report: true}, `exit 5`)
	p.shell(launchspec.Spec{Container: "web", DependsOn: after("log", launchspec.Complete)}, `true`).exits(0)
	if c.ended() {
		t.Fatal("the container went with its command")
	}
	c.signal(syscall.SIGTERM)
	c.exits(5)
}

func TestOrphansAreReapedAndEndWithTheCommand(t *testing.T) {
	t.Parallel()
	p := newPod(t, "web")
	c := p.shell(launchspec.Spec{Container: "web", Init: true}, `(sleep 0.01 & echo short $!); (setsid sleep 60 & echo long $!); echo up; while [ ! -e end ]; do sleep 0.01; done`)
	c.says("up")
	gone := func(pid string) func() bool {
		return func() bool { _, err := os.Stat(filepath.Join("/proc", pid)); return err != nil }
	}
	p.eventually("the orphan that ended is reaped", gone(lineOf(c.out.String(), "short")))
	p.write("end", "")
	c.exits(0)
	p.eventually("the orphan that runs is killed", gone(lineOf(c.out.String(), "long")))
}

func TestHealth(t *testing.T) {
	t.Parallel()
	p := newPod(t, "web")
	p.second = 10 * time.Millisecond
	p.write("well", "")
	c := p.shell(launchspec.Spec{Container: "web", HealthCheck: &launchspec.HealthCheck{
		Command: []string{"/bin/sh", "-c", "[ ! -e slow ] || sleep 60; [ -e well ]"}, IntervalSeconds: 1, TimeoutSeconds: 100, Retries: 2,
	}}, `sleep 60`)
	health := func(want launchspec.Health) {
		t.Helper()
		p.eventually("health is "+string(want), func() bool { return p.state("web").Health == want })
	}
	health(launchspec.HealthHealthy)
	if err := os.Remove(p.path("well")); err != nil {
		t.Fatal(err)
	}
	health(launchspec.HealthUnhealthy)
	p.write("well", "")
	health(launchspec.HealthHealthy)
	p.write("slow", "")
	health(launchspec.HealthUnhealthy) // a check that takes too long has failed
	c.signal(syscall.SIGTERM)
	c.exits(143)
}

func TestStartedIsTrueOnceTheCommandRuns(t *testing.T) {
	t.Parallel()
	p := newPod(t, "app", "db")
	p.start("started", "app").exits(1) // not even its launcher runs
	app := p.shell(launchspec.Spec{Container: "app", Report: true, DependsOn: []launchspec.Dependency{{Container: "db", Condition: launchspec.Start}}}, `echo up; sleep 60`)
	p.eventually("app's launcher has written its state", func() bool { return p.read(".ecs/state/app/state") != "" })
	p.start("started", "app").exits(1)
	db := p.shell(launchspec.Spec{Container: "db", Report: true}, `sleep 60`)
	app.says("up")
	p.eventually("app has started", func() bool { return p.state("app").Started() })
	p.start("started", "app").exits(0)
	p.start("started", "../app").exits(2)
	if message := p.read("dev/termination-log"); message != "" {
		t.Errorf("a probe wrote the termination message %q", message)
	}
	app.signal(syscall.SIGTERM)
	app.exits(143)
	db.signal(syscall.SIGTERM)
	db.exits(143)
}

func TestWaitEndsWhenAskedTo(t *testing.T) {
	t.Parallel()
	p := newPod(t)
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT} {
		c := p.start("wait")
		p.eventually("it waits", func() bool { return strings.Contains(c.err.String(), "waiting to be stopped") })
		if c.ended() {
			t.Fatal("it ended by itself")
		}
		c.signal(sig)
		c.exits(0)
	}
}

func TestUlimits(t *testing.T) {
	p := newPod(t, "web")
	for name, base := range map[string]launchspec.Spec{"in place": {Container: "web"}, "watched": {Container: "web", Init: true}} {
		t.Run(name+": lowered", func(t *testing.T) {
			spec := base
			spec.Ulimits = []launchspec.Ulimit{{Name: "nofile", Soft: 111, Hard: 222}, {Name: "core", Soft: 0, Hard: 0}, {Name: "cpu", Soft: -1, Hard: -1}}
			c := p.in(t).run(spec, "cat", "/proc/self/limits")
			c.exits(0)
			for line, want := range map[string]string{"Max open files": "111 222 files", "Max core file size": "0 0 bytes", "Max cpu time": "unlimited unlimited seconds"} {
				if got := lineOf(c.out.String(), line); got != want {
					t.Errorf("%s: %q, want %q", line, got, want)
				}
			}
		})
		t.Run(name+": untouched, though Go raises its own", func(t *testing.T) {
			cmd := exec.Command("/bin/sh", "-c", `ulimit -Sn 100; exec "$0" "$@"`, program, "run", base.String(), "--", "cat", "/proc/self/limits")
			c := p.in(t).startCommand(cmd)
			c.exits(0)
			if got := lineOf(c.out.String(), "Max open files"); !strings.HasPrefix(got, "100 ") {
				t.Errorf("open files: %q, want 100 as before", got)
			}
		})
	}
	p.shell(launchspec.Spec{Container: "web", Ulimits: []launchspec.Ulimit{{Name: "files", Soft: 1, Hard: 1}}}, "true").givesUp(`ulimit "files" is none of Linux`)
	p.shell(launchspec.Spec{Container: "web", Ulimits: []launchspec.Ulimit{{Name: "nofile", Soft: 2, Hard: 1}}}, "true").givesUp("ulimit nofile: softLimit 2 is above hardLimit 1")
	p.shell(launchspec.Spec{Container: "web", Ulimits: []launchspec.Ulimit{{Name: "nofile", Soft: -2, Hard: 1}}}, "true").givesUp("-1 for unlimited")
}

func TestEveryUlimitIsRaisedAndReachesTheCommand(t *testing.T) {
	needRoot(t)
	needCapability(t, unix.CAP_SYS_RESOURCE)
	p := newPod(t, "web")
	lines := map[string]string{
		"core": "Max core file size", "cpu": "Max cpu time", "data": "Max data size", "fsize": "Max file size", "locks": "Max file locks",
		"memlock": "Max locked memory", "msgqueue": "Max msgqueue size", "nice": "Max nice priority", "nofile": "Max open files",
		"nproc": "Max processes", "rss": "Max resident set", "rtprio": "Max realtime priority", "rttime": "Max realtime timeout",
		"sigpending": "Max pending signals", "stack": "Max stack size",
	}
	var all []launchspec.Ulimit
	for name := range lines {
		n := int64(1 << 20)
		switch name {
		case "nice", "rtprio":
			n = 30
		case "data", "stack":
			n = 1 << 30
		}
		all = append(all, launchspec.Ulimit{Name: name, Soft: n, Hard: n})
	}
	lower := `for l in c f l n; do ulimit -$l 64; done; exec "$0" "$@"`
	for kind, spec := range map[string]launchspec.Spec{"in place": {Container: "web", Ulimits: all}, "watched": {Container: "web", Ulimits: all, Init: true}} {
		t.Run(kind, func(t *testing.T) {
			c := p.in(t).startCommand(exec.Command("/bin/sh", "-c", lower, program, "run", spec.String(), "--", "cat", "/proc/self/limits"))
			c.exits(0)
			for _, u := range all {
				if got, want := lineOf(c.out.String(), lines[u.Name]), fmt.Sprintf("%d %d", u.Soft, u.Hard); !strings.HasPrefix(got, want) {
					t.Errorf("%s: %q, want %q", u.Name, got, want)
				}
			}
		})
	}
}

func TestUlimitsThatMayNotBeRaised(t *testing.T) {
	needRoot(t)
	p := newPod(t, "web")
	low := func(spec launchspec.Spec) *container {
		without := exec.Command("setpriv", "--bounding-set", "-sys_resource", "/bin/sh", "-c", `ulimit -n 64; exec "$0" "$@"`,
			program, "run", spec.String(), "--", "cat", "/proc/self/limits")
		return p.startCommand(without)
	}
	spec := launchspec.Spec{Container: "web", Ulimits: []launchspec.Ulimit{{Name: "nofile", Soft: 128, Hard: 4096}}}
	low(spec).givesUp("CannotStartContainerError: ulimit nofile: setting 128:4096 (soft:hard), with a hard limit of 64 at present", "CAP_SYS_RESOURCE")
	spec.LowerUlimits = true
	c := low(spec)
	c.exits(0)
	if got := lineOf(c.out.String(), "Max open files"); got != "64 64 files" {
		t.Errorf("open files: %q, want 64:64", got)
	}
	if !strings.Contains(c.err.String(), "ulimit nofile is 64:64 instead of 128:4096") {
		t.Errorf("said %q", &c.err)
	}
}

func TestUsers(t *testing.T) {
	needRoot(t)
	p := newPod(t, "web")
	p.write("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1234:1235:App:/home/app:/bin/sh\n")
	p.write("etc/group", "root:x:0:\napp:x:1235:\nextra:x:1300:other,app\nweb:x:1400:\n")
	for user, want := range map[string]string{
		"app": "1234 1235 1235 1300 /home/app", "1234": "1234 1235 1235 1300 /home/app", "app:web": "1234 1400 1400 /home/app",
		"5000": "5000 0 0 /", "5000:web": "5000 1400 1400 /", "5000:6000": "5000 6000 6000 /", "root": "0 0 0 /root",
	} {
		for kind, spec := range map[string]launchspec.Spec{"in place": {Container: "web", User: user}, "watched": {Container: "web", User: user, Report: true}} {
			t.Run(user+" "+kind, func(t *testing.T) {
				cmd := exec.Command("setpriv", "--clear-groups", "env", "HOME=/root", program, "run", spec.String(), "--", "/bin/sh", "-c", `echo $(id -u) $(id -g) $(id -G) $HOME`)
				c := p.in(t).startCommand(cmd)
				c.exits(0)
				if got := strings.TrimSpace(c.out.String()); got != want {
					t.Errorf("got %q, want %q", got, want)
				}
			})
		}
	}
	t.Run("HOME is kept where it was given", func(t *testing.T) {
		spec := launchspec.Spec{Container: "web", User: "app"}
		c := p.in(t).startCommand(exec.Command("env", "HOME=/data", program, "run", spec.String(), "--", "/bin/sh", "-c", "echo $HOME"))
		c.exits(0)
		if got := c.out.String(); got != "/data\n" {
			t.Errorf("HOME is %q", got)
		}
	})
	t.Run("groups of the pod are kept", func(t *testing.T) {
		spec := launchspec.Spec{Container: "web", User: "app"}
		c := p.in(t).startCommand(exec.Command("setpriv", "--groups", "0,7777", program, "run", spec.String(), "--", "id", "-G"))
		c.exits(0)
		if got := c.out.String(); got != "1235 1300 7777\n" {
			t.Errorf("groups %q", got)
		}
	})
	p.shell(launchspec.Spec{Container: "web", User: "nobody-here"}, "true").givesUp("CannotStartContainerError: unable to find user nobody-here: no matching entries in passwd file")
	p.shell(launchspec.Spec{Container: "web", User: "app:none"}, "true").givesUp("unable to find group none: no matching entries in group file")
	spec := launchspec.Spec{Container: "web", User: "app"}
	p.startCommand(exec.Command("setpriv", "--reuid", "999", "--clear-groups", program, "run", spec.String(), "--", "true")).exits(launchspec.ExitFailed)
}

func TestCapabilitiesAreGivenUp(t *testing.T) {
	needRoot(t)
	p := newPod(t, "web")
	spec := launchspec.Spec{Container: "web", DropCapabilities: []string{"CAP_SYS_NICE"}, Ulimits: []launchspec.Ulimit{{Name: "nofile", Soft: 512, Hard: 1024}}}
	watched := spec
	watched.Restart = &launchspec.Restart{AttemptPeriodSeconds: 3600}
	for kind, spec := range map[string]launchspec.Spec{"in place": spec, "watched": watched} {
		t.Run(kind, func(t *testing.T) {
			c := p.in(t).startCommand(exec.Command("setpriv", "--inh-caps", "+sys_nice", "--ambient-caps", "+sys_nice", program, "run", spec.String(), "--", "cat", "/proc/self/status"))
			c.exits(0)
			for _, set := range []string{"CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:"} {
				got, err := strconv.ParseUint(lineOf(c.out.String(), set), 16, 64)
				if err != nil || got>>unix.CAP_SYS_NICE&1 != 0 || set == "CapEff:" && got == 0 {
					t.Errorf("%s %x %v, want all but SYS_NICE", set, got, err)
				}
			}
		})
	}
	p.shell(launchspec.Spec{Container: "web", DropCapabilities: []string{"CAP_NONE"}}, "true").givesUp(`"CAP_NONE" is no capability`)
	p.startCommand(exec.Command("setpriv", "--bounding-set", "-setpcap", program, "run", spec.String(), "--", "true")).givesUp("CAP_SETPCAP")
}
