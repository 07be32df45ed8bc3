// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"
)

// capabilityNames in the order of their numbers.
var capabilityNames = strings.Fields(`CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
	NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT
	SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP
	MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`)

// capability is the number of a capability, by its name with or without CAP_.
func capability(name string) (int, error) {
	short := strings.TrimPrefix(strings.ToUpper(name), "CAP_")
	for n, known := range capabilityNames {
		if known == short {
			return n, nil
		}
	}
	return 0, fmt.Errorf("launcher: %q is no capability", name)
}

func capabilitiesOf(names []string) ([]int, error) {
	var out []int
	for _, name := range names {
		n, err := capability(name)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// dropBounding makes sure that nothing this thread turns into gets the capabilities again.
func dropBounding(capabilities []int) error {
	for _, n := range capabilities {
		if has, err := unix.PrctlRetInt(unix.PR_CAPBSET_READ, uintptr(n), 0, 0, 0); err != nil || has == 0 {
			continue // the kernel doesn't know it, or it is out of reach already
		}
		if err := unix.Prctl(unix.PR_CAPBSET_DROP, uintptr(n), 0, 0, 0); err != nil {
			return fmt.Errorf("CannotStartContainerError: giving up CAP_%s: %w; let the container start with CAP_SETPCAP", capabilityNames[n], err)
		}
	}
	return nil
}

// dropHeld takes the capabilities out of the thread's ambient, inheritable, permitted and effective sets.
func dropHeld(capabilities []int) error {
	if len(capabilities) == 0 {
		return nil
	}
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return fmt.Errorf("CannotStartContainerError: reading the capabilities: %w", err)
	}
	for _, n := range capabilities {
		// Fails on kernels without ambient capabilities alone, and lowering an inheritable one lowers the ambient one too.
		_ = unix.Prctl(unix.PR_CAP_AMBIENT, unix.PR_CAP_AMBIENT_LOWER, uintptr(n), 0, 0)
		bit := uint32(1) << (n % 32)
		sets[n/32].Inheritable &^= bit
		sets[n/32].Permitted &^= bit
		sets[n/32].Effective &^= bit
	}
	if err := unix.Capset(&header, &sets[0]); err != nil {
		return fmt.Errorf("CannotStartContainerError: giving up capabilities: %w", err)
	}
	return nil
}
