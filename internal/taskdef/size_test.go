// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"strings"
	"testing"
)

func TestParseCPU(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want int64
	}{
		"units":                     {"1024", 1024},
		"vCPU with a space":         {"1 vCPU", 1024},
		"vcpu without one":          {"1vcpu", 1024},
		"a quarter":                 {".25 vCPU", 256},
		"a half with a leading 0":   {"0.5 vcpu", 512},
		"a decimal that is whole":   {"256.0", 256},
		"two and a half":            {"2.5vCPU", 2560},
		"the largest of EC2 and up": {"192 vCPU", 196608},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseCPU(tc.text)
			if err != nil || got != tc.want {
				t.Errorf("ParseCPU(%q) = %d, %v; want %d", tc.text, got, err, tc.want)
			}
		})
	}
}

func TestParseMemory(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want int64
	}{
		"MiB":               {"512", 512},
		"GB without space":  {"2GB", 2048},
		"GB with a space":   {"2 GB", 2048},
		"gb in small":       {"1gb", 1024},
		"half a GB":         {"0.5 GB", 512},
		"a decimal as is":   {"64.0", 64},
		"all of a big task": {"244 GB", 249856},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseMemory(tc.text)
			if err != nil || got != tc.want {
				t.Errorf("ParseMemory(%q) = %d, %v; want %d", tc.text, got, err, tc.want)
			}
		})
	}
}

func TestAmountsThatAreNone(t *testing.T) {
	for _, text := range []string{"", " ", "0", "-1", "1 GHz", "512Mi", "1e3", "NaN", "0.3 vCPU", "1,5", "1  vCPU", "99999999999999999999"} {
		t.Run(text, func(t *testing.T) {
			if got, err := ParseCPU(text); err == nil || !strings.Contains(err.Error(), "1 vCPU") {
				t.Errorf("ParseCPU(%q) = %d, %v; want an error that shows the way out", text, got, err)
			}
			if got, err := ParseMemory(text); err == nil || !strings.Contains(err.Error(), "2GB") {
				t.Errorf("ParseMemory(%q) = %d, %v; want an error that shows the way out", text, got, err)
			}
		})
	}
}
