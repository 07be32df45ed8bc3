// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package address

import (
	"net/netip"
	"testing"
)

func TestChoose(t *testing.T) {
	cases := map[string]struct {
		index     int
		taken     []string
		wantOctet int
		wantErr   bool
	}{
		"the first cluster on an empty machine gets the first network":  {index: 0, wantOctet: 210},
		"another index prefers another network":                         {index: 3, wantOctet: 213},
		"a default route takes nothing":                                 {taken: []string{"0.0.0.0/0"}, wantOctet: 210},
		"a route inside the network makes it unusable":                  {taken: []string{"10.210.7.0/24"}, wantOctet: 211},
		"a wide route is skipped over":                                  {taken: []string{"10.208.0.0/12"}, wantOctet: 224},
		"a VPN that routes all of ten leaves nothing, and that is said": {taken: []string{"10.0.0.0/8"}, wantErr: true},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var taken []netip.Prefix
			for _, s := range tc.taken {
				taken = append(taken, netip.MustParsePrefix(s))
			}
			got, err := Choose(tc.index, taken)
			if (err != nil) != tc.wantErr {
				t.Fatalf("error = %v, want error: %v", err, tc.wantErr)
			}
			if got.Octet != tc.wantOctet && !tc.wantErr {
				t.Errorf("octet = %d, want %d", got.Octet, tc.wantOctet)
			}
		})
	}
}

func TestRangesOfAClusterAreDisjointAndInside(t *testing.T) {
	p := Plan{Octet: 210}
	ranges := []netip.Prefix{p.Links(), p.Services(), p.SimulatedPods(), p.RealPods()}
	for i, a := range ranges {
		if !p.Network().Contains(a.Addr()) || !a.IsValid() || a.Masked() != a {
			t.Errorf("%s isn't a clean part of %s", a, p.Network())
		}
		for _, b := range ranges[i+1:] {
			if a.Overlaps(b) {
				t.Errorf("%s overlaps %s", a, b)
			}
		}
	}
	for n := 1; n <= MaxRealNodes; n++ {
		if !p.Links().Contains(p.Node(n)) || !p.RealPods().Contains(p.Pods(n).Addr()) {
			t.Errorf("node %d is outside its network: %s, %s", n, p.Node(n), p.Pods(n))
		}
	}
}

func TestNodePortsOfClustersAreDisjoint(t *testing.T) {
	for a := range MaxClusters {
		for b := range a {
			x, y := Plan{Index: a}.NodePorts(), Plan{Index: b}.NodePorts()
			if x.First <= y.Last && y.First <= x.Last {
				t.Errorf("clusters %d and %d share node ports: %s, %s", a, b, x, y)
			}
		}
	}
}
