// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

// Package image makes container images of one layer from static programs, without a container engine.
// The same input gives the same bytes: times are fixed and owners are root.
package image

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

// epoch stands for every time in an image.
var epoch = time.Unix(0, 0).UTC()

// Spec describes an image.
type Spec struct {
	Name       string // repository:tag
	Binary     string // file of a static program
	Entrypoint string // where the program is in the image
	Args       []string
	User       string
	Env        []string
	Ports      []string // 8080/tcp
	Add        []File
	Labels     map[string]string
}

// File is put into the image as it is; a folder with all that is in it.
type File struct{ From, To string }

// ParseFile reads src:dst.
func ParseFile(s string) (File, error) {
	from, to, ok := strings.Cut(s, ":")
	if !ok || from == "" || !path.IsAbs(to) {
		return File{}, fmt.Errorf("%q isn't source:/absolute/destination", s)
	}
	return File{From: from, To: path.Clean(to)}, nil
}

// Write builds the image and writes it to out as an archive that containerd, Docker and podman load.
func Write(spec Spec, out string) error {
	tag, err := name.NewTag(spec.Name)
	if err != nil {
		return fmt.Errorf("image name: %w", err)
	}
	img, err := build(spec)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
		return fmt.Errorf("making the folder of %s: %w", out, err)
	}
	temporary := out + ".partial"
	defer os.Remove(temporary)
	if err := tarball.WriteToFile(temporary, tag, img); err != nil {
		return fmt.Errorf("writing image %s: %w", spec.Name, err)
	}
	if err := os.Rename(temporary, out); err != nil {
		return fmt.Errorf("writing image %s: %w", spec.Name, err)
	}
	return nil
}

func build(spec Spec) (v1.Image, error) {
	content, err := layer(append([]File{{From: spec.Binary, To: spec.Entrypoint}}, spec.Add...))
	if err != nil {
		return nil, err
	}
	opener := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }
	// Images go from one folder of this machine to another: compress fast rather than well.
	l, err := tarball.LayerFromOpener(opener, tarball.WithCompressionLevel(gzip.BestSpeed))
	if err != nil {
		return nil, fmt.Errorf("making the layer: %w", err)
	}
	img, err := mutate.Append(empty.Image, mutate.Addendum{
		Layer:   l,
		History: v1.History{Created: v1.Time{Time: epoch}, CreatedBy: "localcluster build-image"},
	})
	if err != nil {
		return nil, fmt.Errorf("adding the layer: %w", err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		return nil, fmt.Errorf("reading the empty configuration: %w", err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture, config.Created = "linux", runtime.GOARCH, v1.Time{Time: epoch}
	config.Config.Entrypoint = []string{spec.Entrypoint}
	config.Config.Cmd = spec.Args
	config.Config.User = spec.User
	config.Config.Env = append([]string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}, spec.Env...)
	config.Config.Labels = spec.Labels
	for _, p := range spec.Ports {
		if config.Config.ExposedPorts == nil {
			config.Config.ExposedPorts = map[string]struct{}{}
		}
		config.Config.ExposedPorts[p] = struct{}{}
	}
	return mutate.ConfigFile(img, config)
}

// layer packs the files and the folders above them, in order of their names.
func layer(files []File) ([]byte, error) {
	entries := map[string]string{} // path in the image to path outside; empty for a folder
	for _, f := range files {
		if err := collect(f, entries); err != nil {
			return nil, err
		}
	}
	entries["/tmp"] = ""
	names := make([]string, 0, len(entries))
	for to := range entries {
		names = append(names, to)
	}
	slices.Sort(names)
	var out bytes.Buffer
	tw := tar.NewWriter(&out)
	for _, to := range names {
		if err := pack(tw, entries[to], to); err != nil {
			return nil, err
		}
	}
	if err := tw.Close(); err != nil {
		return nil, fmt.Errorf("closing the layer: %w", err)
	}
	return out.Bytes(), nil
}

func collect(f File, entries map[string]string) error {
	return filepath.WalkDir(f.From, func(from string, d os.DirEntry, err error) error {
		if err != nil {
			return fmt.Errorf("collecting %s: %w", f.From, err)
		}
		inside, err := filepath.Rel(f.From, from)
		if err != nil {
			return fmt.Errorf("collecting %s: %w", f.From, err)
		}
		to := path.Join(f.To, filepath.ToSlash(inside))
		for dir := path.Dir(to); dir != "/"; dir = path.Dir(dir) {
			entries[dir] = ""
		}
		if d.IsDir() {
			from = ""
		}
		entries[to] = from
		return nil
	})
}

func pack(tw *tar.Writer, from, to string) error {
	header := &tar.Header{Name: strings.TrimPrefix(to, "/"), ModTime: epoch, Format: tar.FormatPAX}
	if from == "" {
		header.Typeflag, header.Name, header.Mode = tar.TypeDir, header.Name+"/", 0o755
		if to == "/tmp" {
			header.Mode = 0o1777
		}
		return wrap(to, tw.WriteHeader(header))
	}
	content, err := os.ReadFile(from)
	if err != nil {
		return wrap(to, err)
	}
	info, err := os.Stat(from)
	if err != nil {
		return wrap(to, err)
	}
	header.Typeflag, header.Size, header.Mode = tar.TypeReg, int64(len(content)), 0o644
	if info.Mode()&0o111 != 0 {
		header.Mode = 0o755
	}
	if err := tw.WriteHeader(header); err != nil {
		return wrap(to, err)
	}
	_, err = tw.Write(content)
	return wrap(to, err)
}

func wrap(to string, err error) error {
	if err != nil {
		return fmt.Errorf("packing %s: %w", to, err)
	}
	return nil
}
