// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

//go:build linux

package launcher

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ecs-operator/ecs-operator/internal/launchspec"
)

// resources by ECS's names (API_Ulimit).
var resources = map[string]int{
	"core":       unix.RLIMIT_CORE,
	"cpu":        unix.RLIMIT_CPU,
	"data":       unix.RLIMIT_DATA,
	"fsize":      unix.RLIMIT_FSIZE,
	"locks":      unix.RLIMIT_LOCKS,
	"memlock":    unix.RLIMIT_MEMLOCK,
	"msgqueue":   unix.RLIMIT_MSGQUEUE,
	"nice":       unix.RLIMIT_NICE,
	"nofile":     unix.RLIMIT_NOFILE,
	"nproc":      unix.RLIMIT_NPROC,
	"rss":        unix.RLIMIT_RSS,
	"rtprio":     unix.RLIMIT_RTPRIO,
	"rttime":     unix.RLIMIT_RTTIME,
	"sigpending": unix.RLIMIT_SIGPENDING,
	"stack":      unix.RLIMIT_STACK,
}

// limit is a ulimit that can be asked for.
type limit struct {
	launchspec.Ulimit
	resource int
	wanted   syscall.Rlimit
}

// limitsOf reads ulimits.
func limitsOf(ulimits []launchspec.Ulimit) ([]limit, error) {
	var out []limit
	for _, u := range ulimits {
		resource, known := resources[u.Name]
		soft, okSoft := limitValue(u.Soft)
		hard, okHard := limitValue(u.Hard)
		switch {
		case !known:
			return nil, fmt.Errorf("CannotStartContainerError: ulimit %q is none of Linux", u.Name)
		case !okSoft, !okHard:
			return nil, fmt.Errorf("CannotStartContainerError: ulimit %s: %d:%d: want numbers from 0, or -1 for unlimited", u.Name, u.Soft, u.Hard)
		case soft > hard:
			return nil, fmt.Errorf("CannotStartContainerError: ulimit %s: softLimit %d is above hardLimit %d", u.Name, u.Soft, u.Hard)
		}
		out = append(out, limit{u, resource, syscall.Rlimit{Cur: soft, Max: hard}})
	}
	return out, nil
}

func limitValue(n int64) (uint64, bool) {
	if n == -1 {
		return unix.RLIM_INFINITY, true
	}
	return uint64(n), n >= 0 //nolint:gosec // negative numbers are refused by the second value
}

// set gives the process the limit; lower settles for the present hard limit where the kernel refuses more, and says so.
// syscall.Setrlimit also tells Go's runtime that the number of open files is now meant, not the one that it raised at its start.
func (l limit) set(lower bool, says io.Writer) error {
	err := syscall.Setrlimit(l.resource, &l.wanted)
	if err == nil {
		return nil
	}
	var present syscall.Rlimit
	if getErr := syscall.Getrlimit(l.resource, &present); getErr != nil {
		return fmt.Errorf("CannotStartContainerError: ulimit %s: %w", l.Name, getErr)
	}
	if lower && errors.Is(err, syscall.EPERM) {
		reached := syscall.Rlimit{Cur: min(l.wanted.Cur, present.Max), Max: min(l.wanted.Max, present.Max)}
		fmt.Fprintf(says, "launcher: ulimit %s is %s instead of %s: this namespace doesn't let it be raised\n", l.Name, pair(reached), pair(l.wanted))
		err = syscall.Setrlimit(l.resource, &reached)
		if err == nil {
			return nil
		}
	}
	return fmt.Errorf("CannotStartContainerError: ulimit %s: setting %s (soft:hard), with a hard limit of %s at present: %w; %s",
		l.Name, pair(l.wanted), limitText(present.Max), err, l.wayOut(present))
}

func (l limit) wayOut(present syscall.Rlimit) string {
	if l.resource == unix.RLIMIT_NOFILE && l.wanted.Max > present.Max {
		return "let the container start as root with CAP_SYS_RESOURCE, and stay below the node's fs.nr_open; or lower hardLimit"
	}
	return "let the container start as root with CAP_SYS_RESOURCE, or lower hardLimit"
}

func pair(r syscall.Rlimit) string { return limitText(r.Cur) + ":" + limitText(r.Max) }

func limitText(n uint64) string {
	if n == unix.RLIM_INFINITY {
		return "unlimited"
	}
	return strconv.FormatUint(n, 10)
}
