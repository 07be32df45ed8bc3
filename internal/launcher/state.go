// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// Files in a container's directory beside launchspec.StateFile.
const (
	// aliveFile is locked by the launcher for as long as it lives: the kernel tells of an end that nobody could write down.
	aliveFile = "alive"
	// lockFile is locked while the state is changed.
	lockFile = "lock"
)

// killedCode is the exit code of a container whose launcher was killed with it.
const killedCode = 128 + int(unix.SIGKILL)

func (l *Launcher) dir(container string) string { return l.path(launchspec.StateDir, container) }

// state reads where a container stands. A container that died with its launcher, as one does that is out of memory, has ended with 137.
func (l *Launcher) state(container string) (launchspec.State, error) {
	text, err := os.ReadFile(filepath.Join(l.dir(container), launchspec.StateFile))
	if errors.Is(err, os.ErrNotExist) {
		return launchspec.State{}, nil
	}
	if err != nil {
		return launchspec.State{}, err
	}
	s, err := launchspec.ParseState(text)
	if err == nil && !s.Ended() && l.died(container) {
		now, code := l.Now(), killedCode
		s.ExitedAt, s.ExitCode = &now, &code
	}
	return s, err
}

// died says that a container's launcher was there and is no more.
func (l *Launcher) died(container string) bool {
	file, err := os.Open(filepath.Join(l.dir(container), aliveFile))
	if err != nil {
		return false
	}
	defer file.Close()
	return unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil
}

// live holds the container's aliveFile until the process ends.
func (l *Launcher) live(container string) (*os.File, error) {
	return lock(filepath.Join(l.dir(container), aliveFile))
}

// update changes the state of a container. The launcher that runs it and the one that probes it take turns.
func (l *Launcher) update(container string, change func(*launchspec.State)) error {
	turn, err := lock(filepath.Join(l.dir(container), lockFile))
	if err != nil {
		return err
	}
	defer turn.Close()
	path := filepath.Join(l.dir(container), launchspec.StateFile)
	var s launchspec.State
	if text, err := os.ReadFile(path); err == nil {
		if s, err = launchspec.ParseState(text); err != nil {
			s = launchspec.State{}
		}
	}
	change(&s)
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return replaceFile(path, text, 0o644)
}

// lock opens a file, making it for all users if need be, and waits until it is the only one that has it locked.
func lock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err == nil && info.Mode().Perm() != 0o666 {
		_ = file.Chmod(0o666) // its maker's umask took something away; who isn't its maker can't help it
	}
	for {
		err = unix.Flock(int(file.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return file, nil
}
