// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// TestSysctlsComeBack runs in a network namespace of its own, where forwarding starts switched off.
func TestSysctlsComeBack(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	runtime.LockOSThread() // never unlocked: the thread, with its namespace, ends with the test
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skipf("no namespaces here: %v", err)
	}
	const forward = "net/ipv4/ip_forward"
	is := func(want string) {
		t.Helper()
		if got, err := readSysctl(forward); err != nil || got != want {
			t.Errorf("%s = %q, %v, want %q", forward, got, err, want)
		}
	}
	if err := writeSysctl(forward, "0"); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "sysctls.json")
	for range 2 { // a second cluster must not take our own value for the machine's
		if err := RememberSysctls(file); err != nil {
			t.Fatal(err)
		}
		is("1")
	}
	if err := RestoreSysctls(file); err != nil {
		t.Fatal(err)
	}
	is("0")
	if err := RestoreSysctls(file); err != nil {
		t.Errorf("restoring twice: %v", err)
	}
}
