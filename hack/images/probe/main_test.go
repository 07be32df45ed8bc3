// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

func TestVerbs(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	t.Setenv("PROBE_TEST", "yes")
	for _, tc := range []struct {
		args   []string
		prints string
		fails  bool
	}{
		{[]string{"exists", file}, "", true},
		{[]string{"write", file, "text"}, "", false},
		{[]string{"exists", file}, "", false},
		{[]string{"cat", file}, "^text\n$", false},
		{[]string{"await", file}, "", false},
		{[]string{"try", "cat", dir + "/none", "then", "cat", file}, "(?s)no such file.*text", false},
		{[]string{"cat", dir + "/none", "then", "cat", file}, "^$", true},
		{[]string{"remove", file}, "", false},
		{[]string{"exists", file}, "", true},
		{[]string{"size", dir}, `has \d+ MiB`, false},
		{[]string{"host"}, ".", false},
		{[]string{"env"}, `(?m)^PROBE_TEST=yes$`, false},
		{[]string{"limits"}, "Max open files", false},
		{[]string{"status"}, "CapEff", false},
		{[]string{"sleep", "0"}, "", false},
		{[]string{"clock", "a", file + ".clock", "0", "0.01"}, "", false},
		{[]string{"sleep", "x"}, "", true},
		{[]string{"router", file}, "", true},
		{[]string{"then"}, "", true},
		{[]string{"cat"}, "", true},
		{[]string{"dance"}, "", true},
		{nil, "", true},
	} {
		var out bytes.Buffer
		err := run(tc.args, &out)
		if (err != nil) != tc.fails || !regexp.MustCompile(tc.prints).MatchString(out.String()) {
			t.Errorf("%v: printed %q, error %v; want %q, failing %v", tc.args, &out, err, tc.prints, tc.fails)
		}
	}
	stamps, err := os.ReadFile(file + ".clock")
	if err != nil || !regexp.MustCompile(`^a start \d{19}\na stop \d{19}\n$`).Match(stamps) {
		t.Errorf("stamps %q, %v", stamps, err)
	}
}
