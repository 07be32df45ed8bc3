// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package binaries

import (
	"strings"
	"testing"
	"time"

	"github.com/ecs-operator/ecs-operator/hack/localcluster/components"
)

func TestBuiltName(t *testing.T) {
	cases := map[string]string{
		"go.etcd.io/etcd/server/v3":     "server",
		"k8s.io/kubernetes/cmd/kubelet": "kubelet",
		"example.invalid/vault":         "vault",
	}
	for pkg, want := range cases {
		if got := builtName(pkg); got != want {
			t.Errorf("builtName(%q) = %q, want %q", pkg, got, want)
		}
	}
}

func TestRemaining(t *testing.T) {
	if got := remaining(300, 1200, time.Minute); got != 3*time.Minute {
		t.Errorf("got %s, want 3m", got)
	}
	if got := remaining(1200, 1200, time.Minute); got != 0 {
		t.Errorf("got %s, want nothing", got)
	}
}

func TestWatchTellsPackagesFromErrors(t *testing.T) {
	p := newProgress("x", 10, time.Now())
	said := watch(strings.NewReader("go: downloading k8s.io/api v0.36.3\nk8s.io/api/core/v1\ninternal/abi\n./main.go:3:1: syntax error\n"), p)
	if p.fetched != 1 || p.done != 2 || said != "./main.go:3:1: syntax error" {
		t.Errorf("downloads %d, packages %d, said %q", p.fetched, p.done, said)
	}
}

func TestFingerprintFollowsWhatGoesIn(t *testing.T) {
	m := components.Pause()
	before := fingerprint(m, "go1.26")
	if before != fingerprint(components.Pause(), "go1.26") {
		t.Error("the same build has two names")
	}
	m.LDFlags += " -x"
	if before == fingerprint(m, "go1.26") || before == fingerprint(components.Pause(), "go1.27") {
		t.Error("another build has the same name")
	}
}
