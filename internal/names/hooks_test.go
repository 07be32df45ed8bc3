// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package names

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

func TestHookIDs(t *testing.T) {
	form := regexp.MustCompile(`^ecs-(pause|lambda)-[A-Za-z0-9_-]{43}$`)
	rapid.Check(t, func(t *rapid.T) {
		prefix := rapid.SampledFrom([]string{"pause", "lambda"}).Draw(t, "prefix")
		uid, moment := rapid.String().Draw(t, "uid"), rapid.String().Draw(t, "moment")
		hook, other := rapid.IntRange(0, 19).Draw(t, "hook"), rapid.IntRange(0, 19).Draw(t, "other")
		id := HookID(prefix, uid, hook, moment)
		if !form.MatchString(id) || len(id) > 64 {
			t.Errorf("hook id %q", id)
		}
		if next := HookID(prefix, uid, hook, moment+"+"); next == id || !SameHook(id, next) {
			t.Errorf("%q and %q are of one hook at two moments", id, next)
		}
		if of := HookID(prefix, uid, other, moment); SameHook(id, of) != (hook == other) {
			t.Errorf("%q and %q: hooks %d and %d", id, of, hook, other)
		}
		job := HookJob(rapid.StringMatching(`[a-z0-9.-]{1,60}`).Draw(t, "template"), id, rapid.Int32Range(0, 100_000).Draw(t, "call"))
		if !dnsLabel.MatchString(job) || len(job) > maxChild {
			t.Errorf("job %q", job)
		}
	})
}
