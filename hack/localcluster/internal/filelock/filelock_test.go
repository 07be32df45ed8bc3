// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package filelock

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestAWaiterDoesntHoldADeletedFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	holder, err := Acquire(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan *Lock)
	waits := make(chan struct{})
	go func() {
		second, err := Acquire(t.Context(), dir, func() { close(waits) })
		if err != nil {
			t.Error(err)
		}
		got <- second
	}()
	<-waits
	if err := os.Remove(dir); err != nil { // as down does
		t.Fatal(err)
	}
	third, err := Acquire(t.Context(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	holder.Release()
	select {
	case <-got:
		t.Fatal("two hold the lock")
	case <-time.After(300 * time.Millisecond): // three looks of the waiter
	}
	third.Release()
	(<-got).Release()
}
