// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package debian installs what real nodes need and the machine lacks.
package debian

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// needed maps each package to a file that shows it is there.
var needed = map[string]string{
	"containerd":                  "/usr/bin/containerd",
	"runc":                        "/usr/sbin/runc",
	"containernetworking-plugins": "/usr/lib/cni/ptp",
	"iptables":                    "/usr/sbin/iptables",
	"conntrack":                   "/usr/sbin/conntrack",
	"iproute2":                    "/usr/sbin/ip",
}

// PluginFolder is where the CNI plugins are: Debian's package puts them in the first, others in the second.
func PluginFolder() string {
	const debian, others = "/usr/lib/cni", "/opt/cni/bin"
	if _, err := os.Stat(debian + "/ptp"); err != nil {
		if _, err := os.Stat(others + "/ptp"); err == nil {
			return others
		}
	}
	return debian
}

// Program is the path of a program, wherever it was installed from.
func Program(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("looking for %s: %w", name, err)
	}
	return path, nil
}

// Missing lists the packages that aren't installed.
func Missing() []string {
	var missing []string
	for name, file := range needed {
		if _, err := os.Stat(file); err == nil {
			continue
		}
		// Docker's own packages bring containerd and runc too: installing Debian's would throw those out.
		if _, err := exec.LookPath(filepath.Base(file)); err == nil {
			continue
		}
		if filepath.Base(file) == "ptp" && PluginFolder() != filepath.Dir(file) {
			continue
		}
		missing = append(missing, name)
	}
	slices.Sort(missing)
	return missing
}

// ErrCannot says that packages are missing and can't be installed here.
var ErrCannot = errors.New("can't install packages here")

// Ensure installs what is missing, and says so. It needs root and apt-get.
func Ensure(ctx context.Context, out io.Writer) error {
	missing := Missing()
	if len(missing) == 0 {
		return nil
	}
	if _, err := exec.LookPath("apt-get"); err != nil || os.Geteuid() != 0 {
		return fmt.Errorf("%w: missing %s", ErrCannot, strings.Join(missing, ", "))
	}
	fmt.Fprintf(out, "installing Debian packages: %s\n", strings.Join(missing, " "))
	if err := apt(ctx, "update", "-q"); err != nil {
		return err
	}
	return apt(ctx, append([]string{"install", "-y", "-q", "--no-install-recommends"}, missing...)...)
}

func apt(ctx context.Context, args ...string) error {
	cmd := exec.CommandContext(ctx, "apt-get", args...)
	cmd.Env = append(os.Environ(), "DEBIAN_FRONTEND=noninteractive")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("apt-get %s: %w: %s", strings.Join(args, " "), err, out)
	}
	return nil
}
