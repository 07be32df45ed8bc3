// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package query

import (
	"cmp"
	"strconv"
	"strings"
	"time"
)

func anything(string) string { return "" }

func checkBool(v string) string {
	if v == "true" || v == "false" {
		return ""
	}
	return "agentConnected is true or false"
}

func checkCount(v string) string {
	if n, err := strconv.ParseInt(v, 10, 32); err != nil || n < 0 {
		return "runningTasksCount is compared with a whole number, such as 1"
	}
	return ""
}

func checkVersion(v string) string {
	if _, ok := version(nil, v); !ok {
		return "agentVersion is compared with a version, such as 1.36.3"
	}
	return ""
}

func checkDate(v string) string {
	if _, ok := date(v); !ok {
		return "registeredAt is compared with a date, such as 2018-02-13, or a time, such as 2018-06-18T22:28:28+00:00"
	}
	return ""
}

// dates are the forms of a time. One without zone is UTC.
var dates = []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z0700", "2006-01-02T15:04:05.999999999", time.DateOnly}

func date(v string) (time.Time, bool) {
	for _, form := range dates {
		if t, err := time.Parse(form, v); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// version reads numbers between full stops behind those of out; what follows a hyphen or plus, as in 1.36.3-eks, doesn't count.
func version(out []uint64, v string) ([]uint64, bool) {
	core, _, _ := strings.Cut(strings.TrimPrefix(v, "v"), "-")
	core, _, _ = strings.Cut(core, "+")
	for part := range strings.SplitSeq(core, ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, false
		}
		out = append(out, n)
	}
	return out, true
}

// compareVersions: what a version leaves out is 0, so 1.4 equals 1.4.0 and comes before 1.36.
func compareVersions(a, b []uint64) int {
	for i := range max(len(a), len(b)) {
		var x, y uint64
		if i < len(a) {
			x = a[i]
		}
		if i < len(b) {
			y = b[i]
		}
		if c := cmp.Compare(x, y); c != 0 {
			return c
		}
	}
	return 0
}

// compareValues orders two values of an attribute: as numbers where both are, else as text.
func compareValues(a, b string) int {
	x, isX := number(a)
	y, isY := number(b)
	if isX && isY {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

// number reads a decimal number. To Go, nan, inf and 0x10 are numbers too.
func number(v string) (float64, bool) {
	if v == "" || strings.Trim(v, "0123456789+-.eE") != "" {
		return 0, false
	}
	n, err := strconv.ParseFloat(v, 64)
	return n, err == nil
}
