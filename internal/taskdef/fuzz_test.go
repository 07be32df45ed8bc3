// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package taskdef

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
)

// FuzzSizes: an amount of CPU or memory is above 0, and written as a plain number it reads the same; anything else is an error that shows it.
func FuzzSizes(f *testing.F) {
	for _, seed := range []string{"256", "1 vCPU", ".25 vcpu", "0.5 GB", "2GB", "1e3", "-1", "0", "00256", "1099511627776", "9999999999999999999999", "", " 1", "1 vCPU ", "0.0001 vCPU"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, parse := range map[string]func(string) (int64, error){"cpu": ParseCPU, "memory": ParseMemory} {
			n, err := parse(text)
			if err != nil {
				if !strings.Contains(err.Error(), fmt.Sprintf("%q", text)) {
					t.Errorf("%s %q: the error doesn't show it: %s", name, text, err)
				}
				continue
			}
			if n < 1 || n > maxAmount {
				t.Errorf("%s %q is %d", name, text, n)
			}
			if again, err := parse(strconv.FormatInt(n, 10)); err != nil || again != n {
				t.Errorf("%s %q is %d, which reads back as %d, %v", name, text, n, again, err)
			}
		}
	})
}

// FuzzPortRange: a range has two ports, the smaller first, and they are the ends of what is in it.
func FuzzPortRange(f *testing.F) {
	for _, seed := range []string{"8000-8010", "80-80", "9-1", "0-1", "1-65535", "1-65536", "-", "1-", "-1", "1-2-3", "+1-2", " 1-2", "01-2", "4294967297-4294967298"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p := Port{Range: text}
		first, last, ok := p.Bounds()
		if !ok {
			if p.InRange(first) || p.InRange(1) || p.InRange(65535) {
				t.Errorf("%q is no range and has ports", text)
			}
			return
		}
		if first < 1 || last > 65535 || first > last {
			t.Fatalf("%q is %d to %d", text, first, last)
		}
		if !p.InRange(first) || !p.InRange(last) || p.InRange(first-1) || p.InRange(last+1) {
			t.Errorf("%q is %d to %d, and its ends aren't in it, or others are", text, first, last)
		}
		again := Port{Range: fmt.Sprintf("%d-%d", first, last)}
		if a, b, ok := again.Bounds(); !ok || a != first || b != last {
			t.Errorf("%q is %s, which reads back as %d-%d, %t", text, again.Range, a, b, ok)
		}
	})
}

// FuzzBufferSize: a log buffer has at least a byte, and nine digits of GiB at most: sizes don't overflow.
func FuzzBufferSize(f *testing.F) {
	for _, seed := range []string{"1m", "10", "25k", "4g", "0", "-1m", "1.5m", "1mb", "99999999999999999999g", "9223372036854775807k", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, ok := ParseBufferSize(text); ok && (n < 1 || n > 999_999_999<<30) {
			t.Errorf("%q is %d bytes", text, n)
		}
	})
}
