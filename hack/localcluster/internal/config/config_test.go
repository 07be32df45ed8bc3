// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/json"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

func TestUpstreams(t *testing.T) {
	cases := map[string]struct {
		files []string
		want  []string
	}{
		"a plain resolver": {files: []string{"search x\nnameserver 192.0.2.53\n"}, want: []string{"192.0.2.53"}},
		"a local stub can't be reached, the next file can": {files: []string{"nameserver 127.0.0.53\n", "nameserver 192.0.2.1\n"}, want: []string{"192.0.2.1"}},
		"none":                                {files: []string{"# nothing\n"}},
		"twice the same":                      {files: []string{"nameserver 192.0.2.1\nnameserver 192.0.2.1\n"}, want: []string{"192.0.2.1"}},
		"IPv6 is of no use in these networks": {files: []string{"nameserver fd00::1\n"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var files [][]byte
			for _, f := range tc.files {
				files = append(files, []byte(f))
			}
			var got []string
			for _, a := range Upstreams(files...) {
				got = append(got, a.String())
			}
			if !slices.Equal(got, tc.want) {
				t.Errorf("got %v, want %v", got, tc.want)
			}
		})
	}
}

func TestCorefileForwardsOnlyWhereItCan(t *testing.T) {
	edge := netip.MustParseAddr("10.210.0.2")
	if got := string(Corefile(edge, "/k", nil)); strings.Contains(got, "forward") {
		t.Errorf("forwards to nobody:\n%s", got)
	}
	got := string(Corefile(edge, "/k", []netip.Addr{netip.MustParseAddr("192.0.2.53")}))
	if !strings.Contains(got, "forward . 192.0.2.53\n") || strings.Count(got, "{") != strings.Count(got, "}") {
		t.Errorf("wrong:\n%s", got)
	}
}

func TestRenderedJSONSaysWhatItIs(t *testing.T) {
	pods := netip.MustParsePrefix("10.210.128.0/17")
	cases := map[string][]byte{
		"KubeletConfiguration":       Kubelet{CgroupRoot: "/lc0-node-1", DNS: pods.Addr()}.Render(),
		"KubeProxyConfiguration":     KubeProxy("/k", "n", pods),
		"KubeSchedulerConfiguration": Scheduler("/k", 1, 2),
		"Policy":                     Audit(false),
		"List":                       SimulatedNodes([]SimulatedNode{{Name: "n", Zone: "z"}}),
	}
	for kind, raw := range cases {
		var got struct{ Kind, APIVersion string }
		if err := json.Unmarshal(raw, &got); err != nil {
			t.Fatal(err)
		}
		if got.Kind != kind || got.APIVersion == "" {
			t.Errorf("got %+v, want %s", got, kind)
		}
	}
}

func TestAuditLogsReadsOnlyOnRequest(t *testing.T) {
	if strings.Contains(string(Audit(true)), `"list"`) {
		t.Error("reads are left out though they were asked for")
	}
	if !strings.Contains(string(Audit(false)), `"list"`) {
		t.Error("reads are logged though nobody asked")
	}
}
