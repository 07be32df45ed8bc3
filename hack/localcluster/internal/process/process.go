// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package process starts programs that outlive the CLI and knows them again later, by pid and start time,
// so that a recycled pid is never mistaken for one of ours. As a second line every process carries
// the state folder in its environment; what no record knows is found by that mark, never by its name.
package process

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Environment variables that mark a process as ours.
const (
	MarkState     = "LOCALCLUSTER_MARK"
	MarkComponent = "LOCALCLUSTER_COMPONENT"
)

// Identity names one process for all time: a pid alone is reused, a pid with its start time since this boot isn't.
type Identity struct {
	PID   int    `json:"pid"`
	Start uint64 `json:"start"` // clock ticks after boot
	Boot  string `json:"boot"`
}

// Identify reads the identity of a running process.
func Identify(pid int) (Identity, error) {
	stat, err := readStat(pid)
	if err != nil {
		return Identity{}, err
	}
	return Identity{PID: pid, Start: stat.start, Boot: bootID()}, nil
}

// exiting is PF_EXITING of the kernel: a killed process that isn't gone yet. The first process of a node may take a while,
// since the whole node goes with it.
const exiting = 0x4

// Alive says whether exactly this process still runs. One that was killed and is on its way out doesn't.
func (i Identity) Alive() bool {
	stat, there := i.look()
	return there && stat.state != 'Z' && stat.flags&exiting == 0
}

// Gone says whether nothing is left of this process, save perhaps an entry that its parent hasn't fetched.
func (i Identity) Gone() bool {
	_, there := i.look()
	return !there
}

func (i Identity) look() (stat, bool) {
	if i.PID <= 0 || i.Boot != bootID() {
		return stat{}, false
	}
	s, err := readStat(i.PID)
	return s, err == nil && s.start == i.Start && !s.over()
}

type stat struct {
	state   byte
	flags   uint64
	threads uint64
	start   uint64
}

// over says whether the process has given everything back. Its first thread may be a zombie while others still hold its ports.
func (s stat) over() bool {
	return s.state == 'X' || s.state == 'Z' && s.threads <= 1
}

func readStat(pid int) (stat, error) {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return stat{}, fmt.Errorf("reading the state of process %d: %w", pid, err)
	}
	return parseStat(raw)
}

// parseStat reads fields 3, 9, 20 and 22 of proc(5) stat. Field 2, the name, may hold blanks and brackets: skip to the last bracket.
func parseStat(raw []byte) (stat, error) {
	end := bytes.LastIndexByte(raw, ')')
	if end < 0 {
		return stat{}, fmt.Errorf("no name in process state %q", raw)
	}
	fields := strings.Fields(string(raw[end+1:]))
	const state, flags, threads, start = 0, 9 - 3, 20 - 3, 22 - 3
	if len(fields) <= start {
		return stat{}, fmt.Errorf("process state %q is too short", raw)
	}
	parsed := stat{state: fields[state][0]}
	for field, to := range map[int]*uint64{flags: &parsed.flags, threads: &parsed.threads, start: &parsed.start} {
		n, err := strconv.ParseUint(fields[field], 10, 64)
		if err != nil {
			return stat{}, fmt.Errorf("process state %q: %w", raw, err)
		}
		*to = n
	}
	return parsed, nil
}

func bootID() string {
	raw, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(raw))
}
