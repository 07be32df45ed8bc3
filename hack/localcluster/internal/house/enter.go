// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

// Run is the life of a house's first process. It returns only on failure.
func Run(dir string) error {
	raw, err := os.ReadFile(filepath.Join(dir, "house.json"))
	if err != nil {
		return fmt.Errorf("reading the house's description: %w", err)
	}
	var spec Spec
	if err := json.Unmarshal(raw, &spec); err != nil {
		return fmt.Errorf("reading the house's description: %w", err)
	}
	if err := mountAll(dir, spec); err != nil {
		return err
	}
	if err := unix.Sethostname([]byte(spec.Hostname)); err != nil {
		return fmt.Errorf("naming the house: %w", err)
	}
	if err := connect(spec); err != nil {
		return err
	}
	for _, s := range spec.Sysctls {
		if err := os.WriteFile(filepath.Join("/proc/sys", s.Path), []byte(s.Value), 0o644); err != nil {
			return fmt.Errorf("setting %s: %w", s.Path, err)
		}
	}
	for _, argv := range spec.Setup {
		if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, out)
		}
	}
	return supervise(spec.Services)
}

// mountAll turns the inherited view of the machine into the house's own. Folders from outside are opened before
// /run is covered, and bound by their descriptors, since they may themselves be below /run.
func mountAll(dir string, spec Spec) error {
	binds := append([]Bind{{From: dir, To: Root}}, spec.Binds...)
	handles := make([]*os.File, len(binds))
	for i, b := range binds {
		f, err := os.OpenFile(b.From, unix.O_PATH|unix.O_DIRECTORY, 0)
		if err != nil {
			return fmt.Errorf("opening %s for the house: %w", b.From, err)
		}
		defer f.Close()
		handles[i] = f
	}
	if err := mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return err
	}
	resolver, err := os.ReadFile(filepath.Join(dir, "resolv.conf"))
	if err != nil {
		return fmt.Errorf("reading the house's resolver configuration: %w", err)
	}
	if err := mount("tmpfs", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
		return err
	}
	for i, b := range binds {
		if err := os.MkdirAll(b.To, 0o755); err != nil {
			return fmt.Errorf("making %s in the house: %w", b.To, err)
		}
		if err := mount(fmt.Sprintf("/proc/self/fd/%d", handles[i].Fd()), b.To, "", unix.MS_BIND|unix.MS_REC, ""); err != nil {
			return err
		}
	}
	for _, path := range spec.Own {
		from := filepath.Join(Root, "own", path)
		if err := os.MkdirAll(from, 0o755); err != nil {
			return fmt.Errorf("making %s: %w", from, err)
		}
		if err := mount(from, path, "", unix.MS_BIND, ""); err != nil {
			return err
		}
	}
	if err := replaceResolver(resolver); err != nil {
		return err
	}
	if err := mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return err
	}
	return mount("", "/", "", unix.MS_REC|unix.MS_SHARED, "") // volumes must propagate from kubelet to containers
}

// replaceResolver covers /etc/resolv.conf. Often that is a link into /run, which is empty now: the target is made first.
func replaceResolver(content []byte) error {
	const file = "/etc/resolv.conf"
	own := filepath.Join("/run", "resolv.conf")
	if err := os.WriteFile(own, content, 0o644); err != nil {
		return fmt.Errorf("writing the house's resolver configuration: %w", err)
	}
	if target, err := os.Readlink(file); err == nil {
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(file), target)
		}
		if strings.HasPrefix(target, "/run/") {
			if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
				return fmt.Errorf("making the folder of %s: %w", target, err)
			}
			if err := os.WriteFile(target, content, 0o644); err != nil {
				return fmt.Errorf("writing %s: %w", target, err)
			}
			return nil
		}
	}
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return mount(own, file, "", unix.MS_BIND, "")
}

func mount(from, to, kind string, flags uintptr, data string) error {
	if err := unix.Mount(from, to, kind, flags, data); err != nil {
		return fmt.Errorf("mounting %s (%s): %w", to, kind, err)
	}
	return nil
}
