// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package filelock serialises processes by flock on a folder. The kernel drops the lock when its holder dies,
// so there is no such thing as a stale lock.
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
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("making %s: %w", dir, err)
	}
	f, err := os.Open(dir)
	if err != nil {
		return nil, fmt.Errorf("opening %s: %w", dir, err)
	}
	for first := true; ; first = false {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return &Lock{dir: f}, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			f.Close()
			return nil, fmt.Errorf("locking %s: %w", dir, err)
		}
		if first && waiting != nil {
			waiting()
		}
		select {
		case <-ctx.Done():
			f.Close()
			return nil, fmt.Errorf("waiting for the lock on %s: %w", dir, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Release gives the lock up.
func (l *Lock) Release() { l.dir.Close() }
