// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package image

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
)

func TestTheSameProgramGivesTheSameBytes(t *testing.T) {
	dir := t.TempDir()
	write := func(archive string, at time.Time) []byte {
		t.Helper()
		binary := filepath.Join(dir, "app")
		if err := os.WriteFile(binary, []byte("program"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(binary, at, at); err != nil {
			t.Fatal(err)
		}
		out := filepath.Join(dir, archive)
		if err := Write(Spec{Name: "app:dev", Binary: binary, Entrypoint: "/bin/app", User: "65532:65532"}, out); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(out)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	if !bytes.Equal(write("a.tar", time.Unix(1, 0)), write("b.tar", time.Unix(2, 0))) {
		t.Error("two builds differ")
	}
}

func TestImageRunsTheProgramAsTheUser(t *testing.T) {
	dir := t.TempDir()
	binary := filepath.Join(dir, "app")
	if err := os.WriteFile(binary, []byte("program"), 0o700); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "image.tar")
	spec := Spec{Name: "app:dev", Binary: binary, Entrypoint: "/bin/app", Args: []string{"--x"}, User: "65532:65532", Ports: []string{"80/tcp"}}
	if err := Write(spec, out); err != nil {
		t.Fatal(err)
	}
	tag, err := name.NewTag("app:dev")
	if err != nil {
		t.Fatal(err)
	}
	img, err := tarball.ImageFromPath(out, &tag)
	if err != nil {
		t.Fatal(err)
	}
	config, err := img.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	got := config.Config
	if got.Entrypoint[0] != "/bin/app" || got.Cmd[0] != "--x" || got.User != "65532:65532" || len(got.ExposedPorts) != 1 {
		t.Errorf("configuration = %+v", got)
	}
}

func TestParseFile(t *testing.T) {
	cases := map[string]bool{"a:/b": true, "a": false, "a:b": false, ":/b": false}
	for in, ok := range cases {
		if _, err := ParseFile(in); (err == nil) != ok {
			t.Errorf("ParseFile(%q): %v", in, err)
		}
	}
}
