// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package filelock serialises processes by flock on a folder. The kernel drops the lock when its holder dies,
// so there is no such thing as a stale lock. The holder may delete the folder: who waited for it then locks a new one.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Lock is held until Release.
type Lock struct{ dir *os.File }

// Acquire locks dir, creating it if need be. It calls waiting once if someone else holds the lock.
func Acquire(ctx context.Context, dir string, waiting func()) (*Lock, error) {
	for first := true; ; first = false {
		lock, err := try(dir)
		if err != nil || lock != nil {
			return lock, err
		}
		if first && waiting != nil {
			waiting()
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for the lock on %s: %w", dir, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// try returns nil without an error when the lock is held, or was deleted at this moment.
func try(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making %s: %w", dir, err)
	}
	f, err := os.Open(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", dir, err)
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, f.Close()
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", dir, err), f.Close())
	}
	if !current(f, dir) {
		return nil, f.Close()
	}
	return &Lock{dir: f}, nil
}

// current says whether the locked folder is still the one that the path leads to.
func current(f *os.File, dir string) bool {
	locked, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(dir)
	return err == nil && os.SameFile(locked, there)
}

// Release gives the lock up.
func (l *Lock) Release() { l.dir.Close() }
