// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package lease

import "testing"

func TestLeases(t *testing.T) {
	r := Registry{dir: t.TempDir()}
	take := func(id, state string, want int) Lease {
		t.Helper()
		l, err := r.Take(id, state)
		if err != nil {
			t.Fatal(err)
		}
		if l.Index != want {
			t.Errorf("%s got index %d, want %d", state, l.Index, want)
		}
		return l
	}
	first := take("a", "/a", 0)
	take("b", "/b", 1)
	take("a", "/a", 0) // asking again gives the same
	if err := r.Return(first.Index); err != nil {
		t.Fatal(err)
	}
	take("c", "/c", 0) // the lowest free one
	if err := r.Retake(first); err == nil {
		t.Error("an index that another cluster has was given again")
	}
	if err := r.Retake(Lease{Index: 5, ID: "e", State: "/e"}); err != nil {
		t.Errorf("a lost lease can't be renewed: %v", err)
	}
}
