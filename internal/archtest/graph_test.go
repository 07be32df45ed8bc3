// Copyright The ecs-operator Authors.
// SPDX-License-Identifier: Apache-2.0

package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// graph maps a package to what its non-test files import. It holds our packages and everything they reach.
type graph map[string][]string

// loadGraph asks the go command for the imports of the module whose root is dir.
func loadGraph(t *testing.T, dir string) graph {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-e", "-deps", "-json=ImportPath,Imports", "./...")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, stderr.String())
	}
	g := graph{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return g
		} else if err != nil {
			t.Fatalf("reading go list: %v", err)
		}
		g[p.ImportPath] = p.Imports
	}
}

// ours lists the packages of the module, sorted.
func (g graph) ours() []string {
	var own []string
	for p := range g {
		if p == module || strings.HasPrefix(p, module+"/") {
			own = append(own, p)
		}
	}
	slices.Sort(own)
	return own
}

// chain is the shortest way by imports from a package to one that bad accepts, both ends included; nil when there is none.
func (g graph) chain(from string, direct bool, bad func(string) bool) []string {
	before := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		for _, next := range g[at] {
			if _, seen := before[next]; seen {
				continue
			}
			before[next] = at
			if bad(next) {
				return walkBack(before, next)
			}
			if !direct {
				queue = append(queue, next)
			}
		}
	}
	return nil
}

func walkBack(before map[string]string, end string) []string {
	var way []string
	for p := end; p != ""; p = before[p] {
		way = append(way, p)
	}
	slices.Reverse(way)
	return way
}

// violations holds the graph against the rules and the levels, and says for each breach what it is and by which imports.
func (g graph) violations(rules []rule) []string {
	var found []string
	report := func(sentence string, chain []string) {
		for i := range chain {
			chain[i] = strings.TrimPrefix(chain[i], module+"/")
		}
		found = append(found, fmt.Sprintf("%s:\n\t%s", sentence, strings.Join(chain, "\n\t-> ")))
	}
	for _, p := range g.ours() {
		for _, r := range rules {
			if !matches(local(p), r.from) || matches(local(p), r.notFrom) {
				continue
			}
			bad := func(q string) bool { return matches(q, r.deny) && !matches(q, r.allow) }
			if chain := g.chain(p, r.direct, bad); chain != nil {
				report(r.sentence, chain)
			}
		}
		g.checkLevels(p, report)
		g.checkKinds(p, report)
	}
	return found
}

// checkLevels lets a pure package import lower levels only, and asks each package to have a ring.
func (g graph) checkLevels(p string, report func(string, []string)) {
	if local(p) == "" {
		return
	}
	at := ringOf(p)
	if at < 0 {
		report("every package stands in a ring (name it in internal/archtest/rings_test.go, in the ring it belongs to)", []string{p})
		return
	}
	if !strings.HasPrefix(rings[at].name, "pure") {
		return
	}
	bad := func(q string) bool { return strings.HasPrefix(q, module+"/") && ringOf(q) >= at }
	if chain := g.chain(p, true, bad); chain != nil {
		report("a pure package imports lower levels only", chain)
	}
}

// checkKinds keeps the controllers of one kind from importing those of another.
func (g graph) checkKinds(p string, report func(string, []string)) {
	kind, ok := kindOf(p)
	if !ok {
		return
	}
	bad := func(q string) bool {
		other, ok := kindOf(q)
		return ok && other != kind
	}
	if chain := g.chain(p, false, bad); chain != nil {
		report("controllers of one kind don't import those of another", chain)
	}
}

func kindOf(path string) (string, bool) {
	rest, ok := strings.CutPrefix(local(path), "controllers/")
	kind, _, _ := strings.Cut(rest, "/")
	return kind, ok && kind != "internal"
}

// mermaid draws our packages by ring, with the imports among them.
func (g graph) mermaid() string {
	var b strings.Builder
	b.WriteString("```mermaid\ngraph LR\n")
	id := strings.NewReplacer("/", "_", "-", "_").Replace
	byRing := map[int][]string{}
	for _, p := range g.ours() {
		if at := ringOf(p); at >= 0 && rings[at].name != "tests" && rings[at].name != "tooling" {
			byRing[at] = append(byRing[at], p)
		}
	}
	for _, at := range slices.Sorted(maps.Keys(byRing)) {
		fmt.Fprintf(&b, "  subgraph %s[%s]\n", id(strings.ReplaceAll(rings[at].name, " ", "")), rings[at].name)
		for _, p := range byRing[at] {
			fmt.Fprintf(&b, "    %s[%s]\n", id(local(p)), local(p))
		}
		b.WriteString("  end\n")
	}
	for _, at := range slices.Sorted(maps.Keys(byRing)) {
		for _, p := range byRing[at] {
			for _, q := range slices.Sorted(slices.Values(g[p])) {
				if slices.Contains(g.ours(), q) {
					fmt.Fprintf(&b, "  %s --> %s\n", id(local(p)), id(local(q)))
				}
			}
		}
	}
	b.WriteString("```\n")
	return b.String()
}
