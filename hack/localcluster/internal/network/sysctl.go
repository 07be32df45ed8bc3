// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// changed are the settings of the whole machine that we (the first) or the kubelet (the others) set, and to what.
var changed = map[string]string{
	"net/ipv4/ip_forward":       "1",
	"vm/overcommit_memory":      "1",
	"vm/panic_on_oom":           "0",
	"kernel/panic":              "10",
	"kernel/panic_on_oops":      "1",
	"kernel/keys/root_maxkeys":  "1000000",
	"kernel/keys/root_maxbytes": "25000000",
}

// RememberSysctls saves the machine's settings before the first cluster changes them, and turns forwarding on.
func RememberSysctls(file string) error {
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		before := map[string]string{}
		for _, name := range slices.Sorted(maps.Keys(changed)) {
			if value, err := readSysctl(name); err == nil {
				before[name] = value
			}
		}
		raw, err := json.MarshalIndent(before, "", "  ")
		if err != nil {
			return fmt.Errorf("encoding kernel settings: %w", err)
		}
		if err := os.WriteFile(file, raw, 0o644); err != nil {
			return fmt.Errorf("remembering kernel settings: %w", err)
		}
	}
	return writeSysctl("net/ipv4/ip_forward", "1")
}

// RestoreSysctls undoes the changes when the last cluster goes. What somebody else changed since stays.
func RestoreSysctls(file string) error {
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading remembered kernel settings: %w", err)
	}
	var before map[string]string
	if err := json.Unmarshal(raw, &before); err != nil {
		return fmt.Errorf("reading remembered kernel settings: %w", err)
	}
	var errs []error
	for name, value := range before {
		now, err := readSysctl(name)
		if err != nil || now == value || now != changed[name] {
			continue
		}
		errs = append(errs, writeSysctl(name, value))
	}
	return errors.Join(append(errs, os.Remove(file))...)
}

func readSysctl(name string) (string, error) {
	raw, err := os.ReadFile(filepath.Join("/proc/sys", name))
	return strings.TrimSpace(string(raw)), err
}

func writeSysctl(name, value string) error {
	if err := os.WriteFile(filepath.Join("/proc/sys", name), []byte(value), 0o644); err != nil {
		return fmt.Errorf("setting %s: %w", name, err)
	}
	return nil
}
