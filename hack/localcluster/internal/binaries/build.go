// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/components"
)

// build compiles all programs of m in a scratch folder beside dir and renames the result to dir.
func build(ctx context.Context, cache, dir string, m components.Module, out io.Writer) error {
	if err := removeScratch(cache); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(cache, scratchPrefix+m.Name+"-")
	if err != nil {
		return fmt.Errorf("making a build folder: %w", err)
	}
	defer os.RemoveAll(scratch)
	source, bin := filepath.Join(scratch, "src"), filepath.Join(scratch, "bin")
	if err := writeSource(source, m); err != nil {
		return err
	}
	if err := os.Mkdir(bin, 0o755); err != nil {
		return fmt.Errorf("making a folder for the programs: %w", err)
	}
	packages := slices.Sorted(maps.Keys(m.Programs))
	fmt.Fprintf(out, "building %s: %s (once; kept in %s)\n", m.Name, strings.Join(slices.Sorted(maps.Values(m.Programs)), ", "), cache)
	p := newProgress(m.Name, len(dependencies(ctx, source, packages)), time.Now())
	if err := compile(ctx, source, bin, m.LDFlags, packages, p, out); err != nil {
		return err
	}
	for pkg, name := range m.Programs {
		if err := rename(bin, builtName(pkg), name); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(dir); err != nil {
		return fmt.Errorf("clearing an incomplete build: %w", err)
	}
	if err := os.Rename(bin, dir); err != nil {
		return fmt.Errorf("publishing the build: %w", err)
	}
	fmt.Fprintf(out, "built %s in %s\n", m.Name, time.Since(p.began).Round(time.Second))
	return nil
}

const scratchPrefix = ".building-"

// removeScratch deletes what killed builds left. The lock is ours, so nobody builds in there.
func removeScratch(cache string) error {
	left, err := filepath.Glob(filepath.Join(cache, scratchPrefix+"*"))
	if err != nil {
		return fmt.Errorf("looking for unfinished builds: %w", err)
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("removing an unfinished build: %w", err)
		}
	}
	return nil
}

func writeSource(dir string, m components.Module) error {
	if err := os.Mkdir(dir, 0o755); err != nil {
		return fmt.Errorf("making a source folder: %w", err)
	}
	for name, content := range m.Files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			return fmt.Errorf("writing %s of %s: %w", name, m.Name, err)
		}
	}
	return nil
}

// dependencies lists what a build from nothing would compile; empty when it can't be told.
func dependencies(ctx context.Context, source string, packages []string) []string {
	cmd := exec.CommandContext(ctx, "go", append([]string{"list", "-deps"}, packages...)...)
	cmd.Dir, cmd.Env = source, environment()
	out, err := cmd.Output()
	if err != nil {
		return nil
	}
	return strings.Fields(string(out))
}

func compile(ctx context.Context, source, bin, ldflags string, packages []string, p *progress, out io.Writer) error {
	args := append([]string{"build", "-v", "-trimpath", "-ldflags", ldflags, "-o", bin + string(filepath.Separator)}, packages...)
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Env = source, environment()
	lines, err := cmd.StderrPipe()
	if err != nil {
		return fmt.Errorf("reading the go command's output: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the go command: %w", err)
	}
	stop := p.report(out, 10*time.Second)
	said := watch(lines, p)
	err = cmd.Wait()
	stop()
	if err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, said)
	}
	return nil
}

// watch counts compiled packages and keeps the last lines that are neither a package nor a download: the errors.
func watch(r io.Reader, p *progress) string {
	var said []string
	scanner := bufio.NewScanner(r)
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		line := scanner.Text()
		switch {
		case strings.HasPrefix(line, "go: downloading "):
			p.downloaded()
		case !strings.ContainsAny(line, " :"):
			p.compiled()
		default:
			said = append(said, line)
		}
	}
	return strings.Join(said[max(0, len(said)-40):], "\n")
}

// environment turns cgo off for static programs, and workspaces off so that the pinned module files rule.
func environment() []string {
	return append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly")
}

// builtName is what the go command calls the binary of a package: the last path element that isn't a major version.
func builtName(pkg string) string {
	base := path.Base(pkg)
	if len(base) > 1 && base[0] == 'v' && strings.Trim(base[1:], "0123456789") == "" {
		return path.Base(path.Dir(pkg))
	}
	return base
}

func rename(dir, from, to string) error {
	if from == to {
		return nil
	}
	if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
		return fmt.Errorf("naming %s: %w", to, err)
	}
	return nil
}
