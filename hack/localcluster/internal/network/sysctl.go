// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package network

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/internal/atomicfile"
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

// remembered are the values from before the first cluster. They are worth nothing after a reboot.
type remembered struct {
	Boot   string            `json:"boot"`
	Values map[string]string `json:"values"`
}

func recall(file string) (remembered, error) {
	var r remembered
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("reading remembered kernel settings: %w", err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("reading remembered kernel settings: %w", err)
	}
	return r, nil
}

// RememberSysctls saves the machine's settings before the first cluster changes them, and turns forwarding on.
func RememberSysctls(file string) error {
	boot, err := readSysctl("kernel/random/boot_id")
	if err != nil {
		return fmt.Errorf("reading the boot's name: %w", err)
	}
	if r, err := recall(file); err != nil || r.Boot != boot {
		r = remembered{Boot: boot, Values: map[string]string{}}
		for name := range changed {
			if value, err := readSysctl(name); err == nil {
				r.Values[name] = value
			}
		}
		raw, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			return fmt.Errorf("encoding kernel settings: %w", err)
		}
		if err := atomicfile.Write(file, raw, 0o644); err != nil {
			return fmt.Errorf("remembering kernel settings: %w", err)
		}
	}
	return writeSysctl("net/ipv4/ip_forward", "1")
}

// RestoreSysctls undoes the changes when the last cluster goes. What somebody else changed since stays.
func RestoreSysctls(file string) error {
	r, err := recall(file)
	if err != nil {
		return err
	}
	if boot, err := readSysctl("kernel/random/boot_id"); err != nil || boot != r.Boot {
		r.Values = nil
	}
	var errs []error
	for name, value := range r.Values {
		now, err := readSysctl(name)
		if err == nil && now != value && now == changed[name] {
			errs = append(errs, writeSysctl(name, value))
		}
	}
	if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, fmt.Errorf("forgetting kernel settings: %w", err))
	}
	return errors.Join(errs...)
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
