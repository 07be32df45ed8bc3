// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

// Package launcher is the program that stands in front of a container's command; design note 0004 says why there is one.
//
// It runs as process 1 of the container. Where only limits, a user or capabilities are asked for, or others are waited for, it turns
// into the command by exec. Else it stays as the command's parent. The command is then started by a second launcher, the
// stage, which gives up rights and turns into the command: the one that watches keeps its rights, to start the command again.
package launcher

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// terminationLog is where the kubelet reads why a container ended.
const terminationLog = "/dev/termination-log"

// commandStage is the launcher's command for itself: stage tied|free <Spec> -- command.
const commandStage = "stage"

// Launcher is what the program knows of its surroundings.
type Launcher struct {
	// Root stands before the paths of the launcher's volume, /etc/passwd and the termination message; "" is the container's root.
	Root string
	// Second is how long a second of the Spec takes.
	Second time.Duration
	Now    func() time.Time
	Stderr io.Writer
}

// Main does what the arguments say and returns the exit code.
func (l *Launcher) Main(args []string) int {
	verb, rest := "", []string(nil)
	if len(args) > 0 {
		verb, rest = args[0], args[1:]
	}
	switch verb {
	case launchspec.CommandInstall:
		return l.install(rest)
	case launchspec.CommandRun:
		return l.run(rest)
	case launchspec.CommandProbe:
		return l.probe(rest)
	case launchspec.CommandStarted:
		return l.started(rest)
	case launchspec.CommandWait:
		return l.wait()
	case commandStage:
		return l.stage(rest)
	}
	return l.giveUp(fmt.Errorf("launcher: no command %q; it has install, run, probe, started and wait", verb))
}

// wait is for a container that is there for its readiness probe alone.
func (l *Launcher) wait() int {
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT)
	fmt.Fprintln(l.Stderr, "launcher: waiting to be stopped; this container carries the health check of a target group")
	<-asked
	return 0
}

// giveUp tells the kubelet and the container's log why the command isn't started.
func (l *Launcher) giveUp(err error) int {
	fmt.Fprintln(l.Stderr, err)
	// A container may have no such file: the message is in the log then.
	if file, openErr := os.OpenFile(l.path(terminationLog), os.O_WRONLY|os.O_TRUNC, 0); openErr == nil {
		fmt.Fprint(file, err)
		file.Close()
	}
	return launchspec.ExitFailed
}

func (l *Launcher) path(elements ...string) string {
	return filepath.Join(append([]string{l.Root, "/"}, elements...)...)
}

func (l *Launcher) seconds(n int64) time.Duration { return time.Duration(n) * l.Second }

// parseCommand reads <Spec> -- command.
func parseCommand(args []string) (launchspec.Spec, []string, error) {
	if len(args) < 3 || args[1] != "--" {
		return launchspec.Spec{}, nil, errors.New("launcher: want <spec> -- <command>")
	}
	spec, err := launchspec.Parse(args[0])
	if err == nil {
		err = checkName(spec.Container)
	}
	return spec, args[2:], err
}

// checkName holds container names, which are names of directories here, to those that ECS allows.
func checkName(name string) error {
	legal := func(r rune) bool {
		return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return !legal(r) }) {
		return fmt.Errorf("launcher: %q is no name of a container: want letters, digits, hyphens and underscores", name)
	}
	return nil
}

// install copies the launcher into the pod's volume and makes the directories of its containers, for any user to write to.
func (l *Launcher) install(args []string) int {
	if err := l.installAll(args); err != nil {
		return l.giveUp(fmt.Errorf("ResourceInitializationError: installing the launcher: %w", err))
	}
	return 0
}

func (l *Launcher) installAll(args []string) error {
	if len(args) != 1 {
		return errors.New("want one argument, what to install as JSON")
	}
	var what launchspec.Install
	if err := json.Unmarshal([]byte(args[0]), &what); err != nil {
		return err
	}
	if err := l.installBinary(); err != nil {
		return err
	}
	if err := makeDir(l.path(launchspec.StateDir), 0o777); err != nil {
		return err
	}
	for _, name := range what.Containers {
		if err := checkName(name); err != nil {
			return err
		}
		if err := makeDir(l.path(launchspec.StateDir, name), 0o777); err != nil {
			return err
		}
	}
	for _, f := range what.Files {
		if !filepath.IsLocal(f.Path) {
			return fmt.Errorf("file %q: want a path below %s", f.Path, launchspec.StateDir)
		}
		path := l.path(launchspec.StateDir, f.Path)
		if err := makeDir(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := replaceFile(path, []byte(strings.ReplaceAll(f.Content, launchspec.TaskIDPlaceholder, taskID())), 0o644); err != nil {
			return err
		}
	}
	return nil
}

func (l *Launcher) installBinary() error {
	path := l.path(launchspec.Binary)
	if err := makeDir(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	program, err := os.ReadFile("/proc/self/exe")
	if err != nil {
		return err
	}
	return replaceFile(path, program, 0o755)
}

// makeDir makes a directory with just these permissions, whatever the umask.
func makeDir(path string, mode os.FileMode) error {
	if err := os.MkdirAll(path, mode); err != nil {
		return err
	}
	if info, err := os.Stat(path); err == nil && info.Mode().Perm() == mode {
		return nil
	}
	return os.Chmod(path, mode)
}

// replaceFile writes a file that others see whole or not at all.
func replaceFile(path string, content []byte, mode os.FileMode) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	_, err = temp.Write(content)
	err = errors.Join(err, temp.Chmod(mode), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		os.Remove(temp.Name())
	}
	return err
}

// setEnv is env with name set to value.
func setEnv(env []string, name, value string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(e string) bool { return strings.HasPrefix(e, name+"=") })
	return append(env, name+"="+value)
}
