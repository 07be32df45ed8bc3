// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	ecsv1 "github.com/ecs-operator/ecs-operator/api/v1alpha1"
)

var update = flag.Bool("update", false, "write testdata anew; look at the diff")

// golden compares with a file, or writes it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is another; go test ./internal/plugin/view -update, and look at it\n%s", file, diff)
	}
}

func TestPictures(t *testing.T) {
	two := shop()
	two.Clusters = append(two.Clusters, newCity("empty").Clusters...)
	for name, tc := range map[string]struct {
		of   *city
		wish Wish
		on   Canvas
	}{
		"shop-80x24":        {shop(), Wish{}, Canvas{Width: 80, Height: 24, Unicode: true}},
		"shop-80x24-colour": {shop(), Wish{}, Canvas{Width: 80, Height: 24, Unicode: true, Colours: 256}},
		"shop-80-ascii":     {shop(), Wish{}, Canvas{Width: 80}},
		"shop-80-8-colours": {shop(), Wish{}, Canvas{Width: 80, Colours: 8}},
		"shop-200":          {shop(), Wish{}, Canvas{Width: 200, Height: 50, Unicode: true}},
		"shop-40":           {shop(), Wish{}, Canvas{Width: 40, Unicode: true}},
		"shop-80x20":        {shop(), Wish{}, Canvas{Width: 80, Height: 20, Unicode: true}},
		"shop-80x12-fixed":  {shop(), Wish{}, Canvas{Width: 80, Height: 12, Fixed: true, Unicode: true}},
		"fleet-60-fixed":    {fleet(60), Wish{}, Canvas{Width: 80, Height: 24, Fixed: true, Unicode: true}},
		"shop-by-cpu":       {shop(), Wish{By: ecsv1.ResourceNameCPU}, Canvas{Width: 80, Unicode: true}},
		"shop-only-cache":   {shop(), Wish{Service: "cache"}, Canvas{Width: 80, Unicode: true}},
		"two-clusters":      {two, Wish{}, Canvas{Width: 80}},
		"fleet-60":          {fleet(60), Wish{}, Canvas{Width: 100, Unicode: true}},
		"fleet-200-wide":    {fleet(200), Wish{}, Canvas{Width: 200, Unicode: true}},
		"fleet-1000":        {fleet(1000), Wish{}, Canvas{Width: 80, Unicode: true}},
		"fleet-1000-ascii":  {fleet(1000), Wish{}, Canvas{Width: 80}},
	} {
		t.Run(name, func(t *testing.T) {
			m, why := Look(tc.of.World, tc.wish)
			if why != "" {
				t.Fatal(why)
			}
			got := m.Draw(tc.on)
			golden(t, "map/"+name+".txt", got)
			inside(t, got, tc.on)
		})
	}
}

var escapes = regexp.MustCompile("\x1b\\[[0-9;]*m")

// inside checks what holds of all pictures: no line is too long, and nothing is used that the canvas hasn't got.
func inside(t *testing.T, picture string, on Canvas) {
	t.Helper()
	if on.Colours == 0 && strings.Contains(picture, "\x1b") {
		t.Error("there are escape codes, and no colours")
	}
	for l := range strings.Lines(escapes.ReplaceAllString(picture, "")) {
		l = strings.TrimSuffix(l, "\n")
		if n := utf8.RuneCountInString(l); n > on.Width {
			t.Errorf("a line has %d characters of %d: %s", n, on.Width, l)
		}
		if !on.Unicode && len(l) != utf8.RuneCountInString(l) {
			t.Errorf("a line isn't ASCII: %s", l)
		}
	}
	if n := strings.Count(picture, "\n"); on.Fixed && n > on.Height {
		t.Errorf("%d lines of %d", n, on.Height)
	}
}
