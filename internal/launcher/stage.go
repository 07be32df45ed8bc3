// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// problemFD is where a stage writes why it can't start the command. It is closed by exec: nothing written means that all is well.
const problemFD = 3

// A stage that is tied to its parent dies with it.
const (
	tied = "tied"
	free = "free"
)

// stage is the launcher between fork and exec: it turns into the command.
func (l *Launcher) stage(args []string) int {
	problem := os.NewFile(problemFD, "problem")
	syscall.CloseOnExec(problemFD)
	var err error
	if len(args) == 0 {
		err = errors.New("launcher: want tied or free")
	} else {
		var spec launchspec.Spec
		var argv []string
		if spec, argv, err = parseCommand(args[1:]); err == nil {
			err = l.become(spec, argv, args[0] == tied)
		}
	}
	fmt.Fprint(problem, err)
	return launchspec.ExitFailed
}

// become turns this process into the command, with the limits, the user and the capabilities of the Spec. It returns if it can't.
// All that may want memory or files is done before the first limit is set.
func (l *Launcher) become(spec launchspec.Spec, argv []string, tied bool) error {
	limits, err := limitsOf(spec.Ulimits)
	if err != nil {
		return err
	}
	capabilities, err := capabilitiesOf(spec.DropCapabilities)
	if err != nil {
		return err
	}
	env := os.Environ()
	user, err := l.user(spec.User)
	if err != nil {
		return fmt.Errorf("CannotStartContainerError: %w", err)
	}
	if user != nil {
		env = l.home(env, *user)
	}
	path, err := lookPath(argv[0], os.Getenv("PATH"))
	if err != nil {
		return fmt.Errorf("CannotStartContainerError: %w", err)
	}
	// Capabilities belong to a thread, and exec keeps those of the one that calls it.
	runtime.LockOSThread()
	debug.SetGCPercent(-1)
	for _, limit := range limits {
		if err := limit.set(spec.LowerUlimits, l.Stderr); err != nil {
			return err
		}
	}
	if err := dropBounding(capabilities); err != nil {
		return err
	}
	if user != nil {
		if err := user.become(spec.User); err != nil {
			return err
		}
	}
	if err := dropHeld(capabilities); err != nil {
		return err
	}
	if tied { // after the change of user, which unties
		if err := unix.Prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0, 0, 0); err != nil {
			return fmt.Errorf("CannotStartContainerError: exec: %q: %w", argv[0], err)
		}
	}
	return fmt.Errorf("CannotStartContainerError: exec: %q: %w", argv[0], syscall.Exec(path, argv, env))
}

// user looks the Spec's user up in the container's own files, which may be missing: numbers need none. nil is no change.
func (l *Launcher) user(text string) (*account, error) {
	if text == "" {
		return nil, nil
	}
	passwd, group := l.readEtc()
	found, err := findUser(text, passwd, group)
	if err != nil {
		return nil, err
	}
	found.groups = append(found.groups, podGroups(passwd, group)...)
	found.groups = append([]int{found.gid}, found.groups...)
	slices.Sort(found.groups)
	found.groups = slices.Compact(found.groups)
	return &found, nil
}

func (l *Launcher) readEtc() (passwd, group string) {
	p, _ := os.ReadFile(l.path("etc/passwd"))
	g, _ := os.ReadFile(l.path("etc/group"))
	return string(p), string(g)
}

// podGroups are the groups that the pod gives to all its containers, fsGroup above all: those of this process that its own user isn't in
// by itself.
func podGroups(passwd, group string) []int {
	have, err := os.Getgroups()
	if err != nil {
		return nil
	}
	own, err := findUser(strconv.Itoa(os.Getuid()), passwd, group)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(have, func(g int) bool { return g == os.Getgid() || slices.Contains(own.groups, g) })
}

// home sets HOME to the user's. A HOME that isn't the one that the runtime gives to the user it starts the launcher as is somebody's wish.
func (l *Launcher) home(env []string, user account) []string {
	passwd, group := l.readEtc()
	given := os.Getenv("HOME")
	started, err := findUser(strconv.Itoa(os.Getuid()), passwd, group)
	if err == nil && given != "" && given != "/" && given != started.home {
		return env
	}
	if user.home == "" {
		user.home = "/"
	}
	return setEnv(env, "HOME", user.home)
}

// become changes the process to the account. One that is it already needs no rights.
func (a account) become(asked string) error {
	if os.Getuid() == a.uid && os.Getgid() == a.gid && a.uid != 0 {
		return nil
	}
	err := syscall.Setgroups(a.groups)
	if err == nil {
		err = syscall.Setgid(a.gid)
	}
	if err == nil {
		err = syscall.Setuid(a.uid)
	}
	if err != nil {
		return fmt.Errorf("CannotStartContainerError: user %s: becoming %d:%d: %w; let the container start as root with CAP_SETUID and CAP_SETGID", asked, a.uid, a.gid, err)
	}
	return nil
}

// lookPath finds a command as the container runtime does: a name without a slash in the folders of PATH.
func lookPath(name, path string) (string, error) {
	if strings.Contains(name, "/") {
		return name, executable(name)
	}
	var denied error
	for _, dir := range filepath.SplitList(path) {
		if dir == "" {
			dir = "."
		}
		file := filepath.Join(dir, name)
		err := executable(file)
		if err == nil {
			if !filepath.IsAbs(file) {
				file = "./" + file
			}
			return file, nil
		}
		if errors.Is(err, fs.ErrPermission) {
			denied = fmt.Errorf("exec: %q: permission denied", name)
		}
	}
	if denied != nil {
		return "", denied
	}
	return "", fmt.Errorf("exec: %q: executable file not found in $PATH", name)
}

func executable(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return fmt.Errorf("exec: %q: %w", path, err)
	case info.IsDir() || info.Mode()&0o111 == 0:
		return fmt.Errorf("exec: %q: %w", path, fs.ErrPermission)
	}
	return nil
}
