// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package placement

import (
	"encoding/binary"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// placedBy gives n tasks providers, one after the other.
func placedBy(shares []Share, n int) (order []string, placed map[string]int) {
	placed = map[string]int{}
	for range n {
		p := NextProvider(shares, placed)
		if p == "" {
			break
		}
		placed[p]++
		order = append(order, p)
	}
	return order, placed
}

func TestNextProvider(t *testing.T) {
	for name, tc := range map[string]struct {
		shares []Share
		n      int
		want   string
	}{
		"one gets all, whatever its weight":      {[]Share{{Provider: "p"}}, 3, "p p p"},
		"equal weights take turns":               {[]Share{{"p", 0, 1}, {"q", 0, 1}}, 4, "p q p q"},
		"the base first, wherever it is listed":  {[]Share{{"p", 0, 1}, {"q", 2, 1}}, 5, "q q p q p"},
		"ECS's own: base 1, then one to one":     {[]Share{{"fargate", 1, 1}, {"spot", 0, 1}}, 4, "fargate fargate spot fargate"},
		"ECS's own: one to four":                 {[]Share{{"p", 0, 1}, {"q", 0, 4}}, 5, "q q q p q"},
		"no weight, nothing beyond the base":     {[]Share{{"p", 2, 0}, {"q", 0, 1}}, 5, "p p q q q"},
		"weights all 0 take no more than a base": {[]Share{{"p", 1, 0}, {"q", 0, 0}}, 5, "p"},
		"no strategy":                            {nil, 1, ""},
	} {
		t.Run(name, func(t *testing.T) {
			order, _ := placedBy(tc.shares, tc.n)
			if diff := cmp.Diff(tc.want, strings.Join(order, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAProviderThatLostTasksIsNext(t *testing.T) {
	shares := []Share{{"p", 1, 1}, {"q", 0, 3}}
	for _, tc := range []struct {
		p, q int
		want string
	}{{0, 9, "p"}, {1, 9, "p"}, {4, 8, "q"}, {4, 9, "q"}, {4, 10, "q"}, {4, 11, "p"}} {
		if got := NextProvider(shares, map[string]int{"p": tc.p, "q": tc.q}); got != tc.want {
			t.Errorf("p %d, q %d: got %s", tc.p, tc.q, got)
		}
	}
}

// checkShares holds what must be so of any strategy with one base at most, after n tasks from none and on the way back.
func checkShares(t interface {
	Helper()
	Fatalf(string, ...any)
}, shares []Share, n int) {
	t.Helper()
	order, placed := placedBy(shares, n)
	weights, base := 0, 0
	for _, s := range shares {
		weights += s.Weight
		base += s.Base
	}
	if want := n; weights == 0 && len(shares) > 1 {
		if want = min(n, base); len(order) != want {
			t.Fatalf("%v: %d of %d tasks", shares, len(order), want)
		}
	} else if len(order) != want {
		t.Fatalf("%v: %d of %d tasks", shares, len(order), want)
	}
	if len(shares) == 1 {
		return
	}
	for _, s := range shares {
		if placed[s.Provider] < min(s.Base, n) {
			t.Fatalf("%v: the base of %s isn't filled in %v", shares, s.Provider, placed)
		}
		if s.Weight == 0 && placed[s.Provider] > s.Base {
			t.Fatalf("%v: %s got more than its base in %v", shares, s.Provider, placed)
		}
		for _, o := range shares { // nobody is a whole task of its share ahead of another: (x-1)/w of the one <= (y+1)/v of the other
			if x, y := placed[s.Provider]-s.Base, placed[o.Provider]-o.Base; x > 0 && o.Weight > 0 && y >= 0 && x*o.Weight > (y+1)*s.Weight {
				t.Fatalf("%v: %s has too much beside %s in %v", shares, s.Provider, o.Provider, placed)
			}
		}
	}
	back := maps.Clone(placed)
	for len(order) > 0 { // Overfull undoes what NextProvider did
		last := order[len(order)-1]
		if placed[last] > baseOf(shares, last) {
			if got := Overfull(shares, back); got != last {
				t.Fatalf("%v: from %v, %s was taken before %s", shares, back, got, last)
			}
		}
		back[last]--
		placed[last]--
		order = order[:len(order)-1]
	}
}

func baseOf(shares []Share, provider string) int {
	for _, s := range shares {
		if s.Provider == provider {
			return s.Base
		}
	}
	return 0
}

func TestSharesAreExactToTheTaskAndScaleInGoesTheSameWayBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var shares []Share
		for n := range rapid.IntRange(1, 6).Draw(t, "items") {
			shares = append(shares, Share{Provider: fmt.Sprint("p", n), Weight: rapid.IntRange(0, 7).Draw(t, "weight")})
		}
		shares[rapid.IntRange(0, len(shares)-1).Draw(t, "with base")].Base = rapid.IntRange(0, 5).Draw(t, "base")
		checkShares(t, shares, rapid.IntRange(0, 100).Draw(t, "n"))
	})
}

// FuzzShares reads weights of two bytes, up to 1000 as ECS has them, of up to 20 items.
func FuzzShares(f *testing.F) {
	f.Add([]byte{0, 1, 0, 4}, uint8(0), uint16(2), uint8(50))
	f.Add([]byte{0, 0, 3, 232, 0, 1}, uint8(1), uint16(7), uint8(200))
	f.Fuzz(func(t *testing.T, weights []byte, with uint8, base uint16, n uint8) {
		var shares []Share
		for len(weights) >= 2 && len(shares) < 20 {
			shares = append(shares, Share{Provider: fmt.Sprint("p", len(shares)), Weight: int(binary.BigEndian.Uint16(weights)) % 1001})
			weights = weights[2:]
		}
		if len(shares) == 0 {
			return
		}
		shares[int(with)%len(shares)].Base = int(base)
		checkShares(t, shares, int(n))
	})
}
